"""Ridge through an orthogonal factor, against scikit-learn, refits and polynomials."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from refits import leave_one_out_error
from scipy import linalg
from sklearn.linear_model import BayesianRidge, Ridge

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge import _orthogonal
from sklearn_depth._solvers.ridge._orthogonal import solve_orthogonal_ridge

each_weighting = pytest.mark.parametrize("weighting", [None, "copies", "shares"])
each_shape = pytest.mark.parametrize("shape", [(150, 7), (40, 9), (12, 30)], ids=str)


def problem(shape, weighting=None, n_targets=3, seed=0):
    """Columns of unlike scales and means, targets with an offset, weights or None."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal(shape) * np.geomspace(0.1, 5, shape[1]) + 1
    Y = X[:, :1] * [10, -1, 0.5][:n_targets] + rng.normal(2, 1, (shape[0], n_targets))
    weight = None
    if weighting is not None:
        weight = rng.integers(1, 4, shape[0]).astype(float)
    if weighting == "shares":
        weight /= weight.sum()
    return X, Y, weight


def solve(X, Y, weight=None, alpha="auto", *, merged=False, **options):
    samples = Samples.of(X, Y, weight)
    if merged:
        samples = samples.merged()
    return solve_orthogonal_ridge(
        lambda rows: rows, samples, alpha, n_columns=X.shape[1], **options
    )


def moments(X, weight):
    weight = np.ones(len(X)) if weight is None else weight
    mean = np.average(X, axis=0, weights=weight)
    return mean, np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight)), weight


def hat_matrix(X, weight, alpha):
    """What turns sqrt(weight) y into its fit, with an intercept free of the penalty."""
    mean, deviation, weight = moments(X, weight)
    root = np.sqrt(weight)[:, None]
    design = np.hstack([root, root * (X - mean) / deviation])
    penalty = np.diag([0.0] + [alpha] * X.shape[1])
    return design @ np.linalg.solve(design.T @ design + penalty, design.T)


def sklearn_ridge(X, y, weight, alpha, scale):
    """On features in units of ``scale``."""
    model = Ridge(alpha=alpha, solver="svd", tol=0)
    return model.fit(X / scale, y, sample_weight=weight)


@each_shape
@each_weighting
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_a_given_penalty_is_that_of_standardised_features(shape, weighting, alpha):
    X, Y, weight = problem(shape, weighting)
    head, _ = solve(X, Y, weight, alpha)
    scale = moments(X, weight)[1]
    reference = sklearn_ridge(X, Y, weight, alpha, scale)
    coef = reference.coef_.T / scale[:, None]
    np.testing.assert_allclose(head.coef, coef, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(head.intercept, reference.intercept_, rtol=1e-8)
    np.testing.assert_array_equal(head.alpha, [alpha] * 3)
    assert head.error is None


@each_weighting
@pytest.mark.parametrize("least", [0.01, 0.3, 1.0])
def test_small_deviations_count_as_a_share_of_the_largest(weighting, least):
    X, Y, weight = problem((60, 9), weighting)
    head, _ = solve(X, Y, weight, 1.0, least_scale=least)
    scale = moments(X, weight)[1]
    scale = np.maximum(scale, least * scale.max())
    reference = sklearn_ridge(X, Y, weight, 1.0, scale)
    np.testing.assert_allclose(head.coef, reference.coef_.T / scale[:, None], rtol=1e-8)


@each_weighting
@pytest.mark.parametrize("alpha", [0.0, 1e-3, 1.0])
def test_the_gradient_of_the_objective_vanishes(weighting, alpha):
    X, Y, weight = problem((60, 7), weighting)
    head, _ = solve(X, Y, weight, alpha)
    _, scale, weight = moments(X, weight)
    pull = weight[:, None] * (Y - X @ head.coef - head.intercept)
    penalty = alpha * scale[:, None] ** 2 * head.coef
    np.testing.assert_allclose(X.T @ pull, penalty, atol=1e-9)
    np.testing.assert_allclose(pull.sum(axis=0), 0, atol=1e-10)


def brute_force_gcv(X, y, weight, alpha):
    hat = hat_matrix(X, weight, alpha)
    z = y if weight is None else np.sqrt(weight) * y
    total = len(X) if weight is None else weight.sum()
    free = 1 - np.trace(hat) / len(X)
    return np.sum((z - hat @ z) ** 2) / total / free**2


def brute_force_leave_one_out(X, y, weight, alpha):
    """In the units of all rows."""
    return leave_one_out_error(X / moments(X, weight)[1], y, weight, alpha)


@each_shape
@each_weighting
def test_errors_by_brute_force(shape, weighting):
    """GCV with more rows a column than ``few_rows``, else exact leave-one-out."""
    X, Y, weight = problem(shape, weighting)
    many = len(X) > 10 * shape[1]
    brute_force = brute_force_gcv if many else brute_force_leave_one_out
    head, _ = solve(X, Y, weight, few_rows=10)
    for k, y in enumerate(Y.T):
        alpha = head.alpha[k]
        error = brute_force(X, y, weight, alpha)
        assert head.error[k] == pytest.approx(error, rel=1e-7, abs=0)
        factors = np.geomspace(1e-4, 1e4, 33 if many else 9)
        others = [brute_force(X, y, weight, alpha * f) for f in factors]
        assert error <= 1.02 * min(others)


@pytest.mark.parametrize("n_rows", [12, 31])
def test_leave_one_out_of_fits_that_interpolate(n_rows):
    """Errors of vanishing penalties: their limit or none, but nothing better."""
    X, Y, _ = problem((n_rows, 30))
    head, _ = solve(X, Y)
    for k, y in enumerate(Y.T):
        error = brute_force_leave_one_out(X, y, None, max(head.alpha[k], 1e-9))
        assert head.error[k] == pytest.approx(error, rel=1e-3)


def test_few_rows_as_given():
    X, Y, _ = problem((100, 8))
    gcv, loo = (solve(X, Y, few_rows=few)[0] for few in (12, 13))
    for word, expected in (("gcv", gcv), ("loo", loo)):
        for few in (12, 13):  # these words mean one thing each
            found = solve(X, Y, None, word, few_rows=few)[0]
            np.testing.assert_array_equal(found.alpha, expected.alpha)
            np.testing.assert_array_equal(found.error, expected.error)
    for k, y in enumerate(Y.T):
        expected = brute_force_gcv(X, y, None, gcv.alpha[k])
        assert gcv.error[k] == pytest.approx(expected, rel=1e-8)
        expected = brute_force_leave_one_out(X, y, None, loo.alpha[k])
        assert loo.error[k] == pytest.approx(expected, rel=1e-8)


def test_equal_rows_leave_together():
    X, Y, _ = problem((20, 5))
    twice, labels = np.tile(X, (2, 1)), np.tile(np.arange(20), 2)
    Y = np.vstack([Y, Y + 0.3])
    head, _ = solve(twice, Y, None, "loo", merged=True)
    scale = moments(twice, None)[1]
    for k, y in enumerate(Y.T):
        squares = []
        for group in range(20):
            left = labels != group
            model = sklearn_ridge(twice[left], y[left], None, head.alpha[k], scale)
            misses = y[~left] - model.predict(twice[~left] / scale)
            squares.append(misses**2)
        assert head.error[k] == pytest.approx(np.mean(squares), rel=1e-8)


@each_weighting
def test_blocks_are_the_whole(weighting, monkeypatch):
    X, Y, weight = problem((150, 7), weighting)
    whole, posterior = solve(X, Y, weight)
    sizes = []

    def small_blocks(n_rows, n_columns):
        sizes.append(n_columns)
        return [slice(k, min(k + 13, n_rows)) for k in range(0, n_rows, 13)]

    monkeypatch.setattr(_orthogonal, "row_blocks", small_blocks)
    parts, again = solve(X, Y, weight)
    assert sizes == [11]
    np.testing.assert_allclose(parts.alpha, whole.alpha, rtol=1e-12)
    np.testing.assert_allclose(parts.coef, whole.coef, rtol=1e-9)
    np.testing.assert_allclose(parts.intercept, whole.intercept, rtol=1e-9)
    np.testing.assert_allclose(again.noise, posterior.noise, rtol=1e-9)
    np.testing.assert_allclose(again.deviation(X), posterior.deviation(X), rtol=1e-8)


@pytest.mark.parametrize("shape", [(150, 7), (40, 9)], ids=str)
@pytest.mark.parametrize("alpha", ["auto", "loo", "gcv", 0.3])
def test_weights_are_repetition(shape, alpha):
    X, Y, weight = problem(shape, "copies")
    times = weight.astype(int)
    repeated = np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0)
    weighted, one = solve(X, Y, weight, alpha, merged=True)
    copied, other = solve(*repeated, None, alpha, merged=True)
    for name in ("coef", "intercept", "alpha"):
        np.testing.assert_allclose(
            getattr(weighted, name), getattr(copied, name), rtol=1e-7
        )
    np.testing.assert_allclose(one.noise, other.noise, rtol=1e-8)
    np.testing.assert_allclose(one.deviation(X), other.deviation(X), rtol=1e-7)


@pytest.mark.parametrize("word", ["auto", "loo", "gcv"])
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 5.0, 1e200])
def test_the_unit_of_the_weights_moves_nothing_but_the_penalty(unit, word):
    X, Y, weight = problem((150, 7), "copies")
    plain, posterior = solve(X, Y, weight, word)
    head, other = solve(X, Y, unit * weight, word)
    for name in ("coef", "intercept", "error"):
        np.testing.assert_allclose(getattr(head, name), getattr(plain, name), rtol=1e-8)
    np.testing.assert_allclose(head.alpha / unit, plain.alpha, rtol=1e-8)
    np.testing.assert_allclose(other.deviation(X), posterior.deviation(X), rtol=1e-8)


def test_constant_features_count_for_nothing():
    X, Y, _ = problem((60, 4))
    wide = np.column_stack([X[:, :2], np.full((60, 2), 1e6), X[:, 2:], np.zeros(60)])
    for alpha in ("auto", 0.0, 1.0):
        plain, posterior = solve(X, Y, None, alpha, few_rows=0)
        head, other = solve(wide, Y, None, alpha, few_rows=0)
        np.testing.assert_array_equal(head.coef[[2, 3, 6]], 0)
        np.testing.assert_allclose(head.coef[[0, 1, 4, 5]], plain.coef, rtol=1e-9)
        np.testing.assert_allclose(head.alpha, plain.alpha, rtol=1e-9)
        expected = posterior.deviation(X)
        np.testing.assert_allclose(other.deviation(wide), expected, rtol=1e-9)


@pytest.mark.parametrize("alpha", ["auto", "loo", "gcv", 0.0, 1.0])
@pytest.mark.parametrize("n_rows", [2, 5, 60])
def test_nothing_but_constant_features(n_rows, alpha):
    """The mean, with its textbook standard error."""
    Y = problem((n_rows, 1))[1]
    head, posterior = solve(np.full((n_rows, 4), 3.7), Y, None, alpha)
    np.testing.assert_array_equal(head.coef, 0)
    np.testing.assert_allclose(head.intercept, Y.mean(axis=0))
    expected = Y.std(axis=0, ddof=1) / np.sqrt(n_rows)
    found = posterior.deviation(np.full((3, 4), 3.7))
    np.testing.assert_allclose(found, np.tile(expected, (3, 1)), rtol=1e-10)


def test_collinear_features_share_a_coefficient():
    X, Y, _ = problem((60, 3))
    head, _ = solve(np.hstack([X, X]), Y, None, 2.0)
    plain, _ = solve(X, Y, None, 1.0)
    np.testing.assert_allclose(head.coef[:3], plain.coef / 2, rtol=1e-9)
    np.testing.assert_allclose(head.coef[3:], plain.coef / 2, rtol=1e-9)


def test_without_a_penalty_it_is_least_squares():
    X, Y, weight = problem((60, 7), "copies")
    root = np.sqrt(weight)[:, None]
    design = np.column_stack([np.ones(60), X])
    expected = np.linalg.lstsq(root * design, root * Y, rcond=None)[0]
    head, _ = solve(X, Y, weight, 0.0)
    np.testing.assert_allclose(head.coef, expected[1:], rtol=1e-9)
    np.testing.assert_allclose(head.intercept, expected[0], rtol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 1e-8])
def test_more_columns_than_rows_interpolate(alpha):
    X, Y, _ = problem((12, 30))
    head, posterior = solve(X, Y, None, alpha)
    fit = X @ head.coef + head.intercept
    np.testing.assert_allclose(fit, Y, atol=1e-6)
    if alpha == 0:
        mean, scale, _ = moments(X, None)
        least = np.linalg.pinv((X - mean) / scale) @ (Y - Y.mean(axis=0))
        np.testing.assert_allclose(head.coef * scale[:, None], least, atol=1e-9)
        assert np.isinf(posterior.noise).all()
        assert np.isinf(posterior.deviation(X)).all()


@each_weighting
@pytest.mark.parametrize("alpha", [0.0, 0.5, 30.0])
def test_noise_and_posterior_by_the_normal_equations(weighting, alpha):
    X, Y, weight = problem((60, 7), weighting)
    unit = 1.0 if weight is None else weight.mean()
    weight = None if weight is None else weight / unit
    hat = hat_matrix(X, weight, alpha)
    mean, scale, share = moments(X, weight)
    root = np.sqrt(share)[:, None]
    rss = np.sum((root * Y - hat @ (root * Y)) ** 2, axis=0)
    noise = np.sqrt(rss / (len(X) - np.trace(hat)))
    given = None if weight is None else unit * weight
    head, posterior = solve(X, Y, given, unit * alpha)
    np.testing.assert_allclose(posterior.noise, noise, rtol=1e-9)
    standard = (X - mean) / scale
    precision = standard.T @ (share[:, None] * standard) + alpha * np.eye(7)
    new = np.random.default_rng(1).standard_normal((20, 7)) * 3
    z = (new - mean) / scale
    forms = np.einsum("ij,ij->i", z @ np.linalg.inv(precision), z)
    expected = noise * np.sqrt(1 / share.sum() + forms)[:, None]
    np.testing.assert_allclose(posterior.deviation(new), expected, rtol=1e-8)
    # At the training rows it is the leverage: H is the posterior over the noise.
    if weighting is None:
        leverage = np.sqrt(np.diag(hat))[:, None]
        found = posterior.deviation(X)
        np.testing.assert_allclose(found, noise * leverage, rtol=1e-8)
    assert head.coef.shape == (7, 3)


def test_the_posterior_is_bayesian_ridges():
    """With its precisions, less the constant's, which it leaves out."""
    X, Y, _ = problem((200, 6), n_targets=1)
    mean, scale, _ = moments(X, None)
    Z = (X - mean) / scale
    bayes = BayesianRidge(max_iter=1000, tol=1e-12).fit(Z, Y[:, 0])
    head, posterior = solve(X, Y, None, bayes.lambda_ / bayes.alpha_)
    np.testing.assert_allclose(head.coef[:, 0] * scale, bayes.coef_, rtol=1e-6)
    variance = np.einsum("ij,jk,ik->i", Z, bayes.sigma_, Z) * bayes.alpha_
    expected = posterior.noise * np.sqrt(1 / 200 + variance)[:, None]
    np.testing.assert_allclose(posterior.deviation(X), expected, rtol=1e-6)
    assert 1 / bayes.alpha_ == pytest.approx(posterior.noise[0] ** 2, rel=0.05)


def test_the_noise_is_that_of_the_residuals():
    """Unbiased at alpha = 0, and near it under a penalty that GCV chose."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 10))
    Y = X[:, :1] + 0.7 * rng.standard_normal((300, 200))
    for alpha in (0.0, "auto", "loo", "gcv"):
        noise = solve(X, Y, None, alpha)[1].noise
        assert np.mean(noise**2) == pytest.approx(0.49, rel=0.02)


@pytest.mark.parametrize("offset", [0, 1e6])
def test_many_targets_are_each_its_own(offset):
    X, Y, _ = problem((150, 7))
    Y = Y + offset
    together, posterior = solve(X, Y)
    assert len(set(together.alpha)) > 1
    for k in range(3):
        alone, other = solve(X, Y[:, [k]])
        np.testing.assert_allclose(alone.alpha[0], together.alpha[k], rtol=1e-9)
        np.testing.assert_allclose(alone.coef[:, 0], together.coef[:, k], rtol=1e-5)
        deviation = posterior.deviation(X)[:, k]
        np.testing.assert_allclose(other.deviation(X)[:, 0], deviation, rtol=1e-6)


@pytest.mark.parametrize("scale_x", [1e-150, 1e-30, 1e30, 1e150])
@pytest.mark.parametrize("scale_y", [1e-30, 1e30])
def test_units(scale_x, scale_y):
    X, Y, _ = problem((150, 7))
    plain, posterior = solve(X, Y)
    head, other = solve(scale_x * X, scale_y * Y)
    np.testing.assert_allclose(head.coef * scale_x / scale_y, plain.coef, rtol=1e-8)
    np.testing.assert_allclose(head.alpha, plain.alpha, rtol=1e-8)
    expected = scale_y * posterior.deviation(X)
    np.testing.assert_allclose(other.deviation(scale_x * X), expected, rtol=1e-8)


@pytest.mark.parametrize("spread", [1e-4, 1e-6])
def test_nearly_dependent_features(spread):
    """Polynomials of a short interval far from 0, whose Gram matrix is singular."""
    x = np.linspace(-1, 1, 400)
    powers = (1 + spread * x[:, None]) ** np.arange(1, 4)
    y = chebyshev.chebval(x, [0, 1, -0.5])[:, None]
    assert linalg.svdvals(np.cov(powers.T))[1] < 1e-8
    head, _ = solve(powers, y, None, 0.0)
    # The second power tells itself from the first by spread^2 of its size.
    error = powers @ head.coef + head.intercept - y
    assert np.abs(error).max() < 1e-14 / spread**2 + 1e-10
    chosen, _ = solve(powers, y)
    error = powers @ chosen.coef + chosen.intercept - y
    assert np.abs(error).max() < 1e-13 / spread**2 + 1e-8


def test_overflow_is_refused():
    X, Y, _ = problem((20, 3))
    with pytest.raises(ValueError, match=r"overflow.*Scale X and y"):
        solve(np.where(X > 1, np.inf, X), Y)
