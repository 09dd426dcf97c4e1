"""Calls spread over what joblib's configuration says, by joblib or on Dask."""

import joblib
from joblib.parallel import get_active_backend

from sklearn_depth.studies._dask_cells import as_dask_ends


def as_they_end(tasks, n_jobs):
    """Results of calls, each from ``joblib.delayed``, in the order in which they end.

    Tasks are drawn from their iterator as workers become free.
    """
    backend, _ = get_active_backend()
    if type(backend).__name__ == "DaskDistributedBackend":
        return as_dask_ends(tasks, backend)
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # some backends return lists alone
        parallel = joblib.Parallel(n_jobs=n_jobs)
    return parallel(tasks)
