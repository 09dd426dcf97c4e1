"""What the classifiers on learned, polynomial and radial features share, and their own.

The heads themselves are tested in ``_solvers/test_solvers_logistic.py``, and what all
estimators have in ``test_common.py``.
"""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    HermitePolynomialClassifier,
    RadialTwoLayerClassifier,
    ReLUNetworkClassifier,
    ThreeLayerFeatureClassifier,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
)
from sklearn_depth._solvers.two_layer._search import learn_layers
from sklearn_depth.datasets import make_ball_indicator, make_multi_index_labels

rng = np.random.default_rng(0)
X = rng.standard_normal((200, 5))
norm = np.linalg.norm(X, axis=1)
two = (norm > np.median(norm)).astype(int)
three = np.digitize(norm, np.quantile(norm, [1 / 3, 2 / 3]))


def net(**parameters):
    return TwoLayerGDClassifier(**{"n_hidden": 40, "random_state": 0} | parameters)


MODELS = [
    net(),
    HermitePolynomialClassifier(3),
    RadialTwoLayerClassifier(),
    ThreeLayerFeatureClassifier(),
]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)


def features_of(model, X):
    """What the head sees."""
    if not isinstance(model, ThreeLayerFeatureClassifier):
        return model.features_.transform(X)
    columns = []
    for h, knots in zip(model.transform(X).T, model.features_.knots, strict=True):
        columns += [h, *np.maximum(h - knots[:, None], 0)]
    return np.column_stack(columns)


@each_model
@pytest.mark.parametrize("y", [two, three], ids=["two", "three"])
def test_probabilities_are_the_formula(model, y):
    model.fit(X, y)
    z = features_of(model, X) @ model.coef_.T + model.intercept_
    if z.shape[1] == 1:
        expected = np.column_stack([1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))])
        np.testing.assert_allclose(model.decision_function(X), z[:, 0], atol=1e-8)
    else:
        expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(model.decision_function(X), z, atol=1e-8)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-9)
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(expected), atol=1e-6)
    assert model.score(X, y) > 0.7


@each_model
def test_labels_of_every_kind(model):
    rows, labels = X[:80], three[:80]
    reference = model.fit(rows, labels).predict_proba(rows)
    for names in (["a", "b", "c"], [3.0, 5.0, 9.0]):
        y = np.array(names)[labels]
        model.fit(rows, y)
        np.testing.assert_array_equal(model.classes_, names)
        np.testing.assert_array_equal(model.predict_proba(rows), reference)
        assert model.predict(rows).dtype == y.dtype


@each_model
def test_class_weights_are_sample_weights(model):
    noisy = norm + 0.5 * np.random.default_rng(1).standard_normal(200)
    y = (noisy > np.quantile(noisy, 0.8)).astype(int)
    factor = np.array([200 / 320, 200 / 80])  # n / (2 n_k)
    by_class = model.set_params(class_weight="balanced").fit(X, y).predict_proba(X)
    model.set_params(class_weight=None)
    by_row = model.fit(X, y, sample_weight=factor[y]).predict_proba(X)
    np.testing.assert_allclose(by_class, by_row, atol=1e-6)
    plain = model.fit(X, y).predict_proba(X)
    assert np.mean(by_class[:, 1] - plain[:, 1]) > 0.005


def test_a_network_takes_class_weights():
    y = (norm > np.quantile(norm, 0.9)).astype(int)
    options = {"hidden_layer_sizes": (10,), "max_epochs": 10, "random_state": 0}
    plain = ReLUNetworkClassifier(**options).fit(X, y).predict_proba(X)
    model = ReLUNetworkClassifier(**options, class_weight="balanced").fit(X, y)
    assert model.predict_proba(X)[:, 1].mean() > plain[:, 1].mean() + 0.1
    with pytest.raises(ValueError, match=r"partial_fit has those of a batch"):
        model.partial_fit(X, y)


@each_model
def test_bad_labels_are_refused(model):
    with pytest.raises(ValueError, match="1 class only"):
        model.fit(X, np.zeros(200))
    with pytest.raises(ValueError, match="1 class only"):
        model.fit(X, two, sample_weight=two)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, np.where(np.arange(200) == 3, np.nan, two))
    with pytest.raises(ValueError, match="continuous"):
        model.fit(X, norm)


@each_model
def test_a_class_of_one_row_has_a_finite_probability(model):
    y = np.where(np.arange(200) == 7, 9, two)
    with np.errstate(all="raise", under="ignore"):
        p = model.fit(X, y).predict_proba(X)
    assert np.isfinite(p).all()
    assert p[7, 2] > np.median(p[:, 2])


@each_model
@pytest.mark.filterwarnings("ignore:No direction of the")
def test_classes_of_which_no_row_can_be_left_out_keep_their_shares(model):
    p = model.fit(X[:3], ["a", "b", "c"]).predict_proba(X)
    np.testing.assert_allclose(p, 1 / 3, atol=0.1)
    p = model.fit(np.ones((200, 5)), three).predict_proba(X)
    shares = np.bincount(three) / 200
    np.testing.assert_allclose(p, np.tile(shares, (200, 1)), atol=1e-4)


@each_model
def test_separable_data_have_finite_coefficients(model):
    for labels in (two, three):
        y = np.where(X[:, 0] > 0, labels.max(), 0)
        y[0] = 1 if labels.max() > 1 else y[0]
        model.fit(X, y)
        assert np.isfinite(model.coef_).all()
        assert model.score(X, y) > (
            0.5 if isinstance(model, RadialTwoLayerClassifier) else 0.95
        )


@pytest.mark.filterwarnings("ignore:No direction of the 500 features")
def test_more_columns_than_rows():
    wide = np.random.default_rng(1).standard_normal((60, 500))
    y = (3 * wide[:, 0] + wide[:, 1] > 0).astype(int)
    for model in (
        net(),
        HermitePolynomialClassifier(),
        ThreeLayerFeatureClassifier(50),
    ):
        p = model.fit(wide, y).predict_proba(wide)
        assert np.isfinite(p).all()
        assert model.score(wide, y) > 0.5


def test_the_exclusive_or_of_two_directions_is_found():
    """Within its reach of the best accuracy, 0.9, where linear models are at chance."""
    X, y, truth = make_multi_index_labels(
        1500, 10, noise=0.1, return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(4000, random_state=1)
    model = net(n_hidden=300).fit(X, y)
    assert model.score(X_new, y_new) > truth.bayes_accuracy - 0.04
    assert LogisticRegression().fit(X, y).score(X_new, y_new) < 0.55
    assert model.subspace_.shape == (2, 10)
    overlap = np.linalg.svd(model.subspace_ @ truth.directions.T)[1]
    assert overlap.min() > 0.98
    assert model.transform(X_new).shape == (4000, 2)
    found = log_loss(y_new, model.predict_proba(X_new))
    assert truth.bayes_log_loss < found < truth.bayes_log_loss + 0.1


def test_last_turns_find_directions_more_precisely():
    X, y, truth = make_multi_index_labels(
        1500, 12, noise=0.05, return_truth=True, random_state=3
    )
    labels = TwoLayerGDRegressor(300, layers=("dense",), random_state=0)
    labels.fit(X, y.astype(float))
    model = net(n_hidden=300, layers=("dense",)).fit(X, y)
    angles = [
        np.linalg.svd(one.subspace_[:2] @ truth.directions.T)[1].min()
        for one in (labels, model)
    ]
    assert angles[1] > angles[0]


def test_one_kind_alone_is_logistic_regression_on_it():
    model = net(layers=("linear",), alpha=2.0, linear_part=None).fit(X, two)
    Z = model.features_.transform(X)
    expected = LogisticRegression(C=0.25, solver="newton-cg", tol=1e-12).fit(Z, two)
    np.testing.assert_allclose(model.coef_, expected.coef_, atol=1e-5)
    assert model.layer_shares_ == {"linear": 1.0}
    assert model.alpha_ == 2.0


def test_heads_of_several_classes_that_count_are_exact():
    model = net(layers=("random",)).fit(X, three)
    Z = model.features_.transform(X)
    expected = LogisticRegression(C=1 / (2 * model.alpha_), tol=1e-8, max_iter=5000)
    np.testing.assert_allclose(
        model.predict_proba(X), expected.fit(Z, three).predict_proba(Z), atol=1e-3
    )


def test_layers_are_mixed_by_their_log_losses():
    model = net().fit(X, three)
    shares = model.layer_shares_
    assert set(shares) <= {"linear", "random", "dense", "smooth", "sparse"}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares.get("linear", 0) < 0.2  # which says nothing of a norm
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert len(model.loss_curve_) > 5


def test_an_error_on_the_way_rules_no_layer_out(monkeypatch):
    """A search of directions may come by one that is far too low."""

    def lucky(samples, search, kinds, rng, report):
        learned = learn_layers(samples, search, kinds, rng, lambda one: False)
        return replace(learned, bar=1e-6)

    expected = net().fit(X, two).layer_shares_
    monkeypatch.setattr("sklearn_depth._two_layer._net.learn_layers", lucky)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert net().fit(X, two).layer_shares_ == expected


def test_a_ball_is_seen_by_the_sum_of_squares():
    """With 5 % flips, no accuracy is above 0.95."""
    X, y, truth = make_ball_indicator(
        800, 20, noise=0.05, return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(4000, random_state=1)
    model = net(n_hidden=100, n_feature_steps=2).fit(X, y)
    assert model.layer_shares_["smooth"] > 0.3
    assert model.score(X_new, y_new) > 0.9


def test_smooth_units_are_penalised_by_their_prior(monkeypatch):
    learned = {}

    def keep(samples, search, kinds, rng, report):
        learned["last"] = learn_layers(samples, search, kinds, rng, report)
        return learned["last"]

    monkeypatch.setattr("sklearn_depth._two_layer._net.learn_layers", keep)
    model = net(layers=("smooth",)).fit(X, two)
    layer, Z = learned["last"].layers["smooth"], learned["last"].samples.X
    turned = model.features_.transform(X) @ layer.prior
    np.testing.assert_allclose(turned, layer.features(Z) @ layer.prior, atol=1e-9)
    expected = LogisticRegression(
        C=1 / (2 * model.alpha_), solver="newton-cholesky", tol=1e-10
    ).fit(turned, two)
    np.testing.assert_allclose(
        model.decision_function(X), expected.decision_function(turned), atol=1e-3
    )


def test_labels_without_a_trace_of_X_are_noise():
    y = np.random.default_rng(5).integers(0, 2, 200)
    with pytest.warns(UserWarning, match=r"of the 5 .* than the shares of the classes"):
        p = net().fit(X, y).predict_proba(X)[:, 1]
    assert np.abs(p - 0.5).max() < 0.35


def test_transfer_to_other_classes():
    model = net().fit(X, two)
    other = model.transfer(X, three)
    np.testing.assert_array_equal(other.classes_, [0, 1, 2])
    np.testing.assert_array_equal(model.classes_, [0, 1])
    assert other.features_ is model.features_
    assert other.layer_shares_ == {"transferred": 1.0}
    assert other.score(X, three) > 0.6


def test_ten_classes():
    angle = np.arctan2(X[:, 0], X[:, 1])
    y = np.floor((angle + np.pi) / (2 * np.pi) * 10).clip(0, 9).astype(int)
    model = net(layers=("random",)).fit(X, y)
    assert model.coef_.shape == (10, 45)
    assert model.score(X, y) > 0.5


def test_iris():
    X, y = load_iris(return_X_y=True)
    for model in (net(), HermitePolynomialClassifier()):
        model.fit(X[::2], y[::2])
        assert log_loss(y[1::2], model.predict_proba(X[1::2])) < 0.25


def test_a_penalty_for_each_group_of_products():
    y = np.where(X[:, 0] * X[:, 1] > 0, 1, 0)
    model = HermitePolynomialClassifier(3).fit(X, y)
    names = [tuple(group) for group in model.groups_.tolist()]
    assert names == [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
    assert model.alpha_.shape == model.variance_shares_.shape == (6,)
    assert names[np.argmax(model.variance_shares_)] == (2, 2)
    assert model.alpha_.argmin() == names.index((2, 2))
    powers = model.features_.powers_
    left_out = np.isinf(model.alpha_)
    for group in np.array(names)[left_out]:
        of_group = (powers.sum(axis=1) == group[0]) & (
            (powers > 0).sum(axis=1) == group[1]
        )
        assert not model.coef_[:, of_group].any()


def test_groups_that_are_left_out_have_infinite_penalties_in_any_unit():
    """The penalties of the others are in the unit of the weights, here below any."""
    y = np.where(X[:, 0] * X[:, 1] > 0, 1, 0)
    one, least = (
        HermitePolynomialClassifier(3).fit(X, y, np.full(len(X), weight)).alpha_
        for weight in (1.0, 5e-324)
    )
    assert np.isinf(one).any()
    np.testing.assert_array_equal(least, np.where(np.isinf(one), np.inf, 0.0))


def test_one_penalty_for_all_products_is_logistic_regression():
    model = HermitePolynomialClassifier(2, alpha=0.5).fit(X, three)
    features = model.features_.transform(X)
    expected = LogisticRegression(solver="newton-cg", tol=1e-12, max_iter=1000)
    expected.fit(features, three)
    np.testing.assert_allclose(model.coef_, expected.coef_, atol=1e-4)


def test_balls_by_their_radius():
    X, y, ball = make_ball_indicator(
        1500, 20, noise=0.1, return_truth=True, random_state=0
    )
    X_new, y_new = ball.sample(4000, random_state=1)
    radial = RadialTwoLayerClassifier(center="origin").fit(X, y)
    found = log_loss(y_new, radial.predict_proba(X_new))
    assert ball.bayes_log_loss < found < ball.bayes_log_loss + 0.04
    p = radial.profile(np.linalg.norm(X_new, axis=1))
    np.testing.assert_allclose(p, radial.predict_proba(X_new), atol=1e-6)
    rival = FixedHiddenSigmoidClassifier(200, random_state=0).fit(X, y)
    assert found < log_loss(y_new, rival.predict_proba(X_new))


def test_radial_margins_as_a_network():
    model = RadialTwoLayerClassifier(10, n_knots=5, random_state=0).fit(X, three)
    W, b, a = model.as_network()
    margins = np.maximum(X @ W.T + b, 0) @ a
    np.testing.assert_allclose(margins, model.decision_function(X), atol=1e-8)


def test_prior_variances_of_interpolated_shares_do_not_hang_on_the_order_of_samples():
    """Nine samples of thirty features: the evidence alone would be flat there."""
    rng = np.random.default_rng(0)
    for _ in range(2):
        X, y = rng.random((9, 30)), np.arange(9) % 3
        expected = HermitePolynomialClassifier().fit(X, y).alpha_
        for _ in range(2):
            order = rng.permutation(9)
            found = HermitePolynomialClassifier().fit(X[order], y[order]).alpha_
            np.testing.assert_allclose(found, expected, rtol=1e-6)
