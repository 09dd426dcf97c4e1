"""Landmarks: the law they are drawn by, the factor they give and the fit on them."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._landmarks import draw_landmarks, solve_on_landmarks

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1]]) + 3
weight = rng.uniform(0.2, 3, 40)


def draw(K, n_landmarks, seed=0, weight=None):
    generator = np.random.default_rng(seed)
    return draw_landmarks(
        lambda rows, columns: K[rows][:, columns],
        K.diagonal(),
        np.ones(len(K)) if weight is None else weight,
        n_landmarks,
        generator,
    )


def nystroem(K, S):
    """K_S K_SS^-1 K_S'."""
    return K[:, S] @ np.linalg.solve(K[np.ix_(S, S)], K[S])


def probabilities(K, weight, n_drawn):
    """Of each sequence of landmarks, from the Schur complement after each of them."""
    found = {}
    for pivots in permutations(range(len(K)), n_drawn):
        left, chance = K.copy(), 1.0
        for pivot in pivots:
            mass = weight * np.diagonal(left).clip(0)
            chance *= mass[pivot] / mass.sum()
            left = left - np.outer(left[:, pivot], left[pivot]) / left[pivot, pivot]
        found[pivots] = chance
    return found


SMALL = np.array(
    [
        [4.0, 1.8, 0.3, 0.0],
        [1.8, 1.0, 0.2, 0.1],
        [0.3, 0.2, 2.0, -0.9],
        [0.0, 0.1, -0.9, 0.7],
    ]
)


@pytest.mark.parametrize("sample_weight", [None, np.array([0.5, 3.0, 1.0, 2.0])])
def test_the_law_of_the_pivots(sample_weight, n_drawn=3):
    """Each is drawn by weight times what is left of its diagonal, also in a block."""
    law = probabilities(
        SMALL, np.ones(4) if sample_weight is None else sample_weight, n_drawn
    )
    assert sum(law.values()) == pytest.approx(1)
    drawn = dict.fromkeys(law, 0)
    for seed in range(1000):
        landmarks = draw(SMALL, n_drawn, seed, sample_weight)
        drawn[tuple(landmarks.indices.tolist())] += 1
    expected = 1000 * np.array(list(law.values()))
    # Sequences too rare for the approximation by a normal law count as one.
    rare = expected < 5
    counts = np.array(list(drawn.values()), float)
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    kept = expected > 0
    assert stats.chisquare(counts[kept], expected[kept]).pvalue > 0.01


@pytest.mark.parametrize("n_landmarks", [1, 7, 30])
def test_the_factor_is_that_of_nystroem(n_landmarks):
    K = rbf_kernel(X, gamma=0.5)
    landmarks = draw(K, n_landmarks)
    S, F, L = landmarks.indices, landmarks.features, landmarks.factor
    assert len(np.unique(S)) == n_landmarks
    np.testing.assert_allclose(L @ L.T, K[np.ix_(S, S)], atol=1e-12)
    np.testing.assert_array_equal(np.triu(L, 1), 0)
    np.testing.assert_allclose(F[S], L, atol=1e-12)
    np.testing.assert_allclose(F @ F.T, nystroem(K, S), atol=1e-9)
    residual = K.diagonal() - np.sum(F**2, axis=1)
    np.testing.assert_allclose(residual[S], 0, atol=1e-12)
    assert residual.min() > -1e-12


def test_more_landmarks_than_one_block_proposes():
    points = np.random.default_rng(1).standard_normal((400, 6))
    K = rbf_kernel(points, gamma=1)
    landmarks = draw(K, 350)
    assert len(np.unique(landmarks.indices)) == 350
    F = landmarks.features
    np.testing.assert_allclose(F @ F.T, nystroem(K, landmarks.indices), atol=1e-9)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("copies", [1, 3])
def test_no_more_landmarks_than_the_rank(dtype, copies):
    points = np.vstack([X] * copies).astype(dtype)
    K = points @ points.T
    for seed in range(20):
        landmarks = draw(K, 25, seed)
        assert len(landmarks.indices) == 3
        F = landmarks.features
        np.testing.assert_allclose(F @ F.T, K, atol=1e-5 if dtype == "f4" else 1e-10)


def test_the_error_is_near_that_of_the_best_of_a_lower_rank():
    """At most 1 + e times it on average, with r / e + r log(1 / (e h)) landmarks.

    So Chen, Epperly, Tropp and Webber show; h is the share of the trace that the best
    leaves.
    """
    points = np.random.default_rng(1).standard_normal((200, 2))
    K = rbf_kernel(points, gamma=0.5)
    eigenvalues = np.linalg.eigvalsh(K)[::-1]
    rank, excess = 4, 1.0
    best = eigenvalues[rank:].sum()
    n_landmarks = rank / excess + rank * np.log(eigenvalues.sum() / (excess * best))
    errors = []
    for seed in range(50):
        F = draw(K, int(np.ceil(n_landmarks)), seed).features
        errors.append(np.trace(K) - np.sum(F**2))
    assert np.mean(errors) < (1 + excess) * best


def test_rows_of_zero_weight_are_no_landmarks():
    K = rbf_kernel(X, gamma=0.5)
    counted = np.arange(40) % 4 == 0
    for seed in range(20):
        landmarks = draw(K, 40, seed, counted.astype(float))
        assert counted[landmarks.indices].all()
        assert len(landmarks.indices) <= 10


def test_a_kernel_of_zeros_gives_a_feature_of_zeros():
    landmarks = draw(np.zeros((5, 5)), 3)
    assert landmarks.features.shape == (5, 1)
    np.testing.assert_array_equal(landmarks.features, 0)
    samples = Samples.of(X[:5], Y[:5])
    head = solve_on_landmarks(landmarks, samples, 1.0, fit_intercept=True)
    np.testing.assert_array_equal(head.dual, 0)
    np.testing.assert_allclose(head.intercept, Y[:5].mean(axis=0))


@pytest.mark.parametrize("K", [-np.eye(5), np.eye(5) - 1])
def test_a_kernel_without_a_positive_diagonal_is_refused(K):
    with pytest.raises(ValueError, match=rf"is at most {K[0, 0]:.0f}, but not all"):
        draw(K, 3)


def test_an_overflow_is_refused():
    with pytest.raises(ValueError, match=r"overflow.*StandardScaler"):
        draw(np.diag([1.0, np.inf, 2.0]), 2)


@pytest.mark.parametrize("sample_weight", [None, weight])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("alpha", [0.3, np.array([0.1, 10.0]), "gcv", "loo", "auto"])
def test_the_fit_is_a_ridge_regression_on_the_features(
    sample_weight, fit_intercept, alpha
):
    K = rbf_kernel(X, gamma=0.5)
    landmarks = draw(K, 12, weight=sample_weight)
    samples = Samples.of(X, Y, sample_weight)
    head = solve_on_landmarks(landmarks, samples, alpha, fit_intercept=fit_intercept)
    F = landmarks.features
    ridge = Ridge(head.alpha, fit_intercept=fit_intercept, solver="svd")
    ridge.fit(F, Y, sample_weight)
    predicted = K[:, landmarks.indices] @ head.dual + head.intercept
    np.testing.assert_allclose(predicted, ridge.predict(F), atol=1e-9)
    expected = F @ ridge.coef_.T
    found = K[:, landmarks.indices] @ landmarks.dual(ridge.coef_.T)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_rows_that_the_landmarks_cannot_tell_apart():
    times = np.array([3, 1, 2, 4])
    points = np.repeat(X[:4], times, axis=0)
    landmarks = draw(rbf_kernel(points), 3)
    labels = landmarks.equal_rows()
    expected = np.repeat(np.arange(4), times)
    pairs = set(zip(labels.tolist(), expected.tolist(), strict=True))
    assert len(pairs) == len(set(labels.tolist())) == 4


def test_candidates_that_rounding_leaves_nothing_of():
    """A diagonal that the entries do not bear out: here half of it is true."""
    K = np.diag(np.repeat([1.0, 0.0], 20))
    for seed in range(5):
        landmarks = draw_landmarks(
            lambda rows, columns: K[rows][:, columns],
            np.ones(40),
            np.ones(40),
            30,
            np.random.default_rng(seed),
        )
        np.testing.assert_array_equal(np.sort(landmarks.indices), np.arange(20))
