"""What the radialness score says of targets whose radial share is known."""

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, ShuffleSplit

from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth.datasets import make_radial, make_single_index
from sklearn_depth.metrics import radialness_score


@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
def test_it_is_the_share_of_variance_that_is_no_noise(noise):
    X, y, truth = make_radial(
        2000, 30, profile="sine", noise=noise, return_truth=True, random_state=0
    )
    score = radialness_score(X, y, random_state=0)
    assert score == pytest.approx(truth.bayes_r2, abs=0.02)


def test_half_of_a_sum_is_radial():
    X, radial = make_radial(2000, 30, profile="sine", random_state=0)
    other = X[:, 0] * radial.std() / X[:, 0].std()
    assert radialness_score(X, radial + other, random_state=0) == pytest.approx(
        0.5, abs=0.04
    )


def test_it_is_the_r2_of_out_of_fold_predictions():
    X, y = make_radial(200, 5, noise=0.1, random_state=0)
    Y, weight = np.stack([y, X[:, 0]], axis=1), np.linspace(0.5, 2, 200)
    folds, predicted = KFold(4), np.empty_like(Y)
    for train, test in folds.split(X):
        model = RadialTwoLayerRegressor().fit(X[train], Y[train], weight[train])
        predicted[test] = model.predict(X[test])
    assert radialness_score(X, Y, cv=folds, sample_weight=weight) == r2_score(
        Y, predicted, sample_weight=weight
    )


def test_targets_that_are_not_radial_score_about_zero():
    X, y = make_single_index(1000, 20, random_state=0)
    noise = np.random.default_rng(0).standard_normal(1000)
    for target in (y, noise, X[:, 0]):
        assert abs(radialness_score(X, target, random_state=0)) < 0.06


def test_learning_the_centre_tells_a_centre_elsewhere():
    X, _ = make_radial(1000, 10, random_state=0)
    y = np.abs(np.linalg.norm(X - 0.3, axis=1) - 1)
    assert radialness_score(X, y, random_state=0) < 0.9
    assert radialness_score(X, y, center="learn", random_state=0) > 0.99
    assert radialness_score(X, y, center=np.full(10, 0.3), random_state=0) > 0.99


def test_a_seed_fixes_the_folds():
    X, y = make_radial(100, 3, noise=0.3, random_state=0)
    scores = [radialness_score(X, y, random_state=seed) for seed in (0, 0, 1)]
    assert scores[0] == scores[1] != scores[2]


def test_sorted_rows_are_shuffled():
    X, y = make_radial(500, 10, profile="abs", random_state=0)
    order = np.argsort(np.linalg.norm(X, axis=1))
    assert radialness_score(X[order], y[order], random_state=0) > 0.99


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cv": ShuffleSplit(2, random_state=0)}, "must predict every sample once"),
        ({"center": "mode"}, "center"),
        ({"center": [0.0]}, r"center has shape \(1,\), but X has 3 features"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"cv": 1}, "'cv' parameter"),
    ],
)
def test_bad_input(change, message):
    X, y = make_radial(20, 3, random_state=0)
    with pytest.raises(ValueError, match=message):
        radialness_score(X, y, **change)


@pytest.mark.parametrize("level", [0.0, 0.1, 3.0])
def test_nothing_is_explained_of_a_constant(level):
    X, _ = make_radial(50, 3, random_state=0)
    y = np.full(50, level)
    assert radialness_score(X, y, random_state=0) == 0
    y[::2] *= 1 + 1e-15
    assert radialness_score(X, y, random_state=0) == 0


@pytest.mark.parametrize("unit", [1e-200, 100.0, 1e200])
def test_the_unit_of_weights_does_not_count(unit):
    X, y = make_radial(200, 5, noise=0.1, random_state=0)
    weight = np.linspace(0.5, 2, 200)
    scores = [
        radialness_score(X, y, sample_weight=factor * weight, random_state=0)
        for factor in (1, unit)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1e-9)


@pytest.mark.parametrize("kind", [bool, int, np.int8, np.float32])
def test_targets_of_any_number_type_are_taken(kind):
    X = np.random.default_rng(0).standard_normal((200, 3))
    inside = (X**2).sum(axis=1) < 2
    score = radialness_score(X, inside.astype(kind), random_state=0)
    assert score == pytest.approx(radialness_score(X, 1.0 * inside, random_state=0))
    assert score > 0.5
