"""Medians and ranges over the repeats of each case, and whether a bar was met."""

from itertools import groupby
from math import isnan
from statistics import median

KEPT = "group", "case", "quick", "ours", "theirs", "issue", "asked", "of", "minus"


def summary(rows):
    """A dict for each case, in their order: what tells it apart, medians, ``met``.

    ``value``, ``least`` and ``most`` are of the ratios of the repeats that ended,
    ``error`` the first message of those that did not.
    """
    by_case = groupby(rows, key=lambda row: (row["group"], row["case"]))
    return [summarise(list(repeats)) for _, repeats in by_case]


def summarise(repeats):
    ended = [row for row in repeats if not row["error"]]
    case = {name: repeats[0][name] for name in KEPT} | {"repeats": len(ended)}
    names = {name: None for row in ended for name in row if is_number(row, name)}
    case |= {name: median(row[name] for row in ended) for name in names}
    values = [row["value"] for row in ended]
    case |= {"least": min(values, default=None), "most": max(values, default=None)}
    error = next((row["error"] for row in repeats if row["error"]), "")
    return case | {"error": error, "met": met(case)}


def is_number(row, name):
    """Whether a column is of measurements, and this row has one."""
    measured = name == "value" or name.startswith(("ours_", "theirs_"))
    return measured and not isnan(row[name])


def met(case):
    """Of the median: "yes", "no", or nothing; bars are of the full sizes."""
    sign, _, bar = case["asked"].partition(" ")
    if case["quick"] or sign not in ("<=", ">=") or "value" not in case:
        return ""
    value, bar = case["value"], float(bar)
    return "yes" if (value <= bar if sign == "<=" else value >= bar) else "no"
