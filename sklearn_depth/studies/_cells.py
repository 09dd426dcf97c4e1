"""One cell of a study, measured and kept on the worker that it was sent to."""

import math
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._seeds import global_seeds
from sklearn_depth.studies._shown import TOO_LATE

# Under these names a cell's values have the fitted estimator and its warnings.
FITTED = "fitted estimator"
WARNED = "warnings"
_HIDDEN = {FITTED, WARNED}
# A cell that took less is left to the disk's own pace: waiting would take longer.
_WORTH_WAITING = 0.05
# Between looks for whether the process that has sent the cells is still there.
_SECONDS = 0.2
_watching = threading.Event()


class Cell(NamedTuple):
    """One measurement: a function without arguments, and the name of what it gives.

    What it gives may not be named as its ``labels``, the columns that tell it apart.
    The ``seed`` is that of generators which a process shares.
    """

    key: str
    measure: Callable[[], dict]
    seed: int
    labels: tuple = ()


class Terms(NamedTuple):
    """No cell begins after a deadline of the clock, nor without the owner's process."""

    deadline: float = math.inf
    owner: int | None = None


def finish(place, cell, store, terms, label=None):
    """Measure one cell and keep it; errors are not kept, and are raised with a label.

    Returned are the place and what was measured, or {"error": what was raised}.
    """
    end_with(terms.owner)
    if time.time() > terms.deadline:
        return place, {"error": TOO_LATE}
    start = time.perf_counter()
    try:
        values = measured(cell)
    except (Exception, SystemExit) as error:
        if label is not None:
            raise_of(error, label)
        return place, {"error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - start
    store.keep(cell.key, values, wait=seconds > _WORTH_WAITING)
    return place, values


def measured(cell):
    """Values that a table can hold, in columns of their own."""
    with global_seeds(cell.seed):
        values = cell.measure()
    if not isinstance(values, dict):
        raise TypeError(f"{values!r} was returned, where a dict is needed")
    taken = {"error", *cell.labels} & values.keys()
    if taken:
        raise ValueError(
            f"what was measured has the names {sorted(taken)} of other columns"
        )
    StudyResult({name: [v] for name, v in values.items() if name not in _HIDDEN})
    return values


def raise_of(error, label):
    """Raise it with the cell that it is of; a process is not ended by it."""
    if isinstance(error, SystemExit):
        error = RuntimeError(f"SystemExit: {error}")
    error.add_note(f"It was raised in the cell {label}.")
    raise error


def end_with(owner):
    """End this process when its parent, the owner of its cells, has ended.

    Without it the workers of a study that was killed go on with what they were sent,
    beside its successor. Processes that others have started are left alone.
    """
    started_by = getattr(multiprocessing.current_process(), "_parent_pid", None)
    if started_by != owner or owner is None or _watching.is_set():
        return
    _watching.set()
    threading.Thread(target=end_after, args=[owner], daemon=True).start()


def end_after(parent):
    """Wait until this process has another parent, as orphans have."""
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    os._exit(1)
