"""Iterated piecewise linear maps as ReLU networks, of any number of layers."""

import numpy as np
from sklearn.utils import check_array

from sklearn_depth._math._interval_maps import INTERVAL_MAPS, PiecewiseLinear
from sklearn_depth._math._radial_constructions import interpolant
from sklearn_depth.constructions._deep_network import DeepNetwork
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._sklearn import validate_params

_MOST_UNITS = 2**18  # of a layer
_OF_A_LAYER = 64  # what arrays take beside their numbers
_COUNTS = {
    "n_iterations": [POSITIVE_INTEGER],
    "n_hidden_layers": [POSITIVE_INTEGER, None],
}


@validate_params(_COUNTS)
def sawtooth_network(n_iterations, *, n_hidden_layers=None):
    r"""Write down the network that equals a sawtooth.

    .. math:: m^k(x) = (m \circ \dots \circ m)(x), \qquad
        m(x) = 2 [x]_+ - 4 \big[ x - \tfrac 1 2 \big]_+ \text{ on } [0, 1]

    Parameters
    ----------
    n_iterations : int
        The number k of compositions of the tent map m.
    n_hidden_layers : int or None, default=None
        Over how many layers they are spread, from 1 to k; None is k. A layer that makes
        j compositions has :math:`2^j` units.

    Returns
    -------
    network : DeepNetwork
        ``network(X)`` evaluates it at X in [0, 1], of shape (n_samples, 1);
        ``network.widths``, ``network.depth``, ``network.path_norm``.

    Raises
    ------
    ValueError
        If there are more layers than iterations, or a layer has over 262 144 units.
    MemoryError
        If the weights need more than this process may have.

    See Also
    --------
    iterated_map_network : Other maps.
    sklearn_depth.datasets.make_sawtooth : Data from it.

    Notes
    -----
    The sawtooth has :math:`2^k` linear pieces. One hidden layer has a unit for each,
    and cannot have fewer than :math:`2^k - 1`; k layers have 2 each, after [1]_. The
    path norm tells another story: it is :math:`6^k` for k layers and
    :math:`2^k (2^{k+1} - 1)` for one, the least possible there.

    References
    ----------
    .. [1] Matus Telgarsky. Benefits of depth in neural networks. COLT 2016.
       arXiv:1602.04485.

    Examples
    --------
    >>> from sklearn_depth.constructions import sawtooth_network
    >>> for n_hidden_layers in (1, 2, 3, 6):
    ...     network = sawtooth_network(6, n_hidden_layers=n_hidden_layers)
    ...     print(network.widths, network.path_norm)
    (64,) 8128.0
    (8, 8) 14400.0
    (4, 4, 4) 21952.0
    (2, 2, 2, 2, 2, 2) 46656.0
    >>> network([[0.0], [1 / 64], [2 / 64], [2.5 / 64]])
    array([0. , 1. , 0. , 0.5])
    """
    return _compose(INTERVAL_MAPS["tent"].pieces, n_iterations, n_hidden_layers)


@validate_params({"knots": ["array-like"], "values": ["array-like"]} | _COUNTS)
def iterated_map_network(knots, values, n_iterations, *, n_hidden_layers=None):
    r"""Write down the network that equals an iterated piecewise linear map.

    .. math:: f^k = f \circ \dots \circ f, \qquad
        f(x) = v_0 + \sum_j (s_j - s_{j-1}) [x - t_j]_+ \text{ on } [0, 1]

    with :math:`s_j` the slope of f from knot :math:`t_j` on, and :math:`s_{-1} = 0`.

    Parameters
    ----------
    knots : array-like of shape (n_knots,)
        The places :math:`t_j` where f bends, increasing from 0 to 1.
    values : array-like of shape (n_knots,)
        The values of f there, in [0, 1].
    n_iterations : int
        The number k of compositions.
    n_hidden_layers : int or None, default=None
        Over how many layers they are spread, from 1 to k; None is k. A layer has a unit
        for each linear piece of the iterates that it makes.

    Returns
    -------
    network : DeepNetwork
        ``network(X)`` evaluates it at X in [0, 1], of shape (n_samples, 1);
        ``network.widths``, ``network.depth``, ``network.path_norm``.

    Raises
    ------
    ValueError
        If ``knots`` do not increase from 0 to 1, ``values`` are not as many numbers in
        [0, 1], or there are more layers than iterations; if the number of pieces of f,
        to the power of the iterations of a layer, is over 262 144.
    MemoryError
        If the weights need more than this process may have.

    See Also
    --------
    sawtooth_network : The tent map.
    sklearn_depth.datasets.make_iterated_map : Data from such maps.

    Notes
    -----
    With one hidden layer and :math:`k = 1` this writes down any interpolant of one
    variable. Its path norm is the total variation of the slope, that from 0 to
    :math:`s_0` included, and no network of one hidden layer with the same values
    everywhere has a smaller one, where a linear function is free of charge [1]_.

    Rounding leaves errors of about 1e-16 times the steepest slope of the iterate.

    References
    ----------
    .. [1] Pedro Savarese, Itay Evron, Daniel Soudry and Nathan Srebro. How do infinite
       width bounded norm networks look in function space? COLT 2019. arXiv:1902.05040.

    Examples
    --------
    A map with a point of period three, whose iterates have 2, 3, 5, 8, ... pieces:

    >>> from sklearn_depth.constructions import iterated_map_network
    >>> for k in (1, 2, 3, 8):
    ...     shallow = iterated_map_network(
    ...         [0, 0.5, 1], [0.5, 1, 0], k, n_hidden_layers=1)
    ...     deep = iterated_map_network([0, 0.5, 1], [0.5, 1, 0], k)
    ...     print(shallow.n_units, deep.n_units)
    2 2
    3 4
    5 6
    55 16
    """
    pieces = PiecewiseLinear(_vector(knots, "knots"), _vector(values, "values"))
    _check_pieces(pieces)
    return _compose(pieces.without_flat_knots(), n_iterations, n_hidden_layers)


def _compose(pieces, n_iterations, n_hidden_layers):
    """Hinges for each group of iterations, one group after the other."""
    n_layers = n_iterations if n_hidden_layers is None else n_hidden_layers
    if n_layers > n_iterations:
        raise ValueError(
            f"n_hidden_layers={n_layers} is more than n_iterations={n_iterations} can "
            "fill. Use fewer layers, or None."
        )
    size, n_larger = divmod(n_iterations, n_layers)
    _check_widest(pieces, size + (n_larger > 0), n_iterations)
    iterates = [pieces.iterate(size + 1)] if n_larger else []
    iterates.append(pieces.iterate(size))
    _check_weights(len(iterates[0].knots) - 1, n_layers)
    coefs, intercepts = [np.ones((1, 1))], [np.zeros(1)]
    for layer in range(n_layers):
        iterate = iterates[0 if layer < n_larger else -1]
        weights = interpolant(iterate.knots, iterate.values)
        knots, outer = iterate.knots[:-1], weights[1:, None]
        coefs[-1] = np.tile(coefs[-1], len(knots))
        intercepts[-1] = intercepts[-1] - knots
        coefs.append(outer)
        intercepts.append(weights[:1])
    return DeepNetwork(tuple(coefs), tuple(intercepts))


def _check_widest(pieces, size, n_iterations):
    """Refuse layers of too many units, by a bound on them."""
    n_pieces = len(pieces.knots) - 1
    if size * np.log2(n_pieces) > np.log2(_MOST_UNITS):
        raise ValueError(
            f"n_iterations={n_iterations} over so few layers makes one of up to "
            f"{n_pieces}^{size} units, and {_MOST_UNITS:,} are the most. Use more "
            "hidden layers."
        )


def _check_weights(width, n_layers):
    """Refuse matrices between layers that do not fit into memory."""
    check_numbers(
        (n_layers - 1) * width**2 + n_layers * _OF_A_LAYER,
        what=f"A network with {n_layers:,} layers of {width:,} units",
        way_out="Use another number of hidden layers, or fewer iterations.",
    )


def _vector(values, name):
    return check_array(
        values, ensure_2d=False, dtype=np.float64, input_name=name
    ).ravel()


def _check_pieces(pieces):
    """Refuse what is no map of [0, 1] to itself."""
    knots, values = pieces.knots, pieces.values
    if len(knots) != len(values) or len(knots) < 2:
        raise ValueError(
            f"there are {len(knots)} knots and {len(values)} values. Pass one value "
            "for each of two knots or more."
        )
    if knots[0] != 0 or knots[-1] != 1 or np.diff(knots).min() <= 0:
        raise ValueError(
            f"knots run from {knots[0]:g} to {knots[-1]:g}; they must increase from 0 "
            "to 1, each beyond the last. Sort and scale them."
        )
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"values lie between {values.min():g} and {values.max():g}, but a map to "
            "iterate must stay in [0, 1]. Scale them."
        )
