"""Labels of rows that are equal, or near, against NumPy's and by hand."""

import numpy as np
import pytest

from sklearn_depth._math._equal_rows import (
    by_first_row,
    equal_feature_row_labels,
    equal_kernel_row_labels,
    equal_row_labels,
    group_shares,
)


def by_features(X, tolerance):
    return equal_feature_row_labels(X, tolerance)


def by_kernel(X, tolerance):
    return equal_kernel_row_labels(X @ X.T, tolerance)


each_way = pytest.mark.parametrize("labels_of", [by_features, by_kernel])


def same_partition(labels, others):
    """Whether two labellings put the same rows together."""
    pairs = len(set(zip(labels.tolist(), others.tolist(), strict=True)))
    return pairs == len(set(labels.tolist())) == len(set(others.tolist()))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_columns", [1, 2, 5])
def test_against_numpy(dtype, n_columns):
    X = np.random.default_rng(0).integers(0, 3, (60, n_columns)).astype(dtype) / 7
    expected = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    assert 3 <= expected.max() + 1 < 60
    assert same_partition(equal_row_labels(X), expected)


def test_different_rows_are_numbered_through():
    X = np.random.default_rng(0).standard_normal((30, 3))
    np.testing.assert_array_equal(np.sort(equal_row_labels(X)), np.arange(30))


def test_a_tie_in_the_first_column_is_no_tie():
    X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 2.0], [0.0, 2.0]])
    labels = equal_row_labels(X)
    assert same_partition(labels, np.array([0, 1, 0, 2]))


def test_the_next_number_is_another():
    X = np.array([[1.0, 0.5], [1.0, np.nextafter(0.5, 1)], [1.0, 0.5]])
    assert same_partition(equal_row_labels(X), np.array([0, 1, 0]))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_sign_of_zero_does_not_count(dtype):
    X = np.array([[0, 1], [-0.0, 1], [-0.0, -0.0], [0, 0]], dtype=dtype)
    assert same_partition(equal_row_labels(X), np.array([0, 0, 1, 1]))
    assert np.signbit(X[1, 0])  # and X is as it was


def test_the_order_in_memory_does_not_count():
    X = np.random.default_rng(0).integers(0, 2, (40, 3)).astype(float)
    laid_out = np.asfortranarray(X)
    np.testing.assert_array_equal(equal_row_labels(laid_out), equal_row_labels(X))


@each_way
@pytest.mark.parametrize("n_columns", [1, 2, 6])
@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_copies_up_to_rounding(labels_of, n_columns, noise):
    rng = np.random.default_rng(0)
    which = rng.integers(0, 25, 80)
    X = rng.standard_normal((25, n_columns))[which]
    X += noise * rng.standard_normal(X.shape)
    labels = labels_of(X, 1e-13)
    assert same_partition(labels, which)
    np.testing.assert_array_equal(np.unique(labels), np.arange(labels.max() + 1))


@each_way
def test_all_rows_equal_and_none(labels_of):
    np.testing.assert_array_equal(labels_of(np.ones((7, 2)), 1e-13), 0)
    np.testing.assert_array_equal(labels_of(np.ones((1, 2)), 1e-13), 0)
    different = labels_of(np.random.default_rng(0).standard_normal((30, 3)), 1e-13)
    np.testing.assert_array_equal(np.sort(different), np.arange(30))


@each_way
@pytest.mark.parametrize("step", [0.04, 0.11])
def test_dense_rows_do_not_chain(labels_of, step):
    """Rows of one label are within the tolerance of one of them, not of a neighbour."""
    x = np.random.default_rng(0).permutation(step * np.arange(200))[:, None]
    labels = labels_of(x, 0.1**2)
    spread = [np.ptp(x[labels == label]) for label in np.unique(labels)]
    assert max(spread) <= 0.1
    assert len(spread) == (67 if step == 0.04 else 200)  # three a label, or one


def test_negative_squares_are_no_distances():
    labels = equal_kernel_row_labels(np.ones((6, 6)) - 0.5 * np.eye(6), 1e-13)
    np.testing.assert_array_equal(np.sort(labels), np.arange(6))


def test_labels_by_their_first_rows():
    first, numbers = by_first_row(np.array([7, 3, 7, 3, 0, 7]))
    np.testing.assert_array_equal(first, [0, 1, 4])
    np.testing.assert_array_equal(numbers, [0, 1, 0, 1, 2, 0])


@pytest.mark.parametrize("seed", range(5))
def test_first_rows_of_any_labels(seed):
    labels = np.random.default_rng(seed).integers(-3, 9, 30)
    first, numbers = by_first_row(labels)
    assert (np.diff(first) > 0).all()
    assert same_partition(numbers, labels)
    np.testing.assert_array_equal(numbers[first], np.arange(len(first)))
    for k, row in enumerate(first):
        assert not (numbers[:row] == k).any()


def test_shares_of_groups():
    """Each row sums to 1, and takes the weighted mean of its group."""
    rng = np.random.default_rng(0)
    labels, weight = rng.integers(0, 5, 20), rng.uniform(0.2, 3, 20)
    shares = group_shares(labels, weight)
    first, numbers = by_first_row(labels)
    assert shares.shape == (len(first), 20)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    values = rng.standard_normal((20, 2))
    for k, means in enumerate(shares @ values):
        group = numbers == k
        expected = np.average(values[group], axis=0, weights=weight[group])
        np.testing.assert_allclose(means, expected)
    scaled = group_shares(labels, 1e200 * weight)
    np.testing.assert_allclose(scaled.toarray(), shares.toarray(), rtol=1e-14)


def test_groups_without_weight_have_no_shares():
    shares = group_shares(np.array([0, 1, 1]), np.array([2.0, 0.0, 0.0]))
    np.testing.assert_array_equal(shares.toarray(), [[1, 0, 0], [0, 0, 0]])
