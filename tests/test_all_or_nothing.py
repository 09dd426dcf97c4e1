"""A fit that is refused or interrupted leaves the model as it was."""

import sys
import warnings
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

import sklearn_depth
from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.directions import GradientOuterProduct, SlicedInverseRegression
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
    SigmoidFeatures,
)

LIBRARY = str(Path(sklearn_depth.__file__).parent)
# Locks and threads: a trace may raise as a lock is let go, where no signal is heard.
ELSEWHERE = "_threads.py", "_device.py"
SPREAD, LAST = 12, 20  # lines to interrupt at: over the whole fit, and at its end

rng = np.random.default_rng(0)
X, X_other = rng.standard_normal((2, 24, 3))
y = np.linalg.norm(X, axis=1)
y_other = y[::-1].copy()

SIGMOID = {"n_hidden": 8, "max_iter": 2, "random_state": 0}
RELU = {"hidden_layer_sizes": (4,), "max_epochs": 2, "random_state": 0}
# Cheap ones, and what is called again: other families are one line each.
MODELS = [
    (FixedHiddenSigmoidRegressor(**SIGMOID), "fit"),
    (FixedHiddenSigmoidRegressor(**SIGMOID, warm_start=True), "fit"),
    (FixedHiddenSigmoidClassifier(**SIGMOID), "fit"),
    (ReLUNetworkRegressor(**RELU), "fit"),
    (ReLUNetworkRegressor(**RELU, warm_start=True), "fit"),
    (ReLUNetworkRegressor(**RELU), "partial_fit"),
    (ReLUNetworkClassifier(**RELU, early_stopping=True), "fit"),
    (SigmoidFeatures(8, random_state=0), "fit"),
    (HermitePolynomialRegressor(2), "fit"),
    (HermitePolynomialRegressor(2, alpha="gcv"), "partial_fit"),
    (KernelRidge("loo", kernel="rbf", fit_intercept=True), "fit"),
    (KernelRidge("gcv", n_components=5, random_state=0), "fit"),
    (KernelRidge("evidence", kernel=["rbf", "linear"]), "fit"),
    (RadialTwoLayerRegressor(5, n_knots=4, random_state=0), "fit"),
    (ThreeLayerFeatureRegressor(n_refinements=1, n_knots=3), "fit"),
    (TwoLayerGDRegressor(6, n_feature_steps=2, random_state=0), "fit"),
    (HermiteFeatures(2), "fit"),
    (LearnedReLUFeatures(6, n_feature_steps=2, random_state=0), "fit"),
    (RadialFeatures(5, random_state=0), "fit"),
    (GradientOuterProduct(n_iter=2), "fit"),
    (SlicedInverseRegression(), "fit"),
]
# A model, what it is changed to, X and y of a refit that raises, and with what.
EITHER = {"y": np.full(24, np.nan)}, {"X": np.full((24, 3), np.nan)}, {"y": y[:5]}
DIVERGES = {"solver": "gd", "tie": 1, "alpha": 1, "learning_rate": 1e9}
REFUSED = [
    (model, {}, given, ValueError)
    for model, method in MODELS
    if method == "fit" and model.__sklearn_tags__().target_tags.required
    for given in EITHER
] + [
    (MODELS[0][0], {"solver": "gd"}, {}, ValueError),  # meets tie="auto"
    (MODELS[0][0], {**DIVERGES, "max_iter": 1000}, {}, ValueError),
    (MODELS[0][0], {"n_hidden": 10**13}, {}, MemoryError),
    (MODELS[0][0], {"max_iter": 0}, {}, ValueError),
    (MODELS[1][0], {"hidden_scale": 3.0}, {}, ValueError),
    (MODELS[1][0], {}, {"y": 100 * y}, ValueError),
    (MODELS[2][0], {"output": "clip"}, {}, ValueError),
    (MODELS[2][0], {}, {"y": np.zeros(24)}, ValueError),
    (MODELS[2][0], {"class_weight": {False: 0, True: 1}}, {}, ValueError),
    (MODELS[3][0], {"device": "cuda"}, {}, ValueError),
    (MODELS[3][0], {"hidden_layer_sizes": (0,)}, {}, ValueError),
    (MODELS[3][0], {"scaling": None}, {"X": 1e60 * X}, ValueError),
    (MODELS[4][0], {"hidden_layer_sizes": (5,)}, {}, ValueError),
    (MODELS[4][0], {}, {"y": y[:, None]}, ValueError),
    (MODELS[6][0], {"validation_fraction": 0.01}, {}, ValueError),
    (MODELS[6][0], {}, {"y": np.zeros(24)}, ValueError),
    (MODELS[7][0], {}, {"X": np.full((24, 3), np.nan)}, ValueError),
    (MODELS[7][0], {}, {"X": 1e200 * X}, ValueError),
    (MODELS[7][0], {"n_hidden": 0}, {}, ValueError),
]


def train(model, X, y, method="fit"):
    """Fit, for a classifier to two halves of the rows, however early it ends."""
    if is_classifier(model) and y.ndim == 1 and np.ptp(y) > 0:
        y = y > np.median(y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it ended early, or found nothing
        return getattr(model, method)(X, y)


def output(model):
    for method in ("decision_function", "predict", "transform"):
        if hasattr(model, method):
            return getattr(model, method)(X)
    raise TypeError(model)


@contextmanager
def interrupt(at=None):
    """Count the library's lines as they run; interrupt before the one ``at``."""
    lines = [0]

    def by_line(frame, event, argument):
        if event == "line":
            lines[0] += 1
            if lines[0] == at:
                raise KeyboardInterrupt
        return by_line

    def by_call(frame, event, argument):
        name = frame.f_code.co_filename
        ours = name.startswith(LIBRARY) and not name.endswith(ELSEWHERE)
        return by_line if ours else None

    before = sys.gettrace()
    sys.settrace(by_call)
    try:
        yield lines
    finally:
        sys.settrace(before)
        torch.set_grad_enabled(True)  # a trace may raise as no_grad() is left


def points(n_lines):
    """Lines all over a fit, and its last ones."""
    spread = np.linspace(1, n_lines, SPREAD).astype(int)
    last = np.arange(max(n_lines - LAST, 0), n_lines) + 1
    return np.union1d(spread, last).tolist()


each_model = pytest.mark.parametrize(("model", "method"), MODELS, ids=repr)


@pytest.mark.parametrize(
    ("model", "changed", "given", "error"),
    REFUSED,
    ids=lambda given: type(given).__name__,
)
def test_a_refit_that_is_refused_changes_no_prediction(
    model, changed, given, error, monkeypatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    model = train(clone(model), X, y)
    before, state = output(model), dict(vars(model))
    model.set_params(**changed)
    with pytest.raises(error), np.errstate(all="ignore"):
        train(model, **{"X": X_other, "y": y_other} | given)
    kept = {name for name in state if name.endswith("_")}
    assert kept == {name for name in vars(model) if name.endswith("_")}
    assert all(vars(model)[name] is state[name] for name in kept)
    model.set_params(**{name: state[name] for name in changed})
    np.testing.assert_array_equal(output(model), before)


@each_model
def test_an_interrupt_leaves_the_old_model_or_the_new_one(model, method):
    old = train(clone(model), X, y)
    new, before = deepcopy(old), output(old)
    with interrupt() as lines:
        train(new, X_other, y_other, method)
    after, seen = output(new), set()
    assert (after != before).any()
    for line in points(lines[0]):
        broken = deepcopy(old)
        with pytest.raises(KeyboardInterrupt), interrupt(line):
            train(broken, X_other, y_other, method)
        is_old, is_new = (np.array_equal(output(broken), z) for z in (before, after))
        assert is_old or is_new, f"line {line} of {lines[0]}"
        seen.add(bool(is_new))
    assert False in seen


@each_model
def test_an_interrupted_first_fit_is_none(model, method):
    train(clone(model), X, y, method)  # imports what it needs
    whole = clone(model)
    with interrupt() as lines:
        train(whole, X, y, method)
    for line in points(lines[0]):
        broken = clone(model)
        with pytest.raises(KeyboardInterrupt), interrupt(line):
            train(broken, X, y, method)
        try:
            check_is_fitted(broken)
        except NotFittedError:
            assert not [name for name in vars(broken) if name.endswith("_")]
        else:
            np.testing.assert_array_equal(output(broken), output(whole))
