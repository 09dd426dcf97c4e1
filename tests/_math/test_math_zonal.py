"""Gegenbauer polynomials and eigenvalues on the sphere against closed forms."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_chebyt, eval_legendre, gamma, iv

from sklearn_depth._math._spheres import random_directions
from sklearn_depth._math._zonal import gegenbauer, multiplicities, zonal_eigenvalues

t = np.linspace(-1, 1, 23)


@pytest.mark.parametrize(("d", "reference"), [(2, eval_chebyt), (3, eval_legendre)])
def test_polynomials_of_the_circle_and_the_sphere(d, reference):
    expected = [reference(k, t) for k in range(9)]
    np.testing.assert_allclose(gegenbauer(t, d, 8), expected, atol=1e-13)
    assert gegenbauer(t, d, 0).shape == (1, 23)


@pytest.mark.parametrize("d", [2, 3, 7, 40])
def test_polynomials_are_orthogonal_of_norm_one_over_their_number(d):
    found = [
        zonal_eigenvalues(lambda s, k=k: gegenbauer(s, d, 6)[k], d, 6) for k in range(7)
    ]
    expected = np.diag(1 / multiplicities(d, 6))
    np.testing.assert_allclose(found, expected, atol=1e-15, rtol=1e-9)


def test_numbers_of_harmonics():
    assert multiplicities(2, 4).tolist() == [1, 2, 2, 2, 2]
    assert multiplicities(3, 4).tolist() == [1, 3, 5, 7, 9]
    assert multiplicities(20, 3).tolist() == [1, 20, 209, 1520]


@pytest.mark.parametrize("d", [2, 3, 20, 300])
def test_eigenvalues_of_the_exponential_are_bessel_functions(d):
    scale = 3.0
    found = zonal_eigenvalues(lambda s: np.exp(scale * s), d, 4)
    order = d / 2 - 1
    expected = [
        np.exp(np.log(gamma(d / 2)) if d < 300 else 0)
        * (2 / scale) ** order
        * iv(k + order, scale)
        for k in range(5)
    ]
    if d == 300:  # the functions leave float64: their ratio is a continued fraction
        np.testing.assert_allclose(found[1] / found[0], scale / d, rtol=1e-3)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("d", [3, 6, 15])
def test_eigenvalues_of_relu_layers_are_squares(d):
    """2 E[relu relu] = 2 d tau_k^2, tau those of relu, by adaptive quadrature."""

    def tau(k):
        constant = gamma(d / 2) / gamma((d - 1) / 2) / np.sqrt(np.pi)
        return (
            constant
            * quad(
                lambda s: (
                    s * gegenbauer(np.array(s), d, 8)[k] * (1 - s * s) ** ((d - 3) / 2)
                ),
                0,
                1,
            )[0]
        )

    def relu_kernel(s):
        angle = np.arccos(s)
        return (np.sin(angle) + (np.pi - angle) * s) / np.pi

    found = zonal_eigenvalues(relu_kernel, d, 8)
    expected = [2 * d * tau(k) ** 2 for k in range(9)]
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-15)
    assert (found[3::2] == 0).all()
    if d == 3:
        np.testing.assert_allclose(found[:5], [3 / 8, 1 / 6, 3 / 128, 0, 1 / 1536])


def test_traces_add_up():
    d = 5
    X = random_directions(2000, d, np.random.default_rng(0))
    values = zonal_eigenvalues(lambda s: (1 + s) ** 3, d, 3)
    assert values @ multiplicities(d, 3) == pytest.approx(8)
    squares = np.mean((1 + X @ X.T) ** 6) - np.mean(np.full(len(X), 64)) / len(X)
    assert values**2 @ multiplicities(d, 3) == pytest.approx(squares, rel=0.01)
