"""Labels of planted probabilities: their law, and what the best classifier has."""

import numpy as np
import pytest
from scipy import integrate, stats
from sklearn.metrics import log_loss

from sklearn_depth.datasets import make_ball_indicator, make_multi_index_labels


def planted(**options):
    return make_multi_index_labels(
        20_000, 6, return_truth=True, random_state=0, **options
    )


def test_labels_of_two_directions_are_their_exclusive_or():
    X, y, truth = planted()
    z = X @ truth.directions.T
    np.testing.assert_array_equal(y, z[:, 0] * z[:, 1] > 0)
    np.testing.assert_array_equal(y, truth(X))
    assert truth.bayes_accuracy == 1
    assert truth.bayes_log_loss == 0
    assert y.dtype.kind == "i"


def test_labels_of_three_directions_are_their_majority():
    X, y, truth = planted(n_directions=3, link="majority")
    votes = (X @ truth.directions.T > 0).sum(axis=1)
    np.testing.assert_array_equal(y, votes > 1)


def test_flips_have_their_share():
    X, y, truth = planted(noise=0.1)
    assert np.mean(y != truth(X)) == pytest.approx(0.1, abs=0.008)
    assert truth.bayes_accuracy == pytest.approx(0.9)
    entropy = stats.entropy([0.1, 0.9])
    assert truth.bayes_log_loss == pytest.approx(entropy)
    assert truth.bayes_r2 == pytest.approx(0.8**2, abs=0.01)


def test_a_temperature_is_a_logistic_law():
    X, y, truth = planted(n_directions=1, link=lambda z: z[:, 0], temperature=0.5)
    p = 1 / (1 + np.exp(-2 * (X @ truth.directions[0])))
    np.testing.assert_allclose(truth.predict_proba(X)[:, 1], p)
    np.testing.assert_allclose(truth.predict_proba(X).sum(axis=1), 1)
    assert log_loss(y, p) == pytest.approx(truth.bayes_log_loss, abs=0.01)

    def of_best(t):
        return stats.norm.pdf(t) / (1 + np.exp(-2 * abs(t)))

    accuracy = integrate.quad(of_best, -9, 9)[0]
    assert truth.bayes_accuracy == pytest.approx(accuracy, abs=2e-3)
    for low in (0.1, 0.5, 0.8):
        near = (p > low) & (p < low + 0.1)
        assert y[near].mean() == pytest.approx(p[near].mean(), abs=0.05)


def test_fresh_labels_have_the_same_law():
    _, y, truth = planted(noise=0.2)
    X_new, y_new = truth.sample(20_000, random_state=1)
    assert np.mean(y_new != truth(X_new)) == pytest.approx(0.2, abs=0.01)
    again = make_multi_index_labels(20_000, 6, noise=0.2, random_state=0)
    np.testing.assert_array_equal(again[1], y)


def test_a_ball_has_probabilities():
    X, y, ball = make_ball_indicator(
        20_000, 4, noise=0.1, return_truth=True, random_state=0
    )
    p = ball.predict_proba(X)
    np.testing.assert_allclose(p[:, 1], np.where(ball(X) == 1, 0.9, 0.1))
    assert log_loss(y, p) == pytest.approx(ball.bayes_log_loss, abs=0.01)
    assert np.mean(y == ball(X)) == pytest.approx(ball.bayes_accuracy, abs=0.008)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="n_directions=9 orthonormal"):
        make_multi_index_labels(10, 5, n_directions=9)
    with pytest.raises(ValueError, match="noise"):
        make_multi_index_labels(noise=0.5)
