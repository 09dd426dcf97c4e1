"""Networks of 64 units that are trained, and ones that are written down."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sklearn_depth import ReLUNetworkRegressor
from sklearn_depth.constructions import (
    approximate_radial,
    maximum_network,
    sawtooth_network,
)
from sklearn_depth.studies import OneLayerSigmoidRegressor

UNITS = 64
RADIAL_ERROR = 0.05  # root mean square that the networks for the norm are to reach


@dataclass(frozen=True)
class Model:
    """A function of (target, X, y) that makes a network: a function, and its units."""

    title: str
    make: Callable
    hidden_layers: int | None = None


def trained(hidden_layers):
    """Equal layers of ReLUs, as trained: what gradient descent finds is asked."""

    def make(target, X, y):
        net = ReLUNetworkRegressor(
            (UNITS // hidden_layers,) * hidden_layers,
            weight_decay=0,
            shrinkage=1,
            max_epochs=40,
            random_state=target.seed,
        ).fit(X, y)
        return net.predict, hidden_units(net)

    return make


def hidden_units(net):
    """Counted from the weights."""
    return sum(coef.shape[1] for coef in net.coefs_[:-1])


def sigmoids(target, X, y):
    """One layer of them under a linear output, all weights trained."""
    net = OneLayerSigmoidRegressor(UNITS, max_iter=200, random_state=target.seed)
    return net.fit(X, y).predict, hidden_units(net)


def constructed(hidden_layers):
    """Layers as asked, None as many as the function is made of."""

    def make(target, X, y):
        network = CONSTRUCTIONS[target.name](target, hidden_layers)
        return network, getattr(network, "n_units", None) or network.width

    return make


CONSTRUCTIONS = {
    "sawtooth": lambda target, layers: sawtooth_network(
        target.size, n_hidden_layers=layers
    ),
    "maximum": lambda target, layers: maximum_network(target.size),
    "radial": lambda target, layers: approximate_radial(
        lambda r: np.abs(r - 1),
        target.size,
        depth=layers + 1,
        tol=RADIAL_ERROR,
        random_state=target.seed,
    ),
}
MODELS = {
    "sigmoids": Model("one layer of sigmoids, trained", sigmoids, 1),
    "trained_1": Model("1 hidden layer, trained", trained(1), 1),
    "trained_2": Model("2 hidden layers, trained", trained(2), 2),
    "trained_4": Model("4 hidden layers, trained", trained(4), 4),
    "constructed_1": Model("1 hidden layer, written down", constructed(1), 1),
    "constructed_2": Model("2 hidden layers, written down", constructed(2), 2),
    "constructed_deep": Model("all its layers, written down", constructed(None)),
}
