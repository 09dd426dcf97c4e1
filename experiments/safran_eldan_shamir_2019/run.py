"""Errors of radial networks against their width; every fit adds a row to a CSV.

    python -m experiments.safran_eldan_shamir_2019.run

Rows that results.csv in the output folder already has are not computed again.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments import _sweep
from experiments.safran_eldan_shamir_2019.data import OSCILLATION, TARGETS, draw
from experiments.safran_eldan_shamir_2019.models import MODELS
from sklearn_depth.metrics import normalized_mse

# Errors are root mean squares over standard deviations, nan where not measured.
FORMATS = {
    "width": ".0f",
    **dict.fromkeys([*TARGETS, OSCILLATION], ".4e"),
    "cpu_seconds": ".2f",
}


class Task(NamedTuple):
    """What one row of the results is about; m = 0 is the limit of infinite width."""

    part: str
    model: str
    d: int
    n: int
    m: int
    n_knots: int
    seed: int


@dataclass(frozen=True)
class Setting:
    """A model in one dimension at some widths; depth three has m = d directions."""

    part: str
    model: str
    d: int
    n: int
    directions: tuple[int, ...]
    knots: tuple[int, ...]

    def tasks(self, seed):
        return [
            Task(self.part, self.model, self.d, self.n, m, n_knots, seed)
            for m in self.directions
            for n_knots in self.knots
        ]


def both_depths(part, d, n, directions, n_knots, knots_of_three):
    """Depth two, its limit, and depth three."""
    two = Setting(part, "depth_2", d, n, (*directions, 0), (n_knots,))
    return two, Setting(part, "depth_3", d, n, (d,), knots_of_three)


DIRECTIONS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
KNOTS_OF_THREE = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
# Theorem 4's target has d³ periods: eight knots and more for the shortest.
PERIODS = {2: (8000, 128), 3: (16_000, 432), 4: (24_000, 1024)}
FULL = _sweep.Size(
    (
        *(
            setting
            for d in (3, 4, 5, 6, 8, 10, 12, 20, 50, 100, 200)
            for setting in both_depths(
                "widths", d, 8000, DIRECTIONS, 40, KNOTS_OF_THREE
            )
        ),
        *(
            setting
            for d, (n, n_knots) in PERIODS.items()
            for setting in both_depths(
                OSCILLATION, d, n, DIRECTIONS[2:], n_knots, KNOTS_OF_THREE[3:]
            )
        ),
        # Neither more rows nor more knots should change much; fewer knots might.
        *(
            Setting("check", "depth_2", d, *shape)
            for d in (3, 20, 200)
            for shape in (
                (16_000, (1000, 10_000, 0), (40,)),
                (8000, (1000, 10_000, 0), (10, 20, 100)),
            )
        ),
        *(Setting("check", "depth_3", d, 16_000, (d,), (16, 64)) for d in (3, 20, 200)),
    ),
    n_test=4000,
)
QUICK = _sweep.Size(
    (
        *both_depths("widths", 3, 2000, (30, 300, 1000), 40, (3, 6, 16)),
        *both_depths("widths", 10, 2000, (30, 300, 1000), 40, (3, 6, 16)),
        *both_depths("widths", 20, 2000, (30, 300, 1000), 40, (3, 6, 16)),
        *both_depths(OSCILLATION, 2, 2000, (100, 1000), 64, (4, 16)),
        Setting("check", "depth_2", 10, 4000, (300,), (40,)),
    ),
    n_test=500,
)


def measure(task, n_test):
    """Width, error of each target on fresh points, and CPU seconds of the fit.

    One fit does for all targets, since features and width do not depend on them.
    """
    names = [OSCILLATION] if task.part == OSCILLATION else list(TARGETS)
    X, Y = draw(task.n, task.d, names, np.random.default_rng([task.seed, task.d]))
    unseen = np.random.default_rng([task.seed, task.d, 1])
    X_test, Y_test = draw(n_test, task.d, names, unseen)
    model = MODELS[task.model]
    start = time.process_time()
    estimator = model.build(task).fit(X, Y)
    seconds = time.process_time() - start
    predicted = estimator.predict(X_test).reshape(Y_test.shape)
    shares = normalized_mse(Y_test, predicted, multioutput="raw_values")
    found = dict(zip(names, np.sqrt(shares), strict=True))
    found |= {"width": model.width(task), "cpu_seconds": seconds}
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
