"""The net of two layers of sigmoids and its rivals, functions of (d, n, seed)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from sklearn_depth import FixedHiddenSigmoidRegressor, KernelRidge
from sklearn_depth.features import SigmoidFeatures

# Assumption 7 and the algorithm of Theorem 8, but for the step size and its number.
PAPER = {
    "activation": "erf",
    "output": "clip",
    "design": "iid",
    "tie": 0.0,
    "hidden_scale": 0.5,
    "radius": None,
    "fit_intercept": False,
    "solver": "gd",
    "alpha": 0.0,
    "tol": 0.0,
    "max_iter": 1000,
}


@dataclass(frozen=True)
class Model:
    """What is fitted, and whether it may stop early."""

    title: str
    build: Callable[[int, int, int], BaseEstimator]
    stops_early: bool = False


def ridge():
    """The penalty by generalised cross-validation; "eigen" takes twice as long."""
    return RidgeCV(np.logspace(-9, 5, 15), gcv_mode="svd")


def two_layers(d, n, seed):
    return FixedHiddenSigmoidRegressor(random_state=seed)


def two_layers_paper(d, n, seed):
    return FixedHiddenSigmoidRegressor(**PAPER, random_state=seed)


def one_layer_ridge(d, n, seed):
    """Our hidden layer, tied units included, without the sigmoid at the output."""
    return make_pipeline(SigmoidFeatures(random_state=seed), ridge())


def one_layer_trained(d, n, seed):
    """A plateau near the constant asks for large steps and patience."""
    epochs = min(2_000_000 // n, 300)
    net = MLPRegressor(
        hidden_layer_sizes=(200,),
        activation="logistic",
        learning_rate_init=0.01,
        early_stopping=True,
        n_iter_no_change=epochs // 2,
        max_iter=epochs,
        random_state=seed,
    )
    return make_pipeline(RobustScaler(), net)


def kernel_ridge(d, n, seed):
    kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True)
    return make_pipeline(RobustScaler(), kernel)


def random_cosines(d, n, seed):
    cosines = RBFSampler(gamma=1 / d, n_components=1000, random_state=seed)
    return make_pipeline(RobustScaler(), cosines, ridge())


def splines(d, n, seed):
    return make_pipeline(SplineTransformer(8, knots="quantile"), ridge())


def squares(scaler):
    """Logistic regression on x and x²: the squared radius is one of its inputs.

    It wants large C and a solver that converges: scikit-learn's defaults end with two
    to forty times the error.
    """
    logistic = LogisticRegressionCV(
        Cs=np.logspace(-1, 9, 11),
        l1_ratios=(0,),
        scoring="neg_brier_score",
        solver="newton-cholesky",
        tol=1e-6,
        max_iter=1000,
        use_legacy_attributes=False,
    )
    both = FunctionTransformer(lambda X: np.hstack([X, X**2]))
    return make_pipeline(scaler, both, logistic)


MODELS = {
    "two_layers": Model("two layers of sigmoids", two_layers),
    "two_layers_paper": Model(
        "two layers, 1000 steps of the paper's GD", two_layers_paper, stops_early=True
    ),
    "one_layer_ridge": Model("one layer, its 1000 units + ridge", one_layer_ridge),
    "one_layer_trained": Model(
        "one layer, all weights trained (MLP)", one_layer_trained, stops_early=True
    ),
    "kernel_ridge": Model("RBF kernel ridge, n ≤ 4000", kernel_ridge),
    "random_cosines": Model("1000 random cosines + ridge", random_cosines),
    "splines": Model("additive splines + ridge", splines),
    "squares": Model(
        "x, x² + logistic regression",
        lambda d, n, seed: squares(StandardScaler()),
        stops_early=True,
    ),
    "squares_robust": Model(
        "x, x² + logistic, RobustScaler",
        lambda d, n, seed: squares(RobustScaler()),
        stops_early=True,
    ),
    "constant": Model("the constant", lambda d, n, seed: DummyRegressor()),
}
