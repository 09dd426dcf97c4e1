"""Laws of centred Gaussian inputs: isotropic, with one spike, of any covariance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._tolerances import EPS

Array = NDArray[np.float64]

# Shares of the largest variance: eigenvalues this far below zero, and variances this
# small along one direction or beside another direction's, are taken for rounding.
_NEGATIVE, _NULL, _DEPENDENT = 1e-8, 1e-20, 1e-13


@dataclass(frozen=True, eq=False)
class IsotropicGaussian:
    """N(0, I)."""

    n_features: int
    covariance = None  # stands for the identity

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        """Draw samples."""
        return rng.standard_normal((n_samples, self.n_features))

    def standard_rows(self, directions: Array) -> Array:
        """Orthonormal rows have independent projections of variance 1 already."""
        return directions


@dataclass(frozen=True, eq=False)
class SpikedGaussian:
    """N(0, I + spike mu mu'), with mu a unit vector."""

    spike_direction: Array
    spike: float

    @property
    def covariance(self) -> Array:
        """The matrix, made anew."""
        mu = self.spike_direction
        return np.eye(len(mu)) + self.spike * np.outer(mu, mu)

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        """Draw samples, stretched along mu by sqrt(1 + spike)."""
        mu = self.spike_direction
        X = rng.standard_normal((n_samples, len(mu)))
        stretch = np.sqrt(1 + self.spike) - 1
        X += np.outer(X @ (stretch * mu), mu)
        return X

    def standard_rows(self, directions: Array) -> Array:
        """Rows of the same span whose projections are N(0, I)."""
        overlaps = directions @ self.spike_direction
        projected = directions @ directions.T
        projected += self.spike * np.outer(overlaps, overlaps)
        return whitened_rows(directions, projected, 1 + self.spike)


@dataclass(frozen=True, eq=False)
class CorrelatedGaussian:
    """N(0, covariance), a matrix or the vector of its diagonal."""

    covariance: Array

    @cached_property
    def _root(self) -> Array:
        """The symmetric square root, a vector where the covariance is one."""
        if self.covariance.ndim == 1:
            return np.sqrt(self.covariance)
        variances, vectors = np.linalg.eigh(self.covariance)
        if variances[0] < -_NEGATIVE * max(variances[-1], 0):
            raise ValueError(
                f"covariance has the eigenvalue {variances[0]:.3g} beside a largest of "
                f"{variances[-1]:.3g}, but no variance is negative. Pass a positive "
                "semi-definite matrix."
            )
        eps = len(variances) * EPS
        variances[variances < eps * variances[-1]] = 0
        return (vectors * np.sqrt(variances)) @ vectors.T

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        """Draw samples."""
        return self._times_root(rng.standard_normal((n_samples, len(self.covariance))))

    def standard_rows(self, directions: Array) -> Array:
        """Rows of the same span whose projections are N(0, I)."""
        half = self._times_root(directions)
        return whitened_rows(directions, half @ half.T, np.abs(self.covariance).max())

    def _times_root(self, rows: Array) -> Array:
        return rows * self._root if self._root.ndim == 1 else rows @ self._root


def whitened_rows(directions: Array, projected: Array, largest: float) -> Array:
    """``projected^(-1/2) directions``, with ``projected`` the projections' covariance.

    The symmetric root, so that of all rows of this span whose projections are N(0, I)
    these have the projections nearest to those on ``directions``. ``largest`` is the
    scale of the inputs' variances.
    """
    variances, vectors = np.linalg.eigh(projected)
    floor = max(_NULL * largest, _DEPENDENT * variances[-1])
    rank = int(np.sum(variances > floor))
    if rank < len(directions):
        raise ValueError(
            f"under this covariance the projections on {len(directions)} directions "
            f"vary in only {rank} dimensions. Pass directions, or a covariance, with a "
            "positive variance along every combination of them."
        )
    return (vectors / np.sqrt(variances)) @ vectors.T @ directions
