"""Dual activations: correlations of activations of correlated Gaussians.

For (u, v) Gaussian with second moments a and b and correlation 1 - gap, a dual gives
the gap of (s(u), s(v)) and E s'(u) s'(v), with s of unit norm under N(0, 1). ``rows``
has what that takes of each moment, the new moment E s(u)^2 first.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._arc_cosine import angle, relu_gap
from sklearn_depth._math._hermite import hermite_values
from sklearn_depth._math._hermite_series import ACTIVATIONS, Activation

Array = NDArray[np.float64]

# Numbers below are 0 where they divide, and so is what they divide.
_TINY = 1e-300
# The last degree of a series, and what is rounding: of a mass, of the root of a mass
# in a coefficient, and of a sum in its terms of high degree.
_DEGREE, _LEFT, _ZERO, _DROPPED = 100, 1e-13, 1e-15, 1e-14
_REACH, _WIDTH, _N_HALVINGS, _N_NODES = 14.0, 0.5, 20, 24
_BEYOND = 1e-12  # share of the mass at the last node, where little may be left beyond


class ReluDual:
    """The arc-cosine kernels of order 1 and 0 (Cho and Saul 2009)."""

    def rows(self, moments: Array) -> Array:
        """The moment stays."""
        return moments[None]

    def gap(self, gap: Array, left: Array, right: Array) -> Array:
        """Of order 1."""
        return relu_gap(gap, angle(gap))

    def gap_and_slope(
        self, gap: Array, left: Array, right: Array
    ) -> tuple[Array, Array]:
        """Of orders 1 and 0."""
        theta = angle(gap)
        return relu_gap(gap, theta), 1 - theta / np.pi


class ErfDual:
    """E s(u) s(v) = (6 / pi) arcsin(c / ((1 + a) (1 + b))^(1/2)) (Williams 1997).

    With c the covariance; the 6 in place of 2 is one over the norm squared.
    """

    def rows(self, moments: Array) -> Array:
        """E s(u)^2 and the moment."""
        arc = np.arctan2(moments, np.sqrt(1 + 2 * moments))
        return np.stack([6 / np.pi * arc, moments])

    def gap(self, gap: Array, left: Array, right: Array) -> Array:
        """From the arcsine."""
        return self._gap(gap, left, right, self._root(gap, left, right))

    def gap_and_slope(
        self, gap: Array, left: Array, right: Array
    ) -> tuple[Array, Array]:
        """The slope is (6 / pi) ((1 + a) (1 + b) - c^2)^(-1/2)."""
        root = self._root(gap, left, right)
        return self._gap(gap, left, right, root), 6 / np.pi / root

    @staticmethod
    def _root(gap: Array, left: Array, right: Array) -> Array:
        """((1 + a) (1 + b) - c^2)^(1/2), no difference of large numbers."""
        a, b = left[1], right[1]
        root: Array = gap * (2 - gap)
        root *= a * b
        root += 1 + a + b
        return np.sqrt(root, out=root)

    @staticmethod
    def _gap(gap: Array, left: Array, right: Array, root: Array) -> Array:
        scale = np.sqrt(left[0]) * np.sqrt(right[0])
        found: Array = 1 - gap
        found *= np.sqrt(left[1]) * np.sqrt(right[1])
        np.arctan2(found, root, out=found)
        found *= -6 / np.pi / np.maximum(scale, _TINY)
        found += 1
        return np.maximum(found, 0, out=found)


@dataclass(frozen=True)
class SeriesDual:
    """E s(u) s(v) = sum_k a_k(a) a_k(b) rho^k, from the Hermite series of s.

    a_k(a) is the k-th coefficient of z -> s(sqrt(a) z). Of E s(u)^2 the last degree K
    leaves r(a), which goes to rho^(K+1). So variances are exact, every term is positive
    semi-definite, and the error is at most 2 sqrt(r(a) r(b)) |rho|^(K+1).
    """

    activation: Activation
    norm: float

    def rows(self, moments: Array) -> Array:
        """E s(u)^2, the moment, the coefficients and the root of what they leave."""
        unique, inverse = np.unique(moments, return_inverse=True)
        mass, coefficients = self._series(unique)
        coefficients[np.abs(coefficients) < _ZERO * np.sqrt(mass)] = 0
        found = (coefficients**2).sum(axis=0)
        whole = np.abs(mass - found) <= _LEFT * mass
        coefficients[:, whole] *= np.sqrt(mass / np.maximum(found, _TINY))[whole]
        tail = np.sqrt(np.where(whole, 0, np.maximum(mass - found, 0)))
        rows: Array = np.vstack([mass, unique, coefficients, tail])
        return rows[:, inverse]

    def gap(self, gap: Array, left: Array, right: Array) -> Array:
        """By Horner's rule."""
        rho = 1 - gap
        value = np.zeros_like(rho)
        for a, b in _coefficients(left, right):
            value *= rho
            if a.any():
                value += a * b
        return self._gap(value, left, right)

    def gap_and_slope(
        self, gap: Array, left: Array, right: Array
    ) -> tuple[Array, Array]:
        """The slope is the sum's derivative by the covariance (Price's theorem)."""
        rho = 1 - gap
        value, slope = np.zeros_like(rho), np.zeros_like(rho)
        for a, b in _coefficients(left, right):
            slope *= rho
            slope += value
            value *= rho
            if a.any():
                value += a * b
        slope /= np.maximum(np.sqrt(left[1]) * np.sqrt(right[1]), _TINY)
        return self._gap(value, left, right), slope

    @staticmethod
    def _gap(value: Array, left: Array, right: Array) -> Array:
        scale = np.sqrt(left[0]) * np.sqrt(right[0])
        value /= -np.maximum(scale, _TINY)
        value += 1
        return np.clip(value, 0, 2, out=value)

    def _series(self, moments: Array) -> tuple[Array, Array]:
        """E s(u)^2 and the coefficients of each moment, these by degree."""
        nodes, _, table = _quadrature()
        with np.errstate(over="ignore", invalid="ignore"):
            values = self.activation(np.sqrt(moments)[:, None] * nodes) / self.norm
            mass = _mean_square(values)
        if not np.isfinite(mass).all():
            largest = moments[~np.isfinite(mass)].max()
            raise ValueError(
                f"activation has no finite norm, or grows too fast to tell, under "
                f"N(0, {largest:.3g}), the law of a hidden unit. Scale X, or use an "
                "activation that grows more slowly."
            )
        return mass, table @ values.T


Dual = ReluDual | ErfDual | SeriesDual


def _coefficients(left: Array, right: Array) -> zip:
    """What multiplies each power of rho in any pair, from the highest that counts."""
    sizes = [
        np.abs(numbers[2:] / np.maximum(np.sqrt(numbers[0]), _TINY)).max(
            axis=tuple(range(1, numbers.ndim))
        )
        for numbers in (left, right)
    ]
    beyond = np.cumsum((sizes[0] * sizes[1])[:0:-1])
    last = len(left) - 3 - int(np.count_nonzero(beyond <= _DROPPED))
    return zip(left[last + 2 : 1 : -1], right[last + 2 : 1 : -1], strict=True)


@cache
def _quadrature() -> tuple[Array, Array, Array]:
    """Nodes and weights of E f(Z), and weights times h_k for each k.

    Panels halve towards 0, where s(sqrt(a) z) varies fast for a large moment a.
    """
    x, w = np.polynomial.legendre.leggauss(_N_NODES)
    halved = _WIDTH * 0.5 ** np.arange(_N_HALVINGS, 0, -1)
    right = np.concatenate([[0], halved, np.arange(_WIDTH, _REACH + _WIDTH, _WIDTH)])
    edges = np.concatenate([-right[:0:-1], right])
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half * (1 + x)).ravel()
    density = np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    weights = (half * w).ravel() * density
    return nodes, weights, hermite_values(nodes, _DEGREE) * weights


def _mean_square(values: Array) -> Array:
    """E f(Z)^2 from values at the nodes; infinite where much may lie beyond them."""
    weights = _quadrature()[1]
    mass: Array = values**2 @ weights
    beyond = (values[..., [0, -1]] ** 2).max(axis=-1) * weights[0]
    return np.where(beyond <= _BEYOND * mass, mass, np.inf)


def make_dual(activation: str | Activation) -> Dual:
    """The dual of an activation by name or function."""
    if activation == "relu":
        return ReluDual()
    if activation == "erf":
        return ErfDual()
    function = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    return SeriesDual(function, unit_norm(function))


def unit_norm(activation: Activation) -> float:
    """(E activation(Z)^2)^(1/2), refused where nothing can be divided by it."""
    nodes = _quadrature()[0]
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asarray(activation(nodes))
        if values.shape != nodes.shape:
            raise ValueError(
                f"activation gave an array of shape {values.shape} for one of shape "
                f"{nodes.shape}. Use a function that acts on every entry."
            )
        norm = float(np.sqrt(_mean_square(values)))
    if not 0 < norm < np.inf:
        raise ValueError(
            f"activation has norm {norm} under N(0, 1), so it cannot be scaled to unit "
            "norm. Use a function that is finite and not zero."
        )
    return norm
