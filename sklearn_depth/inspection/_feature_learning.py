"""Drawing loss and alignment against the steps that learn features."""

from itertools import pairwise
from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth.inspection._drawing import (
    GUIDE,
    LEAST,
    draw_note,
    line_look,
    n_drawn,
    one_target,
    panels,
    plain_ticks,
    whole_numbers,
    with_labels,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.inspection._watch import alignment_of, loss_of, watched
from sklearn_depth.utils._optional import check_installed

# More names than these would hide what is drawn.
_MOST_NAMES = 8
_NAMES = "sklearn_depth: names of steps"
# Markers of a line, about.
_N_MARKERS = 25


class FeatureLearningDisplay:
    r"""Loss, and alignment with planted directions, after each step of one fit.

    .. math:: k \mapsto \frac{\sum_i (\hat f_k(x_i) - y_i)^2}{\sum_i (y_i - \bar y)^2},
        \qquad k \mapsto \frac{\|Q \hat Q_k^\top\|_F^2}{r}

    in two panels, one below the other, where :math:`\hat f_k` is the model as it stands
    after k steps, Q has the r planted directions as orthonormal rows, and
    :math:`\hat Q_k` the r strongest that the model depends on, or as many as there are.
    For classifiers the loss is the log loss over that of the shares of classes. Where
    steps have names that change, such as "rank 3", the names stand in the first panel.

    Parameters
    ----------
    steps : ndarray of shape (n_steps,)
        Numbers k of steps.
    loss : ndarray of shape (n_steps,)
        The losses.
    alignment : ndarray of shape (n_steps,) or None, default=None
        Scores from 0 to 1; without them there is one panel.
    chance : float or None, default=None
        The alignment of random directions on average, r / n_features.
    held_out : bool, default=False
        Whether the loss is on samples that the fit has not seen.
    tasks : list of str or None, default=None
        The names of the steps.
    name : str or None, default=None
        Label of the lines.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        Loss, and alignment if there is one.
    chance_line_ : matplotlib Line2D or None
        The alignment by chance.
    legends_ : list of matplotlib Legend
        The names of all lines in the upper panel.
    axes_ : list of matplotlib Axes
        The panels: loss, then alignment.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    LossCurveDisplay : The losses that a fit itself keeps.
    sklearn_depth.metrics.subspace_alignment_score : The alignment.
    LinkFunctionDisplay : What is learned of the target along a direction.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> from sklearn_depth import TwoLayerGDRegressor
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.inspection import FeatureLearningDisplay
    >>> X, y, truth = make_single_index(
    ...     800, 20, link="he3", return_truth=True, random_state=0)
    >>> display = FeatureLearningDisplay.from_estimator(
    ...     TwoLayerGDRegressor(200, random_state=0), X, y, truth.directions)
    >>> display.tasks[:2]
    ['random layer', 'gradient step']
    >>> print(f"from {display.alignment[0]:.1f} to {display.alignment[-1]:.1f}")
    from 0.0 to 1.0
    >>> [panel.get_ylabel() for panel in display.axes_]
    ['training loss', 'alignment']
    """

    def __init__(
        self,
        *,
        steps,
        loss,
        alignment=None,
        chance=None,
        held_out=False,
        tasks=None,
        name=None,
    ):
        self.steps = steps
        self.loss = loss
        self.alignment = alignment
        self.chance = chance
        self.held_out = held_out
        self.tasks = tasks
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        directions=None,
        *,
        X_val=None,
        y_val=None,
        every=1,
        ax=None,
        name=None,
        curve_kwargs=None,
    ):
        """Fit a clone once, watched through scikit-learn's callbacks, and draw.

        Parameters
        ----------
        estimator : estimator with callbacks
            What is cloned: a network of two or three layers, a deep one or one of
            sigmoids, for regression or classes. It need not be fitted and is not
            changed.
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,)
            Targets.
        directions : array-like of shape (n_directions, n_features), default=None
            The planted directions, as rows, such as ``truth.directions`` of
            :func:`~sklearn_depth.datasets.make_multi_index`. None draws the loss alone.
        X_val : array-like of shape (n_val, n_features), default=None
            Samples for the loss; None takes the training data.
        y_val : array-like of shape (n_val,), default=None
            Their targets.
        every : int, default=1
            How many steps there are from one evaluation to the next; the last step is
            evaluated too.
        ax : matplotlib Axes, sequence of two or None, default=None
            Axes to draw on; see :meth:`plot`.
        name : str or None, default=None
            Label of the lines; None is the name of the class.
        curve_kwargs : dict or None, default=None
            Keywords of both lines.

        Returns
        -------
        display : FeatureLearningDisplay
            The drawing.

        Raises
        ------
        ValueError
            If the estimator takes no callbacks or tells of no step, ``every`` is no
            number from 1, directions and X differ in their number of features, or of
            ``X_val`` and ``y_val`` one is missing.

        Notes
        -----
        Steps are the tasks that the estimator tells callbacks of: epochs, iterations of
        a solver, or layers that a head has measured. Those of fits for other penalties
        or starts count too.

        Directions that the model depends on are its ``subspace_`` where it has one.
        Otherwise they are the leading eigenvectors of the mean outer product of its
        gradients, taken by differences at the first 100 samples of X.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        if not isinstance(every, Integral) or every < 1:
            raise ValueError(f"every={every!r} must be a whole number from 1.")
        if (X_val is None) != (y_val is None):
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"X_val and y_val go together; {missing} is missing.")
        X, y, directions = _checked(X, y, directions)
        rows, targets = (X, y) if X_val is None else (X_val, one_target(y_val, "y_val"))

        def evaluate(model):
            loss = loss_of(model, rows, targets)
            if directions is None:
                return loss, np.nan
            return loss, alignment_of(model, X, directions)

        watch = watched(estimator, X, y, evaluate, every)
        loss, alignment = np.transpose(watch.found)
        display = cls(
            steps=np.array(watch.steps),
            loss=loss,
            alignment=None if directions is None else alignment,
            chance=None if directions is None else len(directions) / X.shape[1],
            held_out=X_val is not None,
            tasks=watch.tasks,
            name=type(estimator).__name__ if name is None else name,
        )
        return display.plot(ax, curve_kwargs=curve_kwargs)

    def plot(self, ax=None, *, name=None, curve_kwargs=None):
        """Draw loss and alignment.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of two or None, default=None
            Axes for loss and alignment, such as ``axes_`` of another display, whose
            lines have other colours; one for the loss alone. The legend is inside the
            first. None makes a figure for a column of a page, 3.3 inches wide, with the
            legend above, where a title would be.
        name : str or None, default=None
            Label of the lines; None is ``self.name``.
        curve_kwargs : dict or None, default=None
            Keywords of matplotlib's ``plot`` for both lines.

        Returns
        -------
        display : FeatureLearningDisplay
            This object.

        Raises
        ------
        ValueError
            If ``ax`` has not as many axes as there are panels.
        """
        name = self.name if name is None else name
        curves = [self.loss] if self.alignment is None else [self.loss, self.alignment]
        with panels(self, ax, n_panels=len(curves)) as axes:
            upper = axes[0]
            some = {"markevery": max(len(self.steps) // _N_MARKERS, 1)}
            look = line_look(n_drawn(upper), curve_kwargs, label=name or "loss", **some)
            self.lines_ = [
                line
                for panel, curve in zip(axes, curves, strict=True)
                for line in panel.plot(self.steps, curve, **look)
            ]
            if min(self.loss) > 0:
                upper.set_yscale("log")
                plain_ticks(upper.yaxis)
            upper.set_ylabel("held-out loss" if self.held_out else "training loss")
            for panel in axes:
                whole_numbers(panel.xaxis)
                if panel is axes[-1] or not upper.get_shared_x_axes().joined(*axes):
                    panel.set_xlabel("step")
            self._draw_alignment(axes[1:])
            self._draw_names(axes[-1])
            entries = with_labels(self.lines_[0])
            self.legends_ = draw_legends(upper, [entries], alone=ax is None)
        self.axes_, self.figure_ = axes, upper.figure
        return self

    def _draw_alignment(self, axes):
        """Its scale, and that of random directions, once for displays on one panel."""
        self.chance_line_ = None
        for panel in axes:
            panel.set(ylabel="alignment", ylim=(0, 1.05))
            drawn = {line.get_label(): line for line in panel.get_lines()}
            label = f"_chance {self.chance}"
            self.chance_line_ = drawn.get(label)
            if self.chance is not None and self.chance_line_ is None:
                self.chance_line_ = panel.axhline(self.chance, label=label, **GUIDE)
                place = {"xycoords": panel.get_yaxis_transform(), "ha": "right"}
                draw_note(panel, "chance", (1, self.chance), (-2, 2), **place)

    def _draw_names(self, panel):
        """Where the name of the steps changes, if no other display is on the panel."""
        for drawn in panel.findobj(lambda artist: artist.get_gid() == _NAMES):
            drawn.remove()
        tasks = [] if self.tasks is None else list(self.tasks)
        first = [k for k, (a, b) in enumerate(pairwise(["", *tasks])) if a != b]
        if not 1 < len(first) <= _MOST_NAMES or n_drawn(panel) > 1:
            return
        place = {"xycoords": panel.get_xaxis_transform(), "rotation": 90}
        look = {"ha": "left", "va": "bottom", "fontsize": LEAST, "gid": _NAMES}
        for k in first:
            line = panel.axvline(self.steps[k], label="_step", **GUIDE)
            line.set(linewidth=0.6, gid=_NAMES)
            draw_note(panel, tasks[k], (self.steps[k], 0.2), (1, 0), **place | look)


def _checked(X, y, directions):
    """Data as arrays, and directions that fit them."""
    y = one_target(y, "y")
    X = check_array(X, dtype=[np.float64, np.float32], input_name="X")
    if directions is None:
        return X, y, None
    directions = check_array(directions, dtype=np.float64, input_name="directions")
    if directions.shape[1] != X.shape[1]:
        raise ValueError(
            f"directions have {directions.shape[1]} features, and X has "
            f"{X.shape[1]}. Pass a row for each direction."
        )
    return X, y, directions
