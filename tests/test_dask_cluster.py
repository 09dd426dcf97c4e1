"""Fits on two worker processes, one of which dies."""

import operator
import os
import signal
import threading
import time
from dataclasses import dataclass

import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster
from sklearn.base import clone, is_classifier
from sklearn.pipeline import make_pipeline

from sklearn_depth import (
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    StreamingRidge,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
)
from sklearn_depth.features import SigmoidFeatures
from sklearn_depth.utils._dask import DaskRows

rng = np.random.default_rng(0)
X = rng.standard_normal((600, 4))
y = X[:, 0] * X[:, 1] + X[:, 2] + 0.1 * rng.standard_normal(600)


@pytest.fixture(scope="module")
def client():
    """Two processes; ports as they are free, for more than one process runs tests."""
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        yield client


def slowly(log):
    """The identity, which takes its time and notes that it did."""

    def identity(block):
        with open(log, "a") as file:
            file.write(".")
        time.sleep(0.1)
        return block

    return identity


MODELS = {
    "ridge": StreamingRidge(),
    "map and ridge": make_pipeline(
        SigmoidFeatures(20, random_state=0), StreamingRidge()
    ),
    "Hermite": HermitePolynomialRegressor(2),
    "radial": RadialTwoLayerRegressor(n_knots=5, alpha=0.01),
    "landmarks": KernelRidge(0.1, kernel="rbf", n_components=20, random_state=0),
    "sigmoid": FixedHiddenSigmoidRegressor(
        16, alpha=0.1, tie=1.0, tol=1e-3, random_state=0
    ),
    "two layers": TwoLayerGDRegressor(
        20, layers=["dense"], n_feature_steps=2, subsample=300, random_state=0
    ),
}
CLASSES = TwoLayerGDClassifier(
    10, layers=["linear"], alpha=1.0, subsample=300, random_state=0
)
# How many blocks have been read when a worker dies, in the middle of the sums.
READ = {"ridge": 1, "two layers": 15}


@pytest.mark.parametrize("model", [*MODELS.values(), CLASSES], ids=[*MODELS, "classes"])
def test_two_processes_give_the_model_of_one(client, model):
    name = "decision_function" if is_classifier(model) else "predict"
    targets = y > 0 if is_classifier(model) else y
    expected = getattr(model.fit(X, targets), name)(X)
    rows = da.from_array(X, chunks=(100, 2))
    model = model.fit(rows, da.from_array(targets, chunks=150))
    lazy = getattr(model, name)(rows)
    np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", READ)
def test_a_worker_that_dies_in_the_middle_is_survived(client, tmp_path, name):
    log = tmp_path / "log"
    client.wait_for_workers(2, timeout=30)
    first, second = client.run(os.getpid).values()

    def kill():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if log.exists() and log.stat().st_size >= READ[name]:
                break
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(first, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    rows = da.from_array(X, chunks=(50, 4))
    rows = rows.map_blocks(slowly(str(log)), dtype=float)
    model = clone(MODELS[name]).fit(rows, y)
    thread.join()
    expected = clone(MODELS[name]).fit(X, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-8, atol=1e-8)
    client.wait_for_workers(2, timeout=30)
    left = set(client.run(os.getpid).values())
    assert first not in left
    assert second in left


def test_the_block_of_a_missing_value_is_named_from_afar(client):
    spoiled = X.copy()
    spoiled[450, 1] = np.nan
    rows = da.from_array(spoiled, chunks=(100, 4))
    with pytest.raises(ValueError, match=r"In block 4 of X: Input X contains NaN"):
        StreamingRidge().fit(rows, y)
    with pytest.raises(ValueError, match=r"In block 4 of X: Input X contains NaN"):
        StreamingRidge().fit(X, y).predict(rows).compute()


def test_a_model_travels_to_a_worker_and_goes_on(client):
    parts = [(X[:200], y[:200]), (X[200:], y[200:])]
    found = client.gather(
        [client.submit(StreamingRidge().fit, *part) for part in parts]
    )
    merged = found[0].merge(found[1])
    np.testing.assert_allclose(merged.coef_, StreamingRidge().fit(X, y).coef_)


class Locked:
    """A callback that cannot be pickled."""

    def __init__(self):
        self.lock, self.heard = threading.Lock(), []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        self.heard.append(context.task_name)


@pytest.mark.parametrize("name", ["sigmoid", "two layers"])
def test_callbacks_stay_at_home(client, name):
    rows, heard = da.from_array(X, chunks=(200, 4)), Locked()
    model = clone(MODELS[name]).set_callbacks(heard).fit(rows, y)
    assert heard.heard[-1] == "fit"
    expected = model.predict(X)
    np.testing.assert_allclose(model.predict(rows).compute(), expected, atol=1e-8)
    assert model.score(rows, y) == pytest.approx(model.score(X, y))


@dataclass
class Counter:
    """Counts rows, and notes how often it has arrived somewhere."""

    log: str

    def __call__(self, X):
        return len(X)

    def __setstate__(self, state):
        vars(self).update(state)
        with open(self.log, "a") as file:
            file.write(".")


def test_what_sums_a_block_goes_to_each_worker_once(client, tmp_path):
    """Or every block would bring the layers of the model along."""
    rows, log = DaskRows(da.from_array(X, chunks=(20, 4))), tmp_path / "log"
    assert rows.reduce(Counter(str(log)), operator.add) == len(X)
    assert 1 <= len(log.read_text()) <= 3  # the scheduler, and two workers


def test_a_scheduler_that_is_lost_is_said_before_any_pass(client, monkeypatch):
    rows = da.from_array(X, chunks=(100, 4)).map_blocks(never, dtype=float)
    monkeypatch.setattr(client, "status", "connecting")
    for model in SigmoidFeatures(20), *MODELS.values():
        with pytest.raises(ConnectionError, match=r"scheduler tcp.*'connecting'"):
            model.fit(rows, y)


def never(block):
    raise AssertionError("a block was computed")
