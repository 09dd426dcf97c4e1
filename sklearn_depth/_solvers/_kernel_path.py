"""Kernel ridge over a grid of penalties, from one tridiagonal matrix.

With K = Q T Q', T tridiagonal, and b = Q'y, dual weights and residuals are

    c = (K + alpha)^-1 y = Q (T + alpha)^-1 b,    y - K c = alpha c,

and leave-one-out needs no more than the diagonal of (K + alpha)^-1 beside them. With
T + alpha = L D L' and q_i the rows of Q, that is sum_k z_ik^2 / d_k, L z_i = q_i: a
recursion in k for all rows and penalties at once, and cheaper than eigenvectors.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._solvers._spectrum import RSS_FLOOR, SLACK_FLOOR, Array
from sklearn_depth._solvers._tridiagonal import TridiagonalSpectrum
from sklearn_depth.utils._threads import map_parts

# Columns of residuals at a time, for the cache; slices of rows side by side.
_MOST_COLUMNS, _MOST_PARTS = 512, 2


@dataclass(frozen=True, kw_only=True)
class KernelSpectrum(TridiagonalSpectrum):
    """A spectrum of the whole kernel matrix: loadings are b.

    basis : (k, n_rows), Q' over the rows, for leave-one-out; None leaves GCV.
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
        pivots, below = self._factor(alphas)
        scale = 1 / np.sqrt(pivots)

        def of_rows(part: slice) -> Array:
            z = np.repeat(basis[:1, part], len(alphas), axis=0)
            total = (z * scale[0]) ** 2
            square = np.empty_like(z)
            for k in range(1, len(basis)):
                z *= below[k]
                np.subtract(basis[k, part], z, out=z)
                np.multiply(z, scale[k], out=square)
                square *= square
                total += square
            return total

        parts = map_parts(of_rows, basis.shape[1], _MOST_PARTS)
        return np.concatenate(parts, axis=1)

    def _factor(self, alphas: Array) -> tuple[Array, Array]:
        """D and L of T + alpha = L D L', (n, n_alphas, 1); L's first row is unused."""
        shifted = self.diagonal[:, None] + alphas
        below = np.zeros_like(shifted)
        for k in range(1, len(shifted)):
            below[k] = self.off_diagonal[k - 1] / shifted[k - 1]
            shifted[k] -= below[k] * self.off_diagonal[k - 1]
        return shifted[:, :, None], below[:, :, None]
