"""All cases, measured side by side and kept as they end."""

import shutil
import warnings
from importlib import import_module
from math import isclose, isnan

import pandas as pd
from sklearn.exceptions import FitFailedWarning

from sklearn_depth.studies import run_cells
from speed.case import Side
from speed.page import lines
from speed.process import measure

SUBJECTS = (
    "imports", "kernels", "hermite", "radial", "learned", "networks", "studies",
    "sigmoid", "streams",
)  # fmt: skip


def run_speed(quick, output):
    """Rows of all cases, saved as ``speed.parquet`` in a folder, and printed.

    A run that is stopped goes on where it was; one that has ended begins anew.
    """
    groups = load(quick)
    cells = plan(groups, quick)
    memory = output / ".cells" / "speed"
    memory.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitFailedWarning)  # failures become rows
        measured = run_cells(measure, cells, memory=memory, verbose=1).rows()
    rows = pair(groups, quick, measured)
    pd.DataFrame(rows).to_parquet(output / "speed.parquet", index=False)
    shutil.rmtree(memory)
    print(lines(rows))
    return rows


def load(quick):
    """The cases of each subject, by its title; quick, those that have a bar."""
    modules = [import_module(f"speed.{subject}") for subject in SUBJECTS]
    groups = {module.TITLE: module.cases(quick) for module in modules}
    return {
        title: [case for case in cases if case.asked or not quick]
        for title, cases in groups.items()
    }


def rounds(case, quick):
    """How often a case is measured: the quick size has a third of the repeats."""
    return max(1, case.repeats // 3) if quick else case.repeats


def plan(groups, quick):
    """Every side of a subject in turn, then again; shared sides once a round."""
    cells = {}
    for cases in groups.values():
        for repeat in range(max(rounds(case, quick) for case in cases)):
            for case in cases:
                if repeat < rounds(case, quick):
                    cells |= {(side, repeat): None for side in case.sides}
    return [side._asdict() | {"repeat": repeat} for side, repeat in cells]


def pair(groups, quick, measured):
    """A row for each case and repeat, with the numbers of both sides."""
    found = {key(row): row for row in measured}
    return [
        row_of(group, case, quick, repeat, found)
        for group, cases in groups.items()
        for case in cases
        for repeat in range(rounds(case, quick))
    ]


def key(cell):
    names = *Side._fields, "repeat"
    return tuple(cell[name] for name in names)


def row_of(group, case, quick, repeat, found):
    """What tells the case apart, numbers of both sides, and their ratio."""
    runs = [found[key(side._asdict() | {"repeat": repeat})] for side in case.sides]
    row = {
        "group": group,
        "case": case.title,
        "ours": case.ours.name,
        "theirs": case.theirs.name if case.theirs else "",
        "quick": quick,
        "repeat": repeat,
        "issue": case.issue,
        "asked": case.asked,
        "of": case.of,
        "minus": case.minus,
    }
    for whose, side, run in zip(("ours", "theirs"), case.sides, runs, strict=False):
        row |= {f"{whose}_{name}": value for name, value in numbers(side, run).items()}
    errors = [run["error"].removeprefix("RuntimeError: ") for run in runs]
    error = "; ".join(filter(None, errors)) or disagreement(case, runs)
    return row | {"value": float("nan") if error else value(case, runs), "error": error}


def numbers(side, run):
    """What was measured, without the source and what other sides measured."""
    own = run.keys() - side._asdict().keys() - {"repeat", "error"}
    return {name: run[name] for name in sorted(own) if not isnan(run[name])}


def value(case, runs):
    """The ratio, or the difference, or what ours has where it stands alone."""
    ours, *theirs = (run[case.of] for run in runs)
    if not theirs:
        return ours
    return ours - theirs[0] if case.minus else ours / theirs[0]


def disagreement(case, runs):
    """A message where both sides must have come to the same and have not."""
    if not case.same:
        return ""
    ours, theirs = (run["same"] for run in runs)
    if isclose(ours, theirs, rel_tol=case.same):
        return ""
    return f"the sides differ: {ours} and {theirs}"
