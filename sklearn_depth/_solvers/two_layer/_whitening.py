"""Linear maps that make inputs, the X of samples, equally wide in all directions."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import DEGENERATE, EPS
from sklearn_depth._solvers.ridge._spectrum import Array


def ridge_whitening(samples: Samples) -> Array:
    """``(C + c I)^(-1/2)``, C the covariance and c its mean eigenvalue.

    Scaled so that features have a mean variance of 1; constant features leave I.
    """
    variances, vectors = _principal_axes(samples)
    mean = variances.mean()
    if mean <= 0:
        return np.eye(len(variances))
    left = variances / (variances + mean)
    gains = 1 / np.sqrt((variances + mean) * left.mean())
    return (vectors * gains) @ vectors.T


def whitened(samples: Samples) -> Array:
    """Centred inputs of identity covariance, on the directions that vary."""
    variances, vectors = _principal_axes(samples)
    mean = samples.share @ samples.X
    rounding = (len(samples) * EPS * np.abs(mean).max()) ** 2
    kept = variances > max(DEGENERATE * variances[-1], rounding)
    centred = samples.X.astype(np.float64, copy=False) - mean
    return centred @ (vectors[:, kept] / np.sqrt(variances[kept]))


def _principal_axes(samples: Samples) -> tuple[Array, NDArray]:
    """Eigenvalues of the covariance, rising, and eigenvectors as columns."""
    share = samples.share
    Z = samples.X.astype(np.float64, copy=False) - share @ samples.X
    variances, vectors = np.linalg.eigh(Z.T @ (share[:, None] * Z))
    return np.maximum(variances, 0), vectors
