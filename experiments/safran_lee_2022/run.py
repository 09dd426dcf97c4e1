"""Squared error on the ball against the dimension; every fit adds a row to a CSV.

    python -m experiments.safran_lee_2022.run --jobs 2

Rows that results.csv in the output folder already has are not computed again.
"""

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from experiments import _sweep
from experiments.safran_lee_2022.models import MODELS
from sklearn_depth.datasets import make_ball_indicator

# The laws D'_d and D_d of the paper, and the radius of the ball.
RADII = {"two_spheres": np.sqrt(2), "bessel": 1.0}


class Task(NamedTuple):
    """What one row of the results is about."""

    law: str
    d: int
    n: int
    seed: int
    model: str


FORMATS = {"squared_error": ".6f", "cpu_seconds": ".2f"}


@dataclass(frozen=True)
class Size:
    """Which fits there are."""

    dimensions: tuple[int, ...]
    rows_per_dimension: int
    max_rows: int
    n_test: int
    models: tuple[str, ...]

    def tasks(self, n_seeds):
        """All fits, seed by seed."""
        return [
            Task(law, d, self.n_rows(d, model), seed, model)
            for seed in range(n_seeds)
            for law in RADII
            for d in self.dimensions
            for model in self.models
        ]

    def n_rows(self, d, model):
        n = min(self.rows_per_dimension * d, self.max_rows)
        return min(n, MODELS[model].max_rows or n)


FULL = Size((5, 10, 20, 50, 100), 400, 20_000, 20_000, tuple(MODELS))
QUICK = Size(
    (5, 10), 60, 1000, 5000, ("two_layers", "one_layer_ridge", "one_layer_trained")
)


def measure(task, n_test):
    """Squared error on fresh points, and the CPU seconds of the fit."""
    X, y, ball = make_ball_indicator(
        task.n,
        task.d,
        law=task.law,
        radius=RADII[task.law],
        return_truth=True,
        random_state=np.random.default_rng([task.seed, task.d]),
    )
    unseen = np.random.default_rng([task.seed, task.d, 1])
    X_test, y_test = ball.sample(n_test, random_state=unseen)
    model = MODELS[task.model]
    estimator = model.build(task.d, task.n, task.seed)
    start = time.process_time()
    with warnings.catch_warnings():
        if model.stops_early:
            warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    return np.mean((prediction(estimator, X_test) - y_test) ** 2), seconds


def prediction(estimator, X):
    """The predicted value, or the probability of the inside."""
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X)[:, 1]
    return estimator.predict(X)


def main(argv=None):
    _sweep.main(
        argv,
        __doc__.partition("\n")[0],
        Path(__file__).parent,
        FULL,
        QUICK,
        measure,
        FORMATS,
    )


if __name__ == "__main__":
    main()
