"""Drawing the losses that a fit has kept."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.inspection._drawing import (
    line_look,
    n_drawn,
    panels,
    plain_ticks,
    whole_numbers,
    with_labels,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.utils._optional import check_installed

_LOSSES = "loss_curve_", "validation_loss_curve_"
# Markers of a line, about.
_N_MARKERS = 25


class LossCurveDisplay:
    """The losses of a fitted estimator, step by step.

    A line of ``loss_curve_``, and a dashed one of ``validation_loss_curve_`` where the
    fit had samples set aside, on a logarithmic axis if all are positive. The
    estimator's page says what a loss is, and whether it is that on the training samples
    or an estimate of the error on new ones.

    Parameters
    ----------
    loss : array-like of shape (n_steps,)
        The losses.
    validation_loss : array-like of shape (n_steps,) or None, default=None
        Those on samples set aside.
    name : str or None, default=None
        Label of the lines.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        Losses, and those on samples set aside if there are any.
    legends_ : list of matplotlib Legend
        Their names.
    ax_ : matplotlib Axes
        The axes drawn on.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    FeatureLearningDisplay : One loss for all estimators, and what features are learned.
    sklearn.callback.ScoringMonitor : Any score, step by step.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> from sklearn_depth import TwoLayerGDRegressor
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.inspection import LossCurveDisplay
    >>> X, y = make_single_index(400, 5, link="relu", noise=0.1, random_state=0)
    >>> net = TwoLayerGDRegressor(50, n_feature_steps=2, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(net)
    >>> len(display.loss), display.ax_.get_yscale()
    (12, 'log')
    """

    def __init__(self, *, loss, validation_loss=None, name=None):
        self.loss = loss
        self.validation_loss = validation_loss
        self.name = name

    @classmethod
    def from_estimator(
        cls, estimator, *, target=None, ax=None, name=None, curve_kwargs=None
    ):
        """Draw the losses of a fitted estimator.

        Parameters
        ----------
        estimator : fitted estimator
            One that has ``loss_curve_``, of this library or another.
        target : int or None, default=None
            Number of the target, from 0, where each has losses of its own.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; see :meth:`plot`.
        name : str or None, default=None
            Label of the lines; None is the name of the class.
        curve_kwargs : dict or None, default=None
            Keywords of the lines.

        Returns
        -------
        display : LossCurveDisplay
            The drawing.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If it has kept no losses, or there is no such target.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        loss, validation = (
            _of_target(getattr(estimator, attribute, None), target)
            for attribute in _LOSSES
        )
        own = type(estimator).__name__
        if loss is None or len(loss) == 0:
            raise ValueError(
                f"{own} has kept no losses: it has no steps that it measures, or none "
                "with these parameters."
            )
        display = cls(
            loss=loss, validation_loss=validation, name=own if name is None else name
        )
        return display.plot(ax, curve_kwargs=curve_kwargs)

    def plot(self, ax=None, *, name=None, curve_kwargs=None):
        """Draw the losses.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; the legend is inside, with the names that are there, whose
            lines have other colours. None makes a figure for a column of a page, 3.3 by
            2.6 inches, with the legend above, where a title would be.
        name : str or None, default=None
            Label of the lines; None is ``self.name``.
        curve_kwargs : dict or None, default=None
            Keywords of matplotlib's ``plot`` for both lines.

        Returns
        -------
        display : LossCurveDisplay
            This object.
        """
        name = (self.name if name is None else name) or "loss"
        curves = {name: self.loss}
        if self.validation_loss is not None and len(self.validation_loss):
            curves[f"{name}, set aside"] = self.validation_loss
        with panels(self, ax) as (panel,):
            some = {"markevery": max(len(self.loss) // _N_MARKERS, 1)}
            look = line_look(n_drawn(panel), curve_kwargs, **some)
            dashed = [{}, {"linestyle": "--", "markerfacecolor": "white"}]
            self.lines_ = []
            for (label, curve), change in zip(curves.items(), dashed, strict=False):
                steps = np.arange(1, len(curve) + 1)
                self.lines_ += panel.plot(steps, curve, **look | change, label=label)
            if min(map(np.nanmin, curves.values())) > 0:
                panel.set_yscale("log")
                plain_ticks(panel.yaxis)
            whole_numbers(panel.xaxis)
            panel.set(xlabel="step", ylabel="loss")
            entries = with_labels(*self.lines_)
            self.legends_ = draw_legends(panel, [entries], alone=ax is None)
        self.ax_, self.figure_ = panel, panel.figure
        return self


def _of_target(losses, target):
    """The losses of one target, where each has its own."""
    if losses is None or len(losses) == 0:
        return losses
    if np.ndim(losses[0]) == 0:
        if target not in (None, 0):
            raise ValueError(f"target={target}, and all targets share their losses.")
        return losses
    if not isinstance(target, Integral) or not 0 <= target < len(losses):
        raise ValueError(
            f"There are losses of {len(losses)} targets, and target={target}. Pass a "
            f"number from 0 to {len(losses) - 1}."
        )
    return losses[target]
