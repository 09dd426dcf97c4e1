"""The evidence of ridge regression with a prior variance for each group of features.

y = b + sum_g F_g c_g + noise,  c_g ~ N(0, v_g),  noise ~ N(0, s^2 / weight)

With r_g = v_g / s^2 and V = 1 + sum_g r_g F_g F_g', with F_g weighted, less its mean,

    -2 log evidence = log det V + n log(2 pi s^2) + y' V^-1 y / s^2,

least in the noise at s^2 = y' V^-1 y / n. In log r_g its slope is d_g - u_g with

    d_g = r_g tr(V^-1 F_g F_g'),    u_g = |c_g|^2 / v_g

and c the posterior mean: the degrees of freedom that a group takes up, and what it
makes of them (MacKay 1992). The average of the observed and the expected curvature,

    H_gh = q_g' V^-1 q_h / s^2 - u_g u_h / n,    q_g = F_g c_g,

asks for no more than they do (Gilmour, Thompson and Cullis 1995), so that a step of
Newton's method costs what one of MacKay's updates costs.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth.utils._threads import one_blas_thread

# A group that adds less to a sample's variance than this share of the noise is none.
# With one that adds more than this multiple rounding of the kernels would count.
_LEAST, _MOST = 1e-9, 1e7
# How much all groups together add at first, as a share of the noise.
_START = 3.0
# The most that the logarithm of a ratio moves in one step, and how often steps that
# gain nothing are halved.
_STRIDE, _MOST_HALVINGS = 3.0, 8
_MOST_STEPS = 100
# Steps that promise less of twice the log evidence are none.
_GAIN = 1e-9
# From this size on systems keep several threads busy.
_MANY = 3000


class Point(Protocol):
    """The evidence at some ratios.

    deviance : -2 log evidence at the best noise, but for n (1 + log(2 pi)).
    noise : the variance s^2 of a sample of weight 1.
    """

    deviance: float
    noise: float

    def slopes(self) -> tuple[Array, Array, Array]:
        """d_g and u_g, (n_groups,), and q_g' V^-1 q_h / s^2, a matrix."""


P = TypeVar("P", bound=Point)
P_co = TypeVar("P_co", bound=Point, covariant=True)


class Problem(Protocol[P_co]):
    """Ridge regression of one target on groups of features."""

    @property
    def typical(self) -> Array:
        """(n_groups,), the mean of the diagonal of F_g F_g'."""

    @property
    def n_free(self) -> int:
        """How many samples differ, less one for an intercept."""

    def at(self, ratios: Array) -> P_co:
        """The evidence at some ratios; LinAlgError if V is not positive definite."""


@dataclass(frozen=True)
class Maximum(Generic[P]):
    """Where the evidence is largest.

    ratios, freedom, squares : (n_groups,), the r_g, d_g and u_g above.
    """

    ratios: Array
    freedom: Array
    squares: Array
    point: P


@dataclass(frozen=True)
class GroupHead:
    """The linear head of one target on groups of features.

    weights : coefficients (n_features,); or dual weights (n_samples,) of the sum of the
        groups' kernels, each times its ratio.
    ratios : (n_groups,), prior variances over that of the noise.
    noise : variance of the noise in a sample of weight 1.
    freedom, squares : (n_groups,), the d_g and u_g above.
    error : an estimate of the test error.
    log_evidence : infinite where the target is constant.
    """

    weights: Array
    ratios: Array
    noise: float
    freedom: Array
    squares: Array
    error: float
    log_evidence: float

    @classmethod
    def of_constant(cls, n_weights: int, n_groups: int) -> "GroupHead":
        """That of a constant target."""
        none = np.zeros(n_groups)
        return cls(np.zeros(n_weights), none, 0.0, none, none, 0.0, np.inf)

    @classmethod
    def at(
        cls,
        maximum: Maximum[P],
        weights: Array,
        error: float,
        scale: float,
        n_free: int,
        per_weight: float,
    ) -> "GroupHead":
        """At a maximum that was found for the target over its scale.

        per_weight : samples over their weight, one of mean weight having 1 over it.
        """
        unit = 2 * np.pi * scale**2 * per_weight
        deviance = maximum.point.deviance + n_free * (1 + np.log(unit))
        return cls(
            scale * weights,
            maximum.ratios,
            scale**2 * maximum.point.noise,
            maximum.freedom,
            maximum.squares,
            scale**2 * error,
            -float(deviance) / 2,
        )


def few_threads(size: int) -> AbstractContextManager:
    """One thread of BLAS for systems of less than this size.

    NumPy and SciPy bring pools of their own, which would take turns at a few
    milliseconds' work and wait for each other.
    """
    return one_blas_thread() if size < _MANY else nullcontext()


def maximise_evidence(problem: Problem[P]) -> Maximum[P]:
    """The ratios of prior variances to the noise at which the evidence is largest.

    Groups that are zero in all samples have none.
    """
    used = problem.typical > 0
    unit = np.where(used, problem.typical, 1.0)
    n_free = max(problem.n_free, 1)
    bounds = float(np.log(_LEAST)), float(np.log(_MOST))

    def at(level: Array) -> P:
        return problem.at(np.where(used, np.exp(level) / unit, 0.0))

    level = np.full(len(used), np.log(_START / max(used.sum(), 1)))
    point = at(level)
    for _ in range(_MOST_STEPS):
        freedom, squares, curvature = point.slopes()
        slope = freedom - squares
        curvature = curvature - np.outer(squares, squares) / n_free
        held = ((level <= bounds[0]) & (slope > 0)) | (
            (level >= bounds[1]) & (slope < 0)
        )
        step = _newton_step(curvature, slope, used & ~held)
        if -slope @ step < _GAIN:
            break
        found = _line_search(at, point, level, step, bounds)
        if found is None:
            break
        point, level = found
    ratios = np.where(used & (level > bounds[0]), np.exp(level) / unit, 0.0)
    point = problem.at(ratios)
    freedom, squares, _ = point.slopes()
    return Maximum(ratios, freedom, squares, point)


def _newton_step(curvature: Array, slope: Array, free: NDArray[np.bool_]) -> Array:
    """A step down of bounded length, of what is free; curvature counts as positive."""
    step = np.zeros_like(slope)
    values, vectors = np.linalg.eigh(curvature[np.ix_(free, free)])
    along = vectors.T @ slope[free]
    values = np.maximum(np.abs(values), np.abs(along) / _STRIDE)
    by = np.divide(along, values, out=np.zeros_like(along), where=values > 0)
    by[along * by < _GAIN / max(len(by), 1)] = 0  # rounding, where two groups are one
    step[free] = np.clip(-vectors @ by, -_STRIDE, _STRIDE)
    return step


def _line_search(
    at: Callable[[Array], P],
    start: P,
    level: Array,
    step: Array,
    bounds: tuple[float, float],
) -> tuple[P, Array] | None:
    """Where the first of ever shorter steps that gains leads; None if none does."""
    for halvings in range(_MOST_HALVINGS):
        new = np.clip(level + 0.5**halvings * step, *bounds)
        try:
            point = at(new)
        except linalg.LinAlgError:  # an indefinite kernel, at large ratios
            continue
        if point.deviance < start.deviance:
            return point, new
    return None
