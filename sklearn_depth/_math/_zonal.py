"""Functions of the cosine on a sphere: Gegenbauer polynomials and their eigenvalues."""

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._tolerances import EPS

Array = NDArray[np.float64]

# Eigenvalues up to so many roundings of the largest value are none.
_ROUNDINGS = 64


def multiplicities(n_features: int, degree: int) -> Array:
    """Numbers of spherical harmonics of degrees 0 to ``degree``; exact up to 2^53."""
    d = n_features
    return np.array(
        [
            float(comb(k + d - 1, d - 1) - (comb(k + d - 3, d - 1) if k > 1 else 0))
            for k in range(degree + 1)
        ]
    )


def gegenbauer(cosines: Array, n_features: int, degree: int) -> Array:
    """P_0, ..., P_degree with P_k(1) = 1, (degree + 1, n_cosines)."""
    d = n_features
    values = [np.ones_like(cosines), cosines]
    for k in range(1, degree):
        leading = (2 * k + d - 2) * cosines * values[k] - k * values[k - 1]
        values.append(leading / (k + d - 2))
    return np.array(values[: degree + 1])


def zonal_eigenvalues(
    function: Callable[[Array], Array], n_features: int, degree: int
) -> Array:
    """``E[g(t) P_k(t)]`` for t = <x, z>, x and z uniform on the sphere (Funk, Hecke).

    By a Gauss-Legendre rule in the angle, in which kernels with a root of 1 - t at
    t = 1 are smooth. The rule has a few points for each oscillation, and on the width
    1 / sqrt(d) of the weight.
    """
    points = 100 + 2 * degree + 20 * int(np.ceil(np.sqrt(n_features)))
    nodes, weights = np.polynomial.legendre.leggauss(points)
    angles = np.pi / 2 * (1 + nodes)
    shares = weights * np.sin(angles) ** (n_features - 2)
    shares /= shares.sum()
    values = function(np.cos(angles))
    found: Array = gegenbauer(np.cos(angles), n_features, degree) @ (shares * values)
    none = _ROUNDINGS * EPS * float(shares @ np.abs(values))
    return np.where(np.abs(found) > none, found, 0.0)
