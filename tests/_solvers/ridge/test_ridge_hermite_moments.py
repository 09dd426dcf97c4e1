"""Ridge heads from sums of Hermite products: those that their Gram matrix gives."""

from copy import deepcopy
from functools import reduce

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from sklearn_depth._math._hermite_gram import HermiteGram
from sklearn_depth._math._multi_indices import term_tree
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._hermite_moments import HermiteMoments
from sklearn_depth._solvers.ridge._moments import RidgeMoments

each_alpha = pytest.mark.parametrize("alpha", [0.3, 0, "gcv"])
each_weighting = pytest.mark.parametrize("weighted", [True, False])
DEGREE = 3
TREE = term_tree(3, DEGREE)


def transform(X):
    return TREE.values(X).T


def problem(n_samples=400, weighted=False, n_targets=2):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, 3))
    Y = np.column_stack([X[:, 0] * X[:, 1], X[:, 2] ** 3, np.sin(X[:, 0])])
    Y = (Y + 0.3 * rng.standard_normal(Y.shape))[:, :n_targets]
    return X, Y, rng.uniform(0.2, 3, n_samples) if weighted else None


def no_rows(n_targets=2, degree=DEGREE):
    return HermiteMoments(HermiteGram(3, degree), n_targets)


def dense(n_targets=2):
    return RidgeMoments(len(TREE.parent), n_targets)


def sums_of(X, Y, weight=None):
    return no_rows(Y.shape[1]).update(Samples.of(transform(X), Y, weight))


def parts_of(X, Y, weight, sizes):
    """Sums over runs of rows."""
    return [
        sums_of(X[rows], Y[rows], None if weight is None else weight[rows])
        for rows in np.split(np.arange(len(X)), np.cumsum(sizes)[:-1])
    ]


def merge_all(parts):
    return reduce(HermiteMoments.merge, parts)


def assert_same_head(found, expected, atol=1e-10):
    np.testing.assert_allclose(found.coef, expected.coef, atol=atol)
    np.testing.assert_allclose(found.intercept, expected.intercept, atol=atol)
    np.testing.assert_allclose(found.alpha, expected.alpha, rtol=1e-9)


def assert_same_sums(found, expected, rtol=1e-12):
    """In one unit of the weights."""
    assert found.n_rows == expected.n_rows
    found = found.in_unit(expected.unit)
    for name, value in vars(expected).items():
        if name not in ("n_rows", "hermite"):
            atol = rtol * np.abs(value).max()
            np.testing.assert_allclose(vars(found)[name], value, atol=atol)


@each_alpha
@each_weighting
@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_it_is_the_head_of_the_gram_matrix(alpha, weighted, n_targets, fit_intercept):
    X, Y, weight = problem(weighted=weighted, n_targets=n_targets)
    found = sums_of(X, Y, weight).solve(alpha, fit_intercept=fit_intercept)
    sums = dense(n_targets).update(Samples.of(transform(X), Y, weight))
    expected = sums.solve(alpha, fit_intercept=fit_intercept)
    assert_same_head(found, expected)
    if alpha == "gcv":
        np.testing.assert_allclose(found.error, expected.error, rtol=1e-10)


@each_weighting
def test_it_is_scikit_learns_ridge(weighted):
    X, Y, weight = problem(weighted=weighted)
    head = sums_of(X, Y, weight).solve(0.3)
    ridge = Ridge(0.3, solver="svd").fit(transform(X), Y, sample_weight=weight)
    np.testing.assert_allclose(head.coef.T, ridge.coef_, atol=1e-10)
    np.testing.assert_allclose(head.intercept, ridge.intercept_, atol=1e-10)


def test_solving_leaves_the_sums_as_they_were():
    X, Y, _ = problem()
    sums = sums_of(X, Y)
    before = deepcopy(sums)
    first = sums.solve(0.3)
    assert_same_sums(sums, before, rtol=0)
    np.testing.assert_array_equal(sums.solve(0.3).coef, first.coef)


@each_alpha
def test_a_weight_is_that_many_rows(alpha):
    X, Y, _ = problem()
    times = np.random.default_rng(1).integers(1, 4, len(X))
    heads = []
    for rows, targets, weight in (
        (X, Y, times.astype(float)),
        (np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0), None),
    ):
        samples = Samples.of(rows, targets, weight).merged()
        heads.append(no_rows().update_in_blocks(transform, samples).solve(alpha))
    assert_same_head(*heads)


@each_alpha
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 20.0, 1e200])
def test_the_unit_of_the_weights_moves_nothing_but_the_penalty(alpha, unit):
    X, Y, weight = problem(weighted=True)
    given = alpha if isinstance(alpha, str) else unit * alpha
    expected = sums_of(X, Y, weight).solve(alpha)
    found = sums_of(X, Y, unit * weight).solve(given)
    np.testing.assert_allclose(found.coef, expected.coef, atol=1e-10)
    np.testing.assert_allclose(found.intercept, expected.intercept, atol=1e-10)
    np.testing.assert_allclose(found.alpha / unit, expected.alpha, rtol=1e-9)


@each_alpha
@pytest.mark.parametrize("sizes", [[400], [100, 1, 299]], ids=str)
def test_a_large_mean_of_the_targets_costs_no_digits_that_they_have(alpha, sizes):
    X, Y, weight = problem(weighted=True)
    far = Y + 1e8
    exact = far - 1e8  # no rounding here: the digits that far keeps of Y
    found, near = (
        merge_all(parts_of(X, target, weight, sizes)) for target in (far, exact)
    )
    ulp = np.spacing(1e8)
    square = near.target_square
    np.testing.assert_allclose(found.target_square, square, atol=len(X) * ulp)
    found, near = found.solve(alpha), near.solve(alpha)
    np.testing.assert_allclose(found.coef, near.coef, atol=4 * ulp)
    np.testing.assert_allclose(found.intercept, near.intercept + 1e8, atol=4 * ulp)
    np.testing.assert_array_equal(found.alpha, near.alpha)


def test_float32_features_are_summed_in_float64():
    X, Y, _ = problem()
    single = transform(X).astype(np.float32)
    sums = no_rows().update(Samples.of(single, Y))
    expected = single.T.astype(float) @ single.astype(float)
    # Rounded features no longer obey the recurrence, so only sums can be compared.
    products = no_rows().hermite.products(single.T.astype(float))
    np.testing.assert_array_equal(sums.gram, products)
    mean = single.mean(axis=0, dtype=float)
    np.testing.assert_allclose(sums.feature_mean, mean, atol=1e-15)
    gram = sums.hermite.gram(len(X), len(X) * mean, sums.gram)
    np.testing.assert_allclose(gram, expected, rtol=1e-5, atol=1e-5 * expected.max())
    assert sums.solve(0.3).coef.dtype == np.float64


SINGULAR = {
    "copies": lambda X: X[:, [0, 1, 0]],
    "copies of other sign": lambda X: X[:, [0, 1, 0]] * [1, 1, -1],
    "a constant column": lambda X: X * [1, 1, 0],
    "signs": np.sign,
    "three values": lambda X: np.clip(np.round(X), -1, 1),
    "a plane": lambda X: X[:, :2] @ [[1, 0, 0.6], [0, 1, 0.8]],
}


@each_alpha
@each_weighting
@pytest.mark.parametrize("singular", SINGULAR)
def test_singular_columns_give_the_same_fit(singular, weighted, alpha):
    X, Y, weight = problem(weighted=weighted)
    features = transform(SINGULAR[singular](X))
    samples = Samples.of(features, Y, weight)
    found = no_rows().update(samples).solve(alpha)
    expected = dense().update(samples).solve(alpha)
    assert_same_head(found, expected, atol=1e-9)


@pytest.mark.parametrize("weighted", [True, False])
def test_without_a_penalty_copies_share_the_shortest_fit(weighted):
    X, Y, weight = problem(weighted=weighted)
    features = transform(X[:, [0, 1, 0]])
    root = np.ones(len(X)) if weight is None else np.sqrt(weight)
    centred, residual = (
        root[:, None] * (values - np.average(values, axis=0, weights=weight))
        for values in (features, Y)
    )
    shortest = np.linalg.lstsq(centred, residual, rcond=1e-10)[0]
    head = no_rows().update(Samples.of(features, Y, weight)).solve(0)
    np.testing.assert_allclose(head.coef, shortest, atol=1e-9)


@each_alpha
@each_weighting
@pytest.mark.parametrize("sizes", [[399, 1], [1, 99, 300], [57] * 7 + [1]], ids=str)
def test_any_split_of_the_rows_is_one_fit(alpha, weighted, sizes):
    data = problem(weighted=weighted)
    whole, merged = sums_of(*data), merge_all(parts_of(*data, sizes))
    assert_same_sums(merged, whole)
    assert_same_head(merged.solve(alpha), whole.solve(alpha))


def test_to_merge_leaves_both_as_they_were():
    first, second = parts_of(*problem(weighted=True), [100, 300])
    before = deepcopy(first), deepcopy(second)
    both = first.merge(second)
    assert_same_sums(both, sums_of(*problem(weighted=True)))
    both.update(Samples.of(transform(np.ones((2, 3))), np.ones((2, 2))))
    first.update(Samples.of(transform(np.ones((2, 3))), np.ones((2, 2))))
    for sums, copy in zip((first, second), before, strict=True):
        assert_same_sums(sums, copy, rtol=0)


def test_empty_has_no_rows_and_changes_nothing():
    sums = sums_of(*problem(weighted=True))
    empty = sums.empty()
    assert isinstance(empty, HermiteMoments)
    assert empty.n_rows == empty.weight == 0
    assert not empty.gram.any()
    before = deepcopy(sums)
    assert_same_sums(sums.merge(empty), before, rtol=0)
    assert_same_sums(empty.merge(sums), before, rtol=0)
    assert_same_sums(sums.empty().merge(sums.empty()), sums.empty(), rtol=0)


@each_weighting
@pytest.mark.parametrize("n_threads", [1, 4])
@pytest.mark.parametrize("n_samples", [1, 63, 64, 65, 1000])
def test_blocks_in_threads_are_the_whole(weighted, n_threads, n_samples, monkeypatch):
    monkeypatch.setattr("sklearn_depth.utils._memory._BLOCK_ELEMENTS", 1)
    X, Y, weight = problem(n_samples, weighted)
    sizes = []

    def counted(X):
        sizes.append(len(X))
        return transform(X)

    with threadpool_limits(n_threads, user_api="blas"):
        samples = Samples.of(X, Y, weight)
        sums = no_rows().update_in_blocks(counted, samples)
    assert sum(sizes) == n_samples
    assert max(sizes) <= 64
    assert_same_sums(sums, sums_of(X, Y, weight))


def test_blocks_without_rows_add_nothing():
    sums = sums_of(*problem())
    before = deepcopy(sums)
    none = Samples.of(*problem())[:0]
    assert_same_sums(sums.update_in_blocks(transform, none), before, rtol=0)


def overflowing(what):
    X, Y, weight = problem(weighted=True)
    features = transform(X)
    if what == "features":
        features[7] *= 1e200
    else:
        Y[:] = 1e308
    return Samples.of(features, Y, weight)


@each_alpha
@pytest.mark.parametrize("what", ["features", "targets"])
def test_overflow_is_refused_with_advice(what, alpha):
    with np.errstate(over="ignore", invalid="ignore"):
        sums = no_rows().update(overflowing(what))
    with pytest.raises(ValueError, match=r"overflow.*not finite.*StandardScaler"):
        sums.solve(alpha)
