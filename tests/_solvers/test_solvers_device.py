"""Threads of torch: one in short training, as many as before afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
import torch
from interrupts import is_interrupted

from sklearn_depth import ReLUNetworkRegressor
from sklearn_depth._solvers import _sgd
from sklearn_depth.utils import _threads
from sklearn_depth.utils._threads import one_torch_thread

N_THREADS = 3


@pytest.fixture(autouse=True)
def _three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(N_THREADS)
    yield
    torch.set_num_threads(before)


def seen_by_a_new_thread():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


def test_an_error_inside_leaves_the_number_as_it_was():
    with pytest.raises(KeyError), one_torch_thread():
        assert torch.get_num_threads() == 1
        raise KeyError
    assert torch.get_num_threads() == seen_by_a_new_thread() == N_THREADS


def test_blocks_that_overlap_leave_the_number_as_it_was():
    both = Barrier(2, timeout=10)

    def block():
        with one_torch_thread():
            both.wait()
            return torch.get_num_threads()

    for _ in range(100):  # as threads meet by chance
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda _: block(), range(2))) == [1, 1]
        assert torch.get_num_threads() == seen_by_a_new_thread() == N_THREADS


def test_threads_to_come_have_all_meanwhile():
    with one_torch_thread():
        assert torch.get_num_threads() == 1
        assert seen_by_a_new_thread() == N_THREADS


def test_an_interrupt_at_any_line_leaves_the_number_as_it_was():
    def use():
        with one_torch_thread():
            assert torch.get_num_threads() == 1

    n_lines = 0
    while is_interrupted(use, n_lines, _threads):
        assert torch.get_num_threads() == seen_by_a_new_thread() == N_THREADS
        use()
        n_lines += 1
    assert n_lines > 10


@pytest.mark.parametrize(("longest", "n_threads"), [(50, 1), (1, N_THREADS)])
def test_threads_of_training_follow_the_length_of_a_step(
    longest, n_threads, monkeypatch
):
    seen = []
    run_epoch = _sgd._Descending.run_epoch

    def watched(run):
        seen.append(torch.get_num_threads())
        return run_epoch(run)

    monkeypatch.setattr(_sgd._Descending, "run_epoch", watched)
    monkeypatch.setattr(_sgd, "_LONG_STEP", longest)
    X = np.random.default_rng(0).standard_normal((10, 3))
    # 4 rows times the 2 * (3 + 1) weights of a step are 32.
    net = ReLUNetworkRegressor(2, batch_size=4, max_epochs=2, random_state=0)
    net.fit(X, X[:, 0])
    assert seen == [n_threads] * 2
    assert torch.get_num_threads() == seen_by_a_new_thread() == N_THREADS
