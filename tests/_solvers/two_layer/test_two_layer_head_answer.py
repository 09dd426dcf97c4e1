"""What heads leave once they are fitted again, and steps that foresee it."""

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermeval
from scipy.linalg import sqrtm

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer import _smooth
from sklearn_depth._solvers.two_layer._head_answer import what_is_left
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth._solvers.two_layer._smooth import fit_polynomials
from sklearn_depth._solvers.two_layer._subspace import evaluate_head, turn_subspace

N = 40


def problem(size=1.0, unit=1.0):
    """A layer of three units with a prior on five features, and weighted samples."""
    rng = np.random.default_rng(0)
    layer = Layer(rng.standard_normal((3, 2)), rng.standard_normal(3))
    layer = Layer(layer.weights, layer.biases, prior=size * rng.standard_normal((5, 4)))
    Z, weight = rng.standard_normal((N, 2)), unit * rng.uniform(0.2, 3, N)
    return layer, Samples.of(Z, rng.standard_normal((N, 1)), weight)


@pytest.mark.parametrize("size", [0.0, 0.1, 1.0, 1e6])
def test_what_is_left_is_the_root_of_what_ridge_regression_leaves(size):
    layer, samples = problem(size)
    root = np.sqrt(samples.weight)[:, None]
    features = layer.features(samples.X) @ layer.prior
    H = root * (features - samples.share @ features)
    constant = root / np.linalg.norm(root)
    U, sizes, _ = np.linalg.svd(H, full_matrices=False)
    P = np.eye(N) - (U * sizes**2 / (1 + sizes**2)) @ U.T - constant @ constant.T
    half = what_is_left(layer, samples)(np.eye(N))
    np.testing.assert_allclose(half, half.T, atol=1e-8)
    np.testing.assert_allclose(half @ half, P, atol=1e-8)
    if size < 10:
        inverse = np.linalg.inv(np.eye(N) + H @ H.T)
        expected = sqrtm(inverse) - constant @ constant.T
        np.testing.assert_allclose(half, expected, atol=1e-8)


def test_what_is_left_does_not_depend_on_the_unit_of_the_weights():
    e = np.random.default_rng(1).standard_normal((N, 2))
    one, other = (what_is_left(*problem(unit=u))(e) for u in (1.0, 1e6))
    np.testing.assert_allclose(one, other, atol=1e-12)


def test_a_turn_that_foresees_the_head_is_a_joint_step():
    """Of V and the head, by normal equations with the damping and the prior."""
    rng = np.random.default_rng(2)
    layer, samples = problem()
    samples = samples.at(rng.standard_normal((N, 5)))
    V = np.linalg.qr(rng.standard_normal((5, 2)))[0]
    seen, gradient = samples.at(samples.X @ V), rng.standard_normal((N, 2))
    turned = turn_subspace(
        samples, V, [gradient], samples.targets, what_is_left(layer, seen)
    )
    root = np.sqrt(samples.share)[:, None]
    outside = samples.X - samples.X @ V @ V.T
    moves = np.einsum("id,ir->idr", outside, gradient).reshape(N, 10)
    features = layer.features(seen.X) @ layer.prior
    A = root * np.hstack([moves, features, np.ones((N, 1))])
    damping = 0.01 * np.sum((root * gradient) ** 2) / 2
    penalty = np.repeat([damping, 1 / N, 0], [10, 4, 1])
    D = np.linalg.solve(A.T @ A + np.diag(penalty), A.T @ (root * samples.targets))
    left, _, right = np.linalg.svd(V + D[:10].reshape(5, 2), full_matrices=False)
    np.testing.assert_allclose(turned, left @ right, atol=1e-8)


def quintic(seed):
    """A noisy quintic of one direction, that direction, and one that is off."""
    rng = np.random.default_rng(seed)
    Z, v = rng.standard_normal((900, 40)), np.eye(40)[:, :1]
    t = Z[:, 0]
    y = t + hermeval(t, [0, 0, 0, 0, 0, 1]) / np.sqrt(120)
    samples = Samples.of(Z, (y + 0.3 * rng.standard_normal(900))[:, None]).scaled()
    off = v + np.sqrt(0.02 / 40) * rng.standard_normal((40, 1))
    return samples, v, off / np.linalg.norm(off)


@pytest.mark.parametrize("seed", range(3))
def test_two_steps_that_foresee_the_head_are_worth_many_that_hold_it(seed):
    samples, v, off = quintic(seed)

    def error(subspace):
        return fit_polynomials(samples, subspace, 7, wide=True).error

    held = foreseen = off
    for _ in range(2):
        foreseen = fit_polynomials(samples, foreseen, 7, wide=True).turned(samples)
    for _ in range(2):
        fit = fit_polynomials(samples, held, 7, wide=True)
        outputs, gradients = evaluate_head(fit.layer, fit.samples, fit.head)
        held = turn_subspace(samples, held, gradients, samples.targets - outputs)
    assert error(foreseen) < error(held) < error(off)
    assert abs(foreseen.T @ v) > 0.99


def test_of_many_rows_steps_hold_the_head_fast(monkeypatch):
    samples, _, off = quintic(0)
    fit = fit_polynomials(samples, off, 7, wide=True)
    monkeypatch.setattr(_smooth, "_MOST_NUMBERS", 900 * 6)
    outputs, gradients = evaluate_head(fit.layer, fit.samples, fit.head)
    expected = turn_subspace(samples, off, gradients, samples.targets - outputs)
    np.testing.assert_array_equal(fit.turned(samples), expected)
