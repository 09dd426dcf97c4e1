"""Fits of little heed to outliers: Cauchy's loss, by weights that fits renew."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth.utils._memory import row_blocks

# The median distance from the median of N(0, 1).
_MEDIAN_DISTANCE = 0.6745
# Robust deviations at which a residual counts half: 95 % efficient under N(0, 1).
_HALF = 2.385
# Fits; of their errors the first one halves most, and a fourth changes little.
_N_FITS = 3

Fit = TypeVar("Fit")


def fit_by_cauchy(samples: Samples, fit: Callable[[Samples], tuple[Fit, Array]]) -> Fit:
    """The last of some fits to samples weighted by their last residuals.

    ``fit`` returns what it has found and its values at the samples. The first residuals
    are those of the median. Each target has its own scale; the largest residual of a
    sample counts.
    """
    values = weighted_median(samples.targets, samples.weight)
    for _ in range(_N_FITS):
        far = robust_distances(samples.targets - values, samples.weight).max(axis=1)
        found, values = fit(samples.weighted(_heed(far)))
    return found


def robust_distances(values: Array, weight: Array) -> Array:
    """Distances from the median in robust standard deviations, by column.

    The deviation is the median distance, as of N(0, 1); where half of the values are
    equal it is 0 and tells nothing, and so do the distances: 0.
    """
    return _distances(values, *_median_and_unit(values, weight))


def _median_and_unit(values: Array, weight: Array) -> tuple[Array, Array]:
    middle = weighted_median(values, weight)
    unit = weighted_median(np.abs(values - middle), weight) / _MEDIAN_DISTANCE
    return middle, unit


def _distances(values: Array, middle: Array, unit: Array) -> Array:
    distances = np.abs(values - middle)
    return np.divide(distances, unit, out=np.zeros_like(distances), where=unit > 0)


@dataclass(frozen=True, eq=False)
class Heed:
    """How much samples count, by what a fit to some of them leaves of their targets.

    median, unit : (n_targets,), of what it leaves of those, as distances have them.
    """

    layer: Layer
    head: RidgeHead
    median: Array
    unit: Array

    @classmethod
    def of(cls, layer: Layer, head: RidgeHead, samples: Samples) -> "Heed":
        """By a fit to some samples."""
        left = samples.targets - fitted_values(layer, samples, head)
        return cls(layer, head, *_median_and_unit(left, samples.weight))

    def weighted(self, samples: Samples) -> Samples:
        """Samples with weights that say how much they count."""
        left = samples.targets - fitted_values(self.layer, samples, self.head)
        far = _distances(left, self.median, self.unit).max(axis=1)
        return samples.weighted(_heed(far))


def _heed(far: Array) -> Array:
    """The weight of residuals of a Cauchy law."""
    return 1 / (1 + (far / _HALF) ** 2)


def fitted_values(layer: Layer, samples: Samples, head: RidgeHead) -> Array:
    """The outputs of a head on a layer at the samples, by blocks of them."""
    values = np.empty(samples.targets.shape)
    for rows in row_blocks(len(samples), len(layer)):
        values[rows] = layer.features(samples.X[rows]) @ head.coef + head.intercept
    return values
