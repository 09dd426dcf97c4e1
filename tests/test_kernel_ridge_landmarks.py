"""Kernel ridge on landmarks against all rows, Nystroem's kernel and plain algebra."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel

from sklearn_depth import KernelRidge, kernels
from sklearn_depth.utils import _memory

rng = np.random.default_rng(0)
X = rng.standard_normal((50, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] ** 2]) + 2
Y += 0.3 * rng.standard_normal(Y.shape)
y = Y[:, 0]
weight = rng.uniform(0.2, 3, 50)
X_new = rng.standard_normal((20, 3))
ALPHAS = [1e-3, 0.03, 0.5, 20.0]
each_weighting = pytest.mark.parametrize("sample_weight", [None, weight])
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_alpha = pytest.mark.parametrize("alpha", [0.3, [0.1, 10.0], "gcv", "loo"])
each_unit = pytest.mark.parametrize("unit", [1e-200, 1e-3, 20.0, 1e200])


def on_landmarks(alpha=0.1, n_components=12, **parameters):
    return KernelRidge(
        alpha,
        n_components=n_components,
        **{"kernel": "rbf", "random_state": 0} | parameters,
    )


def nystroem(K, S):
    """K_S K_SS^-1 K_S'."""
    return K[:, S] @ np.linalg.solve(K[np.ix_(S, S)], K[S])


@each_alpha
@each_weighting
@each_intercept
@pytest.mark.parametrize(
    ("kernel", "rank"), [("rbf", 50), ("poly", 10), ("linear", 3), ("ntk", 50)]
)
def test_as_many_landmarks_as_the_rank_are_the_exact_fit(
    alpha, sample_weight, fit_intercept, kernel, rank
):
    """Predictions, and errors of penalties that are above rounding."""
    options = {
        "kernel": kernel,
        "degree": 2,
        "alphas": ALPHAS,
        "fit_intercept": fit_intercept,
    }
    exact = KernelRidge(alpha, **options).fit(X, Y, sample_weight)
    model = on_landmarks(alpha, 1000, **options).fit(X, Y, sample_weight)
    assert len(model.component_indices_) <= rank
    np.testing.assert_allclose(model.predict(X_new), exact.predict(X_new), atol=1e-6)
    np.testing.assert_array_equal(model.alpha_, exact.alpha_)
    if isinstance(alpha, str):
        np.testing.assert_allclose(model.cv_errors_, exact.cv_errors_, rtol=1e-5)
        np.testing.assert_array_equal(model.alphas_, ALPHAS)


@each_alpha
@each_weighting
@each_intercept
def test_fewer_landmarks_are_the_exact_fit_of_nystroems_kernel(
    alpha, sample_weight, fit_intercept
):
    options = {"alphas": ALPHAS, "fit_intercept": fit_intercept}
    model = on_landmarks(alpha, **options).fit(X, Y, sample_weight)
    K = nystroem(rbf_kernel(X, gamma=1 / 3), model.component_indices_)
    exact = KernelRidge(alpha, kernel="precomputed", **options).fit(K, Y, sample_weight)
    np.testing.assert_allclose(model.predict(X), exact.predict(K), atol=1e-8)
    np.testing.assert_array_equal(model.alpha_, exact.alpha_)
    np.testing.assert_allclose(model.intercept_, exact.intercept_, atol=1e-8)
    if isinstance(alpha, str):
        np.testing.assert_allclose(model.cv_errors_, exact.cv_errors_, rtol=1e-7)


@each_weighting
@each_intercept
def test_the_normal_equations(sample_weight, fit_intercept):
    """c and b where sum w (y - b - K_S c)² + alpha c'K_SS c is least."""
    w = np.ones(50) if sample_weight is None else sample_weight
    model = on_landmarks(0.2, fit_intercept=fit_intercept).fit(X, Y, sample_weight)
    S = model.component_indices_
    K = rbf_kernel(X, gamma=1 / 3)
    pull = w[:, None] * (Y - model.intercept_ - K[:, S] @ model.dual_coef_)
    left = K[S] @ pull - 0.2 * K[np.ix_(S, S)] @ model.dual_coef_
    np.testing.assert_allclose(left, 0, atol=1e-10)
    if fit_intercept:
        np.testing.assert_allclose(pull.sum(axis=0), 0, atol=1e-10)
    else:
        np.testing.assert_array_equal(model.intercept_, [0, 0])


@each_weighting
@each_intercept
@pytest.mark.parametrize("copies", [False, True])
def test_leave_one_out_in_the_space_of_the_landmarks(
    sample_weight, fit_intercept, copies
):
    """By refitting without each row, and all equal to it, on the same landmarks.

    Or without each row alone, where the others tell nothing of those equal to it.
    """
    labels = np.arange(50) % 30 if copies else np.arange(50)
    rows = X[labels]
    w = np.ones(50) if sample_weight is None else sample_weight[labels]
    model = on_landmarks("loo", alphas=ALPHAS, fit_intercept=fit_intercept)
    model.fit(rows, Y, w)
    K = nystroem(rbf_kernel(rows, gamma=1 / 3), model.component_indices_)

    def left_out(alpha, labels):
        refitted = KernelRidge(alpha, kernel="precomputed", fit_intercept=fit_intercept)
        total = np.zeros(2)
        for label in range(labels.max() + 1):
            out, kept = labels == label, labels != label
            refitted.fit(K[np.ix_(kept, kept)], Y[kept], w[kept])
            total += w[out] @ (Y[out] - refitted.predict(K[np.ix_(out, kept)])) ** 2
        return total / w.sum()

    together, alone = (
        np.stack([left_out(alpha, out) for alpha in ALPHAS])
        for out in (labels, np.arange(50))
    )
    told = together.min(axis=0) < 0.95 * together[np.argmax(ALPHAS)]
    expected = np.where(told, together, alone)
    np.testing.assert_allclose(model.cv_errors_, expected, rtol=1e-6)
    best = np.argmin(model.cv_errors_, axis=0)
    np.testing.assert_array_equal(model.alpha_, np.array(ALPHAS)[best])


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "auto", "gcv", "loo"])
@each_unit
def test_the_unit_of_the_weights(fit_intercept, alpha, unit):
    """It moves no landmark and no prediction, if a given penalty goes with it."""
    given = alpha if isinstance(alpha, str) else unit * alpha
    expected = on_landmarks(alpha, fit_intercept=fit_intercept).fit(X, Y, weight)
    model = on_landmarks(given, fit_intercept=fit_intercept).fit(X, Y, unit * weight)
    np.testing.assert_array_equal(model.component_indices_, expected.component_indices_)
    np.testing.assert_allclose(model.predict(X_new), expected.predict(X_new), atol=1e-8)
    np.testing.assert_allclose(model.alpha_ / unit, expected.alpha_)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "auto", "gcv", "loo"])
def test_all_rows_twice_are_all_rows_once(fit_intercept, alpha):
    """Also in what is drawn; given penalties count rows."""
    given = alpha if isinstance(alpha, str) else 2 * alpha
    once = on_landmarks(alpha, fit_intercept=fit_intercept).fit(X, Y, weight)
    twice = on_landmarks(given, fit_intercept=fit_intercept)
    twice.fit(np.vstack([X, X]), np.vstack([Y, Y]), np.tile(weight, 2))
    np.testing.assert_array_equal(twice.component_indices_, once.component_indices_)
    np.testing.assert_allclose(twice.predict(X_new), once.predict(X_new), atol=1e-8)
    np.testing.assert_allclose(twice.alpha_, 2 * once.alpha_)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "auto", "gcv", "loo"])
def test_weights_are_repetition(fit_intercept, alpha):
    """With sparse rows too, which stay apart until the penalty is chosen."""
    times = np.random.default_rng(1).integers(1, 4, 50)
    rows = np.repeat(np.arange(50), times)
    weighted = on_landmarks(alpha, fit_intercept=fit_intercept).fit(X, Y, times)
    repeated = on_landmarks(alpha, fit_intercept=fit_intercept).fit(X[rows], Y[rows])
    drawn = rows[repeated.component_indices_]
    np.testing.assert_array_equal(drawn, weighted.component_indices_)
    expected = weighted.predict(X_new)
    np.testing.assert_allclose(repeated.predict(X_new), expected, atol=1e-8)
    np.testing.assert_allclose(repeated.alpha_, weighted.alpha_)
    for container in (np.asarray, sparse.csr_array):
        whole = on_landmarks(alpha, 1000, fit_intercept=fit_intercept)
        found = whole.fit(container(X[rows]), Y[rows]).predict(container(X_new))
        expected = whole.fit(container(X), Y, times).predict(container(X_new))
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_is_kept_of_the_landmarks():
    model = on_landmarks(fit_intercept=True).fit(X, y)
    S = model.component_indices_
    assert len(np.unique(S)) == len(S) == 12
    np.testing.assert_array_equal(model.X_fit_, X[S])
    assert model.dual_coef_.shape == (12,)
    assert model.fit(X, Y).dual_coef_.shape == (12, 2)
    by_hand = rbf_kernel(X_new, X[S], gamma=1 / 3) @ model.dual_coef_
    np.testing.assert_allclose(model.predict(X_new), by_hand + model.intercept_)


def test_seeds():
    first = on_landmarks(random_state=3).fit(X, y)
    again = on_landmarks(random_state=3).fit(X, y)
    np.testing.assert_array_equal(again.component_indices_, first.component_indices_)
    np.testing.assert_array_equal(again.dual_coef_, first.dual_coef_)
    other = on_landmarks(random_state=4).fit(X, y)
    assert set(other.component_indices_) != set(first.component_indices_)
    generator = np.random.default_rng(3)
    advances = on_landmarks(random_state=generator).fit(X, y)
    np.testing.assert_array_equal(advances.component_indices_, first.component_indices_)
    advances.fit(X, y)
    assert set(advances.component_indices_) != set(first.component_indices_)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_rows_of_zero_weight_are_absent(fit_intercept, alpha, share):
    """Also where they are wild, from levels of rounding and from counts of rows."""
    counted = np.random.default_rng(1).uniform(size=50) < share
    wild = np.where(counted[:, None], X, 1e6 * X)
    options = {"kernel": "poly", "degree": 2, "fit_intercept": fit_intercept}
    model = on_landmarks(alpha, 50, **options).fit(wild, 1e3 * y, weight * counted)
    assert counted[model.component_indices_].all()
    reference = on_landmarks(alpha, 50, **options)
    reference.fit(X[counted], 1e3 * y[counted], weight[counted])
    expected = reference.predict(X_new)
    np.testing.assert_allclose(model.predict(X_new), expected, rtol=1e-6, atol=1e-4)
    np.testing.assert_array_equal(
        np.flatnonzero(counted)[reference.component_indices_], model.component_indices_
    )


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("kernel", ["rbf", "poly", "linear", "laplacian"])
def test_precomputed_kernels_and_containers(kernel, container):
    """Of the same rows the same landmarks are drawn."""
    named = on_landmarks("loo", kernel=kernel, fit_intercept=True)
    named.fit(container(X), Y, weight)
    K, K_new = (pairwise_kernels(Z, X, metric=kernel) for Z in (X, X_new))
    given = on_landmarks("loo", kernel="precomputed", fit_intercept=True)
    given.fit(container(K), Y, weight)
    np.testing.assert_array_equal(given.component_indices_, named.component_indices_)
    expected = named.predict(container(X_new))
    found = given.predict(container(K_new))
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert isinstance(found, np.ndarray)


@pytest.mark.parametrize("name", sorted(kernels.KERNEL_FUNCTIONS))
def test_kernels_of_the_theory_need_their_diagonal_alone(name):
    function = kernels.KERNEL_FUNCTIONS[name]
    named = on_landmarks(kernel=name).fit(X, y)
    given = on_landmarks(kernel="precomputed").fit(function(X), y)
    np.testing.assert_array_equal(given.component_indices_, named.component_indices_)
    found = given.predict(function(X_new, X))
    np.testing.assert_allclose(found, named.predict(X_new), atol=1e-7)


def test_callable_kernels():
    def kernel(a, b):
        return (1 + a @ b / 3) ** 3

    called = on_landmarks(kernel=kernel).fit(X, y)
    named = on_landmarks(kernel="poly").fit(X, y)
    np.testing.assert_array_equal(called.component_indices_, named.component_indices_)
    np.testing.assert_allclose(called.predict(X_new), named.predict(X_new), atol=1e-9)


@pytest.mark.parametrize("kernel", ["rbf", "poly", "ntk"])
@pytest.mark.parametrize("alpha", [0.1, "loo"])
def test_float32(kernel, alpha):
    single = on_landmarks(alpha, 45, kernel=kernel, fit_intercept=True)
    single.fit(X.astype("f4"), y.astype("f4"))
    found = single.predict(X_new.astype("f4"))
    assert found.dtype == single.dual_coef_.dtype == np.float32
    exact = KernelRidge(single.alpha_, kernel=kernel, fit_intercept=True).fit(X, y)
    missed = found - exact.predict(X_new)
    assert np.sqrt(np.mean(missed**2)) < 0.05 * y.std()


def test_equal_rows_give_one_landmark():
    rows, target = np.repeat(X[:8], 5, axis=0), np.repeat(y[:8], 5)
    for seed in range(10):
        model = on_landmarks(1e-6, 40, random_state=seed).fit(rows, target)
        assert sorted(model.component_indices_ // 5) == list(range(8))
        np.testing.assert_allclose(model.predict(rows), target, atol=1e-4)


@each_intercept
@pytest.mark.parametrize("alpha", [0.0, 1.0, "gcv", "loo"])
@pytest.mark.parametrize("kernel", ["linear", "precomputed"])
def test_a_kernel_of_zeros_leaves_the_mean(fit_intercept, alpha, kernel):
    zeros = np.zeros((50, 50))
    model = on_landmarks(alpha, kernel=kernel, fit_intercept=fit_intercept)
    expected = y.mean() if fit_intercept else 0
    np.testing.assert_allclose(model.fit(zeros, y).predict(zeros), expected)
    assert model.X_fit_.shape == (1, 50)


def test_indefinite_kernels_have_landmarks_too():
    """What is left of a diagonal is never drawn where it is negative."""
    for seed in range(20):
        model = on_landmarks("loo", 40, kernel="sigmoid", gamma=1.0, random_state=seed)
        assert np.isfinite(model.fit(X, y).predict(X_new)).all()


@pytest.mark.parametrize(
    ("kernel", "coef0", "largest"), [("additive_chi2", 1, "0"), ("sigmoid", -9, "-1")]
)
def test_kernels_without_landmarks(kernel, coef0, largest):
    """With none to draw, predictions would be zero for whatever targets."""
    model = on_landmarks("loo", kernel=kernel, coef0=coef0)
    with pytest.raises(ValueError, match=rf"no landmarks: K.* at most {largest}, but"):
        model.fit(np.abs(X), y)


def test_kernels_that_are_refused():
    K = rbf_kernel(X)
    model = on_landmarks(n_components=50, kernel="precomputed")
    with pytest.raises(ValueError, match=r"not symmetric.*differ.* by up to 3"):
        model.fit(K + np.triu(np.full((50, 50), 3.0)), y)
    with pytest.raises(ValueError, match=r"Precomputed metric requires shape"):
        model.fit(K[:, :30], y)
    with pytest.raises(ValueError, match=r"Precomputed metric requires shape"):
        model.fit(K[:30], y[:30], weight[:30] * (np.arange(30) > 3))
    too_high = on_landmarks(kernel="poly", degree=300)
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=r"overflow.*StandardScaler"),
    ):
        too_high.fit(1e3 * X, y)


def test_memory(monkeypatch):
    """All rows need n² numbers a few times over, landmarks n_components to each row."""
    monkeypatch.setattr(_memory, "memory_limit", lambda: 8 * 50 * 99)
    for alpha in (1.0, "gcv", "loo"):
        message = r"The kernel matrix of all samples .* 50 columns.*Set n_components"
        with pytest.raises(MemoryError, match=message):
            KernelRidge(alpha, kernel="rbf").fit(X, y)
        with pytest.raises(MemoryError, match=r"landmarks .* 40 columns.*n_components"):
            on_landmarks(alpha, 40).fit(X, y)
        assert len(on_landmarks(alpha, 12).fit(X, y).component_indices_) == 12


def test_a_refit_forgets_the_landmarks():
    model = on_landmarks("loo", fit_intercept=True).fit(X, y)
    model.set_params(n_components=None, alpha=0.3).fit(X, Y)
    assert model.component_indices_ is model.alphas_ is model.cv_errors_ is None
    fresh = KernelRidge(0.3, kernel="rbf", fit_intercept=True).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X_new), fresh.predict(X_new))
    model.set_params(n_components=5).fit(X, y)
    assert model.X_fit_.shape == (5, 3)


def test_saved_and_cloned():
    model = on_landmarks("loo", kernel="precomputed")
    K, K_new = rbf_kernel(X), rbf_kernel(X_new, X)
    expected = model.fit(K, y).predict(K_new)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(K_new), expected)
    copy = clone(model)
    assert not hasattr(copy, "component_indices_")
    np.testing.assert_array_equal(copy.fit(K, y).predict(K_new), expected)
