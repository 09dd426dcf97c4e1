"""Sums over rows behind a ridge head on Hermite features."""

from functools import partial

import numpy as np

from sklearn_depth._math._hermite_gram import HermiteGram
from sklearn_depth._math._moments import column_bounds, scale_of
from sklearn_depth._solvers._hermite_moments import HermiteMoments
from sklearn_depth._solvers._ridge import RidgeMoments
from sklearn_depth.utils._validation import as_columns, validate_training_data

# Up to this degree the Gram matrix from fewer sums is as good as from its own.
_MOST_UNLINKED = 5


def no_rows(features, n_targets):
    """Sums for the products of fitted Hermite features, still without rows."""
    d, degree = features.n_features_in_, features.degree
    central = features.scaling is not None  # else means may dwarf deviations
    fewer = features._is_total(d) and 1 < degree <= _MOST_UNLINKED
    if fewer and central:
        return HermiteMoments(HermiteGram(d, degree), n_targets)
    return RidgeMoments(features.n_output_features_, n_targets)


def add_rows(moments, transform, X, y, sample_weight):
    """The rows of ``transform(X)`` added to the sums."""
    with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
        return moments.update_in_blocks(transform, X, as_columns(y), sample_weight)


def sum_blocks(model, rows, empty, transform):
    """Sums such as ``empty()`` makes over a :class:`DaskRows`, block by block."""
    of_block = partial(_sums_of_block, model, empty, transform)
    return rows.reduce(of_block, RidgeMoments.merged)


def _sums_of_block(model, empty, transform, X, y, sample_weight=None):
    if len(X) == 0 or (sample_weight is not None and not sample_weight.any()):
        return empty()  # which are no error in a part
    X, y, sample_weight = validate_training_data(
        model, X, y, sample_weight, reset=False, min_samples=1
    )
    return add_rows(empty(), transform, X, y, sample_weight)


def measure_blocks(model, rows, features, X, y, sample_weight):
    """Scale columns by all rows; the sample X says only where outliers begin."""
    low, high = column_bounds(X, sample_weight)
    empty = partial(RidgeMoments, X.shape[1], as_columns(y).shape[1])
    columns = sum_blocks(model, rows, empty, partial(np.clip, a_min=low, a_max=high))
    variance = np.diagonal(columns.gram) / columns.weight
    features.mean_ = columns.feature_mean
    features.scale_ = scale_of(features.mean_, variance, columns.n_rows)
