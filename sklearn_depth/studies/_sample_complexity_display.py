"""Drawing scores of learners against the number of samples."""

from numbers import Real

import numpy as np

from sklearn_depth.inspection._drawing import (
    fill,
    label_panels,
    n_drawn,
    name_panel,
    panels,
    plain_ticks,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.studies._arguments import directions, named_estimators, named_scorers
from sklearn_depth.studies._concat import check_distinct
from sklearn_depth.studies._curve_drawing import (
    datasets_of,
    draw_guides,
    labels_of,
    legend_groups,
    look_of,
    of_dataset,
    score_label,
    size_label,
    styles_of,
)
from sklearn_depth.studies._curves import (
    BANDS,
    check_choices,
    curves_of,
    drawable,
    is_error,
    medians,
    on_logarithms,
    spread,
)
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._sample_complexity import sample_complexity_curve
from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._sklearn import StrOptions, validate_arguments, validate_params

_LOOKS = {
    "power": [Real],
    "band": [StrOptions(set(BANDS)), None],
    "reference_slopes": ["array-like", None],
    "negate_score": ["boolean"],
    "name": [str, dict, None],
    "curve_kwargs": [dict, None],
}


class SampleComplexityDisplay:
    r"""Scores against the number of samples, for each estimator and dimension.

    .. math:: \frac{n}{d^k} \mapsto \operatorname*{median}_{r} \text{score}(e, d, n, r)

    over repeats r, with a band for their spread: colours and markers are estimators e,
    shades and dashes dimensions d, dark and solid the largest. At the power k with
    which the samples needed grow, the curves of all dimensions fall on one another.
    The axis of n is logarithmic; that of scores is too if they are errors, all
    positive. Several data sets have a panel each.

    Parameters
    ----------
    result : StudyResult
        What :func:`sample_complexity_curve` returned.
    score : str or None, default=None
        The column of scores; None where there is only one.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        The medians: estimators in the order of the result, the dimensions of each
        growing, panel by panel.
    bands_ : list of matplotlib PolyCollection
        The spread around each; empty without bands.
    guides_ : list of matplotlib Line2D
        The dotted lines of ``reference_slopes``.
    legends_ : list of matplotlib Legend
        The names of estimators, then the dimensions if there are several.
    ax_ : matplotlib Axes
        The first panel.
    axes_ : list of matplotlib Axes
        All panels: one for each data set.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    sample_complexity_curve : Measures the scores.
    scaling_exponent : The power, with an interval.
    ScalingExponentDisplay : The samples needed against the dimension.
    sklearn.model_selection.LearningCurveDisplay : One estimator on one data set.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> import numpy as np
    >>> from sklearn_depth.studies import SampleComplexityDisplay, StudyResult
    >>> sizes = np.meshgrid([4, 8], [10, 100, 1000])
    >>> d, n = (size.ravel() for size in sizes)
    >>> columns = {"estimator": ["mean"] * 6, "n_samples": n, "n_features": d}
    >>> columns |= {"repeat": [0] * 6, "mse": d**2 / n}
    >>> result = StudyResult(columns, {"scoring": {"mse": "lower"}})
    >>> display = SampleComplexityDisplay(result).plot(power=2, reference_slopes=[-1])
    >>> display.ax_.get_xlabel(), display.ax_.get_yscale()
    ('samples $n / d^{2}$', 'log')
    >>> display.lines_[1].get_xdata().round(3), display.lines_[1].get_ydata()
    (array([ 0.156,  1.562, 15.625]), array([6.4  , 0.64 , 0.064]))
    """

    def __init__(self, result, *, score=None):
        self.result = result
        self.score = score

    @classmethod
    # A study may take hours: what is wrong with the drawing is said before.
    @validate_arguments(_LOOKS)
    def from_estimators(
        cls,
        estimators,
        make_dataset,
        *,
        train_sizes,
        n_features=None,
        n_repeats=5,
        n_test=10_000,
        scoring="normalized_mse",
        random_state=None,
        n_jobs=None,
        memory=None,
        verbose=0,
        return_estimators=False,
        time_limit=None,
        error_score=np.nan,
        score=None,
        ax=None,
        power=0,
        band="range",
        reference_slopes=None,
        negate_score=False,
        name=None,
        curve_kwargs=None,
    ):
        """Run a study and draw it.

        Parameters
        ----------
        estimators : dict, list of (str, estimator) pairs, or estimator
            What is fitted, by name.
        make_dataset : callable or dict of str to callable
            Called as ``make_dataset(n_samples=, n_features=, random_state=)``; several
            by name have a panel each.
        train_sizes : array-like of int, or callable
            Numbers of samples; or a function of the number of features that gives them.
        n_features : int, array-like of int or None, default=None
            Numbers of features; None leaves them to ``make_dataset``.
        n_repeats : int, default=5
            Draws for each size and dimension.
        n_test : int, default=10_000
            Fresh samples that a fit is scored on.
        scoring : str, callable, list, tuple or dict, default="normalized_mse"
            What is measured.
        random_state : int, RandomState, Generator or None, default=None
            Seed of the study.
        n_jobs : int, default=None
            Cells at a time.
        memory : str, path, joblib.Memory or None, default=None
            Where each cell is kept as soon as it ends, as a pickle: a directory from
            elsewhere can run any code.
        verbose : int, default=0
            With 1, a progress bar with the time left, on a terminal.
        return_estimators : bool, default=False
            Whether ``result`` has the fitted estimators.
        time_limit : float or None, default=None
            Seconds after which no cell is begun; those that are missing are not drawn.
        error_score : "raise" or float, default=numpy.nan
            The scores of a fit that failed, drawn if finite; "raise" raises its error.
        score : str or None, default=None
            The score that is drawn; None where there is only one.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            Axes to draw on; see :meth:`plot`, also for what follows.
        power : float, default=0
            The k of the axis n / d^k.
        band : {"range", "std", "quartiles"} or None, default="range"
            Spread over repeats.
        reference_slopes : array-like of float or None, default=None
            Powers of n to draw as dotted lines.
        negate_score : bool, default=False
            Whether to draw scores with the other sign.
        name : str, dict or None, default=None
            Labels of the estimators.
        curve_kwargs : dict or None, default=None
            Keywords of the lines.

        Returns
        -------
        display : SampleComplexityDisplay
            The drawing, with the study as ``display.result``.

        Raises
        ------
        ValueError
            As :func:`sample_complexity_curve` and :meth:`plot` do, before anything is
            fitted, unless all fits fail or slopes meet errors that are not positive.

        See Also
        --------
        sample_complexity_curve : The study; it says more of its parameters.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from sklearn.linear_model import Ridge
        >>> from sklearn_depth.datasets import make_single_index
        >>> from sklearn_depth.studies import SampleComplexityDisplay
        >>> display = SampleComplexityDisplay.from_estimators(
        ...     Ridge(), make_single_index, train_sizes=[20, 40], n_features=[3, 6],
        ...     n_repeats=2, n_test=100, random_state=0, power=1)
        >>> [line.get_label() for line in display.lines_]
        ['Ridge, d = 3', 'Ridge, d = 6']
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimators")
        estimators = named_estimators(estimators)
        labels_of(name, estimators)
        styles_of(curve_kwargs, estimators)
        columns = {} if n_features is None else {"n_features": []}
        planned = StudyResult(columns, {"scoring": directions(named_scorers(scoring))})
        check_choices(planned, score, power, reference_slopes, negate_score)
        result = sample_complexity_curve(
            estimators,
            make_dataset,
            train_sizes=train_sizes,
            n_features=n_features,
            n_repeats=n_repeats,
            n_test=n_test,
            scoring=scoring,
            random_state=random_state,
            n_jobs=n_jobs,
            memory=memory,
            verbose=verbose,
            return_estimators=return_estimators,
            time_limit=time_limit,
            error_score=error_score,
        )
        return cls(result, score=score).plot(
            ax,
            power=power,
            band=band,
            reference_slopes=reference_slopes,
            negate_score=negate_score,
            name=name,
            curve_kwargs=curve_kwargs,
        )

    @classmethod
    def from_result(
        cls,
        result,
        *,
        score=None,
        ax=None,
        power=0,
        band="range",
        reference_slopes=None,
        negate_score=False,
        name=None,
        curve_kwargs=None,
    ):
        """Draw a study that has been run.

        Parameters
        ----------
        result : StudyResult
            What :func:`sample_complexity_curve` returned.
        score : str or None, default=None
            The column of scores; None where there is only one.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            Axes to draw on; see :meth:`plot`, also for what follows.
        power : float, default=0
            The k of the axis n / d^k.
        band : {"range", "std", "quartiles"} or None, default="range"
            Spread over repeats.
        reference_slopes : array-like of float or None, default=None
            Powers of n to draw as dotted lines.
        negate_score : bool, default=False
            Whether to draw scores with the other sign.
        name : str, dict or None, default=None
            Labels of the estimators.
        curve_kwargs : dict or None, default=None
            Keywords of the lines.

        Returns
        -------
        display : SampleComplexityDisplay
            The drawing.
        """
        return cls(result, score=score).plot(
            ax,
            power=power,
            band=band,
            reference_slopes=reference_slopes,
            negate_score=negate_score,
            name=name,
            curve_kwargs=curve_kwargs,
        )

    @validate_params(_LOOKS)
    def plot(
        self,
        ax=None,
        *,
        power=0,
        band="range",
        reference_slopes=None,
        negate_score=False,
        name=None,
        curve_kwargs=None,
    ):
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of Axes or None, default=None
            Axes to draw on, one for each data set; the legend is inside the first, with
            the names that are there, whose lines have other colours. None makes a
            figure for a column of a page, 3.3 by 2.6 inches for one panel, with the
            legend above, where a title would be.
        power : float, default=0
            The k of the axis n / d^k.
        band : {"range", "std", "quartiles"} or None, default="range"
            Spread over repeats: from the least to the greatest, a standard deviation to
            both sides of the mean (of logarithms where the axis is logarithmic), or the
            middle half.
        reference_slopes : array-like of float or None, default=None
            Powers of n to draw as dotted lines where the panel is emptiest; only their
            slope has a meaning.
        negate_score : bool, default=False
            Whether to draw scores with the other sign, such as the negative errors
            among scikit-learn's scorers, which are errors then.
        name : str, dict or None, default=None
            Labels of the estimators: a string for a single one, or a dict by name.
        curve_kwargs : dict or None, default=None
            Keywords of matplotlib's ``plot`` for all lines, or a dict of such by the
            names of estimators. A ``color`` is that of the largest dimension.

        Returns
        -------
        display : SampleComplexityDisplay
            This object.

        Raises
        ------
        ValueError
            If there are several scores and none was chosen, no score is finite, a power
            meets a result without ``n_features``, slopes meet scores that are no
            positive errors, names are not those of estimators, or cells have the same
            data set, estimator, sizes and repeat.

        Warns
        -----
        UserWarning
            If no repeat of an estimator ended at some dimension: it has no line. Single
            cells that failed are left out.
        """
        score = check_choices(
            self.result, self.score, power, reference_slopes, negate_score
        )
        check_distinct(self.result)
        slopes = () if reference_slopes is None else reference_slopes
        sign = -1 if negate_score else 1
        estimators = list(dict.fromkeys(self.result.columns["estimator"].tolist()))
        labels, datasets = labels_of(name, estimators), datasets_of(self.result)
        parts = [
            drawable(curves_of(of_dataset(self.result, dataset), score, sign), score)
            for dataset in datasets
        ]
        curves = [curve for part in parts for curve in part]
        errors = is_error(self.result, score, negate_score)
        logarithmic = on_logarithms(curves, errors, slopes, score)
        dimensions = sorted({curve.n_features for curve in curves} - {None})
        self.lines_, self.bands_, self.guides_ = [], [], []
        with panels(self, ax, len(datasets)) as axes:
            words = score_label(score, negate_score)
            label_panels(axes, size_label(power), words, alone=ax is None)
            for panel, dataset, part in zip(axes, datasets, parts, strict=True):
                styles = styles_of(curve_kwargs, estimators, n_drawn(panel))
                looks = [look_of(one, labels, styles, dimensions) for one in part]
                drawn = _draw_panel(panel, part, looks, power, band, logarithmic)
                self.guides_ += draw_guides(panel, slopes, *drawn)
                self.lines_ += drawn[0]
                self.bands_ += drawn[1]
                if dataset is not None:
                    name_panel(panel, dataset)
            groups = legend_groups(curves, self.lines_, labels, dimensions)
            self.legends_ = draw_legends(axes[0], groups, alone=ax is None)
        self.axes_, self.ax_, self.figure_ = axes, axes[0], axes[0].figure
        return self


def _draw_panel(panel, curves, looks, power, band, logarithmic):
    """Lines and bands of one data set."""
    panel.set(xscale="log", yscale="log" if logarithmic else "linear")
    lines, bands = [], []
    for curve, look in zip(curves, looks, strict=True):
        x = curve.n_samples / float(curve.n_features or 1) ** power
        lines += panel.plot(x, medians(curve), **look)
        if band is not None:
            ends = spread(curve, band, logarithmic)
            bands.append(fill(panel, x, ends, look["color"]))
    plain_ticks(panel.xaxis)
    if logarithmic:
        plain_ticks(panel.yaxis)
    return lines, bands
