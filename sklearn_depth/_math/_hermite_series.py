"""Hermite series of activations: coefficients, tails and dual activations."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, expit

from sklearn_depth._math._hermite import hermite_values

Array = NDArray[np.float64]
Activation = Callable[[Array], Array]

# Panels of Gauss-Legendre nodes on either side of 0, where activations may have a kink.
_REACH, _N_PANELS, _N_NODES = 14.0, 56, 24


def _gaussian_erf(z: Array) -> Array:
    return erf(z / np.sqrt(2))


def _erf_integral(z: Array) -> Array:
    """The integral of erf(t / sqrt(2)) from 0 to z."""
    return z * _gaussian_erf(z) + np.sqrt(2 / np.pi) * np.expm1(-(z**2) / 2)


def _relu(z: Array) -> Array:
    return np.maximum(z, 0)


# Not yet of unit norm under N(0, 1).
ACTIVATIONS: dict[str, Activation] = {
    "erf": _gaussian_erf,
    "erf_integral": _erf_integral,
    "logistic": expit,
    "relu": _relu,
    "tanh": np.tanh,
}


def gaussian_quadrature() -> tuple[Array, Array]:
    """Nodes and weights of E f(Z), Z ~ N(0, 1), for f smooth but for a kink at 0.

    A Gauss-Hermite rule would converge slowly at the kink.
    """
    x, w = np.polynomial.legendre.leggauss(_N_NODES)
    edges = np.linspace(-_REACH, _REACH, 2 * _N_PANELS + 1)
    half = (edges[1] - edges[0]) / 2
    nodes = (edges[:-1, None] + half * (1 + x)).ravel()
    density = np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    return nodes, np.tile(half * w, 2 * _N_PANELS) * density


def hermite_coefficients(activation: Activation, degree: int) -> Array:
    """a_k = E activation(Z) h_k(Z) for k = 0, ..., degree."""
    nodes, weights = gaussian_quadrature()
    return hermite_values(nodes, degree) @ (weights * activation(nodes))


def gaussian_norm(activation: Activation) -> float:
    """(E activation(Z)^2)^(1/2)."""
    nodes, weights = gaussian_quadrature()
    return float(np.sqrt(weights @ activation(nodes) ** 2))


def series_tail(activation: Activation, degree: int) -> float:
    """eps(n) = |activation - its Hermite series up to degree n|, in L2 of N(0, 1)."""
    nodes, weights = gaussian_quadrature()
    series = hermite_coefficients(activation, degree) @ hermite_values(nodes, degree)
    return float(np.sqrt(weights @ (activation(nodes) - series) ** 2))


def dual_activation(coefficients: Array, rho: ArrayLike) -> Array:
    """E s(X) s(Y) = sum_k a_k^2 rho^k at correlation rho, a_k the coefficients of s."""
    return np.polynomial.polynomial.polyval(np.asarray(rho), coefficients**2)
