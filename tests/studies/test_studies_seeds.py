"""A study is a function of its seed, whatever generators its estimators draw from."""
# ruff: noqa: NPY002 - the old generators are those of the process

import random
import subprocess
import sys
import time
from contextlib import ExitStack

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skorch import NeuralNetRegressor
from study_helpers import assert_same_table

from sklearn_depth.studies import run_cells, sample_complexity_curve

DRAWS = {
    "NumPy": lambda: np.random.random(),
    "torch": lambda: torch.rand(()).item(),
    "Python": lambda: random.random(),
}


class Drawn(RegressorMixin, BaseEstimator):
    """Predicts a number that a global generator has drawn at the fit."""

    def __init__(self, whose="NumPy"):
        self.whose = whose

    def fit(self, X, y):
        self.number_ = DRAWS[self.whose]()
        return self

    def predict(self, X):
        return np.full(len(X), self.number_)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(2, 4), torch.nn.Dropout(0.2), torch.nn.Linear(4, 1)
        )

    def forward(self, X):
        return self.layers(X)[:, 0]


def single(values):
    return np.asarray(values, dtype=np.float32)


def bare_net():
    return NeuralNetRegressor(
        Net, max_epochs=2, verbose=0, iterator_train__shuffle=True
    )


def net():
    """A network of skorch's, which has no random_state, on single precision."""
    return TransformedTargetRegressor(
        make_pipeline(FunctionTransformer(single), bare_net()),
        func=single,
        inverse_func=single,
        check_inverse=False,
    )


def make(n_samples, n_features, random_state):
    X = np.random.default_rng(random_state).standard_normal((n_samples, n_features))
    return X, X[:, 0]


def study(estimators=None, sizes=(10, 20), **changes):
    estimators = {whose: Drawn(whose) for whose in DRAWS} | {"skorch": net()}
    return sample_complexity_curve(
        estimators,
        make,
        train_sizes=sizes,
        n_features=2,
        n_test=20,
        **{"n_repeats": 2, "random_state": 0} | changes,
    )


@pytest.fixture(scope="module")
def first():
    return study()


def test_a_study_of_estimators_without_seeds_comes_again(first):
    np.random.seed(5)
    torch.manual_seed(5)
    random.seed(5)
    assert_same_table(study(), first)


def test_workers_draw_the_same(first):
    assert_same_table(study(n_jobs=2), first)


def test_cells_do_not_depend_on_what_ran_before(first, tmp_path):
    study(sizes=[20], memory=tmp_path)
    assert_same_table(study(memory=tmp_path), first)


def test_draws_differ_between_repeats_and_seeds(first):
    for name in first.columns["estimator"][:4]:
        errors = first.select(estimator=name).columns["normalized_mse"]
        assert len(set(errors)) == len(errors) == 4
    other = study(random_state=1).columns["normalized_mse"]
    assert not set(other) & set(first.columns["normalized_mse"])


def test_a_cell_is_made_again_by_hand(first):
    row = first.select(estimator="NumPy").rows()[0]
    np.random.seed(row["estimator_seed"])
    number = np.random.random()
    _, y = make(row["n_samples"] + 20, 2, row["data_seed"])
    y = y[row["n_samples"] :]
    error = np.mean((y - number) ** 2) / np.var(y)
    assert error == pytest.approx(row["normalized_mse"])


def test_cells_of_a_function_are_seeded_by_their_arguments():
    def measure(number):
        return {whose: draw() for whose, draw in DRAWS.items()}

    cells = [{"number": number} for number in range(3)]
    whole, part = run_cells(measure, cells).rows(), run_cells(measure, cells[1:]).rows()
    assert whole[1:] == part
    assert len({row["NumPy"] for row in whole}) == 3


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("n_threads", [1, 4])
def test_generators_of_the_process_go_on_as_they_were(fails, n_threads):
    def measure(number):
        draws = [draw() for draw in DRAWS.values()]
        time.sleep(0.01 * (number % 3))
        if fails:
            raise ValueError("no")
        return {"sum": sum(draws)}

    def seed():
        np.random.seed(1)
        torch.manual_seed(1)
        random.seed(1)

    seed()
    expected = [draw() for draw in DRAWS.values()]
    seed()
    said = ["8 of 8 cells failed", "The first cell failed"] if fails else []
    with ExitStack() as stack:
        for message in said:
            stack.enter_context(pytest.warns(match=message))
        stack.enter_context(joblib.parallel_config("threading", n_jobs=n_threads))
        run_cells(measure, [{"number": number} for number in range(8)])
    assert [draw() for draw in DRAWS.values()] == expected


def test_torch_is_not_imported_for_its_seed():
    call = (
        "import sys; from sklearn_depth.studies import run_cells; "
        "run_cells(lambda a: {'b': a}, [{'a': 1}]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", call], check=True)


def test_a_bare_network_of_skorch_is_described():
    """Its text is not scikit-learn's; single precision is the generator's business."""

    def make_single(n_samples, n_features, random_state):
        X, y = make(n_samples, n_features, random_state)
        return single(X), single(y)

    result = sample_complexity_curve(
        bare_net(), make_single, train_sizes=[20], n_features=2, n_repeats=1, n_test=20
    )
    assert "Net" in result.config["estimators"]["NeuralNetRegressor"]
    assert np.isfinite(result.columns["normalized_mse"]).all()
