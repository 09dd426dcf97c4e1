"""Rows that lie in Dask arrays, summed block by block where they lie."""

from functools import partial

import numpy as np
from sklearn.utils.validation import check_consistent_length

from sklearn_depth.utils._threads import no_blas, run_fit


def is_dask(X):
    """Whether X is a Dask collection, told without importing Dask."""
    return hasattr(X, "__dask_graph__") and X.__dask_graph__() is not None


class DaskRows:
    """X, y and sample_weight in aligned blocks of whole rows."""

    def __init__(self, X, y, sample_weight):
        import dask.array as da

        if not isinstance(X, da.Array):
            raise TypeError(
                f"X is a {type(X).__name__}: of Dask's collections only arrays are "
                "taken. Convert a data frame with to_dask_array(lengths=True)."
            )
        if y is None:
            raise ValueError("A fit requires y to be passed, but the target y is None.")
        arrays = [X, y] if sample_weight is None else [X, y, sample_weight]
        arrays = [_with_known_rows(da.asarray(array)) for array in arrays]
        if arrays[-1].ndim == 0:  # one weight for all rows
            arrays[-1] = da.full(len(arrays[0]), arrays[-1])
        check_consistent_length(*arrays)
        chunks = {0: arrays[0].chunks[0]}
        self._arrays = [
            array.rechunk(chunks | ({1: -1} if array.ndim > 1 else {}))
            for array in arrays
        ]

    def sample(self, n_rows):
        """``n_rows`` random rows of each array, the same each time; all if fewer."""
        import dask

        n_all = len(self._arrays[0])
        rows = slice(None)
        if n_rows < n_all:
            rng = np.random.default_rng(0)
            rows = np.sort(rng.choice(n_all, n_rows, replace=False))
        with no_blas():  # Dask may wait for threads in which others fit
            sample = dask.compute(*(array[rows] for array in self._arrays))
        return sample if len(sample) == 3 else (*sample, None)

    def reduce(self, function, merge):
        """Merge ``function(X, y, sample_weight)`` of all blocks, in a tree of pairs."""
        from dask import delayed

        blocks = [array.to_delayed().ravel() for array in self._arrays]
        of_block = delayed(partial(run_fit, function))
        parts = [of_block(*block) for block in zip(*blocks, strict=True)]
        while len(parts) > 1:
            pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
            parts = [delayed(merge)(*pair) if pair[1:] else pair[0] for pair in pairs]
        with no_blas():  # its blocks take turns of their own
            return parts[0].compute()


def _with_known_rows(array):
    """Chunk sizes are unknown after a filter, or in what was a data frame."""
    return array.compute_chunk_sizes() if np.isnan(array.shape).any() else array
