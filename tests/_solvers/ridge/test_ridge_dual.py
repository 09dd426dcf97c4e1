"""Kernel ridge in the dual against its optimality conditions and explicit features."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sklearn_depth._solvers._kernel_ridge import solve_kernel_ridge
from sklearn_depth._solvers._ridge import RidgeMoments, solve_dual

rng = np.random.default_rng(0)
features = rng.standard_normal((25, 6)) * [3, 1, 1, 0.5, 0.2, 2] + 1
kernel = features @ features.T
targets = features[:, :2] + rng.normal(3, 1, (25, 2))
weight = rng.uniform(0.2, 3, 25)
each_weighting = pytest.mark.parametrize("sample_weight", [None, weight])
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_criterion = pytest.mark.parametrize("criterion", ["gcv", "loo"])
each_alpha = pytest.mark.parametrize(
    "alpha", [0.3, np.array([0.1, 10.0]), "gcv", "loo"]
)


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
        moments = RidgeMoments(6, 2).update(features, targets, sample_weight)
        primal = moments.solve(alpha, **options)
    else:
        given = "gcv" if isinstance(alpha, str) else alpha  # by leave-one-out
        primal = solve_dual(features, targets, sample_weight, given, **options)
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
@each_alpha
def test_zero_weights_are_absent_rows(fit_intercept, alpha):
    present = np.arange(25) % 4 > 0
    head = solve_kernel_ridge(
        kernel, targets, weight * present, alpha, fit_intercept=fit_intercept
    )
    reference = solve_kernel_ridge(
        kernel[np.ix_(present, present)],
        targets[present],
        weight[present],
        alpha,
        fit_intercept=fit_intercept,
    )
    np.testing.assert_array_equal(head.dual[~present], 0)
    np.testing.assert_allclose(head.dual[present], reference.dual, atol=1e-9)
    np.testing.assert_allclose(head.intercept, reference.intercept, atol=1e-9)
    np.testing.assert_allclose(head.alpha, reference.alpha)


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
