"""How random erf units add up to the indicator of a ball (Safran and Lee 2022).

Units are erf(<u, x> + b) with u ~ N(0, I/4) and b ~ N(0, 1/4) independent. Their mean
over u and a half-line of b depends on the norm of x alone. All norms below are in units
in which u has this law.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, owens_t

Array = NDArray[np.float64]

# The bias above which a unit counts as large: sqrt(2) standard deviations.
LARGE_BIAS = np.sqrt(0.5)


def _slope(norm: ArrayLike) -> Array:
    """s = 1 / sqrt(2 + norm^2)."""
    return 1 / np.hypot(np.sqrt(2), norm)


def mean_of_positive(norm: ArrayLike) -> Array:
    """E[erf(<u, x> + b) | b > 0] = (2 / pi) arctan(s), of Proposition 21."""
    return 2 / np.pi * np.arctan(_slope(norm))


def mean_of_large(norm: ArrayLike) -> Array:
    """E[erf(<u, x> + b) | b > 1 / sqrt(2)] = 4 / (1 - erf 1) T(sqrt(2), s).

    T is Owen's function (Proposition 21).
    """
    return 4 / (1 - erf(1)) * owens_t(np.sqrt(2), _slope(norm))


def ball_balance(radius: float) -> float:
    """The xi at which ``ball_profile`` is zero at ``radius``, and nowhere else.

    d mean_of_large / d mean_of_positive is proportional to exp(-s^2), so the quotient
    of the means is strictly monotone in the norm: xi falls from 0.4914 at radius 0 to
    e (1 - erf 1) = 0.4276 at infinity, and every radius has one.
    """
    return float(mean_of_positive(radius) / mean_of_large(radius))


def ball_profile(norm: ArrayLike, xi: float) -> Array:
    """f_xi = mean_of_positive - xi mean_of_large.

    With ``xi = ball_balance(radius)`` it falls from its maximum at 0 through zero at
    ``radius`` to a minimum where s^2 = ln(xi / (e (1 - erf 1))), then rises to 0 from
    below.
    """
    return mean_of_positive(norm) - xi * mean_of_large(norm)
