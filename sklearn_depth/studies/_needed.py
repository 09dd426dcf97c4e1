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
    sizes : the smallest and largest number of samples at which a fit ended, NaN if none
        did.
    """

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sizes: tuple


def rows_by(result, names):
    """{values of these columns, if there are any: rows}, in the table's order."""
    names = [name for name in names if name in result.columns]
    keys = list(zip(*(result.columns[name].tolist() for name in names), strict=True))
    number = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    codes = np.array([number[key] for key in keys], dtype=int)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes))[:-1]) if len(codes) else []
    return dict(zip(number, parts, strict=True))


def needed_samples(result, score, target, lower):
    """{learner: {number of features: Needed}}, dimensions growing."""
    found = {}
    for learner, rows in rows_by(result, LEARNER).items():
        columns = {
            name: result.columns[name][rows]
            for name in ("n_features", "repeat", "n_samples", score)
        }
        found[learner] = _of_learner(columns, score, target, lower)
    return found


def _of_learner(columns, score, target, lower):
    dimensions, repeats = columns["n_features"], columns["repeat"]
    sizes, errors = columns["n_samples"], _falling(columns[score], lower)
    bar = np.log(target) if lower else -target
    order = np.lexsort((sizes, repeats, dimensions))
    new = np.diff(dimensions[order]) != 0
    new |= np.diff(repeats[order]) != 0
    crossings = {}
    for rows in np.split(order, np.flatnonzero(new) + 1):
        found = _of_curve(np.log(sizes[rows]), errors[rows], bar)
        crossings.setdefault(int(dimensions[rows[0]]), []).append(found)
    ended = np.isfinite(errors)
    return {
        d: Needed(*np.transpose(found), _ends(sizes[ended & (dimensions == d)]))
        for d, found in crossings.items()
    }


def _ends(sizes):
    return (sizes.min(), sizes.max()) if len(sizes) else (np.nan, np.nan)


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
