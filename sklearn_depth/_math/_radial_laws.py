"""Laws of the norm of a radial random vector: four named ones, or the user's own.

Every law has ``cdf(r)`` and ``sample(n_samples, rng)`` for the norm; a uniform
direction times such a norm is the vector.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, PPoly
from scipy.optimize import brentq
from scipy.special import betainc, gammainc, gammaln, jv

from sklearn_depth._math._tolerances import EPS, TINY

Array = NDArray[np.float64]


@dataclass(frozen=True)
class UniformNorm:
    """Norm uniform on [0, 2 sqrt(d)]: as large as a Gaussian's on average."""

    n_features: int

    def cdf(self, r: ArrayLike) -> Array:
        return np.clip(np.asarray(r) / (2 * np.sqrt(self.n_features)), 0, 1)

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        return rng.uniform(0, 2 * np.sqrt(self.n_features), n_samples)


@dataclass(frozen=True)
class GaussianNorm:
    """Norm of N(0, variance I): a scaled chi."""

    n_features: int
    variance: float = 1.0

    def cdf(self, r: ArrayLike) -> Array:
        r = np.maximum(r, 0)
        return gammainc(self.n_features / 2, r**2 / (2 * self.variance))

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        return np.sqrt(self.variance * rng.chisquare(self.n_features, n_samples))


@dataclass(frozen=True)
class TwoSpheresNorm:
    """Norm of the sum of two independent uniform points of the unit sphere.

    Safran and Lee's D'_d: r^2 / 4 ~ Beta((d-1)/2, (d-1)/2).
    """

    n_features: int

    def cdf(self, r: ArrayLike) -> Array:
        half = (self.n_features - 1) / 2
        return betainc(half, half, (np.clip(r, 0, 2) / 2) ** 2)

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        half = (self.n_features - 1) / 2
        return 2 * np.sqrt(rng.beta(half, half, n_samples))


@dataclass(frozen=True)
class BesselNorm:
    """Norm with density (d/r) J_{d/2}(c r)^2, c = 2 pi sqrt(d) R_d.

    The squared Fourier transform of a ball of unit volume, whose radius is R_d,
    rescaled: the first half of Safran and Lee's D_d at alpha = 1. It has no mean:
    P(norm > r) ~ d / (pi c r).
    """

    n_features: int

    @property
    def rate(self) -> float:
        """The c of the density."""
        d = self.n_features
        unit_ball_radius = np.exp(gammaln(d / 2 + 1) / d) / np.sqrt(np.pi)
        return float(2 * np.pi * np.sqrt(d) * unit_ball_radius)

    def cdf(self, r: ArrayLike) -> Array:
        order, table = self.n_features / 2, _bessel_table(self.n_features)
        z = self.rate * np.maximum(r, 0)
        end = table.x[-1]
        beyond = 1 - _tail_factor(table, order) * np.arcsin(order / np.maximum(z, end))
        return np.where(z < end, table(np.minimum(z, end)), beyond)

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        order, table = self.n_features / 2, _bessel_table(self.n_features)
        u = rng.random(n_samples)
        at_nodes = table(table.x)
        tail = np.minimum(1 - u, 1 - at_nodes[-1])
        beyond = order / np.sin(tail / _tail_factor(table, order))
        inside = np.interp(u, at_nodes, table.x)
        return np.where(u < at_nodes[-1], inside, beyond) / self.rate


_TABLE_LENGTH = 1500.0
_TABLE_STEP = 0.05


@lru_cache(maxsize=16)
def _bessel_table(n_features: int) -> PPoly:
    """F(z) = int_0^z d J_{d/2}(t)^2 / t dt, tabulated for z up to d/2 + 1500."""
    order = n_features / 2
    z = np.arange(0, order + _TABLE_LENGTH, _TABLE_STEP)
    density = np.zeros_like(z)
    density[1:] = n_features * jv(order, z[1:]) ** 2 / z[1:]
    if n_features == 1:  # J_{1/2}(t)^2 / t -> 2 / pi as t -> 0
        density[0] = 2 / np.pi
    return CubicSpline(z, density).antiderivative()


def _tail_factor(table: PPoly, order: float) -> float:
    """The a of ``1 - F(z) = a arcsin(order / z)`` past the end of the table.

    It is 2 / pi, from J_order(z)^2 ~ 1 / (pi sqrt(z^2 - order^2)) on average, but for
    the phase of the last oscillation, which the value at the end gives.
    """
    end = table.x[-1]
    return float((1 - table(end)) / np.arcsin(order / end))


@dataclass(frozen=True)
class BesselGaussNorm:
    """Safran and Lee's D_d: half Bessel-squared, half N(0, I/d)."""

    n_features: int

    @property
    def halves(self) -> tuple[BesselNorm, GaussianNorm]:
        return BesselNorm(self.n_features), GaussianNorm(
            self.n_features, 1 / self.n_features
        )

    def cdf(self, r: ArrayLike) -> Array:
        bessel, gauss = self.halves
        return (bessel.cdf(r) + gauss.cdf(r)) / 2

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        bessel, gauss = self.halves
        heavy = rng.random(n_samples) < 0.5
        return np.where(
            heavy, bessel.sample(n_samples, rng), gauss.sample(n_samples, rng)
        )


RADIAL_LAWS: "dict[str, Callable[[int], RadialLaw]]" = {
    "uniform": UniformNorm,
    "gaussian": GaussianNorm,
    "bessel": BesselGaussNorm,
    "two_spheres": TwoSpheresNorm,
}


@runtime_checkable
class FrozenDistribution(Protocol):
    """What ``scipy.stats.gamma(3)`` and its like have."""

    def cdf(self, x: ArrayLike, /) -> ArrayLike: ...

    def ppf(self, q: float, /) -> float: ...

    def rvs(self, *, size: int, random_state: np.random.Generator) -> ArrayLike: ...


@runtime_checkable
class NewStyleDistribution(Protocol):
    """What ``scipy.stats.Uniform(a=0, b=2)`` and its like have, since SciPy 1.15."""

    def cdf(self, x: ArrayLike, /) -> ArrayLike: ...

    def icdf(self, p: float, /) -> float: ...

    def sample(self, shape: int, /, *, rng: np.random.Generator) -> ArrayLike: ...


Distribution = FrozenDistribution | NewStyleDistribution
Sampler = Callable[[int, np.random.Generator], ArrayLike]
Law = str | Distribution | Sampler


@dataclass(frozen=True)
class DistributionNorm:
    """Norm that follows a SciPy distribution."""

    n_features: int
    distribution: Distribution

    def __post_init__(self) -> None:
        below = np.asarray(self.distribution.cdf(-TINY))
        # N(10, 1) passes: what mass it has below 0 is never drawn.
        if below.shape or not below <= EPS:
            raise ValueError(
                "law must be one distribution on [0, inf), but its cdf just below 0 is "
                f"{below}. Check its parameters, or take the law of an absolute value, "
                "for instance scipy.stats.halfnorm in place of scipy.stats.norm."
            )

    def cdf(self, r: ArrayLike) -> Array:
        return np.asarray(self.distribution.cdf(r))

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        law = self.distribution
        if isinstance(law, FrozenDistribution):
            return _check_norms(law.rvs(size=n_samples, random_state=rng), n_samples)
        return _check_norms(law.sample(n_samples, rng=rng), n_samples)

    def median(self) -> float:
        law = self.distribution
        if isinstance(law, FrozenDistribution):
            return float(law.ppf(0.5))
        return float(law.icdf(0.5))


_N_EMPIRICAL_DRAWS = 2**16


@dataclass(frozen=True)
class SampledNorm:
    """Norm that a function draws; its cdf is that of 65 536 draws of a fixed seed."""

    n_features: int
    sampler: Sampler

    def cdf(self, r: ArrayLike) -> Array:
        below = np.searchsorted(self._empirical_norms(), r, side="right")
        return below / _N_EMPIRICAL_DRAWS

    def sample(self, n_samples: int, rng: np.random.Generator) -> Array:
        return _check_norms(self.sampler(n_samples, rng), n_samples)

    def median(self) -> float:
        return float(np.median(self._empirical_norms()))

    def _empirical_norms(self) -> Array:
        return np.sort(self.sample(_N_EMPIRICAL_DRAWS, np.random.default_rng(0)))


def _check_norms(norms: ArrayLike, n_samples: int) -> Array:
    """Norms that the user's law drew, if they are norms."""
    norms = np.asarray(norms, dtype=np.float64)
    if norms.shape != (n_samples,):
        raise ValueError(
            f"law drew norms of shape {norms.shape} for n_samples={n_samples}; it must "
            f"draw one norm for each sample, shape ({n_samples},)."
        )
    bad = norms[~((norms >= 0) & (norms < np.inf))]
    if len(bad):
        raise ValueError(
            f"law drew the norm {bad[0]}; norms must be finite and non-negative. Take "
            "absolute values, or truncate the law."
        )
    return norms


NamedNorm = UniformNorm | GaussianNorm | TwoSpheresNorm | BesselNorm | BesselGaussNorm
RadialLaw = NamedNorm | DistributionNorm | SampledNorm


def norm_law(law: Law, n_features: int) -> RadialLaw:
    """The law of the norm in ``n_features`` dimensions, named or the user's own."""
    if law == "two_spheres" and n_features < 2:
        raise ValueError(
            f"law='two_spheres' needs n_features >= 2, got {n_features}: the unit "
            "sphere of the line is two points. Use more features or another law."
        )
    if isinstance(law, str):
        return RADIAL_LAWS[law](n_features)
    if isinstance(law, Distribution):
        return DistributionNorm(n_features, law)
    return SampledNorm(n_features, law)


def median_norm(law: RadialLaw) -> float:
    """The radius of the ball about the origin that holds half the mass."""
    if not isinstance(law, DistributionNorm | SampledNorm):
        upper = 2 * np.sqrt(law.n_features)  # every named law has its median below
        return float(brentq(lambda r: float(law.cdf(r)) - 0.5, 0, upper))
    median = law.median()
    if not 0 < median < np.inf:
        raise ValueError(
            f"law has the median norm {median}, so it cannot set a radius or a scale. "
            "Pass a positive number as radius or scale, or use another law."
        )
    return median
