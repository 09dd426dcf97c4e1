"""Kernels of wide networks, as functions of angles and of numbers of each sample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._duals import Dual

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NetworkPairs:
    """The covariance of random networks, or their tangent kernel.

    A layer has the affine part c -> bias_variance + weight_variance c and then, but for
    the last, the activation's dual. With T^l the tangent kernel and K^l the covariance
    after l affine parts,

        T^1 = K^1,  T^{l+1} = K^{l+1} + weight_variance E[s'(u) s'(v)] T^l.
    """

    n_features: int
    dual: Dual
    depth: int
    weight_variance: float
    bias_variance: float
    tangent: bool

    def rows(self, norms: Array) -> list[Array]:
        """Lengths before and after the bias, and the dual's numbers, of each layer."""
        moments = (norms / np.sqrt(self.n_features)) ** 2
        layers = []
        for layer in range(self.depth):
            weighted = self.weight_variance * moments
            moments = self.bias_variance + weighted
            numbers = np.sqrt([weighted, moments])
            if layer < self.depth - 1:
                of_dual = self.dual.rows(moments)
                numbers, moments = np.vstack([numbers, of_dual]), of_dual[0]
            layers.append(numbers)
        return layers

    def pairs(self, gap: Array, left: list[Array], right: list[Array]) -> Array:
        """Values at the pairs whose angles have these 1 - cos."""
        sum_below = np.zeros(())  # T^l - K^l
        for x, z in zip(left[:-1], right[:-1], strict=True):
            gap = self._affine(gap, x, z)
            if not self.tangent:
                gap = self.dual.gap(gap, x[2:], z[2:])
                continue
            tangent = sum_below + x[1] * z[1] * (1 - gap)
            gap, slope = self.dual.gap_and_slope(gap, x[2:], z[2:])
            slope *= self.weight_variance
            slope *= tangent
            sum_below = slope
        gap = self._affine(gap, left[-1], right[-1])
        return sum_below + left[-1][1] * right[-1][1] * (1 - gap)

    def _affine(self, gap: Array, x: Array, z: Array) -> Array:
        """The gap after the bias, which adds an orthogonal coordinate to both samples.

        Its part of |x| |z| - <x, z> is a squared area over |x| |z| + <x, z>.
        """
        if self.bias_variance == 0:
            return gap
        weighted, scale = x[0] * z[0], x[1] * z[1]
        area = self.bias_variance * (x[0] - z[0]) ** 2
        area /= scale + self.bias_variance + weighted
        return (area + weighted * gap) / scale


@dataclass(frozen=True)
class ZonalPairs:
    """A dual activation composed with itself, of the cosine alone.

    step : the gap after one activation, from the gap before it.
    """

    step: Callable[[Array], Array]
    depth: int

    def rows(self, norms: Array) -> list[Array]:
        """Norms do not count."""
        return []

    def pairs(self, gap: Array, left: list[Array], right: list[Array]) -> Array:
        """Values at the pairs whose angles have these 1 - cos."""
        for _ in range(self.depth - 1):
            gap = self.step(gap)
        return 1 - gap
