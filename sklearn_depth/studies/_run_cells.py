"""Any function over the cells of a study."""

from functools import partial

import numpy as np

from sklearn_depth.studies._arguments import RUN
from sklearn_depth.studies._cells import Cell
from sklearn_depth.studies._engine import How, Plan, carry_out, label, tabulate
from sklearn_depth.studies._fingerprint import fingerprint, shown
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._store import open_store
from sklearn_depth.utils._sklearn import validate_arguments


@validate_arguments(
    {
        "measure": [callable],
        "cells": [list, tuple],
        "known": [StudyResult, None],
    }
    | RUN
)
def run_cells(
    measure,
    cells,
    *,
    n_jobs=None,
    memory=None,
    verbose=0,
    known=None,
    time_limit=None,
    error_score=np.nan,
):
    """Call a function once a cell, resumed, spread and recorded as a study is.

    Parameters
    ----------
    measure : callable
        Called as ``measure(**cell)``; returns a dict of numbers or strings by name. It
        runs in other processes, so all its randomness must come from the cell; the
        generators of Python, NumPy and torch that are global are seeded by it.
    cells : list of dict
        The arguments of each call, numbers and strings; they are the first columns of
        the result.
    n_jobs : int, default=None
        Cells at a time, as joblib has it; ``joblib.parallel_config`` says where.
    memory : str, path, joblib.Memory or None, default=None
        Where each cell is kept as soon as it ends, and found by the next call. Its name
        is made of the cell, and of the name, the code and the bound arguments of
        ``measure``, not of what that calls: clear it when other code has changed. Cells
        are pickles: a directory from elsewhere can run any code, so trust its source.
    verbose : int, default=0
        With 1, a progress bar with the time left, on a terminal.
    known : StudyResult or None, default=None
        A result whose cells, those with equal arguments, are not measured again.
    time_limit : float or None, default=None
        Seconds after which no cell is begun; those that run are finished. The others
        say so in the column ``error``, and the next call with ``memory`` measures them.
    error_score : "raise" or float, default=numpy.nan
        With "raise" an error of ``measure`` is raised in place of going on.

    Returns
    -------
    result : StudyResult
        A row a cell, in the order of ``cells``.

    Raises
    ------
    ValueError
        If there are no cells, two are equal or have other arguments than the first, or
        ``memory`` cannot be written to: before anything is measured.

    Warns
    -----
    FitFailedWarning
        If ``measure`` raised, at once if it is the first cell, and at the end; the
        message is in the column ``error``, and the other cells have been measured. Such
        a cell is not kept.
    UserWarning
        If time was up: how many cells are missing.

    See Also
    --------
    sample_complexity_curve : Estimators on fresh draws.

    Examples
    --------
    >>> from sklearn_depth.studies import run_cells
    >>> def halve(number):
    ...     return {"half": number / 2}
    >>> run_cells(halve, [{"number": 3}, {"number": 4}]).columns["half"]
    array([1.5, 2. ])
    """
    plan = plan_cells(measure, cells)
    how = How(n_jobs, verbose, time_limit, error_score)
    return carry_out(plan, open_store(memory), how, known=known)


def plan_cells(measure, cells):
    """A call of ``measure`` for each dict of arguments."""
    _check_cells(cells)
    function = fingerprint(measure)
    jobs = [
        Cell(
            fingerprint([function, cell]),
            partial(measure, **cell),
            int(fingerprint(cell)[:8], base=16),
            tuple(cell),
        )
        for cell in cells
    ]
    return Plan(cells, jobs, {"measure": shown(measure)})


def _check_cells(cells):
    if len(cells) == 0:
        raise ValueError("cells is empty: there is nothing to measure.")
    seen = set()
    for cell in cells:
        if not isinstance(cell, dict) or "error" in cell:
            raise ValueError(
                f"cells has {cell!r}. Pass dicts of arguments, none named 'error': "
                "that column is for what is raised."
            )
        if cell.keys() != cells[0].keys():
            raise ValueError(
                f"The first cell has {list(cells[0])} and another {list(cell)}. Give "
                "all cells the same arguments."
            )
        name = label(cell, list(cells[0]))
        if name in seen:
            raise ValueError(f"The cell {cell} comes up twice. Name each once.")
        seen.add(name)
    StudyResult(tabulate(cells, ()))  # raises where arguments are no numbers or strings
