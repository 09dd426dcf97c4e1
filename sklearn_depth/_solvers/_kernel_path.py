"""Kernel ridge over a grid of penalties, from one decomposition.

With K = Q T Q' and b = Q'y, dual weights and residuals are

    c = (K + alpha)^-1 y = Q (T + alpha)^-1 b,    y - K c = alpha c.

GCV needs the eigenvalues beside them, for which a tridiagonal T will do. Leave-one-out
needs the diagonal of (K + alpha)^-1: T is diagonal, Q has the eigenvectors. To undo the
reflections of a tridiagonal T and solve for all rows and penalties takes as long.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._solvers._spectrum import RSS_FLOOR, SLACK_FLOOR, Array
from sklearn_depth._solvers._tridiagonal import TridiagonalSpectrum

_MOST_COLUMNS = 512  # of residuals at a time, for the cache


class Eigenbasis:
    """K = Q T Q' by eigenvectors, with what :class:`Tridiagonal` has.

    They are NumPy's: on few rows its threads and SciPy's would wait for each other.
    """

    def __init__(self, kernel: Array) -> None:
        self.diagonal, self._vectors = np.linalg.eigh(kernel)
        self.off_diagonal = np.zeros(max(len(kernel) - 1, 0))

    def eigenvalues(self) -> Array:
        """Those of K, ascending."""
        return self.diagonal

    def basis(self) -> Array:
        """Q', an eigenvector a row."""
        return self._vectors.T

    def rotate(self, columns: Array, *, back: bool = False) -> Array:
        """Q' times the columns, or Q times them."""
        return (self._vectors if back else self._vectors.T) @ columns


@dataclass(frozen=True, kw_only=True)
class KernelSpectrum(TridiagonalSpectrum):
    """A spectrum of the whole kernel matrix: loadings are b.

    basis : (k, n_rows), eigenvectors over the rows, for leave-one-out; None leaves GCV.
    within : (n_targets,), squares about the means of rows that were merged into one.
    definite : penalties up to this do not make the kernel positive definite, or no more
        than rounding.
    """

    basis: Array | None = None
    within: Array
    definite: float = 0.0

    def score(self, alphas: Array) -> Array:
        """Estimates of the test error, (n_alphas, n_targets); inf where there is none.

        That is where a penalty leaves no degree of freedom, or K + alpha indefinite.
        """
        scores = np.full((len(alphas), len(self.total)), np.inf)
        usable = alphas > self.definite
        if not usable.any():
            return scores
        if self.basis is None:
            scores[usable] = super().score(alphas[usable])
        else:
            scores[usable] = self._left_out_errors(alphas[usable], self.basis)
        return scores

    def _rss(self, alphas: Array, shrunk: Array) -> Array:
        solutions = [self._solve(alpha, self.loadings) for alpha in alphas]
        squares = [
            np.sum((alpha * u) ** 2, axis=0)
            for alpha, u in zip(alphas, solutions, strict=True)
        ]
        return self.within + np.reshape(squares, (len(alphas), -1))

    def _left_out_errors(self, alphas: Array, basis: Array) -> Array:
        """The mean square of what a fit without a row misses it by.

        Rows of equal features were merged, and so leave together: copies left behind
        would give the answer away.
        """
        free = alphas * self.inverse_diagonals(alphas, basis).T  # one less leverages
        open_ = np.all(free > SLACK_FLOOR, axis=0)
        free = np.where(open_, free, 1)
        scores = np.empty((len(alphas), len(self.total)))
        step = max(1, _MOST_COLUMNS // max(len(alphas), 1))
        for start in range(0, len(self.total), step):
            targets = slice(start, start + step)
            solutions = [a * self._solve(a, self.loadings[:, targets]) for a in alphas]
            residual = basis.T @ np.hstack(solutions)
            errors = residual.reshape(*free.shape, -1) / free[:, :, None]
            scores[:, targets] = np.sum(errors**2, axis=0)
        scores = np.maximum(scores + self.within, RSS_FLOOR * self.total)
        return np.where(open_[:, None], scores / self.n_samples, np.inf)

    def inverse_diagonals(self, alphas: Array, basis: Array) -> Array:
        """The diagonals of (K + alpha)^-1, (n_alphas, n_rows)."""
        inverse: Array = 1 / (self.eigenvalues + alphas[:, None])
        return inverse @ basis**2
