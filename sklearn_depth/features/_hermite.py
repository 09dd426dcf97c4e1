"""Orthonormal Hermite products up to a degree."""

from copy import copy

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._math._hermite import hermite_values
from sklearn_depth._math._moments import clipped_scores, column_moments
from sklearn_depth._math._multi_indices import count_terms, term_tree
from sklearn_depth._math._tolerances import EPS
from sklearn_depth.features._map import BlindMap
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._sklearn import (
    StrOptions,
    feature_names_in,
    store_fit,
)
from sklearn_depth.utils._warnings import warn_caller

# The p of the p-norm that a multi-index's degree is measured in.
_TRUNCATION_NORMS = {"total": 1.0, "hyperbolic": 0.5}
# The list of products takes about as much memory as their values at so many samples.
_TREE_ROWS = 64


class HermiteFeatures(BlindMap):
    r"""Products of Hermite polynomials, orthonormal under N(0, I).

    .. math:: h_\alpha(z) = \prod_{j} h_{\alpha_j}(z_j), \qquad
              1 \le \|\alpha\|_q \le D, \qquad
              \sqrt{k + 1}\, h_{k+1}(t) = t\, h_k(t) - \sqrt{k}\, h_{k-1}(t)

    Parameters
    ----------
    degree : int, default=3
        Largest degree D.
    truncation : {"total", "hyperbolic"}, default="total"
        q = 1, the total degree, or q = 1/2, which keeps all powers of one feature and
        thins out interactions.
    max_interaction : int or None, default=None
        Most features that one product may join; None sets no limit.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        "standardize" gives z features of mean 0 and variance 1, cut at 5 standard
        deviations, beyond which powers would take off; "sphere" scales every
        standardised sample to norm sqrt(n_features), the set-up of Daniely, Srebro and
        Vardi; None takes z = X.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_features,)
        Means and standard deviations of the features, wild entries pulled in to ten
        robust standard deviations; 0 and 1 where ``scaling`` is None.
    powers_ : ndarray of shape (n_output_features_, n_features)
        The multi-indices, by total degree; the constant is left out.
    n_output_features_ : int
        Number of products.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    Raises
    ------
    MemoryError
        Before anything is allocated, if the products do not fit into this machine's
        memory: their list in ``fit``, their values in ``transform``.

    Warns
    -----
    UserWarning
        If ``scaling`` is None and an entry of X is so large that the square of its
        product is above 1 / eps = 4.5e15: in a fit it would drown all other samples.

    See Also
    --------
    sklearn_depth.HermitePolynomialRegressor : These features with a ridge head.
    sklearn.preprocessing.PolynomialFeatures : Monomials, which are ill-conditioned.

    Notes
    -----
    There are C(d + D, D) - 1 products of total degree at most D in d features. Each
    costs one multiplication a sample. On Gaussian features they are orthonormal, so
    that one ridge penalty suits all degrees.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.features import HermiteFeatures
    >>> X = np.random.default_rng(0).standard_normal((100, 2))
    >>> hermite = HermiteFeatures(degree=2).fit(X)
    >>> hermite.get_feature_names_out().tolist()
    ['He1(x0)', 'He1(x1)', 'He2(x0)', 'He1(x0) He1(x1)', 'He2(x1)']
    """

    _parameter_constraints: dict = {
        "degree": [POSITIVE_INTEGER],
        "truncation": [StrOptions(set(_TRUNCATION_NORMS))],
        "max_interaction": [POSITIVE_INTEGER, None],
        "scaling": [StrOptions({"standardize", "sphere"}), None],
    }

    def __init__(
        self,
        degree=3,
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
    ):
        self.degree = degree
        self.truncation = truncation
        self.max_interaction = max_interaction
        self.scaling = scaling

    def _measured(self, samples):
        return self._scales(samples) | {"_tree_": self._tree(samples.n_features)}

    def _fit_scales(self, samples, seen):
        """Fit all but the list of products, which may be too long for any memory."""
        return store_fit(self, seen | self._scales(samples))

    def _scales(self, samples):
        n_features = samples.n_features
        if self.scaling is None:
            mean, scale = np.zeros(n_features), np.ones(n_features)
            self._warn_of_outliers(samples.X)
        else:
            mean, scale = column_moments(samples.X, samples.weight)
        count = self._count(n_features)
        return {"mean_": mean, "scale_": scale, "n_output_features_": count}

    def _warn_of_outliers(self, X):
        """Warn where a product is so large that its sample alone would decide a fit."""
        if self.scaling is not None:
            return
        largest = np.abs(X).max(keepdims=True).astype(np.float64)[0]
        with np.errstate(over="ignore", invalid="ignore"):
            products = np.abs(hermite_values(largest, self.degree)[:, 0])
        products = np.nan_to_num(products, nan=np.inf)
        degree = products.argmax()
        if products[degree] > EPS**-0.5:
            warn_caller(
                f"X has an entry of size {largest[0]:.3g}, where the Hermite "
                f"polynomial of degree {degree} is {products[degree]:.3g}: next to its "
                "square, other samples are lost to rounding. Clip X, or set "
                'scaling="standardize", which clips it at 5 standard deviations.',
            )

    def _at_degree(self, degree):
        """The same map up to another degree."""
        if degree == self.degree:
            return self
        made = copy(self)
        made.degree = degree
        made.n_output_features_ = made._count(made.n_features_in_)
        vars(made).pop("_tree_", None)
        return made

    def _tree(self, n_features):
        self._check_memory(self._count(n_features), n_rows=_TREE_ROWS)
        return term_tree(n_features, *self._truncation())

    def _products(self):
        """The list of products, made now if ``fit`` did without."""
        if not hasattr(self, "_tree_"):
            self._tree_ = self._tree(self.n_features_in_)
        return self._tree_

    def _truncation(self):
        norm = _TRUNCATION_NORMS[self.truncation]
        return self.degree, self.max_interaction, norm

    def _count(self, n_features):
        return count_terms(n_features, *self._truncation())

    def _is_total(self, n_features):
        """Whether all products up to the total degree are kept."""
        return self._count(n_features) == count_terms(n_features, self.degree)

    def _check_memory(self, n_columns, n_rows):
        """Refuse products that do not fit into memory at ``n_rows`` samples."""
        check_memory(
            n_columns,
            8 * n_rows * n_columns,
            what=f"degree={self.degree} with {self.truncation} truncation",
            way_out='Lower degree or max_interaction, or set truncation="hyperbolic".',
        )

    def _transform(self, X):
        """The products of all samples, one product after the other in memory."""
        self._check_memory(self.n_output_features_, n_rows=len(X))
        features = np.empty((self.n_output_features_, len(X)), dtype=X.dtype).T
        for rows in row_blocks(len(X), self.n_output_features_):
            features[rows] = self._map(X[rows])
        return features

    def _map(self, X):
        """``transform`` of one block of validated X."""
        return self._products().values(self._scale(X)).T

    def _scale(self, X):
        """The z that products are made of."""
        if self.scaling == "standardize":
            z = clipped_scores(X, self.mean_, self.scale_)
        else:
            z = (X - self.mean_) / self.scale_
        z = z.astype(X.dtype, copy=False)
        if self.scaling == "sphere":
            norms = np.linalg.norm(z, axis=1, keepdims=True)
            z *= np.sqrt(X.shape[1]) / np.where(norms > 0, norms, 1)
        return z

    @property
    def _n_features_out(self):
        return self.n_output_features_

    @property
    def powers_(self):
        """The multi-indices, a row for each product."""
        check_is_fitted(self)
        powers = np.zeros((self.n_output_features_, self.n_features_in_), dtype=np.intp)
        for k, term in enumerate(self._products().terms()):
            for column, exponent in term:
                powers[k, column] = exponent
        return powers

    def get_feature_names_out(self, input_features=None):
        """Name the products.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features; by default those seen in ``fit``, or x0, x1, ...

        Returns
        -------
        names : ndarray of str objects of shape (n_output_features_,)
            Names such as "He2(x0) He1(x3)".
        """
        check_is_fitted(self)
        names = feature_names_in(self, input_features)
        return np.array(
            [
                " ".join(f"He{exponent}({names[column]})" for column, exponent in term)
                for term in self._products().terms()
            ],
            dtype=object,
        )
