"""Directions from the moments of whitened inputs given a target.

Each method makes a symmetric matrix whose leading eigenvectors are the directions, and
a test that z along other ones, the columns of ``theta``, tells nothing of the target.
The statistics have these chi-square laws where x is normal.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from sklearn_depth._solvers.directions._whitened import Array, Slices, Whitened


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one target tells of directions.

    matrix : (rank, rank), positive semi-definite.
    rank : the largest that it can have.
    p_value : of no more directions than those orthogonal to theta.
    """

    matrix: Array
    rank: int
    p_value: Callable[[Array], float]


def sliced_means(slices: Slices) -> Evidence:
    """SIR, sum p m m'; the test of Li (1991).

    Each direction found takes a degree of freedom off every one that is left, unless
    others than this target have chosen it.
    """
    matrix, white = slices.between(), slices.white
    alone = white.samples.n_targets == 1

    def p_value(theta: Array) -> float:
        left = theta.shape[1]
        freedom = left * (len(slices) - 1 - alone * (white.rank - left))
        statistic = white.size * np.trace(theta.T @ matrix @ theta)
        return float(chi2.sf(statistic, freedom))

    return Evidence(matrix, min(len(slices) - 1, white.rank), p_value)


def sliced_variances(slices: Slices) -> Evidence:
    """SAVE, sum p (I - C)^2; the test of Shao, Cook and Weisberg (2007)."""
    white = slices.white
    gaps = [white.covariance - found for found in slices.covariances()]

    def p_value(theta: Array) -> float:
        statistic = white.size / 2 * _squares(slices, gaps, theta)
        return float(chi2.sf(statistic, _variance_freedom(slices, theta)))

    return Evidence(_mean_square(slices, gaps), white.rank, p_value)


def directional(slices: Slices) -> Evidence:
    """DR, E[(2 I - E[(z - z')(z - z')' | y, y'])^2], by its moments.

    The test adds up those of means and of second moments.
    """
    white, between = slices.white, slices.between()
    gaps = [white.covariance - found for found in slices.seconds()]
    matrix = 2 * _mean_square(slices, gaps)
    matrix += 2 * between @ between + 2 * np.trace(between) * between

    def p_value(theta: Array) -> float:
        statistic = white.size / 2 * _squares(slices, gaps, theta)
        statistic += white.size * np.trace(theta.T @ between @ theta)
        of_means = theta.shape[1] * (len(slices) - 1)
        freedom = of_means + _variance_freedom(slices, theta)
        return float(chi2.sf(statistic, freedom))

    return Evidence(matrix, white.rank, p_value)


def hessian(white: Whitened, target: Array) -> Evidence:
    """The square of pHd, E[r zz'], r the residual of least squares; test of Li (1992).

    Shrunk inputs that vary by less than 1 have smaller slopes, as of ridge regression.
    """
    moments = white.z.T @ (white.samples.share * target)
    slopes = moments / np.maximum(white.variances, 1)
    residual = target - white.z @ slopes
    residual -= white.samples.share @ residual
    matrix = white.moment(residual)
    variance = white.samples.share @ residual**2

    def p_value(theta: Array) -> float:
        left = theta.shape[1]
        squares = np.sum((theta.T @ matrix @ theta) ** 2)
        statistic = white.size * squares / (2 * variance) if variance > 0 else 0.0
        return float(chi2.sf(statistic, left * (left + 1) / 2))

    return Evidence(matrix @ matrix, white.rank, p_value)


def _mean_square(slices: Slices, gaps: list[Array]) -> Array:
    total = np.zeros_like(gaps[0])
    for share, gap in zip(slices.share, gaps, strict=True):
        total += share * (gap @ gap)
    return total


def _squares(slices: Slices, gaps: list[Array], theta: Array) -> float:
    """The mean square, over slices, of the gaps along theta."""
    squares = [np.sum((theta.T @ gap @ theta) ** 2) for gap in gaps]
    return float(slices.share @ squares)


def _variance_freedom(slices: Slices, theta: Array) -> float:
    left = theta.shape[1]
    return (len(slices) - 1) * left * (left + 1) / 2
