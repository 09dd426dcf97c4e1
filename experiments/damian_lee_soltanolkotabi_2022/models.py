"""Algorithm 1 of the paper, its rivals, and the estimators of the library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from experiments.damian_lee_soltanolkotabi_2022.data import Target, draw_points
from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth.utils._memory import row_blocks

# The penalties lambda on half of the mean squared loss that held-out data choose from.
LAMBDAS = np.geomspace(1e-10, 1e15, 51)


@dataclass(frozen=True)
class Problem:
    """What a model is fitted to; ``source`` is the network whose layer it may keep."""

    target: Target
    n: int
    width: int
    n_held_out: int
    source: TwoLayerGDRegressor | None = None

    @property
    def train(self):
        return draw_points(self.target, self.n, "train")

    @property
    def held_out(self):
        return draw_points(self.target, self.n_held_out, "held out")


@dataclass(frozen=True)
class Model:
    """Turns a problem into a function that predicts."""

    title: str
    fit: Callable[[Problem], Callable]


class Tuned(NamedTuple):
    """A prediction and the error on held-out data of the best penalty."""

    predict: Callable
    error: float


def paper_network(d, width, seed, **others):
    """Algorithm 1, but for the head's penalty, which is chosen by the library."""
    options = {
        "n_feature_steps": 1,
        "label_transform": None,
        "whiten": None,
        "linear_part": "moment",
        "learning_rate": np.sqrt(d),
        "random_state": seed,
    }
    return TwoLayerGDRegressor(width, **options | others)


def fit_paper_network(problem, **others):
    target = problem.target
    network = paper_network(target.d, problem.width, target.seed, **others)
    return network.fit(*problem.train)


def moments(X, y):
    """Step 1 of Algorithm 1: E[y] + <E[(y - E[y]) x], x>, as E[x] = 0."""
    constant = y.mean()
    linear = (y - constant) @ X / len(X)
    return lambda X: constant + X @ linear


def nothing(X):
    return np.zeros(len(X))


def in_blocks(columns, X, coef):
    """``columns(X) @ coef`` without all features at once."""
    return np.concatenate(
        [columns(X[rows]) @ coef for rows in row_blocks(len(X), len(coef))]
    )


def tune(problem, columns, offset):
    """Ridge on features of what an offset leaves, its penalty by held-out data."""
    (X, y), (X_held_out, y_held_out) = problem.train, problem.held_out
    labels = np.repeat((y - offset(X))[:, None], len(LAMBDAS), axis=1)
    path = solve_ridge(
        columns,
        Samples.of(X, labels),
        len(X) * LAMBDAS,
        n_columns=columns(X[:1]).shape[1],
        fit_intercept=False,
    ).coef
    residual = y_held_out - offset(X_held_out)
    fitted = in_blocks(columns, X_held_out, path)
    errors = np.mean((fitted - residual[:, None]) ** 2, axis=0)
    coef = path[:, np.argmin(errors)]
    return Tuned(lambda X: offset(X) + in_blocks(columns, X, coef), errors.min())


def units_of(network):
    """The units of a network's layer, without the inputs beside them."""
    return lambda X: network.features_.transform(X)[:, : network.n_hidden]


def algorithm_1(problem, **others):
    units = units_of(fit_paper_network(problem, **others))
    return tune(problem, units, moments(*problem.train)).predict


def algorithm_1_rms(problem):
    """With a step that gives its rows a root mean square norm of 1."""
    return algorithm_1(problem, learning_rate="rms")


def algorithm_1_gated(problem):
    """With the linear part only where held-out data bear it out."""
    units = units_of(fit_paper_network(problem))
    offsets = moments(*problem.train), nothing
    fits = [tune(problem, units, offset) for offset in offsets]
    return min(fits, key=lambda fit: fit.error).predict


def algorithm_1_gcv(problem):
    return fit_paper_network(problem).predict


def defaults(problem):
    network = TwoLayerGDRegressor(problem.width, random_state=problem.target.seed)
    return network.fit(*problem.train).predict


def mirrored_layer(problem):
    """Rows and biases of a start in pairs of opposite output: half are distinct."""
    rng = np.random.default_rng([problem.target.seed, problem.width, 2])
    d = problem.target.d
    rows = rng.standard_normal((problem.width // 2, d)) / np.sqrt(d)
    return rows, rng.standard_normal(len(rows))


def relus(rows, biases):
    return lambda X: np.maximum(X @ rows.T + biases, 0)


def algorithm_1_script(problem):
    """As the authors' script has it: biases are drawn once, and rows of RMS norm 1."""
    X, y = problem.train
    offset = moments(X, y)
    start, biases = mirrored_layer(problem)
    gates = X @ start.T + biases >= 0
    rows = (gates * (y - offset(X))[:, None]).T @ X
    rows /= np.sqrt(np.mean(np.sum(rows**2, axis=1)))
    units = relus(np.vstack([rows, -rows]), np.tile(biases, 2))
    return tune(problem, units, offset).predict


def random_features(problem):
    return tune(problem, relus(*mirrored_layer(problem)), nothing).predict


def tangent_kernel(problem):
    """Ridge on the gradients in W and b, in whose span are those in the head."""
    rows, biases = mirrored_layer(problem)
    return tune(problem, lambda X: gradients(X, rows, biases), nothing).predict


def gradients(X, rows, biases):
    """Those of the sum of relu(W x + b) in W and b, at each x."""
    gates = X @ rows.T + biases >= 0
    inputs = np.column_stack([X, np.ones(len(X))])
    return (gates[:, :, None] * inputs[:, None, :]).reshape(len(X), -1)


def transfer(problem):
    return problem.source.transfer(*problem.train).predict


def transfer_tuned(problem):
    """As in Theorem 3: the output weights alone."""
    return tune(problem, units_of(problem.source), nothing).predict


def kernel_ridge(**kernel):
    ridge = KernelRidge("loo", fit_intercept=True, **kernel)
    return lambda problem: ridge.fit(*problem.train).predict


MODELS = {
    "algorithm_1": Model("Algorithm 1", algorithm_1),
    "algorithm_1_rms": Model("Algorithm 1, rows of RMS norm 1", algorithm_1_rms),
    "algorithm_1_script": Model(
        "Algorithm 1, so and with biases drawn once", algorithm_1_script
    ),
    "algorithm_1_gated": Model(
        "Algorithm 1, linear part if it helps", algorithm_1_gated
    ),
    "algorithm_1_gcv": Model("Algorithm 1, penalty by GCV", algorithm_1_gcv),
    "defaults": Model("TwoLayerGDRegressor, defaults", defaults),
    "random_features": Model("random features", random_features),
    "tangent_kernel": Model("tangent kernel", tangent_kernel),
    "transfer": Model("`transfer`", transfer),
    "transfer_tuned": Model("output weights alone, tuned", transfer_tuned),
    "rbf": Model("RBF kernel ridge", kernel_ridge(kernel="rbf")),
    "cubic_kernel": Model("cubic kernel ridge", kernel_ridge(kernel="poly")),
}
