"""Monotone pieces of a function of one variable, and the laws of its values.

The pieces are found on a grid of [-14, 14] and closed in on: jumps and the ends of flat
stretches to rounding, turning points to the square root of it. What is narrower than
the grid is not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sklearn_depth._math._hermite import hermite_values
from sklearn_depth._math._tolerances import EPS

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

REACH, GRID_STEP = 14.0, 1 / 512
_MOST_PIECES = 2000
# Values closer than this share are one value: a step of a flat stretch is rounding.
_FLAT = 8 * EPS
# A jump keeps this share of its height where a cube root has lost it.
_JUMP, _HALVINGS = 0.05, 24
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Piece:
    """A stretch on which the function rises (sign 1), falls (-1) or is flat (0).

    nodes : (n_nodes,), increasing, with both ends.
    values : (n_nodes,), the function there.
    """

    nodes: Array
    values: Array
    sign: int

    def level(self, function: Function, y: Array) -> Array:
        """Where the function takes the values y, which lie between those at the ends.

        By bisection; in a jump, the place of the jump.
        """
        rising = np.maximum.accumulate(self.sign * self.values)
        place = np.clip(np.searchsorted(rising, self.sign * y), 1, len(self.nodes) - 1)
        low, high = self.nodes[place - 1], self.nodes[place]
        for _ in range(48):
            middle = (low + high) / 2
            below = self.sign * (function(middle) - y) < 0
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def monotone_pieces(function: Function) -> list[Piece]:
    """The pieces of [-14, 14], from left to right."""
    # No grid point on 0 or another round number, where functions turn.
    nodes = np.linspace(-REACH, REACH, int(2 * REACH / GRID_STEP) + 2)
    nodes = _with_jumps(function, nodes)
    nodes = _with_false_ties(function, nodes)
    values = function(nodes)
    signs = _signs(values)
    breaks = np.flatnonzero(np.diff(signs)) + 1  # nodes at which a run of signs ends
    if len(breaks) >= _MOST_PIECES:
        raise ValueError(
            f"link is too rough: it turns {len(breaks)} times in [-14, 14], and "
            f"{_MOST_PIECES} are the most. Pass a smoother link."
        )
    ends = _refined(function, nodes, values, signs, breaks)
    ends = np.concatenate([nodes[:1], np.maximum.accumulate(ends), nodes[-1:]])
    starts = np.concatenate([[0], breaks])
    return [
        _piece(function, nodes, left, right, int(signs[start]))
        for left, right, start in zip(ends[:-1], ends[1:], starts, strict=True)
    ]


def _piece(
    function: Function, nodes: Array, left: float, right: float, sign: int
) -> Piece:
    inner = nodes[np.searchsorted(nodes, left, "right") : np.searchsorted(nodes, right)]
    nodes = np.concatenate([[left], inner, [right]])
    return Piece(nodes, function(nodes), sign)


def _signs(values: Array) -> NDArray[np.intp]:
    """Whether the function rises, falls or is flat between neighbours."""
    step = np.diff(values)
    size = np.maximum(np.abs(values[1:]), np.abs(values[:-1]))
    return np.where(np.abs(step) <= _FLAT * size, 0, np.sign(step)).astype(np.intp)


def _with_jumps(function: Function, nodes: Array) -> Array:
    """The nodes, and both sides of each jump."""
    left, right = nodes[:-1], nodes[1:]
    height = np.abs(function(right) - function(left))
    jumping = height > _FLAT * np.maximum(np.abs(function(right)), 1e-300)
    left, right, height = left[jumping], right[jumping], height[jumping]
    for halvings in (_HALVINGS, 50 - _HALVINGS):
        for _ in range(halvings):
            middle = (left + right) / 2
            at_left, at_middle, at_right = map(function, (left, middle, right))
            in_left = np.abs(at_middle - at_left) > np.abs(at_right - at_middle)
            left = np.where(in_left, left, middle)
            right = np.where(in_left, middle, right)
        kept = np.abs(function(right) - function(left)) > _JUMP * height
        left, right, height = left[kept], right[kept], height[kept]
    return np.unique(np.concatenate([nodes, left, right]))


def _with_false_ties(function: Function, nodes: Array) -> Array:
    """The nodes, and one between equal values wherever the function is not flat."""
    values = function(nodes)
    tied = np.flatnonzero(_signs(values) == 0)
    between = nodes[tied] + 0.38 * (nodes[tied + 1] - nodes[tied])
    found = function(between)
    turning = np.abs(found - values[tied]) > _FLAT * np.abs(found)
    return np.unique(np.concatenate([nodes, between[turning]]))


def _refined(
    function: Function,
    nodes: Array,
    values: Array,
    signs: NDArray[np.intp],
    breaks: NDArray[np.intp],
) -> Array:
    """Where exactly the runs of signs end."""
    before, after = signs[breaks - 1], signs[breaks]
    ends = nodes[breaks].copy()
    turn = before * after < 0
    if turn.any():
        at = breaks[turn]
        found = _maximum(function, nodes[at - 1], nodes[at + 1], before[turn])
        better = before[turn] * (function(found) - values[at]) > 0
        ends[turn] = np.where(better, found, nodes[at])
    for flat_side, step in ((before == 0, 1), (after == 0, -1)):
        at = breaks[flat_side]
        if len(at):
            ends[flat_side] = _flat_end(function, nodes[at], nodes[at + step])
    return ends


def _maximum(function: Function, low: Array, high: Array, sign: NDArray) -> Array:
    """Where sign times the function is largest, by golden section."""
    for _ in range(60):
        step = _GOLDEN * (high - low)
        one, other = high - step, low + step
        rises = sign * (function(other) - function(one)) > 0
        low, high = np.where(rises, one, low), np.where(rises, high, other)
    return (low + high) / 2


def _flat_end(function: Function, flat: Array, beyond: Array) -> Array:
    """The last point, from ``flat`` to ``beyond``, with the value at ``flat``."""
    value = function(flat)
    for _ in range(50):
        middle = (flat + beyond) / 2
        same = np.abs(function(middle) - value) <= _FLAT * np.abs(value)
        flat, beyond = np.where(same, middle, flat), np.where(same, beyond, middle)
    return flat


def moments_below(z: Array, degree: int) -> Array:
    """E[h_k(Z) 1{Z <= z}] for k = 0, ..., degree, (n_points, degree + 1)."""
    found = np.zeros((len(z), degree + 1))
    found[:, 0] = ndtr(z)
    inside = np.isfinite(z)
    density = np.exp(-(z[inside] ** 2) / 2) / np.sqrt(2 * np.pi)
    if degree:
        lower = hermite_values(z[inside], degree - 1).T
        roots = np.sqrt(np.arange(1, degree + 1))
        found[inside, 1:] = -density[:, None] * lower / roots
    return found
