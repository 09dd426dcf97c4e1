"""Networks, what they are given, and their rivals; functions of the task."""

from collections.abc import Callable
from dataclasses import dataclass
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

NETWORKS = {"cosine": ReLUNetworkRegressor, "parity": ReLUNetworkClassifier}
MOST_COLUMNS = 2000


@dataclass(frozen=True)
class Model:
    """What is fitted to a task, on which columns, and where it can be afforded."""

    title: str
    build: Callable[..., BaseEstimator]
    columns: Callable = data.all_columns
    affordable: Callable[..., bool] = lambda task: True


def network(**parameters):
    return lambda task: NETWORKS[task.family](random_state=task.seed, **parameters)


def two_layer(**parameters):
    return lambda task: TwoLayerGDRegressor(random_state=task.seed, **parameters)


def hermite(task):
    """The least degree that sees anything."""
    return HermitePolynomialRegressor(degree=task.order)


def kernel_ridge(task):
    return KernelRidge("loo", kernel="rbf", fit_intercept=True)


def n_products(d, degree):
    """How many polynomials of a degree at most are linearly independent."""
    return comb(d + degree, degree)


def rows_a_product(order, d, n):
    return n / n_products(d, order)


def has_few_products(task):
    return n_products(task.d, task.order) <= MOST_COLUMNS


MODELS = {
    "network": Model("ReLU network", network(weight_decay=0)),
    "network_long": Model(
        "ReLU network, 4 times the epochs", network(weight_decay=0, max_epochs=128)
    ),
    "network_decayed": Model("ReLU network, weight decay .02", network()),
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
    "hermite": Model(
        "Hermite polynomials of degree k", hermite, affordable=has_few_products
    ),
    "kernel_ridge": Model("RBF kernel ridge", kernel_ridge),
    "elimination": Model("elimination modulo 2", lambda task: ParityElimination()),
}
