"""Drawing a target against its learned projection."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.inspection._drawing import (
    draw_data,
    draw_function,
    draw_truth,
    one_target,
    panels,
    some_rows,
    with_labels,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.utils._optional import check_installed


class LinkFunctionDisplay:
    r"""Target and predictions against the projection on a learned direction.

    .. math:: p(x) = \pm \frac{h_k(x) - \bar h_k}{\operatorname{sd} h_k}, \qquad
        \big(p(x_i), y_i\big), \quad
        \big(\bar p_B, \overline{\hat f}_B\big)

    Dots are data; the line goes through the means, of projection and prediction, over
    bins B, whose bounds are half of them quantiles and half equidistant; the dotted
    line is the true link. Here h is the estimator's ``transform``: the projections of
    ``TwoLayerGDRegressor``, or the feature of ``ThreeLayerFeatureRegressor``.

    Parameters
    ----------
    projection : ndarray of shape (n_samples,)
        The projections p of the samples that are shown as dots.
    y : ndarray of shape (n_samples,)
        Their targets.
    bin_projection : ndarray of shape (n_bins,)
        Mean projection of the samples of each bin, growing.
    bin_prediction : ndarray of shape (n_bins,)
        Their mean prediction.
    direction : int, default=0
        The number k of the direction in ``transform``.
    link : callable or None, default=None
        The true target as a vectorised function of p.
    name : str or None, default=None
        Label of the line.

    Attributes
    ----------
    scatter_ : matplotlib PathCollection
        The data.
    line_ : matplotlib Line2D
        The predictions.
    link_line_ : matplotlib Line2D or None
        The true link.
    legends_ : list of matplotlib Legend
        What is which.
    ax_ : matplotlib Axes
        The axes drawn on.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    FeatureLearningDisplay : How the directions were found.
    RadialProfileDisplay : A function of the distance from a point.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> from sklearn_depth import TwoLayerGDRegressor
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.inspection import LinkFunctionDisplay
    >>> X, y, truth = make_single_index(
    ...     500, 10, link="abs", return_truth=True, random_state=0)
    >>> net = TwoLayerGDRegressor(200, random_state=0).fit(X, y)
    >>> display = LinkFunctionDisplay.from_estimator(net, X, y, link=truth.link)
    >>> error = display.bin_prediction - abs(display.bin_projection)
    >>> print(f"largest error of a bin {abs(error).max():.1f}")
    largest error of a bin 0.3
    """

    def __init__(
        self,
        *,
        projection,
        y,
        bin_projection,
        bin_prediction,
        direction=0,
        link=None,
        name=None,
    ):
        self.projection = projection
        self.y = y
        self.bin_projection = bin_projection
        self.bin_prediction = bin_prediction
        self.direction = direction
        self.link = link
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        direction=0,
        link=None,
        n_bins=50,
        subsample=1000,
        random_state=0,
        ax=None,
        name=None,
        curve_kwargs=None,
        scatter_kwargs=None,
    ):
        """Project samples by a fitted estimator, and draw.

        Parameters
        ----------
        estimator : estimator
            A fitted regressor with ``transform`` to what it has learned, or a pipeline
            that ends in one.
        X : array-like of shape (n_samples, n_features)
            Samples, best those that the fit has not seen.
        y : array-like of shape (n_samples,)
            Their targets.
        direction : int, default=0
            The number of the direction in ``transform``, from 0;
            ``TwoLayerGDRegressor`` has the strongest first.
        link : callable or None, default=None
            The true target as a vectorised function of the projection at mean 0 and
            standard deviation 1, such as ``truth.link`` of
            :func:`~sklearn_depth.datasets.make_single_index`.
        n_bins : int, default=50
            Most bins; those without samples are left out.
        subsample : int or None, default=1000
            Most samples to show as dots; None shows all.
        random_state : int, RandomState, Generator or None, default=0
            Seed of their choice.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; see :meth:`plot`.
        name : str or None, default=None
            Label of the line; None is the name of the class.
        curve_kwargs : dict or None, default=None
            Keywords of the line.
        scatter_kwargs : dict or None, default=None
            Keywords of the dots.

        Returns
        -------
        display : LinkFunctionDisplay
            The drawing.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If it has no ``transform`` or not so many directions, if a direction is
            constant on X, or if y has several targets.

        Notes
        -----
        A direction has no sign of its own. It is turned so that the true link fits y
        better, or without one so that y does not fall with the projection on the whole.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        y = one_target(y, "y")
        projection = _project(estimator, X, direction)
        projection *= _sign(projection, y, link)
        prediction = one_target(estimator.predict(X), "The prediction")
        bins = _bins(projection, n_bins)
        shown = some_rows(len(y), subsample, random_state)
        display = cls(
            projection=projection[shown],
            y=y[shown],
            bin_projection=np.array([projection[rows].mean() for rows in bins]),
            bin_prediction=np.array([prediction[rows].mean() for rows in bins]),
            direction=direction,
            link=link,
            name=type(estimator).__name__ if name is None else name,
        )
        return display.plot(
            ax, curve_kwargs=curve_kwargs, scatter_kwargs=scatter_kwargs
        )

    def plot(self, ax=None, *, name=None, curve_kwargs=None, scatter_kwargs=None):
        """Draw data, predictions and the true link.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; the legend is inside, with the names that are there, whose
            lines have other colours. None makes a figure for a column of a page, 3.3 by
            2.6 inches, with the legend above, where a title would be.
        name : str or None, default=None
            Label of the line; None is ``self.name``.
        curve_kwargs : dict or None, default=None
            Keywords of matplotlib's ``plot`` for the line.
        scatter_kwargs : dict or None, default=None
            Keywords of matplotlib's ``scatter`` for the dots.

        Returns
        -------
        display : LinkFunctionDisplay
            This object.
        """
        name = self.name if name is None else name
        line = self.bin_projection, self.bin_prediction, name or "mean prediction"
        with panels(self, ax) as (panel,):
            self.scatter_ = draw_data(panel, self.projection, self.y, scatter_kwargs)
            self.line_ = draw_function(panel, *line, curve_kwargs)
            p = np.linspace(self.projection.min(), self.projection.max(), 400)
            self.link_line_ = draw_truth(panel, p, self.link)
            label = f"learned feature {self.direction + 1}, standardised"
            panel.set(xlabel=label, ylabel="$y$")
            entries = with_labels(self.scatter_, self.line_, self.link_line_)
            self.legends_ = draw_legends(panel, [entries], alone=ax is None)
        self.ax_, self.figure_ = panel, panel.figure
        return self


def _project(estimator, X, direction):
    """A direction that the estimator has learned, at mean 0 and deviation 1."""
    missing = [
        verb for verb in ("transform", "predict") if not hasattr(estimator, verb)
    ]
    if missing:
        raise ValueError(
            f"{type(estimator).__name__} has no {' and no '.join(missing)}: it learns "
            "no direction to project on. Pass a TwoLayerGDRegressor, a "
            "ThreeLayerFeatureRegressor or a regressor with transform."
        )
    check_is_fitted(estimator)
    learned = np.asarray(estimator.transform(X), dtype=np.float64)
    if not isinstance(direction, Integral) or not 0 <= direction < learned.shape[1]:
        raise ValueError(
            f"direction={direction}, and {type(estimator).__name__} has learned "
            f"{learned.shape[1]}, counted from 0. Pass the number of one."
        )
    projection = learned[:, direction]
    projection = projection - projection.mean()
    deviation = projection.std()
    if deviation == 0:
        raise ValueError(
            f"Learned direction {direction} is constant on the {len(projection)} "
            "samples of X. Pass others, or fit to a target that varies."
        )
    return projection / deviation


def _bins(projection, n_bins):
    """Samples by projection; quantiles alone would leave long tails to one bin."""
    quantiles = np.quantile(projection, np.linspace(0, 1, n_bins // 2 + 1))
    even = np.linspace(*quantiles[[0, -1]], n_bins - n_bins // 2 + 1)
    bounds = np.unique(np.concatenate([quantiles, even]))[1:-1]
    place = np.digitize(projection, bounds)
    return [np.flatnonzero(place == k) for k in np.unique(place)]


def _sign(projection, y, link):
    """The side that a direction points to."""
    if link is None:
        return -1 if projection @ (y - y.mean()) < 0 else 1
    misfit = {sign: np.sum((y - link(sign * projection)) ** 2) for sign in (1, -1)}
    return min(misfit, key=misfit.get)
