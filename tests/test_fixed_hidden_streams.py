"""The regressor with a fixed hidden layer on rows in Dask collections."""

import warnings

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor
from sklearn_depth._math._row_means import RowMeans
from sklearn_depth.datasets import make_ball_indicator

X, inside = make_ball_indicator(400, n_features=4, random_state=0)
rng = np.random.default_rng(0)
Y = np.column_stack([3 * inside - 1, X[:, 0]])
weight = rng.uniform(0.2, 3, 400) * (np.arange(400) % 5 > 0)
OPTIONS = {
    "L-BFGS": {},
    "clip": {"output": "clip", "design": "iid", "tie": "auto", "alpha": 0.1},
    "no intercept": {"fit_intercept": False, "alpha": 0.1},
    "descent": {"solver": "gd", "tie": 0.0, "max_iter": 20},
    "descent without intercept": {
        "solver": "gd",
        "tie": 0.0,
        "max_iter": 20,
        "fit_intercept": False,
    },
}


def net(**options):
    defaults = {"alpha": 1e-3, "tie": 10.0, "random_state": 0}
    return FixedHiddenSigmoidRegressor(24, **defaults | options)


def lazy(array, chunks):
    return None if array is None else da.from_array(array, (chunks, *array.shape[1:]))


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize(
    ("y", "weight"), [(inside, None), (Y, weight)], ids=["labels", "targets"]
)
def test_dask_arrays_give_the_fit_of_memory(name, y, weight):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 20 steps of descent
        expected = net(**OPTIONS[name]).fit(X, y, weight)
        for chunks in ((170, 0, 230), (90,) * 4 + (40,)):
            given = (lazy(array, chunks) for array in (X, y, weight))
            found = net(**OPTIONS[name]).fit(*given)
            close = {"rtol": 0, "atol": 1e-8}
            np.testing.assert_allclose(found.predict(X), expected.predict(X), **close)
            np.testing.assert_allclose(
                found.loss_curve_, expected.loss_curve_, rtol=1e-6
            )
            assert found.stop_reason_ == expected.stop_reason_


CLASS_OPTIONS = {
    "log loss": {"class_weight": "balanced"},
    "squares": {"loss": "squared", "output": "clip", "design": "iid", "tie": "auto"},
    "descent": {"solver": "gd", "tie": 0.0, "max_iter": 20},
}


def classifier(**options):
    defaults = {"alpha": 1e-3, "tie": 10.0, "random_state": 0}
    return FixedHiddenSigmoidClassifier(24, **defaults | options)


@pytest.mark.parametrize("name", CLASS_OPTIONS)
@pytest.mark.parametrize("several", [False, True], ids=["two", "three"])
def test_classes_on_dask_give_the_fit_of_memory(name, several):
    y = np.array(["in", "out", "up"])[(X[:, 0] > 1) + several * inside.astype(int)]
    rows, close = dd.from_pandas(pd.DataFrame(X), npartitions=3), {"atol": 1e-8}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 20 steps of descent
        expected = classifier(**CLASS_OPTIONS[name]).fit(X, y, weight)
        found = classifier(**CLASS_OPTIONS[name]).fit(rows, lazy(y, 90), weight)
    np.testing.assert_array_equal(found.classes_, expected.classes_)
    for method in "predict_proba", "decision_function":
        values = getattr(found, method)(X), getattr(expected, method)(X)
        np.testing.assert_allclose(*values, **close)
    assert found.stop_reason_ == expected.stop_reason_


def test_classes_held_out_may_be_of_any_block():
    y = np.where(np.arange(400) < 380, inside, 2)
    options = {"X_val": X[::7], "y_val": y[::7]}
    expected = classifier().fit(X, y, **options)
    found = classifier().fit(lazy(X, 150), y, **options)
    np.testing.assert_allclose(
        found.validation_loss_curve_, expected.validation_loss_curve_, rtol=1e-8
    )


def test_the_gradient_vanishes_at_the_end():
    """Of F written out anew, by finite differences."""
    model = net(tol=1e-9).fit(lazy(X, 150), lazy(inside, 400), lazy(weight, 90))
    features, coef = model.features_.transform(X), model.coef_

    def objective(coef, intercept):
        output = 1 / (1 + np.exp(-features @ coef - intercept))
        share = weight / weight.sum()
        return share @ (output - inside) ** 2 + 1e-3 * coef @ coef

    step = 1e-5
    for k in range(24):
        ahead, behind = coef.copy(), coef.copy()
        ahead[k] += step
        behind[k] -= step
        b = model.intercept_
        slope = (objective(ahead, b) - objective(behind, b)) / (2 * step)
        assert abs(slope) < 1e-8


def test_constants_frames_and_validation_data():
    frame = pd.DataFrame(X, columns=list("abcd"))
    rows = dd.from_pandas(frame, npartitions=3)
    model = net().fit(rows, np.full(400, 3.0))
    np.testing.assert_array_equal(model.predict(frame), 3.0)
    options = {"X_val": frame[:100], "y_val": inside[:100]}
    expected = net().fit(frame, inside, **options)
    found = net().fit(rows, inside, **options)
    assert found.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_allclose(
        found.validation_loss_curve_, expected.validation_loss_curve_, rtol=1e-8
    )


def test_training_that_is_dead_is_seen():
    """Of an output that is clipped from the start, all slopes are zero."""
    options = {"output": "clip", "design": "iid", "tie": 0.0, "fit_intercept": False}
    options |= {"hidden_scale": 50.0, "solver": "gd", "learning_rate": 1e5}
    with pytest.warns(ConvergenceWarning, match="Training is dead"):
        expected = net(**options, alpha=0).fit(X, inside)
    with pytest.warns(ConvergenceWarning, match="Training is dead"):
        found = net(**options, alpha=0).fit(lazy(X, 150), inside)
    assert found.stop_reason_ == expected.stop_reason_ == "dead"


def never(block):
    raise AssertionError("a block was computed")


def test_what_needs_all_rows_is_refused_before_any_pass():
    untouched = lazy(X, 100).map_blocks(never, dtype=float)
    both = r'alpha="loo" and tie="auto" compares fits by leave-one-out'
    with pytest.raises(ValueError, match=both):
        FixedHiddenSigmoidRegressor().fit(untouched, inside)
    with pytest.raises(ValueError, match=r"warm_start=True"):
        net(warm_start=True).fit(untouched, inside)
    with pytest.raises(ValueError, match=both):
        FixedHiddenSigmoidClassifier().fit(untouched, inside)
    for model in net(), classifier():
        with pytest.raises(ValueError, match="requires y to be passed"):
            model.fit(untouched, None)
    with pytest.raises(ValueError, match="1 class only"):
        classifier().fit(untouched, np.ones(400))


def test_bad_blocks_are_named():
    spoiled = X.copy()
    spoiled[350, 1] = np.nan
    with pytest.raises(ValueError, match="In block 3 of X: Input X contains NaN"):
        net().fit(lazy(spoiled, 100), inside)


def test_means_merge_in_any_order():
    values = rng.standard_normal((9, 2))
    weights = rng.uniform(0.2, 3, 9)
    parts = [RowMeans(w, (v, v[0])) for w, v in zip(weights, values, strict=True)]
    for order in np.arange(9), rng.permutation(9):
        means = RowMeans()
        for k in order:
            means = means.merge(parts[k])
        mean = np.average(values, axis=0, weights=weights)
        np.testing.assert_allclose(means.values[0], mean)
        np.testing.assert_allclose(means.values[1], mean[0])
        assert means.weight == pytest.approx(weights.sum())
