"""Two Gaussian projections both above a threshold, and the kernel made of that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

from sklearn_depth._math._arc_cosine import angle

Array = NDArray[np.float64]

# Stand for a norm of 0, and for a sine of 0 as a divisor.
_NO_NORM, _NO_SINE = 1e-100, 1e-40


def tail(norms: Array, bias: float) -> Array:
    """P(<w, x> > bias) for w ~ N(0, I); where x = 0, 1 for a negative bias, else 0."""
    if bias == 0:
        return np.where(norms > 0, 0.5, 0.0)
    return ndtr(-bias / np.maximum(norms, _NO_NORM))


def orthant(gap: Array, x: Array, z: Array, bias: float) -> Array:
    """P(<w, x> > bias, <w, z> > bias) from the norms of x and z (Owen 1956)."""
    if bias == 0:
        return 2 * tail(x, bias) * tail(z, bias) * (1 - angle(gap) / np.pi)
    x, z = np.maximum(x, _NO_NORM), np.maximum(z, _NO_NORM)
    sine = np.maximum(np.sqrt(gap * (2 - gap)), _NO_SINE)
    found: Array = (tail(x, bias) + tail(z, bias)) / 2
    found = found - owens_t(bias / x, ((x - z) / z + gap) / sine)
    found -= owens_t(bias / z, ((z - x) / x + gap) / sine)
    return np.maximum(found, 0, out=found)


@dataclass(frozen=True)
class BiasedTangentPairs:
    """(<x, z> + 1) P(<w, x> > bias, <w, z> > bias)."""

    bias: float

    def rows(self, norms: Array) -> list[Array]:
        """The norms are all it needs of a sample."""
        return [norms]

    def pairs(self, gap: Array, left: list[Array], right: list[Array]) -> Array:
        """Values at the pairs whose angles have these 1 - cos."""
        (x,), (z,) = left, right
        return (x * z * (1 - gap) + 1) * orthant(gap, x, z, self.bias)
