"""Hinges of projections, averaged over directions: a tied layer of ReLUs."""

from copy import copy

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from sklearn_depth._math._quantiles import weighted_median, weighted_quantile
from sklearn_depth._math._sphere_hinges import mean_hinge_slopes, mean_hinges
from sklearn_depth._math._spheres import orthonormal_blocks
from sklearn_depth._solvers.radial._center import distances, find_center
from sklearn_depth.features._direction_means import direction_means
from sklearn_depth.features._map import BlindMap
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import StrOptions
from sklearn_depth.utils._threads import one_blas_thread

# Knots end where a projection of the outermost samples has three standard deviations,
# and at four times the median radius where tails are heavy.
_STANDARD_DEVIATIONS = 3.0
_OUTER_SHARE, _MEDIANS = 0.99, 4.0
# Beyond these shares of the radii mean hinges go on along their tangents.
_TANGENT_SHARES = 0.01, 0.99


class RadialFeatures(ClassNamePrefixFeaturesOutMixin, BlindMap):
    r"""Hinges on projections, each averaged over directions that all share its knot.

    .. math:: h_k(x) = \frac{1}{m} \sum_{j=1}^m \big(|\langle w_j, x - c\rangle| -
              t_k\big)_+ = \frac{1}{m} \sum_{j=1}^m \sum_{s = \pm 1} \mathrm{relu}
              \big(s \langle w_j, x - c\rangle - t_k\big)

    A linear function of them is a ReLU network with one hidden layer, whose outer
    weights are tied: they depend on the knot, not on the direction. What it computes
    is nearly a function of the radius :math:`r = \|x - c\|`.

    Parameters
    ----------
    n_projections : int or None, default=None
        Number of directions m that X is projected on. None takes the exact limit of
        infinitely many, :math:`h_k(x) = E(r |w_1| - t_k)_+`, which is known in closed
        form: what follows is then plainly a one-dimensional regression on the radius. A
        number makes an explicit network, with an error from directions of order
        m^(-1/2).
    n_knots : int, default=40
        Number of knots t_k, the number of features.
    center : {"median", "mean", "origin"} or array-like, default="median"
        The centre c: the geometric median of the samples, with the least sum of
        distances to them and turns with them; their mean; zero; or one's own, of shape
        (n_features,).
    random_state : int, RandomState, Generator or None, default=None
        Seed of the directions.

    Attributes
    ----------
    center_ : ndarray of shape (n_features,)
        The centre c.
    knots_ : ndarray of shape (n_knots,)
        The knots :math:`t_k`, equidistant from 0 to
        :math:`\min(3 / \sqrt d, 1) \min(R, 4 M)`, with the 99 % quantile R and the
        median M of the radii.
    directions_ : ndarray of shape (n_projections, n_features) or None
        Unit vectors :math:`w_j`, every ``n_features`` of them orthonormal, so that
        their squares have no error.
    radii_ : ndarray of shape (2,)
        The 1 % and 99 % quantiles of the radii. Outside of them the features of
        ``n_projections=None`` go on along their tangents, and below the least radius
        they are constant: their differences, which can tell radii apart to many digits,
        explode where there are no data.
    extremes_ : ndarray of shape (2,)
        The least and the largest radius. Samples beyond the largest count as if they
        were drawn in to it, along the line to the centre.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.RadialTwoLayerRegressor : These features with a ridge head.
    sklearn_depth.constructions.approximate_radial : Outer weights for a function.

    Notes
    -----
    One hidden layer of width poly(d) approximates every 1-Lipschitz function of the
    norm on the unit ball to a fixed accuracy (Theorem 1 of [1]_), and of width
    poly(1/eps) to any accuracy eps in a fixed dimension (Theorem 2).

    With w uniform on the sphere, :math:`a = \min(t / r, 1)` and
    :math:`E|w_1| = \Gamma(d/2) / (\sqrt\pi\, \Gamma((d + 1)/2))`,

    .. math:: E(r |w_1| - t)_+ = r\, E|w_1|\, (1 - a^2)^{(d-1)/2} - t\, P(|w_1| > a).

    Directions are products of a few independent random frames, any two of which are
    independent. Each projection is put into the bin between its knots once, and sums
    over bins give all hinges: n_samples * n_projections * n_features operations,
    however many knots there are, and no more memory than the features take.

    References
    ----------
    .. [1] Itay Safran, Ronen Eldan and Ohad Shamir (2019). Depth Separations in Neural
       Networks: What is Actually Being Separated? arXiv:1904.06984.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.features import RadialFeatures
    >>> X = np.random.default_rng(0).standard_normal((100, 5))
    >>> limit = RadialFeatures(n_knots=8).fit(X)
    >>> network = RadialFeatures(1000, n_knots=8, random_state=0).fit(X)
    >>> print(f"{abs(network.transform(X) - limit.transform(X)).max():.3f}")
    0.028
    """

    _parameter_constraints: dict = {
        "n_projections": [POSITIVE_INTEGER, None],
        "n_knots": [POSITIVE_INTEGER],
        "center": [StrOptions({"median", "mean", "origin"}), "array-like"],
        "random_state": RANDOM_STATE,
    }

    def __init__(
        self, n_projections=None, *, n_knots=40, center="median", random_state=None
    ):
        self.n_projections = n_projections
        self.n_knots = n_knots
        self.center = center
        self.random_state = random_state

    def _measured(self, samples):
        n_projections = self.n_projections or 0
        check_numbers(
            self.n_knots * min(self.n_knots, len(samples))  # a head's matrix
            + 2 * n_projections * samples.n_features,
            what=f"n_knots={self.n_knots:,} on {n_projections:,} directions",
            way_out="Lower n_knots or n_projections.",
        )
        with one_blas_thread():
            center = find_center(self.center, samples)
            directions = self._draw_directions(samples.X)
        radii = distances(samples.X, center)
        return {
            "center_": center,
            "directions_": directions,
            "knots_": self._place_knots(radii, samples),
            "radii_": weighted_quantile(radii, _TANGENT_SHARES, samples.weight),
            "extremes_": np.array([radii.min(), radii.max()]),
        }

    def _draw_directions(self, X):
        if self.n_projections is None:
            return None
        rng = check_generator(self.random_state)
        directions = orthonormal_blocks(self.n_projections, X.shape[1], rng)
        return directions.astype(X.dtype, copy=False)

    def _place_knots(self, radii, samples):
        outer = weighted_quantile(radii, _OUTER_SHARE, samples.weight)
        median = weighted_median(radii, samples.weight)
        if median > 0:
            outer = min(outer, _MEDIANS * median)
        if outer == 0:
            outer = radii.max() or 1.0  # all samples at the centre: any knots will do
        share = min(_STANDARD_DEVIATIONS / np.sqrt(samples.n_features), 1)
        return np.arange(self.n_knots) * (share * outer / self.n_knots)

    def _map(self, X):
        """``transform`` of validated X."""
        if self.directions_ is None:
            hinges = self._at_radii(distances(X, self.center_))
            return hinges.astype(X.dtype, copy=False)
        X = self._drawn_in(X)
        return direction_means(X, self.center_, self.directions_, self.knots_)

    def _drawn_in(self, X):
        """Samples beyond the outermost one of training, at its distance."""
        outer = self.extremes_[1]
        beyond = distances(X, self.center_) > outer
        if beyond.any():
            X, away = X.copy(), X[beyond] - self.center_
            away /= np.abs(away).max(axis=1, keepdims=True)  # squares may overflow
            away *= outer / np.linalg.norm(away, axis=1, keepdims=True)
            X[beyond] = self.center_ + away
        return X

    def _at_radii(self, radii):
        """The features' means over the spheres of these radii about the centre."""
        n_features = self.n_features_in_
        if self.directions_ is not None:
            radii = np.minimum(radii, self.extremes_[1])
            return mean_hinges(radii, self.knots_, n_features)
        radii = np.clip(radii, *self.extremes_)
        inside = np.clip(radii, *self.radii_)
        hinges = mean_hinges(inside, self.knots_, n_features)
        slopes = mean_hinge_slopes(self.radii_, self.knots_, n_features)
        for slope, beyond in zip(slopes, (radii < inside, radii > inside), strict=True):
            hinges[beyond] += (radii - inside)[beyond, None] * slope
        return hinges

    def _reaching(self, low, high):
        """The same map with other extreme radii."""
        made = copy(self)
        made.extremes_ = np.array([low, high])
        return made

    @property
    def _direction_error(self):
        """What share of the features is due to the draw of directions, in order."""
        return 0.0 if self.directions_ is None else len(self.directions_) ** -0.5

    @property
    def _n_features_out(self):
        return len(self.knots_)
