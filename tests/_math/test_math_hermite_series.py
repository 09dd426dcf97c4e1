"""Hermite series of activations: closed forms, the theory's tails, Monte Carlo."""

from math import comb, factorial, pi, sqrt

import numpy as np
import pytest
from scipy.special import erf

from sklearn_depth._math._hermite_series import (
    ACTIVATIONS,
    dual_activation,
    gaussian_norm,
    gaussian_quadrature,
    hermite_coefficients,
    series_tail,
)


def test_quadrature_integrates_moments_and_kinks():
    nodes, weights = gaussian_quadrature()
    for k, moment in enumerate([1, 0, 1, 0, 3, 0, 15, 0, 105]):
        assert weights @ nodes**k == pytest.approx(moment, abs=1e-10)
    assert weights @ np.abs(nodes) == pytest.approx(sqrt(2 / pi), rel=1e-13)
    assert weights @ np.sign(nodes) == pytest.approx(0, abs=1e-14)


def test_relu_coefficients():
    """a_1 = 1/2 and a_2k = (-1)^(k-1) sqrt((2k)!) / (sqrt(2 pi) 2^k k! (2k - 1))."""
    expected = np.zeros(13)
    expected[:2] = 1 / sqrt(2 * pi), 0.5
    for k in range(1, 7):
        size = sqrt(factorial(2 * k)) / (sqrt(2 * pi) * 2**k * factorial(k))
        expected[2 * k] = (-1) ** (k - 1) * size / (2 * k - 1)
    found = hermite_coefficients(ACTIVATIONS["relu"], 12)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_erf_coefficients():
    """a_{2k+1}² are the arcsine's: E erf erf = (2 / pi) arcsin(rho / 2)."""
    found = hermite_coefficients(ACTIVATIONS["erf"], 15)
    expected = np.zeros(16)
    for k in range(8):
        arcsine = comb(2 * k, k) / (4**k * (2 * k + 1))
        expected[2 * k + 1] = 2 / pi * arcsine / 2 ** (2 * k + 1)
    np.testing.assert_allclose(found**2, expected, atol=1e-14)


def test_integral_of_erf():
    z = np.linspace(-4, 4, 9)
    slope = [(ACTIVATIONS["erf_integral"](z + h)) for h in (1e-5, -1e-5)]
    np.testing.assert_allclose(
        (slope[0] - slope[1]) / 2e-5, erf(z / sqrt(2)), atol=1e-9
    )
    assert ACTIVATIONS["erf_integral"](np.zeros(1)) == 0


@pytest.mark.parametrize(
    ("name", "tails"),
    [
        ("erf", [0.212, 0.073, 0.0118, 4.6e-4]),
        ("logistic", [0.048, 0.0114, 0.0012, 3.8e-5]),
        ("tanh", [0.264, 0.117, 0.035, 0.0060]),
        ("relu", [0.150, 0.096, 0.059, 0.036]),
        ("erf_integral", [0.115, 0.032, 0.0041, 1.2e-4]),
    ],
)
def test_tails_of_the_theory(name, tails):
    """eps(n) at n = 2, 4, 8, 16 of the activations scaled to unit norm."""
    norm = gaussian_norm(ACTIVATIONS[name])
    found = [series_tail(ACTIVATIONS[name], n) / norm for n in (2, 4, 8, 16)]
    np.testing.assert_allclose(found, tails, rtol=0.03)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_tails_are_what_coefficients_leave(name):
    activation = ACTIVATIONS[name]
    left = gaussian_norm(activation) ** 2
    left -= np.cumsum(hermite_coefficients(activation, 6) ** 2)
    found = [series_tail(activation, n) ** 2 for n in range(7)]
    np.testing.assert_allclose(found, left, atol=1e-13)


@pytest.mark.parametrize("rho", [-1, -0.6, 0, 0.3, 0.9, 1])
def test_dual_activations_in_closed_form(rho):
    """Of erf(z / sqrt 2), and of relu with the angle theta = arccos rho."""
    erf_dual = dual_activation(hermite_coefficients(ACTIVATIONS["erf"], 60), rho)
    assert erf_dual == pytest.approx(2 / pi * np.arcsin(rho / 2), abs=1e-12)
    theta = np.arccos(rho)
    relu_dual = (np.sin(theta) + (pi - theta) * rho) / (2 * pi)
    found = dual_activation(hermite_coefficients(ACTIVATIONS["relu"], 400), rho)
    assert found == pytest.approx(relu_dual, abs=2e-4)
