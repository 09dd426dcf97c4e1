"""ReLU networks by stochastic gradient descent, and what they are held against."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from sklearn_depth import (
    HermitePolynomialRegressor,
    KernelRidge,
    ReLUNetworkRegressor,
)

WIDTH = 256
# Corollary 1.2 of the paper, but for the number of steps.
PLAIN = {"scaling": None, "schedule": "constant", "momentum": 0.0}
# Without noise the posterior mean has no penalty; this one is for rounding.
NO_NOISE = 1e-3
RATES = ("1e-4", "1e-3", "1e-2")


@dataclass(frozen=True)
class Model:
    """What is fitted to samples of a target, which is a random network."""

    title: str
    build: Callable[..., BaseEstimator]


class FromZero(BaseEstimator):
    """A network less what it computes at its start, both in training and after."""

    def __init__(self, network):
        self.network = network

    def fit(self, X, y):
        start = clone(self.network).set_params(learning_rate=1e-30, max_epochs=1)
        self.start_ = start.fit(X, y)
        self.network_ = clone(self.network).fit(X, y + self.start_.predict(X))
        return self

    def predict(self, X):
        return self.network_.predict(X) - self.start_.predict(X)


def sgd(target, depth=3, **parameters):
    """A ReLU network with ``depth`` weight matrices, its outputs as trained."""
    sizes = (WIDTH,) * (depth - 1)
    return ReLUNetworkRegressor(
        sizes, shrinkage=1, random_state=target.seed, **parameters
    )


def network(title, **parameters):
    return Model(title, partial(sgd, **parameters))


def hermite(degree):
    return Model(
        f"Hermite, degree {degree}",
        lambda target: HermitePolynomialRegressor(
            degree=degree, scaling="sphere", alpha="auto"
        ),
    )


def own_kernel(title, alpha):
    """Ridge with the kernel of wide networks of the target's depth."""
    return Model(
        title,
        lambda target: KernelRidge(
            alpha,
            kernel="nngp",
            kernel_params={"activation": "relu", "depth": target.depth},
        ),
    )


def mlp(rate, early_stopping):
    """Scikit-learn's network of depth 3, on targets of unit variance."""

    def build(target):
        net = MLPRegressor(
            hidden_layer_sizes=(WIDTH, WIDTH),
            learning_rate_init=float(rate),
            early_stopping=early_stopping,
            random_state=target.seed,
        )
        return TransformedTargetRegressor(net, transformer=StandardScaler())

    stopped = ", early stopping" if early_stopping else ""
    return Model(f"MLPRegressor, rate {rate}{stopped}", build)


MLPS = {f"mlp_{rate}": mlp(rate, early_stopping=False) for rate in RATES}
STOPPED = {f"mlp_stopped_{rate}": mlp(rate, early_stopping=True) for rate in RATES}
MODELS = {
    "sgd_2": network("ReLU network, depth 2", depth=2),
    "sgd_3": network("ReLU network, depth 3", depth=3),
    "sgd_4": network("ReLU network, depth 4", depth=4),
    "no_decay": network("no weight decay", weight_decay=0.0),
    "plain": network("plain SGD (Corollary 1.2)", weight_decay=0.0, **PLAIN),
    "from_zero": Model(
        "plain SGD less its start",
        lambda target: FromZero(sgd(target, weight_decay=0.0, **PLAIN)),
    ),
    "plain_decay": network("plain SGD with weight decay", **PLAIN),
    **MLPS,
    **STOPPED,
    "hermite_2": hermite(2),
    "hermite_3": hermite(3),
    "nngp": own_kernel("the target's own kernel, leave-one-out", "loo"),
    "posterior": own_kernel("the target's own kernel, no noise", NO_NOISE),
}
