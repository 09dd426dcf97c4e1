"""The experiment end to end at its small size, and its closed forms."""

from itertools import product

import numpy as np
import pytest
from end_to_end import EndToEnd
from sklearn.preprocessing import PolynomialFeatures

PACKAGE = "experiments.daniely_srebro_vardi_2023"
CASES = [("erf", 2), ("erf", 3), ("relu", 2), ("relu", 3)]


def squared_errors(results, activation, depth):
    """{model: error on the most rows}; shadows see none."""
    return {
        row["model"]: row["squared_error"]
        for row in results
        if (row["activation"], row["depth"]) == (activation, depth)
        and row["n"] in (0, 3000)
    }


def mean_square(run, n_seeds, n_test=500, **cell):
    """Mean over networks, and its standard error, of a model's squared error."""
    errors = [
        run.measure(seed=seed, n_test=n_test, **cell)["squared_error"]
        for seed in range(n_seeds)
    ]
    return np.mean(errors), np.std(errors) / np.sqrt(n_seeds)


class TestExperiment(EndToEnd):
    again = (-2,)
    picture = "learning.png"
    table = {
        "| Hermite, degree 3 | ": 5,
        "d = 5": 8,
    }


def test_the_small_size_has_every_fit_and_every_shadow(results):
    shadows = [(0, f"shadow_{k}") for k in range(1, 8)]
    models = ["hermite_1", "hermite_2", "hermite_3", "evidence", "constant"]
    fits = list(product([300, 3000], models))
    names = "activation", "depth", "d", "n", "model", "seed"
    assert [tuple(row[name] for name in names) for row in results] == [
        (activation, depth, 5, *fit, 0)
        for kind in (shadows, fits)
        for activation, depth in CASES
        for fit in kind
    ]
    for row in results:
        assert 0 < row["absolute_error"] ** 2 < row["squared_error"]


@pytest.mark.parametrize(("activation", "depth"), CASES)
def test_errors_fall_with_the_degree(results, activation, depth):
    """By half and more, from one degree of the activation's series to the next."""
    errors = squared_errors(results, activation, depth)
    higher = {"erf": 3, "relu": 2}[activation]
    assert 2 * errors[f"hermite_{higher}"] < errors["hermite_1"]
    assert errors["hermite_1"] < 0.6 * errors["constant"]


@pytest.mark.parametrize("depth", [2, 3])
def test_even_degrees_are_wasted_on_an_odd_network(results, depth):
    errors = squared_errors(results, "erf", depth)
    assert errors["hermite_2"] == pytest.approx(errors["hermite_1"], rel=0.02)


@pytest.mark.parametrize(("activation", "depth"), CASES)
def test_fits_are_no_worse_than_shadows_of_their_degree(results, activation, depth):
    """The best polynomial is not; 50 coefficients of 3000 rows cost 2 % of its square.

    With as much again for the 2000 points of the test.
    """
    errors = squared_errors(results, activation, depth)
    for degree in (1, 2, 3):
        for k in (k for k in range(1, 8) if k ** (depth - 1) <= degree):
            assert errors[f"hermite_{degree}"] < 1.04 * errors[f"shadow_{k}"]


@pytest.mark.parametrize(("activation", "k"), [("erf", 1), ("erf", 5), ("relu", 4)])
def test_shadows_of_depth_two_err_by_the_tail(modules, activation, k):
    run, report = modules
    cell = {"activation": activation, "depth": 2, "d": 10, "n": 0}
    mean, error = mean_square(run, 30, model=f"shadow_{k}", **cell)
    assert abs(mean - report.theory.tail(activation, k) ** 2) < 4 * error
    assert error < 0.1 * mean


@pytest.mark.parametrize(("activation", "degree"), [("erf", 3), ("relu", 2)])
def test_fits_reach_the_floor(modules, activation, degree):
    """Least squares on n rows with p coefficients err by n / (n - p) of the floor."""
    run, report = modules
    cell = {"activation": activation, "depth": 2, "d": 5, "n": 1000}
    mean, error = mean_square(run, 30, model=f"hermite_{degree}", **cell)
    factor = 1000 / (1000 - report.theory.n_products(5, degree))
    expected = factor * report.theory.floor(activation, 2, 5, degree) ** 2
    assert abs(mean - expected) < 4 * error
    assert error < 0.1 * mean


def test_polynomials_on_the_sphere_are_counted(modules):
    _, report = modules
    X = np.random.default_rng(0).standard_normal((200, 4))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    for degree in (1, 2, 3, 4):
        products = PolynomialFeatures(degree).fit_transform(X)
        rank = np.linalg.matrix_rank(products)
        assert report.theory.n_products(4, degree) == rank


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_harmonics_add_up_to_the_kernel(modules, activation):
    _, report = modules
    masses = report.theory.harmonic_masses(activation, 3, 5, 60)
    assert (masses > -1e-12).all()
    assert masses.sum() == pytest.approx(1, abs=1e-3)
    floors = [report.theory.floor(activation, 3, 5, k) for k in range(8)]
    assert (np.diff(floors) < 1e-12).all()


def test_every_model_fits(modules):
    run, report = modules
    assert report.figure.STYLES.keys() <= run.MODELS.keys()
    for name, model in run.MODELS.items():
        found = run.measure("relu", 2, 3, 40, name, seed=0, n_test=50)
        assert np.isfinite(found["absolute_error"])
        assert model.title
