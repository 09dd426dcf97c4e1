"""The kernels where scikit-learn takes kernels."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import KernelPCA
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, WhiteKernel
from sklearn.kernel_approximation import Nystroem
from sklearn.svm import SVR

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_random_network
from sklearn_depth.kernels import (
    GaussianProcessKernel,
    arc_cosine_kernel,
    dual_activation_kernel,
    hermite_kernel,
    nngp_kernel,
    ntk_kernel,
)

rng = np.random.default_rng(0)
X, Z = rng.standard_normal((60, 3)), rng.standard_normal((9, 3))
y = np.sin(X[:, 0]) + 0.1 * rng.standard_normal(60)


@pytest.mark.parametrize("kernel", [nngp_kernel, ntk_kernel, arc_cosine_kernel])
def test_support_vector_machines(kernel):
    machine = SVR(kernel=kernel).fit(X, y)
    precomputed = SVR(kernel="precomputed").fit(kernel(X), y)
    np.testing.assert_allclose(
        machine.predict(Z), precomputed.predict(kernel(Z, X)), atol=1e-10
    )


def test_a_support_vector_machine_learns_a_product():
    X = np.random.default_rng(0).standard_normal((300, 3))
    y = X[:, 0] * X[:, 1]
    machine = SVR(kernel=lambda X, Z: hermite_kernel(X, Z, degree=2), C=100)
    assert machine.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.98


def test_kernel_ridge():
    parameters = {"depth": 3, "bias_variance": 0.1}
    ridge = KernelRidge(0.1, kernel=ntk_kernel, kernel_params=parameters).fit(X, y)
    gram = ntk_kernel(X, **parameters) + 0.1 * np.eye(60)
    expected = ntk_kernel(Z, X, **parameters) @ np.linalg.solve(gram, y)
    np.testing.assert_allclose(ridge.predict(Z), expected, rtol=1e-8)


def test_principal_components():
    parameters = {"activation": "erf"}
    by_pairs = KernelPCA(3, kernel=nngp_kernel, kernel_params=parameters)
    precomputed = KernelPCA(3, kernel="precomputed")
    found = by_pairs.fit(X[:30]).transform(Z)
    precomputed.fit(nngp_kernel(X[:30], **parameters))
    expected = precomputed.transform(nngp_kernel(Z, X[:30], **parameters))
    signs = np.sign(np.sum(found * expected, axis=0))
    np.testing.assert_allclose(found, signs * expected, atol=1e-9)


def test_nystroem_with_all_rows_is_exact():
    parameters = {"depth": 3, "bias_variance": 0.1}
    features = Nystroem(
        ntk_kernel, kernel_params=parameters, n_components=30, random_state=0
    ).fit_transform(X[:30])
    np.testing.assert_allclose(
        features @ features.T, ntk_kernel(X[:30], **parameters), atol=1e-8
    )


@pytest.mark.parametrize(
    ("metric", "parameters"),
    [
        ("nngp", {"activation": "tanh", "bias_variance": 0.1}),
        ("arc_cosine", {"order": 0}),
        (ntk_kernel, {"depth": 3}),
        ("hermite", None),
    ],
)
def test_gaussian_processes(metric, parameters):
    """Mean and variance in closed form, from the matrices."""
    kernel = 2.0 * GaussianProcessKernel(metric, parameters) + WhiteKernel(0.1)
    process = GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)
    mean, deviation = process.predict(Z, return_std=True)
    _, covariance = process.predict(Z, return_cov=True)
    function = GaussianProcessKernel(metric, parameters)
    cross, gram = 2 * function(Z, X), 2 * function(X) + 0.1 * np.eye(60)
    expected = cross @ np.linalg.solve(gram, y)
    np.testing.assert_allclose(mean, expected, rtol=1e-6, atol=1e-8)
    posterior = 2 * function(Z) + 0.1 * np.eye(9)
    posterior -= cross @ np.linalg.solve(gram, cross.T)
    scale = posterior.max()
    np.testing.assert_allclose(covariance, posterior, atol=1e-7 * scale)
    np.testing.assert_allclose(deviation**2, np.diag(posterior), atol=1e-7 * scale)


def test_a_gaussian_process_finds_the_variances():
    """Of a random network with noise, by the marginal likelihood."""
    X, y, truth = make_random_network(
        500, 4, width=1000, noise=0.3, return_truth=True, random_state=1
    )
    network = GaussianProcessKernel(metric_params={"activation": "erf"})
    kernel = ConstantKernel(0.1) * network + WhiteKernel(1.0)
    process = GaussianProcessRegressor(kernel, random_state=0).fit(X, y)
    assert process.kernel_.k2.noise_level == pytest.approx(0.09, rel=0.2)
    X_new, y_new = truth.sample(500, random_state=2)
    assert process.score(X_new, y_new) > 0.95 * truth.bayes_r2


def test_a_gaussian_process_classifier():
    kernel = 1.0 * GaussianProcessKernel("arc_cosine")
    labels = X[:, 0] * X[:, 1] > 0
    process = GaussianProcessClassifier(kernel, random_state=0).fit(X, labels)
    assert process.score(X, labels) > 0.9


def test_the_gaussian_process_kernel_as_an_object():
    kernel = GaussianProcessKernel("ntk", {"depth": 3})
    assert kernel.get_params() == {"metric": "ntk", "metric_params": {"depth": 3}}
    assert clone(kernel) == kernel
    assert clone(kernel) is not kernel
    assert pickle.loads(pickle.dumps(kernel)) == kernel
    assert kernel != GaussianProcessKernel("ntk", {"depth": 2})
    assert kernel != GaussianProcessKernel("nngp", {"depth": 3})
    assert repr(kernel) == "GaussianProcessKernel('ntk', {'depth': 3})"
    assert "'nngp_kernel'" in repr(2.0 * GaussianProcessKernel(nngp_kernel))
    assert not kernel.is_stationary()
    assert kernel.n_dims == 0
    assert (2.0 * kernel + WhiteKernel()).n_dims == 2
    matrix, gradient = kernel(X, eval_gradient=True)
    np.testing.assert_array_equal(matrix, ntk_kernel(X, depth=3))
    assert gradient.shape == (60, 60, 0)
    np.testing.assert_array_equal(kernel.diag(X), np.diag(matrix))
    assert kernel(X.astype(np.float32)).dtype == np.float64


def test_the_right_kernel_is_the_best():
    """On a random network that of its own activation and depth beats others."""
    X, y, truth = make_random_network(
        600, 8, depth=3, activation="erf", return_truth=True, random_state=0
    )
    X_new = truth.sample(1000, random_state=1)[0]

    def error(kernel, **parameters):
        gram = kernel(X, **parameters) + 1e-8 * np.eye(600)
        found = kernel(X_new, X, **parameters) @ np.linalg.solve(gram, y)
        return np.mean((found - truth(X_new)) ** 2)

    best = error(nngp_kernel, activation="erf", depth=3)
    assert best < error(ntk_kernel, activation="erf", depth=3)
    assert best < 0.5 * error(nngp_kernel, activation="relu", depth=3)
    assert best < error(dual_activation_kernel, activation="erf", depth=3, degree=1)
