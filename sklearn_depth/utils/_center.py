"""Centres of data, and distances from them."""

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth.utils._memory import row_blocks

# Steps of the geometric median end below this share of the median distance; its error
# falls by a factor of about d a step.
_TOLERANCE = 1e-8
_MAX_STEPS = 100


def find_center(center, X, sample_weight=None):
    """The centre that a parameter names or gives, in float64."""
    n_features = X.shape[1]
    if not isinstance(center, str):
        center = check_array(
            center, ensure_2d=False, dtype=np.float64, copy=True, input_name="center"
        )
        if center.shape != (n_features,):
            raise ValueError(
                f"center has shape {center.shape}, but X has {n_features} columns. "
                f"Give an array of shape ({n_features},)."
            )
        return center
    if center == "origin":
        return np.zeros(n_features)
    if center == "mean":
        weight = _weights(X, sample_weight)
        return _weighted_sum(X, weight, np.zeros(n_features)) / weight.sum()
    return geometric_median(X, sample_weight)


def geometric_median(X, sample_weight=None):
    """The point with the least sum of distances to the rows.

    By Weiszfeld's iteration from the medians of the columns, in Vardi and Zhang's form
    (2000), which leaves a row that it meets and is not the median.
    """
    weight = _weights(X, sample_weight)
    center = weighted_median(X, sample_weight).astype(np.float64)
    for _ in range(_MAX_STEPS):
        radii = distances(X, center)
        scale = weighted_median(radii, sample_weight)
        apart = radii > 0
        pull = np.divide(weight, radii, out=np.zeros(len(X)), where=apart)
        total = pull.sum()
        if total == 0:
            break
        # The mean of all rows by their pull, and how far those at the centre hold it.
        step = _weighted_sum(X, pull, center) / total
        force = total * np.linalg.norm(step)
        held = weight[~apart].sum()
        if force <= held:
            break
        center = center + (1 - held / force) * step
        if np.linalg.norm(step) <= _TOLERANCE * scale:
            break
    return center


def _weights(X, sample_weight):
    return np.ones(len(X)) if sample_weight is None else sample_weight


def _weighted_sum(X, weight, center):
    """``weight @ (X - center)`` without a copy of X."""
    blocks = row_blocks(*X.shape)
    return sum(weight[rows] @ (X[rows] - center) for rows in blocks)


def distances(X, center):
    """``|x - center|`` of every row, in float64, without a copy of X."""
    radii = np.empty(len(X))
    for rows in row_blocks(*X.shape):
        offset = X[rows] - center
        radii[rows] = np.sqrt(np.einsum("ij,ij->i", offset, offset))
    return radii
