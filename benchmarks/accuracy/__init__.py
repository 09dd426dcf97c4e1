"""Errors on tasks of five suites, of ours and of rivals, each cell measured once."""

import time
import warnings

import joblib
import numpy as np

from sklearn_depth.studies import run_cells

from . import index, networks, radial, real, tables
from .table_models import models_of

SUITES = index, radial, networks, real, tables
CHOSEN_ON = {task.name: task for suite in SUITES for task in suite.CHOSEN_ON}
REPORTED = {task.name: task for suite in SUITES for task in suite.REPORTED}
QUICK = [
    "tanh, d=100, n=500, noise 0.5",
    "few rows, cubic, r=2, d=10, n=150, noise 0.3",
    "|r - 1|, d=10, n=500, noise 0.3",
    "erf, depth 4, d=10, n=2000, noise 0.1",
    "penguins",
    "quakes",
    "Carseats",
]


def measure(task, model, seed):
    """Squared error over the variance of the test targets; CPU seconds of the fit."""
    task = (REPORTED | CHOSEN_ON)[task]
    X, y, X_new, y_new = task.draw(seed)
    estimator = models_of(task.suite)[model](seed, *X.shape)
    with warnings.catch_warnings(action="ignore"):
        start = time.process_time()
        estimator.fit(X, y)
        seconds = time.process_time() - start
        errors = np.ravel(estimator.predict(X_new)) - y_new
    return {
        "n": len(X),
        "d": X.shape[1],
        "nmse": np.mean(errors**2) / y_new.var(),
        "cpu_seconds": seconds,
    }


def run_accuracy(quick, output, n_jobs=2):
    """All models on the tasks to report; a run that is stopped goes on where it was."""
    with joblib.parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        result = run_cells(
            measure, list(_cells(quick)), memory=output / ".cells" / "accuracy"
        )
    result.save(output / "accuracy.parquet")


def _cells(quick):
    """Every draw or split of a task with every model that competes on it."""
    for task in [REPORTED[name] for name in QUICK] if quick else REPORTED.values():
        for seed in range(1 if quick else task.seeds):
            for model in models_of(task.suite):
                yield {"task": task.name, "model": model, "seed": seed}
