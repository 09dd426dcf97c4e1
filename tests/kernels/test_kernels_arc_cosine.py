"""Arc-cosine kernels: quadrature, Cho and Saul's formulas, small angles, scaling."""

from math import factorial, pi

import numpy as np
import pytest
from scipy.integrate import quad

from sklearn_depth.kernels import arc_cosine_kernel, nngp_kernel

rng = np.random.default_rng(0)


def by_quadrature(order, theta):
    """2 E[u_+^n v_+^n] for unit rows, in polar coordinates of the plane they span.

    The radius integrates to 2^n n!, and the angles where both are positive are those
    from theta - pi / 2 to pi / 2.
    """
    product = lambda phi: (np.cos(phi) * np.cos(phi - theta)) ** order  # noqa: E731
    angular = quad(product, theta - pi / 2, pi / 2, epsabs=1e-13, epsrel=1e-13)[0]
    return 2**order * factorial(order) * angular / pi


def at_angles(angles):
    """Rows of norms 1.5 and 0.7 with these angles between them: one, and many."""
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.array([[1.5, 0.0]]), 0.7 * rows


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4, 7])
def test_one_hidden_layer(order):
    angles = np.array([0, 0.01, 0.3, 1, pi / 2, 2, 3, 3.13])
    found = arc_cosine_kernel(*at_angles(angles), order=order)[0]
    expected = 1.05**order * np.array([by_quadrature(order, t) for t in angles])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * found.max())


@pytest.mark.parametrize(
    ("order", "j"),
    [
        (0, lambda t: pi - t),
        (1, lambda t: np.sin(t) + (pi - t) * np.cos(t)),
        (2, lambda t: 3 * np.sin(t) * np.cos(t) + (pi - t) * (1 + 2 * np.cos(t) ** 2)),
    ],
)
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_cho_and_saul(order, j, depth):
    """Their formulas for J_n, composed on the angles of the layer below."""
    X = rng.standard_normal((6, 3))
    inner = X @ X.T
    for _ in range(depth - 1):
        lengths = np.sqrt(np.diag(inner))
        cosine = inner / np.outer(lengths, lengths)
        np.fill_diagonal(cosine, 1)
        powers = np.outer(lengths, lengths) ** order
        inner = powers * j(np.arccos(np.clip(cosine, -1, 1))) / pi
    found = arc_cosine_kernel(X, order=order, depth=depth)
    np.testing.assert_allclose(found, inner, rtol=1e-10)


@pytest.mark.parametrize("order", range(6))
def test_equal_rows(order):
    """J_n(0) / pi = (2n - 1)!!."""
    double_factorial = np.prod(np.arange(1.0, 2 * order, 2))
    found = arc_cosine_kernel([[3.0, 4.0]], order=order)
    np.testing.assert_allclose(found, 25.0**order * double_factorial, rtol=1e-14)


def test_depth_one_is_linear():
    X = rng.standard_normal((5, 4))
    for order in range(3):
        found = arc_cosine_kernel(X, order=order, depth=1)
        np.testing.assert_allclose(found, X @ X.T, atol=1e-14)


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("theta", [1e-13, 1e-9, 3e-5, 1.4e-4, 1.5e-4, 1e-2])
@pytest.mark.parametrize("n_features", [2, 5000])
def test_steps_tell_small_angles(theta, depth, n_features):
    """Where 1 - cos(theta) is rounding, 1 - K is still theta / pi."""
    X = np.zeros((2, n_features))
    X[:, :2] = [1.0, 0.0], [np.cos(theta), np.sin(theta)]
    angle = theta
    for _ in range(depth - 2):
        angle = 2 * np.arcsin(np.sqrt(angle / (2 * pi)))
    found = 1 - arc_cosine_kernel(X, order=0, depth=depth)[0, 1]
    assert found == pytest.approx(angle / pi, rel=1e-7, abs=1e-15)


@pytest.mark.parametrize("scale", [1e-250, 1e-100, 1e100, 1e250])
def test_steps_ignore_norms(scale):
    X = rng.standard_normal((6, 3))
    expected = arc_cosine_kernel(X, order=0)
    scaled = X * np.array([1, scale, scale, -scale, 1, 1])[:, None]
    signs = np.array([1, 1, 1, -1, 1, 1])
    found = arc_cosine_kernel(scaled * signs[:, None], order=0)
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_parallel_and_opposite_rows():
    X = np.array([[1.0, 2, 3], [2.0, 4, 6], [-0.1, -0.2, -0.3]])
    found = arc_cosine_kernel(X, order=0)
    expected = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_zero_rows_are_orthogonal_to_all(order, depth):
    X = rng.standard_normal((4, 3))
    X[1] = 0
    found = arc_cosine_kernel(X, order=order, depth=depth)
    assert (found[1] == 0).all()
    assert (found[:, 1] == 0).all()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_order_one_is_the_covariance_of_relu_networks(depth):
    X = rng.standard_normal((6, 3))
    np.testing.assert_allclose(
        nngp_kernel(X, depth=depth), arc_cosine_kernel(X, depth=depth) / 3, rtol=1e-13
    )
