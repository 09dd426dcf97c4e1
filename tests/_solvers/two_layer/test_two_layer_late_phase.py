"""The late phase against explicit formulas, and against neurons that were planted."""

import subprocess
import sys

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer import _late_phase, _network_loss
from sklearn_depth._solvers.two_layer._late_phase import (
    largest_decay,
    late_layers,
    merge_units,
)
from sklearn_depth._solvers.two_layer._layers import Layer, fit_head
from sklearn_depth._solvers.two_layer._network import Network
from sklearn_depth._solvers.two_layer._network_loss import NetworkLoss
from sklearn_depth.utils import _memory


def outputs(Z, network):
    units = np.maximum(Z @ network.weights.T + network.biases, 0)
    return np.hstack([units, Z]) @ network.coef + network.intercept


def objective(samples, network, decay):
    """The objective of the training, written out."""
    a = network.coef[: len(network)]
    penalty = (network.weights**2).sum() + (network.biases**2).sum() + (a**2).sum()
    errors = ((outputs(samples.X, network) - samples.targets) ** 2).sum(axis=1)
    return samples.share @ errors / 2 + decay / 2 * penalty


def problem(n_samples=70, n_features=4, n_hidden=6, n_targets=2, seed=0):
    """Samples of uneven weights, and a network."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    targets = np.abs(Z @ rng.standard_normal((n_features, n_targets)))
    return Samples.of(Z, targets, rng.uniform(0.5, 1.5, n_samples)), Network(
        rng.standard_normal((n_hidden, n_features)),
        rng.standard_normal(n_hidden),
        rng.standard_normal((n_hidden + n_features, n_targets)),
        rng.standard_normal(n_targets),
    )


def loss_of(samples, n_hidden=6):
    return NetworkLoss(samples, n_hidden, device="cpu")


def train(samples, network, decays=(0.01,)):
    return _late_phase._Training(samples, "cpu").train(network, list(decays))


def layer_of(network):
    return Layer(network.weights, network.biases)


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("n_hidden", [1, 6])
def test_gradients_against_finite_differences(n_hidden, n_targets):
    samples, network = problem(n_hidden=n_hidden, n_targets=n_targets)
    loss = loss_of(samples, n_hidden)
    x = network.flat()
    value, gradient = loss(x, 0.3)
    assert value == pytest.approx(objective(samples, network, 0.3))
    for k, slope in enumerate(gradient):
        step = 1e-6 * (np.arange(len(x)) == k)
        ends = [
            objective(samples, network.moved(x + sign * step, 0.3), 0.3)
            for sign in (1, -1)
        ]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7)


def test_squared_errors_are_those_of_each_target():
    samples, network = problem()
    found = loss_of(samples).squared_errors(network.flat())
    errors = (outputs(samples.X, network) - samples.targets) ** 2
    np.testing.assert_allclose(found, samples.share @ errors)


def jacobian(samples, network, k):
    """Gradients of output k in the units, its output weights and its linear part."""
    Z = samples.X
    inputs = np.column_stack([Z, np.ones(len(Z))])
    units = inputs @ network.units.T
    pulls = (units > 0) * network.coef[: len(network), k]
    to_units = (pulls[:, :, None] * inputs[:, None, :]).reshape(len(Z), -1)
    return np.hstack([to_units, np.maximum(units, 0), inputs])


@pytest.mark.parametrize("k", [0, 1])
def test_effective_parameters_against_the_trace(k, monkeypatch):
    """Over all coordinate vectors in place of signs, the estimate is the trace."""
    monkeypatch.setattr(_network_loss, "_TOLERANCE", 1e-12)
    samples, network = problem()
    J = jacobian(samples, network, k)
    curvature = J.T @ (samples.share[:, None] * J)
    loss, decay = loss_of(samples), 0.05
    found = sum(
        loss.effective_parameters(network.flat(), k, decay, vector)
        for vector in np.eye(len(curvature))
    )
    shrunk = np.linalg.solve(curvature + decay * np.eye(len(curvature)), curvature)
    assert found == pytest.approx(np.trace(shrunk), rel=1e-6)


@pytest.mark.parametrize("k", [0, 1])
def test_the_curvature_is_that_of_explicit_gradients(k, monkeypatch):
    monkeypatch.setattr(_memory, "_BLOCK_ELEMENTS", 1)
    samples, network = problem()
    J = jacobian(samples, network, k)
    found = loss_of(samples).curvature(network.flat(), k)
    np.testing.assert_allclose(found, J.T @ (samples.share[:, None] * J), atol=1e-12)


def test_exact_and_probed_errors_agree(monkeypatch):
    samples, start, _ = planted()
    layers = []
    for n_exact in (1000, 0):
        monkeypatch.setattr(_late_phase, "_DECAYS", (0.3,))
        monkeypatch.setattr(_late_phase, "_MOST_EXACT", n_exact)
        layers.append(late(samples, start)[0])
    np.testing.assert_array_equal(layers[0].weights, layers[1].weights)
    np.testing.assert_allclose(layers[0].error, layers[1].error, rtol=0.05)


def test_effective_parameters_of_random_signs_are_about_the_trace():
    samples, network = problem(n_samples=200)
    J = jacobian(samples, network, 0)
    curvature = J.T @ (samples.share[:, None] * J)
    eigenvalues = np.linalg.eigvalsh(curvature)
    loss, rng = loss_of(samples), np.random.default_rng(0)
    found = [
        loss.effective_parameters(
            network.flat(), 0, 0.02, rng.choice([-1.0, 1.0], len(J.T))
        )
        for _ in range(50)
    ]
    assert np.mean(found) == pytest.approx(
        (eigenvalues / (eigenvalues + 0.02)).sum(), abs=0.5
    )


def test_blocks_change_nothing_but_rounding(monkeypatch):
    monkeypatch.setattr(_network_loss, "_TOLERANCE", 1e-12)
    samples, network = problem(n_samples=200)
    x, signs = network.flat(), np.where(np.arange(41) % 3, 1.0, -1.0)

    def measured():
        loss = loss_of(samples)
        n_parameters = loss.effective_parameters(x, 0, 0.1, signs)
        return *loss(x, 0.1), loss.squared_errors(x), n_parameters

    whole = measured()
    monkeypatch.setitem(_network_loss._COLUMNS_PER_UNIT, "cpu", 1e6)
    for one, other in zip(whole, measured(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_balance_keeps_the_function_and_evens_the_sizes():
    samples, network = problem()
    Z = samples.X
    network.weights[0] = network.biases[0] = 0
    network.coef[1] = 0
    balanced = network.balanced()
    np.testing.assert_allclose(outputs(Z, balanced), outputs(Z, network))
    outer, inner = balanced.sizes()
    np.testing.assert_allclose(outer[2:], inner[2:])
    np.testing.assert_allclose(outer[0], network.sizes()[0][0])


def test_thinning_takes_the_lightest_unit_and_its_weights_alone():
    samples, network = problem()
    Z = samples.X
    network.weights[2] *= 1e-6
    network.biases[2] *= 1e-6
    thinned = network.thinned()
    assert len(thinned) == 5
    np.testing.assert_allclose(outputs(Z, thinned), outputs(Z, network), atol=1e-4)
    np.testing.assert_array_equal(network.living().coef, thinned.coef)


def test_above_the_largest_decay_all_units_die_and_a_linear_fit_is_left():
    samples, network = problem(n_samples=300)
    most = largest_decay(samples, layer_of(network))
    _, again = train(samples, network, (20 * most, most))
    assert np.prod(again.sizes(), axis=0).max() < 1e-9
    root = np.sqrt(samples.share)[:, None]
    inputs = np.column_stack([samples.X, np.ones(300)])
    linear = np.linalg.lstsq(root * inputs, root * samples.targets)[0]
    np.testing.assert_allclose(outputs(samples.X, again), inputs @ linear, atol=1e-2)


def test_the_objective_falls_and_ends_at_a_stationary_point(monkeypatch):
    monkeypatch.setattr(_late_phase, "_LITTLE", 0.0)
    monkeypatch.setattr(_late_phase, "_MOST_ITERATIONS", 500)
    samples, network = problem(n_samples=200)
    found = train(samples, network)[0]
    before = objective(samples, network.balanced(), 0.01)
    assert objective(samples, found, 0.01) < 0.2 * before
    loss = loss_of(samples, len(found))
    assert np.abs(loss(found.flat(), 0.01)[1]).max() < 1e-3
    outer, inner = found.sizes()  # a minimum is balanced
    np.testing.assert_allclose(outer, inner, rtol=0.01)


def test_each_decay_starts_from_the_one_before():
    samples, network = problem()
    first, second = train(samples, network, (0.1, 0.01))
    assert (first.decay, second.decay) == (0.1, 0.01)
    (again,) = train(samples, first, (0.01,))
    one, other = (outputs(samples.X, made) for made in (again, second))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_weights_are_repetition_in_training():
    samples, network = problem()
    Z, targets, times = samples.X, samples.targets, 1 + np.arange(70) % 3
    rows = np.repeat(np.arange(70), times)
    weighted = train(Samples.of(Z, targets, times.astype(float)), network)[0]
    repeated = train(Samples.of(Z[rows], targets[rows]), network)[0]
    np.testing.assert_allclose(outputs(Z, weighted), outputs(Z, repeated), atol=1e-3)


def refitted(Z, target, layer):
    """The least-squares fit of a target by units and inputs."""
    units = np.maximum(Z @ layer.weights.T + layer.biases, 0)
    features = np.column_stack([units, Z, np.ones(len(Z))])
    return features @ np.linalg.lstsq(features, target)[0]


def network_of(weights, biases, coef):
    """A network without a linear part."""
    coef = np.vstack([coef, np.zeros((weights.shape[1], coef.shape[1]))])
    return Network(weights, biases, coef, np.zeros(coef.shape[1]))


@pytest.mark.parametrize("opposite", [False, True])
def test_split_units_merge_back(opposite):
    """Three neurons, each split in copies of other scales, signs and positions."""
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((100, 8))
    weights = np.linalg.qr(rng.standard_normal((8, 3)))[0].T
    biases = np.array([0.5, -1, 0])
    target = np.maximum(Z @ weights.T + biases, 0) @ [1.0, -2.0, 0.5]
    neuron, order = np.repeat(np.arange(3), 4), rng.permutation(12)
    scale = rng.uniform(0.5, 2, 12) * (rng.choice([-1, 1], 12) if opposite else 1)
    split_weights, split_biases = (
        weights[neuron] * scale[:, None],
        biases[neuron] * scale,
    )
    coef = rng.uniform(0.5, 1, (12, 1)) / scale[:, None]
    merged = merge_units(
        network_of(split_weights[order], split_biases[order], coef[order])
    )
    assert merged.weights.shape == (3, 8)
    lengths = (merged.weights**2).sum(axis=1) + merged.biases**2
    np.testing.assert_allclose(lengths, 1)
    np.testing.assert_allclose(refitted(Z, target, merged), target, atol=1e-10)


def test_biases_tell_units_of_one_direction_apart():
    weights, biases = np.array([[1.0, 0], [1, 0], [1, 0]]), np.array([-1.5, 0, 1.5])
    merged = merge_units(network_of(weights, biases, np.ones((3, 1))))
    assert len(merged) == 3
    np.testing.assert_allclose(sorted(merged.biases / merged.weights[:, 0]), biases)


def test_merged_units_do_not_depend_on_the_order_of_units():
    _, network = problem(n_hidden=40, n_features=2)
    order = np.random.default_rng(1).permutation(40)
    one = merge_units(network)
    other = merge_units(
        network_of(
            network.weights[order], network.biases[order], network.coef[:40][order]
        )
    )
    assert len(one) < 20
    np.testing.assert_allclose(one.weights, other.weights)
    np.testing.assert_allclose(one.biases, other.biases)


def test_faint_clusters_are_dropped_and_targets_share_their_units():
    coef = np.array([[3.0, 4.0], [0.3, 0.0], [0.0, 0.2]])
    merged = merge_units(network_of(np.eye(3), np.zeros(3), coef))
    np.testing.assert_allclose(merged.weights, np.eye(3)[:2])


def test_nothing_merges_from_dead_units():
    dead = network_of(np.ones((3, 2)), np.zeros(3), np.zeros((3, 1)))
    assert len(merge_units(dead)) == 0


def test_units_grow_below_the_largest_decay_alone():
    """From a small start: above it they die, below it they grow."""
    samples, network = problem(n_samples=300, n_hidden=3, n_targets=1)
    most = largest_decay(samples, layer_of(network))
    share, targets = samples.share, samples.targets
    inputs = np.column_stack([samples.X, np.ones(300)])
    head = np.linalg.lstsq(
        np.sqrt(share)[:, None] * inputs, np.sqrt(share) * targets[:, 0]
    )[0]
    residual = share * (targets[:, 0] - inputs @ head)
    units = network.units / np.linalg.norm(network.units, axis=1)[:, None]
    pulls = np.maximum(inputs @ units.T, 0).T @ residual
    assert most == pytest.approx(np.abs(pulls).max())
    best = int(np.argmax(np.abs(pulls)))
    for decay, grows in ((1.01 * most, False), (0.99 * most, True)):
        small = 1e-3 * np.append(units[best], np.sign(pulls[best]))
        x = np.concatenate([small, head])
        slope = loss_of(samples, 1)(x, decay)[1][: len(small)] @ small
        assert (slope < 0) == grows


def planted(n_samples=600, n_features=8, noise=0.1, seed=0):
    """Samples with noisy targets of three neurons, a random start, and the neurons."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    neurons = np.eye(3, n_features) + 0.1 * rng.standard_normal((3, n_features))
    neurons /= np.linalg.norm(neurons, axis=1)[:, None]
    clean = np.maximum(Z @ neurons.T, 0) @ [[1.0], [-1.2], [0.8]]
    targets = 5 + 3 * (clean + noise * rng.standard_normal(clean.shape))
    start = Layer(rng.standard_normal((20, n_features)), 0.1 * rng.standard_normal(20))
    return Samples.of(Z, targets), start, neurons


def late(samples, start, seed=0):
    return late_layers(samples, start, device="cpu", rng=np.random.default_rng(seed))


@pytest.fixture
def one_decay(monkeypatch):
    """For what a single decay shows as well."""
    monkeypatch.setattr(_late_phase, "_DECAYS", (0.3,))


def with_head(layer, samples):
    """The network of a layer and a ridge head on it."""
    head = fit_head(layer, samples)
    return Network(layer.weights, layer.biases, head.coef, head.intercept)


def best(layers):
    return min(layers, key=lambda layer: layer.error.mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_neurons_are_found_exactly(seed):
    samples, start, neurons = planted(seed=seed)
    found = best(late(samples, start))
    assert len(found) == 3
    directions = found.weights / np.linalg.norm(found.weights, axis=1)[:, None]
    assert np.abs(neurons @ directions.T).max(axis=1).min() > 0.995
    assert found.error[0] == pytest.approx(0.3**2, rel=0.25)
    fitted = outputs(samples.X, with_head(found, samples))
    assert np.mean((fitted - samples.targets) ** 2) < found.error[0]


def test_the_estimate_is_near_the_error_on_new_samples_and_not_rosy():
    both, start, _ = planted(n_samples=1200)
    samples, new = both[:600], both[600:]
    layers = late(samples, start)
    assert len(layers) > 4
    for layer in layers:
        fitted = outputs(new.X, with_head(layer, samples))
        error = np.mean((fitted - new.targets) ** 2)
        assert layer.error[0] > 0.7 * error
        if layer is best(layers):
            assert layer.error[0] < 1.3 * error


def test_the_same_seed_gives_the_same_bits(one_decay):
    samples, start, _ = planted(n_samples=100)
    for one, other in zip(*[late(samples, start) for _ in range(2)], strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.error, other.error)


def test_merged_rows_are_weights(one_decay):
    """A weight of 2 is a row given twice; the squares between such rows are errors."""
    samples, start, _ = planted(n_samples=200)
    Z, targets, times = samples.X, samples.targets, 1 + np.arange(200) % 2
    rows = np.repeat(np.arange(200), times)
    weighted = best(late(Samples.of(Z, targets, times.astype(float)), start))
    repeated = best(late(Samples.of(Z[rows], targets[rows]).merged(), start))
    np.testing.assert_allclose(weighted.error, repeated.error, rtol=1e-9)
    np.testing.assert_allclose(weighted.weights, repeated.weights, atol=1e-9)
    apart = np.where(np.arange(400) < 200, 1.0, -1.0)[:, None]
    twice = Samples.of(np.tile(Z, (2, 1)), np.tile(targets, (2, 1)) + apart)
    spread, plain = (late(s.merged(), start) for s in (twice, samples))
    for one, other in zip(spread, plain, strict=True):
        np.testing.assert_allclose(one.error, other.error + 1, rtol=0.01)


@pytest.mark.parametrize("unit", [1e-200, 100.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(one_decay, unit):
    samples, start, _ = planted(n_samples=100)
    weight = np.random.default_rng(0).uniform(0.5, 2, 100)
    one, other = (
        best(late(Samples.of(samples.X, samples.targets, c * weight), start))
        for c in (1, unit)
    )
    np.testing.assert_allclose(one.error, other.error, rtol=1e-6)
    np.testing.assert_allclose(one.weights, other.weights, atol=1e-6)


def test_targets_of_other_scales_move_heads_alone(one_decay):
    samples, start, _ = planted(n_samples=200)
    moved = samples.to(2**10 * samples.targets + 2**8)
    one, other = (best(late(s, start)) for s in (samples, moved))
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(2**20 * one.error, other.error, rtol=1e-4)


def test_several_targets_share_their_units(one_decay):
    """Two mixtures of the same three neurons."""
    samples, start, neurons = planted()
    second = np.maximum(samples.X @ neurons.T, 0) @ [[0.7], [0.9], [1.1]]
    both = Samples.of(samples.X, np.hstack([samples.targets, second]))
    found = best(late(both, start))
    assert len(found) == 3
    assert found.error.shape == (2,)
    assert found.error[0] == pytest.approx(0.3**2, rel=0.25)
    assert found.error[1] < 1e-3


def test_targets_without_anything_for_units_have_no_late_layer():
    samples, start, _ = planted(n_samples=100)
    Z = samples.X
    assert late(samples.to(np.full((100, 1), 3.0)), start) == []
    assert late(samples.to(Z[:, :1] - 2 * Z[:, 1:2] + 1), start) == []


def test_a_constant_target_beside_another(one_decay):
    samples, start, _ = planted(n_samples=200)
    both = np.hstack([samples.targets, np.full((200, 1), 7.0)])
    found = best(late(Samples.of(samples.X, both), start))
    assert found.error[1] == 0


def test_one_unit(one_decay):
    samples, start, _ = planted(n_samples=200)
    samples = samples.to(np.abs(samples.X[:, :1] - 0.5))
    start = Layer(np.eye(1, 8) + 0.2 * start.weights[:1], start.biases[:1])
    found = best(late(samples, start))
    direction = np.append(found.weights[0], found.biases[0])
    direction /= direction[0]
    np.testing.assert_allclose(direction, [1, *np.zeros(7), -0.5], atol=0.02)


def test_float32_inputs_train_in_float64(one_decay):
    samples, start, _ = planted(n_samples=100)
    single = samples.at(samples.X.astype(np.float32))
    start = start.astype(np.dtype("f4"))
    found = best(late(single, start))
    double = single.at(single.X.astype(float))
    exact = best(late(double, start.astype(np.dtype("f8"))))
    np.testing.assert_array_equal(found.weights, exact.weights)
    assert found.weights.dtype == np.float64


def test_a_missing_device_is_refused(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    samples, _ = problem()
    with pytest.raises(ValueError, match=r'torch finds no such device.*"auto"'):
        NetworkLoss(samples, 6, device="cuda")
    NetworkLoss(samples, 6, device="auto")


def test_torch_is_not_imported_before_training():
    module = "sklearn_depth._solvers.two_layer._late_phase"
    code = f"import {module}, sys; print('torch' in sys.modules)"
    run = [sys.executable, "-W", "error", "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
