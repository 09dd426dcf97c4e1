"""Errors on tasks of seven suites, of ours and of rivals, each cell measured once."""

import time
import warnings

import joblib
import numpy as np

from sklearn_depth.studies import run_cells

from . import class_tables, classes, index, networks, radial, real, tables
from .class_scores import scores
from .competitors import competes, models_of

SUITES = index, radial, networks, real, tables
CLASS_SUITES = classes, class_tables
CHOSEN_ON = {t.name: t for suite in SUITES + CLASS_SUITES for t in suite.CHOSEN_ON}
REPORTED = {t.name: t for suite in SUITES + CLASS_SUITES for t in suite.REPORTED}
QUICK = [
    "few rows, cubic, r=2, d=10, n=150, noise 0.3",
    "|r - 1|, d=10, n=500, noise 0.3",
    "He2 of a form, d=12, n=3000, noise 0.1",
    "penguins",
    "quakes",
    "Carseats",
]
QUICK_CLASSES = [
    "sin 3z, T=0.3, d=15, n=2000",
    "XOR of two columns, flips 0.1, d=50, n=1000",
    "birthwt",
    "SwissLabor",
]


def measure(task, model, seed):
    """How good the predictions on the test rows are; CPU seconds of the fit."""
    task = (REPORTED | CHOSEN_ON)[task]
    X, y, X_new, y_new = task.draw(seed)
    estimator = models_of(task.suite)[model](seed, *X.shape)
    with warnings.catch_warnings(action="ignore"):
        start = time.process_time()
        estimator.fit(X, y)
        seconds = time.process_time() - start
        found = errors_of(estimator, X_new, y_new, y)
    return {"n": len(X), "d": X.shape[1], **found, "cpu_seconds": seconds}


def errors_of(model, X_new, y_new, y):
    """All measures of a fitted model on the test rows; it was fitted to ``y``."""
    if y_new.ndim == 2:
        return scores(y_new, model.predict_proba(X_new), y)
    return squared_error(y_new, model.predict(X_new))


def squared_error(y, predictions):
    """Its mean over the variance of the targets."""
    return {"nmse": np.mean((np.ravel(predictions) - y) ** 2) / y.var()}


def run_accuracy(quick, output, n_jobs=2):
    """All models on the tasks to report that have numbers for targets."""
    _run("accuracy", SUITES, QUICK if quick else None, output, n_jobs)


def run_classes(quick, output, n_jobs=2):
    """All models on the tasks to report that have classes."""
    _run("classes", CLASS_SUITES, QUICK_CLASSES if quick else None, output, n_jobs)


def _run(name, suites, few, output, n_jobs):
    """A table of all cells; a run that is stopped goes on where it was."""
    with joblib.parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        result = run_cells(
            measure, list(cells(suites, few)), memory=output / ".cells" / name
        )
    result.save(output / f"{name}.parquet")


def cells(suites, few=None):
    """Every draw or split of a task with every model that competes on it.

    ``few`` are the names of the tasks of a quick run, of which it takes one draw.
    """
    tasks = [task for suite in suites for task in suite.REPORTED]
    for task in tasks if few is None else [REPORTED[name] for name in few]:
        for seed in range(task.seeds if few is None else 1):
            for model in models_of(task.suite):
                if competes(task, model):
                    yield {"task": task.name, "model": model, "seed": seed}
