"""Labels of equal rows against NumPy's."""

import numpy as np
import pytest

from sklearn_depth._math._rows import equal_row_labels


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
