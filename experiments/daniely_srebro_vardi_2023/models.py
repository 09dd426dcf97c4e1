"""Polynomials fitted to a random network, its shadows and the rivals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from experiments.daniely_srebro_vardi_2023.theory import network_kernel
from sklearn_depth import HermitePolynomialRegressor, KernelRidge

DEGREES = (1, 2, 3, 4, 5)
# The degree k at which each activation is cut: a polynomial of degree k^(depth - 1).
SHADOWS = {f"shadow_{k}": k for k in range(1, 8)}


@dataclass(frozen=True)
class Model:
    """What is fitted to a task, on how many rows at most, whether it may stop early."""

    title: str
    build: Callable[..., BaseEstimator]
    max_rows: float = np.inf
    stops_early: bool = False


class NetworkKernelRidge(RegressorMixin, BaseEstimator):
    """Ridge regression with the kernel of wide networks of this kind.

    They are draws of a Gaussian process: its posterior mean has the least squared
    error, on average over networks, of all predictions from the same rows.
    """

    def __init__(self, activation="erf", depth=2):
        self.activation = activation
        self.depth = depth

    def fit(self, X, y):
        self.X_fit_ = X
        self.ridge_ = KernelRidge("gcv", kernel="precomputed").fit(self._kernel(X), y)
        return self

    def predict(self, X):
        return self.ridge_.predict(self._kernel(X))

    def _kernel(self, X):
        rho = X @ self.X_fit_.T / X.shape[1]
        return network_kernel(self.activation, self.depth, rho)


def hermite(degree):
    return Model(
        f"Hermite, degree {degree}",
        lambda task: HermitePolynomialRegressor(degree=degree, scaling="sphere"),
    )


def monomials(task):
    return make_pipeline(
        StandardScaler(), PolynomialFeatures(3), RidgeCV(np.logspace(-9, 5, 15))
    )


def kernel_ridge(task):
    return KernelRidge("gcv", kernel="rbf", fit_intercept=True)


def network_kernel_ridge(task):
    return NetworkKernelRidge(task.activation, task.depth)


def mlp(task):
    """Trained on all weights; a single layer or ReLU units did worse in trials."""
    net = MLPRegressor(
        hidden_layer_sizes=(100, 100),
        activation="tanh",
        early_stopping=True,
        n_iter_no_change=20,
        max_iter=min(2_000_000 // task.n, 300),
        random_state=task.seed,
    )
    return make_pipeline(StandardScaler(), net)


MODELS = {
    **{f"hermite_{degree}": hermite(degree) for degree in DEGREES},
    "monomials": Model("monomials, degree 3 + RidgeCV", monomials),
    "kernel_ridge": Model("RBF kernel ridge", kernel_ridge, max_rows=3200),
    "network_kernel": Model(
        "the network's own kernel", network_kernel_ridge, max_rows=3200
    ),
    "mlp": Model("MLP, two layers of 100 tanh", mlp, stops_early=True),
    "constant": Model("the constant", lambda task: DummyRegressor()),
}
