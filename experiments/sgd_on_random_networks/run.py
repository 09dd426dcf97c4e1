"""Errors of trained networks on random networks against rows; a fit a row of a CSV.

    python -m experiments.sgd_on_random_networks.run

Rows that results.csv in the output folder already has are not computed again.
"""

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sklearn.exceptions import ConvergenceWarning

from experiments import _sweep
from experiments.daniely_srebro_vardi_2023.data import Network, draw_points
from experiments.sgd_on_random_networks.models import MODELS, STOPPED
from sklearn_depth.metrics import normalized_mse

FORMATS = {"normalized_error": ".6f", "cpu_seconds": ".2f"}


class Task(NamedTuple):
    """What one row of the results is about; ``depth`` is the target's."""

    depth: int
    d: int
    n: int
    seed: int
    model: str

    @property
    def network(self):
        return Network("relu", self.depth, self.d, self.seed)


@dataclass(frozen=True)
class Setting:
    """Models on targets of some depths, on some numbers of rows."""

    depths: tuple[int, ...]
    d: int
    rows: tuple[int, ...]
    models: tuple[str, ...]
    seeds: range = range(1000)

    def tasks(self, seed):
        if seed not in self.seeds:
            return []
        return [
            Task(depth, self.d, n, seed, model)
            for depth in self.depths
            for n in self.rows
            for model in self.models
        ]


FIRST, OTHERS = range(1), range(1, 1000)
DEPTHS, D = (2, 3, 4), 30
VARIANTS = (*STOPPED, "plain_decay")
EVERYWHERE = tuple(name for name in MODELS if name not in VARIANTS)
# On the most rows degree 3 takes 40 seconds, and leave-one-out minutes.
QUICK_ONES = tuple(name for name in EVERYWHERE if name not in ("hermite_3", "nngp"))
FULL = _sweep.Size(
    (
        Setting(DEPTHS, D, (250, 500, 1000, 2000), EVERYWHERE),
        Setting(DEPTHS, D, (4000,), EVERYWHERE, FIRST),
        Setting((3,), D, (8000,), (*QUICK_ONES, *VARIANTS)),
        Setting((2, 4), D, (8000,), QUICK_ONES, FIRST),
        Setting(DEPTHS, D, (8000,), ("hermite_3",), FIRST),
    ),
    n_test=10_000,
)
QUICK = _sweep.Size(
    (
        Setting(
            depths=(3,),
            d=10,
            rows=(32, 128),
            models=(
                "sgd_3",
                "no_decay",
                "plain",
                "from_zero",
                "mlp_1e-3",
                "hermite_2",
                "posterior",
            ),
        ),
    ),
    n_test=2000,
)


def measure(task, n_test):
    """Error on fresh points over the target's variance, and CPU seconds of the fit."""
    X, y = draw_points(task.network, task.n)
    estimator = MODELS[task.model].build(task)
    start = time.process_time()
    with warnings.catch_warnings():  # 200 epochs are not enough for the least rate
        warnings.filterwarnings("ignore", "Stochastic Optimizer", ConvergenceWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    X_test, y_test = draw_points(task.network, n_test, unseen=True)
    return normalized_mse(y_test, estimator.predict(X_test)), seconds


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
