"""Feature steps against finite differences, the paper's formula and known laws."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from sklearn_depth._solvers._feature_steps import (
    draw_rows,
    effective_rank,
    gradient_covariance,
    gradient_rows,
    relu_and_linear,
    unit_rms,
)

N_SAMPLES, N_FEATURES, N_HIDDEN = 40, 5, 8


def relu(z):
    return np.where(z > 0, z, 0)


def problem(n_targets=1, seed=0):
    """Inputs, targets, weights that sum to 1, and rows in pairs."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((N_SAMPLES, N_FEATURES))
    targets = rng.standard_normal((N_SAMPLES, n_targets))
    share = rng.uniform(0.2, 3, N_SAMPLES)
    rows = np.repeat(rng.standard_normal((N_HIDDEN // 2, N_FEATURES)), 2, axis=0)
    return Z, targets, share / share.sum(), rows


def numerical_gradient(function, at, step=1e-6):
    """Central differences of a scalar function of an array."""
    gradient = np.empty(at.shape)
    for index in np.ndindex(at.shape):
        shift = np.zeros(at.shape)
        shift[index] = step
        gradient[index] = (function(at + shift) - function(at - shift)) / (2 * step)
    return gradient


def test_relu_and_linear():
    Z, _, _, rows = problem()
    biases = np.linspace(-1, 1, N_HIDDEN)
    features = relu_and_linear(Z, rows, biases)
    np.testing.assert_allclose(features[:, :N_HIDDEN], relu(Z @ rows.T + biases))
    np.testing.assert_array_equal(features[:, N_HIDDEN:], Z)


@pytest.mark.parametrize("n_targets", [1, 3])
def test_gradient_rows_descend_the_loss_of_the_network(n_targets):
    Z, targets, share, start = problem(n_targets)
    # The second unit of a pair has the opposite output weights: the network is zero.
    half = np.random.default_rng(1).choice([-1.0, 1.0], (n_targets, N_HIDDEN // 2))
    output_weights = np.repeat(half, 2, axis=1) * np.tile([1, -1], N_HIDDEN // 2)

    def loss(rows):
        predicted = relu(Z @ rows.T) @ output_weights.T
        return share @ ((predicted - targets) ** 2).sum(axis=1)

    found = gradient_rows(Z, targets, output_weights, start, share)
    np.testing.assert_allclose(found, -numerical_gradient(loss, start), atol=1e-8)


def test_gradient_rows_are_step_two_of_algorithm_one():
    Z, targets, _, start = problem()
    y, a = targets[:, 0], np.tile([1.0, -1.0], N_HIDDEN // 2)
    expected = np.zeros((N_HIDDEN, N_FEATURES))
    for j in range(N_HIDDEN):
        for i in range(N_SAMPLES):
            if start[j] @ Z[i] >= 0:
                expected[j] += 2 * a[j] * y[i] * Z[i] / N_SAMPLES
    share = np.full(N_SAMPLES, 1 / N_SAMPLES)
    found = gradient_rows(Z, targets, a[None], start, share)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_gradient_rows_weigh_as_they_repeat():
    Z, targets, _, start = problem()
    times = np.random.default_rng(1).integers(1, 4, N_SAMPLES)
    mix = np.ones((1, N_HIDDEN))
    weighted = gradient_rows(Z, targets, mix, start, times / times.sum())
    repeated = gradient_rows(
        np.repeat(Z, times, axis=0),
        np.repeat(targets, times, axis=0),
        mix,
        start,
        np.full(times.sum(), 1 / times.sum()),
    )
    np.testing.assert_allclose(weighted, repeated, atol=1e-13)


@pytest.mark.parametrize("n_targets", [1, 3])
def test_gradient_covariance_by_finite_differences(n_targets):
    Z, _, share, rows = problem()
    rng = np.random.default_rng(1)
    biases = rng.standard_normal(N_HIDDEN)
    coef = rng.standard_normal((N_HIDDEN + N_FEATURES, n_targets))
    expected = np.zeros((N_FEATURES, N_FEATURES))
    for z, weight in zip(Z, share, strict=True):
        for target in coef.T:

            def output(at, target=target):
                return target[:N_HIDDEN] @ relu(rows @ at + biases) + (
                    target[N_HIDDEN:] @ at
                )

            slope = numerical_gradient(output, z)
            expected += weight * np.outer(slope, slope)
    found = gradient_covariance(Z, rows, biases, coef, share)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_blocks_of_rows_add_up():
    rng = np.random.default_rng(0)
    Z, labels = rng.standard_normal((5000, 4)), rng.standard_normal((5000, 1))
    start, mix = rng.standard_normal((600, 4)), np.ones((1, 600))
    share = np.full(5000, 1 / 5000)
    whole = 2 * ((labels * (Z @ start.T >= 0)).T @ Z) / 5000
    np.testing.assert_allclose(gradient_rows(Z, labels, mix, start, share), whole)
    biases, coef = rng.standard_normal(600), rng.standard_normal((604, 1))
    slopes = ((Z @ start.T + biases > 0) * coef[:600, 0]) @ start + coef[600:, 0]
    np.testing.assert_allclose(
        gradient_covariance(Z, start, biases, coef, share), slopes.T @ slopes / 5000
    )


def test_drawn_rows_have_the_covariance():
    factor = np.random.default_rng(0).standard_normal((4, 4)) * [3, 1, 0.1, 0]
    covariance = factor @ factor.T
    rows = draw_rows(covariance, 100_000, np.random.default_rng(1))
    assert np.mean((rows**2).sum(axis=1)) == pytest.approx(1, rel=1e-12)
    expected = covariance + 1e-4 * np.trace(covariance) / 4 * np.eye(4)
    expected /= np.trace(expected)
    np.testing.assert_allclose(rows.T @ rows / 100_000, expected, atol=0.01)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=0.01)
    null = np.linalg.eigh(covariance)[1][:, 0]  # still reachable
    assert np.var(rows @ null) == pytest.approx(expected @ null @ null, rel=0.02)


def test_drawn_rows_do_not_depend_on_the_unit_of_the_covariance():
    covariance = np.diag([4.0, 1.0, 0.0])
    first, second = (
        draw_rows(unit * covariance, 50, np.random.default_rng(0))
        for unit in (1.0, 1e-20)
    )
    np.testing.assert_allclose(first, second, rtol=1e-9)


def test_drawn_rows_move_little_with_the_covariance():
    covariance = np.eye(6)  # whose eigenvectors are arbitrary, unlike its square root
    nudge = np.random.default_rng(1).standard_normal((6, 6)) * 1e-8
    first, second = (
        draw_rows(matrix, 50, np.random.default_rng(0))
        for matrix in (covariance, covariance + nudge + nudge.T)
    )
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_without_gradients_every_direction_is_as_good():
    rows = draw_rows(np.zeros((3, 3)), 100_000, np.random.default_rng(0))
    np.testing.assert_allclose(rows.T @ rows / 100_000, np.eye(3) / 3, atol=0.01)


def test_unit_rms():
    rows = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(unit_rms(rows), rows / np.sqrt(12.5))
    np.testing.assert_array_equal(unit_rms(np.zeros((2, 3))), np.zeros((2, 3)))


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
    assert effective_rank((left * singular) @ right) == pytest.approx(rank)
