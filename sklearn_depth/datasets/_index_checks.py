"""Checks of the arrays that the generators of index data take."""

import numpy as np

from sklearn_depth._math._gaussian_laws import CorrelatedGaussian, IsotropicGaussian
from sklearn_depth.datasets._links import check_floats


def check_direction(direction, n_features, name="direction"):
    """The unit vector along a direction, of shape (1, n_features)."""
    direction = check_floats(direction, name)
    if direction.shape != (n_features,):
        raise ValueError(
            f"{name} has shape {direction.shape}, but n_features={n_features}. "
            f"Pass a vector of shape ({n_features},), or None to draw one."
        )
    largest = np.abs(direction).max()
    if largest == 0:
        raise ValueError(
            f"{name} is zero in all {n_features} entries, so it points nowhere. "
            "Pass a vector that is not zero, or None to draw one."
        )
    direction = direction / largest  # lest the norm overflow
    return direction[None] / np.linalg.norm(direction)


def check_directions(directions, n_directions, n_features):
    """The orthonormal directions nearest to the given ones: their polar factor."""
    directions = check_floats(directions, "directions")
    if directions.shape != (n_directions, n_features):
        raise ValueError(
            f"directions has shape {directions.shape}, but n_directions={n_directions} "
            f"and n_features={n_features}. Pass a row for each direction, shape "
            f"({n_directions}, {n_features}), or None to draw them."
        )
    rank = np.linalg.matrix_rank(directions)
    if rank < n_directions:
        raise ValueError(
            f"the {n_directions} rows of directions span only {rank} dimensions. Pass "
            "linearly independent rows, or None to draw them."
        )
    left, _, right = np.linalg.svd(directions, full_matrices=False)
    return left @ right


def check_covariance(covariance, n_features):
    """The law N(0, covariance), but for the sign of a matrix's eigenvalues."""
    if covariance is None:
        return IsotropicGaussian(n_features)
    covariance = check_floats(covariance, "covariance")
    if covariance.shape not in {(n_features,), (n_features, n_features)}:
        raise ValueError(
            f"covariance has shape {covariance.shape}, but n_features={n_features}. "
            f"Pass a matrix of shape ({n_features}, {n_features}), variances of shape "
            f"({n_features},), or None for the identity."
        )
    if covariance.ndim == 1 and covariance.min() < 0:
        raise ValueError(
            f"covariance has the variance {covariance.min():.3g}, but no variance is "
            "negative. Pass variances of at least 0."
        )
    asymmetry = np.abs(covariance - covariance.T).max()
    if asymmetry > 1e-8 * np.abs(covariance).max():
        raise ValueError(
            f"covariance differs from its transpose by up to {asymmetry:.3g}, but a "
            "covariance is symmetric. Pass a symmetric matrix."
        )
    return CorrelatedGaussian(covariance)
