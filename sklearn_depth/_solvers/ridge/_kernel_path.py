"""Kernel ridge over a grid of penalties, from one decomposition.

With K = Q T Q' and b = Q'y, dual weights and residuals are

    c = (K + alpha)^-1 y = Q (T + alpha)^-1 b,    y - K c = alpha c.

GCV needs the eigenvalues beside them, for which a tridiagonal T will do. Leave-one-out
needs the diagonal of (K + alpha)^-1: T is diagonal, Q has the eigenvectors. To undo the
reflections of a tridiagonal T and solve for all samples and penalties takes as long.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._tolerances import EPS, NO_FREEDOM
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.ridge._tridiagonal import TridiagonalSpectrum


class Eigenbasis:
    """K = Q T Q' by eigenvectors, with what :class:`Tridiagonal` has.

    They are NumPy's: on few samples its threads and SciPy's would wait for each other.
    Eigenvalues within ``rounding``, or that of the decomposition, are none: else the
    least penalties would be told apart by them.
    """

    def __init__(self, kernel: Array, rounding: float) -> None:
        eigenvalues, self._vectors = np.linalg.eigh(kernel)
        level = max(rounding, len(kernel) * EPS * np.abs(eigenvalues).max(initial=0.0))
        self.diagonal = np.where(np.abs(eigenvalues) > level, eigenvalues, 0.0)
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

    basis : (k, n_rows), eigenvectors over the samples, for leave-one-out; None leaves
        GCV.
    definite : penalties below this do not make the kernel positive definite, or no more
        than rounding.
    """

    basis: Array | None = None
    definite: float = 0.0

    def error(self, alphas: Array) -> Array:
        """Estimates of the test error, (n_alphas, n_targets); inf where there is none.

        That is where a penalty leaves no degree of freedom, or K + alpha indefinite.
        """
        errors = np.full((len(alphas), len(self.total)), np.inf)
        usable = alphas >= self.definite
        if not usable.any():
            return errors
        if self.basis is None:
            errors[usable] = super().error(alphas[usable])
        else:
            errors[usable] = self._leave_one_out_of(alphas[usable], self.basis)
        return errors

    def _rss(self, alphas: Array, shrunk: Array) -> Array:
        solutions = [self._solve(alpha, self.loadings) for alpha in alphas]
        squares = [
            np.sum((alpha * u) ** 2, axis=0)
            for alpha, u in zip(alphas, solutions, strict=True)
        ]
        return np.reshape(squares, (len(alphas), -1))

    def _leave_one_out_of(self, alphas: Array, basis: Array) -> Array:
        free = alphas * self.inverse_diagonals(alphas, basis).T

        def residuals(targets: slice) -> Array:
            solutions = [a * self._solve(a, self.loadings[:, targets]) for a in alphas]
            return (basis.T @ np.hstack(solutions)).reshape(*free.shape, -1)

        return self.left_out_errors(alphas, free, residuals, NO_FREEDOM)

    def inverse_diagonals(self, alphas: Array, basis: Array) -> Array:
        """The diagonals of (K + alpha)^-1, (n_alphas, n_rows)."""
        inverse: Array = 1 / (self.eigenvalues + alphas[:, None])
        return inverse @ basis**2
