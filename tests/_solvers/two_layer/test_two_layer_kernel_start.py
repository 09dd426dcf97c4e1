"""The start from a kernel machine: its gradients, and the directions it finds."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer import _kernel_start
from sklearn_depth._solvers.two_layer._kernel_start import (
    error_of_chance,
    kernel_covariance,
)


def waves(n_samples=600, d=6, seed=0, weight=None):
    """sin(3 z_0) with some noise."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, d))
    y = np.sin(3 * Z[:, :1]) + 0.1 * rng.standard_normal((n_samples, 1))
    return Samples.of(Z, y, weight).scaled()


def covariance(samples, seed=0):
    return kernel_covariance(samples, np.random.default_rng(seed))


def test_one_round_by_finite_differences(monkeypatch):
    """Gradients of a Laplace kernel machine in double, by its formula."""
    monkeypatch.setattr(_kernel_start, "_N_ROUNDS", 1)
    samples = waves(80, 3)
    Z = samples.X - samples.X.mean(axis=0)
    Z /= np.sqrt(np.mean(Z**2))
    unit = cdist(Z, Z).mean()

    def kernel(at):
        return np.exp(-cdist(at, Z) / unit)

    targets = samples.targets - samples.targets.mean()
    dual = np.linalg.solve(kernel(Z) + 0.01 * np.eye(80), targets)
    step, gradients = 1e-6, np.empty((80, 3))
    for j, shift in enumerate(step * np.eye(3)):
        gradients[:, j] = ((kernel(Z + shift) - kernel(Z - shift)) @ dual)[:, 0]
    expected = gradients.T @ gradients
    expected *= 3 / np.trace(expected)
    np.testing.assert_allclose(covariance(samples), expected, atol=2e-4)


@pytest.mark.parametrize("seed", range(3))
def test_an_oscillation_shows(seed):
    samples = waves(1000, 10, seed)
    vectors = np.linalg.eigh(covariance(samples))[1]
    assert abs(vectors[0, -1]) > 0.9


def test_weights_are_repetition_but_for_rounding():
    weight = np.random.default_rng(1).integers(1, 4, 300).astype(float)
    weighted = waves(300, weight=weight)
    rows = np.repeat(np.arange(300), weight.astype(int))
    repeated = Samples.of(weighted.X[rows], weighted.targets[rows]).distinct()
    found, expected = covariance(weighted), covariance(repeated)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_rows_far_beyond_single_precision_are_no_overflow():
    samples = waves(100)
    found = covariance(samples.at(1e100 * samples.X))
    np.testing.assert_allclose(found, covariance(samples), atol=1e-3)


def test_rounds_end_where_single_precision_does(monkeypatch):
    monkeypatch.setattr(_kernel_start, "_RIDGES", (0.0, 0.0))
    samples = waves(60)
    line = samples.at(np.repeat(samples.X[:30], 2, axis=0) * [1, 0, 0, 0, 0, 0])
    assert np.isfinite(covariance(line)).all()


def test_what_does_not_vary_has_no_directions():
    samples = waves(50)
    np.testing.assert_array_equal(covariance(samples.at(0 * samples.X)), np.eye(6))
    still = samples.to(0 * samples.targets)
    np.testing.assert_array_equal(covariance(still), np.eye(6))


def test_many_rows_are_drawn_from(monkeypatch):
    monkeypatch.setattr(_kernel_start, "_MOST_ROWS", 400)
    samples = waves(3000)
    assert np.linalg.eigh(covariance(samples))[1][0, -1] ** 2 > 0.5


def test_errors_of_chance_rise_to_one():
    assert error_of_chance(2) == error_of_chance(4) == 0.1
    assert error_of_chance(100) == pytest.approx(0.8)
    assert error_of_chance(10**8) == pytest.approx(1, abs=1e-3)
