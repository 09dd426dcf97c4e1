"""Random directions and orthonormal frames."""

import numpy as np
from numpy.typing import NDArray


def random_directions(
    n_directions: int, n_features: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rows independent and uniform on the unit sphere."""
    rows = rng.standard_normal((n_directions, n_features))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def orthonormal_rows(
    n_rows: int, n_features: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """``n_rows <= n_features`` orthonormal rows, uniform among such frames."""
    q, r = np.linalg.qr(rng.standard_normal((n_features, n_rows)))
    # A positive diagonal of R makes the factorisation unique, hence Q uniform (Haar).
    return np.ascontiguousarray((q * np.sign(np.diag(r))).T)
