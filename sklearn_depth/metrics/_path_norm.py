"""The path norm of a network, written down or fitted."""

from itertools import pairwise

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._dense_network import path_norm as sum_over_paths


def path_norm(network):
    r"""Compute the path norm of a fully connected network.

    .. math:: \sum_{i_0, \dots, i_L} \prod_{l=1}^L \big| C^l_{i_{l-1} i_l} \big|
        = \mathbf{1}^T |C^1| \cdots |C^L| \mathbf{1}

    Parameters
    ----------
    network : object with weights or list of array-like of shape (fan_in, fan_out)
        A network of :mod:`~sklearn_depth.constructions`, a fitted one with ``coefs_``,
        such as :class:`~sklearn_depth.ReLUNetworkRegressor` or
        :class:`sklearn.neural_network.MLPRegressor`, or the matrices C themselves.

    Returns
    -------
    path_norm : float
        The sum over all paths from an input to an output of the products of absolute
        weights. Intercepts do not enter. For a fitted network it is in the units of the
        features and outputs that its weights stand for, which may be scaled.

    Raises
    ------
    TypeError
        If there are no weights.
    ValueError
        If the matrices do not fit each other.

    See Also
    --------
    sklearn_depth.constructions.sawtooth_network : Path norms against depth.

    Notes
    -----
    It bounds how much such a network of ReLUs can vary, and with it its capacity
    whatever the width [1]_, and it does not change if a unit's weights below are
    multiplied by a number and those above divided by it.

    For one input and one hidden layer, the least path norm :math:`\sum |a_j| |w_j|`
    with which units make a function f, a linear function being free of charge, is
    the total variation of its slope, :math:`\int |f''|` [2]_.

    References
    ----------
    .. [1] Behnam Neyshabur, Ryota Tomioka and Nathan Srebro. Norm-Based Capacity
       Control in Neural Networks. COLT 2015. arXiv:1503.00036.
    .. [2] Pedro Savarese, Itay Evron, Daniel Soudry and Nathan Srebro. How do infinite
       width bounded norm networks look in function space? COLT 2019. arXiv:1902.05040.

    Examples
    --------
    >>> from sklearn_depth.constructions import sawtooth_network
    >>> from sklearn_depth.metrics import path_norm
    >>> path_norm(sawtooth_network(3))
    216.0
    >>> path_norm([[[1, -2]], [[3], [4]]])
    11.0
    """
    if hasattr(network, "path_norm"):
        return network.path_norm
    coefs = getattr(network, "coefs_", network)
    if not isinstance(coefs, list | tuple) or not len(coefs):
        raise TypeError(
            f"network is {network!r}, which has no weights. Pass a fitted network with "
            "coefs_, one of sklearn_depth.constructions, or a list of matrices."
        )
    coefs = [check_array(c, dtype=np.float64, input_name="weights") for c in coefs]
    for below, above in pairwise(coefs):
        if below.shape[1] != len(above):
            raise ValueError(
                f"a matrix with {below.shape[1]} columns stands below one with "
                f"{len(above)} rows: there must be as many. Pass them from the inputs "
                "up, each of shape (fan_in, fan_out)."
            )
    return sum_over_paths(coefs)
