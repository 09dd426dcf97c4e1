"""The experiment end to end at its small size, and its networks by differences."""

from importlib import import_module

import numpy as np
import pytest
from end_to_end import EndToEnd
from numpy.polynomial.legendre import leggauss

from sklearn_depth.kernels import active_fraction, biased_ntk_kernel

PACKAGE = "experiments.biased_ntk"


@pytest.fixture(scope="module")
def net(modules):
    return import_module(f"{PACKAGE}.network")


@pytest.fixture(scope="module")
def data(modules):
    return import_module(f"{PACKAGE}.data")


@pytest.fixture(scope="module")
def theory(modules):
    return import_module(f"{PACKAGE}.theory")


@pytest.fixture
def problem(net, data):
    """A small network off its start, rows and labels."""
    rng = np.random.default_rng(0)
    X = data.sphere(30, 4, rng)
    network = net.start(4, 50, 0.7, rng)
    rows = network.rows + 0.1 * rng.standard_normal(network.rows.shape)
    return network._replace(rows=rows), X, rng.standard_normal(30)


class TestExperiment(EndToEnd):
    picture = "bias.png"
    table = {
        "| λ_min / Φ(-B) | ": 1,
        "| 4000 units | ": 1,
        "| z₁ + z₂z₃, d = 20, n = 200 | ": 2,
        "the paper's start, 400 steps | ": 2,
    }


def test_every_part_is_measured(modules, cells):
    run, _ = modules
    for of_size in cells.values():
        assert {cell["part"] for cell in of_size} == run.PARTS.keys()


def test_predictions_are_the_papers_sum(net, problem):
    network, X, _ = problem
    weights, biases = network.rows[:, :-1], network.rows[:, -1]
    expected = [
        sum(
            a * max(w @ x - b, 0)
            for a, w, b in zip(network.signs, weights, biases, strict=True)
        )
        for x in X
    ]
    np.testing.assert_allclose(net.predict(network, X), np.array(expected) / 50**0.5)


def test_the_gradient_against_finite_differences(net, problem):
    network, X, y = problem
    slope, active, residual = net.gradient(network, X, y)
    np.testing.assert_allclose(residual, net.predict(network, X) - y, atol=1e-12)
    assert active.mean() == net.active_share(network, X)

    def loss(rows):
        return np.sum((net.predict(network._replace(rows=rows), X) - y) ** 2) / 2

    size = 1e-6  # no unit's edge is that near to a row
    margin = np.abs(net.extended(X) @ network.rows.T).min()
    assert margin > size
    for index in np.ndindex(network.rows.shape):
        change = np.zeros_like(network.rows)
        change[index] = size
        above, below = loss(network.rows + change), loss(network.rows - change)
        assert (above - below) / (2 * size) == pytest.approx(slope[index], abs=1e-7)


def test_a_step_of_training_is_one_gradient(net, problem):
    network, X, y = problem
    slope, *_ = net.gradient(network, X, y)
    result = net.train(network, X, y, 0.01, 2)
    after_one = net.train(network, X, y, 0.01, 1).network
    np.testing.assert_allclose(after_one.rows, network.rows - 0.01 * slope, atol=1e-15)
    residual = net.predict(after_one, X) - y
    assert result.losses[1] == pytest.approx(np.mean(residual**2))
    assert result.active == [
        net.active_share(network, X),
        net.active_share(after_one, X),
    ]
    np.testing.assert_array_equal(result.network.signs, network.signs)


def test_the_tangent_kernel_is_the_gradients_product(net, problem):
    """The gradient of f(x_i) is that of the loss whose residual is 1 at x_i alone."""
    network, X, _ = problem
    gradients = np.array(
        [
            net.gradient(network, x[None], net.predict(network, x[None]) - 1)[0].ravel()
            for x in X
        ]
    )
    expected = gradients @ gradients.T
    np.testing.assert_allclose(net.tangent_kernel(network, X, block=7), expected)
    np.testing.assert_allclose(
        net.tangent_kernel(network, X[:3], X), expected[:3], atol=1e-12
    )


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.0])
def test_wide_networks_have_the_limit_kernel(net, data, theory, bias):
    """Means over m units, within five standard errors of a share."""
    rng = np.random.default_rng(1)
    X, m = data.sphere(20, 5, rng), 100_000
    network = net.start(5, m, bias, rng)
    limit = biased_ntk_kernel(X, bias=bias)
    share = theory.active_share(bias)
    error = 5 * np.sqrt(share / m)
    kernel = net.tangent_kernel(network, X)
    np.testing.assert_allclose(kernel, limit, atol=2 * error)
    np.testing.assert_allclose(np.diag(limit), 2 * share)
    np.testing.assert_allclose(active_fraction(X, bias=bias), share)
    assert net.active_share(network, X) == pytest.approx(share, abs=error)
    assert share <= theory.tail_bound(bias)


def test_the_limit_kernel_by_quadrature(data, theory):
    """E 1{u > B} Phi((rho u - B) / sqrt(1 - rho^2)), u beyond B by Gauss-Legendre."""
    X = data.sphere(6, 3, np.random.default_rng(2))
    inner = (X @ X.T)[np.triu_indices(6, 1)]
    nodes, weights = leggauss(200)
    u = 1.5 + 4.5 * (nodes + 1)
    density = 4.5 * weights * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    above = theory.active_share(
        (1.5 - inner[:, None] * u) / np.sqrt(1 - inner[:, None] ** 2)
    )
    kernel = biased_ntk_kernel(X, bias=1.5)[np.triu_indices(6, 1)]
    np.testing.assert_allclose(kernel, (inner + 1) * (above @ density), atol=1e-12)


def test_pairs_start_at_zero_with_the_kernel_of_their_first_half(net, data):
    rng = np.random.default_rng(3)
    network = net.start(4, 40, 0.5, rng, paired=True)
    X = data.sphere(10, 4, rng)
    np.testing.assert_allclose(net.predict(network, X), 0, atol=1e-15)
    half = net.Network(network.rows[:20], network.signs[:20])
    np.testing.assert_allclose(
        net.tangent_kernel(network, X), net.tangent_kernel(half, X), atol=1e-15
    )


def test_linearised_training_is_gradient_descent_on_features(net, problem):
    """Steps on the coefficients of the gradients' Gram matrix, one by one."""
    network, X, y = problem
    X, y, X_test = X[:20], y[:20], X[20:]
    kernel, step = net.tangent_kernel(network, X), 0.05
    coef = np.zeros(20)
    for _ in range(30):
        coef += step * (y - net.predict(network, X) - kernel @ coef)
    expected = net.predict(network, X_test) + net.tangent_kernel(network, X_test, X) @ (
        coef
    )
    found = net.linearised(network, X, y, X_test, step, 30)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_a_wide_network_follows_its_linearisation(net, data, theory):
    """The gap falls with the width, as m^(-1/2)."""
    X, y, X_test, _ = data.draw("mixed", 5, 30, 50, 0)
    step = theory.step_size(0.5, 30, 400)
    gaps = []
    for m in (400, 40_000):
        first = net.start(5, m, 0.5, np.random.default_rng(m), paired=True)
        trained = net.predict(net.train(first, X, y, step, 50).network, X_test)
        lazy = net.linearised(first, X, y, X_test, step, 50)
        gaps.append(np.sqrt(np.mean((trained - lazy) ** 2)))
    assert gaps[1] < 0.02
    assert gaps[1] < gaps[0] / 3


def test_steps_add_up_to_the_same_time(theory):
    for bias in (0.0, 2.0):
        total = 400 * theory.step_size(bias, 50, 400)
        assert total == pytest.approx(100 * theory.step_size(bias, 50, 100))
        share = {0.0: 0.5, 2.0: 0.0227501319}[bias]
        assert total == pytest.approx(theory.TIME / (50 * share))


@pytest.mark.parametrize("case", ["linear", "mixed", "sine", "sparse_network"])
def test_targets_have_mean_zero_and_variance_one(data, case):
    """And the labels add the noise; rows have norm 1."""
    X, _, X_test, y_test = data.draw(case, 5, 10, 20_000, 0)
    assert y_test.mean() == pytest.approx(0, abs=0.04)
    assert y_test.var() == pytest.approx(1, abs=0.08)
    np.testing.assert_allclose(np.linalg.norm(np.r_[X, X_test], axis=1), 1)


def test_labels_have_the_noise(data):
    """A linear target is y - noise on the rows too: the least squares residual."""
    X, y, *_ = data.draw("linear", 5, 5000, 1, 0)
    coef, *_ = np.linalg.lstsq(X, y, rcond=None)
    assert np.std(y - X @ coef) == pytest.approx(data.NOISE, rel=0.05)


def test_spectra_of_the_small_run(results):
    """The smallest eigenvalue falls with B, by less than the active share."""
    rows = [row for row in results if row["part"] == "spectrum" and row["m"] == 0]
    smallest = np.array([row["lambda_min"] for row in rows])
    active = np.array([row["active_start"] for row in rows])
    largest = np.array([row["lambda_max"] for row in rows])
    assert (np.diff(smallest) < 0).all()
    assert (np.diff(smallest / active) > 0).all()
    assert (np.diff(largest / smallest) < 0).all()
    assert (smallest <= 2 * active).all()  # the mean of the eigenvalues
    wide = [row for row in results if row["part"] == "spectrum" and row["m"] == 4000]
    for row, limit in zip(wide, smallest, strict=True):
        assert row["lambda_min"] == pytest.approx(limit, rel=0.4)


def test_errors_of_the_small_run(results):
    """More columns and bias, more error; no penalty beats the best of the grid much."""
    errors = {}
    for row in results:
        if row["part"] == "regression":
            errors[row["d"], row["bias"]] = row["test_error"]
            assert row["oracle_error"] <= row["test_error"] * 1.05
    assert errors[5, 0.0] < errors[5, 2.0] < 0.1
    assert 0.1 < errors[20, 0.0] < errors[20, 2.0] < 1


def test_training_in_the_small_run(results):
    for row in results:
        if row["part"].startswith("training"):
            assert row["train_error"] < 0.01
            assert row["test_error"] < 0.3
            assert row["active_end"] <= row["active_most"] + 1e-4
            assert 0 < row["moved_mean"] <= row["moved_most"]
            assert 0 < row["time_to_fit"] < 200


def test_an_oracle_penalty_by_ridge(modules):
    """Least squares with the kernel's factor as features, by the normal equations."""
    models = import_module(f"{PACKAGE}.models")
    rng = np.random.default_rng(4)
    factor, y, y_test = rng.standard_normal((12, 12)), *rng.standard_normal((2, 12))
    kernel, kernel_test = factor @ factor.T, rng.standard_normal((12, 12))
    mean = np.trace(kernel) / 12
    errors = [
        np.mean(
            (y_test - kernel_test @ np.linalg.solve(kernel + a * mean * np.eye(12), y))
            ** 2
        )
        for a in models.ALPHAS
    ]
    found = models.oracle_error(kernel, y, kernel_test, y_test)
    assert found == pytest.approx(min(errors) / np.var(y_test))


def test_the_longest_training_stands_for_a_bias(modules):
    results = import_module(f"{PACKAGE}.results")
    rows = [
        {"bias": bias, "n_steps": steps}
        for bias, steps in [(1.0, 400), (3.0, 400), (3.0, 2000)]
    ]
    assert results.finest(rows) == [rows[0], rows[2]]
