"""What the estimators make of samples: constant columns, units of weights, overflow."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
)
from sklearn_depth.features import SigmoidFeatures

SIGMOID = {"n_hidden": 24, "random_state": 0}
STEPS = SIGMOID | {"solver": "gd", "alpha": 1e-2, "tie": 1, "max_iter": 30}
RELU = {"hidden_layer_sizes": (8,), "max_epochs": 5, "random_state": 0}
MODELS = [
    FixedHiddenSigmoidRegressor(**SIGMOID),
    FixedHiddenSigmoidClassifier(**SIGMOID, tol=1e-4),
    ReLUNetworkRegressor(**RELU),
    ReLUNetworkRegressor(**RELU, batch_size=1000),
    ReLUNetworkClassifier(**RELU),
    SigmoidFeatures(**SIGMOID),
]
# Those that rounding moves no further than rounding.
STEADY = [
    FixedHiddenSigmoidRegressor(**STEPS),
    FixedHiddenSigmoidClassifier(**STEPS),
    *MODELS[2:],
]
each_model = pytest.mark.parametrize("model", MODELS, ids=repr)

rng = np.random.default_rng(0)
X, X_new = rng.standard_normal((2, 60, 4))
y = np.linalg.norm(X, axis=1) + 0.1 * rng.standard_normal(60)
weight = rng.uniform(0.2, 3, 60)


def fit(model, X, y, sample_weight=None):
    """A copy, for a classifier on two halves of the rows."""
    model = clone(model)
    if is_classifier(model):
        y = y > np.median(y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y, sample_weight=sample_weight)


def output(model, X=X_new):
    for method in ("decision_function", "predict", "transform"):
        if hasattr(model, method):
            return getattr(model, method)(X)
    raise TypeError(model)


def with_column(X, values):
    """A column more, in the middle."""
    return np.insert(X, 2, values, axis=1)


@each_model
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("value", [0.0, -3.7, 1e8])
def test_a_column_that_was_constant_moves_nothing(model, value, dtype):
    model = fit(model, with_column(X, value).astype(dtype), y)
    still = output(model, with_column(X_new, value).astype(dtype))
    for other in (value + 1, rng.standard_normal(60), -1e30):
        moved = output(model, with_column(X_new, other).astype(dtype))
        np.testing.assert_array_equal(moved, still)
    turned = output(model, with_column(X_new[::-1], value).astype(dtype))
    assert (turned != still).any()


@each_model
def test_a_column_that_varies_by_rounding_is_constant(model):
    shares = rng.dirichlet(np.ones(5), 60).sum(axis=1)
    assert 0 < np.ptp(shares) < 1e-15
    model = fit(model, with_column(X, shares), y)
    still, moved = (output(model, with_column(X_new, value)) for value in (1, 2))
    np.testing.assert_array_equal(moved, still)


@pytest.mark.parametrize("model", MODELS[:-1], ids=repr)
def test_a_column_that_begins_to_vary_counts(model):
    """Where training goes on."""
    model = fit(model.set_params(warm_start=True), with_column(X, 0), y)
    assert not (
        output(model, with_column(X_new, 5)) != output(model, with_column(X_new, 0))
    ).any()
    target = y > np.median(y) if is_classifier(model) else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(with_column(X, rng.standard_normal(60)), target)
    moved, still = (output(model, with_column(X_new, value)) for value in (5, 0))
    assert (moved != still).any()


@each_model
@pytest.mark.parametrize("power", [-660, -1, 7, 660])
def test_weights_times_a_power_of_two(model, power):
    expected = output(fit(model, X, y, weight))
    found = output(fit(model, X, y, 2.0**power * weight))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("model", STEADY, ids=repr)
@pytest.mark.parametrize("factor", [1e-200, 1e-3, 7.0, 1e200])
def test_the_unit_of_weights_does_not_matter(model, factor):
    expected = output(fit(model, X, y, weight))
    found = output(fit(model, X, y, factor * weight))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@each_model
@pytest.mark.parametrize("constant", [1e-200, 1.0, 1e200])
def test_equal_weights_are_none(model, constant):
    expected = output(fit(model, X, y))
    found = output(fit(model, X, y, np.full(60, constant)))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("model", [*MODELS[:2], MODELS[-1]], ids=repr)
def test_a_row_given_twice_has_weight_two(model):
    twice = fit(model, np.vstack([X, X[:9]]), np.append(y, y[:9]))
    weighted = fit(model, X, y, np.where(np.arange(60) < 9, 2.0, 1.0))
    if not is_classifier(model):  # halves are those of other rows
        np.testing.assert_array_equal(output(twice), output(weighted))


@each_model
def test_what_overflows_is_refused(model):
    model = clone(model)
    large = {"scaling": None, "radius": None, "hidden_scale": 100}
    model.set_params(**{k: v for k, v in large.items() if k in model.get_params()})
    model, wild = fit(model, X, y), 1.7e308 * np.array([[1, -1, 1, -1]])
    with pytest.raises(ValueError, match=r"1 sample\(s\) of X overflow in float64"):
        output(model, wild)
    assert np.isfinite(output(model)).all()
