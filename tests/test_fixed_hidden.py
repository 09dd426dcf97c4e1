"""The net with a frozen hidden layer: the paper's figures, rivals and invariances."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    RobustScaler,
    StandardScaler,
)

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor
from sklearn_depth.datasets import make_ball_indicator
from sklearn_depth.features import SigmoidFeatures

PAPER = {
    "output": "clip",
    "design": "iid",
    "hidden_scale": 0.5,
    "radius": None,
    "fit_intercept": False,
    "solver": "gd",
    "alpha": 0,
    "tol": 0,
}
# Automatic choices, and fits so near to the minimum that these do not depend on it.
EXACT = {"tol": 1e-9, "max_iter": 10_000}
# No choices, and a well-conditioned head.
SHARP = EXACT | {"alpha": 1e-3, "tie": 10}
rng = np.random.default_rng(0)
X = rng.standard_normal((300, 5))
y = np.linalg.norm(X, axis=1) + 0.1 * rng.standard_normal(300)


def net(n_hidden=60, **parameters):
    return FixedHiddenSigmoidRegressor(n_hidden, random_state=0, **parameters)


def ball(n_samples, n_features, random_state=0, **law):
    """Training data and fresh test data of the same ball."""
    X, y, truth = make_ball_indicator(
        n_samples, n_features, **law, return_truth=True, random_state=random_state
    )
    return X, y, *truth.sample(2000, random_state=random_state + 1000)


def squared_error(model, X, y):
    """Of predictions, or of the probability of the second class."""
    if hasattr(model, "predict_proba"):
        return np.mean((model.predict_proba(X)[:, 1] - y) ** 2)
    return np.mean((model.predict(X) - y) ** 2)


def same_choices(*models):
    """Whether all have the same penalty and tie."""
    return len({(model.alpha_, model.tie_) for model in models}) == 1


def test_gradient_descent_on_two_spheres():
    """Errors 0.211, 0.085, 0.057 after 10, 1000 and 3000 steps; ridge has 0.075."""
    law = {"law": "two_spheres", "radius": np.sqrt(2)}
    X, y, X_new, y_new = ball(4000, 5, **law)
    model = FixedHiddenSigmoidRegressor(500, **PAPER, warm_start=True, random_state=0)
    errors = []
    for n_steps in (10, 990, 2000):
        with pytest.warns(ConvergenceWarning, match=f"max_iter={n_steps}"):
            model.set_params(max_iter=n_steps).fit(X, y)
        errors.append(squared_error(model, X_new, y_new))
    hidden, hidden_new = (model.features_.transform(data) for data in (X, X_new))
    ridge = RidgeCV(np.geomspace(1e-6, 1e3, 10), fit_intercept=False).fit(hidden, y)
    ridge_error = np.mean((ridge.predict(hidden_new) - y_new) ** 2)
    assert 0.19 < errors[0] < 0.23
    assert 0.07 < errors[1] < 0.1
    assert 0.045 < errors[2] < 0.07
    assert errors[2] < ridge_error < errors[1]


def test_rivals_on_a_ball():
    errors = {"net": [], "logistic": [], "mlp": []}
    for seed in range(3):
        X, y, X_new, y_new = ball(1500, 20, seed)
        model = FixedHiddenSigmoidRegressor(random_state=seed).fit(X, y)
        errors["net"].append(squared_error(model, X_new, y_new))
        # The ball is a half-space of the squares: a rival that is told so.
        squares = FunctionTransformer(np.square)
        logistic = make_pipeline(squares, StandardScaler(), LogisticRegression(C=10))
        probability = logistic.fit(X, y).predict_proba(X_new)[:, 1]
        errors["logistic"].append(np.mean((probability - y_new) ** 2))
        mlp = MLPRegressor(hidden_layer_sizes=(200,), max_iter=300, random_state=seed)
        errors["mlp"].append(squared_error(mlp.fit(X, y), X_new, y_new))
    net, logistic, mlp = (np.mean(found) for found in errors.values())
    assert net < 0.01
    assert net < 0.8 * logistic
    assert net < 0.1 * mlp


@pytest.mark.parametrize(
    "make", [FixedHiddenSigmoidRegressor, FixedHiddenSigmoidClassifier]
)
@pytest.mark.parametrize(
    ("law", "bound"),
    [
        ("uniform", 0.005),
        ("gaussian", 0.012),
        ("two_spheres", 0.0105),
        ("bessel", 0.003),
    ],
)
def test_balls_of_every_law(make, law, bound):
    """Against a rival that is told the squares, of which a ball is a half-space."""
    scaler = RobustScaler() if law == "bessel" else StandardScaler()
    squares = FunctionTransformer(lambda X: np.hstack([X, X**2]))
    logistic = make_pipeline(scaler, squares, LogisticRegression(max_iter=10_000))
    for seed in range(2):
        X, y, X_new, y_new = ball(1500, 20, seed, law=law)
        model = make(200, random_state=seed).fit(X, y)
        error = squared_error(model, X_new, y_new)
        assert error < bound
        assert error < squared_error(logistic.fit(X, y), X_new, y_new)


@pytest.mark.parametrize("shape", ["ball", "ellipsoid", "half-space"])
def test_the_tie_follows_the_symmetry(shape):
    rng = np.random.default_rng(0)
    X, X_new = rng.standard_normal((2, 1500, 10))
    basis = np.linalg.qr(rng.standard_normal((10, 10)))[0]
    height = {
        "ball": lambda X: np.linalg.norm(X, axis=1),
        "ellipsoid": lambda X: np.linalg.norm(
            X @ basis * np.geomspace(1, 10, 10), axis=1
        ),
        "half-space": lambda X: X @ basis[0],
    }[shape]
    y, y_new = height(X) < np.median(height(X)), height(X_new) < np.median(height(X))
    model = net(200, tol=1e-5).fit(X, y)
    assert model.features_.tie == model.tie_
    if shape == "ball":
        assert model.tie_ >= 100
        assert squared_error(model, X_new, y_new) < 0.01
    else:
        assert model.tie_ < 1000
        radial = net(200, tie=1000, tol=1e-5).fit(X, y)
        assert radial.tie_ == 1000
        errors = [squared_error(one, X_new, y_new) for one in (model, radial)]
        # The minimum of the tied net, once it is found, is near on the ellipsoid.
        assert errors[0] < {"ellipsoid": 0.98, "half-space": 0.8}[shape] * errors[1]
        assert errors[1] < 0.03


@pytest.mark.parametrize(
    "make", [FixedHiddenSigmoidRegressor, FixedHiddenSigmoidClassifier]
)
def test_noise_gets_the_mean(make):
    for seed in range(3):
        labels = np.random.default_rng(seed).integers(0, 2, 600)
        X, X_new = np.random.default_rng(9).standard_normal((2, 600, 10))
        model = make(60, random_state=seed).fit(X, labels)
        assert squared_error(model, X_new, 0.5) < 0.01
        assert model.alpha_ > 1e-5
        overfitted = make(60, random_state=seed, alpha=1e-6, tie=1, tol=1e-5)
        overfitted.fit(X, labels)
        assert squared_error(overfitted, X_new, 0.5) > 0.01


@pytest.mark.parametrize("n_features", [1, 3, 30])
def test_small_nets_start_alive(n_features):
    """Tied units are large: unscaled random weights would saturate the output."""
    X = np.random.default_rng(0).standard_normal((60, n_features))
    for seed in range(30):
        model = FixedHiddenSigmoidRegressor(
            10, alpha=1e-3, tie=1000, random_state=seed
        ).fit(X, X[:, 0])
        assert model.loss_curve_[0] < 0.1
        assert model.n_iter_ > 3


def test_prediction_is_the_formula():
    model = net().fit(X, y)
    layer = model.features_
    hidden = SigmoidFeatures(
        60, tie=layer.tie, random_state=layer.random_state
    ).fit_transform(X)
    z = hidden @ model.coef_ + model.intercept_
    expected = model.target_offset_ + model.target_scale_ / (1 + np.exp(-z))
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


@pytest.mark.parametrize("solver", ["lbfgs", "gd"])
def test_the_loss_curve_is_the_objective(solver):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = net(solver=solver, alpha=1e-3, tie=1, max_iter=40).fit(X, y)
    residual = (model.predict(X) - y) / model.target_scale_
    objective = np.mean(residual**2) + 1e-3 * np.sum(model.coef_**2)
    assert model.n_iter_ == len(model.loss_curve_) <= 40
    # Gradient descent records the objective before each step.
    assert objective == pytest.approx(model.loss_curve_[-1], rel=0.02)


def test_the_loss_curve_of_a_path():
    model = net().fit(X, y)
    assert (np.diff(model.loss_curve_) <= 1e-15).all()
    assert model.n_iter_ == len(model.loss_curve_)
    assert model.stop_reason_ == "tol"
    # The path goes one penalty beyond the chosen one.
    last = net(alpha=model.alpha_ / 10, tie=model.tie_).fit(X, y)
    assert model.loss_curve_[-1] == pytest.approx(last.loss_curve_[-1], rel=0.05)


@pytest.fixture(scope="module")
def chosen():
    """A net that has chosen its parameters."""
    return net(**EXACT).fit(X, y)


def test_the_choice_is_a_fit_at_the_chosen_parameters(chosen):
    given = net(alpha=chosen.alpha_, tie=chosen.tie_, **EXACT).fit(X, y)
    assert same_choices(chosen, given)
    np.testing.assert_allclose(chosen.predict(X), given.predict(X), atol=1e-4)


@pytest.mark.parametrize("parameters", [{"alpha": 1e-4}, {"tie": 3.0}])
def test_parameters_that_are_given_are_kept(parameters):
    model = net(**parameters).fit(X, y)
    for name, value in parameters.items():
        assert getattr(model, name + "_") == value


def test_iid_designs_have_no_tie():
    model = net(design="iid", hidden_scale=0.5, tol=1e-5).fit(X, y)
    assert model.tie_ == 0
    assert model.alpha_ < 1
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, 'alpha="loo" and tie="auto" compares minimisers'),
        (
            {"alpha": 0},
            '^tie="auto" compares minimisers, and solver="gd" is too slow',
        ),
        ({"tie": 1}, '^alpha="loo" compares'),
        ({"design": "iid"}, '^alpha="loo" compares'),
    ],
)
def test_descent_makes_no_choices(parameters, message):
    with pytest.raises(ValueError, match=message):
        net(solver="gd", **parameters).fit(X, y)


def test_targets_inside_the_unit_interval_stay():
    inside = np.column_stack([(y - y.min()) / np.ptp(y), y > y.mean()])
    model = net().fit(X, inside)
    np.testing.assert_array_equal(model.target_offset_, 0)
    np.testing.assert_array_equal(model.target_scale_, 1)
    predicted = model.predict(10 * X)
    assert ((predicted >= 0) & (predicted <= 1)).all()


def test_targets_outside_are_mapped_there_and_back():
    model = net().fit(X, y)
    mapped = (y - model.target_offset_) / model.target_scale_
    assert mapped.min() == pytest.approx(0.05)
    assert mapped.max() == pytest.approx(0.95)
    margin = np.ptp(y) / 18
    wild = model.predict(1e3 * X)
    assert wild.min() >= y.min() - margin - 1e-9
    assert wild.max() <= y.max() + margin + 1e-9
    assert model.score(X, y) > 0.9


def test_each_target_is_mapped_on_its_own():
    both = np.column_stack([y, (y > y.mean()).astype(float)])
    model = net().fit(X, both)
    np.testing.assert_array_equal(model.target_offset_[1], 0)
    assert model.target_scale_[0] == pytest.approx(np.ptp(y) / 0.9)


@pytest.mark.parametrize(("factor", "shift"), [(3, -100), (1e-6, 5), (1e6, 0)])
def test_the_fit_follows_affine_maps_of_the_targets(factor, shift):
    """Outside of [0, 1] both times."""
    expected = net(**SHARP).fit(X, y).predict(X)
    moved = net(**SHARP).fit(X, factor * y + shift).predict(X)
    np.testing.assert_allclose((moved - shift) / factor, expected, atol=1e-5)


def test_the_fit_follows_a_reflection_of_the_targets():
    """The start is not reflected, yet the minimum that it leads to is."""
    expected = net(**SHARP).fit(X, y).predict(X)
    reflected = net(**SHARP).fit(X, -y).predict(X)
    np.testing.assert_allclose(-reflected, expected, atol=1e-5)


def test_units_of_the_inputs_do_not_matter():
    expected = net(**SHARP).fit(X, y).predict(X)
    moved = 1e4 * X - 3e4
    np.testing.assert_allclose(
        net(**SHARP).fit(moved, y).predict(moved), expected, atol=1e-5
    )


@pytest.mark.parametrize(
    ("of_X", "of_y"),
    [
        (lambda X: X, lambda y: 100 - 3 * y),
        (lambda X: 1e4 * X - 3e4, lambda y: y),
        (lambda X: X @ np.linalg.qr(np.arange(25).reshape(5, 5) % 7 + 0.5)[0], None),
    ],
    ids=["affine", "units", "rotation"],
)
def test_choices_follow_maps_of_the_data(of_X, of_y, chosen):
    if of_y is None:  # a rotation draws another layer for the same function
        moved = net(**EXACT).fit(of_X(X), y)
        assert moved.alpha_ == chosen.alpha_
        assert moved.score(of_X(X), y) == pytest.approx(chosen.score(X, y), abs=0.02)
        return
    moved = net(**EXACT).fit(of_X(X), of_y(y))
    assert same_choices(chosen, moved)
    expected, scale = of_y(chosen.predict(X)), np.abs(np.ptp(of_y(y)))
    np.testing.assert_allclose(moved.predict(of_X(X)), expected, atol=2e-4 * scale)


def test_weights_are_repetition():
    times = np.random.default_rng(1).integers(0, 4, 300)
    weighted = net(**SHARP).fit(X, y, sample_weight=times)
    repeated = net(**SHARP).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-5)
    scaled = net(**SHARP).fit(X, y, sample_weight=0.01 * times)
    np.testing.assert_allclose(weighted.predict(X), scaled.predict(X), atol=1e-5)


def test_choices_take_weights_for_repetition():
    times = np.random.default_rng(1).integers(0, 4, 300)
    weighted = net(**EXACT).fit(X, y, sample_weight=times)
    repeated = net(**EXACT).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    scaled = net(**EXACT).fit(X, y, sample_weight=0.01 * times)
    assert same_choices(weighted, repeated, scaled)
    for other in (repeated, scaled):
        np.testing.assert_allclose(weighted.predict(X), other.predict(X), atol=1e-4)


def test_rows_of_equal_features_leave_together():
    """Else each would vouch for its twin, and noise would pass for a pattern."""
    noise = np.random.default_rng(1).integers(0, 2, 300)
    single = net(**EXACT).fit(X, noise)
    double = net(**EXACT).fit(np.vstack([X, X]), np.tile(noise, 2))
    assert same_choices(single, double)
    np.testing.assert_allclose(single.predict(X), double.predict(X), atol=1e-5)
    # That the twins may differ in their labels makes no difference.
    labels = np.concatenate([noise, 1 - noise])
    model = net().fit(np.vstack([X, X]), labels)
    assert np.abs(model.predict(X) - 0.5).max() < 0.01


def test_constant_targets_are_predicted():
    for constant in (0.0, 0.4, 1.0, 7.0, -3.0, 1e-12, -1e90):
        model = net().fit(X, np.full(300, constant))
        np.testing.assert_array_equal(model.predict(X), np.full(300, constant))


def test_targets_that_vary_by_rounding_are_constant():
    shares = np.random.default_rng(0).dirichlet(np.ones(5), 300).sum(axis=1)
    assert 0 < np.ptp(shares) < 1e-15
    for factor in (1.0, 1e-12, 1e90):
        both = np.column_stack([factor * shares, y])
        predicted = net(**SHARP).fit(X, both).predict(X)
        np.testing.assert_allclose(predicted[:, 0], factor, rtol=1e-14)
        assert np.ptp(predicted[:, 1]) > 0.1


def test_warm_starts_on_a_constant():
    model = net(warm_start=True).fit(X, np.full(300, 7.0))
    np.testing.assert_array_equal(model.fit(X, np.full(300, 7.0)).predict(X), 7)
    with pytest.raises(ValueError, match=r"from 7 to 7\.01, beyond the range"):
        model.fit(X, np.where(np.arange(300) < 9, 7.01, 7.0))


@pytest.mark.parametrize("solver", ["lbfgs", "gd"])
def test_warm_start_goes_on(solver):
    model = net(solver=solver, warm_start=True, max_iter=6, alpha=1e-4, tie=3)
    losses, layers = [], []
    for _ in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        losses += model.loss_curve_
        layers.append(model.features_)
    for layer in layers:
        np.testing.assert_array_equal(layer.hidden_coef_, layers[0].hidden_coef_)
    assert (np.diff(losses) <= 1e-12).all()
    assert losses[-1] < 0.95 * losses[5]


def test_warm_starts_keep_their_choices():
    model = net(warm_start=True).fit(X, y)
    choices = model.alpha_, model.tie_
    n_before, layer = model.n_iter_, model.features_
    noise = np.random.default_rng(0).permutation(y)
    assert not same_choices(model, net().fit(X, noise))
    model.fit(X, noise)
    assert (model.alpha_, model.tie_) == choices
    np.testing.assert_array_equal(model.features_.hidden_coef_, layer.hidden_coef_)
    again = model.fit(X, y).fit(X, y)
    assert again.n_iter_ <= 2 < n_before
    fresh = net(alpha=choices[0], tie=choices[1], **EXACT).fit(X, y)
    exact = model.set_params(**EXACT).fit(X, y)
    np.testing.assert_allclose(exact.predict(X), fresh.predict(X), atol=1e-3)


def test_warm_descent_is_one_long_descent():
    options = PAPER | {"n_hidden": 60}
    short = net(**options, warm_start=True, max_iter=20)
    long = net(**options, max_iter=40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        short.fit(X, y).fit(X, y)
        long.fit(X, y)
    np.testing.assert_allclose(short.coef_, long.coef_, rtol=1e-10)


def test_without_a_warm_start_each_fit_is_new():
    first = net().fit(X, y).predict(X)
    again = net().fit(X[:100], -y[:100]).fit(X, y).predict(X)
    np.testing.assert_array_equal(first, again)


def test_warm_starts_refuse_other_shapes():
    model = net(warm_start=True).fit(X, y)
    for target in (y[:, None], np.column_stack([y, y])):
        with pytest.raises(
            ValueError, match=r"continues with 1 target\(s\) in one dim.*warm_start=F"
        ):
            model.fit(X, target)
    with pytest.raises(ValueError, match=r"4 features.*expecting 5"):
        model.fit(X[:, :4], y)


def test_dead_training_is_said():
    model = net(**PAPER | {"n_hidden": 200, "learning_rate": 50.0})
    with pytest.warns(ConvergenceWarning, match="dead after"):
        model.fit(X, y > y.mean())
    assert model.stop_reason_ == "dead"


@pytest.mark.parametrize("solver", ["lbfgs", "gd"])
def test_warnings_point_at_the_call_of_fit(solver):
    message = r"stopped at max_iter=3 with loss .*Raise max_iter"
    model = net(solver=solver, alpha=1e-4, tie=1, max_iter=3)
    with pytest.warns(ConvergenceWarning, match=message) as caught:
        model.fit(X, y)
    assert model.stop_reason_ == "max_iter"
    assert [warning.filename for warning in caught] == [__file__]


def test_nets_too_wide_for_the_machine_are_refused():
    with pytest.raises(MemoryError, match=r"n_hidden=.*Lower n_hidden"):
        FixedHiddenSigmoidRegressor(10**13).fit(X, y)


def test_targets_in_a_small_part_of_the_unit_interval_are_spread():
    expected = net().fit(X, y).predict(X) / 1e4
    model = net().fit(X, y / 1e4)
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-6)
    assert model.score(X, y / 1e4) > 0.9


def test_warm_starts_refuse_what_they_cannot_keep():
    model = net(warm_start=True).fit(X, y)
    with pytest.raises(
        ValueError, match=r"beyond the range of that map.*warm_start=False"
    ):
        model.fit(X, 100 * y)
    with pytest.raises(ValueError, match=r"hidden_scale from .* to 0\.3"):
        model.set_params(hidden_scale=0.3).fit(X, y)


def test_rows_at_the_centre_do_not_set_the_radius():
    many_zeros = np.vstack([np.zeros((400, 5)), 1e3 * X])
    model = net().fit(many_zeros, np.append(np.zeros(400), y))
    assert model.features_.radius_ > 100


def test_weights_may_have_a_sum_beyond_float64():
    heavy = net().fit(X, y, sample_weight=np.full(300, 1e308))
    np.testing.assert_array_equal(heavy.predict(X), net().fit(X, y).predict(X))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("alpha", [0, 1e-300])
def test_ties_are_chosen_without_a_penalty(alpha, dtype):
    Z = np.round(np.random.default_rng(0).normal(size=(200, 1))).astype(dtype)
    model = FixedHiddenSigmoidRegressor(50, alpha=alpha, random_state=0)
    assert np.isfinite(model.fit(Z, Z[:, 0] > 0).predict(Z)).all()
