"""Kernel ridge regression with a penalty by GCV and an intercept."""

import numpy as np
from sklearn import kernel_ridge
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_depth._solvers._kernel_ridge import solve_kernel_ridge
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._sklearn import (
    StrOptions,
    check_sample_weight,
    fit_context,
)
from sklearn_depth.utils._validation import FLOATS, as_columns, check_magnitude


class KernelRidge(kernel_ridge.KernelRidge):
    r"""Scikit-learn's kernel ridge regression, with GCV and an intercept.

    .. math:: f(x) = b + \sum_i c_i k(x, x_i), \qquad
              (K + \alpha S^{-1})\, c = y - b

    with sample weights S. With an intercept, kernel and targets are centred by their
    weighted means.

    Parameters
    ----------
    alpha : float, array-like of shape (n_targets,) or "gcv", default=1.0
        Penalty; "gcv" takes the best of a grid for each target on its own, from one
        eigendecomposition: by exact leave-one-out, of which generalised
        cross-validation is the approximation with all leverages equal.
    kernel : str or callable, default="linear"
        A name that :func:`~sklearn.metrics.pairwise.pairwise_kernels` knows,
        "precomputed", or a callable of two rows.
    gamma : float or None, default=None
        Parameter of the RBF, laplacian, polynomial, chi2 and sigmoid kernels; None is
        each kernel's own default.
    degree : float, default=3
        Degree of the polynomial kernel.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict or None, default=None
        Keyword arguments of a callable kernel.
    fit_intercept : bool, default=False
        Whether to fit a constant without penalty.

    Attributes
    ----------
    dual_coef_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Weights c of the training rows.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant b.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    X_fit_ : {ndarray, sparse matrix} of shape (n_samples, n_features)
        The training rows; with ``kernel="precomputed"`` their
        kernel matrix.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn.kernel_ridge.KernelRidge : The class that this extends; with a number as
        ``alpha`` and no intercept the two agree.
    TwoLayerGDRegressor : Learns features that kernels cannot.

    Notes
    -----
    The baseline of every separation: a kernel that depends on inner products needs
    n ~ d^p samples for a polynomial of degree p, whatever the number of directions that
    it depends on [1]_. Rows of equal features are
    left out together, so that weights and repetition agree. Generalised
    cross-validation would cost one matrix product less, but where leverages are uneven,
    as on points of very different norms, it can choose near-interpolation and errors
    hundreds of times the variance of y.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth import KernelRidge
    >>> X = np.linspace(-3, 3, 50)[:, None]
    >>> y = 10 + np.sin(X[:, 0])
    >>> model = KernelRidge("gcv", kernel="rbf", fit_intercept=True).fit(X, y)
    >>> round(model.score(X, y), 6)
    1.0
    """

    _parameter_constraints: dict = {
        **kernel_ridge.KernelRidge._parameter_constraints,
        "alpha": [
            StrOptions({"gcv"}),
            *kernel_ridge.KernelRidge._parameter_constraints["alpha"],
        ],
        "fit_intercept": ["boolean"],
    }

    def __init__(
        self,
        alpha=1.0,
        *,
        kernel="linear",
        gamma=None,
        degree=3,
        coef0=1,
        kernel_params=None,
        fit_intercept=False,
    ):
        super().__init__(
            alpha=alpha,
            kernel=kernel,
            gamma=gamma,
            degree=degree,
            coef0=coef0,
            kernel_params=kernel_params,
        )
        self.fit_intercept = fit_intercept

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the dual weights.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, or their kernel matrix with ``kernel="precomputed"``.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : KernelRidge
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``alpha`` is negative or has another length than y has targets, or if
            the kernel or the targets overflow.
        """
        self._check_alpha()
        if not self.fit_intercept and not isinstance(self.alpha, str):
            if sample_weight is not None:  # scikit-learn takes the root of any weight
                check_sample_weight(sample_weight, X)
            super().fit(X, y, sample_weight)
            shape, dtype = self.dual_coef_.shape[1:], self.dual_coef_.dtype
            alphas = self._alphas(as_columns(self.dual_coef_).shape[1])
            self.alpha_ = alphas.reshape(shape)[()]
            self.intercept_ = np.zeros(shape, dtype)[()]
            return self
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=("csr", "csc"),
            dtype=FLOATS,
            multi_output=True,
            y_numeric=True,
        )
        y = y.astype(X.dtype, copy=False)
        check_magnitude("y", y)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X)
        solution = solve_kernel_ridge(
            self._get_kernel(X),
            as_columns(y),
            sample_weight,
            self._alphas(as_columns(y).shape[1]),
            fit_intercept=self.fit_intercept,
            alpha_floor=np.finfo(X.dtype).eps,
        )
        coef, intercept = (
            solution.coef.astype(y.dtype),
            solution.intercept.astype(y.dtype),
        )
        one_target = y.ndim == 1
        self.dual_coef_ = coef[:, 0] if one_target else coef
        self.intercept_ = intercept[0] if one_target else intercept
        self.alpha_ = float(solution.alpha[0]) if one_target else solution.alpha
        self.X_fit_ = X
        return self

    def _check_alpha(self):
        if isinstance(self.alpha, str):
            return
        alpha = np.asarray(self.alpha)
        numeric = alpha.dtype.kind in "iuf"
        if alpha.ndim > 1 or not alpha.size or not numeric or not (alpha >= 0).all():
            raise ValueError(
                f'alpha must be "gcv", a number or one number a target, none of them '
                f"negative; got {self.alpha!r}."
            )

    def _alphas(self, n_targets):
        """One penalty a target, or "gcv"."""
        if isinstance(self.alpha, str):
            return self.alpha
        if np.size(self.alpha) not in (1, n_targets):
            raise ValueError(
                f"alpha has {np.size(self.alpha)} entries, but y has {n_targets} "
                "targets. Give one number, or one a target."
            )
        return np.broadcast_to(np.asarray(self.alpha, dtype=float), n_targets).copy()

    def predict(self, X):
        """Predict with the kernel at the training rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, or with ``kernel="precomputed"`` their kernel with the training
            rows.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=("csr", "csc"), reset=False)
        y_pred = [
            self._get_kernel(X[rows], self.X_fit_) @ self.dual_coef_
            for rows in row_blocks(X.shape[0], self.X_fit_.shape[0])
        ]
        return np.concatenate(y_pred) + self.intercept_
