"""Medians of weighted values."""

import numpy as np
from numpy.typing import NDArray


def weighted_median(values: NDArray, weight: NDArray | None = None) -> NDArray:
    """Lower median of each column: the least value with half the weight at or below.

    Repeating a row and weighting it agree, also where the halves tie: sums of weights
    are compared up to rounding.
    """
    if weight is None:
        middle = (len(values) - 1) // 2
        columns = np.ascontiguousarray(values.T)
        return np.partition(columns, middle, axis=-1)[..., middle]
    order = np.argsort(values, axis=0, kind="stable")
    below = np.cumsum(weight[order], axis=0)
    middle = (below < 0.5 * below[-1] * (1 - 1e-9)).sum(axis=0, keepdims=True)
    return np.take_along_axis(np.take_along_axis(values, order, 0), middle, 0)[0]
