"""The feature maps as nodes: each function mirrors the ``_map`` of its transformer."""

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.special import erfcx

from sklearn_depth.features._learned import layer_of

# erf rounds to 1 from here on.
_ERF_END = 6.0
_ERF_DEGREE = 20


def sigmoid_map(graph, x, features):
    """The units of SigmoidFeatures, with those of a block tied by its mean."""
    z = graph.linear(x, features.hidden_coef_.T, features.hidden_intercept_)
    hidden = _SIGMOIDS[features.activation](graph, z)
    starts, n_hidden = features.block_starts_, len(features.hidden_coef_)
    if not len(starts):
        return hidden
    sizes = np.diff(starts, append=n_hidden)
    block = np.repeat(np.arange(len(starts)), sizes)
    gain = np.sqrt(1 + features.tie**2) - 1
    averages = np.zeros((n_hidden, len(starts)))
    averages[np.arange(n_hidden), block] = gain / sizes[block]
    means = graph("MatMul", hidden, averages)
    return graph("Add", hidden, graph("Gather", means, block, axis=1))


def hermite_map(graph, x, features):
    """The products of HermiteFeatures, each of as many gathered factors."""
    z = _hermite_inputs(graph, x, features)
    table = _hermite_table(graph, z, features.degree)
    products = None
    for columns in _factor_columns(features.powers_).T:
        factor = graph("Gather", table, columns, axis=1)
        products = factor if products is None else graph("Mul", products, factor)
    return products


def relu_map(graph, x, features):
    """The units of LearnedReLUFeatures, smooth ones among them, and their inputs z."""
    z = x
    if features.whiten is not None:
        double = graph.in_double()
        scores = _clipped_scores(double, x, features.mean_, features.scale_)
        z = graph.cast(double("MatMul", scores, features.whitening_))
    units = graph.linear(z, features.hidden_coef_.T, features.hidden_intercept_)
    made = graph("Concat", graph("Relu", units), z, axis=1)
    smooth = layer_of(features).smooth
    if smooth is None:
        return made
    n_columns = len(features.hidden_coef_) + features.n_features_in_
    order = np.arange(n_columns)
    order[smooth.places] = n_columns + np.arange(len(smooth.places))
    made = graph("Concat", made, _smooth_units(graph, units, smooth), axis=1)
    return graph("Gather", made, order, axis=1)


def _smooth_units(graph, before, smooth):
    """Hermite polynomials, continued along their tangents."""
    low, high = smooth.bounds.T
    before = graph("Gather", before, smooth.places, axis=1)
    inside = graph("Max", graph("Min", before, high), low)
    degrees, n_units = smooth.degrees, len(smooth.places)
    table = _hermite_table(graph, inside, degrees.max())
    columns = np.arange(n_units) + n_units * (degrees - 1)
    values = graph("Gather", table, columns, axis=1)
    below = np.where(degrees > 1, columns - n_units, n_units * degrees.max())
    slopes = graph("Mul", graph("Gather", table, below, axis=1), np.sqrt(degrees))
    beyond = graph("Mul", graph("Sub", before, inside), slopes)
    return graph("Add", values, beyond)


def learned_features(graph, x, features):
    """The h of LearnedHinges."""
    units = _random_units(graph, x, features.units)
    return graph.linear(units, features.coef.T, features.offset)


def hinge_map(graph, x, features):
    """Each h and its hinges, as LearnedHinges has them."""
    n_targets, n_knots = features.knots.shape
    places = np.repeat(np.arange(n_targets), n_knots + 1)
    h = graph("Gather", learned_features(graph, x, features), places, axis=1)
    knots = np.pad(features.knots, [(0, 0), (1, 0)]).ravel()
    is_hinge = np.arange(len(places)) % (n_knots + 1) > 0
    ramps = graph("Relu", graph("Sub", h, knots))
    return graph("Where", graph.cast(is_hinge, np.bool_), ramps, h)


def _random_units(graph, x, units):
    """The units of RandomUnits: products, or scaled inputs and units along v."""
    if units.directions is None:
        return hermite_map(graph, x, units.basis)
    z = _hermite_inputs(graph, x, units.basis)
    before = graph("MatMul", z, units.directions.T)
    return graph("Concat", z, _UNITS[units.activation](graph, before), axis=1)


def projection(graph, x, model):
    """What TwoLayerGDRegressor transforms to: its inputs along ``subspace_``."""
    double, layer = graph.in_double(), model.features_
    z = double.cast(x)
    if layer.whiten is not None:
        z = _clipped_scores(double, x, layer.mean_, layer.scale_)
    return graph.cast(double("MatMul", z, model.subspace_.T))


def standardised(graph, x, mean, scale):
    """Standard scores, cut at five deviations, in the graph's type."""
    return graph.cast(_clipped_scores(graph.in_double(), x, mean, scale))


def _clipped_scores(double, x, mean, scale):
    """Standard scores in double, as a far mean would take the digits of floats."""
    offset = double("Sub", double.cast(x), mean)
    return double("Clip", double("Div", offset, scale), -5.0, 5.0)


def _hermite_inputs(graph, x, features):
    """The z that products are made of."""
    if features.scaling is None:
        return x
    if features.scaling == "standardize":
        return standardised(graph, x, features.mean_, features.scale_)
    double = graph.in_double()
    offset = double("Sub", double.cast(x), features.mean_)
    z = graph.cast(double("Div", offset, features.scale_))
    n_features = features.n_features_in_
    squares = graph("MatMul", graph("Mul", z, z), np.ones((n_features, 1)))
    # Samples of zeros stay what they are.
    positive = graph("Where", graph("Greater", squares, 0.0), squares, 1.0)
    norms = graph("Sqrt", positive)
    return graph("Mul", z, graph("Div", np.sqrt(n_features), norms))


def _hermite_table(graph, z, degree):
    """h_1(z), ..., h_degree(z) side by side, and a column of ones.

    By the three-term recurrence, ``sqrt(k+1) h_{k+1} = z h_k - sqrt(k) h_{k-1}``.
    """
    values = [z]
    for k in range(1, degree):
        before = graph("Mul", values[-2], np.sqrt(k)) if k > 1 else 1.0
        rise = graph("Sub", graph("Mul", z, values[-1]), before)
        values.append(graph("Div", rise, np.sqrt(k + 1)))
    return graph("Pad", graph("Concat", *values, axis=1), [0, 0, 0, 1], 1.0)


def _factor_columns(powers):
    """For each product, the columns of its factors in the table, the ones at last."""
    n_products, n_features = powers.shape
    most = np.count_nonzero(powers, axis=1).max()
    columns = np.full((n_products, most), n_features * powers.max())
    product, feature = np.nonzero(powers)
    position = np.arange(len(product)) - np.searchsorted(product, product)
    degree = powers[product, feature]
    columns[product, position] = (degree - 1) * n_features + feature
    return columns


def _erf(graph, z):
    """erf; in double, for which onnxruntime has no kernel, from its tail.

    ``1 - erf(a) = t exp(-a^2) q(t)`` for ``a = |z|`` and ``t = 2 / (2 + a)``, with a
    smooth q that a polynomial in u, from -1 to 1 over the range of t, interpolates.
    """
    if graph.dtype == np.float32:
        return graph("Erf", z)
    least = 2 / (2 + _ERF_END)
    a = graph("Min", graph("Abs", z), _ERF_END)
    t = graph("Div", 2.0, graph("Add", a, 2.0))
    middle, reach = (1 + least) / 2, (1 - least) / 2
    u = graph("Div", graph("Sub", t, middle), reach)
    last, *others = _tail_coefficients(least)[::-1]
    tail = graph("Add", graph("Mul", u, last), others[0])
    for coefficient in others[1:]:
        tail = graph("Add", graph("Mul", tail, u), coefficient)
    decay = graph("Exp", graph("Neg", graph("Mul", a, a)))
    tail = graph("Mul", graph("Mul", t, decay), tail)
    return graph("Mul", graph("Sign", z), graph("Sub", 1.0, tail))


def _tail_coefficients(least):
    """Those of q, from the constant on."""
    domain = [least, 1]
    tail = Chebyshev.interpolate(
        lambda t: erfcx(2 / t - 2) / t, _ERF_DEGREE, domain=domain
    )
    return tail.convert(kind=Polynomial, domain=domain, window=[-1, 1]).coef


_UNITS = {
    "abs": lambda graph, z: graph("Abs", z),
    "relu": lambda graph, z: graph("Relu", z),
    "square": lambda graph, z: graph("Mul", z, z),
}
_SIGMOIDS = {
    "erf": _erf,
    "logistic": lambda graph, z: graph("Sigmoid", z),
    "tanh": lambda graph, z: graph("Tanh", z),
}
