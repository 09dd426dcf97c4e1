"""Sums of products of Hermite polynomials over all multi-indices of a degree."""

import numpy as np
from numpy.typing import NDArray


def hermite_degree_sums(x: NDArray, z: NDArray, degree: int) -> NDArray:
    """``sum_{1 <= |a| <= degree} h_a(x_i) h_a(z_j)`` for every pair of rows.

    The sum g_s over |a| = s is the coefficient of t^s in Mehler's generating function
    ``(1 - t^2)^(-d/2) exp((2 t p - t^2 q) / (2 (1 - t^2)))``, p = <x, z> and
    q = |x|^2 + |z|^2. The derivative of its logarithm gives

        s g_s = sum_{j = 1}^s m_j g_{s-j},  m_j = j p for odd j, d - j q / 2 for even j,

    so that each degree costs a few operations a pair, however many products it has.
    """
    inner = x @ z.T
    squares = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", z, z)
    sums = [np.ones_like(inner)]
    for s in range(1, degree + 1):
        total = np.zeros_like(inner)
        for j in range(1, s + 1):
            factor = j * inner if j % 2 else x.shape[1] - squares * (j / 2)
            total += factor * sums[s - j]
        sums.append(total / s)
    return sum(sums[1:], start=np.zeros_like(inner))
