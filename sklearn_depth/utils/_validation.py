"""Validation that the estimators share."""

import numpy as np
from sklearn.utils.validation import validate_data

from sklearn_depth.utils._sklearn import check_sample_weight

FLOATS = (np.float64, np.float32)
# Squares of larger or smaller numbers leave float64.
_MAGNITUDES = 1e-100, 1e100


def check_magnitude(name, values):
    """Refuse numbers that would overflow or vanish when squared."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > 0 and not _MAGNITUDES[0] < largest < _MAGNITUDES[1]:
        raise ValueError(
            f"The largest entry of {name} is {largest:.3g} in {values.dtype}; it must "
            f"lie between {_MAGNITUDES[0]:g} and {_MAGNITUDES[1]:g}. Scale {name}."
        )


def validate_training_data(estimator, X, y, sample_weight, *, reset=True):
    """Validate what ``fit`` was given and drop the rows of zero weight.

    Returns X in its own float dtype; y in that dtype, of shape (n_samples,) or
    (n_samples, n_targets) as it came; the weights in float64, or None.
    """
    X, y = validate_data(
        estimator,
        X,
        y,
        dtype=FLOATS,
        order="C",  # the same numbers give the same bits, however they lie
        y_numeric=True,
        multi_output=True,
        ensure_min_samples=2,
        reset=reset,
    )
    with np.errstate(over="ignore"):  # float64 targets beyond float32: said below
        y = y.astype(X.dtype, copy=False)
    check_magnitude("X", X)
    check_magnitude("y", y)
    if sample_weight is None:
        return X, y, None
    sample_weight = check_sample_weight(sample_weight, X)
    kept = sample_weight > 0
    if kept.sum() < 2:
        raise ValueError(
            f"{type(estimator).__name__} needs at least 2 samples of positive weight; "
            "sample_weight leaves 1 sample. Give more rows a weight above zero."
        )
    if not kept.all():
        X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
    return X, y, sample_weight


def validate_new_data(estimator, X):
    """Validate the X of ``predict`` or ``transform``."""
    return validate_data(estimator, X, dtype=FLOATS, order="C", reset=False)


def as_columns(y):
    """View y as (n_samples, n_targets)."""
    return y.reshape(len(y), -1)
