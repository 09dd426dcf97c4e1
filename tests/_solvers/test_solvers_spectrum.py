"""Ridge in an eigenbasis against diagonal problems written out."""

import numpy as np
import pytest
from scipy import linalg

from sklearn_depth._solvers._spectrum import (
    Spectrum,
    cholesky_factor,
    effective_samples,
    rounding_level,
)


def spectrum(eigenvalues, loadings, outside=0.0, n_samples=10.0, n_unpenalised=0):
    loadings = np.asarray(loadings, float)
    if loadings.ndim == 1:
        loadings = loadings[:, None]
    return Spectrum(
        eigenvalues=np.asarray(eigenvalues, float),
        loadings=loadings,
        total=(loadings**2).sum(axis=0) + outside,
        n_samples=n_samples,
        n_unpenalised=n_unpenalised,
    )


def test_gcv_by_hand():
    one = spectrum([4.0, 1.0], [3.0, 2.0], outside=5.0, n_unpenalised=1)
    # alpha = 1: RSS = 5 + 9 (1/5)² + 4 (1/2)², df = 1 + 4/5 + 1/2.
    expected = (5 + 9 / 25 + 1) / 10 / (1 - 2.3 / 10) ** 2
    assert one.score(np.array([1.0])) == pytest.approx(expected, rel=1e-14)


def test_gcv_at_the_ends_of_the_penalty():
    one = spectrum([4.0, 1.0], [3.0, 2.0], outside=5.0, n_unpenalised=1)
    nothing, everything = one.score(np.array([0.0, 1e30]))[:, 0]
    assert nothing == pytest.approx(5 / 10 / (1 - 3 / 10) ** 2)
    assert everything == pytest.approx(18 / 10 / (1 - 1 / 10) ** 2)


def test_gcv_is_infinite_where_no_sample_is_left():
    one = spectrum([4.0, 1.0], [3.0, 2.0], n_samples=3.0, n_unpenalised=1)
    assert one.score(np.array([0.0])) == np.inf
    assert np.isfinite(one.score(np.array([1e-3])))


def test_a_zero_eigenvalue_is_no_degree_of_freedom():
    with_zero = spectrum([4.0, 0.0], [3.0, 2.0])
    without = spectrum([4.0], [3.0], outside=4.0)
    alphas = np.array([0.0, 0.5, 20.0])
    np.testing.assert_allclose(
        with_zero.score(alphas), without.score(alphas), rtol=1e-14
    )


@pytest.mark.parametrize("floor", [0.0, 1e-8, 1e-3])
def test_grid(floor):
    one = spectrum([50.0, 3.0, 0.1, 0.0], np.ones(4))
    grid = one.alpha_grid(floor)
    assert (np.diff(grid) < 0).all()
    assert grid[-1] == pytest.approx(max(floor, 1e-11) * 50)
    assert np.sum(one.eigenvalues / (one.eigenvalues + grid[0])) < 0.1
    decades = np.log10(grid[0] / grid[-1])
    assert 3 * decades <= len(grid) <= 3 * decades + 1


def test_no_features_leave_one_penalty():
    assert spectrum([0.0, 0.0], [1.0, 1.0]).alpha_grid(1e-8) == [1.0]
    empty = spectrum([], np.empty((0, 2)))
    assert empty.alpha_grid(0.0) == [1.0]
    assert empty.shrink(np.ones(2)).shape == (0, 2)


def test_each_target_takes_the_best_of_the_grid():
    rng = np.random.default_rng(0)
    eigenvalues = np.geomspace(100, 0.01, 20)
    loadings = rng.standard_normal((20, 5)) + np.outer(
        np.sqrt(eigenvalues), [0, 1, 2, 5, 9]
    )
    many = spectrum(eigenvalues, loadings, outside=5.0, n_samples=40.0)
    grid = many.alpha_grid(0.0)
    scores = [
        [
            (5 + np.sum((c * a / (eigenvalues + a)) ** 2))
            / (40 - np.sum(eigenvalues / (eigenvalues + a))) ** 2
            for a in grid
        ]
        for c in loadings.T
    ]
    best = grid[np.argmin(scores, axis=1)]
    assert len(set(best)) > 2
    chosen, score = many.resolve_alpha("gcv", 0.0)
    # The largest of the penalties whose scores tie with the best.
    assert (chosen >= best).all()
    at_best = np.diag(many.score(best))
    assert (score >= at_best).all()
    assert (score <= 1.005 * at_best).all()
    np.testing.assert_array_equal(score, np.diag(many.score(chosen)))


def test_ties_go_to_the_larger_penalty():
    nothing_to_fit = spectrum([4.0, 1.0], [0.0, 0.0])
    alpha, _ = nothing_to_fit.resolve_alpha("gcv", 0.0)
    assert alpha == nothing_to_fit.alpha_grid(0.0)[0]


def test_given_penalties_are_taken():
    two = spectrum([4.0, 1.0], [[3.0, 1.0], [2.0, 1.0]])
    for given, expected in ((0.5, [0.5, 0.5]), (np.array([1, 2]), [1, 2])):
        alpha, score = two.resolve_alpha(given, 0.0)
        np.testing.assert_array_equal(alpha, expected)
        assert score is None


def test_shrink_by_hand():
    two = spectrum([4.0, 0.0], [[3.0, 1.0], [2.0, 1.0]])
    expected = [[3 / 5, 1 / 4], [0, 0]]
    np.testing.assert_allclose(two.shrink(np.array([1.0, 0.0])), expected)


@pytest.mark.parametrize(
    ("weight", "n_samples"),
    [([0.0, 0.1, 0.2, 0.1], 3), ([2.0, 0.0, 1.5, 3.0], 6.5), ([1.0] * 4, 4)],
)
def test_a_row_is_at_least_one_sample_if_it_counts(weight, n_samples):
    assert effective_samples(4, np.array(weight)) == n_samples


def test_rounding_level_scales():
    assert rounding_level(np.array([0.0, 1.0])) == 2 * 2.0**-52
    assert rounding_level(np.array([-3.0, -1.0])) == 0


@pytest.mark.parametrize("condition", [1e2, 1e12])
def test_cholesky_solves(condition):
    rng = np.random.default_rng(0)
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    matrix = (rotation * np.geomspace(1, 1 / condition, 6)) @ rotation.T
    solved = linalg.cho_solve(cholesky_factor(matrix), matrix)
    np.testing.assert_allclose(solved, np.eye(6), atol=condition * 1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_cholesky_refuses_singular_matrices(seed):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((6, 5))
    with pytest.raises(linalg.LinAlgError):
        cholesky_factor(factor @ factor.T)
