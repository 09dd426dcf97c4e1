"""Linear maps that make inputs equally wide in all directions.

Samples are weighted by ``share``, which sums to 1.
"""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers._spectrum import Array

# Directions with a smaller share of the largest variance are rounding.
_DEGENERATE = 1e-10


def ridge_whitening(Z: NDArray, share: Array) -> Array:
    """``(C + c I)^(-1/2)``, C the covariance and c its mean eigenvalue.

    Scaled so that columns have a mean variance of 1; constant columns leave I.
    """
    variances, vectors = _principal_axes(Z, share)
    mean = variances.mean()
    if mean <= 0:
        return np.eye(len(variances))
    left = variances / (variances + mean)
    gains = 1 / np.sqrt((variances + mean) * left.mean())
    return (vectors * gains) @ vectors.T


def whitened(Z: NDArray, share: Array) -> Array:
    """Centred inputs of identity covariance, on the directions that vary."""
    variances, vectors = _principal_axes(Z, share)
    mean = share @ Z
    rounding = (len(Z) * np.finfo(np.float64).eps * np.abs(mean).max()) ** 2
    kept = variances > max(_DEGENERATE * variances[-1], rounding)
    centred = Z.astype(np.float64, copy=False) - mean
    return centred @ (vectors[:, kept] / np.sqrt(variances[kept]))


def _principal_axes(Z: NDArray, share: Array) -> tuple[Array, Array]:
    """Eigenvalues of the covariance, rising, and eigenvectors as columns."""
    Z = Z.astype(np.float64, copy=False) - share @ Z
    variances, vectors = np.linalg.eigh(Z.T @ (share[:, None] * Z))
    return np.maximum(variances, 0), vectors
