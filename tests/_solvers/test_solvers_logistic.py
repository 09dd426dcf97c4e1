"""Logistic heads against scikit-learn's, finite differences and fits without a row."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.logistic._head import folds_of, solve_logistic
from sklearn_depth._solvers.logistic._log_loss import (
    log_losses,
    loss_of_shares,
    mean_curvature,
    probabilities,
)
from sklearn_depth._solvers.logistic._objective import LogisticObjective, _product

rng = np.random.default_rng(0)
# More samples than columns, and fewer.
SHAPES = [(150, 8), (40, 90)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_count = pytest.mark.parametrize("n_classes", [2, 3, 5])


def drawn(shape, n_classes):
    """Columns, labels and weights."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal(shape)
    scores = 2 * X[:, :n_classes] + np.linspace(0, 1, n_classes)
    y = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    return X, y, rng.uniform(0.2, 3, len(X))


def as_samples(X, y, weight=None):
    hot = (y[:, None] == np.unique(y)).astype(float)
    return Samples.of(X, hot if hot.shape[1] > 2 else hot[:, 1:], weight)


def solve(X, y, weight=None, alpha=0.7, scale=None):
    samples = as_samples(X, y, weight)
    options = {"n_columns": X.shape[1], "scale": scale}
    return solve_logistic(lambda Z: Z, samples, alpha, **options)


def reference(X, y, weight, alpha=0.7):
    model = LogisticRegression(
        C=1 / (2 * alpha), solver="newton-cg", tol=1e-12, max_iter=10_000
    )
    return model.fit(X, y, weight)


@each_count
@each_shape
def test_the_head_is_logistic_regression(shape, n_classes):
    X, y, weight = drawn(shape, n_classes)
    head = solve(X, y, weight)
    expected = reference(X, y, weight)
    np.testing.assert_allclose(head.coef.T, expected.coef_, atol=2e-5)
    np.testing.assert_allclose(head.intercept, expected.intercept_, atol=1e-4)
    assert head.alpha == 0.7


@each_count
@each_shape
def test_the_gradient_vanishes(shape, n_classes):
    X, y, weight = drawn(shape, n_classes)
    samples, head = as_samples(X, y, weight), solve(X, y, weight)
    p = probabilities(X @ head.coef + head.intercept)
    pull = weight[:, None] * (p - samples.targets)
    np.testing.assert_allclose(X.T @ pull + 1.4 * head.coef, 0, atol=1e-5)
    np.testing.assert_allclose(pull.sum(axis=0), 0, atol=1e-5)


def test_a_scale_of_columns_is_a_penalty_for_each():
    X, y, weight = drawn((150, 8), 3)
    scale = np.array([2.0, 1, 0.5, 1, 0, 3, 1, 1])
    head = solve(X, y, weight, scale=scale)
    expected = solve(X * scale, y, weight)
    np.testing.assert_allclose(head.coef, scale[:, None] * expected.coef, atol=1e-6)
    assert not head.coef[4].any()


def test_two_classes_by_softmax_are_the_binary_head():
    """Two outputs w and -w at a penalty alpha are one of 2 w at alpha / 2."""
    X, y, weight = drawn((150, 8), 2)
    hot = np.column_stack([1 - y, y]).astype(float)
    both = solve_logistic(
        lambda Z: Z, Samples.of(X, hot, weight), 1.4, n_columns=X.shape[1]
    )
    one = solve(X, y, weight)
    np.testing.assert_allclose(both.coef[:, 1], -both.coef[:, 0], atol=1e-7)
    np.testing.assert_allclose(
        both.coef[:, 1] - both.coef[:, 0], one.coef[:, 0], atol=1e-6
    )


@pytest.mark.parametrize("alpha", [0.3, 5.0])
@each_shape
def test_leave_one_out_is_what_fits_without_a_row_say(shape, alpha):
    X, y, weight = drawn(shape, 2)
    errors = []
    for i in range(len(X)):
        kept = np.arange(len(X)) != i
        head = solve(X[kept], y[kept], weight[kept], alpha)
        errors.append(log_losses(X[i : i + 1] @ head.coef + head.intercept, y[i])[0])
    found = solve(X, y, weight, alpha).error
    assert found == pytest.approx(np.average(errors, weights=weight), rel=0.02)
    assert found > 1.1 * np.average(
        log_losses(_margins(X, solve(X, y, weight, alpha)), y[:, None]), weights=weight
    )


def _margins(X, head):
    return X @ head.coef + head.intercept


def test_several_classes_leave_folds_out():
    X, y, weight = drawn((150, 8), 3)
    samples = as_samples(X, y, weight)
    folds, errors = folds_of(samples), np.empty(len(X))
    for fold in range(3):
        out = folds == fold
        head = solve(X[~out], y[~out], weight[~out])
        errors[out] = log_losses(_margins(X[out], head), samples.targets[out])
    expected = np.average(errors, weights=weight)
    assert solve(X, y, weight).error == pytest.approx(expected, rel=1e-4)


def test_folds_have_all_classes_and_no_order():
    X, y, _ = drawn((150, 8), 5)
    folds = folds_of(as_samples(X, y))
    for k in range(5):
        counts = np.bincount(folds[y == k], minlength=3)
        assert np.ptp(counts) <= 1
    order = rng.permutation(150)
    np.testing.assert_array_equal(
        folds_of(as_samples(X[order], y[order])), folds[order]
    )
    y = np.where(np.arange(150) == 7, 9, y)  # alone of its class, and never left out
    np.testing.assert_array_equal(folds_of(as_samples(X, y)) == -1, y == 9)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_row_alone_of_its_class_is_told_by_shares(n_classes):
    X, _, _ = drawn((30, 3), n_classes)
    y = np.arange(30) % (n_classes - 1)
    y[11] = n_classes
    head = solve(X, y)
    samples, folds = as_samples(X, y), folds_of(as_samples(X, y))
    errors = np.full(30, np.log(30.0))
    parts = [np.arange(30) == i for i in range(30)]
    for out in parts if n_classes == 2 else [folds == k for k in range(3)]:
        if not out[11]:
            head = solve(X[~out], y[~out])
            errors[out] = log_losses(_margins(X[out], head), samples.targets[out])
    assert solve(X, y).error == pytest.approx(errors.mean(), rel=0.01)


@each_count
@pytest.mark.parametrize("n_rows", [150, 1600])
def test_the_chosen_penalty_is_nearly_the_best(n_rows, n_classes):
    X, y, weight = drawn((n_rows, 30), n_classes)
    found = solve(X, y, weight, "loo")
    grid = [solve(X, y, weight, alpha).error for alpha in 10 ** np.arange(-3, 4.1)]
    shares = loss_of_shares(as_samples(X, y, weight).mean)
    assert found.error <= min(grid) + 0.03 * (shares - min(grid))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_weights_are_repetition_and_their_unit_does_not_matter(n_classes):
    X, y, _ = drawn((60, 6), n_classes)
    times = np.random.default_rng(2).integers(1, 4, 60)
    rows = np.repeat(np.arange(60), times)
    weighted = solve(X, y, times.astype(float))
    np.testing.assert_allclose(solve(X[rows], y[rows]).coef, weighted.coef, atol=1e-7)
    chosen = [solve(X, y, unit * times, "loo") for unit in (1.0, 100.0)]
    np.testing.assert_allclose(chosen[0].coef, chosen[1].coef, atol=1e-7)
    assert chosen[1].alpha == pytest.approx(100 * chosen[0].alpha)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_separated_classes_have_finite_coefficients(n_classes):
    X = np.linspace(-1, 1, 60)[:, None] * np.ones(3)
    y = np.digitize(X[:, 0], np.linspace(-1, 1, n_classes + 1)[1:-1])
    head = solve(X, y, None, "loo")
    assert np.isfinite(head.coef).all()
    assert np.abs(head.coef).max() < 1e6
    assert head.error < 0.1
    p = _margins(X, head)
    labels = p.argmax(axis=1) if n_classes > 2 else p[:, 0] > 0
    assert np.mean(labels == y) > 0.95


@pytest.mark.parametrize("n_classes", [2, 3])
def test_noise_gets_the_shares(n_classes):
    X = np.random.default_rng(3).standard_normal((300, 20))
    y = np.random.default_rng(4).integers(0, n_classes, 300)
    head = solve(X, y, None, "loo")
    shares = loss_of_shares(as_samples(X, y).mean)
    assert head.error < 1.02 * shares
    assert np.std(_margins(X, head)) < 0.3


def test_constant_columns_leave_an_intercept():
    y = np.arange(50) % 5 == 0
    head = solve(np.ones((50, 3)), y, None, "loo")
    np.testing.assert_array_equal(head.coef, 0)
    assert head.intercept[0] == pytest.approx(np.log(0.2 / 0.8))


@each_count
def test_a_doubt_is_a_share_of_labels_that_are_unknown(n_classes):
    """Errors are linear in it, and those of doubted labels no less than of shares."""
    X, y, weight = drawn((150, 8), n_classes)
    samples = as_samples(X, y, weight)

    def error(doubt, alpha=0.7):
        head = solve_logistic(lambda Z: Z, samples, alpha, n_columns=8, doubt=doubt)
        return head.error

    assert error(0) == solve(X, y, weight).error
    assert error(0.3) == pytest.approx(0.7 * error(0) + 0.3 * error(1))
    assert error(1) > loss_of_shares(samples.mean)


@each_count
def test_doubt_raises_the_penalty(n_classes):
    X, y, weight = drawn((150, 8), n_classes)
    samples = as_samples(X, y, weight)
    alphas = [
        solve_logistic(lambda Z: Z, samples, "loo", n_columns=8, doubt=doubt).alpha
        for doubt in (0, 0.1, 0.5)
    ]
    assert alphas == sorted(alphas)
    assert alphas[0] < alphas[-1]


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_derivatives_are_finite_differences(n_outputs):
    T = rng.standard_normal((40, 4))
    shares = rng.dirichlet(np.ones(max(n_outputs, 2)), 40)
    weight = rng.uniform(0.5, 2, 40)
    rows = np.column_stack([T, np.ones(40)])
    targets = shares[:, -n_outputs:]
    objective = LogisticObjective(rows, np.ones(4), targets, weight, 0.3, targets)
    at, h = rng.standard_normal((5, n_outputs)), 1e-6

    def value(parameters):
        return objective.value(parameters, objective.margins(parameters))

    def gradient(parameters):
        p = probabilities(objective.margins(parameters))
        return objective.gradient(parameters, p)

    p, found = probabilities(objective.margins(at)), gradient(at)
    for i, j in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[i, j] = h
        slope = (value(at + step) - value(at - step)) / (2 * h)
        assert found[i, j] == pytest.approx(slope, rel=1e-5, abs=1e-6)
        column = (gradient(at + step) - gradient(at - step)) / (2 * h)
        if n_outputs == 1:
            factor = objective.factor(p)
            product = (factor @ factor.T)[:, [i]]
        else:
            product = _product(objective, p, step.ravel() / h).reshape(at.shape)
        np.testing.assert_allclose(product, column, atol=1e-5)


def test_the_mean_curvature_of_two_outputs_is_that_of_one():
    p = rng.uniform(0.01, 0.99, (20, 1))
    both = mean_curvature(np.hstack([p, 1 - p]))
    np.testing.assert_allclose(both, 2 * mean_curvature(p), rtol=1e-12)
