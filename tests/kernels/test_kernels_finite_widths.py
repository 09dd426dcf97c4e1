"""The kernels as limits of wide random networks, whose means they are."""

import numpy as np
import pytest
from scipy.special import erf

from sklearn_depth.datasets import make_random_network, shadow_network
from sklearn_depth.kernels import (
    arc_cosine_kernel,
    dual_activation_kernel,
    nngp_kernel,
    ntk_kernel,
)

# Rows of different norms.
X = np.random.default_rng(0).standard_normal((4, 3)) * [[0.5], [1], [1.5], [1]]
# s and s', of unit norm under N(0, 1); E tanh(Z)^2 = 0.3942944903...
ACTIVATIONS = {
    "relu": (lambda z: np.sqrt(2) * np.maximum(z, 0), lambda z: np.sqrt(2) * (z > 0)),
    "erf": (
        lambda z: np.sqrt(3) * erf(z / np.sqrt(2)),
        lambda z: np.sqrt(6 / np.pi) * np.exp(-(z**2) / 2),
    ),
    "tanh": (
        lambda z: np.tanh(z) / np.sqrt(0.3942944903978),
        lambda z: (1 - np.tanh(z) ** 2) / np.sqrt(0.3942944903978),
    ),
}
each_activation = pytest.mark.parametrize("activation", list(ACTIVATIONS))


def assert_mean(draws, expected):
    """That the mean of independent draws is within 4.5 standard errors."""
    draws = np.array(draws)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    assert (error < 0.05 * np.sqrt(np.outer(*2 * [np.diag(expected)]))).all()
    assert (np.abs(draws.mean(axis=0) - expected) <= 4.5 * error).all()


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_arc_cosine_kernels_of_one_layer(order):
    rng = np.random.default_rng(order)
    draws = []
    for _ in range(40):
        hidden = rng.standard_normal((10_000, 3)) @ X.T
        features = np.where(hidden > 0, hidden**order, 0)
        draws.append(2 * features.T @ features / len(hidden))
    assert_mean(draws, arc_cosine_kernel(X, order=order))


@pytest.mark.parametrize(("order", "depth"), [(0, 3), (1, 3), (1, 4), (0, 4)])
def test_arc_cosine_kernels_of_deep_networks(order, depth):
    rng = np.random.default_rng(depth)
    draws = []
    for _ in range(40):
        features = X
        for _ in range(depth - 1):
            hidden = features @ rng.standard_normal((features.shape[1], 800))
            features = np.sqrt(2 / 800) * np.where(hidden > 0, hidden**order, 0)
        draws.append(features @ features.T)
    assert_mean(draws, arc_cosine_kernel(X, order=order, depth=depth))


def gradient_products(rng, activation, depth, weight_variance, bias_variance, width):
    """Covariance over the last layer, and inner products of a network's gradients.

    The gradient in a matrix of weights is the outer product of what comes back from the
    output and what comes in, so that products of gradients are products of both.
    """
    s, slope = ACTIVATIONS[activation]
    came_in, hidden, matrices = [X], [], []
    for layer in range(depth - 1):
        fan_in = came_in[-1].shape[1]
        matrices.append(rng.standard_normal((fan_in, width)))
        bias = np.sqrt(bias_variance) * rng.standard_normal(width)
        scale = np.sqrt(weight_variance / fan_in)
        hidden.append(scale * came_in[-1] @ matrices[layer] + bias)
        came_in.append(s(hidden[-1]))
    gram = [
        bias_variance + weight_variance * rows @ rows.T / rows.shape[1]
        for rows in came_in
    ]
    back = rng.standard_normal((1, width)).repeat(len(X), axis=0)
    total = gram[-1].copy()
    for layer in reversed(range(depth - 1)):
        back = np.sqrt(weight_variance / width) * back * slope(hidden[layer])
        total += (back @ back.T) * gram[layer]
        back = back @ matrices[layer].T
    return gram[-1], total


@each_activation
@pytest.mark.parametrize(
    ("depth", "variances"), [(2, (1.0, 0.0)), (3, (1.0, 0.0)), (3, (1.4, 0.3))]
)
def test_covariances_and_tangent_kernels(activation, depth, variances):
    rng = np.random.default_rng(depth)
    width = 20_000 if depth == 2 else 2000
    draws = [
        gradient_products(rng, activation, depth, *variances, width) for _ in range(12)
    ]
    parameters = {
        "activation": activation,
        "depth": depth,
        "weight_variance": variances[0],
        "bias_variance": variances[1],
    }
    assert_mean([covariance for covariance, _ in draws], nngp_kernel(X, **parameters))
    assert_mean([products for _, products in draws], ntk_kernel(X, **parameters))


def test_the_gradients_of_these_tests():
    """Of a small network, by finite differences in every weight."""

    def output(weights, x):
        first, last = weights[:6].reshape(3, 2), weights[6:]
        return last @ np.tanh(x @ first / np.sqrt(3)) / np.sqrt(2 * 0.3942944903978)

    rng = np.random.default_rng(5)
    found = gradient_products(rng, "tanh", 2, 1.0, 0.0, 2)[1]
    rng = np.random.default_rng(5)
    first, _, last = np.split(rng.standard_normal(10), [6, 8])  # between them, biases
    weights, steps = np.concatenate([first, last]), 1e-5 * np.eye(8)
    gradients = np.array(
        [
            [(output(weights + h, x) - output(weights - h, x)) / 2e-5 for h in steps]
            for x in X
        ]
    )
    np.testing.assert_allclose(found, gradients @ gradients.T, atol=1e-8)


def covariance_over_the_last_layer(truth, X):
    *hidden, last = truth.weights
    for matrix in hidden:
        X = truth.activation(X @ matrix.T)
    return X @ X.T / last.shape[1]


@pytest.mark.parametrize("activation", ["relu", "erf", "logistic", "tanh", np.sin])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_covariance_of_make_random_network(activation, depth):
    draws = []
    for seed in range(1 if depth == 1 else 20):
        truth = make_random_network(
            1,
            3,
            depth=depth,
            width=600,
            activation=activation,
            return_truth=True,
            random_state=seed,
        )[2]
        draws.append(covariance_over_the_last_layer(truth, X))
    expected = nngp_kernel(X, depth=depth, activation=activation)
    if depth == 1:  # no hidden weights
        np.testing.assert_allclose(draws[0], expected, rtol=1e-12)
    else:
        assert_mean(draws, expected)


@pytest.mark.parametrize("activation", ["relu", "erf"])
@pytest.mark.parametrize("degree", [1, 3])
def test_the_covariance_of_shadow_networks(activation, degree):
    """At depth 2 on the sphere, the dual activation cut at that degree."""
    sphere = np.sqrt(3) * X / np.linalg.norm(X, axis=1, keepdims=True)
    draws = []
    for seed in range(25):
        truth = make_random_network(
            1,
            3,
            width=4000,
            activation=activation,
            return_truth=True,
            random_state=seed,
        )[2]
        shadow = shadow_network(truth, degree)
        draws.append(covariance_over_the_last_layer(shadow, sphere))
    assert_mean(draws, dual_activation_kernel(X, activation=activation, degree=degree))


def test_targets_vary_by_the_kernel():
    """Outputs of whole networks, the last layer drawn too."""
    targets = np.array(
        [
            make_random_network(
                1, 3, depth=3, activation="erf", return_truth=True, random_state=seed
            )[2](X)
            for seed in range(600)
        ]
    )
    products = targets[:, :, None] * targets[:, None]
    expected = nngp_kernel(X, activation="erf", depth=3)
    error = products.std(axis=0) / np.sqrt(len(products))
    assert (np.abs(products.mean(axis=0) - expected) <= 4.5 * error).all()
