"""The units in which a sigmoid head is trained: they change the way, not the end."""

import numpy as np
import pytest
from scipy.optimize import minimize

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import LOG_LOSS, squared_loss
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._training import Training
from sklearn_depth._solvers.sigmoid import _objective
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective, lbfgs

LOSSES = {"squared": squared_loss(OUTPUT_SIGMOIDS["logistic"]), "log": LOG_LOSS}
ALPHA = 1e-6


def make_objective(n_samples, n_features, loss="log", n_targets=2):
    """Features whose scales fall by four decades, and noisy targets."""
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((n_features, n_features)))[0]
    scales = np.geomspace(10, 1e-3, n_features)
    hidden = rng.standard_normal((n_samples, n_features)) * scales @ basis
    targets = rng.uniform(0.2, 0.8, (n_samples, n_targets))
    weight = rng.uniform(0.2, 3, n_samples)
    samples = Samples.of(hidden, targets, weight)
    objective = SigmoidObjective(hidden.copy(), samples, LOSSES[loss], True)
    objective.by_axes = True
    return objective


@pytest.mark.parametrize("shape", [(80, 30), (20, 50)], ids=str)
def test_principal_axes_are_those_of_a_singular_value_decomposition(shape):
    objective = make_objective(*shape)
    axes, squares = objective.principal_axes
    root = np.sqrt(objective.share)[:, None]
    singular = np.linalg.svd(root * objective.hidden, compute_uv=False)
    k = len(squares)
    assert k == min(shape[1], shape[0] - 1)  # centred features
    np.testing.assert_allclose(squares[::-1], singular[:k] ** 2, rtol=1e-6)
    np.testing.assert_allclose(axes.T @ axes, np.eye(k), atol=1e-6)
    moments = (root * objective.hidden).T @ (root * objective.hidden)
    np.testing.assert_allclose((axes * squares) @ axes.T, moments, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shape", [(80, 30), (20, 50)], ids=str)
def test_few_iterations_find_the_minimum(shape, loss):
    """SciPy's L-BFGS, in the weights themselves, needs many times as many."""
    objective = make_objective(*shape, loss)
    start = np.zeros((shape[1] + 1, 2))
    training = Training(1000)
    found, reason = lbfgs(objective, start, ALPHA, training, 1e-9)

    def flat(x):
        value, gradient = objective(x.reshape(start.shape), ALPHA)
        return value, gradient.ravel()

    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 0, "gtol": 1e-9}
    plain = minimize(flat, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    assert reason in ("tol", "precision")
    assert training.losses[-1] <= plain.fun + 1e-9
    assert np.abs(objective(found, ALPHA)[1]).max() < 1e-7
    assert 5 * len(training.losses) < plain.nit


def test_the_minimum_is_in_the_span_of_the_samples():
    objective = make_objective(20, 50)
    start = np.random.default_rng(1).standard_normal((51, 2))
    found, _ = lbfgs(objective, start, ALPHA, Training(1000), 1e-9)
    _, _, span = np.linalg.svd(objective.hidden, full_matrices=False)
    coef = found[:-1]
    np.testing.assert_allclose(span.T @ (span @ coef), coef, atol=1e-6)


def test_without_a_penalty_what_no_sample_sees_stays():
    objective = make_objective(20, 50)
    start = np.random.default_rng(1).standard_normal((51, 2))
    found, _ = lbfgs(objective, start, 0.0, Training(30), 0.0)
    _, _, span = np.linalg.svd(objective.hidden, full_matrices=False)
    moved = found[:-1] - start[:-1]
    assert np.abs(moved).max() > 0.01
    np.testing.assert_allclose(span.T @ (span @ moved), moved, atol=1e-9)


def test_targets_of_other_curvatures_have_units_of_their_own():
    """Two targets at once are found as precisely as each alone."""
    both = make_objective(80, 30)
    both.targets[:, 1] = np.where(both.targets[:, 1] < 0.3, 1.0, 0.001)
    start = np.zeros((31, 2))
    together, _ = lbfgs(both, start, 1e-3, Training(1000), 1e-9)
    for k in range(2):
        alone = make_objective(80, 30)
        alone.targets = both.targets[:, [k]]
        found, _ = lbfgs(alone, start[:, [k]], 1e-3, Training(1000), 1e-9)
        np.testing.assert_allclose(together[:, [k]], found, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_units_are_renewed_where_samples_move_to_the_flat_ends(loss, monkeypatch):
    """Labels without noise, and a small penalty: outputs saturate on the way."""
    objective = make_objective(300, 30, loss, n_targets=1)
    height = objective.hidden @ np.ones((30, 1))
    objective.targets = (height > 0).astype(float)
    start, counts = np.zeros((31, 1)), []
    for renewed_after in (_objective._RENEWED_AFTER, 10_000):
        monkeypatch.setattr(_objective, "_RENEWED_AFTER", renewed_after)
        training = Training(1000)
        _, reason = lbfgs(objective, start, 1e-7, training, 1e-7)
        assert reason == "tol" and (np.diff(training.losses) <= 1e-15).all()
        counts.append(len(training.losses))
    assert 1.5 * counts[0] < counts[1]


def test_principal_axes_are_taken_where_the_weights_themselves_take_long():
    """Fifty iterations at a small penalty; at a large one there is no need."""
    start = np.zeros((31, 2))
    for alpha, is_long in [(1.0, False), (ALPHA, True)]:
        objective, training = make_objective(80, 30), Training(1000)
        objective.by_axes = False
        found, reason = lbfgs(objective, start, alpha, training, 1e-9)
        assert objective.by_axes == is_long
        assert reason == "tol" and (np.diff(training.losses) <= 1e-12).all()
        n_iterations, most = len(training.losses), _objective._PATIENCE
        assert most < n_iterations < 2 * most if is_long else n_iterations < most
        known = make_objective(80, 30)
        expected, _ = lbfgs(known, start, alpha, Training(1000), 1e-9)
        np.testing.assert_allclose(found, expected, atol=1e-5)
