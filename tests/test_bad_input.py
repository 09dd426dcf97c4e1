"""What estimators refuse, and what they say then."""

import inspect

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, clone, is_classifier

import sklearn_depth
from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialClassifier,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerClassifier,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    ThreeLayerFeatureClassifier,
    ThreeLayerFeatureRegressor,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
    directions,
    features,
)
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
    SigmoidFeatures,
)


def found_in(module):
    public = [getattr(module, name) for name in module.__all__]
    classes = [thing for thing in public if inspect.isclass(thing)]
    return [found() for found in classes if issubclass(found, BaseEstimator)]


# KernelRidge takes another path for each of its modes.
MODES = [
    KernelRidge("loo"),
    KernelRidge(fit_intercept=True),
    KernelRidge(n_components=5, random_state=0),
    KernelRidge("gcv", fit_intercept=True, n_components=5, random_state=0),
    KernelRidge("evidence", kernel=["rbf", "linear"], fit_intercept=True),
    KernelRidge("evidence", n_components=5, random_state=0),
]
MAPS = found_in(features) + found_in(directions)
ESTIMATORS = found_in(sklearn_depth) + MAPS + MODES
LEARNERS = [
    found for found in ESTIMATORS if found.__sklearn_tags__().target_tags.required
]
each_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
each_learner = pytest.mark.parametrize("estimator", LEARNERS, ids=str)

rng = np.random.default_rng(0)
X = rng.standard_normal((20, 3))
y = X[:, 0] + rng.standard_normal(20)


def targets(estimator):
    """Numbers, or two classes for a classifier."""
    return np.where(y > 0, "above", "below") if is_classifier(estimator) else y


def with_entry(array, value):
    spoiled = array.copy()
    spoiled.flat[3] = value
    return spoiled


def output(fitted, X):
    return fitted.predict(X) if hasattr(fitted, "predict") else fitted.transform(X)


@each_estimator
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (with_entry(X, np.nan), "Input X contains NaN"),
        (with_entry(X, np.inf), "Input X contains infinity"),
        (X[:, 0], "Expected 2D array, got 1D array"),
        (X[:0], r"0 sample\(s\).*minimum of"),
        (X[:, :0], r"0 feature\(s\).*minimum of 1"),
        (X + 1j, "Complex data not supported"),
        (X[None], "dim 3"),
        (
            [["a", "b"]] * 20,
            "could not convert string to float|arrays of bytes/strings",
        ),
    ],
)
def test_bad_x(estimator, X, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, targets(estimator)[: len(X)])


@each_estimator
def test_bad_new_data(estimator):
    estimator.fit(X, targets(estimator))
    for X_new, message in (
        (with_entry(X, np.nan), "Input X contains NaN"),
        (with_entry(X, -np.inf), "Input X contains infinity"),
        (X[0], "Expected 2D array, got 1D array"),
        (X[:, :2], "X has 2 features, but .* is expecting 3 features"),
    ):
        with pytest.raises(ValueError, match=message):
            output(estimator, X_new)


@each_learner
@pytest.mark.parametrize(
    ("y", "message"),
    [
        (with_entry(y, np.nan), "Input y contains NaN"),
        (with_entry(y, np.inf), "Input y contains infinity"),
        (y[:-1], r"inconsistent numbers of samples: \[20, 19\]"),
        (np.zeros((20, 1, 1)), r"dim 3|of shape \(20, 1, 1\)"),
        (None, "requires y to be passed"),
    ],
)
def test_bad_y(estimator, y, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, y)


@each_learner
def test_targets_of_another_kind(estimator):
    if is_classifier(estimator):
        wrong, message = y, "Unknown label type: continuous"
    else:
        wrong, message = ["a"] * 20, "could not convert string to float"
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, wrong)


@each_estimator
@pytest.mark.parametrize(
    ("sample_weight", "message"),
    [
        (np.zeros(20), "at least one non-zero"),
        (-np.ones(20), "Negative values in .*sample_weight"),
        (with_entry(np.ones(20), -0.1), "Negative values in .*sample_weight"),
        (with_entry(np.ones(20), np.nan), "sample_weight contains NaN"),
        (with_entry(np.ones(20), np.inf), "sample_weight contains infinity"),
        (np.ones(19), r"sample_weight.shape == \(19,\), expected \(20,\)"),
        (np.ones((20, 1)), "Sample weights must be 1D"),
    ],
)
def test_bad_weights(estimator, sample_weight, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, targets(estimator), sample_weight=sample_weight)


@each_learner
def test_one_row(estimator):
    y = targets(estimator)
    if isinstance(estimator, KernelRidge) and not isinstance(estimator.alpha, str):
        # As in scikit-learn, one row is enough.
        assert np.isfinite(estimator.fit(X[:1], y[:1]).predict(X)).all()
        return
    with pytest.raises(ValueError, match=r"1 sample\(s\).* minimum of 2"):
        estimator.fit(X[:1], y[:1])
    with pytest.raises(ValueError, match=r"leaves 1\. Give more samples a weight"):
        estimator.fit(X, y, sample_weight=np.eye(20)[0])


@each_estimator
def test_what_is_masked_is_not_read(estimator):
    y = targets(estimator)
    masked = np.ma.masked_greater(X, 1.5)
    with pytest.raises(ValueError, match=r"X has masked entries, 3 in all\. Impute"):
        estimator.fit(masked, y)
    estimator.fit(np.ma.array(X), y)  # without a mask
    with pytest.raises(ValueError, match="X has masked entries, 3"):
        output(estimator, masked)
    if estimator in LEARNERS:
        with pytest.raises(ValueError, match="y has masked entries, 1"):
            estimator.fit(X, np.ma.array(y, mask=np.arange(20) == 3))


@each_estimator
def test_sparse_input(estimator):
    y = targets(estimator)
    if isinstance(estimator, KernelRidge):
        dense = estimator.fit(X, y).predict(X)
        found = estimator.fit(sparse.csr_array(X), y).predict(sparse.csr_array(X))
        np.testing.assert_allclose(found, dense, atol=1e-9)
        return
    with pytest.raises(TypeError, match=r"Sparse data.*dense data is required"):
        estimator.fit(sparse.csr_array(X), y)


SIGMOID_NETS = {
    "n_hidden": [0, -5, 2.5, "many"],
    "activation": ["relu", None],
    "output": ["erf", None],
    "design": ["sobol", None],
    "hidden_scale": [0, -1.0, "auto"],
    "radius": ["mean", 0, -1.0],
    "tie": [-1.0, "gcv", None],
    "solver": ["adam", None],
    "learning_rate": [0, -0.1, "fast", None],
    "alpha": [-1e-9, "gcv"],
    "fit_intercept": ["yes", None],
    "max_iter": [0, 1.5],
    "tol": [-1.0],
    "n_iter_no_change": [0, None],
    "warm_start": [None],
    "random_state": ["seed", -1],
}
RELU_NETS = {
    "hidden_layer_sizes": [0, -5, 2.5, "deep", None],
    "scaling": ["minmax", True],
    "learning_rate": [0, -0.1, "fast", None],
    "schedule": ["step", None],
    "momentum": [-0.1, 1, None],
    "weight_decay": [-1e-9, "auto"],
    "batch_size": [0, 2.5, None],
    "max_epochs": [0, 1.5, None],
    "early_stopping": ["yes", None],
    "validation_fraction": [0, 1, -0.1],
    "n_iter_no_change": [0, 1.5],
    "warm_start": [None],
    "device": ["gpu", 0, None],
    "random_state": ["seed", -1],
}
RADIAL_NETS = {
    "n_projections": [0, -5, 2.5, "all"],
    "n_knots": [0, -5, 2.5, None],
    "center": ["middle", 3, None],
    "random_state": ["seed", -1],
}
POLYNOMIALS = {
    "degree": [0, -1, 2.5],
    "truncation": ["none", None],
    "max_interaction": [0, "all"],
    "scaling": ["minmax", True],
}
TWO_LAYERS = {
    "n_hidden": [1, 0, -5, 2.5],
    "n_feature_steps": [-1, 1.5],
    "label_transform": ["rank", True],
    "whiten": ["pca", True],
    "linear_part": ["ols", True],
    "learning_rate": [0, -1.0, "auto", None],
    "refine": ["auto", 1, None],
    "device": ["gpu", 0, None],
    "random_state": ["seed"],
}
THREE_LAYERS = {
    "n_hidden": [0, -5, 2.5, "all"],
    "activation": ["erf", None],
    "scaling": ["minmax", True],
    "start": ["zero", None],
    "n_refinements": [-1, 1.5],
    "n_knots": [0, 2.5, None],
    "random_state": ["seed", -1],
}
OF_CLASSES = {"alpha": [0, -1.0, "gcv", None], "class_weight": ["even", 3]}


@pytest.mark.parametrize(
    ("estimator", "parameters"),
    [
        (FixedHiddenSigmoidRegressor, SIGMOID_NETS),
        (
            FixedHiddenSigmoidClassifier,
            SIGMOID_NETS | {"loss": ["hinge", None], "class_weight": ["even", 3]},
        ),
        (HermitePolynomialRegressor, POLYNOMIALS | {"alpha": [-1.0, "cv", None]}),
        (HermitePolynomialClassifier, POLYNOMIALS | OF_CLASSES),
        (
            KernelRidge,
            {
                "alpha": [-1.0, "cv", None],
                "kernel": ["gauss", None],
                "gamma": [-1.0, "scale"],
                "degree": [-1],
                "coef0": ["one"],
                "kernel_params": [3],
                "fit_intercept": ["yes"],
                "alphas": [1.0, "log"],
                "n_components": [0, -5, 2.5, "auto"],
                "random_state": ["seed", -1],
            },
        ),
        (TwoLayerGDRegressor, TWO_LAYERS | {"alpha": [-1.0, "cv", None]}),
        (TwoLayerGDClassifier, TWO_LAYERS | OF_CLASSES),
        (ReLUNetworkClassifier, RELU_NETS),
        (ReLUNetworkRegressor, RELU_NETS),
        (ThreeLayerFeatureRegressor, THREE_LAYERS | {"alpha": [-1.0, "cv", None]}),
        (ThreeLayerFeatureClassifier, THREE_LAYERS | OF_CLASSES),
        (RadialTwoLayerRegressor, RADIAL_NETS | {"alpha": [-1.0, "best", None]}),
        (RadialTwoLayerClassifier, RADIAL_NETS | OF_CLASSES),
        (RadialFeatures, RADIAL_NETS | {"center": ["learn", 3, None]}),
        (HermiteFeatures, {"degree": [0], "scaling": ["minmax"]}),
        (LearnedReLUFeatures, {"n_hidden": [1], "whiten": ["pca"]}),
        (SigmoidFeatures, {"n_hidden": [0], "radius": ["mean"], "tie": [-1]}),
    ],
)
def test_bad_parameters(estimator, parameters):
    for name, values in parameters.items():
        for value in values:
            message = rf"'{name}' parameter of {estimator.__name__} must be .*Got"
            with pytest.raises(ValueError, match=message):
                estimator(**{name: value}).fit(X, targets(estimator()))


@pytest.mark.parametrize(
    "estimator",
    [HermiteFeatures(40), HermitePolynomialRegressor(40, solver="primal")],
    ids=str,
)
def test_too_high_degrees(estimator):
    message = r"degree=40 .* makes [\d,]+ columns.* GiB.*Lower degree"
    with pytest.raises(MemoryError, match=message):
        estimator.fit(np.zeros((20, 50)), y)


@pytest.mark.parametrize("estimator", [RadialTwoLayerRegressor, RadialFeatures])
@pytest.mark.parametrize(
    ("center", "message"),
    [
        ([0.0, 1], r"center has shape \(2,\), but X has 3 features. Give an array of"),
        (np.zeros((1, 3)), r"center has shape \(1, 3\), but X has 3 features"),
        ([0, 1, np.nan], "center contains NaN"),
        ([0, 1, np.inf], "center contains infinity"),
    ],
)
def test_bad_centres(estimator, center, message):
    with pytest.raises(ValueError, match=message):
        estimator(center=center).fit(X, y)


@pytest.mark.parametrize("factor", [1e-240, 1e240])
def test_radial_features_of_rows_whose_squares_leave_float64(factor):
    with pytest.raises(ValueError, match=r"largest entry of X .*Scale X"):
        RadialFeatures().fit(factor * X)


def test_precomputed_kernels_are_square():
    with pytest.raises(ValueError, match=r"Precomputed metric requires shape"):
        KernelRidge("loo", kernel="precomputed").fit(X, y)


@pytest.mark.parametrize(
    "sizes",
    [[20, 0], [-1], [2.5], [[3, 4]], [[]], ["ten"], [True], [20, None]],
    ids=str,
)
def test_sizes_of_no_hidden_layers(sizes):
    message = r"hidden_layer_sizes must be one positive integer for each hidden layer"
    for make in (ReLUNetworkRegressor, ReLUNetworkClassifier):
        with pytest.raises(ValueError, match=message):
            make(sizes).fit(X, targets(make()))


@pytest.mark.parametrize(
    ("aside", "message"),
    [
        ({"X_val": X}, "X_val and y_val go together; y_val is missing"),
        ({"y_val": y}, "X_val and y_val go together; X_val is missing"),
        ({"sample_weight_val": np.ones(20)}, "sample_weight_val needs X_val and y_val"),
        ({"X_val": X[:, :2], "y_val": y}, "X has 2 features, but .* expecting 3"),
        ({"X_val": with_entry(X, np.nan), "y_val": y}, "Input X contains NaN"),
        ({"X_val": X, "y_val": with_entry(y, np.nan)}, "y_val contains NaN"),
        ({"X_val": X, "y_val": y[:-1]}, r"inconsistent numbers of samples: \[20, 19\]"),
        ({"X_val": X, "y_val": y[:, None]}, r"y_val has shape \(20, 1\), but y has"),
        (
            {"X_val": X, "y_val": y, "sample_weight_val": -np.ones(20)},
            "Negative values in .*sample_weight",
        ),
    ],
)
@pytest.mark.parametrize("make", [FixedHiddenSigmoidRegressor, ReLUNetworkRegressor])
def test_bad_validation_data(make, aside, message):
    with pytest.raises(ValueError, match=message):
        make(20).fit(X, y, **aside)


def test_labels_that_a_classifier_cannot_learn():
    net, two = FixedHiddenSigmoidClassifier(20), targets(FixedHiddenSigmoidClassifier())
    with pytest.raises(ValueError, match=r"1 class only, 'above'.*at least 2 classes"):
        net.fit(X, ["above"] * 20)
    with pytest.raises(ValueError, match="1 class only, 'above'"):
        net.fit(X, two, sample_weight=two == "above")
    with pytest.raises(ValueError, match=r"labels \['aside'\] that are not in"):
        net.fit(X, two, X_val=X[:2], y_val=["above", "aside"])
    with pytest.raises(ValueError, match="should be a 1d array"):
        net.fit(X, np.column_stack([two, two]))
    net.set_params(warm_start=True, alpha=0.1, tie=1).fit(X, two)
    with pytest.raises(ValueError, match=r"\['new'\] that .*Set warm_start=False"):
        net.fit(X, np.where(two == "above", "above", "new"))
    with pytest.raises(ValueError, match=r"no logarithm\. Use loss=\"squared\""):
        FixedHiddenSigmoidClassifier(20, output="clip").fit(X, two)


@pytest.mark.parametrize("size", [1e7, 1e81, 1e200, 1e308])
@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (features.SigmoidFeatures(20), "tie"),
        (sklearn_depth.FixedHiddenSigmoidRegressor(20), "tie"),
        (sklearn_depth.FixedHiddenSigmoidClassifier(20), "tie"),
        (sklearn_depth.ReLUNetworkRegressor((10,)), "weight_decay"),
        (sklearn_depth.ReLUNetworkClassifier((10,)), "weight_decay"),
    ],
    ids=str,
)
def test_sizes_that_no_float_could_bear_are_out_of_range(estimator, name, size):
    model = clone(estimator).set_params(**{name: size})
    with pytest.raises(ValueError, match=f"'{name}' parameter .* must be .*1000000"):
        model.fit(X, y > y.mean())


def test_coefficients_beyond_float32_are_refused():
    tiny, large = (1e-24 * X).astype("f4"), (1e20 * X[:, 0]).astype("f4")
    with pytest.raises(ValueError, match=r"coefficients overflow in float32.*scale X"):
        HermitePolynomialRegressor(1, scaling=None).fit(tiny, large)
