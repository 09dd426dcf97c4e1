"""The experiment end to end at its small size: what decay buys, and what is best."""

from itertools import product

import numpy as np
import pytest
from end_to_end import EndToEnd

from sklearn_depth.studies._config import read_study

PACKAGE = "experiments.sgd_on_random_networks"


def errors_of(results, n=128):
    """{model: error on so many rows}."""
    return {row["model"]: row["normalized_error"] for row in results if row["n"] == n}


class TestExperiment(EndToEnd):
    again = (0, 3)
    picture = "learning.png"
    table = {
        "| MLPRegressor, best of three rates | ": 3,
        "| ReLU network, depth 3 | 1.000 (1.000-1.000) |": 1,
    }


def test_the_small_size_has_every_model(results):
    ours = ["sgd_3", "no_decay", "plain", "from_zero"]
    names = "depth", "d", "n", "model", "seed"
    assert [tuple(row[name] for name in names) for row in results] == list(
        product(
            [3], [10], [32, 128], [*ours, "mlp_1e-3", "hermite_2", "posterior"], [0]
        )
    )


def test_the_first_seed_comes_first(config, cells):
    first = read_study(config, seeds=1).plan.labels
    assert first == cells["full"][: len(first)]


def test_four_times_the_rows_take_off_two_fifths(results):
    few, many = errors_of(results, n=32), errors_of(results)
    for model in ("sgd_3", "plain", "hermite_2", "posterior"):
        assert many[model] < 0.6 * few[model]


def test_the_posterior_mean_is_best(results):
    errors = errors_of(results)
    assert min(errors, key=errors.get) == "posterior"


def test_it_helps_to_forget_the_start(results):
    errors = errors_of(results)
    assert errors["sgd_3"] < 0.95 * errors["no_decay"] < 0.9 * errors["plain"]
    assert errors["from_zero"] < 0.8 * errors["plain"]


def test_less_its_start_an_untrained_network_is_zero(modules):
    run, _ = modules
    target = run.Network("relu", depth=3, d=10, seed=0)
    X, y = run.draw_points(target, 32)
    model = run.MODELS["from_zero"].build(target)
    model.network.set_params(max_epochs=1, learning_rate=1e-30)
    np.testing.assert_allclose(model.fit(X, y).predict(X), 0, atol=1e-6)
    assert np.std(model.network.fit(X, y).predict(X)) > 0.3


def test_polynomials_stay_above_the_floor_of_their_degree(results, modules):
    """Less what networks of width 1000 scatter by."""
    _, report = modules
    assert errors_of(results)["hermite_2"] > 0.9 * report.results.floor(3, 10, 2)


@pytest.mark.parametrize("depth", [2, 4])
def test_floors_are_the_harmonics_above_a_degree(modules, depth):
    """Over all but the constant one; those above 60 hold next to nothing."""
    _, report = modules
    masses = report.results.theory.harmonic_masses("relu", depth, 30, 60)
    for degree in range(6):
        share = masses[degree + 1 :].sum() / masses[1:].sum()
        assert report.results.floor(depth, 30, degree) == pytest.approx(share, abs=1e-3)


def test_the_best_rate_is_taken_seed_by_seed(modules):
    _, report = modules
    row = {"depth": 3, "d": 30, "n": 8}
    rows = [
        row | {"seed": seed, "model": f"mlp_{rate}", "normalized_error": e}
        for seed, errors in enumerate([(0.3, 0.1, 0.2), (0.5, 0.6, 0.4)])
        for rate, e in zip(("1e-4", "1e-3", "1e-2"), errors, strict=True)
    ]
    best = report.results.by_model(
        report.results.with_oracles(rows), report.results.error
    )["mlp_best"]
    assert best == {8: [0.1, 0.4]}


def test_every_model_fits(modules):
    run, report = modules
    assert report.figure.STYLES.keys() <= report.results.TITLES.keys()
    for name, model in run.MODELS.items():
        found = run.measure(2, 3, 20, name, seed=0, n_test=50)
        assert np.isfinite(found["normalized_error"])
        assert model.title == report.results.TITLES[name]
