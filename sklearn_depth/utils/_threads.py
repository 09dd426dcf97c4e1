"""How many threads BLAS and torch have, and threads over blocks of samples.

Small matrix products gain little from BLAS threads, and lose a hundredfold where these
wait for a core that another process has. Whole blocks side by side do not wait, and
what surrounds the products runs in parallel too.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cached_property
from queue import SimpleQueue
from threading import Event, Lock, Thread, current_thread, get_ident, main_thread

import numpy as np
from threadpoolctl import ThreadpoolController


class _Turn:
    """A thread's turn at BLAS, with one of its threads or with all of them.

    n_threads : how many are there for Python to use.
    asked, limits : whether it ever asked for the limit, and does so now.
    over : whether it holds nothing, and nobody waits for it.
    changes : hears of each turn that ends.
    """

    def __init__(self, one):
        self.one, self.thread, self.n_threads = one, get_ident(), 1
        self.asked, self.limits, self.over = False, False, True
        self.changes = SimpleQueue()


class _BlasTurns:
    """Turns at BLAS, whose number of threads is the process's own.

    Threads queue up. Those in front that want the same number go together, and nobody
    overtakes. A thread has one turn at most, none while it waits, and so no two wait
    for each other. Ending a turn may be done twice, and is, in case of an interrupt in
    the first; what takes time runs in a thread of its own, where none comes.
    """

    def __init__(self):
        self._queue, self._lock = {}, Lock()  # turns in order, as keys
        self._turn = ContextVar("turn", default=None)
        self._n_before, self._n_changes = [], 0  # an odd number under the limit

    @cached_property
    def _libraries(self):
        return ThreadpoolController().select(user_api="blas").lib_controllers

    @contextmanager
    def hold(self, one):
        """Take a turn; yield how many threads are there for Python to use.

        A fit waits for its turns. Outside of a fit a turn that would have to wait is
        none, and a thread with the context of another shares its turn.
        """
        outer = self._own_context()
        own = outer and outer.thread == get_ident()
        if own and outer.one == one:
            yield outer.n_threads
            return
        if (outer and not own) or self._has_one_thread():
            yield 1
            return
        turn = _Turn(one)
        with self.pause():
            try:
                try:
                    yield self._begin(turn, waits=outer or not one)
                finally:
                    self._end(turn)
            finally:
                self._end(turn)

    @contextmanager
    def pause(self):
        """Give up the thread's turn, if any, for what needs no BLAS."""
        turn = self._own_context()
        if turn is None or turn.thread != get_ident():
            yield
            return
        try:
            self._end(turn)
            yield
        except Exception:  # what else there is ends the fit
            self._begin(turn)
            raise
        self._begin(turn)

    def _own_context(self):
        turn = self._turn.get()
        return None if turn is None or turn.over else turn

    def _has_one_thread(self):
        """Whether BLAS has one thread, and not by a limit of ours."""
        n_changes = self._n_changes
        n_threads = max((blas.num_threads for blas in self._libraries), default=1)
        return n_threads == 1 and n_changes % 2 == 0 and n_changes == self._n_changes

    def _begin(self, turn, waits=True):
        self._end(turn)
        self._turn.set(turn)
        turn.over = False
        self._queue[turn] = None
        while self._is_blocked(turn):
            if not waits:
                self._end(turn)
                return 1
            turn.changes.get()
        if turn.one:
            turn.asked = True
            _apart(self._limit, turn)
        return turn.n_threads

    def _is_blocked(self, turn):
        for earlier in self._queue.copy():
            if earlier is turn:
                return False
            if earlier.one != turn.one:
                return True
        return False

    def _end(self, turn):
        if turn.over:
            return
        if turn.asked:
            _apart(self._release, turn)
        else:
            self._leave(turn)

    def _limit(self, turn):
        with self._lock:
            n_threads = [blas.num_threads for blas in self._libraries]
            turn.limits, turn.n_threads = True, max(n_threads)
            if turn in self._queue and self._n_changes % 2 == 0:
                self._n_before = n_threads
                self._n_changes += 1
                self._set([1] * len(n_threads))

    def _release(self, turn):
        with self._lock:
            turn.limits = False
            if not any(turn.limits for turn in self._queue.copy()):
                self._lift()
        self._leave(turn)

    def _leave(self, turn):
        self._queue.pop(turn, None)
        for other in self._queue.copy():
            other.changes.put(None)
        turn.over = True

    def _lift(self):
        if self._n_changes % 2 == 1:
            self._set(self._n_before)
            self._n_changes += 1

    def _set(self, n_threads):
        for blas, n in zip(self._libraries, n_threads, strict=True):
            # Newer threadpoolctl lets only the thread that set the number set it again.
            release = getattr(blas, "clear_controlling_thread", lambda force: None)
            release(force=True)
            blas.set_num_threads(n)
            release(force=True)

    def start_child(self):
        """After a fork: none of the other threads is there, nor their turns."""
        for turn in self._queue:
            turn.over = True
        self._queue, self._lock = {}, Lock()
        self._lift()


def _apart(function, turn):
    """``function`` of the turn, in a thread that no interrupt stops halfway."""
    if current_thread() is not main_thread():
        function(turn)
        return
    done = Event()

    def run():
        try:
            function(turn)
        finally:
            done.set()

    Thread(target=run).start()
    done.wait()


_BLAS = _BlasTurns()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_BLAS.start_child)


def one_blas_thread():
    """For many small products: BLAS's idle threads spin, in the way of map_parts's."""
    return _BLAS.hold(one=True)


def run_fit(fit, *args, **kwargs):
    """``fit`` while no other fit limits BLAS, so that its bits are those of one alone.

    It waits for other fits. One in a thread that it starts and waits for must have its
    context, as those of :func:`map_parts` have, or the two wait for each other.
    """
    with _BLAS.hold(one=False):
        return fit(*args, **kwargs)


def no_blas():
    """For a part of a fit whose bits do not depend on BLAS: others need not wait."""
    return _BLAS.pause()


_torch_threads = {}  # of each block's thread outside of it


@contextmanager
def one_torch_thread():
    """Let torch compute on the calling thread alone, without BLAS of NumPy and SciPy.

    Torch's number is the thread's own, but threads to come have the last one set: one
    that comes at that very moment learns from the others what to go back to.
    """
    import torch

    block, n_threads = object(), torch.get_num_threads()
    n_threads = max(n_threads, *_torch_threads.copy().values(), 1)
    others = Thread(target=torch.set_num_threads, args=(n_threads,))

    def go_back():
        torch.set_num_threads(n_threads)
        _torch_threads.pop(block, None)

    try:
        with no_blas():
            try:
                _torch_threads[block] = n_threads
                torch.set_num_threads(1)
                others.start()
                others.join()
                yield
            finally:
                go_back()
    finally:
        go_back()


def map_parts(function, n_rows, most):
    """``function`` of each of some slices of the samples, in order, in threads.

    There are ``most`` slices, fewer only for fewer samples: they and the bits of what
    they give do not depend on the number of threads, which is that of BLAS. BLAS keeps
    to one in each meanwhile.
    """
    n_parts = max(1, min(most, n_rows))
    edges = np.linspace(0, n_rows, n_parts + 1).astype(int).tolist()
    parts = [slice(*edges[k : k + 2]) for k in range(n_parts)]
    with one_blas_thread() as n_threads, ThreadPoolExecutor(n_threads) as pool:
        # In a copy of the caller's context each, which has its np.errstate and turn.
        runs = [pool.submit(copy_context().run, function, part) for part in parts]
        return [run.result() for run in runs]
