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
from sklearn_depth.kernels import hermite_kernel

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
        HermitePolynomialRegressor(12, solver="primal").fit(
            np.zeros((5, 200)), np.zeros(5)
        )


def test_interpolation_without_a_penalty():
    model = HermitePolynomialRegressor(alpha=0).fit(X[:20], y[:20])
    np.testing.assert_allclose(model.predict(X[:20]), y[:20], atol=1e-8)


def test_overflow_is_refused_with_advice():
    with (
        pytest.warns(UserWarning, match="beside its square"),
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


@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
@pytest.mark.parametrize("alpha", [0.3, "gcv"])
@pytest.mark.parametrize("n_samples", [25, 60])  # there are 34 products
def test_primal_and_dual_are_one_fit(scaling, alpha, n_samples):
    rng = np.random.default_rng(1)
    data, weight = rng.standard_normal((100, 4)), rng.uniform(0.2, 3, n_samples)
    target = np.column_stack([data[:, 0] * data[:, 1], data[:, 2]])
    target += 0.3 * rng.standard_normal((100, 2))
    primal, dual = (
        HermitePolynomialRegressor(scaling=scaling, alpha=alpha, solver=solver).fit(
            data[:n_samples], target[:n_samples], weight
        )
        for solver in ("primal", "dual")
    )
    np.testing.assert_allclose(dual.alpha_, primal.alpha_, rtol=1e-8)
    np.testing.assert_allclose(dual.coef_, primal.coef_, atol=1e-8)
    np.testing.assert_allclose(dual.predict(data), primal.predict(data), atol=1e-8)


def test_products_that_are_not_listed_are_the_same_products(monkeypatch):
    listed = HermitePolynomialRegressor(solver="dual").fit(X[:30], Y[:30])
    monkeypatch.setattr("sklearn_depth._hermite._regressor._MOST_LISTED", 10)
    unlisted = HermitePolynomialRegressor().fit(X[:30], Y[:30])
    assert not hasattr(unlisted, "coef_")
    assert unlisted.dual_coef_.shape == (30, 2)
    np.testing.assert_allclose(unlisted.predict(X_new), listed.predict(X_new))
    one = HermitePolynomialRegressor().fit(X[:30], y[:30])
    assert one.dual_coef_.shape == (30,)
    np.testing.assert_allclose(one.predict(X_new), listed.predict(X_new)[:, 0])
    monkeypatch.undo()
    assert hasattr(one.fit(X[:30], y[:30]), "coef_")
    assert not hasattr(one, "dual_coef_")


def test_a_cubic_in_a_thousand_columns():
    """167 million products; the fit is a 300 x 300 system, found by hand."""
    data = np.random.default_rng(0).standard_normal((400, 1000))
    target = data[:, 0] + data @ np.ones(1000) / 20
    model = HermitePolynomialRegressor(3, scaling=None, alpha=1e6)
    model.fit(data[:300], target[:300])
    kernel = hermite_kernel(data, data[:300], degree=3)
    centred = kernel[:300] - kernel[:300].mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    residual = target[:300] - target[:300].mean()
    dual = np.linalg.solve(centred + 1e6 * np.eye(300), residual)
    np.testing.assert_allclose(model.dual_coef_, dual, rtol=1e-6, atol=1e-12)
    linear = HermitePolynomialRegressor(1, scaling=None).fit(data[:300], target[:300])
    assert linear.score(data[300:], target[300:]) > 0.2


@pytest.mark.parametrize("alpha", [0.3, "gcv"])
@pytest.mark.parametrize("sizes", [[400], [1, 99, 300], [57] * 7 + [1]])
def test_batches_are_one_fit(alpha, sizes):
    rng = np.random.default_rng(0)
    data, weight = rng.standard_normal((400, 3)), rng.uniform(0.2, 3, 400)
    target = np.column_stack([data[:, 0] ** 2, data[:, 1]]) + rng.normal(size=(400, 2))
    model = HermitePolynomialRegressor(scaling=None, alpha=alpha, solver="primal")
    batches = np.split(np.arange(400), np.cumsum(sizes)[:-1])
    for rows in batches:
        model.partial_fit(data[rows], target[rows], weight[rows])
    whole = HermitePolynomialRegressor(scaling=None, alpha=alpha, solver="primal")
    whole.fit(data, target, weight)
    np.testing.assert_allclose(model.alpha_, whole.alpha_, rtol=1e-10)
    np.testing.assert_allclose(model.coef_, whole.coef_, atol=1e-10)
    np.testing.assert_allclose(model.intercept_, whole.intercept_, atol=1e-10)


def test_the_first_batch_sets_the_scaling():
    model = HermitePolynomialRegressor(2, alpha=1.0)
    model.partial_fit(X[:50], y[:50]).partial_fit(X[50:], y[50:])
    features = HermiteFeatures(2).fit(X[:50])
    ridge = Ridge(1.0).fit(features.transform(X), y)
    np.testing.assert_allclose(model.coef_, ridge.coef_, rtol=1e-8)
    fresh = HermitePolynomialRegressor(2, alpha=1.0).fit(X, y)
    np.testing.assert_array_equal(model.fit(X, y).coef_, fresh.coef_)
    again = model.partial_fit(X[:50], y[:50]).coef_
    assert (again != fresh.coef_).any()


def test_batches_must_match():
    model = HermitePolynomialRegressor(2).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y has shape \(200, 2\).*Call fit to begin"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match=r"3 features.*expecting 4"):
        model.partial_fit(X[:, :3], y)
    dual = HermitePolynomialRegressor(solver="dual")
    assert not hasattr(dual, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit") as refusal:
        dual.partial_fit(X, y)
    assert 'solver="dual" does not use' in str(refusal.value.__cause__)


def test_sobol_indices_of_a_polynomial():
    """Of 2 z0 + 3 h2(z1) + z0 z2, in closed form: variances 4, 9 and 1."""
    data = np.random.default_rng(0).standard_normal((300, 4))
    square = (data[:, 1] ** 2 - 1) / np.sqrt(2)
    target = 2 * data[:, 0] + 3 * square + data[:, 0] * data[:, 2]
    model = HermitePolynomialRegressor(2, scaling=None, alpha=0).fit(data, target)
    indices = model.sobol_indices()
    expected = np.array([4, 9, 0, 0]) / 14
    np.testing.assert_allclose(indices.first_order, expected, atol=1e-12)
    np.testing.assert_allclose(indices.total, np.array([5, 9, 1, 0]) / 14, atol=1e-12)
    both = np.column_stack([target, data[:, 3]])
    several = HermitePolynomialRegressor(2, scaling=None, alpha=0).fit(data, both)
    assert several.sobol_indices().total.shape == (2, 4)
    np.testing.assert_allclose(
        several.sobol_indices().total[1], [0, 0, 0, 1], atol=1e-9
    )


def test_sobol_indices_of_ishigami():
    """sin z1 + 7 sin² z2 + .1 z3⁴ sin z1 under N(0, I), against its closed form."""
    z = np.random.default_rng(0).standard_normal((6000, 3))
    target = np.sin(z[:, 0]) * (1 + 0.1 * z[:, 2] ** 4) + 7 * np.sin(z[:, 1]) ** 2
    model = HermitePolynomialRegressor(12, scaling=None, max_interaction=2)
    indices = model.fit(z, target).sobol_indices()
    variance_of_sine = (1 - np.exp(-2)) / 2
    first = (1 + 3 * 0.1) ** 2 * variance_of_sine
    second = 7**2 / 4 * ((1 + np.exp(-8)) / 2 - np.exp(-4))
    joint = 0.1**2 * 96 * variance_of_sine
    variance = first + second + joint
    expected = np.array([first, second, 0]) / variance
    np.testing.assert_allclose(indices.first_order, expected, atol=0.02)
    expected = np.array([first + joint, second, joint]) / variance
    np.testing.assert_allclose(indices.total, expected, atol=0.02)


def test_constant_fits_have_no_sobol_indices():
    model = HermitePolynomialRegressor(2).fit(X, np.ones(200))
    assert np.isnan(model.sobol_indices().total).all()


def test_a_bad_batch_leaves_the_sums_as_they_were():
    good, poisoned = (
        HermitePolynomialRegressor(2, scaling=None, alpha=1.0) for _ in range(2)
    )
    good.partial_fit(X, y)
    for _ in range(2):  # as the first batch, and later
        with pytest.warns(UserWarning), pytest.raises(ValueError, match="overflow"):
            poisoned.partial_fit(1e90 * X, y)
        poisoned.partial_fit(X, y)
    np.testing.assert_allclose(poisoned.coef_, good.partial_fit(X, y).coef_)


def test_large_weights_do_not_ask_for_a_gram_matrix_that_does_not_fit():
    wide = np.random.default_rng(0).standard_normal((60, 90))
    weighted = HermitePolynomialRegressor(alpha=1.0)
    weighted.fit(wide, wide[:, 0], np.full(60, 3000.0))
    assert weighted.dual_coef_.shape == (60,)
    with pytest.raises(MemoryError, match="makes 129,765 columns"):
        HermitePolynomialRegressor(solver="primal", alpha=1.0).fit(wide, wide[:, 0])
    with pytest.raises(AttributeError, match="129,765 products are too many"):
        weighted.sobol_indices()
