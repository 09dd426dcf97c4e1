"""The sigmoid head: its gradient, its constants, its solvers and their warnings."""

import warnings

import numpy as np
import pytest
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._solvers._sigmoid_head import (
    SigmoidHead,
    _Objective,
    train_sigmoid_head,
)

SIGMOIDS = {"logistic": expit, "clip": lambda z: np.minimum(np.maximum(z, 0), 1)}
each_output = pytest.mark.parametrize("output", list(SIGMOIDS))
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])


def problem(n_targets=2, seed=0):
    """Hidden features, targets in [0, 1], weights, and parameters off the flat ends."""
    rng = np.random.default_rng(seed)
    hidden = rng.uniform(-1, 1, (50, 6))
    targets = rng.uniform(0, 1, (50, n_targets))
    parameters = 0.3 * rng.standard_normal((7, n_targets))
    parameters[-1] += 0.4
    return hidden, targets, rng.uniform(0.2, 3, 50), parameters


def train(hidden, targets, coef, weight=None, intercept=0.0, **options):
    usual = {
        "output": "clip",
        "solver": "gd",
        "learning_rate": "auto",
        "alpha": 0.0,
        "fit_intercept": False,
        "max_iter": 100,
        "tol": 0.0,
    }
    start = SigmoidHead(coef.copy(), np.full(targets.shape[1], intercept), [])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*stopped at max_iter.*")
        return train_sigmoid_head(
            hidden.copy(), targets, weight, start, **usual | options
        )


def loss_by_hand(hidden, targets, weight, parameters, output, alpha):
    error = SIGMOIDS[output](hidden @ parameters[:-1] + parameters[-1]) - targets
    squares = sum(w * np.sum(e**2) for w, e in zip(weight, error, strict=True))
    return squares / sum(weight) + alpha * np.sum(parameters[:-1] ** 2)


@each_output
@each_intercept
def test_gradient_by_finite_differences(output, fit_intercept):
    hidden, targets, weight, parameters = problem()
    sigmoid = OUTPUT_SIGMOIDS[output]
    objective = _Objective(hidden, targets, weight, sigmoid, 0.1, fit_intercept)
    loss, gradient = objective(parameters)
    by_hand = [hidden, targets, weight]
    expected_loss = loss_by_hand(*by_hand, parameters, output, 0.1)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    expected = np.empty(parameters.shape)
    for index in np.ndindex(parameters.shape):
        shift = np.zeros(parameters.shape)
        shift[index] = 1e-6
        ends = [
            loss_by_hand(*by_hand, parameters + sign * shift, output, 0.1)
            for sign in (1, -1)
        ]
        expected[index] = (ends[0] - ends[1]) / 2e-6
    if not fit_intercept:
        expected[-1] = 0
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


@each_output
def test_apply_is_the_sigmoid_and_its_slope(output):
    z = np.array([-30, -1.7, -0.2, 0.3, 0.9, 1.4, 30])
    value, slope = OUTPUT_SIGMOIDS[output].apply(z)
    np.testing.assert_allclose(value, SIGMOIDS[output](z))
    ends = [SIGMOIDS[output](z + step) for step in (1e-6, -1e-6)]
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-6, atol=1e-9)


@each_output
def test_inverse(output):
    sigmoid = OUTPUT_SIGMOIDS[output]
    p = np.array([0.01, 0.3, 0.5, 0.95])
    np.testing.assert_allclose(sigmoid.apply(sigmoid.inverse(p))[0], p)
    _, slope = sigmoid.apply(sigmoid.inverse(np.array([0.0, 1.0])))
    assert (slope > 0).all()


def test_curvature_of_the_logistic_output():
    """Half the second derivative of (s - y)² is s'² + (s - y) s''; here by a grid."""
    z, y = np.linspace(-10, 10, 20_001)[:, None], np.linspace(0, 1, 11)
    slope = expit(z) * (1 - expit(z))
    bend = slope * (1 - 2 * expit(z))
    worst = np.max(abs(slope**2 + (expit(z) - y) * bend))
    assert 0.998 * OUTPUT_SIGMOIDS["logistic"].curvature < worst
    assert worst <= OUTPUT_SIGMOIDS["logistic"].curvature


@each_intercept
@pytest.mark.parametrize("shape", [(50, 6), (10, 30)])
@pytest.mark.parametrize("size", [3.0, 1e-3])  # where the intercept bends less or more
def test_smoothness_bounds_the_change_of_the_gradient(fit_intercept, shape, size):
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal(shape) * size
    weight = rng.uniform(0.2, 3, shape[0])
    hidden -= fit_intercept * np.average(hidden, axis=0, weights=weight)
    targets = rng.integers(0, 2, (shape[0], 1)).astype(float)
    logistic = OUTPUT_SIGMOIDS["logistic"]
    objective = _Objective(hidden, targets, weight, logistic, 0.01, fit_intercept)
    bound, ratios = objective.smoothness(), []
    for scale in np.geomspace(1e-2, 1e2, 500):
        first = scale * rng.standard_normal((shape[1] + 1, 1))
        second = first + 0.1 * scale * rng.standard_normal(first.shape)
        if not fit_intercept:
            first[-1] = second[-1] = 0
        change = objective(first)[1] - objective(second)[1]
        ratios.append(np.linalg.norm(change) / np.linalg.norm(first - second))
    assert 0.05 * bound < max(ratios) <= bound


def test_smoothness_is_attained():
    """One feature, the target 1 and the worst pre-activation: no slack but rounding."""
    hidden, targets = np.full((4, 1), 2.0), np.ones((4, 1))
    logistic = OUTPUT_SIGMOIDS["logistic"]
    objective = _Objective(hidden, targets, None, logistic, 0.0, False)
    at = np.linspace(-3, 3, 2001)
    slopes = [objective(np.array([[w], [0.0]]))[1][0, 0] for w in at]
    steepest = np.max(np.abs(np.diff(slopes) / np.diff(at)))
    assert 0.995 * objective.smoothness() < steepest <= objective.smoothness()


def test_smoothness_of_the_clipped_output_is_that_of_least_squares():
    hidden, targets, weight, _ = problem()
    clip = OUTPUT_SIGMOIDS["clip"]
    objective = _Objective(hidden, targets, weight, clip, 0.3, False)
    hessian = 2 * (hidden.T * weight / weight.sum()) @ hidden + 2 * 0.3 * np.eye(6)
    assert objective.smoothness() == pytest.approx(np.linalg.eigvalsh(hessian)[-1])


@each_output
@each_intercept
@pytest.mark.parametrize("seed", range(3))
def test_descent_at_the_automatic_rate_never_rises(output, fit_intercept, seed):
    hidden, targets, weight, parameters = problem(seed=seed)
    head = train(
        *(hidden, targets, parameters[:-1], weight),
        intercept=0.4,
        output=output,
        fit_intercept=fit_intercept,
        alpha=1e-3,
        max_iter=300,
    )
    assert len(head.loss_curve) == 300
    assert (np.diff(head.loss_curve) < 1e-15).all()
    assert head.loss_curve[-1] < 0.85 * head.loss_curve[0]


def test_the_first_step_is_the_papers():
    """w - eta (2/n) sum_i ([w.x_i]_+^1 - y_i) 1{0 < w.x_i < 1} x_i."""
    rng = np.random.default_rng(0)
    hidden = rng.uniform(-1, 1, (60, 8))
    y = rng.integers(0, 2, 60).astype(float)
    w = rng.standard_normal(8)
    eta = 0.7
    expected = w.copy()
    for row, label in zip(hidden, y, strict=True):
        z = float(w @ row)
        if 0 < z < 1:
            expected -= eta * 2 / 60 * (z - label) * row
    head = train(hidden, y[:, None], w[:, None], learning_rate=eta, max_iter=1)
    np.testing.assert_allclose(head.coef[:, 0], expected, atol=1e-14)
    np.testing.assert_array_equal(head.intercept, 0)
    clipped = np.minimum(np.maximum(hidden @ w, 0), 1)
    assert head.loss_curve == [pytest.approx(np.mean((clipped - y) ** 2))]


@each_output
@each_intercept
def test_lbfgs_reaches_a_stationary_point(output, fit_intercept):
    hidden, targets, weight, parameters = problem()
    head = train(
        *(hidden, targets, parameters[:-1], weight),
        solver="lbfgs",
        output=output,
        fit_intercept=fit_intercept,
        alpha=1e-3,
        max_iter=1000,
        tol=1e-8,
    )
    sigmoid = OUTPUT_SIGMOIDS[output]
    objective = _Objective(hidden, targets, weight, sigmoid, 1e-3, fit_intercept)
    loss, gradient = objective(np.vstack([head.coef, head.intercept]))
    assert abs(gradient).max() < 1e-7
    assert loss == pytest.approx(head.loss_curve[-1], rel=1e-9)
    assert (np.diff(head.loss_curve) <= 0).all()


@each_output
def test_both_solvers_find_the_same_minimum(output):
    hidden, targets, weight, parameters = problem()
    options = {"output": output, "fit_intercept": True, "alpha": 0.01}
    arguments = hidden, targets, parameters[:-1], weight
    descended = train(*arguments, **options, max_iter=20_000)
    quasi_newton = train(*arguments, **options, solver="lbfgs", tol=1e-10)
    np.testing.assert_allclose(descended.coef, quasi_newton.coef, atol=1e-6)
    np.testing.assert_allclose(descended.intercept, quasi_newton.intercept, atol=1e-6)


def test_with_an_intercept_shifted_features_make_no_difference():
    hidden, targets, weight, parameters = problem()
    coef, shift = parameters[:-1], np.arange(6.0)
    first = train(hidden, targets, coef, weight, fit_intercept=True)
    intercept = first.intercept - shift @ first.coef
    start = -shift @ coef
    moved = train_sigmoid_head(
        hidden + shift,
        targets,
        weight,
        SigmoidHead(coef.copy(), start, []),
        output="clip",
        solver="lbfgs",
        learning_rate="auto",
        alpha=0.0,
        fit_intercept=True,
        max_iter=1000,
        tol=1e-9,
    )
    reference = train(
        *(hidden, targets, coef, weight),
        fit_intercept=True,
        solver="lbfgs",
        max_iter=1000,
        tol=1e-9,
    )
    assert intercept.shape == moved.intercept.shape
    np.testing.assert_allclose(moved.coef, reference.coef, atol=1e-6)


@each_output
def test_weights_are_repetition(output):
    hidden, targets, _, parameters = problem()
    times = np.random.default_rng(1).integers(1, 4, 50)
    options = {"output": output, "fit_intercept": True, "alpha": 0.01}
    weighted = train(hidden, targets, parameters[:-1], times.astype(float), **options)
    repeated = [np.repeat(array, times, axis=0) for array in (hidden, targets)]
    reference = train(*repeated, parameters[:-1], **options)
    np.testing.assert_allclose(weighted.coef, reference.coef, atol=1e-12)
    np.testing.assert_allclose(weighted.loss_curve, reference.loss_curve, atol=1e-12)


def test_descent_fits_each_target_on_its_own():
    hidden, targets, weight, parameters = problem(n_targets=3)
    together = train(hidden, targets, parameters[:-1], weight)
    for k in range(3):
        alone = train(hidden, targets[:, [k]], parameters[:-1, [k]], weight)
        np.testing.assert_allclose(together.coef[:, k], alone.coef[:, 0], atol=1e-13)


def test_descent_stops_at_the_tolerance():
    hidden, _, _, parameters = problem(n_targets=1)
    targets = SIGMOIDS["clip"](hidden @ parameters[:-1] + 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        head = train(
            *(hidden, targets, 0 * parameters[:-1]),
            intercept=0.4,
            fit_intercept=True,
            max_iter=5000,
            tol=1e-4,
        )
    assert head.loss_curve[-1] <= 1e-4 < head.loss_curve[-2]
    assert len(head.loss_curve) < 5000


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_running_out_of_iterations_is_said(solver):
    hidden, targets, _, parameters = problem()
    start = SigmoidHead(parameters[:-1], np.zeros(2), [])
    message = r"stopped at max_iter=3 with .*above tol=.*Raise max_iter"
    with pytest.warns(ConvergenceWarning, match=message):
        train_sigmoid_head(
            hidden,
            targets,
            None,
            start,
            output="logistic",
            solver=solver,
            learning_rate="auto",
            alpha=0.0,
            fit_intercept=True,
            max_iter=3,
            tol=1e-12,
        )


def test_dead_training_is_said():
    """A step far too large sends every pre-activation out of (0, 1), for good."""
    rng = np.random.default_rng(0)
    hidden = 0.5 + 0.1 * rng.standard_normal((40, 20))
    targets = rng.integers(0, 2, (40, 1)).astype(float)
    coef = np.abs(rng.standard_normal((20, 1))) / 20
    message = r"dead after 2 iterations.*learning_rate \(now 100\).*output=\"logistic\""
    with pytest.warns(ConvergenceWarning, match=message):
        head = train(hidden, targets, coef, learning_rate=100.0)
    assert len(head.loss_curve) == 2
    z = hidden @ head.coef
    assert not ((z > 0) & (z < 1)).any()
    alive = train(hidden, targets, coef)
    assert alive.loss_curve[-1] < min(head.loss_curve)


def test_divergence_is_an_error():
    hidden, targets, _, parameters = problem()
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"diverged after \d+.*learning_rate=\"auto\""),
    ):
        train(
            *(hidden, targets, parameters[:-1]),
            output="logistic",
            learning_rate=1e6,
            alpha=1.0,
            max_iter=1000,
        )


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_float32_stays_float32(solver):
    hidden, targets, weight, parameters = problem()
    double = train(hidden, targets, parameters[:-1], weight, solver=solver, alpha=0.01)
    single = train(
        *(array.astype("f4") for array in (hidden, targets, parameters[:-1])),
        weight,
        solver=solver,
        alpha=0.01,
        intercept=np.float32(0),
    )
    assert single.coef.dtype == np.float32
    np.testing.assert_allclose(single.coef, double.coef, atol=1e-3)
