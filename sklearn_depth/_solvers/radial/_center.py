"""Centres of inputs, and distances from them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._samples import Array, Samples
from sklearn_depth.utils._memory import row_blocks

# Steps of the geometric median end below this share of the median distance; its error
# falls by a factor of about d a step.
_TOLERANCE = 1e-8
_MAX_STEPS = 100


def find_center(center: str | ArrayLike, samples: Samples) -> Array:
    """The centre that a parameter names or gives."""
    n_features = samples.n_features
    if not isinstance(center, str):
        found: Array = check_array(
            center, ensure_2d=False, dtype=np.float64, copy=True, input_name="center"
        )
        if found.shape != (n_features,):
            raise ValueError(
                f"center has shape {found.shape}, but X has {n_features} features. "
                f"Give an array of shape ({n_features},)."
            )
        return found
    if center == "origin":
        return np.zeros(n_features)
    if center == "mean":
        weight = samples.weight
        return _weighted_sum(samples.X, weight, np.zeros(n_features)) / weight.sum()
    return geometric_median(samples)


def geometric_median(samples: Samples) -> Array:
    """The point with the least sum of distances to the samples.

    By Weiszfeld's iteration from the medians of the features, in Vardi and Zhang's form
    (2000), which leaves a sample that it meets and is not the median.
    """
    X, weight = samples.X, samples.weight
    center = weighted_median(X, weight).astype(np.float64)
    for _ in range(_MAX_STEPS):
        radii = distances(X, center)
        scale = weighted_median(radii, weight)
        apart = radii > 0
        pull = np.divide(weight, radii, out=np.zeros(len(X)), where=apart)
        total = pull.sum()
        if total == 0:
            break
        # The mean of all by their pull, and how far samples at the centre hold it.
        step = _weighted_sum(X, pull, center) / total
        force = total * np.linalg.norm(step)
        held = weight[~apart].sum()
        if force <= held:
            break
        center = center + (1 - held / force) * step
        if np.linalg.norm(step) <= _TOLERANCE * scale:
            break
    return center


def _weighted_sum(X: NDArray, weight: Array, center: Array) -> Array:
    """``weight @ (X - center)`` without a copy of X."""
    total = np.zeros(X.shape[1])
    for rows in row_blocks(*X.shape):
        total += weight[rows] @ (X[rows] - center)
    return total


def distances(X: NDArray, center: Array) -> Array:
    """``|x - center|`` of every sample, in float64, without a copy of X."""
    radii = np.empty(len(X))
    for rows in row_blocks(*X.shape):
        offset = X[rows] - center
        radii[rows] = np.sqrt(np.einsum("ij,ij->i", offset, offset))
    return radii
