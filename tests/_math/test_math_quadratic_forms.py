"""Moments of quadratic forms against the laws of chi-square and beta variables."""

from math import comb

import numpy as np
import pytest

from sklearn_depth._math._quadratic_forms import (
    gaussian_form_moments,
    sphere_form_moments,
)


def central_moments(raw, mean):
    """E (s - mean)^j from E s^0, E s^1, ..."""
    return [
        sum(comb(j, i) * raw[i] * (-mean) ** (j - i) for i in range(j + 1))
        for j in range(len(raw))
    ]


@pytest.mark.parametrize("n_features", [1, 2, 7])
def test_a_gaussian_norm_is_chi_square(n_features):
    raw = np.cumprod([1.0, *(n_features + 2 * i for i in range(8))])
    found = gaussian_form_moments(np.full(n_features, 1.0), 8)
    np.testing.assert_allclose(found, central_moments(raw, n_features), rtol=1e-9)


@pytest.mark.parametrize("n_features", [2, 3, 7])
@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_a_square_on_the_sphere_is_beta(n_features, shift):
    """x_1² / d is Beta(1/2, (d - 1)/2); what the trace adds is constant."""
    raw = [1.0, *(n_features * (0.5 + i) / (n_features / 2 + i) for i in range(8))]
    raw = np.cumprod(raw)
    found = sphere_form_moments(np.eye(n_features)[0] + shift, 8)
    expected = central_moments(raw, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("moments", [gaussian_form_moments, sphere_form_moments])
def test_the_moment_of_order_zero(moments):
    np.testing.assert_array_equal(moments(np.array([1.0, -2.0]), 0), [1])
    np.testing.assert_array_equal(moments(np.array([1.0, -2.0]), 1), [1, 0])
