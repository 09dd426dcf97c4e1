"""A line through values of which some are known to lie in an interval alone.

Values are a + k x + spread times a standard normal variable. In theta = 1 / spread and
a / spread, at a given k, the log-likelihood is concave (Olsen 1978), and its maximum
over both has no second peak in k: what is found is the one maximum.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_ndtr
from scipy.stats import t

Array = NDArray[np.float64]
Loss = Callable[[float], float]

# Slopes beyond are infinite.
_STEEPEST = 40.0
# A likelihood that comes so near to its maximum is flat from there on.
_FLAT = 1e-6
# Least spread: no value is known any better.
_ROUNDING = 1e-6
# Of Newton's method: a fall that is rounding, the share of it that a step is to keep.
_NOTHING, _ENOUGH, _MOST_STEPS = 1e-12, 0.1, 100
_FINELY = {"xatol": 1e-9}
_LOG_ROOT_2_PI = 0.5 * np.log(2 * np.pi)


class CensoredLine(NamedTuple):
    """The line of largest likelihood, and an interval for its slope.

    A slope is infinite if the likelihood grows with it for ever, and so is an end of
    the interval that no value bounds; NaN is what values say nothing of.
    """

    slope: float = np.nan
    intercept: float = np.nan
    spread: float = np.nan
    low: float = np.nan
    high: float = np.nan


def fit_censored_line(
    x: Array, low: Array, high: Array, confidence_level: float
) -> CensoredLine:
    """Fit to values between ``low`` and ``high``, known where both are equal.

    The interval has the slopes at which the likelihood, largest over the other
    parameters, is not too far below its maximum. If all values are known it is
    Student's.
    """
    told = np.isfinite(low) | np.isfinite(high)
    x, low, high = x[told], low[told], high[told]
    n_bounded = int(np.sum(np.isfinite(low) & np.isfinite(high)))
    if n_bounded == 0 or np.ptp(x) == 0:
        return CensoredLine()
    centred = x - x.mean()

    def loss(slope: float) -> float:
        return _fit_level(low - slope * centred, high - slope * centred)[0]

    slope = _best_slope(loss)
    if np.isnan(slope):
        return CensoredLine()
    ends = _interval(loss, slope, n_bounded, confidence_level)
    if np.isinf(slope):
        return CensoredLine(slope, np.nan, np.nan, *ends)
    _, level, spread = _fit_level(low - slope * centred, high - slope * centred)
    return CensoredLine(slope, level - slope * x.mean(), spread, *ends)


def _best_slope(loss: Loss) -> float:
    """Infinite if the loss falls for ever to one side, NaN if it is flat."""
    bounds = -_STEEPEST, _STEEPEST
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options=_FINELY).x
    at_ends = [loss(end) for end in bounds]
    least = min(loss(found), *at_ends)
    falls = [at_end < least + _FLAT for at_end in at_ends]
    if all(falls):
        return np.nan
    return -np.inf if falls[0] else np.inf if falls[1] else float(found)


def _interval(
    loss: Loss, slope: float, n_bounded: int, level: float
) -> tuple[float, float]:
    """Where the loss is not more above its least than Student's quantile allows."""
    free = n_bounded - 2
    if free < 1:
        return np.nan, np.nan
    best = float(np.clip(slope, -_STEEPEST, _STEEPEST))
    quantile = t.ppf((1 + level) / 2, free)
    allowed = loss(best) + n_bounded / 2 * np.log1p(quantile**2 / free)

    def end(steepest: float) -> float:
        if loss(steepest) <= allowed:
            return float(np.copysign(np.inf, steepest))
        return float(brentq(lambda k: loss(k) - allowed, best, steepest, xtol=1e-9))

    return end(-_STEEPEST), end(_STEEPEST)


def _fit_level(low: Array, high: Array) -> tuple[float, float, float]:
    """The least negative log-likelihood of N(level, spread²), with both."""
    bounded = np.isfinite(low) & np.isfinite(high)
    middle = (low[bounded] + high[bounded]) / 2
    shift, unit = middle.mean(), np.hypot(middle.std(), _ROUNDING)
    likelihood = _Likelihood((low - shift) / unit, (high - shift) / unit, unit)
    (level, theta), loss = _newton(likelihood)
    loss += len(likelihood.known) * np.log(unit)
    return loss, float(shift + unit * level / theta), float(unit / theta)


def _newton(likelihood: "_Likelihood") -> tuple[Array, float]:
    """Damped steps from level 0 and spread 1; the least loss, and where it is."""
    at = np.array([0.0, 1.0])
    loss = likelihood.loss(at)
    for _ in range(_MOST_STEPS):
        gradient, hessian = likelihood.derivatives(at)
        step = -np.linalg.solve(hessian + _NOTHING * np.eye(2), gradient)
        fall = -gradient @ step
        if fall < _NOTHING:
            break
        size = 1.0
        while likelihood.loss(at + size * step) > loss - _ENOUGH * size * fall:
            size /= 2
        at = at + size * step
        loss = likelihood.loss(at)
    return at, loss


class _Likelihood:
    """Minus the log-likelihood, in (level, 1) / spread."""

    def __init__(self, low: Array, high: Array, unit: float) -> None:
        is_known = low == high
        self.known = low[is_known]
        self.low, self.high = low[~is_known], high[~is_known]
        self.rounding = len(low) * (_ROUNDING / unit) ** 2

    def loss(self, at: Array) -> float:
        level, theta = at
        if theta <= 0:
            return np.inf
        squares = np.sum((theta * self.known - level) ** 2) + self.rounding * theta**2
        known = len(self.known) * (_LOG_ROOT_2_PI - np.log(theta)) + squares / 2
        return float(known - self._log_share(at).sum())

    def derivatives(self, at: Array) -> tuple[Array, Array]:
        """The gradient and the matrix of second derivatives."""
        level, theta = at
        rows = np.column_stack([-np.ones(len(self.known)), self.known])
        gradient = (theta * self.known - level) @ rows
        gradient[1] += self.rounding * theta - len(self.known) / theta
        hessian = rows.T @ rows
        hessian[1, 1] += self.rounding + len(self.known) / theta**2
        of_shares = np.zeros((len(self.low), 2))
        for sign, ends, z, density in self._ends(at):
            rows = np.column_stack([-np.ones(len(ends)), ends])
            of_shares += sign * density[:, None] * rows
            hessian += rows.T @ ((sign * z * density)[:, None] * rows)
        return gradient - of_shares.sum(axis=0), hessian + of_shares.T @ of_shares

    def _log_share(self, at: Array) -> Array:
        """Log of the share of the normal law between the ends."""
        level, theta = at
        low, high = theta * self.low - level, theta * self.high - level
        turned = low > 0  # where shares below are all but one, those above are not
        low, high = np.where(turned, -high, low), np.where(turned, -low, high)
        below, most = log_ndtr(low), log_ndtr(high)
        return most + np.log1p(-np.exp(below - most))

    def _ends(self, at: Array) -> list[tuple[int, Array, Array, Array]]:
        """Of upper and lower ends: sign, place, z, and the density over the share."""
        level, theta = at
        log_share, found = self._log_share(at), []
        for sign, ends in ((1, self.high), (-1, self.low)):
            is_open = np.isinf(ends)
            ends = np.where(is_open, 0.0, ends)
            z = theta * ends - level
            log_density = -(z**2) / 2 - _LOG_ROOT_2_PI - log_share
            density = np.exp(np.where(is_open, -np.inf, log_density))
            found.append((sign, ends, z, density))
        return found
