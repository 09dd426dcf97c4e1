"""Regression on radial functions by a network with one hidden layer."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor, ridge_attributes
from sklearn_depth._radial._net import RadialNet, check_radii
from sklearn_depth._solvers.radial._sums import RadialSums
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._orthogonal import solve_orthogonal_ridge
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._dask import DaskRows
from sklearn_depth.utils._sklearn import StrOptions, store_fit
from sklearn_depth.utils._streams import BatchMixin, sum_blocks
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import columns_of, validate_samples


class Profile(NamedTuple):
    """A learned function of the radius.

    Attributes
    ----------
    value : ndarray of shape (n_radii,) or (n_radii, n_targets)
        Its values.
    standard_error : ndarray of shape (n_radii,) or (n_radii, n_targets)
        Their standard errors.
    """

    value: NDArray
    standard_error: NDArray


def _check_sums_suffice(alpha, error):
    if is_word(alpha, "loo"):
        raise error(
            'alpha="loo" needs the features of all samples at once, and only sums over '
            'them are kept. Set alpha="gcv" or a number.'
        )


class RadialTwoLayerRegressor(RadialNet, BatchMixin, FeatureMapRegressor):
    r"""Functions of the distance from a centre, by a ReLU network of depth two.

    .. math:: f(x) = b + \sum_{k} \frac{a_k}{m} \sum_{j=1}^m
              \big(|\langle w_j, x - c\rangle| - t_k\big)_+

    with directions :math:`w_j` that look at nothing but a seed, knots :math:`t_k`, and
    outer weights a that all directions share. These minimise
    :math:`\sum_i s_i (f(x_i) - y_i)^2 + \alpha \sum_k (\sigma_k a_k)^2` with sample
    weights s and the standard deviation :math:`\sigma_k` of the k-th feature, or
    :math:`m^{-1/2}` of the largest deviation where that is more. Samples further out
    than all training samples count as the point on the way to c that is as far as the
    last.

    Parameters
    ----------
    n_projections : int or None, default=None
        Number of directions m that X is projected on. None is the limit of infinitely
        many, which is exact and quick, and plainly a one-dimensional regression on
        :math:`\|x - c\|`; a number is an explicit network of depth two.
    n_knots : int, default=40
        Number of knots.
    center : {"median", "mean", "origin", "learn"} or array-like, default="median"
        The centre c: the geometric median of the samples, their mean, zero, one's own,
        of shape (n_features,), or "learn": the point whose distance explains y best,
        for targets that are radial about another point than the data, the same for all.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty; the words take the best of a grid, for each target on its own: "loo" by
        the exact leave-one-out error, which holds the features of all samples at once,
        "gcv" by generalised cross-validation, which approximates it, and "auto" by the
        former with up to a hundred distinct samples a knot, else by the latter.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the directions.

    Attributes
    ----------
    features_ : RadialFeatures
        The fitted map, with ``center_``, ``knots_`` and ``directions_``.
    coef_ : ndarray of shape (n_knots,) or (n_targets, n_knots)
        Outer weights a, in float64.
    intercept_ : float or ndarray of shape (n_targets,)
        Constant term b.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.RadialFeatures : The features as a transformer.
    sklearn_depth.constructions.approximate_radial : Outer weights for a given function.
    sklearn_depth.metrics.radialness_score : How much a radial function can explain.
    sklearn_depth.FixedHiddenSigmoidRegressor : Radial targets and others.

    Notes
    -----
    What separates depth two from depth three is not being radial: one hidden layer of
    width poly(d) approximates every 1-Lipschitz radial function on the unit ball to a
    fixed accuracy (Theorem 1 of [1]_), and of width poly(1/eps) to every accuracy eps
    in a fixed dimension (Theorem 2), while for both at once it can need a width
    exponential in d (Theorems 4 and 5). The paper's networks have weights by
    construction; here ridge regression finds them.

    With m directions the squared error has a part of order 1/m where the function is
    smooth and m^(-1/2) where it has kinks, nearly whatever d is, if radii vary: on
    N(0, I) in many dimensions, whose radii hardly do, it stays large. The limit of
    infinite width has none of it, and can therefore use differences of features that
    are ten digits below their size: the head is solved by an orthogonal factorisation
    of the features of samples, in blocks, never from a Gram matrix.

    Factors of parts of the samples, (n_knots + n_targets + 1)^2 numbers, merge, so that
    ``partial_fit`` takes batches, about a ``center`` that is an array or "origin"; it
    begins anew after ``fit`` to samples in memory, which keeps no factor. ``fit`` takes
    Dask collections in two passes: the first draws 20 000 samples, or all if fewer,
    which show the centre and place the knots; the second sums. ``center="mean"`` takes
    one more for the mean of all samples. "auto" is then "gcv".

    References
    ----------
    .. [1] Itay Safran, Ronen Eldan and Ohad Shamir (2019). Depth Separations in Neural
       Networks: What is Actually Being Separated? arXiv:1904.06984.
    .. [2] Grace Wahba (1983). Bayesian "confidence intervals" for the cross-validated
       smoothing spline. J. R. Stat. Soc. B 45(1), 133-150.

    Examples
    --------
    >>> from sklearn_depth import RadialTwoLayerRegressor
    >>> from sklearn_depth.datasets import make_radial
    >>> X, y, truth = make_radial(
    ...     2000, 50, profile="sine", return_truth=True, random_state=0
    ... )
    >>> model = RadialTwoLayerRegressor().fit(X, y)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> round(model.score(X_new, y_new), 3)
    1.0
    >>> model.profile([0.5, 1.0]).value.round(2)
    array([1.  , 0.14])
    """

    _parameter_constraints: dict = {
        **RadialNet._parameter_constraints,
        "alpha": [StrOptions({"auto", "loo", "gcv"}), NON_NEGATIVE],
    }

    def __init__(
        self,
        n_projections=None,
        *,
        n_knots=40,
        center="median",
        alpha="auto",
        random_state=None,
    ):
        self.n_projections = n_projections
        self.n_knots = n_knots
        self.center = center
        self.alpha = alpha
        self.random_state = random_state

    def _head(self, features, samples):
        found = solve_orthogonal_ridge(
            features._map,
            samples,
            self.alpha,
            n_columns=self.n_knots,
            least_scale=features._direction_error,
        )
        return _attributes(features, *found, samples.target_shape)

    def _check_batches(self):
        if isinstance(self.center, str) and self.center != "origin":
            raise AttributeError(
                f"partial_fit cannot move its centre later, and center={self.center!r} "
                'needs all samples. Give an array, or set center="origin".'
            )
        _check_sums_suffice(self.alpha, AttributeError)

    def _add(self, samples, seen, first):
        if first:
            features = self._fit_map(self.center, samples, seen)
            sums = RadialSums.empty(self.n_knots, samples.n_targets)
        else:
            features, sums = self.features_, self._sums_
        sums = _with_rows(features, sums, samples)
        return self._solve_sums(sums, features, seen, samples.target_shape)

    def _fit_dask(self, X, y, sample_weight):
        """A pass for a subsample, one for a centre that is the mean, one for sums."""
        _check_sums_suffice(self.alpha, ValueError)
        rows = DaskRows(X, y, sample_weight)
        samples, seen = validate_samples(self, *rows.sample())
        if isinstance(self.center, str) and self.center == "mean":
            empty = partial(RidgeMoments, samples.n_features, samples.n_targets)
            moments, _ = sum_blocks(self, rows, seen, empty, RidgeMoments.update)
            center = moments.feature_mean
        else:
            center = self._find_center(samples.merged())
        features = self._fit_map(center, samples, seen)
        empty = partial(RadialSums.empty, self.n_knots, samples.n_targets)
        update = partial(_with_rows, features)
        sums, seen = sum_blocks(self, rows, seen, empty, update)
        return self._solve_sums(sums, features, seen, samples.target_shape)

    def _solve_sums(self, sums, features, seen, target_shape):
        """Fit to sums alone, and remember them."""
        features = features._with_columns(columns_of(seen))._reaching(*sums.extremes)
        with one_blas_thread():
            found = sums.features.solve(
                "gcv" if is_word(self.alpha, "auto") else self.alpha,
                features._direction_error,
            )
        fitted = _attributes(features, *found, target_shape)
        return store_fit(self, seen | fitted | {"_sums_": sums})

    def profile(self, radii):
        r"""Evaluate the learned function of the radius.

        It is the mean of the network over the sphere of that radius about the centre,
        and the network itself in the limit of infinite width.

        Parameters
        ----------
        radii : array-like of shape (n_radii,)
            Distances from ``features_.center_``, not negative, in units of X. Those
            beyond the training samples count as the outermost of these.

        Returns
        -------
        value : ndarray of shape (n_radii,) or (n_radii, n_targets)
            The function's values.
        standard_error : ndarray of shape (n_radii,) or (n_radii, n_targets)
            Their standard errors: posterior standard deviations under the Gaussian
            prior whose mean the ridge head is, with the noise that the residuals show.
            These count the bias of the penalty in: in the limit of infinite width,
            intervals of two standard errors cover a smooth function at about 95 % of
            the radii, on average over data sets (Wahba); less at kinks, and with few
            directions, whose own error they leave out. Samples of equal X count as one;
            infinite where the fit leaves no degree of freedom.

        Raises
        ------
        ValueError
            If a radius is negative or not finite.
        """
        check_is_fitted(self)
        radii = check_radii(radii)
        hinges = self.features_._at_radii(radii)
        error = self._posterior_.deviation(hinges)
        value = hinges @ self.coef_.T + self.intercept_
        return Profile(value, error.reshape(value.shape))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # on targets that are not radial
        return tags


def _with_rows(features, sums, samples):
    """The sums with further samples, which may lie further out than those before."""
    transform = features._reaching(0.0, np.inf)._map
    return sums.update(transform, features.center_, samples.merged())


def _attributes(features, head, posterior, target_shape):
    """The fitted attributes, in float64: outer weights of many digits cancel."""
    fitted = ridge_attributes(head, np.float64, target_shape)
    return fitted | {"features_": features, "_posterior_": posterior}
