"""Three layers on labels; what all learned classifiers share is tested elsewhere."""

import numpy as np
import pytest
from sklearn.callback import ScoringMonitor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from sklearn_depth import ThreeLayerFeatureClassifier, ThreeLayerFeatureRegressor
from sklearn_depth.datasets import make_ball_indicator, make_quadratic_feature

rng = np.random.default_rng(0)
X = rng.standard_normal((200, 4))
product = X[:, 0] * X[:, 1] + 0.3 * rng.standard_normal(200)
two = (product > 0.2).astype(int)
three = np.digitize(product, [-0.4, 0.4])
LABELS = pytest.mark.parametrize("y", [two, three], ids=["two", "three"])


def planted(n, d, n_new=3000):
    """Signs of a quadratic form, a tenth of them flipped, and new rows."""
    X, y, truth = make_quadratic_feature(
        n, d, link="sign", return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(n_new, random_state=1)
    rng = np.random.default_rng(2)
    flips = [np.where(rng.random(len(one)) < 0.1, -1, 1) for one in (y, y_new)]
    return X, y * flips[0], X_new, y_new * flips[1], truth


def test_the_sign_of_a_quadratic_form_is_learned():
    X, y, X_new, y_new, truth = planted(1000, 8)
    net = ThreeLayerFeatureClassifier().fit(X, y)
    assert net.score(X_new, y_new) > 0.9 - 0.04
    assert LogisticRegression().fit(X, y).score(X_new, y_new) < 0.55
    h, q = net.transform(X_new)[:, 0], truth.feature(X_new)
    assert abs(np.corrcoef(h, q)[0, 1]) > 0.97
    best = -0.9 * np.log(0.9) - 0.1 * np.log(0.1)
    assert best < log_loss(y_new, net.predict_proba(X_new)) < best + 0.06
    assert net.get_feature_names_out() == ["threelayerfeatureclassifier0"]


def test_balls_have_a_quadratic_form():
    X, y, ball = make_ball_indicator(1000, 6, return_truth=True, random_state=0)
    X_new, y_new = ball.sample(3000, random_state=1)
    net = ThreeLayerFeatureClassifier().fit(X, y)
    assert net.score(X_new, y_new) > 0.9
    assert LogisticRegression().fit(X, y).score(X_new, y_new) < 0.6


def test_features_are_those_of_a_regression_on_class_shares():
    net = ThreeLayerFeatureClassifier().fit(X, three)
    shares = np.eye(3)[three]
    regression = ThreeLayerFeatureRegressor().fit(X, shares)
    np.testing.assert_allclose(net.transform(X), regression.transform(X), atol=1e-9)
    assert net.start_ == regression.start_
    np.testing.assert_allclose(
        np.concatenate(net.loss_curve_), np.concatenate(regression.loss_curve_)
    )
    assert net.coef_.shape == (3, 3 * 21)


def test_few_rows_do_not_make_probabilities_too_sure():
    """As many products as rows: a head that saw rows fit themselves would be."""
    X, y, X_new, y_new, _ = planted(300, 20)
    loss = log_loss(y_new, ThreeLayerFeatureClassifier().fit(X, y).predict_proba(X_new))
    assert loss < np.log(2) - 0.05


@LABELS
@pytest.mark.parametrize("start", ["auto", "gradient", "ridge", "spectral"])
def test_weights_are_repetitions(y, start):
    times = np.random.default_rng(1).integers(0, 4, 200)
    net = ThreeLayerFeatureClassifier(start=start, n_refinements=2)
    p = net.fit(X, y, sample_weight=times).predict_proba(X)
    again = net.fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(again.predict_proba(X), p, atol=1e-6)


def test_rows_of_equal_columns_and_other_labels():
    grid = np.random.default_rng(3).integers(0, 3, (300, 3)).astype(float)
    y = np.where(grid[:, 0] * grid[:, 1] > 1, 2, np.arange(300) % 2)
    p = ThreeLayerFeatureClassifier().fit(grid, y).predict_proba(grid)
    np.testing.assert_array_equal(p.argmax(axis=1) == 2, y == 2)
    np.testing.assert_allclose(p[y < 2, :2], 0.5, atol=0.2)


@pytest.mark.parametrize("start", ["gradient", "ridge"])
def test_labels_of_chance_have_their_shares(start):
    """In the median: some draws have a trace of a feature."""
    losses = []
    for seed in range(5):
        y = np.random.default_rng(seed).integers(0, 2, 200)
        net = ThreeLayerFeatureClassifier(start=start).fit(X, y)
        losses.append(-net.predict_log_proba(X).mean())  # of either label
    assert np.log(2) < np.median(losses) < np.log(2) + 0.03


def test_a_linear_label_gets_a_straight_link():
    noise = np.random.default_rng(4).standard_normal(200)
    y = (X[:, 0] + X[:, 2] + 2 * noise > 0).astype(int)
    net = ThreeLayerFeatureClassifier().fit(X, y)
    assert net.start_ == ["linear"]
    np.testing.assert_array_equal(net.coef_[0, 1:], 0)
    expected = LogisticRegression().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(net.predict_proba(X), expected, atol=0.1)


def test_scoring_monitor_hears_of_every_round():
    monitor = ScoringMonitor(scoring="neg_log_loss")
    net = ThreeLayerFeatureClassifier(start="ridge").set_callbacks(monitor).fit(X, two)
    logs = monitor.get_logs().data
    scores = [row["neg_log_loss"] for row in logs if row["task_name"] == "iteration"]
    (final,) = [row["neg_log_loss"] for row in logs if row["task_name"] == "fit"]
    kept = len(net.loss_curve_[0])
    assert len(scores) >= kept > 1
    assert scores[kept - 1] == final
    assert final == pytest.approx(-log_loss(two, net.predict_proba(X)), rel=1e-12)


def test_spectral_needs_more_rows_than_units():
    with pytest.raises(ValueError, match="12 samples and 14 units"):
        ThreeLayerFeatureClassifier(start="spectral").fit(X[:12], two[:12])
