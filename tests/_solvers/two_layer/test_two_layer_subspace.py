"""Steps of a subspace against dense least squares, hand-made stages and known laws."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._layers import Layer, fit_head
from sklearn_depth._solvers.two_layer._subspace import (
    draw_weights,
    evaluate_head,
    gap,
    narrow,
    narrowed_layers,
    near_best,
    principal_directions,
    search_subspace,
    turn_subspace,
    well_trained,
)

N_SAMPLES = 60


def frame(n_features, rank, seed=0):
    """Orthonormal columns."""
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.standard_normal((n_features, rank)))[0]


def samples_of(Z, weight=None):
    """Samples whose targets steps do not look at."""
    return Samples.of(Z, np.empty((len(Z), 0)), weight)


def problem(n_features=5, rank=2, n_targets=1, seed=0):
    """Samples of uneven weights, a subspace, gradients in it, and residuals."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((N_SAMPLES, n_features))
    gradients = list(rng.standard_normal((n_targets, N_SAMPLES, rank)))
    residual = rng.standard_normal((N_SAMPLES, n_targets))
    samples = samples_of(Z, rng.uniform(0.2, 3, N_SAMPLES))
    return samples, frame(n_features, rank, seed), gradients, residual


def dense_turn(samples, V, gradients, residual):
    """The damped step by normal equations, and the orthonormal factor by an SVD."""
    Z, share = samples.X, samples.share
    outside = Z @ (np.eye(len(V)) - V @ V.T)
    root, damping, rows, errors = np.sqrt(share), 0.0, [], []
    for i in range(len(Z)):
        for k, gradient in enumerate(gradients):
            rows.append(root[i] * np.outer(outside[i], gradient[i]).ravel())
            errors.append(root[i] * residual[i, k])
            damping += 0.01 * share[i] * gradient[i] @ gradient[i] / V.shape[1]
    A = np.array(rows)
    D = np.linalg.solve(A.T @ A + damping * np.eye(V.size), A.T @ np.array(errors))
    left, _, right = np.linalg.svd(V + D.reshape(V.shape), full_matrices=False)
    return left @ right


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_narrow_keeps_the_leading_eigenvectors(rank):
    values, vectors = np.array([9.0, 4.0, 2.0, 0.5]), frame(4, 4, seed=1)
    subspace = frame(7, 4)
    kept, covariance = narrow(subspace, (vectors * values) @ vectors.T, rank)
    leading = subspace @ vectors[:, :rank]
    np.testing.assert_allclose(kept @ kept.T, leading @ leading.T, atol=1e-12)
    np.testing.assert_allclose(kept.T @ kept, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(covariance, np.diag(values[:rank]), atol=1e-12)


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize(("n_features", "rank"), [(3, 1), (5, 2), (5, 3), (11, 1)])
def test_a_turn_is_the_dense_damped_step(n_features, rank, n_targets):
    """Ten iterations solve for the (d - r) r <= 10 unknowns outside the subspace."""
    parts = problem(n_features, rank, n_targets)
    np.testing.assert_allclose(turn_subspace(*parts), dense_turn(*parts), atol=1e-9)


@pytest.mark.parametrize("n_features", [4, 30])
def test_a_turned_subspace_is_orthonormal(n_features):
    turned = turn_subspace(*problem(n_features, 3, 2))
    np.testing.assert_allclose(turned.T @ turned, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("n_features", [6, 30])
def test_the_step_is_orthogonal_to_the_subspace(n_features):
    """Only then is V'W = (I + D'D)^(-1/2), which is symmetric and contracts."""
    samples, V, gradients, residual = problem(n_features, 3, 2)
    overlap = V.T @ turn_subspace(samples, V, gradients, 5 * residual)
    np.testing.assert_allclose(overlap, overlap.T, atol=1e-10)
    assert 0 < np.linalg.eigvalsh(overlap).min() < 0.99
    assert np.linalg.eigvalsh(overlap).max() <= 1 + 1e-12


def test_without_residual_nothing_turns():
    samples, V, gradients, residual = problem(8, 3, 2)
    np.testing.assert_allclose(
        turn_subspace(samples, V, gradients, 0 * residual), V, atol=1e-12
    )


def test_without_gradients_nothing_turns():
    samples, V, gradients, residual = problem(8, 3, 2)
    flat = [0 * gradient for gradient in gradients]
    np.testing.assert_allclose(turn_subspace(samples, V, flat, residual), V, atol=1e-12)


def test_the_whole_space_does_not_turn():
    samples, V, gradients, residual = problem(3, 3)
    turned = turn_subspace(samples, V, gradients, residual)
    np.testing.assert_allclose(turned, V, atol=1e-12)


def test_turns_weigh_as_they_repeat():
    samples, V, gradients, residual = problem(9, 2, 2)
    times = np.random.default_rng(1).integers(1, 4, N_SAMPLES)
    rows = np.repeat(np.arange(N_SAMPLES), times)
    once = samples_of(samples.X, times.astype(float))
    weighted = turn_subspace(once, V, gradients, residual)
    repeated = turn_subspace(
        samples_of(samples.X[rows]), V, [g[rows] for g in gradients], residual[rows]
    )
    np.testing.assert_allclose(weighted, repeated, atol=1e-9)


@pytest.mark.parametrize("unit", [1e-200, 7.0, 1e200])
def test_turns_do_not_depend_on_the_unit_of_the_weights(unit):
    samples, V, gradients, residual = problem(9, 2, 2)
    other = samples_of(samples.X, unit * samples.weight)
    np.testing.assert_allclose(
        turn_subspace(other, V, gradients, residual),
        turn_subspace(samples, V, gradients, residual),
        atol=1e-12,
    )


def test_turns_follow_rotations_and_permutations_of_the_columns():
    samples, V, gradients, residual = problem(9, 2, 2)
    turned = turn_subspace(samples, V, gradients, residual)
    for moved in (ortho_group.rvs(9, random_state=0), np.eye(9)[::-1]):
        there = samples.at(samples.X @ moved)
        found = turn_subspace(there, moved.T @ V, gradients, residual)
        np.testing.assert_allclose(found, moved.T @ turned, atol=1e-9)


def test_turns_follow_a_change_of_basis_in_the_subspace():
    samples, V, gradients, residual = problem(9, 2, 2)
    inner = ortho_group.rvs(2, random_state=0)
    found = turn_subspace(samples, V @ inner, [g @ inner for g in gradients], residual)
    turned = turn_subspace(samples, V, gradients, residual)
    np.testing.assert_allclose(found, turned @ inner, atol=1e-9)


@pytest.mark.parametrize("angle", [0.05, 0.2])
def test_a_turn_nears_the_direction_of_a_known_function(angle):
    """For y = tanh(2 <u, z>) one damped step goes most of the way to u."""
    Z = np.random.default_rng(0).standard_normal((2000, 6))
    u, off = np.eye(6)[:2]
    V = (np.cos(angle) * u + np.sin(angle) * off)[:, None]
    fit = np.tanh(2 * Z @ V)
    residual = np.tanh(2 * Z @ u[:, None]) - fit
    turned = turn_subspace(samples_of(Z), V, [2 * (1 - fit**2)], residual)
    assert np.arccos(u @ turned[:, 0]) < 0.2 * angle


def test_turns_with_two_targets_see_both():
    """Each target bends towards another direction, and the step towards both."""
    Z = np.random.default_rng(0).standard_normal((4000, 6))
    V, to = np.eye(6)[:, :2], np.eye(6)[:, 2:4]
    residual = 0.1 * Z @ to
    units = [np.tile(unit, (4000, 1)) for unit in np.eye(2)]
    turned = turn_subspace(samples_of(Z), V, units, residual)
    np.testing.assert_allclose(to.T @ turned, 0.1 * np.eye(2), atol=0.005)


def layer(*error, n_search=0.0):
    return Layer(np.zeros((1, 2)), np.zeros(1), n_search, np.array(error))


def test_near_best_keeps_what_comes_within_fifteen_percent():
    layers = [layer(error) for error in (1.149, 1.0, 1.151, 3.0)]
    assert near_best(layers, 100) == layers[:2]


def test_near_best_charges_for_the_search():
    """2 * 5 parameters of 100 samples make 0.9 cost 0.9 / 0.9^2 = 1.11."""
    cheap, dear = layer(1.0), layer(0.9, n_search=5)
    assert near_best([cheap, dear], 100) == [cheap, dear]
    dearer = layer(0.9, n_search=10)  # 0.9 / 0.8^2 = 1.41
    assert near_best([cheap, dearer], 100) == [cheap]
    assert near_best([cheap, dearer], 1000) == [cheap, dearer]


def test_near_best_averages_targets():
    even, uneven = layer(1.0, 1.0), layer(0.1, 2.1)  # mean 1.1
    assert near_best([even, uneven], 100) == [even, uneven]
    assert near_best([even, layer(0.1, 2.3)], 100) == [even]  # mean 1.2


@pytest.mark.parametrize("error", [0.0, np.inf])
def test_near_best_keeps_ties(error):
    layers = [layer(error), layer(error, n_search=30)]
    assert near_best(layers, 100) == layers


@pytest.mark.parametrize(
    ("errors", "linear", "kept"),
    [
        ([0.5, 0.3, 0.4], np.inf, 0.3),
        ([0.32, 0.3], np.inf, 0.32),  # less than 15 % better
        ([0.5, 0.3], 0.31, 0.5),  # a linear fit is as good
        ([0.5, 0.3], 0.35, 0.3),
        ([0.5], 1.0, 0.5),
    ],
)
def test_a_trained_layer_has_to_be_well_below_its_rivals(errors, linear, kept):
    first, *trained = (layer(error) for error in errors)
    assert well_trained(first, trained, linear, 100).error == [kept]


def test_the_untrained_layer_is_charged_for_its_search():
    """0.32 / (1 - 2 * 10 / 100)^2 = 0.5."""
    first, trained = layer(0.32, n_search=10.0), layer(0.4)
    assert well_trained(first, [trained], np.inf, 100) is trained


def test_principal_directions_of_a_known_covariance():
    values, vectors = np.array([1.0, 6.0, 3.0]), frame(3, 3)
    shares, rows = principal_directions((vectors * values) @ vectors.T)
    np.testing.assert_allclose(shares, [0.6, 0.3, 0.1])
    for row, column in zip(rows, [1, 2, 0], strict=True):
        assert abs(row @ vectors[:, column]) == pytest.approx(1)


@pytest.mark.parametrize("rank", [1, 3, 6])
def test_principal_directions_are_ordered_orthonormal_and_of_one_sign(rank):
    factor = np.random.default_rng(0).standard_normal((6, rank))
    shares, rows = principal_directions(factor @ factor.T)
    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) <= 0).all()
    assert (shares >= 0).all()
    np.testing.assert_allclose(rows @ rows.T, np.eye(6), atol=1e-12)
    assert (rows.max(axis=1) == abs(rows).max(axis=1)).all()


def test_principal_directions_of_nothing():
    shares, rows = principal_directions(np.zeros((4, 4)))
    np.testing.assert_array_equal(shares, 0)
    np.testing.assert_allclose(rows @ rows.T, np.eye(4))


@pytest.mark.parametrize(
    ("shares", "rank"),
    [
        ([1.0], 1),
        ([0.0], 1),
        ([0.97, 0.01, 0.01, 0.01], 1),
        ([0.5, 0.48, 0.01, 0.01], 2),
        ([0.4, 0.3, 0.28, 0.01, 0.01], 3),
        ([0.6, 0.3999, 1e-4, 1e-9, 1e-15], 2),  # noise over less noise is no gap
        ([0.9, 0.1, 0.0, 0.0], 2),
        ([0.25, 0.25, 0.25, 0.25], 1),
        ([0.0, 0.0, 0.0], 1),
    ],
)
def test_gap(shares, rank):
    assert gap(np.array(shares)) == rank


def test_drawn_weights_have_the_covariance():
    factor = np.random.default_rng(0).standard_normal((4, 4)) * [3, 1, 0.1, 0]
    covariance = factor @ factor.T
    weights = draw_weights(covariance, 100_000, np.random.default_rng(1))
    assert np.mean((weights**2).sum(axis=1)) == pytest.approx(1, rel=1e-12)
    expected = covariance + 1e-4 * np.trace(covariance) / 4 * np.eye(4)
    expected /= np.trace(expected)
    np.testing.assert_allclose(weights.T @ weights / 100_000, expected, atol=0.01)
    np.testing.assert_allclose(weights.mean(axis=0), 0, atol=0.01)
    null = np.linalg.eigh(covariance)[1][:, 0]  # still reachable
    assert np.var(weights @ null) == pytest.approx(expected @ null @ null, rel=0.02)


def test_drawn_weights_do_not_depend_on_the_unit_of_the_covariance():
    covariance = np.diag([4.0, 1.0, 0.0])
    first, second = (
        draw_weights(unit * covariance, 50, np.random.default_rng(0))
        for unit in (1.0, 1e-20)
    )
    np.testing.assert_allclose(first, second, rtol=1e-9)


def test_drawn_weights_move_little_with_the_covariance():
    covariance = np.eye(6)  # whose eigenvectors are arbitrary, unlike its square root
    nudge = np.random.default_rng(1).standard_normal((6, 6)) * 1e-8
    first, second = (
        draw_weights(matrix, 50, np.random.default_rng(0))
        for matrix in (covariance, covariance + nudge + nudge.T)
    )
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_without_gradients_every_direction_is_as_good():
    weights = draw_weights(np.zeros((3, 3)), 100_000, np.random.default_rng(0))
    np.testing.assert_allclose(weights.T @ weights / 100_000, np.eye(3) / 3, atol=0.01)


def test_a_head_is_evaluated_by_blocks():
    rng = np.random.default_rng(0)
    Z, y = rng.standard_normal((3000, 3)), rng.standard_normal((3000, 2))
    samples = Samples.of(Z, y)
    layer = Layer(rng.standard_normal((900, 3)), rng.standard_normal(900))
    head = fit_head(layer, samples, 10.0)
    outputs, gradients = evaluate_head(layer, samples, head)
    features = np.hstack([np.maximum(Z @ layer.weights.T + layer.biases, 0), Z])
    np.testing.assert_allclose(outputs, features @ head.coef + head.intercept)
    expected = layer.output_gradients(Z, head.coef)
    np.testing.assert_allclose(gradients, expected, atol=1e-12)


def planted(n_samples=800, n_features=15, seed=0):
    """Samples of noisy |<u, z>|, u, and a start at 60 degrees from it."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    u, off = frame(n_features, 2, seed).T
    targets = np.abs(Z @ u)[:, None] + 0.1 * rng.standard_normal((n_samples, 1))
    return Samples.of(Z, targets), u, (0.5 * u + np.sqrt(0.75) * off)[:, None]


def searched(seed=0, n_rounds=6):
    """Samples, u, the layers of all rounds, and the last subspace and covariance."""
    samples, u, subspace = planted(seed=seed)
    covariance, rng, rounds = np.eye(1), np.random.default_rng(seed), []
    for _ in range(n_rounds):
        layer, subspace, covariance = search_subspace(
            samples, subspace, covariance, 40, rng
        )
        rounds.append(layer)
    return samples, u, rounds, subspace, covariance


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rounds_of_search_near_a_planted_direction(seed):
    _, u, rounds, subspace, _ = searched(seed)
    alignments = [abs(r.weights[0] @ u) / np.linalg.norm(r.weights[0]) for r in rounds]
    assert alignments[0] == pytest.approx(0.5)
    assert alignments[1] > 0.6
    assert (np.diff(alignments) > -0.01).all()
    assert abs(subspace[:, 0] @ u) > 0.99
    first, last = (rounds[k].error for k in (0, -1))
    assert last < 0.5 * first


def test_the_rounds_of_a_search_lie_in_its_subspaces():
    _, _, rounds, subspace, covariance = searched(n_rounds=4)
    for step in rounds:
        assert step.weights.shape == (40, 15)
        assert step.biases.shape == (40,)
        assert step.n_search == 14
        assert np.linalg.matrix_rank(step.weights) == 1
        assert np.mean((step.weights**2).sum(axis=1)) == pytest.approx(1)
    np.testing.assert_allclose(subspace.T @ subspace, 1)
    assert covariance.shape == (1, 1)


def test_the_covariance_of_a_search_is_that_of_its_last_fit():
    """The mean squared slope of the last fit, along the direction it was made on."""
    samples, _, rounds, _, covariance = searched(n_rounds=3)
    weights, biases = rounds[-1].weights, rounds[-1].biases
    direction = np.linalg.svd(weights)[2][0]
    z = samples.X @ direction[:, None]
    inner = Layer(weights @ direction[:, None], biases)
    head = fit_head(inner, samples.at(z), few_rows=4)

    def fitted(at):
        units = np.maximum(at @ inner.weights.T + biases, 0)
        return np.hstack([units, at]) @ head.coef

    slopes = (fitted(z + 1e-6) - fitted(z - 1e-6)) / 2e-6
    assert covariance[0, 0] == pytest.approx(np.mean(slopes**2), rel=1e-3)


def narrowed(samples, ranks, n_hidden=50, n_rounds=4):
    """The layers of all rounds, and those that the search comes to."""
    steps = narrowed_layers(
        samples,
        np.diag(np.arange(15.0, 0, -1)),
        ranks,
        n_hidden=n_hidden,
        n_rounds=n_rounds,
        rng=np.random.default_rng(0),
    )
    rounds = []
    while True:
        try:
            rounds.append(next(steps))
        except StopIteration as end:
            return rounds, end.value


def test_narrowed_layers_have_their_ranks_and_the_units_of_the_last_rounds():
    samples, u, _ = planted()
    rounds, layers = narrowed(samples, [5, 2, 1])
    assert len(rounds) == 12
    for k, (layer, rank) in enumerate(zip(layers, [5, 2, 1], strict=True)):
        assert layer.weights.shape == (50, 15)
        assert layer.n_search == rank * (15 - rank)
        each = rounds[4 * k : 4 * k + 4]
        assert [np.linalg.matrix_rank(one.weights) for one in each] == [rank] * 4
        last = np.vstack([one.weights for one in each[-3:]])
        np.testing.assert_array_equal(layer.weights, last[:50])
        head = fit_head(layer, samples, few_rows=4)
        np.testing.assert_array_equal(layer.error, head.error)
    alignments = layers[-1].weights @ u / np.linalg.norm(layers[-1].weights, axis=1)
    assert np.abs(alignments).min() > 0.99


def test_more_rounds_begin_alike():
    """The first rounds do not depend on how many follow."""
    samples, *_ = planted()
    few, many = (narrowed(samples, [3], n_rounds=n)[0] for n in (3, 5))
    for first, second in zip(few, many, strict=False):
        np.testing.assert_array_equal(first.weights, second.weights)
        np.testing.assert_array_equal(first.biases, second.biases)
