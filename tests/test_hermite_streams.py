"""Rows in batches, in parts and in Dask arrays: the fit of all rows at once."""

import pickle
from copy import copy, deepcopy
from functools import reduce

import dask
import dask.array as da
import dask.dataframe as dd
import joblib
import numpy as np
import pandas as pd
import pytest
from dask.callbacks import Callback
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._threads import map_parts

rng = np.random.default_rng(0)
X = rng.normal([0.5, 0, -1, 1], [1, 1.5, 0.7, 1], (400, 4))
y = X[:, 0] * X[:, 3] - X[:, 1] ** 2 + rng.standard_normal(400)
Y = np.column_stack([y, 50 * X[:, 2] + rng.standard_normal(400)])
weight = rng.uniform(0.2, 3, 400)
each_alpha = pytest.mark.parametrize("alpha", [0.3, "evidence", "gcv"])
each_way = pytest.mark.parametrize("way", ["partial_fit", "merge", "dask"])
each_scaling = pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
each_weighting = pytest.mark.parametrize("weighted", [True, False])


def assert_same_fit(found, expected, atol=1e-10):
    assert np.shape(found.coef_) == np.shape(expected.coef_)
    np.testing.assert_allclose(found.alpha_, expected.alpha_, rtol=1e-9)
    np.testing.assert_allclose(found.coef_, expected.coef_, atol=atol)
    np.testing.assert_allclose(found.intercept_, expected.intercept_, atol=atol)


@pytest.mark.parametrize("alpha", [0.3, "gcv"])
@pytest.mark.parametrize("sizes", [[400], [1, 99, 300], [57] * 7 + [1]])
def test_batches_are_one_fit(alpha, sizes):
    rng = np.random.default_rng(0)
    data, weight = rng.standard_normal((400, 3)), rng.uniform(0.2, 3, 400)
    target = np.column_stack([data[:, 0] ** 2, data[:, 1]]) + rng.normal(size=(400, 2))
    model = HermitePolynomialRegressor(scaling=None, alpha=alpha, solver="primal")
    batches = np.split(np.arange(400), np.cumsum(sizes)[:-1])
    for rows in batches:
        model.partial_fit(data[rows], target[rows], weight[rows])
    whole = HermitePolynomialRegressor(scaling=None, alpha=alpha, solver="primal")
    whole.fit(data, target, weight)
    np.testing.assert_allclose(model.alpha_, whole.alpha_, rtol=1e-10)
    np.testing.assert_allclose(model.coef_, whole.coef_, atol=1e-10)
    np.testing.assert_allclose(model.intercept_, whole.intercept_, atol=1e-10)


def test_the_first_batch_sets_the_scaling():
    model = HermitePolynomialRegressor(2, alpha=1.0)
    model.partial_fit(X[:50], y[:50]).partial_fit(X[50:], y[50:])
    features = HermiteFeatures(2).fit(X[:50])
    ridge = Ridge(1.0).fit(features.transform(X), y)
    np.testing.assert_allclose(model.coef_, ridge.coef_, rtol=1e-8)
    fresh = HermitePolynomialRegressor(2, alpha=1.0).fit(X, y)
    np.testing.assert_array_equal(model.fit(X, y).coef_, fresh.coef_)
    again = model.partial_fit(X[:50], y[:50]).coef_
    assert (again != fresh.coef_).any()


def test_batches_must_match():
    model = HermitePolynomialRegressor(2).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y has shape \(400, 2\).*Call fit to start"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match=r"3 features.*expecting 4"):
        model.partial_fit(X[:, :3], y)
    dual = HermitePolynomialRegressor(solver="dual")
    assert not hasattr(dual, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit") as refusal:
        dual.partial_fit(X, y)
    assert 'solver="dual" needs the samples' in str(refusal.value.__cause__)


def test_leave_one_out_has_no_sums():
    """Neither of batches nor of parts nor of blocks."""
    model = HermitePolynomialRegressor(2, alpha="loo")
    for name in ("partial_fit", "merge"):
        assert not hasattr(model, name)
        with pytest.raises(AttributeError, match=name) as refusal:
            getattr(model, name)
        assert 'alpha="loo" needs the samples' in str(refusal.value.__cause__)
    with pytest.raises(ValueError, match=r'alpha="loo" needs all samples.*"gcv"'):
        model.fit(dask_array(X), y)
    assert not hasattr(model, "coef_")
    assert model.fit(X, y).score(X, y) > 0.5


@pytest.mark.parametrize("scaling", ["standardize", None])
def test_batches_without_a_word_are_those_of_gcv(scaling):
    auto, gcv = (regressor(alpha, scaling) for alpha in ("auto", "gcv"))
    for rows in (slice(100), slice(100, 400)):
        assert_same_fit(
            auto.partial_fit(X[rows], Y[rows]),
            gcv.partial_fit(X[rows], Y[rows]),
            atol=0,
        )
    lazy = dask_array(X)
    assert_same_fit(auto.fit(lazy, Y), gcv.fit(lazy, Y), atol=0)


def test_a_bad_batch_leaves_the_sums_as_they_were():
    good, poisoned = (
        HermitePolynomialRegressor(2, scaling=None, alpha=1.0) for _ in range(2)
    )
    good.partial_fit(X, y)
    for _ in range(2):  # as the first batch, and later
        with pytest.warns(UserWarning), pytest.raises(ValueError, match="overflow"):
            poisoned.partial_fit(1e90 * X, y)
        poisoned.partial_fit(X, y)
    np.testing.assert_allclose(poisoned.coef_, good.partial_fit(X, y).coef_)


def regressor(alpha=0.3, scaling=None, degree=2, **options):
    return HermitePolynomialRegressor(degree, scaling=scaling, alpha=alpha, **options)


def rows_of(rows, target, weighted):
    """What ``fit`` takes of some rows."""
    return X[rows], target[rows], weight[rows] if weighted else None


def parts_of(sizes, target, weighted, **options):
    """A regressor for each run of rows, fitted apart from the others."""
    return [
        regressor(**options).partial_fit(*rows_of(rows, target, weighted))
        for rows in np.split(np.arange(400), np.cumsum(sizes)[:-1])
    ]


def fitted(way, batches, **options):
    """A regressor that has seen the batches, one after another or apart."""
    if way == "merge":
        parts = [regressor(**options).partial_fit(*batch) for batch in batches]
        return reduce(HermitePolynomialRegressor.merge, parts)
    if way == "partial_fit":
        model = regressor(**options)
        for batch in batches:
            model.partial_fit(*batch)
        return model
    data = [np.concatenate(arrays) for arrays in zip(*batches, strict=True)]
    lengths = tuple(len(batch[0]) for batch in batches)
    return regressor(**options).fit(*(dask_array(array, lengths) for array in data))


@each_way
@each_alpha
@pytest.mark.parametrize(
    ("constants", "held"),
    [((3.0, 3.0), True), ((3.0, 2.0), False), ((3.0, None), False)],
    ids=["one constant", "two constants", "later it varies"],
)
def test_columns_that_never_varied_move_no_prediction(way, alpha, constants, held):
    """Constant in all batches, or blocks, with one value; else they count."""
    batches = []
    for constant, rows in zip(constants, (slice(200), slice(200, 400)), strict=True):
        data = X[rows].copy()
        if constant is not None:
            data[:, 1] = constant
        batches.append((data, data @ [1, 2, 0, 0] + y[rows]))
    model = fitted(way, batches, alpha=alpha)
    new = X.copy()
    new[:, 1] = 3.0
    moved = np.array([0, 5, 0, 0]) + new
    gap = np.abs(model.predict(moved) - model.predict(new))
    assert (gap == 0).all() if held else gap.max() > 0.1
    assert np.ptp(model.predict(new)) > 0.1


def test_a_fit_of_all_rows_forgets_what_never_varied_before():
    model = regressor().partial_fit(X * [1, 0, 1, 1], y).fit(X, y)
    assert np.ptp(model.predict(np.array([0, 5, 0, 0]) + X) - model.predict(X)) > 0.1


@each_way
@each_alpha
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 20.0, 1e200])
def test_the_unit_of_the_weights(way, alpha, unit):
    """It moves nothing where the penalty is chosen; a given one goes with it."""
    parts = [np.arange(150), np.arange(150, 400)]
    given = alpha if isinstance(alpha, str) else unit * alpha
    expected, found = (
        fitted(way, [(X[r], Y[r], scale * weight[r]) for r in parts], alpha=a)
        for scale, a in ((1.0, alpha), (unit, given))
    )
    np.testing.assert_allclose(found.coef_, expected.coef_, atol=1e-8)
    np.testing.assert_allclose(found.intercept_, expected.intercept_, atol=1e-8)
    np.testing.assert_allclose(found.alpha_ / unit, expected.alpha_, rtol=1e-8)


@each_alpha
def test_a_batch_with_its_rows_twice(alpha):
    """Twice the weight of one with each row once: those of a batch are merged."""
    twice = regressor(alpha).partial_fit(np.tile(X, (2, 1)), np.tile(y, 2))
    given = alpha if isinstance(alpha, str) else alpha / 2
    once = regressor(given).partial_fit(X, y)
    np.testing.assert_allclose(twice.coef_, once.coef_, atol=1e-10)
    np.testing.assert_allclose(twice.alpha_, 2 * once.alpha_)


@each_alpha
@pytest.mark.parametrize("scaling", ["standardize", None])
def test_copies_go_their_own_ways(alpha, scaling):
    """A batch that a copy tries changes nothing of the model, however shallow."""
    model = regressor(alpha, scaling).partial_fit(X[:200], y[:200])
    before = deepcopy(model)
    copy(model).partial_fit(X[200:], -100 * y[200:])
    copy(model).merge(copy(model))
    assert_same_fit(model, before, atol=0)
    rest = X[200:], y[200:]
    assert_same_fit(model.partial_fit(*rest), before.partial_fit(*rest), atol=0)


@each_alpha
@pytest.mark.parametrize("degree", [2, 6])
def test_memory_that_may_not_be_written_to(alpha, degree, tmp_path):
    """A model that joblib maps from its file goes on."""
    model = regressor(alpha, "standardize", degree).partial_fit(X[:200], y[:200])
    joblib.dump(model, tmp_path / "model")
    loaded = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not loaded._sums_.moments.gram.flags.writeable
    for _ in range(2):
        loaded.partial_fit(X[200:], y[200:])
        model.partial_fit(X[200:], y[200:])
    assert_same_fit(loaded, model, atol=0)


@pytest.mark.parametrize("alpha", [0.3, "gcv"])
@each_scaling
@each_weighting
def test_batches_of_one_scaling_are_one_fit(alpha, scaling, weighted):
    """The first batch is all rows: then come some of them again."""
    model = regressor(alpha, scaling).partial_fit(*rows_of(slice(None), Y, weighted))
    model.partial_fit(*rows_of(slice(100), Y, weighted))
    features = HermiteFeatures(2, scaling=scaling)
    features.fit(X, sample_weight=weight if weighted else None)
    again = [*range(400), *range(100)]
    ridge = Ridge(model.alpha_, solver="svd")
    ridge.fit(
        features.transform(X)[again], Y[again], weight[again] if weighted else None
    )
    np.testing.assert_allclose(model.coef_, ridge.coef_, atol=1e-8)


def test_batches_of_other_products_are_refused():
    model = regressor().partial_fit(X, y)
    for name, value in {"degree": 3, "scaling": "sphere", "max_interaction": 1}.items():
        changed = deepcopy(model).set_params(**{name: value})
        with pytest.raises(ValueError, match=rf"{name} is .* in the sums so far"):
            changed.partial_fit(X, y)
        assert (changed.fit(X, y).coef_ != 0).any()


def test_another_penalty_may_come_with_a_later_batch():
    model = regressor(alpha=1.0).partial_fit(X[:100], y[:100])
    model.set_params(alpha=7.0).partial_fit(X[100:], y[100:])
    assert_same_fit(model, regressor(alpha=7.0).fit(X, y))


@each_alpha
@each_weighting
@pytest.mark.parametrize("target", [y, Y], ids=["one target", "two targets"])
@pytest.mark.parametrize("sizes", [[200, 200], [1, 99, 300], [57] * 7 + [1]], ids=str)
def test_parts_merge_into_one_fit(alpha, weighted, target, sizes):
    parts = parts_of(sizes, target, weighted, alpha=alpha)
    merged = reduce(HermitePolynomialRegressor.merge, parts)
    assert merged is parts[0]
    whole = regressor(alpha, solver="primal")
    assert_same_fit(merged, whole.fit(*rows_of(slice(None), target, weighted)))


def test_merged_parts_take_further_batches():
    first, second, _ = parts_of([100, 100, 200], y, False)
    merged = first.merge(second).partial_fit(X[200:], y[200:])
    assert_same_fit(merged, regressor().fit(X, y))


def test_parts_merge_after_a_journey():
    parts = [pickle.loads(pickle.dumps(part)) for part in parts_of([150, 250], y, True)]
    assert_same_fit(parts[0].merge(parts[1]), regressor().fit(X, y, weight))


def test_parts_of_one_scaling_merge():
    """Both begin with the same rows, which so count twice."""
    parts = [regressor(scaling="standardize").partial_fit(X, y) for _ in range(2)]
    merged = parts[0].partial_fit(X[:50], y[:50]).merge(parts[1])
    one = regressor(scaling="standardize").partial_fit(X, y)
    one.partial_fit(X, y).partial_fit(X[:50], y[:50])
    assert_same_fit(merged, one)


@pytest.mark.parametrize("scaling", ["standardize", None])
def test_to_merge_with_itself_is_twice_the_weight(scaling):
    model = regressor(scaling=scaling).partial_fit(X, y)
    twice = regressor(scaling=scaling).fit(X, y, np.full(400, 2.0))
    assert_same_fit(model.merge(model), twice)


def test_the_other_does_not_change():
    first, second = parts_of([150, 250], Y, True)
    before = deepcopy(second)
    first.merge(second)
    for name in "coef_", "intercept_", "alpha_":
        np.testing.assert_array_equal(getattr(second, name), getattr(before, name))
    second.partial_fit(X[:50], Y[:50])
    assert_same_fit(second, before.partial_fit(X[:50], Y[:50]), atol=0)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (regressor(), r"partial_fit keeps, and one .* has none"),
        (regressor().fit(X, y), r"partial_fit keeps, and one .* has none"),
        (regressor(degree=3), "degree is 2, but 3 in the other regressor"),
        (regressor(max_interaction=1), "max_interaction is None, but 1 in the other"),
        (regressor("gcv", "sphere"), "scaling is None, but 'sphere' in the other"),
    ],
    ids=["not fitted", "fitted at once", "degree", "max_interaction", "scaling"],
)
def test_parts_that_do_not_match_are_refused(other, message):
    model, fitted = regressor().partial_fit(X, y), hasattr(other, "coef_")
    if not fitted and "partial_fit keeps" not in message:
        other.partial_fit(X, y)
    before = model.coef_.copy()
    with pytest.raises(ValueError, match=message):
        model.merge(other)
    np.testing.assert_array_equal(model.coef_, before)
    if "partial_fit keeps" in message:
        with pytest.raises(ValueError, match=message):
            other.merge(model)


def test_parts_of_another_shape_are_refused():
    model = regressor().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"coef_ has shape \(14,\) here and \(2, 14\)"):
        model.merge(regressor().partial_fit(X, Y))
    with pytest.raises(ValueError, match=r"shape \(14,\) here and \(9,\).* features"):
        model.merge(regressor().partial_fit(X[:, :3], y))


def test_parts_with_other_names_of_columns_are_refused():
    """As partial_fit refuses them: the same numbers would mean something else."""
    names = ["a", "b", "c", "d"]
    model = regressor().partial_fit(pd.DataFrame(X, columns=names), y)
    moved = pd.DataFrame(X, columns=names)[names[::-1]]
    with pytest.raises(ValueError, match="feature names should match"):
        deepcopy(model).partial_fit(moved, y)
    with pytest.raises(ValueError, match="names"):
        model.merge(regressor().partial_fit(moved, y))


def test_parts_of_another_scaling_are_refused():
    parts = parts_of([200, 200], y, False, scaling="standardize")
    with pytest.raises(ValueError, match=r"scale their features differently.*scaling="):
        parts[0].merge(parts[1])


def test_the_dual_has_no_sums_to_merge():
    dual = HermitePolynomialRegressor(solver="dual").fit(X, y)
    assert not hasattr(dual, "merge")
    changed = regressor().partial_fit(X, y).set_params(degree=3)
    with pytest.raises(ValueError, match="degree is 3, but 2 in the sums so far"):
        changed.merge(regressor(degree=3).partial_fit(X, y))


@pytest.fixture(autouse=True)
def one_thread():
    """Dask's blocks one after another, where a test does not say otherwise."""
    with dask.config.set(scheduler="synchronous"):
        yield


def dask_array(array, rows=70, columns=-1):
    """In chunks of so many rows, or of such numbers of rows."""
    return da.from_array(array, (rows, columns) if array.ndim > 1 else (rows,))


def in_memory(*data, **options):
    return regressor(solver="primal", **options).fit(*data)


@each_alpha
@each_scaling
@each_weighting
@pytest.mark.parametrize("target", [y, Y], ids=["one target", "two targets"])
def test_dask_arrays_are_fitted_as_arrays(alpha, scaling, weighted, target):
    data = rows_of(slice(None), target, weighted)
    lazy = [None if array is None else dask_array(array) for array in data]
    found = regressor(alpha, scaling).fit(*lazy)
    expected = in_memory(*data, alpha=alpha, scaling=scaling)
    assert_same_fit(found, expected)
    for name in "mean_", "scale_":
        ours, theirs = (getattr(fit.features_, name) for fit in (found, expected))
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


CHUNKS = {
    "one chunk": (400, -1),
    "uneven": ((1, 299, 100), -1),
    "columns apart": (130, 1),
    "uneven columns": (130, (3, 1)),
    "an empty chunk": ((100, 0, 300), -1),
    "an empty chunk before": ((0, 400), -1),
}


@each_scaling
@pytest.mark.parametrize("target", [y, Y], ids=["one target", "two targets"])
@pytest.mark.parametrize("chunks", CHUNKS)
def test_chunks_make_no_difference(scaling, target, chunks):
    found = regressor(scaling=scaling)
    found.fit(dask_array(X, *CHUNKS[chunks]), dask_array(target, 150), weight)
    assert_same_fit(found, in_memory(X, target, weight, scaling=scaling))


@pytest.mark.parametrize("scaling", ["standardize", None])
def test_a_chunk_may_be_one_row(scaling):
    found = regressor(scaling=scaling).fit(dask_array(X[:40], 1), y[:40], weight[:40])
    expected = in_memory(X[:40], y[:40], weight[:40], scaling=scaling)
    assert_same_fit(found, expected)


@each_scaling
def test_a_chunk_may_have_no_weight(scaling):
    without = np.where(np.arange(400) // 100 == 1, 0, weight)
    found = regressor(scaling=scaling).fit(dask_array(X, 100), y, without)
    assert_same_fit(found, in_memory(X, y, without, scaling=scaling))


@pytest.mark.parametrize("lazy", ["X", "X, y", "X, weight", "X, y, weight"])
def test_targets_and_weights_may_be_arrays(lazy):
    data = {"X": X, "y": Y, "weight": weight}
    mixed = [
        dask_array(array, 30 * len(name)) if name in lazy.split(", ") else array
        for name, array in data.items()
    ]
    assert_same_fit(regressor().fit(*mixed), in_memory(X, Y, weight))
    if lazy == "X":
        listed = regressor().fit(dask_array(X), Y.tolist(), weight.tolist())
        assert_same_fit(listed, in_memory(X, Y, weight))


@each_scaling
@each_weighting
def test_chunks_may_be_of_unknown_size(scaling, weighted):
    kept = X[:, 1] > 0
    lazy = dask_array(X)
    data = rows_of(kept, Y, weighted)
    found = regressor(scaling=scaling).fit(
        lazy[lazy[:, 1] > 0],
        dask_array(Y)[lazy[:, 1] > 0],
        dask_array(weight)[lazy[:, 1] > 0] if weighted else None,
    )
    assert_same_fit(found, in_memory(*data, scaling=scaling))


def test_a_filter_may_leave_a_chunk_empty():
    rising = np.sort(X, axis=0)
    kept, lazy = rising[:, 0] > 0, dask_array(rising, 50)
    assert not kept[:50].any()
    found = regressor().fit(lazy[lazy[:, 0] > 0], dask_array(y, 50)[lazy[:, 0] > 0])
    assert_same_fit(found, in_memory(rising[kept], y[kept]))


@each_scaling
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.int8])
def test_any_numbers(scaling, dtype):
    numbers, targets = np.round(4 * X).astype(dtype), np.round(Y).astype(dtype)
    found = regressor(scaling=scaling).fit(dask_array(numbers), dask_array(targets))
    expected = in_memory(numbers, targets, scaling=scaling)
    assert found.coef_.dtype == expected.coef_.dtype
    rtol = 1e-5 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(found.coef_, expected.coef_, rtol=rtol, atol=rtol)


def few_seen(monkeypatch, n_rows=50):
    monkeypatch.setattr("sklearn_depth.utils._dask._SAMPLE", n_rows)


@each_alpha
@each_scaling
@each_weighting
def test_rows_beyond_the_sample_count_as_much(alpha, scaling, weighted, monkeypatch):
    few_seen(monkeypatch)
    data = rows_of(slice(None), Y, weighted)
    found = regressor(alpha, scaling).fit(dask_array(X), *data[1:])
    assert_same_fit(found, in_memory(*data, alpha=alpha, scaling=scaling))


def test_the_sample_sees_rows_that_take_turns(monkeypatch):
    """Rows of four kinds in turn are no outliers to those of one kind."""
    few_seen(monkeypatch, 100)
    mixed = X + 300 * (np.arange(400) % 4)[:, None]
    found = regressor(scaling="standardize").fit(dask_array(mixed), y)
    np.testing.assert_allclose(found.features_.mean_, mixed.mean(axis=0), rtol=1e-10)


def test_the_sample_may_be_of_rows_without_weight(monkeypatch):
    few_seen(monkeypatch, 200)
    half = np.arange(400) % 2
    for scaling in ("standardize", None):
        found = regressor(scaling=scaling).fit(dask_array(X), y, half)
        assert_same_fit(found, in_memory(X, y, half, scaling=scaling))


def test_no_task_holds_more_rows_than_a_chunk(monkeypatch):
    few_seen(monkeypatch, 70)
    lengths = []

    def measure(key, result, *others):
        found = result if isinstance(result, list | tuple) else [result]
        lengths.extend(len(array) for array in found if np.ndim(array))

    X = da.random.default_rng(0).standard_normal((2000, 3), chunks=(80, 2))
    with Callback(posttask=measure):
        regressor(scaling="standardize").fit(X, X[:, 0] * X[:, 2], abs(X[:, 1]))
    assert len(lengths) > 25
    assert max(lengths) == 80


@each_alpha
@pytest.mark.parametrize("scaling", ["standardize", None])
def test_each_run_and_scheduler_gives_the_same_bits(alpha, scaling):
    fits = []
    for scheduler in ["synchronous", "synchronous", *["threads"] * 4]:
        with dask.config.set(scheduler=scheduler):
            fits.append(regressor(alpha, scaling).fit(dask_array(X, 30), Y).coef_)
    for coef in fits[1:]:
        np.testing.assert_array_equal(coef, fits[0])


def test_bits_do_not_depend_on_what_else_runs(monkeypatch):
    """Dask's threads meet as chance has it, and then BLAS has one thread in each."""
    monkeypatch.setattr("sklearn_depth.utils._memory._BLOCK_ELEMENTS", 1)
    model = regressor(scaling="standardize")
    with threadpool_limits(3, user_api="blas"):
        alone = model.fit(dask_array(X, 200), y).coef_
        beside = map_parts(lambda _: model.fit(dask_array(X, 200), y).coef_, 1, 1)[0]
    np.testing.assert_array_equal(beside, alone)


def test_nan_in_a_late_chunk_is_refused(monkeypatch):
    few_seen(monkeypatch, 10)
    spoiled = X.copy()
    spoiled[399, 2] = np.nan
    for scaling in ("standardize", None):
        with pytest.raises(ValueError, match="Input X contains NaN"):
            regressor(scaling=scaling).fit(dask_array(spoiled), y)


def test_overflow_in_a_late_chunk_is_refused(monkeypatch):
    few_seen(monkeypatch, 10)
    spoiled = X.copy()
    spoiled[399, 2] = 1e90
    with pytest.raises(ValueError, match=r"overflow.*StandardScaler"):
        regressor().fit(dask_array(spoiled), y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": y[:-1]}, r"inconsistent numbers of samples: \[400, 399\]"),
        ({"sample_weight": weight[1:]}, r"numbers of samples: \[400, 400, 399\]"),
        ({"X": da.from_array(X[:, 0])}, "Expected 2D array, got 1D array"),
        ({"y": Y[:, :, None]}, "dim 3"),
        ({"y": None}, "requires y to be passed"),
        ({"y": ["a"] * 400}, "could not convert string to float"),
        ({"sample_weight": -weight}, "Negative values in .*sample_weight"),
        ({"sample_weight": 0 * weight}, "at least one non-zero"),
        ({"X": da.from_array(X[:, :0])}, r"0 feature\(s\).*minimum of 1"),
        ({"X": da.from_array(X + 1j)}, "Complex data not supported"),
        ({"X": da.from_array(X[:1]), "y": y[:1]}, r"1 sample\(s\).* minimum of 2"),
        ({"X": da.from_array(X[:0]), "y": y[:0]}, r"0 sample\(s\).*minimum of"),
    ],
    ids=[
        *["short y", "short weights", "one axis", "three axes", "no y", "strings"],
        *["negative", "no weight", "no columns", "complex", "one row", "no rows"],
    ],
)
def test_bad_dask_arrays_are_refused_as_arrays_are(change, message):
    with pytest.raises(ValueError, match=message):
        regressor().fit(**{"X": dask_array(X), "y": y} | change)


def test_the_dual_of_a_dask_array_is_refused():
    dual = HermitePolynomialRegressor(solver="dual")
    with pytest.raises(
        ValueError, match=r'solver="dual" needs all samples.*Dask.*primal'
    ):
        dual.fit(dask_array(X), y)


def test_a_dask_data_frame_is_an_array_with_names():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    found = regressor().fit(dd.from_pandas(frame, npartitions=2), y)
    assert_same_fit(found, in_memory(X, y))
    assert found.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    again = found.fit(dask_array(X), y)
    assert not hasattr(again, "feature_names_in_")


def test_a_fit_to_a_dask_array_leaves_nothing_of_another():
    wide = np.random.default_rng(0).standard_normal((30, 100))
    model = HermitePolynomialRegressor(3).fit(wide, wide[:, 0])
    assert hasattr(model, "dual_coef_")
    model.set_params(degree=2, scaling=None, alpha=0.3).fit(dask_array(X), y)
    assert not hasattr(model, "dual_coef_")
    np.testing.assert_array_equal(
        model.predict(X), regressor().fit(dask_array(X), y).predict(X)
    )


@pytest.mark.parametrize("target", [y, Y], ids=["one target", "two targets"])
def test_the_model_predicts_arrays_of_both_kinds(target):
    model = regressor(scaling="standardize").fit(dask_array(X), target)
    expected = in_memory(X, target, scaling="standardize").predict(X)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9, atol=1e-9)
    shape = {"drop_axis": 1} if target.ndim == 1 else {"chunks": (70, 2)}
    lazy = dask_array(X).map_blocks(model.predict, dtype=float, **shape)
    np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-9, atol=1e-9)
