"""Regression on radial functions by a network with one hidden layer."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted

from sklearn_depth._base import FeatureMapRegressor
from sklearn_depth._solvers._center import learn_center
from sklearn_depth._solvers._orthogonal_ridge import solve_orthogonal_ridge
from sklearn_depth.features import RadialFeatures
from sklearn_depth.features._direction_means import network_weights
from sklearn_depth.utils._center import find_center
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import as_columns, validate_training_data


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


def _is_finite(model):
    """Whether the network has, or will have, a finite number of units."""
    fitted = getattr(model, "features_", None)
    if (model.n_directions if fitted is None else fitted.directions_) is None:
        raise AttributeError(
            "as_network needs a network of finite width; n_directions=None is the "
            "limit of infinite width. Set n_directions, to 10000 say, and fit again."
        )
    return True


class RadialTwoLayerRegressor(FeatureMapRegressor):
    r"""Functions of the distance from a centre, by a ReLU network of depth two.

    .. math:: f(x) = b + \sum_{k} \frac{a_k}{m} \sum_{j=1}^m
              \big(|\langle w_j, x - c\rangle| - t_k\big)_+

    with directions :math:`w_j` that look at nothing but a seed, knots :math:`t_k`, and
    outer weights a that all directions share. These minimise
    :math:`\sum_i s_i (f(x_i) - y_i)^2 + \alpha \sum_k (\sigma_k a_k)^2` with sample
    weights s and the standard deviation :math:`\sigma_k` of the k-th feature.

    Parameters
    ----------
    n_directions : int or None, default=None
        Number of directions m. None is the limit of infinitely many, which is exact
        and quick, and plainly a one-dimensional regression on :math:`\|x - c\|`; a
        number is an explicit network of depth two.
    n_knots : int, default=40
        Number of knots.
    center : {"median", "mean", "origin", "learn"} or array-like, default="median"
        The centre c: the geometric median of the rows, their mean, zero, one's own, of
        shape (n_features,), or "learn": the point whose distance explains y best, for
        targets that are radial about another point than the data, the same for all.
    alpha : "gcv" or float, default="gcv"
        Penalty; "gcv" takes the best of a grid, for each target on its own: by
        generalised cross-validation with more than a hundred rows a knot, else by the
        exact leave-one-out that it approximates.
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
    of the rows, in blocks, never from a Gram matrix.

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
        **RadialFeatures._parameter_constraints,
        "center": [StrOptions({"median", "mean", "origin", "learn"}), "array-like"],
        "alpha": [StrOptions({"gcv"}), Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        n_directions=None,
        *,
        n_knots=40,
        center="median",
        alpha="gcv",
        random_state=None,
    ):
        self.n_directions = n_directions
        self.n_knots = n_knots
        self.center = center
        self.alpha = alpha
        self.random_state = random_state

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the outer weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : RadialTwoLayerRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``center`` is an array of another length than X has columns, or X or y
            are so large that their squares overflow.
        """
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        targets = as_columns(y).astype(np.float64, copy=False)
        self.features_ = RadialFeatures(
            self.n_directions,
            n_knots=self.n_knots,
            center=self._find_center(X, targets, sample_weight),
            random_state=self.random_state,
        ).fit(X, sample_weight=sample_weight)
        head, self._posterior = solve_orthogonal_ridge(
            self.features_._map,
            X,
            targets,
            sample_weight,
            self.alpha,
            n_columns=self.n_knots,
        )
        # In float64: outer weights of many digits cancel.
        self._store_ridge(head, y.astype(np.float64))
        return self

    def _find_center(self, X, targets, sample_weight):
        if not (isinstance(self.center, str) and self.center == "learn"):
            return self.center
        with one_blas_thread():
            start = find_center("median", X, sample_weight)
            return learn_center(X, targets, sample_weight, start)

    def profile(self, radii):
        r"""Evaluate the learned function of the radius.

        It is the mean of the network over the sphere of that radius about the centre,
        and the network itself in the limit of infinite width.

        Parameters
        ----------
        radii : array-like of shape (n_radii,)
            Distances from ``features_.center_``, not negative, in units of X. In the
            limit of infinite width those beyond the training rows count as the
            outermost of these.

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
            directions, whose own error they leave out. Infinite where the fit leaves
            no degree of freedom.

        Raises
        ------
        ValueError
            If a radius is negative or not finite.
        """
        check_is_fitted(self)
        radii = check_array(
            radii, ensure_2d=False, dtype=np.float64, input_name="radii"
        )
        if radii.ndim != 1 or radii.min() < 0:
            raise ValueError(
                f"radii must be one-dimensional and not negative; got the shape "
                f"{radii.shape} and the minimum {radii.min()}."
            )
        hinges = self.features_._at_radii(radii)
        error = self._posterior.deviation(hinges)
        value = hinges @ self.coef_.T + self.intercept_
        return Profile(value, error.reshape(value.shape))

    @available_if(_is_finite)
    def as_network(self):
        r"""Write the model as an explicit network with one hidden layer.

        .. math:: f(x) = \sum_i a_i\, \mathrm{relu}(\langle W_i, x\rangle + b_i)

        Two units, for both signs, stand for a direction and a knot; the last unit is
        constant, for the intercept.

        Returns
        -------
        W : ndarray of shape (n_hidden, n_features)
            Hidden weights, ``n_hidden = 2 * n_directions * n_knots + 1``.
        b : ndarray of shape (n_hidden,)
            Hidden biases.
        a : ndarray of shape (n_hidden,) or (n_hidden, n_targets)
            Outer weights.

        Raises
        ------
        MemoryError
            If the weights do not fit into memory.
        """
        check_is_fitted(self)
        found = self.features_
        return network_weights(
            found.directions_,
            found.knots_,
            self.coef_.T,
            self.intercept_,
            found.center_,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # on targets that are not radial
        return tags
