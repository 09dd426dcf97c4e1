"""Layers as values: features, gradients, heads, and the charge for a search."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    charged_size,
    effective_rank,
    fit_head,
    fit_on_the_way,
    interleaved,
    joined,
    search_size,
    searched,
)


def relu(z):
    return np.where(z > 0, z, 0)


def layer_of(n_units=7, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    return Layer(
        rng.standard_normal((n_units, n_features)), rng.standard_normal(n_units)
    )


def measured(*error, n_search=0.0):
    return Layer(np.zeros((1, 2)), np.zeros(1), n_search, np.array(error))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_features_are_units_and_inputs(dtype):
    layer = layer_of().astype(np.dtype(dtype))
    Z = np.random.default_rng(1).standard_normal((40, 4)).astype(dtype)
    features = layer.features(Z)
    assert features.dtype == dtype
    assert features.shape == (40, layer.n_columns)
    expected = relu(Z @ layer.weights.T + layer.biases)
    np.testing.assert_allclose(features[:, :7], expected)
    np.testing.assert_array_equal(features[:, 7:], Z)


def test_a_layer_of_no_units_leaves_the_inputs():
    Z = np.random.default_rng(1).standard_normal((40, 4))
    none = Layer(np.empty((0, 4)), np.empty(0))
    assert len(none) == 0
    np.testing.assert_array_equal(none.features(Z), Z)


@pytest.mark.parametrize("n_targets", [1, 3])
def test_output_gradients_by_finite_differences(n_targets):
    rng = np.random.default_rng(0)
    Z, layer = rng.standard_normal((30, 4)), layer_of()
    coef = rng.standard_normal((11, n_targets))

    def outputs(at):
        return np.hstack([relu(at @ layer.weights.T + layer.biases), at]) @ coef

    found = layer.output_gradients(Z, coef)
    assert len(found) == n_targets
    for j, shift in enumerate(1e-6 * np.eye(4)):
        slope = (outputs(Z + shift) - outputs(Z - shift)) / 2e-6
        for k in range(n_targets):
            np.testing.assert_allclose(found[k][:, j], slope[:, k], atol=1e-7)


@pytest.mark.parametrize("n_targets", [1, 3])
def test_gradient_covariance_by_finite_differences(n_targets):
    rng = np.random.default_rng(0)
    Z, weight = rng.standard_normal((40, 4)), rng.uniform(0.2, 3, 40)
    layer, coef = layer_of(), rng.standard_normal((11, n_targets))
    expected = np.zeros((4, 4))
    for z, share in zip(Z, weight / weight.sum(), strict=True):
        for a in coef.T:
            ends = [
                a[:7] @ relu(layer.weights @ (z + shift) + layer.biases)
                + a[7:] @ (z + shift)
                for shift in 1e-6 * np.vstack([np.eye(4), -np.eye(4)])
            ]
            slope = (np.array(ends[:4]) - ends[4:]) / 2e-6
            expected += share * np.outer(slope, slope)
    samples = Samples.of(Z, np.zeros(40), weight)
    found = layer.gradient_covariance(samples, coef)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_blocks_of_rows_add_up():
    rng = np.random.default_rng(0)
    Z, layer = rng.standard_normal((5000, 4)), layer_of(600)
    coef = rng.standard_normal((604, 1))
    gates = Z @ layer.weights.T + layer.biases > 0
    slopes = (gates * coef[:600, 0]) @ layer.weights + coef[600:, 0]
    found = layer.gradient_covariance(Samples.of(Z, np.zeros(5000)), coef)
    np.testing.assert_allclose(found, slopes.T @ slopes / 5000)


@pytest.mark.parametrize(
    ("n_search", "factor"), [(0, 1), (5, 0.9), (19, 0.62), (40, 0.2)]
)
def test_the_charge_by_hand(n_search, factor):
    """Of 100 samples 2 q are spent."""
    errors = np.array([0.0, 0.5, 3.0])
    layer = measured(*errors, n_search=n_search)
    np.testing.assert_allclose(layer.charged_error(100), errors / factor**2, rtol=1e-12)


@pytest.mark.parametrize("n_search", [50, 1e6])
def test_a_search_that_spends_all_samples_promises_nothing(n_search):
    layer = measured(0.0, 0.5, n_search=n_search)
    np.testing.assert_array_equal(layer.charged_error(100), [0, np.inf])


@pytest.mark.parametrize(
    ("rank", "n_features", "size"), [(1, 10, 9), (2, 11, 18), (3, 10, 20), (9, 100, 20)]
)
def test_directions_are_charged_a_fifth_of_the_samples_at_most(rank, n_features, size):
    assert charged_size(rank, n_features, 100) == size


def test_the_mean_error_is_over_targets_that_vary():
    assert measured(0.2, 0.0, 0.6).mean_error(100) == pytest.approx(0.4)
    assert measured(0.0, 0.0).mean_error(100) == 0
    charged = measured(0.2, 0.6, n_search=5)
    assert charged.mean_error(100) == pytest.approx(0.4 / 0.81)


def test_a_layer_without_a_head_has_no_error():
    with pytest.raises(ValueError, match="fit a head on it first"):
        layer_of().charged_error(100)


def problem(n_samples=80, seed=0):
    rng = np.random.default_rng(seed)
    Z, y = rng.standard_normal((n_samples, 3)), rng.standard_normal((n_samples, 2))
    return Samples.of(Z, y, rng.uniform(0.5, 2, n_samples)), layer_of(9, 3)


@pytest.mark.parametrize("alpha", ["auto", "loo", "gcv", 0.7])
def test_heads_solve_the_normal_equations(alpha):
    """At their penalty, which is of weights of mean 1, or of the user's own."""
    samples, layer = problem()
    head = fit_head(layer, samples, alpha)
    features = np.hstack([relu(samples.X @ layer.weights.T + layer.biases), samples.X])
    weight = samples.weight * samples.unit
    features -= np.average(features, axis=0, weights=weight)
    weighted = features.T * weight
    for k, penalty in enumerate(head.alpha):
        if alpha == 0.7:
            assert penalty == alpha
        coef = np.linalg.solve(
            weighted @ features + penalty * np.eye(12),
            weighted @ samples.targets[:, k],
        )
        np.testing.assert_allclose(head.coef[:, k], coef, atol=1e-8)


def left_out_errors(layer, samples, alpha):
    """Squared errors on each row by a head at this penalty on the other ones."""
    errors = []
    for i in range(len(samples)):
        others = np.arange(len(samples)) != i
        Z, y, weight = (
            samples.X[others],
            samples.targets[others],
            samples.weight[others],
        )
        features, at = layer.features(Z), layer.features(samples.X[[i]])
        mean = np.average(features, axis=0, weights=weight)
        centred = features - mean
        sums = (centred.T * weight) @ centred + alpha * np.eye(centred.shape[1])
        centre = np.average(y, axis=0, weights=weight)
        coef = np.linalg.solve(sums, (centred.T * weight) @ (y - centre))
        errors.append((samples.targets[i] - centre - (at - mean) @ coef)[0] ** 2)
    return samples.share @ np.array(errors)


def test_the_error_on_the_way_is_that_of_rows_left_out():
    samples, layer = problem(n_samples=14)  # few for 12 columns
    assert layer.error is None
    found, head = fit_on_the_way(layer, samples)
    assert found.weights is layer.weights
    for k, alpha in enumerate(head.alpha):
        expected = left_out_errors(layer, samples, alpha / samples.unit)[k]
        assert found.error[k] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("singular", "rank"),
    [
        ([1, 1, 1, 1], 4),
        ([7, 0, 0, 0], 1),
        ([1, 1, 0, 0], 2),
        ([2, 1, 0, 0], 25 / 17),
        ([0, 0, 0, 0], 0),
    ],
)
def test_effective_rank_of_known_matrices(singular, rank):
    left = ortho_group.rvs(9, random_state=0)[:, :4]
    right = ortho_group.rvs(4, random_state=1)
    weights = (left * singular) @ right
    assert effective_rank(weights) == pytest.approx(rank)
    counted = searched(Layer(weights, np.zeros(9)), 1000)
    assert counted.n_search == pytest.approx(rank * (4 - rank))


@pytest.mark.parametrize(
    ("rank", "n_features", "size"),
    [(1, 10, 9), (3, 10, 21), (10, 10, 0), (2.5, 4, 3.75)],
)
def test_search_size_is_the_dimension_of_the_grassmannian(rank, n_features, size):
    assert search_size(rank, n_features) == size


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_search_size_counts_the_tangents_of_the_projector(rank):
    """The rank of the map from skew generators A to AP - PA is r (d - r)."""
    P, tangents = np.diag(np.arange(5) < rank).astype(float), []
    for i, j in zip(*np.triu_indices(5, 1), strict=True):
        A = np.zeros((5, 5))
        A[i, j], A[j, i] = 1, -1
        tangents.append((A @ P - P @ A).ravel())
    assert np.linalg.matrix_rank(tangents) == search_size(rank, 5)


def test_joined_layers_stand_one_after_the_other():
    first, second = layer_of(3, seed=0), layer_of(2, seed=1)
    both = joined([first, second])
    np.testing.assert_array_equal(both.weights[3:], second.weights)
    np.testing.assert_array_equal(both.biases[:3], first.biases)


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
def test_interleaved_layers_have_the_size_of_one_and_keep_weights_beside_biases(
    n_layers,
):
    layers = [
        Layer(np.arange(10.0)[:, None] + 100 * k, np.arange(10.0) + 100 * k)
        for k in range(n_layers)
    ]
    mixed = interleaved(layers)
    np.testing.assert_array_equal(mixed.weights[:, 0], mixed.biases)
    units, counts = np.unique(mixed.biases % 100, return_counts=True)
    np.testing.assert_array_equal(units, range(10))
    assert (counts == 1).all()
    assert np.ptp(np.unique(mixed.biases // 100, return_counts=True)[1]) <= 1
