"""Samples that lie in Dask collections, summed block by block where they lie."""

from contextlib import contextmanager
from functools import cached_property

import numpy as np
from sklearn.utils.validation import assert_all_finite, check_consistent_length

from sklearn_depth.utils._threads import no_blas, run_fit

# Samples that show where features lie and where outliers begin.
_SAMPLE = 20_000
NO_WEIGHT = "All weights are zero: sample_weight must have at least one non-zero entry."
_NAMES = "X", "y", "sample_weight"


def is_dask(X):
    """Whether X is a Dask collection, told without importing Dask."""
    return hasattr(X, "__dask_graph__") and X.__dask_graph__() is not None


def whole_rows(X):
    """A Dask array that is not split by features, and an empty X with their names.

    X is a Dask array or data frame of numbers.
    """
    import dask.array as da

    columns = getattr(X, "_meta", None)
    if hasattr(columns, "columns"):
        others = [k for k, kind in columns.dtypes.items() if kind.kind not in "biuf"]
        if others:
            raise TypeError(
                f"The columns {others} of X hold no numbers. Encode them, or leave "
                "them out."
            )
        return X.to_dask_array(), columns
    if not isinstance(X, da.Array):
        raise TypeError(
            f"X is a {type(X).__name__}: of Dask's collections only arrays and data "
            "frames are taken."
        )
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {X.ndim}D array instead: X has shape {X.shape}. "
            "Give a row for each sample."
        )
    if np.isnan(X.shape[1]):
        raise ValueError(
            "X has an unknown number of features. Call X.compute_chunk_sizes() first."
        )
    return X.rechunk({1: -1}), np.empty((0, X.shape[1]))


@contextmanager
def name_block(number):
    """Say in which block of X a value is wrong."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"In block {number} of X: {error}") from error


class DaskRows:
    """X, y and sample_weight in aligned blocks of whole samples; only X must be given.

    columns : an empty X, with the names that X has.
    order_was_seen : whether a pass has looked if they are sorted.
    """

    def __init__(self, X, y=None, sample_weight=None):
        import dask.array as da

        _check_scheduler()
        X, self.columns = whole_rows(X)
        self.order_was_seen = False
        self._given = [array is not None for array in (X, y, sample_weight)]
        arrays = [a for a in (X, y, sample_weight) if a is not None]
        arrays = [a if is_dask(a) else np.asarray(a) for a in arrays]
        arrays = [_with_known_rows(da.asarray(a)) for a in arrays]
        if sample_weight is not None and arrays[-1].ndim == 0:  # one for all samples
            arrays[-1] = da.broadcast_to(arrays[-1], (len(arrays[0]),))
        check_consistent_length(*arrays)
        chunks = {0: arrays[0].chunks[0]}
        self._arrays = [
            array.rechunk(chunks | ({1: -1} if array.ndim > 1 else {}))
            for array in arrays
        ]

    def __len__(self):
        return len(self._arrays[0])

    @property
    def shape(self):
        """The shape of X."""
        return self._arrays[0].shape

    @property
    def dtype(self):
        """The float type in which estimators see X."""
        return np.dtype(np.float32 if self._arrays[0].dtype == np.float32 else float)

    @property
    def target_shape(self):
        """The shape of y without its samples; None where there is no y."""
        return self._arrays[1].shape[1:] if self._given[1] else None

    @property
    def n_targets(self):
        """How many targets y has."""
        return int(np.prod(self.target_shape))

    def sample(self, size=None):
        """Random samples of some weight, the same each time; all if they are few."""
        import dask

        numbers = self.sampled(size)
        rows = numbers if len(numbers) < len(self) else slice(None)
        with no_blas():  # Dask may wait for threads in which others fit
            found = dask.compute(*(array[rows] for array in self._arrays))
        self._check_finite(found, numbers)
        found = iter(found)
        X, *others = [next(found) if given else None for given in self._given]
        if hasattr(self.columns, "columns"):
            X = type(self.columns)(X, columns=self.columns.columns)
        return X, *others

    def sampled(self, size=None):
        """The numbers of the samples that ``sample`` takes."""
        size = _SAMPLE if size is None else size
        if not self._given[2] or len(self) <= size:
            return sampled_rows(len(self), size)
        weighted = self._weighted
        if not len(weighted):
            raise ValueError(NO_WEIGHT)
        with no_blas():
            return weighted[sampled_rows(len(weighted), size)].compute()

    @cached_property
    def _weighted(self):
        """The numbers of all samples of some weight, which are counted once."""
        import dask.array as da

        with no_blas():
            return da.flatnonzero(self._arrays[-1]).compute_chunk_sizes()

    def _check_finite(self, arrays, numbers):
        """Refuse samples with missing values, and say in which block they are."""
        given = [name for name, g in zip(_NAMES, self._given, strict=True) if g]
        ends = np.cumsum(self._arrays[0].chunks[0])
        for name, array in zip(given, arrays, strict=True):
            if array.dtype.kind != "f" or np.isfinite(array).all():
                continue
            bad = ~np.isfinite(array).reshape(len(array), -1).all(axis=1)
            first = numbers[np.argmax(bad)]
            with name_block(np.searchsorted(ends, first, side="right")):
                assert_all_finite(array, input_name=name)

    def reduce(self, function, merge, arrays=slice(None)):
        """Merge ``function(X, y, sample_weight)`` of all blocks, in a tree of pairs.

        ``arrays`` says which of these are read.
        """
        from dask import delayed

        blocks = [array.to_delayed().ravel() for array in self._arrays[arrays]]
        of_block, function = delayed(_of_block), delayed(function)  # sent once
        numbered = enumerate(zip(*blocks, strict=True))
        parts = [of_block(function, number, *block) for number, block in numbered]
        while len(parts) > 1:
            pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
            parts = [delayed(merge)(*pair) if pair[1:] else pair[0] for pair in pairs]
        with no_blas():  # its blocks take turns of their own
            return parts[0].compute()


def sampled_rows(n_rows, size):
    """Numbers of random samples in order, the same each time; all if they are few."""
    if n_rows <= size:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(0).choice(n_rows, size, replace=False))


def _check_scheduler():
    """Refuse to wait for a scheduler that a client has lost."""
    import dask

    if dask.config.get("scheduler", None) != "dask.distributed":
        return
    from distributed import default_client

    client = default_client()
    if client.status != "running":
        raise ConnectionError(
            f"The scheduler {client.scheduler.address} cannot be reached: the client's "
            f"status is {client.status!r}. Start it again and connect a new Client, or "
            "close this one to compute on this machine."
        )


def _of_block(function, number, *block):
    with name_block(number):
        return run_fit(function, *block)


def _with_known_rows(array):
    """Chunk sizes are unknown after a filter, or in what was a data frame."""
    return array.compute_chunk_sizes() if np.isnan(array.shape).any() else array
