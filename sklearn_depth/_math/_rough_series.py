"""Hermite coefficients of functions with jumps and kinks, to a tolerance."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite import hermite_values

Array = NDArray[np.float64]

_REACH, _N_PANELS, _N_NODES = 14.0, 112, 16
# A jump or kink splits one panel a round, so a function with thousands is too rough.
_MOST_PANELS, _MOST_ROUNDS = 4096, 60


def rough_coefficients(
    function: Callable[[Array], Array], degree: int, tolerance: float
) -> Array:
    """a_k = E f(Z) h_k(Z) for k = 0, ..., degree, to this absolute tolerance.

    Gauss-Legendre panels are halved wherever the halves disagree with the whole, so
    that each jump or kink is closed in on.
    """
    edges = np.linspace(-_REACH, _REACH, _N_PANELS + 1)
    left, width = edges[:-1], np.diff(edges)
    whole = _panel_integrals(function, left, width, degree)
    total = np.zeros(degree + 1)
    for _ in range(_MOST_ROUNDS):
        halves = _panel_integrals(
            function,
            np.stack([left, left + width / 2], axis=1).ravel(),
            np.repeat(width / 2, 2),
            degree,
        ).reshape(len(left), 2, -1)
        both = halves.sum(axis=1)
        unsettled = np.abs(both - whole).max(axis=1) > tolerance / _N_PANELS
        total += both[~unsettled].sum(axis=0)
        if not unsettled.any():
            return total
        if 2 * unsettled.sum() > _MOST_PANELS:
            break
        width = np.repeat(width[unsettled] / 2, 2)
        left = np.stack([left[unsettled], left[unsettled] + width[::2]], axis=1).ravel()
        whole = halves[unsettled].reshape(len(left), -1)
    raise ValueError(
        f"link is too rough: {int(unsettled.sum())} of the intervals in [-14, 14] do "
        f"not settle to {tolerance:.1g}. Pass a link that is smooth but for some "
        "hundreds of jumps or kinks, or raise tol."
    )


def _panel_integrals(
    function: Callable[[Array], Array], left: Array, width: Array, degree: int
) -> Array:
    """The integrals of f h_k against the Gaussian density, (n_panels, degree + 1)."""
    x, w = np.polynomial.legendre.leggauss(_N_NODES)
    nodes = left[:, None] + width[:, None] * (1 + x) / 2
    density = np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    values = function(nodes.ravel()).reshape(nodes.shape)
    mass = values * density * (width[:, None] * w / 2)
    return np.einsum("pn,kpn->pk", mass, hermite_values(nodes, degree))
