"""The maximum of the inputs as a ReLU network."""

import numpy as np

from sklearn_depth.constructions._deep_network import DeepNetwork
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._sklearn import validate_params

# max(a, b) = relu(a - b) + relu(b) - relu(-b), and c = relu(c) - relu(-c).
_PAIR = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, -1.0]]), np.array([1.0, 1.0, -1.0])
_SINGLE = np.array([[1.0, -1.0]]), np.array([1.0, -1.0])


@validate_params({"n_features": [POSITIVE_INTEGER]})
def maximum_network(n_features):
    r"""Write down the network that equals the maximum of its inputs.

    .. math:: \max(a, b) = [a - b]_+ + [b]_+ - [-b]_+

    for pairs, for pairs of their maxima, and so on.

    Parameters
    ----------
    n_features : int
        Number d of inputs.

    Returns
    -------
    network : DeepNetwork
        ``network(X)`` evaluates it at any real X; ``network.widths``,
        ``network.depth``, ``network.path_norm``. Of :math:`\lceil \log_2 d \rceil`
        hidden layers, the first with 3 units for each pair and 2 for what is left over.

    Raises
    ------
    MemoryError
        If the weights need more than this process may have.

    See Also
    --------
    sklearn_depth.datasets.make_maximum : Data from it.

    Notes
    -----
    Every continuous piecewise linear function of d variables is a ReLU network of
    :math:`\lceil \log_2(d + 1) \rceil` hidden layers, since it is a sum, with signs, of
    maxima of at most d + 1 affine functions [1]_. The path norm is :math:`d^2` where d
    is a power of 2.

    References
    ----------
    .. [1] Raman Arora, Amitabh Basu, Poorya Mianjy and Anirbit Mukherjee. Understanding
       Deep Neural Networks with Rectified Linear Units. ICLR 2018. arXiv:1611.01491.

    Examples
    --------
    >>> from sklearn_depth.constructions import maximum_network
    >>> network = maximum_network(10)
    >>> network.widths, network.depth
    ((15, 8, 5, 3), 5)
    >>> network([[-5, -4, -3, -9, -7, -2.5, -6, -8, -4, -3]])
    array([-2.5])
    """
    check_memory(
        n_features,
        24 * int(n_features) ** 2,
        what=f"A network of the maximum of {n_features:,} inputs",
        way_out="Lower n_features.",
    )
    coefs, values = [], np.eye(n_features)
    while values.shape[1] > 1:
        inner, outer = _round_of_pairs(values.shape[1])
        coefs.append(values @ inner)
        values = outer
    coefs.append(values)
    return DeepNetwork(tuple(coefs), tuple(np.zeros(c.shape[1]) for c in coefs))


def _round_of_pairs(n_values):
    """Weights of the units and of what they make, for maxima of neighbours."""
    blocks = [_PAIR] * (n_values // 2) + [_SINGLE] * (n_values % 2)
    n_units = sum(len(outer) for _, outer in blocks)
    inner, outer = np.zeros((n_values, n_units)), np.zeros((n_units, len(blocks)))
    row = column = 0
    for k, (of_inputs, of_outputs) in enumerate(blocks):
        n_rows, n_columns = of_inputs.shape
        units = slice(column, column + n_columns)
        inner[row : row + n_rows, units] = of_inputs
        outer[units, k] = of_outputs
        row, column = row + n_rows, column + n_columns
    return inner, outer
