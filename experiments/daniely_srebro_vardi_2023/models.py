"""Polynomials fitted to a random network, its shadows and the rivals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sklearn_depth import HermitePolynomialRegressor, KernelRidge

DEGREES = (1, 2, 3, 4, 5)
# The degree k at which each activation is cut: a polynomial of degree k^(depth - 1).
SHADOWS = {f"shadow_{k}": k for k in range(1, 8)}


@dataclass(frozen=True)
class Model:
    """What is fitted to n samples of a network, and whether it may stop early."""

    title: str
    build: Callable[..., BaseEstimator]
    stops_early: bool = False


def hermite(degree):
    return Model(
        f"Hermite, degree {degree}",
        lambda network, n: HermitePolynomialRegressor(
            degree=degree, scaling="sphere", alpha="auto"
        ),
    )


def by_evidence(network, n):
    return HermitePolynomialRegressor(scaling="sphere")


def monomials(network, n):
    return make_pipeline(
        StandardScaler(), PolynomialFeatures(3), RidgeCV(np.logspace(-9, 5, 15))
    )


def kernel_ridge(network, n):
    return KernelRidge("loo", kernel="rbf", fit_intercept=True)


def wide_network(title, kernel):
    """Ridge with a kernel of wide networks of the target's activation and depth."""
    return Model(
        title,
        lambda network, n: KernelRidge(
            "loo",
            kernel=kernel,
            kernel_params={"activation": network.activation, "depth": network.depth},
        ),
    )


def mlp(network, n):
    """Trained on all weights; a single layer or ReLU units did worse in trials."""
    net = MLPRegressor(
        hidden_layer_sizes=(100, 100),
        activation="tanh",
        early_stopping=True,
        n_iter_no_change=20,
        max_iter=min(2_000_000 // n, 300),
        random_state=network.seed,
    )
    return make_pipeline(StandardScaler(), net)


MODELS = {
    **{f"hermite_{degree}": hermite(degree) for degree in DEGREES},
    "evidence": Model("Hermite, by the evidence", by_evidence),
    "monomials": Model("monomials, degree 3 + RidgeCV", monomials),
    "kernel_ridge": Model("RBF kernel ridge", kernel_ridge),
    "nngp": wide_network("the network's own kernel", "nngp"),
    "ntk": wide_network("the network's tangent kernel", "ntk"),
    "mlp": Model("MLP, two layers of 100 tanh", mlp, stops_early=True),
    "constant": Model("the constant", lambda network, n: DummyRegressor()),
}
