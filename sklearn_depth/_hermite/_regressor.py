"""Ridge regression on Hermite polynomials."""

from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor
from sklearn_depth._hermite._sums import (
    add_rows,
    measure_blocks,
    no_rows,
    sum_blocks,
)
from sklearn_depth._math._mehler import hermite_degree_sums
from sklearn_depth._solvers._kernel_ridge import solve_kernel_ridge
from sklearn_depth._solvers._ridge import (
    FEW_ROWS,
    RidgeHead,
    check_finite,
    solve_ridge,
)
from sklearn_depth._solvers._spectrum import effective_samples
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._dask import DaskRows, is_dask
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import (
    as_columns,
    validate_new_data,
    validate_training_data,
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
    alpha : "gcv" or float, default="gcv"
        Penalty; "gcv" takes the best of a grid, for each target on its own: by
        generalised cross-validation with more than ten rows a product, else by the
        exact leave-one-out that it approximates.
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
        "alpha": [StrOptions({"gcv"}), Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"auto", "primal", "dual"})],
    }

    def __init__(
        self,
        degree=3,
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
        alpha="gcv",
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
            ``solver="dual"``.
        TypeError
            If X is a Dask collection other than an array.
        """
        if is_dask(X):
            return self._fit_dask(X, y, sample_weight)
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        self._forget()
        features = self._basis()
        n_products = features._count(X.shape[1])
        n_rows = effective_samples(len(X), sample_weight)
        small = n_rows <= n_products or len(X) <= n_products > _MOST_LISTED
        dual = self.solver == "dual" or (self.solver == "auto" and small)
        if dual and features._is_total(X.shape[1]):
            return self._fit_kernel(features, X, y, sample_weight)
        # All features, their singular vectors and work space; or Gram matrices.
        n_held = 3 * len(X) if dual or n_rows <= FEW_ROWS * n_products else 0
        n_held = n_held if dual else max(n_held, _GRAMS * n_products)
        features._check_memory(n_products, n_held)
        self.features_ = features.fit(X, sample_weight=sample_weight)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
            head = solve_ridge(
                self.features_._map,
                X,
                as_columns(y),
                sample_weight,
                self.alpha,
                n_columns=n_products,
                dual=dual,
                moments=partial(no_rows, self.features_),
            )
        self._store_ridge(head, y)
        return self

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
        first = not hasattr(self, "_moments")
        X, y, sample_weight = validate_training_data(
            self, X, y, sample_weight, reset=first, min_samples=1
        )
        n_targets = as_columns(y).shape[1]
        features = self._basis() if first else self.features_
        if first:
            n_products = features._count(X.shape[1])
            features._check_memory(n_products, _GRAMS * n_products)
            features.fit(X, sample_weight=sample_weight)
            moments = no_rows(features, n_targets)
        elif y.ndim != self.coef_.ndim or n_targets != self._moments.n_targets:
            raise ValueError(
                f"y has shape {y.shape}, but coef_ has shape {self.coef_.shape}: every "
                "batch must have as many targets. Call fit to begin anew."
            )
        else:
            self._check_basis(features, "the sums so far")
            features._warn_of_outliers(X)
            moments = self._moments
        batch = add_rows(moments.empty(), features._map, X, y, sample_weight)
        check_finite(batch.gram, batch.cross)
        if first:
            self._forget()
        self.features_, self._moments = features, moments.merge(batch)
        return self._store_moments(moments, y)

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
            if not hasattr(model, "_moments"):
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
        moments = self._moments.merged(other._moments)
        self._store_moments(moments, self.coef_)
        self._moments = moments
        return self

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
        X = validate_new_data(self, X)
        blocks = [
            self._kernel(self.features_._scale(X[rows]), self.X_fit_) @ self.dual_coef_
            for rows in row_blocks(len(X), len(self.X_fit_))
        ]
        return (np.concatenate(blocks) + self.intercept_).astype(X.dtype, copy=False)

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
        share = self.coef_**2
        total = share.sum(axis=-1, keepdims=True)
        level = np.finfo(share.dtype).eps * np.abs(self.intercept_) * len(involved)
        share = np.divide(
            share,
            total,
            out=np.full_like(share, np.nan),
            where=total > np.reshape(level**2, total.shape),
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

    def _store_moments(self, moments, y):
        """Solve for the coefficients from sums alone."""
        head = moments.solve(self.alpha, alpha_floor=float(np.finfo(y.dtype).eps))
        self._store_ridge(head, y)
        return self

    def _forget(self):
        """Drop what another way of fitting may have left."""
        for name in ("coef_", "dual_coef_", "X_fit_", "_moments"):
            vars(self).pop(name, None)

    def _fit_dask(self, X, y, sample_weight):
        """Fit from sums over the blocks; a sample says only what is an outlier."""
        if self.solver == "dual":
            raise ValueError(
                'solver="dual" needs the kernel matrix of all rows, which a Dask array '
                'does not bring together. Set solver="auto" or "primal".'
            )
        rows = DaskRows(X, y, sample_weight)
        X, y, sample_weight = validate_training_data(self, *rows.sample(_SAMPLE))
        self._forget()
        features = self._basis()
        n_products = features._count(X.shape[1])
        features._check_memory(n_products, _GRAMS * n_products)
        features.fit(X, sample_weight=sample_weight)
        if self.scaling is not None:
            measure_blocks(self, rows, features, X, y, sample_weight)
        self.features_ = features
        empty = partial(no_rows, features, as_columns(y).shape[1])
        return self._store_moments(sum_blocks(self, rows, empty, features._map), y)

    def _fit_kernel(self, features, X, y, sample_weight):
        """Fit by the kernel of all products, none of which is made."""
        check_memory(
            len(X),
            8 * (self.degree + 6) * len(X) ** 2,
            what=f"The kernel matrix of {len(X):,} rows",
            way_out='Fit on fewer rows, or use solver="primal".',
        )
        features._measure(X, sample_weight)
        self.features_ = features
        z = features._scale(X).astype(np.float64, copy=False)
        head = solve_kernel_ridge(
            self._kernel(z, z),
            as_columns(y),
            sample_weight,
            "loo" if isinstance(self.alpha, str) else self.alpha,
            fit_intercept=True,
            alpha_floor=float(np.finfo(X.dtype).eps),
        )
        if features.n_output_features_ > _MOST_LISTED:
            self.X_fit_ = z
            self._store_ridge(RidgeHead(head.dual, head.intercept, head.alpha), y)
            self.dual_coef_ = self.__dict__.pop("coef_").T
            return self
        features._list_products()
        coef = sum(
            features._map(X[rows]).T @ head.dual[rows]
            for rows in row_blocks(len(X), features.n_output_features_)
        )
        self._store_ridge(RidgeHead(coef, head.intercept, head.alpha), y)
        return self

    def _kernel(self, x, z):
        degree = self.features_.degree
        return hermite_degree_sums(x.astype(np.float64, copy=False), z, degree)
