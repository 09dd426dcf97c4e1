"""Arc-cosine kernels: of powers of rectified Gaussian projections.

Two samples enter through gap = 1 - cos(angle), which keeps small angles where the
cosine has rounded them away: kernels with a step are linear in the angle at 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def angle(gap: Array) -> Array:
    """The angle of 1 - cos, accurate near 0."""
    found: Array = np.sqrt(gap / 2)
    np.arcsin(found, out=found)
    found *= 2
    return found


def relu_gap(gap: Array, theta: Array) -> Array:
    """1 - J_1(theta) / pi, with J_1 = sin + (pi - theta) cos."""
    sine: Array = np.sqrt(gap * (2 - gap))
    sine -= theta * (1 - gap)
    sine /= -np.pi
    sine += gap
    # Right to the rounding of an angle, which may be below 0.
    return np.maximum(sine, 0, out=sine)


def arc_cosine_gap(gap: Array, order: int) -> Array:
    """1 - J_n(theta) / J_n(0) for the kernel of order n.

    k_n = J_n / J_n(0) has k_0 = 1 - theta / pi, k_1 = (sin + (pi - theta) cos) / pi and

        k_{n+1} = cos k_n + n^2 / (4 n^2 - 1) sin^2 k_{n-1}.
    """
    theta = angle(gap)
    if order == 0:
        theta /= np.pi
        return theta
    if order == 1:
        return relu_gap(gap, theta)
    cosine, square = 1 - gap, gap * (2 - gap)
    before, now = 1 - theta / np.pi, 1 - relu_gap(gap, theta)
    for n in range(1, order):
        before *= n**2 / (4 * n**2 - 1)
        before *= square
        before, now = now, before + cosine * now
    return np.clip(1 - now, 0, 2)


@dataclass(frozen=True)
class ArcCosinePairs:
    """The arc-cosine kernel of an order, composed to a number of weight matrices."""

    order: int
    depth: int

    def rows(self, norms: Array) -> list[Array]:
        """K(x, x)^(1/2), which a layer raises to the order, times J_n(0) / pi."""
        scale = norms
        double_factorial = np.prod(np.arange(1.0, 2 * self.order, 2))
        for _ in range(self.depth - 1):
            # The step at zero is 0, not 0^0.
            scale = np.where(norms > 0, scale**self.order, 0)
            scale = scale * np.sqrt(double_factorial)
        return [scale]

    def pairs(self, gap: Array, left: list[Array], right: list[Array]) -> Array:
        """Values at the pairs whose angles have these 1 - cos."""
        for _ in range(self.depth - 1):
            gap = arc_cosine_gap(gap, self.order)
        return left[0] * right[0] * (1 - gap)
