"""Means of hinges over directions: what a radial net of infinite width computes.

For w uniform on the unit sphere of R^d, E(r|w_1| - t)_+ = r H(t / r) with

    H(a) = E(|w_1| - a)_+ = E|w_1| (1 - a^2)^((d-1)/2) - a P(|w_1| > a),
    E|w_1| = Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2)),

and the derivative in r is E|w_1| (1 - a^2)^((d-1)/2). On the line |w_1| = 1.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline
from scipy.special import betaincc, poch

Array = NDArray[np.float64]

# A first coordinate above this over sqrt(d) has a probability below 1e-27.
_REACH = 11.0
_TABLE_SIZE = 4097


def mean_coordinate(n_features: int) -> float:
    """E|w_1|."""
    return float(1 / (np.sqrt(np.pi) * poch(n_features / 2, 0.5)))


def last_angle(n_features: int) -> float:
    """Beyond which arcsin |w_1| hardly ever lies."""
    return float(min(np.pi / 2, _REACH / np.sqrt(n_features)))


def mean_hinges(radii: Array, knots: Array, n_features: int) -> Array:
    """E(r|w_1| - t)_+ for each radius r and knot t, of shape (n_radii, n_knots)."""
    table = _hinge_table(n_features)
    ratios = _ratios(radii, knots)
    if n_features > 1:
        np.arcsin(ratios, out=ratios)
    np.minimum(ratios, table.x[-1], out=ratios)
    hinges: Array = table(ratios)
    hinges *= radii[:, None]
    return hinges


def mean_hinge_slopes(radii: Array, knots: Array, n_features: int) -> Array:
    """Their derivatives in the radius."""
    ratios = _ratios(radii, knots)
    powers: Array = (1 - ratios**2) ** ((n_features - 1) / 2)
    if n_features == 1:
        powers = (ratios < 1).astype(np.float64)
    return mean_coordinate(n_features) * powers


def _ratios(radii: Array, knots: Array) -> Array:
    """t / r, at most 1, where the hinge is 0; 0 for t = 0, also at the centre."""
    ratios = np.zeros((len(radii), len(knots))) + (knots > 0)
    inside = radii[:, None] > knots
    return np.divide(knots, radii[:, None], out=ratios, where=inside)


@lru_cache(maxsize=32)
def _hinge_table(n_features: int) -> CubicHermiteSpline:
    """H as a function of the angle arcsin(a), in which it is smooth for every d > 1.

    Exact at the nodes, with its derivative -cos(angle) P(|w_1| > a); between them off
    by less than 1e-12 of its largest value. On the line it is a function of a.
    """
    if n_features == 1:
        return CubicHermiteSpline([0, 1], [1, 0], [-1, -1])
    angle = np.linspace(0, last_angle(n_features), _TABLE_SIZE)
    sine, cosine = np.sin(angle), np.maximum(np.cos(angle), 0)
    beyond = betaincc(0.5, (n_features - 1) / 2, np.minimum(sine**2, 1))
    hinge = mean_coordinate(n_features) * cosine ** (n_features - 1) - sine * beyond
    return CubicHermiteSpline(angle, np.maximum(hinge, 0), -cosine * beyond)
