"""Cells of a study, run where joblib's backend says and kept as they end."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import joblib
import numpy as np
from sklearn.exceptions import FitFailedWarning

from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._seeds import global_seeds, kept_generators
from sklearn_depth.utils._warnings import warn_caller

# Under this name a cell's values have the estimator that was fitted.
FITTED = "fitted estimator"


class Cell(NamedTuple):
    """One measurement: a function without arguments, and the name of what it gives.

    What it gives may not be named as its ``labels``, the columns that tell it apart.
    The ``seed`` is that of generators which a process shares.
    """

    key: str
    measure: Callable[[], dict]
    seed: int
    labels: tuple = ()


class Plan(NamedTuple):
    """A study: what tells its cells apart, one dict each, and the cells.

    The result has columns for the ``scores``, measured or not, and ``config``.
    """

    labels: list
    cells: list
    config: dict
    scores: tuple = ()


def carry_out(plan, store, *, n_jobs, verbose, known=None):
    """The result of a study; cells of ``known`` that ended are taken from there."""
    found = run(plan.cells, store, rows_known(plan, known), n_jobs, verbose)
    estimators = [values.pop(FITTED, None) for values in found]
    plan = with_found_scores(plan, found)
    rows = [row | values for row, values in zip(plan.labels, found, strict=True)]
    if all(estimator is None for estimator in estimators):
        estimators = None
    return StudyResult(tabulate(rows, plan.scores), plan.config, estimators)


def with_found_scores(plan, found):
    """The plan with the scores of a callable that returned several by name."""
    known = {"error", *plan.scores}
    names = dict.fromkeys(n for values in found for n in values if n not in known)
    names = [name for name in names if name not in plan.labels[0]]
    if "scoring" not in plan.config or not names:
        return plan
    scores = [
        *names,
        *(name for name in plan.scores if name not in plan.config["scoring"]),
    ]
    config = plan.config | {"scoring": dict.fromkeys(names, "higher")}
    return plan._replace(scores=tuple(scores), config=config)


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


def run(cells, store, known, n_jobs, verbose):
    """What each cell measures, or {"error": what it raised}, in the order of cells."""
    found = [
        store.load(cell.key) if row is None else row
        for cell, row in zip(cells, known, strict=True)
    ]
    todo = [place for place, values in enumerate(found) if values is None]
    with (
        kept_generators(),  # threads would put back what others have seeded
        progress_bar(len(cells), len(cells) - len(todo), verbose) as bar,
    ):
        for place, values in as_they_end(cells, todo, store, n_jobs):
            found[place] = values
            if not values.get("error"):
                store.keep(cells[place].key, values)  # where workers have other disks
            if bar is not None:
                bar.update()
    warn_of_failures(found)
    return found


def as_they_end(cells, places, store, n_jobs):
    """Places of cells and what was measured."""
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # some backends return lists alone
        parallel = joblib.Parallel(n_jobs=n_jobs)
    return parallel(joblib.delayed(finish)(k, cells[k], store) for k in places)


def finish(place, cell, store):
    """Measure one cell, on the worker, and keep it; errors are not kept."""
    try:
        with global_seeds(cell.seed):
            values = cell.measure()
        if not isinstance(values, dict):
            raise TypeError(f"{values!r} was returned, where a dict is needed")
        check_measured(values, cell.labels)
    except (Exception, SystemExit) as error:
        return place, {"error": f"{type(error).__name__}: {error}"}
    store.keep(cell.key, values)
    return place, values


def check_measured(values, labels):
    """Values that a table can hold, in columns of their own."""
    taken = {"error", *labels} & values.keys()
    if taken:
        raise ValueError(
            f"what was measured has the names {sorted(taken)} of other columns"
        )
    StudyResult({name: [v] for name, v in values.items() if name != FITTED})


def progress_bar(total, n_done, verbose):
    """Cells done, rate and time left, on a terminal; None unless asked for."""
    if not verbose:
        return nullcontext()
    from tqdm.auto import tqdm

    return tqdm(total=total, initial=n_done, unit="cell", disable=None)


def warn_of_failures(found):
    errors = [values["error"] for values in found if values.get("error")]
    if errors:
        distinct = "\n".join(dict.fromkeys(errors))
        warn_caller(
            f"{len(errors)} of {len(found)} cells failed; see the column 'error' of "
            f"the result. They raised:\n{distinct}",
            FitFailedWarning,
        )


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
