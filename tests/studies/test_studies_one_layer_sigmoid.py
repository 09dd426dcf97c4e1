"""The weak rival: scikit-learn's contract, its gradient, and what it can express."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import erf, expit
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_depth import FixedHiddenSigmoidRegressor
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._sigmoid_layer import draw_layer
from sklearn_depth.datasets import make_ball_indicator
from sklearn_depth.studies import OneLayerSigmoidRegressor

SIGMOIDS = {"erf": erf, "logistic": expit, "tanh": np.tanh}
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3))
Y = rng.standard_normal((60, 2))


@parametrize_with_checks([OneLayerSigmoidRegressor(random_state=0)])
def test_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("activation", SIGMOIDS)
@pytest.mark.parametrize("alpha", [0, 0.3])
def test_the_gradient_by_differences(activation, alpha):
    samples = Samples.of(X, Y, rng.uniform(0.5, 2, 60))
    layer = draw_layer(activation, (3, 4, 2), np.random.default_rng(1))

    def loss(flat):
        return layer.with_weights(flat).loss(samples, alpha)[0]

    def gradient(flat):
        return layer.with_weights(flat).loss(samples, alpha)[1].flat()

    assert check_grad(loss, gradient, layer.flat()) < 1e-5
    hidden = SIGMOIDS[activation](X @ layer.inner + layer.biases)
    errors = hidden @ layer.outer + layer.intercepts - Y
    squares = alpha * (np.sum(layer.inner**2) + np.sum(layer.outer**2))
    expected = np.sum(samples.share[:, None] * errors**2) + squares
    assert loss(layer.flat()) == pytest.approx(expected)


@pytest.mark.parametrize("activation", SIGMOIDS)
def test_predictions_are_the_formula(activation):
    net = OneLayerSigmoidRegressor(5, activation=activation, random_state=0).fit(X, Y)
    Z = (X - net.mean_) / net.scale_
    hidden = SIGMOIDS[activation](Z @ net.coefs_[0] + net.intercepts_[0])
    outputs = hidden @ net.coefs_[1] + net.intercepts_[1]
    by_hand = outputs * net.target_scale_ + net.target_mean_
    np.testing.assert_allclose(net.predict(X), by_hand, rtol=1e-10)
    assert net.loss_curve_[-1] <= net.loss_curve_[0]
    assert net.n_iter_ == len(net.loss_curve_) <= 500


def test_it_learns_a_network_of_its_class():
    """As well as scikit-learn's solver for the same loss, or better."""
    X = rng.standard_normal((400, 3))
    y = 2 * expit(3 * X[:, 0] + 1) - expit(2 * X[:, 1] - X[:, 2])
    net = OneLayerSigmoidRegressor(10, max_iter=2000, random_state=0).fit(X, y)
    rival = MLPRegressor(
        hidden_layer_sizes=(10,),
        activation="logistic",
        solver="lbfgs",
        alpha=0,
        tol=1e-10,
        max_iter=3000,
        random_state=0,
    ).fit(X, y)
    assert net.score(X, y) > 0.9999
    assert 1 - net.score(X, y) < max(10 * (1 - rival.score(X, y)), 1e-5)


def test_weights_are_repetitions():
    weight = np.arange(60) % 3
    y = Y[:, 0]
    weighted = OneLayerSigmoidRegressor(4, max_iter=30, random_state=0)
    weighted.fit(X, y, sample_weight=weight)
    repeated = OneLayerSigmoidRegressor(4, max_iter=30, random_state=0)
    repeated.fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-6)


def test_a_large_penalty_leaves_the_mean():
    net = OneLayerSigmoidRegressor(4, alpha=1e4, random_state=0).fit(X, Y)
    np.testing.assert_allclose(net.predict(X), np.tile(Y.mean(0), (60, 1)), atol=1e-3)


def test_a_constant_target_is_predicted():
    net = OneLayerSigmoidRegressor(4, random_state=0).fit(X, np.full(60, 0.1))
    np.testing.assert_array_equal(net.predict(X), 0.1)


def test_an_interrupted_fit_leaves_the_old_one(monkeypatch):
    net = OneLayerSigmoidRegressor(4, random_state=0).fit(X, Y)
    before = net.predict(X)
    monkeypatch.setattr(
        "sklearn_depth.studies._one_layer_sigmoid.train_layer", lambda *args: 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        net.fit(X[:, :2], Y)
    np.testing.assert_array_equal(net.predict(X), before)


def test_a_ball_is_learned_better_with_a_sigmoid_above():
    X, y, ball = make_ball_indicator(
        1000, 10, law="two_spheres", return_truth=True, random_state=0
    )
    fresh = ball.sample(2000, random_state=1)
    weak = OneLayerSigmoidRegressor(50, max_iter=100, random_state=0).fit(X, y)
    strong = FixedHiddenSigmoidRegressor(200, random_state=0).fit(X, y)
    assert weak.score(*fresh) < 0.7 < 0.9 < strong.score(*fresh)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_hidden": 0}, "'n_hidden' parameter"),
        ({"activation": "relu"}, "'activation' parameter"),
        ({"alpha": -1}, "'alpha' parameter"),
        ({"max_iter": 0}, "'max_iter' parameter"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        OneLayerSigmoidRegressor(**parameters).fit(X, Y)


def test_sizes_and_order_of_calls():
    with pytest.raises(MemoryError, match="Take fewer units"):
        OneLayerSigmoidRegressor(10**12).fit(X, Y)
    with pytest.raises(NotFittedError):
        OneLayerSigmoidRegressor().predict(X)
