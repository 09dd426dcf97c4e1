"""Gram matrices of Hermite products against their definition and NumPy."""

import pickle
from collections import Counter
from itertools import combinations_with_replacement
from math import comb, factorial, sqrt

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermemul

from sklearn_depth._math._hermite_gram import HermiteGram, IndexLattice, linearisation
from sklearn_depth._math._multi_indices import term_tree

# The error relative to the largest entry that so many digits leave, by degree.
TOLERANCE = {1: 3e-15, 2: 5e-15, 3: 1e-14, 4: 3e-14, 5: 5e-14, 10: 1e-11}
SHAPES = [(1, 1), (1, 3), (1, 5), (2, 1), (2, 4), (3, 5), (4, 3), (8, 2), (2, 10)]
each_lattice = pytest.mark.parametrize(
    ("n_features", "degree"), [(1, 1), (1, 6), (2, 1), (5, 1), (2, 5), (3, 4), (4, 6)]
)
each_shape = pytest.mark.parametrize(("n_features", "degree"), SHAPES)
each_law = pytest.mark.parametrize("law", ["gaussian", "uniform", "signs", "tails"])
each_weighting = pytest.mark.parametrize("weighted", [True, False])


def indices(n_features, degree):
    """All multi-indices as tuples of columns, in the order of the lattice."""
    return [
        columns
        for s in range(degree + 1)
        for columns in combinations_with_replacement(range(n_features), s)
    ]


def draw(law, n_samples, n_features, seed=0):
    rng = np.random.default_rng(seed)
    shape = n_samples, n_features
    return {
        "gaussian": lambda: rng.standard_normal(shape),
        "uniform": lambda: rng.uniform(-sqrt(3), sqrt(3), shape),
        "signs": lambda: rng.choice([-1.0, 1.0], shape),
        "tails": lambda: np.clip(rng.standard_t(2, shape), -5, 5),
    }[law]()


def grams(x, degree, weight=None):
    """The Gram matrix from few sums, and by its definition."""
    hermite = HermiteGram(x.shape[1], degree)
    values = term_tree(x.shape[1], degree).values(x)
    each = np.ones(len(x)) if weight is None else weight
    products = hermite.products(values, weight)
    found = hermite.gram(each.sum(), values @ each, products)
    return found, (values * each) @ values.T


def error(x, degree, weight=None):
    """The largest error, relative to the largest entry, the constant's square among."""
    found, expected = grams(x, degree, weight)
    constant = len(x) if weight is None else weight.sum()
    return abs(found - expected).max() / max(abs(expected).max(), constant)


@each_lattice
def test_indices_stand_by_degree_and_then_by_columns(n_features, degree):
    lattice = IndexLattice(n_features, degree)
    listed = [tuple(row) for columns in lattice.columns for row in columns.tolist()]
    assert listed == indices(n_features, degree)
    sizes = [comb(n_features + s - 1, s) for s in range(degree + 1)]
    assert lattice.starts == [0, *np.cumsum(sizes)]
    terms = term_tree(n_features, degree).terms()
    assert listed[1:] == [
        tuple(column for column, exponent in term for _ in range(exponent))
        for term in terms
    ]


@each_lattice
def test_up_puts_a_column_in_and_down_takes_it_off(n_features, degree):
    lattice, listed = IndexLattice(n_features, degree), indices(n_features, degree)
    below = indices(n_features, degree - 1)
    assert lattice.up.shape == lattice.down.shape == (len(below), n_features)
    for k, columns in enumerate(below):
        for j in range(n_features):
            assert listed[lattice.up[k, j]] == tuple(sorted((*columns, j)))
            if j in columns:
                less = listed[lattice.down[k, j]]
                assert tuple(sorted((*less, j))) == columns
            else:
                assert lattice.down[k, j] == 0


@each_lattice
def test_exponents_are_counts(n_features, degree):
    counts = [Counter(columns) for columns in indices(n_features, degree - 1)]
    expected = [[count[j] for j in range(n_features)] for count in counts]
    found = IndexLattice(n_features, degree).exponents
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("degrees", [(0, 3), (1, 0), (1, 2), (2, 2), (3, 1)])
def test_insert_joins_columns_in_order(degrees):
    lattice, listed = IndexLattice(3, sum(degrees)), indices(3, sum(degrees))
    first, second = (
        [columns for columns in listed if len(columns) == s] for s in degrees
    )
    start = lattice.starts[degrees[0]]
    place = np.arange(start, start + len(first))
    found = lattice.insert(place, lattice.columns[degrees[1]])
    found = np.broadcast_to(found, (len(first), len(second)))
    joined = [[tuple(sorted(a + b)) for b in second] for a in first]
    assert [[listed[k] for k in row] for row in found.tolist()] == joined


def test_products_of_two_polynomials_are_linear_in_others():
    degree = 7
    table = linearisation(degree)
    for m in range(degree + 1):
        for n in range(degree + 1):
            series = np.zeros(m + n + 1)
            for k in range(min(m, n) + 1):
                series[m + n - 2 * k] = table[m, n, k] / sqrt(factorial(m + n - 2 * k))
            factors = (np.eye(e + 1)[e] / sqrt(factorial(e)) for e in (m, n))
            np.testing.assert_allclose(series, hermemul(*factors), rtol=1e-13)
            assert not table[m, n, min(m, n) + 1 :].any()


@each_shape
@each_law
@each_weighting
@pytest.mark.parametrize("n_samples", [1, 5, 100])
def test_the_gram_matrix_is_its_definition(
    n_features, degree, law, weighted, n_samples
):
    x = draw(law, n_samples, n_features)
    weight = np.random.default_rng(1).uniform(0.2, 3, n_samples) if weighted else None
    assert error(x, degree, weight) < TOLERANCE[degree]


@pytest.mark.parametrize(("n_features", "degree"), [(1, 4), (2, 3), (3, 2)])
def test_the_gram_matrix_of_the_gaussian_is_the_identity(n_features, degree):
    nodes, weights = hermegauss(degree + 1)
    axes = np.meshgrid(*[nodes] * n_features), np.meshgrid(*[weights] * n_features)
    x = np.stack(axes[0], axis=-1).reshape(-1, n_features)
    density = np.stack(axes[1]).prod(axis=0).ravel() / (2 * np.pi) ** (n_features / 2)
    gram = grams(x, degree, density)[0]
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-12)


@each_shape
def test_there_is_a_product_for_each_index_above_the_degree(n_features, degree):
    above = comb(n_features + 2 * degree, 2 * degree) - comb(
        n_features + degree, degree
    )
    hermite = HermiteGram(n_features, degree)
    assert hermite.n_products == above
    values = np.ones((hermite.n_terms, 2))
    assert hermite.products(values).shape == (above,)


@each_weighting
def test_products_add_up_over_rows(weighted):
    x = draw("gaussian", 60, 3)
    weight = np.random.default_rng(1).uniform(0.2, 3, 60) if weighted else None
    hermite, values = HermiteGram(3, 4), term_tree(3, 4).values(x)
    parts = [
        hermite.products(values[:, rows], None if weight is None else weight[rows])
        for rows in np.split(np.arange(60), [1, 20])
    ]
    whole = hermite.products(values, weight)
    np.testing.assert_allclose(sum(parts), whole, atol=1e-12 * abs(whole).max())


def test_products_leave_the_values_as_they_were():
    values = term_tree(3, 3).values(draw("gaussian", 20, 3))
    before = values.copy()
    HermiteGram(3, 3).products(values, np.full(20, 2.0))
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("law", ["gaussian", "uniform", "signs"])
def test_digits_go_as_the_degree_grows(law):
    """Why the regressor sums Gram matrices beyond degree 5."""
    x = draw(law, 100, 1)
    errors = [error(x, degree) for degree in (5, 10, 20)]
    assert errors[0] < TOLERANCE[5]
    assert errors[1] < TOLERANCE[10]
    assert 1e-10 < errors[2] < 1e-6


def test_it_travels_as_two_numbers():
    hermite, x = HermiteGram(8, 3), draw("gaussian", 20, 8)
    sent = pickle.dumps(hermite)
    assert len(sent) < 200
    values = term_tree(8, 3).values(x)
    expected = hermite.products(values)
    np.testing.assert_array_equal(pickle.loads(sent).products(values), expected)
