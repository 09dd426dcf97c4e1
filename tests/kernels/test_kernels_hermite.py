"""The Hermite kernel against the features that it is an inner product of."""

from math import comb

import numpy as np
import pytest

from sklearn_depth.features import HermiteFeatures
from sklearn_depth.kernels import hermite_kernel

rng = np.random.default_rng(0)


@pytest.mark.parametrize("n_features", [1, 2, 6])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 7])
def test_sum_of_all_products(n_features, degree):
    X, Z = rng.standard_normal((9, n_features)), rng.standard_normal((7, n_features))
    expected = np.ones((9, 7))
    if degree:
        features = HermiteFeatures(degree, scaling=None).fit(X)
        expected = 1 + features.transform(X) @ features.transform(Z).T
    found = hermite_kernel(X, Z, degree=degree)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_invariant_under_rotations():
    X = rng.standard_normal((8, 5))
    rotation = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    np.testing.assert_allclose(
        hermite_kernel(X @ rotation, degree=5), hermite_kernel(X, degree=5), rtol=1e-9
    )


def test_the_rank_is_the_number_of_products():
    kernel = hermite_kernel(rng.standard_normal((40, 3)), degree=3)
    eigenvalues = np.linalg.eigvalsh(kernel)
    assert (eigenvalues > 1e-9 * eigenvalues.max()).sum() == comb(6, 3)


def test_a_thousand_dimensions():
    """The mean of K(x, x) is the number of products; no column is ever made."""
    X = rng.standard_normal((400, 1000))
    diagonal = np.diag(hermite_kernel(X, degree=3))
    assert diagonal.mean() == pytest.approx(comb(1003, 3), rel=0.05)
