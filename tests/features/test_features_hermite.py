"""Hermite features against quadrature, scikit-learn and their own names."""

import time
from math import comb, factorial, sqrt

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermeval
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sklearn_depth._math._samples import Samples
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils import _memory

rng = np.random.default_rng(0)
X = rng.normal([3, 0, -1, 10], [1, 2, 0.1, 5], (200, 4))


def products(z, powers):
    """The products of univariate Hermite polynomials, by NumPy."""
    columns = []
    for exponents in powers:
        factors = [
            hermeval(z[:, j], np.eye(e + 1)[e]) / sqrt(factorial(e))
            for j, e in enumerate(exponents)
        ]
        columns.append(np.prod(factors, axis=0))
    return np.column_stack(columns)


def test_orthonormal_by_quadrature():
    nodes, weights = hermegauss(8)
    grid = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    density = np.outer(weights, weights).ravel() / (2 * np.pi)
    features = HermiteFeatures(6, scaling=None).fit_transform(grid)
    gram = (features * density[:, None]).T @ features
    np.testing.assert_allclose(gram, np.eye(27), atol=1e-12)


def test_nearly_orthonormal_on_gaussian_samples():
    data = np.random.default_rng(1).normal([5, -2, 0], [10, 1, 0.1], (100_000, 3))
    features = HermiteFeatures(3).fit_transform(data)
    gram = features.T @ features / len(data)
    np.testing.assert_allclose(gram, np.eye(19), atol=0.08)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.015)


@pytest.mark.parametrize("degree", [1, 2, 5])
def test_values(degree):
    hermite = HermiteFeatures(degree)
    expected = products(
        StandardScaler().fit_transform(X), hermite.fit(X).powers_.tolist()
    )
    np.testing.assert_allclose(hermite.transform(X), expected, atol=1e-9)


def test_powers_are_those_of_polynomial_features():
    hermite = HermiteFeatures(4).fit(X)
    reference = PolynomialFeatures(4, include_bias=False).fit(X)
    np.testing.assert_array_equal(hermite.powers_, reference.powers_)
    assert hermite.n_output_features_ == comb(8, 4) - 1


def test_truncation():
    hyperbolic = HermiteFeatures(9, truncation="hyperbolic").fit(X).powers_
    total = HermiteFeatures(9).fit(X).powers_
    kept = np.sqrt(total).sum(axis=1) <= 3 + 1e-9
    assert {*map(tuple, hyperbolic.tolist())} == {*map(tuple, total[kept].tolist())}
    pairs = HermiteFeatures(3, max_interaction=2).fit(X).powers_
    assert (np.count_nonzero(pairs, axis=1) <= 2).all()
    assert len(pairs) == 4 * 3 + 6 * 3  # powers, and xy, x²y, xy² of each pair


def test_names_say_the_powers():
    names = HermiteFeatures(3).fit(X).get_feature_names_out([*"abcd"])
    powers = HermiteFeatures(3).fit(X).powers_
    for name, exponents in zip(names, powers, strict=True):
        factors = [f"He{e}({c})" for c, e in zip("abcd", exponents, strict=True) if e]
        assert name == " ".join(factors)


def test_the_sphere():
    hermite = HermiteFeatures(2, scaling="sphere").fit(X)
    features = hermite.transform(X)
    np.testing.assert_allclose((features[:, :4] ** 2).sum(axis=1), 4)
    z = StandardScaler().fit_transform(X)
    z *= 2 / np.linalg.norm(z, axis=1, keepdims=True)
    np.testing.assert_allclose(features, products(z, hermite.powers_), atol=1e-12)
    along_rays = hermite.mean_ + 7 * (X - hermite.mean_)
    np.testing.assert_allclose(hermite.transform(along_rays), features, atol=1e-12)
    assert np.isfinite(hermite.transform(hermite.mean_[None])).all()


def test_standardised_features_do_not_depend_on_units():
    expected = HermiteFeatures(3).fit_transform(X)
    moved = X * [1e-6, -3, 1, 1e6] + [5, 0, 1e3, 0]
    signs = np.array([1, -1, 1, 1]) ** HermiteFeatures(3).fit(X).powers_
    found = HermiteFeatures(3).fit_transform(moved)
    np.testing.assert_allclose(found, expected * signs.prod(axis=1), atol=1e-8)


def test_weights_are_repetition():
    times = np.random.default_rng(1).integers(0, 4, 200)
    weighted = HermiteFeatures().fit(X, sample_weight=times)
    repeated = HermiteFeatures().fit(np.repeat(X, times, axis=0))
    np.testing.assert_allclose(weighted.mean_, repeated.mean_, rtol=1e-12)
    np.testing.assert_allclose(weighted.scale_, repeated.scale_, rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e8 / 3])
def test_constant_columns_are_zeros(value):
    data = np.column_stack([X[:, 0], np.full(200, value)])
    hermite = HermiteFeatures(2)
    features = hermite.fit_transform(data)
    assert hermite.scale_[1] == 1
    with_constant = hermite.powers_[:, 1] > 0
    expected = np.where(hermite.powers_[with_constant, 1] == 2, -sqrt(0.5), 0)
    np.testing.assert_allclose(
        features[:, with_constant], np.tile(expected, (200, 1)), atol=1e-6
    )


def test_a_constant_column_is_not_taken_for_its_rounding():
    data = np.full((300_000, 1), 0.1)
    np.testing.assert_array_equal(HermiteFeatures(1).fit(data).scale_, 1)


def test_float32_with_a_large_mean_keeps_its_digits():
    single = (X + 1000).astype(np.float32)
    found = HermiteFeatures(3).fit_transform(single)
    expected = HermiteFeatures(3).fit_transform(single.astype(float))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_blocks_of_rows_make_no_difference():
    data = np.random.default_rng(1).standard_normal((40_000, 4))
    hermite = HermiteFeatures(4).fit(data)
    features = hermite.transform(data)
    rows = [0, 1, 29_957, 29_958, 29_959, 39_999]
    np.testing.assert_array_equal(features[rows], hermite.transform(data[rows]))


def test_too_many_products_are_refused_before_they_are_listed():
    count, start = comb(212, 12) - 1, time.perf_counter()
    message = (
        rf"degree=12 with total truncation makes {count:,} columns.* GiB; this process "
        r'may have .* GiB\. Lower degree or max_interaction.*truncation="hyperbolic"'
    )
    with pytest.raises(MemoryError, match=message):
        HermiteFeatures(12).fit(np.zeros((2, 200)))
    assert time.perf_counter() - start < 1


def test_too_many_rows_are_refused_before_they_are_made(monkeypatch):
    hermite = HermiteFeatures(3).fit(X)
    n_bytes = 8 * 200 * hermite.n_output_features_
    monkeypatch.setattr(_memory, "memory_limit", lambda: n_bytes)
    hermite.transform(X)
    monkeypatch.setattr(_memory, "memory_limit", lambda: n_bytes - 1)
    with pytest.raises(MemoryError, match=r"makes 34 columns, which need 0\.0 GiB"):
        hermite.transform(X)


@pytest.mark.parametrize("value", [1e6, -1e6])
def test_a_wild_entry_is_warned_of_without_scaling(value):
    data = np.random.default_rng(0).standard_normal((50, 3))
    data[7, 1] = value
    message = r"entry of size 1e\+06.*degree 3 is 4\.08e\+17.*scaling=\"standardize\""
    with pytest.warns(UserWarning, match=message):
        HermiteFeatures(scaling=None).fit(data)
    for scaling in ("standardize", "sphere"):
        features = HermiteFeatures(scaling=scaling).fit_transform(data)
        assert abs(features).max() < 100


@pytest.mark.parametrize("degree", [1, 2, 3, 8, 12])
def test_the_warning_begins_where_a_square_drowns_ones(degree):
    """By bisection of |h_D(x)| = 1 / sqrt(eps), with NumPy's h_D."""
    series = np.eye(degree + 1)[degree] / sqrt(factorial(degree))
    low, high = 1.0, 1e9
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        drowns = hermeval(middle, series) > 2.0**26
        low, high = (low, middle) if drowns else (middle, high)
    data = np.zeros((5, 1))
    data[2] = 0.999 * low
    HermiteFeatures(degree, scaling=None).fit(data)
    data[2] = -1.001 * high
    with pytest.warns(UserWarning, match=f"degree {degree} is 6"):
        HermiteFeatures(degree, scaling=None).fit(data)


@pytest.mark.parametrize("degree", [1, 3, 10, 20, 30])
def test_gaussian_data_are_not_warned_of(degree):
    data = np.random.default_rng(0).standard_normal((100_000, 3))
    hermite = HermiteFeatures(degree, max_interaction=1, scaling=None)
    assert hermite.fit(data).n_output_features_ == 3 * degree


def test_entries_beyond_any_product_are_warned_of():
    """Where the polynomial itself overflows."""
    with pytest.warns(UserWarning, match=r"degree \d+ is inf"):
        HermiteFeatures(30, scaling=None).fit(np.full((5, 1), 1e90))


def test_a_refit_lists_its_own_products():
    hermite = HermiteFeatures().fit(X)
    assert hermite.transform(X).shape == (200, 34)
    narrow = hermite.fit(X[:, :2])
    expected = HermiteFeatures().fit(X[:, :2])
    np.testing.assert_array_equal(narrow.powers_, expected.powers_)
    found = narrow.transform(X[:, :2])
    np.testing.assert_array_equal(found, expected.transform(X[:, :2]))


def test_products_not_yet_listed_are_not_those_of_an_earlier_fit():
    hermite, expected = HermiteFeatures().fit(X), HermiteFeatures().fit(X[:, :2])
    samples = Samples.of(X[:, :2], np.empty((200, 0)))
    columns = {"n_features_in_": 2}
    hermite._fit_scales(samples, columns)  # as where the regressor does without a list
    np.testing.assert_array_equal(hermite.powers_, expected.powers_)


@pytest.mark.parametrize("unit", [1e-200, 3.0, 1e200])
def test_the_unit_of_weights_does_not_count(unit):
    weight = np.random.default_rng(1).uniform(0.5, 2, 200)
    expected = HermiteFeatures().fit(X, sample_weight=weight).transform(X)
    found = HermiteFeatures().fit(X, sample_weight=unit * weight).transform(X)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
def test_a_constant_column_moves_nothing(scaling):
    data = np.insert(X, 1, 0.1, axis=1)
    hermite = HermiteFeatures(scaling=scaling).fit(data)
    new = data.copy()
    new[:, 1] = 7
    np.testing.assert_array_equal(hermite.transform(new), hermite.transform(data))


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_sizes_whose_squares_leave_float64(size):
    with pytest.raises(ValueError, match=r"largest entry of X is .* in float64"):
        HermiteFeatures().fit(size * X)


def test_products_that_overflow_are_refused():
    hermite = HermiteFeatures(scaling=None).fit(X)
    new = X.copy()
    new[3, 1] = 1e160
    message = r"1 sample\(s\) of X overflow in float64.* X there is 1e\+160"
    with pytest.raises(ValueError, match=message):
        hermite.transform(new)


def test_a_refit_that_fails_leaves_the_old_fit(monkeypatch):
    hermite, fresh = HermiteFeatures().fit(X), HermiteFeatures()
    before = hermite.transform(X)

    def interrupt(self, n_columns, n_rows):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(HermiteFeatures, "_check_memory", interrupt)
        for estimator in (hermite, fresh):
            with pytest.raises(KeyboardInterrupt):
                estimator.fit(5 * X[:, :2] + 1)
    np.testing.assert_array_equal(hermite.transform(X), before)
    with pytest.raises(NotFittedError):
        fresh.transform(X)
