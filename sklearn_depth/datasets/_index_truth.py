"""What is planted in index data: links of a few projections of Gaussian inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sklearn_depth._math._gaussian_laws import (
    CorrelatedGaussian,
    IsotropicGaussian,
    SpikedGaussian,
)
from sklearn_depth.datasets._links import HermitePolynomial, HermiteSeries
from sklearn_depth.datasets._truth import NoisyTruth, evaluate


@dataclass(frozen=True, eq=False)
class MultiIndexTruth(NoisyTruth):
    """A function of a few projections of a Gaussian vector.

    Attributes
    ----------
    directions : ndarray of shape (n_directions, n_features)
        The orthonormal rows u_k that span the subspace.
    link : callable
        The target as a vectorised function of the standardised projections, from shape
        (n_samples, n_directions) to (n_samples,).
    noise : float
        Standard deviation of the noise.
    inputs : object
        The law of the inputs; ``inputs.covariance`` is ``covariance``.
    """

    directions: np.ndarray
    link: Callable
    noise: float
    inputs: IsotropicGaussian | CorrelatedGaussian | SpikedGaussian

    @property
    def n_features(self):
        """Number of features."""
        return self.directions.shape[1]

    @property
    def coefficients(self):
        """Coefficients of a Hermite link; other links have none (AttributeError)."""
        return self.link.coefficients

    @property
    def covariance(self):
        """Covariance of the inputs: a matrix, a vector of variances, or None for I."""
        return self.inputs.covariance

    @cached_property
    def projection(self):
        """The matrix P of z = P x, what the link is applied to; z is N(0, I).

        It is ``directions`` for isotropic inputs, and has the same span for others.
        """
        return self.inputs.standard_rows(self.directions)

    def _draw_inputs(self, n_samples, rng):
        return self.inputs.sample(n_samples, rng)

    def _target(self, X):
        return self._apply_link(X @ self.projection.T)

    def _apply_link(self, z):
        return evaluate(self.link, z, "link")

    def _draw_targets(self, n_samples, rng):
        return self._apply_link(rng.standard_normal((n_samples, len(self.directions))))

    def _target_variance(self):
        if isinstance(self.link, HermiteSeries | HermitePolynomial):
            return self.link.variance
        return super()._target_variance()


class SingleIndexTruth(MultiIndexTruth):
    """A univariate function of one projection of a Gaussian vector.

    Attributes
    ----------
    directions : ndarray of shape (1, n_features)
        The unit vector u.
    link : callable
        The target as a vectorised function of the standardised projection, from shape
        (n_samples,) to (n_samples,).
    noise : float
        Standard deviation of the noise.
    inputs : object
        The law of the inputs; ``inputs.covariance`` is ``covariance``.
    """

    def _apply_link(self, z):
        return evaluate(self.link, z[:, 0], "link")


class SpikedSingleIndexTruth(SingleIndexTruth):
    """A univariate function of one projection of a Gaussian vector with a spike.

    Its attributes are those of :class:`SingleIndexTruth`.
    """

    @property
    def spike_direction(self):
        """The unit vector mu."""
        return self.inputs.spike_direction

    @property
    def spike(self):
        """The variance along mu beyond 1."""
        return self.inputs.spike
