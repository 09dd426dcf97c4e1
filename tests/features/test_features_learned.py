"""Learned ReLU layers: the formula, what they find, and what they must not see."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sklearn_depth._solvers.two_layer._layers import effective_rank
from sklearn_depth.datasets import make_multi_index, make_single_index
from sklearn_depth.features import LearnedReLUFeatures

rng = np.random.default_rng(0)
X = rng.normal([3, 0, -1, 10, 0], [1, 2, 0.1, 5, 1], (300, 5))
y = np.abs(X[:, 0] - 3) + 0.1 * rng.standard_normal(300)


def learned(X=X, y=y, sample_weight=None, **parameters):
    layer = LearnedReLUFeatures(**{"n_hidden": 60, "random_state": 0} | parameters)
    return layer.fit(X, y, sample_weight)


def found_directions(layer, n_directions):
    """The leading directions of the rows, in the coordinates of X."""
    rows = layer.hidden_coef_ @ layer.whitening_ / layer.scale_
    return np.linalg.svd(rows)[2][:n_directions]


def cosines(truth, layer):
    """Cosines of the angles between the planted and the found subspace."""
    found = found_directions(layer, len(truth.directions))
    return np.linalg.svd(found @ truth.directions.T)[1]


@pytest.mark.parametrize("whiten", ["ridge", None])
def test_the_map_is_units_and_inputs(whiten):
    layer = learned(whiten=whiten)
    z = X
    if whiten == "ridge":
        scaled = (X - X.mean(axis=0)) / X.std(axis=0)
        z = np.clip(scaled, -5, 5) @ layer.whitening_
    units = np.maximum(z @ layer.hidden_coef_.T + layer.hidden_intercept_, 0)
    np.testing.assert_allclose(layer.transform(X), np.hstack([units, z]), atol=1e-10)


def test_whitening_is_the_shrunken_inverse_root():
    mixed = X @ np.random.default_rng(1).standard_normal((5, 5))
    layer = learned(mixed)
    scaled = (mixed - mixed.mean(axis=0)) / mixed.std(axis=0)
    assert abs(scaled).max() < 5
    precision = np.linalg.inv(np.cov(scaled.T, bias=True) + np.eye(5))
    square = layer.whitening_ @ layer.whitening_
    np.testing.assert_allclose(
        square / np.trace(square), precision / np.trace(precision), atol=1e-12
    )
    assert layer.transform(mixed)[:, 60:].var(axis=0).mean() == pytest.approx(1)


def test_outliers_are_clipped():
    wild = X.copy()
    wild[0] = 1e6
    z = learned(wild).transform(wild)[:, 60:]
    assert abs(z[0]).max() < 5 * np.sqrt(5) * 2
    np.testing.assert_array_equal(
        learned().transform(np.full((1, 5), 1e9)), learned().transform([[1e8] * 5])
    )


@pytest.mark.parametrize("n_feature_steps", [1, 5])
@pytest.mark.parametrize("link", ["he2", "abs", "relu"])
def test_a_planted_direction_is_found(link, n_feature_steps):
    X, y, truth = make_single_index(
        1500, 20, link=link, noise=0.1, return_truth=True, random_state=0
    )
    layer = learned(X, y, n_hidden=200, n_feature_steps=n_feature_steps)
    assert cosines(truth, layer) > 0.98


def test_planted_subspaces_are_found():
    X, y, truth = make_multi_index(
        2000, 20, n_directions=3, noise=0.1, return_truth=True, random_state=0
    )
    assert cosines(truth, learned(X, y, n_hidden=200)).min() > 0.95


def test_columns_of_unlike_units_are_no_obstacle():
    X, y, truth = make_single_index(
        1500, 10, link="abs", noise=0.1, return_truth=True, random_state=0
    )
    units = np.geomspace(1e-3, 1e3, 10)
    direction = found_directions(learned(X * units, y, n_hidden=200), 1)[0] * units
    assert abs(direction @ truth.directions[0]) > 0.9 * np.linalg.norm(direction)


def test_transformed_labels_show_what_one_step_cannot_see():
    """He3 has no second Hermite coefficient; bounded distances from its median do."""
    seen = {"auto": [], None: []}
    for seed in range(4):
        X, y, truth = make_single_index(
            2000, 20, link="he3", return_truth=True, random_state=seed
        )
        for transform, found in seen.items():
            layer = learned(
                X, y, n_hidden=200, n_feature_steps=1, label_transform=transform
            )
            found.append(cosines(truth, layer)[0])
    assert np.mean(seen["auto"]) > 0.8
    assert np.mean(seen[None]) < 0.6


def test_further_steps_find_he3():
    X, y, truth = make_single_index(
        2000, 20, link="he3", return_truth=True, random_state=0
    )
    assert cosines(truth, learned(X, y, n_hidden=200)) > 0.98


def test_no_step_looks_at_no_label():
    first, second = (learned(y=labels, n_feature_steps=0) for labels in (y, X[:, 1]))
    np.testing.assert_array_equal(first.transform(X), second.transform(X))
    np.testing.assert_allclose(np.linalg.norm(first.hidden_coef_, axis=1), 1)
    np.testing.assert_array_equal(first.hidden_coef_[::2], first.hidden_coef_[1::2])


@pytest.mark.parametrize("label_transform", ["auto", None])
def test_the_rounding_of_a_linear_target_is_no_label(label_transform):
    """An exact linear fit leaves rounding: the first step stays at its start."""
    for labels in (X @ [1, 2, 3, -1, 0], np.full(300, 0.1)):
        options = {"y": labels, "whiten": None, "label_transform": label_transform}
        start, layer = (learned(n_feature_steps=steps, **options) for steps in (0, 1))
        np.testing.assert_array_equal(layer.hidden_coef_, start.hidden_coef_)


@pytest.mark.parametrize("n_feature_steps", [1, 5])
def test_the_units_of_x_and_y_do_not_matter(n_feature_steps):
    expected = learned(n_feature_steps=n_feature_steps).transform(X)
    moved = X * [1e-3, 2, 50, 1, 1e4] + 7
    for data, labels in ((moved, y), (X, 1e3 * y + 50)):
        found = learned(data, labels, n_feature_steps=n_feature_steps).transform(data)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("n_feature_steps", [1, 5])
def test_weights_are_repetition(n_feature_steps):
    times = np.random.default_rng(1).integers(0, 4, 300)
    weighted = learned(sample_weight=times, n_feature_steps=n_feature_steps)
    repeated = learned(
        np.repeat(X, times, axis=0),
        np.repeat(y, times),
        n_feature_steps=n_feature_steps,
    )
    np.testing.assert_allclose(weighted.transform(X), repeated.transform(X), atol=1e-6)


def test_the_linear_part_is_ridge_by_gcv():
    layer = learned()
    z = layer.transform(X)[:, 60:]
    fitted = z @ layer.linear_coef_ + layer.linear_intercept_
    errors = []
    for alpha in np.geomspace(1e-10, 1e6, 400):
        ridge = Ridge(alpha).fit(z, y)
        centred = z - z.mean(axis=0)
        hat = centred @ np.linalg.solve(
            centred.T @ centred + alpha * np.eye(5), centred.T
        )
        slack = 1 - (1 + np.trace(hat)) / 300
        errors.append(np.mean((y - ridge.predict(z)) ** 2) / slack**2)
    assert layer.linear_error_[0] == pytest.approx(min(errors), rel=6e-3)
    assert np.corrcoef(fitted[:, 0], y)[0, 1] > 0


def test_moments_by_hand():
    layer = learned(linear_part="moment", whiten=None)
    np.testing.assert_allclose(layer.linear_intercept_, [y.mean()])
    np.testing.assert_allclose(layer.linear_coef_[:, 0], X.T @ (y - y.mean()) / 300)
    assert layer.linear_error_ is None


@pytest.mark.parametrize("learning_rate", [0.1, 3.0])
def test_the_first_step_scales_with_its_learning_rate(learning_rate):
    unit, scaled = (
        learned(n_feature_steps=1, learning_rate=rate) for rate in (1.0, learning_rate)
    )
    np.testing.assert_allclose(scaled.hidden_coef_, learning_rate * unit.hidden_coef_)
    layer = learned(n_feature_steps=1)
    n_kinds = len(layer.label_transforms_)
    for kind in range(n_kinds):
        rows = layer.hidden_coef_[(np.arange(60) // 2) % n_kinds == kind]
        assert np.mean((rows**2).sum(axis=1)) == pytest.approx(1)


@pytest.mark.parametrize("n_feature_steps", [0, 1, 5])
@pytest.mark.parametrize("label_transform", ["auto", None])
@pytest.mark.parametrize("linear_part", ["ridge", "moment"])
def test_constant_labels_and_columns_stay_finite(
    n_feature_steps, label_transform, linear_part
):
    flat = X.copy()
    flat[:, 2] = 3.7
    for data, labels in ((X, np.full(300, 0.1)), (flat, y), (0 * X + 0.1, y)):
        layer = learned(
            data,
            labels,
            n_feature_steps=n_feature_steps,
            label_transform=label_transform,
            linear_part=linear_part,
        )
        assert np.isfinite(layer.transform(data)).all()
        assert np.isfinite(layer.hidden_coef_).all()


@pytest.mark.parametrize("n_samples", [100, 1_000_000])
def test_a_constant_column_is_not_taken_for_its_rounding(n_samples):
    data = np.random.default_rng(1).standard_normal((n_samples, 2))
    data[:, 0] = 0.1
    layer = learned(data, data[:, 1] ** 2, n_hidden=2, n_feature_steps=1)
    assert layer.scale_[0] == 1


@pytest.mark.parametrize("n_hidden", [2, 3, 7])
def test_few_units(n_hidden):
    layer = learned(n_hidden=n_hidden, y=np.column_stack([y, -y, X[:, 0]]))
    assert layer.transform(X).shape == (300, n_hidden + 5)
    assert np.isfinite(layer.transform(X)).all()


def thirds(layer):
    """The rows of the three rounds whose units a narrowed layer keeps."""
    return np.split(layer.hidden_coef_, 3)


def planted(link="abs", n_samples=1000, n_features=20, seed=0):
    return make_single_index(
        n_samples,
        n_features,
        link=link,
        noise=0.1,
        return_truth=True,
        random_state=seed,
    )


@pytest.mark.parametrize("whiten", ["ridge", None])
@pytest.mark.parametrize("n_directions", [1, 2, 3, 4])
def test_a_narrowed_layer_has_the_rank_that_was_asked_for(n_directions, whiten):
    layer = learned(n_directions=n_directions, whiten=whiten)
    for rows in thirds(layer):
        assert np.linalg.matrix_rank(rows) == n_directions
        assert np.mean((rows**2).sum(axis=1)) == pytest.approx(1, rel=0.5)
    assert np.linalg.matrix_rank(learned(n_directions=None).hidden_coef_) == 5


def test_the_ranks_of_a_narrow_layer_may_be_high():
    X, y, _ = planted()
    for n_directions in (8, 10, 19):
        for rows in thirds(learned(X, y, n_directions=n_directions)):
            assert np.linalg.matrix_rank(rows) == n_directions


def test_rounds_at_the_last_rank_move_the_subspace():
    X, y, _ = planted("he3")
    spans = [
        np.linalg.svd(rows)[2][0] for rows in thirds(learned(X, y, n_directions=1))
    ]
    assert 1e-6 < 1 - abs(spans[0] @ spans[2]) < 0.01


@pytest.mark.parametrize("n_feature_steps", [2, 3, 5])
@pytest.mark.parametrize("n_directions", ["auto", None, 1, 2, 3])
@pytest.mark.parametrize("n_hidden", [2, 3, 4, 5, 7, 10, 61])
def test_there_are_as_many_units_as_were_asked_for(
    n_hidden, n_directions, n_feature_steps
):
    layer = learned(
        n_hidden=n_hidden, n_directions=n_directions, n_feature_steps=n_feature_steps
    )
    assert layer.hidden_coef_.shape == (n_hidden, 5)
    assert layer.hidden_intercept_.shape == (n_hidden,)
    assert layer.transform(X).shape == (300, n_hidden + 5)


def assert_same_bits(first, second):
    np.testing.assert_array_equal(first.hidden_coef_, second.hidden_coef_)
    np.testing.assert_array_equal(first.hidden_intercept_, second.hidden_intercept_)


@pytest.mark.parametrize("n_feature_steps", [0, 1])
@pytest.mark.parametrize("n_directions", ["auto", 1])
def test_less_than_two_steps_are_not_narrowed(n_directions, n_feature_steps):
    narrow, wide = (
        learned(n_directions=directions, n_feature_steps=n_feature_steps)
        for directions in (n_directions, None)
    )
    assert_same_bits(narrow, wide)


@pytest.mark.parametrize("n_directions", [5, 6, 100])
def test_as_many_directions_as_columns_are_all(n_directions):
    assert_same_bits(learned(n_directions=n_directions), learned(n_directions=None))


@pytest.mark.parametrize("n_samples", [2, 10, 63])
def test_subspaces_too_large_for_few_rows_are_not_tried_unless_asked_for(n_samples):
    """A direction among 20 columns has 19 parameters: more than 0.3 * 63."""
    X, y, _ = planted(n_samples=n_samples)
    wide = learned(X, y, n_directions=None)
    assert_same_bits(learned(X, y), wide)
    for rows in thirds(learned(X, y, n_directions=1)):
        assert np.linalg.matrix_rank(rows) == 1


def test_a_direction_is_tried_from_so_many_rows_on():
    X, y, _ = planted(n_samples=64)
    tried = learned(X, y).hidden_coef_
    assert (tried != learned(X, y, n_directions=None).hidden_coef_).any()


@pytest.mark.parametrize("n_directions", ["auto", 1])
def test_narrowing_finds_a_direction_to_the_precision_of_its_parameters(n_directions):
    """The sine of the angle to the truth falls to less than a half on average."""
    sines = {n_directions: [], None: []}
    for seed in range(3):
        X, y, truth = planted("he3", seed=seed)
        for directions, found in sines.items():
            layer = learned(X, y, n_hidden=150, n_directions=directions)
            found.append(np.sqrt(1 - cosines(truth, layer)[0] ** 2))
    assert np.mean(sines[n_directions]) < 0.5 * np.mean(sines[None])
    assert np.mean(sines[n_directions]) < 0.04


def test_auto_keeps_few_directions_of_a_planted_one_and_all_of_a_wide_target():
    X, y, _ = planted("he3")
    narrow = learned(X, y, n_hidden=200).hidden_coef_
    wide = learned(X, np.abs(X).sum(axis=1), n_hidden=200).hidden_coef_
    assert effective_rank(narrow) < 1.1
    assert effective_rank(wide) > 5


@pytest.mark.parametrize("n_directions", [1, 3])
def test_narrowed_layers_weigh_as_they_repeat(n_directions):
    times = np.random.default_rng(1).integers(0, 4, 300)
    weighted = learned(sample_weight=times, n_directions=n_directions)
    repeated = learned(
        np.repeat(X, times, axis=0), np.repeat(y, times), n_directions=n_directions
    )
    np.testing.assert_allclose(weighted.transform(X), repeated.transform(X), atol=1e-6)


@pytest.mark.parametrize("n_directions", [0, -1, 1.5, "all"])
def test_other_numbers_of_directions_are_refused(n_directions):
    with pytest.raises(ValueError, match="'n_directions' parameter"):
        learned(n_directions=n_directions)


def test_without_a_linear_part_the_first_step_sees_trends():
    """None takes off the mean alone: rows of a linear target point along it."""
    target = X @ [3.0, 0, 0, 0, 0] + 7
    layer = learned(
        X, target, n_feature_steps=1, linear_part=None, label_transform=None
    )
    np.testing.assert_allclose(layer.linear_intercept_, [target.mean()])
    np.testing.assert_array_equal(layer.linear_coef_, np.zeros((5, 1)))
    assert layer.linear_error_ is None
    rows = layer.hidden_coef_ / np.linalg.norm(layer.hidden_coef_, axis=1)[:, None]
    assert np.abs(rows @ layer.whitening_[0]).min() > 0.9 * layer.whitening_[0, 0]
