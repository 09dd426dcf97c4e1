"""Threads over blocks of rows, in place of those within each matrix product.

Small matrix products gain little from BLAS threads, and lose a hundredfold where these
wait for a core that another process has. Whole blocks side by side do not wait, and
what surrounds the products runs in parallel too.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController


class _BlasLimit:
    """One BLAS thread while anybody asks for it, and then as many as before.

    The number is the process's own, so users that overlap must share one limit.
    """

    def __init__(self):
        self._lock, self._n_users = Lock(), 0

    @cached_property
    def _blas(self):
        return ThreadpoolController().select(user_api="blas")

    @contextmanager
    def one_thread(self):
        """Yield how many threads BLAS would have used: 1 within another's limit."""
        with self._lock:
            libraries = self._blas.lib_controllers
            n_threads = max((blas.num_threads for blas in libraries), default=1)
            if self._n_users == 0:
                self._limit = self._blas.limit(limits=1)
            self._n_users += 1
        try:
            yield n_threads
        finally:
            with self._lock:
                self._n_users -= 1
                if self._n_users == 0:
                    self._limit.restore_original_limits()


_BLAS = _BlasLimit()


def map_parts(function, n_rows, most):
    """``function`` of each of some slices over the rows, in order, a thread each.

    There are as many slices as BLAS has threads, and ``most`` at most; meanwhile BLAS
    keeps to one thread in each.
    """
    with _BLAS.one_thread() as n_threads:
        n_parts = max(1, min(n_threads, most, n_rows))
        edges = np.linspace(0, n_rows, n_parts + 1).astype(int).tolist()
        parts = [slice(*edges[k : k + 2]) for k in range(n_parts)]
        with ThreadPoolExecutor(n_parts) as pool:
            return list(pool.map(function, parts))
