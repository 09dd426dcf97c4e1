"""Weighted quantiles against their definition."""

import numpy as np
import pytest

from sklearn_depth._math._quantiles import weighted_median, weighted_quantile

SHARES = [0.01, 0.1, 1 / 3, 0.5, 0.7, 0.99, 1.0]
each_share = pytest.mark.parametrize("share", SHARES)


def by_definition(values, share, weight):
    """The least value with ``share`` of the weight at or below, in whole numbers."""
    for value in np.sort(values):
        if weight[values <= value].sum() >= share * weight.sum() * (1 - 1e-9):
            return value
    raise AssertionError("the largest value has all the weight below")


@each_share
@pytest.mark.parametrize("n_rows", [1, 2, 3, 10, 100, 101])
def test_without_weights(share, n_rows):
    values = np.random.default_rng(n_rows).integers(0, 30, (n_rows, 4)).astype(float)
    found = weighted_quantile(values, share)
    assert found.shape == (4,)
    expected = [by_definition(column, share, np.ones(n_rows)) for column in values.T]
    np.testing.assert_array_equal(found, expected)
    ones = weighted_quantile(values, share, np.ones(n_rows))
    np.testing.assert_array_equal(found, ones)


@each_share
def test_inverse_of_numpys_distribution_function(share):
    values = np.random.default_rng(1).standard_normal(57)
    expected = np.quantile(values, share, method="inverted_cdf")
    assert weighted_quantile(values, share) == expected


@each_share
@pytest.mark.parametrize("factor", [1.0, 1e-300, 1 / 3, 1e300])
def test_with_weights(share, factor):
    rng = np.random.default_rng(0)
    values = rng.standard_normal((40, 3)).round(1)
    weight = rng.integers(0, 4, 40).astype(float)
    expected = [by_definition(column, share, weight) for column in values.T]
    found = weighted_quantile(values, share, factor * weight)
    np.testing.assert_array_equal(found, expected)


@each_share
@pytest.mark.parametrize("n_rows", [2, 10, 50])
def test_weights_are_repetition(share, n_rows):
    """Bit by bit, also where weights are thirds whose sums round."""
    rng = np.random.default_rng(n_rows)
    values = rng.standard_normal((n_rows, 5)).round(1)
    times = rng.integers(1, 5, n_rows)
    repeated = weighted_quantile(np.repeat(values, times, axis=0), share)
    for unit in (1.0, 1 / 3, 0.1):
        weighted = weighted_quantile(values, share, unit * times)
        np.testing.assert_array_equal(weighted, repeated)


@pytest.mark.parametrize("hundredths", [1, 7, 14, 28, 29, 55, 56, 57, 58, 99])
def test_shares_whose_products_round(hundredths):
    """0.07 * 100 is a little more than 7."""
    values, share = np.arange(1, 101.0)[::-1], hundredths / 100
    assert weighted_quantile(values, share) == hundredths
    assert weighted_quantile(values, share, np.full(100, 0.1)) == hundredths


@pytest.mark.parametrize("weight", [None, np.arange(1, 41.0)])
def test_several_shares_at_once(weight):
    values = np.random.default_rng(0).standard_normal((40, 2, 3))
    found = weighted_quantile(values, SHARES, weight)
    assert found.shape == (len(SHARES), 2, 3)
    for quantiles, share in zip(found, SHARES, strict=True):
        alone = weighted_quantile(values, share, weight)
        np.testing.assert_array_equal(quantiles, alone)


def test_the_median():
    values = np.array([3.0, 1.0, 2.0, 4.0])
    assert weighted_median(values) == 2  # the lower of two
    assert weighted_median(values[:3]) == 2
    assert weighted_median(values, np.array([5.0, 1, 1, 1])) == 3
    assert weighted_median(values, np.array([0.0, 0, 0, 1])) == 4


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_shapes_types_and_inputs(dtype):
    values = np.random.default_rng(0).standard_normal((9, 2, 3)).astype(dtype)
    copy = values.copy()
    weight = np.arange(9.0)
    for found in (weighted_quantile(values, 0.3), weighted_median(values, weight)):
        assert found.shape == (2, 3)
        assert found.dtype == dtype
        assert np.isin(found, values).all()
    np.testing.assert_array_equal(values, copy)
    assert weighted_quantile(values[:, 0, 0], 0.3).shape == ()
