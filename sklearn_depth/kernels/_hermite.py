"""The kernel of all Hermite products."""

from functools import partial

from sklearn_depth._math._mehler import HermitePairs
from sklearn_depth.kernels._engine import evaluate
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER
from sklearn_depth.utils._sklearn import validate_params


@validate_params({"degree": [NON_NEGATIVE_INTEGER]})
def hermite_kernel(X, Y=None, *, degree=3):
    r"""Compute the kernel of all Hermite products up to a total degree.

    .. math:: K(x, z) = \sum_{|\alpha| \le D} h_\alpha(x) \, h_\alpha(z), \qquad
              h_\alpha(x) = \prod_j h_{\alpha_j}(x_j)

    with the polynomials of :class:`~sklearn_depth.features.HermiteFeatures`,
    orthonormal under N(0, 1). A pair costs one inner product and of the order of D²
    operations, however many products there are: D = 3 in a thousand features has 168
    million.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
        Samples, best of features with mean 0 and variance 1.
    Y : {array-like, sparse matrix} of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.
    degree : int, default=3
        Largest total degree D.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix, in the common float type of X and Y. Of two samples given as
        1-D arrays, a float.

    Raises
    ------
    ValueError
        If X and Y differ in their number of features, hold NaN or infinity, or are so
        large that the kernel overflows.

    See Also
    --------
    sklearn_depth.HermitePolynomialRegressor : Ridge regression with this kernel, or on
        its features.
    sklearn.metrics.pairwise.polynomial_kernel : Powers of 1 + <x, z>.

    Notes
    -----
    The terms of degree s sum to the coefficient of :math:`t^s` in Mehler's generating
    function

    .. math:: (1 - t^2)^{-d/2} \exp\frac{2 t p - t^2 q}{2 (1 - t^2)}, \qquad
              p = \langle x, z \rangle, \quad q = \|x\|^2 + \|z\|^2

    which a recursion in s gives from p and q. The kernel is invariant under rotations.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.features import HermiteFeatures
    >>> from sklearn_depth.kernels import hermite_kernel
    >>> X = np.random.default_rng(0).standard_normal((10, 4))
    >>> products = HermiteFeatures(degree=3, scaling=None).fit_transform(X)
    >>> np.allclose(hermite_kernel(X, degree=3), 1 + products @ products.T)
    True
    """
    return evaluate(X, Y, partial(HermitePairs, degree=degree))
