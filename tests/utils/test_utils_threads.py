"""Blocks of rows in threads, and BLAS threads given back afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread, current_thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_depth.utils._threads import map_parts

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
