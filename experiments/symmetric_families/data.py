"""Draws of the two families, the same for all models, and what an oracle is told."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sklearn_depth.datasets import make_symmetric
from sklearn_depth.metrics import normalized_mse


class Target(NamedTuple):
    """Which function is learned, from how many samples."""

    family: str
    order: int
    d: int
    n: int
    seed: int


@lru_cache(maxsize=1)
def draw(target, n_test):
    """Samples and labels, fresh ones, and the truth."""
    entropy = [target.seed, target.d, target.order]
    X, y, truth = make_symmetric(
        target.n,
        target.d,
        family=target.family,
        order=target.order,
        return_truth=True,
        random_state=np.random.default_rng(entropy),
    )
    unseen = np.random.default_rng([*entropy, target.n])
    X_test, y_test = truth.sample(n_test, random_state=unseen)
    if target.family == "parity":
        y, y_test = y > 0, y_test > 0
    return X, y, X_test, y_test, truth


def all_columns(X, truth):
    return X


def told(X, truth):
    """The projections on the plane, or the features that are summed."""
    if hasattr(truth, "directions"):
        return X @ truth.directions.T
    return X[:, truth.columns]


def bits(X, truth):
    return X % 2


def wrong(labels, predicted):
    return np.mean(labels != predicted)


# Squared error over the variance, and the share of wrong labels.
ERRORS = {"cosine": normalized_mse, "parity": wrong}
