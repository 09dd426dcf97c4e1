"""Networks, what they are given, and their rivals; functions of the target."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import comb

from sklearn.base import BaseEstimator

from experiments.symmetric_families import data
from experiments.symmetric_families.elimination import ParityElimination
from sklearn_depth import (
    HermitePolynomialRegressor,
    KernelRidge,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    TwoLayerGDRegressor,
)

# As trained: what is asked is what gradient descent finds, not what is safe to predict.
NETWORKS = {
    "cosine": partial(ReLUNetworkRegressor, shrinkage=1),
    "parity": ReLUNetworkClassifier,
}


@dataclass(frozen=True)
class Model:
    """What is fitted to a target, and on which features."""

    title: str
    build: Callable[..., BaseEstimator]
    columns: Callable = data.all_columns


def network(**parameters):
    return lambda target: NETWORKS[target.family](
        random_state=target.seed, **parameters
    )


def two_layer(**parameters):
    return lambda target: TwoLayerGDRegressor(random_state=target.seed, **parameters)


def hermite(target):
    """The least degree that sees anything."""
    return HermitePolynomialRegressor(degree=target.order, alpha="auto")


def kernel_ridge(target):
    return KernelRidge("loo", kernel="rbf", fit_intercept=True)


def rows_a_product(order, d, n):
    """Samples for each of the independent polynomials of degree ``order`` at most."""
    return n / comb(d + order, order)


MODELS = {
    "network": Model("ReLU network", network(weight_decay=0)),
    "network_long": Model(
        "ReLU network, 4 times the epochs", network(weight_decay=0, max_epochs=128)
    ),
    "network_decayed": Model("ReLU network, weight decay 0.02", network()),
    "network_told": Model(
        "ReLU network, told where to look", network(weight_decay=0), data.told
    ),
    "network_bits": Model(
        "ReLU network, counts modulo 2", network(weight_decay=0), data.bits
    ),
    "two_layer": Model("TwoLayerGDRegressor", two_layer()),
    "two_layer_plain": Model(
        "TwoLayerGDRegressor, labels as they are", two_layer(label_transform=None)
    ),
    "hermite": Model("Hermite polynomials of degree k", hermite),
    "kernel_ridge": Model("RBF kernel ridge", kernel_ridge),
    "elimination": Model("elimination modulo 2", lambda target: ParityElimination()),
}
