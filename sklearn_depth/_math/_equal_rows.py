"""Samples that are equal, and samples that a kernel cannot tell apart."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Rows = NDArray[np.intp]


def equal_row_labels(X: NDArray) -> Rows:
    """Label samples from 0 on: labels are equal where samples are."""
    column = np.sort(X[:, 0])
    repeated = column[1:][column[1:] == column[:-1]]
    labels = np.arange(len(X))
    if len(repeated) == 0:  # told apart by the first feature
        return labels
    place = np.searchsorted(repeated, X[:, 0])
    place[place == len(repeated)] = 0
    tied = repeated[place] == X[:, 0]
    n_apart = len(X) - np.count_nonzero(tied)
    labels[~tied] = np.arange(n_apart)
    labels[tied] = n_apart + _labels_by_bytes(X[tied])
    return labels


def _labels_by_bytes(X: NDArray) -> Rows:
    rows = np.ascontiguousarray(X + 0.0)  # -0.0 becomes 0.0
    as_bytes = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    return np.unique(as_bytes, return_inverse=True)[1]


def equal_kernel_row_labels(kernel: NDArray, tolerance: float) -> Rows:
    """Label samples alike whose features are at a squared distance up to ``tolerance``.

    Equal samples have equal products with everything, so they are neighbours in the
    order of one random combination of these.
    """
    norms = np.diagonal(kernel)

    def squares(one: Rows, other: Rows) -> NDArray:
        # Negative where the kernel is indefinite, and the samples are not equal either.
        return np.abs(norms[one] + norms[other] - 2 * kernel[one, other])

    return _label_runs(np.argsort(kernel @ _probe(len(kernel))), squares, tolerance)


def equal_feature_row_labels(features: NDArray, tolerance: float) -> Rows:
    """Label samples alike that are at a squared distance up to ``tolerance``."""

    def squares(one: Rows, other: Rows) -> NDArray:
        steps = features[one] - features[other]
        return np.einsum("...j,...j->...", steps, steps)

    order = np.argsort(features @ _probe(features.shape[1]))
    return _label_runs(order, squares, tolerance)


def by_first_row(labels: Rows) -> tuple[Rows, Rows]:
    """The first sample of each label, in order, and labels numbered in that order."""
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return first[order], number[labels]


def group_shares(labels: Rows, weight: NDArray) -> sparse.csr_array:
    """(n_groups, n_rows), shares of a group's weight; groups by their first sample."""
    labels = by_first_row(labels)[1]
    total = np.bincount(labels, weight)
    shares = weight / np.where(total > 0, total, 1)[labels]
    return sparse.csr_array((shares, (labels, np.arange(len(labels)))))


def _probe(n_columns: int) -> NDArray[np.float64]:
    return np.random.default_rng(0).uniform(1, 2, n_columns)


def _label_runs(
    order: NDArray, squares: Callable[[Rows, Rows], NDArray], tolerance: float
) -> Rows:
    """Number runs of samples in this order, each within the tolerance of its first.

    With that of their neighbours alone, dense samples would all end up in one run.
    """
    begins = np.ones(len(order), bool)
    first = order[0]
    for k in 1 + np.flatnonzero(squares(order[:-1], order[1:]) <= tolerance):
        if begins[k - 1]:
            first = order[k - 1]
        begins[k] = squares(first, order[k]) > tolerance
    labels = np.empty(len(order), np.intp)
    labels[order] = np.cumsum(begins) - 1
    return labels
