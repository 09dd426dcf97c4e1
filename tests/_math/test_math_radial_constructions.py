"""Means over directions against Monte Carlo and closed forms."""

import numpy as np
import pytest

from sklearn_depth._math._radial_constructions import (
    block_covariance,
    construct_radial,
    fit_even_polynomial,
    interpolant,
    log_sphere_moments,
    matrix_root,
    ridge_reach,
)
from sklearn_depth._math._spheres import random_directions

KNOTS = np.array([0.0, 0.3, 0.6])


@pytest.mark.parametrize("n_features", [1, 2, 5, 20])
def test_sphere_moments(n_features):
    w = random_directions(200_000, n_features, np.random.default_rng(0))[:, 0]
    moments = np.exp(log_sphere_moments(3, n_features))
    np.testing.assert_allclose(moments[:2], [1, 1 / n_features], rtol=1e-13)
    np.testing.assert_allclose(
        moments, [np.mean(w ** (2 * k)) for k in range(4)], rtol=0.03
    )


@pytest.mark.parametrize("degree", [0, 6])
def test_the_reach_covers_the_moment(degree):
    w = random_directions(400_000, 6, np.random.default_rng(0))[:, 0] ** 2
    powers, inside = w**degree, w < ridge_reach(6, degree) ** 2
    assert np.sum(powers[inside]) / np.sum(powers) == pytest.approx(0.999, abs=5e-4)
    assert ridge_reach(1, degree) == 1


@pytest.mark.parametrize(
    ("n_features", "block_size"), [(2, 2), (3, 3), (5, 5), (5, 1), (20, 20), (20, 7)]
)
def test_block_covariance_is_that_of_means_over_frames(n_features, block_size):
    """Coordinates of a uniform point are a uniform point's products with a frame."""
    radii, rng = np.array([0.8, 1.5]), np.random.default_rng(0)
    expected = np.zeros((3, 3))
    for radius in radii:
        z = radius * np.abs(random_directions(100_000, n_features, rng)[:, :block_size])
        means = np.stack([np.maximum(z - t, 0).mean(axis=1) for t in KNOTS])
        expected += np.cov(means) / 2
    covariance = block_covariance(radii, KNOTS, n_features, block_size)
    np.testing.assert_allclose(
        covariance, expected, rtol=0.03, atol=0.01 * expected.max()
    )


@pytest.mark.parametrize("n_features", [2, 10])
def test_a_block_gives_the_square_of_the_norm_without_noise(n_features):
    """So does its covariance, of the hinges whose sum is nearly z^2."""
    knots = np.linspace(0, 1, 200, endpoint=False)
    weights = interpolant(np.append(knots, 1), np.append(knots, 1) ** 2)[1:]
    block = block_covariance(np.ones(1), knots, n_features, n_features)
    single = block_covariance(np.ones(1), knots, n_features, 1)
    assert weights @ block @ weights < 1e-6 * (weights @ single @ weights)


def test_on_the_line_directions_do_not_vary():
    covariance = block_covariance(np.ones(1), KNOTS, 1, 1)
    np.testing.assert_array_equal(covariance, np.zeros((3, 3)))
    np.testing.assert_array_equal(matrix_root(covariance), covariance)


def test_the_root_of_a_covariance():
    covariance = block_covariance(np.array([1.0]), KNOTS, 5, 5)
    root = matrix_root(covariance)
    np.testing.assert_allclose(root.T @ root, covariance, rtol=1e-10)


def test_even_polynomials_are_recovered():
    radii = np.linspace(0, 2.2, 300)
    target = 1 - 3 * (radii / 2) ** 2 + 0.5 * (radii / 2) ** 6
    powers = fit_even_polynomial(target, radii, 2.0, 5)
    np.testing.assert_allclose(powers, [1, -3, 0, 0.5, 0, 0], atol=1e-9)


def test_weights_minimise_the_expected_error():
    radii = np.linspace(0.01, 2, 1024)
    found = construct_radial(
        np.sin(3 * radii), radii, 5, n_knots=10, block_size=5, degree=None
    )
    design = np.column_stack([np.ones(1024), found.means])
    gram = design.T @ design / 1024
    gram[1:, 1:] += found.root.T @ found.root / 50
    expected = np.linalg.solve(gram, design.T @ found.target / 1024)
    np.testing.assert_allclose(found.weights(50), expected, rtol=1e-7)
    value = np.mean(found.target**2) - expected @ design.T @ found.target / 1024
    assert found.expected_error(50) == pytest.approx(np.sqrt(value), rel=1e-6)
    assert found.expected_error() < found.expected_error(1e6) < found.expected_error(50)
