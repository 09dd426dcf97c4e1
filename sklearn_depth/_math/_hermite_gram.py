"""Gram matrices of Hermite products, from fewer sums than they have entries.

h_a h_b is a linear combination of h_c, |c| <= |a| + |b|, so the Gram matrix of all
products up to total degree D follows from the moments sum_i w_i h_c(x_i), |c| <= 2D.
In d features these are C(d + 2D, 2D) numbers in place of C(d + D, D)^2 / 2: 7 times
fewer for D = 3 in 20 features, and up to (2D)! / (2 D!^2) times.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import comb, factorial, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.integer]


class IndexLattice:
    """All multi-indices up to a degree, and where adding or taking off e_j leads.

    A multi-index is held as the numbers of its features in ascending order, repeated by
    exponent. They stand by degree, then in lexical order of these, as the terms of
    ``term_tree`` do with the empty one before them.

    starts : where each degree begins, and the end.
    columns : for each degree, (n_indices, degree), features.
    exponents : (n_below, n_features), for all c below the largest degree.
    up : (n_below, n_features), position of c + e_j.
    down : (n_below, n_features), position of c - e_j; 0 where c has no j.
    """

    def __init__(self, n_features: int, degree: int) -> None:
        self.starts = [0] + [comb(n_features + s, s) for s in range(degree + 1)]
        self.columns: list[Indices] = [np.zeros((1, 0), dtype=np.intp)]
        every = np.arange(n_features)
        parent = last = np.zeros(1, dtype=np.intp)
        up: list[Indices] = []
        for start, after in pairwise(self.starts[:-1]):
            n_children = n_features - last
            # The position of c with a further last feature j is child[c] + j.
            child = after + np.cumsum(n_children) - n_children - last
            above = child[:, None] + every
            if up:  # below the last feature, insert into the parent first
                inserted = child[up[-1][parent] - start] + last[:, None]
                above = np.where(every >= last[:, None], above, inserted)
            up.append(above)
            parent = np.repeat(np.arange(len(last)), n_children)
            last = np.arange(after, after + len(parent)) - child[parent]
            self.columns.append(np.column_stack([self.columns[-1][parent], last]))
        self.up = np.concatenate(up, dtype=np.int32, casting="same_kind")
        self.down = np.zeros_like(self.up)
        below = np.arange(self.starts[-3])
        self.down[self.up[below], every] = below[:, None]
        self.exponents = np.zeros(self.up.shape, dtype=np.int8)
        for start, columns in zip(self.starts, self.columns[:-1], strict=False):
            for column in columns.T:
                self.exponents[np.arange(start, start + len(columns)), column] += 1

    def insert(self, place: Indices, columns: Indices) -> Indices:
        """Where a + b stands, for the a at ``place`` and the b with these features."""
        place = place[:, None]
        for column in columns.T:
            place = self.up[place, column]
        return place


@dataclass(frozen=True)
class _Pairs:
    """Factors a with last feature j, and b of one degree in features from j on.

    a : their rows among the leading factors.
    b : their rows among the terms.
    columns : (n_b, degree), the features of b.
    place : (n_a, n_b), where a + b stands.
    shared : j.
    """

    a: slice
    b: slice
    columns: Indices
    place: Indices
    shared: int


class HermiteGram:
    """The sums behind a Gram matrix of Hermite products, and the matrix from them.

    A multi-index of degree D + s, s > 0, is a + b with a its first D features and b its
    last s, which share one feature j at most. So one matrix product for each j and s
    holds a sum of h_a h_b for every multi-index, once. From it and

        h_m h_n = sum_k l(m, n, k) h_{m+n-2k}

    in the shared feature follow the moments, degree by degree. The Gram matrix grows
    from them by a feature to either index: x_j h_c = sqrt(c_j + 1) h_{c + e_j} +
    sqrt(c_j) h_{c - e_j}. Both steps lose digits as the degree grows: one in all up to
    D = 5, three at D = 10.
    """

    def __init__(self, n_features: int, degree: int) -> None:
        self.n_features, self.degree = n_features, degree
        self.lattice = lattice = IndexLattice(n_features, 2 * degree)
        self.n_terms = lattice.starts[degree + 1] - 1
        last = lattice.columns[degree][:, -1]
        order = np.argsort(last, kind="stable")
        self._leading = lattice.starts[degree] - 1 + order
        edges = np.searchsorted(last[order], np.arange(n_features + 1)).tolist()
        self._pairs = [
            self._pair(j, slice(*edges[j : j + 2]), s)
            for s in range(1, degree + 1)
            for j in range(n_features)
        ]
        self._linear = linearisation(degree)
        self.n_products = sum(pair.place.size for pair in self._pairs)

    def _pair(self, j: int, a: slice, degree: int) -> _Pairs:
        columns = self.lattice.columns[degree][-_count(self.n_features - j, degree) :]
        end = self.lattice.starts[degree + 1] - 1
        place = self.lattice.insert(self._leading[a] + 1, columns)
        return _Pairs(a, slice(end - len(columns), end), columns, place, j)

    def __reduce__(self) -> tuple:
        return HermiteGram, (self.n_features, self.degree)

    def products(self, values: Array, weight: Array | None = None) -> Array:
        """sum_i w_i h_a(x_i) h_b(x_i) of all pairs, from ``values`` (n_terms, n)."""
        leading = values[self._leading]
        if weight is not None:
            leading *= weight
        found = np.empty(self.n_products)
        for pair, of_pair in zip(self._pairs, self._split(found), strict=True):
            np.matmul(leading[pair.a], values[pair.b].T, out=of_pair)
        return found

    def gram(self, weight: float, sums: Array, products: Array) -> Array:
        """The Gram matrix (n_terms, n_terms) about the origin.

        From the total weight of the samples, the sums of the terms and the products.
        """
        moments = self._moments(weight, sums, products)
        gram = np.empty((self.n_terms, self.n_terms))
        for s, columns in enumerate(self._columns(moments), start=1):
            order = np.lexsort(self.lattice.columns[s].T)  # what columns are sorted by
            gram[:, self.lattice.starts[s] - 1 + order] = columns[1 : self.n_terms + 1]
        return gram

    def _split(self, products: Array) -> list[Array]:
        """The products as a matrix for each of the pairs."""
        shapes = [pair.place.shape for pair in self._pairs]
        edges = np.cumsum([0] + [n_a * n_b for n_a, n_b in shapes]).tolist()
        return [
            products[start:stop].reshape(shape)
            for (start, stop), shape in zip(pairwise(edges), shapes, strict=True)
        ]

    def _moments(self, weight: float, sums: Array, products: Array) -> Array:
        """sum_i w_i h_c(x_i) for all c up to twice the degree."""
        moments = np.empty(self.lattice.starts[-1])
        moments[0], moments[1 : self.n_terms + 1] = weight, sums
        for pair, of_pair in zip(self._pairs, self._split(products), strict=True):
            moments[pair.place] = of_pair
            self._unlink(moments, pair)
        return moments

    def _unlink(self, moments: Array, pair: _Pairs) -> None:
        """From sums of h_a h_b to moments, where a and b share feature j."""
        lattice, j = self.lattice, pair.shared
        without = self._leading[pair.a] + 1
        m = lattice.exponents[without, j].astype(np.intp)[:, None]
        n = np.sum(pair.columns == j, axis=1)
        for k in range(1, n.max() + 1):  # the b with j^k come first
            n_k = np.count_nonzero(n >= k)
            without = lattice.down[without, j]
            lower = moments[lattice.insert(without, pair.columns[:n_k, k:])]
            moments[pair.place[:, :n_k]] -= self._linear[m, n[:n_k], k] * lower
        n_1 = np.count_nonzero(n)
        moments[pair.place[:, :n_1]] /= self._linear[m, n[:n_1], 0]

    def _columns(self, moments: Array) -> list[Array]:
        """sum_i w_i h_c(x_i) h_b(x_i), a column each b, a matrix each degree of b > 0.

        Columns stand in ascending order of the last feature of b, then the last but
        one, and so on: those of b within features 0, ..., j come first, and the same b
        with a further j are the next degree's columns that end with feature j.
        """
        levels = [np.empty((len(moments), 0)), moments[:, None]]
        power = np.zeros(1)  # exponent of the last feature of each b
        for s in range(self.degree):
            rows = slice(self.lattice.starts[2 * self.degree - s])
            level = np.empty((rows.stop, _count(self.n_features, s + 1)))
            powers, stop = [], 0
            for j in range(self.n_features):
                n_b, n_lower = _count(j + 1, s), _count(j + 1, s - 1) if s else 0
                of_j = power[:n_b].copy()
                of_j[: n_b - n_lower] = 0  # b that end before j
                block = self._times(levels[-1][:, :n_b], j, rows)
                with_j = slice(n_b - n_lower, n_b)
                block[:, with_j] -= np.sqrt(of_j[with_j]) * levels[-2][rows, :n_lower]
                start, stop = stop, stop + n_b
                np.divide(block, np.sqrt(of_j + 1), out=level[:, start:stop])
                powers.append(of_j + 1)
            levels.append(level)
            power = np.concatenate(powers)
        return levels[2:]

    def _times(self, columns: Array, j: int, rows: slice) -> Array:
        """x_j h_c in place of h_c, for the multi-indices c of these rows."""
        exponent = self.lattice.exponents[rows, j, None].astype(np.float64)
        product: Array = columns[self.lattice.up[rows, j]]
        product *= np.sqrt(exponent + 1)
        has = np.flatnonzero(exponent)
        product[has] += np.sqrt(exponent[has]) * columns[self.lattice.down[has, j]]
        return product


def _count(n_features: int, degree: int) -> int:
    """How many multi-indices there are of this degree."""
    return comb(n_features + degree - 1, degree)


def linearisation(degree: int) -> Array:
    """l(m, n, k) = sqrt(m! n! (m+n-2k)!) / (k! (m-k)! (n-k)!), up to a degree."""
    table = np.zeros((degree + 1,) * 3)
    for m in range(degree + 1):
        for n in range(degree + 1):
            for k in range(min(m, n) + 1):
                orders = factorial(m) * factorial(n) * factorial(m + n - 2 * k)
                table[m, n, k] = sqrt(orders) / (
                    factorial(k) * factorial(m - k) * factorial(n - k)
                )
    return table
