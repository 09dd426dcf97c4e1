"""Sums of products of Hermite polynomials over all multi-indices of a degree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def hermite_degree_sums(x: NDArray, z: NDArray, degree: int) -> NDArray:
    """``sum_{1 <= |a| <= degree} h_a(x_i) h_a(z_j)`` for every pair of samples."""
    squares = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", z, z)
    return mehler_sums(x @ z.T, squares, x.shape[1], degree)


def mehler_sums(
    inner: NDArray, squares: NDArray, n_features: int, degree: int
) -> NDArray:
    """The same from p = <x, z> and q = |x|^2 + |z|^2 of the pairs.

    The sum g_s over |a| = s is the coefficient of t^s in Mehler's generating function
    ``(1 - t^2)^(-d/2) exp((2 t p - t^2 q) / (2 (1 - t^2)))``. The derivative of its
    logarithm gives

        s g_s = sum_{j = 1}^s m_j g_{s-j},  m_j = j p for odd j, d - j q / 2 for even j,

    so that each degree costs a few operations a pair, however many products it has.
    """
    sums = [np.ones_like(inner)]
    for s in range(1, degree + 1):
        total = np.zeros_like(inner)
        for j in range(1, s + 1):
            factor = j * inner if j % 2 else n_features - squares * (j / 2)
            total += factor * sums[s - j]
        sums.append(total / s)
    return sum(sums[1:], start=np.zeros_like(inner))


@dataclass(frozen=True)
class HermitePairs:
    """The kernel of all Hermite products up to a degree, the constant among them."""

    n_features: int
    degree: int

    def rows(self, norms: Array) -> list[Array]:
        """The norms are all it needs of a sample."""
        return [norms]

    def pairs(self, gap: Array, left: list[Array], right: list[Array]) -> Array:
        """Values at the pairs whose angles have these 1 - cos."""
        (x,), (z,) = left, right
        squares = x**2 + z**2
        return 1 + mehler_sums(x * z * (1 - gap), squares, self.n_features, self.degree)
