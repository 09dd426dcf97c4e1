"""Smooth layers: what their units span, how they go on, what is found."""

from dataclasses import replace
from itertools import product
from math import comb, factorial

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermeval
from scipy.stats import ortho_group

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth._math._folds import folds_along
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._layers import Layer, joined
from sklearn_depth._solvers.two_layer._smooth import (
    error_without_folds,
    fit_polynomials,
    highest_degree,
    polished,
    smooth_layers,
    unit_bounds,
)
from sklearn_depth._solvers.two_layer._smooth_design import design_of, n_products
from sklearn_depth._solvers.two_layer._smooth_units import SmoothUnits
from sklearn_depth.datasets import make_multi_index

FAR = [-np.inf, np.inf]


def hermite(k, z):
    """h_k, by the probabilists' polynomials of numpy."""
    return hermeval(z, [0] * k + [1]) / np.sqrt(factorial(k))


def mixed_layer(bounds=(-1.0, 1.5), seed=0):
    """Two ReLUs and three smooth units between them, of four inputs."""
    rng = np.random.default_rng(seed)
    smooth = SmoothUnits(
        np.array([0, 2, 3]), np.array([3, 1, 5]), np.tile(np.array(bounds), (3, 1))
    )
    weights, biases = rng.standard_normal((5, 4)), rng.standard_normal(5)
    return Layer(weights, biases, smooth=smooth)


def by_hand(layer, Z):
    """The units, one by one."""
    before, units = Z @ layer.weights.T + layer.biases, []
    degrees = dict(zip(layer.smooth.places, layer.smooth.degrees, strict=True))
    bounds = dict(zip(layer.smooth.places, layer.smooth.bounds, strict=True))
    for j, t in enumerate(before.T):
        if j not in degrees:
            units.append(np.where(t > 0, t, 0))
            continue
        k, inside = degrees[j], np.clip(t, *bounds[j])
        slope = np.sqrt(k) * hermite(k - 1, inside)
        units.append(hermite(k, inside) + slope * (t - inside))
    return np.stack(units, axis=1)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_features_of_both_kinds_by_hand(dtype):
    layer = mixed_layer()
    Z = np.random.default_rng(1).standard_normal((200, 4))
    features = layer.astype(np.dtype(dtype)).features(Z.astype(dtype))
    assert features.dtype == dtype
    tolerance = 1e-12 if dtype == "f8" else 2e-5
    np.testing.assert_allclose(features[:, :5], by_hand(layer, Z), 0, tolerance * 10)
    np.testing.assert_array_equal(features[:, 5:], Z.astype(dtype))


def test_gradients_of_both_kinds_by_finite_differences():
    rng, layer = np.random.default_rng(2), mixed_layer()
    Z, coef = rng.standard_normal((60, 4)), rng.standard_normal((9, 2))
    weight = rng.uniform(0.2, 3, 60)
    found = np.stack(layer.output_gradients(Z, coef))
    slopes = np.empty_like(found)
    for j, shift in enumerate(1e-6 * np.eye(4)):
        change = layer.features(Z + shift) @ coef - layer.features(Z - shift) @ coef
        slopes[:, :, j] = change.T / 2e-6
    np.testing.assert_allclose(found, slopes, atol=2e-7)
    share = weight / weight.sum()
    expected = np.einsum("kia,i,kib->ab", slopes, share, slopes)
    covariance = layer.gradient_covariance(Samples.of(Z, Z[:, 0], weight), coef)
    np.testing.assert_allclose(covariance, expected, atol=2e-5)


def test_units_go_on_along_their_tangents():
    """Linear beyond the bounds, and with one slope at them from both sides."""
    layer = Layer(
        np.ones((1, 1)),
        np.zeros(1),
        smooth=SmoothUnits(np.array([0]), np.array([4]), np.array([[-1.2, 2.0]])),
    )

    def unit(t):
        return layer.features(np.reshape(t, (-1, 1)))[:, 0]

    for bound, outward in ((-1.2, -1), (2.0, 1)):
        beyond = unit(bound + outward * np.arange(0, 100, 10.0))
        np.testing.assert_allclose(np.diff(beyond, 2), 0, atol=1e-9)
        assert abs(np.diff(beyond)[0]) > 1
        before, at, after = unit(bound + 1e-6 * np.array([-1, 0, 1]))
        assert at - before == pytest.approx(after - at, rel=1e-4)


def test_joined_layers_keep_their_smooth_units():
    Z = np.random.default_rng(3).standard_normal((30, 4))
    relus = Layer(*np.split(np.random.default_rng(4).standard_normal((3, 5)), [4], 1))
    relus = Layer(relus.weights, relus.biases[:, 0])
    layers = [relus, mixed_layer(), relus, mixed_layer(seed=5)]
    expected = np.hstack([layer.features(Z)[:, : len(layer)] for layer in layers])
    np.testing.assert_array_equal(joined(layers).features(Z)[:, :-4], expected)
    assert joined([relus, relus]).smooth is None


@pytest.mark.parametrize(("rank", "degree"), [(1, 7), (2, 6), (3, 4), (8, 3)])
def test_units_span_all_hermite_products_with_the_same_prior(rank, degree):
    """Mixed units of a degree are an orthogonal matrix times its products."""
    design, rng = design_of(rank, degree), np.random.default_rng(6)
    assert len(design.degrees) == n_products(rank, degree) - rank
    np.testing.assert_allclose(np.linalg.norm(design.directions, axis=1), 1)
    Z = rng.standard_normal((2 * len(design.degrees), rank))
    before = Z @ design.directions.T
    for k in range(2, degree + 1):
        powers = [p for p in product(range(k + 1), repeat=rank) if sum(p) == k]
        assert len(powers) == comb(k + rank - 1, k)
        products = np.stack(
            [np.prod([hermite(s, z) for s, z in zip(p, Z.T, strict=True)], axis=0)
             for p in powers], axis=1,
        )  # fmt: skip
        of_degree = design.degrees == k
        mixed = (
            hermite(k, before[:, of_degree]) @ design.mixing[of_degree][:, of_degree]
        )
        turn = np.linalg.lstsq(products, mixed)[0]
        np.testing.assert_allclose(products @ turn, mixed, atol=1e-8)
        np.testing.assert_allclose(turn.T @ turn, np.eye(len(powers)), atol=1e-8)


def test_few_rows_bear_lower_degrees():
    assert highest_degree(1, 1000) == 7
    assert highest_degree(1, 9) == 3
    assert highest_degree(8, 1000) == 3
    assert highest_degree(8, 400) == 2
    assert highest_degree(8, 10) == 0
    assert highest_degree(20, 10**6) == 2  # 230 products, where 3 has 1770
    assert highest_degree(100, 10**6) == 1


def test_bounds_are_quantiles_or_reach_beyond_them():
    z = np.random.default_rng(7).standard_normal((4001, 1))
    share = np.full(4001, 1 / 4001)
    near, wide = (unit_bounds(z, share, wide=w)[0] for w in (False, True))
    np.testing.assert_allclose(near, [-2.576, 2.576], atol=0.2)
    last = np.array([z.min(), z.max()]) - np.median(z)
    np.testing.assert_allclose(wide, 1.1 * last + np.median(z))
    heavy = unit_bounds(z**3, share, wide=True)[0]
    assert (np.abs(heavy) < np.abs(z**3).max() / 3).all()
    flat = unit_bounds(np.clip(z, -1, 1), share, wide=True)[0]
    np.testing.assert_allclose(flat, [-1.1, 1.1], atol=0.02)
    twice = unit_bounds(np.repeat(z, 2, axis=0), np.repeat(share, 2) / 2, wide=False)
    np.testing.assert_array_equal(twice[0], near)
    few = np.array([[5.0], [1.0], [4.0], [2.0], [-90.0], [3.0], [0.0], [90.0]])
    share = np.full(8, 1 / 8)
    np.testing.assert_array_equal(unit_bounds(few, share, wide=False), [[0.0, 4.0]])


def cubic_problem(n_samples=400, noise=0.0, weight=None, n_targets=1, d=10):
    """Cubics in the first two of some directions, and which those are."""
    rng = np.random.default_rng(8)
    Z = rng.standard_normal((n_samples, d))
    V = ortho_group.rvs(d, random_state=9)[:, :2]
    u, v = (Z @ V).T
    targets = [hermite(3, u) + u * v, hermite(2, v) * u + v][:n_targets]
    y = np.stack(targets, axis=1)
    return Samples.of(Z, y + noise * rng.standard_normal(y.shape), weight).scaled(), V


def near(V, by=0.1):
    """Covariance of directions that are somewhat off."""
    off = V + by * np.random.default_rng(10).standard_normal(V.shape)
    return off @ off.T


def best_of(samples, covariance, ranks=(1, 2, 3), bar=np.inf):
    told, layers = [], smooth_layers(samples, covariance, list(ranks), bar)
    while True:
        try:
            told.append(next(layers))
        except StopIteration as end:
            return told, end.value


def output(layer, Z):
    return layer.features(Z) @ layer.head.coef + layer.head.intercept


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_cubic_without_noise_is_learned_as_it_is(n_targets):
    samples, V = cubic_problem(n_targets=n_targets)
    told, layer = best_of(samples, near(V))
    assert len(told) == 3
    assert layer is told[1]
    assert layer.mean_error(400) < 1e-4
    assert np.mean((output(layer, samples.X) - samples.targets) ** 2) < 1e-5
    weights = np.linalg.svd(layer.weights)[2][:2]
    np.testing.assert_allclose(np.linalg.svd(weights @ V)[1], 1, atol=1e-4)
    assert np.linalg.svd(layer.weights)[1][2] < 1e-8


def test_noise_that_is_left_is_the_estimated_error():
    samples, V = cubic_problem(2000, noise=0.5)
    _, layer = best_of(samples, near(V))
    assert layer.n_search == 16
    left = np.mean((output(layer, samples.X) - samples.targets) ** 2)
    # 9 products and 16 parameters of the plane were fitted to the noise.
    assert layer.error[0] == pytest.approx(left, rel=0.03)
    assert layer.charged_error(2000)[0] == pytest.approx(0.25 / 2.25, rel=0.12)


def test_weights_are_repetition():
    rng = np.random.default_rng(11)
    weight = rng.integers(1, 4, 300).astype(float)
    weighted, V = cubic_problem(300, noise=0.3, weight=weight)
    Z, y = weighted.X, weighted.targets
    rows = np.repeat(np.arange(300), weight.astype(int))
    repeated = Samples.of(Z[rows], y[rows]).distinct()
    one, other = (best_of(s, near(V), [2])[1] for s in (weighted, repeated))
    np.testing.assert_allclose(output(one, Z), output(other, Z), atol=1e-6)
    assert one.error[0] == pytest.approx(other.error[0], rel=1e-6)


def test_the_order_of_rows_does_not_matter():
    samples, V = cubic_problem(300, noise=0.3)
    order = np.random.default_rng(12).permutation(300)
    one, other = (best_of(s, near(V))[1] for s in (samples, samples[order]))
    found, expected = output(other, samples.X), output(one, samples.X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_ranks_end_where_one_more_direction_does_not_help():
    samples, V = cubic_problem(600, noise=0.3)
    told, best = best_of(samples, near(V), (1, 2, 3, 5), bar=0.3)
    assert len(told) == 3
    assert best is told[1]
    told, best = best_of(samples, near(V), (1, 2, 3, 5), bar=0.01)
    assert len(told) == 4  # nothing comes below the bar
    assert best.mean_error(600) == min(layer.mean_error(600) for layer in told)


def test_too_few_rows_have_no_polynomials():
    samples, V = cubic_problem(5)
    assert best_of(samples, near(V)) == ([], None)


def test_one_far_row_does_not_explode():
    """A polynomial of degree 7 at 20 deviations is in the millions."""
    rng = np.random.default_rng(13)
    Z = rng.standard_normal((1000, 5))
    y = np.abs(Z[:, :1]) + 0.1 * rng.standard_normal((1000, 1))
    _, layer = best_of(Samples.of(Z, y), np.diag([1, 0, 0, 0, 0.0]), [1])
    far = output(layer, 20 * np.eye(5)[:1])
    assert abs(far[0, 0]) < 100
    endless = replace(layer.smooth, bounds=np.tile(FAR, (6, 1)))
    assert abs(output(replace(layer, smooth=endless), 20 * np.eye(5)[:1])[0, 0]) > 1e4


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_left_alone(seed):
    rng = np.random.default_rng(seed)
    samples = Samples.of(
        rng.standard_normal((300, 10)), rng.standard_normal((300, 1))
    ).scaled()
    _, best = best_of(samples, np.eye(10))
    assert best.mean_error(300) > 0.95
    new = rng.standard_normal((1000, 10))
    assert np.mean(output(best, new) ** 2) < 0.15


def few_samples(seed):
    """Eight for each of 16 inputs: too few for three directions of a cubic."""

    def cubic(Z):
        return sum(hermite(2, z) + hermite(3, z) for z in Z.T) + Z.prod(axis=1)

    return make_multi_index(
        2128, 16, n_directions=3, link=cubic, noise=0.1, random_state=seed
    )[:2]


@pytest.mark.parametrize("seed", [50, 54])
def test_few_samples_are_not_fitted_in_wrong_directions(seed):
    """Leave-one-out holds directions fast: it had 0.06 where the truth was 1.4."""
    Z, y = few_samples(seed)
    model = TwoLayerGDRegressor(random_state=0).fit(Z[:128], y[:128])
    assert np.mean((model.predict(Z[128:]) - y[128:]) ** 2) < np.var(y)


def test_folds_are_left_out_of_heads_and_turns():
    """By a loop of its own."""
    Z, y = (part[:128] for part in few_samples(3))
    weight = np.random.default_rng(3).uniform(0.5, 2, 128)
    some = Samples.of(Z, y, weight).scaled()
    start, folds = np.eye(16)[:, :2], folds_along(some.X, 4)
    errors = np.empty(128)
    for fold in range(4):
        kept, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        layer = polished(some[kept], start, 3, np.inf).on_inputs()
        errors[out] = (some.targets[out] - output(layer, some.X[out]))[:, 0] ** 2
    expected = np.average(errors, weights=some.weight)
    assert error_without_folds(some, start, 3)[0] == pytest.approx(expected)


def test_folds_are_equal_and_have_no_order():
    X = np.random.default_rng(4).standard_normal((23, 3))
    folds = folds_along(X, 4)
    assert sorted(np.bincount(folds)) == [5, 6, 6, 6]
    order = np.random.default_rng(5).permutation(23)
    np.testing.assert_array_equal(folds_along(X[order], 4), folds[order])


@pytest.mark.parametrize("n_search", [0, 20, 50, 80])
def test_charged_errors_are_no_less_than_others(n_search):
    layer = Layer(np.eye(2), np.zeros(2), n_search, error=np.array([0.1, 0.4]))
    charged = layer.charged_error(100)
    least = layer.at_least(np.array([0.3, 0.3]), 100).charged_error(100)
    np.testing.assert_allclose(least, np.maximum(charged, 0.3))


def test_inputs_that_do_not_vary_have_finite_units():
    samples, _ = cubic_problem(100)
    flat = samples.at(samples.X * (np.arange(10) < 3))
    fit = fit_polynomials(flat, np.eye(10)[:, 1:4], 3, wide=True)
    assert np.isfinite(output(fit.on_inputs(), flat.X)).all()
