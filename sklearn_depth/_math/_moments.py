"""Means and standard deviations of features that one wild entry does not move."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._tolerances import CONSTANT, CONSTANT_FROM

# Entries this many robust standard deviations from the median are pulled in.
_REACH = 10.0
_NORMAL_MAD = 1.4826
# Standard scores are cut here: one wild sample must not move the others.
_CLIP = 5.0
_BLOCK_ELEMENTS = 2**17


def column_moments(
    X: NDArray, weight: NDArray | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean and standard deviation of each feature, wild entries pulled in.

    A deviation at rounding level comes out as 1. Few features are copied at a time.
    """
    some = max(_BLOCK_ELEMENTS // max(len(X), 1), 1)
    parts = [
        _moments_of_few(X[:, start : start + some], weight)
        for start in range(0, X.shape[1], some)
    ]
    mean, variance = np.concatenate(parts, axis=1)
    return mean, scale_of(mean, variance, len(X))


def _moments_of_few(X: NDArray, weight: NDArray | None) -> NDArray[np.float64]:
    """Mean and variance of each feature, (2, n_features)."""
    X = np.asfortranarray(X, dtype=np.float64)
    X = np.clip(X, *column_bounds(X, weight))
    mean = np.average(X, axis=0, weights=weight)
    mean = np.where((X[0] == X).all(axis=0), X[0], mean)  # no rounding of constants
    return np.stack([mean, np.average((X - mean) ** 2, axis=0, weights=weight)])


def column_bounds(
    X: NDArray, weight: NDArray | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far entries may lie: ten scaled median absolute deviations from the median.

    A feature that is constant on half the samples has no bounds.
    """
    X = X.astype(np.float64, copy=False)
    middle = weighted_median(X, weight)
    reach = _REACH * _NORMAL_MAD * weighted_median(np.abs(X - middle), weight)
    reach = np.where(reach > 0, reach, np.inf)
    return middle - reach, middle + reach


def deviation_of(mean: NDArray, variance: NDArray, n_rows: int) -> NDArray[np.float64]:
    """Standard deviations, and 0 where rounding alone may have made them."""
    deviation = np.sqrt(variance)
    rounding = max(n_rows / CONSTANT_FROM, 1) * CONSTANT * np.abs(mean)
    return np.where(deviation > rounding, deviation, 0.0)


def scale_of(mean: NDArray, variance: NDArray, n_rows: int) -> NDArray[np.float64]:
    """Standard deviations, and 1 where rounding alone may have made them."""
    deviation = deviation_of(mean, variance, n_rows)
    return np.where(deviation > 0, deviation, 1.0)


def constant_columns(X: NDArray) -> NDArray[np.float64]:
    """The first value of each feature that does not vary; NaN of others."""
    first = X[0].astype(np.float64)
    rounding = CONSTANT * np.abs(first)
    candidates = np.flatnonzero(np.abs(X[-1] - first) <= rounding)
    values = np.full(X.shape[1], np.nan)
    for j in candidates:
        if np.abs(X[:, j] - first[j]).max() <= rounding[j]:
            values[j] = first[j]
    return values


def common_constants(
    one: NDArray | None, other: NDArray | None
) -> NDArray[np.float64] | None:
    """Features that are constant in two sets of samples; None stands for no samples."""
    if one is None or other is None:
        return other if one is None else one
    return np.where(one == other, one, np.nan)


def clipped_scores(X: NDArray, mean: NDArray, scale: NDArray) -> NDArray:
    """Standard scores of the features, cut at five deviations."""
    scores = X - mean
    scores /= scale
    np.minimum(scores, _CLIP, out=scores)  # quicker than np.clip on few samples
    return np.maximum(scores, -_CLIP, out=scores)
