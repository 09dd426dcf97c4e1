"""The tangent kernel of a network as it is, of finite width and trained or not."""

import numpy as np
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_array

from sklearn_depth._math._dense_network import DenseNetwork
from sklearn_depth._math._moments import clipped_scores
from sklearn_depth.utils._validation import FLOATS, validate_new_data

# Derivatives that a block of samples holds at once: 256 MiB of float64.
_HELD = 2**25


def empirical_ntk(model, X, Y=None):
    r"""Compute the neural tangent kernel of a network at its present weights.

    .. math:: K(x, z) = \frac{1}{k} \sum_{j=1}^k
        \langle \nabla_\theta f_j(x), \nabla_\theta f_j(z) \rangle

    with :math:`\theta` all weights that train and :math:`f_1, \dots, f_k` the outputs.

    Parameters
    ----------
    model : torch.nn.Module or estimator
        A module from samples to outputs, of shape (n_samples,) or (n_samples, k), which
        treats each sample on its own; or a fitted network of ReLUs:
        :class:`~sklearn_depth.ReLUNetworkRegressor` or its classifier, or
        scikit-learn's :class:`~sklearn.neural_network.MLPRegressor`.
    X : array-like of shape (n_samples_X, n_features)
        Samples.
    Y : array-like of shape (n_samples_Y, n_features), default=None
        Other samples; None stands for X.

    Returns
    -------
    K : ndarray of shape (n_samples_X, n_samples_Y)
        The kernel matrix; in the float type of a module's weights.

    Raises
    ------
    TypeError
        If the model is neither a module nor has ``coefs_`` and ``intercepts_``.
    ValueError
        If no weight of a module trains, or the estimator has another activation.

    See Also
    --------
    ntk_kernel : Its limit in width, for weights at random.
    sklearn_depth.KernelRidge : Regression with it, as ``kernel="precomputed"``.

    Notes
    -----
    Of an estimator it is the kernel of the network that is trained, from scaled
    features to scaled targets or to logits, in the coordinates of ``coefs_`` and
    ``intercepts_``; of scikit-learn's, to outputs before the last activation, such as
    the logarithms of means under ``loss="poisson"``. A module is differentiated with
    :mod:`torch.func`, in blocks of samples, whose gradients are held at once;
    parameters that require no gradient are left out. Put a module with dropout or batch
    normalisation in ``eval()`` first.

    Where the kernel stays what it was at the start of training, the network has learned
    no features [1]_.

    References
    ----------
    .. [1] Arthur Jacot, Franck Gabriel and Clement Hongler (2018). Neural Tangent
       Kernel: Convergence and Generalization in Neural Networks. arXiv:1806.07572.

    Examples
    --------
    >>> import torch
    >>> from sklearn_depth.kernels import empirical_ntk
    >>> unit = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())
    >>> with torch.no_grad():
    ...     _ = unit[0].weight.fill_(1.0), unit[0].bias.fill_(0.0)
    >>> empirical_ntk(unit, [[1.0, 2.0], [3.0, 0.0], [-1.0, 0.0]])
    array([[ 6.,  4.,  0.],
           [ 4., 10.,  0.],
           [ 0.,  0.,  0.]], dtype=float32)
    """
    if hasattr(model, "named_parameters"):
        return _of_module(model, X, Y)
    if not (hasattr(model, "coefs_") and hasattr(model, "intercepts_")):
        raise TypeError(
            "model must be a torch module, or a fitted network with coefs_ and "
            f"intercepts_; got {type(model).__name__}."
        )
    activation = getattr(model, "activation", "relu")
    if activation != "relu":
        raise ValueError(
            f"model has activation={activation!r}; only networks of ReLUs are "
            "differentiated here. Pass a torch module."
        )
    network = DenseNetwork(model.coefs_, model.intercepts_)
    return network.tangent_kernel(*(_inputs(model, rows) for rows in (X, Y)))


def _inputs(model, rows):
    """Samples as the network sees them; None stays None."""
    if rows is None:
        return None
    rows = validate_new_data(model, rows)
    if getattr(model, "_scales_", False):
        return clipped_scores(rows, model.mean_, model.scale_)
    return rows


def _of_module(module, X, Y):
    """The kernel of a torch module, by blocks of samples."""
    import torch

    some = {name: w for name, w in module.named_parameters() if w.requires_grad}
    if not some:
        raise ValueError("No parameter of the module requires a gradient.")
    weights = next(iter(some.values()))

    def tensor(rows):
        rows = check_array(rows, dtype=FLOATS)
        return torch.as_tensor(rows).to(weights.device, weights.dtype)

    X = tensor(X)
    Y = X if Y is None else tensor(Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"X has {X.shape[1]} features and Y {Y.shape[1]}.")
    gradients = _row_gradients(module, some)
    kernel = np.empty((len(X), len(Y)), np.asarray(weights.detach().cpu()).dtype)
    size = max(_HELD // gradients(X[:1]).numel(), 1)
    for rows in gen_batches(len(X), size):
        left = gradients(X[rows])
        for others in gen_batches(len(Y), size):
            right = left if Y is X and others == rows else gradients(Y[others])
            product = torch.einsum("ikp,jkp->ij", left, right) / left.shape[1]
            kernel[rows, others] = product.cpu().numpy()
    return kernel


def _row_gradients(module, parameters):
    """A function from samples to their gradients, (n_rows, n_outputs, n_weights)."""
    import torch
    from torch.func import functional_call, jacrev, vmap

    detached = {name: w.detach() for name, w in parameters.items()}

    def outputs(weights, row):
        return functional_call(module, weights, (row[None],)).reshape(-1)

    def gradients(rows):
        by_name = vmap(jacrev(outputs), (None, 0))(detached, rows)
        flat = [found.flatten(2) for found in by_name.values()]
        return torch.cat(flat, dim=2).detach()

    return gradients
