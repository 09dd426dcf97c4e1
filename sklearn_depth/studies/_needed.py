"""How many samples each repeat of a study needs for a score, as far as it tells."""

from typing import NamedTuple

import numpy as np

# What tells learners of a table apart, where it has these columns.
LEARNER = ("dataset", "estimator")


class Needed(NamedTuple):
    """Logarithms of numbers of samples, arrays of shape (n_repeats,).

    middle : where a curve passes the target for good, on a line between two sizes;
        infinite if it never does, minus infinity if it did before the first size.
    low, high : what it lies between; equal to ``middle`` where the two sizes follow
        each other, and wider where a size between them failed.
    """

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def learners_of(result):
    """{what tells a learner apart, as a tuple: its rows}, in the order of the table."""
    names = [name for name in LEARNER if name in result.columns]
    keys = list(zip(*(result.columns[name].tolist() for name in names), strict=True))
    number = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    codes = np.array([number[key] for key in keys], dtype=int)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes))[:-1]) if len(codes) else []
    return dict(zip(number, parts, strict=True))


def needed_samples(result, score, target, lower):
    """{learner: {number of features: Needed}}, dimensions growing."""
    found = {}
    for learner, rows in learners_of(result).items():
        columns = {
            name: result.columns[name][rows]
            for name in ("n_features", "repeat", "n_samples", score)
        }
        found[learner] = _of_learner(columns, score, target, lower)
    return found


def _of_learner(columns, score, target, lower):
    dimensions, repeats = columns["n_features"], columns["repeat"]
    order = np.lexsort((columns["n_samples"], repeats, dimensions))
    new = np.diff(dimensions[order]) != 0
    new |= np.diff(repeats[order]) != 0
    found = {}
    for rows in np.split(order, np.flatnonzero(new) + 1):
        log_n = np.log(columns["n_samples"][rows])
        errors = _falling(columns[score][rows], lower)
        bar = np.log(target) if lower else -target
        found.setdefault(int(dimensions[rows[0]]), []).append(
            _of_curve(log_n, errors, bar)
        )
    return {d: Needed(*np.transpose(crossings)) for d, crossings in found.items()}


def _falling(scores, lower):
    """What is the less, the better, and straight between two sizes."""
    if not lower:
        return -scores
    return np.log(np.maximum(scores, np.finfo(float).tiny))


def _of_curve(log_n, errors, target):
    """Middle, low and high of one repeat, from the sizes at which it ended."""
    ended = np.flatnonzero(np.isfinite(errors))
    if len(ended) == 0:
        return np.inf, -np.inf, np.inf
    above = ended[errors[ended] > target]
    if len(above) == 0:
        return -np.inf, -np.inf, log_n[ended[0]]
    last = above[-1]
    if last == ended[-1]:
        return np.inf, log_n[last], np.inf
    after = ended[ended > last][0]
    ends = [after, last]  # the errors must rise
    middle = np.interp(target, errors[ends], log_n[ends])
    if after > last + 1:
        return middle, log_n[last], log_n[after]
    return middle, middle, middle
