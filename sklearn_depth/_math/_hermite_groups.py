"""Kernels of Hermite products by their degree and the number of features they join.

The products of degree s that join m features sum to the coefficient of t^s u^m in

    prod_j (1 + u f_j),    f_j = sum_k t^k h_k(x_j) h_k(z_j),

an elementary symmetric polynomial of the f_j. Newton's identities give it from power
sums, which are matrix products over features:

    m e_m = sum_{r = 1}^m (-1)^(r-1) e_(m-r) p_r,    p_r = sum_j f_j^r.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite import hermite_values

Array = NDArray[np.float64]
Group = tuple[int, int]


def group_names(degree: int, n_joined: int) -> list[Group]:
    """The pairs (degree, features joined) up to a degree and a number of features."""
    return [
        (s, m) for s in range(1, degree + 1) for m in range(1, min(s, n_joined) + 1)
    ]


@dataclass(frozen=True)
class HermiteGroups:
    """All Hermite products up to a degree, by (degree, features joined).

    degree : the largest.
    n_joined : the most features that one product joins.
    exponents : (n_features,), the largest exponent of each feature.
    """

    degree: int
    n_joined: int
    exponents: NDArray[np.intp]

    @property
    def names(self) -> list[Group]:
        """The groups, by degree."""
        return group_names(self.degree, min(self.n_joined, len(self.exponents)))

    def factors(self, z: NDArray) -> list[Array]:
        """What kernels need: a matrix F for each group, with p_m = F F' at t^s.

        In it stand the products of m polynomials of one feature, of degrees that sum to
        s, times the root of the number of their orders.
        """
        values = hermite_values(z.astype(np.float64, copy=False), self.degree)
        for k in range(1, self.degree + 1):
            values[k][:, self.exponents < k] = 0
        return [
            np.hstack(
                [
                    sqrt(_orders(parts)) * prod(values[k] for k in parts)
                    for parts in _partitions(s, m)
                ]
            )
            for s, m in self.names
        ]

    def kernels(self, left: list[Array], right: list[Array]) -> list[Array]:
        """The kernel of each group for all pairs of samples, from their factors."""
        return self._elementary([a @ b.T for a, b in zip(left, right, strict=True)])

    def diagonals(self, rows: list[Array]) -> list[Array]:
        """The kernel of each group for each sample with itself."""
        return self._elementary([np.einsum("ij,ij->i", a, a) for a in rows])

    def _elementary(self, power_sums: list[Array]) -> list[Array]:
        """Elementary symmetric polynomials, by Newton's identities."""
        sums = dict(zip(self.names, power_sums, strict=True))
        found: dict[Group, Array] = {}
        for s, m in self.names:  # of fewer features, and lower degree, before
            if not self._has_products(s, m):  # where rounding would remain
                found[s, m] = np.zeros_like(sums[s, m])
                continue
            total = sums[s, m] if m % 2 else -sums[s, m]
            for r in range(1, m):
                for q in range(r, s - (m - r) + 1):
                    part = found[s - q, m - r] * sums[q, r]
                    total = total + part if r % 2 else total - part
            found[s, m] = total / m
        return list(found.values())

    def _has_products(self, s: int, m: int) -> bool:
        """Whether there are m features whose exponents may sum to s."""
        largest = np.sort(self.exponents)[-m:]
        return bool(largest[0] > 0 and s <= largest.sum())


def _partitions(total: int, n_parts: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """So many positive integers of this sum, ascending."""
    if n_parts == 1:
        yield (total,)
        return
    for first in range(least, total // n_parts + 1):
        for rest in _partitions(total - first, n_parts - 1, first):
            yield first, *rest


def _orders(parts: tuple[int, ...]) -> int:
    """In how many orders they can stand."""
    counts = (parts.count(k) for k in set(parts))
    return factorial(len(parts)) // prod(factorial(count) for count in counts)
