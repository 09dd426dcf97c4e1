"""Penalties of kernel ridge: errors by refitting without rows, and by hat matrices."""

import warnings

import numpy as np
import pytest
from scipy.linalg import LinAlgWarning
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_radial
from sklearn_depth.kernels import nngp_kernel

rng = np.random.default_rng(0)
X = rng.standard_normal((24, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] ** 2]) + 2
Y += 0.3 * rng.standard_normal(Y.shape)
y = Y[:, 0]
weight = rng.uniform(0.2, 3, 24)
small_weight = weight / weight.sum()
group = np.arange(24) % 15  # nine pairs of equal rows, and six rows alone
ALPHAS = np.array([3.0, 1e-4, 0.02, 100.0, 0.5])  # in no order
each_weighting = pytest.mark.parametrize(
    "sample_weight", [None, weight, small_weight], ids=["even", "uneven", "share"]
)
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_criterion = pytest.mark.parametrize("criterion", ["gcv", "loo"])
each_copies = pytest.mark.parametrize("copies", [False, True])


def counted(sample_weight):
    return np.ones(len(X)) if sample_weight is None else sample_weight


def fit_by_hand(K, Y, w, alpha, fit_intercept):
    """Dual weights and intercept from the bordered equations."""
    n = len(K)
    system = np.zeros((n + 1, n + 1))
    system[:n, :n] = w[:, None] * K + alpha * np.eye(n)
    system[:n, n] = w
    system[n, :n] = 1
    if not fit_intercept:
        system[n] = system[:, n] = 0
        system[n, n] = 1
    solution = np.linalg.solve(system, np.vstack([w[:, None] * Y, 0 * Y[:1]]))
    return solution[:n], solution[n]


def left_out_errors(K, Y, w, alpha, fit_intercept, labels):
    """What a fit without all rows of a label misses these by, weighted squares."""
    total = np.zeros(Y.shape[1])
    for label in np.unique(labels):
        out, kept = labels == label, labels != label
        dual, b = fit_by_hand(
            K[np.ix_(kept, kept)], Y[kept], w[kept], alpha, fit_intercept
        )
        total += w[out] @ (Y[out] - K[np.ix_(out, kept)] @ dual - b) ** 2
    return total


def hat_matrix(K, w, alpha, fit_intercept):
    """From targets to their fit."""
    dual, b = fit_by_hand(K, np.eye(len(K)), w, alpha, fit_intercept)
    return K @ dual + b


@each_weighting
@each_intercept
@each_copies
def test_leave_one_out_is_refitting_without_each_row(
    sample_weight, fit_intercept, copies
):
    """Rows of equal features leave together, where others tell anything of them."""
    labels = group if copies else np.arange(24)
    w = sample_weight = counted(sample_weight)[labels]
    K = rbf_kernel(X[labels], gamma=0.3)
    together, alone = (
        np.stack([left_out_errors(K, Y, w, a, fit_intercept, out) for a in ALPHAS])
        for out in (labels, np.arange(24))
    )
    told = together.min(axis=0) < 0.95 * together[np.argmax(ALPHAS)]
    expected = np.where(told, together, alone) / w.sum()
    model = KernelRidge(
        "loo", kernel="rbf", gamma=0.3, alphas=ALPHAS, fit_intercept=fit_intercept
    ).fit(X[labels], Y, sample_weight)
    np.testing.assert_allclose(model.cv_errors_, expected, rtol=1e-8)
    np.testing.assert_array_equal(model.alphas_, ALPHAS)
    best = ALPHAS[np.argmin(expected, axis=0)]
    np.testing.assert_array_equal(model.alpha_, best)


@each_weighting
@each_intercept
@each_copies
def test_gcv_is_its_formula(sample_weight, fit_intercept, copies):
    """(RSS / sum w) / (1 - tr H / n)² of n rows that differ, with H in full."""
    w = counted(sample_weight)
    labels = group if copies else np.arange(24)
    K = rbf_kernel(X[labels], gamma=0.3)
    expected = []
    for alpha in ALPHAS:
        hat = hat_matrix(K, w, alpha, fit_intercept)
        rss = w @ (Y - hat @ Y) ** 2
        expected.append(rss / w.sum() / (1 - np.trace(hat) / 24) ** 2)
    model = KernelRidge(
        "gcv", kernel="rbf", gamma=0.3, alphas=ALPHAS, fit_intercept=fit_intercept
    ).fit(X[labels], Y, sample_weight)
    np.testing.assert_allclose(model.cv_errors_, expected, rtol=1e-8)
    best = ALPHAS[np.argmin(expected, axis=0)]
    np.testing.assert_array_equal(model.alpha_, best)


@each_weighting
@each_intercept
@each_copies
@pytest.mark.parametrize("alpha", [0.2, "gcv", "loo"])
def test_the_fit_is_that_of_the_penalty_found(
    alpha, sample_weight, fit_intercept, copies
):
    w = counted(sample_weight)
    rows = X[group] if copies else X
    model = KernelRidge(alpha, kernel="rbf", fit_intercept=fit_intercept)
    model.fit(rows, Y, sample_weight)
    K = rbf_kernel(rows)
    for k, alpha in enumerate(model.alpha_):
        hat = hat_matrix(K, w, alpha, fit_intercept)
        np.testing.assert_allclose(model.predict(rows)[:, k], hat @ Y[:, k], atol=1e-7)


@each_criterion
@each_intercept
def test_our_own_grid(criterion, fit_intercept):
    """Falling, three a decade, over what fits nothing to what rounding hides."""
    model = KernelRidge(criterion, kernel="rbf", fit_intercept=fit_intercept).fit(X, Y)
    assert model.cv_errors_.shape == (*model.alphas_.shape, 2)
    steps = np.diff(np.log10(model.alphas_))
    np.testing.assert_allclose(steps, steps[0])
    assert -0.5 < steps[0] < -1 / 3 + 1e-9
    eigenvalues = np.linalg.eigvalsh(rbf_kernel(X))
    assert model.alphas_[0] > eigenvalues.sum()
    assert model.alphas_[-1] < 1e-10 * eigenvalues.max()
    ties = model.cv_errors_ <= 1.005 * model.cv_errors_.min(axis=0)
    largest = [model.alphas_[column].max() for column in ties.T]
    np.testing.assert_array_equal(model.alpha_, largest)
    alone = KernelRidge(criterion, kernel="rbf", fit_intercept=fit_intercept).fit(X, y)
    assert alone.cv_errors_.shape == alone.alphas_.shape
    assert alone.alpha_ == model.alpha_[0]


@each_criterion
def test_penalties_follow_the_scale_of_the_kernel(criterion):
    K = rbf_kernel(X)
    model = KernelRidge(criterion, kernel="precomputed", fit_intercept=True)
    alpha, predicted = model.fit(K, y).alpha_, model.predict(K)
    for scale in (1e-20, 1e20):
        found = model.fit(scale * K, y).predict(scale * K)
        assert model.alpha_ == pytest.approx(scale * alpha)
        np.testing.assert_allclose(found, predicted, atol=1e-9)


@each_criterion
def test_errors_are_in_squared_units_of_the_targets(criterion):
    model = KernelRidge(criterion, kernel="rbf", fit_intercept=True, alphas=ALPHAS)
    errors = model.fit(X, y).cv_errors_
    np.testing.assert_allclose(model.fit(X, 10 * y).cv_errors_, 100 * errors)
    np.testing.assert_allclose(model.fit(X, y - 50).cv_errors_, errors, rtol=1e-8)


@each_criterion
@each_intercept
@pytest.mark.parametrize("n_components", [None, 12])
def test_a_weight_for_all_scales_the_penalty(criterion, fit_intercept, n_components):
    """It moves no prediction, whatever its size."""
    model = KernelRidge(
        criterion,
        kernel="rbf",
        fit_intercept=fit_intercept,
        n_components=n_components,
        random_state=0,
    )
    alone = model.fit(X, y).alpha_
    predicted = model.predict(X)
    for unit in (1e-200, 0.1, 3.0, 100.0, 1e200):
        listed = model.fit(X, y, np.full(24, unit)).predict(X)
        np.testing.assert_array_equal(listed, predicted)
        assert model.alpha_ == pytest.approx(unit * alone)
        np.testing.assert_array_equal(model.fit(X, y, unit).predict(X), predicted)


@each_intercept
@each_criterion
@pytest.mark.parametrize("kernel", ["rbf", "poly", "linear", "precomputed"])
def test_rows_and_weights_that_say_the_same(kernel, fit_intercept, criterion):
    """Each row as often as its weight, in any order; all twice; in any unit."""
    rng = np.random.default_rng(1)
    times = rng.integers(1, 4, 24)
    rows = rng.permutation(np.repeat(np.arange(24), times))
    twice = rng.permutation(np.tile(np.arange(24), 2))
    K = pairwise_kernels(X, metric="rbf" if kernel == "precomputed" else kernel)

    def fit(rows, weight):
        data = K[np.ix_(rows, rows)] if kernel == "precomputed" else X[rows]
        new = K[:, rows] if kernel == "precomputed" else X
        model = KernelRidge(criterion, kernel=kernel, fit_intercept=fit_intercept)
        return model.fit(data, Y[rows], weight).predict(new)

    found = fit(rows, None)
    every = np.arange(24)
    np.testing.assert_allclose(fit(every, times), found, atol=1e-6)
    np.testing.assert_allclose(fit(twice, times[twice]), found, atol=1e-6)
    for unit in (1e-200, 1e-5, 20.0, 1e200):
        np.testing.assert_allclose(
            fit(rows, np.full(len(rows), unit)), found, atol=1e-6
        )
        np.testing.assert_allclose(fit(every, unit * times), found, atol=1e-6)


@each_criterion
@each_intercept
@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_copies_that_the_kernel_tells_apart_by_rounding(
    criterion, fit_intercept, shift
):
    """Squared distances of equal rows far out are not 0: K is below 1 by them."""
    far, rows = X + shift, np.tile(X + shift, (3, 1))
    assert shift == 0 or np.diagonal(rbf_kernel(rows), 24).min() < 1 - 1e-12
    options = {"kernel": "rbf", "fit_intercept": fit_intercept}
    once = KernelRidge(criterion, alphas=ALPHAS, **options).fit(far, Y)
    thrice = KernelRidge(criterion, alphas=3 * ALPHAS, **options)
    thrice.fit(rows, np.tile(Y, (3, 1)))
    np.testing.assert_allclose(thrice.cv_errors_, once.cv_errors_, rtol=1e-4)
    np.testing.assert_allclose(thrice.alpha_, 3 * once.alpha_)
    np.testing.assert_allclose(thrice.predict(far), once.predict(far), atol=1e-4)
    np.testing.assert_array_equal(thrice.dual_coef_[24:], 0)


@each_criterion
def test_all_weights_2_do_not_interpolate(criterion):
    """Taken for twice as many rows, GCV would find freedom where there is none."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((200, 10))
    target = rows[:, 0] + 0.5 * rng.standard_normal(200)
    new = rng.standard_normal((500, 10))
    for unit in (1.0, 2.0, 20.0, 1000.0):
        model = KernelRidge(criterion, kernel="rbf").fit(rows, target, unit)
        assert model.score(new, new[:, 0]) > 0.8


def test_many_targets_are_scored_in_parts():
    """More columns than are held at once give the errors that each has alone."""
    many = np.random.default_rng(1).standard_normal((24, 300))
    model = KernelRidge("loo", kernel="rbf", alphas=ALPHAS).fit(X, many)
    for k in (0, 101, 102, 103, 299):
        alone = KernelRidge("loo", kernel="rbf", alphas=ALPHAS).fit(X, many[:, k])
        np.testing.assert_allclose(model.cv_errors_[:, k], alone.cv_errors_)
        assert model.alpha_[k] == alone.alpha_


@each_criterion
def test_penalties_that_leave_the_kernel_indefinite(criterion):
    """Only what makes it positive definite is scored; the fit says so."""
    K = rbf_kernel(X) - 0.5 * np.eye(24)
    smallest = np.linalg.eigvalsh(K)[0]
    alphas = [-0.5 * smallest, -0.99 * smallest, -1.5 * smallest, 2.0]
    model = KernelRidge(criterion, kernel="precomputed", alphas=alphas)
    with pytest.warns(
        LinAlgWarning, match=r"eigenvalue is -0\.\d+\. Only penal"
    ) as said:
        model.fit(K, y)
    assert said[0].filename == __file__
    assert np.isposinf(model.cv_errors_[:2]).all()
    assert np.isfinite(model.cv_errors_[2:]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        own = KernelRidge(criterion, kernel="precomputed").fit(K, y)
    assert own.alphas_.min() >= -(2 - 1e-12) * smallest
    assert np.isfinite(own.cv_errors_).all()
    with pytest.raises(
        ValueError, match=r"No penalty from .* indefinite.*larger alphas"
    ):
        model.set_params(alphas=alphas[:2]).fit(K, y)


@each_criterion
@each_intercept
def test_penalties_below_rounding_are_not_scored(criterion, fit_intercept):
    """A kernel of rank 3: with 1e-25 there is nothing to divide by."""
    options = {"fit_intercept": fit_intercept, "alphas": [1e-25, 1e-18, 1e-3, 1.0]}
    model = KernelRidge(criterion, **options).fit(X, y)
    assert np.isposinf(model.cv_errors_[:2]).all()
    assert np.isfinite(model.cv_errors_[2:]).all()
    with pytest.raises(ValueError, match=r"No penalty from 1e-25 to 1e-18"):
        model.set_params(alphas=[1e-25, 1e-18]).fit(X, y)


@each_criterion
def test_a_kernel_that_is_well_conditioned_takes_any_penalty(criterion):
    alphas = [1e-12, 1e-5, 1.0]
    model = KernelRidge(criterion, kernel="precomputed", alphas=alphas)
    K = 2 * np.eye(24) + np.ones((24, 24))
    assert np.isfinite(model.fit(K, y).cv_errors_).all()


@each_intercept
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_dense_rows_are_not_all_equal(fit_intercept, dtype):
    """Neighbours are within rounding of each other, but not the two ends."""
    x = np.linspace(-3, 3, 1500, dtype=dtype)[:, None]
    truth = np.sin(2 * x[:, 0])
    noise = 0.1 * np.random.default_rng(0).standard_normal(1500)
    for criterion in ("gcv", "loo"):
        model = KernelRidge(
            criterion, kernel="rbf", gamma=1.0, fit_intercept=fit_intercept
        ).fit(x, truth + noise.astype(dtype))
        assert np.mean((model.predict(x) - truth) ** 2) < 0.02 * 0.1**2


@each_criterion
@each_intercept
def test_a_large_constant_in_the_kernel(criterion, fit_intercept):
    """It is an intercept with next to no penalty, and hides what is a 1e-16th of it."""
    x = np.sort(np.random.default_rng(0).uniform(0, 1, 500))[:, None]
    noise = 0.1 * np.random.default_rng(1).standard_normal(500)
    model = KernelRidge(
        criterion,
        kernel="poly",
        degree=1,
        gamma=1,
        coef0=1e8,
        fit_intercept=fit_intercept,
    ).fit(x, 3 * x[:, 0] + noise)
    assert np.mean((model.predict(x) - 3 * x[:, 0]) ** 2) < 0.1**2 / 10


@each_criterion
def test_one_row_cannot_be_left_out(criterion):
    model = KernelRidge(criterion, kernel="rbf")
    with pytest.raises(ValueError, match=r"1 sample\(s\).* minimum of 2"):
        model.fit(X[:1], y[:1])
    with pytest.raises(ValueError, match=r"leaves 1\. Give more samples a weight"):
        model.fit(X, y, np.eye(24)[3])
    assert np.isfinite(model.fit(X[:2], y[:2]).predict(X)).all()
    assert np.isfinite(model.fit(X, y, np.eye(24)[3] + np.eye(24)[4]).predict(X)).all()


@pytest.mark.parametrize(
    ("alphas", "message"),
    [
        ([], r"0 sample\(s\)"),
        ([1.0, -1.0], "positive numbers; got"),
        ([0.0], "positive numbers; got"),
        ([[1.0]], "positive numbers; got"),
        ([np.nan], "Input alphas contains NaN"),
        ([np.inf], "Input alphas contains infinity"),
        (["a"], "could not convert string to float"),
        (1.0, "'alphas' parameter of KernelRidge must be an array-like"),
    ],
)
@pytest.mark.parametrize("n_components", [None, 5])
def test_bad_grids(alphas, message, n_components):
    with pytest.raises(ValueError, match=message):
        KernelRidge("loo", alphas=alphas, n_components=n_components).fit(X, y)


def test_uneven_leverages_do_not_lead_to_interpolation():
    """Points crowd about the origin, the outer ones stand alone: GCV fits the noise."""
    X, y, truth = make_radial(
        1000, n_features=20, noise=0.02, return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(1000, random_state=1)
    model = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
    assert model.score(X_new, y_new) > 0.4


@each_intercept
@pytest.mark.parametrize(("width", "noise"), [(3, 0), (100, 0), (1000, 0), (30, 1e-3)])
def test_the_grid_goes_down_to_the_rounding_of_the_kernel(width, noise, fit_intercept):
    """Eigenvalues fall by many decades over a wide range of one column."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-width, width, (100, 1))
    y = np.sin(9 * X[:, 0] / width) + noise * rng.standard_normal(100)
    options = {
        "kernel": "nngp",
        "kernel_params": {"bias_variance": 1.0},
        "fit_intercept": fit_intercept,
    }
    top = np.linalg.eigvalsh(nngp_kernel(X, bias_variance=1.0))[-1]
    given = top * np.geomspace(1e-17, 1, 120)
    best = KernelRidge("loo", alphas=given, **options).fit(X, y).cv_errors_.min()
    found = KernelRidge("loo", **options).fit(X, y)
    assert found.cv_errors_.min() < 1.01 * best


@pytest.mark.parametrize("kernel", ["linear", "rbf", "poly"])
def test_rounding_of_the_kernel_does_not_choose(kernel):
    """Zero eigenvalues that come out as rounding tell no penalties apart."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = X[:, 0] + 1e-6 * rng.standard_normal(40)
    K = pairwise_kernels(X, metric=kernel, filter_params=True, degree=2)
    chosen = []
    for k in range(5):
        noise = np.random.default_rng(k).standard_normal(K.shape)
        near = K * (1 + 1e-16 * (noise + noise.T))
        chosen.append(KernelRidge("loo", kernel="precomputed").fit(near, y).alpha_)
    np.testing.assert_allclose(chosen, chosen[0], rtol=1e-6)
