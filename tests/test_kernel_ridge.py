"""Kernel ridge against scikit-learn's, explicit features and GCV by brute force."""

import numpy as np
import pytest
from scipy import sparse
from sklearn import kernel_ridge
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_radial

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


def weighted_hat(K, weight, alpha, fit_intercept):
    """From sqrt(weight) y to its fit, the intercept by block elimination."""
    root = np.sqrt(weight)
    B = K * np.outer(root, root)
    if not fit_intercept:
        return B @ np.linalg.inv(B + alpha * np.eye(len(B)))
    inner = alpha * np.linalg.inv(B + alpha * np.eye(len(B)))
    one = root[:, None]
    projector = inner - inner @ one @ one.T @ inner / (one.T @ inner @ one)
    return np.eye(len(B)) - projector


def leave_one_out(K, y, weight, alpha, fit_intercept):
    hat = weighted_hat(K, weight, alpha, fit_intercept)
    leverage = np.diag(hat)
    residual = np.sqrt(weight) * y
    residual = residual - hat @ residual
    return np.mean((residual / (1 - leverage)) ** 2)


@each_weighting
@each_intercept
def test_leave_one_out_by_brute_force(sample_weight, fit_intercept):
    K = rbf_kernel(X, gamma=0.3)
    w = np.ones(60) if sample_weight is None else weight / weight.mean()
    model = KernelRidge("gcv", kernel="rbf", gamma=0.3, fit_intercept=fit_intercept)
    model.fit(X, Y, None if sample_weight is None else w)
    for alpha, target in zip(model.alpha_, Y.T, strict=True):
        best = leave_one_out(K, target, w, alpha, fit_intercept)
        others = [
            leave_one_out(K, target, w, other, fit_intercept)
            for other in np.geomspace(1e-6, 1e4, 101)
        ]
        assert best <= 1.03 * min(others)


@each_weighting
@each_intercept
def test_the_fit_is_the_hat_matrix(sample_weight, fit_intercept):
    K = rbf_kernel(X, gamma=0.3)
    w = np.ones(60) if sample_weight is None else weight
    for alpha in ("gcv", 0.2):
        model = KernelRidge(alpha, kernel="rbf", gamma=0.3, fit_intercept=fit_intercept)
        model.fit(X, y, sample_weight)
        hat = weighted_hat(K, w, model.alpha_, fit_intercept)
        expected = hat @ (np.sqrt(w) * y) / np.sqrt(w)
        np.testing.assert_allclose(model.predict(X), expected, atol=1e-8)


@each_weighting
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 50.0])
def test_the_intercept_is_that_of_ridge(sample_weight, alpha):
    reference = Ridge(alpha, solver="svd").fit(X, Y, sample_weight)
    model = KernelRidge(alpha, fit_intercept=True).fit(X, Y, sample_weight)
    np.testing.assert_allclose(model.predict(X_new), reference.predict(X_new))
    np.testing.assert_allclose(model.intercept_, reference.intercept_, atol=1e-9)


@each_weighting
@pytest.mark.parametrize("alpha", [0.5, "gcv"])
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
    model = KernelRidge("gcv", kernel="rbf", fit_intercept=fit_intercept)
    there, moved = (model.fit(X, y + shift).predict(X_new) for shift in (0, 1000))
    if fit_intercept:
        np.testing.assert_allclose(moved - 1000, there, atol=1e-7)
    else:
        assert abs(moved - 1000 - there).max() > 0.01


@each_kernel
@each_weighting
@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv"])
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


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv"])
def test_weights_are_repetition(fit_intercept, alpha):
    times = np.random.default_rng(1).integers(0, 4, 60)
    model = KernelRidge(alpha, kernel="rbf", gamma=0.3, fit_intercept=fit_intercept)
    weighted = model.fit(X, y, sample_weight=times).predict(X_new)
    alpha_found = model.alpha_
    repeated = model.fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert repeated.alpha_ == pytest.approx(alpha_found)
    np.testing.assert_allclose(repeated.predict(X_new), weighted, atol=1e-6)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv"])
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
        "gcv", kernel=kernel, kernel_params={"power": 2}, fit_intercept=True
    )
    named = KernelRidge("gcv", kernel="poly", degree=2, gamma=1, fit_intercept=True)
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


@each_intercept
@pytest.mark.parametrize("alpha", [[0.1, 1.0], [0.1] * 4])
def test_a_wrong_number_of_penalties(fit_intercept, alpha):
    message = rf"alpha has {len(alpha)} entries, but y has 3 targets.*one number"
    with pytest.raises(ValueError, match=message):
        KernelRidge(alpha, fit_intercept=fit_intercept).fit(X, Y)


@pytest.mark.parametrize("alpha", ["gcv", 1.0])
def test_overflow_is_refused_with_advice(alpha):
    model = KernelRidge(alpha, kernel="poly", degree=300, fit_intercept=True)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*StandardScaler"),
    ):
        model.fit(1e3 * X, y)


def test_a_noisy_sine():
    x = np.linspace(-3, 3, 200)[:, None]
    target = 10 + np.sin(2 * x[:, 0])
    noisy = target + 0.3 * np.random.default_rng(0).standard_normal(200)
    model = KernelRidge("gcv", kernel="rbf", fit_intercept=True).fit(x, noisy)
    assert np.mean((model.predict(x) - target) ** 2) < 0.1 * 0.3**2


def test_uneven_leverages_do_not_lead_to_interpolation():
    """Points crowd about the origin, the outer ones stand alone: GCV fits the noise."""
    X, y, truth = make_radial(
        1000, n_features=20, noise=0.02, return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(1000, random_state=1)
    model = KernelRidge("gcv", kernel="rbf", fit_intercept=True).fit(X, y)
    assert model.score(X_new, y_new) > 0.4
