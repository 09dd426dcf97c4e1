"""Polynomials of few variables as sums of functions of one projection each.

Since E[h_k(<w, u>) h_k(<w', u>)] = <w, w'>^k for u ~ N(0, I), the units h_k(<w_j, u>)
of a degree times K^(-1/2), K_ij = <w_i, w_j>^k, are orthonormal. From as many
directions as the degree has products, they span all of it, and a prior variance on
their coefficients does not depend on which directions those are.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._spheres import random_directions
from sklearn_depth._solvers.ridge._spectrum import Array

# Directions are chosen among so many times their number.
_CHOICE = 8


@dataclass(frozen=True, eq=False)
class Design:
    """Units that span all polynomials of degrees 2 to the highest.

    directions : (n_units, rank), of length 1.
    degrees : (n_units,).
    mixing : (n_units, n_units), with the block K^(-1/2) for each degree.
    """

    directions: Array
    degrees: NDArray[np.intp]
    mixing: Array


@lru_cache
def design_of(rank: int, degree: int) -> Design:
    """The same for each rank and degree."""
    rng = np.random.default_rng(0)
    pairs = [_degree_block(rank, k, rng) for k in range(2, degree + 1)]
    chosen, blocks = zip(*pairs, strict=True)
    degrees = np.repeat(np.arange(2, degree + 1), [len(block) for block in blocks])
    return Design(np.concatenate(chosen), degrees, linalg.block_diag(*blocks))


def n_products(rank: int, degree: int) -> int:
    """How many products of Hermite polynomials there are, but for the constant."""
    return comb(rank + degree, degree) - 1


def _degree_block(
    rank: int, degree: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Directions for a degree, and K^(-1/2).

    Those are the pivots of a Cholesky factorisation of K for many at random: each has
    the most that the ones before it do not span.
    """
    n_units = comb(rank + degree - 1, degree)
    many = random_directions(_CHOICE * n_units, rank, rng)
    _, pivots, *_ = linalg.lapack.dpstrf((many @ many.T) ** degree, lower=1)
    chosen = many[pivots[:n_units] - 1]
    values, vectors = np.linalg.eigh((chosen @ chosen.T) ** degree)
    return chosen, (vectors / np.sqrt(values)) @ vectors.T
