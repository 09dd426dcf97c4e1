"""Sums over samples behind a ridge head on Hermite features."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_depth._math._hermite_gram import HermiteGram
from sklearn_depth._math._levels import (
    common_values,
    count_values,
    distinct_values,
)
from sklearn_depth._math._moments import (
    column_bounds,
    scale_of,
)
from sklearn_depth._solvers.ridge._hermite_moments import HermiteMoments
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._spectrum import check_finite
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._streams import sum_blocks

# Up to this degree the Gram matrix from fewer sums is as good as from its own.
_MOST_UNLINKED = 5


def no_rows(features, n_targets):
    """Sums for the products of fitted Hermite features, still without samples."""
    d, degree = features.n_features_in_, features.degree
    central = features.scaling is not None  # else means may dwarf deviations
    fewer = features._is_total(d) and 1 < degree <= _MOST_UNLINKED
    if fewer and central:
        return HermiteMoments(HermiteGram(d, degree), n_targets)
    return RidgeMoments(features.n_output_features_, n_targets)


def sums_of(empty, transform, samples):
    """The sums over the samples of ``transform(X)``."""
    with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
        return empty.update_in_blocks(transform, samples)


@dataclass(frozen=True)
class ProductSums:
    """What a fit to products keeps of samples.

    moments : of the products. values : the least values of each scaled feature.
    """

    moments: RidgeMoments
    values: np.ndarray

    @classmethod
    def empty(cls, features, n_targets):
        """Those of no samples."""
        values = np.full((features.n_features_in_, features.degree + 1), np.nan)
        return cls(no_rows(features, n_targets), values)

    def update(self, features, samples):
        """With these samples."""
        moments = sums_of(self.moments.empty(), features._map, samples)
        check_finite(moments.gram, moments.cross)
        values = self.values
        most = values.shape[1]
        for rows in row_blocks(len(samples), 20 * samples.n_features):
            if (count_values(values) == most).all():
                break
            z = features._scale(samples.X[rows])
            values = common_values(values, distinct_values(z, most))
        return ProductSums(self.moments.merge(moments), values)

    def merge(self, other):
        """With the samples of the other sums."""
        moments = self.moments.merge(other.moments)
        return ProductSums(moments, common_values(self.values, other.values))


def measure_blocks(model, rows, seen, features, samples):
    """Scale features by all samples; the few given say only where outliers begin."""
    low, high = column_bounds(samples.X, samples.weight)
    empty = partial(RidgeMoments, samples.n_features, samples.n_targets)
    clip = partial(np.clip, a_min=low, a_max=high)
    update = partial(_sums_of_columns, clip)
    columns, _ = sum_blocks(model, rows, seen, empty, update)
    variance = np.diagonal(columns.gram) / columns.weight
    features.mean_ = columns.feature_mean
    features.scale_ = scale_of(features.mean_, variance, columns.n_rows)


def _sums_of_columns(clip, empty, samples):
    return sums_of(empty, clip, samples.merged())


def check_basis(parameters, features, whose):
    """Refuse to add samples to sums of other products than the parameters say."""
    theirs = features.get_params()
    for name, value in parameters.items():
        if theirs[name] != value:
            raise ValueError(
                f"{name} is {value!r}, but {theirs[name]!r} in {whose}: sums of "
                "different products cannot be added. Call fit to start again."
            )


def check_scaling(ours, theirs):
    """Refuse maps that scale features differently."""
    if (ours.mean_ != theirs.mean_).any() or (ours.scale_ != theirs.scale_).any():
        raise ValueError(
            "The regressors scale their features differently: their products are "
            "not the same. Scale the features beforehand and set scaling=None."
        )
