"""Steps of a subspace against dense least squares, hand-made stages and known laws."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from sklearn_depth._solvers._feature_steps import output_gradients
from sklearn_depth._solvers._subspace_steps import (
    Layer,
    fit_head,
    gap,
    mix,
    narrow,
    near_best,
    principal_directions,
    search_size,
    search_subspace,
    turn_subspace,
)

N_SAMPLES = 60


def frame(n_features, rank, seed=0):
    """Orthonormal columns."""
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.standard_normal((n_features, rank)))[0]


def problem(n_features=5, rank=2, n_targets=1, seed=0):
    """Inputs, a subspace, gradients in it, residuals, and weights that sum to 1."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((N_SAMPLES, n_features))
    gradients = list(rng.standard_normal((n_targets, N_SAMPLES, rank)))
    residual = rng.standard_normal((N_SAMPLES, n_targets))
    share = rng.uniform(0.2, 3, N_SAMPLES)
    return Z, frame(n_features, rank, seed), gradients, residual, share / share.sum()


def dense_turn(Z, V, gradients, residual, share):
    """The damped step by normal equations, and the orthonormal factor by an SVD."""
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


@pytest.mark.parametrize("n_targets", [1, 3])
def test_output_gradients_by_finite_differences(n_targets):
    rng = np.random.default_rng(0)
    Z, rows = rng.standard_normal((30, 4)), rng.standard_normal((7, 4))
    biases, coef = rng.standard_normal(7), rng.standard_normal((11, n_targets))

    def outputs(at):
        return np.hstack([np.maximum(at @ rows.T + biases, 0), at]) @ coef

    found = output_gradients(Z, rows, biases, coef)
    assert len(found) == n_targets
    for j, shift in enumerate(1e-6 * np.eye(4)):
        slope = (outputs(Z + shift) - outputs(Z - shift)) / 2e-6
        for k in range(n_targets):
            np.testing.assert_allclose(found[k][:, j], slope[:, k], atol=1e-7)


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
    Z, V, gradients, residual, share = problem(n_features, 3, 2)
    overlap = V.T @ turn_subspace(Z, V, gradients, 5 * residual, share)
    np.testing.assert_allclose(overlap, overlap.T, atol=1e-10)
    assert 0 < np.linalg.eigvalsh(overlap).min() < 0.99
    assert np.linalg.eigvalsh(overlap).max() <= 1 + 1e-12


def test_without_residual_nothing_turns():
    Z, V, gradients, residual, share = problem(8, 3, 2)
    np.testing.assert_allclose(
        turn_subspace(Z, V, gradients, 0 * residual, share), V, atol=1e-12
    )


def test_without_gradients_nothing_turns():
    Z, V, gradients, residual, share = problem(8, 3, 2)
    flat = [0 * gradient for gradient in gradients]
    np.testing.assert_allclose(
        turn_subspace(Z, V, flat, residual, share), V, atol=1e-12
    )


def test_the_whole_space_does_not_turn():
    Z, V, gradients, residual, share = problem(3, 3)
    turned = turn_subspace(Z, V, gradients, residual, share)
    np.testing.assert_allclose(turned, V, atol=1e-12)


def test_turns_weigh_as_they_repeat():
    Z, V, gradients, residual, _ = problem(9, 2, 2)
    times = np.random.default_rng(1).integers(0, 4, N_SAMPLES)
    weighted = turn_subspace(Z, V, gradients, residual, times / times.sum())
    repeated = turn_subspace(
        np.repeat(Z, times, axis=0),
        V,
        [np.repeat(gradient, times, axis=0) for gradient in gradients],
        np.repeat(residual, times, axis=0),
        np.full(times.sum(), 1 / times.sum()),
    )
    np.testing.assert_allclose(weighted, repeated, atol=1e-9)


def test_turns_follow_rotations_and_permutations_of_the_columns():
    Z, V, gradients, residual, share = problem(9, 2, 2)
    turned = turn_subspace(Z, V, gradients, residual, share)
    for moved in (ortho_group.rvs(9, random_state=0), np.eye(9)[::-1]):
        found = turn_subspace(Z @ moved, moved.T @ V, gradients, residual, share)
        np.testing.assert_allclose(found, moved.T @ turned, atol=1e-9)


def test_turns_follow_a_change_of_basis_in_the_subspace():
    Z, V, gradients, residual, share = problem(9, 2, 2)
    inner = ortho_group.rvs(2, random_state=0)
    found = turn_subspace(Z, V @ inner, [g @ inner for g in gradients], residual, share)
    turned = turn_subspace(Z, V, gradients, residual, share)
    np.testing.assert_allclose(found, turned @ inner, atol=1e-9)


@pytest.mark.parametrize("angle", [0.05, 0.2])
def test_a_turn_nears_the_direction_of_a_known_function(angle):
    """For y = tanh(2 <u, z>) one damped step goes most of the way to u."""
    Z = np.random.default_rng(0).standard_normal((2000, 6))
    u, off = np.eye(6)[:2]
    V = (np.cos(angle) * u + np.sin(angle) * off)[:, None]
    fit = np.tanh(2 * Z @ V)
    share = np.full(2000, 1 / 2000)
    residual = np.tanh(2 * Z @ u[:, None]) - fit
    turned = turn_subspace(Z, V, [2 * (1 - fit**2)], residual, share)
    assert np.arccos(u @ turned[:, 0]) < 0.2 * angle


def test_turns_with_two_targets_see_both():
    """Each target bends towards another direction, and the step towards both."""
    Z = np.random.default_rng(0).standard_normal((4000, 6))
    V, to = np.eye(6)[:, :2], np.eye(6)[:, 2:4]
    residual = 0.1 * Z @ to
    units = [np.tile(unit, (4000, 1)) for unit in np.eye(2)]
    turned = turn_subspace(Z, V, units, residual, np.full(4000, 1 / 4000))
    np.testing.assert_allclose(to.T @ turned, 0.1 * np.eye(2), atol=0.005)


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


def layer(*score, n_search=0.0):
    return Layer(np.zeros((1, 2)), np.zeros(1), np.array(score), n_search)


def test_near_best_keeps_what_comes_within_fifteen_percent():
    layers = [layer(score) for score in (1.149, 1.0, 1.151, 3.0)]
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


@pytest.mark.parametrize("score", [0.0, np.inf])
def test_near_best_keeps_ties(score):
    layers = [layer(score), layer(score, n_search=30)]
    assert near_best(layers, 100) == layers


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
def test_mixed_layers_have_the_size_of_one_and_keep_rows_beside_biases(n_layers):
    layers = [
        Layer(np.arange(10.0)[:, None] + 100 * k, np.arange(10.0) + 100 * k, None, 0)
        for k in range(n_layers)
    ]
    rows, biases = mix(layers)
    np.testing.assert_array_equal(rows[:, 0], biases)
    units, counts = np.unique(biases % 100, return_counts=True)
    np.testing.assert_array_equal(units, range(10))
    assert (counts == 1).all()
    assert np.ptp(np.unique(biases // 100, return_counts=True)[1]) <= 1


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


def planted(n_samples=800, n_features=15, seed=0):
    """Inputs, noisy targets |<u, z>|, u, and a start at 60 degrees from it."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    u, off = frame(n_features, 2, seed).T
    targets = np.abs(Z @ u)[:, None] + 0.1 * rng.standard_normal((n_samples, 1))
    return Z, targets, u, (0.5 * u + np.sqrt(0.75) * off)[:, None]


def result(steps):
    """What a generator returns in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def searched(seed=0, n_rounds=6):
    Z, targets, u, start = planted(seed=seed)
    steps = search_subspace(
        Z,
        targets,
        None,
        np.full(len(Z), 1 / len(Z)),
        start,
        np.eye(1),
        n_units=40,
        n_rounds=n_rounds,
        rng=np.random.default_rng(seed),
    )
    return Z, targets, u, result(steps)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rounds_of_search_near_a_planted_direction(seed):
    _, _, u, (rounds, subspace, _) = searched(seed)
    alignments = [abs(r.rows[0] @ u) / np.linalg.norm(r.rows[0]) for r in rounds]
    assert alignments[0] == pytest.approx(0.5)
    assert alignments[1] > 0.6
    assert (np.diff(alignments) > -0.01).all()
    assert abs(subspace[:, 0] @ u) > 0.99
    first, last = (rounds[k].score for k in (0, -1))
    assert last < 0.5 * first


def test_the_rounds_of_a_search_lie_in_its_subspaces():
    _, _, _, (rounds, subspace, covariance) = searched(n_rounds=4)
    assert len(rounds) == 4
    for step in rounds:
        assert step.rows.shape == (40, 15)
        assert step.biases.shape == (40,)
        assert step.n_search == 14
        assert np.linalg.matrix_rank(step.rows) == 1
        assert np.mean((step.rows**2).sum(axis=1)) == pytest.approx(1)
    np.testing.assert_allclose(subspace.T @ subspace, 1)
    assert covariance.shape == (1, 1)


def test_the_covariance_of_a_search_is_that_of_its_last_fit():
    """The mean squared slope of the last fit, along the direction it was made on."""
    Z, targets, _, (rounds, _, covariance) = searched(n_rounds=3)
    rows, biases = rounds[-1].rows, rounds[-1].biases
    direction = np.linalg.svd(rows)[2][0]
    z, inner = Z @ direction[:, None], rows @ direction[:, None]
    head = fit_head(z, inner, biases, targets, None)

    def fitted(at):
        return np.hstack([np.maximum(at @ inner.T + biases, 0), at]) @ head.coef

    slopes = (fitted(z + 1e-6) - fitted(z - 1e-6)) / 2e-6
    assert covariance[0, 0] == pytest.approx(np.mean(slopes**2), rel=1e-3)


def test_heads_solve_the_normal_equations():
    rng = np.random.default_rng(0)
    Z, targets = rng.standard_normal((80, 3)), rng.standard_normal((80, 2))
    rows, biases = rng.standard_normal((9, 3)), rng.standard_normal(9)
    weight = rng.uniform(0.5, 2, 80)
    head = fit_head(Z, rows, biases, targets, weight)
    features = np.hstack([np.maximum(Z @ rows.T + biases, 0), Z])
    features -= np.average(features, axis=0, weights=weight)
    weighted = features.T * weight
    for k, alpha in enumerate(head.alpha):
        coef = np.linalg.solve(
            weighted @ features + alpha * np.eye(12), weighted @ targets[:, k]
        )
        np.testing.assert_allclose(head.coef[:, k], coef, atol=1e-8)


def test_more_rounds_begin_alike():
    """The first rounds do not depend on how many follow."""
    few, many = searched(n_rounds=2)[3][0], searched(n_rounds=5)[3][0]
    for first, second in zip(few, many, strict=False):
        np.testing.assert_array_equal(first.rows, second.rows)
        np.testing.assert_array_equal(first.biases, second.biases)
