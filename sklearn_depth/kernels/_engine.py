"""Kernel matrices from angles and norms, tile by tile.

Every kernel here depends on two samples through their angle and numbers of each of them
alone. So it is an object with ``rows(norms)``, those numbers, as arrays whose last axis
is the samples, and ``pairs(gap, left, right)``, the values, element by element, from
gap = 1 - cos(angle) and the numbers of both samples.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import check_pairwise_arrays
from sklearn.utils import check_array
from sklearn.utils.extmath import row_norms, safe_sparse_dot
from sklearn.utils.sparsefuncs import min_max_axis

from sklearn_depth.utils._threads import map_parts
from sklearn_depth.utils._validation import FLOATS

# In place of Y, asks for K(x, x) of every sample.
DIAGONAL = object()

# Rows and columns of a tile: with a few arrays like it, it stays in the second cache.
_TILE = 256
# Of parallel or opposite samples 1 - cos is all rounding: it comes from differences.
_CLOSE = 1e-8
_CHUNK_ELEMENTS = 2**20


def evaluate(X, Y, make_pairs):
    """The kernel of all pairs of samples; of two 1-D samples, a float.

    ``make_pairs`` makes the kernel's object from the number of features.
    """
    if Y is DIAGONAL:
        X = check_array(X, accept_sparse="csr", dtype=FLOATS)
        return _diagonal(_blocks(make_pairs(X.shape[1]), X, X.dtype))
    if not sparse.issparse(X) and np.ndim(X) == 1 and np.ndim(Y) == 1:
        return float(evaluate([X], [Y], make_pairs)[0, 0])
    X, Y = check_pairwise_arrays(X, Y, accept_sparse="csr")
    pairs, dtype = make_pairs(X.shape[1]), X.dtype
    if Y is X:
        return _square(pairs, _blocks(pairs, X, dtype), dtype)
    if sparse.issparse(X) != sparse.issparse(Y):
        X, Y = sparse.csr_array(X), sparse.csr_array(Y)
    return _rectangle(pairs, _blocks(pairs, X, dtype), _blocks(pairs, Y, dtype), dtype)


def unit_rows(X):
    """Samples of norm 1 in float64, but for those that are 0, and the norms.

    Powers of 2 go first, so that no square overflows or vanishes.
    """
    X = X.astype(np.float64)
    if sparse.issparse(X):
        X.sum_duplicates()
        exponents = np.frexp(np.maximum(*np.abs(min_max_axis(X, axis=1))))[1]
        n_each = np.diff(X.indptr)
        X.data = np.ldexp(X.data, -np.repeat(exponents, n_each))
        lengths = row_norms(X)
        X.data /= np.repeat(np.where(lengths > 0, lengths, 1), n_each)
    else:
        exponents = np.frexp(np.maximum(X.max(axis=1), -X.min(axis=1)))[1]
        X = np.ldexp(X, -exponents[:, None])
        lengths = row_norms(X)
        X /= np.where(lengths > 0, lengths, 1)[:, None]
    with np.errstate(over="ignore"):  # the kernel's diagonal says whether it matters
        return X, np.ldexp(lengths, exponents)


@dataclass(frozen=True, eq=False)
class _Block:
    """Some samples as every pair needs them.

    rows : which they are, a slice.
    units : them over their norms.
    numbers : what the kernel needs of each.
    diagonal : K(x, x) of each.
    """

    rows: slice
    units: object
    numbers: list
    diagonal: np.ndarray


def _blocks(pairs, X, dtype):
    """The samples in blocks; refuse those at which the kernel overflows the dtype.

    K(x, x) bounds all else, for a kernel has no value above [K(x, x) K(z, z)]^(1/2).
    """
    units, norms = unit_rows(X)

    def block(start):
        rows = slice(start, min(start + _TILE, len(norms)))
        with np.errstate(over="ignore", invalid="ignore"):  # said below
            numbers = pairs.rows(norms[rows])
            gap = np.where(norms[rows] > 0, 0.0, 1.0)
            diagonal = pairs.pairs(gap, numbers, numbers).astype(dtype)
        if not np.isfinite(diagonal).all():
            norm = norms[start + int(np.argmin(np.isfinite(diagonal)))]
            raise ValueError(
                f"The kernel overflows {dtype} at a sample of norm {norm:.3g} with "
                "itself. Scale X, or lower the order, degree, depth or variances."
            )
        return _Block(rows, units[rows], numbers, diagonal)

    return _each(block, range(0, len(norms), _TILE))


def _diagonal(blocks):
    return np.concatenate([block.diagonal for block in blocks])


def _square(pairs, blocks, dtype):
    """The symmetric matrix, from the tiles at and above the diagonal."""
    n_samples = blocks[-1].rows.stop
    kernel = np.empty((n_samples, n_samples), dtype)

    def fill(tile):
        left, right = tile
        values = _tile(pairs, left, right)
        if left is right:
            values = np.triu(values, 1)
            values += values.T
        else:
            kernel[right.rows, left.rows] = values.T
        kernel[left.rows, right.rows] = values

    _each(fill, list(combinations_with_replacement(blocks, 2)))
    np.fill_diagonal(kernel, _diagonal(blocks))
    return kernel


def _rectangle(pairs, left, right, dtype):
    kernel = np.empty((left[-1].rows.stop, right[-1].rows.stop), dtype)

    def fill(tile):
        kernel[tile[0].rows, tile[1].rows] = _tile(pairs, *tile)

    _each(fill, list(product(left, right)))
    return kernel


def _each(function, items):
    """``function`` of each in threads; these would cost more than one item alone."""
    if len(items) == 1:
        return [function(items[0])]
    found = map_parts(
        lambda part: [function(item) for item in items[part]], len(items), len(items)
    )
    return [value for (value,) in found]


def _tile(pairs, left, right):
    return pairs.pairs(
        _gaps(left.units, right.units),
        [of_rows[..., :, None] for of_rows in left.numbers],
        [of_rows[..., None, :] for of_rows in right.numbers],
    )


def _gaps(x, z):
    """1 - <x, z> of unit vectors, to the rounding of the angle where it is small."""
    gap = safe_sparse_dot(x, z.T, dense_output=True)
    np.subtract(1, gap, out=gap)
    if gap.min() < _CLOSE:
        for i, j in _chunks(gap < _CLOSE, x.shape[1]):
            gap[i, j] = row_norms(x[i] - z[j], squared=True) / 2
    if gap.max() > 2 - _CLOSE:
        for i, j in _chunks(gap > 2 - _CLOSE, x.shape[1]):
            gap[i, j] = 2 - row_norms(x[i] + z[j], squared=True) / 2
    return gap


def _chunks(chosen, n_features):
    """Positions in a tile, so many at a time that their samples stay near the cache."""
    i, j = np.nonzero(chosen)
    size = max(_CHUNK_ELEMENTS // n_features, 1)
    for start in range(0, len(i), size):
        yield i[start : start + size], j[start : start + size]
