"""What works without torch and skorch; ``make test-no-torch`` removes both."""

import inspect
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.base import is_classifier

import sklearn_depth
from sklearn_depth import directions, features

PUBLIC = [
    getattr(module, name)
    for module in (sklearn_depth, directions, features)
    for name in module.__all__
]
ESTIMATORS = [found for found in PUBLIC if inspect.isclass(found)]
TRAINED_BY_TORCH = [
    sklearn_depth.ReLUNetworkClassifier,
    sklearn_depth.ReLUNetworkRegressor,
]
OTHERS = [found for found in ESTIMATORS if found not in TRAINED_BY_TORCH]
X = np.random.default_rng(0).standard_normal((200, 4))
height = X[:, 0] ** 2 + X[:, 1]


def fit(make):
    """The estimator fitted with its defaults, at width 40 where it has one."""
    few = {"n_hidden": 40} if "n_hidden" in inspect.signature(make).parameters else {}
    model = make(**few)
    return model.fit(X, height > 1 if is_classifier(model) else height)


def test_torch_and_skorch_are_not_here():
    assert find_spec("torch") is None
    assert find_spec("skorch") is None


@pytest.mark.parametrize("make", OTHERS, ids=lambda made: made.__name__)
def test_estimators_need_no_torch(make):
    model = fit(make)
    made = model.predict(X) if hasattr(model, "predict") else model.transform(X)
    assert len(made) == len(X)
    assert np.isfinite(made).all()


@pytest.mark.parametrize("make", TRAINED_BY_TORCH, ids=lambda made: made.__name__)
def test_networks_say_what_is_missing(make):
    with pytest.raises(ModuleNotFoundError, match="torch"):
        fit(make)
