"""Polynomial regression against planted polynomials, least squares and the theory."""

from math import comb

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import erf
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth._math._hermite import hermite_sum, hermite_values
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.features import HermiteFeatures

rng = np.random.default_rng(0)
X = rng.normal([3, 0, -1, 10], [1, 2, 0.1, 5], (200, 4))
y = X[:, 0] * X[:, 3] - X[:, 1] ** 2 + rng.standard_normal(200)
Y = np.column_stack([y, 50 * X[:, 2] + 3])
X_new = rng.normal([3, 0, -1, 10], [1, 2, 0.1, 5], (50, 4))


@pytest.mark.parametrize("alpha", ["gcv", 0])
@pytest.mark.parametrize("degree", [1, 3])
def test_a_planted_polynomial_is_recovered(alpha, degree):
    """Without noise to the last digits, coefficient by coefficient."""
    X, y, truth = make_multi_index(
        300,
        4,
        n_directions=4,
        directions=np.eye(4),
        degree=degree,
        return_truth=True,
        random_state=0,
    )
    model = HermitePolynomialRegressor(degree, scaling=None, alpha=alpha).fit(X, y)
    atol = 1e-8 if alpha == "gcv" else 1e-12
    np.testing.assert_allclose(model.coef_, truth.coefficients, atol=atol)
    assert model.intercept_ == pytest.approx(0, abs=atol)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_without_a_penalty_it_is_least_squares_on_monomials(degree):
    scaler = StandardScaler().fit(X)
    monomials = PolynomialFeatures(degree, include_bias=False)
    least_squares = make_pipeline(scaler, monomials, LinearRegression())
    expected = least_squares.fit(X, Y).predict(X_new)
    for scaling in ("standardize", None):
        model = HermitePolynomialRegressor(degree, scaling=scaling, alpha=0)
        model.fit(scaler.transform(X), Y)
        found = model.predict(scaler.transform(X_new))
        np.testing.assert_allclose(found, expected, rtol=1e-8)


@pytest.mark.parametrize("alpha", ["gcv", 0.3])
@pytest.mark.parametrize("n_samples", [20, 34, 35, 200])  # there are 34 products
def test_it_is_ridge_on_the_features(alpha, n_samples):
    """Kernel matrix of few rows, or sums over many: the same ridge regression."""
    X_fit, Y_fit = X[:n_samples], Y[:n_samples]
    weight = np.random.default_rng(1).uniform(0.2, 3, n_samples)
    model = HermitePolynomialRegressor(alpha=alpha).fit(X_fit, Y_fit, weight)
    features = HermiteFeatures().fit(X_fit, sample_weight=weight)
    ridge = Ridge(model.alpha_, solver="svd")
    ridge.fit(features.transform(X_fit), Y_fit, sample_weight=weight)
    np.testing.assert_allclose(model.coef_, ridge.coef_, atol=1e-6)
    expected = ridge.predict(features.transform(X_new))
    np.testing.assert_allclose(model.predict(X_new), expected, rtol=1e-6, atol=1e-6)


def test_blocks_of_rows_make_no_difference():
    many = np.random.default_rng(1).standard_normal((40_000, 4))
    target = many[:, 0] * many[:, 1] + np.random.default_rng(2).standard_normal(40_000)
    model = HermitePolynomialRegressor(4, alpha=5.0).fit(many, target)
    features = HermiteFeatures(4).fit_transform(many)
    ridge = Ridge(5.0, solver="cholesky").fit(features, target)
    np.testing.assert_allclose(model.coef_, ridge.coef_, atol=1e-10)
    np.testing.assert_allclose(model.predict(many), ridge.predict(features), atol=1e-9)


def test_gcv_finds_a_penalty_that_generalises():
    test = np.random.default_rng(3).normal([3, 0, -1, 10], [1, 2, 0.1, 5], (5000, 4))
    truth = test[:, 0] * test[:, 3] - test[:, 1] ** 2
    errors = {
        alpha: np.mean(
            (HermitePolynomialRegressor(4, alpha=alpha).fit(X, y).predict(test) - truth)
            ** 2
        )
        for alpha in ["gcv", *np.geomspace(1e-4, 1e4, 17)]
    }
    assert errors["gcv"] < 1.3 * min(errors.values())


def test_weights_are_repetition():
    times = np.random.default_rng(1).integers(0, 4, 200)
    weighted = HermitePolynomialRegressor().fit(X, y, sample_weight=times)
    repeated = HermitePolynomialRegressor().fit(
        np.repeat(X, times, axis=0), np.repeat(y, times)
    )
    assert weighted.alpha_ == pytest.approx(repeated.alpha_, rel=1e-8)
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-7)


def test_units_of_measurement_do_not_matter():
    moved = X * [1e-6, 3, 1, 1e6] + [5, 0, 1e3, 0]
    expected = HermitePolynomialRegressor().fit(X, y).predict(X_new)
    moved_new = X_new * [1e-6, 3, 1, 1e6] + [5, 0, 1e3, 0]
    found = HermitePolynomialRegressor().fit(moved, 1e5 * y).predict(moved_new)
    np.testing.assert_allclose(found / 1e5, expected, atol=1e-5)


def activation(z):
    """erf(z / sqrt2), to mean square 1 under N(0, 1)."""
    nodes, weights = hermegauss(200)
    square = weights @ erf(nodes / np.sqrt(2)) ** 2 / weights.sum()
    return erf(z / np.sqrt(2)) / np.sqrt(square)


def tail(degree):
    """The eps_sigma(n) of Daniely, Srebro and Vardi, and the series cut at n."""
    nodes, weights = hermegauss(200)
    h = hermite_values(nodes, degree)
    series = h @ (weights / weights.sum() * activation(nodes))
    return np.sqrt(1 - np.sum(series**2)), series


@pytest.mark.parametrize(
    ("degree", "eps"), [(2, 0.212), (4, 0.073), (8, 0.0118), (16, 4.6e-4)]
)
def test_tails_of_the_theory(degree, eps):
    assert tail(degree)[0] == pytest.approx(eps, rel=0.02)


def test_shadow_networks_err_by_the_tail():
    """On the sphere, E (Psi - Phi_n)² over depth-2 networks is eps_sigma(n)²."""
    d, width, n_networks = 30, 200, 400
    rng = np.random.default_rng(0)
    x = np.sqrt(d) * random_directions(1, d, rng)[0]
    z = rng.standard_normal((n_networks, width, d)) @ x / np.sqrt(d)
    outer = rng.standard_normal((n_networks, width)) / np.sqrt(width)
    for degree in (2, 4):
        eps, series = tail(degree)
        gap = (outer * (activation(z) - hermite_sum(z, series))).sum(axis=1)
        assert np.sqrt(np.mean(gap**2)) == pytest.approx(eps, rel=0.12)


def test_a_random_network_is_nearly_a_polynomial():
    """Corollary 1.2: regression does at least as well as the shadow network."""
    d, rng = 8, np.random.default_rng(0)
    inner = rng.standard_normal((300, d)) / np.sqrt(d)
    outer = rng.standard_normal(300) / np.sqrt(300)
    sphere = np.sqrt(d) * random_directions(9000, d, rng)
    target = activation(sphere @ inner.T) @ outer
    errors = []
    for degree in (1, 3):
        model = HermitePolynomialRegressor(degree, scaling="sphere")
        model.fit(sphere[:6000], target[:6000])
        gap = model.predict(sphere[6000:]) - target[6000:]
        errors.append(np.sqrt(np.mean(gap**2)))
        assert errors[-1] < tail(degree)[0]
    assert errors[1] < errors[0] / 2


def test_too_many_products_are_refused_before_they_are_listed():
    with pytest.raises(MemoryError, match=rf"makes {comb(212, 12) - 1:,} columns"):
        HermitePolynomialRegressor(12).fit(np.zeros((5, 200)), np.zeros(5))


def test_interpolation_without_a_penalty():
    model = HermitePolynomialRegressor(alpha=0).fit(X[:20], y[:20])
    np.testing.assert_allclose(model.predict(X[:20]), y[:20], atol=1e-8)


def test_overflow_is_refused_with_advice():
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*StandardScaler.*lower the degree"),
    ):
        HermitePolynomialRegressor(scaling=None).fit(1e60 * X, y)


def test_heavy_tails_do_not_take_off():
    rng = np.random.default_rng(0)
    X = rng.standard_t(2, size=(1500, 6))
    y = np.tanh(X[:, 0]) * X[:, 1] + 0.1 * rng.standard_normal(1500)
    model = HermitePolynomialRegressor().fit(X[:1000], y[:1000])
    extremes = np.vstack([X[1000:], 1e6 * np.eye(6)])
    assert abs(model.predict(extremes)).max() < 100 * abs(y).max()
