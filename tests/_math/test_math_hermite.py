"""Hermite polynomials against exact arithmetic, NumPy and Gauss-Hermite quadrature."""

from fractions import Fraction
from math import factorial, sqrt

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermeval

from sklearn_depth._math._hermite import hermite_sum, hermite_values


def exact_value(k, x):
    """h_k(x) from He_k's explicit sum in rational arithmetic, rounded once."""
    he = factorial(k) * sum(
        Fraction((-1) ** m, factorial(m) * factorial(k - 2 * m) * 2**m)
        * x ** (k - 2 * m)
        for m in range(k // 2 + 1)
    )
    return np.copysign(sqrt(he**2 / factorial(k)), float(he))


def test_orthonormal_under_the_gaussian():
    nodes, weights = hermegauss(60)
    h = hermite_values(nodes, 40)
    gram = (h * weights / np.sqrt(2 * np.pi)) @ h.T
    np.testing.assert_allclose(gram, np.eye(41), atol=1e-11)


def test_agrees_with_numpy():
    x = np.linspace(-4, 4, 50).reshape(5, 10)
    for k, h in enumerate(hermite_values(x, 12)):
        reference = hermeval(x, np.eye(13)[k]) / sqrt(factorial(k))
        np.testing.assert_allclose(h, reference, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("x", [Fraction(0), Fraction(-7, 4), Fraction(5), Fraction(25)])
def test_full_precision_to_degree_80(x):
    h = hermite_values(np.array([float(x)]), 80)[:, 0]
    reference = np.array([exact_value(k, x) for k in range(81)])
    np.testing.assert_allclose(h, reference, rtol=1e-12, atol=1e-12)


def test_keeps_float32():
    x = np.linspace(-3, 3, 31)
    h = hermite_values(x.astype(np.float32), 10)
    assert h.dtype == np.float32
    np.testing.assert_allclose(h, hermite_values(x, 10), atol=1e-4)


def test_degree_zero_is_the_constant():
    np.testing.assert_array_equal(hermite_values(np.array([-2.0, 7.0]), 0), [[1, 1]])


def test_sum_agrees_with_numpy():
    coefficients = np.array([0.3, -1.0, 0.5, 0.0, 2.0])
    scale = np.sqrt([factorial(k) for k in range(5)])
    x = np.linspace(-3, 3, 31)
    np.testing.assert_allclose(
        hermite_sum(x, coefficients), hermeval(x, coefficients / scale), atol=1e-12
    )
