"""Errors on spiked single-index data as the spike grows; every fit adds a row to a CSV.

    python -m experiments.spiked_covariance.run --seeds 5

Rows that results.csv in the output folder already has are not computed again.
"""

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments import _sweep
from experiments.spiked_covariance.models import MODELS
from experiments.spiked_covariance.theory import CASES
from sklearn_depth.datasets import make_spiked_single_index
from sklearn_depth.metrics import normalized_mse

NOISE = 0.1
FORMATS = {"normalized_error": ".6f", "cpu_seconds": ".2f"}


class Task(NamedTuple):
    """What one row of the results is about."""

    case: str
    d: int
    n: int
    beta: float
    seed: int
    model: str

    @property
    def spike(self):
        """The variance d^beta along the spike beyond 1; none at beta = 0."""
        return self.d**self.beta if self.beta else 0.0


@dataclass(frozen=True)
class Size:
    """Which fits there are; ``shapes`` are the (d, n) of each case."""

    shapes: dict[str, tuple[int, int]]
    betas: tuple[float, ...]
    n_test: int
    models: tuple[str, ...]

    def tasks(self, n_seeds):
        """All fits, seed by seed."""
        return [
            Task(case, d, n, beta, seed, model)
            for seed in range(n_seeds)
            for case, (d, n) in self.shapes.items()
            for beta in self.betas
            for model in self.models
        ]


FULL = Size(
    shapes={
        "13": (400, 800),
        "3": (400, 800),
        "13_between": (200, 800),
        "13_across": (200, 800),
    },
    betas=(0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    n_test=10_000,
    models=tuple(MODELS),
)
QUICK = Size(
    shapes={"13": (100, 200), "13_between": (100, 400)},
    betas=(0.0, 0.6),
    n_test=2000,
    models=("kernel_poly", "one_step", "two_layer_default", "pca_spline"),
)


def measure(task, n_test):
    """Error on fresh points over the target's variance, and CPU seconds of the fit."""
    case = CASES[task.case]
    X, y, truth = make_spiked_single_index(
        task.n,
        task.d,
        link=case.coefficients,
        spike=task.spike,
        overlap=case.overlap,
        noise=NOISE,
        return_truth=True,
        random_state=np.random.default_rng([task.seed, task.d]),
    )
    unseen = np.random.default_rng([task.seed, task.d, 1])
    X_test, _ = truth.sample(n_test, random_state=unseen)
    estimator = MODELS[task.model].build(task)
    start = time.process_time()
    with warnings.catch_warnings():  # finding none is a result here
        warnings.filterwarnings("ignore", "No direction", UserWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    return normalized_mse(truth(X_test), estimator.predict(X_test)), seconds


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
