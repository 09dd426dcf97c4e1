"""Moments of quadratic forms of isotropic vectors."""

from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gaussian_form_moments(eigenvalues: Array, order: int) -> Array:
    """E q^j for j = 0, ..., order, with q = x'Ax - tr A and x ~ N(0, I).

    From the cumulants 2^(j-1) (j-1)! tr A^j of x'Ax.
    """
    cumulants = [
        2 ** (j - 1) * factorial(j - 1) * np.sum(eigenvalues**j)
        for j in range(2, order + 1)
    ]
    cumulants = [0.0, *cumulants]  # of order 1, 2, ...
    moments = [1.0]
    for n in range(order):
        terms = (comb(n, j) * cumulants[j] * moments[n - j] for j in range(n + 1))
        moments.append(sum(terms))
    return np.array(moments)


def sphere_form_moments(eigenvalues: Array, order: int) -> Array:
    """The same with x uniform on the sphere of radius sqrt(d).

    There q is the form of A - (tr A / d) I. A Gaussian x has such a direction beside an
    independent norm, of which E |x|^(2j) = d^j (1 + 2/d) (1 + 4/d) ... (1 + 2 (j-1)/d).
    """
    moments = gaussian_form_moments(eigenvalues - np.mean(eigenvalues), order)
    growth = 1 + 2 * np.arange(order) / len(eigenvalues)
    return moments / np.cumprod([1.0, *growth])
