"""Principal coordinates of features, where a ridge penalty stays what it was.

Along a direction in which features hardly vary a penalty leaves next to nothing, so
that a large penalty needs few coordinates.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import NONE
from sklearn_depth._solvers.ridge._moments import RidgeMoments, centre
from sklearn_depth._solvers.ridge._spectrum import (
    Array,
    check_finite,
    rounding_level,
)
from sklearn_depth.utils._memory import check_memory, row_blocks


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Centred features of prior scales, turned to their principal directions.

    mean, scale : (n_columns,), what features are centred by and then multiplied by.
    eigenvalues : falling, of the weighted Gram matrix.
    loadings : (k, n_targets), weighted sums over samples of coordinates of length one
        times the targets.
    rows : k -> (n_samples, k), the first k coordinates.
    turned : (k, n_outputs) -> (n_columns, n_outputs), back to the scaled features.
    """

    mean: Array
    scale: Array
    eigenvalues: Array
    loadings: Array
    rows: Callable[[int], Array]
    turned: Callable[[Array], Array]

    def head(self, coef: Array, intercept: Array) -> tuple[Array, Array]:
        """Coefficients and intercepts on the features as they are."""
        coef = self.scale[:, None] * self.turned(coef)
        return coef, intercept - self.mean @ coef


def principal_coordinates(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    n_columns: int,
    scale: Array | None = None,
) -> Coordinates:
    """From the Gram matrix of the features, or the kernel matrix of fewer samples."""
    scale = np.ones(n_columns) if scale is None else scale
    n_samples = len(samples)
    check_memory(
        n_columns,
        8 * n_samples * (n_columns if n_samples <= n_columns else 2),
        what=f"A head on features of {n_samples:,} samples",
        way_out="Take fewer units, knots or products, or fit on fewer samples.",
    )
    by_rows = n_samples <= n_columns
    return (_of_kernel if by_rows else _of_gram)(transform, samples, n_columns, scale)


def _of_gram(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    n_columns: int,
    scale: Array,
) -> Coordinates:
    moments = RidgeMoments(n_columns, samples.n_targets)
    moments = moments.update_in_blocks(transform, samples)
    check_finite(moments.gram, moments.cross)
    moments = moments.without_constants(NONE**2)
    eigenvalues, vectors = _falling(scale[:, None] * moments.gram * scale)
    mean, cross = moments.feature_mean, scale[:, None] * moments.cross
    loadings = vectors.T @ cross / np.sqrt(eigenvalues)[:, None]

    def rows(k: int) -> Array:
        turn = scale[:, None] * vectors[:, :k]
        found = np.empty((len(samples), k))
        for some in row_blocks(len(samples), n_columns):
            features = transform(samples.X[some]).astype(np.float64, copy=False)
            np.matmul(features - mean, turn, out=found[some])
        return found

    def turned(coef: Array) -> Array:
        return vectors[:, : len(coef)] @ coef

    return Coordinates(mean, scale, eigenvalues, loadings, rows, turned)


def _of_kernel(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    n_columns: int,
    scale: Array,
) -> Coordinates:
    centred, mean = centre(samples, transform(samples.X))
    centred *= scale
    check_finite(centred)
    eigenvalues, vectors = _falling(centred @ centred.T)
    roots = np.sqrt(samples.weight)[:, None]
    loadings = vectors.T @ centre(samples, samples.targets)[0]

    def rows(k: int) -> Array:
        return vectors[:, :k] * np.sqrt(eigenvalues[:k]) / roots

    def turned(coef: Array) -> Array:
        k = len(coef)
        dual = vectors[:, :k] @ (coef / np.sqrt(eigenvalues[:k, None]))
        return centred.T @ dual

    return Coordinates(mean, scale, eigenvalues, loadings, rows, turned)


def _falling(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues, the largest first, and vectors, less what is zero up to rounding."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    kept = eigenvalues > rounding_level(eigenvalues)
    return eigenvalues[kept][::-1], vectors[:, kept][:, ::-1]
