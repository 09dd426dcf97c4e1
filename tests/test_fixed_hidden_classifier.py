"""The classifier of frozen sigmoids: formula, optimum, rivals, labels."""

import warnings

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor
from sklearn_depth.datasets import make_ball_indicator

rng = np.random.default_rng(0)
X = rng.standard_normal((240, 4))
norm = np.linalg.norm(X, axis=1)
two = (norm > np.quantile(norm, 0.4)).astype(int)
three = np.digitize(norm, np.quantile(norm, [0.2, 0.6]))
weight = rng.uniform(0.2, 3, 240)
# Well-conditioned heads, solved to the end.
SHARP = {"alpha": 1e-3, "tie": 10, "tol": 1e-9}
each_problem = pytest.mark.parametrize("y", [two, three], ids=["two", "three"])
each_loss = pytest.mark.parametrize("loss", ["log", "squared"])
LABELS = {
    "integers": np.array([7, -3, 40]),
    "floats": np.array([1.0, 0.0, 2.0]),
    "strings": np.array(["inner", "middle", "outer"]),
    "objects": np.array(["z", "a", "m"], dtype=object),
}


def net(n_hidden=40, **parameters):
    return FixedHiddenSigmoidClassifier(n_hidden, random_state=0, **parameters)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def pre_activations(model, X):
    return model.features_.transform(X) @ model.coef_.T + model.intercept_


@each_problem
@each_loss
def test_probabilities_are_the_formula(y, loss):
    model = net(loss=loss, **SHARP).fit(X, y)
    output = sigmoid(pre_activations(model, X))
    expected = {
        1: lambda: np.hstack([1 - output, output]),
        3: lambda: output / output.sum(axis=1, keepdims=True),
    }[output.shape[1]]()
    found = model.predict_proba(X)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    assert found.min() >= 0


@each_problem
@pytest.mark.parametrize(
    "options", [{}, {"loss": "squared"}, {"loss": "squared", "output": "clip"}], ids=str
)
def test_predictions_decisions_and_probabilities_agree(y, options):
    model = net(**SHARP, **options).fit(X, y)
    X_new = 2 * np.random.default_rng(1).standard_normal((500, 4))
    predicted, p = model.predict(X_new), model.predict_proba(X_new)
    decision = model.decision_function(X_new)
    if decision.ndim == 1:
        np.testing.assert_array_equal(predicted, decision > 0)
        np.testing.assert_array_equal(decision > 0, p[:, 1] > 0.5)
    else:
        np.testing.assert_array_equal(predicted, decision.argmax(axis=1))
    # Clipped outputs may share the maximum, so it is compared and not its place.
    np.testing.assert_array_equal(p[np.arange(500), predicted], p.max(axis=1))
    assert len(np.unique(predicted)) == len(model.classes_)
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind(kind):
    labels = LABELS[kind]
    model = net(**SHARP).fit(X, labels[three])
    np.testing.assert_array_equal(model.classes_, np.sort(labels))
    reference = net(**SHARP).fit(X, three)
    np.testing.assert_array_equal(model.predict(X), labels[reference.predict(X)])
    assert model.predict(X).dtype == labels.dtype
    # Columns follow the sorted labels, training the order of columns.
    np.testing.assert_allclose(
        model.predict_proba(X)[:, np.argsort(np.argsort(labels))],
        reference.predict_proba(X),
        atol=1e-3,
    )


def test_boolean_labels():
    model = net(**SHARP).fit(X, two.astype(bool))
    assert model.classes_.dtype == bool
    reference = net(**SHARP).fit(X, two)
    np.testing.assert_array_equal(model.predict_proba(X), reference.predict_proba(X))
    np.testing.assert_array_equal(model.predict(X), reference.predict(X) == 1)


@each_problem
@pytest.mark.parametrize("sample_weight", [None, weight], ids=["even", "weighted"])
def test_the_gradient_of_the_log_loss_vanishes(y, sample_weight):
    model = net(**SHARP).fit(X, y, sample_weight=sample_weight)
    assert model.stop_reason_ in ("tol", "precision")
    share = np.ones(240) if sample_weight is None else sample_weight
    share = share / share.sum()
    hot = (y[:, None] == model.classes_)[:, -len(model.coef_) :]
    hidden = model.features_.transform(X)
    error = share[:, None] * (sigmoid(pre_activations(model, X)) - hot)
    np.testing.assert_allclose(error.sum(axis=0), 0, atol=1e-7)  # mean p = mean y
    np.testing.assert_allclose(
        hidden.T @ error + 2 * SHARP["alpha"] * model.coef_.T, 0, atol=1e-6
    )


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("sample_weight", [None, weight], ids=["even", "weighted"])
def test_the_head_is_logistic_regression(fit_intercept, sample_weight):
    model = net(fit_intercept=fit_intercept, **SHARP).fit(X, two, sample_weight)
    total = 240 if sample_weight is None else weight.sum()
    reference = LogisticRegression(
        C=1 / (2 * SHARP["alpha"] * total),
        solver="newton-cholesky",
        tol=1e-10,
        fit_intercept=fit_intercept,
    ).fit(model.features_.transform(X), two, sample_weight)
    np.testing.assert_allclose(
        model.decision_function(X),
        reference.decision_function(model.features_.transform(X)),
        atol=1e-5,
    )


def test_the_loss_curve_ends_at_the_objective():
    model = net(**SHARP).fit(X, three, sample_weight=weight)
    z = pre_activations(model, X)
    hot = three[:, None] == model.classes_
    losses = -np.where(hot, np.log(sigmoid(z)), np.log(sigmoid(-z))).sum(axis=1)
    objective = np.average(losses, weights=weight) + 1e-3 * np.sum(model.coef_**2)
    assert objective == pytest.approx(model.loss_curve_[-1], rel=1e-9)


@each_loss
def test_each_class_is_told_from_the_rest(loss):
    together = net(loss=loss, **SHARP).fit(X, three)
    for k in range(3):
        alone = net(loss=loss, **SHARP).fit(X, three == k)
        np.testing.assert_array_equal(
            alone.features_.hidden_coef_, together.features_.hidden_coef_
        )
        np.testing.assert_allclose(
            together.decision_function(X)[:, k], alone.decision_function(X), atol=1e-4
        )


@pytest.mark.parametrize("output", ["logistic", "clip"])
@pytest.mark.parametrize("auto", [True, False], ids=["auto", "fixed"])
def test_the_squared_loss_is_regression_on_indicators(output, auto):
    options = {"output": output} | ({} if auto else SHARP)
    binary = net(loss="squared", **options).fit(X, two)
    regressor = FixedHiddenSigmoidRegressor(40, random_state=0, **options)
    regressor.fit(X, two.astype(float))
    np.testing.assert_array_equal(binary.coef_[0], regressor.coef_)
    np.testing.assert_array_equal(binary.predict_proba(X)[:, 1], regressor.predict(X))
    assert (binary.alpha_, binary.tie_) == (regressor.alpha_, regressor.tie_)
    hot = (three[:, None] == np.arange(3)).astype(float)
    np.testing.assert_array_equal(
        net(loss="squared", **options).fit(X, three).coef_,
        regressor.fit(X, hot).coef_,
    )


def balanced(y, sample_weight):
    """Factors that give every class the same total weight, by row."""
    totals = np.bincount(y, sample_weight)
    return (totals.sum() / len(totals) / totals)[y]


@each_problem
@pytest.mark.parametrize("sample_weight", [None, weight], ids=["even", "weighted"])
def test_class_weights_are_sample_weights(y, sample_weight):
    rows = np.ones(240) if sample_weight is None else sample_weight
    factors = {0: 0.5, 1: 3.0, 2: 7.0}
    by_class = {k: factors[k] for k in np.unique(y)}
    explicit = {"balanced": balanced(y, rows), "dict": np.vectorize(factors.get)(y)}
    plain = net(**SHARP).fit(X, y, sample_weight).predict_proba(X)
    for class_weight, by_row in zip(
        ("balanced", by_class), explicit.values(), strict=True
    ):
        found = net(class_weight=class_weight, **SHARP).fit(X, y, sample_weight)
        expected = net(**SHARP).fit(X, y, by_row * rows)
        np.testing.assert_allclose(
            found.predict_proba(X), expected.predict_proba(X), atol=1e-6
        )
        assert np.abs(found.predict_proba(X) - plain).max() > 0.01


@pytest.mark.parametrize(
    "factors", [{0: 0, 1: 1}, {0: -1, 1: 1}, {0: 0, 1: 0}, {0: np.inf, 1: 1}], ids=str
)
def test_class_weights_that_leave_out_a_class_are_refused(factors):
    with pytest.raises(ValueError, match=r"class_weight=.* factor above zero"):
        net(class_weight=factors, **SHARP).fit(X, two)


@each_problem
@each_loss
def test_weights_are_repetition(y, loss):
    times = np.random.default_rng(1).integers(0, 4, 240)
    rows = np.repeat(np.arange(240), times)
    weighted = net(20, loss=loss, tol=1e-8).fit(X, y, sample_weight=times)
    others = [
        net(20, loss=loss, tol=1e-8).fit(X[rows], y[rows]),
        net(20, loss=loss, tol=1e-8).fit(X, y, sample_weight=0.01 * times),
    ]
    for other in others:
        assert (weighted.alpha_, weighted.tie_) == (other.alpha_, other.tie_)
        np.testing.assert_allclose(
            weighted.predict_proba(X), other.predict_proba(X), atol=1e-3
        )


def test_log_loss_needs_an_output_with_a_logarithm():
    with pytest.raises(ValueError, match=r'loss="log" needs output="logistic".*squ'):
        net(output="clip").fit(X, two)


def test_one_class_is_refused():
    message = r"1 class only, 1: .*at least 2 classes"
    with pytest.raises(ValueError, match=message):
        net().fit(X, np.ones(240, dtype=int))
    with pytest.raises(ValueError, match=message):
        net().fit(X, two, sample_weight=two)
    with pytest.raises(ValueError, match=r"1 class only, 'only'"):
        net().fit(X, np.full(240, "only"))


def test_labels_of_zero_weight_are_no_classes():
    model = net(**SHARP).fit(X, three, sample_weight=three < 2)
    np.testing.assert_array_equal(model.classes_, [0, 1])
    kept = three < 2
    np.testing.assert_allclose(
        model.predict_proba(X),
        net(**SHARP).fit(X[kept], three[kept]).predict_proba(X),
        atol=1e-12,
    )


@pytest.mark.parametrize("y", [norm, np.column_stack([two, two]), two[:-1]], ids=len)
def test_targets_that_are_no_labels_are_refused(y):
    with pytest.raises(ValueError, match=r"continuous|1d array|inconsistent numbers"):
        net().fit(X, y)


def test_unknown_labels_are_refused():
    model = net(warm_start=True, **SHARP).fit(X, two)
    with pytest.raises(ValueError, match=r"labels \[2\] that are not in classes_"):
        model.fit(X, three)
    for y_val, unknown in ((three, r"\[2\]"), (two.astype(str), r"\['0', '1'\]")):
        with pytest.raises(ValueError, match=rf"labels {unknown}.*out of y_val"):
            net(**SHARP).fit(X, two, X_val=X, y_val=y_val)


@pytest.mark.parametrize("options", [{}, {"solver": "gd", "tie": 1}], ids=str)
def test_warm_start_goes_on(options):
    options = {"alpha": 1e-4, "tie": 10, "max_iter": 5} | options
    model = net(warm_start=True, **options)
    losses, layers = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(3):
            losses += model.fit(X, three).loss_curve_
            layers.append(model.features_.hidden_coef_)
    assert layers[0] is layers[1] is layers[2]
    assert len(losses) == 15
    assert (np.diff(losses) <= 1e-12).all()
    assert losses[-1] < 0.99 * losses[4]


def test_warm_start_keeps_classes_that_are_absent():
    model = net(warm_start=True, **SHARP).fit(X, three)
    model.fit(X[three < 2], three[three < 2])
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    assert model.predict_proba(X)[:, 2].max() < 0.1
    assert model.score(X[three < 2], three[three < 2]) > 0.9


def by_deciles(p, y):
    """Mean probability and observed rate where probabilities are alike."""
    groups = np.array_split(np.argsort(p), 10)
    return np.array([(p[rows].mean(), y[rows].mean()) for rows in groups]).T


def test_probabilities_of_a_smooth_law_are_calibrated():
    """P(y = 1) = s(|x|^2 - 5): the log loss is its entropy and little more."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((5000, 5))
    truth = sigmoid((X**2).sum(axis=1) - 5)
    y = rng.random(5000) < truth
    p = net(100).fit(X[:1500], y[:1500]).predict_proba(X[1500:])[:, 1]
    predicted, observed = by_deciles(p, y[1500:])
    np.testing.assert_allclose(predicted, observed, atol=0.07)
    assert log_loss(y[1500:], p) < log_loss(y[1500:], truth[1500:]) + 0.02


def test_probabilities_of_a_noisy_ball_are_sane():
    """Steps from 0.1 to 0.9 come out smooth, as those of rivals that know the norm."""
    X, y, ball = make_ball_indicator(
        2000, 5, noise=0.1, return_truth=True, random_state=0
    )
    X_new, y_new = ball.sample(4000, random_state=1)
    p = net(100).fit(X, y).predict_proba(X_new)[:, 1]
    predicted, observed = by_deciles(p, y_new)
    assert np.abs(predicted - observed).mean() < 0.13
    np.testing.assert_allclose(predicted, observed, atol=0.25)
    rival = LogisticRegression().fit(X**2, y).predict_proba(X_new**2)[:, 1]
    entropy = -0.1 * np.log(0.1) - 0.9 * np.log(0.9)
    assert entropy < log_loss(y_new, p) < log_loss(y_new, rival)


def test_pure_noise_gets_the_shares_of_the_classes():
    y = np.random.default_rng(2).choice(3, 240, p=[0.6, 0.3, 0.1])
    p = net().fit(X, y).predict_proba(X)
    shares = np.bincount(y) / 240
    np.testing.assert_allclose(p, np.broadcast_to(shares, p.shape), atol=0.1)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_tables_against_logistic_regression(load):
    X, y = load(return_X_y=True)
    data = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
    X_train, X_test, y_train, y_test = data
    scores = [
        make_pipeline(StandardScaler(), model)
        .fit(X_train, y_train)
        .score(X_test, y_test)
        for model in (net(200), LogisticRegression())
    ]
    assert scores[0] > scores[1] - 0.03


def test_float32():
    double = net(**SHARP).fit(X, three)
    single = net(**SHARP).fit(X.astype("f4"), three)
    p = single.predict_proba(X.astype("f4"))
    assert p.dtype == single.coef_.dtype == np.float32
    np.testing.assert_allclose(p, double.predict_proba(X), atol=0.01)


def test_clipped_outputs_that_are_all_zero_are_uniform():
    model = net(loss="squared", output="clip", **SHARP).fit(X, three)
    model.intercept_ = np.full(3, -1e6)
    np.testing.assert_array_equal(model.predict_proba(X), np.full((240, 3), 1 / 3))
    binary = net(loss="squared", output="clip", **SHARP).fit(X, two)
    binary.intercept_ = np.array([-1e6])
    np.testing.assert_array_equal(binary.predict_proba(X), np.tile([1, 0], (240, 1)))


def test_cross_validated_probabilities():
    p = cross_val_predict(net(**SHARP), X, three, cv=3, method="predict_proba")
    assert p.shape == (240, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert np.mean(p.argmax(axis=1) == three) > 0.85


@each_problem
def test_calibration(y):
    model = CalibratedClassifierCV(net(**SHARP), cv=3).fit(X, y)
    assert model.score(X, y) > 0.9


def test_one_against_one():
    model = OneVsOneClassifier(net(**SHARP)).fit(X, three)
    assert len(model.estimators_) == 3
    assert model.score(X, three) > 0.9


def test_search_in_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), net(tie=10))
    name = "fixedhiddensigmoidclassifier__"
    grid = {f"{name}loss": ["log", "squared"], f"{name}alpha": [1e-3, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, three)
    assert search.best_params_[f"{name}alpha"] == 1e-3
    assert search.best_score_ > 0.85


def test_area_under_the_curve():
    scores = cross_val_score(net(**SHARP), X, two, cv=3, scoring="roc_auc")
    assert scores.min() > 0.95
    several = cross_val_score(net(**SHARP), X, three, cv=3, scoring="roc_auc_ovr")
    assert several.min() > 0.95
    model = net(**SHARP).fit(X, two)
    assert roc_auc_score(two, model.decision_function(X)) == pytest.approx(
        roc_auc_score(two, model.predict_proba(X)[:, 1]), abs=1e-6
    )
