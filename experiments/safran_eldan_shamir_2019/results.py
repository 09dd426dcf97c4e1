"""Errors and widths from the rows of results.csv."""

from collections import defaultdict

import numpy as np

from experiments import _report
from experiments.safran_eldan_shamir_2019.data import FREQUENCIES, sine
from experiments.safran_eldan_shamir_2019.widths import growth, width_needed

# Errors aimed at: against d, for oscillations, and a range of them.
GOAL, GOAL_OF_SINES = 0.1, 0.3
GOALS = (0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015, 0.01, 0.007)


def dimensions(rows, part="widths"):
    return _report.levels(_report.select(rows, part=part), "d")


def errors(rows, target, level="width", **where):
    """{level: errors of the seeds} of finite networks, by a column."""
    values = defaultdict(list)
    for row in _report.select(rows, **where):
        if row["width"] < np.inf:
            values[row[level]].append(row[target])
    return dict(sorted(values.items()))


def limits(rows, target, **where):
    """Errors of the seeds in the limit of infinite width."""
    return [row[target] for row in _report.select(rows, width=np.inf, **where)]


def needed(rows, target, goal, **where):
    """The width that each seed needs."""
    widths = []
    for seed in _report.levels(rows, "seed"):
        curve = errors(rows, target, seed=seed, **where)
        at_seed = [error for (error,) in curve.values()]
        widths.append(width_needed(list(curve), at_seed, goal))
    return widths


def against_dimension(rows, model, target, goal=GOAL):
    """{d: widths needed}."""
    return {
        d: needed(rows, target, goal, part="widths", model=model, d=d)
        for d in dimensions(rows)
    }


def from_ten(values):
    """Those of {d: widths needed} with d of at least 10."""
    return {d: widths for d, widths in values.items() if d >= 10}


def against_error(rows, model, target, d):
    """{1 / error: widths needed}."""
    where = {"part": "widths", "model": model, "d": d}
    return {1 / goal: needed(rows, target, goal, **where) for goal in GOALS}


def against_frequency(rows, model, d):
    """{frequency: widths needed}."""
    where = {"part": "widths", "model": model, "d": d}
    return {w: needed(rows, sine(w), GOAL_OF_SINES, **where) for w in FREQUENCIES}


def along_dimension(rows, model):
    """{d: widths needed} of sin(dr)."""
    return {
        d: needed(rows, sine(d), GOAL_OF_SINES, part="widths", model=model, d=d)
        for d in dimensions(rows)
        if d in FREQUENCIES
    }


def reached(values):
    """Those of {x: widths needed} that every seed has between widths that were run."""
    return {
        x: widths
        for x, widths in values.items()
        if min(widths) > 0 and max(widths) < np.inf
    }


def growth_of(values, law="power"):
    """``growth`` of the medians of {x: widths needed}, where they were reached."""
    values = reached(values)
    return growth(list(values), [np.median(w) for w in values.values()], law)
