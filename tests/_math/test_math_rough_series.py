"""Hermite coefficients of rough functions against closed forms."""

from math import exp, factorial, pi, sqrt

import numpy as np
import pytest
from numpy.polynomial.hermite_e import HermiteE

from sklearn_depth._math._hermite_series import hermite_coefficients
from sklearn_depth._math._rough_series import rough_coefficients


def density(z):
    return exp(-(z**2) / 2) / sqrt(2 * pi)


def he(k, z):
    """The polynomial with leading coefficient 1, of second moment k!."""
    return float(HermiteE.basis(k)(z))


@pytest.mark.parametrize("jump", [0.0, 0.3, -1.7, 1 / 3, 2.5])
def test_a_jump_anywhere(jump):
    """The integral of He_k times the density from c on is He_(k-1)(c) density(c)."""
    found = rough_coefficients(lambda z: np.heaviside(z - jump, 0.5), 12, 1e-11)
    for k in range(1, 13):
        expected = he(k - 1, jump) * density(jump) / sqrt(factorial(k))
        assert found[k] == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("kink", [0.0, 0.3, -1.7])
def test_a_kink_anywhere(kink):
    found = rough_coefficients(lambda z: np.maximum(z - kink, 0), 12, 1e-11)
    for k in range(2, 13):
        expected = he(k - 2, kink) * density(kink) / sqrt(factorial(k))
        assert found[k] == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("frequency", [1.0, 4.0, 9.0])
def test_cosines(frequency):
    found = rough_coefficients(lambda z: np.cos(frequency * z), 12, 1e-11)
    expected = [
        np.cos(np.pi * k / 2)
        * frequency**k
        * exp(-(frequency**2) / 2)
        / sqrt(factorial(k))
        for k in range(13)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_smooth_functions_as_by_the_fixed_rule():
    found = rough_coefficients(np.tanh, 15, 1e-12)
    np.testing.assert_allclose(found, hermite_coefficients(np.tanh, 15), atol=1e-12)


def test_hundreds_of_jumps():
    found = rough_coefficients(lambda z: np.floor(20 * z), 2, 1e-10)
    # In every bin of 1/20: a_1 is the sum of the density over the jumps.
    jumps = np.arange(-280, 281) / 20
    expected = np.sum(np.exp(-(jumps**2) / 2)) / sqrt(2 * pi)
    assert found[1] == pytest.approx(expected, abs=1e-9)


def test_noise_is_refused():
    noise = np.random.default_rng(0).standard_normal
    with pytest.raises(ValueError, match=r"link is too rough: \d+ of the intervals"):
        rough_coefficients(lambda z: noise(z.shape), 3, 1e-9)
