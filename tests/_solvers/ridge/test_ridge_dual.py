"""Kernel ridge in the dual against its optimality conditions and explicit features."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge import _dual
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._primal import solve_ridge

rng = np.random.default_rng(0)
features = rng.standard_normal((25, 6)) * [3, 1, 1, 0.5, 0.2, 2] + 1
kernel = features @ features.T
targets = features[:, :2] + rng.normal(3, 1, (25, 2))
weight = rng.uniform(0.2, 3, 25)
each_weighting = pytest.mark.parametrize("sample_weight", [None, weight])
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_criterion = pytest.mark.parametrize("criterion", ["gcv", "loo"])
each_alpha = pytest.mark.parametrize(
    "alpha", [0.3, np.array([0.1, 10.0]), "gcv", "loo", "auto"]
)


def solve_kernel_ridge(kernel, targets, sample_weight, alpha, **options):
    samples = Samples.of(np.arange(len(targets)), targets, sample_weight)
    return _dual.solve_kernel_ridge(kernel, samples, alpha, **options)


@each_weighting
@each_intercept
@each_alpha
def test_optimality(sample_weight, fit_intercept, alpha):
    """Where sum s (f - y)² + alpha c'Kc is least: K (s (f - y) + alpha c) = 0."""
    head = solve_kernel_ridge(
        kernel, targets, sample_weight, alpha, fit_intercept=fit_intercept
    )
    error = kernel @ head.dual + head.intercept - targets
    pull = error if sample_weight is None else weight[:, None] * error
    np.testing.assert_allclose(kernel @ (pull + head.alpha * head.dual), 0, atol=1e-8)
    if not isinstance(alpha, str):  # "gcv" leaves out what a singular K does not see
        np.testing.assert_allclose(pull, -head.alpha * head.dual, atol=1e-9)
    if fit_intercept:
        np.testing.assert_allclose(head.dual.sum(axis=0), 0, atol=1e-11)
    else:
        np.testing.assert_array_equal(head.intercept, 0)


@each_weighting
@each_intercept
@each_alpha
def test_explicit_features(sample_weight, fit_intercept, alpha):
    head = solve_kernel_ridge(
        kernel, targets, sample_weight, alpha, fit_intercept=fit_intercept
    )
    options = {"fit_intercept": fit_intercept}
    if isinstance(alpha, str) and alpha == "gcv":
        moments = RidgeMoments(6, 2).update(
            Samples.of(features, targets, sample_weight)
        )
        primal = moments.solve(alpha, **options)
    else:
        primal = solve_ridge(
            lambda rows: rows,
            Samples.of(features, targets, sample_weight),
            alpha,
            n_columns=6,
            dual=True,
            **options,
        )
    np.testing.assert_allclose(head.alpha, primal.alpha, rtol=1e-9)
    np.testing.assert_allclose(features.T @ head.dual, primal.coef, atol=1e-9)
    np.testing.assert_allclose(head.intercept, primal.intercept, atol=1e-9)


@each_weighting
def test_the_intercept_is_scikit_learns(sample_weight):
    reference = Ridge(alpha=0.7).fit(features, targets, sample_weight=sample_weight)
    head = solve_kernel_ridge(kernel, targets, sample_weight, 0.7, fit_intercept=True)
    np.testing.assert_allclose(head.intercept, reference.intercept_, atol=1e-10)
    np.testing.assert_allclose(features.T @ head.dual, reference.coef_.T, atol=1e-10)


@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "gcv", "loo"])
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 20.0, 1e200])
def test_the_unit_of_the_weights(fit_intercept, alpha, unit):
    """Where the penalty is chosen it moves nothing; a given one goes with it."""
    given = alpha if isinstance(alpha, str) else unit * alpha
    expected = solve_kernel_ridge(
        kernel, targets, weight, alpha, fit_intercept=fit_intercept
    )
    head = solve_kernel_ridge(
        kernel, targets, unit * weight, given, fit_intercept=fit_intercept
    )
    np.testing.assert_allclose(kernel @ head.dual, kernel @ expected.dual, rtol=1e-9)
    np.testing.assert_allclose(head.intercept, expected.intercept, rtol=1e-9)
    np.testing.assert_allclose(head.alpha / unit, expected.alpha, rtol=1e-9)
    if isinstance(alpha, str):
        np.testing.assert_allclose(head.path.errors, expected.path.errors, rtol=1e-4)
        best = head.path.alphas[np.argmin(head.path.errors, axis=0)]
        assert (head.alpha >= best).all()


@each_intercept
@each_criterion
def test_copies_are_one_row_where_the_penalty_is_chosen(fit_intercept, criterion):
    """All rows twice are all rows once, in any order, also in the errors."""
    alphas = np.array([10.0, 0.3, 1e-3])
    options = {"fit_intercept": fit_intercept, "alphas": alphas}
    once = solve_kernel_ridge(kernel, targets, weight, criterion, **options)
    rows = np.random.default_rng(1).permutation(np.tile(np.arange(25), 2))
    options["alphas"] = 2 * alphas  # which count in the user's unit of the weights
    twice = solve_kernel_ridge(
        kernel[np.ix_(rows, rows)], targets[rows], weight[rows], criterion, **options
    )
    np.testing.assert_allclose(twice.path.errors, once.path.errors, rtol=1e-9)
    np.testing.assert_allclose(twice.alpha, 2 * once.alpha)
    there = kernel[:, rows] @ twice.dual + twice.intercept
    np.testing.assert_allclose(there, kernel @ once.dual + once.intercept, rtol=1e-8)


@each_intercept
def test_given_penalties_see_rows(fit_intercept):
    """Twice the rows is half the penalty."""
    rows = np.tile(np.arange(25), 2)
    twice = solve_kernel_ridge(
        kernel[np.ix_(rows, rows)],
        targets[rows],
        weight[rows],
        0.6,
        fit_intercept=fit_intercept,
    )
    once = solve_kernel_ridge(kernel, targets, weight, 0.3, fit_intercept=fit_intercept)
    there = kernel[:, rows] @ twice.dual + twice.intercept
    np.testing.assert_allclose(there, kernel @ once.dual + once.intercept, rtol=1e-8)


@each_intercept
@pytest.mark.parametrize("n_samples", [4, 7, 25])
@pytest.mark.parametrize("n_features", [2, 3, 6])
def test_no_penalty_is_least_squares(fit_intercept, n_samples, n_features):
    X, y = features[:n_samples, :n_features], targets[:n_samples]
    head = solve_kernel_ridge(X @ X.T, y, None, 0.0, fit_intercept=fit_intercept)
    shift = int(fit_intercept)
    centred, residual = X - shift * X.mean(axis=0), y - shift * y.mean(axis=0)
    shortest = np.linalg.pinv(centred, rcond=1e-9) @ residual
    np.testing.assert_allclose(X.T @ head.dual, shortest, atol=1e-7)


@each_weighting
@each_criterion
def test_a_constant_kernel_leaves_the_mean(sample_weight, criterion):
    """Centred, nothing but rounding is left of it, which must not be fitted."""
    head = solve_kernel_ridge(
        np.full((25, 25), 7.3), targets, sample_weight, criterion, fit_intercept=True
    )
    mean = np.average(targets, axis=0, weights=sample_weight)
    np.testing.assert_allclose(7.3 * head.dual.sum(axis=0) + head.intercept, mean)
