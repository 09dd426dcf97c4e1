"""Gaussian laws against their covariances and matrix square roots."""

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power, sqrtm

from sklearn_depth._math._gaussian_laws import (
    CorrelatedGaussian,
    IsotropicGaussian,
    SpikedGaussian,
)

rng = np.random.default_rng(0)
mixing = rng.standard_normal((5, 5))
unit = np.array([0.6, 0, 0, -0.8, 0])
LAWS = {
    "isotropic": (IsotropicGaussian(5), np.eye(5)),
    "spiked": (SpikedGaussian(unit, 7.0), np.eye(5) + 7 * np.outer(unit, unit)),
    "variances": (CorrelatedGaussian(np.arange(1.0, 6)), np.diag(np.arange(1.0, 6))),
    "matrix": (CorrelatedGaussian(mixing @ mixing.T), mixing @ mixing.T),
}
each_law = pytest.mark.parametrize(("law", "matrix"), LAWS.values(), ids=LAWS)


@each_law
def test_samples_are_the_root_times_standard_draws(law, matrix):
    drawn = law.sample(300, np.random.default_rng(1))
    standard = np.random.default_rng(1).standard_normal((300, 5))
    np.testing.assert_allclose(drawn, standard @ sqrtm(matrix), atol=1e-12)


@each_law
@pytest.mark.parametrize("n_rows", [1, 3, 5])
def test_standard_rows_are_the_inverse_root_times_the_directions(law, matrix, n_rows):
    U = np.linalg.qr(rng.standard_normal((5, n_rows)))[0].T
    P = law.standard_rows(U)
    np.testing.assert_allclose(P @ matrix @ P.T, np.eye(n_rows), atol=1e-12)
    root = fractional_matrix_power(U @ matrix @ U.T, -0.5)
    np.testing.assert_allclose(P, root @ U, atol=1e-12)


@pytest.mark.parametrize("law", ["spiked", "variances", "matrix"])
def test_covariance(law):
    law, matrix = LAWS[law]
    covariance = law.covariance
    full = np.diag(covariance) if covariance.ndim == 1 else covariance
    np.testing.assert_allclose(full, matrix)


def test_a_singular_covariance_keeps_to_its_span():
    low = rng.standard_normal((5, 2))
    law = CorrelatedGaussian(low @ low.T)
    X = law.sample(100, rng)
    outside = np.linalg.svd(low.T)[2][2:]
    np.testing.assert_allclose(X @ outside.T, 0, atol=1e-12)
    assert np.linalg.matrix_rank(X, tol=1e-9) == 2
    with pytest.raises(ValueError, match="1 directions vary in only 0 dimensions"):
        law.standard_rows(outside[:1])
    with pytest.raises(ValueError, match="3 directions vary in only 2 dimensions"):
        law.standard_rows(np.eye(3, 5))


def test_small_variances_are_not_none():
    law = CorrelatedGaussian(np.array([1.0, 1e-12]))
    np.testing.assert_allclose(law.standard_rows(np.eye(2)), np.diag([1, 1e6]))


def test_no_variance_is_negative():
    law = CorrelatedGaussian(np.diag([1.0, -0.5]))
    with pytest.raises(ValueError, match=r"the eigenvalue -0\.5 beside a largest of 1"):
        law.sample(3, rng)
