"""A study in words: what ran, what failed and how often, sizes and time."""

from collections import Counter
from html import escape

import numpy as np

from sklearn_depth.studies._time_left import duration

# The error of a cell that was not begun in time.
TOO_LATE = "TimeLimit: not begun within time_limit"
# Longer lists and messages are cut.
_MOST, _LONGEST = 8, 100
_NAMES = ("dataset", "estimator")
_SIZES = ("n_samples", "n_features")
_TIMES = ("fit_time", "score_time")
_PLURALS = {"dataset": "data sets", "estimator": "estimators"}


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
            found[name] = _values(columns[name])
    if "repeat" in columns:
        found["repeats"] = str(len(np.unique(columns["repeat"])))
    known = {*_NAMES, *_SIZES, *_TIMES, "repeat", "data_seed", "estimator_seed"}
    known |= {"error"} if _has_errors(columns) else set()
    others = [name for name in columns if name not in known]
    if others:
        found["columns" if len(found) == 0 else "also"] = ", ".join(others)
    if _has_errors(columns):
        found["failed"] = _failed(columns["error"])
        if n_late := np.sum(columns["error"] == TOO_LATE):
            found["not begun in time"] = f"{n_late} of {len(result)}"
    if times := _times(columns):
        found["time"] = duration(np.nansum(times))
    return found


def _learners(result):
    """A table in HTML: how many cells each learner has, failures, and time."""
    columns = result.columns
    if "estimator" not in columns or not _has_errors(columns):
        return ""
    times = _times(columns)
    head = ["estimator", "cells", "failed", *(["time"] if times else [])]
    body = []
    for name in dict.fromkeys(columns["estimator"].tolist()):
        rows = columns["estimator"] == name
        cells = [str(name), str(rows.sum()), _failed(columns["error"][rows])]
        cells += [duration(np.nansum([t[rows] for t in times]))] if times else []
        body.append(_row(cells, "td"))
    return f"<table>{_row(head, 'th')}{''.join(body)}</table>"


def _row(cells, tag):
    return "<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in cells) + "</tr>"


def _cells(number):
    return f"{number} cell" if number == 1 else f"{number} cells"


def _listed(values):
    """All, or the first of many, each on one line."""
    values = [" ".join(str(value).split()) for value in values]
    if len(values) <= _MOST:
        return ", ".join(values)
    return f"{', '.join(values[:_MOST])} and {len(values) - _MOST} more"


def _values(column):
    """All of few, or numbers from the least to the greatest."""
    is_number = column.dtype.kind in "iuf"
    values = np.unique(column[np.isfinite(column)] if is_number else column).tolist()
    if len(values) <= _MOST or not is_number:
        return _listed(values)
    return f"{values[0]} to {values[-1]}"


def _has_errors(columns):
    """Whether there are messages; a table from elsewhere may have other errors."""
    return "error" in columns and columns["error"].dtype.kind == "U"


def _failed(errors):
    """How many, and the message that is most frequent."""
    counts = Counter(error for error in errors.tolist() if error not in ("", TOO_LATE))
    if not counts:
        return "none"
    (message, number), *others = counts.most_common()
    line = message.splitlines()[0]
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
    first = f"{number} times " if others else ""
    return f"{sum(counts.values())} of {len(errors)}, {first}{line}"


def _times(columns):
    """Seconds of the cells, as columns; those that failed have NaN."""
    times = [columns[name] for name in _TIMES if name in columns]
    return [column for column in times if column.dtype.kind == "f"]
