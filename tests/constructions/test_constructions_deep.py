"""Deep networks written down, against the functions that they equal."""

import pickle
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.neural_network import MLPRegressor

from sklearn_depth.constructions import (
    approximate_radial,
    iterated_map_network,
    maximum_network,
    sawtooth_network,
)
from sklearn_depth.datasets import make_iterated_map, make_sawtooth, sample_radial
from sklearn_depth.metrics import path_norm

GRID = np.linspace(0, 1, 4097)[:, None]
THREE = [0, 0.5, 1], [0.5, 1, 0]


def by_hand(network, X):
    """The definition, layer by layer."""
    for k, (coef, intercept) in enumerate(
        zip(network.coefs, network.intercepts, strict=True)
    ):
        X = (np.maximum(X, 0) if k else X) @ coef + intercept
    return X[:, 0]


def sum_over_paths(coefs):
    """One path after the other."""
    total = 0.0
    shape = [len(coefs[0]), *(coef.shape[1] for coef in coefs)]
    for path in product(*map(range, shape)):
        steps = zip(coefs, path[:-1], path[1:], strict=True)
        total += np.prod([abs(coef[i, j]) for coef, i, j in steps])
    return total


@pytest.mark.parametrize(
    ("k", "n_hidden_layers", "widths"),
    [
        (1, None, (2,)),
        (4, None, (2, 2, 2, 2)),
        (5, 1, (32,)),
        (5, 2, (8, 4)),
        (7, 3, (8, 4, 4)),
        (12, None, (2,) * 12),
    ],
)
def test_the_sawtooth_is_exact_on_a_dyadic_grid(k, n_hidden_layers, widths):
    network = sawtooth_network(k, n_hidden_layers=n_hidden_layers)
    assert network.widths == widths
    assert network.depth == len(widths) + 1
    assert network.n_units == sum(widths)
    truth = make_sawtooth(n_iterations=k, return_truth=True, random_state=0)[2]
    np.testing.assert_array_equal(network(GRID), truth(GRID))
    X = np.random.default_rng(0).random((500, 1))
    np.testing.assert_allclose(network(X), truth(X), atol=1e-15 * 4**k)
    np.testing.assert_array_equal(by_hand(network, X), network(X))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_path_norms_of_the_sawtooth(k):
    assert sawtooth_network(k).path_norm == 6**k
    shallow = sawtooth_network(k, n_hidden_layers=1)
    assert shallow.path_norm == 2**k * (2 ** (k + 1) - 1)


@pytest.mark.parametrize("n_hidden_layers", [1, 3, 7, None])
def test_iterates_with_a_point_of_period_three(n_hidden_layers):
    network = iterated_map_network(*THREE, 7, n_hidden_layers=n_hidden_layers)
    truth = make_iterated_map(map="period_three", n_iterations=7, return_truth=True)[2]
    np.testing.assert_allclose(network(GRID), truth(GRID), atol=1e-12)
    if n_hidden_layers == 1:
        assert network.widths == (34,)


def test_any_map_and_knots_where_nothing_bends():
    rng = np.random.default_rng(0)
    knots = np.concatenate([[0], np.sort(rng.random(4)), [1]])
    values = rng.random(6)
    network = iterated_map_network(knots, values, 4, n_hidden_layers=2)
    x = GRID[:, 0]
    for _ in range(4):
        x = np.interp(x, knots, values)
    np.testing.assert_allclose(network(GRID), x, atol=1e-9)
    thinned = iterated_map_network([0, 0.25, 0.5, 0.7, 1], [0.5, 0.75, 1, 0.6, 0], 2)
    assert thinned.widths == (2, 2)


@pytest.mark.parametrize("n_hidden_layers", [1, 2])
def test_steep_and_flat_pieces_of_one_map(n_hidden_layers):
    """Slopes of the iterate run from 1 to 1e12; the flat pieces bend as well."""
    knots, values = [0, 0.01, 1], [0, 1, 0]
    network = iterated_map_network(knots, values, 6, n_hidden_layers=n_hidden_layers)
    assert network.n_units == {1: 2**6, 2: 2**3 + 2**3}[n_hidden_layers]
    x = GRID[:, 0]
    for _ in range(6):
        x = np.interp(x, knots, values)
    np.testing.assert_allclose(network(GRID), x, atol=1e-2)  # 100 ** 6 times rounding


@pytest.mark.parametrize("n_knots", [2, 4])
def test_the_least_path_norm_is_the_variation_of_the_slope(n_knots):
    """By a linear program over all units that bend on a grid, both ways.

    A linear function is free of charge; the function is flat to the left.
    """
    rng = np.random.default_rng(n_knots)
    inner = np.sort(rng.choice(np.arange(1, 20), n_knots, replace=False)) / 20
    knots = np.concatenate([[0], inner, [1]])
    values = rng.random(n_knots + 2)
    network = iterated_map_network(knots, values, 1)
    slopes = np.concatenate([[0], np.diff(values) / np.diff(knots)])
    variation = np.abs(np.diff(slopes)).sum()
    assert network.path_norm == pytest.approx(variation)

    bends = np.arange(-3, 23) / 20
    x = np.linspace(-0.2, 1.2, 57)[:, None]
    units = np.hstack([np.maximum(x - bends, 0), np.maximum(bends - x, 0)])
    linear = np.hstack([np.ones_like(x), x])
    dictionary = np.hstack([units, -units, linear, -linear])
    cost = np.concatenate([np.ones(4 * len(bends)), np.zeros(4)])
    least = linprog(cost, A_eq=dictionary, b_eq=network(x))
    assert least.fun == pytest.approx(variation, rel=1e-6)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 8, 13])
def test_the_maximum_is_exact(d):
    network = maximum_network(d)
    assert network.depth == 1 + int(np.ceil(np.log2(d)))
    if d > 1:
        assert network.widths[0] == 3 * (d // 2) + 2 * (d % 2)
        assert network.widths[-1] == 3
    X = 1e3 * np.random.default_rng(0).standard_normal((300, d))
    np.testing.assert_allclose(network(X), X.max(axis=1), rtol=1e-12)
    grid = np.random.default_rng(1).integers(-3, 4, (300, d)).astype(float)
    np.testing.assert_array_equal(network(grid), grid.max(axis=1))


def test_path_norms_of_the_maximum():
    for k in range(6):
        assert maximum_network(2**k).path_norm == 4**k
    network = maximum_network(5)
    assert network.path_norm == pytest.approx(sum_over_paths(network.coefs))


def test_path_norms_of_fitted_networks():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 2)), rng.standard_normal((30, 2))
    fitted = MLPRegressor(
        hidden_layer_sizes=(3, 4), max_iter=2000, tol=0.1, random_state=0
    ).fit(X, y)
    assert path_norm(fitted) == pytest.approx(sum_over_paths(fitted.coefs_))
    coefs = [coef.copy() for coef in fitted.coefs_]
    coefs[0][:, 1] *= 7
    coefs[1][1] /= -7
    assert path_norm(coefs) == pytest.approx(path_norm(fitted))
    radial = approximate_radial(profile, 3, width=400, random_state=0)
    W, _, a = radial.as_network()
    assert path_norm(radial) == pytest.approx(path_norm([W.T, a[:, None]]))
    for network in ([], None, MLPRegressor()):
        with pytest.raises(TypeError, match="has no weights"):
            path_norm(network)
    with pytest.raises(ValueError, match="3 columns stands below one with 4 rows"):
        path_norm([np.ones((2, 3)), np.ones((4, 1))])


def profile(r):
    return np.abs(r - 1)


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_two_hidden_layers_follow_the_norm(d):
    given = {"depth": 3, "random_state": 0}
    network = approximate_radial(profile, d, tol=0.02, **given)
    assert network.depth == 3
    assert network.l2_error <= 0.02
    X = sample_radial(20_000, d, law="uniform", scale=d**-0.5, random_state=1)
    errors = np.abs(network(X) - profile(np.linalg.norm(X, axis=1)))
    l2_error = np.sqrt(np.mean(errors**2))
    assert l2_error == pytest.approx(network.l2_error, rel=0.1)
    assert errors.max() < 1.5 * network.sup_error
    np.testing.assert_allclose(by_hand(network, X[:99]), network(X[:99]), atol=1e-9)
    n_inner = network.widths[0] // (2 * d)
    if n_inner > 1:
        half = d * n_inner + 40
        narrow = approximate_radial(profile, d, width=half, **given)
        assert narrow.widths == (d * n_inner, 40)
        assert narrow.l2_error > 0.02


def test_the_first_layer_has_the_squared_norm_on_average():
    """Where the target is r², the mean error over a sphere is that of the knots."""
    network = approximate_radial(
        np.square, 6, depth=3, width=6 * 2 * 8 + 200, n_knots=200, random_state=0
    )
    for radius in (0.4, 1.0, 1.7):
        X = sample_radial(40_000, 6, law=_at(radius), random_state=2)
        values = network(X)
        deviation = np.std(values) / 200
        assert np.mean(values) == pytest.approx(radius**2, abs=5 * deviation + 1e-4)
        assert np.std(values) < 0.02


def _at(radius):
    return lambda n_samples, rng: np.full(n_samples, radius)


def test_a_law_of_one_norm():
    network = approximate_radial(
        profile, 4, depth=3, width=2000, law=_at(3.0), scale=0.5, random_state=0
    )
    assert network.sup_error < 0.01


def test_the_error_falls_with_the_square_of_the_knots():
    errors = [
        approximate_radial(
            np.square, 5, depth=3, width=10 * n + 400, n_knots=400, random_state=0
        ).l2_error
        for n in (8, 16, 32)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.4)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.4)


def test_depth_beats_width():
    shallow = approximate_radial(profile, 10, width=20_000, random_state=0)
    deep = approximate_radial(profile, 10, depth=3, width=200, random_state=0)
    assert deep.l2_error < shallow.l2_error / 2


def test_networks_are_values():
    for network in (
        sawtooth_network(3),
        maximum_network(5),
        approximate_radial(profile, 3, depth=3, width=100, random_state=0),
    ):
        X = np.random.default_rng(0).random((7, network.n_features))
        copy = pickle.loads(pickle.dumps(network))
        np.testing.assert_array_equal(copy(X), network(X))
        with pytest.raises(ValueError, match=r"X has 9 features.*built for"):
            network(np.zeros((2, 9)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*THREE, 3, 4), r"n_hidden_layers=4 is more than n_iterations=3"),
        ((*THREE, 30, 1), r"makes one of up to 2\^30 units, and 262,144"),
        ((*THREE, 5000, 1), r"makes one of up to 2\^5000 units"),
        (([0, 1], [0, 0.5, 1], 2, 1), "there are 2 knots and 3 values"),
        (([0, 0.5, 0.5, 1], [0, 1, 0, 1], 2, 1), "must increase from 0 to 1"),
        (([0.1, 1], [0, 1], 2, 1), r"knots run from 0\.1 to 1"),
        (([0, 1], [0, 1.5], 2, 1), r"values lie between 0 and 1\.5"),
        (([0, 1], [0, np.nan], 2, 1), "values contains NaN"),
        ((*THREE, 0, 1), "'n_iterations' parameter"),
    ],
)
def test_maps_that_are_refused(arguments, message):
    *given, n_hidden_layers = arguments
    with pytest.raises(ValueError, match=message):
        iterated_map_network(*given, n_hidden_layers=n_hidden_layers)


def test_networks_beyond_memory_are_refused():
    with pytest.raises(MemoryError, match="2 layers of 262,144 units"):
        sawtooth_network(36, n_hidden_layers=2)
    with pytest.raises(MemoryError, match="layers of 2 units"):
        sawtooth_network(10**15)
    with pytest.raises(MemoryError, match=r"n_knots=1,000,000,000,000.*fewer knots"):
        approximate_radial(profile, 5, depth=3, tol=0.1, n_knots=10**12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"depth": 4, "tol": 1}, "'depth' parameter"),
        (
            {"width": 49},
            r"two units for each coordinate and n_knots=40 above them, 50 in",
        ),
        ({"tol": 1e-9}, "tol=1e-09 is out of reach.*interpolated at n_knots=40"),
        ({"tol": 1, "degree": 3}, "degree=3, but construction='hinge' fits no"),
        ({"tol": 1, "construction": "polynomial"}, "is for depth=2, where"),
        ({}, "width=None and tol=None"),
    ],
)
def test_deep_radial_networks_that_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        approximate_radial(profile, 5, **{"depth": 3} | parameters)
