"""Sums over samples behind a head on radial features."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Array, Samples
from sklearn_depth._solvers.radial._center import distances
from sklearn_depth._solvers.ridge._orthogonal import TriangularSums


@dataclass(frozen=True)
class RadialSums:
    """What a fit keeps of samples: sums of their features, and how far they reach.

    extremes : the least and the largest radius.
    """

    features: TriangularSums
    extremes: Array

    @classmethod
    def empty(cls, n_knots: int, n_targets: int) -> "RadialSums":
        """Those of no samples."""
        features = TriangularSums.empty(n_knots, n_targets)
        return cls(features, np.array([np.inf, -np.inf]))

    def update(
        self, transform: Callable[[NDArray], NDArray], center: Array, samples: Samples
    ) -> "RadialSums":
        """With these samples."""
        radii = distances(samples.X, center)
        extremes = np.array([radii.min(), radii.max()])
        return self._with(self.features.update(transform, samples), extremes)

    def merge(self, other: "RadialSums") -> "RadialSums":
        """With the samples of another; neither of the two changes."""
        return self._with(self.features.merge(other.features), other.extremes)

    def _with(self, features: TriangularSums, extremes: Array) -> "RadialSums":
        low, high = np.stack([self.extremes, extremes]).T
        return RadialSums(features, np.array([low.min(), high.max()]))
