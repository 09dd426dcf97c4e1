"""Drawing the samples that learners need against the dimension."""

import numpy as np

from sklearn_depth.inspection._drawing import (
    faded,
    label_panels,
    n_drawn,
    name_panel,
    panels,
    plain_ticks,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.studies._arguments import chosen_score
from sklearn_depth.studies._curve_drawing import (
    datasets_of,
    draw_guides,
    labels_of,
    of_dataset,
    score_label,
    styles_of,
)
from sklearn_depth.studies._scaling import EXPONENTS, fit_exponents
from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._sklearn import validate_params

# Of an arrow from its foot, and of the panel that arrows of one place stand apart.
_ARROW = [(0, 0), (0, 1), (-0.28, 0.66), (0, 1), (0.28, 0.66)]
_LENGTH, _APART = 22, 0.02
# Room for arrows above and below the largest and smallest size.
_MARGIN = 0.14
# Of the line through the range of repeats.
_FADED = 0.5
_MOST_TICKS = 7
_CENSORED = {"above": "not reached", "below": "at the smallest size"}


class ScalingExponentDisplay:
    r"""Samples needed for a score against the dimension, with the fitted powers.

    .. math:: d \mapsto \operatorname*{median}_r n^*_r(d), \qquad d \mapsto c \, d^k

    on logarithmic axes: a marker for the median over repeats at each dimension d, a
    thin line from the least to the greatest, and a line for the power. Where half of
    the repeats or more did not reach the score there is no marker, but an arrow from
    the largest size upwards: more than that is needed. Where most had it at the
    smallest size, the arrow points from there downwards. Several data sets have a panel
    each.

    Parameters
    ----------
    exponents : StudyResult
        The first table of :func:`scaling_exponent`.
    needed : StudyResult
        The second.
    target : float
        The score to reach.
    score : str
        Its name.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        The medians of each estimator, panel by panel.
    fits_ : list of matplotlib Line2D
        The powers, from the least dimension that was reached to the greatest; without
        points where there are not two.
    arrows_ : list of matplotlib Line2D
        Arrows up, then down, of each estimator that has any; points are their feet.
    guides_ : list of matplotlib Line2D
        The dotted lines of ``reference_slopes``.
    legends_ : list of matplotlib Legend
        Names and exponents.
    ax_ : matplotlib Axes
        The first panel.
    axes_ : list of matplotlib Axes
        All panels: one for each data set.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    scaling_exponent : The tables, and what is fitted.
    SampleComplexityDisplay : The scores themselves.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> import numpy as np
    >>> from sklearn_depth.studies import ScalingExponentDisplay, StudyResult
    >>> sizes = np.meshgrid([4, 8, 16], [10, 100, 1000, 10_000], [0, 1])
    >>> d, n, repeat = (size.ravel() for size in sizes)
    >>> columns = {"estimator": ["mean"] * 24, "n_samples": n, "n_features": d}
    >>> columns |= {"repeat": repeat, "mse": d**2 / n}
    >>> result = StudyResult(columns, {"scoring": {"mse": "lower"}})
    >>> display = ScalingExponentDisplay.from_result(result, target=0.1)
    >>> display.lines_[0].get_ydata().round(2), display.ax_.get_ylabel()
    (array([ 160.,  640., 2560.]), 'samples for mse 0.1')
    >>> [text.get_text() for text in display.legends_[0].get_texts()]
    ['mean, $k$ = 2.00 (2.00 to 2.00)']
    """

    def __init__(self, *, exponents, needed, target, score):
        self.exponents = exponents
        self.needed = needed
        self.target = target
        self.score = score

    @classmethod
    @validate_params(
        EXPONENTS
        | {
            "reference_slopes": ["array-like", None],
            "name": [str, dict, None],
            "curve_kwargs": [dict, None],
        }
    )
    def from_result(
        cls,
        result,
        *,
        target,
        score=None,
        confidence_level=0.9,
        ax=None,
        reference_slopes=None,
        name=None,
        curve_kwargs=None,
    ):
        """Find the exponents of a study, and draw them.

        Parameters
        ----------
        result : StudyResult
            What :func:`sample_complexity_curve` returned, at two dimensions at least.
        target : float
            The score to reach.
        score : str or None, default=None
            The column of scores; None where there is only one.
        confidence_level : float, default=0.9
            Probability of the intervals.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            Axes to draw on; see :meth:`plot`, also for what follows.
        reference_slopes : array-like of float or None, default=None
            Powers of d to draw as dotted lines.
        name : str, dict or None, default=None
            Labels of the estimators.
        curve_kwargs : dict or None, default=None
            Keywords of the lines.

        Returns
        -------
        display : ScalingExponentDisplay
            The drawing.

        Raises
        ------
        ValueError
            As :func:`scaling_exponent` and :meth:`plot` do.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_result")
        score = chosen_score(result, score)
        exponents, needed = fit_exponents(
            result, target, score=score, confidence_level=confidence_level
        )
        display = cls(exponents=exponents, needed=needed, target=target, score=score)
        return display.plot(
            ax,
            reference_slopes=reference_slopes,
            name=name,
            curve_kwargs=curve_kwargs,
        )

    def plot(self, ax=None, *, reference_slopes=None, name=None, curve_kwargs=None):
        """Draw the samples needed.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of Axes or None, default=None
            Axes to draw on, one for each data set; the legend is inside, with the names
            that are there, whose lines have other colours. None makes a figure for a
            column of a page, 3.3 inches wide, with legends above, where titles would
            be.
        reference_slopes : array-like of float or None, default=None
            Powers of d to draw as dotted lines where the panel is emptiest; only their
            slope has a meaning.
        name : str, dict or None, default=None
            Labels of the estimators: a string for a single one, or a dict by name.
        curve_kwargs : dict or None, default=None
            Keywords of matplotlib's ``plot`` for all lines, or a dict of such by the
            names of estimators.

        Returns
        -------
        display : ScalingExponentDisplay
            This object.

        Raises
        ------
        ValueError
            If there are not as many axes as data sets, or names are not those of
            estimators.
        """
        slopes = () if reference_slopes is None else reference_slopes
        estimators = list(dict.fromkeys(self.exponents.columns["estimator"].tolist()))
        labels = labels_of(name, estimators)
        datasets = datasets_of(self.exponents)
        self.lines_, self.fits_, self.arrows_ = [], [], []
        self.guides_, self.legends_ = [], []
        n_rows = len(datasets) * (len(estimators) - 1)
        with panels(self, ax, len(datasets), n_rows) as axes:
            words = f"samples for {score_label(self.score)} {self.target:g}"
            label_panels(axes, "dimension $d$", words, alone=ax is None)
            for panel, dataset in zip(axes, datasets, strict=True):
                panel.set_ymargin(_MARGIN * (1 if len(axes) == 1 else 1.7))
                styles = styles_of(curve_kwargs, estimators, n_drawn(panel))
                entries = self._draw_panel(panel, dataset, labels, styles)
                drawn = self.lines_[-len(entries) :] + self.fits_[-len(entries) :]
                self.guides_ += draw_guides(panel, slopes, drawn, variable="d")
                entries += _arrow_entries(of_dataset(self.needed, dataset))
                self.legends_ += draw_legends(panel, [entries], alone=ax is None)
                if dataset is not None:
                    name_panel(panel, dataset)
        self.axes_, self.ax_, self.figure_ = axes, axes[0], axes[0].figure
        return self

    def _draw_panel(self, panel, dataset, labels, styles):
        """All estimators of a data set; entries of the legend."""
        from matplotlib.lines import Line2D

        panel.set(xscale="log", yscale="log")
        needed = of_dataset(self.needed, dataset)
        entries, n_before = [], n_drawn(panel)
        for k, row in enumerate(of_dataset(self.exponents, dataset).rows(), n_before):
            look = styles[row["estimator"]] | {"label": _label(row, labels)}
            learner = needed.select(estimator=row["estimator"])
            self._draw_learner(panel, learner, row, look, k)
            entries.append((Line2D([], [], **look), look["label"]))
        _mark(panel, np.unique(needed.columns["n_features"]), alone=n_before == 0)
        plain_ticks(panel.yaxis)
        return entries

    def _draw_learner(self, panel, needed, exponent, look, place):
        """Medians with their range, the power through them, and arrows."""
        reached = needed.select(censored="").columns
        d, middle = reached["n_features"], reached["n_samples"]
        self.lines_ += panel.plot(d, middle, **look | {"linestyle": "none"})
        high = np.minimum(reached["n_samples_high"], reached["largest_size"])
        low = np.maximum(reached["n_samples_low"], reached["smallest_size"])
        colour = faded(look["color"], _FADED)
        panel.vlines(d, low, high, color=colour, linewidth=look["linewidth"], zorder=1)
        ends = np.array([d.min(), d.max()]) if len(d) > 1 else np.array([])
        with np.errstate(invalid="ignore"):
            power = exponent["constant"] * ends ** exponent["exponent"]
        label = {"label": f"_power of {exponent['estimator']}", "marker": "none"}
        self.fits_ += panel.plot(ends, power, **look | label)
        for kind, end in (("above", "largest_size"), ("below", "smallest_size")):
            censored = needed.select(censored=kind).columns
            if len(feet := censored[end]):
                apart = _apart(needed.columns["n_features"], place)
                style = _arrow_style(look["color"], kind)
                drawn = panel.plot(censored["n_features"] * apart, feet, **style)
                self.arrows_ += drawn


def _mark(panel, dimensions, alone):
    """Ticks at the dimensions, if they are few and all of the panel's."""
    if alone and len(dimensions) <= _MOST_TICKS:
        panel.set_xticks(dimensions, [str(d) for d in dimensions])
        panel.set_xticks([], minor=True)
    else:
        plain_ticks(panel.xaxis)


def _apart(dimensions, place):
    """A factor that sets arrows of other estimators beside each other."""
    width = np.log(dimensions.max() / dimensions.min()) if len(dimensions) > 1 else 1
    return np.exp(_APART * place * width)


def _arrow_style(colour, kind):
    """An arrow whose foot is at the point."""
    from matplotlib.path import Path

    sign = 1 if kind == "above" else -1
    codes = [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO, Path.LINETO]
    return {
        "marker": Path(np.array(_ARROW) * [1, sign], codes),
        "markersize": _LENGTH,
        "markeredgecolor": colour,
        "markerfacecolor": "none",
        "markeredgewidth": 1.2,
        "linestyle": "none",
        "label": f"_{_CENSORED[kind]}",
    }


def _arrow_entries(needed):
    """What arrows mean, where there are any."""
    from matplotlib.lines import Line2D

    kinds = needed.columns["censored"]
    small = {"markersize": _LENGTH / 2}
    return [
        (Line2D([], [], **_arrow_style("0.3", kind) | small), words)
        for kind, words in _CENSORED.items()
        if kind in kinds
    ]


def _label(row, labels):
    """The name, and what is known of the exponent."""
    name, k = labels[row["estimator"]], row["exponent"]
    low, high = row["exponent_low"], row["exponent_high"]
    if np.isnan(k):
        return name
    if np.isinf(k):
        bound, sign = (low, ">") if k > 0 else (high, "<")
        return f"{name}, $k$ {sign} {_number(bound)}" if np.isfinite(bound) else name
    interval = "" if np.isnan(low) else f" ({_number(low)} to {_number(high)})"
    return f"{name}, $k$ = {_number(k)}{interval}"


def _number(value):
    if np.isinf(value):
        return r"$\infty$" if value > 0 else r"$-\infty$"
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
