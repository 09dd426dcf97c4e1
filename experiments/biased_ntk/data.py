"""Samples on the unit sphere, and targets of mean 0 and variance 1 on it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

NOISE = 0.1
TEACHER = {"m": 1000, "bias": 2.0}
N_SCALE = 20_000


class Case(NamedTuple):
    """A target; ``draw(d, rng)`` gives a function of z, of norm sqrt(d)."""

    title: str
    draw: Callable


def fixed(function):
    """A target that is the same in every draw."""
    return lambda d, rng: function


def sparse_network(d, rng):
    """A draw of a wide network whose units have the bias 2."""
    rows = rng.standard_normal((d, TEACHER["m"])) / np.sqrt(d)
    signs = rng.choice([-1.0, 1.0], TEACHER["m"])
    return lambda z: np.maximum(z @ rows - TEACHER["bias"], 0) @ signs


CASES = {
    "linear": Case("z₁", fixed(lambda z: z[:, 0])),
    "mixed": Case("z₁ + z₂z₃", fixed(lambda z: z[:, 0] + z[:, 1] * z[:, 2])),
    "sine": Case("sin 2z₁", fixed(lambda z: np.sin(2 * z[:, 0]))),
    "sparse_network": Case("random network, B = 2", sparse_network),
}


def sphere(n, d, rng):
    """Uniform samples on the unit sphere."""
    X = rng.standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def draw(case, d, n, n_test, seed):
    """Samples, noisy labels, fresh samples and their labels without noise."""
    rng = np.random.default_rng([seed, d, n])
    function = CASES[case].draw(d, rng)
    values = function(np.sqrt(d) * sphere(N_SCALE, d, rng))
    mean, deviation = values.mean(), values.std()

    def target(X):
        return (function(np.sqrt(d) * X) - mean) / deviation

    X, X_test = sphere(n, d, rng), sphere(n_test, d, rng)
    y = target(X) + NOISE * rng.standard_normal(n)
    return X, y, X_test, target(X_test)
