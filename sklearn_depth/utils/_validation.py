"""Validation that the estimators share."""

import numpy as np
from sklearn.utils.validation import validate_data

from sklearn_depth.utils._sklearn import check_sample_weight

FLOATS = (np.float64, np.float32)
# Where maps cut the columns they standardise: one wild row must not move the others.
CLIP = 5.0


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
        y_numeric=True,
        multi_output=True,
        ensure_min_samples=2,
        reset=reset,
    )
    if sample_weight is None:
        return X, y.astype(X.dtype, copy=False), None
    sample_weight = check_sample_weight(sample_weight, X)
    kept = sample_weight > 0
    if kept.sum() < 2:
        raise ValueError(
            f"{type(estimator).__name__} needs at least 2 samples of positive weight; "
            "sample_weight leaves 1 sample. Give more rows a weight above zero."
        )
    if not kept.all():
        X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
    return X, y.astype(X.dtype, copy=False), sample_weight


def validate_new_data(estimator, X):
    """Validate the X of ``predict`` or ``transform``."""
    return validate_data(estimator, X, dtype=FLOATS, reset=False)


def as_columns(y):
    """View y as (n_samples, n_targets)."""
    return y.reshape(len(y), -1)
