"""Kernel ridge regression with the theory's kernels and a penalty that it finds."""

from functools import partial
from numbers import Integral

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn import kernel_ridge
from sklearn.metrics.pairwise import check_pairwise_arrays, chi2_kernel
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_depth._math._equal_rows import equal_row_labels
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge
from sklearn_depth._solvers.ridge._landmarks import draw_landmarks, solve_on_landmarks
from sklearn_depth.kernels import KERNEL_FUNCTIONS, hermite_kernel, kernel_diagonal
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import (
    DocLinkMixin,
    Interval,
    StrOptions,
    store_fit,
    validating_fit_context,
)
from sklearn_depth.utils._validation import (
    FLOATS,
    as_type,
    check_magnitude,
    check_penalties,
    check_penalty_grid,
    check_symmetric_kernel,
    drop_zero_weights,
    validate_unchanged,
)
from sklearn_depth.utils._warnings import warn_caller

# Matrices of float64 that a fit holds at once: of all rows, with penalties given or
# chosen, and of rows and landmarks.
_MATRICES_GIVEN, _MATRICES_CHOSEN, _MATRICES_LANDMARKS = 2, 5, 3
# Rows whose kernels with each other are computed for their diagonal alone.
_DIAGONAL_ROWS = 32


class KernelRidge(DocLinkMixin, kernel_ridge.KernelRidge):
    r"""Scikit-learn's kernel ridge regression, with a penalty by leave-one-out.

    .. math:: f(x) = b + \sum_i c_i k(x, x_i), \qquad
              (K + \alpha S^{-1})\, c = y - b

    with sample weights S. With an intercept, kernel and targets are centred by their
    weighted means.

    Parameters
    ----------
    alpha : float, array-like of shape (n_targets,), "loo", "gcv" or "auto", default=1.0
        Penalty. "loo" takes for each target the best of ``alphas`` by exact
        leave-one-out, "gcv" by generalised cross-validation, which puts the mean
        leverage in the place of each: quicker, but see Notes. "auto" is "loo", and
        "gcv" with more than ten rows a landmark.
    kernel : str or callable, default="linear"
        A name in ``sklearn_depth.kernels.KERNEL_FUNCTIONS``: "arc_cosine",
        "biased_ntk", "dual_activation", "hermite", "nngp" or "ntk"; a name that
        :func:`~sklearn.metrics.pairwise.pairwise_kernels` knows, as "rbf";
        "precomputed"; or a callable of two rows. Functions of
        :mod:`sklearn_depth.kernels`, and partials of them, make whole matrices.
    gamma : float or None, default=None
        Parameter of the RBF, laplacian, polynomial, chi2 and sigmoid kernels; None is
        each kernel's own default.
    degree : float, default=3
        Degree of the polynomial and Hermite kernels.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict or None, default=None
        Keyword arguments of a callable kernel, or of one of
        :mod:`sklearn_depth.kernels`, as ``{"depth": 3}``.
    fit_intercept : bool, default=False
        Whether to fit a constant without penalty.
    alphas : array-like of shape (n_alphas,) or None, default=None
        Positive penalties that these words choose from. None is three a decade,
        from where rounding begins to where nothing is fitted; of errors within half a
        percent of the least, that of the largest penalty then wins.
    n_components : int or None, default=None
        Number of landmarks, training rows whose kernels span the fit; None is all rows,
        which needs memory n_samples² and time n_samples³. With m landmarks these are
        n_samples m and n_samples m².
    random_state : int, RandomState, Generator or None, default=None
        Seed of the landmarks.

    Attributes
    ----------
    dual_coef_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Weights c of the rows of ``X_fit_``. Where the penalty is chosen, the first of
        equal rows has those of all, and the others have zeros.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant b.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    alphas_ : ndarray of shape (n_alphas,) or None
        The penalties compared; None where ``alpha`` gives them.
    cv_errors_ : ndarray of shape (n_alphas,) or (n_alphas, n_targets), or None
        Their mean squared errors by cross-validation, in squared units of y; infinite
        where a penalty leaves nothing to validate with.
    X_fit_ : {ndarray, sparse matrix} of shape (n_samples, n_features)
        A copy of the training rows, or the landmarks; with ``kernel="precomputed"``
        their kernels with the training rows, which without landmarks are no copy:
        nothing reads their values again.
    component_indices_ : ndarray of shape (n_components,) or None
        The landmarks among the training rows, fewer where the kernel matrix has a lower
        rank; None without ``n_components``.
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
    it depends on [1]_. On wide random networks it is optimal, with the kernel
    "nngp" [2]_.

    All penalties are scored from one decomposition, :math:`K = Q T Q'`: residuals are
    :math:`\alpha (K + \alpha)^{-1} y`, and leave-one-out divides them by the diagonal
    of :math:`\alpha (K + \alpha)^{-1}`. That takes eigenvectors; "gcv" does with a
    tridiagonal T, in half the time. Rows of equal features are left out together, so
    that weights and repetition agree. Where leverages are uneven, as on
    points of very different norms, generalised cross-validation can choose
    near-interpolation and errors hundreds of times the variance of y.

    Landmarks are drawn by a randomly pivoted Cholesky factorisation [3]_, each with
    probability proportional to what those before it leave of K(x, x). Then
    :math:`K_{S} K_{SS}^{-1} K_{S}'` stands for K, with the columns of the landmarks S.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.
    .. [2] Jaehoon Lee, Yasaman Bahri, Roman Novak, Samuel S. Schoenholz, Jeffrey
       Pennington and Jascha Sohl-Dickstein (2018). Deep Neural Networks as Gaussian
       Processes. arXiv:1711.00165.
    .. [3] Yifan Chen, Ethan N. Epperly, Joel A. Tropp and Robert J. Webber (2022).
       Randomly pivoted Cholesky: Practical approximation of a kernel matrix with few
       entry evaluations. arXiv:2207.06503, Algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth import KernelRidge
    >>> X = np.linspace(-3, 3, 50)[:, None]
    >>> y = 10 + np.sin(X[:, 0])
    >>> model = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
    >>> round(model.score(X, y), 6)
    1.0
    >>> deep = KernelRidge("loo", kernel="ntk", kernel_params={"depth": 3})
    >>> deep.fit(X, y).cv_errors_.shape == deep.alphas_.shape
    True
    """

    _parameter_constraints: dict = {
        **kernel_ridge.KernelRidge._parameter_constraints,
        "alpha": [
            StrOptions({"auto", "gcv", "loo"}),
            *kernel_ridge.KernelRidge._parameter_constraints["alpha"],
        ],
        "kernel": [
            StrOptions(set(KERNEL_FUNCTIONS)),
            *kernel_ridge.KernelRidge._parameter_constraints["kernel"],
        ],
        "fit_intercept": ["boolean"],
        "alphas": ["array-like", None],
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state", np.random.Generator],
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
        alphas=None,
        n_components=None,
        random_state=None,
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
        self.alphas = alphas
        self.n_components = n_components
        self.random_state = random_state

    @validating_fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the dual weights.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, or their kernel matrix with ``kernel="precomputed"``.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : float or array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : KernelRidge
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``alpha`` is negative or has another length than y has targets, if none
            of ``alphas`` can be scored, if "loo" or "gcv" have one row of positive
            weight, if a precomputed kernel is not square and symmetric, or if the
            kernel or the targets overflow.
        MemoryError
            If the kernel matrix, of all rows or of the landmarks, does not fit into
            memory.

        Warns
        -----
        LinAlgWarning
            If the kernel matrix plus ``alpha`` is singular, where the solution is the
            least-squares one of least norm, or not positive definite.
        """
        search = isinstance(self.alpha, str)
        X, y, samples, seen = self._validate(X, y, sample_weight, 1 + search)
        rows, n_targets = samples.X, samples.n_targets
        counted = self._rows_that_count(X, rows)
        options = {
            "alpha": self.alpha if search else check_penalties(self.alpha, n_targets),
            "fit_intercept": self.fit_intercept,
            "alphas": check_penalty_grid(self.alphas) if search else None,
            "alpha_floor": np.finfo(X.dtype).eps,
        }
        if self.n_components is None:
            precomputed = self.kernel == "precomputed"
            kernel = self._whole_kernel(counted)
            options["overwrite_kernel"] = not precomputed
            head = solve_kernel_ridge(kernel, samples, **options)
            dual, indices = np.zeros((len(y), n_targets)), None
            dual[rows] = head.dual
        else:
            landmarks = self._draw_landmarks(counted, samples.weight)
            head = solve_on_landmarks(landmarks, samples, **options)
            dual, indices = head.dual, rows[landmarks.indices]
        self._warn(head)
        shape, path = samples.target_shape, head.path
        state = {
            "dual_coef_": as_type(dual, y.dtype, "dual weights").reshape(-1, *shape),
            "intercept_": head.intercept.astype(y.dtype).reshape(shape)[()],
            "alpha_": head.alpha.reshape(shape)[()],
            "alphas_": None if path is None else path.alphas,
            "cv_errors_": None if path is None else path.errors.reshape(-1, *shape),
            "X_fit_": X if indices is None else X[indices],
            "component_indices_": indices,
        }
        return store_fit(self, seen | state)

    def _validate(self, X, y, sample_weight, least):
        """X, y, samples whose X are the numbers of rows, and what to remember of X.

        On landmarks, and where the penalty is chosen, rows of equal X are one: kernels
        may tell them apart by rounding.
        """
        # predict reads these rows again: with a whole kernel given, only their number.
        kept = self.n_components is None and self.kernel != "precomputed"
        X, y, seen = validate_unchanged(
            self,
            X,
            y,
            accept_sparse=("csr", "csc"),
            order="C",  # the same numbers give the same bits, however they lie
            copy=kept,
            multi_output=True,
            y_numeric=True,
            ensure_min_samples=least,
        )
        with np.errstate(over="ignore"):  # float64 targets beyond float32: said below
            y = y.astype(X.dtype, copy=False)
        check_magnitude("y", y)
        numbers = np.arange(X.shape[0])
        samples = Samples.of(*drop_zero_weights(self, numbers, y, sample_weight, least))
        rows_are_samples = not sparse.issparse(X) and self.kernel != "precomputed"
        merges = self.n_components is not None or isinstance(self.alpha, str)
        if merges and rows_are_samples:
            samples = samples.merged(equal_row_labels(X[samples.X]))
        return X, y, samples, seen

    def _rows_that_count(self, X, rows):
        """X of these rows; with a precomputed kernel, of these columns too."""
        precomputed = self.kernel == "precomputed"
        if precomputed:
            X, _ = check_pairwise_arrays(X, X, precomputed=True)
        if len(rows) < X.shape[0]:
            X = X[rows][:, rows] if precomputed else X[rows]
        if precomputed:
            check_symmetric_kernel(X)
        return X

    def _whole_kernel(self, X):
        search = isinstance(self.alpha, str)
        n_matrices = _MATRICES_CHOSEN if search else _MATRICES_GIVEN
        check_memory(
            X.shape[0],
            8 * n_matrices * X.shape[0] ** 2,
            what="The kernel matrix of all rows",
            way_out="Set n_components, to a thousand say.",
        )
        if self.kernel == "precomputed":
            return _as_dense(X)
        return self._get_kernel(X)

    def _draw_landmarks(self, X, sample_weight):
        def kernel(rows, columns):
            if self.kernel == "precomputed":
                return _as_dense(X[rows][:, columns])
            return self._get_kernel(X[rows], X[columns])

        n_samples = X.shape[0]
        n_landmarks = min(self.n_components, n_samples)
        check_memory(
            n_landmarks,
            8 * _MATRICES_LANDMARKS * n_samples * n_landmarks,
            what="The kernel of the landmarks",
            way_out="Lower n_components.",
        )
        return draw_landmarks(
            kernel,
            self._diagonal(X),
            sample_weight,
            n_landmarks,
            check_generator(self.random_state),
        )

    def _diagonal(self, X):
        """K(x, x) of every row."""
        if self.kernel == "precomputed":
            return X.diagonal()
        ours = self._kernel_of_ours()
        if ours is not None:
            return kernel_diagonal(X, ours.func, **ours.keywords)
        size = 1 if callable(self.kernel) else _DIAGONAL_ROWS
        starts = range(0, X.shape[0], size)
        blocks = [self._get_kernel(X[k : k + size]).diagonal() for k in starts]
        return np.concatenate(blocks)

    def _get_kernel(self, X, Y=None):
        ours = self._kernel_of_ours()
        if ours is not None:
            return ours(X, Y)
        if self.kernel == "chi2" and self.gamma is None:
            return chi2_kernel(X, Y)  # whose default is no None
        return super()._get_kernel(X, Y)

    def _kernel_of_ours(self):
        """The function of sklearn_depth.kernels with its parameters, or None."""
        function, params = self.kernel, self.kernel_params or {}
        if isinstance(function, partial) and not function.args:
            function, params = function.func, function.keywords | params
        if isinstance(function, str):
            function = KERNEL_FUNCTIONS.get(function)
        if not any(function is ours for ours in KERNEL_FUNCTIONS.values()):
            return None
        degree = {"degree": self.degree} if function is hermite_kernel else {}
        return partial(function, **degree | params)

    def _warn(self, head):
        if head.smallest is None:
            return
        if head.path is None:
            what = "The kernel matrix plus alpha"
            way_out = (
                "The solution is that of least squares and least norm; raise alpha."
            )
        else:
            what = "The kernel matrix"
            way_out = f"Only penalties above {-head.smallest:.3g} were compared."
        warn_caller(
            f"{what} is not positive definite: its smallest eigenvalue is "
            f"{head.smallest:.3g}. {way_out}",
            LinAlgWarning,
        )

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
        X = validate_data(
            self,
            X,
            accept_sparse=("csr", "csc"),
            dtype=FLOATS,
            order="C",
            reset=False,
        )
        if self.kernel == "precomputed" and self.component_indices_ is not None:
            X = X[:, self.component_indices_]
        n_samples, n_fitted = X.shape[0], self.X_fit_.shape[0]
        # Each block prepares the rows of the fit again, so that it must not be small.
        y_pred = [
            self._get_kernel(X[rows], self.X_fit_) @ self.dual_coef_
            for rows in row_blocks(n_samples, n_fitted, least=n_fitted // 8)
        ]
        return np.concatenate(y_pred) + self.intercept_


def _as_dense(X):
    return X.toarray() if sparse.issparse(X) else X
