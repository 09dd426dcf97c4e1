"""New data at the door: what goes through unlooked at is what scikit-learn lets in."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from sklearn_depth.utils import _validation
from sklearn_depth.utils._validation import FLOATS, validate_new_data

X = np.random.default_rng(0).standard_normal((4, 3))


class Fitted(BaseEstimator):
    def __init__(self):
        self.n_features_in_ = 3


def named():
    model = Fitted()
    model.feature_names_in_ = np.array(["a", "b", "c"], dtype=object)
    return model


def changed(value):
    made = X.copy()
    made[1, 1] = value
    return made


PLAIN = {
    "double": X,
    "single": X.astype(np.float32),
    "one row": X[:1],
    "some rows": X[1:3],
    "large": changed(1e300),
}
OTHERS = {
    "Fortran": np.asfortranarray(X),
    "some columns": np.hstack([X, X])[:, :3],
    "whole numbers": X.astype(int),
    "half": X.astype(np.float16),
    "other byte order": X.astype(">f8"),
    "objects": X.astype(object),
    "list": X.tolist(),
    "memory map": X.view(np.memmap),
    "data frame": pd.DataFrame(X),
    "sums that overflow": np.full((4, 3), 1e308),
    "sums without a value": np.array([[1e308, 1e308, -1e308], [-1e308, 0, 0]]),
    "not a number": changed(np.nan),
    "infinite": changed(np.inf),
    "both infinities": np.array([[np.inf, -np.inf, 0]]),
    "fewer columns": X[:, :2].copy(),
    "no rows": X[:0],
    "one dimension": X[0],
    "none": np.float64(1),
    "array of none": np.array(1.0),
    "three dimensions": X[None],
}


def outcome(check, X):
    """What is returned, or the error; warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return check(X), None
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"


def by_sklearn(model):
    return lambda X: validate_data(model, X, dtype=FLOATS, order="C", reset=False)


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_arrays_come_out_as_they_are(kind, monkeypatch):
    assert by_sklearn(Fitted())(PLAIN[kind]) is PLAIN[kind]
    monkeypatch.delattr(_validation, "validate_data")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert validate_new_data(Fitted(), PLAIN[kind]) is PLAIN[kind]


@pytest.mark.parametrize("model", [Fitted(), named()], ids=["bare", "named"])
@pytest.mark.parametrize("kind", [*PLAIN, *OTHERS])
def test_whatever_else_scikit_learn_says(kind, model):
    given = (PLAIN | OTHERS)[kind]
    found, error = outcome(lambda X: validate_new_data(model, X), given)
    expected, expected_error = outcome(by_sklearn(model), given)
    assert error == expected_error
    np.testing.assert_array_equal(found, expected)
    assert getattr(found, "dtype", None) == getattr(expected, "dtype", None)
