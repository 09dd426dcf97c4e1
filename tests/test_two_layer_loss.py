"""Cauchy's loss: outliers are of little account, and clean targets pay nothing."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._robust import fit_by_cauchy, robust_distances

RNG = np.random.default_rng(0)
N = 500
X = RNG.standard_normal((N, 8))
TARGET = np.abs(X[:, 0]) + 0.5 * X[:, 1]
NOISY = TARGET + 0.2 * RNG.standard_normal(N)
FAR = NOISY.copy()
FAR[:15] += 40 * RNG.choice([-1, 1], 15)
FRESH = RNG.standard_normal((2000, 8))
EXACT = np.abs(FRESH[:, 0]) + 0.5 * FRESH[:, 1]


def net(loss="cauchy", **parameters):
    return TwoLayerGDRegressor(100, loss=loss, random_state=0, **parameters)


def error(model):
    return np.mean((model.predict(FRESH) - EXACT) ** 2) / EXACT.var()


def mean_of(samples):
    """The simplest fit: a constant."""
    value = samples.average(samples.targets)
    return value, np.broadcast_to(value, samples.targets.shape)


def test_distances_by_hand():
    values = np.array([[0.0, 5], [1, 5], [2, 5], [3, 5], [100, 9]])
    found = robust_distances(values, np.ones(5))
    np.testing.assert_allclose(found[:, 0], np.array([2, 1, 0, 1, 98]) * 0.6745)
    assert (found[:, 1] == 0).all()  # most are equal: no scale to compare with


def test_distances_of_normal_values_are_standard():
    values = np.random.default_rng(0).standard_normal((100_000, 1))
    np.testing.assert_allclose(
        robust_distances(values, np.ones(len(values))), np.abs(values), atol=0.03
    )


def test_a_constant_is_the_weighted_mean_of_three_rounds():
    y = np.array([0.0, 1, 2, 3, 4, 5, 200])
    samples = Samples.of(np.zeros((7, 1)), y)
    value, unit = 3.0, 2 / 0.6745
    for _ in range(3):
        residual = y - value
        distances = np.abs(residual - np.sort(residual)[3])
        unit = np.sort(distances)[3] / 0.6745
        value = np.average(y, weights=1 / (1 + (distances / unit / 2.385) ** 2))
    np.testing.assert_allclose(fit_by_cauchy(samples, mean_of), value)
    assert 2 < value < 4 < y.mean()


def test_outliers_cost_little():
    clean = error(net("squared").fit(X, NOISY))
    with pytest.warns(UserWarning, match="15 of the targets are more"):
        squared = net("squared", layers=("linear", "sparse")).fit(X, FAR)
    assert error(net().fit(X, FAR)) < 1.5 * clean < 0.1 < error(squared)


@pytest.mark.parametrize("far", [1e12, 1e60])
def test_a_target_of_any_size_costs_little(far):
    wild = NOISY.copy()
    wild[0] = far
    assert error(net().fit(X, wild)) < 1.1 * error(net().fit(X[1:], NOISY[1:]))


def test_clean_targets_pay_nothing():
    assert error(net().fit(X, NOISY)) < 1.1 * error(net("squared").fit(X, NOISY))


def test_many_wild_targets_no_longer_hide_the_direction():
    """Cauchy noise, which has no variance."""
    wild = TARGET + 0.2 * np.random.default_rng(1).standard_cauchy(N)
    assert error(net().fit(X, wild)) < 0.1


def test_the_unit_and_origin_of_targets_do_not_matter():
    direct, moved = net().fit(X, FAR), net().fit(X, 1000 * FAR - 70)
    np.testing.assert_allclose(
        moved.predict(FRESH), 1000 * direct.predict(FRESH) - 70, rtol=1e-6, atol=1e-3
    )


def test_a_weight_is_a_repetition():
    weight = np.random.default_rng(2).integers(1, 3, 120)
    rows = np.repeat(np.arange(120), weight)
    weighted = net().fit(X[:120], FAR[:120], sample_weight=weight)
    repeated = net().fit(X[rows], FAR[rows])
    np.testing.assert_allclose(
        weighted.predict(FRESH), repeated.predict(FRESH), rtol=1e-6, atol=1e-6
    )


def test_an_outlier_of_one_target_is_one_of_its_sample():
    both = np.column_stack([FAR, NOISY])
    found = net().fit(X, both).predict(FRESH)
    for k in range(2):
        assert np.mean((found[:, k] - EXACT) ** 2) < 0.05 * EXACT.var()


def test_another_task_on_the_layer_has_the_same_loss():
    model = net().fit(X, NOISY)
    other, exact = FAR - 2 * X[:, 1], EXACT - 2 * FRESH[:, 1]
    moved = model.transfer(X, other)
    assert np.mean((moved.predict(FRESH) - exact) ** 2) < 0.05 * exact.var()
    squared = clone(model).set_params(loss="squared").fit(X, NOISY).transfer(X, other)
    assert np.mean((squared.predict(FRESH) - exact) ** 2) > 0.2 * exact.var()


def test_constants_and_tiny_samples_are_fitted():
    np.testing.assert_allclose(net().fit(X, np.full(N, 7.0)).predict(FRESH), 7)
    with pytest.warns(UserWarning, match="No direction"):
        few = net().fit(X[:5], NOISY[:5])
    assert np.isfinite(few.predict(FRESH)).all()


def test_the_curve_is_of_the_last_fit():
    dense = {"layers": ("linear", "dense")}  # whose number of steps is fixed
    curve = net(**dense).fit(X, NOISY).loss_curve_
    assert len(curve) == len(net("squared", **dense).fit(X, NOISY).loss_curve_)


def test_other_losses_are_refused():
    with pytest.raises(ValueError, match="loss"):
        net("huber").fit(X, NOISY)
    with pytest.raises(NotFittedError):
        net().predict(X)
