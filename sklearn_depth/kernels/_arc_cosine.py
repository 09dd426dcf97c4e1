"""Arc-cosine kernels."""

from sklearn_depth._math._arc_cosine import ArcCosinePairs
from sklearn_depth.kernels._engine import evaluate
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER, POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import validate_params


@validate_params(
    {
        "order": [NON_NEGATIVE_INTEGER],
        "depth": [POSITIVE_INTEGER],
    }
)
def arc_cosine_kernel(X, Y=None, *, order=1, depth=2):
    r"""Compute the arc-cosine kernel: wide layers of steps, ReLUs or their powers.

    .. math:: K(x, z) = 2 \, \mathbb{E} \big[ [\langle w, x \rangle]_+^n \,
              [\langle w, z \rangle]_+^n \big]
              = \tfrac{1}{\pi} \|x\|^n \|z\|^n J_n(\theta), \qquad w \sim N(0, I)

    for one hidden layer, with :math:`[t]_+^0` the step 1{t > 0}, :math:`\theta` the
    angle between x and z, and

    .. math:: J_0 = \pi - \theta, \quad
              J_1 = \sin \theta + (\pi - \theta) \cos \theta, \quad
              J_{n+1} = (2n + 1) \cos \theta \, J_n + n^2 \sin^2 \theta \, J_{n-1}.

    Every further layer applies it to the features of the layer below, whose inner
    products and angles are those that the kernel below gives.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
        Samples.
    Y : {array-like, sparse matrix} of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.
    order : int, default=1
        The power n: 0 for steps, whose kernel ignores norms, 1 for ReLUs. From 2 on
        norms grow fast with depth: scale samples to norm 1.
    depth : int, default=2
        Number of weight matrices: 1 is the linear kernel <x, z>, 2 has one hidden
        layer. The l-fold composition of [1]_ is depth l + 1.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix, in the common float type of X and Y. Of two samples given as
        1-D arrays, a float.

    Raises
    ------
    ValueError
        If X and Y differ in their number of features, hold NaN or infinity, or if
        K(x, x) of a sample overflows.

    See Also
    --------
    nngp_kernel : With biases, and of other activations; for "relu" it is this kernel
        of order 1 over ``n_features``.
    sklearn_depth.KernelRidge : Regression with it.

    Notes
    -----
    Zero has K = 0 with every sample, itself included, whatever the order. The kernel of
    order 0 is linear in the angle where samples are equal, so its functions are rough
    there; small angles are kept to about 1e-16 through all layers, those near 180
    degrees to 1e-8.

    Estimators that call a kernel function pair by pair, as KernelPCA and Nystroem do,
    are much faster with ``kernel="precomputed"`` and the whole matrix.

    References
    ----------
    .. [1] Youngmin Cho and Lawrence K. Saul (2009). Kernel Methods for Deep Learning.
       Advances in Neural Information Processing Systems 22, Sections 2.1 to 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.kernels import arc_cosine_kernel
    >>> arc_cosine_kernel([[1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]]).round(4)
    array([[0.6366, 3.    ]])
    >>> arc_cosine_kernel([[1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]], order=0)
    array([[0.5, 1. ]])
    """
    return evaluate(X, Y, lambda n_features: ArcCosinePairs(order, depth))
