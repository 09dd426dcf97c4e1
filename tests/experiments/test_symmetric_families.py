"""The experiment end to end at its small size, its oracles and its elimination."""

from importlib import import_module
from itertools import product

import numpy as np
import pytest
from end_to_end import EndToEnd
from numpy.polynomial.legendre import leggauss
from scipy.stats import chi

PACKAGE = "experiments.symmetric_families"


@pytest.fixture(scope="module")
def data(modules):
    return import_module(f"{PACKAGE}.data")


@pytest.fixture(scope="module")
def elimination(modules):
    return import_module(f"{PACKAGE}.elimination")


@pytest.fixture
def errors(results):
    """{(family, order): {model: (train error, test error)}}."""
    found = {}
    for row in results:
        of_model = found.setdefault((row["family"], row["order"]), {})
        of_model[row["model"]] = row["train_error"], row["test_error"]
    return found


class TestExperiment(EndToEnd):
    again = (1, 6, 9)
    picture = "hardness.png"
    table = {
        "| ReLU network, told where to look, n = 200 | ": 3,
        "| accuracy on fresh points, parity of k counts | k = 2 |": 1,
    }


def test_the_small_size_has_every_model(results):
    names = "family", "order", "d", "n", "model", "seed"
    assert [tuple(row[name] for name in names) for row in results] == [
        ("cosine", 6, 10, 200, "network", 0),
        ("cosine", 6, 10, 200, "network_told", 0),
        ("cosine", 4, 20, 800, "two_layer", 0),
        ("cosine", 4, 20, 800, "two_layer_plain", 0),
        ("cosine", 2, 20, 800, "kernel_ridge", 0),
        ("cosine", 4, 20, 800, "kernel_ridge", 0),
        ("cosine", 2, 20, 800, "hermite", 0),
        ("parity", 2, 10, 200, "network", 0),
        ("parity", 2, 10, 200, "network_bits", 0),
        ("parity", 2, 10, 200, "elimination", 0),
    ]


def test_the_network_fails_for_want_of_the_plane(errors):
    """It fits its rows and is worse than the mean; told the plane it is right."""
    train, test = errors["cosine", 6]["network"]
    assert train < 0.01 < 1 < test
    assert max(errors["cosine", 6]["network_told"]) < 0.01


def test_a_transform_of_the_labels_finds_the_plane(errors):
    of_order = errors["cosine", 4]
    assert max(of_order["two_layer"]) < 0.03
    assert of_order["two_layer_plain"][1] > 0.5  # a second start finds a part of it
    assert of_order["kernel_ridge"][1] > 0.95


def test_the_lowest_order_is_learned_without(errors):
    for model in ("hermite", "kernel_ridge"):
        assert errors["cosine", 2][model][1] < 0.3


def test_parities_of_bits_are_learned_and_of_counts_are_not(errors):
    of_order = errors["parity", 2]
    train, test = of_order["network"]
    assert train < 0.01 < 0.4 < test
    assert of_order["network_bits"][1] < 0.02
    assert of_order["elimination"] == (0, 0)


@pytest.mark.parametrize("order", [2, 6])
def test_the_plane_is_all_that_the_cosine_family_depends_on(data, order):
    X, y, X_test, y_test, truth = data.draw(data.Target("cosine", order, 5, 30, 0), 20)
    np.testing.assert_allclose(truth.link(data.told(X, truth)), y)
    np.testing.assert_allclose(truth.link(data.told(X_test, truth)), y_test)
    assert (X_test.shape, len(y)) == ((20, 5), 30)
    np.testing.assert_array_equal(data.all_columns(X, truth), X)


def test_parities_depend_on_the_counted_columns_and_on_bits(data):
    target = data.Target("parity", 3, 6, 50, 0)
    X, y, _, _, truth = data.draw(target, 10)
    np.testing.assert_array_equal(data.told(X, truth).sum(axis=1) % 2 == 0, y)
    bits = data.bits(X, truth)
    assert set(np.unique(bits)) == {0, 1}
    np.testing.assert_array_equal(truth(bits) > 0, y)


def test_models_see_the_same_rows_and_fresh_ones_are_fresh(data):
    target = data.Target("cosine", 4, 3, 10, 1)
    first = data.draw(target, 10)
    data.draw.cache_clear()
    again = data.draw(target, 10)
    for one, other in zip(first[:4], again[:4], strict=True):
        np.testing.assert_array_equal(one, other)
    X, _, X_test, *_ = again
    assert not np.isin(X_test, X).any()


@pytest.mark.parametrize("order", [2, 4, 6])
def test_sizes_of_labels_show_the_plane_and_labels_do_not(data, order):
    """Weighted by |y| rows have variance 3/2 along the plane, as E r³ / E r = 3.

    Weighted by y they have that of no order beyond 2. Polar quadrature.
    """
    *_, truth = data.draw(data.Target("cosine", order, 3, 2, 0), 1)
    radii, angles, weights = polar_rule(order)
    z = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    y = truth.link(z)
    assert weights @ y**2 == pytest.approx(1)
    sized = np.abs(y) * weights / (weights @ np.abs(y))
    np.testing.assert_allclose(z.T * sized @ z, 1.5 * np.eye(2), atol=1e-10)
    moments = z.T * (y * weights) @ z
    if order == 2:
        assert np.abs(moments).max() > 0.5
    else:
        np.testing.assert_allclose(moments, 0, atol=1e-10)


def polar_rule(order):
    """Radii, angles and weights of N(0, I_2), by Gauss rules between the kinks."""
    nodes, weights = leggauss(40)
    radii = 6 * (nodes + 1)
    of_radii = 6 * weights * chi(2).pdf(radii)
    width = np.pi / order
    starts = width * np.arange(2 * order)
    angles = (starts[:, None] + width * (nodes + 1) / 2).ravel()
    of_angles = np.tile(width * weights / 2, 2 * order) / (2 * np.pi)
    grid = np.meshgrid(radii, angles, indexing="ij")
    return *(part.ravel() for part in grid), np.outer(of_radii, of_angles).ravel()


def test_elimination_against_all_solutions(elimination):
    """With few rows, too many, and dependent columns."""
    rng = np.random.default_rng(0)
    for n in (2, 4, 5, 12):
        A = rng.integers(0, 2, (n, 5))
        A[:, 3] = (A[:, 0] + A[:, 2]) % 2
        b = A @ rng.integers(0, 2, 5) % 2
        x = elimination.solve_modulo_two(A, b)
        every = np.array(list(product([0, 1], repeat=5)))
        solutions = every[(every @ A.T % 2 == b).all(axis=1)]
        assert x.tolist() in solutions.tolist()


@pytest.mark.parametrize("opposite", [False, True])
def test_elimination_finds_the_columns(data, elimination, opposite):
    """From 60 rows of 20 counts, and whether odd sums are true or false."""
    X, y, X_test, y_test, truth = data.draw(data.Target("parity", 6, 20, 60, 0), 100)
    model = elimination.ParityElimination().fit(X, y ^ opposite)
    np.testing.assert_array_equal(np.flatnonzero(model.coef_[:-1]), truth.columns)
    assert model.coef_[-1] == (not opposite)
    np.testing.assert_array_equal(model.predict(X_test), y_test ^ opposite)


def test_polynomials_are_fitted_where_they_are_few(modules, cells):
    """The exponents of at most the degree are counted one by one."""
    _, report = modules
    fitted = {
        (cell["order"], cell["d"])
        for cell in cells["full"]
        if cell["model"] == "hermite"
    }
    for order, d in product([2, 4, 6], [2, 5, 10, 20]):
        counts = np.zeros(order + 1, dtype=int)
        counts[0] = 1
        for _ in range(d):
            counts = np.cumsum(counts)
        assert report.rows_a_product(order, d, 8000) == 8000 / counts.sum()
        assert ((order, d) in fitted) == (counts.sum() <= 2000)


def test_every_model_is_in_the_full_run(modules, cells):
    run, report = modules
    for name, model in run.MODELS.items():
        assert model.title
        assert name in {cell["model"] for cell in cells["full"] if cell["seed"] == 0}
    assert report.figure.LEARNERS.keys() | report.figure.PARITIES.keys() <= set(
        run.MODELS
    )
