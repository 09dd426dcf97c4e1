"""The contract that every estimator keeps, found through ``__all__``.

``make test`` runs scikit-learn's check of array API input on its own, with
``SCIPY_ARRAY_API=1``: without it the check is skipped.
"""

import ast
import inspect
import pickle
import re
import warnings
from contextlib import contextmanager

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import skops.io
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr
from sklearn.utils.estimator_checks import estimator_checks_generator

import sklearn_depth
from sklearn_depth import directions, features

SAFRAN_LEE = {
    "n_hidden": 200,
    "output": "clip",
    "design": "iid",
    "hidden_scale": 0.5,
    "radius": None,
    "fit_intercept": False,
    "solver": "gd",
    "alpha": 0,
    "tol": 0.01,
}
EPOCHS = {"max_epochs": 40}
# The papers' own settings, and others that take another path through the code.
VARIANTS = {
    "FixedHiddenSigmoidClassifier": [
        # Their unit of length is no check's: noise there has a deviation of 20.
        SAFRAN_LEE | {"loss": "squared", "radius": "median"},
        {"n_hidden": 50, "solver": "gd", "alpha": 1e-3, "tie": 1, "tol": 0.1},
        {"n_hidden": 50, "class_weight": "balanced", "tie": 0, "tol": 1e-4},
    ],
    "FixedHiddenSigmoidRegressor": [
        SAFRAN_LEE,
        # A clipped output has kinks, which keep its gradient from a smaller tolerance.
        {
            "n_hidden": 50,
            "activation": "tanh",
            "output": "clip",
            "tie": 0,
            "tol": 1e-3,
        },
    ],
    "HermitePolynomialClassifier": [
        {"degree": 2, "scaling": "sphere", "alpha": "loo"},
        {"degree": 3, "truncation": "hyperbolic", "scaling": None, "alpha": 1.0},
    ],
    "HermitePolynomialRegressor": [
        {"degree": 2, "scaling": "sphere"},
        {"degree": 4, "truncation": "hyperbolic", "scaling": None, "alpha": 1.0},
    ],
    "KernelRidge": [
        {"alpha": "gcv"},
        {"alpha": "gcv", "kernel": "rbf", "fit_intercept": True},
        {"alpha": 0.1, "fit_intercept": True},
        {"alpha": "loo", "kernel": "ntk"},
        # Landmarks up to the rank, so that repeated rows give the same fit.
        {"n_components": 30},
        {"alpha": "loo", "fit_intercept": True, "n_components": 30},
        {"alpha": "evidence"},
        {"alpha": "evidence", "kernel": ["rbf", "linear"], "fit_intercept": True},
        {"alpha": "evidence", "n_components": 30},
    ],
    "RadialTwoLayerClassifier": [
        {"n_projections": 20, "alpha": 1.0},
        {"center": "learn", "class_weight": "balanced"},
    ],
    "RadialTwoLayerRegressor": [
        {"n_projections": 20},
        {"n_knots": 1, "center": "mean", "alpha": 1.0},
        {"center": "learn"},
    ],
    "ReLUNetworkClassifier": [
        EPOCHS | {"hidden_layer_sizes": (20,), "scaling": None, "learning_rate": 0.05},
        EPOCHS | {"hidden_layer_sizes": (), "batch_size": 1000, "weight_decay": 0},
    ],
    "ReLUNetworkRegressor": [
        # The paper's descent; its rows have a length that those of no check have.
        EPOCHS
        | {
            "hidden_layer_sizes": (40,),
            "schedule": "constant",
            "momentum": 0,
            "weight_decay": 0,
        },
        {"hidden_layer_sizes": (20, 10, 5), "learning_rate": 0.01, "batch_size": 1000},
    ],
    "ThreeLayerFeatureClassifier": [
        {"n_hidden": 20, "activation": "abs", "class_weight": "balanced"},
        {"start": "ridge", "scaling": "sphere", "alpha": 1.0},
    ],
    "ThreeLayerFeatureRegressor": [
        {"n_hidden": 20, "activation": "abs"},
        {"start": "ridge", "scaling": "sphere", "alpha": 1.0},
    ],
    "TwoLayerGDClassifier": [
        {
            "n_hidden": 50,
            "n_feature_steps": 1,
            "label_transform": None,
            "whiten": None,
            "linear_part": "moment",
            "learning_rate": 3.0,
        },
        {"n_hidden": 50, "n_feature_steps": 0, "alpha": 1.0},
    ],
    "TwoLayerGDRegressor": [
        {
            "n_hidden": 50,
            "n_feature_steps": 1,
            "label_transform": None,
            "whiten": None,
            "linear_part": "moment",
            "learning_rate": 3.0,
        },
        {"n_hidden": 50, "n_feature_steps": 0, "alpha": 1.0},
        {"n_hidden": 50, "layers": ("smooth",)},
    ],
    "DirectionalRegression": [{"n_directions": 1, "n_slices": 3}],
    "GradientOuterProduct": [{"n_directions": 1, "n_iter": 2, "alpha": 0.1}],
    "PrincipalHessianDirections": [{"n_directions": 1}],
    "SlicedAverageVariance": [{"n_directions": 1, "n_slices": 3}],
    "SlicedInverseRegression": [{"n_directions": 1, "n_slices": 3}],
    "HermiteFeatures": [
        {"degree": 2, "scaling": "sphere"},
        {"degree": 4, "truncation": "hyperbolic", "max_interaction": 2},
        {"scaling": None},
    ],
    "LearnedReLUFeatures": [
        {"n_hidden": 20, "n_feature_steps": 0},
        {
            "n_hidden": 20,
            "n_feature_steps": 1,
            "label_transform": None,
            "whiten": None,
            "linear_part": "moment",
            "learning_rate": 3.0,
        },
    ],
    "RadialFeatures": [
        {"n_projections": 20, "center": "origin"},
        {"n_knots": 1, "center": "mean"},
    ],
    "SigmoidFeatures": [
        {"n_hidden": 30, "design": "iid", "hidden_scale": 0.5, "radius": None},
        {"n_hidden": 30, "activation": "tanh", "radius": 2.0, "tie": 0},
    ],
}
# Parameters that leave attributes which no other fit does.
RARE = {"HermitePolynomialRegressor": {"degree": 40}}
# What the first parameter of an estimator may be searched over.
GRIDS = {
    "n_hidden": [20, 40],
    "hidden_layer_sizes": [(20,), (10, 10)],
    "degree": [1, 2],
    "alpha": [0.1, 1.0],
    "n_directions": [1, 2],
    "n_projections": [20, None],
}


def found_in(module):
    """The estimators that a module makes public."""
    public = [getattr(module, name) for name in module.__all__]
    classes = [thing for thing in public if inspect.isclass(thing)]
    return [found for found in classes if issubclass(found, BaseEstimator)]


def small(estimator_class, **parameters):
    """An instance that fits in milliseconds, with a fixed seed where it has one."""
    known = inspect.signature(estimator_class).parameters
    usual = {
        "n_hidden": 40,
        "hidden_layer_sizes": (40,),
        "tol": 1e-4,
        "random_state": 0,
    } | EPOCHS
    return estimator_class(
        **{name: usual[name] for name in usual if name in known} | parameters
    )


def drawn(estimator_class, **parameters):
    """A small instance whose fit depends on its seed."""
    known = estimator_class().get_params()
    draws = {"n_components": 3, "n_projections": 20}
    few = {name: draws[name] for name in draws if name in known}
    return small(estimator_class, **few, **parameters)


def penalty(estimator_class):
    """A penalty, where the default makes a choice by an iterative path."""
    iterative = estimator_class().get_params().get("tie") == "auto"
    return {"alpha": 1e-3} if iterative else {}


def wide(estimator_class):
    """A layer that can learn what scikit-learn's checks expect to be learned."""
    known = estimator_class().get_params()
    return {"n_hidden": 100} if "n_hidden" in known else {}


def named(estimators):
    return pytest.mark.parametrize("make", estimators, ids=lambda made: made.__name__)


TRANSFORMERS = found_in(features) + found_in(directions)
ESTIMATORS = found_in(sklearn_depth) + TRANSFORMERS
REGRESSORS = [found for found in ESTIMATORS if is_regressor(found())]
CLASSIFIERS = [found for found in ESTIMATORS if is_classifier(found())]
RANDOM = [found for found in ESTIMATORS if "random_state" in found().get_params()]
each_estimator = named(ESTIMATORS)
each_transformer = named(TRANSFORMERS)
each_regressor = named(REGRESSORS)
each_predictor = named(REGRESSORS + CLASSIFIERS)
each_random_one = named(RANDOM)

rng = np.random.default_rng(0)
X = rng.normal([0, 0, 5, 0], 1, size=(80, 4))
height = np.sin(X[:, 0]) + X[:, 1] ** 2 + 0.1 * rng.standard_normal(80)
TARGETS = np.column_stack([height, X[:, 3] - height, np.abs(X[:, 1])])
weight = rng.uniform(0.2, 3, 80)
frame = pd.DataFrame(X, columns=["north", "east", "south", "west"])


def labels(n_classes):
    """Classes of equal size by height."""
    bounds = np.quantile(height, np.arange(1, n_classes) / n_classes)
    return np.digitize(height, bounds)


@pytest.fixture
def y(make):
    """One target; two classes for a classifier."""
    return labels(2) if make in CLASSIFIERS else height


@pytest.fixture
def Y(make):
    """Three targets; three classes for a classifier."""
    return labels(3) if make in CLASSIFIERS else TARGETS


def output(fitted, X=X):
    """What the estimator makes of X: predictions, decisions or features."""
    if is_classifier(fitted):
        return fitted.decision_function(X)
    return fitted.predict(X) if is_regressor(fitted) else fitted.transform(X)


def as_predictor(estimator):
    """The steps that turn an estimator into one that predicts."""
    return [estimator, Ridge()] if type(estimator) in TRANSFORMERS else [estimator]


def documented(estimator_class, section):
    """Name to type, in a numpydoc section; one entry may name several attributes."""
    pattern = rf"^{section}\n-+\n(.*?)(?:\n\n|\Z)"
    text = re.search(pattern, inspect.getdoc(estimator_class), re.S | re.M)[1]
    return {
        name: kind
        for names, kind in re.findall(r"^(\S.*?) : (.*)", text, re.M)
        for name in names.split(", ")
    }


def fitted_attributes(estimator):
    return {name for name in vars(estimator) if name.endswith("_") and name[0] != "_"}


def test_every_estimator_is_found():
    assert len(set(ESTIMATORS)) == len(ESTIMATORS) >= 7
    assert {found.__name__ for found in ESTIMATORS} >= set(VARIANTS)


@contextmanager
def noise_allowed():
    """The checks' targets are noise, and the network says so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No direction of the")
        yield


def checks_with_one_landmark(estimator):
    """Those that set n_components=1, which several kernels refuse."""
    if not isinstance(getattr(estimator, "kernel", None), list):
        return {}
    names = """dont_overwrite_parameters methods_sample_order_invariance
        methods_subset_invariance fit2d_1sample fit2d_1feature fit2d_predict1d"""
    return {f"check_{name}": "works with one kernel" for name in names.split()}


def name_of(check):
    return check.func.__name__


def checks_of(estimators, chosen=""):
    """Pairs of an estimator and a check whose name has a match for ``chosen``."""
    return [
        pair
        for estimator in estimators
        for pair in estimator_checks_generator(
            estimator,
            expected_failed_checks=checks_with_one_landmark(estimator),
            mark="xfail",
        )
        if re.search(chosen, name_of(getattr(pair, "values", pair)[1]))
    ]


def named_checks(checks):
    return pytest.mark.parametrize(
        ("estimator", "check"),
        checks,
        ids=lambda given: (
            repr(given) if isinstance(given, BaseEstimator) else name_of(given)
        ),
    )


# Checks of what a fit computes, on which a setting bears; the others see a class.
OF_FITS = """idempotent|invariance|equivalence|_train|transformer_general|dtypes|pickle
|1sample|1feature|overwrite|dict_unchanged|one_label|class_weight|multioutput|n_iter
|contiguous|memmap|partial_fit|zero_sample|consistency""".replace("\n", "")
VARIED = [
    found(**parameters)
    for found in ESTIMATORS
    for parameters in VARIANTS.get(found.__name__, [])
]


@named_checks(
    checks_of([small(found, **wide(found)) for found in ESTIMATORS])
    + checks_of(VARIED, OF_FITS)
)
def test_scikit_learn_checks(estimator, check):
    with noise_allowed():
        if getattr(estimator, "solver", None) == "gd":
            # The paper's tolerance is out of reach on the checks' random targets.
            warnings.simplefilter("ignore", ConvergenceWarning)
        check(estimator)


@named_checks(
    checks_of(
        [small(found, **wide(found), **penalty(found)) for found in ESTIMATORS],
        "sample_weight|pipeline|cloneable|fit_score|set_params",
    )
)
def test_scikit_learn_checks_with_metadata_routing(estimator, check):
    with sklearn.config_context(enable_metadata_routing=True), noise_allowed():
        check(estimator)


@each_estimator
def test_sample_weight_is_routed(make, y):
    weighted = small(make)
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, *as_predictor(weighted))
        pipeline[-1].set_fit_request(sample_weight=False)
        pipeline[-1].set_score_request(sample_weight=True)
        weighted.set_fit_request(sample_weight=True)
        search = GridSearchCV(pipeline, {}, cv=2).fit(X, y, sample_weight=weight)
    inner = search.best_estimator_[1]
    Z = StandardScaler().fit_transform(X)
    by_hand = small(make).fit(Z, y, sample_weight=weight)
    np.testing.assert_array_equal(output(inner, Z), output(by_hand, Z))
    assert (output(inner, Z) != output(small(make).fit(Z, y), Z)).any()


@each_estimator
@pytest.mark.parametrize("copy", ["pickle", "skops"])
def test_saved_models_are_the_same_models(make, copy, y):
    fitted = small(make).fit(X, y)
    if copy == "pickle":
        loaded = pickle.loads(pickle.dumps(fitted))
    else:
        saved = skops.io.dumps(fitted)
        untrusted = skops.io.get_untrusted_types(data=saved)
        assert all(name.startswith("sklearn_depth.") for name in untrusted)
        loaded = skops.io.loads(saved, trusted=untrusted)
    np.testing.assert_array_equal(output(loaded), output(fitted))
    assert str(loaded.get_params()) == str(fitted.get_params())


@each_estimator
def test_clones_keep_parameters_and_forget_the_fit(make, y):
    fitted = small(make).fit(X, y)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not fitted_attributes(copy)
    with pytest.raises(NotFittedError):
        output(copy)
    np.testing.assert_array_equal(output(copy.fit(X, y)), output(fitted))


@each_estimator
def test_float_types_are_kept(make, y, Y):
    fixed = penalty(make)  # rounding decides between penalties that do as well
    double = output(small(make, **fixed).fit(X, y))
    single_X = X.astype("f4")
    single, several = (
        output(small(make, **fixed).fit(single_X, target.astype("f4")), single_X)
        for target in (y, Y)
    )
    assert double.dtype == np.float64
    assert several.dtype == np.float32
    assert single.dtype == np.float32
    spread = double.std(axis=0).clip(0.1)
    assert np.sqrt(np.mean(((single - double) / spread) ** 2)) < 0.05


@each_estimator
def test_integers_and_lists_are_taken_as_float64(make, y):
    rounded = np.round(X)
    reference = output(small(make).fit(rounded, np.round(y)), rounded)
    integer = small(make).fit(rounded.astype(int), np.round(y).astype(int))
    np.testing.assert_array_equal(output(integer, rounded.astype(int)), reference)
    listed = small(make).fit(rounded.tolist(), np.round(y).tolist())
    np.testing.assert_array_equal(output(listed, rounded.tolist()), reference)
    assert reference.dtype == output(integer, rounded.astype(int)).dtype == np.float64


@each_regressor
def test_targets_come_back_in_their_shape(make, y, Y):
    for target in (y, y[:, None], Y):
        assert small(make).fit(X, target).predict(X).shape == target.shape
    np.testing.assert_allclose(
        small(make).fit(X, y[:, None]).predict(X)[:, 0],
        small(make).fit(X, y).predict(X),
    )


@pytest.mark.parametrize("n_samples", [30, 80])  # fewer, and more, than columns
@pytest.mark.parametrize(
    "model",
    [
        sklearn_depth.HermitePolynomialRegressor(3),
        sklearn_depth.HermitePolynomialRegressor(alpha="auto"),
        sklearn_depth.KernelRidge("loo", kernel="rbf"),
        sklearn_depth.KernelRidge("loo", kernel="rbf", fit_intercept=True),
        sklearn_depth.KernelRidge("loo", kernel="rbf", n_components=20, random_state=0),
        sklearn_depth.KernelRidge("evidence", kernel=["rbf", "linear"]),
    ],
)
def test_many_targets_are_fitted_each_on_its_own(model, n_samples):
    X_fit, Y_fit = X[:n_samples], TARGETS[:n_samples]
    together = clone(model).fit(X_fit, Y_fit)
    assert len({tuple(np.ravel(alpha)) for alpha in together.alpha_}) > 1
    for k in range(TARGETS.shape[1]):
        alone = clone(model).fit(X_fit, Y_fit[:, k])
        np.testing.assert_allclose(alone.alpha_, together.alpha_[k], rtol=1e-6)
        np.testing.assert_allclose(
            together.predict(X)[:, k], alone.predict(X), atol=1e-9
        )


@each_transformer
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_set_output(make, container, y):
    names = small(make).fit(frame, y).get_feature_names_out()
    made = small(make).set_output(transform=container).fit(frame, y).transform(frame)
    assert isinstance(made, {"pandas": pd.DataFrame, "polars": pl.DataFrame}[container])
    assert list(made.columns) == list(names)
    values = small(make).fit(frame, y).transform(frame)
    np.testing.assert_array_equal(made.to_numpy(), values)


@each_transformer
def test_feature_names_out(make, y):
    transformer = small(make).fit(frame, y)
    names = transformer.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == len(names) == transformer.transform(frame).shape[1]
    if not make.__name__.startswith("Hermite"):
        last = len(names) - 1
        assert names[last] == f"{make.__name__.lower()}{last}"


@each_estimator
def test_frames_are_taken(make, y):
    reference = output(small(make).fit(X, y))
    for kind in (frame, pl.from_pandas(frame)):
        fitted = small(make).fit(kind, y)
        np.testing.assert_array_equal(output(fitted, kind), reference)
        assert list(fitted.feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names should match"):
        output(fitted, frame.rename(columns={"north": "up"}))


@each_estimator
def test_html_shows_what_was_fitted(make, y):
    estimator = small(make)
    assert make.__name__ in estimator_html_repr(estimator)
    html = estimator.fit(X, y)._repr_html_()
    assert "Fitted" in html
    for attribute in fitted_attributes(estimator):
        assert attribute in html


@each_random_one
def test_same_seed_same_bits(make, y):
    reference = output(drawn(make).fit(X, y))
    np.testing.assert_array_equal(output(drawn(make).fit(X, y)), reference)
    estimator = drawn(make).fit(X[:50], y[:50])
    np.testing.assert_array_equal(output(estimator.fit(X, y)), reference)
    other = drawn(make, random_state=1).fit(X, y)
    assert (output(other) != reference).any()


@each_random_one
@pytest.mark.parametrize("make_state", [np.random.RandomState, np.random.default_rng])
def test_random_states_advance(make, make_state, y):
    first, again = (
        output(drawn(make, random_state=make_state(3)).fit(X, y)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    used = drawn(make, random_state=make_state(3)).fit(X, y)
    assert (output(used.fit(X, y)) != first).any()


@each_random_one
def test_no_seed_is_a_new_seed(make, y):
    first, second = (output(drawn(make, random_state=None).fit(X, y)) for _ in range(2))
    assert (first != second).any()


@each_estimator
def test_rows_of_zero_weight_are_absent(make, y):
    """Not only from sums: also from ranges, medians and the choice of a solver."""
    wild_X, wild_y = np.vstack([X, 1e3 * X]), np.concatenate([y, 1e3 * y])
    counted = np.repeat([1.0, 0.0], len(X))
    found = output(small(make).fit(wild_X, wild_y, sample_weight=counted))
    np.testing.assert_allclose(found, output(small(make).fit(X, y)), atol=1e-9)


@each_estimator
@pytest.mark.parametrize("seed", [None, 0])
def test_global_random_state_is_left_alone(make, seed, y):
    seeded = {"random_state": seed} if make in RANDOM else {}
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    output(drawn(make, **seeded).fit(X, y))
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


@each_estimator
def test_nothing_is_printed(make, capfd, y):
    output(small(make).fit(X, y))
    assert capfd.readouterr() == ("", "")


@each_estimator
def test_parameters_are_documented(make):
    signature = inspect.signature(make).parameters
    text = documented(make, "Parameters")
    assert list(text) == list(signature)
    for name, kind in text.items():
        default = ast.literal_eval(kind.partition("default=")[2])
        assert default == signature[name].default


@each_estimator
@pytest.mark.parametrize("target", ["y", "Y"], ids=["one target", "three"])
def test_fitted_attributes_are_documented(make, target, request):
    """Every attribute that a fit leaves, and no other, over the variants."""
    target, names = request.getfixturevalue(target), documented(make, "Attributes")
    found = set()
    for parameters in [
        {},
        RARE.get(make.__name__, {}),
        *VARIANTS.get(make.__name__, []),
    ]:
        fitted = small(make, **parameters)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted.fit(frame, target)
            found |= fitted_attributes(fitted)
            if "X_val" in inspect.signature(make.fit).parameters:
                fitted.fit(frame, target, X_val=frame, y_val=target)
        found |= fitted_attributes(fitted)
        found |= {name for name in names if hasattr(fitted, name)}
    assert found == set(names)


@each_estimator
def test_inside_a_search_over_a_pipeline(make, y):
    name = next(iter(inspect.signature(make).parameters))
    steps = as_predictor(small(make))
    grid = {f"{make.__name__.lower()}__{name}": GRIDS[name]}
    search = GridSearchCV(make_pipeline(StandardScaler(), *steps), grid, cv=2)
    search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    by_hand = clone(search.estimator).set_params(**search.best_params_).fit(X, y)
    np.testing.assert_array_equal(search.predict(X), by_hand.predict(X))


@each_estimator
def test_inside_a_parallel_cross_validation(make, y):
    pipeline = make_pipeline(StandardScaler(), *as_predictor(small(make)))
    with joblib.parallel_config(backend="threading"):
        scores = cross_val_score(pipeline, X, y, cv=4, n_jobs=2)
    np.testing.assert_array_equal(scores, cross_val_score(pipeline, X, y, cv=4))


@each_predictor
def test_output_containers_stay_outside(make, y):
    reference = small(make).fit(frame, y).predict(frame)
    sklearn.set_config(transform_output="pandas")
    predicted = small(make).fit(frame, y).predict(frame)
    assert isinstance(predicted, np.ndarray)
    np.testing.assert_array_equal(predicted, reference)


@each_estimator
def test_inputs_are_left_alone(make, y):
    data = X.copy(), y.copy(), weight.copy()
    output(small(make).fit(*data), data[0])
    for array, original in zip(data, (X, y, weight), strict=True):
        np.testing.assert_array_equal(array, original)


@each_estimator
def test_the_order_in_memory_changes_no_bit(make, y):
    results = []
    for order in "CF":
        laid_out = np.asarray(X, order=order)
        results.append(output(small(make).fit(laid_out, y), laid_out))
    np.testing.assert_array_equal(*results)
