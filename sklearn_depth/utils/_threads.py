"""Threads over blocks of rows, in place of those within each matrix product.

Small matrix products gain little from BLAS threads, and lose a hundredfold where these
wait for a core that another process has. Whole blocks side by side do not wait, and
what surrounds the products runs in parallel too.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cached_property
from threading import Event, Lock, Thread

import numpy as np
from threadpoolctl import ThreadpoolController


class _BlasLimit:
    """One BLAS thread while anybody asks for it, and then as many as before.

    The number is the process's own, so users that overlap share one limit. It is set
    and taken back by a thread of its own: threadpoolctl lets no other take it back.
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
                held, self._free = Event(), Event()
                self._holder = Thread(target=self._hold, args=(held,), daemon=True)
                self._holder.start()
                held.wait()
            self._n_users += 1
        try:
            yield n_threads
        finally:
            with self._lock:
                self._n_users -= 1
                if self._n_users == 0:
                    self._free.set()
                    self._holder.join()

    def _hold(self, held):
        try:
            with self._blas.limit(limits=1):
                held.set()
                self._free.wait()
        finally:
            held.set()  # a limit that fails must not leave others waiting


_BLAS = _BlasLimit()
# For many small products: BLAS's idle threads spin, in the way of those of map_parts.
one_blas_thread = _BLAS.one_thread
if hasattr(os, "register_at_fork"):  # a child has none of the threads that hold it
    os.register_at_fork(after_in_child=_BLAS.__init__)


def map_parts(function, n_rows, most):
    """``function`` of each of some slices over the rows, in order, in threads.

    There are ``most`` slices, fewer only for fewer rows: they and the bits of what they
    give do not depend on the number of threads, which is that of BLAS. BLAS keeps to
    one in each meanwhile.
    """
    n_parts = max(1, min(most, n_rows))
    edges = np.linspace(0, n_rows, n_parts + 1).astype(int).tolist()
    parts = [slice(*edges[k : k + 2]) for k in range(n_parts)]
    with _BLAS.one_thread() as n_threads, ThreadPoolExecutor(n_threads) as pool:
        # In a copy of the caller's context each, which has its np.errstate.
        runs = [pool.submit(copy_context().run, function, part) for part in parts]
        return [run.result() for run in runs]
