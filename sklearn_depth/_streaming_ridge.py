"""Exact ridge regression on more samples than memory holds."""

from functools import partial

import numpy as np

from sklearn_depth._base import FeatureMapRegressor, ridge_attributes
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._dask import DaskRows
from sklearn_depth.utils._memory import check_numbers, row_blocks
from sklearn_depth.utils._sklearn import StrOptions, store_fit
from sklearn_depth.utils._streams import MergeMixin, columns_of_blocks, sum_blocks

# Gram matrices' worth of memory that it takes to make one and solve.
_GRAMS = 6


class StreamingRidge(MergeMixin, FeatureMapRegressor):
    r"""Ridge regression from sums over samples: in memory, on disk or on a cluster.

    .. math:: f(x) = b + \langle a, x\rangle, \qquad \min_{a, b}
              \sum_i s_i (f(x_i) - y_i)^2 + \alpha \|a\|^2

    with sample weights s. It is scikit-learn's :class:`~sklearn.linear_model.Ridge`, by
    means and centred second moments, which add up: samples in any batches or blocks
    give the fit of all samples at once. No sample is kept.

    Parameters
    ----------
    alpha : float or "gcv", default="gcv"
        Penalty. "gcv" takes the best of a grid by generalised cross-validation, for
        each target on its own; it needs sums alone.
    fit_intercept : bool, default=True
        Whether b is fitted; otherwise it is 0.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients a.
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
    sklearn.linear_model.Ridge : The same fit of samples in memory.
    sklearn.linear_model.SGDRegressor : Samples in batches, approximately.
    HermitePolynomialRegressor : Polynomials from such sums.

    Notes
    -----
    ``fit`` passes over the samples once, and ``partial_fit`` goes on from it too, at
    n_features^3 operations a call. Sums are merged by the update of Chan, Golub and
    LeVeque [1]_ about the mean of each part, so that features far from 0 lose no
    digits. They take (n_features + n_targets) n_features numbers, which is all that
    travels between the workers of a cluster, and (n_features + n_targets) n_features
    operations a sample. A memory map is read in blocks and never copied as a whole.

    With "gcv" the unit of the weights does not matter. Samples of equal X in a block
    count as one of their summed weight; across blocks nothing shows that they are
    equal, and so the number of samples in the criterion [2]_ may depend on the blocks.
    With a given alpha it makes no difference.

    References
    ----------
    .. [1] Tony F. Chan, Gene H. Golub and Randall J. LeVeque (1983). Algorithms for
       Computing the Sample Variance: Analysis and Recommendations. The American
       Statistician 37(3), 242-247.
    .. [2] Gene H. Golub, Michael Heath and Grace Wahba (1979). Generalized
       Cross-Validation as a Method for Choosing a Good Ridge Parameter. Technometrics
       21(2), 215-223.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth import StreamingRidge
    >>> rng = np.random.default_rng(0)
    >>> model = StreamingRidge(alpha=1.0)
    >>> for _ in range(10):
    ...     X = rng.standard_normal((1000, 3))
    ...     model = model.partial_fit(X, X @ [1, 2, 3] + 4)
    >>> model.coef_.round(2)
    array([1., 2., 3.])
    >>> round(float(model.intercept_), 2)
    4.0
    """

    _parameter_constraints: dict = {
        "alpha": [StrOptions({"gcv"}), NON_NEGATIVE],
        "fit_intercept": ["boolean"],
    }

    def __init__(self, alpha="gcv", *, fit_intercept=True):
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    def _fit_samples(self, samples, seen):
        return self._add(samples, seen, first=True)

    def _add(self, samples, seen, first):
        n_targets = samples.n_targets
        sums = _no_rows(samples.n_features, n_targets) if first else self._sums_
        sums = _with_rows(sums, samples)
        return self._solve(sums, seen, samples.X.dtype, samples.target_shape)

    def _merge(self, other, seen):
        return self._solve(
            self._sums_.merge(other._sums_),
            seen,
            self.coef_.dtype,
            np.shape(self.intercept_),
        )

    def _fit_dask(self, X, y, sample_weight):
        rows = DaskRows(X, y, sample_weight)
        seen = columns_of_blocks(self, rows)
        empty = partial(_no_rows, seen["n_features_in_"], rows.n_targets)
        sums, seen = sum_blocks(self, rows, seen, empty, _with_rows)
        return self._solve(sums, seen, rows.dtype, rows.target_shape)

    def _solve(self, sums, seen, dtype, target_shape):
        """Fit to sums alone, and remember them."""
        head = sums.solve(
            self.alpha,
            fit_intercept=self.fit_intercept,
            alpha_floor=float(np.finfo(dtype).eps),
        )
        fitted = ridge_attributes(head, dtype, target_shape)
        return store_fit(self, seen | fitted | {"_sums_": sums})

    def _features(self, X):
        """X is its own features."""
        return X


def _no_rows(n_features, n_targets):
    """Sums that are still without samples, if there is memory for them."""
    check_numbers(
        n_features * (_GRAMS * n_features + n_targets),
        what=f"The Gram matrix of {n_features:,} features",
        way_out="Leave features out.",
    )
    return RidgeMoments(n_features, n_targets)


def _with_rows(sums, samples):
    """The sums with further samples, read block by block."""
    n_features = samples.n_features
    with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
        for rows in row_blocks(len(samples), n_features, least=n_features):
            sums = sums.update(samples[rows].merged())
    return sums
