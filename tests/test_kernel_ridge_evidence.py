"""Kernels weighed by the evidence, against Gaussian processes and direct formulas."""

import pickle
from functools import partial

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.linalg import null_space
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import BayesianRidge
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.model_selection import GridSearchCV

from sklearn_depth import KernelRidge
from sklearn_depth.kernels import ntk_kernel
from sklearn_depth.utils import _memory

rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3))
y = 2 + np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + 0.3 * rng.standard_normal(60)
Y = np.column_stack([y, X[:, 2] ** 2, np.exp(X[:, 1])])
Y[:, 1:] += 0.5 * rng.standard_normal((60, 2))
weight = rng.uniform(0.2, 3, 60)
X_new = rng.standard_normal((20, 3))
GAMMAS = 0.1, 2.0
# Two widths and lines.
SEVERAL = {
    "kernel": ["rbf", "rbf", "linear"],
    "kernel_params": [*({"gamma": gamma} for gamma in GAMMAS), None],
}
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_weighting = pytest.mark.parametrize("sample_weight", [None, weight])
each_choice = pytest.mark.parametrize("kernels", [{"kernel": "rbf"}, SEVERAL])


def evidence(**parameters):
    return KernelRidge("evidence", **parameters)


def matrices(A, B=None):
    """Those of SEVERAL."""
    of_rbf = [rbf_kernel(A, B, gamma=gamma) for gamma in GAMMAS]
    return np.stack([*of_rbf, pairwise_kernels(A, B)])


def prior_variances(model, unit=1.0):
    """From what the model says of them, one for each kernel."""
    return model.kernel_weights_ * model.noise_variance_ * unit / model.alpha_


def same_fit(one, other, rtol=1e-5):
    """Two fits of one maximum, which a step of Newton's may have missed by so much."""
    for name in ("kernel_weights_", "alpha_", "noise_variance_"):
        found, expected = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
    for found, expected in zip(
        one.predict(X_new, return_std=True),
        other.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)


def process_of(model, **options):
    """The Gaussian process of that prior and that noise."""
    kernel = WhiteKernel(model.noise_variance_)
    for variance, gamma in zip(prior_variances(model), GAMMAS, strict=True):
        length = RBF((2 * gamma) ** -0.5, length_scale_bounds="fixed")
        kernel = ConstantKernel(variance, (1e-6, 1e6)) * length + kernel
    return GaussianProcessRegressor(kernel, alpha=0, **options)


TWO = {"kernel": ["rbf", "rbf"], "kernel_params": SEVERAL["kernel_params"][:2]}


def test_a_gaussian_process_has_no_more_evidence():
    centred = y - y.mean()
    model = evidence(**TWO).fit(X, centred)
    there = process_of(model, optimizer=None).fit(X, centred)
    found = there.log_marginal_likelihood(there.kernel_.theta)
    assert model.log_evidence_ == pytest.approx(found, rel=1e-12)
    best = process_of(model, n_restarts_optimizer=2, random_state=0).fit(X, centred)
    assert model.log_evidence_ > best.log_marginal_likelihood_value_ - 1e-6
    assert found < model.log_evidence_ + 1e-6
    for ours, theirs in zip(
        model.predict(X_new, return_std=True),
        there.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_linear_kernel_is_bayesian_ridge():
    flat = {"alpha_1": 0, "alpha_2": 0, "lambda_1": 0, "lambda_2": 0}
    reference = BayesianRidge(fit_intercept=False, tol=1e-12, max_iter=1000, **flat)
    reference.fit(X, y)
    model = evidence(kernel="linear").fit(X, y)
    assert model.alpha_ == pytest.approx(reference.lambda_ / reference.alpha_, rel=1e-4)
    assert model.noise_variance_ == pytest.approx(1 / reference.alpha_, rel=1e-4)
    for ours, theirs in zip(
        model.predict(X_new, return_std=True),
        reference.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def log_evidence(logs, targets, w, fit_intercept):
    """Of weighted rows, less their mean, from the logarithms of variances and noise."""
    root = np.sqrt(w)
    basis = null_space(root[None]) if fit_intercept else np.eye(len(w))
    *variances, noise = np.exp(logs)
    kernel = np.tensordot(variances, matrices(X), 1)
    covariance = basis.T @ (root * kernel * root[:, None]) @ basis
    covariance += noise * np.eye(len(covariance))
    law = stats.multivariate_normal(np.zeros(len(covariance)), covariance)
    return law.logpdf(basis.T @ (root * targets))


@each_intercept
@each_weighting
def test_the_slope_of_the_evidence_is_zero(fit_intercept, sample_weight):
    model = evidence(**SEVERAL, fit_intercept=fit_intercept)
    model.fit(X, y, sample_weight)
    given = np.ones(60) if sample_weight is None else sample_weight
    w, unit = given / given.mean(), given.mean()
    logs = np.log([*prior_variances(model, unit), model.noise_variance_])

    def at(logs):
        return log_evidence(logs, y, w, fit_intercept)

    assert model.log_evidence_ == pytest.approx(at(logs), rel=1e-9)
    step = 1e-3 * np.eye(4)
    slopes = [(at(logs + s) - at(logs - s)) / 2e-3 for s in step]
    held = logs[:-1] - logs[-1] < np.log(1e-5)  # next to nothing, where less is more
    assert not held.all()
    np.testing.assert_allclose(np.array(slopes)[[*~held, True]], 0, atol=2e-3)
    assert (np.array(slopes)[:-1][held] < 1e-3).all()
    assert all(at(logs + 300 * s) < at(logs) for s in step)


@each_intercept
@each_weighting
def test_the_equation_of_the_class(fit_intercept, sample_weight):
    """(K + alpha S^-1) c = y - b, with weights as given; without noise too."""
    targets = np.column_stack([Y[:, :2], np.exp(X[:, 1])])
    model = evidence(**SEVERAL, fit_intercept=fit_intercept)
    model.fit(X, targets, sample_weight)
    given = np.ones(60) if sample_weight is None else sample_weight
    assert model.kernel_weights_.shape == (3, 3)
    assert (model.kernel_weights_ >= 0).all()
    np.testing.assert_allclose(model.kernel_weights_.sum(axis=1), 1)
    for k in range(3):
        c = model.dual_coef_[:, k]
        kernel = np.tensordot(model.kernel_weights_[k], matrices(X), 1)
        left = kernel @ c + model.alpha_[k] * c / given
        np.testing.assert_allclose(left, targets[:, k] - model.intercept_[k], atol=1e-7)
        new = np.tensordot(model.kernel_weights_[k], matrices(X_new, X), 1)
        expected = new @ c + model.intercept_[k]
        np.testing.assert_allclose(model.predict(X_new)[:, k], expected, atol=1e-7)
    if fit_intercept:
        scale = np.abs(model.dual_coef_).sum(axis=0)
        np.testing.assert_allclose(model.dual_coef_.sum(axis=0) / scale, 0, atol=1e-10)


@each_intercept
@each_choice
def test_targets_are_fitted_each_on_its_own(fit_intercept, kernels):
    together = evidence(**kernels, fit_intercept=fit_intercept).fit(X, Y, weight)
    means, deviations = together.predict(X_new, return_std=True)
    assert means.shape == deviations.shape == (20, 3)
    for k in range(3):
        alone = clone(together).fit(X, Y[:, k], weight)
        for name in ("kernel_weights_", "alpha_", "noise_variance_", "log_evidence_"):
            found, expected = getattr(together, name)[k], getattr(alone, name)
            np.testing.assert_allclose(found, expected, rtol=1e-9)
            assert np.shape(found) == np.shape(expected)
        mean, deviation = alone.predict(X_new, return_std=True)
        np.testing.assert_allclose(means[:, k], mean, atol=1e-9)
        np.testing.assert_allclose(deviations[:, k], deviation, rtol=1e-9)


def of_column(column, length=0.2):
    """A kernel of one column, of whole matrices."""
    lengths = np.full(3, 1e6)
    lengths[column] = length
    return RBF(lengths)


def test_a_planted_sum_of_kernels():
    """Draws of functions of two columns: 3/4 and 1/4 of the variance, and noise."""
    rows = np.random.default_rng(1).uniform(-3, 3, (400, 3))
    kernels = [of_column(column) for column in range(3)]
    covariance = 3 * kernels[0](rows) + kernels[1](rows) + 0.1 * np.eye(400)
    root = np.linalg.cholesky(covariance)
    draws = root @ np.random.default_rng(2).standard_normal((400, 10))
    model = evidence(kernel=kernels).fit(rows, draws)
    # About 30 bumps a column: a variance is known up to sqrt(2 / 30), less over draws.
    mean = model.kernel_weights_.mean(axis=0)
    np.testing.assert_allclose(mean, [0.75, 0.25, 0], atol=0.06)
    assert model.kernel_weights_[:, 2].max() < 0.02
    np.testing.assert_allclose(model.noise_variance_, 0.1, rtol=0.3)


def test_permuted_rows():
    order = np.random.default_rng(1).permutation(60)
    model = evidence(**SEVERAL, fit_intercept=True)
    permuted = clone(model).fit(X[order], y[order], weight[order])
    same_fit(permuted, model.fit(X, y, weight))
    np.testing.assert_allclose(permuted.dual_coef_, model.dual_coef_[order], rtol=1e-3)


@each_choice
@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_scaled_and_shifted_targets(kernels, scale):
    model = evidence(**kernels, fit_intercept=True).fit(X, y)
    scaled = clone(model).fit(X, scale * (y + 7))
    np.testing.assert_allclose(
        scaled.kernel_weights_, model.kernel_weights_, rtol=1e-5, atol=1e-6
    )
    assert scaled.alpha_ == pytest.approx(model.alpha_, rel=1e-5)
    shift = 59 * np.log(scale)
    assert scaled.log_evidence_ == pytest.approx(model.log_evidence_ - shift)
    mean, deviation = model.predict(X_new, return_std=True)
    found = scaled.predict(X_new, return_std=True)
    np.testing.assert_allclose(found[0] / scale - 7, mean, atol=1e-6)
    np.testing.assert_allclose(found[1] / scale, deviation, rtol=1e-5)


@each_choice
@each_intercept
@pytest.mark.parametrize("unit", [1e-200, 1e3, 1e200])
def test_the_unit_of_the_weights(kernels, fit_intercept, unit):
    """alpha counts in it, as everywhere; nothing else does."""
    model = evidence(**kernels, fit_intercept=fit_intercept).fit(X, y, weight)
    other = clone(model).fit(X, y, unit * weight)
    assert other.alpha_ == pytest.approx(unit * model.alpha_)
    other.alpha_ /= unit
    same_fit(other, model)
    assert other.log_evidence_ == pytest.approx(model.log_evidence_)


@each_choice
@each_intercept
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_weights_are_repetition(kernels, fit_intercept, container):
    """What is given again counts once as evidence, and as often as a weight."""
    times = np.random.default_rng(1).integers(0, 4, 60)
    rows = np.repeat(np.arange(60), times)
    weighted = evidence(**kernels, fit_intercept=fit_intercept).fit(X, y, times)
    repeated = clone(weighted).fit(container(X[rows]), y[rows])
    same_fit(repeated, weighted)
    assert repeated.log_evidence_ == pytest.approx(weighted.log_evidence_)
    again = np.r_[False, rows[1:] == rows[:-1]]
    np.testing.assert_array_equal(repeated.dual_coef_[again], 0)


@pytest.mark.parametrize("scale", [1e-100, 7.0, 1e100])
def test_a_scaled_kernel(scale):
    """Its prior variance is that much smaller, and nothing else changes."""
    wide, narrow = RBF(2.0), RBF(0.5)
    model = evidence(kernel=[wide, narrow], fit_intercept=True).fit(X, y)
    scaled = ConstantKernel(scale) * narrow
    other = clone(model).set_params(kernel=[wide, scaled]).fit(X, y)
    expected = prior_variances(model) / [1, scale]
    np.testing.assert_allclose(prior_variances(other), expected, rtol=1e-5)
    for found, there in zip(
        other.predict(X_new, return_std=True),
        model.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(found, there, rtol=1e-5)
    assert other.log_evidence_ == pytest.approx(model.log_evidence_)


def test_copies_of_a_kernel_share_its_weight():
    one = evidence(kernel="rbf", fit_intercept=True).fit(X, y)
    two = evidence(kernel=("rbf", "rbf"), fit_intercept=True).fit(X, y)
    # Steps end where they promise 1e-6 of twice the log evidence.
    assert two.log_evidence_ == pytest.approx(one.log_evidence_, abs=1e-5)
    assert two.alpha_ == pytest.approx(one.alpha_, rel=0.02)
    np.testing.assert_allclose(two.predict(X_new), one.predict(X_new), atol=2e-3)
    assert two.kernel_weights_.tolist() == [0.5, 0.5]
    np.testing.assert_array_equal(one.kernel_weights_, [1.0])


@each_intercept
@each_weighting
def test_as_many_landmarks_as_rows(fit_intercept, sample_weight):
    options = {"kernel": "rbf", "gamma": 0.5, "fit_intercept": fit_intercept}
    rows = np.vstack([X, X[:10]])  # equal rows of other targets
    target, w = np.append(y, y[:10] + 1), np.append(weight, weight[:10])
    w = None if sample_weight is None else w
    expected = evidence(**options).fit(rows, target, w)
    found = evidence(**options, n_components=70, random_state=0).fit(rows, target, w)
    for name in ("alpha_", "noise_variance_", "log_evidence_", "intercept_"):
        value = getattr(expected, name)
        assert getattr(found, name) == pytest.approx(value, rel=1e-4, abs=1e-9)
    np.testing.assert_allclose(found.predict(X_new), expected.predict(X_new), atol=1e-4)
    np.testing.assert_array_equal(found.kernel_weights_, [1.0])


@each_intercept
def test_precomputed_is_by_name(fit_intercept):
    K = rbf_kernel(X)
    named = evidence(kernel="rbf", fit_intercept=fit_intercept).fit(X, Y, weight)
    given = evidence(kernel="precomputed", fit_intercept=fit_intercept)
    for container in (np.asarray, sparse.csr_array):
        given.fit(container(K), Y, weight)
        found = given.predict(container(rbf_kernel(X_new, X)))
        np.testing.assert_allclose(found, named.predict(X_new), atol=1e-6)
    np.testing.assert_array_equal(K, rbf_kernel(X))
    with pytest.raises(ValueError, match=r'return_std needs.*"precomputed"; got alpha'):
        given.predict(K, return_std=True)


@each_intercept
def test_sparse_is_dense(fit_intercept):
    dense = evidence(**SEVERAL, fit_intercept=fit_intercept).fit(X, y, weight)
    for container in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        model = clone(dense).fit(container(X), y, weight)
        same_fit(model, dense)
        for found, expected in zip(
            model.predict(container(X_new), return_std=True),
            dense.predict(X_new, return_std=True),
            strict=True,
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-5)


@each_choice
def test_float32(kernels):
    double = evidence(**kernels, fit_intercept=True).fit(X, y)
    single = clone(double).fit(X.astype("f4"), y.astype("f4"))
    for found, expected in zip(
        single.predict(X_new.astype("f4"), return_std=True),
        double.predict(X_new, return_std=True),
        strict=True,
    ):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_kernels_of_all_kinds():
    """Names of ours and scikit-learn's, functions, partials, and pairs of rows."""

    def pair(a, b, power):
        return (1 + a @ b) ** power

    by_name = evidence(
        kernel=["poly", "ntk", "rbf", "hermite"],
        degree=2,
        gamma=1,
        kernel_params=[None, {"depth": 3}, {"gamma": 0.3}, {"degree": 3}],
    ).fit(X, y)
    other = evidence(
        kernel=(pair, partial(ntk_kernel, depth=3), RBF(0.6**-0.5), "hermite"),
        kernel_params=({"power": 2}, None, None, None),
    ).fit(X, y)
    same_fit(other, by_name, rtol=1e-4)


@each_intercept
@each_choice
def test_constant_targets(kernels, fit_intercept):
    model = evidence(**kernels, fit_intercept=fit_intercept)
    model.fit(X, np.full(60, 3.0 * fit_intercept))
    mean, deviation = model.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, 3.0 * fit_intercept)
    np.testing.assert_array_equal(deviation, 0)
    assert model.alpha_ == model.log_evidence_ == np.inf
    assert model.kernel_weights_.sum() == pytest.approx(1)


@each_intercept
def test_kernels_of_zeros(fit_intercept):
    """They weigh nothing beside another; alone, all is noise."""

    def zero(a, b):
        return 0.0

    both = evidence(kernel=[zero, "rbf"], fit_intercept=fit_intercept).fit(X, y)
    assert both.kernel_weights_.tolist() == [0.0, 1.0]
    alone = evidence(kernel="rbf", fit_intercept=fit_intercept).fit(X, y)
    np.testing.assert_allclose(both.predict(X_new), alone.predict(X_new), atol=1e-9)
    nothing = evidence(kernel=[zero, zero], fit_intercept=fit_intercept).fit(X, y)
    mean, deviation = nothing.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, y.mean() * fit_intercept)
    noise = np.var(y, ddof=1) * 61 / 60 if fit_intercept else np.mean(y**2)
    np.testing.assert_allclose(deviation**2, noise)
    assert nothing.alpha_ == np.inf


@each_intercept
def test_copies_with_other_targets_are_noise(fit_intercept):
    """Rows in groups of five: their squares are s^2 times chi-squared of 48."""
    rows = np.repeat(X[:12], 5, axis=0)
    draws = np.random.default_rng(1).standard_normal(60)
    target = 10 * np.sin(rows[:, 0]) + 0.1 * draws
    model = evidence(kernel="rbf", fit_intercept=fit_intercept).fit(rows, target)
    within = draws.reshape(12, 5) - draws.reshape(12, 5).mean(axis=1, keepdims=True)
    expected = 0.01 * np.sum(within**2) / 48
    assert model.noise_variance_ == pytest.approx(expected, rel=0.2)
    equal = evidence(kernel=["rbf", "linear"], fit_intercept=True)
    equal.fit(np.ones((60, 3)), y)
    np.testing.assert_allclose(equal.predict(X_new[:1] * 0 + 1), y.mean())
    assert equal.noise_variance_ == pytest.approx(np.var(y, ddof=1))


@each_choice
def test_two_rows(kernels):
    model = evidence(**kernels, fit_intercept=True).fit(X[:2], y[:2])
    mean, deviation = model.predict(X_new, return_std=True)
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        model.fit(X[:1], y[:1])


@each_choice
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_weights_of_zero_are_absent_rows(kernels, fit_intercept):
    wild, w = np.vstack([X, 1e6 * X]), np.append(weight, np.zeros(60))
    expected = evidence(**kernels, fit_intercept=fit_intercept).fit(X, y, weight)
    model = clone(expected).fit(wild, np.append(y, 1e8 * y), w)
    np.testing.assert_array_equal(model.dual_coef_[60:], 0)
    same_fit(model, expected, rtol=1e-9)


@each_choice
def test_targets_without_noise(kernels):
    """As far as the kernels tell rows apart; no more is asked of float64."""
    model = evidence(**kernels, fit_intercept=True).fit(X, np.sin(X[:, 0]))
    error = np.abs(model.predict(X) - np.sin(X[:, 0])).max()
    assert error < 1e-4
    assert 0 <= model.noise_variance_ < 1e-6


@pytest.mark.parametrize("kernel", ["sigmoid", ["rbf", "sigmoid"]])
def test_indefinite_kernels_are_refused_by_name(kernel):
    model = evidence(kernel=kernel)
    with pytest.raises(
        ValueError, match=r"kernel 'sigmoid' is not positive.*is -\d.*another kernel"
    ):
        model.fit(3 * X, y)
    with pytest.raises(ValueError, match="kernel 'precomputed' is not positive"):
        evidence(kernel="precomputed").fit(-rbf_kernel(X), y)


def test_kernels_that_an_intercept_makes_definite():
    """-|x - z|^2 / 2 is that of lines, about the mean of the rows."""

    def distance(a, b):
        return -((a - b) @ (a - b)) / 2

    model = evidence(kernel=distance, fit_intercept=True).fit(X, y, weight)
    lines = evidence(kernel="linear", fit_intercept=True).fit(X, y, weight)
    for found, expected in zip(
        model.predict(X_new, return_std=True),
        lines.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    with pytest.raises(ValueError, match="not positive semi-definite"):
        evidence(kernel=distance).fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel": []}, r"kernel=\[\] lists no kernel"),
        (
            {"kernel": ["rbf", "precomputed"]},
            r"kernel\[1\] is 'precomputed'; in a list",
        ),
        ({"kernel": ["rbf", "wave"]}, r"kernel\[1\] is 'wave'; in a list.*rbf"),
        ({"kernel": ["rbf", 3]}, r"kernel\[1\] is 3; in a list"),
        ({"kernel": [["rbf"]]}, r"kernel\[0\] is \['rbf'\]; in a list"),
        ({"kernel_params": [{}]}, "None or a list of 2 entries"),
        ({"kernel_params": {}}, "None or a list of 2 entries"),
        ({"kernel_params": [{}, 3]}, r"kernel_params\[1\] is 3, no dict"),
        (
            {"kernel_params": [{"gama": 1}, None]},
            r"kernel_params\[0\] has gama, but the kernel 'rbf' takes gamma",
        ),
        (
            {"kernel": ["rbf", "ntk"], "kernel_params": [{}, {"dept": 3}]},
            "kernel_params has dept, but ntk_kernel takes .*depth",
        ),
        (
            {"kernel": "nngp", "kernel_params": {"dept": 3, "bias": 1}},
            "kernel_params has bias, dept, but nngp_kernel takes .*depth",
        ),
        (
            {"kernel": "rbf", "kernel_params": [{}]},
            "lists 1 entries, but kernel is one",
        ),
        (
            {"alpha": 1.0},
            r'kernel lists 2 kernels, but alpha=1\.0 gives them.*"evidence"',
        ),
        ({"alpha": [1.0]}, r"but alpha=\[1\.0\] gives them no weights"),
        ({"alpha": "loo"}, "but alpha='loo' gives them no weights"),
        ({"n_components": 5}, "n_components=5 works with one kernel"),
        ({"alpha": "evident"}, "The 'alpha' parameter of KernelRidge"),
    ],
)
def test_what_is_refused(parameters, message):
    model = evidence(kernel=["rbf", "linear"]).set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "dual_coef_")


@pytest.mark.parametrize(
    "parameters",
    [{"alpha": 0.3}, {"alpha": "loo"}, {"n_components": 5, "random_state": 0}],
)
def test_fits_without_standard_deviations(parameters):
    model = evidence(kernel="rbf").set_params(**parameters).fit(X, y)
    with pytest.raises(ValueError, match=r'return_std needs.*Set alpha="evidence"'):
        model.predict(X_new, return_std=True)
    if "alpha" in parameters:
        assert model.kernel_weights_ is model.noise_variance_ is None
        assert model.log_evidence_ is None


def test_one_kernel_in_a_list_is_that_kernel():
    for alpha in (0.3, "loo", "evidence"):
        alone = KernelRidge(alpha, kernel="rbf").fit(X, y).predict(X_new)
        listed = KernelRidge(alpha, kernel=["rbf"]).fit(X, y).predict(X_new)
        np.testing.assert_array_equal(listed, alone)


def test_overflow_is_refused():
    model = evidence(kernel=["rbf", "poly"], degree=300)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*StandardScaler"),
    ):
        model.fit(1e3 * X, y)
    with pytest.raises(ValueError, match=r"K\(x, x\) is at most .*Scale X"):
        evidence(kernel=["rbf", "linear"]).fit(1e-155 * X, y)


def test_memory_is_checked_before_anything_is_allocated(monkeypatch):
    """Two kernels, four posteriors' worth of a third target, and what they take."""
    need = 8 * 60**2 * (2 + 3 + 3)
    model = evidence(kernel=["rbf", "linear"])
    monkeypatch.setattr(_memory, "memory_limit", lambda: need)
    model.fit(X, Y)
    monkeypatch.setattr(_memory, "memory_limit", lambda: need - 1)
    with pytest.raises(
        MemoryError, match=r"of 2 kernel matrices of all samples.*60 columns"
    ):
        model.fit(X, Y)


def test_searches_clones_pickles_and_prints():
    lists = [["rbf", "linear"], ("poly", RBF(2.0))]
    model = evidence(kernel=lists[0], fit_intercept=True)
    grid = [{"kernel": lists}, {"alpha": [0.1, "loo", "evidence"], "kernel": ["rbf"]}]
    search = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    by_hand = clone(model).set_params(**search.best_params_).fit(X, y)
    np.testing.assert_array_equal(search.predict(X_new), by_hand.predict(X_new))
    copied = pickle.loads(pickle.dumps(model.fit(X, y)))
    for found, expected in zip(
        copied.predict(X_new, return_std=True),
        model.predict(X_new, return_std=True),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    assert repr(model) == (
        "KernelRidge(alpha='evidence', fit_intercept=True, kernel=['rbf', 'linear'])"
    )
    assert model.kernel is lists[0]
