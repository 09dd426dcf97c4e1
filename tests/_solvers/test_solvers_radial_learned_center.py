import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.radial import _learned_center, _profile
from sklearn_depth._solvers.radial._learned_center import learn_center
from sklearn_depth._solvers.radial._profile import (
    Offsets,
    fit_profile,
    fit_spline,
    normal_equations,
)
from sklearn_depth.datasets import sample_radial

PROFILES = {
    "sine": lambda r: np.sin(3 * r),
    "abs": lambda r: np.abs(r - 1),
    "cosine": lambda r: np.cos(4 * r),
}


def draw(n_samples, n_features, profile, distance, noise=0.0, seed=0):
    """Inputs about 0 with median norm 1, one target, and the centre of the target."""
    rng = np.random.default_rng(seed)
    X = sample_radial(
        n_samples, n_features, law="uniform", scale=n_features**-0.5, random_state=rng
    )
    center = rng.standard_normal(n_features)
    center *= distance / np.linalg.norm(center)
    y = PROFILES[profile](np.linalg.norm(X - center, axis=1))
    y += noise * y.std() * rng.standard_normal(n_samples)
    return X, y[:, None], center


def learn(X, targets, weight=None, start=None):
    samples = Samples.of(X, targets, weight)
    start = weighted_median(X, weight).astype(float) if start is None else start
    return learn_center(samples, start)


def as_they_are(X, targets, weight=None):
    """Offsets from 0, with targets that are not scaled."""
    return Offsets(Samples.of(X, targets, weight), np.zeros(X.shape[1]), 1.0)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("n_features", [2, 5, 20, 100])
@pytest.mark.parametrize("distance", [0.3, 1.0, 1.5])
def test_finds_the_centre_without_noise(profile, n_features, distance):
    X, y, center = draw(2000, n_features, profile, distance)
    assert np.linalg.norm(learn(X, y) - center) < 0.015


@pytest.mark.parametrize("n_features", [5, 100])
def test_error_under_noise_is_that_of_least_squares_at_known_profile(n_features):
    """Noise sigma leaves the covariance sigma^2 (J'J)^-1, J the slopes by c."""
    noise, errors, variances = 0.1, [], []
    for seed in range(3):
        X, y, center = draw(2000, n_features, "sine", 0.7, noise, seed)
        away = X - center
        r = np.linalg.norm(away, axis=1)
        slopes = (3 * np.cos(3 * r) / r)[:, None] * away
        sigma = noise * np.sin(3 * r).std()
        variances.append(sigma**2 * np.trace(np.linalg.inv(slopes.T @ slopes)))
        errors.append(((learn(X, y) - center) ** 2).sum())
    assert np.mean(errors) < 2.5 * np.mean(variances)


def test_moves_with_the_data():
    X, y, _ = draw(500, 4, "cosine", 1.0, 0.1)
    start = weighted_median(X)
    center = learn(X, y, None, start)
    rng = np.random.default_rng(1)
    rotation = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    turned = learn(X @ rotation, y, None, start @ rotation)
    assert_allclose(turned, center @ rotation, atol=1e-5)
    assert_allclose(learn(X + 7, y, None, start + 7), center + 7, atol=1e-5)
    for scale in (1e-30, 1e30):
        scaled = learn(X * scale, -5 * y + 3, None, start * scale)
        assert_allclose(scaled, center * scale, rtol=1e-5)


def test_weights_count_as_repeated_rows():
    X, y, center = draw(400, 3, "sine", 0.7, 0.1)
    weight = np.random.default_rng(2).integers(1, 4, len(X))
    repeated = learn(np.repeat(X, weight, axis=0), np.repeat(y, weight, axis=0))
    assert_allclose(learn(X, y, weight.astype(float)), repeated, atol=1e-7)
    assert np.linalg.norm(repeated - center) < 0.1


@pytest.mark.parametrize("unit", [1e-200, 1 / 512, 100.0, 1e200])
def test_the_unit_of_weights_does_not_count(unit):
    X, y, _ = draw(512, 3, "sine", 0.7, 0.1)
    weight = np.random.default_rng(2).uniform(0.5, 2, 512)
    assert_allclose(learn(X, y, unit * weight), learn(X, y, weight), atol=1e-9)
    assert_allclose(learn(X, y, np.full(512, unit)), learn(X, y), atol=1e-9)


def test_targets_share_the_centre():
    X, y, center = draw(1000, 10, "sine", 1.0, 0.3)
    r = np.linalg.norm(X - center, axis=1)
    noise = np.random.default_rng(3).standard_normal(len(X))
    other = 1e6 * (np.abs(r - 1) + 0.05 * noise)[:, None]
    both = learn(X, np.hstack([y, other, np.ones_like(y)]))
    assert np.linalg.norm(both - center) < np.linalg.norm(learn(X, y) - center)


def test_blocks_are_the_whole(monkeypatch):
    X, y, _ = draw(700, 4, "abs", 0.7, 0.1)
    whole = learn(X, y)

    def small_blocks(n_samples, n_columns):
        return [slice(k, min(k + 64, n_samples)) for k in range(0, n_samples, 64)]

    monkeypatch.setattr(_profile, "row_blocks", small_blocks)
    assert_allclose(learn(X, y), whole, atol=1e-6)


def test_search_on_some_rows_ends_on_all(monkeypatch):
    X, y, center = draw(2000, 5, "sine", 0.7, 0.1)
    monkeypatch.setattr(_learned_center, "_MOST_ROWS", 300)
    assert_allclose(learn(X, y), center, atol=0.03)


def test_gradient_is_that_of_the_error_at_fixed_knots():
    X, y, center = draw(300, 3, "sine", 0.7)
    targets = np.hstack([y, y**2])
    weight = np.random.default_rng(4).uniform(0.5, 2, len(X))
    offsets = as_they_are(X, targets, weight)
    knots = np.linspace(0, 5, 8)

    def profile_at(c):
        return fit_spline(offsets.samples, c, offsets.distances(c), knots)

    c = 0.5 * center
    gradient = normal_equations(offsets, profile_at(c))[1]
    for step in 1e-5 * np.eye(3):
        rise = profile_at(c + step).error - profile_at(c - step).error
        assert_allclose(-2 * gradient @ step * 2, rise, rtol=1e-5)


def test_normal_matrix_is_that_of_the_slopes_no_spline_fits():
    X, y, center = draw(300, 3, "sine", 0.7)
    offsets = as_they_are(X, y)
    profile = fit_profile(offsets, 0.5 * center, 8)
    away = X - 0.5 * center
    r = np.linalg.norm(away, axis=1)
    slopes = -profile.spline(r, 1) * away / r[:, None]
    basis = profile.basis(r)
    slopes -= basis @ np.linalg.lstsq(basis, slopes)[0]
    normal = normal_equations(offsets, profile)[0]
    assert_allclose(normal, slopes.T @ slopes, rtol=1e-6)


def test_profile_is_the_least_squares_spline():
    X, y, center = draw(300, 3, "sine", 0.7, 0.1)
    profile = fit_profile(as_they_are(X, y), center, 8)
    r = np.linalg.norm(X - center, axis=1)
    basis = profile.basis(r)
    fitted = basis @ np.linalg.lstsq(basis, y)[0]
    assert_allclose(profile.predict(r), fitted, atol=1e-7)
    assert_allclose(profile.error, ((y - fitted) ** 2).sum(), rtol=1e-7)


def test_a_centred_target_keeps_the_centre_of_the_data():
    for seed in range(3):
        X, y, _ = draw(2000, 20, "abs", 0.0, 0.1, seed)
        start = weighted_median(X)
        center = learn(X, y, None, start)
        assert np.linalg.norm(center) < 1.1 * np.linalg.norm(start)


@pytest.mark.parametrize("n_features", [20, 100])
def test_pure_noise_keeps_the_start(n_features):
    X, y, _ = draw(2000, n_features, "sine", 0.7)
    y = np.random.default_rng(5).permutation(y)
    start = weighted_median(X)
    assert_array_equal(learn(X, y, None, start), start)


@pytest.mark.parametrize(
    "X",
    [
        np.ones((50, 3)) * 1e6,
        np.outer(np.arange(50.0), [1.0, 2.0, 0.0]),
        np.repeat([[0.0, 0.0], [1.0, 1.0]], 25, axis=0),
        np.append(np.zeros((40, 2)), np.random.default_rng(6).random((10, 2)), axis=0),
        np.random.default_rng(7).choice([-1.0, 1.0], (50, 4)),
        np.random.default_rng(8).standard_normal((50, 80)),
        np.random.default_rng(9).standard_cauchy((50, 3)),
        np.random.default_rng(10).standard_normal((50, 2)) + 1e6,
    ],
    ids=[
        "equal",
        "line",
        "two-points",
        "mostly-equal",
        "cube",
        "wide",
        "cauchy",
        "offset",
    ],
)
@pytest.mark.parametrize("constant", [False, True])
def test_degenerate_inputs_have_a_finite_centre(X, constant):
    y = np.random.default_rng(11).standard_normal((50, 1))
    y = np.full_like(y, 0.1) if constant else y
    for n_samples in (1, 2, 3, 5, 50):
        start = weighted_median(X[:n_samples])
        center = learn(X[:n_samples], y[:n_samples], None, start)
        assert np.isfinite(center).all()
        if constant:
            assert_array_equal(center, start)


def test_inputs_on_a_sphere():
    """All distances are equal at the start, which has no slope."""
    rng = np.random.default_rng(12)
    X = sample_radial(1000, 3, law=lambda n, rng: np.ones(n), random_state=rng)
    center = learn(X, np.sin(3 * X[:, :1]), None, np.zeros(3))
    assert abs(center[0]) > 0.9999 * np.linalg.norm(center) > 0


def test_float32_gives_a_float64_centre():
    X, y, center = draw(500, 3, "sine", 0.7)
    found = learn(X.astype(np.float32), y.astype(np.float32))
    assert found.dtype == np.float64
    assert_allclose(found, center, atol=1e-3)
