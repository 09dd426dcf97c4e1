"""Sparsity, spectrum and errors of the biased NTK; every measurement a row of a CSV.

    python -m experiments.biased_ntk.run --seeds 5

Rows that results.csv in the output folder already has are not computed again.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments import _sweep
from experiments.biased_ntk.data import CASES
from experiments.biased_ntk.models import PARTS

# What a part does not measure is nan.
FORMATS = {
    "active_start": ".6g",
    "active_most": ".6g",
    "active_end": ".6g",
    "moved_mean": ".4f",
    "moved_most": ".4f",
    "kernel_change": ".4f",
    "loss_most": ".4f",
    "time_to_fit": ".4g",
    "lambda_min": ".6g",
    "lambda_max": ".6g",
    "train_error": ".6f",
    "test_error": ".6f",
    "oracle_error": ".6f",
    "linear_error": ".6f",
    "cpu_seconds": ".2f",
}


class Task(NamedTuple):
    """What one row of the results is about; m = 0 is the limit of infinite width."""

    part: str
    case: str
    d: int
    n: int
    m: int
    n_steps: int
    bias: float
    seed: int


@dataclass(frozen=True)
class Setting:
    """A part at all biases; ``shapes`` are (d, n)."""

    part: str
    cases: tuple[str, ...]
    shapes: tuple[tuple[int, int], ...]
    widths: tuple[int, ...]
    biases: tuple[float, ...]
    n_steps: int = 0

    def tasks(self, seed):
        return [
            Task(self.part, case, *shape, m, self.n_steps, bias, seed)
            for case in self.cases
            for shape in self.shapes
            for m in self.widths
            for bias in self.biases
        ]


BIASES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
MIXED, SHAPE = ("mixed",), ((20, 500),)
FULL = _sweep.Size(
    (
        Setting("spectrum", ("none",), ((3, 200), (10, 200), (50, 200)), (0,), BIASES),
        Setting(
            "spectrum", ("none",), ((10, 200),), (1000, 4000, 16_000, 64_000), BIASES
        ),
        Setting(
            "regression",
            tuple(CASES),
            ((5, 500), (20, 500), (20, 1000)),
            (0,),
            BIASES,
        ),
        Setting("training_paired", MIXED, SHAPE, (1000, 4000), (0.0, 1.0, 2.0), 400),
        Setting("training_paired", MIXED, SHAPE, (16_000,), (2.0,), 400),
        # At a bias of 3 steps as long make the loss rise: see it once.
        Setting("training_paired", MIXED, SHAPE, (4000,), (3.0,), 400),
        Setting("training_paired", MIXED, SHAPE, (1000, 4000), (3.0,), 2000),
        Setting("training", MIXED, SHAPE, (4000,), (0.0, 1.0, 2.0), 400),
        Setting("training", MIXED, SHAPE, (4000,), (3.0,), 2000),
    ),
    n_test=2000,
)
QUICK = _sweep.Size(
    (
        Setting("spectrum", ("none",), ((10, 100),), (0, 4000), (0.0, 1.0, 2.0)),
        Setting("regression", MIXED, ((5, 200), (20, 200)), (0,), (0.0, 2.0)),
        Setting("training_paired", MIXED, ((10, 100),), (1000,), (0.0, 1.0), 400),
        Setting("training", MIXED, ((10, 100),), (1000,), (0.0, 1.0), 400),
    ),
    n_test=500,
)


def measure(task, n_test):
    """What the task's part measures, nan elsewhere, and CPU seconds."""
    begin = time.process_time()
    found = PARTS[task.part](task, n_test)
    found["cpu_seconds"] = time.process_time() - begin
    return [found.get(name, np.nan) for name in FORMATS]


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
