"""Hermite moments of Z ~ N(0, 1) given y = f(Z) + noise, cell by cell of y.

A cell holds E[h_k(Z) 1{y in cell}], exact but for rounding: no density is divided by,
and where E[h_k(Z) | y] is 0 the moment is 0, however wide the cell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sklearn_depth._math._level_sets import (
    REACH,
    Array,
    Function,
    Piece,
    moments_below,
    monotone_pieces,
)
from sklearn_depth._math._tolerances import EPS

# Cells are at most so wide in z, where |z| <= 6; of noise, in its standard deviations.
_BULK, CELL_WIDTH = 6.0, 1 / 200
_NOISE_STEP, _NOISE_REACH, _FAR = 1 / 32, 6.0, 9.0
# Lighter cells are joined, since their moments are rounding beside their mass, and
# narrower ones, as shares of their y.
_LEAST_MASS, _LEAST_ATOM, _NO_MASS, _NARROW = 1e-9, 1e-5, 1e-15, 1e-11
# Values closer than this share are one value: sums that cancel, at turns near one.
_TIE = 512 * EPS


@dataclass(frozen=True)
class Cells:
    """Intervals of y, increasing; an atom of y is one of length 0.

    low, high : (n_cells,), their ends.
    moments : (n_cells, degree + 1), E[h_k(Z) 1{y in cell}]; the mass for k = 0.
    """

    low: Array
    high: Array
    moments: Array

    def strengths(self) -> Array:
        """E[E[h_k(Z) | cell of y]^2] for each k, 1 for k = 0."""
        return (self.moments**2 / self.moments[:, :1]).sum(axis=0)

    def joined(self) -> "Cells":
        """Neighbours together where they are light, an atom with no other cell.

        Those that are narrow for the float type as well, whose preimages rounding may
        have parted. An atom that is light itself may be where rounding ends.
        """
        atom = (self.low == self.high) & (self.moments[:, 0] > _LEAST_ATOM)
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        ends, mass = [0], 0.0
        for k, more in enumerate(self.moments[:, 0]):
            wide = self.high[k - 1] - self.low[ends[-1]] > _NARROW * size[k]
            heavy = wide and mass >= _LEAST_MASS
            if k and (heavy or atom[k] or atom[k - 1]):
                ends.append(k)
                mass = 0.0
            mass += more
        wide = self.high[-1] - self.low[ends[-1]] > _NARROW * size[-1]
        alone = atom[-1] or atom[ends[-1] - 1] or (wide and mass >= _LEAST_MASS)
        if len(ends) > 1 and not alone:
            ends.pop()
        first = np.array(ends)
        last = np.append(first[1:], len(self.low)) - 1
        moments = np.add.reduceat(self.moments, first, axis=0)
        return Cells(self.low[first], self.high[last], moments)


def conditional_moments(function: Function, degree: int, noise: float) -> Cells:
    """The cells of y = f(Z) + noise * N(0, 1)."""
    cells = _exact_cells(function, degree)
    return (_with_noise(cells, noise) if noise > 0 else cells).joined()


def _exact_cells(function: Function, degree: int) -> Cells:
    pieces = monotone_pieces(function)
    slopes = [piece for piece in pieces if piece.sign]
    values = [piece.values[[0, -1]] for piece in slopes]
    low, high, moments = _atoms(pieces, degree)
    if slopes:
        bulk = np.linspace(-_BULK, _BULK, int(2 * _BULK / CELL_WIDTH) + 2)
        tail = np.linspace(_BULK, REACH, 64)[1:]
        at = function(np.concatenate([-tail, bulk, tail]))
        edges = _distinct(np.concatenate([at, *values, low]))
        edges[[0, -1]] = np.min(values), np.max(values)
        below = np.zeros((len(edges), degree + 1))
        for k, piece in enumerate(pieces):
            if piece.sign:
                outer = (k == 0, k == len(pieces) - 1)
                below += _below(piece, function, edges, degree, outer)
        low = np.concatenate([low, edges[:-1]])
        high = np.concatenate([high, edges[1:]])
        moments = np.concatenate([moments, np.diff(below, axis=0)])
    kept = moments[:, 0] > _NO_MASS
    low, high, moments = low[kept], high[kept], moments[kept]
    order = np.lexsort([high, low])
    return Cells(low[order], high[order], moments[order])


def _atoms(pieces: list[Piece], degree: int) -> tuple[Array, Array, Array]:
    """Values of flat pieces, twice, and their moments; equal values are one atom."""
    flat = [(k, piece) for k, piece in enumerate(pieces) if piece.sign == 0]
    if not flat:
        return np.empty(0), np.empty(0), np.empty((0, degree + 1))
    last = len(pieces) - 1
    left = np.array([-np.inf if k == 0 else piece.nodes[0] for k, piece in flat])
    right = np.array([np.inf if k == last else piece.nodes[-1] for k, piece in flat])
    values = np.array([np.median(piece.values) for _, piece in flat])
    parts = moments_below(right, degree) - moments_below(left, degree)
    atoms = _distinct(values)
    place = np.abs(values[:, None] - atoms).argmin(axis=1)
    moments = np.zeros((len(atoms), degree + 1))
    np.add.at(moments, place, parts)
    return atoms, atoms, moments


def _below(
    piece: Piece, function: Function, y: Array, degree: int, outer: tuple[bool, bool]
) -> Array:
    """E[h_k(Z) 1{Z in the piece, f(Z) <= y}]; outer pieces go on to infinity."""
    ends = np.array(
        [
            -np.inf if outer[0] else piece.nodes[0],
            np.inf if outer[1] else piece.nodes[-1],
        ]
    )
    bottom, top = np.sort(piece.values[[0, -1]])
    # What is an end up to rounding is one: the square root of that lies beside a turn.
    y = np.where(_tied(y, bottom), bottom, np.where(_tied(y, top), top, y))
    inside = (y > bottom) & (y < top)
    z = np.where((y >= top) == (piece.sign > 0), ends[1], ends[0])
    z[inside] = piece.level(function, y[inside])
    start = ends[0] if piece.sign > 0 else ends[1]
    found: Array = moments_below(z, degree) - moments_below(np.array([start]), degree)
    return piece.sign * found


def _distinct(values: Array) -> Array:
    """Increasing, values equal to rounding once."""
    values = np.unique(values)
    return values[np.append(True, ~_tied(values[1:], values[:-1]))]


def _tied(one: Array, other: Array) -> NDArray[np.bool_]:
    """Whether values are equal up to rounding."""
    size = np.maximum(np.abs(one), np.abs(other))
    return np.abs(one - other) <= _TIE * size


def _with_noise(cells: Cells, noise: float) -> Cells:
    """Cells of y + noise * N(0, 1), for y uniform inside each cell."""
    edges = _noisy_edges(cells, noise)
    below = np.zeros((len(edges) + 1, cells.moments.shape[1]))
    for rows in range(0, len(edges), 256):
        some = edges[rows : rows + 256]
        below[rows : rows + len(some)] = _smoothed(some, cells, noise) @ cells.moments
    below[-1] = cells.moments.sum(axis=0)
    low = np.append(edges[0], edges)
    high = np.append(edges, edges[-1])
    moments = np.diff(below, axis=0, prepend=0)
    kept = moments[:, 0] > _NO_MASS
    return Cells(low[kept], high[kept], moments[kept])


def _smoothed(y: Array, cells: Cells, noise: float) -> Array:
    """P(cell + noise <= y), (n_points, n_cells)."""
    width = (cells.high - cells.low) / noise
    above = (y[:, None] - cells.low) / noise
    narrow = width < 1e-3
    found = np.empty(above.shape)
    found[:, narrow] = ndtr(above[:, narrow] - width[narrow] / 2)
    above, width = above[:, ~narrow], width[~narrow]
    part = (_integral(above) - _integral(above - width)) / width
    # Far above a cell the difference of integrals is rounding.
    found[:, ~narrow] = np.where(above - width > _FAR, 1.0, part)
    return found


def _integral(x: NDArray) -> NDArray:
    """The integral of the normal distribution function up to x."""
    return x * ndtr(x) + np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _noisy_edges(cells: Cells, noise: float) -> Array:
    """Ends of cells, and steps of noise around atoms and the ends of gaps."""
    left = np.append(True, cells.low[1:] > cells.high[:-1])
    right = np.append(left[1:], True)
    atom = cells.low == cells.high
    anchors = np.concatenate([cells.low[left | atom], cells.high[right | atom]])
    steps = np.arange(-_NOISE_REACH, _NOISE_REACH, _NOISE_STEP) * noise
    around = (_thinned(anchors, noise / 4)[:, None] + steps).ravel()
    return _thinned(
        np.concatenate([cells.low, cells.high, around]), _NOISE_STEP * noise
    )


def _thinned(values: Array, least: float) -> Array:
    """Increasing, each further from the last one than 0.99 of the least step."""
    kept: list[float] = []
    for value in np.unique(values):
        if not kept or value - kept[-1] > 0.99 * least:
            kept.append(float(value))
    return np.array(kept)
