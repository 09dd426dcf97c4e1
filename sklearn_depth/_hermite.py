"""Ridge regression on Hermite polynomials."""

from numbers import Real

from sklearn_depth._base import FeatureMapRegressor
from sklearn_depth._solvers._ridge import FEW_ROWS, solve_ridge
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import as_columns, validate_training_data


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

    Attributes
    ----------
    features_ : HermiteFeatures
        The fitted basis; its ``powers_`` are the multi-indices of ``coef_``.
    coef_ : ndarray of shape (n_products,) or (n_targets, n_products)
        Coefficients.
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

    With more than ten rows a product, or a given ``alpha``, the fit keeps one block of
    features and one Gram matrix; with fewer rows than products, the kernel matrix of
    the rows; in between, all features.

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
    }

    def __init__(
        self,
        degree=3,
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
        alpha="gcv",
    ):
        self.degree = degree
        self.truncation = truncation
        self.max_interaction = max_interaction
        self.scaling = scaling
        self.alpha = alpha

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the coefficients.

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
        self : HermitePolynomialRegressor
            The fitted estimator.

        Raises
        ------
        MemoryError
            Before anything is allocated, if the products do not fit into memory.
        ValueError
            If the features or targets overflow.
        """
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        features = HermiteFeatures(
            degree=self.degree,
            truncation=self.truncation,
            max_interaction=self.max_interaction,
            scaling=self.scaling,
        )
        n_products = features._count(X.shape[1])
        # Gram or kernel matrix, eigenvectors and work space, or all features thrice.
        n_held = min(len(X), FEW_ROWS * n_products)
        features._check_memory(n_products, n_rows=3 * n_held)
        self.features_ = features.fit(X, sample_weight=sample_weight)
        head = solve_ridge(
            self.features_._map,
            X,
            as_columns(y),
            sample_weight,
            self.alpha,
            n_columns=n_products,
        )
        self._store_ridge(head, y)
        return self
