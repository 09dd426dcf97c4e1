"""Converted to ONNX and run by onnxruntime, models say what they say here."""

import warnings

import numpy as np
import pytest
from onnxruntime import InferenceSession
from scipy.special import erf
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType
from skl2onnx.common.exceptions import MissingShapeCalculator
from sklearn.base import clone, is_classifier
from sklearn.ensemble import StackingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialClassifier,
    HermitePolynomialRegressor,
    KernelRidge,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    ThreeLayerFeatureClassifier,
    ThreeLayerFeatureRegressor,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
)
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    SigmoidFeatures,
)
from sklearn_depth.onnx import register_converters

rng = np.random.default_rng(0)
# A column far from 0, whose digits a float32 graph must not lose.
X = rng.normal([0, 0, 500, 0], [1, 1, 2, 1], size=(150, 4))
height = np.sin(X[:, 0]) + X[:, 1] ** 2
TARGETS = np.column_stack([height, X[:, 3] - height, np.abs(X[:, 1])])
# Fresh rows, some of them wild, and one at the centre of the columns.
X_NEW = np.vstack([rng.normal([0, 0, 500, 0], 3, size=(300, 4)), X.mean(axis=0)])

NETS = [
    {"tie": 0, "alpha": 1e-3},
    {"tie": 10, "alpha": 1e-3},
    {"tie": 10, "alpha": 1e-3, "activation": "tanh", "n_hidden": 37},
    {"tie": 10, "alpha": 1e-3, "activation": "logistic", "fit_intercept": False},
    {"design": "iid", "alpha": 1e-3, "radius": 2.0},
]
CLIPPED = {"output": "clip", "tie": 0, "alpha": 1e-3, "tol": 1e-3}
REGRESSORS = [
    *(FixedHiddenSigmoidRegressor(**{"n_hidden": 40, **net}) for net in NETS),
    FixedHiddenSigmoidRegressor(40, **CLIPPED),
    HermitePolynomialRegressor(1),
    HermitePolynomialRegressor(3),
    HermitePolynomialRegressor(2, scaling="sphere", solver="dual"),
    HermitePolynomialRegressor(5, truncation="hyperbolic", max_interaction=2),
    TwoLayerGDRegressor(30),
    TwoLayerGDRegressor(30, layers=("smooth",)),
    TwoLayerGDRegressor(30, layers=("linear", "dense", "smooth"), n_directions=1),
    TwoLayerGDRegressor(30, n_directions=2, n_feature_steps=2, refine=True),
    TwoLayerGDRegressor(30, linear_part="moment", n_feature_steps=1),
    ReLUNetworkRegressor(20, max_epochs=5),
    ReLUNetworkRegressor((20, 10, 5), scaling=None, max_epochs=5),
    ReLUNetworkRegressor((), max_epochs=5),
    ThreeLayerFeatureRegressor(n_knots=5),
    ThreeLayerFeatureRegressor(30, activation="relu", start="ridge"),
    ThreeLayerFeatureRegressor(30, activation="abs", scaling="sphere"),
]
CLASSIFIERS = [
    FixedHiddenSigmoidClassifier(40, tie=0, alpha=1e-3),
    FixedHiddenSigmoidClassifier(40, loss="squared", **CLIPPED),
    HermitePolynomialClassifier(3),
    HermitePolynomialClassifier(2, scaling="sphere", alpha=1.0),
    TwoLayerGDClassifier(30),
    ReLUNetworkClassifier((20, 10), max_epochs=5),
    ReLUNetworkClassifier((), max_epochs=5),
    ThreeLayerFeatureClassifier(),
    ThreeLayerFeatureClassifier(30, activation="square"),
]
TRANSFORMERS = [
    SigmoidFeatures(40),
    SigmoidFeatures(37, activation="tanh", tie=0),
    SigmoidFeatures(30, activation="logistic", design="iid", radius=None),
    HermiteFeatures(4),
    HermiteFeatures(3, scaling="sphere", max_interaction=2),
    LearnedReLUFeatures(30),
    LearnedReLUFeatures(30, n_feature_steps=0),
]
# Of a model's largest output: rounding, and its growth in sums of large weights.
TOLERANCES = {"f4": 1e-5, "f8": 1e-11}
each_type = pytest.mark.parametrize("dtype", ["f4", "f8"])


@pytest.fixture(scope="module", autouse=True)
def registered():
    register_converters()


def fitted(model, y, dtype="f8"):
    """A copy, seeded where it can be, on data of a float type."""
    model = clone(model)
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    targets = y if is_classifier(model) else y.astype(dtype)
    with warnings.catch_warnings():
        # A float32 fit with a clipped output need not come to its tolerance.
        warnings.filterwarnings("ignore", "Training stopped at max_iter")
        return model.fit(X.astype(dtype), targets)


def run(model, X_new, **options):
    """The outputs of onnxruntime."""
    onnx_model = to_onnx(model, X_new[:1], **options)
    session = InferenceSession(
        onnx_model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": X_new})


def assert_same(found, expected, dtype):
    expected = expected.reshape(len(expected), -1)
    assert found.dtype == expected.dtype == dtype
    assert found.shape == expected.shape
    tolerance = TOLERANCES[dtype] * np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@each_type
@pytest.mark.parametrize("y", [height, TARGETS], ids=["one target", "three"])
@pytest.mark.parametrize("model", REGRESSORS, ids=repr)
def test_regressors_predict_the_same(model, y, dtype):
    model, X_new = fitted(model, y, dtype), X_NEW.astype(dtype)
    (found,) = run(model, X_new)
    assert_same(found, model.predict(X_new), dtype)


@each_type
@pytest.mark.parametrize("model", TRANSFORMERS, ids=repr)
def test_transformers_give_the_same_features(model, dtype):
    model, X_new = fitted(model, height, dtype), X_NEW.astype(dtype)
    (found,) = run(model, X_new)
    assert_same(found, model.transform(X_new), dtype)


@each_type
@pytest.mark.parametrize(
    "names",
    [[0, 1], [3, 5, 9], [False, True], [0.0, 1.0], ["low", "high"], ["a", "b", "c"]],
    ids=str,
)
@pytest.mark.parametrize("model", CLASSIFIERS, ids=repr)
def test_classifiers_give_the_same_labels_and_probabilities(model, names, dtype):
    levels = np.quantile(height, np.arange(1, len(names)) / len(names))
    y = np.array(names)[np.digitize(height, levels)]
    model, X_new = fitted(model, y, dtype), X_NEW.astype(dtype)
    label, probability = run(model, X_new, options={"zipmap": False})
    assert label.dtype == (object if y.dtype.kind == "U" else np.int64)
    np.testing.assert_array_equal(label, model.predict(X_new))
    assert_same(probability, model.predict_proba(X_new), dtype)


@pytest.mark.parametrize("activation", ["erf", "logistic", "tanh"])
def test_tied_sigmoids_keep_their_digits_in_floats(activation):
    """Large features cancel in the head: NumPy's float32 has two or three digits."""
    net = FixedHiddenSigmoidRegressor(60, activation=activation, tie=1000)
    model, X_new = fitted(net, height), X_NEW.astype("f4")
    (found,) = run(model, X_new)
    expected = model.predict(X_new.astype("f8"))
    largest = np.abs(expected).max()
    assert np.abs(model.predict(X_new) - expected).max() > 1e-4 * largest
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-6 * largest)


def test_many_clipped_outputs_of_0_are_no_classes_in_particular():
    y = np.digitize(height, np.quantile(height, [0.3, 0.6]))
    model = fitted(FixedHiddenSigmoidClassifier(40, loss="squared", **CLIPPED), y)
    model.intercept_ -= 100
    expected = model.predict_proba(X_NEW)
    assert (expected == 1 / 3).all()
    _, probability = run(model, X_NEW, options={"zipmap": False})
    np.testing.assert_array_equal(probability, expected)


def test_the_options_of_classifiers():
    y = np.where(height > 1, "high", "low")
    model, X_new = fitted(CLASSIFIERS[0], y, "f4"), X_NEW.astype("f4")
    expected = model.predict_proba(X_new)
    label, by_name = run(model, X_new)
    np.testing.assert_array_equal(label, model.predict(X_new))
    rows = [[row["high"], row["low"]] for row in by_name]
    np.testing.assert_allclose(rows, expected, rtol=0, atol=TOLERANCES["f4"])
    number, _ = run(model, X_new, options={"zipmap": False, "nocl": True})
    np.testing.assert_array_equal(number, label == "low")


@each_type
@pytest.mark.parametrize(
    "model", [REGRESSORS[1], REGRESSORS[7], REGRESSORS[10], REGRESSORS[13]], ids=repr
)
def test_inside_a_pipeline(model, dtype):
    pipeline = fitted(make_pipeline(StandardScaler(), model), height, dtype)
    X_new = X.astype(dtype)
    (found,) = run(pipeline, X_new)
    assert_same(found, pipeline.predict(X_new), dtype)


def test_a_step_that_others_follow_transforms():
    net = TwoLayerGDRegressor(30, n_directions=1, random_state=0)
    for step in (
        net,
        make_union(net, StandardScaler()),
        clone(net).set_params(whiten=None),
        ThreeLayerFeatureRegressor(),
    ):
        pipeline = fitted(make_pipeline(step, HermitePolynomialRegressor(2)), height)
        (found,) = run(pipeline, X_NEW)
        assert_same(found, pipeline.predict(X_NEW), "f8")


def test_squares_of_columns_as_they_come():
    net = fitted(ThreeLayerFeatureRegressor(30, scaling=None), height)
    (found,) = run(net, X_NEW)
    assert_same(found, net.predict(X_NEW), "f8")


def test_a_regressor_that_is_stacked_predicts():
    net = TwoLayerGDRegressor(30, n_directions=1, random_state=0)
    stack = StackingRegressor([("net", net), ("ridge", Ridge())], cv=2)
    stack = fitted(stack, height)
    (found,) = run(stack, X_NEW)
    assert_same(found, stack.predict(X_NEW), "f8")


HOLDING = [  # what has been constant in the training rows teaches nothing
    FixedHiddenSigmoidRegressor(40, tie=10, alpha=1e-3),
    FixedHiddenSigmoidClassifier(40, tie=10, alpha=1e-3),
    ReLUNetworkRegressor(20, max_epochs=5),
    ReLUNetworkClassifier(20, max_epochs=5),
    SigmoidFeatures(40),
]


@each_type
@pytest.mark.parametrize("model", HOLDING, ids=repr)
def test_constant_columns_stay_as_they_were(model, dtype):
    columns = [0, 500.1, 0, 0], [False, True, True, False]
    constant, moved = (
        np.where(columns[1], columns[0], Z).astype(dtype) for Z in (X, X_NEW)
    )
    moved[:, 1:3] += 7
    model = clone(model).set_params(random_state=0)
    model.fit(constant, height > 1 if is_classifier(model) else height)
    if is_classifier(model):
        label, found = run(model, moved, options={"zipmap": False})
        np.testing.assert_array_equal(label, model.predict(moved))
        assert_same(found, model.predict_proba(moved), dtype)
    elif hasattr(model, "predict"):
        assert_same(run(model, moved)[0], model.predict(moved), dtype)
    else:
        assert_same(run(model, moved)[0], model.transform(moved), dtype)


@pytest.mark.parametrize("opset", [13, 18, 21])
def test_older_operators_do(opset):
    for model in REGRESSORS[0], HermitePolynomialRegressor(2, scaling="sphere"):
        model = fitted(model, height)
        (found,) = run(model, X_NEW, target_opset=opset)
        assert_same(found, model.predict(X_NEW), "f8")


def test_any_number_of_rows():
    onnx_model = to_onnx(fitted(REGRESSORS[0], height), X[:7])
    session = InferenceSession(onnx_model.SerializeToString())
    for n_rows in 0, 1, 50:
        (found,) = session.run(None, {"X": X[:n_rows]})
        assert found.shape == (n_rows, 1)


def test_sums_of_squares_that_are_0_stay_on_the_sphere():
    """The row at the centre has no direction: z = 0, not NaN."""
    features = HermiteFeatures(2, scaling="sphere").fit(X)
    center = features.mean_[None]
    (found,) = run(features, center)
    np.testing.assert_allclose(found, features.transform(center), atol=1e-12)


def test_erf_in_double():
    """onnxruntime has no such kernel; the nodes in its place are as exact."""
    z = np.concatenate([np.linspace(-8, 8, 4001), [1e-300, 1e300]])[:, None]
    unit = SigmoidFeatures(1, design="iid", radius=None, random_state=0).fit(z[:9])
    unit.hidden_coef_, unit.hidden_intercept_ = np.ones((1, 1)), np.zeros(1)
    (found,) = run(unit, z)
    np.testing.assert_allclose(found, erf(z), rtol=0, atol=5e-15)


def test_what_has_no_conversion_says_so():
    wide = rng.normal(size=(20, 100))
    dual = HermitePolynomialRegressor(4).fit(wide, wide[:, 0])
    with pytest.raises(NotImplementedError, match="its 4,598,125 products are not"):
        to_onnx(dual, wide[:1])
    kernel = KernelRidge().fit(X, height)
    with pytest.raises(MissingShapeCalculator, match="KernelRidge"):
        to_onnx(kernel, X[:1])
    with pytest.raises(NotFittedError):
        to_onnx(HermitePolynomialRegressor(), X[:1])
    with pytest.raises(RuntimeError, match="Int64TensorType"):
        to_onnx(fitted(REGRESSORS[0], height), X[:1].astype(int))
    columns = [(name, DoubleTensorType([None, 1])) for name in "abcd"]
    with pytest.raises(RuntimeError, match="at most 1 input"):
        to_onnx(fitted(REGRESSORS[0], height), initial_types=columns)
