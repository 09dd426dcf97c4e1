"""Multi-indices of multivariate polynomials, held as a tree of one-factor products."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite import hermite_values

# A term is a tuple of (column of X, exponent) pairs with increasing columns.
Term = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class TermTree:
    """Every term as its parent term times one univariate factor.

    Term k is ``parent[k]`` times ``h_{exponent[k]}(x_{column[k]})``; a parent of -1 is
    the constant. Parents stand before their children, so one pass evaluates them all
    with one multiplication a term.
    """

    parent: NDArray[np.intp]
    column: NDArray[np.intp]
    exponent: NDArray[np.intp]

    def terms(self) -> list[Term]:
        """The terms themselves, each as its (column, exponent) pairs."""
        found: list[Term] = []
        for parent, column, exponent in self._factors():
            head = found[parent] if parent >= 0 else ()
            found.append((*head, (column, exponent)))
        return found

    def values(self, x: NDArray) -> NDArray:
        """Evaluate every term at the samples ``x``, stacked along the first axis."""
        degree = int(self.exponent.max())
        powers = hermite_values(np.ascontiguousarray(x.T), degree)
        values = np.empty((len(self.parent) + 1, len(x)), dtype=x.dtype)
        values[-1] = 1.0  # the constant: row -1, where parents of -1 find it
        for run, parent, exponent, columns in self._runs:
            np.multiply(values[parent], powers[exponent, columns], out=values[run])
        return values[:-1]

    @cached_property
    def _runs(self) -> list[tuple[slice, int, int, slice]]:
        """Terms in a row whose factors differ by their column alone, one after another.

        Each as (terms, parent, exponent, columns): one broadcast product makes all.
        """
        breaks = (np.diff(self.parent) != 0) | (np.diff(self.exponent) != 0)
        breaks |= np.diff(self.column) != 1
        edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(self.parent)]
        runs = []
        for start, stop in pairwise(edges):
            column = int(self.column[start])
            columns = slice(column, column + stop - start)
            parent, exponent = int(self.parent[start]), int(self.exponent[start])
            runs.append((slice(start, stop), parent, exponent, columns))
        return runs

    def _factors(self) -> Iterator[tuple[int, int, int]]:
        """Parent, column and exponent, term by term."""
        return zip(
            self.parent.tolist(),
            self.column.tolist(),
            self.exponent.tolist(),
            strict=True,
        )


def exponent_shapes(
    degree: int, max_interaction: int, norm: float
) -> list[list[tuple[int, ...]]]:
    """The positive exponents that s interacting features may have, for s = 1, 2, ...

    Kept are the tuples whose ``norm``-norm is at most ``degree``: 1 gives total degree,
    values below 1 the hyperbolic crosses that thin out interactions.
    """
    shapes: list[list[tuple[int, ...]]] = []
    limit = degree**norm * (1 + 1e-12)
    kept: list[tuple[int, ...]] = [()]
    for _ in range(max_interaction):
        # Dropping a factor lowers the norm, so every tuple extends a kept one.
        kept = [
            (*shape, exponent)
            for shape in kept
            for exponent in range(1, degree + 1)
            if sum(e**norm for e in shape) + exponent**norm <= limit
        ]
        if not kept:
            break
        shapes.append(kept)
    return shapes


def count_terms(
    n_features: int, degree: int, max_interaction: int | None = None, norm: float = 1.0
) -> int:
    """The number of terms, the constant left out, without listing any."""
    most = min(n_features, max_interaction or degree, degree)
    if norm == 1:  # C(degree, s) tuples of s positive exponents sum to at most degree
        return sum(comb(n_features, s) * comb(degree, s) for s in range(1, most + 1))
    shapes = exponent_shapes(degree, most, norm)
    return sum(
        comb(n_features, s) * len(kept) for s, kept in enumerate(shapes, start=1)
    )


def term_tree(
    n_features: int, degree: int, max_interaction: int | None = None, norm: float = 1.0
) -> TermTree:
    """List all terms by total degree, then by features, as a tree."""
    most = min(n_features, max_interaction or degree)
    terms = [
        tuple(zip(columns, exponents, strict=True))
        for s, kept in enumerate(exponent_shapes(degree, most, norm), start=1)
        for columns in combinations(range(n_features), s)
        for exponents in kept
    ]
    terms.sort(key=lambda term: (sum(e for _, e in term), _columns(term)))
    position = {term: k for k, term in enumerate(terms)}
    return TermTree(
        parent=np.array([position.get(term[:-1], -1) for term in terms], dtype=np.intp),
        column=np.array([term[-1][0] for term in terms], dtype=np.intp),
        exponent=np.array([term[-1][1] for term in terms], dtype=np.intp),
    )


def _columns(term: Term) -> tuple[int, ...]:
    """The features of a term, repeated by exponent: (0, 0, 3) for x0² x3."""
    return tuple(column for column, exponent in term for _ in range(exponent))
