"""Rows given again, which count as one, beside rows of equal inputs alone."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples

X = np.array([[1.0, 0.0], [2.0, 1.0], [1.0, -0.0], [1.0, 0.0], [2.0, 1.0]])
y = np.array([3.0, 5.0, 3.0, 4.0, 6.0])
weight = np.array([1.0, 2.0, 4.0, 3.0, 2.0])


def test_rows_given_again_are_one_of_their_summed_weight():
    found = Samples.of(X, y, weight).distinct()
    np.testing.assert_array_equal(found.X, X[[0, 1, 3, 4]])
    np.testing.assert_array_equal(found.targets[:, 0], [3, 5, 4, 6])
    np.testing.assert_allclose(found.weight * found.unit, [5, 2, 3, 2])
    assert found.weight.mean() == pytest.approx(1)
    np.testing.assert_array_equal(found.spread, 0)


def test_rows_of_equal_inputs_are_one_of_their_mean_target():
    found = Samples.of(X, y, weight).merged()
    np.testing.assert_array_equal(found.X, X[:2])
    np.testing.assert_allclose(found.targets[:, 0], [27 / 8, 5.5])
    np.testing.assert_allclose(found.weight * found.unit, [8, 4])
    np.testing.assert_allclose(found.spread[:, 0], [15 / 64, 0.25])


def test_neither_changes_a_mean_squared_error():
    samples = Samples.of(X, np.column_stack([y, -2 * y + 1]), weight)
    expected = np.average((samples.targets - X) ** 2, axis=0, weights=weight)
    for found in (samples, samples.distinct(), samples.merged()):
        np.testing.assert_allclose(found.squared_error(found.X), expected)


def test_all_targets_tell_rows_apart():
    samples = Samples.of(X, np.column_stack([y, [0, 0, 1, 0, 0]]))
    assert len(samples.distinct()) == 5


def test_other_inputs_may_tell_rows_apart():
    constant = Samples.of(np.zeros((5, 1)), y, weight)
    found = constant.distinct(X)
    np.testing.assert_array_equal(found.targets[:, 0], [3, 5, 4, 6])
    np.testing.assert_array_equal(found.X, np.zeros((4, 1)))


def test_rows_that_all_differ_or_are_all_equal_stay():
    for same in (
        Samples.of(np.arange(5.0)[:, None], y, weight),
        Samples.of(np.ones((5, 2)), np.ones(5), weight),
    ):
        assert same.distinct() is same


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_all_rows_twice_are_all_rows(dtype):
    rng = np.random.default_rng(0)
    given = rng.integers(0, 3, (50, 2)).astype(dtype), rng.integers(0, 2, 50) / 3
    once = Samples.of(*given).distinct()
    twice = Samples.of(*(np.concatenate([part, part]) for part in given)).distinct()
    assert len(once) <= 18
    assert once.X.dtype == dtype
    np.testing.assert_array_equal(once.X, twice.X)
    np.testing.assert_allclose(once.targets, twice.targets, rtol=1e-15)
    np.testing.assert_allclose(once.weight, twice.weight, rtol=1e-15)
    assert twice.unit == pytest.approx(2 * once.unit)
