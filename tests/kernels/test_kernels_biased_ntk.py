"""The tangent kernel of biased units: orthants by SciPy and by sampling, limits."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from sklearn_depth.kernels import active_fraction, biased_ntk_kernel

rng = np.random.default_rng(0)
BIASES = [-2.0, -0.5, 0.0, 0.5, 1.0, 3.0]


def probability(kernel, X, Z):
    return kernel / (X @ Z.T + 1)


@pytest.mark.parametrize("bias", BIASES)
def test_orthants_of_rows_of_any_norm(bias):
    X = rng.standard_normal((5, 3)) * np.array([0.3, 1, 1, 2, 5])[:, None]
    inner = X @ X.T
    expected = np.empty((5, 5))
    for i, j in np.ndindex(5, 5):
        if i == j:
            expected[i, j] = ndtr(-bias / np.sqrt(inner[i, i]))
            continue
        law = multivariate_normal(cov=inner[np.ix_([i, j], [i, j])])
        expected[i, j] = law.cdf([-bias, -bias])
    found = biased_ntk_kernel(X, bias=bias)
    np.testing.assert_allclose(found, (inner + 1) * expected, atol=1e-9)


def test_the_probability_in_the_theory():
    """B = 1 and rho = 0.6: 0.0725."""
    X, Z = np.array([[1.0, 0.0]]), np.array([[0.6, 0.8]])
    found = probability(biased_ntk_kernel(X, Z, bias=1.0), X, Z)[0, 0]
    assert found == pytest.approx(0.0725, abs=5e-5)


@pytest.mark.parametrize("bias", BIASES)
def test_gradients_of_a_wide_layer(bias):
    """The mean over units of the gradients' products, in w and b."""
    X = rng.standard_normal((4, 3)) * np.array([0.5, 1, 1, 2])[:, None]
    active = rng.standard_normal((400_000, 3)) @ X.T > bias
    products = active[:, :, None] & active[:, None]
    found = probability(biased_ntk_kernel(X, bias=bias), X, X)
    deviation = np.sqrt(found * (1 - found) / len(active))
    difference = np.abs(found - products.mean(axis=0))
    assert (difference <= 4.5 * deviation + 1 / len(active)).all()


def test_without_a_bias_only_the_angle_counts():
    """P = (pi - theta) / (2 pi) at B = 0."""
    X = rng.standard_normal((6, 3))
    lengths = np.linalg.norm(X, axis=1)
    theta = np.arccos(np.clip(X @ X.T / np.outer(lengths, lengths), -1, 1))
    expected = (X @ X.T + 1) * (np.pi - theta) / (2 * np.pi)
    np.testing.assert_allclose(biased_ntk_kernel(X, bias=0), expected, atol=1e-7)


@pytest.mark.parametrize("bias", BIASES)
def test_equal_parallel_and_opposite_rows(bias):
    x = np.array([1.0, 2.0])
    X = np.array([x, x, 3 * x, -x])
    found = probability(biased_ntk_kernel(X, bias=bias), X, X)
    near, far = ndtr(-bias / np.sqrt(5)), ndtr(-bias / np.sqrt(45))
    both = min(near, far)
    opposite = max(2 * near - 1, 0)
    opposite_far = max(near + far - 1, 0)
    expected = [
        [near, near, both, opposite],
        [near, near, both, opposite],
        [both, both, far, opposite_far],
        [opposite, opposite, opposite_far, near],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("bias", [*BIASES, 1e-12, -1e-12])
def test_zero_rows_are_active_below_zero_alone(bias):
    X = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    found = biased_ntk_kernel(X, bias=bias)
    with_other = ndtr(-bias / 5) if bias < 0 else 0
    with_zero = float(bias < 0)
    np.testing.assert_allclose(found[0], [with_zero, with_other, with_zero], atol=1e-15)
    assert active_fraction(X, bias=bias)[0] == with_zero


@pytest.mark.parametrize("bias", BIASES)
def test_continuous_at_small_angles(bias):
    """P falls by exp(-B^2 / 2) theta / (2 pi), twice the slope of Owen's T at 0."""
    theta = 1e-7
    X = np.array([[1.0, 0.0], [np.cos(theta), np.sin(theta)]])
    found = biased_ntk_kernel(X, bias=bias)
    slope = np.exp(-(bias**2) / 2) / (2 * np.pi)
    lost = (found[0, 0] - found[0, 1]) / 2
    assert lost == pytest.approx(slope * theta, rel=1e-4)


def test_active_fraction():
    X = rng.standard_normal((5, 3))
    lengths = np.linalg.norm(X, axis=1)
    for bias in BIASES:
        expected = ndtr(-bias / lengths)
        np.testing.assert_allclose(active_fraction(X, bias=bias), expected, rtol=1e-13)
        diagonal = np.diag(biased_ntk_kernel(X, bias=bias))
        np.testing.assert_allclose(diagonal, (lengths**2 + 1) * expected, rtol=1e-13)
    assert active_fraction(X.astype(np.float32), bias=1).dtype == np.float32
