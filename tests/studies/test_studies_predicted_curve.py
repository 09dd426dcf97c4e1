"""Predicted risks against measured ones, the published check and limits."""

import numpy as np
import pytest

from sklearn_depth import KernelRidge
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.kernels import kernel_eigenvalues
from sklearn_depth.studies import predicted_learning_curve


def exponential(X, Z):
    return np.exp(X @ Z.T - 1)


POWERS = [0, 0.64, 0.36, 0, 0, 0]


def target(X):
    """Degree 1 with power 0.64, degree 2 with 0.36, on the unit sphere."""
    d = X.shape[1]
    product = np.sqrt(d * (d + 2)) * X[:, 1] * X[:, 2]
    return 0.8 * np.sqrt(d) * X[:, 0] + 0.6 * product


def measured(n_samples, n_draws, alpha, noise, d=20):
    """Mean errors of new rows and of the rows of the fit."""
    errors = []
    for seed in range(n_draws):
        rng = np.random.default_rng([n_samples, seed])
        X, X_new = (random_directions(size, d, rng) for size in (n_samples, 2000))
        y = target(X) + noise * rng.standard_normal(n_samples)
        dual = np.linalg.solve(exponential(X, X) + alpha * np.eye(n_samples), y)
        new = np.mean((target(X_new) - exponential(X_new, X) @ dual) ** 2) + noise**2
        errors.append((new, np.mean((alpha * dual) ** 2)))
    return np.mean(errors, axis=0)


@pytest.fixture(scope="module")
def spectrum():
    return kernel_eigenvalues(exponential, 20, degree=5, radius=1.0)


@pytest.mark.parametrize(
    ("n_samples", "n_draws", "alpha", "noise"),
    [(50, 40, 1e-3, 0.1), (200, 40, 1e-3, 0.1), (600, 4, 0.1, 0.5), (400, 10, 0, 0.3)],
)
def test_measured_errors(spectrum, n_samples, n_draws, alpha, noise):
    """To 5 %, about two standard deviations of the mean of so many draws."""
    found = predicted_learning_curve(
        n_samples, spectrum, POWERS, alpha=alpha, noise=noise
    )
    test, train = measured(n_samples, n_draws, alpha, noise)
    assert found.test_error[0] == pytest.approx(test, rel=0.05)
    assert found.train_error[0] == pytest.approx(train, rel=0.1)


def test_a_linear_kernel_is_ridge_regression():
    """Rank d: kappa is the root of a quadratic; the estimator is KernelRidge."""
    d, n, alpha, noise = 30, 90, 5.0, 0.4
    found = predicted_learning_curve(
        n, np.ones(d), np.full(d, 1 / d), alpha=alpha, noise=noise
    )
    half = (n - d - alpha) / (2 * n)
    kappa = -half + np.sqrt(half**2 + alpha / n)
    assert found.kappa[0] == pytest.approx(kappa)
    errors = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X, slopes = rng.standard_normal((n, d)), rng.standard_normal(d)
        slopes /= np.linalg.norm(slopes)
        y = X @ slopes + noise * rng.standard_normal(n)
        model = KernelRidge(alpha).fit(X, y)
        errors.append(np.sum((model.predict(np.eye(d)) - slopes) ** 2) + noise**2)
    assert found.test_error[0] == pytest.approx(np.mean(errors), rel=0.05)


def test_without_a_penalty_the_error_has_a_peak_at_the_rank():
    sizes = [5, 19, 20, 21, 200]
    found = predicted_learning_curve(sizes, np.ones(20), np.full(20, 0.05), noise=0.5)
    assert found.test_error[2] == np.inf
    assert found.test_error[1] > 1 > found.test_error[4]
    assert found.test_error[3] == pytest.approx(21 * 0.25)
    np.testing.assert_array_equal(found.kappa[2:], 0)
    np.testing.assert_array_equal(found.train_error[:3], 0)  # it interpolates


@pytest.mark.parametrize("alpha", [0.0, 1e-60, 1e-12])
def test_hardly_a_penalty_beyond_the_rank_is_least_squares(alpha):
    """Its residuals have n - N degrees of freedom."""
    sizes = np.array([21, 50, 200])
    found = predicted_learning_curve(
        sizes, np.ones(20), np.full(20, 0.05), alpha=alpha, noise=0.5
    )
    np.testing.assert_allclose(found.train_error, 0.25 * (1 - 20 / sizes))
    np.testing.assert_allclose(found.test_error, 0.25 / (1 - 20 / sizes))


def test_eigenvalues_of_any_range():
    """Those that fall by a factor e: past some, the same for each n but for kappa."""
    found = predicted_learning_curve(
        [50, 200, 400], np.exp(-np.arange(700.0)), np.zeros(700), noise=1.0
    )
    np.testing.assert_allclose(np.diff(np.log(found.kappa)), [-150, -200])
    np.testing.assert_allclose(found.test_error, [50, 200, 400], rtol=1e-5)


def test_few_and_many_samples(spectrum):
    found = predicted_learning_curve(
        [1e-3, 1e8], spectrum, POWERS, alpha=1e-3, noise=0.1
    )
    np.testing.assert_allclose(found.test_error, [1.01, 0.01], rtol=2e-3)


def test_the_equation_of_kappa(spectrum):
    sizes = np.array([10, 100, 1000.0])
    found = predicted_learning_curve(sizes, spectrum, POWERS, alpha=0.01)
    shares = spectrum.eigenvalues / (spectrum.eigenvalues + found.kappa[:, None])
    total = shares @ spectrum.multiplicities + (0.01 + spectrum.remainder) / found.kappa
    np.testing.assert_allclose(total, sizes, rtol=1e-10)
    assert (np.diff(found.kappa) < 0).all()


def test_a_list_of_all_eigenvalues_is_the_same(spectrum):
    numbers = spectrum.multiplicities[:4].astype(int)
    values = np.repeat(spectrum.eigenvalues[:4], numbers)
    powers = np.repeat(np.array(POWERS[:4]) / numbers, numbers)
    cut = spectrum._replace(
        eigenvalues=spectrum.eigenvalues[:4], multiplicities=spectrum.multiplicities[:4]
    )
    whole = predicted_learning_curve(100, cut, POWERS[:4])
    alone = predicted_learning_curve(100, values, powers, alpha=spectrum.remainder)
    np.testing.assert_allclose(alone.test_error, whole.test_error)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"eigenvalues": [0.0, 0]}, "All eigenvalues are 0"),
        ({"eigenvalues": [1.0, -1]}, "eigenvalues must be a list"),
        ({"target_powers": [1.0]}, "has 1 entries, but there are 2 eigenvalues"),
        ({"target_powers": [1.0, -1]}, "target_powers must be a list"),
        ({"n_samples": [0, 5]}, "n_samples must be positive"),
        ({"alpha": -1.0}, "'alpha' parameter"),
        ({"target_powers": [1.0, np.nan]}, "NaN"),
    ],
)
def test_bad_input(given, message):
    usual = {"n_samples": [5], "eigenvalues": [1.0, 0.5], "target_powers": [1.0, 1]}
    with pytest.raises(ValueError, match=message):
        predicted_learning_curve(**usual | given)
