"""Means over directions of hinges at equidistant knots, and the network they make."""

import numpy as np
from scipy import sparse

from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._threads import map_parts

# Projections held at once, samples times directions: with their bins they stay in the
# second-level cache.
_BLOCK_ROWS, _BLOCK_DIRECTIONS = 384, 512


def direction_means(X, center, directions, knots):
    """``mean_j (|<w_j, x - c>| - t_k)_+`` of shape (n_samples, n_knots).

    Each projection is put into the bin between two knots once; sums and counts of all
    bins above a knot give its hinge. So the cost does not grow with the knots, nor the
    memory with the directions.
    """
    means = np.empty((len(X), len(knots)))
    step = float(knots[1] - knots[0]) if len(knots) > 1 else 1.0

    def fill(rows):
        with np.errstate(over="ignore"):  # said below
            scaled = np.divide(X[rows] - center, step, dtype=np.float64)
        _check_overflow(scaled, X.dtype)
        scaled = scaled.astype(X.dtype, copy=False)
        means[rows] = step * _hinge_means(scaled, directions, len(knots))

    map_parts(fill, len(X), most=-(-len(X) // _BLOCK_ROWS))
    return means.astype(X.dtype, copy=False)


def _check_overflow(scaled, dtype):
    """Refuse samples whose sums of projections might leave the float type."""
    largest = np.abs(scaled).max()
    limit = np.finfo(dtype).max / (scaled.shape[1] * _BLOCK_DIRECTIONS)
    if not largest < limit:
        raise ValueError(
            f"X has an entry {largest:.3g} times as far from the centre as knots are "
            f"from each other; sums of its projections overflow {dtype}. Scale X, or "
            "leave the sample out."
        )


def _hinge_means(scaled, directions, n_knots):
    """The same of few samples x - c, with knots 0, 1, 2, ..."""
    histograms = _Histograms(len(scaled), n_knots, scaled.dtype)
    counts, sums = np.zeros((2, len(scaled), n_knots))
    for start in range(0, len(directions), _BLOCK_DIRECTIONS):
        some = directions[start : start + _BLOCK_DIRECTIONS]
        block_counts, block_sums = histograms.of(some, scaled)
        counts += block_counts
        sums += block_sums
    above = np.cumsum(np.stack([counts, sums])[:, :, ::-1], axis=2)[:, :, ::-1]
    return (above[1] - np.arange(n_knots) * above[0]) / len(directions)


class _Histograms:
    """Counts and sums of a block's projections by their integer part, the last open.

    In memory of its own: fresh memory for each block would take as long as the bins.
    """

    def __init__(self, n_rows, n_bins, dtype):
        shape = _BLOCK_DIRECTIONS, n_rows
        self.n_bins, self.shape = n_bins, (1, n_rows * n_bins)
        self.projections, self.bins = np.empty(shape, dtype), np.empty(shape, np.int32)
        self.ones = np.ones(_BLOCK_DIRECTIONS * n_rows, dtype=np.int16)
        self.offsets = n_bins * np.arange(n_rows, dtype=np.int32)

    def of(self, directions, rows):
        """Those of each sample's projections on some directions: (n_rows, n_bins)."""
        # One row a direction: neighbours in memory then go to bins far apart, and no
        # addition waits for the one before it.
        values, bins = self.projections[: len(directions)], self.bins[: len(directions)]
        np.matmul(directions, rows.T, out=values)
        np.abs(values, out=values)
        np.minimum(values, self.n_bins - 1, out=bins, casting="unsafe")  # rounds down
        bins += self.offsets
        return self._add_up(self.ones[: bins.size], bins), self._add_up(values, bins)

    def _add_up(self, numbers, bins):
        # SciPy's conversion of a sparse row adds up duplicates, as a histogram does.
        start_stop = np.array([0, bins.size], dtype=np.int32)
        row = sparse.csr_array((numbers.ravel(), bins.ravel(), start_stop), self.shape)
        return row.toarray().reshape(-1, self.n_bins)


def network_weights(directions, knots, coef, intercept, center):
    """W, b, a of ``relu(X W' + b) a``, a head on those means, unit by unit.

    Two units for each knot and direction, and a constant one for the intercept.
    """
    n_projections, n_features = directions.shape
    n_hidden = 2 * n_projections * len(knots) + 1
    check_memory(
        n_hidden,
        8 * n_hidden * (n_features + 2),
        what="A network unit by unit",
        way_out="Take fewer directions or knots, or evaluate it without its units.",
    )
    signed = np.concatenate([directions, -directions])
    hidden = np.zeros((n_hidden, n_features), dtype=directions.dtype)
    hidden[:-1] = np.tile(signed, (len(knots), 1))
    biases = np.ones(n_hidden)
    biases[:-1] = (-knots[:, None] - signed @ center).ravel()
    outer = np.empty((n_hidden, *coef.shape[1:]))
    outer[:-1] = np.repeat(coef / n_projections, len(signed), axis=0)
    outer[-1] = intercept
    return hidden, biases, outer
