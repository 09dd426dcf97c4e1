"""Covariance and tangent kernels of networks against closed forms and quadrature."""

from math import comb, factorial, pi

import numpy as np
import pytest
from scipy.special import erf

from sklearn_depth.kernels import (
    arc_cosine_kernel,
    dual_activation_kernel,
    nngp_kernel,
    ntk_kernel,
)

rng = np.random.default_rng(0)
X = rng.standard_normal((8, 5)) * np.array([0.2, 0.5, 1, 1, 1, 2, 3, 0])[:, None]
X[5] = X[4]
BOTH = [nngp_kernel, ntk_kernel]


# E s(u) s(v) and E s'(u) s'(v) from moments a, b and covariance c, s of unit norm.
def relu_dual(a, b, c):
    length = np.sqrt(a * b)
    theta = np.arccos(np.clip(c / np.where(length > 0, length, 1), -1, 1))
    value = length * (np.sin(theta) + (pi - theta) * np.cos(theta)) / pi
    return value, 1 - theta / pi


def erf_dual(a, b, c):
    square = (1 + a) * (1 + b)
    return 6 / pi * np.arcsin(c / np.sqrt(square)), 6 / pi / np.sqrt(square - c**2)


def sine_dual(a, b, c):
    norm = np.exp(-1) * np.sinh(1)
    value = np.exp(-(a + b) / 2) * np.sinh(c)
    return value / norm, np.exp(-(a + b) / 2) * np.cosh(c) / norm


def cosine_dual(a, b, c):
    norm = np.exp(-1) * np.cosh(1)
    value = np.exp(-(a + b) / 2) * np.cosh(c)
    return value / norm, np.exp(-(a + b) / 2) * np.sinh(c) / norm


def exponential_dual(a, b, c):
    value = np.exp((a + b) / 2 + c) / np.exp(2)
    return value, value


def gaussian_erf(z):
    return erf(z / np.sqrt(2))


DUALS = [
    ("relu", relu_dual, 1e-7),  # arccos, here in the test, loses half the digits
    ("erf", erf_dual, 1e-12),
    (gaussian_erf, erf_dual, 1e-4),
    (np.sin, sine_dual, 1e-10),
    (np.cos, cosine_dual, 1e-10),
]


def recursion(X, dual, depth, weight_variance, bias_variance):
    """Covariance and tangent kernel by their definitions."""
    covariance = bias_variance + weight_variance * (X @ X.T) / X.shape[1]
    tangent = covariance
    for _ in range(depth - 1):
        moments = np.diag(covariance)
        value, slope = dual(moments[:, None], moments, covariance)
        covariance = bias_variance + weight_variance * value
        tangent = covariance + weight_variance * slope * tangent
    return covariance, tangent


@pytest.mark.parametrize(("activation", "dual", "tolerance"), DUALS)
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("variances", [(1, 0), (1.7, 0), (0.8, 0.3)])
def test_closed_forms(activation, dual, tolerance, depth, variances):
    weight, bias = variances
    expected = recursion(X, dual, depth, weight, bias)
    for kernel, of_kernel in zip(BOTH, expected, strict=True):
        found = kernel(
            X,
            depth=depth,
            activation=activation,
            weight_variance=weight,
            bias_variance=bias,
        )
        scale = tolerance * np.abs(of_kernel).max()
        np.testing.assert_allclose(found, of_kernel, rtol=0, atol=scale)


@pytest.mark.parametrize(("moment", "left"), [(1, 1e-12), (10, 5e-7), (100, 0.01)])
def test_the_error_of_a_series(moment, left):
    """At most twice the mass left, and that times |rho|^101 away from equal rows."""
    angles = np.linspace(0, pi, 30)
    rows = np.sqrt(2 * moment) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    series = nngp_kernel(rows, activation=gaussian_erf)
    error = np.abs(series - nngp_kernel(rows, activation="erf"))
    rho = np.abs(np.cos(angles[:, None] - angles))
    assert (error <= 2 * left * series[0, 0] * rho**101 + 1e-13).all()


def test_an_exponential_activation():
    """One with all Hermite coefficients, which no sigmoid is."""
    small = X[:5] / 2
    expected = recursion(small, exponential_dual, 2, 1.2, 0.1)
    for kernel, of_kernel in zip(BOTH, expected, strict=True):
        found = kernel(small, activation=np.exp, weight_variance=1.2, bias_variance=0.1)
        np.testing.assert_allclose(found, of_kernel, rtol=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "logistic", "erf_integral"])
def test_series_against_quadrature(activation):
    """E s(u) s(v) by a Gauss-Hermite rule in the plane."""
    functions = {
        "tanh": np.tanh,
        "logistic": lambda z: 1 / (1 + np.exp(-z)),
        "erf_integral": lambda z: (
            z * gaussian_erf(z) + np.sqrt(2 / pi) * np.expm1(-(z**2) / 2)
        ),
    }
    s = functions[activation]
    t, w = np.polynomial.hermite_e.hermegauss(120)
    w = w / w.sum()
    norm = w @ s(t) ** 2
    rows = X[:5]
    inner = 0.2 + 0.9 * rows @ rows.T / 5
    expected = np.empty_like(inner)
    for i, j in np.ndindex(inner.shape):
        cholesky = np.linalg.cholesky(inner[np.ix_([i, j], [i, j])] + 1e-14 * np.eye(2))
        u = cholesky[0, 0] * t[:, None]
        v = cholesky[1, 0] * t[:, None] + cholesky[1, 1] * t
        expected[i, j] = 0.2 + 0.9 * w @ (s(u) * s(v)) @ w / norm
    off = ~np.eye(len(rows), dtype=bool)
    found = nngp_kernel(
        rows, activation=activation, weight_variance=0.9, bias_variance=0.2
    )
    np.testing.assert_allclose(found[off], expected[off], atol=1e-8)


@pytest.mark.parametrize("activation", ["relu", "erf", "logistic", np.cos])
def test_the_slope_is_the_derivative_of_the_covariance(activation):
    """At depth 2 on the sphere, by finite differences in the cosine."""
    rho, step = np.array([-0.9, -0.3, 0.2, 0.7]), 1e-5

    def covariance(rho):
        rows = np.sqrt(2) * np.stack([rho, np.sqrt(1 - rho**2)], axis=1)
        return nngp_kernel([[np.sqrt(2), 0]], rows, activation=activation)[0]

    slope = (covariance(rho + step) - covariance(rho - step)) / (2 * step)
    rows = np.sqrt(2) * np.stack([rho, np.sqrt(1 - rho**2)], axis=1)
    found = ntk_kernel([[np.sqrt(2), 0]], rows, activation=activation)[0]
    np.testing.assert_allclose(found, covariance(rho) + slope * rho, atol=1e-8)


def test_relu_tangent_kernel_on_the_sphere():
    rows = rng.standard_normal((6, 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rho = rows @ rows.T
    expected = arc_cosine_kernel(rows) + rho * arc_cosine_kernel(rows, order=0)
    np.testing.assert_allclose(ntk_kernel(2 * rows), expected, atol=1e-14)


@pytest.mark.parametrize("kernel", BOTH)
def test_relu_networks_without_biases_are_homogeneous(kernel):
    scale = np.array([0.5, 1, 2, 3, 1e-3, 1e3, 1, 1])
    found = kernel(X * scale[:, None], depth=4)
    expected = np.outer(scale, scale) * kernel(X, depth=4)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", np.sin])
def test_zero_rows_stay_zero_without_biases(kernel, activation):
    found = kernel(X, activation=activation, depth=3)
    assert (found[7] == 0).all()
    assert (found[:, 7] == 0).all()


@pytest.mark.parametrize("theta", [1e-9, 1e-5, 1.5e-4])
def test_tangent_kernels_tell_small_angles(theta):
    """On unit rows at depth 2 the slope's part is cos(theta) (1 - theta / pi)."""
    rows = np.sqrt(2) * np.array([[1, 0], [np.cos(theta), np.sin(theta)]])
    difference = 2 - ntk_kernel(rows)[0, 1]
    expected = theta / pi + theta**2
    assert difference == pytest.approx(expected, rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("theta", [1e-9, 1e-5])
@pytest.mark.parametrize("bias_variance", [1e-6, 1.0, 1e6])
def test_biases_keep_small_angles(theta, bias_variance):
    """A bias is a further column, of one value, which makes angles smaller."""
    rows = np.array([[1, 0], [np.cos(theta), np.sin(theta)]])
    moment = bias_variance + 1.5 / 2
    angle = theta * np.sqrt(1.5 / 2 / moment)
    parameters = {"weight_variance": 1.5, "bias_variance": bias_variance}
    kernel = ntk_kernel(rows, **parameters)
    lost = (kernel[0, 0] - kernel[0, 1]) / (1.5 * moment)
    assert lost == pytest.approx(angle / pi + angle**2, rel=1e-5, abs=1e-15)


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("bias_variance", [1e-6, 1.0, 1e6])
def test_depth_one_is_linear_with_a_constant(kernel, bias_variance):
    found = kernel(X, depth=1, weight_variance=1.5, bias_variance=bias_variance)
    expected = bias_variance + 1.5 * X @ X.T / 5
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-15)


def test_the_dual_activation_is_the_covariance_on_the_sphere():
    rows = np.sqrt(5) * X[:7] / np.linalg.norm(X[:7], axis=1, keepdims=True)
    for activation in ("relu", "erf", "erf_integral", "logistic", "tanh", np.cos):
        for depth in (1, 2, 4):
            parameters = {"activation": activation, "depth": depth}
            np.testing.assert_allclose(
                dual_activation_kernel(X[:7], **parameters),
                nngp_kernel(rows, **parameters),
                atol=1e-12,
            )


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_dual_activation_is_one_on_the_diagonal(depth):
    for activation in ("relu", "erf", "logistic", "tanh"):
        found = dual_activation_kernel(X[:7], activation=activation, depth=depth)
        np.testing.assert_allclose(np.diag(found), 1, atol=1e-14)


def test_zero_rows_have_cosine_zero():
    found = dual_activation_kernel(X, depth=3)
    at_zero = arc_cosine_kernel([[1.0, 0.0]], [[0.0, 1.0]], depth=3)[0, 0]
    np.testing.assert_allclose(found[7], at_zero, atol=1e-15)


def cut_arcsine(rho, degree):
    """The arcsine's series, (6 / pi) arcsin(rho / 2), up to a degree."""
    terms = [
        comb(2 * k, k) / (4**k * (2 * k + 1)) * (rho / 2) ** (2 * k + 1)
        for k in range((degree + 1) // 2)
    ]
    return 6 / pi * sum(terms, start=np.zeros_like(rho))


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("depth", [2, 3])
def test_cut_dual_activations(degree, depth):
    units = X[:7] / np.linalg.norm(X[:7], axis=1, keepdims=True)
    expected = units @ units.T
    for _ in range(depth - 1):
        expected = cut_arcsine(expected, degree)
    found = dual_activation_kernel(X[:7], activation="erf", depth=depth, degree=degree)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_cut_relus():
    """a_0^2, a_1^2, a_2^2 of sqrt(2) relu are 1 / pi, 1 / 2 and 1 / (2 pi)."""
    rho = np.cos([0.1, 1.0, 2.0])
    rows = np.stack([rho, np.sin([0.1, 1.0, 2.0])], axis=1)
    found = dual_activation_kernel([[1.0, 0.0]], rows, degree=2)[0]
    np.testing.assert_allclose(found, 1 / pi + rho / 2 + rho**2 / (2 * pi), atol=1e-13)


def test_a_polynomial_activation_is_its_own_cut():
    """He_3 / sqrt(3!) has the dual activation rho^3."""

    def third(z):
        return (z**3 - 3 * z) / np.sqrt(factorial(3))

    units = X[:7] / np.linalg.norm(X[:7], axis=1, keepdims=True)
    for degree in (None, 3, 9):
        found = dual_activation_kernel(X[:7], activation=third, degree=degree)
        np.testing.assert_allclose(found, (units @ units.T) ** 3, atol=1e-13)


def test_a_kinked_function_errs_by_the_mass_left():
    """Leaky ReLUs, a combination of ReLUs and the identity, in closed form."""
    slope = 0.1
    square = ((1 + slope) ** 2 / 2 + (1 - slope) ** 2 / 2) / 2
    theta = np.linspace(0, pi, 9)
    rows = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    relu = (np.sin(theta) + (pi - theta) * np.cos(theta)) / (2 * pi)
    # relu(z) - slope relu(-z), whose cross terms have the angle pi - theta.
    cross = (np.sin(theta) - theta * np.cos(theta)) / (2 * pi)
    expected = ((1 + slope**2) * relu - 2 * slope * cross) / square
    found = dual_activation_kernel(
        [[1.0, 0.0]], rows, activation=lambda z: np.maximum(z, slope * z)
    )[0]
    assert found[0] == pytest.approx(1, abs=1e-14)
    np.testing.assert_allclose(found, expected, atol=1.5e-4)  # 2 r, at opposite rows
    np.testing.assert_allclose(found[1:-1], expected[1:-1], atol=1e-7)
