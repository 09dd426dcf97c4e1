"""Means over directions of hinges at equidistant knots, and the network they make."""

import numpy as np
from scipy import sparse

from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._threads import map_parts

# Projections held at once, rows times directions: with their bins they stay in the
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
    """Refuse rows of which sums of projections might leave the float type."""
    largest = np.abs(scaled).max()
    limit = np.finfo(dtype).max / (scaled.shape[1] * _BLOCK_DIRECTIONS)
    if not largest < limit:
        raise ValueError(
            f"X has an entry {largest:.3g} times as far from the centre as knots are "
            f"from each other; sums of its projections overflow {dtype}. Scale X, or "
            "leave the row out."
        )


def _hinge_means(scaled, directions, n_knots):
    """The same of few rows x - c, with knots 0, 1, 2, ..."""
    counts, sums = np.zeros((2, len(scaled), n_knots))
    for start in range(0, len(directions), _BLOCK_DIRECTIONS):
        # One row a direction: neighbours in memory then go to bins far apart, and no
        # addition waits for the one before it.
        projections = directions[start : start + _BLOCK_DIRECTIONS] @ scaled.T
        np.abs(projections, out=projections)
        block_counts, block_sums = _histograms(projections, n_knots)
        counts += block_counts
        sums += block_sums
    above = np.cumsum(np.stack([counts, sums])[:, :, ::-1], axis=2)[:, :, ::-1]
    return (above[1] - np.arange(n_knots) * above[0]) / len(directions)


def _histograms(values, n_bins):
    """Counts and sums of each column's values by their integer part, the last open."""
    n_columns = values.shape[1]
    bins = np.clip(values, 0, n_bins - 1).astype(np.int32)  # quicker than minimum
    bins += n_bins * np.arange(n_columns, dtype=np.int32)
    # SciPy's conversion of a sparse row adds up duplicates: its loop is a histogram.
    start_stop = np.array([0, values.size], dtype=np.int32)

    def add_up(numbers):
        row = (numbers.ravel(), bins.ravel(), start_stop)
        shape = (1, n_columns * n_bins)
        return sparse.csr_array(row, shape=shape).toarray().reshape(-1, n_bins)

    return add_up(np.ones(values.shape, dtype=np.int16)), add_up(values)


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
