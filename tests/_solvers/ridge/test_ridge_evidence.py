"""The evidence against its definition, Gaussian processes and BayesianRidge."""

import numpy as np
import pytest
from scipy import optimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    ConstantKernel,
    DotProduct,
    Sum,
    WhiteKernel,
)
from sklearn.linear_model import BayesianRidge

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge import _evidence_primal
from sklearn_depth._solvers.ridge._evidence_dual import GroupKernels
from sklearn_depth._solvers.ridge._evidence_primal import GroupSums, left_out_errors
from sklearn_depth._solvers.ridge._moments import moments_of

labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
SIZES = np.bincount(labels)


def draw(n_samples=60, n_targets=1, noise=0.5, seed=0):
    """Features of three groups, the last of which is of no use."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n_samples, len(labels)))
    coef = rng.standard_normal((len(labels), n_targets))
    coef *= np.array([2.0, 0.4, 0.0])[labels][:, None]
    targets = 3 + features @ coef + noise * rng.standard_normal((n_samples, n_targets))
    return features, targets


def kernels_of(features):
    return np.stack(
        [features[:, labels == g] @ features[:, labels == g].T for g in range(3)]
    )


def by_sums(features, targets, weight=None):
    samples = Samples.of(features, targets, weight)
    return GroupSums(moments_of(samples)[0]).solve(labels, 3)


def by_kernels(features, targets, weight=None):
    samples = Samples.of(features, targets, weight)
    return GroupKernels(kernels_of(features), samples).solve()


def density(features, targets, weight, variances, noise):
    """log density of the contrasts of the targets with their mean, by its definition.

    The direction of the intercept is left out by an orthonormal basis of the others.
    """
    root = np.sqrt(weight)
    basis = np.linalg.qr(np.column_stack([root, np.eye(len(root))[:, 1:]]))[0][:, 1:]
    scaled = basis.T @ (root[:, None] * features)
    covariance = noise * np.eye(len(root) - 1)
    covariance += scaled * variances[labels] @ scaled.T
    residual = basis.T @ (root * targets)
    square = residual @ np.linalg.solve(covariance, residual)
    log_det = np.linalg.slogdet(2 * np.pi * covariance)[1]
    return -(square + log_det) / 2


weights = pytest.mark.parametrize("weighted", [False, True])


def weight_of(weighted, n=60):
    return np.random.default_rng(1).uniform(0.3, 2, n) if weighted else np.ones(n)


@weights
@pytest.mark.parametrize("solve", [by_sums, by_kernels])
def test_the_evidence_is_the_density_of_the_contrasts(solve, weighted):
    features, targets = draw()
    weight = weight_of(weighted)
    (head,), _ = solve(features, targets, weight)
    weight = weight / weight.mean()
    expected = density(
        features, targets[:, 0], weight, head.ratios * head.noise, head.noise
    )
    assert head.log_evidence == pytest.approx(expected, abs=1e-8)


@weights
@pytest.mark.parametrize("seed", range(5))
def test_no_other_variances_have_a_larger_density(seed, weighted):
    features, targets = draw(seed=seed)
    weight = weight_of(weighted)
    (head,), _ = by_sums(features, targets, weight)
    weight = weight / weight.mean()

    def deviance(logs):
        variances = np.exp(logs)
        return -density(features, targets[:, 0], weight, variances[:3], variances[3])

    ours = np.log(np.maximum([*(head.ratios * head.noise), head.noise], 1e-6))
    for start in (ours, np.zeros(4)):
        bounds = [(-14, 8)] * 4
        best = optimize.minimize(deviance, start, bounds=bounds, method="L-BFGS-B")
        assert -best.fun <= head.log_evidence + 1e-3


def test_one_group_is_scikit_learns_bayesian_ridge():
    """Without its hyperpriors, and of contrasts where it has an intercept."""
    features, targets = draw(200)
    centred = features - features.mean(axis=0)
    samples = Samples.of(centred, targets)
    none = np.zeros(len(labels), int)
    (head,), posterior = GroupSums(moments_of(samples)[0]).solve(none, 1)
    tiny = {"alpha_1": 0, "alpha_2": 0, "lambda_1": 0, "lambda_2": 0}
    model = BayesianRidge(tol=1e-12, max_iter=10_000, **tiny)
    model.fit(centred, targets[:, 0])
    # It counts the intercept's degree of freedom as noise: 200 in place of 199.
    assert head.noise == pytest.approx(1 / model.alpha_, rel=0.01)
    np.testing.assert_allclose(head.weights, model.coef_, rtol=1e-3, atol=1e-3)
    deviation = posterior.deviation(centred)[:, 0]
    _, expected = model.predict(centred, return_std=True)
    found = np.sqrt(deviation**2 - head.noise / 200 + head.noise)
    np.testing.assert_allclose(found, expected, rtol=0.01)


def test_without_an_intercept_it_is_a_gaussian_process():
    """Of two dot products, at the process's best parameters or better."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = X @ [1.0, 2.0, -1.0] + 0.5 * rng.standard_normal(80)
    kernel = Sum(
        ConstantKernel(1.0) * DotProduct(0, "fixed"),
        WhiteKernel(0.1),
    )
    process = GaussianProcessRegressor(kernel, random_state=0).fit(X, y)
    samples = Samples.of(X, y)
    groups = GroupKernels(X[None] @ X.T, samples, fit_intercept=False)
    (head,), (law,) = groups.solve()
    assert head.log_evidence == pytest.approx(
        process.log_marginal_likelihood_value_, abs=1e-4
    )
    new = rng.standard_normal((20, 3))
    mean, deviation = process.predict(new, return_std=True)
    cross = head.ratios[0] * new @ X.T
    np.testing.assert_allclose(cross @ head.weights, mean, atol=1e-3)
    found = law.deviation(head.ratios[0] * np.sum(new**2, axis=1), cross)
    np.testing.assert_allclose(np.sqrt(found**2 + head.noise), deviation, rtol=1e-3)


@weights
@pytest.mark.parametrize("n_samples", [2, 9, 12, 60])
def test_primal_and_dual_are_one_fit(n_samples, weighted):
    features, targets = draw(n_samples, n_targets=2)
    weight = weight_of(weighted, n_samples)
    primal, posterior = by_sums(features, targets, weight)
    dual, laws = by_kernels(features, targets, weight)
    new = np.random.default_rng(3).standard_normal((15, len(labels)))
    for k, (one, other, law) in enumerate(zip(primal, dual, laws, strict=True)):
        assert other.log_evidence == pytest.approx(one.log_evidence, rel=1e-6)
        coef = other.ratios[labels] * (features.T @ other.weights)
        np.testing.assert_allclose(coef, one.weights, atol=1e-6)
        np.testing.assert_allclose(other.freedom, one.freedom, atol=1e-5)
        cross = new * other.ratios[labels] @ features.T
        diagonal = new**2 @ other.ratios[labels]
        deviation = posterior.deviation(new)[:, k]
        np.testing.assert_allclose(
            law.deviation(diagonal, cross), deviation, rtol=1e-4, atol=1e-6
        )


@weights
def test_freedom_is_what_the_fit_takes_up(weighted):
    """The trace of the hat matrix, less the intercept's, is the sum over groups."""
    features, targets = draw()
    weight = weight_of(weighted)
    (head,), _ = by_sums(features, targets, weight)
    weight = weight / weight.mean()
    root = np.sqrt(weight)[:, None]
    centred = root * (features - np.average(features, axis=0, weights=weight))
    scaled = np.sqrt(head.ratios[labels]) * centred
    inner = scaled.T @ scaled + np.eye(len(labels))
    hat = np.diag(np.linalg.solve(inner, scaled.T @ scaled))
    expected = [hat[labels == g].sum() for g in range(3)]
    np.testing.assert_allclose(head.freedom, expected, atol=1e-9)
    # At the maximum a group has as many as its coefficients say, or is none.
    np.testing.assert_allclose(head.squares[:2], head.freedom[:2], rtol=1e-3)


@weights
def test_errors_leave_rows_out(weighted):
    """Of the ridge regression with these variances, fitted without each row."""
    features, targets = draw(40)
    weight = weight_of(weighted, 40)
    (head,), _ = by_kernels(features, targets, weight)
    weight = weight / weight.mean()
    misses = []
    for row in range(40):
        kept = np.arange(40) != row
        w = weight[kept]
        mean = np.average(features[kept], axis=0, weights=w)
        middle = np.average(targets[kept, 0], weights=w)
        centred = features[kept] - mean
        scaled = np.sqrt(head.ratios[labels]) * centred
        inner = scaled.T @ (w[:, None] * scaled) + np.eye(len(labels))
        coef = np.linalg.solve(inner, scaled.T @ (w * (targets[kept, 0] - middle)))
        new = np.sqrt(head.ratios[labels]) * (features[row] - mean)
        misses.append(targets[row, 0] - middle - new @ coef)
    expected = np.average(np.square(misses), weights=weight)
    assert head.error == pytest.approx(expected, rel=1e-9)
    samples = Samples.of(features, targets, weight)
    sums = GroupSums(moments_of(samples)[0])
    (primal,), posterior = sums.solve(labels, 3)
    coef = primal.weights[:, None]
    (found,) = left_out_errors(
        lambda X: X, samples, coef, sums.intercept(coef), posterior
    )
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("solve", [by_sums, by_kernels])
def test_copies_with_other_targets_tell_the_noise(solve):
    """Places of several rows, merged, have the density of all rows, and their error."""
    features, _ = draw(8)
    rows = np.repeat(np.arange(8), 5)
    rng = np.random.default_rng(0)
    targets = features[rows] @ rng.standard_normal(10) + 0.7 * rng.standard_normal(40)
    samples = Samples.of(features[rows], targets).merged()
    assert len(samples) == 8
    if solve is by_sums:
        (head,), _ = GroupSums(moments_of(samples)[0]).solve(labels, 3)
    else:
        (head,), _ = GroupKernels(kernels_of(samples.X), samples).solve()
    noise = head.noise * samples.n_rows / samples.weight.sum()  # of one row
    variances = head.ratios * head.noise
    expected = density(features[rows], targets, np.ones(40), variances, noise)
    assert noise == pytest.approx(0.49, rel=0.6)
    assert head.log_evidence == pytest.approx(expected, abs=1e-8)
    (other,), _ = by_sums(features[rows], targets)
    assert other.log_evidence == pytest.approx(expected, abs=1e-4)
    assert other.noise == pytest.approx(noise, rel=1e-4)
    if solve is by_sums:
        centred = features[rows] - features[rows].mean(axis=0)
        scaled = np.sqrt(head.ratios[labels] / 5) * centred
        hat = scaled @ np.linalg.inv(scaled.T @ scaled + np.eye(10)) @ scaled.T
        left = targets - targets.mean() - hat @ (targets - targets.mean())
        freedom = 1 + np.trace(hat)
        expected = np.mean(left**2) / (1 - freedom / 40) ** 2
        assert head.error == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(
        other.ratios * other.noise, variances, rtol=0.01, atol=1e-5
    )


def test_a_useless_group_is_left_out():
    features, targets = draw(400)
    (head,), _ = by_sums(features, targets)
    assert head.freedom[2] < 0.5
    assert head.freedom[0] > 2.9
    assert head.noise == pytest.approx(0.25, rel=0.2)


@pytest.mark.parametrize("unit", [1e-150, 1e-3, 7.0, 1e150])
@pytest.mark.parametrize("solve", [by_sums, by_kernels])
def test_the_unit_of_the_targets(solve, unit):
    features, targets = draw()
    (one,), _ = solve(features, targets)
    (other,), _ = solve(features, unit * targets)
    np.testing.assert_allclose(other.weights / unit, one.weights, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(other.ratios, one.ratios, rtol=1e-6)
    expected = one.log_evidence - 59 * np.log(unit)
    assert other.log_evidence == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("solve", [by_sums, by_kernels])
def test_without_noise_the_fit_is_exact(solve):
    features, targets = draw(noise=0)
    (head,), _ = solve(features, targets)
    fitted = features @ head.weights if solve is by_sums else None
    if fitted is None:
        kernel = np.tensordot(head.ratios, kernels_of(features), axes=1)
        fitted = kernel @ head.weights
    gap = fitted - fitted.mean() - (targets[:, 0] - targets.mean())
    assert np.abs(gap).max() < 1e-6 * np.ptp(targets)
    assert 0 <= head.noise < 1e-7 * targets.var()


@pytest.mark.parametrize("solve", [by_sums, by_kernels])
def test_constant_targets_have_no_fit(solve):
    features, _ = draw()
    (head,), _ = solve(features, np.full((60, 1), 3.7))
    assert not head.weights.any()
    assert head.noise == head.error == 0
    assert head.log_evidence == np.inf


def test_groups_of_zeros_and_no_features_at_all():
    features, targets = draw()
    features[:, labels == 1] = 0
    for solve in (by_sums, by_kernels):
        (head,), _ = solve(features, targets)
        assert head.ratios[1] == head.freedom[1] == 0
        (nothing,), _ = solve(0 * features, targets)
        assert not nothing.weights.any() or solve is by_kernels
        assert not nothing.ratios.any()
        variance = targets.var(ddof=1)
        assert nothing.noise == pytest.approx(variance)


def test_a_kernel_that_is_not_positive_ends_the_fit():
    features, targets = draw()
    groups = GroupKernels(-50 * kernels_of(features), Samples.of(features, targets))
    (head,), _ = groups.solve()  # of negative traces: no feature at all
    assert not head.ratios.any()
    indefinite = kernels_of(features)
    indefinite[0] += 5 * np.diag(np.where(np.arange(60) % 2, 1, -1.1))
    groups = GroupKernels(indefinite[:1], Samples.of(features, targets))
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        groups.solve()


def test_odd_targets_need_few_steps(monkeypatch):
    """Groups of no use, such as even degrees, do not take thirty rounds."""
    counts = []
    slopes = _evidence_primal._Point.slopes

    def counted(point):
        counts.append(1)
        return slopes(point)

    monkeypatch.setattr(_evidence_primal._Point, "slopes", counted)
    for seed in range(10):
        counts.clear()
        by_sums(*draw(300, seed=seed))
        assert len(counts) <= 15
