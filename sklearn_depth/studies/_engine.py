"""Cells of a study, run where joblib's backend says and kept as they end."""

import os
import time
import warnings
from typing import NamedTuple

import joblib
import numpy as np
from joblib.parallel import get_active_backend

from sklearn_depth.studies._cells import FITTED, WARNED, Terms, finish
from sklearn_depth.studies._dask_cells import as_dask_ends
from sklearn_depth.studies._progress import Progress, tell
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._seeds import kept_generators
from sklearn_depth.studies._shown import TOO_LATE


class Plan(NamedTuple):
    """A study: what tells its cells apart, one dict each, and the cells.

    The result has columns for the ``scores``, measured or not, and ``config``.
    """

    labels: list
    cells: list
    config: dict
    scores: tuple = ()


class How(NamedTuple):
    """How a study is run, as its functions' parameters say."""

    n_jobs: int | None = None
    verbose: int = 0
    time_limit: float | None = None
    error_score: str | float = np.nan


def carry_out(plan, store, how, known=None):
    """The result of a study; cells of ``known`` that ended are taken from there."""
    found = run(plan, store, cells_found(plan, store, known), how)
    estimators = [values.pop(FITTED, None) for values in found]
    for values in found:
        values.pop(WARNED, None)
    plan = with_found_scores(plan, found)
    failed = dict.fromkeys(plan.config.get("scoring", ()), how.error_score)
    rows = [
        row | (failed if is_failure(values) else {}) | values
        for row, values in zip(plan.labels, found, strict=True)
    ]
    if all(estimator is None for estimator in estimators):
        estimators = None
    return StudyResult(tabulate(rows, plan.scores), plan.config, estimators)


def is_failure(values):
    return values.get("error", "") not in ("", TOO_LATE)


def with_found_scores(plan, found):
    """The plan with the scores of a callable that returned several by name."""
    known = {"error", *plan.scores, *plan.labels[0]}
    names = dict.fromkeys(n for values in found for n in values if n not in known)
    if "scoring" not in plan.config or not names:
        return plan
    others = [name for name in plan.scores if name not in plan.config["scoring"]]
    config = plan.config | {"scoring": dict.fromkeys(names, "higher")}
    return plan._replace(scores=(*names, *others), config=config)


def rows_known(plan, known):
    """The row of each cell in a result, or None."""
    names = list(plan.labels[0])
    rows = () if known is None else known.rows()
    ended = {label(row, names): row for row in rows if not row.get("error")}
    labels = StudyResult(tabulate(plan.labels, ())).rows()  # whole numbers as floats
    return [ended.get(label(row, names)) for row in labels]


def label(row, names):
    """What tells a cell apart, numbers as a CSV has them."""
    return tuple(str(row.get(name)) for name in names)


def cells_found(plan, store, known=None):
    """What each cell measured before, kept or in a table, or None."""
    return [
        store.load(cell.key) if row is None else row
        for cell, row in zip(plan.cells, rows_known(plan, known), strict=True)
    ]


def run(plan, store, found, how):
    """What each cell measures, or {"error": what it raised}, in the order of cells."""
    todo = [place for place, values in enumerate(found) if values is None]
    n_workers = joblib.effective_n_jobs(how.n_jobs)
    if n_workers > 1 and how.time_limit is None:
        todo = largest_first(plan.labels, todo)
    with (
        kept_generators(),  # threads would put back what others have seeded
        warnings.catch_warnings(),  # and filters of warnings
        Progress(plan.labels, todo, n_workers, how.verbose) as progress,
    ):
        for place, values in as_they_end(tasks(plan, todo, store, how), how.n_jobs):
            found[place] = values
            if not values.get("error"):
                store.keep(plan.cells[place].key, values)  # workers have other disks
            progress.add(place, values)
    found = [{"error": TOO_LATE} if values is None else values for values in found]
    tell(plan.labels, found)
    return found


def as_they_end(tasks, n_jobs):
    """Results of calls, each from ``joblib.delayed``, in the order in which they end.

    Tasks are drawn from their iterator as workers become free.
    """
    backend, _ = get_active_backend()
    if type(backend).__name__ == "DaskDistributedBackend":
        return as_dask_ends(tasks, backend)
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # some backends return lists alone
        parallel = joblib.Parallel(n_jobs=n_jobs)
    return parallel(tasks)


def largest_first(labels, places):
    """Places by falling size, so that no worker is left with a long cell at the end."""

    def size(place):
        label = labels[place]
        return label.get("n_samples", 1) * label.get("n_features", 1)

    return sorted(places, key=size, reverse=True) if is_curve(labels) else places


def is_curve(labels):
    """Whether cells are fits, whose sizes are known."""
    return "estimator" in labels[0] and "data_seed" in labels[0]


def tasks(plan, places, store, how):
    """Calls that measure the cells, until time is up."""
    limit = np.inf if how.time_limit is None else how.time_limit
    terms = Terms(time.time() + limit, os.getpid())
    raises = isinstance(how.error_score, str)
    for place in places:
        if time.time() > terms.deadline:
            return
        label = plan.labels[place] if raises else None
        yield joblib.delayed(finish)(place, plan.cells[place], store, terms, label)


def tabulate(rows, scores):
    """Columns from rows, these scores among them, errors last."""
    names = dict.fromkeys([*(name for row in rows for name in row), *scores])
    names.pop("error", None)
    columns = {name: gather(rows, name) for name in names}
    return columns | {"error": [row.get("error", "") for row in rows]}


def gather(rows, name):
    """A column, NaN for no value, or empty among strings."""
    words = any(isinstance(row.get(name), str) for row in rows)
    return [row.get(name, "" if words else np.nan) for row in rows]
