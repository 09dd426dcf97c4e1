"""Kernel ridge regression with the theory's kernels and penalties that it finds."""

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn import kernel_ridge
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._kernel_ridge._blocks import (
    check_sums_suffice,
    sampled_landmarks,
    sum_features,
)
from sklearn_depth._kernel_ridge._evidence import (
    evidence_attributes,
    fit_kernels,
    fit_landmarks,
)
from sklearn_depth._kernel_ridge._kernels import kernels_of
from sklearn_depth._kernel_ridge._matrices import (
    kernel_of_each,
    landmarks_of,
    rows_that_count,
    whole_kernel,
)
from sklearn_depth._math._equal_rows import equal_row_labels
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge
from sklearn_depth._solvers.ridge._landmarks import (
    solve_landmark_sums,
    solve_on_landmarks,
)
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth.kernels import KERNEL_FUNCTIONS
from sklearn_depth.utils._blockwise import BlockwiseMixin
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._dask import DaskRows, is_dask
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import (
    DocLinkMixin,
    StrOptions,
    store_fit,
    validating_fit_context,
)
from sklearn_depth.utils._validation import (
    as_type,
    check_magnitude,
    check_penalties,
    check_penalty_grid,
    drop_zero_weights,
    validate_unchanged,
    validate_unmasked,
)
from sklearn_depth.utils._warnings import warn_caller


class KernelRidge(BlockwiseMixin, DocLinkMixin, kernel_ridge.KernelRidge):
    r"""Scikit-learn's kernel ridge regression, with penalties that it finds.

    .. math:: f(x) = b + \sum_i c_i k(x, x_i), \qquad
              (K + \alpha S^{-1})\, c = y - b, \qquad k = \sum_g w_g k_g

    with sample weights S, and weights w of several kernels that sum to 1. With an
    intercept, kernel and targets are centred by their weighted means.

    Parameters
    ----------
    alpha : float, array-like of shape (n_targets,) or str, default=1.0
        Penalty, or a word: "loo" takes for each target the best of ``alphas`` by exact
        leave-one-out, "gcv" by generalised cross-validation, which puts the mean
        leverage in the place of each: quicker, but see Notes. "auto" is "loo", and
        "gcv" with more than ten samples a landmark. "evidence" takes the variance of
        the noise over that of the prior under which y is likeliest, and weighs several
        kernels.
    kernel : str, callable, or list of these, default="linear"
        A name in ``sklearn_depth.kernels.KERNEL_FUNCTIONS``: "arc_cosine",
        "biased_ntk", "dual_activation", "hermite", "nngp" or "ntk"; a name that
        :func:`~sklearn.metrics.pairwise.pairwise_kernels` knows, as "rbf";
        "precomputed"; or a callable of two samples. Functions of
        :mod:`sklearn_depth.kernels`, partials of them, and kernels of
        :mod:`sklearn.gaussian_process.kernels` make whole matrices. Several, none of
        them "precomputed", need ``alpha="evidence"``.
    gamma : float or None, default=None
        Parameter of the RBF, laplacian, polynomial, chi2 and sigmoid kernels; None is
        each kernel's own default.
    degree : float, default=3
        Degree of the polynomial and Hermite kernels.
    coef0 : float, default=1
        Constant of the polynomial and sigmoid kernels.
    kernel_params : dict, list of dict or None, or None, default=None
        Keyword arguments of a callable kernel, or of one of
        :mod:`sklearn_depth.kernels`, as ``{"depth": 3}``. For a list of kernels a list
        of as many, each for its own kernel whatever that is, as ``{"gamma": 0.1}``.
    fit_intercept : bool, default=False
        Whether to fit a constant without penalty.
    alphas : array-like of shape (n_alphas,) or None, default=None
        Positive penalties that "loo", "gcv" and "auto" choose from. None is three a
        decade, from where rounding begins to where nothing is fitted; of errors within
        half a percent of the least, that of the largest penalty then wins.
    n_components : int or None, default=None
        Number of landmarks, training samples whose kernels span the fit; None is all
        samples, which needs memory n_samples² and time n_samples³. With m landmarks
        these are n_samples m and n_samples m². For one kernel.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the landmarks.

    Attributes
    ----------
    dual_coef_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Weights c of the rows of ``X_fit_``. Where the penalty is chosen, the first of
        samples of equal features has those of all, and the others have zeros.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant b.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used; by the evidence, the variance of the noise over that of the
        prior, which is infinite where no kernel explains anything.
    kernel_weights_ : ndarray of shape (n_kernels,) or (n_targets, n_kernels), or None
        Shares w of the prior variance, which sum to 1; None without the evidence.
    noise_variance_ : float or ndarray of shape (n_targets,), or None
        Variance of the noise in a sample of mean weight; None without the evidence.
    log_evidence_ : float or ndarray of shape (n_targets,), or None
        Logarithm of the evidence, infinite where y is constant; None without it.
    alphas_ : ndarray of shape (n_alphas,) or None
        The penalties compared; None where ``alpha`` gives them.
    cv_errors_ : ndarray of shape (n_alphas,) or (n_alphas, n_targets), or None
        Their mean squared errors by cross-validation, in squared units of y; infinite
        where a penalty leaves nothing to validate with.
    X_fit_ : {ndarray, sparse matrix} of shape (n_samples, n_features)
        A copy of the training samples, or the landmarks; with ``kernel="precomputed"``
        their kernels with the training samples, which without landmarks are no copy:
        nothing reads their values again.
    component_indices_ : ndarray of shape (n_components,) or None
        The landmarks' numbers among the training samples, fewer where the kernel matrix
        has a lower rank; None without ``n_components``.
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
    The baseline where features are learned: a kernel that depends on inner products
    needs n ~ d^p samples for a polynomial of degree p, whatever the number of
    directions that it depends on [6]_, where networks can do with fewer [1]_. On
    targets that are random networks it is optimal, with the kernel "nngp", in the limit
    of infinite width at a fixed number of samples [2]_. At widths near the number of
    features and with many more samples than features, trained networks have less error
    [7]_.

    All penalties are scored from one decomposition, :math:`K = Q T Q'`: residuals are
    :math:`\alpha (K + \alpha)^{-1} y`, and leave-one-out divides them by the diagonal
    of :math:`\alpha (K + \alpha)^{-1}`. That takes eigenvectors; "gcv" does with a
    tridiagonal T, in half the time. Samples of equal features are left out together, so
    that weights and repetition agree. Where leverages are uneven, as on
    points of very different norms, generalised cross-validation can choose
    near-interpolation and errors hundreds of times the variance of y.

    The evidence is the density of y where :math:`f - b` is a Gaussian process of
    covariance :math:`\sum_g v_g k_g` and noise has variance :math:`s^2`, over the
    sample's weight; an intercept has a flat prior. The variances are those of its
    maximum [4]_, which steps of Newton's method find, and
    :math:`w_g = v_g / \sum_h v_h`: a kernel that the others make superfluous gets next
    to nothing. Sums of kernels learn sums of functions; [5]_ reviews other ways to
    combine kernels.

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
    .. [4] David J. C. MacKay (1992). Bayesian Interpolation. Neural Computation 4(3),
       415-447.
    .. [5] Mehmet Gönen and Ethem Alpaydın (2011). Multiple Kernel Learning Algorithms.
       Journal of Machine Learning Research 12, 2211-2268.
    .. [6] Behrooz Ghorbani, Song Mei, Theodor Misiakiewicz and Andrea Montanari (2021).
       Linearized two-layers neural networks in high dimension. Annals of Statistics
       49(2). arXiv:1904.12191.
    .. [7] Hugo Cui, Florent Krzakala and Lenka Zdeborová (2023). Bayes-optimal Learning
       of Deep Random Networks of Extensive-width. ICML. arXiv:2302.00375.

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

    A line and a wave, each by its own kernel:

    >>> noisy = y + X[:, 0] + 0.1 * np.random.default_rng(0).standard_normal(50)
    >>> both = KernelRidge("evidence", kernel=["linear", "rbf"], fit_intercept=True)
    >>> both.fit(X, noisy).kernel_weights_.round(2)
    array([0.87, 0.13])
    >>> mean, deviation = both.predict([[0.5], [6.0]], return_std=True)
    >>> mean.round(1), deviation.round(1)
    (array([10.9, 17. ]), array([0.1, 0.8]))
    """

    _parameter_constraints: dict = {
        **kernel_ridge.KernelRidge._parameter_constraints,
        "alpha": [
            StrOptions({"auto", "evidence", "gcv", "loo"}),
            *kernel_ridge.KernelRidge._parameter_constraints["alpha"],
        ],
        "kernel": [
            StrOptions(set(KERNEL_FUNCTIONS)),
            *kernel_ridge.KernelRidge._parameter_constraints["kernel"],
            list,
            tuple,
        ],
        "kernel_params": [dict, list, tuple, None],
        "fit_intercept": ["boolean"],
        "alphas": ["array-like", None],
        "n_components": [POSITIVE_INTEGER, None],
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
        X : {array-like, sparse matrix, Dask array or Dask data frame} of shape \
                (n_samples, n_features)
            Training data, or their kernel matrix with ``kernel="precomputed"``. Dask
            collections need ``n_components``: landmarks are drawn from 20 000 samples,
            and the rest is sums over blocks where they lie. Words for ``alpha`` are
            then "gcv".
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : float or array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples.

        Returns
        -------
        self : KernelRidge
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``alpha`` is negative or has another length than y has targets, if none
            of ``alphas`` can be scored, if a word has one sample of positive weight, if
            a precomputed kernel is not square and symmetric, if several kernels come
            without "evidence", with landmarks or with parameters that do not fit them,
            if the evidence meets a kernel that is not positive semi-definite, or if
            the kernel or the targets overflow.
        MemoryError
            If the kernel matrix, of all samples or of the landmarks, does not fit into
            memory.

        Warns
        -----
        LinAlgWarning
            If the kernel matrix plus ``alpha`` is singular, where the solution is the
            least-squares one of least norm, or not positive definite.
        """
        if is_dask(X):
            return self._fit_dask(DaskRows(X, y, sample_weight))
        kernels = self._kernels_to_fit()
        search = isinstance(self.alpha, str)
        X, y, samples, seen = self._validate(X, y, sample_weight, 1 + search)
        counted = rows_that_count(X, samples.X, kernels[0].is_given)
        eps, indices = float(np.finfo(X.dtype).eps), None
        if self.n_components is None:
            head, rows, evidence = self._on_rows(kernels, counted, samples, eps)
            dual = np.zeros((len(y), samples.n_targets))
            dual[rows] = head.dual
        else:
            (kernel,), rng = kernels, check_generator(self.random_state)
            landmarks = landmarks_of(
                kernel, counted, samples.weight, self.n_components, rng
            )
            head, evidence = self._on_landmarks(landmarks, samples, eps)
            dual, indices = head.dual, samples.X[landmarks.indices]
        self._warn(head)
        state = _attributes(head, dual, y.dtype, samples.target_shape, evidence)
        state |= {
            "X_fit_": X if indices is None else X[indices],
            "component_indices_": indices,
        }
        return store_fit(self, seen | state)

    def _fit_dask(self, rows):
        """A pass for a subsample, which has the landmarks, and one for sums."""
        (kernel, *_) = self._kernels_to_fit()
        check_sums_suffice(kernel, self.n_components, self.alpha)
        X, y, samples, seen = self._validate(*rows.sample(), 2)
        rng = check_generator(self.random_state)
        landmarks, indices = sampled_landmarks(
            kernel, X, samples, self.n_components, rng
        )
        sums = sum_features(
            self, rows, seen, kernel, X[indices], landmarks, samples.n_targets
        )
        options = self._options(samples, float(np.finfo(X.dtype).eps))
        head = solve_landmark_sums(landmarks, sums, **options)
        state = _attributes(head, head.dual, y.dtype, samples.target_shape)
        state |= {
            "X_fit_": X[indices],
            "component_indices_": rows.sampled()[indices],
        }
        return store_fit(self, seen | state)

    def _kernels(self):
        shared = {"gamma": self.gamma, "degree": self.degree, "coef0": self.coef0}
        return kernels_of(self.kernel, self.kernel_params, shared)

    def _get_kernel(self, X, Y=None):
        (kernel,) = self._kernels()
        return kernel(X, Y)

    def _kernels_to_fit(self):
        """The kernels; several are refused without the evidence, or with landmarks."""
        kernels = self._kernels()
        if len(kernels) > 1 and not is_word(self.alpha, "evidence"):
            raise ValueError(
                f"kernel lists {len(kernels)} kernels, but alpha={self.alpha!r} gives "
                'them no weights. Set alpha="evidence", or give one kernel.'
            )
        if len(kernels) > 1 and self.n_components is not None:
            raise ValueError(
                f"n_components={self.n_components} works with one kernel, but kernel "
                f"lists {len(kernels)}. Set n_components=None."
            )
        return kernels

    def _options(self, samples, eps):
        """What solvers of penalties, given or searched for, are asked for."""
        search = isinstance(self.alpha, str)
        given = None if search else check_penalties(self.alpha, samples.n_targets)
        return {
            "alpha": self.alpha if search else given,
            "fit_intercept": self.fit_intercept,
            "alphas": check_penalty_grid(self.alphas) if search else None,
            "alpha_floor": eps,
        }

    def _on_rows(self, kernels, X, samples, eps):
        """Head, numbers of its samples, and what the evidence chose or None."""
        if is_word(self.alpha, "evidence"):
            matrices = kernel_of_each(kernels, X, samples.n_targets)
            names = [repr(kernel.metric) for kernel in kernels]
            fit = fit_kernels(matrices, names, samples, self.fit_intercept, eps)
            return fit.head, fit.posterior.rows, fit
        (kernel,) = kernels
        head = solve_kernel_ridge(
            whole_kernel(kernel, X, isinstance(self.alpha, str)),
            samples,
            overwrite_kernel=not kernel.is_given,
            **self._options(samples, eps),
        )
        return head, samples.X, None

    def _on_landmarks(self, landmarks, samples, eps):
        """Head, and what the evidence chose or None."""
        if is_word(self.alpha, "evidence"):
            fit = fit_landmarks(landmarks, samples, self.fit_intercept)
            return fit.head, fit
        options = self._options(samples, eps)
        return solve_on_landmarks(landmarks, samples, **options), None

    def _validate(self, X, y, sample_weight, least):
        """X, y, samples whose X are their numbers, and what to remember of X.

        On landmarks, and where the penalty is chosen, samples of equal X are one:
        kernels may tell them apart by rounding.
        """
        # predict reads X again: with a whole kernel given, only how many rows it has.
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

    def predict(self, X, return_std=False):
        """Predict with the kernels at the training samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, or with ``kernel="precomputed"`` their kernel with the training
            samples.
        return_std : bool, default=False
            Whether to return standard deviations too. Needs ``alpha="evidence"``, no
            landmarks and a kernel that is not precomputed.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions.
        y_std : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Standard deviations of the target of a new sample of mean weight: those of
            the function given the training samples, with those of the noise. Only with
            ``return_std``.

        Raises
        ------
        ValueError
            If ``return_std`` is set and the fit has no standard deviations.
        """
        check_is_fitted(self)
        X = validate_unmasked(
            self, X, accept_sparse=("csr", "csc"), order="C", reset=False
        )
        kernels = self._kernels()
        if kernels[0].is_given and self.component_indices_ is not None:
            X = X[:, self.component_indices_]
        y_pred = self._mean(kernels, X)
        if not return_std:
            return y_pred
        if self._posterior_ is None or kernels[0].is_given:
            raise ValueError(
                "return_std needs the evidence of all samples and k(x, x) of new ones. "
                'Set alpha="evidence", n_components=None and a kernel other than '
                f'"precomputed"; got alpha={self.alpha!r}, '
                f"n_components={self.n_components!r} and kernel={self.kernel!r}."
            )
        deviation = self._posterior_.deviation(kernels, X, self.X_fit_)
        deviation = deviation.reshape(y_pred.shape)
        y_std = np.sqrt(deviation**2 + self.noise_variance_)
        return y_pred, y_std.astype(y_pred.dtype, copy=False)

    @property
    def _target_shape(self):
        return self.dual_coef_.shape[1:]

    def _mean(self, kernels, X):
        dual = [self.dual_coef_]
        if self.kernel_weights_ is not None:
            weights = self.kernel_weights_.astype(self.dual_coef_.dtype)
            dual = [self.dual_coef_ * of_kernel for of_kernel in weights.T]
        n_fitted = self.X_fit_.shape[0]
        # Each block prepares the samples of the fit again: it must not be small.
        y_pred = [
            sum(
                kernel(X[rows], self.X_fit_) @ of_kernel
                for kernel, of_kernel in zip(kernels, dual, strict=True)
            )
            for rows in row_blocks(X.shape[0], n_fitted, least=n_fitted // 8)
        ]
        return np.concatenate(y_pred) + self.intercept_


def _attributes(head, dual, dtype, shape, evidence=None):
    """The fitted attributes that follow from the head and the evidence, if any."""
    path = head.path
    return evidence_attributes(evidence, shape) | {
        "dual_coef_": as_type(dual, dtype, "dual weights").reshape(-1, *shape),
        "intercept_": head.intercept.astype(dtype).reshape(shape)[()],
        "alpha_": head.alpha.reshape(shape)[()],
        "alphas_": None if path is None else path.alphas,
        "cv_errors_": None if path is None else path.errors.reshape(-1, *shape),
    }
