"""Maps of the unit interval to itself, what their iterates are and how they vary."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FLAT = 1e-9  # of the slopes on both sides: less of a bend is rounding


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """The linear interpolant of ``values`` at increasing ``knots``, constant beyond."""

    knots: Array
    values: Array

    def __call__(self, x: Array) -> Array:
        return np.interp(x, self.knots, self.values)

    def slopes(self) -> Array:
        """One for each piece."""
        return np.diff(self.values) / np.diff(self.knots)

    def after(self, inner: "PiecewiseLinear") -> "PiecewiseLinear":
        """``x -> self(inner(x))``, with a knot wherever either bends."""
        start, step = inner.knots[:-1, None], np.diff(inner.knots)[:, None]
        below, rise = inner.values[:-1, None], np.diff(inner.values)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (self.knots - below) / rise
        bends = (start + share * step)[(share > 0) & (share < 1)]
        knots = np.unique(np.concatenate([inner.knots, bends]))
        return PiecewiseLinear(knots, self(inner(knots))).without_flat_knots()

    def without_flat_knots(self) -> "PiecewiseLinear":
        """The same function, with knots at its ends and bends alone."""
        slopes = self.slopes()
        steeper = np.maximum(np.abs(slopes[:-1]), np.abs(slopes[1:]))
        bends = np.abs(np.diff(slopes)) > _FLAT * steeper
        kept = np.concatenate([[True], bends, [True]])
        return PiecewiseLinear(self.knots[kept], self.values[kept])

    def iterate(self, n_iterations: int) -> "PiecewiseLinear":
        """The composition of the map with itself, so many times."""
        iterated = self
        for _ in range(n_iterations - 1):
            iterated = self.after(iterated)
        return iterated


@dataclass(frozen=True)
class TentMap:
    """1 - |2 x - 1|; a uniform x stays uniform."""

    pieces = PiecewiseLinear(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0]))

    def __call__(self, x: Array) -> Array:
        return self.pieces(x)

    def variance(self, n_iterations: int) -> float:
        """Of the iterate of a uniform x."""
        return 1 / 12


@dataclass(frozen=True)
class PeriodThreeMap:
    """x + 1/2 up to 1/2, then 2 - 2 x: it takes 0 to 1/2 to 1 to 0."""

    pieces = PiecewiseLinear(np.array([0.0, 0.5, 1.0]), np.array([0.5, 1.0, 0.0]))

    def __call__(self, x: Array) -> Array:
        return self.pieces(x)

    def variance(self, n_iterations: int) -> float:
        """Of the iterate of a uniform x.

        It is uniform on either half. The lower is mapped to the upper, the upper to
        both, so that the mass p of the lower becomes (1 - p) / 2.
        """
        p = (1 - (-0.5) ** (n_iterations + 1)) / 3
        return 7 / 12 - p / 2 - (3 / 4 - p / 2) ** 2


@dataclass(frozen=True)
class LogisticMap:
    """4 x (1 - x): sin² t becomes sin² 2t."""

    def __call__(self, x: Array) -> Array:
        return 4 * x * (1 - x)

    def variance(self, n_iterations: int) -> float:
        """Of the iterate of a uniform x, ``(1 - cos 2 N t) / 2`` with N = 2^k.

        With x = sin² t uniform, E cos 2 N t = 1 / (1 - N²) for an even N.
        """
        square = 4.0**n_iterations
        mean, mean_square = 1 / (1 - square), (1 + 1 / (1 - 4 * square)) / 2
        return (mean_square - mean**2) / 4


INTERVAL_MAPS = {
    "tent": TentMap(),
    "period_three": PeriodThreeMap(),
    "logistic": LogisticMap(),
}
