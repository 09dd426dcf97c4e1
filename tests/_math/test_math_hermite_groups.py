"""Kernels of groups of Hermite products against the products themselves."""

from itertools import product

import numpy as np
import pytest

from sklearn_depth._math._hermite import hermite_values
from sklearn_depth._math._hermite_groups import HermiteGroups, group_names
from sklearn_depth._math._levels import (
    common_values,
    count_values,
    distinct_values,
)
from sklearn_depth._math._mehler import hermite_degree_sums

rng = np.random.default_rng(0)


def products_by_hand(z, degree, exponents):
    """The products of each (degree, columns joined), one by one."""
    values = hermite_values(z, degree)
    groups = {}
    for powers in product(*(range(most + 1) for most in exponents)):
        s, m = sum(powers), np.count_nonzero(powers)
        if 1 <= s <= degree:
            column = np.prod([values[e][:, j] for j, e in enumerate(powers)], axis=0)
            groups.setdefault((s, m), []).append(column)
    return {name: np.column_stack(columns) for name, columns in groups.items()}


@pytest.mark.parametrize("degree", [1, 2, 5, 6])
@pytest.mark.parametrize("exponents", [(6, 6, 6, 6), (1, 2, 3, 6), (0, 1, 0, 5)])
def test_kernels_are_those_of_the_products(degree, exponents):
    exponents = np.minimum(exponents, degree)
    x, z = rng.standard_normal((2, 9, 4))
    groups = HermiteGroups(degree, degree, exponents)
    kernels = groups.kernels(groups.factors(x), groups.factors(z))
    diagonals = groups.diagonals(groups.factors(x))
    left, right = (products_by_hand(rows, degree, exponents) for rows in (x, z))
    assert set(left) <= set(groups.names)
    for name, kernel, diagonal in zip(groups.names, kernels, diagonals, strict=True):
        nothing = np.zeros((9, 1))
        one, other = left.get(name, nothing), right.get(name, nothing)
        np.testing.assert_allclose(kernel, one @ other.T, atol=1e-9)
        np.testing.assert_allclose(diagonal, np.sum(one**2, axis=1), atol=1e-9)


@pytest.mark.parametrize("degree", [1, 3, 5])
def test_all_groups_sum_to_mehlers_kernel(degree):
    x, z = rng.standard_normal((2, 20, 12))
    groups = HermiteGroups(degree, degree, np.full(12, degree))
    total = sum(groups.kernels(groups.factors(x), groups.factors(z)))
    np.testing.assert_allclose(total, hermite_degree_sums(x, z, degree), atol=1e-9)


def test_groups_without_products_are_zero_to_the_last_bit():
    """Rounding would otherwise pass for a feature."""
    z = 5 * rng.standard_normal((30, 5))
    exponents = np.array([1, 1, 0, 2, 0])
    groups = HermiteGroups(5, 5, exponents)
    possible = set(products_by_hand(z[:1], 5, exponents))
    assert possible == {(1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3)}
    for name, kernel in zip(
        groups.names, groups.kernels(*2 * [groups.factors(z)]), strict=True
    ):
        assert kernel.any() == (name in possible)


def test_few_joined_columns_are_the_first_of_more():
    z = rng.standard_normal((8, 6))
    few, all_ = (HermiteGroups(4, most, np.full(6, 4)) for most in (2, 4))
    every = dict(zip(all_.names, all_.kernels(*2 * [all_.factors(z)]), strict=True))
    assert few.names == group_names(4, 2)
    for name, kernel in zip(few.names, few.kernels(*2 * [few.factors(z)]), strict=True):
        np.testing.assert_array_equal(kernel, every[name])


def test_distinct_values_of_columns():
    X = np.array([[3, 1, 2.5], [1, 1, 0.5], [3, 1, 1.5], [2, 1, -1]])
    nan = np.nan
    found = distinct_values(X, 3)
    np.testing.assert_array_equal(found, [[1, 2, 3], [1, nan, nan], [-1, 0.5, 1.5]])
    np.testing.assert_array_equal(count_values(found), [3, 1, 3])


@pytest.mark.parametrize("most", [1, 2, 4, 9])
def test_values_of_parts_are_those_of_the_whole(most):
    X = rng.integers(0, 6, (40, 5)).astype(float)
    X[:, 0] = 7
    parts = [distinct_values(rows, most) for rows in (X[:1], X[1:13], X[13:])]
    none = np.full((5, most), np.nan)
    merged = common_values(common_values(none, parts[2]), common_values(*parts[:2]))
    np.testing.assert_array_equal(merged, distinct_values(X, most))
