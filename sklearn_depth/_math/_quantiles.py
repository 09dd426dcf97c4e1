"""Quantiles of weighted values."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_depth._math._tolerances import SHARE


def weighted_median(values: NDArray, weight: NDArray | None = None) -> NDArray:
    """Lower median of each column: the least value with half the weight at or below."""
    return weighted_quantile(values, 0.5, weight)


def weighted_quantile(
    values: NDArray, share: ArrayLike, weight: NDArray | None = None
) -> NDArray:
    """The least value of each column with ``share`` of the weight at or below.

    Several shares come first in the shape of the result. Repeating a sample and
    weighting it agree, also where the shares tie.
    """
    shares = np.ravel(share)
    columns = values.reshape(len(values), -1).T
    if weight is None or (weight == weight[0]).all():
        found = [_quantiles(column, shares) for column in columns]
    else:
        found = [_weighted_quantiles(column, shares, weight) for column in columns]
    by_share = np.array(found, values.dtype).T
    return by_share.reshape(np.shape(share) + values.shape[1:])


def _quantiles(column: NDArray, shares: NDArray) -> NDArray:
    places = np.ceil(shares * len(column) * (1 - SHARE)).astype(np.intp) - 1
    places = np.maximum(places, 0)
    return np.partition(column, places)[places]


def _weighted_quantiles(column: NDArray, shares: NDArray, weight: NDArray) -> NDArray:
    order = np.argsort(column, kind="stable")
    below = np.cumsum(weight[order])
    places = np.searchsorted(below, shares * below[-1] * (1 - SHARE))
    return column[order[places]]
