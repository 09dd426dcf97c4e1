"""The sum of squares of columns: what it is, and when it counts."""

import numpy as np
from test_two_layer_search import learn

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._squares import sum_of_squares


def ball(n_samples=400, n_features=20, noise=1.0, spread=1.0, seed=0):
    """How far a row is from the origin, in columns of any scale and mean."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, n_features))
    y = (X**2).sum(axis=1) / np.sqrt(2 * n_features)
    y += noise * rng.standard_normal(n_samples)
    samples = Samples.of(spread * X + 3 * (spread - 1), (y - y.mean()) / y.std())
    return X, samples


def test_units_are_squares_of_standardised_columns():
    _, samples = ball(spread=np.arange(1, 21))
    layer = sum_of_squares(samples, np.eye(20))
    X = samples.X
    scores = (X - X.mean(axis=0)) / X.std(axis=0)
    inside = np.abs(scores).max(axis=1) < 2.5
    found = layer.features(X)[inside, :20]
    expected = (scores[inside] ** 2 - 1) / np.sqrt(2)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    constant = samples.at(np.where(np.arange(20) == 4, 7.0, X))
    assert np.isfinite(sum_of_squares(constant, np.eye(20)).features(X)).all()


def test_columns_of_any_inputs_are_the_same():
    _, samples = ball()
    expected = sum_of_squares(samples, np.eye(20))
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((20, 20)))[0]
    turned = samples.at(samples.X @ turn)
    found = sum_of_squares(turned, turn)
    np.testing.assert_allclose(
        found.features(turned.X) @ found.head.coef,
        expected.features(samples.X) @ expected.head.coef,
        atol=1e-6,
    )
    np.testing.assert_allclose(found.error, expected.error, rtol=1e-6)


def test_the_sum_of_weak_squares_counts():
    """Alone each is lost in the noise; the error is within 5 % of the noise's share."""
    _, samples = ball(noise=2.0)
    layer = sum_of_squares(samples, np.eye(20))
    assert np.ptp(layer.head.coef[:20]) == 0
    assert layer.prior.shape == (40, 21)
    share_of_noise = 4 / (4 + 1)
    assert layer.error[0] < 1.05 * share_of_noise


def test_few_rows_have_none():
    _, samples = ball(n_samples=62)
    assert sum_of_squares(samples, np.eye(20)) is None
    assert sum_of_squares(ball(n_samples=63)[1], np.eye(20)) is not None


def test_they_are_the_smooth_layer_where_they_err_less():
    _, samples = ball(n_features=12)
    learned = learn(samples, kinds=("dense", "smooth"), n_feature_steps=2)
    layer = learned.layers["smooth"]
    assert learned.step == "sum of squares"
    assert learned.bar == learned.error == layer.mean_error(400)
    assert layer.n_search == 0 < learned.layers["dense"].n_search
    few = learn(samples, kinds=("smooth",), n_feature_steps=2, n_directions=2)
    assert few.step != "sum of squares"
