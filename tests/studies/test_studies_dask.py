"""Studies on the worker processes of Dask, one of which dies."""

import os
import pickle
import signal
import threading
import time
from functools import partial

import dask
import joblib
import numpy as np
import pytest
from distributed import Client, LocalCluster
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from study_helpers import (
    Failing,
    Killing,
    assert_same_table,
    entries,
    fits,
    logged_study,
    make_data,
    slow_down,
    where_and_half,
)

from sklearn_depth.studies import run_cells, sample_complexity_curve
from sklearn_depth.studies._sample_complexity import plan_curve


@pytest.fixture(scope="module")
def client():
    """Two processes; ports as they are free, for more than one process runs tests."""
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, **options) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def on_dask(client):
    """Both workers, there again if one was killed."""
    client.wait_for_workers(2, timeout=30)
    with joblib.parallel_config(backend="dask"):
        yield client


learners = {
    "ridge": Ridge(),
    "search": GridSearchCV(Ridge(), {"alpha": np.logspace(-3, 3, 300)[::100]}, cv=3),
    "linear": LinearRegression(),
}
curve = partial(
    sample_complexity_curve,
    estimators=learners,
    make_dataset=make_data,
    train_sizes=[20, 30],
    n_features=[2, 3],
    n_repeats=2,
    n_test=50,
    random_state=0,
)


def test_two_workers_give_the_numbers_of_one_process(on_dask):
    found = curve()
    with joblib.parallel_config(backend="sequential"):
        expected = curve()
    assert_same_table(found, expected)


def test_cells_run_on_the_workers(on_dask):
    cells = [{"number": number, "seconds": 0.05} for number in range(12)]
    found = run_cells(where_and_half, cells)
    assert set(found.columns["process"]) == set(on_dask.run(os.getpid).values())
    np.testing.assert_array_equal(found.columns["half"], np.arange(12) / 2)


def test_cells_are_small_whatever_the_size_of_data():
    sizes = [30, 3_000_000]
    cells = plan_curve(
        learners, make_data, train_sizes=sizes, n_features=3, random_state=0
    ).cells
    small, large = (
        [len(pickle.dumps(cell)) for cell in part] for part in (cells[:3], cells[3:6])
    )
    assert max(small + large) < 2000
    np.testing.assert_allclose(small, large, atol=10)


def test_fits_that_fail_are_recorded(on_dask, tmp_path):
    with pytest.warns(FitFailedWarning, match="2 of 4 cells"):
        found = curve(estimators=Failing(log=str(tmp_path / "log")), n_repeats=1)
    assert (found.columns["error"] != "").tolist() == [True, False] * 2


def kill_when(ready, process):
    """A thread that kills a process as soon as that holds."""

    def wait_and_kill():
        deadline = time.monotonic() + 20
        while not ready() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)

    thread = threading.Thread(target=wait_and_kill)
    thread.start()
    return thread


def test_a_worker_that_dies_is_survived(on_dask, tmp_path):
    """Its cells are measured by the others, and those that are kept by none."""
    log, memory = tmp_path / "log", tmp_path / "cells"
    first, second = on_dask.run(os.getpid).values()
    on_dask.run(slow_down, 0.1)
    thread = kill_when(lambda: len(fits(log)) >= 6, first)
    found = logged_study(log, memory)
    thread.join()
    begun = len(fits(log))
    with joblib.parallel_config(backend="sequential"):
        assert_same_table(found, logged_study(log))
        assert len(fits(log)) == begun + 24
        assert len(entries(memory)) == 24
        assert_same_table(logged_study(log, memory), found)
        assert len(fits(log)) == begun + 24
    on_dask.wait_for_workers(2, timeout=30)
    left = set(on_dask.run(os.getpid).values())
    assert first not in left
    assert second in left


def test_a_worker_that_dies_without_a_store_is_survived(on_dask):
    cells = [{"number": number, "seconds": 0.1} for number in range(16)]
    start = time.monotonic()
    dying, *_ = on_dask.run(os.getpid).values()
    thread = kill_when(lambda: time.monotonic() > start + 0.5, dying)
    found = run_cells(where_and_half, cells)
    thread.join()
    np.testing.assert_array_equal(found.columns["half"], np.arange(16) / 2)
    assert set(found.columns["error"]) == {""}


def test_a_cell_that_kills_its_workers_fails_and_the_others_are_measured(
    on_dask, tmp_path, monkeypatch
):
    """Though those that had waited at one of its workers were given up with it."""
    monkeypatch.setattr(on_dask.cluster.scheduler, "allowed_failures", 0)
    estimators = {"kills": Killing(log=str(tmp_path / "log")), "linear": Ridge()}
    memory = tmp_path / "cells"
    with pytest.warns(FitFailedWarning, match="workers died, 1|1 of 8 cells"):
        found = curve(estimators=estimators, n_features=2, memory=memory)
    killed = (found.columns["estimator"] == "kills") & (
        found.columns["n_samples"] == 20
    )
    for error, dead in zip(found.columns["error"], killed, strict=True):
        assert error.startswith("KilledWorker: workers died, 1 while") == dead
        assert (error == "") != dead
    assert 2 <= fits(tmp_path / "log").count("1.0 20 2") <= 4
    assert len(entries(memory)) == 6
    np.testing.assert_array_equal(np.isnan(found.columns["normalized_mse"]), killed)


def test_errors_are_raised_from_workers(on_dask, tmp_path):
    failing = Failing(log=str(tmp_path / "log"))
    with pytest.raises(RuntimeError, match="twenty") as raised:
        curve(estimators=failing, n_repeats=1, error_score="raise")
    assert "'n_samples': 20" in raised.value.__notes__[0]


def logged_and_slow(number, log):
    with open(log, "a") as file:
        file.write("begun\n")
    time.sleep(0.05)
    return {"half": number / 2}


def test_a_cluster_that_loses_all_workers_ends_the_study(monkeypatch, tmp_path):
    """One worker, that no one starts again."""
    monkeypatch.setattr("sklearn_depth.studies._dask_cells._PATIENCE", 1)
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    log = str(tmp_path / "log")
    with (
        LocalCluster(processes=False, **options) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
        pytest.warns(FitFailedWarning, match="of 40 cells failed"),
    ):

        def remove():
            while len(fits(log)) < 3:
                time.sleep(0.01)
            cluster.scale(0)

        thread = threading.Thread(target=remove)
        thread.start()
        cells = [{"number": number, "log": log} for number in range(40)]
        found = run_cells(logged_and_slow, cells)
        thread.join()
    errors = found.columns["error"]
    lost = errors == "KilledWorker: no worker was left, for 1 seconds"
    assert 0 < lost.sum() < 40
    assert set(errors[~lost]) == {""}
