"""Polynomial regression against planted polynomials, least squares and the theory."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import erf
from scipy.stats import ortho_group
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth._hermite._sums import no_rows
from sklearn_depth._math._hermite import hermite_sum, hermite_values
from sklearn_depth._math._spheres import random_directions
from sklearn_depth._solvers.ridge._hermite_moments import HermiteMoments
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.kernels import hermite_kernel

rng = np.random.default_rng(0)
X = rng.normal([3, 0, -1, 10], [1, 2, 0.1, 5], (200, 4))
y = X[:, 0] * X[:, 3] - X[:, 1] ** 2 + rng.standard_normal(200)
Y = np.column_stack([y, 50 * X[:, 2] + 3])
X_new = rng.normal([3, 0, -1, 10], [1, 2, 0.1, 5], (50, 4))


@pytest.mark.parametrize("alpha", ["evidence", "auto", "loo", "gcv", 0])
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
    atol = {0: 1e-12, "gcv": 2e-8}.get(alpha, 1e-8)
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


@pytest.mark.parametrize("alpha", ["auto", "loo", "gcv", 0.3])
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


@pytest.mark.parametrize("word", ["evidence", "auto", "loo"])
def test_a_word_finds_a_penalty_that_generalises(word):
    test = np.random.default_rng(3).normal([3, 0, -1, 10], [1, 2, 0.1, 5], (5000, 4))
    truth = test[:, 0] * test[:, 3] - test[:, 1] ** 2
    errors = {
        alpha: np.mean(
            (HermitePolynomialRegressor(4, alpha=alpha).fit(X, y).predict(test) - truth)
            ** 2
        )
        for alpha in [word, *np.geomspace(1e-4, 1e4, 17)]
    }
    assert errors[word] < 1.3 * min(errors.values())


each_word = pytest.mark.parametrize("word", ["evidence", "auto", "loo", "gcv"])
each_size = pytest.mark.parametrize("n_samples", [25, 60, 200])  # there are 34 products


def refitted_errors(features, target, alpha):
    """Mean squares of what ridge fits without each row miss it by, less the best."""
    errors = np.empty(len(target))
    for row in range(len(target)):
        kept = np.arange(len(target)) != row
        ridge = Ridge(alpha, solver="svd").fit(features[kept], target[kept])
        errors[row] = target[row] - ridge.predict(features[[row]])[0]
    return np.mean(errors**2)


def gcv_errors(features, target, alpha):
    """By its definition, through the hat matrix."""
    hat = Ridge(alpha, solver="svd").fit(features, np.eye(len(target)))
    hat = hat.predict(features)
    free = 1 - np.trace(hat) / len(target)
    return np.mean((target - hat @ target) ** 2) / free**2


@pytest.mark.parametrize("solver", ["auto", "primal", "dual"])
@pytest.mark.parametrize(
    ("word", "n_samples", "error"),
    [
        ("loo", 25, refitted_errors),
        ("loo", 60, refitted_errors),
        ("loo", 160, refitted_errors),
        ("auto", 60, refitted_errors),
        ("auto", 141, gcv_errors),
        ("gcv", 25, gcv_errors),
        ("gcv", 60, gcv_errors),
        ("gcv", 160, gcv_errors),
    ],
)
def test_each_word_has_one_meaning(word, n_samples, error, solver):
    """ "loo" and "gcv" whatever the rows, "auto" with 14 products up to 140 rows."""
    rng = np.random.default_rng(3)  # of leverages and noise that keep the two apart
    data = rng.standard_t(1.5, (160, 4))
    target = np.tanh(data[:, 0]) * data[:, 1] / (1 + np.abs(data[:, 1]))
    noise = np.sqrt(1 + np.abs(data[:, 2])) * rng.standard_normal(160)
    data, target = data[:n_samples], (target + 0.3 * noise)[:n_samples]
    model = HermitePolynomialRegressor(2, alpha=word, solver=solver)
    features = HermiteFeatures(2).fit_transform(data)
    alpha = model.fit(data, target).alpha_
    factors = np.geomspace(1e-2, 1e2, 13)
    errors = [error(features, target, alpha * f) for f in factors]
    assert errors[6] <= 1.015 * min(errors)


@each_word
@each_size
@pytest.mark.parametrize("solver", ["auto", "primal", "dual"])
def test_rows_and_weights_that_say_the_same(word, n_samples, solver):
    """Each row as often as its weight, in any order; all twice; in any unit."""
    rng = np.random.default_rng(1)
    times = rng.integers(1, 4, n_samples)
    rows = rng.permutation(np.repeat(np.arange(n_samples), times))
    twice = rng.permutation(np.tile(np.arange(n_samples), 2))

    def fit(rows, weight, unit=1.0):
        model = HermitePolynomialRegressor(3, alpha=word, solver=solver)
        model.fit(X[rows], noisy[rows], weight)
        penalties = np.log(model.alpha_ / unit).T.reshape(-1, 2)
        return np.vstack([model.predict(X_new), penalties])

    # Without noise rounding would choose the penalty.
    noisy = Y + 0.1 * np.std(Y, axis=0) * rng.standard_normal(Y.shape)
    every = np.arange(n_samples)
    found = fit(every, times)
    options = {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(fit(rows, None), found, **options)
    np.testing.assert_allclose(fit(twice, times[twice], 2.0), found, **options)
    for unit in (1e-200, 1e-3, 5.0, 1e200):
        weights = np.full(len(rows), unit)
        np.testing.assert_allclose(fit(rows, weights, unit), found, **options)
        np.testing.assert_allclose(fit(every, unit * times, unit), found, **options)


@each_size
@pytest.mark.parametrize("solver", ["auto", "primal", "dual"])
def test_with_a_given_penalty_a_weight_is_that_many_rows(n_samples, solver):
    """As in scikit-learn's Ridge, on the features of those rows."""
    times = np.random.default_rng(1).integers(0, 4, n_samples)
    rows = np.repeat(np.arange(n_samples), times)
    features = HermiteFeatures().fit(X[rows])
    ridge = Ridge(0.7, solver="svd").fit(features.transform(X[rows]), Y[rows])
    expected = ridge.predict(features.transform(X_new))
    for data in ((X[:n_samples], Y[:n_samples], times), (X[rows], Y[rows])):
        model = HermitePolynomialRegressor(alpha=0.7, solver=solver).fit(*data)
        np.testing.assert_allclose(model.predict(X_new), expected, rtol=1e-6)
        np.testing.assert_array_equal(model.alpha_, [0.7, 0.7])


@each_word
@pytest.mark.parametrize("solver", ["auto", "primal", "dual"])
def test_weights_of_any_size_keep_columns_of_any_size(word, solver):
    """Their products would leave float64."""
    weight = np.random.default_rng(1).uniform(0.2, 3, 200)
    model = HermitePolynomialRegressor(2, alpha=word, solver=solver)
    expected = model.fit(X, Y, weight).predict(X_new)
    found = model.fit(1e45 * X, Y, 1e240 * weight).predict(1e45 * X_new)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    found = model.fit(1e-45 * X, Y, 1e-240 * weight).predict(1e-45 * X_new)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.3, "evidence", "auto", "loo", "gcv"])
@pytest.mark.parametrize("solver", ["auto", "primal", "dual"])
@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
@pytest.mark.parametrize("n_samples", [20, 60])
def test_columns_that_never_varied_move_no_prediction(
    alpha, solver, scaling, n_samples
):
    """What they would do was not learnt; others still move it."""
    rng = np.random.default_rng(0)
    data, new = rng.standard_normal((2, n_samples, 3))
    data[:, 1] = 4.2
    target = data[:, 0] * data[:, 2] + 0.1 * rng.standard_normal(n_samples)
    model = HermitePolynomialRegressor(alpha=alpha, solver=solver, scaling=scaling)
    model.fit(data, target)
    held = new.copy()
    held[:, 1] = 4.2
    expected = model.predict(held)
    np.testing.assert_array_equal(model.predict(new), expected)
    assert np.ptp(expected) > 0.1
    new[:, 1] = -1e6
    np.testing.assert_array_equal(model.predict(new), expected)


def test_columns_that_never_varied_do_not_where_no_product_is_listed(monkeypatch):
    monkeypatch.setattr("sklearn_depth._hermite._groups.MOST_LISTED", 10)
    data = X[:30].copy()
    data[:, 2] = 1.5
    model = HermitePolynomialRegressor().fit(data, y[:30])
    assert hasattr(model, "dual_coef_")
    moved = np.array([0, 0, 7, 0]) + data
    np.testing.assert_array_equal(model.predict(moved), model.predict(data))


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
        pytest.warns(UserWarning, match="next to its square"),
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
@pytest.mark.parametrize("alpha", [0.3, "evidence", "auto", "loo", "gcv"])
@pytest.mark.parametrize("n_samples", [25, 60])  # there are 34 products
def test_primal_and_dual_are_one_fit(scaling, alpha, n_samples):
    rng = np.random.default_rng(1)
    data, weight = rng.standard_normal((100, 4)), rng.uniform(0.2, 3, n_samples)
    target = np.column_stack([data[:, 0] * data[:, 1], data[:, 2]])
    target += 0.3 * rng.standard_normal((100, 2))
    primal, dual = (
        HermitePolynomialRegressor(3, scaling=scaling, alpha=alpha, solver=solver).fit(
            data[:n_samples], target[:n_samples], weight
        )
        for solver in ("primal", "dual")
    )
    np.testing.assert_allclose(dual.alpha_, primal.alpha_, rtol=1e-8)
    np.testing.assert_allclose(dual.coef_, primal.coef_, atol=1e-8)
    np.testing.assert_allclose(dual.predict(data), primal.predict(data), atol=1e-8)


def test_products_that_are_not_listed_are_the_same_products(monkeypatch):
    listed = HermitePolynomialRegressor(solver="dual").fit(X[:30], Y[:30])
    monkeypatch.setattr("sklearn_depth._hermite._groups.MOST_LISTED", 10)
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
    """sin z1 + 7 sin² z2 + 0.1 z3⁴ sin z1 under N(0, I), against its closed form."""
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


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e6])
@pytest.mark.parametrize("mean", [0.0, -6e4, 3e5])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_what_is_no_constant_has_sobol_indices(dtype, mean, unit):
    """The fit is one of targets that vary by more than the rounding of their mean."""
    Z = np.random.default_rng(0).standard_normal((300, 4)).astype(dtype)
    target = (unit * (mean + 3 * Z[:, 0] + 4 * Z[:, 1])).astype(dtype)
    model = HermitePolynomialRegressor(4, scaling=None).fit(Z, target)
    assert model.score(Z, target) > 0.999
    indices = model.sobol_indices()
    np.testing.assert_allclose(indices.total, [0.36, 0.64, 0, 0], atol=2e-3)


def test_large_weights_do_not_ask_for_a_gram_matrix_that_does_not_fit():
    wide = np.random.default_rng(0).standard_normal((60, 90))
    weighted = HermitePolynomialRegressor(alpha=1.0)
    weighted.fit(wide, wide[:, 0], np.full(60, 3000.0))
    assert weighted.dual_coef_.shape == (60,)
    with pytest.raises(MemoryError, match="makes 129,765 columns"):
        HermitePolynomialRegressor(solver="primal", alpha=1.0).fit(wide, wide[:, 0])
    with pytest.raises(AttributeError, match="129,765 products are too many"):
        weighted.sobol_indices()


@pytest.mark.parametrize(
    ("options", "sums"),
    [
        ({"degree": 1}, RidgeMoments),
        ({"degree": 2}, HermiteMoments),
        ({"degree": 5}, HermiteMoments),
        ({"degree": 3, "scaling": "sphere"}, HermiteMoments),
        ({"degree": 3, "max_interaction": 3}, HermiteMoments),
        ({"degree": 6}, RidgeMoments),
        ({"degree": 3, "max_interaction": 2}, RidgeMoments),
        ({"degree": 3, "truncation": "hyperbolic"}, RidgeMoments),
        ({"degree": 3, "scaling": None}, RidgeMoments),
    ],
    ids=str,
)
def test_fewer_sums_only_where_they_cost_no_digits(options, sums):
    """Total degree 2 to 5 with central columns: see the tests of HermiteGram."""
    assert type(no_rows(HermiteFeatures(**options).fit(X), 1)) is sums


@pytest.mark.parametrize("alpha", [0.3, 0])
@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("law", ["gaussian", "heavy tails", "signs"])
def test_it_shrinks_singular_directions_at_any_degree(alpha, degree, law):
    """Few sums or the Gram matrix, also where columns make it singular."""
    rng = np.random.default_rng(0)
    shape = 1500, 2
    data = rng.standard_t(2, shape) if law == "heavy tails" else rng.normal(size=shape)
    data = np.sign(data) if law == "signs" else data
    target = np.tanh(data[:, 0] * data[:, 1]) + 0.1 * rng.standard_normal(1500)
    weight = rng.uniform(0.2, 3, 1500)
    model = HermitePolynomialRegressor(degree, alpha=alpha).fit(data, target, weight)
    features = HermiteFeatures(degree).fit(data, sample_weight=weight).transform(data)
    means = (
        np.average(values, axis=0, weights=weight) for values in (features, target)
    )
    centred, residual = (
        (values - mean).T * np.sqrt(weight)
        for values, mean in zip((features, target), means, strict=True)
    )
    left, singular, _ = np.linalg.svd(centred.T, full_matrices=False)
    left, singular = (
        part[..., singular > 1e-9 * singular[0]] for part in (left, singular)
    )
    expected = left @ (singular**2 / (singular**2 + alpha) * (left.T @ residual))
    found = model.predict(data) - np.average(target, weights=weight)
    np.testing.assert_allclose(found * np.sqrt(weight), expected, atol=1e-8)


def with_a_wild_entry(value, n_samples=400):
    data = np.random.default_rng(0).standard_normal((n_samples, 3))
    target = data[:, 0] * data[:, 1] + data[:, 2]
    data[7, 1] = value
    return data, target


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("value", [1e6, -1e6])
def test_a_wild_entry_is_warned_of(fit, value):
    model = HermitePolynomialRegressor(3, scaling=None)
    message = r"entry of size 1e\+06.*degree 3 is 4\.08e\+17.*scaling=\"standardize\""
    with pytest.warns(UserWarning, match=message):
        getattr(model, fit)(*with_a_wild_entry(value))


def test_later_batches_are_warned_of_too():
    model = HermitePolynomialRegressor(scaling=None).partial_fit(*with_a_wild_entry(0))
    with pytest.warns(UserWarning, match=r"entry of size 1e\+06"):
        model.partial_fit(*with_a_wild_entry(1e6))


@pytest.mark.parametrize("scaling", ["standardize", "sphere"])
@pytest.mark.parametrize("value", [1e6, 1e90])
def test_with_scaling_a_wild_entry_does_little(scaling, value):
    data, target = with_a_wild_entry(value)
    model = HermitePolynomialRegressor(scaling=scaling).fit(data, target)
    assert abs(model.predict(data)).max() < 10 * abs(target).max()
    calm = HermitePolynomialRegressor(scaling=scaling).fit(*with_a_wild_entry(0))
    others = np.arange(400) != 7
    gap = model.predict(data[others]) - calm.predict(data[others])
    assert np.std(gap) < 0.1 * np.std(target)


@pytest.mark.parametrize("scaling", ["standardize", "sphere"])
def test_with_scaling_later_batches_may_be_wild(scaling):
    """Warnings are errors here."""
    model = HermitePolynomialRegressor(scaling=scaling)
    model.partial_fit(*with_a_wild_entry(0)).partial_fit(*with_a_wild_entry(1e6))
    assert abs(model.predict(with_a_wild_entry(1e6)[0])).max() < 100


@pytest.mark.parametrize("degree", [1, 3, 10, 20, 30])
def test_gaussian_data_are_not_warned_of(degree):
    """Warnings are errors here."""
    data = np.random.default_rng(0).standard_normal((20_000, 2))
    target = data[:, 0]
    model = HermitePolynomialRegressor(degree, max_interaction=1, scaling=None)
    assert model.fit(data, target).score(data, target) > 0.999


@pytest.mark.parametrize("scaling", ["standardize", None])
def test_large_targets_and_weights_are_no_overflow(scaling):
    data, target = with_a_wild_entry(0)
    model = HermitePolynomialRegressor(scaling=scaling, alpha=0)
    expected = model.fit(data, target).coef_
    large = model.fit(data, 1e99 * target, np.full(400, 1e130)).coef_
    np.testing.assert_allclose(large / 1e99, expected, atol=1e-9)


def test_the_basis_lists_its_products_when_it_is_asked(monkeypatch):
    monkeypatch.setattr("sklearn_depth._hermite._groups.MOST_LISTED", 10)
    model = HermitePolynomialRegressor(scaling=None).fit(X[:30], y[:30])
    assert not hasattr(model, "coef_")
    for n_features in (4, 2):
        model.fit(X[:9, :n_features], y[:9])
        degree = model.degree_
        listed = HermiteFeatures(degree, scaling=None).fit(X[:9, :n_features])
        found, expected = (
            features.transform(X_new[:, :n_features])
            for features in (model.features_, listed)
        )
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(model.features_.powers_, listed.powers_)
        names = model.features_.get_feature_names_out().tolist()
        assert names == listed.get_feature_names_out().tolist()


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_features=st.integers(2, 4),
    degree=st.integers(1, 3),
    solver=st.sampled_from(["auto", "primal", "dual"]),
)
def test_without_a_penalty_rotations_do_not_matter(seed, n_features, degree, solver):
    """Polynomials of a total degree are the same in any coordinates."""
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((200, n_features))
    target = np.sin(data @ rng.standard_normal(n_features)) + rng.standard_normal(200)
    rotation = ortho_group.rvs(n_features, random_state=rng)
    model = HermitePolynomialRegressor(degree, scaling=None, alpha=0, solver=solver)
    expected = model.fit(data, target).predict(data)
    found = model.fit(data @ rotation, target).predict(data @ rotation)
    np.testing.assert_allclose(found, expected, atol=1e-6 * abs(expected).max())


@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
@pytest.mark.parametrize("alpha", [0, 1e-3, "evidence", "auto", "loo", "gcv"])
@pytest.mark.parametrize("n_samples", [20, 60, 400])  # there are 34 products, and 19
def test_copies_of_a_column_do_no_harm(scaling, alpha, n_samples):
    """Without a penalty they change nothing where the sphere does not."""
    rng = np.random.default_rng(0)
    data = rng.standard_normal((2 * n_samples, 3))
    target = data[:, 0] * data[:, 1] + 0.1 * rng.standard_normal(2 * n_samples)
    copied = data[:, [0, 1, 2, 0]]
    model = HermitePolynomialRegressor(scaling=scaling, alpha=alpha)
    model.fit(copied[:n_samples], target[:n_samples])
    assert np.isfinite(model.coef_).all()
    assert abs(model.predict(copied)).max() < 20 * abs(target).max()
    if alpha == 0 and scaling != "sphere" and n_samples > 34:
        alone = HermitePolynomialRegressor(scaling=scaling, alpha=0)
        alone.fit(data[:n_samples], target[:n_samples])
        expected = alone.predict(data)
        np.testing.assert_allclose(model.predict(copied), expected, atol=1e-7)


@pytest.mark.parametrize("scaling", ["standardize", None])
@pytest.mark.parametrize("n_samples", [60, 400])
@pytest.mark.parametrize("value", [0.0, 0.1, 7.0])
def test_constant_columns_without_a_penalty_change_nothing(scaling, n_samples, value):
    rng = np.random.default_rng(0)
    data = rng.standard_normal((n_samples, 3))
    target = data[:, 0] * data[:, 1] + rng.standard_normal(n_samples)
    padded = np.column_stack([data, np.full(n_samples, value)])
    model = HermitePolynomialRegressor(scaling=scaling, alpha=0)
    expected = model.fit(data, target).predict(data)
    found = model.fit(padded, target).predict(padded)
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("alpha", [0, 1.0, "evidence", "auto", "loo", "gcv"])
@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
@pytest.mark.parametrize("n_samples", [5, 30, 400])
def test_where_all_columns_are_constant_the_fit_is_the_mean(alpha, scaling, n_samples):
    """Also away from the constant: nothing was learnt of what lies there."""
    data = np.zeros((n_samples, 2))
    target = 5 + np.random.default_rng(0).standard_normal(n_samples)
    model = HermitePolynomialRegressor(alpha=alpha, scaling=scaling).fit(data, target)
    away = np.random.default_rng(1).standard_normal((50, 2))
    np.testing.assert_allclose(model.predict(away), target.mean(), atol=1e-9)


@pytest.mark.parametrize("alpha", [0, 1.0, "evidence", "auto", "gcv"])
@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
def test_one_row(alpha, scaling):
    model = HermitePolynomialRegressor(2, alpha=alpha, scaling=scaling)
    with pytest.raises(ValueError, match=r"1 sample\(s\).* minimum of 2"):
        model.fit(X[:1], y[:1])
    model.partial_fit(X[:1], y[:1])
    np.testing.assert_allclose(model.predict(X[:1]), y[:1], rtol=1e-12)
    assert np.isfinite(model.predict(X_new)).all()


@pytest.mark.parametrize("alpha", [0, 0.1, "auto", "gcv"])
@pytest.mark.parametrize("n_samples", [2, 10, 33])  # there are 34 products
def test_fewer_rows_than_products_are_fitted_within_reason(alpha, n_samples):
    """Both ways; shrinkage bounds the coefficients by the shortest interpolant's."""
    shortest = HermitePolynomialRegressor(alpha=0).fit(X[:n_samples], y[:n_samples])
    np.testing.assert_allclose(
        shortest.predict(X[:n_samples]), y[:n_samples], rtol=1e-6
    )
    bound = np.linalg.norm(shortest.coef_) * (1 + 1e-6)
    for fit in ("fit", "partial_fit"):
        model = HermitePolynomialRegressor(alpha=alpha)
        getattr(model, fit)(X[:n_samples], y[:n_samples])
        assert np.linalg.norm(model.coef_) <= bound
