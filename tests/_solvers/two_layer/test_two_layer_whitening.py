"""Whitening against covariances."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._whitening import ridge_whitening, whitened


def samples_of(Z, weight=None):
    return Samples.of(Z, np.empty((len(Z), 0)), weight)


def correlated(n_features=4, seed=0):
    """Correlated inputs of uneven weights."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((200, n_features)) @ rng.standard_normal((n_features,) * 2)
    return samples_of(Z + 3, rng.dirichlet(np.ones(200)))


def covariance(samples, Z=None):
    Z = samples.X if Z is None else Z
    return np.cov(Z.T, aweights=samples.share, ddof=0)


def test_whitened_inputs_have_identity_covariance():
    samples = correlated()
    white = whitened(samples)
    np.testing.assert_allclose(samples.share @ white, 0, atol=1e-12)
    np.testing.assert_allclose(covariance(samples, white), np.eye(4), atol=1e-10)


def test_directions_without_variance_are_left_out():
    samples = correlated()
    Z = samples.X
    Z = np.hstack([Z, Z[:, :2] @ [[1], [2]], np.full((200, 1), 7)])
    white = whitened(samples.at(Z))
    assert white.shape == (200, 4)
    np.testing.assert_allclose(covariance(samples, white), np.eye(4), atol=1e-8)
    assert whitened(samples.at(np.ones((200, 3)))).shape == (200, 0)


def test_ridge_whitening_is_the_inverse_root_up_to_its_scale():
    samples = correlated()
    C = covariance(samples)
    A = ridge_whitening(samples)
    product = A @ A @ (C + np.trace(C) / 4 * np.eye(4))
    np.testing.assert_allclose(product, product[0, 0] * np.eye(4), atol=1e-10)
    assert np.isclose(np.trace(covariance(samples, samples.X @ A)), 4)


def test_constant_inputs_are_left_alone():
    constant = samples_of(np.ones((9, 3)))
    np.testing.assert_array_equal(ridge_whitening(constant), np.eye(3))


@pytest.mark.parametrize("whiten", [ridge_whitening, whitened])
def test_weights_are_repetition(whiten):
    Z, times = correlated().X, 1 + np.arange(200) % 3
    weighted = whiten(samples_of(Z, times.astype(float)))
    repeated = whiten(samples_of(np.repeat(Z, times, axis=0)))
    if whiten is whitened:
        weighted = np.repeat(weighted, times, axis=0)
        signs = np.sign((weighted * repeated).sum(axis=0))  # eigenvectors have none
        weighted = weighted * signs
    np.testing.assert_allclose(weighted, repeated, atol=1e-9)
