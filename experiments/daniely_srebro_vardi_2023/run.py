"""Errors on random networks against degree and rows; every fit adds a row to a CSV.

    python -m experiments.daniely_srebro_vardi_2023.run

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
from experiments.daniely_srebro_vardi_2023.data import (
    Network,
    draw_network,
    draw_points,
)
from experiments.daniely_srebro_vardi_2023.models import MODELS, SHADOWS
from sklearn_depth.datasets import shadow_network

FORMATS = {
    "absolute_error": ".6f",
    "squared_error": ".8f",
    "variance": ".6f",
    "cpu_seconds": ".2f",
}


class Task(NamedTuple):
    """What one row of the results is about; shadows see n = 0 rows."""

    activation: str
    depth: int
    d: int
    n: int
    seed: int
    model: str

    @property
    def network(self):
        return Network(self.activation, self.depth, self.d, self.seed)


@dataclass(frozen=True)
class Size:
    """Which fits there are; ``models`` are those of each dimension."""

    depths: tuple[int, ...]
    rows: tuple[int, ...]
    n_test: int
    models: dict[int, tuple[str, ...]]

    def tasks(self, n_seeds):
        """All fits, those to one network in a row."""
        return [
            Task(activation, depth, d, n, seed, model)
            for seed in range(n_seeds)
            for d in self.models
            for activation in ("erf", "relu")
            for depth in self.depths
            for n, model in self.fits(d)
        ]

    def fits(self, d):
        """Pairs of rows and model: the shadows, then each model up to its most rows."""
        shadows = [(0, model) for model in SHADOWS]
        return shadows + [
            (n, model)
            for n in self.rows
            for model in self.models[d]
            if n <= MODELS[model].max_rows
        ]


FULL = Size(
    depths=(2, 3, 4),
    rows=(320, 1000, 3200, 10_000, 32_000),
    n_test=10_000,
    models={
        10: tuple(MODELS),
        20: ("hermite_1", "hermite_2", "hermite_3", "kernel_ridge", "constant"),
    },
)
QUICK = Size(
    depths=(2, 3),
    rows=(300, 3000),
    n_test=2000,
    models={5: ("hermite_1", "hermite_2", "hermite_3", "constant")},
)


def measure(task, n_test):
    """E|Psi - f|, E(Psi - f)² and Var Psi on fresh points, CPU seconds of the fit."""
    X, y = draw_points(task.network, n_test, unseen=True)
    if task.model in SHADOWS:
        f = shadow_network(draw_network(task.network), SHADOWS[task.model])
        seconds = 0.0
    else:
        f, seconds = fit(task)
    error = f(X) - y
    return np.mean(np.abs(error)), np.mean(error**2), np.var(y), seconds


def fit(task):
    """What the fitted model predicts, and the CPU seconds of its fit."""
    X, y = draw_points(task.network, task.n)
    model = MODELS[task.model]
    estimator = model.build(task)
    start = time.process_time()
    with warnings.catch_warnings():
        if model.stops_early:
            warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(X, y)
    return estimator.predict, time.process_time() - start


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
