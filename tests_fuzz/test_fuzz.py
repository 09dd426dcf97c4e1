"""Whatever the data: a ValueError that says what is wrong, or a fit that can be used.

``make fuzz`` runs this, opt-in beside the suite: SKLEARN_DEPTH_FUZZ is the number of
inputs for each estimator. Its draws are the same each time.
"""

import os
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from inputs import CLASSIFIERS, ESTIMATORS, MAPS, SEEN, inputs
from sklearn.base import clone

N_INPUTS = int(os.environ.get("SKLEARN_DEPTH_FUZZ", "200"))


def output(fitted, X):
    if hasattr(fitted, "transform") and not hasattr(fitted, "predict"):
        return fitted.transform(X)
    method = "decision_function" if hasattr(fitted, "classes_") else "predict"
    return getattr(fitted, method)(X)


def fit(model, data, factor=None):
    """The fitted model, or None where it said what is wrong."""
    weight = data.weight if factor is None else factor * data.weight
    try:
        return clone(model).fit(data.X, data.y, sample_weight=weight)
    except ValueError as error:
        assert type(error).__name__ in ("ValueError", "InvalidParameterError")
        assert len(str(error)) > 30
        return None


@pytest.mark.parametrize("name", ESTIMATORS)
def test_whatever_the_data(name):
    model = ESTIMATORS[name]

    @seed(list(ESTIMATORS).index(name))
    @settings(
        max_examples=N_INPUTS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(labels=name in CLASSIFIERS))
    def check(data):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check_one(name, model, data)

    check()


def check_one(name, model, data):
    fitted = fit(model, data)
    SEEN.update([*data.classes, f"{name}: {'refused' if fitted is None else 'fitted'}"])
    if fitted is None:
        return
    try:
        made = output(fitted, data.X)
    except ValueError as error:  # of columns that are taken in their own unit
        assert "overflow" in str(error)
        assert takes_units(model)
        SEEN.update([f"{name}: refused to predict"])
        return
    assert np.isfinite(made).all()
    assert len(made) == len(data.X)
    assert made.dtype == data.X.dtype
    if name not in MAPS and name not in CLASSIFIERS:
        assert made.shape == data.y.shape
    np.testing.assert_array_equal(output(fit(model, data), data.X), made)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(output(again, data.X), made)
    if data.weight is not None and unit_is_free(model):
        # A power of two, which changes no digit.
        other = output(fit(model, data, 2.0**20), data.X)
        atol = 1e-6 * np.abs(made).max()
        np.testing.assert_allclose(other, made, rtol=0, atol=atol)


def takes_units(model):
    """Whether columns are not scaled, so that products of them may leave their type."""
    return None in (model.get_params().get(name, 1) for name in ("scaling", "whiten"))


def unit_is_free(model):
    """Whether no given penalty stands beside the weights."""
    return not isinstance(model.get_params().get("alpha"), float)
