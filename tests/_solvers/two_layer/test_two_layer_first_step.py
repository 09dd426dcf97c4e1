"""The first step against finite differences and the paper's formula."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._first_step import (
    gradient_weights,
    paired_signs,
    random_layer,
    take_first_step,
    unit_rms,
)

N_SAMPLES, N_FEATURES, N_HIDDEN = 40, 5, 8


def problem(n_targets=1, seed=0, weighted=True):
    """Samples of uneven weights, and a start of weights in pairs."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((N_SAMPLES, N_FEATURES))
    targets = rng.standard_normal((N_SAMPLES, n_targets))
    weight = rng.uniform(0.2, 3, N_SAMPLES) if weighted else None
    start = np.repeat(rng.standard_normal((N_HIDDEN // 2, N_FEATURES)), 2, axis=0)
    return Samples.of(Z, targets, weight), start


def numerical_gradient(function, at, step=1e-6):
    """Central differences of a scalar function of an array."""
    gradient = np.empty(at.shape)
    for index in np.ndindex(at.shape):
        shift = np.zeros(at.shape)
        shift[index] = step
        gradient[index] = (function(at + shift) - function(at - shift)) / (2 * step)
    return gradient


@pytest.mark.parametrize("n_targets", [1, 3])
def test_the_step_descends_the_loss_of_the_network(n_targets):
    samples, start = problem(n_targets)
    # The second unit of a pair has the opposite output weights: the network is zero.
    half = np.random.default_rng(1).choice([-1.0, 1.0], (n_targets, N_HIDDEN // 2))
    output_weights = np.repeat(half, 2, axis=1) * np.tile([1, -1], N_HIDDEN // 2)

    def loss(weights):
        predicted = np.maximum(samples.X @ weights.T, 0) @ output_weights.T
        return samples.share @ ((predicted - samples.targets) ** 2).sum(axis=1)

    found = gradient_weights(samples, samples.targets, output_weights, start)
    np.testing.assert_allclose(found, -numerical_gradient(loss, start), atol=1e-8)


def step_two(Z, y, a, start):
    """Step 2 of Algorithm 1, one unit and sample after the other."""
    expected = np.zeros(start.shape)
    for j in range(len(start)):
        for i in range(len(Z)):
            if start[j] @ Z[i] >= 0:
                expected[j] += 2 * a[j] * y[i] * Z[i] / len(Z)
    return expected


def test_gradient_weights_are_step_two_of_algorithm_one():
    samples, start = problem(weighted=False)
    a = np.tile([1.0, -1.0], N_HIDDEN // 2)
    expected = step_two(samples.X, samples.targets[:, 0], a, start)
    found = gradient_weights(samples, samples.targets, a[None], start)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_gradients_weigh_as_they_repeat():
    samples, start = problem()
    times = np.random.default_rng(1).integers(1, 4, N_SAMPLES)
    rows, mix = np.repeat(np.arange(N_SAMPLES), times), np.ones((1, N_HIDDEN))
    weighted = Samples.of(samples.X, samples.targets, times.astype(float))
    repeated = Samples.of(samples.X[rows], samples.targets[rows])
    one, other = (
        gradient_weights(s, s.targets, mix, start) for s in (weighted, repeated)
    )
    np.testing.assert_allclose(one, other, atol=1e-13)


def test_blocks_of_rows_add_up():
    rng = np.random.default_rng(0)
    samples = Samples.of(rng.standard_normal((5000, 4)), rng.standard_normal(5000))
    start, mix = rng.standard_normal((600, 4)), np.ones((1, 600))
    gates = samples.X @ start.T >= 0
    whole = 2 * ((samples.targets * gates).T @ samples.X) / 5000
    found = gradient_weights(samples, samples.targets, mix, start)
    np.testing.assert_allclose(found, whole, atol=1e-14)


def test_unit_rms():
    weights = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(unit_rms(weights), weights / np.sqrt(12.5))
    np.testing.assert_array_equal(unit_rms(np.zeros((2, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("n_hidden", [2, 7, 12])
@pytest.mark.parametrize(("n_kinds", "n_targets"), [(1, 1), (3, 1), (2, 3)])
def test_units_of_a_pair_have_opposite_signs_and_one_kind(n_kinds, n_targets, n_hidden):
    mix, kind = paired_signs(n_kinds, n_targets, n_hidden, np.random.default_rng(0))
    by_kind = mix.reshape(n_kinds, n_targets, n_hidden)
    units = np.arange(n_hidden)
    np.testing.assert_array_equal(np.abs(by_kind[kind, :, units]), 1)
    assert np.abs(mix).sum() == n_hidden * n_targets  # 0 for all other kinds
    whole = n_hidden // 2 * 2
    np.testing.assert_array_equal(mix[:, 0:whole:2], -mix[:, 1:whole:2])


@pytest.mark.parametrize("n_hidden", [2, 7, 12])
def test_a_random_layer_has_unit_weights_in_pairs(n_hidden):
    layer = random_layer(n_hidden, 3, np.dtype("f4"), np.random.default_rng(0))
    assert layer.weights.shape == (n_hidden, 3)
    assert layer.weights.dtype == layer.biases.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(layer.weights, axis=1), 1, rtol=1e-6)
    whole = n_hidden // 2 * 2
    np.testing.assert_array_equal(layer.weights[0:whole:2], layer.weights[1:whole:2])
    assert len(np.unique(layer.biases)) == n_hidden


def step(samples, learning_rate, transform=None, n_hidden=N_HIDDEN):
    """The start and what a step makes of it."""
    dtype = samples.X.dtype
    start = random_layer(n_hidden, N_FEATURES, dtype, np.random.default_rng(0))
    residual = samples.targets - samples.mean
    rng = np.random.default_rng(1)
    return start, *take_first_step(
        start, samples, residual, transform, learning_rate, rng
    )


@pytest.mark.parametrize("learning_rate", [0.5, 3.0])
def test_a_step_of_a_given_size_is_the_papers(learning_rate):
    samples, _ = problem(weighted=False)
    start, layer, labels = step(samples, learning_rate)
    residual = samples.targets[:, 0] - samples.mean
    a = np.tile([1.0, -1.0], N_HIDDEN // 2)
    expected = learning_rate * step_two(samples.X, residual, a, start.weights)
    # The sign of each pair is drawn.
    cosines = np.sum(layer.weights * expected, axis=1)
    signs = np.sign(cosines)
    np.testing.assert_allclose(layer.weights, signs[:, None] * expected, atol=1e-12)
    np.testing.assert_array_equal(signs[::2], signs[1::2])
    np.testing.assert_allclose(labels.labels[:, 0], residual)


def test_weights_of_each_kind_have_root_mean_square_norm_one():
    samples, _ = problem()
    _, layer, labels = step(samples, "rms", "auto", n_hidden=24)
    lengths = (layer.weights**2).sum(axis=1)
    kinds = np.arange(24) // 2 % len(labels.names)
    for k in range(len(labels.names)):
        assert np.mean(lengths[kinds == k]) == pytest.approx(1)


@pytest.mark.parametrize("unit", [1e-90, 1e3, 1e90])
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_targets_of_other_units_and_offsets_step_alike(unit, offset):
    samples, _ = problem()
    moved = samples.to(unit * (samples.targets + offset))
    one, other = (step(s, "rms", "auto")[1] for s in (samples, moved))
    np.testing.assert_allclose(one.weights, other.weights, atol=1e-8)
    np.testing.assert_array_equal(one.biases, other.biases)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e90])
@pytest.mark.parametrize("learning_rate", ["rms", 2.0])
def test_units_without_a_gradient_stay(constant, learning_rate):
    """Rounding of a constant target turns no unit."""
    samples, _ = problem()
    constant = samples.to(np.full((N_SAMPLES, 1), constant))
    start, layer, _ = step(constant, learning_rate)
    np.testing.assert_array_equal(layer.weights, start.weights)
