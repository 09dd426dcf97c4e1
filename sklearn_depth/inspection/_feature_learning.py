"""Drawing loss and alignment against the steps that learn features."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_array

from sklearn_depth.inspection._drawing import (
    GUIDE,
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
from sklearn_depth.metrics import normalized_mse, subspace_alignment_score
from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._random import check_generator


class FeatureLearningDisplay:
    r"""Loss, and alignment with planted directions, after each number of steps.

    .. math:: k \mapsto \frac{\sum_i (\hat f_k(x_i) - y_i)^2}{\sum_i (y_i - \bar y)^2},
        \qquad k \mapsto \frac{\|Q \hat Q_k^\top\|_F^2}{r}

    in two panels, one below the other, where :math:`\hat f_k` is the estimator with
    ``n_feature_steps=k``, Q has the r planted directions as orthonormal rows, and
    :math:`\hat Q_k` the r strongest that the fit depends on, or as many as there are.

    Parameters
    ----------
    steps : ndarray of shape (n_steps,)
        Numbers k of steps.
    loss : ndarray of shape (n_steps,)
        Squared error over the variance of y.
    alignment : ndarray of shape (n_steps,)
        Scores from 0 to 1.
    chance : float or None, default=None
        The alignment of random directions on average, r / n_features.
    held_out : bool, default=False
        Whether the loss is on rows that the fit has not seen.
    name : str or None, default=None
        Label of the lines.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        Loss and alignment.
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
    ...     TwoLayerGDRegressor(200, random_state=0), X, y, truth.directions,
    ...     steps=[0, 1, 3])
    >>> print(f"from {display.alignment[0]:.1f} to {display.alignment[-1]:.1f}")
    from 0.0 to 1.0
    >>> [panel.get_ylabel() for panel in display.axes_]
    ['training loss', 'alignment']
    """

    def __init__(
        self, *, steps, loss, alignment, chance=None, held_out=False, name=None
    ):
        self.steps = steps
        self.loss = loss
        self.alignment = alignment
        self.chance = chance
        self.held_out = held_out
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        directions,
        *,
        steps=range(6),
        X_val=None,
        y_val=None,
        ax=None,
        name=None,
        curve_kwargs=None,
    ):
        """Fit clones with each number of steps, and draw.

        Parameters
        ----------
        estimator : TwoLayerGDRegressor
            What is cloned: with ``n_feature_steps`` to set and ``subspace_`` once
            fitted. It need not be fitted and is not changed.
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,)
            Targets.
        directions : array-like of shape (n_directions, n_features)
            The planted directions, as rows, such as ``truth.directions`` of
            :func:`~sklearn_depth.datasets.make_multi_index`.
        steps : array-like of int, default=range(6)
            Numbers of steps.
        X_val : array-like of shape (n_val, n_features), default=None
            Rows for the loss; None takes the training data.
        y_val : array-like of shape (n_val,), default=None
            Their targets.
        ax : sequence of two matplotlib Axes or None, default=None
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
            If the estimator has no ``n_feature_steps`` or no ``subspace_``, if steps
            are none or not numbers from 0, if directions have not as many columns as
            X, or of ``X_val`` and ``y_val`` one is missing.

        Notes
        -----
        Each number of steps is a fit of its own from the same random layer: what an
        estimator with so many steps would be. One long fit does not pass through these,
        since ``TwoLayerGDRegressor`` takes as many rounds again at each rank that it is
        narrowed to; its ``loss_curve_`` has them all. Without a ``random_state`` of
        the estimator's, one is drawn for all.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        steps = _check_steps(estimator, steps)
        y = one_target(y, "y")
        if (X_val is None) != (y_val is None):
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"X_val and y_val go together; {missing} is missing.")
        directions = check_array(directions, dtype=np.float64, input_name="directions")
        if directions.shape[1] != np.shape(X)[-1]:
            raise ValueError(
                f"directions have {directions.shape[1]} columns, and X has "
                f"{np.shape(X)[-1]}. Pass a row for each direction."
            )
        seed = int(check_generator(None).integers(2**31))
        fits = [_fit(estimator, int(k), seed, X, y) for k in steps]
        rows, targets = (X, y) if X_val is None else (X_val, one_target(y_val, "y_val"))
        display = cls(
            steps=steps,
            loss=np.array([normalized_mse(targets, fit.predict(rows)) for fit in fits]),
            alignment=np.array([_alignment(fit, directions) for fit in fits]),
            chance=len(directions) / directions.shape[1],
            held_out=X_val is not None,
            name=type(estimator).__name__ if name is None else name,
        )
        return display.plot(ax, curve_kwargs=curve_kwargs)

    def plot(self, ax=None, *, name=None, curve_kwargs=None):
        """Draw both panels.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes or None, default=None
            Axes for loss and alignment, such as ``axes_`` of another display, whose
            lines have other colours; the legend is inside the first. None makes a
            figure for a column of a page, 3.3 by 3.6 inches, with the legend above,
            where a title would be.
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
            If ``ax`` has not two axes.
        """
        name = self.name if name is None else name
        with panels(self, ax, n_panels=2) as (upper, lower):
            look = line_look(n_drawn(upper), curve_kwargs, label=name or "loss")
            self.lines_ = [
                *upper.plot(self.steps, self.loss, **look),
                *lower.plot(self.steps, self.alignment, **look),
            ]
            if min(self.loss) > 0:
                upper.set_yscale("log")
                plain_ticks(upper.yaxis)
            if not upper.get_shared_x_axes().joined(upper, lower):
                upper.set_xlabel("feature steps")
            upper.set_ylabel("held-out loss" if self.held_out else "training loss")
            lower.set(xlabel="feature steps", ylabel="alignment", ylim=(0, 1.05))
            whole_numbers(upper.xaxis)
            whole_numbers(lower.xaxis)
            self._draw_chance(lower)
            entries = with_labels(self.lines_[0])
            self.legends_ = draw_legends(upper, [entries], alone=ax is None)
        self.axes_, self.figure_ = [upper, lower], upper.figure
        return self

    def _draw_chance(self, panel):
        """Once for displays on the same panels."""
        drawn = {line.get_label(): line for line in panel.get_lines()}
        label = f"_chance {self.chance}"
        self.chance_line_ = drawn.get(label)
        if self.chance is not None and self.chance_line_ is None:
            self.chance_line_ = panel.axhline(self.chance, label=label, **GUIDE)
            place = {"xycoords": panel.get_yaxis_transform(), "ha": "right"}
            draw_note(panel, "chance", (1, self.chance), (-2, 2), **place)


def _check_steps(estimator, steps):
    if "n_feature_steps" not in estimator.get_params(deep=False):
        raise ValueError(
            f"{type(estimator).__name__} has no n_feature_steps to vary. Pass a "
            "TwoLayerGDRegressor."
        )
    steps = np.asarray(steps)
    if (
        steps.ndim != 1
        or not steps.size
        or steps.dtype.kind not in "iu"
        or min(steps) < 0
    ):
        raise ValueError(
            f"steps must be a list of whole numbers from 0; got {steps.tolist()}."
        )
    return np.unique(steps)


def _fit(estimator, n_steps, seed, X, y):
    model = clone(estimator).set_params(n_feature_steps=n_steps)
    if model.random_state is None:
        model.set_params(random_state=seed)
    model.fit(X, y)
    if not hasattr(model, "subspace_"):
        raise ValueError(
            f"{type(estimator).__name__} has no subspace_ once fitted. Pass a "
            "TwoLayerGDRegressor."
        )
    return model


def _alignment(model, directions):
    """With the strongest directions of the fit, as they are in the columns of X."""
    learned = model.subspace_[: len(directions)] / model.features_.scale_
    return subspace_alignment_score(directions, learned)
