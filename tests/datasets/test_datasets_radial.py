"""Radial data against the laws and closed forms that define it."""

import pickle

import numpy as np
import pytest
from scipy import stats
from scipy.stats import beta, chi, kstest, ortho_group
from sklearn.metrics import r2_score

from sklearn_depth._math._radial_laws import RADIAL_LAWS
from sklearn_depth.datasets import make_ball_indicator, make_radial, sample_radial

LAWS = sorted(RADIAL_LAWS)
PROFILES = {
    "tent": lambda r: np.where(r < 1, 1 - r, 0),
    "abs": lambda r: np.where(r < 1, 1 - r, r - 1),
    "sine": lambda r: np.sin(3 * r),
    "cosine": lambda r: np.cos(4 * r),
    "ball": lambda r: np.where(r <= 1, 1, 0),
}


def constant(r):
    return np.ones_like(r)


def exponential(n_samples, rng):
    return rng.exponential(3.0, n_samples)


HISTOGRAM = stats.rv_histogram(([1, 3], [0.5, 1.5, 2.5]))
OWN_LAWS = {  # each with the cdf of its norm
    "frozen": (stats.gamma(3), stats.gamma(3).cdf),
    "histogram": (HISTOGRAM, HISTOGRAM.cdf),
    "callable": (exponential, stats.expon(scale=3).cdf),
}
if hasattr(stats, "Uniform"):  # the new style came with SciPy 1.15
    OWN_LAWS["new style"] = (stats.Uniform(a=0.5, b=2.5), stats.uniform(0.5, 2).cdf)
own_law = pytest.mark.parametrize(("law", "cdf"), OWN_LAWS.values(), ids=OWN_LAWS)


@pytest.mark.parametrize("law", LAWS)
def test_norms_follow_the_law_and_directions_are_uniform(law):
    n_samples, d, scale = 20_000, 6, 2.5
    X = sample_radial(n_samples, d, law=law, scale=scale, random_state=0)
    norms = np.linalg.norm(X, axis=1)
    bound = 1.95 / np.sqrt(n_samples)
    assert kstest(norms / scale, RADIAL_LAWS[law](d).cdf).statistic < bound
    half = (d - 1) / 2
    first_entries = (X[:, 0] / norms + 1) / 2
    assert kstest(first_entries, beta(half, half).cdf).statistic < bound
    correlation = np.corrcoef(first_entries, np.argsort(np.argsort(norms)))[0, 1]
    assert abs(correlation) < 4 / np.sqrt(n_samples)


def test_the_gaussian_law_is_the_standard_gaussian():
    X = sample_radial(50_000, 5, random_state=0)
    np.testing.assert_allclose(np.cov(X.T), np.eye(5), atol=0.03)
    assert kstest(X[:, 3], "norm").statistic < 1.95 / np.sqrt(50_000)


@pytest.mark.parametrize("law", LAWS)
def test_default_radius_balances_the_classes(law):
    _, y = make_ball_indicator(20_000, 8, law=law, scale=0.3, random_state=0)
    assert set(y) == {0.0, 1.0}
    assert y.mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 20_000))


@pytest.mark.parametrize("law", LAWS)
def test_mass_of_the_ball_is_the_cdf_at_its_radius(law):
    X, y, truth = make_ball_indicator(
        20_000, 8, law=law, radius=3.0, scale=2.0, return_truth=True, random_state=0
    )
    p = float(RADIAL_LAWS[law](8).cdf(1.5))
    assert y.mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 20_000))
    np.testing.assert_array_equal(y, np.sum(X**2, axis=1) <= 9)
    assert (truth.radius, truth.law, truth.noise) == (3.0, law, 0.0)


def test_default_radius_is_the_median_norm():
    truth = make_ball_indicator(10, 20, scale=3.0, return_truth=True)[2]
    assert truth.radius == pytest.approx(3 * chi(20).median(), rel=1e-9)


def test_labels_flip_at_the_rate_of_the_noise_inside_and_outside():
    X, y, truth = make_ball_indicator(
        40_000, noise=0.2, radius=2.5, return_truth=True, random_state=0
    )
    flipped, inside = y != truth(X), truth(X) == 1
    assert set(y) == {0.0, 1.0}
    for group in (inside, ~inside):
        bound = 4 * np.sqrt(0.2 * 0.8 / group.sum())
        assert flipped[group].mean() == pytest.approx(0.2, abs=bound)


@pytest.mark.parametrize(
    ("radius", "scale", "noise"), [(None, 1.0, 0.1), (2.5, 1.0, 0.3), (2.0, 0.5, 0.05)]
)
def test_ceiling_of_the_ball_by_simulation(radius, scale, noise):
    parameters = {"radius": radius, "scale": scale, "noise": noise}
    X, y, truth = make_ball_indicator(
        200_000, 10, **parameters, return_truth=True, random_state=0
    )
    regression_function = (1 - 2 * noise) * truth(X) + noise
    assert truth.bayes_r2 == pytest.approx(r2_score(y, regression_function), abs=0.008)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("law", LAWS)
def test_targets_are_the_profile_of_the_norm(profile, law):
    X, y, truth = make_radial(
        500, 7, profile=profile, law=law, return_truth=True, random_state=0
    )
    np.testing.assert_allclose(
        y, PROFILES[profile](np.sqrt(np.sum(X**2, 1))), atol=1e-9
    )
    assert np.var(y) > 0.001
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n_features", [2, 50])
def test_default_scale_puts_the_median_norm_at_one(law, n_features):
    X, _ = make_radial(10_000, n_features, law=law, random_state=0)
    inside = np.mean(np.linalg.norm(X, axis=1) < 1)
    assert inside == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 10_000))


def test_scale_is_a_factor_on_the_inputs():
    parameters = {"n_features": 4, "law": "gaussian", "random_state": 0}
    X = make_radial(**parameters, scale=1.0)[0]
    X_scaled = make_radial(**parameters, scale=0.2)[0]
    np.testing.assert_allclose(X_scaled, 0.2 * X)
    np.testing.assert_allclose(X, sample_radial(**parameters))


@pytest.mark.parametrize("make", [make_ball_indicator, make_radial])
def test_targets_are_invariant_under_rotation(make):
    X, y, truth = make(2000, 6, return_truth=True, random_state=0)
    rotation = ortho_group.rvs(6, random_state=0)
    np.testing.assert_allclose(truth(X @ rotation), y, atol=1e-12)


@pytest.mark.parametrize(
    ("profile", "variance"),
    [  # of functions of a norm that is uniform on [0, 2]
        ("tent", 1 / 6 - 1 / 16),
        ("abs", 1 / 12),
        ("sine", 1 / 2 - np.sin(12) / 24 - ((1 - np.cos(6)) / 6) ** 2),
        ("cosine", 1 / 2 + np.sin(16) / 32 - (np.sin(8) / 8) ** 2),
        ("ball", 1 / 4),
        (np.square, 16 / 5 - 16 / 9),
        (constant, 0),
    ],
)
def test_ceiling_of_radial_data(profile, variance):
    truth = make_radial(profile=profile, noise=0.3, return_truth=True)[2]
    assert truth.bayes_r2 == pytest.approx(variance / (variance + 0.09), rel=0.01)
    X, y = truth.sample(50_000, random_state=0)
    assert truth.bayes_r2 == pytest.approx(r2_score(y, truth(X)), abs=0.02)


def test_ceiling_of_a_constant_without_noise():
    assert make_radial(profile=constant, return_truth=True)[2].bayes_r2 == 1


@own_law
@pytest.mark.parametrize("n_features", [1, 6])
def test_norms_follow_a_law_of_ones_own(law, cdf, n_features):
    X = sample_radial(20_000, n_features, law=law, scale=2.5, random_state=0)
    assert X.shape == (20_000, n_features)
    norms = np.linalg.norm(X, axis=1)
    assert kstest(norms / 2.5, cdf).statistic < 1.95 / np.sqrt(20_000)
    assert (np.abs(np.mean(X > 0, axis=0) - 0.5) < 4 * np.sqrt(0.25 / 20_000)).all()


@own_law
@pytest.mark.parametrize("make", [sample_radial, make_ball_indicator, make_radial])
def test_same_seed_same_bits_under_a_law_of_ones_own(make, law, cdf):
    first, second, other = (make(50, law=law, random_state=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first[0], second[0])
    assert (first[0] != other[0]).any()


@own_law
@pytest.mark.parametrize("make", [make_ball_indicator, make_radial])
def test_truth_keeps_a_law_of_ones_own(make, law, cdf):
    X, y, truth = make(200, 4, law=law, return_truth=True, random_state=0)
    assert truth.law is law
    copy = pickle.loads(pickle.dumps(truth))
    np.testing.assert_array_equal(copy(X), y)
    for ours, theirs in zip(truth.sample(9, 1), copy.sample(9, 1), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@own_law
def test_ball_under_a_law_of_ones_own(law, cdf):
    """The default radius halves the mass; the ceiling follows from the mass."""
    _, y, truth = make_ball_indicator(
        20_000, 8, law=law, scale=0.3, return_truth=True, random_state=0
    )
    assert y.mean() == pytest.approx(0.5, abs=0.015)
    assert cdf(truth.radius / 0.3) == pytest.approx(0.5, abs=0.01)
    truth = make_ball_indicator(law=law, radius=1.0, noise=0.2, return_truth=True)[2]
    p = cdf(1.0)
    mean = 0.6 * p + 0.2
    ceiling = 0.36 * p * (1 - p) / (mean * (1 - mean))
    assert truth.bayes_r2 == pytest.approx(ceiling, abs=0.005)


@own_law
def test_default_scale_under_a_law_of_ones_own(law, cdf):
    truth = make_radial(10, law=law, return_truth=True)[2]
    assert cdf(1 / truth.scale) == pytest.approx(0.5, abs=0.01)


def test_chi_is_the_gaussian_law():
    """Two ways to the same radius, and to the same ceiling."""
    named, own = (
        make_ball_indicator(law=law, noise=0.1, return_truth=True)[2]
        for law in ("gaussian", chi(10))
    )
    assert own.radius == pytest.approx(named.radius, rel=1e-9)
    assert own.bayes_r2 == pytest.approx(named.bayes_r2, rel=1e-9)


def test_ceiling_of_radial_data_under_a_distribution():
    """Any uniform norm from 0 on, at a median of 1: "tent" has variance 5/48."""
    law = stats.uniform(0, 70)
    truth = make_radial(law=law, noise=0.3, return_truth=True)[2]
    assert truth.scale == pytest.approx(1 / 35)
    assert truth.bayes_r2 == pytest.approx(5 / 48 / (5 / 48 + 0.09), rel=0.01)


def test_one_dimension():
    for law in ("uniform", "gaussian", "bessel"):
        X, y = make_ball_indicator(4000, 1, law=law, random_state=0)
        assert X.shape == (4000, 1)
        assert abs(np.mean(X > 0) - 0.5) < 0.04
        assert abs(np.mean(y) - 0.5) < 0.04


@pytest.mark.parametrize("make", [sample_radial, make_ball_indicator, make_radial])
def test_two_spheres_need_two_dimensions(make):
    with pytest.raises(ValueError, match=r"needs n_features >= 2, got 1.*another law"):
        make(10, 1, law="two_spheres")


@pytest.mark.parametrize(
    ("make", "parameters", "message"),
    [
        (sample_radial, {"law": "cauchy"}, "'law' .* Got 'cauchy'"),
        (sample_radial, {"law": 3}, "'law' .* a callable.*FrozenDist.* Got 3"),
        (sample_radial, {"law": stats.norm()}, r"distribution on \[0, inf.* 0.5\. Ch"),
        (make_radial, {"law": stats.norm()}, r"distribution on \[0, inf.* 0.5\. Ch"),
        (
            make_radial,
            {"law": lambda n, rng: np.zeros(n)},
            "median norm 0.*as radius or",
        ),
        (make_ball_indicator, {"law": stats.poisson(0.1)}, "median norm 0.0"),
        (
            make_ball_indicator,
            {"law": lambda n, rng: rng.standard_normal(n), "radius": 1.0},
            r"drew the norm -\d.*non-negative",
        ),
        (sample_radial, {"law": lambda n, rng: 1.0}, r"shape \(\) .*shape \(100,\)"),
        (sample_radial, {"scale": 0.0}, r"'scale' .* \(0.0, inf\). Got 0.0"),
        (sample_radial, {"scale": None}, "'scale' .* Got None"),
        (make_ball_indicator, {"radius": -1.0}, "'radius' .* Got -1.0"),
        (make_ball_indicator, {"noise": 0.5}, r"'noise' .* \[0.0, 0.5\). Got 0.5"),
        (make_radial, {"profile": "cone"}, "'profile' .* Got 'cone'"),
        (make_radial, {"scale": -2.0}, "'scale' .* Got -2.0"),
        (make_radial, {"profile": np.sum}, r"profile returned shape \(\).*\(100,\)"),
    ],
)
def test_bad_parameters(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)
