"""The path of penalties against one fit for each of them."""

import numpy as np
import pytest

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import LOG_LOSS, squared_loss
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective
from sklearn_depth._solvers.sigmoid._path import ALPHAS, train_sigmoid_head

LOSSES = {"log": LOG_LOSS, "squared": squared_loss(OUTPUT_SIGMOIDS["logistic"])}
each_loss = pytest.mark.parametrize("loss", list(LOSSES))
N_FEATURES = 12


def problem(noise, n_samples=60, seed=0):
    """Features, and labels that follow one of them under noise."""
    rng = np.random.default_rng(seed)
    hidden = rng.uniform(-1, 1, (n_samples, N_FEATURES))
    height = hidden[:, 0] + noise * rng.standard_normal(n_samples)
    return hidden, (height > 0)[:, None].astype(float)


def make_objective(hidden, targets, loss="log"):
    samples = Samples.of(hidden, targets)
    return SigmoidObjective(hidden.copy(), samples, LOSSES[loss], True)


def train(objective, alpha="loo", training=None, tol=1e-7):
    dtype = objective.hidden.dtype
    start = Head(np.zeros((N_FEATURES, 1), dtype=dtype), np.zeros(1, dtype=dtype))
    return train_sigmoid_head(
        objective,
        start,
        training or Training(1000),
        solver="lbfgs",
        learning_rate="auto",
        alpha=alpha,
        tol=tol,
        estimated=True,
    )


def validation_loss(hidden, targets):
    def loss(head):
        z = hidden @ head.coef + head.intercept
        return float(np.mean(np.logaddexp(0, z) - targets * z))

    return loss


def first_minimum_around(errors, middle=4):
    """Down to the first penalty that is no better, and up as far as there are any."""
    low = middle
    while low + 1 < len(errors) and errors[low + 1] < errors[low]:
        low += 1
    return int(np.argmin(errors[: low + 1]))


@each_loss
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5, 2.0, 20.0])
def test_the_choice_against_one_fit_for_each_penalty(loss, noise):
    data = problem(noise)
    fits = [train(make_objective(*data, loss), alpha) for alpha in ALPHAS]
    errors = [fit.error for fit in fits]
    expected = first_minimum_around(errors)
    found = train(make_objective(*data, loss))
    assert found.alpha == ALPHAS[expected]
    assert found.error == pytest.approx(errors[expected], rel=1e-3)
    assert found.stop_reason in ("tol", "precision")
    reference = fits[expected].head
    np.testing.assert_allclose(found.head.coef, reference.coef, rtol=1e-2, atol=1e-2)


@each_loss
def test_more_noise_more_penalty(loss):
    alphas = [
        train(make_objective(*problem(noise), loss)).alpha for noise in (0, 0.5, 20)
    ]
    assert alphas[0] < alphas[1] < alphas[2]


def test_the_losses_fall_along_the_path():
    training = Training(1000)
    train(make_objective(*problem(0.1)), training=training)
    assert (np.diff(training.losses) <= 0).all()


def test_merged_rows_ask_for_no_smaller_penalty():
    hidden, targets = problem(1.0)
    twice = [np.vstack([array, array]) for array in (hidden, targets)]
    merged = Samples.of(*twice).merged()
    single = train(make_objective(hidden, targets))
    double = train(make_objective(merged.X, merged.targets))
    apart = train(make_objective(*twice))
    assert single.alpha == double.alpha > apart.alpha
    assert double.error == pytest.approx(single.error, rel=1e-4)


def test_max_iter_counts_for_each_penalty():
    objective = make_objective(*problem(0.1))
    free = Training(1000)
    assert train(objective, training=free).stop_reason == "tol"
    enough = Training(len(free.losses) // 2)
    found = train(objective, training=enough)
    assert found.stop_reason == "tol"
    assert enough.losses == free.losses


def test_a_path_that_runs_out_of_iterations_ends_there():
    training = Training(2)
    found = train(make_objective(*problem(0.1)), training=training)
    assert found.alpha == ALPHAS[0]
    assert found.stop_reason == "max_iter"
    assert len(training.losses) == 2


@pytest.mark.parametrize("noise", [0.0, 0.5, 20.0])
def test_the_validation_loss_decides_where_there_is_one(noise):
    """Over every iteration of the path, whose ends are the minimisers."""
    hidden, targets = problem(noise, n_samples=1060)
    data, loss = (hidden[:60], targets[:60]), validation_loss(hidden[60:], targets[60:])
    objective, training = make_objective(*data), Training(1000, loss, patience=1000)
    found = train(objective, training=training)
    errors = [loss(train(make_objective(*data), alpha).head) for alpha in ALPHAS]
    reached = errors[: first_minimum_around(errors) + 1]
    assert loss(found.head) == found.error == min(training.validation_losses)
    assert 0.8 * min(reached) < found.error < min(reached) + 1e-6
    # The penalty is the one that this head was found with.
    best = int(np.argmin(training.validation_losses))
    penalty = training.losses[best] - objective.data_loss(
        objective.parameters(found.head)
    )
    assert found.alpha in ALPHAS
    assert found.alpha == pytest.approx(penalty / np.sum(found.head.coef**2), rel=1e-6)


def test_patience_ends_the_path():
    hidden, targets = problem(0.5, n_samples=1060)
    loss = validation_loss(hidden[60:], targets[60:])
    training = Training(1000, loss, patience=5)
    found = train(make_objective(hidden[:60], targets[:60]), training=training)
    assert found.stop_reason == "validation"
    best = int(np.argmin(training.validation_losses))
    assert len(training.losses) == len(training.validation_losses) >= best + 6
    assert loss(found.head) == min(training.validation_losses)


@pytest.mark.parametrize("n_heard", [1, 30])
def test_a_callback_ends_the_path(n_heard):
    heard = []

    def report(head):
        heard.append(head)
        return len(heard) == n_heard

    training = Training(1000, report=report)
    found = train(make_objective(*problem(0.1)), training=training)
    assert found.stop_reason == "callback"
    assert len(training.losses) == len(heard) == n_heard


@each_loss
def test_float32(loss):
    hidden, targets = problem(0.5)
    double = train(make_objective(hidden, targets, loss))
    single = train(
        make_objective(hidden.astype("f4"), targets.astype("f4"), loss),
    )
    assert single.head.coef.dtype == single.head.intercept.dtype == np.float32
    assert single.alpha == double.alpha
    assert single.error == pytest.approx(double.error, rel=1e-3)
    np.testing.assert_allclose(single.head.coef, double.head.coef, atol=1e-2)
