"""Predictions and features of Dask collections, by every estimator."""

import warnings
from copy import deepcopy
from functools import cache

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.pipeline import make_pipeline
from test_common import (
    REGRESSORS,
    TARGETS,
    TRANSFORMERS,
    X,
    each_estimator,
    frame,
    height,
    labels,
    small,
)

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    StreamingRidge,
    ThreeLayerFeatureRegressor,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
)
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
    SigmoidFeatures,
)
from sklearn_depth.utils._dask import DaskRows

# Those that fit Dask collections; KernelRidge does on landmarks alone, and
# nets of fixed hidden sigmoids at a given penalty.
ON_DASK = [
    HermitePolynomialRegressor,
    LearnedReLUFeatures,
    RadialTwoLayerRegressor,
    StreamingRidge,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
]
MEASURED = HermiteFeatures, RadialFeatures, SigmoidFeatures
METHODS = "predict", "decision_function", "predict_proba", "transform"
# Other sizes of the blocks are other matrix products, of other rounding.
close = {"rtol": 1e-6, "atol": 1e-6}


@cache
def fitted(make, several=False, kind="array"):
    """A model that no test changes."""
    data = {"array": X, "single": X.astype(np.float32), "frame": frame}[kind]
    if make in REGRESSORS:
        y = TARGETS if several else height
    else:
        y = labels(3 if several else 2) if is_classifier(make()) else height
    return small(make).fit(data, y)


def methods_of(model):
    return [getattr(model, name) for name in METHODS if hasattr(model, name)]


def assert_as_in_memory(method, lazy, X):
    assert isinstance(lazy, da.Array)
    expected = method(X)
    assert lazy.dtype == expected.dtype
    assert lazy.shape[1:] == expected.shape[1:]
    found = lazy.compute()
    assert found.dtype == expected.dtype
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, **close)
    else:
        np.testing.assert_array_equal(found, expected)


def never(block):
    raise AssertionError("a block was computed before its time")


@each_estimator
@pytest.mark.parametrize("several", [False, True], ids=["one", "three"])
def test_arrays_are_mapped_block_by_block(make, several):
    """Of chunks along both axes, one of them empty, and of unknown sizes."""
    model = fitted(make, several)
    chunks = da.from_array(X, chunks=((30, 0, 50), 3))
    unknown = chunks[da.from_array(np.arange(80) % 4 != 0, chunks=40)]
    for method in methods_of(model):
        lazy = method(chunks)
        assert lazy.chunks[0] == (30, 0, 50)
        assert_as_in_memory(method, lazy, X)
        assert_as_in_memory(method, method(unknown), X[np.arange(80) % 4 != 0])


@each_estimator
def test_nothing_is_computed_before_its_time(make):
    model = fitted(make)
    untouched = da.from_array(X, chunks=(40, 4)).map_blocks(never, dtype=float)
    for method in methods_of(model):
        lazy = method(X=untouched)
        assert lazy.shape[0] == 80
        with pytest.raises(AssertionError, match="before its time"):
            lazy.compute()


@each_estimator
def test_single_precision_stays(make):
    model = fitted(make, kind="single")
    single = X.astype(np.float32)
    for method in methods_of(model):
        lazy = method(da.from_array(single, chunks=(33, 4)))
        expected = method(single)
        assert lazy.dtype == lazy.compute().dtype == expected.dtype


@each_estimator
def test_data_frames_are_mapped_and_their_names_checked(make):
    model = fitted(make, kind="frame")
    lazy = dd.from_pandas(frame, npartitions=3)
    for method in methods_of(model):
        assert_as_in_memory(method, method(lazy), frame)
        with pytest.raises(ValueError, match="feature names should match"):
            method(lazy.rename(columns={"east": "orient"}))
        with pytest.raises(ValueError, match="same order"):
            method(lazy[["east", "north", "south", "west"]])


@each_estimator
def test_bad_collections_are_refused_before_any_pass(make):
    model = fitted(make)
    array = da.from_array(X, chunks=(40, 4))
    texts = dd.from_pandas(frame.assign(east="a", west="b"), npartitions=2)
    for method in methods_of(model):
        with pytest.raises(ValueError, match=r"3 features.*expecting 4"):
            method(array[:, :3])
        with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
            method(array[:, 0])
        with pytest.raises(ValueError, match="unknown number of features"):
            method(array[:, (array > 0).any(axis=0)])
        with pytest.raises(TypeError, match=r"\['east', 'west'\] of X hold no num"):
            method(texts)
        with pytest.raises(TypeError, match=r"X is a Delayed.*only arrays and data"):
            method(dask.delayed(X))


@each_estimator
def test_the_block_of_a_missing_value_is_named(make):
    model = fitted(make)
    spoiled = X.copy()
    spoiled[70, 2] = np.nan
    for method in methods_of(model):
        lazy = method(da.from_array(spoiled, chunks=(20, 4)))
        with pytest.raises(ValueError, match=r"In block 3 of X: .*NaN"):
            lazy.compute()


@pytest.mark.parametrize(
    "make",
    [*TRANSFORMERS, TwoLayerGDRegressor, ThreeLayerFeatureRegressor],
    ids=lambda made: made.__name__,
)
def test_features_stay_lazy_whatever_the_container(make):
    model = deepcopy(fitted(make, kind="frame")).set_output(transform="pandas")
    lazy = model.transform(dd.from_pandas(frame, npartitions=2))
    assert isinstance(lazy, da.Array)
    expected = model.transform(frame)
    assert isinstance(expected, pd.DataFrame)
    np.testing.assert_allclose(lazy.compute(), expected, **close)


def test_a_map_that_is_fitted_and_applied_at_once_is_lazy_too():
    model = SigmoidFeatures(20, random_state=0).set_output(transform="pandas")
    found = model.fit_transform(dd.from_pandas(frame, npartitions=2))
    assert isinstance(found, da.Array)
    np.testing.assert_allclose(found.compute(), model.fit_transform(frame), **close)


@pytest.mark.parametrize(
    "model",
    [HermitePolynomialRegressor(2), KernelRidge("evidence", kernel="rbf")],
    ids=["Hermite", "kernel"],
)
@pytest.mark.parametrize("y", [height, TARGETS], ids=["one", "three"])
def test_standard_deviations_are_lazy_too(model, y):
    model.fit(X, y)
    lazy = model.predict(da.from_array(X, chunks=((30, 0, 50), 4)), return_std=True)
    for found, expected in zip(lazy, model.predict(X, return_std=True), strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, **close)


FITS = {
    "ridge": StreamingRidge(),
    "Hermite": HermitePolynomialRegressor(2, alpha=1.0),
    "radial": RadialTwoLayerRegressor(n_knots=5, alpha=0.01),
    "kernel": KernelRidge(0.1, kernel="rbf", n_components=20, random_state=0),
    "sigmoid": FixedHiddenSigmoidRegressor(16, alpha=0.1, tie=1.0, random_state=0),
    "two layers": TwoLayerGDRegressor(
        20, layers=["linear", "dense"], n_feature_steps=2, subsample=60, random_state=0
    ),
    "sigmoid, classes": FixedHiddenSigmoidClassifier(
        16, alpha=0.1, tie=1.0, class_weight="balanced", random_state=0
    ),
    "two layers, classes": TwoLayerGDClassifier(
        10, layers=["random"], alpha=1.0, subsample=60, random_state=0
    ),
    "learned map": make_pipeline(
        LearnedReLUFeatures(20, n_feature_steps=2, random_state=0), StreamingRidge(1.0)
    ),
}


# How often these read a block, as their docstrings and the guide say.
PASSES = {
    "ridge": 1,
    "Hermite": 3,
    "radial": 2,
    "kernel": 2,
    "two layers": 3,
    "learned map": 2,
}


def fitted_to(model, X, y, **weights):
    """What such a model says of the rows, fitted to y or to where it is how high."""
    model = clone(model)
    if not is_classifier(model):
        return model.fit(X, y, **weights).predict
    classes = np.where(y == np.inf, y, y > np.median(height))
    return model.fit(X, classes, **weights).decision_function


each_fit = pytest.mark.parametrize("model", FITS.values(), ids=FITS)


@each_fit
def test_fits_take_rows_however_they_are_chunked(model):
    """Along columns, with an empty chunk, of unknown sizes, and y in another way."""
    rows = da.from_array(X, chunks=((30, 0, 50), 3))
    unknown = rows[da.from_array(np.full(80, True), chunks=40)]
    expected = fitted_to(model, X, height)(X)
    for chunks in rows, unknown:
        found = fitted_to(model, chunks, da.from_array(height, chunks=33))(X)
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", PASSES)
def test_each_block_is_read_in_so_many_passes(name):
    read = []

    def noted(block):
        read.append(len(block))
        return block

    rows = da.from_array(X, chunks=((30, 50), 4))
    rows = rows.map_blocks(noted, dtype=float, meta=np.empty((0, 4)))
    with dask.config.set(scheduler="synchronous"):
        fitted_to(FITS[name], rows, height)
    assert sorted(read) == sorted([30, 50] * PASSES[name])


@each_fit
def test_fits_name_the_block_of_a_value_that_is_wrong(model):
    spoiled, targets = X.copy(), height.copy()
    spoiled[70, 2], targets[50] = np.nan, np.inf
    chunks = da.from_array(X, chunks=(20, 4))
    with pytest.raises(ValueError, match="In block 3 of X: Input X contains NaN"):
        fitted_to(model, da.from_array(spoiled, chunks=(20, 4)), height)
    with pytest.raises(ValueError, match="In block 2 of X: Input y contains infinity"):
        fitted_to(model, chunks, targets)
    with pytest.raises(ValueError, match="unknown number of features"):
        fitted_to(model, chunks[:, (chunks > -9).any(axis=0)], height)
    texts = dd.from_pandas(frame.assign(east="a"), npartitions=2)
    with pytest.raises(TypeError, match=r"\['east'\] of X hold no numbers"):
        fitted_to(model, texts, height)


@each_fit
def test_what_is_wrong_in_a_block_without_weight_is_seen_too(model):
    """In memory it is as well."""
    steps = [f"{step}__" for step in getattr(model, "named_steps", ())] or [""]
    weight = {f"{step}sample_weight": np.repeat([1.0, 0.0], 40) for step in steps}
    spoiled = np.where(np.arange(80) == 70, np.nan, X.T).T
    for rows in spoiled, da.from_array(spoiled, chunks=(40, 4)):
        with pytest.raises(ValueError, match="Input X contains NaN"):
            fitted_to(model, rows, height, **weight)
    found = fitted_to(model, da.from_array(X, chunks=(40, 4)), height, **weight)(X)
    expected = fitted_to(model, X, height, **weight)(X)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


def test_samples_are_of_rows_of_some_weight(monkeypatch):
    """As many as were asked for; all that there are, where there are fewer."""
    monkeypatch.setattr("sklearn_depth.utils._dask._SAMPLE", 20)
    for n_weighted, size in (40, 20), (7, 7):
        weight = (np.random.default_rng(0).permutation(80) < n_weighted) * 2.0
        for lazy in weight, da.from_array(weight, chunks=33):
            rows = DaskRows(da.from_array(X, chunks=((30, 0, 50), 4)), height, lazy)
            some, targets, weights = rows.sample()
            assert np.array_equal(weights, np.full(size, 2.0))
            assert len(np.unique(rows.sampled())) == size
            np.testing.assert_array_equal(X[rows.sampled()], some)
            np.testing.assert_array_equal(height[rows.sampled()], targets)
    with pytest.raises(ValueError, match="All weights are zero"):
        DaskRows(da.from_array(X, chunks=(40, 4)), height, np.zeros(80)).sample()


@each_estimator
@pytest.mark.parametrize("several", [False, True], ids=["one", "three"])
def test_scores_are_those_of_memory(make, several):
    model = fitted(make, several)
    if not hasattr(model, "score"):
        return
    if make in REGRESSORS:
        y = np.roll(TARGETS if several else height, 1, axis=0)
    else:
        y = np.roll(labels(3 if several else 2), 1)
    weight = np.arange(80) % 3
    rows = da.from_array(X, chunks=((30, 0, 50), 4))
    found = model.score(rows, da.from_array(y, chunks=33))
    assert found == pytest.approx(model.score(X, y), rel=1e-6)
    found = model.score(rows, y, weight)
    assert found == pytest.approx(model.score(X, y, weight), rel=1e-6)
    spoiled = da.from_array(np.where(np.arange(80) == 70, np.nan, X.T).T, (40, 4))
    for weight in None, np.repeat([1.0, 0.0], 40):
        with pytest.raises(ValueError, match="In block 1 of X: Input X contains NaN"):
            model.score(spoiled, y, weight)


def test_a_target_that_is_constant_scores_zero_or_one():
    """Blocks in which 0.1 has another mean do not make it vary."""
    y = np.full(80, 0.1)
    rows, lazy = da.from_array(X, chunks=(7, 4)), da.from_array(y, chunks=33)
    weight = 0.3 + np.arange(80) % 7 / 10
    model = StreamingRidge(1.0).fit(X, np.column_stack([y, height]))
    for weights in None, weight:
        found = model.score(rows, np.column_stack([y, height]), weights)
        height_alone = StreamingRidge(1.0).fit(X, height).score(X, height, weights)
        assert found == pytest.approx(height_alone / 2)
    with warnings.catch_warnings(action="error"):  # such rows are in no order
        StreamingRidge().fit(rows, lazy, weight)


def test_scores_check_what_they_are_given():
    model = fitted(StreamingRidge, kind="frame")
    lazy = dd.from_pandas(frame, npartitions=3)
    found = model.score(lazy, dd.from_pandas(pd.Series(height), npartitions=2))
    assert found == pytest.approx(model.score(frame, height))
    assert model.score(lazy, np.full(80, 2.0)) == 0.0
    for y, weight, message in [
        (None, None, "requires y to be passed"),
        (np.where(np.arange(80) == 3, np.nan, height), None, "block 0 of X: Input y"),
        (height, np.zeros(80), "All weights are zero"),
        (height, np.full(80, np.inf), "Input sample_weight contains infinity"),
        (TARGETS, None, r"y has 3 targets, and the model predicts 1\."),
    ]:
        with pytest.raises(ValueError, match=message):
            model.score(lazy, y, weight)
    with pytest.raises(ValueError, match="feature names should match"):
        model.score(lazy.rename(columns={"east": "orient"}), height)


@each_estimator
def test_fits_take_dask_or_refuse_it_before_any_pass(make):
    untouched = da.from_array(X, chunks=(40, 4)).map_blocks(never, dtype=float)
    y = labels(2) if is_classifier(make()) else height
    if make in MEASURED or make in ON_DASK:
        with pytest.raises(AssertionError, match="before its time"):
            small(make).fit(untouched, y)
    if make in ON_DASK:
        with pytest.raises(ValueError, match=r"numbers of samples: \[80, 79\]"):
            small(make).fit(untouched, y[1:])
    if make in MEASURED or make in ON_DASK:
        return
    wanted = "X is a Dask coll|all samples in memory|all samples at once"
    with pytest.raises((TypeError, ValueError), match=wanted):
        small(make).fit(untouched, y)


@each_estimator
def test_what_a_method_does_not_take_is_refused_at_once(make):
    for method in methods_of(fitted(make)):
        with pytest.raises(TypeError, match="unexpected keyword argument 'deviation'"):
            method(da.from_array(X), deviation=True)
    if make is TwoLayerGDRegressor:
        with pytest.raises(TypeError, match="argument 'return_std'"):
            fitted(make).predict(da.from_array(X), return_std=True)


@pytest.mark.parametrize(
    "features",
    [
        SigmoidFeatures(20, random_state=0),
        RadialFeatures(n_knots=5),
        HermiteFeatures(2),
    ],
    ids=["sigmoid", "radial", "Hermite"],
)
def test_maps_are_measured_on_a_sample(features, monkeypatch):
    """The same one each time; of few rows, all."""
    chunks = da.from_array(X, chunks=((30, 0, 50), 3))
    whole = features.fit(X).transform(X)
    np.testing.assert_allclose(features.fit(chunks).transform(X), whole)
    monkeypatch.setattr("sklearn_depth.utils._dask._SAMPLE", 20)
    some = DaskRows(chunks).sample()[0]
    assert len(np.unique(some, axis=0)) == 20
    assert {tuple(row) for row in some} < {tuple(row) for row in X}
    found = features.fit(chunks).transform(X)
    np.testing.assert_array_equal(found, features.fit(some).transform(X))
    assert np.abs(found - whole).max() > 1e-3
