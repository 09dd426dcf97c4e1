"""Drawing a learned function of the distance from a centre."""

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted

from sklearn_depth.inspection._drawing import (
    DATA,
    draw_data,
    draw_function,
    draw_truth,
    fill,
    one_target,
    panels,
    some_rows,
    with_labels,
)
from sklearn_depth.inspection._legends import draw_legends
from sklearn_depth.utils._optional import check_installed
from sklearn_depth.utils._warnings import warn_caller

_N_RADII = 400
# Standard errors to both sides.
_BAND = 2


class RadialProfileDisplay:
    r"""A learned function of the radius, with its standard errors and data.

    .. math:: r \mapsto \hat\varphi(r) \pm 2 \operatorname{se}(r), \qquad
        \big(\|x_i - c\|, y_i\big)

    Data are dots, or ticks at their distances where there is no y.

    Parameters
    ----------
    radii : ndarray of shape (n_radii,)
        Distances from the centre c, growing.
    value : ndarray of shape (n_radii,)
        The learned function there.
    standard_error : ndarray of shape (n_radii,)
        Its standard errors.
    distances : ndarray of shape (n_samples,)
        Distances of the data.
    y : ndarray of shape (n_samples,) or None, default=None
        Their targets.
    profile : callable or None, default=None
        The true function of the radius, vectorised.
    name : str or None, default=None
        Label of the line.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The learned function.
    band_ : matplotlib PolyCollection or None
        Two standard errors to both sides.
    scatter_ : matplotlib PathCollection or None
        Data with y.
    rug_ : matplotlib Line2D or None
        Data without.
    profile_line_ : matplotlib Line2D or None
        The true function.
    legends_ : list of matplotlib Legend
        What is which.
    ax_ : matplotlib Axes
        The axes drawn on.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    sklearn_depth.RadialTwoLayerRegressor : Learns such functions.
    LinkFunctionDisplay : A function of a learned projection.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> from sklearn_depth import RadialTwoLayerRegressor
    >>> from sklearn_depth.datasets import make_radial
    >>> from sklearn_depth.inspection import RadialProfileDisplay
    >>> X, y, truth = make_radial(
    ...     500, 30, profile="sine", noise=0.2, return_truth=True, random_state=0)
    >>> model = RadialTwoLayerRegressor(center="origin").fit(X, y)
    >>> display = RadialProfileDisplay.from_estimator(
    ...     model, X, y, profile=truth.profile)
    >>> error = abs(display.value - truth.profile(display.radii))
    >>> covered = (error < 2 * display.standard_error).mean()
    >>> print(f"{covered:.2f} of the profile is within two standard errors")
    1.00 of the profile is within two standard errors
    """

    def __init__(
        self,
        *,
        radii,
        value,
        standard_error,
        distances,
        y=None,
        profile=None,
        name=None,
    ):
        self.radii = radii
        self.value = value
        self.standard_error = standard_error
        self.distances = distances
        self.y = y
        self.profile = profile
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y=None,
        *,
        profile=None,
        subsample=1000,
        random_state=0,
        ax=None,
        name=None,
        curve_kwargs=None,
        scatter_kwargs=None,
    ):
        """Draw what a radial regressor has learned.

        Parameters
        ----------
        estimator : RadialTwoLayerRegressor
            A fitted one, of one target.
        X : array-like of shape (n_samples, n_features)
            Samples; the function is drawn from their least distance to the greatest.
        y : array-like of shape (n_samples,) or None, default=None
            Their targets.
        profile : callable or None, default=None
            The true function of the distance, vectorised, such as ``truth.profile`` of
            :func:`~sklearn_depth.datasets.make_radial`.
        subsample : int or None, default=1000
            Most samples to show; None shows all.
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
        display : RadialProfileDisplay
            The drawing.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If it has no ``profile``, was fitted to several targets or to another number
            of features, or if y has several targets.
        """
        check_installed("matplotlib", f"{cls.__name__}.from_estimator")
        if not hasattr(estimator, "profile"):
            raise ValueError(
                f"{type(estimator).__name__} has no profile. Pass a fitted "
                "RadialTwoLayerRegressor; of a pipeline its last step, with X as that "
                "step sees it."
            )
        check_is_fitted(estimator)
        distances = _distances(estimator, X)
        shown = some_rows(len(distances), subsample, random_state)
        radii = np.linspace(distances.min(), distances.max(), _N_RADII)
        value, standard_error = estimator.profile(radii)
        display = cls(
            radii=radii,
            value=one_target(value, "The profile"),
            standard_error=one_target(standard_error, "The profile"),
            distances=distances[shown],
            y=None if y is None else one_target(y, "y")[shown],
            profile=profile,
            name=type(estimator).__name__ if name is None else name,
        )
        return display.plot(
            ax, curve_kwargs=curve_kwargs, scatter_kwargs=scatter_kwargs
        )

    def plot(self, ax=None, *, name=None, curve_kwargs=None, scatter_kwargs=None):
        """Draw the learned function, its errors, data and the truth.

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
        display : RadialProfileDisplay
            This object.

        Warns
        -----
        UserWarning
            If a standard error is not finite, as where a fit leaves no degree of
            freedom: there is no band then.
        """
        name = self.name if name is None else name
        line = self.radii, self.value, name or "learned"
        with panels(self, ax) as (panel,):
            self._draw_data(panel, scatter_kwargs)
            self.line_ = draw_function(panel, *line, curve_kwargs)
            self._draw_band(panel)
            self.profile_line_ = draw_truth(panel, self.radii, self.profile)
            panel.set(xlabel="distance from the centre $r$", ylabel="$y$")
            data = self.rug_ if self.y is None else self.scatter_
            entries = with_labels(data, self.line_, self.profile_line_)
            self.legends_ = draw_legends(panel, [entries], alone=ax is None)
        self.ax_, self.figure_ = panel, panel.figure
        return self

    def _draw_data(self, panel, scatter_kwargs):
        self.scatter_ = self.rug_ = None
        if self.y is not None:
            self.scatter_ = draw_data(panel, self.distances, self.y, scatter_kwargs)
            return
        (self.rug_,) = panel.plot(
            self.distances,
            np.full(len(self.distances), 0.02),
            "|",
            transform=panel.get_xaxis_transform(),  # heights are shares of the panel
            **DATA,
        )

    def _draw_band(self, panel):
        self.band_ = None
        if not np.isfinite(self.standard_error).all():
            warn_caller(
                "The standard errors are not finite: the fit leaves no degree of "
                "freedom, and no band is drawn. Take more samples or fewer knots."
            )
            return
        reach = _BAND * self.standard_error
        ends = self.value - reach, self.value + reach
        self.band_ = fill(panel, self.radii, ends, self.line_.get_color())


def _distances(estimator, X):
    """Of samples from the learned centre."""
    X = check_array(X, dtype=np.float64)
    center = estimator.features_.center_
    if X.shape[1] != len(center):
        raise ValueError(
            f"X has {X.shape[1]} features, and {type(estimator).__name__} was fitted "
            f"on {len(center)}."
        )
    return np.linalg.norm(X - center, axis=1)
