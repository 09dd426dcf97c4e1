"""A study in words: what ran, what failed and how often, sizes and time."""

from collections import Counter
from html import escape

import numpy as np

# Longer lists and messages are cut.
_MOST, _LONGEST = 8, 100
_NAMES = ("dataset", "estimator")
_SIZES = ("n_samples", "n_features")
_TIMES = ("fit_time", "score_time")
_PLURALS = {"dataset": "data sets", "estimator": "estimators"}
# Seconds up to which each unit is read well.
_UNITS = ((120, 1, "s"), (7200, 60, "min"), (np.inf, 3600, "h"))


def text_of(result):
    """A line for each fact."""
    lines = [f"{name}: {value}" for name, value in facts(result).items()]
    return "\n  ".join([f"StudyResult of {_cells(len(result))}", *lines])


def html_of(result):
    """The facts, and a row for each learner."""
    rows = [
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in facts(result).items()
    ]
    title = f"<p><strong>StudyResult of {_cells(len(result))}</strong></p>"
    return f"{title}<table>{''.join(rows)}</table>{_learners(result)}"


def facts(result):
    """{name: what there is of it}, in the order in which one would ask."""
    columns, found = result.columns, {}
    for name in _NAMES:
        if name in columns:
            found[_PLURALS[name]] = _listed(dict.fromkeys(columns[name].tolist()))
    for name in _SIZES:
        if name in columns:
            found[name] = _numbers(columns[name])
    if "repeat" in columns:
        found["repeats"] = str(len(np.unique(columns["repeat"])))
    known = {*_NAMES, *_SIZES, *_TIMES, "repeat", "data_seed", "estimator_seed"}
    others = [name for name in columns if name not in known | {"error"}]
    if others:
        found["columns" if len(found) == 0 else "also"] = ", ".join(others)
    if "error" in columns:
        found["failed"] = _failed(columns["error"])
    if any(name in columns for name in _TIMES):
        found["time"] = duration(_seconds(columns).sum())
    return found


def _learners(result):
    """A table in HTML: how many cells each learner has, failures, and time."""
    columns = result.columns
    if "estimator" not in columns or "error" not in columns:
        return ""
    timed = any(name in columns for name in _TIMES)
    head = ["estimator", "cells", "failed", *(["time"] if timed else [])]
    body = []
    for name in dict.fromkeys(columns["estimator"].tolist()):
        rows = columns["estimator"] == name
        cells = [name, str(rows.sum()), _failed(columns["error"][rows])]
        cells += [duration(_seconds(columns)[rows].sum())] if timed else []
        body.append(_row(cells, "td"))
    return f"<table>{_row(head, 'th')}{''.join(body)}</table>"


def _row(cells, tag):
    return "<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in cells) + "</tr>"


def _cells(number):
    return f"{number} cell" if number == 1 else f"{number} cells"


def _listed(values):
    """All, or the first of many."""
    values = [str(value) for value in values]
    if len(values) <= _MOST:
        return ", ".join(values)
    return f"{', '.join(values[:_MOST])} and {len(values) - _MOST} more"


def _numbers(column):
    """All of few, or from the least to the greatest."""
    values = np.unique(column[np.isfinite(column)]).tolist()
    if len(values) <= _MOST:
        return _listed(values)
    return f"{values[0]} to {values[-1]}"


def _failed(errors):
    """How many, and the message that is most frequent."""
    counts = Counter(error for error in errors.tolist() if error)
    if not counts:
        return "none"
    (message, number), *others = counts.most_common()
    line = message.splitlines()[0]
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
    first = f"{number} times " if others else ""
    return f"{sum(counts.values())} of {len(errors)}, {first}{line}"


def _seconds(columns):
    """Of each cell; those that failed count nothing."""
    return np.nansum([columns[name] for name in _TIMES if name in columns], axis=0)


def duration(seconds):
    """Seconds in the unit that suits them."""
    size, unit = next((size, unit) for most, size, unit in _UNITS if seconds < most)
    return (
        f"{seconds / size:.2g} {unit}"
        if seconds < 10
        else f"{seconds / size:.0f} {unit}"
    )
