"""Random frames and directions against the laws they must have."""

import numpy as np
import pytest
from scipy.stats import beta, kstest

from sklearn_depth._math._spheres import orthonormal_rows, random_directions


@pytest.mark.parametrize(("n_rows", "n_features"), [(1, 1), (1, 7), (3, 7), (40, 40)])
def test_rows_are_orthonormal(n_rows, n_features):
    rows = orthonormal_rows(n_rows, n_features, np.random.default_rng(0))
    assert rows.shape == (n_rows, n_features)
    np.testing.assert_allclose(rows @ rows.T, np.eye(n_rows), atol=1e-13)


def test_square_frames_are_haar():
    """Moments of the trace of a Haar matrix: those of N(0, 1) to order 2d + 1."""
    rng = np.random.default_rng(0)
    traces = np.array([np.trace(orthonormal_rows(4, 4, rng)) for _ in range(5000)])
    errors = np.array([np.mean(traces**k) for k in range(1, 5)]) - [0, 1, 0, 3]
    standard_errors = np.sqrt(np.array([1, 2, 15, 96]) / 5000)
    assert (np.abs(errors) < 4 * standard_errors).all()


def test_a_row_of_a_frame_is_uniform_on_the_sphere():
    rng = np.random.default_rng(0)
    entries = np.array([orthonormal_rows(2, 5, rng)[1, 0] for _ in range(3000)])
    assert kstest((entries + 1) / 2, beta(2, 2).cdf).statistic < 1.95 / np.sqrt(3000)


@pytest.mark.parametrize("n_features", [2, 5, 30])
def test_directions_are_uniform_on_the_sphere(n_features):
    u = random_directions(10_000, n_features, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1, rtol=1e-14)
    half = (n_features - 1) / 2  # (u_1 + 1) / 2 ~ Beta(half, half)
    for column in (0, n_features - 1):
        law = beta(half, half).cdf
        assert kstest((u[:, column] + 1) / 2, law).statistic < 0.0195


def test_directions_of_the_line_are_its_two_signs():
    u = random_directions(1000, 1, np.random.default_rng(0))
    assert set(u.ravel()) == {-1.0, 1.0}
    assert abs(u.mean()) < 0.1
