"""GCV on a Gram matrix without its eigenvectors.

With G = Q T Q', T tridiagonal, and b = Q' X'y, the ridge solution for a penalty is
Q u, u = (T + alpha)^-1 b, in time linear in the features, and

    RSS(alpha) = |y|^2 - b'u - alpha |u|^2.

The eigenvalues, which count the degrees of freedom, are those of T. The reduction is
about a third of the work of an eigendecomposition.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from sklearn_depth._solvers.ridge._spectrum import Array, Spectrum


@dataclass(frozen=True, kw_only=True)
class TridiagonalSpectrum(Spectrum):
    """A spectrum whose ``loadings`` are b, in the basis that makes T tridiagonal.

    diagonal, off_diagonal : (p,) and (p - 1,), T.
    """

    diagonal: Array
    off_diagonal: Array

    def _rss(self, alphas: Array, shrunk: Array) -> Array:
        """Residual sums of squares, (n_alphas, n_targets)."""
        solutions = [self._solve(alpha, self.loadings) for alpha in alphas]
        return np.stack(
            [
                self.total - np.sum((self.loadings + alpha * u) * u, axis=0)
                for alpha, u in zip(alphas, solutions, strict=True)
            ]
        )

    def shrink(self, alpha: Array) -> Array:
        """(T + alpha)^-1 b, with a penalty for each target."""
        columns = zip(alpha, self.loadings.T, strict=True)
        return np.column_stack([self._solve(a, b[:, None]) for a, b in columns])

    def _solve(self, alpha: float, b: Array) -> Array:
        diagonal = self.diagonal + alpha
        if len(diagonal) <= 1:
            return b / diagonal[:, None]
        _, _, solution, info = lapack.dptsv(diagonal, self.off_diagonal, b)
        if info:
            raise linalg.LinAlgError("singular up to rounding")
        return solution


class Tridiagonal:
    """G = Q T Q' by Householder reflections."""

    def __init__(self, gram: Array) -> None:
        lwork = int(lapack.dsytrd_lwork(len(gram), lower=1)[0])
        # The transpose, where rows are contiguous, is as LAPACK wants it.
        reflectors, self.diagonal, self.off_diagonal, self._tau, _ = lapack.dsytrd(
            gram.T, lower=1, lwork=lwork
        )
        self._reflectors = np.asfortranarray(reflectors[1:, :-1])

    def eigenvalues(self) -> Array:
        """Those of G, ascending."""
        return linalg.eigvalsh_tridiagonal(
            self.diagonal, self.off_diagonal, lapack_driver="sterf"
        )

    def rotate(self, columns: Array, *, back: bool = False) -> Array:
        """Q' times the columns, or Q times them."""
        rotated = columns.copy()
        if len(columns) > 1:  # the reflections leave the first row as it is
            rotated[1:] = lapack.dormqr(
                "L",
                "N" if back else "T",
                self._reflectors,
                self._tau,
                columns[1:],
                64 * columns.shape[1],
            )[0]
        return rotated
