"""Draws of the targets, the same for all models."""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from sklearn_depth.datasets import make_maximum, make_radial, make_sawtooth


class Target(NamedTuple):
    """Which function, of what size: iterations of the sawtooth, else dimension."""

    name: str
    size: int
    n: int
    seed: int


MAKERS = {
    "sawtooth": lambda size: partial(make_sawtooth, n_iterations=size),
    "maximum": lambda size: partial(make_maximum, n_features=size),
    "radial": lambda size: partial(make_radial, n_features=size, profile="abs"),
}


@lru_cache(maxsize=1)
def draw(target, n_test):
    """Samples and labels, and fresh ones."""
    entropy = [target.seed, target.size, len(target.name)]
    make = MAKERS[target.name](target.size)
    rng = np.random.default_rng(entropy)
    X, y, truth = make(target.n, return_truth=True, random_state=rng)
    X_test, y_test = truth.sample(n_test, np.random.default_rng([*entropy, 1]))
    return X, y, X_test, y_test
