"""Kernels of networks in the limit of width: random, or trained lazily."""

from functools import partial

from sklearn_depth._math._duals import make_dual
from sklearn_depth._math._hermite_series import ACTIVATIONS
from sklearn_depth._math._network_kernels import NetworkPairs
from sklearn_depth.kernels._engine import evaluate
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import StrOptions, validate_params

_CONSTRAINTS = {
    "depth": [POSITIVE_INTEGER],
    "activation": [StrOptions(set(ACTIVATIONS)), callable],
    "weight_variance": [POSITIVE],
    "bias_variance": [NON_NEGATIVE],
}


@validate_params(_CONSTRAINTS)
def nngp_kernel(
    X, Y=None, *, depth=2, activation="relu", weight_variance=1.0, bias_variance=0.0
):
    r"""Compute the covariance of wide random networks.

    .. math:: K^1 = \sigma_b^2 + \sigma_w^2 \langle x, z \rangle / d, \qquad
              K^{l+1} = \sigma_b^2 + \sigma_w^2 \, \mathbb{E} [s(u) s(v)], \qquad
              (u, v) \sim N\left(0, \begin{pmatrix} K^l(x, x) & K^l(x, z) \\
              K^l(x, z) & K^l(z, z) \end{pmatrix}\right)

    and the kernel is :math:`K^L` at depth L, with s the activation over its norm under
    N(0, 1), so that :math:`\mathbb{E} s(Z)^2 = 1`. In the limit of width a network with
    independent weights :math:`N(0, \sigma_w^2 / d_{l-1})`, one over the number of
    columns of their matrix, and biases :math:`N(0, \sigma_b^2)` is a draw of the
    Gaussian process with this covariance.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
        Samples, best of features with variance about 1.
    Y : {array-like, sparse matrix} of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.
    depth : int, default=2
        Number L of weight matrices: 1 is the linear kernel, 2 has one hidden layer.
    activation : str or callable, default="relu"
        "erf", erf(z / sqrt(2)); "erf_integral", its integral from 0; "logistic",
        "relu", "tanh"; or one's own vectorised function, smooth but for a kink at 0.
    weight_variance : float, default=1.0
        The variance :math:`\sigma_w^2`, above 0.
    bias_variance : float, default=0.0
        The variance :math:`\sigma_b^2`.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix, in the common float type of X and Y. Of two samples given as
        1-D arrays, a float.

    Raises
    ------
    ValueError
        If X and Y differ in their number of features, hold NaN or infinity, if K(x, x)
        of a sample overflows, or if the activation is zero, or not finite, on N(0, 1)
        or on the law of a hidden unit.

    See Also
    --------
    ntk_kernel : Of the same networks in training.
    dual_activation_kernel : On the sphere, or cut to a polynomial.
    sklearn_depth.datasets.make_random_network : The networks themselves.
    GaussianProcessKernel : In scikit-learn's Gaussian processes.

    Notes
    -----
    With ``weight_variance=1`` and ``bias_variance=0`` it is the limit of the
    covariance, over the weights, of the targets of
    :func:`~sklearn_depth.datasets.make_random_network` of the same depth and
    activation. So for such a target, drawn at random, regression with this kernel and
    the variance of the noise as penalty is Bayes-optimal on average in that limit: no
    method has a smaller mean squared error. It is the yardstick there for what trained
    networks achieve.

    "relu" and "erf" have closed forms, by the arc-cosine kernel [2]_ and by the arcsine
    [3]_. Other activations go by the Hermite series of z -> s(sqrt(q) z) with
    q = K(x, x),

    .. math:: \mathbb{E} [s(u) s(v)] = \sum_k a_k(q_x) \, a_k(q_z) \, \rho^k

    up to the degree D = 100, and the mass that is left,
    :math:`r(q) = \sum_{k > D} a_k(q)^2`, goes to :math:`\rho^{D+1}`. So the diagonal is
    exact, every term is positive semi-definite and the error at most
    :math:`2 (r(q_x) r(q_z))^{1/2} |\rho|^{D+1}`. For the names here r is below 1e-12 of
    the whole at q = 1 and 1e-4 at q = 10; it grows with q, where sigmoids come near a
    step. For one's own functions it is 1e-3 at most with a kink, and 0.05 with a jump.

    References
    ----------
    .. [1] Jaehoon Lee, Yasaman Bahri, Roman Novak, Samuel S. Schoenholz, Jeffrey
       Pennington and Jascha Sohl-Dickstein (2018). Deep Neural Networks as Gaussian
       Processes. arXiv:1711.00165, Section 2.
    .. [2] Youngmin Cho and Lawrence K. Saul (2009). Kernel Methods for Deep Learning.
       Advances in Neural Information Processing Systems 22.
    .. [3] Christopher K. I. Williams (1997). Computing with Infinite Networks. Advances
       in Neural Information Processing Systems 9.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_random_network
    >>> from sklearn_depth.kernels import nngp_kernel
    >>> X, y = make_random_network(2, 5, random_state=0)
    >>> draws = [make_random_network(2, 5, return_truth=True, random_state=seed)[2](X)
    ...          for seed in range(500)]
    >>> error = np.cov(np.transpose(draws)) - nngp_kernel(X, activation="erf")
    >>> print(f"{abs(error).max():.1f}")
    0.1
    """
    variances = weight_variance, bias_variance
    return _evaluate(X, Y, depth, activation, *variances, tangent=False)


@validate_params(_CONSTRAINTS)
def ntk_kernel(
    X, Y=None, *, depth=2, activation="relu", weight_variance=1.0, bias_variance=0.0
):
    r"""Compute the neural tangent kernel of wide networks.

    .. math:: T^1 = K^1, \qquad T^{l+1} = K^{l+1}
              + \sigma_w^2 \, \mathbb{E} [s'(u) s'(v)] \, T^l

    with K, s and the Gaussian (u, v) of covariance :math:`K^l` as in
    :func:`nngp_kernel`; the kernel is :math:`T^L` at depth L. It is the limit in width
    of the inner product of a network's gradients at x and z, where every layer trains:
    the network is
    :math:`f = \sigma_w d_{L-1}^{-1/2} W^L s(\dots) + \sigma_b b^L`, in each layer with
    entries of W and b drawn from N(0, 1).

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
        Samples, best of features with variance about 1.
    Y : {array-like, sparse matrix} of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.
    depth : int, default=2
        Number L of weight matrices: 1 is the linear kernel, 2 has one hidden layer.
    activation : str or callable, default="relu"
        "erf", erf(z / sqrt(2)); "erf_integral", its integral from 0; "logistic",
        "relu", "tanh"; or one's own vectorised function, smooth but for a kink at 0.
    weight_variance : float, default=1.0
        The variance :math:`\sigma_w^2`, above 0.
    bias_variance : float, default=0.0
        The variance :math:`\sigma_b^2`; 0 is without biases.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix, in the common float type of X and Y. Of two samples given as
        1-D arrays, a float.

    Raises
    ------
    ValueError
        If X and Y differ in their number of features, hold NaN or infinity, if K(x, x)
        of a sample overflows, or if the activation is zero, or not finite, on N(0, 1)
        or on the law of a hidden unit.

    See Also
    --------
    nngp_kernel : The same where only the last layer trains.
    biased_ntk_kernel : Of units whose biases keep most of them inactive.
    sklearn_depth.KernelRidge : Regression with it.

    Notes
    -----
    Wide networks in this parametrisation stay near their start, and gradient flow on
    the squared loss from an initial output of zero converges to regression with this
    kernel without a penalty (Theorems 1 and 2 of [1]_). It is what a network achieves
    that learns no features. On targets of
    :func:`~sklearn_depth.datasets.make_random_network` it is not Bayes-optimal;
    :func:`nngp_kernel` is.

    On samples with :math:`\|x\|^2 = d`, ReLUs at depth 2 without biases give
    :math:`\kappa_1(\rho) + \rho \kappa_0(\rho)` with the arc-cosine kernels of orders
    1 and 0 of samples of norm 1. For activations without a closed form,
    :math:`\mathbb{E} [s'(u) s'(v)]` is the derivative, in the covariance, of the series
    in :func:`nngp_kernel`. Its error is about D times as large, and is largest between
    equal samples.

    References
    ----------
    .. [1] Arthur Jacot, Franck Gabriel and Clement Hongler (2018). Neural Tangent
       Kernel: Convergence and Generalization in Neural Networks. arXiv:1806.07572.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.kernels import ntk_kernel
    >>> X = np.sqrt(2) * np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    >>> ntk_kernel(X).round(4)
    array([[2.    , 0.3183, 0.    ],
           [0.3183, 2.    , 0.3183],
           [0.    , 0.3183, 2.    ]])
    """
    variances = weight_variance, bias_variance
    return _evaluate(X, Y, depth, activation, *variances, tangent=True)


def _evaluate(X, Y, depth, activation, weight_variance, bias_variance, *, tangent):
    make_pairs = partial(
        NetworkPairs,
        dual=make_dual(activation),
        depth=depth,
        weight_variance=weight_variance,
        bias_variance=bias_variance,
        tangent=tangent,
    )
    return evaluate(X, Y, make_pairs)
