"""Random directions and orthonormal frames."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def random_directions(
    n_vectors: int, n_features: int, rng: np.random.Generator
) -> Array:
    """Rows independent and uniform on the unit sphere."""
    rows = rng.standard_normal((n_vectors, n_features))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def orthonormal_rows(n_rows: int, n_features: int, rng: np.random.Generator) -> Array:
    """``n_rows <= n_features`` orthonormal rows, uniform among such frames."""
    return _haar_frames(1, n_rows, n_features, rng)[0]


def orthonormal_blocks(
    n_vectors: int, n_features: int, rng: np.random.Generator
) -> Array:
    """Directions uniform on the unit sphere, every ``n_features`` of them orthonormal.

    With more than one block these are the products A_i C_j of two sets of frames, about
    as many of each. Every product is uniform and any two are independent, so that means
    over all directions vary as little as with frames drawn one by one, for the
    factorisations of 2 sqrt(n) frames in place of n.
    """
    if n_vectors <= n_features:
        return orthonormal_rows(n_vectors, n_features, rng)
    n_blocks = -(-n_vectors // n_features)
    n_left = int(np.ceil(np.sqrt(n_blocks)))
    left = _haar_frames(n_left, n_features, n_features, rng)
    right = _haar_frames(-(-n_blocks // n_left), n_features, n_features, rng)
    products = left[:, None] @ right
    return products.reshape(-1, n_features)[:n_vectors]


def _haar_frames(
    n_frames: int, n_rows: int, n_features: int, rng: np.random.Generator
) -> Array:
    """Frames of orthonormal rows, (n_frames, n_rows, n_features), all independent."""
    q, r = np.linalg.qr(rng.standard_normal((n_frames, n_features, n_rows)))
    # A positive diagonal of R makes the factorisation unique, hence Q uniform (Haar).
    signs = np.sign(np.diagonal(r, axis1=1, axis2=2))
    return np.ascontiguousarray((q * signs[:, None]).transpose(0, 2, 1))
