"""What the network sees of X, and the linear fit, against scikit-learn and formulas."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._inputs import fit_inputs, fit_linear_part


def problem(n_samples=300, n_features=4, n_targets=2, weighted=True, seed=0):
    """Correlated columns, linear targets with noise, and uneven weights."""
    rng = np.random.default_rng(seed)
    turn = rng.standard_normal((n_features, n_features))
    X = rng.standard_normal((n_samples, n_features)) @ turn + 3
    y = X @ rng.standard_normal((n_features, n_targets)) + 5
    y += rng.standard_normal(y.shape)
    return Samples.of(X, y, rng.uniform(0.2, 3, n_samples) if weighted else None)


def test_without_whitening_inputs_are_x_itself():
    samples = problem()
    inputs = fit_inputs(samples, None)
    assert inputs.of(samples.X) is samples.X
    assert inputs.standardised(samples.X) is samples.X


def test_standardised_columns_are_scikit_learns():
    samples = problem()
    found = fit_inputs(samples, "ridge").standardised(samples.X)
    scaler = StandardScaler().fit(samples.X, sample_weight=samples.weight)
    expected = scaler.transform(samples.X)
    assert np.abs(expected).max() < 5  # beyond which they are clipped
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_wild_entries_are_clipped():
    samples = problem(weighted=False)
    inputs = fit_inputs(samples, "ridge")
    z = inputs.standardised(np.full((1, 4), 1e90))
    np.testing.assert_allclose(z, 5)


def test_whitened_inputs_have_a_mean_variance_of_one():
    samples = problem()
    z = fit_inputs(samples, "ridge").of(samples.X)
    assert np.trace(np.cov(z.T, aweights=samples.share, ddof=0)) == pytest.approx(4)
    np.testing.assert_allclose(samples.share @ z, 0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("whiten", ["ridge", None])
def test_inputs_keep_their_float_type(whiten, dtype):
    samples = problem()
    X = samples.X.astype(dtype)
    assert fit_inputs(samples.at(X), whiten).of(X).dtype == dtype


@pytest.mark.parametrize("unit", [1e-200, 50.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(unit):
    samples = problem()
    other = Samples.of(samples.X, samples.targets, unit * samples.weight)
    one, two = (fit_inputs(s, "ridge") for s in (samples, other))
    np.testing.assert_allclose(one.of(samples.X), two.of(samples.X), atol=1e-9)
    one, two = (fit_linear_part(s, "ridge") for s in (samples, other))
    np.testing.assert_allclose(one.coef, two.coef, rtol=1e-9)
    np.testing.assert_allclose(one.error, two.error, rtol=1e-9)


def test_the_linear_part_is_ridge_regression_at_the_best_penalty():
    """By generalised cross-validation with the trace of the hat matrix, on a grid."""
    samples = problem(n_targets=1)
    X, y, weight = samples.X, samples.targets[:, 0], samples.weight
    root = np.sqrt(weight / 300)[:, None]
    values = np.linalg.svd(root * (X - samples.share @ X), compute_uv=False) ** 2 * 300
    fits, errors = [], []
    for alpha in np.geomspace(1e-4, 1e4, 800):
        fits.append(Ridge(alpha).fit(X, y, weight))
        free = 1 - (1 + (values / (values + alpha)).sum()) / 300
        errors.append(samples.share @ (y - fits[-1].predict(X)) ** 2 / free**2)
    found = fit_linear_part(samples, "ridge")
    # On the path of ridge fits, with the error of its place there.
    coefs = np.array([fit.coef_ for fit in fits])
    distances = np.abs(coefs - found.coef[:, 0]).max(axis=1)
    assert distances.min() < 1e-2
    assert found.error[0] == pytest.approx(errors[distances.argmin()], rel=1e-3)
    assert found.error[0] < 1.005 * min(errors)  # the grid is coarse
    residual = y - X @ found.coef[:, 0] - found.intercept
    np.testing.assert_allclose(found.residual(samples)[:, 0], residual, atol=1e-12)


def test_moments_are_those_of_the_paper():
    samples = problem(weighted=False)
    found = fit_linear_part(samples, "moment")
    centred = samples.targets - samples.targets.mean(axis=0)
    expected = samples.X.T @ centred / 300
    np.testing.assert_allclose(found.coef, expected)
    np.testing.assert_allclose(found.intercept, samples.targets.mean(axis=0))
    assert found.error is None


def test_without_a_linear_part_the_mean_is_left():
    samples = problem()
    found = fit_linear_part(samples, None)
    np.testing.assert_array_equal(found.coef, 0)
    np.testing.assert_array_equal(found.intercept, samples.mean)
    np.testing.assert_allclose(samples.share @ found.residual(samples), 0, atol=1e-12)
