"""The kernels by name, and their diagonals."""

from sklearn_depth.kernels._arc_cosine import arc_cosine_kernel
from sklearn_depth.kernels._biased_ntk import biased_ntk_kernel
from sklearn_depth.kernels._dual_activation import dual_activation_kernel
from sklearn_depth.kernels._engine import DIAGONAL
from sklearn_depth.kernels._hermite import hermite_kernel
from sklearn_depth.kernels._networks import nngp_kernel, ntk_kernel

KERNEL_FUNCTIONS = {
    "arc_cosine": arc_cosine_kernel,
    "biased_ntk": biased_ntk_kernel,
    "dual_activation": dual_activation_kernel,
    "hermite": hermite_kernel,
    "nngp": nngp_kernel,
    "ntk": ntk_kernel,
}


def kernel_function(metric):
    """The function of this name, or the function itself if it is one of them."""
    if isinstance(metric, str) and metric in KERNEL_FUNCTIONS:
        return KERNEL_FUNCTIONS[metric]
    if any(metric is function for function in KERNEL_FUNCTIONS.values()):
        return metric
    names = ", ".join(f'"{name}"' for name in KERNEL_FUNCTIONS)
    raise ValueError(
        f"metric must be one of {names}, or a function of sklearn_depth.kernels of "
        f"that name; got {metric!r}."
    )


def kernel_diagonal(X, metric, **params):
    r"""Compute K(x, x) of every sample, without the matrix.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Samples.
    metric : str or callable
        A name in ``KERNEL_FUNCTIONS``: "arc_cosine", "biased_ntk", "dual_activation",
        "hermite", "nngp" or "ntk"; or that function itself.
    **params : dict
        Keyword arguments of the kernel's function.

    Returns
    -------
    diagonal : ndarray of shape (n_samples,)
        The values K(x, x), in the float type of X.

    Raises
    ------
    ValueError
        If ``metric`` is none of these, or for what the function itself refuses.

    See Also
    --------
    GaussianProcessKernel : Needs diagonals for predicted variances.

    Examples
    --------
    >>> from sklearn_depth.kernels import kernel_diagonal, ntk_kernel
    >>> X = [[1.0, 1.0], [0.0, 2.0]]
    >>> kernel_diagonal(X, "ntk", depth=3)
    array([3., 6.])
    >>> ntk_kernel(X, depth=3).diagonal()
    array([3., 6.])
    """
    return kernel_function(metric)(X, DIAGONAL, **params)
