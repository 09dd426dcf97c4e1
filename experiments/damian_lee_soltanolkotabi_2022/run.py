"""Risks of Figures 1 and 2, and of the study of samples; a fit a row of a CSV.

    python -m experiments.damian_lee_soltanolkotabi_2022.run --seeds 10

Rows that results.csv in the output folder already has are not computed again.
"""

import time
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments import _sweep
from experiments.damian_lee_soltanolkotabi_2022.data import draw_points, draw_truth
from experiments.damian_lee_soltanolkotabi_2022.grids import FULL, QUICK, Task
from experiments.damian_lee_soltanolkotabi_2022.models import (
    MODELS,
    Problem,
    paper_network,
)

FORMATS = {"risk": ".6f", "cpu_seconds": ".2f"}


def measure(task: Task, n_test):
    """Excess risk over the target's mean square, and CPU seconds.

    Both means over the same fresh points: E f² = 1, but with He_4 its mean over 100 000
    scatters by 4 %, and the risk of a poor model with it. The seconds are those of the
    fit, and of drawing what the fit before it has not drawn.
    """
    model = MODELS[task.model]
    with warnings.catch_warnings():  # that no direction stands out of few rows
        warnings.simplefilter("ignore", UserWarning)
        source = source_network(task)
        start = time.process_time()
        predict = model.fit(Problem(task.target, task.n, task.width, n_test, source))
        seconds = time.process_time() - start
    n_points = n_test // 5 if task.study == "samples" else n_test  # of many columns
    X, _ = draw_points(task.target, n_points, "test")
    f = draw_truth(task.target)(X)
    return np.mean((predict(X) - f) ** 2) / np.mean(f**2), seconds


def source_network(task):
    """The network that the source was learned with; of no rows, a random one."""
    if task.study != "transfer":
        return None
    return learn_source(task.target.source, task.width, task.n_source)


@lru_cache(maxsize=1)
def learn_source(target, width, n):
    steps = 1 if n > 0 else 0
    network = paper_network(target.d, width, target.seed, n_feature_steps=steps)
    return network.fit(*draw_points(target, n or 100, "source"))


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
