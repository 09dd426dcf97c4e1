"""Values, curvature and random weights of ReLU networks, against their definitions."""

import numpy as np
import pytest

from sklearn_depth._math._dense_network import DenseNetwork, xavier_network

SIZES = [(3, 1), (3, 2), (3, 5, 1), (3, 5, 4, 2), (2, 4, 4, 3, 1)]
each_size = pytest.mark.parametrize("sizes", SIZES, ids=str)


def draw(sizes, n_samples=7, seed=0):
    """A network with intercepts, rows, and their shares."""
    rng = np.random.default_rng(seed)
    network = xavier_network(sizes, rng)
    for intercept in network.intercepts:
        intercept += 0.3 * rng.standard_normal(intercept.shape)
    share = rng.uniform(0.1, 2, n_samples)
    return network, rng.standard_normal((n_samples, sizes[0])), share / share.sum()


def row_value(network, x):
    """The outputs on one row, neuron by neuron."""
    last = len(network.coefs) - 1
    for k, (coef, intercept) in enumerate(
        zip(network.coefs, network.intercepts, strict=True)
    ):
        x = [sum(x * coef[:, j]) + intercept[j] for j in range(coef.shape[1])]
        x = np.array(x if k == last else [max(z, 0.0) for z in x])
    return x


def jacobian(network, X, step=1e-6):
    """Derivatives by central differences, (n_samples, n_outputs, n_weights)."""
    columns = []
    for weights in (*network.coefs, *network.intercepts):
        for place in np.ndindex(weights.shape):
            kept = weights[place]
            weights[place] = kept + step
            above = network.values(X)
            weights[place] = kept - step
            columns.append((above - network.values(X)) / (2 * step))
            weights[place] = kept
    return np.stack(columns, axis=-1)


@each_size
def test_values(sizes):
    network, X, _ = draw(sizes)
    before = X.copy()
    expected = [row_value(network, x) for x in X]
    np.testing.assert_allclose(network.values(X), expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(X, before)


@each_size
@pytest.mark.parametrize("n_samples", [1, 7, 40])
def test_curvature_is_that_of_the_jacobian(sizes, n_samples):
    network, X, share = draw(sizes, n_samples)
    slopes = jacobian(network, X) * np.sqrt(share)[:, None, None]
    eigenvalues = np.linalg.svd(slopes.reshape(-1, slopes.shape[-1]))[1] ** 2
    largest, of_rows = network.curvature(X, share, np.random.default_rng(0))
    traces = (jacobian(network, X) ** 2).sum(axis=(1, 2))
    by_hand = share @ traces**2 / (share @ traces)
    assert of_rows == pytest.approx(by_hand, rel=1e-7)
    assert of_rows >= eigenvalues.sum() * (1 - 1e-7)
    # The power method comes from below.
    assert 0.95 * eigenvalues[0] < largest <= eigenvalues[0] * (1 + 1e-7)


@each_size
def test_shares_are_repetition(sizes):
    network, X, _ = draw(sizes)
    times = np.array([1, 0, 3, 2, 1, 1, 0])
    repeated = np.repeat(X, times, axis=0)
    expected = network.curvature(repeated, np.full(8, 1 / 8), np.random.default_rng(0))
    found = network.curvature(X, times / 8, np.random.default_rng(0))
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_power_method_converges_where_one_eigenvalue_stands_out():
    network, X, share = draw((3, 5, 4, 2), 40)
    slopes = jacobian(network, X + 3) * np.sqrt(share)[:, None, None]
    largest = np.linalg.norm(slopes.reshape(-1, slopes.shape[-1]), 2) ** 2
    found = network.curvature(X + 3, share, np.random.default_rng(0))[0]
    assert found == pytest.approx(largest, rel=1e-6)


def test_a_linear_network_has_the_curvature_of_its_inputs():
    """J is (x, 1) for each output: the eigenvalues are those of the second moments."""
    network, X, share = draw((3, 2), 40)
    inputs = np.column_stack([X, np.ones(40)])
    eigenvalues = np.linalg.eigvalsh(inputs.T * share @ inputs)
    largest, of_rows = network.curvature(X, share, np.random.default_rng(0))
    lengths = (inputs**2).sum(axis=1)
    expected = 2 * (share @ lengths**2) / (share @ lengths)
    assert of_rows == pytest.approx(expected)
    assert largest == pytest.approx(eigenvalues[-1], rel=0.02)


def test_dead_rows_leave_the_last_intercept():
    """At zero nothing passes a gate: the output moves with its own intercept alone."""
    network = xavier_network((3, 5, 1), np.random.default_rng(0))
    share, rng = np.full(2, 0.5), np.random.default_rng(1)
    curvature = network.curvature(np.zeros((2, 3)), share, rng)
    np.testing.assert_allclose(curvature, [1, 1])


def test_xavier_weights_have_their_variance():
    network = xavier_network((200, 300, 400, 50), np.random.default_rng(0))
    assert [coef.shape for coef in network.coefs] == [(200, 300), (300, 400), (400, 50)]
    assert all((intercept == 0).all() for intercept in network.intercepts)
    for coef, variance in zip(network.coefs, [1 / 200, 2 / 300, 2 / 400], strict=True):
        n = coef.size
        assert abs(coef.mean()) < 4 * np.sqrt(variance / n)
        assert np.mean(coef**2) == pytest.approx(variance, rel=4 * np.sqrt(2 / n))
        # Normal, not uniform: the fourth moment is three squares of the second.
        assert np.mean(coef**4) == pytest.approx(3 * variance**2, rel=0.1)


def test_neurons_keep_the_second_moment_of_the_inputs():
    """E (2 relu(h)^2) = E h^2 for symmetric h, layer after layer."""
    rng = np.random.default_rng(0)
    X = 3 * rng.standard_normal((50, 400))
    network = xavier_network((400, 1000, 1000, 1000, 1000), rng)
    for depth in range(1, 5):
        part = DenseNetwork(network.coefs[:depth], network.intercepts[:depth])
        assert np.mean(part.values(X) ** 2) == pytest.approx(9, rel=0.1)


def test_types():
    network = xavier_network((3, 4, 1), np.random.default_rng(0)).astype("f4")
    X = np.random.default_rng(1).standard_normal((5, 3))
    assert all(w.dtype == np.float32 for w in (*network.coefs, *network.intercepts))
    assert network.values(X.astype("f4")).dtype == np.float32
    np.testing.assert_allclose(
        network.values(X.astype("f4")), network.values(X), rtol=1e-4, atol=1e-6
    )
    assert network.squared_norm() == pytest.approx(
        sum((coef.astype(float) ** 2).sum() for coef in network.coefs)
    )
