"""Means and deviations of columns, and the medians behind them, by their definition."""

import numpy as np
import pytest

from sklearn_depth._math._moments import (
    clipped_scores,
    column_bounds,
    column_moments,
    common_constants,
    constant_columns,
    deviation_of,
    scale_of,
)
from sklearn_depth._math._quantiles import weighted_median

each_length = pytest.mark.parametrize("n_samples", [1, 2, 3, 4, 7, 100, 101])


def draw(n_samples, n_columns=5, seed=0):
    """Heavy tails, of unlike scales and means."""
    rng = np.random.default_rng(seed)
    scales = 10.0 ** np.arange(-2, n_columns - 2)
    return (rng.standard_t(1, (n_samples, n_columns)) + 3) * scales


@each_length
@pytest.mark.parametrize("ties", [True, False])
def test_the_median_is_the_lower_one(n_samples, ties):
    values = np.round(draw(n_samples)) if ties else draw(n_samples)
    expected = np.sort(values, axis=0)[(n_samples - 1) // 2]
    np.testing.assert_array_equal(weighted_median(values), expected)
    for weight in (1.0, 0.1, 7.0):
        found = weighted_median(values, np.full(n_samples, weight))
        np.testing.assert_array_equal(found, expected)


@each_length
def test_odd_lengths_have_numpys_median(n_samples):
    values = draw(2 * n_samples + 1)
    np.testing.assert_array_equal(weighted_median(values), np.median(values, axis=0))


@pytest.mark.parametrize("seed", range(10))
def test_a_weight_is_that_many_rows_of_the_median(seed):
    rng = np.random.default_rng(seed)
    values, times = np.round(draw(20, seed=seed)), rng.integers(1, 4, 20)
    repeated = weighted_median(np.repeat(values, times, axis=0))
    np.testing.assert_array_equal(weighted_median(values, times), repeated)


def test_the_median_leaves_its_values_alone():
    values = draw(50)
    before = values.copy()
    weighted_median(values)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_moments_are_those_within_the_bounds(weighted, dtype):
    X = draw(300).astype(dtype)
    weight = np.random.default_rng(1).uniform(0.2, 3, 300) if weighted else None
    low, high = column_bounds(X, weight)
    pulled = np.clip(X.astype(float), low, high)
    assert (pulled != X).any(axis=0).all()
    expected = np.average(pulled, axis=0, weights=weight)
    variance = np.average((pulled - expected) ** 2, axis=0, weights=weight)
    mean, scale = column_moments(X, weight)
    np.testing.assert_allclose(mean, expected, rtol=1e-12)
    np.testing.assert_allclose(scale, np.sqrt(variance), rtol=1e-12)
    np.testing.assert_allclose(scale, scale_of(mean, variance, 300), rtol=1e-12)


def test_bounds_are_ten_robust_deviations():
    values = np.random.default_rng(0).normal(5, 3, (200_001, 2))
    low, high = column_bounds(values)
    np.testing.assert_allclose(low, 5 - 30, rtol=0.03)
    np.testing.assert_allclose(high, 5 + 30, rtol=0.03)


def test_half_constant_columns_have_no_bounds():
    values = np.where(np.arange(9)[:, None] < 5, 2.0, 1e9)
    low, high = column_bounds(values)
    np.testing.assert_array_equal([low, high], [[-np.inf], [np.inf]])
    np.testing.assert_allclose(column_moments(values)[0], values.mean(axis=0))


@pytest.mark.parametrize("value", [0.0, 0.1, -1e8 / 3])
@pytest.mark.parametrize("n_samples", [1, 10, 10_000])
def test_the_deviation_of_a_constant_is_one(value, n_samples):
    mean, scale = column_moments(np.full((n_samples, 2), value))
    np.testing.assert_allclose(mean, value, rtol=1e-12)
    np.testing.assert_array_equal(scale, 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_are_measured_apart(order):
    X = np.array(draw(150_000, 9), order=order)  # more than a few columns at a time
    found = column_moments(X)
    for j in (0, 6, 8):
        alone = column_moments(np.ascontiguousarray(X[:, [j]]))
        np.testing.assert_allclose(
            [found[0][j], found[1][j]], np.ravel(alone), rtol=1e-12
        )


def test_a_wild_entry_moves_little():
    X = np.random.default_rng(0).standard_normal((1000, 1))
    calm = column_moments(X)
    X[3] = 1e300
    wild = column_moments(X)
    np.testing.assert_allclose(wild, calm, atol=0.1)
    assert np.abs(clipped_scores(X, *wild)).max() == 5


@pytest.mark.parametrize("n_rows", [2, 4500, 10**6])
@pytest.mark.parametrize("mean", [1.0, -1e90, 1e-90])
def test_deviations_that_rounding_may_have_made_are_none(n_rows, mean):
    """Up to 4500 roundings of the mean, or as many as there are rows."""
    level = max(n_rows, 4500) * 2.0**-52 * abs(mean)
    deviations = level * np.array([0, 0.5, 0.999, 1.001, 1e3])
    found = deviation_of(np.full(5, mean), deviations**2, n_rows)
    np.testing.assert_allclose(found, [0, 0, 0, *deviations[3:]])
    expected = [1, 1, 1, *deviations[3:]]
    scale = scale_of(np.full(5, mean), deviations**2, n_rows)
    np.testing.assert_allclose(scale, expected)


def test_about_zero_any_deviation_counts():
    assert deviation_of(np.zeros(1), np.array([1e-180]), 10) == pytest.approx(1e-90)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_constant_columns_have_the_value_of_their_first_row(dtype):
    X = np.random.default_rng(0).standard_normal((20, 6)).astype(dtype)
    X[:, 1], X[:, 3], X[:, 5] = 0.0, -7.3, 1e30
    X[7, 5] = np.nextafter(X[7, 5], dtype(0))  # of float64 it is rounding
    rounding = dtype == np.float64
    found = constant_columns(X)
    expected = [np.nan, 0, np.nan, X[0, 3], np.nan, X[0, 5] if rounding else np.nan]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float64


def test_columns_that_end_as_they_begin_may_vary():
    X = np.ones((9, 3))
    X[4, 0], X[:, 1] = 1 + 1e-9, 0.0
    X[4, 1] = 1e-300
    np.testing.assert_array_equal(constant_columns(X), [np.nan, np.nan, 1])
    np.testing.assert_array_equal(constant_columns(X[:1]), X[0])


def test_common_constants():
    one, other = np.array([1, np.nan, 3, 4]), np.array([1, 2, np.nan, 5])
    expected = [1, np.nan, np.nan, np.nan]
    np.testing.assert_array_equal(common_constants(one, other), expected)
    np.testing.assert_array_equal(common_constants(other, one), expected)
    for pair in ((one, None), (None, one)):  # no rows on one side
        np.testing.assert_array_equal(common_constants(*pair), one)
    assert common_constants(None, None) is None


def test_common_constants_are_those_of_all_rows():
    X = np.random.default_rng(0).integers(0, 2, (6, 40)).astype(float)
    parts = common_constants(constant_columns(X[:2]), constant_columns(X[2:]))
    np.testing.assert_array_equal(parts, constant_columns(X))


@pytest.mark.parametrize("value", [-1.5191855e-06, 0.1, 3.3e10])
def test_the_mean_of_a_constant_is_that_constant(value):
    """Else its standardised column is rounding, which features may blow up."""
    weight = np.random.default_rng(0).uniform(0.1, 3, 19)
    mean, scale = column_moments(np.full((19, 1), value), weight)
    assert mean == value
    assert scale == 1
