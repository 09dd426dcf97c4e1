"""The late phase against explicit formulas, and against neurons that were planted."""

import subprocess
import sys

import numpy as np
import pytest

from sklearn_depth._solvers import _late_phase, _network_loss
from sklearn_depth._solvers._late_phase import (
    largest_decay,
    late_layers,
    merge_units,
    train_both_layers,
)
from sklearn_depth._solvers._network import Network
from sklearn_depth._solvers._network_loss import NetworkLoss
from sklearn_depth._solvers._subspace_steps import fit_head
from sklearn_depth.utils import _memory


def outputs(Z, network):
    units = np.maximum(Z @ network.rows.T + network.biases, 0)
    return np.hstack([units, Z]) @ network.coef + network.intercept


def objective(Z, targets, share, network, decay):
    """The objective of the training, written out."""
    a = network.coef[: len(network.rows)]
    penalty = (network.rows**2).sum() + (network.biases**2).sum() + (a**2).sum()
    errors = ((outputs(Z, network) - targets) ** 2).sum(axis=1)
    return share @ errors / 2 + decay / 2 * penalty


def problem(n_samples=70, n_features=4, n_hidden=6, n_targets=2, seed=0):
    """Inputs, targets, uneven shares, and a network."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    targets = np.abs(Z @ rng.standard_normal((n_features, n_targets)))
    share = rng.uniform(0.5, 1.5, n_samples)
    return (
        Z,
        targets,
        share / share.sum(),
        Network(
            rng.standard_normal((n_hidden, n_features)),
            rng.standard_normal(n_hidden),
            rng.standard_normal((n_hidden + n_features, n_targets)),
            rng.standard_normal(n_targets),
        ),
    )


def train(Z, targets, share, network, decays=(0.01,)):
    parts = network.rows, network.biases, network.coef, network.intercept
    return train_both_layers(Z, targets, share, *parts, decays, device="cpu")


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("n_hidden", [1, 6])
def test_gradients_against_finite_differences(n_hidden, n_targets):
    Z, targets, share, network = problem(n_hidden=n_hidden, n_targets=n_targets)
    loss = NetworkLoss(Z, targets, share, n_hidden, device="cpu")
    x = network.flat()
    value, gradient = loss(x, 0.3)
    assert value == pytest.approx(objective(Z, targets, share, network, 0.3))
    for k, slope in enumerate(gradient):
        step = 1e-6 * (np.arange(len(x)) == k)
        ends = [
            objective(Z, targets, share, network.moved(x + sign * step, 0.3), 0.3)
            for sign in (1, -1)
        ]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7)


def test_squared_errors_are_those_of_each_target():
    Z, targets, share, network = problem()
    found = NetworkLoss(Z, targets, share, 6, device="cpu").squared_errors(
        network.flat()
    )
    np.testing.assert_allclose(found, share @ (outputs(Z, network) - targets) ** 2)


def jacobian(Z, network, k):
    """Gradients of output k in the units, its output weights and its linear part."""
    inputs = np.column_stack([Z, np.ones(len(Z))])
    units = inputs @ network.units.T
    pulls = (units > 0) * network.coef[: len(network.rows), k]
    to_units = (pulls[:, :, None] * inputs[:, None, :]).reshape(len(Z), -1)
    return np.hstack([to_units, np.maximum(units, 0), inputs])


@pytest.mark.parametrize("k", [0, 1])
def test_effective_parameters_against_the_trace(k, monkeypatch):
    """Over all coordinate vectors in place of signs, the estimate is the trace."""
    monkeypatch.setattr(_network_loss, "_TOLERANCE", 1e-12)
    Z, targets, share, network = problem()
    J = jacobian(Z, network, k)
    curvature = J.T @ (share[:, None] * J)
    loss, decay = NetworkLoss(Z, targets, share, 6, device="cpu"), 0.05
    found = sum(
        loss.effective_parameters(network.flat(), k, decay, vector)
        for vector in np.eye(len(curvature))
    )
    shrunk = np.linalg.solve(curvature + decay * np.eye(len(curvature)), curvature)
    assert found == pytest.approx(np.trace(shrunk), rel=1e-6)


@pytest.mark.parametrize("k", [0, 1])
def test_the_curvature_is_that_of_explicit_gradients(k, monkeypatch):
    monkeypatch.setattr(_memory, "_BLOCK_ELEMENTS", 1)
    Z, targets, share, network = problem()
    J = jacobian(Z, network, k)
    found = NetworkLoss(Z, targets, share, 6, device="cpu").curvature(network.flat(), k)
    np.testing.assert_allclose(found, J.T @ (share[:, None] * J), atol=1e-12)


def test_exact_and_probed_scores_agree(monkeypatch):
    Z, targets, start, _ = planted()
    layers = []
    for n_exact in (1000, 0):
        monkeypatch.setattr(_late_phase, "_DECAYS", (0.3,))
        monkeypatch.setattr(_late_phase, "_MOST_EXACT", n_exact)
        layers.append(late(Z, targets, start)[0])
    np.testing.assert_array_equal(layers[0].rows, layers[1].rows)
    np.testing.assert_allclose(layers[0].score, layers[1].score, rtol=0.05)


def test_effective_parameters_of_random_signs_are_about_the_trace():
    Z, targets, share, network = problem(n_samples=200)
    J = jacobian(Z, network, 0)
    curvature = J.T @ (share[:, None] * J)
    eigenvalues = np.linalg.eigvalsh(curvature)
    loss, rng = (
        NetworkLoss(Z, targets, share, 6, device="cpu"),
        np.random.default_rng(0),
    )
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
    Z, targets, share, network = problem(n_samples=200)
    x, signs = network.flat(), np.where(np.arange(41) % 3, 1.0, -1.0)

    def measured():
        loss = NetworkLoss(Z, targets, share, 6, device="cpu")
        n_parameters = loss.effective_parameters(x, 0, 0.1, signs)
        return *loss(x, 0.1), loss.squared_errors(x), n_parameters

    whole = measured()
    monkeypatch.setitem(_network_loss._COLUMNS_PER_UNIT, "cpu", 1e6)
    for one, other in zip(whole, measured(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_balance_keeps_the_function_and_evens_the_sizes():
    Z, _, _, network = problem()
    network.rows[0] = network.biases[0] = 0
    network.coef[1] = 0
    balanced = network.balanced()
    np.testing.assert_allclose(outputs(Z, balanced), outputs(Z, network))
    outer, inner = balanced.sizes()
    np.testing.assert_allclose(outer[2:], inner[2:])
    np.testing.assert_allclose(outer[0], network.sizes()[0][0])


def test_thinning_takes_the_lightest_unit_and_its_weights_alone():
    Z, _, _, network = problem()
    network.rows[2] *= 1e-6
    network.biases[2] *= 1e-6
    thinned = network.thinned()
    assert len(thinned.rows) == 5
    np.testing.assert_allclose(outputs(Z, thinned), outputs(Z, network), atol=1e-4)
    np.testing.assert_array_equal(network.living().coef, thinned.coef)


def test_above_the_largest_decay_all_units_die_and_a_linear_fit_is_left():
    Z, targets, share, network = problem(n_samples=300)
    most = largest_decay(Z, targets, share, network.rows, network.biases)
    _, again = train(Z, targets, share, network, (20 * most, most))
    assert np.prod(again.sizes(), axis=0).max() < 1e-9
    root, inputs = np.sqrt(share)[:, None], np.column_stack([Z, np.ones(300)])
    linear = np.linalg.lstsq(root * inputs, root * targets)[0]
    np.testing.assert_allclose(outputs(Z, again), inputs @ linear, atol=1e-2)


def test_the_objective_falls_and_ends_at_a_stationary_point(monkeypatch):
    monkeypatch.setattr(_late_phase, "_LITTLE", 0.0)
    monkeypatch.setattr(_late_phase, "_MOST_ITERATIONS", 500)
    Z, targets, share, network = problem(n_samples=200)
    found = train(Z, targets, share, network)[0]
    before = objective(Z, targets, share, network.balanced(), 0.01)
    assert objective(Z, targets, share, found, 0.01) < 0.2 * before
    loss = NetworkLoss(Z, targets, share, len(found.rows), device="cpu")
    assert np.abs(loss(found.flat(), 0.01)[1]).max() < 1e-3
    outer, inner = found.sizes()  # a minimum is balanced
    np.testing.assert_allclose(outer, inner, rtol=0.01)


def test_each_decay_starts_from_the_one_before():
    Z, targets, share, network = problem()
    first, second = train(Z, targets, share, network, (0.1, 0.01))
    assert (first.decay, second.decay) == (0.1, 0.01)
    (again,) = train(Z, targets, share, first, (0.01,))
    np.testing.assert_allclose(outputs(Z, again), outputs(Z, second), atol=1e-3)


def test_weights_are_repetition_in_training():
    Z, targets, _, network = problem()
    counts = np.arange(len(Z)) % 3
    weighted = train(Z, targets, counts / counts.sum(), network)[0]
    rows = np.repeat(np.arange(len(Z)), counts)
    even = np.full(len(rows), 1 / len(rows))
    repeated = train(Z[rows], targets[rows], even, network)[0]
    np.testing.assert_allclose(outputs(Z, weighted), outputs(Z, repeated), atol=1e-3)


def refitted(Z, target, rows, biases):
    """The least-squares fit of a target by units and inputs."""
    units = np.maximum(Z @ rows.T + biases, 0)
    features = np.column_stack([units, Z, np.ones(len(Z))])
    return features @ np.linalg.lstsq(features, target)[0]


@pytest.mark.parametrize("opposite", [False, True])
def test_split_units_merge_back(opposite):
    """Three neurons, each split in copies of other scales, signs and positions."""
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((100, 8))
    rows, biases = (
        np.linalg.qr(rng.standard_normal((8, 3)))[0].T,
        np.array([0.5, -1, 0]),
    )
    target = np.maximum(Z @ rows.T + biases, 0) @ [1.0, -2.0, 0.5]
    neuron, order = np.repeat(np.arange(3), 4), rng.permutation(12)
    scale = rng.uniform(0.5, 2, 12) * (rng.choice([-1, 1], 12) if opposite else 1)
    split_rows, split_biases = rows[neuron] * scale[:, None], biases[neuron] * scale
    coef = rng.uniform(0.5, 1, (12, 1)) / scale[:, None]
    merged, shifts = merge_units(split_rows[order], split_biases[order], coef[order])
    assert merged.shape == (3, 8)
    np.testing.assert_allclose((merged**2).sum(axis=1) + shifts**2, 1)
    np.testing.assert_allclose(refitted(Z, target, merged, shifts), target, atol=1e-10)


def test_biases_tell_units_of_one_direction_apart():
    rows, biases = np.array([[1.0, 0], [1, 0], [1, 0]]), np.array([-1.5, 0, 1.5])
    merged, shifts = merge_units(rows, biases, np.ones((3, 1)))
    assert len(merged) == 3
    np.testing.assert_allclose(sorted(shifts / merged[:, 0]), biases)


def test_merged_units_do_not_depend_on_the_order_of_units():
    _, _, _, network = problem(n_hidden=40, n_features=2)
    order = np.random.default_rng(1).permutation(40)
    one = merge_units(network.rows, network.biases, network.coef[:40])
    other = merge_units(
        network.rows[order], network.biases[order], network.coef[:40][order]
    )
    assert len(one[0]) < 20
    for mine, yours in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, yours)


def test_faint_clusters_are_dropped_and_targets_share_their_units():
    rows, coef = np.eye(3), np.array([[3.0, 4.0], [0.3, 0.0], [0.0, 0.2]])
    merged, _ = merge_units(rows, np.zeros(3), coef)
    np.testing.assert_allclose(merged, np.eye(3)[:2])


def test_nothing_merges_from_dead_units():
    assert merge_units(np.ones((3, 2)), np.zeros(3), np.zeros((3, 1)))[0].size == 0


def test_units_grow_below_the_largest_decay_alone():
    """From a small start: above it they die, below it they grow."""
    Z, targets, share, network = problem(n_samples=300, n_hidden=3, n_targets=1)
    most = largest_decay(Z, targets, share, network.rows, network.biases)
    inputs = np.column_stack([Z, np.ones(300)])
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
        loss = NetworkLoss(Z, targets, share, 1, device="cpu")
        slope = loss(x, decay)[1][: len(small)] @ small
        assert (slope < 0) == grows


def planted(n_samples=600, n_features=8, noise=0.1, seed=0):
    """Three neurons, inputs and noisy targets, and random units to start from."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    neurons = np.eye(3, n_features) + 0.1 * rng.standard_normal((3, n_features))
    neurons /= np.linalg.norm(neurons, axis=1)[:, None]
    clean = np.maximum(Z @ neurons.T, 0) @ [[1.0], [-1.2], [0.8]]
    targets = 5 + 3 * (clean + noise * rng.standard_normal(clean.shape))
    start = rng.standard_normal((20, n_features)), 0.1 * rng.standard_normal(20)
    return Z, targets, start, neurons


def late(Z, targets, start, weight=None, seed=0):
    share = np.ones(len(Z)) if weight is None else weight
    return late_layers(
        Z,
        targets,
        weight,
        share / share.sum(),
        *start,
        device="cpu",
        rng=np.random.default_rng(seed),
    )


@pytest.fixture
def one_decay(monkeypatch):
    """For what a single decay shows as well."""
    monkeypatch.setattr(_late_phase, "_DECAYS", (0.3,))


def with_head(layer, Z, targets):
    """The network of a layer and a ridge head on it."""
    head = fit_head(Z, layer.rows, layer.biases, targets, None)
    return Network(layer.rows, layer.biases, head.coef, head.intercept)


def best(layers):
    return min(layers, key=lambda layer: layer.score.mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_neurons_are_found_exactly(seed):
    Z, targets, start, neurons = planted(seed=seed)
    found = best(late(Z, targets, start))
    assert len(found.rows) == 3
    directions = found.rows / np.linalg.norm(found.rows, axis=1)[:, None]
    assert np.abs(neurons @ directions.T).max(axis=1).min() > 0.995
    assert found.score[0] == pytest.approx(0.3**2, rel=0.25)
    error = np.mean((outputs(Z, with_head(found, Z, targets)) - targets) ** 2)
    assert error < found.score[0]


def test_the_score_is_near_the_error_on_new_samples_and_not_rosy():
    Z, targets, start, _ = planted(n_samples=1200)
    layers = late(Z[:600], targets[:600], start)
    assert len(layers) > 4
    for layer in layers:
        network = with_head(layer, Z[:600], targets[:600])
        error = np.mean((outputs(Z[600:], network) - targets[600:]) ** 2)
        assert layer.score[0] > 0.7 * error
        if layer is best(layers):
            assert layer.score[0] < 1.3 * error


def test_the_same_seed_gives_the_same_bits(one_decay):
    Z, targets, start, _ = planted(n_samples=100)
    for one, other in zip(*[late(Z, targets, start) for _ in range(2)], strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)
        np.testing.assert_array_equal(one.score, other.score)


def test_weights_are_repetition(one_decay):
    Z, targets, start, _ = planted(n_samples=200)
    counts = 1.0 + np.arange(200) % 2
    rows = np.repeat(np.arange(200), counts.astype(int))
    weighted = best(late(Z, targets, start, counts))
    repeated = best(late(Z[rows], targets[rows], start))
    np.testing.assert_allclose(weighted.score, repeated.score, rtol=0.02)
    np.testing.assert_allclose(weighted.rows, repeated.rows, atol=0.05)


def test_targets_of_other_scales_move_heads_alone(one_decay):
    Z, targets, start, _ = planted(n_samples=200)
    one, other = (best(late(Z, y, start)) for y in (targets, 2**10 * targets + 2**8))
    np.testing.assert_allclose(one.rows, other.rows, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(2**20 * one.score, other.score, rtol=1e-4)


def test_several_targets_share_their_units(one_decay):
    """Two mixtures of the same three neurons."""
    Z, targets, start, neurons = planted()
    second = np.maximum(Z @ neurons.T, 0) @ [[0.7], [0.9], [1.1]]
    found = best(late(Z, np.hstack([targets, second]), start))
    assert len(found.rows) == 3
    assert found.score.shape == (2,)
    assert found.score[0] == pytest.approx(0.3**2, rel=0.25)
    assert found.score[1] < 1e-3


def test_targets_without_anything_for_units_have_no_late_layer():
    Z, _, start, _ = planted(n_samples=100)
    assert late(Z, np.full((100, 1), 3.0), start) == []
    assert late(Z, Z[:, :1] - 2 * Z[:, 1:2] + 1, start) == []


def test_a_constant_target_beside_another(one_decay):
    Z, targets, start, _ = planted(n_samples=200)
    found = best(late(Z, np.hstack([targets, np.full((200, 1), 7.0)]), start))
    assert found.score[1] == 0


def test_one_unit(one_decay):
    Z, _, (rows, biases), _ = planted(n_samples=200)
    targets = np.abs(Z[:, :1] - 0.5)
    start = np.eye(1, 8) + 0.2 * rows[:1], biases[:1]
    found = best(late(Z, targets, start))
    direction = np.append(found.rows[0], found.biases[0])
    direction /= direction[0]
    np.testing.assert_allclose(direction, [1, *np.zeros(7), -0.5], atol=0.02)


def test_float32_inputs_train_in_float64(one_decay):
    Z, targets, start, _ = planted(n_samples=100)
    Z, rows, biases = (v.astype(np.float32) for v in (Z, *start))
    found = best(late(Z, targets, (rows, biases)))
    exact = best(
        late(
            *(v.astype(float) for v in (Z, targets)),
            start=(rows.astype(float), biases.astype(float)),
        )
    )
    np.testing.assert_array_equal(found.rows, exact.rows)
    assert found.rows.dtype == np.float64


def test_a_missing_device_is_refused(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    Z, targets, share, _ = problem()
    with pytest.raises(ValueError, match=r'torch finds no such device.*"auto"'):
        NetworkLoss(Z, targets, share, 6, device="cuda")
    NetworkLoss(Z, targets, share, 6, device="auto")


def test_torch_is_not_imported_before_training():
    code = (
        "import sklearn_depth._solvers._late_phase, sys; print('torch' in sys.modules)"
    )
    run = [sys.executable, "-W", "error", "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
