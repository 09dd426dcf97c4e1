"""Profiles of the norm against their formulas, and smooth ones against quadrature."""

import pickle

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy import integrate, stats

from sklearn_depth.datasets import make_radial
from sklearn_depth.datasets._profiles import PROFILES, bind_profile

KINKED = {
    "tent": lambda r: max(0.0, 1 - r),
    "abs": lambda r: abs(r - 1),
    "ball": lambda r: float(r <= 1),
}
WAVES = {
    "sine": lambda r, w: np.sin(w * r),
    "cosine": lambda r, w: np.cos(w * r),
    "oscillation": lambda r, w: np.sin(w * r**2) / w,
}
NORMS = np.array([0, 0.02, 0.4, 1 - 1e-9, 1, 1.3, 3])
each_profile = pytest.mark.parametrize("name", PROFILES)
each_wave = pytest.mark.parametrize("name", WAVES)


def profile(name, smoothness=0.0, frequency=None, n_features=2):
    return bind_profile(name, n_features, frequency, smoothness)


def mean_over_shifts(function, smoothness):
    """E function(r + s Z) at NORMS, by Gauss-Hermite quadrature."""
    nodes, weights = hermegauss(100)
    shifted = NORMS[:, None] + smoothness * nodes
    return function(shifted) @ weights / np.sqrt(2 * np.pi)


@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("smoothness", [1e-3, 0.05, 0.5, 4.0])
def test_smooth_kinks_by_quadrature(name, smoothness):
    def integrand(z, r):
        return KINKED[name](r + smoothness * z) * stats.norm.pdf(z)

    def mean(r):
        ends = [-12, np.clip((1 - r) / smoothness, -12, 12), 12]
        return sum(
            integrate.quad(integrand, *ends[i : i + 2], args=(r,), epsabs=1e-12)[0]
            for i in (0, 1)
        )

    expected = [mean(r) for r in NORMS]
    np.testing.assert_allclose(
        profile(name, smoothness)(NORMS), expected, rtol=1e-9, atol=1e-11
    )


@each_wave
@pytest.mark.parametrize("smoothness", [1e-3, 0.05, 0.5, 2.0])
@pytest.mark.parametrize("frequency", [0.1, 3.0, 50.0])
def test_smooth_waves_by_quadrature(name, smoothness, frequency):
    """The trapezoidal rule is exact on analytic, decaying functions."""
    z, step = np.linspace(-10, 10, 200_001, retstep=True)
    density = stats.norm.pdf(z)
    expected = [
        step * (WAVES[name](r + smoothness * z, frequency) @ density) for r in NORMS
    ]
    size = 1 / frequency if name == "oscillation" else 1
    np.testing.assert_allclose(
        profile(name, smoothness, frequency)(NORMS), expected, atol=1e-11 * size
    )


@each_profile
def test_smoothing_twice_adds_the_variances(name):
    frequency = None if name in KINKED else 1.5
    twice = mean_over_shifts(profile(name, 0.6, frequency), 0.8)
    np.testing.assert_allclose(profile(name, 1.0, frequency)(NORMS), twice, atol=1e-8)


@pytest.mark.parametrize("name", KINKED)
def test_profiles_without_smoothness_are_their_formulas(name):
    expected = [KINKED[name](r) for r in NORMS]
    np.testing.assert_array_equal(profile(name)(NORMS), expected)


@each_wave
@pytest.mark.parametrize("frequency", [0.5, 3.0, 50.0])
def test_waves_without_smoothness_are_their_formulas(name, frequency):
    expected = WAVES[name](NORMS, frequency)
    np.testing.assert_array_equal(profile(name, 0.0, frequency)(NORMS), expected)


@each_profile
@pytest.mark.parametrize("smoothness", [1e-2, 1e-5, 1e-160, 1e-310, 5e-324])
def test_the_limit_of_no_smoothness(name, smoothness):
    """The mean moves by at most the Lipschitz constant times E|sZ|."""
    r = np.append(NORMS, [0.5, 1.5])
    if name == "ball":  # which jumps between 1 - 1e-9 and 1.3
        r = r[(r < 0.9) | (r > 1.1)]
    lipschitz = {"sine": 3, "cosine": 4, "oscillation": 2 * r + smoothness}.get(name, 1)
    moved = np.abs(profile(name, smoothness)(r) - profile(name)(r))
    assert (moved <= lipschitz * smoothness + 1e-15).all()


def test_the_smooth_ball_is_a_half_on_the_sphere():
    for smoothness in (5e-324, 0.1, 3.0, 1e300):
        assert profile("ball", smoothness)(np.ones(1)) == 0.5


@pytest.mark.parametrize("smoothness", [0.0, 1e-3, 0.3, 5.0])
def test_symmetries(smoothness):
    r = np.linspace(0.003, 4, 50)  # without 1, where the ball is closed
    tent, ball, distance, sine, cosine, oscillation = (
        profile(name, smoothness)
        for name in ("tent", "ball", "abs", "sine", "cosine", "oscillation")
    )
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(sine(-r), -sine(r), **close)
    np.testing.assert_allclose(cosine(-r), cosine(r), **close)
    np.testing.assert_allclose(oscillation(-r), oscillation(r), **close)
    np.testing.assert_allclose(distance(2 - r), distance(r), **close)
    np.testing.assert_allclose(ball(2 - r), 1 - ball(r), **close)
    np.testing.assert_allclose(tent(2 - r) + tent(r), distance(r), **close)
    np.testing.assert_allclose(tent(r) - tent(2 - r), 1 - r, **close)


@each_profile
@pytest.mark.parametrize("smoothness", [1e-200, 1e-9, 1.0, 1e9, 1e160, 1e300])
@pytest.mark.parametrize("frequency", [1e-200, 1.0, 1e9, 1e160])
def test_extremes_are_finite(name, smoothness, frequency):
    found = profile(name, smoothness, frequency if name in WAVES else None)(
        np.append(NORMS, 1e12)
    )
    assert np.isfinite(found).all()
    if name in WAVES:
        assert np.abs(found).max() <= (1 / frequency if name == "oscillation" else 1)


def test_the_limit_of_much_smoothness():
    for smoothness in (1e18, 1e150, 1e300):
        for name, mean in (("tent", 1 / np.sqrt(2 * np.pi)), ("ball", 0.5)):
            expected = mean * (smoothness if name == "tent" else 1)
            np.testing.assert_allclose(profile(name, smoothness)(NORMS), expected)
        np.testing.assert_allclose(
            profile("abs", smoothness)(NORMS), smoothness * np.sqrt(2 / np.pi)
        )
        for name in ("sine", "cosine"):
            assert (profile(name, smoothness)(NORMS) == 0).all()


@pytest.mark.parametrize("smoothness", [1e8, 1e20, 1e100])
def test_oscillation_decays_as_the_inverse_of_smoothness(smoothness):
    """(1 - 2iws²)^(-1/2) tends to exp(iπ/4) / (s √(2w))."""
    expected = np.sin(np.pi / 4) / (smoothness * np.sqrt(2 * 7.0)) / 7.0
    found = profile("oscillation", smoothness, 7.0)(NORMS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_default_frequencies():
    for n_features in (1, 4, 100_000_000):
        expected = {"sine": 3, "cosine": 4, "oscillation": 2 * np.pi * n_features**3}
        for name, frequency in expected.items():
            keywords = profile(name, n_features=np.int64(n_features)).keywords
            assert keywords["frequency"] == pytest.approx(frequency, rel=1e-15)
            assert keywords["smoothness"] == 0


@each_profile
def test_targets_take_frequency_and_smoothness(name):
    frequency = 5.0 if name in WAVES else None
    X, y, truth = make_radial(
        profile=name,
        frequency=frequency,
        smoothness=0.2,
        return_truth=True,
        random_state=0,
    )
    expected = profile(name, 0.2, frequency)(np.sqrt(np.sum(X**2, axis=1)))
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-15)
    assert truth.profile.keywords == {"smoothness": 0.2} | (
        {"frequency": 5.0} if name in WAVES else {}
    )
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_the_oscillation_of_theorem_4():
    """sin(2πd³‖x‖²) / (2πd³), 2-Lipschitz; ‖x‖² is uniform in the unit disc."""
    w = 2 * np.pi * 2**3
    X, y, truth = make_radial(
        2000,
        2,
        profile="oscillation",
        law=stats.beta(2, 1),
        scale=1,
        return_truth=True,
        random_state=0,
    )
    np.testing.assert_allclose(y, np.sin(w * np.sum(X**2, axis=1)) / w, atol=1e-14)
    assert np.linalg.norm(X, axis=1).max() < 1
    steps = np.linalg.norm(np.diff(X, axis=0), axis=1)
    assert (np.abs(np.diff(y)) <= 2 * steps + 1e-15).all()
    assert truth.bayes_r2 == 1
    noisy = make_radial(
        10,
        2,
        profile="oscillation",
        law=stats.beta(2, 1),
        scale=1,
        noise=1 / w,
        return_truth=True,
    )[2]
    assert noisy.bayes_r2 == pytest.approx(1 / 3, rel=0.01)  # the variance is 1/(2w²)


def test_ceiling_of_a_smooth_ball():
    """Norms uniform on [0, 2], about whose middle the profile is odd but for 1/2."""
    truth = make_radial(
        10, profile="ball", smoothness=0.4, noise=0.3, return_truth=True
    )[2]
    second_moment = integrate.quad(lambda r: stats.norm.cdf((1 - r) / 0.4) ** 2, 0, 2)
    variance = second_moment[0] / 2 - 1 / 4
    assert truth.bayes_r2 == pytest.approx(variance / (variance + 0.09), rel=0.01)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"profile": "tent", "frequency": 2}, "frequency=2, but profile='tent' has no"),
        ({"profile": "ball", "frequency": 2}, "'sine', 'cosine', 'oscillation' have"),
        ({"profile": np.sin, "frequency": 2}, "frequency=2, but a callable profile"),
        ({"profile": np.sin, "smoothness": 0.1}, "smoothness=0.1, but a callable.*0, "),
        ({"profile": "sine", "frequency": 0}, r"'frequency' .* \(0.0, inf\).* Got 0"),
        ({"profile": "sine", "frequency": np.nan}, "'frequency' .* Got nan"),
        ({"profile": "sine", "frequency": np.inf}, "'frequency' .* Got inf"),
        ({"profile": "sine", "frequency": "high"}, "'frequency' .* Got 'high'"),
        ({"smoothness": -0.1}, r"'smoothness' .* \[0.0, inf\). Got -0.1"),
        ({"smoothness": np.nan}, "'smoothness' .* Got nan"),
        ({"smoothness": None}, "'smoothness' .* Got None"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_radial(**parameters)
