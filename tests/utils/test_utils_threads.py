"""Blocks of rows in threads, and BLAS threads given back afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import Barrier, Event, Thread, Timer, current_thread, get_ident
from time import sleep

import numpy as np
import pytest
from interrupts import is_interrupted
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_depth.utils import _threads
from sklearn_depth.utils._threads import map_parts, no_blas, one_blas_thread, run_fit

# How long a thread waits for another that must come, in seconds.
PATIENCE = 20


def n_blas():
    """How many threads each BLAS has."""
    return {
        blas["num_threads"] for blas in threadpool_info() if blas["user_api"] == "blas"
    }


def set_blas(n_threads):
    """In a thread of its own, as the first to set it may keep others from doing so."""
    with threadpool_limits(n_blas().pop(), user_api="blas"):
        pass  # whose end gives up what this thread may hold
    setter = Thread(target=threadpool_limits, args=(n_threads, "blas"))
    setter.start()
    setter.join()
    assert n_blas() == {n_threads}


@pytest.fixture(autouse=True)
def three_threads():
    """BLAS with three threads, however many the machine has."""
    before = n_blas().pop()
    set_blas(3)
    yield
    set_blas(before)


def itself(rows):
    return rows


def fail(rows):
    raise ValueError(f"at {rows.start}")


@pytest.mark.parametrize("most", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 10, 1001])
def test_parts_cover_all_rows_in_order(n_rows, most):
    parts = map_parts(itself, n_rows, most)
    rows = [row for part in parts for row in range(n_rows)[part]]
    assert rows == list(range(n_rows))
    assert len(parts) == max(1, min(most, n_rows))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_parts_do_not_depend_on_the_threads():
    parts = map_parts(itself, 10, 4)
    set_blas(1)
    assert map_parts(itself, 10, 4) == parts
    assert n_blas() == {1}


def test_parts_run_side_by_side():
    """Each waits for the others, so they end only if all run at once."""
    together = Barrier(3)

    def meet(rows):
        together.wait(PATIENCE)
        return current_thread()

    assert len(set(map_parts(meet, 9, 3))) == 3


def test_results_stand_in_order_whichever_comes_first():
    done = {0: Event(), 3: Event(), 6: Event()}

    def last_part_first(rows):
        if rows.start < 6:
            assert done[rows.start + 3].wait(PATIENCE)
        done[rows.start].set()
        return rows.start

    assert map_parts(last_part_first, 9, 3) == [0, 3, 6]


def test_inside_blas_has_one_thread():
    assert map_parts(lambda rows: n_blas(), 3, 3) == [{1}] * 3


def test_exceptions_come_through_and_threads_come_back():
    with pytest.raises(ValueError, match="at 0"):
        map_parts(fail, 9, 9)
    assert n_blas() == {3}


def test_parts_within_a_part_share_one_thread():
    nested = map_parts(lambda rows: map_parts(lambda _: current_thread(), 9, 9), 9, 3)
    assert [len(set(threads)) for threads in nested] == [1, 1, 1]


def test_a_failure_within_a_part_leaves_the_limit_to_the_others():
    def survive(rows):
        with pytest.raises(ValueError, match="at 0"):
            map_parts(fail, 10, 10)
        return n_blas()

    assert map_parts(survive, 9, 3) == [{1}] * 3


@pytest.mark.parametrize("first_fails", [True, False])
@pytest.mark.parametrize("second_fails", [True, False])
def test_users_that_overlap_share_the_limit(first_fails, second_fails):
    """Whoever leaves first keeps the limit for the other, who gives it back."""
    both_in, first_out = Barrier(2), Event()
    seen = []

    def leave_first(rows):
        if rows.start == 0:
            both_in.wait(PATIENCE)
        return fail(rows) if first_fails else rows

    def leave_last(rows):
        if rows.start == 0:
            both_in.wait(PATIENCE)
            assert first_out.wait(PATIENCE)
            seen.append(n_blas())
        return fail(rows) if second_fails else rows

    with ThreadPoolExecutor(2) as pool:  # both threads live on, as Dask's do
        first = pool.submit(map_parts, leave_first, 9, 3)
        first.add_done_callback(lambda _: first_out.set())
        second = pool.submit(map_parts, leave_last, 9, 3)
        for user, fails in (first, first_fails), (second, second_fails):
            assert (user.exception(PATIENCE) is not None) == fails
        assert seen == [{1}]
        assert n_blas() == {3}


def test_others_may_set_their_own_limit_afterwards():
    with ThreadPoolExecutor(1) as pool:  # the thread lives on
        assert pool.submit(map_parts, itself, 9, 3).result()[0] == slice(0, 3)
        with threadpool_limits(2, user_api="blas"):
            assert n_blas() == {2}
        assert n_blas() == {3}


def test_products_in_parts_are_the_whole():
    X = np.random.default_rng(0).standard_normal((500, 5))
    grams = map_parts(lambda rows: X[rows].T @ X[rows], 500, 3)
    np.testing.assert_allclose(sum(grams), X.T @ X, rtol=1e-10)


def section():
    with one_blas_thread():
        return n_blas()


def failing_section():
    with contextlib.suppress(ValueError), one_blas_thread():
        raise ValueError


def fit_in_section():
    with one_blas_thread():
        run_fit(section)


def pause():
    with no_blas():
        return n_blas()


USES = {
    "section": section,
    "fit": lambda: run_fit(n_blas),
    "section in a fit": lambda: run_fit(section),
    "failing section in a fit": lambda: run_fit(failing_section),
    "fit in a section": fit_in_section,
    "parts": lambda: map_parts(itself, 9, 3),
    "parts in a fit": lambda: run_fit(map_parts, itself, 9, 3),
    "pause in a fit": lambda: run_fit(pause),
}
each_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


def assert_all_goes_on(use, pool):
    """In this thread and in another, with a limit and without."""
    assert n_blas() == {3}
    use()
    assert pool.submit(run_fit, section).result(PATIENCE) == {1}
    assert run_fit(n_blas) == {3}


@each_use
def test_an_interrupt_at_any_line_leaves_nothing_behind(use):
    with ThreadPoolExecutor(1) as pool:
        n_lines = 0
        while is_interrupted(use, n_lines, _threads):
            assert_all_goes_on(use, pool)
            n_lines += 1
        assert n_lines > 10


@each_use
def test_interrupts_of_every_wait_leave_nothing_behind(use, monkeypatch):
    class Interrupted(Event):
        def wait(self):
            super().wait()
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_threads, "Event", Interrupted)
        with contextlib.suppress(KeyboardInterrupt):
            use()
    with ThreadPoolExecutor(1) as pool:
        assert_all_goes_on(use, pool)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="the system has none")
def test_a_wait_for_a_turn_can_be_interrupted():
    # asyncio, which other tests run, has waits go on after a signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started, over = Event(), Event()

    def fit():
        started.set()
        assert over.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(run_fit, fit)
        assert started.wait(PATIENCE)
        Timer(0.2, signal.pthread_kill, (get_ident(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            run_fit(section)  # which waits for the other fit
        over.set()
        other.result(PATIENCE)
        assert_all_goes_on(section, pool)


def test_in_a_fit_sections_and_the_rest_have_their_numbers():
    def fit():
        seen = [n_blas(), section(), n_blas()]
        with contextlib.suppress(ValueError):
            map_parts(fail, 9, 9)
        with one_blas_thread():
            seen += [run_fit(n_blas), n_blas(), run_fit(section), section()]
        return [*seen, pause(), n_blas()]

    expected = [3, 1, 3, 3, 1, 1, 1, 3, 3]
    assert run_fit(fit) == [{n} for n in expected]


def test_parts_in_a_section_have_all_threads():
    together = Barrier(3)
    with one_blas_thread():
        map_parts(lambda rows: together.wait(PATIENCE), 9, 3)


def test_fits_side_by_side_see_no_number_but_their_own():
    """Sections of some fits and the rest of others, as chance has it."""

    def fit(seed):
        rng = np.random.default_rng(seed)
        for _ in range(10):
            for number, part in (3, n_blas), (1, section):
                sleep(0.002 * rng.random())
                assert part() == {number}

    def section_for_long():
        with one_blas_thread():
            for _ in range(5):
                sleep(0.002)
                assert n_blas() == {1}

    def long_sections():
        for _ in range(5):
            section_for_long()

    with ThreadPoolExecutor(8) as pool:
        fits = [pool.submit(run_fit, fit, seed) for seed in range(6)]
        fits += [pool.submit(run_fit, long_sections) for _ in range(2)]
        for done in fits:
            done.result(PATIENCE)
    assert n_blas() == {3}


@pytest.mark.parametrize("waits", ["nobody", "a section"])
def test_outside_of_a_fit_nothing_waits_for_one(waits):
    """Nor behind a fit's section that waits for another fit."""
    started, over = Event(), Event()

    def fit():
        started.set()
        assert over.wait(PATIENCE)

    with ThreadPoolExecutor(3) as pool:
        fits = [pool.submit(run_fit, fit)]
        assert started.wait(PATIENCE)
        if waits == "a section":
            fits.append(pool.submit(run_fit, section))
        assert pool.submit(map_parts, itself, 9, 2).result(PATIENCE)
        assert pool.submit(section).result(PATIENCE) == {3}
        over.set()
        for other in fits:
            other.result(PATIENCE)


def test_who_pauses_lets_others_pass():
    def fit():
        with no_blas(), ThreadPoolExecutor(1) as pool:
            return pool.submit(run_fit, section).result(PATIENCE)

    assert run_fit(fit) == {1}


def test_a_thread_with_the_context_of_a_fit_is_part_of_it():
    def fit():
        inner = partial(copy_context().run, run_fit, section)
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(inner).result(PATIENCE)

    assert run_fit(fit) == {3}  # the fit that waits for it keeps its own number


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_starts_clean():
    def child_goes_on():
        seen = n_blas(), run_fit(section), n_blas()
        return seen == ({3}, {1}, {3})

    with one_blas_thread():
        child = os.fork()
        if child == 0:
            os._exit(0 if child_goes_on() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert n_blas() == {1}


def test_threads_limited_by_the_caller_are_limited_further():
    with threadpool_limits(2, user_api="blas"):
        assert run_fit(section) == {1}
        assert n_blas() == {2}
    assert n_blas() == {3}


SIDE_BY_SIDE = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from sklearn_depth import *

rng = np.random.default_rng(0)
X = rng.standard_normal((700, 6))
y = X[:, 0] * X[:, 1] + 0.1 * rng.standard_normal(700)
models = {
    KernelRidge: {"alpha": "gcv", "kernel": "ntk"},
    RadialTwoLayerRegressor: {},
    HermitePolynomialRegressor: {"degree": 4, "solver": "primal"},
    TwoLayerGDRegressor: {"n_hidden": 20, "random_state": 0},
}

def fit(model):
    fitted = model(**models[model]).fit(X, y)
    return fitted.dual_coef_ if model is KernelRidge else fitted.coef_

alone = {model: fit(model) for model in models}
with ThreadPoolExecutor(4) as pool:
    beside = [(model, pool.submit(fit, model)) for model in [*models] * 4]
differ = {model.__name__ for model, found in beside
          if not np.array_equal(found.result(), alone[model])}
assert not differ, differ
"""


def test_fits_side_by_side_give_the_bits_of_one_alone():
    two = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SIDE_BY_SIDE],
        env=os.environ | two,
        check=True,
        timeout=100,
    )
