"""Ridge regression from sums: that of all rows, whatever way they come."""

import tracemalloc
from copy import deepcopy
from functools import reduce

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklearn_depth import (
    HermitePolynomialRegressor,
    StreamingRidge,
    TwoLayerGDRegressor,
)
from sklearn_depth.features import HermiteFeatures, RadialFeatures, SigmoidFeatures

rng = np.random.default_rng(0)
X = rng.normal([0.5, 0, -1, 1, 3], [1, 1.5, 0.7, 1, 0.1], (300, 5))
Y = X @ rng.standard_normal((5, 3)) + [0, 5, 50] + rng.standard_normal((300, 3))
weight = rng.uniform(0.2, 3, 300)
each_target = pytest.mark.parametrize("y", [Y[:, 0], Y], ids=["one", "three"])
each_weighting = pytest.mark.parametrize("weight", [weight, None], ids=["w", "1"])
each_alpha = pytest.mark.parametrize("alpha", [0.0, 0.3, 100.0, "gcv"])
each_way = pytest.mark.parametrize("way", ["fit", "partial_fit", "merge", "dask"])
SPLITS = [300], [1, 99, 200], [43] * 6 + [42], [1] * 5 + [295]
each_split = pytest.mark.parametrize("sizes", SPLITS, ids=str)


def in_way(way, model, X, y, weight=None, sizes=(100, 0, 200)):
    """A regressor that has seen the rows, in parts of these sizes or at once."""
    if way == "fit":
        return model.fit(X, y, weight)
    arrays = [X, y] if weight is None else [X, y, weight]
    if way == "dask":
        chunks = [(tuple(sizes), *a.shape[1:]) for a in arrays]
        return model.fit(*map(da.from_array, arrays, chunks))
    ends = np.cumsum([size for size in sizes if size])[:-1]
    parts = list(zip(*(np.split(array, ends) for array in arrays), strict=True))
    if way == "merge":
        apart = (deepcopy(model).partial_fit(*part) for part in parts)
        return reduce(StreamingRidge.merge, apart)
    return reduce(lambda model, part: model.partial_fit(*part), parts, model)


def assert_same_fit(found, expected, rtol=1e-8):
    np.testing.assert_allclose(found.coef_, expected.coef_, rtol=rtol)
    np.testing.assert_allclose(found.intercept_, expected.intercept_, rtol=rtol)


def criterion(X, y, alpha, weight):
    """Generalised cross-validation of ridge regression, from the hat matrix."""
    weight = np.ones(len(X)) if weight is None else weight / weight.mean()
    root = np.sqrt(weight)[:, None]
    centred, target = root * (X - np.average(X, 0, weight)), root[:, 0]
    target = target * (y - np.average(y, weights=weight))
    gram = centred.T @ centred + alpha * np.eye(X.shape[1])
    hat = centred @ np.linalg.solve(gram, centred.T)
    free = 1 - (1 + np.trace(hat)) / len(X)
    return np.mean((target - hat @ target) ** 2) / free**2


@each_way
@each_target
@each_weighting
@each_alpha
def test_the_fit_is_that_of_ridge(way, y, weight, alpha):
    model = in_way(way, StreamingRidge(alpha), X, y, weight)
    ridge = Ridge(model.alpha_, solver="svd").fit(X, y, weight)
    assert_same_fit(model, ridge)
    np.testing.assert_allclose(model.predict(X), ridge.predict(X), rtol=1e-8)
    if alpha != "gcv":
        assert (np.asarray(model.alpha_) == alpha).all()


@each_way
@pytest.mark.parametrize("alpha", [0.3, "gcv"])
def test_without_intercept(way, alpha):
    model = in_way(way, StreamingRidge(alpha, fit_intercept=False), X, Y, weight)
    ridge = Ridge(model.alpha_, fit_intercept=False, solver="svd")
    assert_same_fit(model, ridge.fit(X, Y, weight))
    assert (model.intercept_ == 0).all()


@each_weighting
@pytest.mark.parametrize("noise", [0.1, 3.0, 100.0])
def test_the_penalty_minimises_generalised_cross_validation(weight, noise):
    """Up to the grid's step, of which errors that tie within a part in 1e3."""
    y = Y[:, 0] + noise * np.random.default_rng(1).standard_normal(300)
    model = StreamingRidge().fit(X, y, weight)
    unit = 1 if weight is None else weight.mean()
    grid = np.geomspace(1e-6, 1e6, 200)
    least = min(criterion(X, y, alpha, weight) for alpha in grid)
    assert criterion(X, y, model.alpha_ / unit, weight) < 1.01 * least


@each_way
@each_split
@each_alpha
def test_any_split_is_one_fit(way, sizes, alpha):
    found = in_way(way, StreamingRidge(alpha), X, Y, weight, sizes)
    expected = StreamingRidge(alpha).fit(X, Y, weight)
    np.testing.assert_allclose(found.alpha_, expected.alpha_, rtol=1e-8)
    assert_same_fit(found, expected)


@each_way
@each_alpha
def test_weights_are_repetition(way, alpha):
    counts = np.random.default_rng(1).integers(0, 4, 300)
    weighted = in_way(way, StreamingRidge(alpha), X, Y, counts.astype(float))
    repeated = StreamingRidge(alpha).fit(*(np.repeat(a, counts, 0) for a in (X, Y)))
    np.testing.assert_allclose(weighted.alpha_, repeated.alpha_, rtol=1e-8)
    assert_same_fit(weighted, repeated)


@pytest.mark.parametrize("unit", [1e-200, 1e-3, 20.0, 1e200])
def test_the_unit_of_the_weights(unit):
    expected = StreamingRidge().fit(X, Y, weight)
    for way in ("partial_fit", "dask"):
        found = in_way(way, StreamingRidge(), X, Y, unit * weight)
        np.testing.assert_allclose(found.alpha_ / unit, expected.alpha_, rtol=1e-8)
        assert_same_fit(found, expected)


def test_to_merge_is_associative_and_commutes():
    a, b, c = (
        StreamingRidge().partial_fit(X[rows], Y[rows], weight[rows])
        for rows in (slice(40), slice(40, 200), slice(200, 300))
    )
    copies = [deepcopy(model) for model in (a, b, c)]
    left = deepcopy(a).merge(b).merge(c)
    right = deepcopy(a).merge(deepcopy(b).merge(c))
    around = deepcopy(c).merge(a).merge(b)
    for found in right, around:
        assert_same_fit(found, left, rtol=1e-11)
    for model, before in zip((a, b, c), copies, strict=True):
        assert_same_fit(model, before, rtol=0)


@each_way
@pytest.mark.parametrize("offset", [1e4, 1e8])
def test_columns_far_from_zero(way, offset):
    """They have the coefficients that they have about 0, up to their own rounding."""
    far = X + offset
    near = far - offset  # the same numbers, exactly
    found = in_way(way, StreamingRidge(0.3), far, Y)
    expected = Ridge(0.3, solver="svd").fit(near, Y)
    np.testing.assert_allclose(found.coef_, expected.coef_, rtol=1e-14 * offset)


@each_way
def test_columns_that_never_varied_move_no_prediction(way):
    data = X.copy()
    data[:, 2] = 7.0
    model = in_way(way, StreamingRidge(), data, Y)
    np.testing.assert_array_equal(model.predict(X), model.predict(data))


def test_batches_go_on_from_a_fit():
    model = StreamingRidge().fit(X[:100], Y[:100]).partial_fit(X[100:], Y[100:])
    assert_same_fit(model, StreamingRidge().fit(X, Y))
    model.fit(X[:100], Y[:100])
    assert_same_fit(model, StreamingRidge().fit(X[:100], Y[:100]), rtol=0)


def test_more_columns_than_rows():
    wide = np.random.default_rng(0).standard_normal((20, 50))
    for way in ("fit", "partial_fit", "merge", "dask"):
        model = in_way(way, StreamingRidge(0.1), wide, wide[:, :2], sizes=[8, 12])
        ridge = Ridge(0.1, solver="svd").fit(wide, wide[:, :2])
        np.testing.assert_allclose(model.coef_, ridge.coef_, atol=1e-10)


@pytest.mark.parametrize(
    "model",
    [
        StreamingRidge(),
        TwoLayerGDRegressor(
            10, layers=["random"], n_feature_steps=0, subsample=500, random_state=0
        ),
    ],
    ids=["ridge", "two layers"],
)
def test_a_memory_map_is_never_copied(model, tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_depth.utils._memory._BLOCK_ELEMENTS", 2**16)
    shape = (200_000, 20)
    data = np.lib.format.open_memmap(tmp_path / "X.npy", "w+", np.float32, shape)
    data[:] = np.random.default_rng(0).standard_normal(shape, np.float32)
    y = data[:, 0] + 2 * data[:, 1]
    data = np.load(tmp_path / "X.npy", mmap_mode="r")
    tracemalloc.start()
    model.fit(data, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.75 * data.nbytes  # targets and weights, in float64
    np.testing.assert_allclose(model.predict(data[:99]), y[:99], atol=1e-3)


def test_a_data_frame_keeps_its_names():
    frame = pd.DataFrame(X, columns=list("abcde"))
    lazy = dd.from_pandas(frame.assign(y=Y[:, 0]), npartitions=3)
    model = StreamingRidge().fit(lazy[list("abcde")], lazy["y"])
    assert_same_fit(model, StreamingRidge().fit(X, Y[:, 0]))
    assert model.feature_names_in_.tolist() == list("abcde")
    more = model.partial_fit(frame, Y[:, 0])
    with pytest.raises(ValueError, match="feature names should match"):
        more.partial_fit(frame.rename(columns={"a": "z"}), Y[:, 0])


@pytest.mark.parametrize("kind", [list, pd.Series, pd.DataFrame])
def test_targets_in_memory_beside_rows_that_are_not(kind):
    far = da.from_array(X, chunks=(100, 5))
    y = [row[:1] for row in Y.tolist()] if kind is list else kind(Y[:, :1].squeeze())
    found = StreamingRidge(0.3).fit(far, y, kind(weight) if kind is list else weight)
    expected = StreamingRidge(0.3).fit(X, y, weight)
    assert found.coef_.shape == expected.coef_.shape
    assert_same_fit(found, expected)


@pytest.mark.filterwarnings("error")
def test_one_weight_for_all_rows_of_blocks():
    far = da.from_array(X, chunks=(100, 5))
    assert_same_fit(StreamingRidge(6.0).fit(far, Y, 2.0), StreamingRidge(3.0).fit(X, Y))


@pytest.mark.parametrize(
    "features",
    [
        SigmoidFeatures(30, random_state=0),
        RadialFeatures(20, n_knots=8, random_state=0),
        HermiteFeatures(2),
    ],
    ids=["sigmoid", "radial", "Hermite"],
)
def test_a_pipeline_is_lazy(features):
    pipeline = make_pipeline(features, StreamingRidge(0.1))
    expected = pipeline.fit(X, Y).predict(X)
    chunks = da.from_array(X, chunks=((30, 0, 270), 3))
    lazy = pipeline.fit(chunks, da.from_array(Y, chunks=50)).predict(chunks)
    assert isinstance(lazy, da.Array)
    np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": Y[:-1]}, r"inconsistent numbers of samples: \[300, 299\]"),
        ({"sample_weight": weight[1:]}, r"numbers of samples: \[300, 300, 299\]"),
        ({"sample_weight": -weight}, r"In block \d of X: Negative values"),
        ({"sample_weight": 0 * weight}, "All weights are zero"),
        ({"y": 1.0}, r"Input should have at least 1 dimension"),
        ({"y": None}, "requires y to be passed"),
        ({"y": Y[:, :, None]}, "dim 3"),
        ({"X": da.from_array(X[:, 0])}, "Expected 2D array, got 1D array"),
        ({"X": da.from_array(X[:, :0])}, r"0 feature\(s\).*minimum of 1"),
        ({"X": da.from_array(X[:1]), "y": Y[:1]}, r"1 sample\(s\).* minimum of 2"),
        ({"X": da.from_array(X[:0]), "y": Y[:0]}, r"0 sample\(s\).* minimum of 2"),
        ({"X": da.from_array(1e200 * X)}, "In block 0 of X: The largest entry"),
    ],
    ids=[
        *["short y", "short weights", "negative", "no weight", "one y", "no y"],
        *["three axes", "one axis", "no columns", "one row", "no rows", "too large"],
    ],
)
def test_bad_dask_arrays_are_refused(change, message):
    given = {"X": da.from_array(X, chunks=(100, 5)), "y": Y} | change
    model = StreamingRidge()
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(**given)
    assert not vars(model).keys() & {"coef_", "_sums_"}


def test_the_block_of_a_missing_value_is_named():
    for data, target in ((X.copy(), Y), (X, Y.copy())):
        (data if target is Y else target)[250, 1] = np.nan
        with pytest.raises(ValueError, match=r"In block 2 of X: Input . contains NaN"):
            StreamingRidge().fit(da.from_array(data, chunks=(100, 5)), target)


def test_a_bad_batch_leaves_the_sums_as_they_were():
    model = StreamingRidge().partial_fit(X, Y)
    before = deepcopy(model)
    for data, target, message in (
        (X[:, :3], Y, "3 features"),
        (X, Y[:, 0], r"y has shape \(300,\).*as many targets"),
        (np.full_like(X, np.nan), Y, "NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            model.partial_fit(data, target)
    assert_same_fit(model.partial_fit(X, Y), before.partial_fit(X, Y), rtol=0)


def test_parts_that_do_not_match_are_refused():
    model = StreamingRidge().partial_fit(X, Y)
    frame = pd.DataFrame(X, columns=list("abcde"))
    for other, message in (
        (StreamingRidge(), r"one of the\s+regressors has none"),
        (StreamingRidge().fit(X, Y[:, 0]), r"coef_ has shape \(3, 5\) here and \(5,\)"),
        (StreamingRidge().fit(frame, Y), "feature names are None here"),
    ):
        with pytest.raises(ValueError, match=message):
            model.merge(other)


def test_rows_sorted_by_y_within_blocks_are_said_once():
    rows = np.random.default_rng(1).standard_normal((2000, 2))
    rows = rows[np.argsort(rows[:, 0])]
    blocks = da.from_array(rows, (1000, 2)), da.from_array(rows[:, 0], 1000)
    with pytest.warns(UserWarning, match=r"look sorted by y: .* by 0\.0") as said:
        HermitePolynomialRegressor(1, alpha=1.0).fit(*blocks)  # in two passes
    assert len(said) == 1
    labels = np.repeat([0.0, 1.0], 1000)  # of one label in each block
    StreamingRidge().fit(blocks[0], labels)
    StreamingRidge().fit(blocks[0][::-1][:99], blocks[1][::-1][:99])  # too few to tell
