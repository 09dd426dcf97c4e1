"""Both layers trained on: planted neurons, sums of many, and what is kept."""

import numpy as np
import pytest

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.features import LearnedReLUFeatures


def teacher(n_samples, n_features=10, n_neurons=3, noise=0.1, seed=0):
    """Signed ReLUs along mixed directions, unit rows, and fresh data."""
    rng = np.random.default_rng(seed)
    neurons = np.linalg.qr(rng.standard_normal((n_features, n_neurons)))[0].T
    neurons = neurons + 0.2 * rng.standard_normal((n_neurons, n_neurons)) @ neurons
    neurons /= np.linalg.norm(neurons, axis=1)[:, None]
    signs = (-1.0) ** np.arange(n_neurons)
    X = rng.standard_normal((n_samples + 2000, n_features))
    target = np.maximum(X @ neurons.T, 0) @ signs
    y = target + noise * rng.standard_normal(len(X))
    return X[:n_samples], y[:n_samples], neurons, X[n_samples:], target[n_samples:]


def net(**parameters):
    return TwoLayerGDRegressor(**{"n_hidden": 60, "random_state": 0} | parameters)


def nmse(model, X, target):
    return np.mean((model.predict(X) - target) ** 2) / target.var()


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_neurons_come_back(seed):
    """One unit each, up to a sign, which the linear part makes up for."""
    X, y, neurons, X_new, target = teacher(800, seed=seed)
    model = net(refine=True, random_state=seed).fit(X, y)
    layer = model.features_
    assert layer.hidden_coef_.shape == (3, 10)
    found = layer.hidden_coef_ @ layer.whitening_ / layer.scale_
    found /= np.linalg.norm(found, axis=1)[:, None]
    assert np.abs(neurons @ found.T).max(axis=1).min() > 0.99
    assert nmse(model, X_new, target) < 0.3 * nmse(
        net(random_state=seed).fit(X, y), X_new, target
    )
    assert len(model.coef_) == 3 + 10
    assert layer.transform(X).shape == (800, 13)


def test_sums_over_many_directions_need_both_layers():
    """Sines of all ten projections: no few directions to narrow to."""
    X, y, truth = make_multi_index(
        1000,
        10,
        n_directions=10,
        link=lambda Z: np.sin(1.5 * Z).sum(axis=1),
        noise=0.3,
        return_truth=True,
        random_state=0,
    )
    X_new, _ = truth.sample(2000, random_state=1)
    errors = [
        nmse(net(n_hidden=150, refine=refine).fit(X, y), X_new, truth(X_new))
        for refine in (False, True)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_what_does_not_err_less_is_not_kept():
    """A linear target, and one of noise: the layer stays as the steps left it."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 6))
    for y in (X[:, 0] + 0.5 * rng.standard_normal(200), X @ np.arange(6.0)):
        left, refined = (
            LearnedReLUFeatures(40, refine=refine, random_state=0).fit(X, y)
            for refine in (False, True)
        )
        np.testing.assert_array_equal(left.hidden_coef_, refined.hidden_coef_)


@pytest.mark.parametrize("n_feature_steps", [0, 1, 5])
def test_any_layer_may_be_trained_on(n_feature_steps):
    X, y, _, X_new, target = teacher(500)
    parameters = {"n_feature_steps": n_feature_steps, "whiten": None}
    errors = [
        nmse(net(refine=refine, **parameters).fit(X, y), X_new, target)
        for refine in (False, True)
    ]
    assert errors[1] < 0.5 * errors[0]
    if n_feature_steps < 2:  # no random units to mix in
        model = net(refine=True, **parameters).fit(X, y)
        assert list(model.layer_shares_) == ["linear", "dense"]
        assert model.layer_shares_["dense"] > 0.99


def test_the_same_seed_gives_the_same_bits():
    X, y, *_ = teacher(300)
    one, other = (net(refine=True).fit(X, y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_several_targets_and_float32():
    X, y, _, X_new, target = teacher(500)
    Y = np.column_stack([y, -2 * y + 1]).astype(np.float32)
    model = net(refine=True).fit(X.astype(np.float32), Y)
    predicted = model.predict(X_new.astype(np.float32))
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(-2 * predicted[:, 0] + 1, predicted[:, 1], atol=0.05)
    assert np.mean((predicted[:, 0] - target) ** 2) < 0.02 * target.var()


def test_a_caller_without_gradients_is_no_hindrance():
    import torch

    X, y = make_multi_index(200, n_features=4, n_directions=4, random_state=0)
    model = TwoLayerGDRegressor(10, n_feature_steps=1, refine=True, random_state=0)
    expected = model.fit(X, y).predict(X)
    with torch.no_grad():
        found = model.fit(X, y).predict(X)
    np.testing.assert_array_equal(found, expected)
