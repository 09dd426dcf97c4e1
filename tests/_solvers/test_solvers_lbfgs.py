"""L-BFGS against SciPy's and against scikit-learn's logistic regression."""

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sklearn_depth._solvers import _lbfgs
from sklearn_depth._solvers._lbfgs import minimize_lbfgs


def rosenbrock(x):
    return rosen(x), rosen_der(x)


def on(loss, x):
    """A record that never ends the training."""


def quadratic(n, condition, seed=0):
    """<x, A x>/2 - <b, x>: function, A and b."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((n, n)))[0]
    A = basis @ np.diag(np.geomspace(1, condition, n)) @ basis.T
    b = rng.standard_normal(n)
    return lambda x: (x @ A @ x / 2 - b @ x, A @ x - b), A, b


@pytest.mark.parametrize("n", [2, 10])
def test_rosenbrock_against_scipy(n):
    start, heard = np.resize([-1.2, 1.0], n), []
    x, reason = minimize_lbfgs(
        rosenbrock, start, 1e-9, lambda loss, x: heard.append((loss, x.copy()))
    )
    reference = minimize(rosenbrock, start, jac=True, method="L-BFGS-B", tol=1e-12)
    assert reason == "tol"
    np.testing.assert_allclose(x, reference.x, atol=1e-4)
    np.testing.assert_allclose(x, 1, atol=1e-8)
    assert len(heard) < 2 * reference.nit
    losses = [rosen(start)] + [loss for loss, _ in heard]
    assert (np.diff(losses) < 0).all()
    assert all(rosen(at) == loss for loss, at in heard)


def test_logistic_regression_against_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 5)) * [1, 3, 0.1, 1, 1]
    y = rng.random(200) < expit(X @ rng.standard_normal(5) + 0.5)

    def objective(w):
        z = X @ w[:-1] + w[-1]
        gradient = np.append(X.T @ (expit(z) - y) + w[:-1], (expit(z) - y).sum())
        return (np.logaddexp(0, z) - y * z).sum() + w[:-1] @ w[:-1] / 2, gradient

    w, reason = minimize_lbfgs(objective, np.zeros(6), 1e-8, on)
    model = LogisticRegression(C=1.0, tol=1e-10, solver="newton-cholesky").fit(X, y)
    assert reason == "tol"
    np.testing.assert_allclose(w[:-1], model.coef_[0], atol=1e-7)
    np.testing.assert_allclose(w[-1], model.intercept_[0], atol=1e-7)


def test_a_quadratic_ends_in_about_its_dimension():
    """With more memory than dimensions L-BFGS is BFGS; here with inexact steps."""
    objective, A, b = quadratic(8, 100)
    heard = []
    x, _ = minimize_lbfgs(objective, np.zeros(8), 1e-9, lambda *at: heard.append(at))
    np.testing.assert_allclose(x, np.linalg.solve(A, b), atol=1e-9)
    assert len(heard) < 40


def test_the_recursion_is_the_dense_update():
    """H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y, from <s, y>/<y, y> I."""
    rng = np.random.default_rng(0)
    _, A, _ = quadratic(6, 50)
    pairs = [(s, A @ s) for s in rng.standard_normal((4, 6))]
    step, change = pairs[-1]
    H = step @ change / (change @ change) * np.eye(6)
    for s, y in pairs:
        left = np.eye(6) - np.outer(s, y) / (s @ y)
        H = left @ H @ left.T + np.outer(s, s) / (s @ y)
    g = rng.standard_normal(6)
    np.testing.assert_allclose(_lbfgs._times_inverse_hessian(g, pairs), H @ g)


@pytest.mark.parametrize("length", [1e-3, 0.1, 1.0, 30.0])
def test_steps_keep_the_weak_wolfe_conditions(length):
    x = np.array([-1.2, 1.0])
    loss, gradient = rosenbrock(x)
    direction = -length * gradient / np.linalg.norm(gradient)
    t, new_loss, new_gradient = _lbfgs._line_search(
        rosenbrock, x, loss, gradient, direction
    )
    slope = gradient @ direction
    assert new_loss == rosen(x + t * direction) <= loss + 1e-4 * t * slope
    np.testing.assert_array_equal(new_gradient, rosen_der(x + t * direction))
    assert 0.9 * slope <= new_gradient @ direction


def test_trials_where_the_objective_is_not_finite_are_shortened():
    """-log(1 - x) - 2 log x on (0, 1): beyond are nan and infinity."""

    def objective(x):
        with np.errstate(invalid="ignore", divide="ignore"):
            return (-np.log(1 - x) - 2 * np.log(x))[0], 1 / (1 - x) - 2 / x

    x, reason = minimize_lbfgs(objective, np.array([1e-3]), 1e-9, on)
    assert reason == "tol"
    assert x == pytest.approx(2 / 3)


def test_a_minimum_takes_no_iteration():
    heard = []
    x, reason = minimize_lbfgs(
        rosenbrock, np.ones(3), 0.0, lambda *at: heard.append(at)
    )
    np.testing.assert_array_equal(x, 1)
    assert reason == "tol"
    assert not heard


def test_rounding_ends_the_descent():
    """Near the minimum the loss, 10^6 above zero, no longer shows any descent."""
    objective, A, b = quadratic(5, 1000)
    heard = []

    def record(loss, x):
        heard.append(loss)
        return "endless" if len(heard) == 1000 else None

    x, reason = minimize_lbfgs(
        lambda x: (objective(x)[0] + 1e6, objective(x)[1]), np.zeros(5), 0.0, record
    )
    assert reason == "precision"
    np.testing.assert_allclose(x, np.linalg.solve(A, b), atol=1e-3)


def test_the_record_may_end_it():
    heard = []

    def record(loss, x):
        heard.append(x)
        return "enough" if len(heard) == 3 else None

    x, reason = minimize_lbfgs(rosenbrock, np.array([-1.2, 1.0]), 1e-9, record)
    assert reason == "enough"
    assert len(heard) == 3
    np.testing.assert_array_equal(x, heard[-1])


def test_the_gradient_vanishes_where_rounding_hides_the_loss():
    """Beside a loss of a million, of which it sees a descent of 1e-10 at most."""
    objective, A, b = quadratic(8, 100)

    def above(x):
        loss, gradient = objective(x)
        return loss + 1e6, gradient

    x, reason = minimize_lbfgs(above, np.zeros(8), 1e-9, on)
    assert reason == "tol"
    np.testing.assert_allclose(x, np.linalg.solve(A, b), atol=1e-9)


def test_a_hessian_of_one_takes_one_step():
    c = np.random.default_rng(0).standard_normal(5)
    heard = []
    x, reason = minimize_lbfgs(
        lambda x: (0.5 * (x - c) @ (x - c), x - c),
        np.zeros(5),
        1e-12,
        lambda loss, x: heard.append(loss),
        is_scaled=True,
    )
    assert reason == "tol"
    assert len(heard) == 1
    np.testing.assert_allclose(x, c)
