"""Explicit weights of a ball against their expectation, in every unit of length."""

import numpy as np
import pytest
from scipy.special import erf
from sklearn.exceptions import NotFittedError

from sklearn_depth._math._erf_ball import (
    ball_balance,
    ball_profile,
    mean_of_positive,
)
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.constructions import ball_weights
from sklearn_depth.features import SigmoidFeatures

rng = np.random.default_rng(0)
X = rng.standard_normal((50, 4))
RADIUS = np.sqrt(2)


def layer(X=X, **parameters):
    paper = {"design": "iid", "hidden_scale": 0.5, "radius": None}
    drawn = {"n_hidden": 2000, "random_state": 0}
    return SigmoidFeatures(**paper | drawn | parameters).fit(X)


def kept_by(bias):
    """The rule of the proof: first half b > 0, second half b > 1/sqrt 2."""
    first = np.arange(len(bias)) < len(bias) // 2
    return first & (bias > 0), ~first & (bias > np.sqrt(0.5))


def test_weights_of_the_proof():
    fitted = layer()
    coef = ball_weights(fitted, RADIUS)
    positive, large = kept_by(fitted.hidden_intercept_)
    assert coef.shape == (2000,)
    np.testing.assert_array_equal(coef > 0, positive)
    np.testing.assert_array_equal(coef < 0, large)
    np.testing.assert_allclose(coef[positive], 2000**-0.75)
    share = positive.sum() / large.sum()
    np.testing.assert_allclose(coef[large], -ball_balance(RADIUS) * share * 2000**-0.75)


def test_the_halves_keep_their_shares():
    coef = ball_weights(layer(n_hidden=200_000), RADIUS)
    assert np.mean(coef > 0) == pytest.approx(1 / 4, rel=0.02)
    assert np.mean(coef < 0) == pytest.approx((1 - erf(1)) / 4, rel=0.05)


@pytest.mark.parametrize("radius", [1, RADIUS, 2])
@pytest.mark.parametrize("signed", [False, True])
def test_the_mean_over_the_draw(radius, signed):
    """E <v, h(x)> = r^-3/4 n f_xi(|x|), n the units kept in the first half."""
    n_hidden, norms = 200_000, np.array([0.5, 1, 1.5, 2, 3, 5])
    points = norms[:, None] * random_directions(6, 4, np.random.default_rng(2))
    initial = np.random.default_rng(3).standard_normal(n_hidden) if signed else None
    fitted = layer(n_hidden=n_hidden)
    coef = ball_weights(fitted, radius, initial_coef=initial)
    hidden = fitted.transform(points)
    size = n_hidden**-0.75 * np.sum(coef > 0)
    assert size == pytest.approx(n_hidden**0.25 / (8 if signed else 4), rel=0.02)
    expected = size * ball_profile(norms, ball_balance(radius))
    variance = sum(
        np.sum(coef[half] ** 2) * hidden[:, half].var(axis=1)
        for half in (coef > 0, coef < 0)
    )
    assert (abs(hidden @ coef - expected) < 4 * np.sqrt(variance)).all()
    # Next to either half alone the difference of the halves is pinned down well.
    assert (np.sqrt(variance) < 0.1 * size * mean_of_positive(norms)).all()


@pytest.mark.parametrize("shell", [0.1, 0.5, RADIUS])
def test_the_expected_output_climbs_to_one_over_the_shell(shell):
    coef = ball_weights(layer(), RADIUS, shell=shell)
    size = coef[coef > 0].sum()
    xi = ball_balance(RADIUS)
    assert size * ball_profile(RADIUS - shell, xi) == pytest.approx(1)
    paper = ball_weights(layer(), RADIUS)
    np.testing.assert_allclose(coef / coef.max(), paper / paper.max())


def test_a_wide_layer_is_a_ball():
    points = rng.uniform(0.5, 2, (60, 1)) * random_directions(60, 5, rng)
    inside = np.linalg.norm(points, axis=1) <= RADIUS
    errors = []
    for n_hidden, n_draws in [(2000, 8), (20_000, 8), (300_000, 2)]:
        draws = []
        for seed in range(n_draws):
            fitted = layer(points, n_hidden=n_hidden, random_state=seed)
            coef = ball_weights(fitted, RADIUS, shell=0.2)
            output = np.clip(fitted.transform(points) @ coef, 0, 1)
            draws.append(np.mean((output - inside) ** 2))
        errors.append(np.mean(draws))
    assert errors[1] < 0.8 * errors[0]
    assert errors[2] < 0.5 * errors[1]
    assert errors[2] < 0.15


@pytest.mark.parametrize("radius", [2.5, "median"])
def test_lengths_are_in_units_of_the_data(radius):
    """The same draw about another centre, with another unit of length."""
    shifted = layer(7 + 2.5 * X, radius=radius)
    assert abs(shifted.center_).min() > 5
    unit = shifted.radius_
    assert unit != 1
    found = ball_weights(shifted, RADIUS * unit, shell=0.3 * unit)
    np.testing.assert_allclose(found, ball_weights(layer(), RADIUS, shell=0.3))


def test_units_of_another_initial_sign_are_left_out():
    fitted, initial = layer(), rng.standard_normal(2000)
    initial[:100] = 0
    plain = ball_weights(fitted, RADIUS)
    coef = ball_weights(fitted, RADIUS, initial_coef=initial)
    agree = np.sign(initial) == np.sign(plain)
    np.testing.assert_array_equal(coef != 0, (plain != 0) & agree)
    np.testing.assert_allclose(coef[coef > 0], 2000**-0.75)
    same = ball_weights(fitted, RADIUS, initial_coef=list(plain))
    np.testing.assert_array_equal(same, plain)


def test_float32_layers_give_float32_weights():
    single = ball_weights(layer(X.astype("f4")), RADIUS, shell=0.2)
    assert single.dtype == np.float32
    double = ball_weights(layer(), RADIUS, shell=0.2)
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, rtol=1e-5)


def test_the_fitted_layer_counts():
    """Not the parameters that a next fit would take."""
    changed = layer().set_params(n_hidden=3, radius=2.0)
    np.testing.assert_array_equal(
        ball_weights(changed, RADIUS), ball_weights(layer(), RADIUS)
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"design": "symmetric"}, "has design='symmetric'. Fit one with design='iid'"),
        ({"activation": "tanh"}, "has activation='tanh'. Fit one with activation='erf"),
        ({"hidden_scale": 0.15}, "has hidden_scale=0.15. Fit one with hidden_scale=0"),
        ({"n_hidden": 2}, "of 2 units keeps . of its first half .* Widen it"),
        ({"radius": 1e-4}, r"is 1.41e\+04 times the layer's radius_=0.0001"),
    ],
)
def test_layers_that_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        ball_weights(layer(**parameters), RADIUS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": 2000}, "is 2e\\+03 times the layer's radius_=1; it must"),
        ({"radius": 0}, "'radius' parameter .* must be a float"),
        ({"radius": np.inf}, "Got inf instead"),
        ({"shell": 0}, "'shell' parameter .* must be a float"),
        ({"shell": 1.5}, "shell=1.5 must not exceed radius=1.4"),
        ({"initial_coef": np.ones(7)}, r"shape \(7,\), but the layer has 2000 units"),
        (
            {"initial_coef": np.ones((2000, 1))},
            r"Give one weight for each unit: shape \(2000",
        ),
        ({"initial_coef": np.full(2000, np.nan)}, "initial_coef contains NaN"),
        ({"initial_coef": np.ones(2000)}, "and 0 of its second"),
    ],
)
def test_arguments_that_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ball_weights(layer(), **{"radius": RADIUS} | arguments)


def test_a_layer_must_be_fitted():
    with pytest.raises(NotFittedError):
        ball_weights(SigmoidFeatures(design="iid", hidden_scale=0.5), RADIUS)
    with pytest.raises(ValueError, match=r"'layer' parameter .*SigmoidFeatures"):
        ball_weights(None, RADIUS)
