"""Ridge regression on Hermite polynomials."""

from copy import copy
from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor, ridge_attributes
from sklearn_depth._hermite._sums import measure_blocks, no_rows, sum_blocks, sums_of
from sklearn_depth._math._mehler import hermite_degree_sums
from sklearn_depth._math._moments import common_constants
from sklearn_depth._math._tolerances import CONSTANT, FEW_ROWS
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import settled
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import GRID_FLOOR, check_finite
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._dask import DaskRows, is_dask
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._sklearn import (
    Interval,
    StrOptions,
    fit_context,
    store_fit,
)
from sklearn_depth.utils._validation import (
    check_output,
    columns_of,
    held_columns,
    validate_new_data,
    validate_samples,
)

# More products than this are not listed where the rows' kernel does without them.
_MOST_LISTED = 100_000
# Gram matrices' worth of memory that it takes to make one and solve.
_GRAMS = 6
# Rows of a Dask array that show where outliers begin.
_SAMPLE = 20_000


def _keeps_sums(model):
    """Whether the model can take rows in batches."""
    if model.solver == "dual":
        raise AttributeError(
            'partial_fit keeps sums over rows, which solver="dual" does not use. Set '
            'solver="auto" or "primal".'
        )
    if model.alpha == "loo":
        raise AttributeError(
            'partial_fit keeps sums over rows, and alpha="loo" needs the rows. Set '
            'alpha="auto" or "gcv".'
        )
    return True


class HermitePolynomialRegressor(FeatureMapRegressor):
    r"""Polynomial regression in an orthonormal Hermite basis.

    .. math:: f(x) = c_0 + \sum_{1 \le \|\alpha\| \le D} c_\alpha h_\alpha(z(x))

    The coefficients minimise
    :math:`\sum_i s_i (f(x_i) - y_i)^2 + \alpha \sum_\alpha c_\alpha^2` with sample
    weights s.

    Parameters
    ----------
    degree : int, default=3
        Largest degree D.
    truncation : {"total", "hyperbolic"}, default="total"
        Which multi-indices are kept; see
        :class:`~sklearn_depth.features.HermiteFeatures`.
    max_interaction : int or None, default=None
        Most columns that one product may join; None sets no limit.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        What z is: standardised columns, those on the sphere of radius
        sqrt(n_features), or x itself.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty; a word takes the best of a grid, for each target on its own: "loo" by
        exact leave-one-out, "gcv" by generalised cross-validation, which needs sums
        over rows alone, and "auto" by "loo" with up to ten rows a product and by "gcv"
        beyond, or where rows come in batches.
    solver : {"auto", "primal", "dual"}, default="auto"
        Whether to solve for coefficients or for weights of the rows: two ways to the
        same fit. "auto" takes the smaller system.

    Attributes
    ----------
    features_ : HermiteFeatures
        The fitted basis; its ``powers_`` are the multi-indices of ``coef_``.
    coef_ : ndarray of shape (n_products,) or (n_targets, n_products)
        Coefficients. Where the dual meets more than 100 000 products of total degree
        they are not listed, and neither ``coef_`` nor ``features_.powers_`` exist.
    dual_coef_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Weights of the training rows, only where products are not listed.
    X_fit_ : ndarray of shape (n_samples, n_features)
        The training rows, scaled, only where products are not listed.
    intercept_ : float or ndarray of shape (n_targets,)
        Constant term c_0.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.HermiteFeatures : The basis as a transformer.
    sklearn_depth.TwoLayerGDRegressor : For targets that few directions explain.

    Notes
    -----
    Theorem 1.1 and Corollary 1.2 of [1]_: on the sphere, a random network of constant
    depth and large width is close to a polynomial of constant degree, so polynomial
    regression learns it in polynomial time. With depth i and activations whose Hermite
    series is cut at degree n, that degree is n^(i-1). The theorem's inputs are
    ``scaling="sphere"``.

    With more than ten rows a product, or a given ``alpha``, the fit keeps a block of
    features for each thread and one Gram matrix; with fewer rows than products, the
    kernel matrix of the rows; in between, all features. The kernel of all products of a
    total degree needs no product (:func:`~sklearn_depth.kernels.hermite_kernel`), so
    that a thousand columns are as feasible as ten. Up to total degree 5 the Gram matrix
    itself is made from sums that are fewer than its entries, of products h_a h_b that
    name each multi-index a + b once; with ``scaling=None`` it is summed as it is, since
    far from the origin those sums would lose digits.

    ``partial_fit`` takes rows in batches, ``merge`` puts fits of parts together, and
    ``fit`` sums the blocks of a Dask array where they lie. All keep such sums alone,
    which ``solver="dual"`` has no use for, and choose penalties by GCV. Each gives the
    fit of all rows at once, up to the scaling of columns: of a Dask array it is that of
    all rows, but for entries beyond ten robust deviations, which a sample measures; in
    ``partial_fit`` that of the first batch.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508.

    Examples
    --------
    >>> from sklearn_depth import HermitePolynomialRegressor
    >>> from sklearn_depth.datasets import make_multi_index
    >>> X, y = make_multi_index(
    ...     500, n_features=5, n_directions=5, link="polynomial", random_state=0)
    >>> model = HermitePolynomialRegressor(degree=3).fit(X, y)
    >>> model.coef_.shape
    (55,)
    >>> round(model.score(X, y), 4)
    1.0
    """

    _parameter_constraints: dict = {
        **HermiteFeatures._parameter_constraints,
        "alpha": [
            StrOptions({"auto", "gcv", "loo"}),
            Interval(Real, 0, None, closed="left"),
        ],
        "solver": [StrOptions({"auto", "primal", "dual"})],
    }

    def __init__(
        self,
        degree=3,
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
        alpha="auto",
        solver="auto",
    ):
        self.degree = degree
        self.truncation = truncation
        self.max_interaction = max_interaction
        self.scaling = scaling
        self.alpha = alpha
        self.solver = solver

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the coefficients.

        Parameters
        ----------
        X : array-like or Dask array of shape (n_samples, n_features)
            Training data. Blocks of a Dask array are summed where they lie, and y and
            sample_weight may be Dask arrays too.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : HermitePolynomialRegressor
            The fitted estimator.

        Raises
        ------
        MemoryError
            Before anything is allocated, if the products, or the kernel matrix of the
            rows, do not fit into memory.
        ValueError
            If the features or targets overflow, or a Dask array meets
            ``solver="dual"`` or ``alpha="loo"``.
        TypeError
            If X is a Dask collection other than an array.
        """
        if is_dask(X):
            return self._fit_dask(X, y, sample_weight)
        samples, seen = validate_samples(self, X, y, sample_weight)
        samples = samples.merged()
        features = self._basis()
        n_samples, n_products = len(samples), features._count(samples.n_features)
        dual = self.solver == "dual" or (
            self.solver == "auto" and n_samples <= n_products
        )
        alpha = settled(self.alpha, samples.n_rows, n_products, FEW_ROWS)
        if dual and features._is_total(samples.n_features):
            found = self._fit_kernel(features, samples, seen, alpha)
            return store_fit(self, seen | found)
        # All features, their singular vectors and work space; or Gram matrices.
        n_held = 3 * n_samples if dual or alpha == "loo" else 0
        n_held = n_held if dual else max(n_held, _GRAMS * n_products)
        features._check_memory(n_products, n_held)
        features._fit_samples(samples, columns_of(seen))
        with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
            head = solve_ridge(
                features._map,
                samples,
                alpha,
                n_columns=n_products,
                dual=dual,
                moments=partial(no_rows, features),
            )
        found = ridge_attributes(head, samples.X.dtype, samples.target_shape)
        return store_fit(self, seen | found | {"features_": features})

    @available_if(_keeps_sums)
    @fit_context
    def partial_fit(self, X, y, sample_weight=None):
        """Add a batch of rows and fit the coefficients to all rows seen so far.

        Each call solves anew, at a cost that the number of products sets: batches
        should have more rows than there are products, where they can.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data. The first batch sets the scaling: make it a fair sample, or
            set ``scaling=None``.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : HermitePolynomialRegressor
            The fitted estimator.

        Raises
        ------
        MemoryError
            If the Gram matrix of the products does not fit into memory.
        ValueError
            If the features or targets overflow or change in number.
        """
        first = not hasattr(self, "_moments_")
        samples, seen = validate_samples(
            self, X, y, sample_weight, reset=first, min_samples=1
        )
        samples = samples.merged()
        features = self._basis() if first else self.features_
        if first:
            n_products = features._count(samples.n_features)
            features._check_memory(n_products, _GRAMS * n_products)
            features._fit_samples(samples, columns_of(seen))
            moments = no_rows(features, samples.n_targets)
        else:
            self._check_basis(features, "the sums so far")
            self._check_targets(samples)
            features._warn_of_outliers(samples.X)
            moments = self._moments_
        batch = sums_of(moments.empty(), features._map, samples)
        check_finite(batch.gram, batch.cross)
        found = self._solve_moments(
            moments.merge(batch), samples.X.dtype, samples.target_shape
        )
        features = features._with_columns(columns_of(seen))
        return store_fit(self, seen | found | {"features_": features})

    @available_if(_keeps_sums)
    def merge(self, other):
        """Add the rows that another regressor has seen in ``partial_fit``.

        Parts of the data, fitted apart in threads, processes or on other machines,
        merge into the fit of all rows. Their scaling must be one: scale the columns
        beforehand and set ``scaling=None``.

        Parameters
        ----------
        other : HermitePolynomialRegressor
            Fitted by ``partial_fit``; it does not change.

        Returns
        -------
        self : HermitePolynomialRegressor
            The estimator, fitted to the rows of both.

        Raises
        ------
        ValueError
            If one of the two was not fitted by ``partial_fit``, or they differ in
            their products, feature names, scaling or number of targets.
        """
        for model in self, other:
            if not hasattr(model, "_moments_"):
                raise ValueError(
                    "merge adds the sums that partial_fit keeps, and one of the "
                    "regressors has none. Fit both with partial_fit."
                )
        ours, theirs = self.features_, other.features_
        names, others = (getattr(m, "feature_names_in_", None) for m in (self, other))
        if not np.array_equal(names, others):
            raise ValueError(
                f"The feature names are {names} here and {others} in the other "
                "regressor: merge needs the same columns in the same order."
            )
        self._check_basis(ours, "the sums so far")
        self._check_basis(theirs, "the other regressor")
        if self.coef_.shape != other.coef_.shape:
            raise ValueError(
                f"coef_ has shape {self.coef_.shape} here and {other.coef_.shape} in "
                "the other regressor: both must have as many columns and targets."
            )
        if (ours.mean_ != theirs.mean_).any() or (ours.scale_ != theirs.scale_).any():
            raise ValueError(
                "The regressors scale their columns differently: their products are "
                "not the same. Scale the columns beforehand and set scaling=None."
            )
        moments = self._moments_.merge(other._moments_)
        found = self._solve_moments(
            moments, self.coef_.dtype, np.shape(self.intercept_)
        )
        held = [model._held_columns_ for model in (self, other)]
        both = all(values is not None for values in held)
        held = held_columns(common_constants(*held) if both else None)
        found |= held | {"features_": ours._with_columns(held)}
        return store_fit(self, vars(self) | found)

    def predict(self, X):
        """Predict with the polynomial.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions, in the float type of X.
        """
        check_is_fitted(self)
        if not hasattr(self, "dual_coef_"):
            return super().predict(X)
        X, features = validate_new_data(self, X), self.features_
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            blocks = [
                self._kernel(features._scale(X[rows]), self.X_fit_, features.degree)
                @ self.dual_coef_
                for rows in row_blocks(len(X), len(self.X_fit_))
            ]
            y_pred = np.concatenate(blocks) + self.intercept_
        return check_output(y_pred.astype(X.dtype, copy=False), X)

    def sobol_indices(self):
        r"""Compute how much of the variance each column explains.

        .. math:: S_j = \frac{\sum_{\alpha: \alpha_k = 0 \,\forall k \ne j}
            c_\alpha^2}{\sum_\alpha c_\alpha^2}, \qquad
            T_j = \frac{\sum_{\alpha: \alpha_j > 0} c_\alpha^2}
            {\sum_\alpha c_\alpha^2}

        These are the indices of the fitted polynomial under independent standard normal
        z (Sudret 2008), so they are those of the target if columns are Gaussian and
        independent and the fit is good.

        Returns
        -------
        indices : Bunch
            ``first_order``, the share of each column alone, and ``total``, with all its
            interactions; of shape (n_features,) or (n_targets, n_features). NaN where
            the fit is constant.

        Raises
        ------
        AttributeError
            If there are too many products to list their coefficients.
        """
        check_is_fitted(self)
        if not hasattr(self, "coef_"):
            raise AttributeError(
                f"{self.features_.n_output_features_:,} products are too many to list "
                'their coefficients. Lower degree or set truncation="hyperbolic".'
            )
        involved = self.features_.powers_ > 0
        alone = involved & (involved.sum(axis=1, keepdims=True) == 1)
        share = self.coef_.astype(np.float64) ** 2
        total = share.sum(axis=-1, keepdims=True)
        level = CONSTANT * np.reshape(np.abs(self.intercept_), total.shape)
        share = np.divide(
            share, total, out=np.full_like(share, np.nan), where=total > level**2
        )
        return Bunch(first_order=share @ alone, total=share @ involved)

    def _basis(self):
        return HermiteFeatures(
            degree=self.degree,
            truncation=self.truncation,
            max_interaction=self.max_interaction,
            scaling=self.scaling,
        )

    def _check_basis(self, features, whose):
        """Refuse to add rows of other products than the parameters say."""
        theirs, ours = features.get_params(), self._basis().get_params()
        for name, value in ours.items():
            if theirs[name] != value:
                raise ValueError(
                    f"{name} is {value!r}, but {theirs[name]!r} in {whose}: sums of "
                    "different products do not add up. Call fit to begin anew."
                )

    def _check_targets(self, samples):
        """Refuse rows with another number of targets than those before."""
        if samples.target_shape != np.shape(self.intercept_):
            shape = (len(samples), *samples.target_shape)
            raise ValueError(
                f"y has shape {shape}, but coef_ has shape {self.coef_.shape}: every "
                "batch must have as many targets. Call fit to begin anew."
            )

    def _solve_moments(self, moments, dtype, target_shape):
        """Solve for the coefficients from sums alone."""
        floor = float(np.finfo(dtype).eps)
        head = moments.solve(self.alpha, alpha_floor=floor)
        return ridge_attributes(head, dtype, target_shape) | {"_moments_": moments}

    def _fit_dask(self, X, y, sample_weight):
        """Fit from sums over the blocks; a sample says only what is an outlier."""
        if self.solver == "dual" or self.alpha == "loo":
            name = 'solver="dual"' if self.solver == "dual" else 'alpha="loo"'
            raise ValueError(
                f"{name} needs all rows at once, which a Dask array does not bring "
                'together. Set solver="auto" or "primal" and alpha="auto" or "gcv".'
            )
        rows = DaskRows(X, y, sample_weight)
        samples, seen = validate_samples(self, *rows.sample(_SAMPLE))
        model = copy(self)
        vars(model).update(seen)
        features = self._basis()
        n_products = features._count(samples.n_features)
        features._check_memory(n_products, _GRAMS * n_products)
        features._fit_samples(samples, columns_of(seen))
        if self.scaling is not None:
            measure_blocks(model, rows, features, samples)
        empty = partial(no_rows, features, samples.n_targets)
        moments, constants = sum_blocks(model, rows, empty, features._map)
        found = self._solve_moments(moments, samples.X.dtype, samples.target_shape)
        seen |= held_columns(constants)
        features = features._with_columns(columns_of(seen))
        return store_fit(self, seen | found | {"features_": features})

    def _fit_kernel(self, features, samples, seen, alpha):
        """Fit by the kernel of all products, none of which is made."""
        check_memory(
            len(samples),
            8 * (self.degree + 6) * len(samples) ** 2,
            what=f"The kernel matrix of {len(samples):,} rows",
            way_out='Fit on fewer rows, or use solver="primal".',
        )
        features._fit_scales(samples, columns_of(seen))
        dtype, target_shape = samples.X.dtype, samples.target_shape
        z = features._scale(samples.X).astype(np.float64, copy=False)
        head = solve_kernel_ridge(
            self._kernel(z, z, self.degree),
            samples,
            alpha,
            fit_intercept=True,
            alpha_floor=max(float(np.finfo(dtype).eps), GRID_FLOOR),  # as the primal
        )
        listed = features.n_output_features_ <= _MOST_LISTED
        coef = head.dual
        if listed:
            features._list_products()
            coef = sum(
                features._map(samples.X[rows]).T @ head.dual[rows]
                for rows in row_blocks(len(samples), features.n_output_features_)
            )
        found = ridge_attributes(
            RidgeHead(coef, head.intercept, head.alpha), dtype, target_shape
        )
        if not listed:
            found |= {"X_fit_": z, "dual_coef_": found.pop("coef_").T}
        return found | {"features_": features}

    @staticmethod
    def _kernel(x, z, degree):
        return hermite_degree_sums(x.astype(np.float64, copy=False), z, degree)
