"""The two-layer regressor where layers see a subsample and heads see all rows."""

from functools import cache

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.utils._dask import sampled_rows

rng = np.random.default_rng(0)
N_ROWS, SOME = 600, 250
X = rng.standard_normal((N_ROWS, 4))
noise = 0.1 * rng.standard_normal((N_ROWS, 2))
Y = np.column_stack([X[:, 0] * X[:, 1], np.abs(X[:, 2]) + X[:, 3]]) + noise
y = Y[:, 0]
weight = rng.uniform(0.2, 3, N_ROWS) * (np.arange(N_ROWS) % 5 > 0)
OPTIONS = {
    "default": {},
    "alpha": {"alpha": 0.1},
    "cauchy": {"loss": "cauchy", "layers": ("linear", "dense")},
    "the paper's": {
        "linear_part": "moment",
        "n_feature_steps": 1,
        "whiten": None,
        "alpha": "gcv",
    },
}


def net(subsample=SOME, **options):
    defaults = {"n_feature_steps": 2, "random_state": 0}
    return TwoLayerGDRegressor(20, subsample=subsample, **defaults | options)


def lazy(array, chunks):
    return None if array is None else da.from_array(array, (chunks, *array.shape[1:]))


@cache
def in_memory(name, weighted):
    return net(**OPTIONS[name]).fit(X, Y, weight if weighted else None)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("weighted", [False, True], ids=["1", "w"])
def test_dask_arrays_give_the_fit_of_memory(name, weighted):
    expected = in_memory(name, weighted)
    given = X, Y, (weight if weighted else None)
    for chunks in ((120, 0, 480), (45,) * 13 + (15,)):
        found = net(**OPTIONS[name]).fit(*(lazy(array, chunks) for array in given))
        close = {"rtol": 1e-8, "atol": 1e-8}
        np.testing.assert_allclose(found.predict(X), expected.predict(X), **close)
        np.testing.assert_allclose(found.transform(X), expected.transform(X), **close)
        for fitted in "alpha_", "feature_importances_", "subspace_spectrum_":
            values = getattr(found, fitted), getattr(expected, fitted)
            np.testing.assert_allclose(*values, rtol=1e-8, atol=1e-12)
        assert found.layer_shares_.keys() == expected.layer_shares_.keys()
        for kind, share in expected.layer_shares_.items():
            np.testing.assert_allclose(found.layer_shares_[kind], share, atol=1e-8)


def test_layers_are_those_of_the_subsample_and_the_head_is_ridge_on_all_rows():
    """Which is of rows of positive weight alone."""
    model = in_memory("alpha", weighted=True)
    weighted = np.flatnonzero(weight)
    rows = weighted[sampled_rows(len(weighted), SOME)]
    some = net(None, alpha=0.1).fit(X[rows], Y[rows], weight[rows])
    for name in "hidden_coef_", "hidden_intercept_", "whitening_":
        found, expected = (getattr(m.features_, name) for m in (model, some))
        np.testing.assert_array_equal(found, expected)
    assert model.loss_curve_ == some.loss_curve_
    features = model.features_.transform(X)
    ridge = Ridge(0.1, solver="cholesky").fit(features, Y, weight)
    np.testing.assert_allclose(model.predict(X), ridge.predict(features), atol=1e-8)


def test_importances_are_the_squared_derivatives_at_all_rows():
    model = in_memory("default", weighted=True)
    step, squares = 1e-6, np.zeros(4)
    variance = np.average((Y - np.average(Y, 0, weight)) ** 2, 0, weight)
    for j in range(4):
        ahead, behind = X.copy(), X.copy()
        ahead[:, j] += step
        behind[:, j] -= step
        slopes = (model.predict(ahead) - model.predict(behind)) / (2 * step)
        slopes *= model.features_.scale_[j]
        squares[j] = np.average((slopes**2 / variance).sum(axis=1), weights=weight)
    np.testing.assert_allclose(
        model.feature_importances_, squares / squares.sum(), rtol=1e-2
    )


def test_heads_see_rows_that_layers_do_not():
    """Rows outside the subsample are moved by 3, and so is the intercept's mean."""
    moved = y.copy()
    outside = np.setdiff1d(np.arange(N_ROWS), sampled_rows(N_ROWS, SOME))
    moved[outside] += 3
    model = net(layers=("linear", "dense")).fit(X, moved)
    assert model.predict(X).mean() == pytest.approx(moved.mean(), abs=1e-8)
    assert moved.mean() > y.mean() + 1.5


def test_one_weight_for_all_rows():
    expected = net(alpha=0.1).fit(X, y, np.full(N_ROWS, 2.0))
    for rows in X, lazy(X, 100):
        found = net(alpha=0.1).fit(rows, y, 2.0)
        np.testing.assert_allclose(found.predict(X), expected.predict(X), atol=1e-8)


def test_few_rows_are_fitted_as_in_memory():
    layers = ("linear", "dense")
    expected = net(None, layers=layers).fit(X, y)
    for found in (
        net(None, layers=layers).fit(lazy(X, 100), y),
        net(N_ROWS, layers=layers).fit(lazy(X, 250), y),
        net(N_ROWS, layers=layers).fit(X, y),
    ):
        np.testing.assert_array_equal(found.predict(X), expected.predict(X))


class TaskNames:
    """Notes which tasks there were, and the models after passes."""

    def __init__(self):
        self.names, self.passed = [], []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.names.append(context.task_name)
        if "pass" in context.task_name:
            self.passed.append(fitted_estimator.predict(X))


def test_callbacks_hear_of_each_pass():
    heard = TaskNames()
    net(layers=["dense"]).set_callbacks(heard).fit(lazy(X, 200), y)
    assert heard.names[0] == "random layer"
    assert heard.names[-3:] == ["pass over the samples"] * 2 + ["fit"]
    rows = sampled_rows(N_ROWS, SOME)
    of_some = net(None, layers=["dense"]).fit(X[rows], y[rows]).predict(X)
    for found in heard.passed:  # until all sums are there
        np.testing.assert_allclose(found, of_some, atol=1e-8)


def test_a_data_frame_keeps_its_names():
    frame = pd.DataFrame(X, columns=list("abcd"))
    found = net(alpha=0.1).fit(dd.from_pandas(frame, npartitions=3), lazy(y, 200))
    assert found.feature_names_in_.tolist() == list("abcd")
    expected = net(alpha=0.1).fit(frame, y).predict(frame)
    np.testing.assert_allclose(found.predict(frame), expected, atol=1e-8)


def test_single_precision_stays():
    single = X.astype(np.float32)
    found = net(alpha=0.1).fit(lazy(single, 200), lazy(y, 200))
    assert found.coef_.dtype == found.predict(single).dtype == np.float32
    expected = net(alpha=0.1).fit(single, y).predict(single)
    np.testing.assert_allclose(found.predict(single), expected, atol=1e-4)


def test_the_map_alone_is_learned_from_a_sample(monkeypatch):
    def layer():
        return LearnedReLUFeatures(20, n_feature_steps=2, random_state=0)

    found = layer().fit(lazy(X, 100), lazy(y, 150)).transform(X)
    np.testing.assert_array_equal(found, layer().fit(X, y).transform(X))
    monkeypatch.setattr("sklearn_depth.utils._dask._SAMPLE", SOME)
    rows = sampled_rows(N_ROWS, SOME)
    found = layer().fit(lazy(X, 100), lazy(y, 150)).transform(X)
    np.testing.assert_array_equal(found, layer().fit(X[rows], y[rows]).transform(X))
    with pytest.raises(ValueError, match="requires y to be passed"):
        layer().fit(lazy(X, 100), None)


def never(block):
    raise AssertionError("a block was computed")


def test_what_needs_all_rows_is_refused_before_any_pass():
    untouched = lazy(X, 100).map_blocks(never, dtype=float)
    with pytest.raises(ValueError, match=r'alpha="loo" needs all samples at once'):
        net(alpha="loo").fit(untouched, y)
    with pytest.raises(ValueError, match=r'alpha="loo" needs all samples at once'):
        net(alpha="loo").fit(X, y)
    with pytest.raises(ValueError, match="requires y to be passed"):
        net().fit(untouched, None)


@pytest.mark.parametrize("subsample", [SOME, None], ids=["some", "all"])
def test_bad_blocks_are_named(subsample):
    spoiled = X.copy()
    spoiled[310:390] = np.nan
    with pytest.raises(ValueError, match="In block 3 of X: Input X contains NaN"):
        net(subsample).fit(lazy(spoiled, 100), y)
    targets = y.copy()
    targets[550:] = np.inf
    with pytest.raises(ValueError, match="In block 5 of X: Input y contains infinity"):
        net(subsample).fit(lazy(X, 100), lazy(targets, 300))
