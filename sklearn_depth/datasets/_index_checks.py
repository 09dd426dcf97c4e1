"""Checks of the arrays that the generators of index data take."""

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._gaussian_laws import CorrelatedGaussian, IsotropicGaussian


def check_direction(direction, n_features, name="direction"):
    """Validate a direction.

    Parameters
    ----------
    direction : array-like of shape (n_features,)
        A vector that is not zero.
    n_features : int
        How many entries it must have.
    name : str, default="direction"
        What to call it in errors.

    Returns
    -------
    row : ndarray of shape (1, n_features)
        The unit vector along it.
    """
    direction = _check_numbers(direction, name)
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
    """Validate rows that span a subspace.

    Parameters
    ----------
    directions : array-like of shape (n_directions, n_features)
        Linearly independent rows.
    n_directions : int
        How many there must be.
    n_features : int
        How many entries each must have.

    Returns
    -------
    rows : ndarray of shape (n_directions, n_features)
        The orthonormal rows nearest to ``directions``, its polar factor.
    """
    directions = _check_numbers(directions, "directions")
    if directions.shape != (n_directions, n_features):
        raise ValueError(
            f"directions has shape {directions.shape}, but n_directions={n_directions} "
            f"and n_features={n_features}. Pass one row for each, shape "
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
    """Validate a covariance, but for the sign of a matrix's eigenvalues.

    Parameters
    ----------
    covariance : array-like of shape (n_features, n_features) or (n_features,), or None
        A symmetric matrix, the variances of independent columns, or None.
    n_features : int
        Number of columns of X.

    Returns
    -------
    law : IsotropicGaussian or CorrelatedGaussian
        The law N(0, covariance), N(0, I) for None.
    """
    if covariance is None:
        return IsotropicGaussian(n_features)
    covariance = _check_numbers(covariance, "covariance")
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


def _check_numbers(values, name):
    """A finite float64 array of any shape."""
    return check_array(
        values, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name=name
    )
