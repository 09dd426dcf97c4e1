"""Kernel ridge where data leave nothing to fit, or too much: rows, weights, scales."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

from sklearn_depth import KernelRidge

rng = np.random.default_rng(0)
X = rng.standard_normal((30, 3))
y = np.sin(X[:, 0]) + 0.1 * rng.standard_normal(30) + 2
Y = np.column_stack([y, X[:, 1]])
X_new = rng.standard_normal((10, 3))
ALPHAS = [0.0, 1e-12, 0.3, "gcv", "loo"]
each_alpha = pytest.mark.parametrize("alpha", ALPHAS)
each_choice = pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_count = pytest.mark.parametrize("n_components", [None, 10])


def fit_quietly(model, *data):
    """Singular kernels are warned of, which other tests see to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        return model.fit(*data)


def largest_entry(model):
    return np.abs(model._get_kernel(model.X_fit_)).max()


@each_alpha
@each_count
@pytest.mark.parametrize("level", [1.0, 0.1, -30.0])
def test_equal_rows_leave_the_mean(alpha, n_components, level):
    """What rounding leaves of a constant kernel about its mean is not fitted.

    Dual weights of the size of y / alpha sum to zero but for rounding.
    """
    rows, target = np.full((20, 3), level), np.arange(20.0)
    weight = np.random.default_rng(1).uniform(0.2, 3, 20)
    for kernel in ("linear", "rbf", "poly"):
        model = KernelRidge(
            alpha, kernel=kernel, fit_intercept=True, n_components=n_components
        )
        for sample_weight in (None, weight):
            fit_quietly(model, rows, target, sample_weight)
            mean = np.average(target, weights=sample_weight)
            rounding = 1e-14 * np.abs(model.dual_coef_).max() * largest_entry(model)
            np.testing.assert_allclose(model.predict(rows), mean, atol=1e-9 + rounding)


@each_alpha
@each_count
def test_equal_rows_without_an_intercept(alpha, n_components):
    """One value f for all: K = k, so that f = k sum y / (n k + alpha)."""
    rows, target = np.ones((20, 3)), np.arange(20.0)
    model = KernelRidge(alpha, n_components=n_components)
    fit_quietly(model, rows, target)
    expected = 3 * 190 / (20 * 3 + model.alpha_)
    rounding = 1e-14 * np.abs(model.dual_coef_).max() * 3
    np.testing.assert_allclose(model.predict(rows), expected, atol=1e-9 + rounding)


@each_intercept
@each_count
def test_copies_with_different_targets_are_fitted_by_their_mean(
    fit_intercept, n_components
):
    rows, target = np.repeat(X[:6], 5, axis=0), y
    weight = np.random.default_rng(1).uniform(0.2, 3, 30)
    model = KernelRidge(
        0, kernel="rbf", fit_intercept=fit_intercept, n_components=n_components
    )
    fit_quietly(model, rows, target, weight)
    means = [
        np.average(target[k : k + 5], weights=weight[k : k + 5])
        for k in range(0, 30, 5)
    ]
    np.testing.assert_allclose(model.predict(X[:6]), means, atol=1e-7)


@each_alpha
@each_intercept
@each_count
def test_rows_of_zeros(alpha, fit_intercept, n_components):
    model = KernelRidge(alpha, fit_intercept=fit_intercept, n_components=n_components)
    for zeros in (np.zeros((30, 3)), sparse.csr_array((30, 3))):
        fit_quietly(model, zeros, Y)
        expected = Y.mean(axis=0) if fit_intercept else 0
        found = model.predict(zeros)
        np.testing.assert_allclose(found, np.zeros((30, 2)) + expected, atol=1e-12)


@each_intercept
def test_an_indefinite_kernel_solves_its_equations(fit_intercept):
    """(K + alpha) c + b = y, and sum c = 0 with an intercept."""
    K = rbf_kernel(X) - 0.5 * np.eye(30)
    model = KernelRidge(0.1, kernel="precomputed", fit_intercept=fit_intercept)
    with pytest.warns(
        LinAlgWarning, match=r"smallest eigenvalue is -0\.\d+.*raise alpha"
    ):
        model.fit(K, y)
    left = K @ model.dual_coef_ + 0.1 * model.dual_coef_ + model.intercept_
    np.testing.assert_allclose(left, y, atol=1e-10)
    if fit_intercept:
        assert model.dual_coef_.sum() == pytest.approx(0, abs=1e-10)


@each_choice
@each_intercept
def test_negative_definite_kernels(alpha, fit_intercept):
    K = -rbf_kernel(X)
    model = KernelRidge(alpha, kernel="precomputed", fit_intercept=fit_intercept)
    with pytest.warns(LinAlgWarning, match="not positive definite"):
        found = model.fit(K, y).predict(K)
    assert np.abs(found - y.mean()).max() < 10 * y.std() + y.mean()


@each_choice
@each_count
def test_asymmetric_kernels_are_refused(alpha, n_components):
    K = rbf_kernel(X)
    rounded = K.astype("f4").astype(float)
    rounded[np.tril_indices(30)] = K[np.tril_indices(30)]
    model = KernelRidge(alpha, kernel="precomputed", n_components=n_components)
    assert np.isfinite(model.fit(rounded, y).predict(K)).all()
    K[2, 5] += 0.25
    for container in (np.asarray, sparse.csr_array):
        with pytest.raises(
            ValueError, match=r"not symmetric.*by up to 0\.25.*largest is 1"
        ):
            model.fit(container(K), y)


@each_choice
@each_count
def test_sparse_precomputed_kernels(alpha, n_components):
    K, K_new = rbf_kernel(X), rbf_kernel(X_new, X)
    model = KernelRidge(
        alpha, kernel="precomputed", n_components=n_components, random_state=0
    )
    dense = model.fit(K, y).predict(K_new)
    for container in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        found = model.fit(container(K), y).predict(container(K_new))
        np.testing.assert_allclose(found, dense, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.3, [0.3]])
@each_count
def test_one_row(alpha, n_components):
    """f = k(x, x_1) y / (k(x_1, x_1) + alpha); an intercept takes all of y."""
    model = KernelRidge(alpha, n_components=n_components).fit(X[:1], y[:1])
    square = X[0] @ X[0]
    expected = X_new @ X[0] * y[0] / (square + np.max(alpha))
    np.testing.assert_allclose(model.predict(X_new), expected)
    model.set_params(fit_intercept=True).fit(X[:1], y[:1])
    np.testing.assert_allclose(model.predict(X_new), y[0])


@each_choice
@each_count
def test_one_column_of_integers(alpha, n_components):
    x = np.arange(30)[:, None]
    model = KernelRidge(alpha, fit_intercept=True, n_components=n_components)
    found = model.fit(x, 3 * np.arange(30) + 1).predict(x)
    expected = Ridge(model.alpha_).fit(x, 3 * np.arange(30) + 1).predict(x)
    np.testing.assert_allclose(found, expected)
    assert found.dtype == model.dual_coef_.dtype == np.float64


@each_choice
@each_intercept
@each_count
def test_weights_of_zero_are_absent_rows(alpha, fit_intercept, n_components):
    """However wild: not in levels of rounding, means or counts either."""
    wild = np.vstack([X, 1e8 * X])
    weight = np.repeat([0.7, 0.0], 30)
    for kernel in ("linear", "poly", "rbf"):
        model = KernelRidge(
            alpha,
            kernel=kernel,
            degree=2,
            fit_intercept=fit_intercept,
            n_components=n_components,
            random_state=0,
        )
        expected = model.fit(X, Y, weight[:30]).predict(X_new)
        found = model.fit(wild, np.vstack([Y, 1e8 * Y]), weight).predict(X_new)
        np.testing.assert_allclose(found, expected, atol=1e-9)
        if n_components is None:
            assert model.dual_coef_.shape == (60, 2)
            np.testing.assert_array_equal(model.dual_coef_[30:], 0)


@each_intercept
@each_count
@pytest.mark.parametrize("scale", [1e-10, 1e10, 1e-200, 1e200])
def test_a_common_scale_of_weights_and_penalty(fit_intercept, n_components, scale):
    weight = np.random.default_rng(1).uniform(0.2, 3, 30)
    options = {
        "kernel": "rbf",
        "fit_intercept": fit_intercept,
        "n_components": n_components,
        "random_state": 0,
    }
    expected = KernelRidge(0.3, **options).fit(X, Y, weight).predict(X_new)
    model = KernelRidge(0.3 * scale, **options).fit(X, Y, scale * weight)
    np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-9)


@each_intercept
def test_weights_of_many_sizes(fit_intercept):
    """What is left of y is alpha c / w, from 1e-8 to 1e8."""
    weight = 10.0 ** np.random.default_rng(1).uniform(-8, 8, 30)
    model = KernelRidge(1.0, kernel="rbf", fit_intercept=fit_intercept)
    model.fit(X, y, weight)
    np.testing.assert_allclose(
        model.predict(X) + model.dual_coef_ / weight, y, rtol=1e-5
    )


@pytest.mark.parametrize("alpha", ["gcv", "loo"])
@each_intercept
@each_count
def test_chosen_penalties_with_weights_of_many_sizes(
    alpha, fit_intercept, n_components
):
    weight = 10.0 ** np.random.default_rng(1).uniform(-10, 10, 30)
    model = KernelRidge(
        alpha, kernel="rbf", fit_intercept=fit_intercept, n_components=n_components
    ).fit(X, y, weight)
    assert np.average((model.predict(X) - y) ** 2, weights=weight) < y.var()


@each_choice
@each_count
def test_weights_whose_sum_overflows(alpha, n_components):
    """It is never taken: they are counted in their own unit."""
    given = alpha if isinstance(alpha, str) else 1e308 * alpha
    options = {"kernel": "rbf", "n_components": n_components, "random_state": 0}
    expected = KernelRidge(alpha, **options).fit(X, Y).predict(X_new)
    found = KernelRidge(given, **options).fit(X, Y, np.full(30, 1e308)).predict(X_new)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@each_intercept
@each_count
def test_penalties_beside_which_the_weights_vanish(fit_intercept, n_components):
    """In units of the weights they leave float64: nothing is fitted but a constant."""
    model = KernelRidge(1e10, fit_intercept=fit_intercept, n_components=n_components)
    found = model.fit(X, Y, np.full(30, 1e-300)).predict(X_new)
    expected = Y.mean(axis=0) if fit_intercept else 0
    np.testing.assert_allclose(found, np.zeros((10, 2)) + expected, atol=1e-12)
    np.testing.assert_array_equal(model.alpha_, [1e10, 1e10])


@each_choice
@each_count
def test_a_large_constant_in_the_targets(alpha, n_components):
    """An intercept takes it, up to the rounding of the targets."""
    model = KernelRidge(
        alpha,
        kernel="rbf",
        fit_intercept=True,
        n_components=n_components,
        random_state=0,
    )
    rounded = y + 1e8 - 1e8
    expected = model.fit(X, rounded).predict(X_new)
    found = model.fit(X, y + 1e8).predict(X_new)
    np.testing.assert_allclose(found - 1e8, expected, atol=1e-5)


@each_intercept
def test_a_large_constant_in_the_kernel(fit_intercept):
    """That of ridge regression with an intercept, up to 1e-16 of the constant."""
    model = KernelRidge(
        1e-3, kernel="poly", degree=1, gamma=1, coef0=1e8, fit_intercept=fit_intercept
    )
    reference = Ridge(1e-3).fit(X, y).predict(X_new)
    np.testing.assert_allclose(model.fit(X, y).predict(X_new), reference, atol=2e-3)


@each_choice
@each_intercept
@each_count
def test_far_from_the_data(alpha, fit_intercept, n_components):
    """A Gaussian bump is zero there, exactly; lines go on."""
    options = {"fit_intercept": fit_intercept, "n_components": n_components}
    bump = KernelRidge(alpha, kernel="rbf", **options).fit(X, Y)
    far = bump.predict(1e6 * X_new)
    np.testing.assert_array_equal(far, np.broadcast_to(bump.intercept_, far.shape))
    line = KernelRidge(alpha, **options).fit(X, Y)
    slopes = (line.predict(1e6 * X_new) - line.intercept_) / 1e6
    np.testing.assert_allclose(
        slopes, line.predict(X_new) - line.intercept_, rtol=1e-6, atol=1e-8
    )


@each_choice
@each_count
def test_overflow_is_refused_with_advice(alpha, n_components):
    model = KernelRidge(
        alpha, kernel="poly", degree=300, fit_intercept=True, n_components=n_components
    )
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*StandardScaler"),
    ):
        model.fit(1e3 * X, y)
    with pytest.raises(ValueError, match=r"largest entry of y is 2\.\d+e\+200"):
        model.set_params(degree=1).fit(X, 1e200 * y / y.max() * 2.5)


@each_intercept
@pytest.mark.parametrize("alpha", [[0.1, 1.0], [0.1] * 4])
def test_a_wrong_number_of_penalties(fit_intercept, alpha):
    message = rf"alpha has {len(alpha)} entries, but y has 3 targets.*one number"
    with pytest.raises(ValueError, match=message):
        KernelRidge(alpha, fit_intercept=fit_intercept).fit(X, X)


@pytest.mark.parametrize(
    "alpha", [[0.1, -1.0], [np.nan], [np.inf], [], [[0.1]], ["a"], [None]]
)
def test_penalties_that_are_none(alpha):
    with pytest.raises(
        ValueError,
        match=r'alpha must be "auto", "evidence", "gcv", "loo", a number, or',
    ):
        KernelRidge(alpha).fit(X, Y)


@each_count
@pytest.mark.parametrize(
    ("kernel", "parameters"),
    [
        ("arc_cosine", {"order": -1}),
        ("arc_cosine", {"depth": 0}),
        ("biased_ntk", {"bias": np.nan}),
        ("dual_activation", {"activation": "swish"}),
        ("hermite", {"degree": -1}),
        ("hermite", {"degree": 2.0}),
        ("nngp", {"weight_variance": -1.0}),
        ("ntk", {"depth": 0}),
    ],
)
def test_bad_parameters_of_kernels_are_refused_by_fit(kernel, parameters, n_components):
    model = KernelRidge(
        kernel=kernel, kernel_params=parameters, n_components=n_components
    )
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {kernel}_kernel"):
        model.fit(X, y)


@each_count
@each_alpha
def test_kernels_that_vanish_are_refused(alpha, n_components):
    """Shares of their eigenvalues are below the least number."""
    model = KernelRidge(alpha, n_components=n_components)
    with pytest.raises(ValueError, match=r"K\(x, x\) is at most .*Scale X"):
        model.fit(1e-155 * X, y)


@each_count
@each_intercept
@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf"])
@pytest.mark.parametrize("size", [1e-300, 1e240])
def test_weights_of_any_size_keep_columns_of_any_size(
    kernel, size, fit_intercept, n_components
):
    """Their products would leave float64."""
    scale = 1e45 if kernel == "linear" else 1.0
    options = {
        "kernel": kernel,
        "fit_intercept": fit_intercept,
        "n_components": n_components,
        "random_state": 0,
    }
    weight = np.random.default_rng(1).uniform(0.2, 3, 30)
    expected = KernelRidge("loo", **options).fit(X, Y, weight).predict(X_new)
    model = KernelRidge("loo", **options).fit(scale * X, Y, size * weight)
    found = model.predict(scale * X_new)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    assert np.ptp(found, axis=0).min() > 0.1


def test_before_the_fit():
    with pytest.raises(NotFittedError):
        KernelRidge("loo").predict(X)


def hard_data(seed, n_weights):
    """Few or many rows near or far from the origin, copies, zeros, all sizes of y."""
    rng = np.random.default_rng(seed)
    n_samples, n_features = int(rng.integers(2, 80)), int(rng.integers(1, 6))
    rows = rng.standard_normal((n_samples, n_features))
    rows *= 10.0 ** rng.integers(-3, 4)
    rows += rng.integers(0, 2) * 10.0 ** rng.integers(-1, 4)
    if seed % 3 == 0:
        rows = rows[rng.integers(0, max(1, n_samples // 2), n_samples)]
    if seed % 7 == 0:
        rows[rng.uniform(size=n_samples) < 0.3] = 0
    target = rng.standard_normal(n_samples) * 10.0 ** rng.integers(-3, 4)
    target += rng.integers(0, 2) * 10.0 ** rng.integers(0, 6)
    some = np.arange(n_samples) < 2  # the least that a choice of penalties needs
    weights = [
        np.ones(n_samples),
        rng.uniform(0.1, 2, n_samples),
        rng.integers(0, 3, n_samples) + some,
        10.0 ** rng.uniform(-10, 10, n_samples),
    ]
    return rows, target, weights[seed % n_weights]


@pytest.mark.parametrize(
    "kernel", ["linear", "rbf", "poly", "laplacian", "ntk", "hermite"]
)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@each_count
def test_no_fit_is_worse_than_none(kernel, dtype, n_components):
    """Zero has no penalty, so that the least objective has no more squares than y."""
    # Dual weights of 1e10 need float64.
    n_weights, slack = (4, 1.01) if dtype == "f8" else (3, 1.5)
    for seed in range(20):
        rows, target, weight = hard_data(seed, n_weights)
        rows, target = rows.astype(dtype), target.astype(dtype)
        model = KernelRidge(
            [0.0, 1e-3, 1.0, "gcv", "loo"][seed % 5],
            kernel=kernel,
            fit_intercept=seed % 2 == 0,
            n_components=n_components,
            random_state=seed,
        )
        fit_quietly(model, rows, target, weight)
        error = model.predict(rows) - target
        assert weight @ error**2 <= slack * weight @ target.astype(float) ** 2


def test_rows_that_are_equal_but_for_rounding():
    """Merged for the choice of a penalty, they still share a consistent fit."""
    rng = np.random.default_rng(0)
    x = 10 + 0.5 * rng.standard_normal((50, 1)).astype("f4")
    target = np.float32(1e5) + rng.standard_normal(50).astype("f4")
    for criterion in ("gcv", "loo"):
        model = KernelRidge(criterion).fit(x, target)
        slope = np.sum(x * target[:, None]) / np.sum(x**2)
        np.testing.assert_allclose(model.predict(x), slope * x[:, 0], rtol=1e-2)


def test_features_that_are_constant_up_to_rounding():
    """Of a kernel of 1e24 a variation of 1e-16 of it is none, whatever the penalty."""
    x = 1e4 + 1e-13 * np.arange(30.0)[:, None]
    for alpha in (1e-3, 1.0, "gcv", "loo"):
        model = KernelRidge(alpha, kernel="poly", gamma=1, fit_intercept=True).fit(x, y)
        np.testing.assert_allclose(model.predict(x), np.mean(y), rtol=1e-14)


@pytest.mark.parametrize("alpha", ["loo", 1e-40])
@pytest.mark.filterwarnings("ignore:The kernel matrix")
def test_dual_weights_beyond_float32_are_refused(alpha):
    tiny = (1e-19 * X).astype("f4")
    target = (1e3 * X[:, 0]).astype("f4")
    with pytest.raises(ValueError, match=r"dual weights overflow in float32.*float64"):
        KernelRidge(alpha, kernel="linear").fit(tiny, target)
