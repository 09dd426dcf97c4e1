"""What a fit was given belongs to the caller, who may overwrite it."""

import copy

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.metrics.pairwise import PAIRWISE_KERNEL_FUNCTIONS

import sklearn_depth
from sklearn_depth import (
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    ReLUNetworkRegressor,
    TwoLayerGDRegressor,
    directions,
    features,
)
from sklearn_depth.kernels import KERNEL_FUNCTIONS

rng = np.random.default_rng(0)
X = rng.uniform(0.1, 2, (40, 3))
y = X[:, 0] - X[:, 1] ** 2 + 0.1 * rng.standard_normal(40)
weight = rng.uniform(0.5, 2, 40)
PAIRWISE = sorted(set(PAIRWISE_KERNEL_FUNCTIONS) - {"polynomial"})
SMALL = {"n_hidden": 20, "hidden_layer_sizes": (10,), "tol": 1e-3, "random_state": 0}


def small(made):
    known = made().get_params()
    return made(**{name: SMALL[name] for name in SMALL if name in known})


WHOLE = [
    small(getattr(module, name))
    for module in (sklearn_depth, directions, features)
    for name in module.__all__
]
GIVEN = [
    KernelRidge("loo", kernel="rbf", alphas=np.array([1e-3, 0.1, 10.0])),
    KernelRidge(np.array([0.1]), kernel="rbf", fit_intercept=True),
    KernelRidge("loo", kernel="rbf", n_components=10, random_state=0),
    KernelRidge("evidence", kernel=["rbf", "linear"], kernel_params=[{"gamma": 1}, {}]),
    *[KernelRidge(kernel=name) for name in ("chi2", "laplacian", *KERNEL_FUNCTIONS)],
    RadialTwoLayerRegressor(center=np.array([0.5, 0.5, 0.5])),
    features.RadialFeatures(center=np.array([0.5, 0.5, 0.5])),
    TwoLayerGDRegressor(20, whiten=None, linear_part="moment", random_state=0),
    TwoLayerGDRegressor(20, n_feature_steps=0, random_state=0),
    HermitePolynomialRegressor(2, scaling=None),
]


def output(fitted, X):
    for method in ("decision_function", "predict", "transform"):
        if hasattr(fitted, method):
            return getattr(fitted, method)(X)
    raise AssertionError(fitted)


def arrays_of(model):
    """Arrays that the caller holds and the model was made of."""
    return [v for v in vars(model).values() if isinstance(v, np.ndarray)]


@pytest.mark.parametrize("model", WHOLE + GIVEN, ids=str)
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_fits_do_not_change_with_what_they_were_given(model, single):
    model = copy.deepcopy(model)
    dtype = np.float32 if single else np.float64
    target = (y > y.mean()).astype(int) if is_classifier(model) else y.astype(dtype)
    given = [X.astype(dtype), target.copy(), weight.copy()]
    parameters = arrays_of(model)
    model.fit(*given)
    new = X[:7].astype(dtype) + 0.01
    before = output(model, new)
    attributes = {
        name: value.copy()
        for name, value in vars(model).items()
        if name.endswith("_") and isinstance(value, np.ndarray)
    }
    for array in given + parameters:
        array[...] = 0.7 if array.dtype.kind == "f" else 1
    np.testing.assert_array_equal(output(model, new), before)
    for name, value in attributes.items():
        np.testing.assert_array_equal(getattr(model, name), value, err_msg=name)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array])
def test_sparse_rows_are_kept_as_a_copy(kind):
    given, new = kind(X), X[:7] + 0.01
    model = KernelRidge(kernel="rbf").fit(given, y)
    before = model.predict(new)
    given.data[:] = 0
    np.testing.assert_array_equal(model.predict(new), before)


def test_a_kernel_that_was_given_is_not_copied():
    kernel, new = X @ X.T, X[:7] @ X.T
    model = KernelRidge(kernel="precomputed").fit(kernel, y)
    before = model.predict(new)
    assert np.shares_memory(model.X_fit_, kernel)
    kernel[:] = 0
    np.testing.assert_array_equal(model.predict(new), before)


@pytest.mark.parametrize(
    "model",
    [
        FixedHiddenSigmoidRegressor(20, alpha=1e-3, warm_start=True, random_state=0),
        ReLUNetworkRegressor((10,), warm_start=True, max_epochs=5, random_state=0),
        HermitePolynomialRegressor(2),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Training stopped at max_iter")
def test_a_copy_that_goes_on_leaves_its_original(model):
    go_on = getattr(model, "partial_fit", model.fit)
    go_on(X, y)
    before = model.predict(X)
    other = copy.copy(model)
    getattr(other, "partial_fit", other.fit)(X, y[::-1])
    np.testing.assert_array_equal(model.predict(X), before)
    assert np.abs(other.predict(X) - before).max() > 1e-6


@pytest.mark.parametrize(
    "kernel",
    [*PAIRWISE, *KERNEL_FUNCTIONS],
)
@pytest.mark.filterwarnings("ignore:The kernel matrix plus alpha is not positive")
def test_the_order_of_memory_does_not_change_a_bit(kernel):
    model = KernelRidge(kernel=kernel)
    rows = model.fit(X, y).predict(X)
    assert np.isfinite(rows).all()
    columns = model.fit(np.asfortranarray(X), y).predict(np.asfortranarray(X))
    np.testing.assert_array_equal(columns, rows)
