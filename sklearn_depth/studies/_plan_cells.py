"""Cells of any function, from checked arguments."""

from functools import partial

from sklearn_depth.studies._engine import Cell, Plan, label, tabulate
from sklearn_depth.studies._fingerprint import fingerprint
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._shown import shown


def plan_cells(measure, cells):
    """A call of ``measure`` for each dict of arguments."""
    check_cells(cells)
    function = fingerprint(measure)
    jobs = [
        Cell(fingerprint([function, cell]), partial(measure, **cell), tuple(cell))
        for cell in cells
    ]
    return Plan(cells, jobs, {"measure": shown(measure)})


def check_cells(cells):
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
