"""skops saves every fitted estimator, and trusts no types but the library's own.

Unlike a pickle, such a file runs no code when it is loaded: whoever loads it names the
types that it may make. ``test_common.py`` has the same round trip for the defaults.
"""

import warnings

import numpy as np
import pytest
import skops.io
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_common import (
    CLASSIFIERS,
    ESTIMATORS,
    TARGETS,
    VARIANTS,
    X,
    height,
    labels,
    output,
    small,
)

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.kernels import GaussianProcessKernel, ntk_kernel

# What a fitted estimator is made of beside estimators, arrays and numbers.
PARTS = {
    "sklearn_depth._solvers.ridge._moments.RidgeMoments",
    "sklearn_depth._hermite._groups.ProductKernels",
    "sklearn_depth._hermite._posterior.OfProducts",
    "sklearn_depth._hermite._posterior.OfRows",
    "sklearn_depth._math._hermite_groups.HermiteGroups",
    "sklearn_depth._kernel_ridge._evidence.Posterior",
    "sklearn_depth._math._dense_network.DenseNetwork",
    "sklearn_depth._math._multi_indices.TermTree",
    "sklearn_depth._solvers.ridge._evidence_dual.KernelPosterior",
    "sklearn_depth._solvers.ridge._orthogonal.Posterior",
    "sklearn_depth._three_layer._net.LearnedHinges",
    "sklearn_depth.features._random_units.RandomUnits",
}
VARIED = [
    small(found, **parameters)
    for found in ESTIMATORS
    for parameters in [{}, *VARIANTS.get(found.__name__, [])]
]


def named(found):
    return f"{found.__module__}.{found.__qualname__}"


def reloaded(fitted):
    """The estimator from its file, and the types that had to be trusted."""
    saved = skops.io.dumps(fitted)
    untrusted = skops.io.get_untrusted_types(data=saved)
    return skops.io.loads(saved, trusted=untrusted), set(untrusted)


def assert_same_state(found, expected):
    """Equal types and values, through all that an estimator holds."""
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            assert_same_state(found[key], value)
    elif isinstance(expected, list | tuple):
        for one, other in zip(found, expected, strict=True):
            assert_same_state(one, other)
    elif hasattr(expected, "__dict__") and not callable(expected):
        assert_same_state(vars(found), vars(expected))
    else:
        assert found == expected


def fit(estimator, X, y, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y, **options)


def several(estimator):
    return labels(3) if type(estimator) in CLASSIFIERS else TARGETS


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("estimator", VARIED, ids=repr)
def test_every_variant_comes_back_as_it_was(estimator, dtype):
    data = X.astype(dtype)
    fitted = fit(estimator, data, several(estimator))
    loaded, trusted = reloaded(fitted)
    assert named(type(fitted)) in trusted
    assert trusted <= PARTS | {named(found) for found in ESTIMATORS}
    assert_same_state(loaded, fitted)
    np.testing.assert_array_equal(output(loaded, data), output(fitted, data))


@pytest.mark.parametrize(
    "estimator",
    [
        FixedHiddenSigmoidClassifier,
        FixedHiddenSigmoidRegressor,
        ReLUNetworkClassifier,
        ReLUNetworkRegressor,
    ],
)
def test_validated_fits_go_on_from_where_they_were_saved(estimator):
    y = labels(2) if estimator in CLASSIFIERS else height
    fitted = small(estimator, warm_start=True)
    fit(fitted, X, y, X_val=X[::2], y_val=y[::2])
    loaded, _ = reloaded(fitted)
    assert_same_state(loaded, fitted)
    for model in loaded, fitted:
        fit(model, X[::-1], y[::-1])
    assert_same_state(loaded, fitted)


@pytest.mark.parametrize(
    "estimator",
    [HermitePolynomialRegressor(2), ReLUNetworkRegressor(10, random_state=0)],
)
def test_batches_go_on_from_where_they_were_saved(estimator):
    fitted = estimator.partial_fit(X[:40], height[:40])
    loaded, _ = reloaded(fitted)
    for model in loaded, fitted:
        model.partial_fit(X[40:], height[40:])
    assert_same_state(loaded, fitted)


def test_states_that_no_variant_has():
    wide = np.random.default_rng(0).normal(size=(30, 100))
    y = wide[:, 0]
    center = RadialTwoLayerRegressor(center=np.arange(100.0)).fit(wide, y)
    for fitted in (
        HermitePolynomialRegressor(4).fit(wide, y),  # in the dual, without products
        TwoLayerGDRegressor(20, random_state=0).fit(X, height).transfer(X, X[:, 3]),
        center,
    ):
        loaded, trusted = reloaded(fitted)
        assert_same_state(loaded, fitted)
        assert all(name.startswith("sklearn_depth.") for name in trusted)
    radii = [1.0, 2.0]
    for found, expected in zip(
        reloaded(center)[0].profile(radii), center.profile(radii), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_kernels_are_saved_with_what_holds_them():
    kernel = GaussianProcessKernel("ntk")
    process = GaussianProcessRegressor(kernel).fit(X, height)
    ridge = make_pipeline(StandardScaler(), KernelRidge(kernel=ntk_kernel))
    for fitted, trusts in [
        (process, {named(GaussianProcessKernel)}),
        (ridge.fit(X, height), {named(KernelRidge), named(ntk_kernel)}),
    ]:
        loaded, trusted = reloaded(fitted)
        assert trusted == trusts
        np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
