"""Sparse layers: how columns and kinks are drawn, what is charged, what is found."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._layers import fit_on_folds
from sklearn_depth._solvers.two_layer._sparse import (
    column_importances,
    column_search_size,
    draw_columns,
    drawn_rows,
    sparse_layers,
    sparse_weights,
)


def problem(n_samples=300, n_features=8, noise=0.1, weights=None, n_targets=1):
    """|x_0| + x_1 / 2, and further targets on the columns after."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features))
    y = np.stack([np.abs(X[:, k]) + X[:, k + 1] / 2 for k in range(n_targets)], axis=1)
    y += noise * rng.standard_normal(y.shape)
    samples = Samples.of(X, y, weights)
    return samples.scaled()


def steps(samples, n_units=60, n_steps=5, bar=np.inf, seed=0):
    """The layers that are told of, and the one that is returned."""
    rng, told = np.random.default_rng(seed), []
    layers = sparse_layers(samples, n_units, n_steps, bar, rng)
    while True:
        try:
            told.append(next(layers))
        except StopIteration as end:
            return told, end.value


@pytest.mark.parametrize("n_draws", [1, 7, 100])
def test_columns_are_drawn_as_often_as_their_shares_say(n_draws):
    shares = np.array([0.5, 0.3, 0.0, 0.15, 0.05])
    for seed in range(20):
        columns = draw_columns(shares, n_draws, np.random.default_rng(seed))
        counts = np.bincount(columns, minlength=5)
        assert counts.sum() == n_draws
        assert (np.abs(counts - n_draws * shares) < 1 + 1e-9).all()


def test_units_see_one_to_three_columns_and_have_length_one():
    weights = sparse_weights(np.full(50, 0.02), 90, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(weights, axis=1), 1)
    n_seen = np.count_nonzero(weights, axis=1)
    assert n_seen.min() == 1
    assert n_seen.max() == 3
    assert (n_seen == 1).sum() >= 30
    assert (np.count_nonzero(weights, axis=0) >= 2).all()  # 180 draws, 3.6 a column


@pytest.mark.parametrize(
    ("shares", "size"),
    [
        (np.full(7, 1 / 7), 0),  # no choice
        ([1.0, 0, 0, 0], np.log(4)),
        (np.r_[np.full(3, 1 / 3), np.zeros(17)], 3 * np.log(20 / 3)),
        ([1.0], 0),
    ],
)
def test_the_price_of_a_choice_of_columns(shares, size):
    assert column_search_size(np.array(shares)) == pytest.approx(size, abs=1e-12)


def test_rows_are_drawn_by_weight_whatever_their_order():
    samples = problem(weights=np.r_[np.full(100, 5.0), np.ones(200)])
    rows = drawn_rows(samples, 7000, np.random.default_rng(1))
    assert np.mean(rows < 100) == pytest.approx(5 / 7, abs=4 * 0.46 / np.sqrt(7000))
    order = np.random.default_rng(2).permutation(300)
    moved = drawn_rows(samples[order], 7000, np.random.default_rng(1))
    np.testing.assert_array_equal(order[moved], rows)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_importances_are_root_mean_squared_derivatives(n_targets):
    """By finite differences of the head on folds, far from kinks."""
    samples = problem(n_targets=n_targets)
    (layer, *_), _ = steps(samples, n_units=20)
    layer, coef = fit_on_folds(layer, samples)
    found = column_importances(layer, samples, coef)
    for k, step in enumerate(1e-6 * np.eye(8)):
        ends = [layer.features(samples.X + s * step) @ coef for s in (1, -1)]
        slopes = (ends[0] - ends[1]) / 2e-6
        expected = np.sqrt(samples.share @ (slopes**2).sum(axis=1))
        assert found[k] == pytest.approx(expected, rel=1e-4)


def test_a_head_on_folds_is_one_on_relus():
    samples = problem()
    (layer, *_), _ = steps(samples, n_units=24)
    head = np.random.default_rng(0).standard_normal((20, 2))
    found = layer.features(samples.X) @ layer.of_folds(head)
    expected = layer.folds(samples.X) @ head
    shift = layer.biases @ head[:12]  # what |v| = 2 relu(v) - v adds to the constant
    np.testing.assert_allclose(found - shift, expected, atol=1e-10)


@pytest.mark.parametrize("n_steps", [1, 2, 5])
def test_steps_go_on_while_the_error_falls(n_steps):
    """The start, two powers of the importance, then one of them."""
    samples = problem(n_samples=400, n_features=60)
    heard, full = steps(samples, n_units=60, n_steps=n_steps)
    free = [replace(layer, n_search=0).mean_error(400) for layer in heard]
    assert 3 <= len(heard) <= 2 + n_steps
    path = [free[0], min(free[1:3]), *free[3:]]
    falls = [after < 0.98 * before for before, after in pairwise(path)]
    assert all(falls[:-1])
    assert len(heard) == 2 + n_steps or not falls[-1]
    assert {len(layer) for layer in heard} == {30}
    assert len(full) == 60


def test_the_full_layer_is_drawn_as_the_best():
    heard, full = steps(problem())
    best = min(heard, key=lambda layer: layer.mean_error(300))
    assert full.n_search == best.n_search
    np.testing.assert_array_equal(full.error, best.error)


def test_what_cannot_reach_the_others_ends_at_once():
    heard, _ = steps(problem(), bar=1e-4)
    assert len(heard) == 1


def test_columns_of_the_target_are_drawn():
    _, layer = steps(problem(n_samples=400, n_features=60), n_units=300)
    seen = np.count_nonzero(layer.weights, axis=0)
    assert seen[:2].sum() > 0.7 * seen.sum()
    assert layer.error[0] < 0.06
    assert 0 < layer.n_search < 2 * np.log(60) + 10


@pytest.mark.parametrize(("n_samples", "n_features"), [(60, 500), (200, 50)])
def test_noise_keeps_its_error_after_the_charge(n_samples, n_features):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features))
    samples = Samples.of(X, rng.standard_normal(n_samples)).scaled()
    _, layer = steps(samples, n_units=200)
    assert layer.mean_error(n_samples) > 1 - 2 / np.sqrt(n_samples)


def test_constant_targets_draw_columns_alike():
    samples = problem()
    heard, _ = steps(samples.to(0 * samples.targets))
    for layer in heard:
        assert layer.n_search == 0
        assert (layer.error == 0).all()


@pytest.mark.parametrize("unit", [1e-200, 100.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(unit):
    weight = np.random.default_rng(1).uniform(0.5, 2, 300)
    one, two = (steps(problem(weights=w))[1] for w in (weight, unit * weight))
    np.testing.assert_allclose(one.weights, two.weights, atol=1e-8)


def test_permuted_rows_give_the_same_layer():
    samples = problem()
    order = np.random.default_rng(1).permutation(300)
    one, two = steps(samples)[1], steps(samples[order])[1]
    np.testing.assert_allclose(one.weights, two.weights, atol=1e-8)
    np.testing.assert_allclose(one.biases, two.biases, atol=1e-8)


def test_float32_samples_give_float32_layers():
    samples = problem()
    layer = steps(samples.at(samples.X.astype("f4")))[1]
    assert layer.weights.dtype == layer.biases.dtype == np.float32
