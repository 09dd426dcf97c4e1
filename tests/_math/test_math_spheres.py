"""Random frames and directions against the laws they must have."""

import numpy as np
import pytest
from scipy.stats import beta, kstest

from sklearn_depth._math._spheres import (
    orthonormal_blocks,
    orthonormal_rows,
    random_directions,
)


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


def test_rows_of_a_seed_are_those_of_one_factorisation():
    """The bits that data sets drawn so far were made of."""
    for n_rows, n_features in [(1, 1), (3, 7), (40, 40)]:
        normal = np.random.default_rng(5).standard_normal((n_features, n_rows))
        q, r = np.linalg.qr(normal)
        found = orthonormal_rows(n_rows, n_features, np.random.default_rng(5))
        np.testing.assert_array_equal(found, (q * np.sign(np.diag(r))).T)
        assert found.flags.c_contiguous


@pytest.mark.parametrize("n_features", [1, 2, 7, 30])
@pytest.mark.parametrize("n_directions", [1, 5, 7, 14, 100, 333])
def test_every_block_is_orthonormal(n_directions, n_features):
    """The last one too, where it is a part."""
    w = orthonormal_blocks(n_directions, n_features, np.random.default_rng(0))
    assert w.shape == (n_directions, n_features)
    for start in range(0, n_directions, n_features):
        block = w[start : start + n_features]
        np.testing.assert_allclose(block @ block.T, np.eye(len(block)), atol=1e-13)


def test_blocks_of_a_seed():
    first, again, other = (
        orthonormal_blocks(100, 7, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("row", [0, 12, 24, 26])
def test_every_direction_is_uniform(row):
    """In a first block, one of a product of frames and a partial last one."""
    rng = np.random.default_rng(row)
    w = np.array([orthonormal_blocks(27, 5, rng)[row] for _ in range(3000)])
    for column in (0, 4):
        law = beta(2, 2).cdf
        assert kstest((w[:, column] + 1) / 2, law).statistic < 1.95 / np.sqrt(3000)
    axis = np.array([1, 2, -1, 0, 3]) / np.sqrt(15)
    assert kstest((w @ axis + 1) / 2, law).statistic < 1.95 / np.sqrt(3000)


@pytest.mark.parametrize("n_blocks", [1, 2, 9, 40])
def test_means_of_squares_have_no_error(n_blocks):
    """sum_j <w_j, x>^2 = n_blocks |x|^2."""
    rng = np.random.default_rng(n_blocks)
    w = orthonormal_blocks(6 * n_blocks, 6, rng)
    x = rng.standard_normal((50, 6))
    squares = np.mean((x @ w.T) ** 2, axis=1)
    np.testing.assert_allclose(squares, np.sum(x**2, axis=1) / 6, rtol=1e-12)


def test_blocks_are_pairwise_independent():
    """Of functions of two directions from blocks that share a factor, or share none."""
    rng = np.random.default_rng(0)
    frames = np.array([orthonormal_blocks(16, 4, rng) for _ in range(6000)])
    for first, second in [(0, 4), (0, 8), (0, 12), (5, 15), (4, 9)]:
        inner = np.einsum("ij,ij->i", frames[:, first], frames[:, second])
        # For independent directions it is a coordinate of a uniform one.
        law = beta(1.5, 1.5).cdf
        assert kstest((inner + 1) / 2, law).statistic < 1.95 / np.sqrt(6000)
        fourth = frames[:, [first, second], 0] ** 4
        assert abs(np.corrcoef(fourth.T)[0, 1]) < 4 / np.sqrt(6000)


@pytest.mark.parametrize("n_blocks", [2, 7, 16])
def test_means_vary_as_with_independent_frames(n_blocks):
    """Var of mean_j w_j1^4 is that of one frame over the number of blocks.

    With c = (c_1, ..., c_d) a uniform direction, the fourth powers of a frame's first
    column sum to sum c_i^4, whose variance follows from E c_1^8 and E c_1^4 c_2^4.
    """
    d, n_draws = 3, 4000
    fourth = 3 / (d * (d + 2))
    products = d * (d + 2) * (d + 4) * (d + 6)
    one = (d * 105 + d * (d - 1) * 9) / products - (d * fourth) ** 2
    rng = np.random.default_rng(n_blocks)
    means = np.array(
        [
            np.mean(orthonormal_blocks(d * n_blocks, d, rng)[:, 0] ** 4)
            for _ in range(n_draws)
        ]
    )
    expected = one / (d**2 * n_blocks)
    centred = means - fourth
    assert abs(centred.mean()) < 4 * np.sqrt(expected / n_draws)
    error = 4 * np.std(centred**2) / np.sqrt(n_draws)
    assert abs(np.mean(centred**2) - expected) < error
    assert error < 0.3 * expected
