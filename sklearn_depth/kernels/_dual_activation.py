"""Kernels of random networks on the sphere, whole or cut to a polynomial."""

import numpy as np

from sklearn_depth._math._duals import make_dual, unit_norm
from sklearn_depth._math._hermite_series import (
    ACTIVATIONS,
    dual_activation,
    hermite_coefficients,
)
from sklearn_depth._math._network_kernels import ZonalPairs
from sklearn_depth.kernels._engine import evaluate
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER, POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import StrOptions, validate_params


@validate_params(
    {
        "activation": [StrOptions(set(ACTIVATIONS)), callable],
        "depth": [POSITIVE_INTEGER],
        "degree": [NON_NEGATIVE_INTEGER, None],
    }
)
def dual_activation_kernel(X, Y=None, *, activation="relu", depth=2, degree=None):
    r"""Compute the dual activation, composed by depth, of the samples' cosines.

    .. math:: K(x, z) = \hat s \circ \dots \circ \hat s \,
              (\cos \angle(x, z)), \qquad
              \hat s(\rho) = \sum_k a_k^2 \rho^k = \mathbb{E} [s(u) s(v)]

    with :math:`\hat s` applied L - 1 times at depth L, s the activation over its norm
    under N(0, 1), :math:`a_k` its Hermite coefficients, and u, v standard normal of
    correlation :math:`\rho`.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
        Samples; only their directions count.
    Y : {array-like, sparse matrix} of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.
    activation : str or callable, default="relu"
        "erf", erf(z / sqrt(2)); "erf_integral", its integral from 0; "logistic",
        "relu", "tanh"; or one's own vectorised function, smooth but for a kink at 0.
    depth : int, default=2
        Number L of weight matrices: 1 is the cosine itself, 2 has one hidden layer.
    degree : int or None, default=None
        Degree n at which each :math:`\hat s` is cut, without renormalising; None keeps
        it whole.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix, in the common float type of X and Y. Of two samples given as
        1-D arrays, a float.

    Raises
    ------
    ValueError
        If X and Y differ in their number of features or hold NaN or infinity, or if the
        activation is zero, or not finite, on N(0, 1).

    See Also
    --------
    nngp_kernel : The same for samples of squared norm ``n_features``, and with norms
        and biases for others.
    sklearn_depth.datasets.shadow_network : The polynomial networks behind ``degree``.

    Notes
    -----
    Zero has cosine 0 with every sample, itself included. Whole, K(x, x) = 1; cut,
    :math:`\hat s_n(1) = 1 - \varepsilon_n^2` with :math:`\varepsilon_n` what the series
    up to degree n leaves of s, and K is a polynomial of degree :math:`n^{L-1}` in the
    cosine. At depth 2 it is the limit of the covariance of
    :func:`~sklearn_depth.datasets.shadow_network`'s targets; deeper, the shadow's units
    have a variance below 1, which the composition leaves out.

    A random network of constant depth is close to its shadow (Theorem 2.3 of [2]_), so
    regression with a cut kernel learns it with samples polynomial in the size of the
    network, with an exponent that grows with the accuracy. How :math:`\hat s` is
    computed, and to what error, is said in :func:`nngp_kernel`.

    References
    ----------
    .. [1] Amit Daniely, Roy Frostig and Yoram Singer (2016). Toward Deeper
       Understanding of Neural Networks: The Power of Initialization and a Dual View on
       Expressivity. arXiv:1602.05897, Section 4.
    .. [2] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508, Section 2.

    Examples
    --------
    >>> from sklearn_depth.kernels import dual_activation_kernel
    >>> X = [[1.0, 0.0], [3.0, 3.0]]
    >>> dual_activation_kernel(X, activation="erf").round(4)
    array([[1.    , 0.6902],
           [0.6902, 1.    ]])
    >>> dual_activation_kernel(X, activation="erf", degree=3).round(4)
    array([[0.9947, 0.6893],
           [0.6893, 0.9947]])
    """
    step = _whole(activation) if degree is None else _cut(activation, degree)
    return evaluate(X, Y, lambda n_features: ZonalPairs(step, depth))


def _whole(activation):
    """The gap after an activation of units of variance 1."""
    dual = make_dual(activation)
    numbers = dual.rows(np.ones(1))
    return lambda gap: dual.gap(gap, numbers, numbers)


def _cut(activation, degree):
    function = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    coefficients = hermite_coefficients(function, degree) / unit_norm(function)
    return lambda gap: 1 - dual_activation(coefficients, 1 - gap)
