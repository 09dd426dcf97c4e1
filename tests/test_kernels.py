"""Kernels against the features that they are inner products of."""

from math import comb

import numpy as np
import pytest
from sklearn.svm import SVR

from sklearn_depth.features import HermiteFeatures
from sklearn_depth.kernels import hermite_kernel

rng = np.random.default_rng(0)


@pytest.mark.parametrize("n_features", [1, 2, 6])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 7])
def test_hermite_kernel_sums_all_products(n_features, degree):
    X, Z = rng.standard_normal((9, n_features)), rng.standard_normal((7, n_features))
    expected = np.ones((9, 7))
    if degree:
        features = HermiteFeatures(degree, scaling=None).fit(X)
        expected = 1 + features.transform(X) @ features.transform(Z).T
    found = hermite_kernel(X, Z, degree=degree)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_hermite_kernel_is_invariant_under_rotations():
    X = rng.standard_normal((8, 5))
    rotation = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    np.testing.assert_allclose(
        hermite_kernel(X @ rotation, degree=5), hermite_kernel(X, degree=5), rtol=1e-9
    )


def test_hermite_kernel_is_positive_semidefinite_with_the_rank_of_its_products():
    kernel = hermite_kernel(rng.standard_normal((40, 3)), degree=3)
    eigenvalues = np.linalg.eigvalsh(kernel)
    assert eigenvalues.min() > -1e-9 * eigenvalues.max()
    assert (eigenvalues > 1e-9 * eigenvalues.max()).sum() == comb(6, 3)


def test_hermite_kernel_in_a_thousand_dimensions():
    """The mean of K(x, x) is the number of products; no column is ever made."""
    X = rng.standard_normal((400, 1000))
    diagonal = np.diag(hermite_kernel(X, degree=3))
    assert diagonal.mean() == pytest.approx(comb(1003, 3), rel=0.05)


def test_hermite_kernel_keeps_float32():
    X = rng.standard_normal((10, 4)).astype(np.float32)
    found = hermite_kernel(X, degree=4)
    assert found.dtype == np.float32
    exact = hermite_kernel(X.astype(np.float64), degree=4)
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-3)


def test_hermite_kernel_in_a_support_vector_machine():
    X = rng.standard_normal((300, 3))
    y = X[:, 0] * X[:, 1]
    machine = SVR(kernel=lambda X, Z: hermite_kernel(X, Z, degree=2), C=100)
    assert machine.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.98


def test_bad_input():
    with pytest.raises(ValueError, match="Incompatible dimension"):
        hermite_kernel(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="NaN"):
        hermite_kernel(np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match="'degree' parameter"):
        hermite_kernel(np.ones((2, 3)), degree=-1)
