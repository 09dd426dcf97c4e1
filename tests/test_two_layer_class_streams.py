"""The two-layer classifier where layers see a subsample and heads see all rows."""

from functools import cache

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_depth import TwoLayerGDClassifier
from sklearn_depth.utils._dask import sampled_rows

rng = np.random.default_rng(0)
N_ROWS, SOME = 500, 200
X = rng.standard_normal((N_ROWS, 4))
height = X[:, 0] * X[:, 1] + X[:, 2] + 0.3 * rng.standard_normal(N_ROWS)
LABELS = {"two": (height > 0).astype(int), "three": np.digitize(height, [-0.5, 0.8])}
weight = rng.uniform(0.2, 3, N_ROWS) * (np.arange(N_ROWS) % 5 > 0)
CHOSEN = {"alpha": "loo", "layers": ("linear", "smooth"), "class_weight": "balanced"}
OPTIONS = {"chosen": CHOSEN, "given": {}}
CHUNKS = (120, 0, 380), (45,) * 11 + (5,)
each_labels = pytest.mark.parametrize("labels", LABELS)


def net(subsample=SOME, **options):
    defaults = {"n_feature_steps": 2, "alpha": 0.1, "random_state": 0}
    defaults |= {"n_hidden": 12, "subsample": subsample}
    return TwoLayerGDClassifier(**defaults | options)


def lazy(array, chunks):
    return None if array is None else da.from_array(array, (chunks, *array.shape[1:]))


@cache
def in_memory(name, labels):
    return net(**OPTIONS[name]).fit(X, LABELS[labels], weight)


@pytest.mark.parametrize(
    ("name", "labels"), [("given", "two"), ("given", "three"), ("chosen", "two")]
)
def test_dask_arrays_give_the_fit_of_memory(name, labels):
    expected = in_memory(name, labels)
    for chunks in CHUNKS if name == "given" else CHUNKS[:1]:
        given = (lazy(array, chunks) for array in (X, LABELS[labels], weight))
        found = net(**OPTIONS[name]).fit(*given)
        np.testing.assert_array_equal(found.classes_, expected.classes_)
        for method in "decision_function", "predict_proba", "transform":
            values = getattr(found, method)(X), getattr(expected, method)(X)
            np.testing.assert_allclose(*values, rtol=0, atol=1e-8)
        assert found.alpha_ == pytest.approx(expected.alpha_)
        assert found.layer_shares_ == pytest.approx(expected.layer_shares_)
        for fitted in "feature_importances_", "subspace_spectrum_":
            values = getattr(found, fitted), getattr(expected, fitted)
            np.testing.assert_allclose(*values, rtol=0, atol=1e-8)


@each_labels
def test_the_head_is_logistic_regression_on_all_rows(labels):
    """On the layer of the rows of positive weight in the subsample."""
    y, model = LABELS[labels], in_memory("given", labels)
    weighted = np.flatnonzero(weight)
    rows = weighted[sampled_rows(len(weighted), SOME)]
    some = net(None).fit(X[rows], y[rows], weight[rows])
    for name in "hidden_coef_", "hidden_intercept_", "whitening_":
        found, expected = (getattr(m.features_, name) for m in (model, some))
        np.testing.assert_array_equal(found, expected)
    features = model.features_.transform(X)
    head = LogisticRegression(C=1 / (2 * 0.1), tol=1e-10, max_iter=5000)
    head.fit(features, y, weight)
    np.testing.assert_allclose(
        model.predict_proba(X), head.predict_proba(features), atol=1e-5
    )


@each_labels
def test_penalties_and_shares_are_those_of_the_subsample(labels):
    options = {"alpha": "loo", "layers": ("linear", "random"), "n_hidden": 5}
    rows = sampled_rows(N_ROWS, SOME)
    some = net(None, **options).fit(X[rows], LABELS[labels][rows])
    model = net(**options).fit(X, LABELS[labels])
    assert model.alpha_ == some.alpha_
    assert model.layer_shares_ == some.layer_shares_
    assert model.loss_curve_ == some.loss_curve_


def test_few_rows_are_fitted_as_in_memory():
    expected = net(None).fit(X, LABELS["three"])
    for found in (
        net(None).fit(lazy(X, 100), LABELS["three"]),
        net(N_ROWS).fit(lazy(X, 250), lazy(LABELS["three"], 90)),
        net(N_ROWS).fit(X, LABELS["three"]),
    ):
        np.testing.assert_array_equal(found.coef_, expected.coef_)


@pytest.mark.parametrize("names", [("no", "maybe", "yes"), (5.0, 3.0, 9.0)])
def test_labels_of_every_kind_and_weights_of_their_classes(names):
    frame = pd.DataFrame(X, columns=list("abcd"))
    y = np.array(names)[LABELS["three"]]
    by_class = dict(zip(names, (1.0, 2.0, 3.0), strict=True))
    model = net(class_weight=by_class)
    found = model.fit(dd.from_pandas(frame, npartitions=3), lazy(y, 200))
    assert found.feature_names_in_.tolist() == list("abcd")
    assert found.classes_.tolist() == sorted(names)
    margins = found.decision_function(frame)
    expected = model.fit(frame, y).decision_function(frame)
    np.testing.assert_allclose(margins, expected, atol=1e-8)
    assert found.score(frame, y) > 0.6


def test_a_class_that_the_subsample_lacks_is_learned_by_the_head():
    outside = np.setdiff1d(np.arange(N_ROWS), sampled_rows(N_ROWS, SOME))
    y = LABELS["two"].copy()
    rare = outside[np.argsort(X[outside, 3])[-20:]]
    y[rare] = 7
    model = net(layers=["linear"]).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 7]
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.mean(axis=0), np.bincount(y)[[0, 1, 7]] / N_ROWS)
    assert p[rare, 2].mean() > 3 * p[:, 2].mean()
    y = np.isin(np.arange(N_ROWS), outside)
    with pytest.raises(
        ValueError, match=r"subsample of 200 samples has 1 class only.* 2"
    ):
        net().fit(X, y)


def test_single_precision_stays():
    single = X.astype(np.float32)
    found = net().fit(lazy(single, 200), LABELS["two"])
    assert found.coef_.dtype == found.decision_function(single).dtype == np.float32
    expected = net().fit(single, LABELS["two"]).decision_function(single)
    np.testing.assert_allclose(found.decision_function(single), expected, atol=1e-4)


def never(block):
    raise AssertionError("a block was computed")


def test_labels_are_looked_at_before_the_rows():
    untouched = lazy(X, 100).map_blocks(never, dtype=float)
    for y, message in [
        (None, "requires y to be passed"),
        (np.ones(N_ROWS), "y holds 1 class only"),
        (np.where(np.arange(N_ROWS) == 310, np.nan, 1.0), "block 3 of X: Input y cont"),
        (height, r"block \d of X: Unknown label type: cont"),
        (np.column_stack([height > 0] * 2), r"block \d of X: y should be a 1d array"),
    ]:
        with pytest.raises(ValueError, match=message):
            net().fit(untouched, y)
    with pytest.raises(ValueError, match="1 class only"):
        net().fit(untouched, LABELS["two"], LABELS["two"])
    with pytest.raises(ValueError, match=r"In block \d of X: Input sample_weight"):
        net().fit(untouched, LABELS["two"], np.full(N_ROWS, np.nan))
    with pytest.raises(ValueError, match="must give every class a finite factor"):
        net(class_weight={0: 0.0, 1: 1.0}).fit(untouched, LABELS["two"])


def test_passes_are_few_and_are_heard_of():
    class Counts:
        names = []

        def setup(self, estimator, context): ...

        def teardown(self, estimator, context): ...

        def on_fit_task_begin(self, estimator, context): ...

        def on_fit_task_end(self, estimator, context):
            self.names.append(context.task_name)

    net(300).set_callbacks(Counts()).fit(X, LABELS["three"])
    assert 5 < Counts.names.count("pass over the samples") < 30
