"""Hermite polynomials, orthonormal under N(0, 1)."""

import numpy as np
from numpy.typing import NDArray


def hermite_values(x: NDArray, degree: int) -> NDArray:
    """Evaluate h_0, ..., h_degree at ``x``, stacked along a new first axis.

    The three-term recurrence ``sqrt(k+1) h_{k+1} = x h_k - sqrt(k) h_{k-1}`` keeps
    full precision at any degree, which powers of x do not.
    """
    values = np.empty((degree + 1, *x.shape), dtype=x.dtype)
    values[0] = 1.0
    if degree >= 1:
        values[1] = x
    for k in range(1, degree):
        np.multiply(x, values[k], out=values[k + 1])
        values[k + 1] -= x.dtype.type(np.sqrt(k)) * values[k - 1]
        values[k + 1] /= x.dtype.type(np.sqrt(k + 1))
    return values


def hermite_sum(x: NDArray, coefficients: NDArray) -> NDArray:
    """Evaluate ``sum_k coefficients[k] h_k(x)``."""
    return np.tensordot(coefficients, hermite_values(x, len(coefficients) - 1), axes=1)
