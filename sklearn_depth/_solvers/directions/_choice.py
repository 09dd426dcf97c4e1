"""How many directions to keep, and which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sklearn_depth._solvers.directions._inverse_moments import Evidence
from sklearn_depth._solvers.directions._whitened import Array

# Of the tests, one after the other.
_LEVEL = 0.05
# Eigenvalues below this share of the largest are alike to a gap.
_ALIKE = 0.02


@dataclass(frozen=True, eq=False)
class Directions:
    """Eigenvalues, falling, and the eigenvectors that are kept, as columns of z.

    p_values : of the tests that chose their number; None where there were none.
    """

    eigenvalues: Array
    vectors: Array
    p_values: Array | None = None

    def rooted(self) -> "Directions":
        """Those of a matrix of which this is the square."""
        return replace(self, eigenvalues=np.sqrt(self.eigenvalues))


def by_tests(evidence: Sequence[Evidence], n_directions: int | str) -> Directions:
    """The mean over targets; "auto" adds directions while a test says so, one at least.

    Each target is tested at its share of the level.
    """
    matrix = np.mean([one.matrix for one in evidence], axis=0)
    eigenvalues, vectors = falling(matrix)
    most = min(sum(one.rank for one in evidence), len(matrix))
    if n_directions != "auto":
        return keep(eigenvalues, vectors, int(n_directions), most)
    p_values: list[float] = []
    while len(p_values) < most:
        left = vectors[:, len(p_values) :]
        least = min(one.p_value(left) for one in evidence)
        p_values.append(min(len(evidence) * least, 1.0))
        if p_values[-1] > _LEVEL:
            return Directions(
                eigenvalues, vectors[:, : max(len(p_values) - 1, 1)], np.array(p_values)
            )
    return Directions(eigenvalues, vectors[:, :most], np.array(p_values))


def by_gap(matrix: Array, n_directions: int | str) -> Directions:
    """The leading eigenvectors; "auto" cuts where the ratio of eigenvalues is largest.

    In the upper half of them, or after the second; beyond the last is 0.
    """
    eigenvalues, vectors = falling(matrix)
    if n_directions != "auto":
        return keep(eigenvalues, vectors, int(n_directions), len(matrix))
    raised = np.append(eigenvalues, 0) + _ALIKE * eigenvalues[0]
    ratios = raised[:-1] / raised[1:]
    n_kept = int(np.argmax(ratios[: max(len(ratios) // 2, 2)])) + 1
    return Directions(eigenvalues, vectors[:, :n_kept])


def keep(eigenvalues: Array, vectors: Array, n_kept: int, most: int) -> Directions:
    """The first few, of which there are so many at most."""
    if n_kept > most:
        rank = len(eigenvalues)
        sliced = " H slices tell at most H - 1: raise n_slices." if most < rank else ""
        raise ValueError(
            f"n_directions={n_kept}, but X and y can show at most {most} direction(s): "
            f'X has rank {rank}. Lower n_directions, or set "auto".{sliced}'
        )
    return Directions(eigenvalues, vectors[:, :n_kept])


def falling(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues, none below zero, and eigenvectors as columns."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return np.maximum(eigenvalues[::-1], 0), vectors[:, ::-1]
