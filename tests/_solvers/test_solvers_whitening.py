"""Whitening against covariances."""

import numpy as np

from sklearn_depth._solvers._whitening import ridge_whitening, whitened


def correlated(n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((200, n_features)) @ rng.standard_normal((n_features,) * 2)
    share = rng.dirichlet(np.ones(200))
    return Z + 3, share


def covariance(Z, share):
    centred = Z - share @ Z
    return centred.T @ (share[:, None] * centred)


def test_whitened_inputs_have_identity_covariance():
    Z, share = correlated()
    white = whitened(Z, share)
    np.testing.assert_allclose(share @ white, 0, atol=1e-12)
    np.testing.assert_allclose(covariance(white, share), np.eye(4), atol=1e-10)


def test_directions_without_variance_are_left_out():
    Z, share = correlated()
    Z = np.hstack([Z, Z[:, :2] @ [[1], [2]], np.full((200, 1), 7)])
    white = whitened(Z, share)
    assert white.shape == (200, 4)
    np.testing.assert_allclose(covariance(white, share), np.eye(4), atol=1e-8)
    assert whitened(np.ones((200, 3)), share).shape == (200, 0)


def test_ridge_whitening_is_the_inverse_root_up_to_its_scale():
    Z, share = correlated()
    C = covariance(Z, share)
    A = ridge_whitening(Z, share)
    product = A @ A @ (C + np.trace(C) / 4 * np.eye(4))
    np.testing.assert_allclose(product, product[0, 0] * np.eye(4), atol=1e-10)
    assert np.isclose(np.trace(covariance(Z @ A, share)), 4)


def test_constant_inputs_are_left_alone():
    np.testing.assert_array_equal(
        ridge_whitening(np.ones((9, 3)), np.full(9, 1 / 9)), np.eye(3)
    )
