"""Frozen sigmoid layers against closed forms, symmetries and the ridge metric."""

import numpy as np
import pytest
from scipy.special import erf, expit, ndtri, owens_t
from sklearn.linear_model import Ridge

from sklearn_depth._math._spheres import random_directions
from sklearn_depth.features import SigmoidFeatures

rng = np.random.default_rng(0)
X = rng.normal([3, 0, -1, 10, 0], 2.0, (201, 5))
each_design = pytest.mark.parametrize("design", ["symmetric", "iid"])


def layer(X=X, **parameters):
    return SigmoidFeatures(**{"n_hidden": 40, "random_state": 0} | parameters).fit(X)


def blocks(fitted):
    return np.split(np.arange(fitted.n_hidden), fitted.block_starts_[1:])


@pytest.mark.parametrize(("threshold", "tolerance"), [(0, 0.004), (np.sqrt(0.5), 0.01)])
def test_means_of_truncated_features(threshold, tolerance):
    """Proposition 21 of Safran and Lee: E[erf(<u,x> + b) | b > threshold]."""
    d, radii = 4, np.array([0, 0.5, 1.0, 1.5, 2.0, 4.0, 20.0])
    points = radii[:, None] * random_directions(len(radii), d, np.random.default_rng(1))
    paper = layer(points, n_hidden=400_000, design="iid", hidden_scale=0.5, radius=None)
    chosen = paper.hidden_intercept_ > threshold
    s = 1 / np.sqrt(2 + radii**2)
    if threshold == 0:
        expected = 2 / np.pi * np.arctan(s)
    else:
        expected = 4 / (1 - erf(1)) * owens_t(np.sqrt(2), s)
    found = paper.transform(points)[:, chosen].mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=tolerance)
    assert np.ptp(expected) > 20 * tolerance


def test_the_difference_of_the_means_is_a_ball():
    """With xi of the paper the two means cross where the radius is lambda."""
    for radius, xi in [(1, 0.47166), (1.5, 0.45938), (2, 0.45045)]:
        r = np.array([0.9, 1.1]) * radius
        points = np.zeros((2, 3))
        points[:, 0] = r
        paper = layer(
            points, n_hidden=400_000, design="iid", hidden_scale=0.5, radius=None
        )
        values, b = paper.transform(points), paper.hidden_intercept_
        means = [values[:, b > level].mean(axis=1) for level in (0, np.sqrt(0.5))]
        inside, outside = means[0] - xi * means[1]
        assert inside > 0 > outside


@each_design
def test_the_law_of_the_draw(design):
    fitted = layer(
        np.zeros((2, 5)), n_hidden=20_000, design=design, hidden_scale=0.3, radius=None
    )
    covariance = fitted.hidden_coef_.T @ fitted.hidden_coef_ / 20_000
    np.testing.assert_allclose(covariance, 0.09 * np.eye(5), atol=0.003)
    spread = {"iid": 0.5, "symmetric": 0.75}[design]
    assert fitted.hidden_intercept_.mean() == pytest.approx(0, abs=0.015)
    assert fitted.hidden_intercept_.std() == pytest.approx(spread, rel=0.02)
    correlation = fitted.hidden_intercept_ @ fitted.hidden_coef_ / 20_000
    np.testing.assert_allclose(correlation, 0, atol=0.005)


@pytest.mark.parametrize("n_hidden", [20, 30, 40])  # full blocks of 2 * 5
def test_blocks_are_antipodal_orthonormal_bases(n_hidden):
    fitted = layer(n_hidden=n_hidden, hidden_scale=0.2)
    unit = fitted.hidden_coef_ * fitted.radius_ / (0.2 * np.sqrt(5))
    assert len(blocks(fitted)) == n_hidden // 10
    for block in blocks(fitted):
        np.testing.assert_allclose(unit[block][::2], -unit[block][1::2], atol=1e-14)
        gram = unit[block][::2] @ unit[block][::2].T
        np.testing.assert_allclose(gram, np.eye(5), atol=1e-13)
    first, second = unit[:10:2], unit[10:20:2]
    assert abs(first @ second.T).max(axis=0).min() < 0.99  # another basis each


def test_a_block_shares_its_bias_and_biases_are_quantiles():
    fitted = layer(n_hidden=40)
    biases = fitted.hidden_intercept_ + fitted.hidden_coef_ @ fitted.center_
    expected = 0.75 * ndtri([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    np.testing.assert_allclose(biases.reshape(4, 10), expected[:, None] + np.zeros(10))


@pytest.mark.parametrize(
    ("n_hidden", "sizes"), [(1, [1]), (2, [1, 1]), (6, [3, 3]), (25, [10, 10, 5])]
)
def test_narrow_blocks(n_hidden, sizes):
    fitted = layer(n_hidden=n_hidden)
    assert [len(block) for block in blocks(fitted)] == sizes
    assert fitted.transform(X).shape == (201, n_hidden)


def test_preactivations_have_the_stated_spread():
    fitted = layer(n_hidden=40, hidden_scale=0.2, tie=0)
    away = fitted.center_ + fitted.radius_ * random_directions(9, 5, rng)
    inner = (away - fitted.center_) @ fitted.hidden_coef_.T
    np.testing.assert_allclose(np.sqrt(np.mean(inner**2, axis=1)), 0.2, rtol=1e-12)


@pytest.mark.parametrize("n_features", [5, 50])
def test_block_means_are_radial_to_high_order(n_features):
    directions = random_directions(300, n_features, np.random.default_rng(1))
    sphere = np.vstack([directions, -directions])  # centred, with median norm 1
    variation = {}
    for design in ("symmetric", "iid"):
        fitted = layer(sphere, n_hidden=20 * n_features, design=design, tie=0)
        variation[design] = fitted.transform(sphere).mean(axis=1).std()
    assert variation["symmetric"] < variation["iid"] / 100


def test_the_tie_keeps_the_span():
    untied, tied = (layer(tie=tie).transform(X) for tie in (0, 100))
    mixing, _, rank, _ = np.linalg.lstsq(untied, tied, rcond=None)
    assert rank == 40
    np.testing.assert_allclose(untied @ mixing, tied, atol=1e-8)
    for block in blocks(layer()):
        mean = untied[:, block].mean(axis=1, keepdims=True)
        expected = untied[:, block] + (np.sqrt(1 + 100**2) - 1) * mean
        np.testing.assert_allclose(tied[:, block], expected, rtol=1e-12)


@pytest.mark.parametrize("tie", [1.0, 100.0])
def test_the_tie_is_a_metric_of_the_ridge_penalty(tie):
    """Penalty |w|² on tied units is u'(I + tie² phi phi')^-1 u on untied ones."""
    y = np.linalg.norm(X - X.mean(axis=0), axis=1)
    plain, tied = layer(tie=0), layer(tie=tie)
    metric = np.eye(40)
    for block in blocks(tied):
        phi = np.ones(len(block)) / np.sqrt(len(block))
        metric[np.ix_(block, block)] += tie**2 * np.outer(phi, phi)
    H = plain.transform(X)
    np.testing.assert_allclose(
        tied.transform(X) @ tied.transform(X).T, H @ metric @ H.T, rtol=1e-9
    )
    u = np.linalg.solve(H.T @ H + np.linalg.inv(metric), H.T @ y)
    ridge = Ridge(1.0, fit_intercept=False, solver="cholesky")
    reference = ridge.fit(tied.transform(X), y).predict(tied.transform(X))
    np.testing.assert_allclose(H @ u, reference, rtol=1e-6)


def test_independent_units_are_never_tied():
    fitted = layer(design="iid")
    assert len(fitted.block_starts_) == 0
    np.testing.assert_array_equal(
        fitted.transform(X), layer(design="iid", tie=0).transform(X)
    )


@each_design
@pytest.mark.parametrize("scale", [1e-5, 7.0, 1e5])
def test_units_of_measurement_do_not_matter(design, scale):
    moved = scale * X + np.arange(5) * scale
    fitted = layer(moved, design=design)
    expected = layer(design=design).transform(X)
    np.testing.assert_allclose(fitted.transform(moved), expected, rtol=1e-9)
    assert fitted.radius_ == pytest.approx(scale * layer().radius_)


@each_design
def test_a_given_radius_is_the_unit_of_length(design):
    fitted = layer(design=design, radius=4.0)
    assert fitted.radius_ == 4.0
    np.testing.assert_allclose(fitted.center_, np.median(X, axis=0))
    doubled = layer(2 * X - 1, design=design, radius=8.0)
    expected = fitted.transform(X)
    np.testing.assert_allclose(doubled.transform(2 * X - 1), expected, rtol=1e-10)


def test_without_a_radius_x_is_taken_as_it_comes():
    fitted = layer(design="iid", radius=None, hidden_scale=0.5)
    assert fitted.radius_ == 1
    np.testing.assert_array_equal(fitted.center_, 0)
    expected = erf(X @ fitted.hidden_coef_.T + fitted.hidden_intercept_)
    np.testing.assert_allclose(fitted.transform(X), expected, rtol=1e-12)


def test_the_centre_and_the_radius_are_medians():
    fitted = layer()
    np.testing.assert_array_equal(fitted.center_, np.median(X, axis=0))
    distances = np.linalg.norm(X - fitted.center_, axis=1)
    assert fitted.radius_ == pytest.approx(np.median(distances), rel=1e-12)


def test_a_wild_row_moves_the_scale_little():
    wild = X.copy()
    wild[0] = 1e9
    assert layer(wild).radius_ == pytest.approx(layer().radius_, rel=0.05)


def test_weights_are_repetition():
    times = np.random.default_rng(1).integers(0, 4, 201)
    weighted = SigmoidFeatures(40, random_state=0).fit(X, sample_weight=times)
    repeated = layer(np.repeat(X, times, axis=0))
    np.testing.assert_allclose(weighted.transform(X), repeated.transform(X), rtol=1e-10)


def test_activations_by_their_names():
    z = X @ layer(tie=0).hidden_coef_.T + layer(tie=0).hidden_intercept_
    for name, function in {"erf": erf, "tanh": np.tanh, "logistic": expit}.items():
        found = layer(activation=name, tie=0).transform(X)
        np.testing.assert_allclose(found, function(z), rtol=1e-12)


def test_activations_nearly_agree_after_scaling():
    z = np.linspace(-10, 10, 2001)
    np.testing.assert_allclose(2 * expit(2.26 * z) - 1, np.tanh(1.13 * z), atol=1e-12)
    np.testing.assert_allclose(erf(z), np.tanh(1.13 * z), atol=0.04)


def test_constant_data_stay_finite():
    fitted = layer(np.full((10, 3), 7.0))
    assert fitted.radius_ == 1
    assert np.isfinite(fitted.transform(np.full((2, 3), 7.0))).all()
