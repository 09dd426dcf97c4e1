"""Multi-indices against brute force, scikit-learn and quadrature."""

from itertools import product
from math import comb, factorial, sqrt

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermeval
from sklearn.preprocessing import PolynomialFeatures

from sklearn_depth._math._multi_indices import count_terms, exponent_shapes, term_tree


def powers(n_features, tree):
    """Exponents as a dense (n_terms, n_features) array."""
    dense = np.zeros((len(tree.parent), n_features), dtype=int)
    for k, term in enumerate(tree.terms()):
        for column, exponent in term:
            dense[k, column] = exponent
    return dense


@pytest.mark.parametrize(
    ("n_features", "degree"), [(1, 1), (1, 5), (6, 1), (4, 3), (3, 6), (12, 2), (50, 3)]
)
def test_total_degree_counts_and_orders_as_scikit_learn(n_features, degree):
    tree = term_tree(n_features, degree)
    assert count_terms(n_features, degree) == len(tree.parent)
    assert len(tree.parent) == comb(n_features + degree, degree) - 1
    reference = PolynomialFeatures(degree, include_bias=False)
    reference.fit(np.zeros((1, n_features)))
    np.testing.assert_array_equal(powers(n_features, tree), reference.powers_)


@pytest.mark.parametrize("max_interaction", [None, 1, 2])
@pytest.mark.parametrize("norm", [1.0, 0.75, 0.5])
@pytest.mark.parametrize("degree", [1, 4, 6])
def test_truncations_by_brute_force(degree, norm, max_interaction):
    truncation = degree, max_interaction, norm
    found = powers(4, term_tree(4, *truncation))
    expected = {
        exponents
        for exponents in product(range(degree + 1), repeat=4)
        if 0 < np.count_nonzero(exponents) <= (max_interaction or 4)
        and sum(e**norm for e in exponents) ** (1 / norm) <= degree + 1e-9
    }
    assert count_terms(4, *truncation) == len(found) == len(expected)
    assert {tuple(row) for row in found.tolist()} == expected


def test_the_boundary_of_a_hyperbolic_cross_is_kept():
    pairs = exponent_shapes(9, 2, 0.5)[1]  # (1 + 2)² = 9, but (sqrt2 + sqrt3)² > 9
    assert (1, 4) in pairs
    assert (4, 1) in pairs
    assert (2, 3) not in pairs


def test_high_degree_is_listed_without_the_full_grid():
    shapes = exponent_shapes(12, 12, 1.0)  # the grid has 12^12 points
    assert [len(kept) for kept in shapes] == [comb(12, s) for s in range(1, 13)]


def test_parents_stand_before_their_children():
    tree = term_tree(5, 4, 3, 0.9)
    assert (tree.parent < np.arange(len(tree.parent))).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_are_products_of_hermite_polynomials(dtype):
    x = np.random.default_rng(0).standard_normal((20, 3)).astype(dtype)
    tree = term_tree(3, 5)
    values = tree.values(x)
    assert values.dtype == dtype
    for row, term in zip(values, powers(3, tree), strict=True):
        factors = [
            hermeval(x[:, j].astype(float), np.eye(6)[e]) / sqrt(factorial(e))
            for j, e in enumerate(term)
        ]
        tolerance = 1e3 * np.finfo(dtype).eps
        np.testing.assert_allclose(row, np.prod(factors, axis=0), atol=tolerance)


def test_values_are_orthonormal_under_the_gaussian():
    nodes, weights = hermegauss(8)
    x = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    density = np.outer(weights, weights).ravel() / (2 * np.pi)
    values = term_tree(2, 6).values(x)
    np.testing.assert_allclose((values * density) @ values.T, np.eye(27), atol=1e-12)
    np.testing.assert_allclose(values @ density, 0, atol=1e-12)
