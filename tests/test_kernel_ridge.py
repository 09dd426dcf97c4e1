"""Kernel ridge against scikit-learn's, explicit features and other ways to write it."""

from functools import partial

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn import kernel_ridge
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score

from sklearn_depth import KernelRidge, kernels

rng = np.random.default_rng(0)
X = np.abs(rng.standard_normal((60, 4)))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] ** 2, X[:, 2]])
Y = 5 + Y + 0.3 * rng.standard_normal((60, 3))
y = Y[:, 0]
weight = rng.uniform(0.2, 3, 60)
X_new = np.abs(rng.standard_normal((20, 4)))
KERNELS = {
    "linear": {},
    "rbf": {"gamma": 0.3},
    "laplacian": {},
    "poly": {"degree": 2, "coef0": 0.5},
    "chi2": {"gamma": 0.5},
    "cosine": {},
}
each_kernel = pytest.mark.parametrize("kernel", KERNELS)
each_weighting = pytest.mark.parametrize("sample_weight", [None, weight])
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])


@each_kernel
@each_weighting
@pytest.mark.parametrize("alpha", [0.5, [0.1, 1.0, 10.0]])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_scikit_learns_own(kernel, sample_weight, alpha, container):
    if kernel == "chi2" and container is not np.asarray:
        container = np.asarray  # chi2 takes no sparse input, here or there
    parameters = {"alpha": alpha, "kernel": kernel} | KERNELS[kernel]
    reference = kernel_ridge.KernelRidge(**parameters)
    reference.fit(container(X), Y, sample_weight)
    model = KernelRidge(**parameters).fit(container(X), Y, sample_weight)
    expected = reference.predict(container(X_new))
    np.testing.assert_allclose(model.predict(container(X_new)), expected, atol=1e-10)
    np.testing.assert_allclose(model.dual_coef_, reference.dual_coef_, atol=1e-10)
    np.testing.assert_array_equal(model.alpha_, np.full(3, alpha), strict=True)
    np.testing.assert_array_equal(model.intercept_, np.zeros(3), strict=True)


@each_weighting
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 50.0])
def test_the_intercept_is_that_of_ridge(sample_weight, alpha):
    reference = Ridge(alpha, solver="svd").fit(X, Y, sample_weight)
    model = KernelRidge(alpha, fit_intercept=True).fit(X, Y, sample_weight)
    np.testing.assert_allclose(model.predict(X_new), reference.predict(X_new))
    np.testing.assert_allclose(model.intercept_, reference.intercept_, atol=1e-9)


@each_weighting
@pytest.mark.parametrize("alpha", [0.5, "gcv", "loo"])
def test_the_intercept_centres_the_feature_map(sample_weight, alpha):
    """The kernel of degree 2 has its features: all products of (1, x)."""

    def features(X):
        one = np.hstack([np.ones((len(X), 1)), X])
        return np.einsum("ni,nj->nij", one, one).reshape(len(X), -1)

    model = KernelRidge(alpha, kernel="poly", degree=2, gamma=1, fit_intercept=True)
    model.fit(X, y, sample_weight)
    reference = Ridge(model.alpha_, solver="svd").fit(features(X), y, sample_weight)
    expected = reference.predict(features(X_new))
    np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-8)


@each_intercept
def test_shifts_of_the_targets(fit_intercept):
    model = KernelRidge("loo", kernel="rbf", fit_intercept=fit_intercept)
    there, moved = (model.fit(X, y + shift).predict(X_new) for shift in (0, 1000))
    if fit_intercept:
        np.testing.assert_allclose(moved - 1000, there, atol=1e-7)
    else:
        assert abs(moved - 1000 - there).max() > 0.01


@each_kernel
@each_weighting
@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
def test_precomputed_kernels(kernel, sample_weight, fit_intercept, alpha):
    if sample_weight is not None:
        sample_weight = sample_weight * (np.arange(60) % 5 > 0)
    parameters = {"gamma": None} | KERNELS[kernel]
    named = KernelRidge(alpha, kernel=kernel, fit_intercept=fit_intercept, **parameters)
    named.fit(X, Y, sample_weight)
    by_hand = {
        pair: pairwise_kernels(
            *pair_of, metric=kernel, filter_params=True, **parameters
        )
        for pair, pair_of in {"fit": (X, X), "new": (X_new, X)}.items()
    }
    given = KernelRidge(alpha, kernel="precomputed", fit_intercept=fit_intercept)
    given.fit(by_hand["fit"], Y, sample_weight)
    np.testing.assert_allclose(
        given.predict(by_hand["new"]), named.predict(X_new), atol=1e-9
    )
    np.testing.assert_allclose(given.alpha_, named.alpha_)


@each_kernel
@pytest.mark.parametrize("alpha", [0.3, [0.1, 1.0, 10.0]])
def test_with_a_given_penalty_a_weight_is_that_many_rows(kernel, alpha):
    """As in scikit-learn's: none are merged."""
    times = np.random.default_rng(1).integers(1, 4, 60)
    rows = np.repeat(np.arange(60), times)
    parameters = {"alpha": alpha, "kernel": kernel} | KERNELS[kernel]
    weighted = KernelRidge(**parameters).fit(X, Y, times)
    repeated = KernelRidge(**parameters).fit(X[rows], Y[rows])
    reference = kernel_ridge.KernelRidge(**parameters).fit(X[rows], Y[rows])
    expected = reference.predict(X_new)
    np.testing.assert_allclose(weighted.predict(X_new), expected, atol=1e-8)
    np.testing.assert_allclose(repeated.predict(X_new), expected, atol=1e-8)
    assert repeated.dual_coef_.shape == (len(rows), 3)
    np.testing.assert_allclose(repeated.dual_coef_, reference.dual_coef_, atol=1e-8)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
def test_weights_are_repetition(fit_intercept, alpha):
    times = np.random.default_rng(1).integers(0, 4, 60)
    model = KernelRidge(alpha, kernel="rbf", gamma=0.3, fit_intercept=fit_intercept)
    weighted = model.fit(X, y, sample_weight=times).predict(X_new)
    alpha_found = model.alpha_
    repeated = model.fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert repeated.alpha_ == pytest.approx(alpha_found)
    np.testing.assert_allclose(repeated.predict(X_new), weighted, atol=1e-6)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
def test_sparse_is_dense(fit_intercept, alpha):
    model = KernelRidge(alpha, kernel="rbf", fit_intercept=fit_intercept)
    dense = model.fit(X, y).predict(X_new)
    for container in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        found = model.fit(container(X), y).predict(container(X_new))
        np.testing.assert_allclose(found, dense, atol=1e-9)


def test_callable_kernels():
    def kernel(a, b, power):
        return (1 + a @ b) ** power

    called = KernelRidge(
        "loo", kernel=kernel, kernel_params={"power": 2}, fit_intercept=True
    )
    named = KernelRidge("loo", kernel="poly", degree=2, gamma=1, fit_intercept=True)
    np.testing.assert_allclose(
        called.fit(X, y).predict(X_new), named.fit(X, y).predict(X_new), atol=1e-9
    )
    assert called.kernel_params == {"power": 2}


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_one_penalty_a_target(fit_intercept):
    alphas = [0.1, 1.0, 10.0]
    model = KernelRidge(alphas, kernel="rbf", fit_intercept=fit_intercept).fit(X, Y)
    for k, alpha in enumerate(alphas):
        alone = KernelRidge(alpha, kernel="rbf", fit_intercept=fit_intercept)
        expected = alone.fit(X, Y[:, k]).predict(X_new)
        np.testing.assert_allclose(model.predict(X_new)[:, k], expected, atol=1e-10)
        assert alone.alpha_ == alpha
        assert np.ndim(alone.alpha_) == np.ndim(alone.intercept_) == 0
    assert model.alpha == alphas


def test_a_noisy_sine():
    x = np.linspace(-3, 3, 200)[:, None]
    target = 10 + np.sin(2 * x[:, 0])
    noisy = target + 0.3 * np.random.default_rng(0).standard_normal(200)
    model = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(x, noisy)
    assert np.mean((model.predict(x) - target) ** 2) < 0.1 * 0.3**2


@pytest.mark.parametrize(("kernel", "shift"), [("sigmoid", 1), ("additive_chi2", 0)])
@each_weighting
def test_scikit_learns_own_for_indefinite_kernels(kernel, shift, sample_weight):
    """Both solve the same equations by least squares, and say so each in its way."""
    reference = kernel_ridge.KernelRidge(0.1, kernel=kernel)
    with pytest.warns(UserWarning, match="Singular matrix"):
        reference.fit(X - shift, Y, sample_weight)
    model = KernelRidge(0.1, kernel=kernel)
    with pytest.warns(LinAlgWarning, match=r"plus alpha is not positive.*raise alpha"):
        model.fit(X - shift, Y, sample_weight)
    expected = reference.predict(X_new - shift)
    np.testing.assert_allclose(model.predict(X_new - shift), expected, rtol=1e-9)


@pytest.mark.parametrize("alpha", [1e-8, 1e-3, 1e3])
@pytest.mark.parametrize("sample_weight", [None, 2.5, weight])
def test_scikit_learns_own_at_other_penalties(alpha, sample_weight):
    reference = kernel_ridge.KernelRidge(alpha, kernel="laplacian")
    expected = reference.fit(X, y, sample_weight).predict(X_new)
    model = KernelRidge(alpha, kernel="laplacian").fit(X, y, sample_weight)
    np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-10)
    assert model.dual_coef_.shape == (60,)
    np.testing.assert_array_equal(model.X_fit_, X)
    assert model.n_features_in_ == 4


@each_weighting
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csc_matrix])
def test_a_linear_kernel_is_ridge_regression(sample_weight, container):
    reference = Ridge(0.7, fit_intercept=False).fit(X, Y, sample_weight)
    model = KernelRidge(0.7, kernel="linear").fit(container(X), Y, sample_weight)
    found = model.predict(container(X_new))
    np.testing.assert_allclose(found, reference.predict(X_new), atol=1e-10)


@each_intercept
def test_without_a_penalty_it_is_least_squares(fit_intercept):
    """The kernel matrix has rank 4, or 3 and the constant, for 60 rows."""
    with pytest.warns(LinAlgWarning, match=r"plus alpha is not positive") as said:
        model = KernelRidge(0, fit_intercept=fit_intercept).fit(X, Y)
    assert said[0].filename == __file__
    design = np.hstack([X, np.ones((60, 1))]) if fit_intercept else X
    new = np.hstack([X_new, np.ones((20, 1))]) if fit_intercept else X_new
    expected = new @ np.linalg.lstsq(design, Y)[0]
    np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-9)


@each_intercept
@pytest.mark.parametrize("name", sorted(kernels.KERNEL_FUNCTIONS))
def test_kernels_of_the_theory_by_name(name, fit_intercept):
    function = kernels.KERNEL_FUNCTIONS[name]
    own = {"hermite": {}, "biased_ntk": {"bias": 0.5}, "dual_activation": {}}
    params = own.get(name, {"depth": 3})
    degree = {"degree": 2} if name == "hermite" else {}
    options = {"alpha": 0.3, "fit_intercept": fit_intercept}
    given = KernelRidge(kernel="precomputed", **options)
    given.fit(function(X, **params, **degree), Y, weight)
    expected = given.predict(function(X_new, X, **params, **degree))
    with_params = partial(function, **params, **degree)
    for kernel, kernel_params in (
        (name, params),
        (function, params),
        (with_params, None),
    ):
        model = KernelRidge(
            kernel=kernel,
            kernel_params=kernel_params,
            degree=degree.get("degree", 3),
            **options,
        ).fit(X, Y, weight)
        np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-8)


@pytest.mark.parametrize("n_components", [None, 10])
def test_partials_of_kernels_are_whole_matrices(n_components):
    """Calls for pairs of rows would take far longer, and refuse sparse ones."""
    named = KernelRidge(
        kernel="hermite", degree=2, n_components=n_components, random_state=0
    )
    third = partial(kernels.hermite_kernel, degree=3)
    model = clone(named).set_params(kernel=third, kernel_params={"degree": 2})
    rows = sparse.csr_array(X)
    found, expected = (fitted.fit(rows, y).predict(rows) for fitted in (model, named))
    np.testing.assert_array_equal(found, expected)
    cubic = model.set_params(kernel_params=None).fit(rows, y).predict(rows)
    expected = named.set_params(degree=3).fit(rows, y).predict(rows)
    np.testing.assert_array_equal(cubic, expected)


def test_a_precomputed_kernel_in_a_search():
    """Both of its axes are split; scores are those of the kernel by name."""
    grid = {"alpha": [0.01, 1.0, "loo"], "fit_intercept": [True, False]}
    K = rbf_kernel(X)
    by_name = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=4).fit(X, y)
    given = GridSearchCV(KernelRidge(kernel="precomputed"), grid, cv=4).fit(K, y)
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_allclose(given.cv_results_[key], by_name.cv_results_[key])
    assert given.best_params_ == by_name.best_params_
    found = given.predict(rbf_kernel(X_new, X))
    np.testing.assert_allclose(found, by_name.predict(X_new), atol=1e-8)


@pytest.mark.parametrize("n_components", [None, 30])
def test_a_precomputed_kernel_in_a_cross_validation(n_components):
    K = rbf_kernel(X)
    named = KernelRidge(0.1, kernel="rbf", n_components=n_components, random_state=0)
    given = clone(named).set_params(kernel="precomputed")
    scores = cross_val_score(given, K, y, cv=5)
    np.testing.assert_allclose(scores, cross_val_score(named, X, y, cv=5))
    found = cross_val_predict(given, K, Y, cv=5)
    np.testing.assert_allclose(found, cross_val_predict(named, X, Y, cv=5), atol=1e-8)


@each_intercept
@pytest.mark.parametrize("alpha", [0.5, "gcv", "loo"])
@pytest.mark.parametrize("n_components", [None, 10])
def test_what_is_given_is_left_alone(fit_intercept, alpha, n_components):
    K, targets, w = rbf_kernel(X), Y.copy(), weight.copy()
    model = KernelRidge(
        alpha,
        kernel="precomputed",
        fit_intercept=fit_intercept,
        n_components=n_components,
    )
    model.fit(K, targets, w).predict(K)
    for given, before in ((K, rbf_kernel(X)), (targets, Y), (w, weight)):
        np.testing.assert_array_equal(given, before)


@each_intercept
def test_refitting_with_other_parameters(fit_intercept):
    """Nothing of an earlier fit is used, whatever its shape."""
    model = KernelRidge("loo", kernel="rbf", fit_intercept=fit_intercept).fit(
        X, Y, weight
    )
    assert model.cv_errors_.shape == (len(model.alphas_), 3)
    steps = [
        {"alpha": 0.5, "kernel": "poly"},
        {"alpha": "gcv", "alphas": [0.1, 1.0], "n_components": 7, "random_state": 0},
        {"alpha": [1.0], "kernel": "ntk", "n_components": None},
    ]
    for parameters in steps:
        model.set_params(**parameters).fit(X[:40, :2], y[:40])
        fresh = clone(model).fit(X[:40, :2], y[:40])
        for name in ("dual_coef_", "alphas_", "cv_errors_", "component_indices_"):
            np.testing.assert_array_equal(getattr(model, name), getattr(fresh, name))
        found, expected = (fitted.predict(X_new[:, :2]) for fitted in (model, fresh))
        np.testing.assert_array_equal(found, expected)
        assert model.intercept_ == fresh.intercept_
        assert (model.intercept_ == 0) == (not fit_intercept)
