"""Quantiles of weighted values."""

import numpy as np
from numpy.typing import NDArray

# Shares of the weight are compared up to the rounding of their sums.
_ROUNDING = 1e-9


def weighted_median(values: NDArray, weight: NDArray | None = None) -> NDArray:
    """Lower median of each column: the least value with half the weight at or below."""
    return weighted_quantile(values, 0.5, weight)


def weighted_quantile(
    values: NDArray, share: float, weight: NDArray | None = None
) -> NDArray:
    """The least value of each column with ``share`` of the weight at or below.

    Repeating a row and weighting it agree, also where the shares tie.
    """
    columns = values.reshape(len(values), -1).T
    if weight is None:
        found = [_quantile(column, share) for column in columns]
    else:
        found = [_weighted_quantile(column, share, weight) for column in columns]
    return np.array(found, values.dtype).reshape(values.shape[1:])


def _quantile(column: NDArray, share: float) -> float:
    place = max(int(np.ceil(share * len(column) * (1 - _ROUNDING))) - 1, 0)
    return float(np.partition(column, place)[place])


def _weighted_quantile(column: NDArray, share: float, weight: NDArray) -> float:
    order = np.argsort(column, kind="stable")
    below = np.cumsum(weight[order])
    place = np.searchsorted(below, share * below[-1] * (1 - _ROUNDING))
    return float(column[order[place]])
