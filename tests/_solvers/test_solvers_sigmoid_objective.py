"""The sigmoid objective: its constants, leave-one-out and its solvers."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import LOG_LOSS, squared_loss
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective
from sklearn_depth._solvers.sigmoid._path import train_sigmoid_head

SIGMOIDS = {"logistic": expit, "clip": lambda z: np.minimum(np.maximum(z, 0), 1)}
LOSSES = {name: squared_loss(output) for name, output in OUTPUT_SIGMOIDS.items()}
LOSSES["log"] = LOG_LOSS
each_output = pytest.mark.parametrize("output", list(SIGMOIDS))
each_loss = pytest.mark.parametrize("loss", list(LOSSES))
each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_shape = pytest.mark.parametrize("shape", [(50, 6), (10, 30)], ids=str)


def problem(n_targets=2, seed=0):
    """Hidden features, targets in [0, 1], weights, and parameters off the flat ends."""
    rng = np.random.default_rng(seed)
    hidden = rng.uniform(-1, 1, (50, 6))
    targets = rng.uniform(0, 1, (50, n_targets))
    parameters = 0.3 * rng.standard_normal((7, n_targets))
    parameters[-1] += 0.4
    return hidden, targets, rng.uniform(0.2, 3, 50), parameters


def make_objective(hidden, targets, weight=None, loss="clip", fit_intercept=False):
    samples = Samples.of(hidden, targets, weight)
    return SigmoidObjective(hidden.copy(), samples, LOSSES[loss], fit_intercept)


def merged_objective(hidden, targets, weight, loss, fit_intercept):
    """That of rows of equal features as one."""
    samples = Samples.of(hidden, targets, weight).merged()
    return SigmoidObjective(samples.X.copy(), samples, LOSSES[loss], fit_intercept)


def train(hidden, targets, coef, weight=None, intercept=0.0, **options):
    """The trained head and the losses of its training."""
    usual = {
        "solver": "gd",
        "learning_rate": "auto",
        "alpha": 0.0,
        "tol": 0.0,
    }
    objective = make_objective(
        *(hidden, targets, weight),
        options.pop("loss", "clip"),
        options.pop("fit_intercept", False),
    )
    biases = np.full(targets.shape[1], intercept, dtype=coef.dtype)
    training = Training(options.pop("max_iter", 100))
    start = Head(coef.copy(), biases)
    trained = train_sigmoid_head(objective, start, training, **usual | options)
    return trained, training.losses


def loss_by_hand(hidden, targets, weight, coef, intercept, loss):
    z = hidden @ coef + intercept
    if loss == "log":
        losses = np.log(1 + np.exp(z)) - targets * z
    else:
        losses = (SIGMOIDS[loss](z) - targets) ** 2
    rows = losses.sum(axis=1)
    return sum(w * r for w, r in zip(weight, rows, strict=True)) / sum(weight)


@each_loss
@each_intercept
@pytest.mark.parametrize("weighted", [True, False])
def test_loss_and_gradient_by_finite_differences(loss, fit_intercept, weighted):
    hidden, targets, weight, parameters = problem()
    weight = weight if weighted else None
    objective = make_objective(hidden, targets, weight, loss, fit_intercept)
    by_hand = hidden, targets, np.ones(50) if weight is None else weight

    def expected_loss(parameters):
        head = objective.head(parameters)
        penalty = 0.1 * np.sum(head.coef**2)
        return loss_by_hand(*by_hand, head.coef, head.intercept, loss) + penalty

    value, gradient = objective(parameters, 0.1)
    assert value == pytest.approx(expected_loss(parameters), rel=1e-12)
    assert objective.data_loss(parameters) == pytest.approx(
        value - 0.1 * np.sum(parameters[:-1] ** 2)
    )
    expected = np.empty(parameters.shape)
    for index in np.ndindex(parameters.shape):
        shift = np.zeros(parameters.shape)
        shift[index] = 1e-6
        ends = [expected_loss(parameters + sign * shift) for sign in (1, -1)]
        expected[index] = (ends[0] - ends[1]) / 2e-6
    if not fit_intercept:
        expected[-1] = 0
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


@each_intercept
def test_heads_and_parameters_go_there_and_back(fit_intercept):
    hidden, targets, weight, parameters = problem()
    objective = make_objective(hidden, targets, weight, "log", fit_intercept)
    head = objective.head(parameters)
    np.testing.assert_allclose(objective.parameters(head), parameters, atol=1e-14)
    np.testing.assert_allclose(
        objective.pre_activations(parameters), hidden @ head.coef + head.intercept
    )
    if fit_intercept:  # the parameters' bias is the mean pre-activation
        mean = np.average(hidden @ head.coef + head.intercept, axis=0, weights=weight)
        np.testing.assert_allclose(parameters[-1], mean)


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


def solve_without(objective, parameters, alpha, rows):
    """The pre-activations of some rows at the minimiser without them."""
    shape, kept = parameters.shape, np.ones(len(objective.share))
    kept[rows] = 0
    share, objective.share = objective.share, objective.share * kept
    result = minimize(
        lambda v: tuple(np.ravel(part) for part in objective(v.reshape(shape), alpha)),
        parameters.ravel(),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-9},
    )
    objective.share = share
    return objective.pre_activations(result.x.reshape(shape))[rows]


def leave_out(objective, parameters, alpha, together=1):
    """The leave-one-out loss by one fit without each row, or so many."""
    z = objective.pre_activations(parameters)
    for rows in np.split(np.arange(len(z)), len(z) // together):
        z[rows] = solve_without(objective, parameters, alpha, rows)
    return (objective.share @ objective.loss.value(z, objective.targets)).sum()


def minimiser(objective, alpha, n_targets=1):
    start = Head(np.zeros((objective.hidden.shape[1], n_targets)), np.full(1, 0.5))
    training = Training(10_000)
    trained = train_sigmoid_head(
        objective,
        start,
        training,
        solver="lbfgs",
        learning_rate="auto",
        alpha=alpha,
        tol=1e-10,
    )
    return objective.parameters(trained.head)


@each_shape
@each_intercept
@pytest.mark.parametrize("together", [1, 2])
def test_leave_one_out_of_a_quadratic_is_exact(shape, fit_intercept, together):
    """The clipped output with every pre-activation inside (0, 1) is least squares.

    Rows of equal features, merged into one, leave together.
    """
    rng = np.random.default_rng(0)
    hidden = rng.uniform(-1, 1, shape)[np.arange(shape[0]) // together]
    targets = rng.uniform(0.4, 0.6, (shape[0], 1))
    if not fit_intercept:
        hidden[:, 0] = 1
    weight = rng.uniform(0.5, 2, shape[0])
    given = hidden, targets, weight, "clip", fit_intercept
    objective, merged = make_objective(*given), merged_objective(*given)
    alpha = 0.02 if fit_intercept else 1e-3
    parameters = minimiser(objective, alpha)
    z = objective.pre_activations(parameters)
    assert z.min() > 0
    assert z.max() < 1
    assert merged.data_loss(parameters) == pytest.approx(
        objective.data_loss(parameters), rel=1e-10
    )
    found = merged.leave_one_out(parameters, alpha)
    expected = leave_out(objective, parameters, alpha, together)
    assert expected > 1.05 * objective.data_loss(parameters)
    assert found == pytest.approx(expected, rel=1e-6)


@each_shape
@each_intercept
@pytest.mark.parametrize(("loss", "error"), [("log", 0.05), ("logistic", 0.15)])
def test_leave_one_out_against_fits_without_each_row(shape, fit_intercept, loss, error):
    """The squared loss also drops a part of its second derivative."""
    alpha, rng = 0.05, np.random.default_rng(1)
    hidden = rng.uniform(-1, 1, shape)
    targets = (hidden[:, [0]] + 0.5 * rng.standard_normal((shape[0], 1)) > 0) * 1.0
    weight = rng.uniform(0.5, 2, shape[0])
    objective = make_objective(hidden, targets, weight, loss, fit_intercept)
    parameters = minimiser(objective, alpha)
    found = objective.leave_one_out(parameters, alpha)
    optimism = leave_out(objective, parameters, alpha)
    optimism -= objective.data_loss(parameters)
    assert optimism > 0.003
    assert found - objective.data_loss(parameters) == pytest.approx(optimism, rel=error)


@each_loss
@each_intercept
def test_two_equal_rows_are_one_of_weight_two(loss, fit_intercept):
    hidden, targets, weight, parameters = problem()
    single = make_objective(hidden, targets, 2 * weight, loss, fit_intercept)
    twice = [np.vstack([array, array]) for array in (hidden, targets)]
    given = *twice, np.tile(weight, 2), loss, fit_intercept
    expected = single.leave_one_out(parameters, 0.01)
    together = merged_objective(*given).leave_one_out(parameters, 0.01)
    assert together == pytest.approx(expected, rel=1e-9)
    apart = make_objective(*given).leave_one_out(parameters, 0.01)
    assert single.data_loss(parameters) < apart < together


@each_loss
@each_intercept
def test_merged_rows_have_the_objective_of_all(loss, fit_intercept):
    """Also where equal features have other targets."""
    hidden, targets, weight, parameters = problem()
    hidden = hidden[np.arange(50) % 20]
    given = hidden, targets, weight, loss, fit_intercept
    value, gradient = make_objective(*given)(parameters, 0.1)
    merged = merged_objective(*given)
    assert len(merged.targets) == 20
    found, found_gradient = merged(parameters, 0.1)
    assert found == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(found_gradient, gradient, atol=1e-14)


@each_loss
@each_shape
@pytest.mark.parametrize("alpha", [1.0, 1e-3, 1e-8])
def test_leave_one_out_is_never_below_the_training_loss(loss, shape, alpha):
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal(shape)
    targets = rng.integers(0, 2, (shape[0], 2)).astype(float)
    objective = make_objective(hidden, targets, None, loss, True)
    for scale in (0.01, 0.1, 1, 10):
        parameters = scale * rng.standard_normal((shape[1] + 1, 2))
        score = objective.leave_one_out(parameters, alpha)
        assert score >= objective.data_loss(parameters)


def test_leave_one_out_adds_up_over_targets():
    hidden, targets, weight, parameters = problem(n_targets=3)
    together = make_objective(hidden, targets, weight, "log", True)
    scores = [
        make_objective(hidden, targets[:, [k]], weight, "log", True).leave_one_out(
            parameters[:, [k]], 0.01
        )
        for k in range(3)
    ]
    found = together.leave_one_out(parameters, 0.01)
    assert found == pytest.approx(sum(scores), rel=1e-12)


@each_intercept
@each_shape
@pytest.mark.parametrize("size", [3.0, 1e-3])  # where the intercept bends less or more
@pytest.mark.parametrize("loss", ["logistic", "log"])
def test_smoothness_bounds_the_change_of_the_gradient(fit_intercept, shape, size, loss):
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal(shape) * size
    weight = rng.uniform(0.2, 3, shape[0])
    targets = rng.integers(0, 2, (shape[0], 1)).astype(float)
    objective = make_objective(hidden, targets, weight, loss, fit_intercept)
    bound, ratios = objective.smoothness(0.01), []
    for scale in np.geomspace(1e-2, 1e2, 500):
        first = scale * rng.standard_normal((shape[1] + 1, 1))
        second = first + 0.1 * scale * rng.standard_normal(first.shape)
        if not fit_intercept:
            first[-1] = second[-1] = 0
        change = objective(first, 0.01)[1] - objective(second, 0.01)[1]
        ratios.append(np.linalg.norm(change) / np.linalg.norm(first - second))
    assert 0.05 * bound < max(ratios) <= bound


@pytest.mark.parametrize("loss", ["logistic", "log"])
def test_smoothness_is_attained(loss):
    """One feature, the target 1 and the worst pre-activation: no slack but rounding."""
    objective = make_objective(np.full((4, 1), 2.0), np.ones((4, 1)), loss=loss)
    at = np.linspace(-3, 3, 2001)
    slopes = [objective(np.array([[w], [0.0]]), 0.0)[1][0, 0] for w in at]
    steepest = np.max(np.abs(np.diff(slopes) / np.diff(at)))
    assert 0.995 * objective.smoothness(0.0) < steepest <= objective.smoothness(0.0)


def test_smoothness_of_the_clipped_output_is_that_of_least_squares():
    hidden, targets, weight, _ = problem()
    objective = make_objective(hidden, targets, weight)
    hessian = 2 * (hidden.T * weight / weight.sum()) @ hidden + 2 * 0.3 * np.eye(6)
    assert objective.smoothness(0.3) == pytest.approx(np.linalg.eigvalsh(hessian)[-1])


@each_loss
@each_intercept
@pytest.mark.parametrize("seed", range(3))
def test_descent_at_the_automatic_rate_never_rises(loss, fit_intercept, seed):
    hidden, targets, weight, parameters = problem(seed=seed)
    _, losses = train(
        *(hidden, targets, parameters[:-1], weight),
        intercept=0.4,
        loss=loss,
        fit_intercept=fit_intercept,
        alpha=1e-3,
        max_iter=300,
    )
    assert len(losses) == 300
    assert (np.diff(losses) < 1e-15).all()
    assert losses[-1] < (0.99 if loss == "log" else 0.85) * losses[0]


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
    trained, losses = train(
        hidden, y[:, None], w[:, None], learning_rate=eta, max_iter=1
    )
    np.testing.assert_allclose(trained.head.coef[:, 0], expected, atol=1e-14)
    np.testing.assert_array_equal(trained.head.intercept, 0)
    clipped = np.minimum(np.maximum(hidden @ w, 0), 1)
    assert losses == [pytest.approx(np.mean((clipped - y) ** 2))]


@each_loss
@each_intercept
def test_lbfgs_reaches_a_stationary_point(loss, fit_intercept):
    hidden, targets, weight, parameters = problem()
    trained, losses = train(
        *(hidden, targets, parameters[:-1], weight),
        solver="lbfgs",
        loss=loss,
        fit_intercept=fit_intercept,
        alpha=1e-3,
        max_iter=1000,
        tol=1e-8,
    )
    objective = make_objective(hidden, targets, weight, loss, fit_intercept)
    value, gradient = objective(objective.parameters(trained.head), 1e-3)
    assert trained.stop_reason == "tol"
    assert trained.alpha == 1e-3
    assert np.isnan(trained.error)
    assert abs(gradient).max() < 1.1e-8
    assert value == pytest.approx(losses[-1], rel=1e-9)
    assert (np.diff(losses) <= 0).all()


def test_the_log_loss_against_scikit_learns_logistic_regression():
    """Which has 1/2 |w|^2 + C sum_i w_i L_i: C = 1 / (2 alpha sum_i w_i)."""
    hidden, _, weight, parameters = problem(n_targets=1)
    labels = np.random.default_rng(0).random(50) < expit(2 * hidden[:, 0])
    trained, _ = train(
        *(hidden, labels[:, None].astype(float), parameters[:-1], weight),
        solver="lbfgs",
        loss="log",
        fit_intercept=True,
        alpha=0.01,
        tol=1e-9,
    )
    C = 1 / (0.02 * weight.sum())
    model = LogisticRegression(C=C, tol=1e-10, solver="newton-cholesky")
    model.fit(hidden, labels, sample_weight=weight)
    np.testing.assert_allclose(trained.head.coef[:, 0], model.coef_[0], atol=1e-6)
    np.testing.assert_allclose(trained.head.intercept, model.intercept_, atol=1e-6)


@each_loss
def test_both_solvers_find_the_same_minimum(loss):
    hidden, targets, weight, parameters = problem()
    options = {"loss": loss, "fit_intercept": True, "alpha": 0.01}
    arguments = hidden, targets, parameters[:-1], weight
    descended, _ = train(*arguments, **options, max_iter=20_000)
    quasi_newton, _ = train(*arguments, **options, solver="lbfgs", tol=1e-10)
    for name in ("coef", "intercept"):
        found = [getattr(end.head, name) for end in (descended, quasi_newton)]
        np.testing.assert_allclose(*found, atol=1e-6)


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_with_an_intercept_shifted_features_make_no_difference(solver):
    hidden, targets, weight, parameters = problem()
    coef, shift = parameters[:-1], np.arange(6.0)
    options = {"fit_intercept": True, "solver": solver, "tol": 1e-9}
    reference, losses = train(hidden, targets, coef, weight, intercept=0.4, **options)
    start = 0.4 - shift @ coef
    moved, moved_losses = train(
        hidden + shift, targets, coef, weight, intercept=start, **options
    )
    np.testing.assert_allclose(moved.head.coef, reference.head.coef, atol=1e-6)
    expected = reference.head.intercept - shift @ reference.head.coef
    np.testing.assert_allclose(moved.head.intercept, expected, atol=1e-5)
    n = min(len(losses), len(moved_losses))  # rounding may hide the last descent
    assert max(len(losses), len(moved_losses)) <= n + 1
    np.testing.assert_allclose(moved_losses[:n], losses[:n], rtol=1e-6)


@each_loss
def test_weights_are_repetition(loss):
    hidden, targets, _, parameters = problem()
    times = np.random.default_rng(1).integers(1, 4, 50)
    options = {"loss": loss, "fit_intercept": True, "alpha": 0.01}
    weighted, losses = train(
        hidden, targets, parameters[:-1], times.astype(float), **options
    )
    repeated = [np.repeat(array, times, axis=0) for array in (hidden, targets)]
    reference, reference_losses = train(*repeated, parameters[:-1], **options)
    np.testing.assert_allclose(weighted.head.coef, reference.head.coef, atol=1e-12)
    np.testing.assert_allclose(losses, reference_losses, atol=1e-12)


def test_descent_fits_each_target_on_its_own():
    hidden, targets, weight, parameters = problem(n_targets=3)
    together = train(hidden, targets, parameters[:-1], weight)[0].head.coef
    for k in range(3):
        alone, _ = train(hidden, targets[:, [k]], parameters[:-1, [k]], weight)
        np.testing.assert_allclose(together[:, k], alone.head.coef[:, 0], atol=1e-13)


def test_descent_stops_at_the_tolerance():
    hidden, _, _, parameters = problem(n_targets=1)
    targets = SIGMOIDS["clip"](hidden @ parameters[:-1] + 0.5)
    trained, losses = train(
        *(hidden, targets, 0 * parameters[:-1]),
        intercept=0.4,
        fit_intercept=True,
        max_iter=5000,
        tol=1e-4,
    )
    assert trained.stop_reason == "tol"
    assert losses[-1] <= 1e-4 < losses[-2]
    assert len(losses) < 5000


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_running_out_of_iterations_is_said(solver):
    hidden, targets, _, parameters = problem()
    trained, losses = train(
        hidden, targets, parameters[:-1], solver=solver, loss="logistic", max_iter=3
    )
    assert trained.stop_reason == "max_iter"
    assert len(losses) == 3


def test_a_start_at_the_minimum_has_one_loss():
    hidden, targets, weight, parameters = problem()
    options = {"solver": "lbfgs", "loss": "log", "alpha": 0.1, "tol": 1e-7}
    first, losses = train(hidden, targets, parameters[:-1], weight, **options)
    again, last_losses = train(hidden, targets, first.head.coef, weight, **options)
    assert last_losses == [pytest.approx(losses[-1])]
    np.testing.assert_array_equal(again.head.coef, first.head.coef)


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_dead_starts_are_said(solver):
    """Every pre-activation above 1: the loss is not zero, its gradient is."""
    trained, losses = train(
        *(np.ones((40, 2)), np.zeros((40, 1)), np.full((2, 1), 3.0)),
        solver=solver,
        max_iter=10,
    )
    assert trained.stop_reason == "dead"
    assert losses == [pytest.approx(1.0)]


def test_dead_training_is_said():
    """A step far too large sends every pre-activation out of (0, 1), for good."""
    rng = np.random.default_rng(0)
    hidden = 0.5 + 0.1 * rng.standard_normal((40, 20))
    targets = rng.integers(0, 2, (40, 1)).astype(float)
    coef = np.abs(rng.standard_normal((20, 1))) / 20
    trained, losses = train(hidden, targets, coef, learning_rate=100.0)
    assert trained.stop_reason == "dead"
    assert len(losses) == 2
    z = hidden @ trained.head.coef
    assert not ((z > 0) & (z < 1)).any()
    alive, alive_losses = train(hidden, targets, coef)
    assert alive.stop_reason == "max_iter"
    assert alive_losses[-1] < min(losses)


def test_divergence_is_an_error():
    hidden, targets, _, parameters = problem()
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"diverged after \d+.*learning_rate=\"auto\""),
    ):
        train(
            *(hidden, targets, parameters[:-1]),
            loss="logistic",
            learning_rate=1e6,
            alpha=1.0,
            max_iter=1000,
        )


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
@each_loss
def test_float32_stays_float32(solver, loss):
    hidden, targets, weight, parameters = problem()
    options = {"solver": solver, "loss": loss, "alpha": 0.01, "tol": 1e-5}
    double, _ = train(hidden, targets, parameters[:-1], weight, **options)
    arrays = (array.astype("f4") for array in (hidden, targets, parameters[:-1]))
    single, _ = train(*arrays, weight, **options)
    assert single.head.coef.dtype == single.head.intercept.dtype == np.float32
    np.testing.assert_allclose(single.head.coef, double.head.coef, atol=2e-3)
