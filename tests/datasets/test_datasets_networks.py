"""Random networks and their shadows against the theory of them."""

import numpy as np
import pytest

from sklearn_depth._math._hermite_series import series_tail
from sklearn_depth.datasets import make_random_network, shadow_network


def network(depth=2, seed=0, **options):
    options = {"n_features": 30, "width": 400, "return_truth": True} | options
    return make_random_network(300, depth=depth, random_state=seed, **options)


def test_the_target_is_the_formula():
    X, y, truth = network(3, activation="tanh", width=7, noise=0.1)
    first, second, last = truth.weights
    unit = np.sqrt(np.mean(np.tanh(np.random.default_rng(0).normal(size=10**6)) ** 2))
    hidden = np.tanh(X @ first.T) / unit
    expected = np.tanh(hidden @ second.T) / unit @ last[0]
    np.testing.assert_allclose(truth(X), expected, rtol=3e-3, atol=3e-3)
    assert (y - truth(X)).std() == pytest.approx(0.1, rel=0.15)


def test_weights_have_variance_one_over_fan_in():
    _, _, truth = network(3, width=500)
    for matrix in truth.weights[:2]:
        assert matrix.std() == pytest.approx(matrix.shape[1] ** -0.5, rel=0.02)
    assert np.sum(truth.weights[2] ** 2) == pytest.approx(1, rel=0.25)


def test_inputs():
    X = network(inputs="sphere")[0]
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), np.sqrt(30))
    norms = np.linalg.norm(network(inputs="gaussian")[0], axis=1)
    assert norms.mean() == pytest.approx(np.sqrt(29.5), rel=0.03)
    assert norms.std() == pytest.approx(np.sqrt(0.5), rel=0.2)


@pytest.mark.parametrize("activation", ["erf", "relu", "logistic"])
@pytest.mark.parametrize("depth", [2, 4])
def test_neurons_have_second_moment_one(activation, depth):
    """Over the draw of the weights: E y² = 1 at every depth."""
    squares = [
        np.mean(network(depth, seed, activation=activation, width=200)[1] ** 2)
        for seed in range(60)
    ]
    error = np.std(squares) / np.sqrt(60)
    assert abs(np.mean(squares) - 1) < 4 * error + 0.02


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_shadows_of_depth_two_err_by_the_tail(activation):
    """E (Psi - Phi_n)² = eps(n)² exactly, over the weights, on the sphere."""
    for degree in (1, 4):
        squares = []
        for seed in range(150):
            X, y, truth = network(seed=seed, activation=activation, width=100)
            squares.append(np.mean((y - shadow_network(truth, degree)(X)) ** 2))
        tail = series_tail(truth.activation, degree)
        error = np.std(squares) / np.sqrt(150)
        assert abs(np.mean(squares) - tail**2) < 4 * error


@pytest.mark.parametrize(
    ("activation", "depth", "gaps"),
    [
        ("erf", 2, [0.17, 0.057, 0.022, 0.008]),
        ("erf", 3, [0.24, 0.083, 0.031, 0.012]),
        ("erf", 4, [0.29, 0.103, 0.040, 0.016]),
        ("relu", 3, [0.42, 0.16, 0.105, 0.079]),
    ],
)
def test_gaps_of_the_theory(activation, depth, gaps):
    """E |Psi - Phi_n| at n = 1, 3, 5, 7 in 200 dimensions."""
    options = {"n_features": 200, "width": 600, "activation": activation}
    found = np.zeros(4)
    for seed in range(4):
        X, y, truth = network(depth, seed, **options)
        for k, n in enumerate((1, 3, 5, 7)):
            found[k] += np.mean(np.abs(y - shadow_network(truth, n)(X))) / 4
    np.testing.assert_allclose(found, gaps, rtol=0.2)


def test_a_shadow_is_a_polynomial_of_its_degree():
    """Along a line, differences of one order more than its degree are zero."""
    _, _, truth = network(3, width=5, n_features=4)
    line = np.linspace(-1, 1, 14)[:, None] * np.array([1.0, -2, 0.5, 1])
    values = shadow_network(truth, 3)(line)
    scale = np.abs(np.diff(values, 9)).max()
    assert np.abs(np.diff(values, 10)).max() < 1e-7 * scale
    linear = shadow_network(truth, 1)
    np.testing.assert_allclose(np.diff(linear(line), 2), 0, atol=1e-12)


def test_depth_one_is_linear():
    X, y, truth = network(1)
    np.testing.assert_allclose(y, X @ truth.weights[0][0])


def test_own_activations():
    _, _, truth = network(activation=np.sin, width=2000)
    expected = np.sin(1.0) / np.sqrt((1 - np.exp(-2)) / 2)
    assert truth.activation(np.ones(1)) == pytest.approx(expected)
    for function, norm in ((np.zeros_like, "0"), (np.log, "nan")):
        with (
            pytest.raises(ValueError, match=f"activation has norm {norm}"),
            np.errstate(all="ignore"),
        ):
            network(activation=function)
    with pytest.raises(ValueError, match="'activation' parameter"):
        network(activation="gelu-ish")
    with pytest.raises(ValueError, match="'degree' parameter"):
        shadow_network(truth, -1)
