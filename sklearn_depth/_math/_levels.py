"""The few values that a feature takes, which bound the degree of its polynomials.

On L different values every function of a feature is a polynomial of degree below L.
"""

import numpy as np
from numpy.typing import NDArray


def distinct_values(X: NDArray, most: int) -> NDArray[np.float64]:
    """The ``most`` least values of each feature, a row each; NaN where it has fewer."""
    return _least(np.sort(X.T.astype(np.float64), axis=1), most)


def common_values(one: NDArray, other: NDArray) -> NDArray[np.float64]:
    """Those of two sets of samples together."""
    both = np.sort(np.hstack([one, other]), axis=1)  # NaN goes last
    return _least(both, one.shape[1])


def count_values(values: NDArray) -> NDArray[np.intp]:
    """How many there are of each feature."""
    return np.isfinite(values).sum(axis=1)


def _least(ascending: NDArray, most: int) -> NDArray[np.float64]:
    first = np.ones(ascending.shape, bool)
    first[:, 1:] = ascending[:, 1:] > ascending[:, :-1]
    first &= np.isfinite(ascending)
    rank = np.cumsum(first, axis=1) - 1
    found = np.full((len(ascending), most), np.nan)
    column, place = np.nonzero(first & (rank < most))
    found[column, rank[column, place]] = ascending[column, place]
    return found
