"""Rows set aside: the curve of their loss, the head it keeps, the choices it makes."""

import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor
from sklearn_depth._math._tolerances import TIED
from sklearn_depth.datasets import make_ball_indicator

rng = np.random.default_rng(0)
X, X_val = rng.standard_normal((2, 150, 4))
norm, norm_val = (np.linalg.norm(Z, axis=1) for Z in (X, X_val))
noise, noise_val = 0.4 * rng.standard_normal((2, 150))
weight_val = rng.uniform(0.1, 4, 150)


def digits(values):
    return np.digitize(values, [1.4, 2.1])


# Regression far from [0, 1] with one and two targets, two and three noisy classes.
PROBLEMS = {
    "one target": (
        FixedHiddenSigmoidRegressor,
        100 * (norm + noise),
        100 * (norm_val + noise_val),
    ),
    "two targets": (
        FixedHiddenSigmoidRegressor,
        np.column_stack([norm + noise, X[:, 0] + noise]),
        np.column_stack([norm_val + noise_val, X_val[:, 0] + noise_val]),
    ),
    "two classes": (
        FixedHiddenSigmoidClassifier,
        norm + noise > 2,
        norm_val + noise_val > 2,
    ),
    "three classes": (
        FixedHiddenSigmoidClassifier,
        digits(norm + noise),
        digits(norm_val + noise_val),
    ),
}
SOLVERS = {
    "lbfgs": {"tie": 10},
    "gd": {"solver": "gd", "tie": 1, "learning_rate": 1.0, "max_iter": 400},
}
AUTO = {"alpha": "loo", "tie": "auto"}
each_problem = pytest.mark.parametrize("problem", PROBLEMS)
each_solver = pytest.mark.parametrize("solver", SOLVERS)
each_estimator = pytest.mark.parametrize("problem", ["one target", "two classes"])


def net(problem, **parameters):
    make = PROBLEMS[problem][0]
    return make(40, random_state=0, **{"alpha": 0, "tie": 10} | parameters)


def fit(model, problem, *, aside=True, **given):
    """Fit with the validation rows, or without them, however it ends."""
    _, y, y_val = PROBLEMS[problem]
    held_out = {"X_val": X_val, "y_val": y_val} if aside else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y, **held_out | given)


def loss(model, X, y, weight=None):
    """The loss that was trained on, by hand and from predictions alone."""
    if is_classifier(model):
        z = np.reshape(model.decision_function(X), (len(X), -1))
        hot = (y[:, None] == model.classes_)[:, -z.shape[1] :]
        losses = np.logaddexp(0, z) - hot * z
    else:
        losses = ((model.predict(X) - y) / model.target_scale_) ** 2
    return np.average(losses.reshape(len(X), -1).sum(axis=1), weights=weight)


@each_problem
@each_solver
def test_the_kept_head_has_the_least_loss_of_the_curve(problem, solver):
    model = fit(net(problem, **SOLVERS[solver]), problem)
    curve = model.validation_loss_curve_
    assert len(curve) == len(model.loss_curve_) == model.n_iter_
    by_hand = loss(model, X_val, PROBLEMS[problem][2])
    assert by_hand == pytest.approx(min(curve), rel=1e-9)
    assert min(curve) < max(curve)


@each_problem
def test_the_curve_is_the_loss_of_shorter_fits(problem):
    curve = fit(net(problem), problem).validation_loss_curve_
    for n_steps in (1, 2, 4, 7):
        model = fit(net(problem, max_iter=n_steps), problem, aside=False)
        by_hand = loss(model, X_val, PROBLEMS[problem][2])
        assert by_hand == pytest.approx(curve[n_steps - 1], rel=1e-9)


@each_problem
@pytest.mark.parametrize("n_iter_no_change", [1, 5, 20])
def test_training_stops_when_patience_ends(problem, n_iter_no_change):
    model = fit(net(problem, n_iter_no_change=n_iter_no_change), problem)
    assert model.stop_reason_ == "validation"
    curve = model.validation_loss_curve_
    assert model.n_iter_ == np.argmin(curve) + 1 + n_iter_no_change
    # No earlier minimum had stood for so long.
    records = np.flatnonzero(curve == np.minimum.accumulate(curve))
    assert np.diff(records).max(initial=0) <= n_iter_no_change


@each_problem
def test_other_ends_keep_the_best_head_too(problem):
    model = fit(net(problem, max_iter=12, n_iter_no_change=50), problem)
    assert model.stop_reason_ == "max_iter"
    curve = model.validation_loss_curve_
    assert np.argmin(curve) < 11  # the last head is not the best one
    by_hand = loss(model, X_val, PROBLEMS[problem][2])
    assert by_hand == pytest.approx(min(curve), rel=1e-9)


@each_problem
def test_the_training_itself_is_left_alone(problem):
    stopped, free = fit(net(problem), problem), fit(net(problem), problem, aside=False)
    assert stopped.loss_curve_ == free.loss_curve_[: stopped.n_iter_]
    assert stopped.n_iter_ < free.n_iter_
    y_val = PROBLEMS[problem][2]
    assert loss(stopped, X_val, y_val) < loss(free, X_val, y_val)


@each_estimator
def test_without_validation_data_there_is_no_curve(problem):
    model = net(problem, alpha=1e-3)
    assert not hasattr(fit(model, problem, aside=False), "validation_loss_curve_")
    assert hasattr(fit(model, problem), "validation_loss_curve_")
    assert not hasattr(fit(model, problem, aside=False), "validation_loss_curve_")


@each_problem
@pytest.mark.parametrize("options", [{}, AUTO], ids=["fixed", "auto"])
def test_weights_of_validation_rows_are_repetition(problem, options):
    times = np.random.default_rng(1).integers(0, 4, 150)
    repeated = {
        "X_val": np.repeat(X_val, times, axis=0),
        "y_val": np.repeat(PROBLEMS[problem][2], times, axis=0),
    }
    expected = fit(net(problem, **options), problem, **repeated)
    for factor in (1.0, 0.01):
        found = fit(net(problem, **options), problem, sample_weight_val=factor * times)
        np.testing.assert_allclose(
            found.validation_loss_curve_, expected.validation_loss_curve_, rtol=1e-9
        )
        np.testing.assert_array_equal(found.coef_, expected.coef_)
    even = fit(net(problem, **options), problem)
    assert even.validation_loss_curve_ != expected.validation_loss_curve_


@each_problem
def test_weighted_losses_by_hand(problem):
    model = fit(net(problem), problem, sample_weight_val=weight_val)
    by_hand = loss(model, X_val, PROBLEMS[problem][2], weight_val)
    assert by_hand == pytest.approx(min(model.validation_loss_curve_), rel=1e-9)


@each_problem
def test_automatic_choices_follow_the_validation_data(problem):
    """On the training rows themselves nothing overfits: no penalty is too small."""
    _, y, y_val = PROBLEMS[problem]
    options = AUTO | {"n_iter_no_change": 500, "max_iter": 300}
    flattered = fit(net(problem, **options), problem, X_val=X, y_val=y)
    honest = fit(net(problem, **options), problem)
    assert flattered.alpha_ < honest.alpha_
    assert loss(flattered, X, y) < loss(honest, X, y)
    assert loss(honest, X_val, y_val) < loss(flattered, X_val, y_val)


@each_problem
def test_automatic_choices_keep_the_best_head_of_all(problem):
    model = fit(net(problem, **AUTO), problem)
    curve = model.validation_loss_curve_
    by_hand = loss(model, X_val, PROBLEMS[problem][2])
    assert by_hand == pytest.approx(min(curve), rel=1e-9)
    assert len(curve) == len(model.loss_curve_) == model.n_iter_
    assert model.stop_reason_ == "validation"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("alpha", [0, "loo"])
def test_the_tie_is_that_of_the_best_kept_head(alpha, seed):
    """Ties are tried in falling order until one is not clearly better than the last."""
    rng = np.random.default_rng(seed)
    X, X_val = rng.standard_normal((2, 150, 4))
    y, y_val = (
        np.linalg.norm(Z, axis=1) + 0.3 * Z[:, 0] + 0.4 * rng.standard_normal(150)
        for Z in (X, X_val)
    )
    least = {}
    for tie in (1000.0, 100.0, 10.0):
        model = net("one target", alpha=alpha, tie=tie)
        model.fit(X, y, X_val=X_val, y_val=y_val)
        least[tie] = min(model.validation_loss_curve_)
    chosen = net("one target", alpha=alpha, tie="auto")
    chosen.fit(X, y, X_val=X_val, y_val=y_val)
    expected = 1000.0
    for tie in (100.0, 10.0):
        if least[tie] > (1 - TIED) * least[expected]:
            break
        expected = tie
    assert chosen.tie_ == expected
    assert min(chosen.validation_loss_curve_) == least[expected]


@each_estimator
def test_one_validation_row_is_enough(problem):
    y_val = PROBLEMS[problem][2][:1]
    model = fit(net(problem), problem, X_val=X_val[:1], y_val=y_val)
    assert min(model.validation_loss_curve_) == pytest.approx(
        loss(model, X_val[:1], y_val), rel=1e-9, abs=1e-12
    )


def test_labels_that_the_validation_rows_lack():
    few = norm_val + noise_val > 2
    model = fit(
        net("two classes"), "two classes", X_val=X_val[few], y_val=np.ones(few.sum())
    )
    assert min(model.validation_loss_curve_) == pytest.approx(
        loss(model, X_val[few], np.ones(few.sum()))
    )


def test_validation_targets_may_lie_outside_of_the_training_range():
    model = fit(net("one target"), "one target", y_val=500 + 100 * norm_val)
    assert min(model.validation_loss_curve_) == pytest.approx(
        loss(model, X_val, 500 + 100 * norm_val), rel=1e-9
    )
    assert min(model.validation_loss_curve_) > 1


@each_estimator
def test_warm_start_with_validation_data(problem):
    model = fit(net(problem, warm_start=True), problem)
    least = min(model.validation_loss_curve_)
    fit(model, problem)
    assert model.stop_reason_ == "validation"
    by_hand = loss(model, X_val, PROBLEMS[problem][2])
    assert by_hand == pytest.approx(min(model.validation_loss_curve_), rel=1e-9)
    assert by_hand < 1.05 * least


@each_estimator
def test_float32_rows(problem):
    double = fit(net(problem), problem)
    single = net(problem).fit(
        X.astype("f4"),
        PROBLEMS[problem][1],
        X_val=X_val.astype("f4"),
        y_val=PROBLEMS[problem][2],
    )
    assert single.coef_.dtype == np.float32
    assert min(single.validation_loss_curve_) == pytest.approx(
        min(double.validation_loss_curve_), rel=0.01
    )


def with_entry(array, value):
    spoiled = np.array(array, dtype=float)
    spoiled.flat[3] = value
    return spoiled


@each_estimator
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"y_val": None}, "X_val and y_val go together; y_val is missing"),
        ({"X_val": None}, "X_val and y_val go together; X_val is missing"),
        (
            {"X_val": None, "y_val": None, "sample_weight_val": weight_val},
            "sample_weight_val needs X_val and y_val",
        ),
        ({"X_val": X_val[:, :2]}, "X has 2 features, but .* is expecting 4"),
        ({"X_val": X_val[0]}, "Expected 2D array, got 1D array"),
        ({"X_val": X_val[:0]}, r"0 sample\(s\)"),
        ({"X_val": with_entry(X_val, np.nan)}, "Input X contains NaN"),
        ({"X_val": with_entry(X_val, np.inf)}, "Input X contains infinity"),
        ({"X_val": X_val[:9]}, r"inconsistent numbers of samples: \[9, 150\]"),
        ({"y_val": with_entry(norm_val > 2, np.nan)}, "Input y_val contains NaN"),
        ({"y_val": with_entry(norm_val > 2, np.inf)}, "Input y_val contains infinity"),
        ({"y_val": norm_val[:, None]}, r"y_val has shape \(150, 1\), but y has shape"),
        ({"y_val": np.zeros((150, 2))}, r"y_val has shape \(150, 2\), but y has"),
        ({"sample_weight_val": np.zeros(150)}, "at least one non-zero"),
        ({"sample_weight_val": -weight_val}, "Negative values"),
        ({"sample_weight_val": weight_val[:9]}, r"expected \(150,\)"),
        ({"sample_weight_val": with_entry(weight_val, np.nan)}, "contains NaN"),
    ],
)
def test_bad_validation_data(problem, given, message):
    with pytest.raises(ValueError, match=message):
        fit(net(problem), problem, **given)


def test_validation_targets_beyond_all_measure():
    with pytest.raises(ValueError, match=r"entry of y_val is .*Scale y_val"):
        fit(net("one target"), "one target", y_val=1e200 * norm_val)


@each_estimator
def test_a_pipeline_transforms_the_validation_rows(problem):
    _, y, y_val = PROBLEMS[problem]
    spread = np.array([1, 10, 0.1, 3])
    with sklearn.config_context(enable_metadata_routing=True):
        model = net(problem, alpha=1e-4).set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_val"])
        pipeline.fit(5 + spread * X, y, X_val=5 + spread * X_val, y_val=y_val)
    scaler = StandardScaler().fit(5 + spread * X)
    Z, Z_val = (scaler.transform(5 + spread * data) for data in (X, X_val))
    by_hand = net(problem, alpha=1e-4).fit(Z, y, X_val=Z_val, y_val=y_val)
    curve = pipeline[-1].validation_loss_curve_
    assert curve == by_hand.validation_loss_curve_
    np.testing.assert_array_equal(pipeline[-1].coef_, by_hand.coef_)


def test_little_patience_does_not_end_the_path_at_its_start():
    """At a large penalty the loss stands still soon, and the next one goes on."""
    X, y, ball = make_ball_indicator(600, 5, return_truth=True, random_state=0)
    X_val, y_val = ball.sample(200, random_state=1)
    model = FixedHiddenSigmoidRegressor(200, n_iter_no_change=5, random_state=0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    assert model.alpha_ < 0.1
    X_new, y_new = ball.sample(2000, random_state=2)
    assert np.mean((model.predict(X_new) - y_new) ** 2) < 0.02
