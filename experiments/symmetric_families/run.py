"""Errors on the symmetric families as order and dimension grow; a fit a row of a CSV.

    python -m experiments.symmetric_families.run

Rows that results.csv in the output folder already has are not computed again.
"""

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from experiments import _sweep
from experiments.symmetric_families.data import ERRORS, Target, draw
from experiments.symmetric_families.models import MODELS

FORMATS = {"train_error": ".6f", "test_error": ".6f", "cpu_seconds": ".2f"}


class Task(NamedTuple):
    """What one row of the results is about."""

    family: str
    order: int
    d: int
    n: int
    seed: int
    model: str

    @property
    def target(self):
        return Target(*self[:-1])


@dataclass(frozen=True)
class Setting:
    """Models at all orders and dimensions that they can afford."""

    family: str
    orders: tuple[int, ...]
    dimensions: tuple[int, ...]
    n: int
    models: tuple[str, ...]

    def tasks(self, seed):
        tasks = [
            Task(self.family, order, d, self.n, seed, model)
            for order in self.orders
            for d in self.dimensions
            for model in self.models
        ]
        return [task for task in tasks if MODELS[task.model].affordable(task)]


ORDERS, DIMENSIONS = (2, 4, 6), (2, 5, 10, 20)
LEARNERS = ("network", "two_layer")
FULL = _sweep.Size(
    (
        Setting("cosine", ORDERS, DIMENSIONS, 8000, (*LEARNERS, "hermite")),
        Setting("cosine", ORDERS, DIMENSIONS, 2000, ("kernel_ridge",)),
        Setting("cosine", ORDERS, (10, 20), 8000, ("network_decayed",)),
        Setting("cosine", ORDERS, (20,), 8000, ("network_told",)),
        Setting("cosine", (4, 6), (10, 20), 8000, ("two_layer_plain",)),
        Setting("cosine", (6,), (10, 20), 8000, ("network_long",)),
        Setting("cosine", (4, 6), (10, 20), 2000, (*LEARNERS, "network_decayed")),
        Setting("cosine", (6,), (10, 20), 32_000, ("network",)),
        Setting(
            "parity",
            (1, 2, 3, 4, 6),
            (20,),
            8000,
            ("network", "network_told", "network_bits", "elimination"),
        ),
        Setting("parity", (1, 3, 6), (20,), 8000, ("network_decayed",)),
    ),
    n_test=4000,
)
QUICK = _sweep.Size(
    (
        Setting("cosine", (6,), (10,), 200, ("network", "network_told")),
        Setting("cosine", (4,), (20,), 800, ("two_layer", "two_layer_plain")),
        Setting("cosine", (2, 4), (20,), 800, ("hermite", "kernel_ridge")),
        Setting("parity", (2,), (10,), 200, ("network", "network_bits", "elimination")),
    ),
    n_test=2000,
)


def measure(task, n_test):
    """Errors on the rows and on fresh ones, and CPU seconds of the fit."""
    X, y, X_test, y_test, truth = draw(task.target, n_test)
    model = MODELS[task.model]
    X, X_test = model.columns(X, truth), model.columns(X_test, truth)
    estimator = model.build(task)
    start = time.process_time()
    with warnings.catch_warnings():  # finding none is a result here
        warnings.filterwarnings("ignore", "No direction", UserWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    error = ERRORS[task.family]
    return (
        error(y, estimator.predict(X)),
        error(y_test, estimator.predict(X_test)),
        seconds,
    )


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
