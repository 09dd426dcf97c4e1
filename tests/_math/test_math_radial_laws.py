"""Laws of the norm against the densities, closed forms and quantiles of the papers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma, jv
from scipy.stats import chi, kstest

from sklearn_depth._math._radial_laws import (
    RADIAL_LAWS,
    BesselNorm,
    TwoSpheresNorm,
    median_norm,
)
from sklearn_depth._math._spheres import random_directions

N_DRAWS = 20_000
KS_BOUND = 1.95 / np.sqrt(N_DRAWS)  # exceeded with probability .001


def bessel_rate(d):
    unit_ball_radius = gamma(d / 2 + 1) ** (1 / d) / np.sqrt(np.pi)
    return 2 * np.pi * np.sqrt(d) * unit_ball_radius


def bessel_cdf(z, d):
    """J_ν(z)² + 2 Σ J_{ν+k}(z)², ν = d/2: it telescopes to the derivative d J_ν²/z."""
    orders = d / 2 + np.arange(1, z + 100)
    return jv(d / 2, z) ** 2 + 2 * np.sum(jv(orders, z) ** 2)


def density(law, r, d):
    """The norm densities of Safran and Lee 2022, up to the "uniform" law of ours."""
    if law == "uniform":
        return 1 / (2 * np.sqrt(d))
    if law == "gaussian":
        return r ** (d - 1) * np.exp(-(r**2) / 2) * 2 ** (1 - d / 2) / gamma(d / 2)
    if law == "two_spheres":
        constant = gamma(d / 2) / (np.sqrt(np.pi) * gamma((d - 1) / 2))
        return constant * r ** (d - 2) * (1 - r**2 / 4) ** ((d - 3) / 2)
    bessel = d / r * jv(d / 2, bessel_rate(d) * r) ** 2
    gauss = r ** (d - 1) * np.exp(-d * r**2 / 2) * d ** (d / 2)
    return (bessel + gauss * 2 ** (1 - d / 2) / gamma(d / 2)) / 2


CASES = [
    (law, d)
    for law in RADIAL_LAWS
    for d in (1, 2, 3, 10)
    if (law, d) != ("two_spheres", 1)
]


@pytest.mark.parametrize(("law", "d"), CASES)
def test_cdf_integrates_the_density(law, d):
    norm = RADIAL_LAWS[law](d)
    edges = np.array([0.05, 0.4, 0.9, 1.5, 1.9])
    masses = [
        quad(lambda r: density(law, r, d), *cell, epsabs=1e-10, limit=200)[0]
        for cell in pairwise(edges)
    ]
    np.testing.assert_allclose(np.diff(norm.cdf(edges)), masses, atol=1e-7)


@pytest.mark.parametrize(("law", "d"), [*CASES, *((law, 1000) for law in RADIAL_LAWS)])
def test_samples_follow_the_cdf(law, d):
    norm = RADIAL_LAWS[law](d)
    draws = norm.sample(N_DRAWS, np.random.default_rng(0))
    assert draws.shape == (N_DRAWS,)
    assert (draws >= 0).all()
    assert kstest(draws, norm.cdf).statistic < KS_BOUND


@pytest.mark.parametrize(("law", "d"), CASES)
def test_cdf_runs_from_zero_to_one(law, d):
    norm = RADIAL_LAWS[law](d)
    assert norm.cdf(-1.0) == norm.cdf(0.0) == 0
    assert norm.cdf(np.inf) == 1
    assert (np.diff(norm.cdf(np.linspace(0, 5, 2001))) >= 0).all()


@pytest.mark.parametrize(("law", "d"), CASES)
def test_median(law, d):
    norm = RADIAL_LAWS[law](d)
    assert norm.cdf(median_norm(norm)) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("d", [1, 2, 7, 10, 100])
def test_bessel_closed_form(d):
    norm = BesselNorm(d)
    z = np.concatenate([np.linspace(0.1, d / 2 + 50, 60), [d / 2 + 1400]])
    reference = [bessel_cdf(point, d) for point in z]
    np.testing.assert_allclose(norm.cdf(z / bessel_rate(d)), reference, atol=2e-8)


@pytest.mark.parametrize("d", [1, 10, 100, 1000])
def test_bessel_past_the_table(d):
    norm = BesselNorm(d)
    z = (d / 2 + 1500) * np.array([1.001, 1.5, 3.0])
    reference = [bessel_cdf(point, d) for point in z]
    np.testing.assert_allclose(norm.cdf(z / norm.rate), reference, atol=1e-4)
    assert np.pi * norm.rate * 1e5 * (1 - norm.cdf(1e5)) / d == pytest.approx(
        1, rel=1e-2
    )


@pytest.mark.parametrize("d", [10, 10_000])
def test_bessel_samples_past_the_table(d):
    """Given z beyond the end, arcsin(ν/z) is uniform up to its value there."""
    norm = BesselNorm(d)
    end = d / 2 + 1500
    z = norm.rate * norm.sample(200_000, np.random.default_rng(0))
    beyond = z[z > end]
    mass = 1 - bessel_cdf(end, d)
    assert len(beyond) == pytest.approx(200_000 * mass, rel=5 / np.sqrt(len(beyond)))
    share = np.arcsin(d / 2 / beyond) / np.arcsin(d / 2 / end)
    assert kstest(share, "uniform").statistic < 1.95 / np.sqrt(len(beyond))


@pytest.mark.parametrize(
    ("d", "quantiles"), [(10, [0.273, 0.386, 1.79]), (100, [0.328, 0.450, 2.05])]
)
def test_bessel_quantiles_of_the_table(d, quantiles):
    rounding = np.array([0.0005, 0.0005, 0.005])
    levels = [0.1, 0.5, 0.9]
    assert (BesselNorm(d).cdf(quantiles - rounding) < levels).all()
    assert (BesselNorm(d).cdf(quantiles + rounding) > levels).all()


def test_two_spheres_concentrate_at_sqrt_two():
    norm = TwoSpheresNorm(50)
    assert norm.cdf(np.sqrt(2)) == pytest.approx(0.5, abs=1e-12)
    assert norm.cdf(1.155) < 0.01 < norm.cdf(1.165)
    assert norm.cdf(1.625) < 0.99 < norm.cdf(1.635)


@pytest.mark.parametrize("d", [2, 3, 10])
def test_two_spheres_is_the_norm_of_a_sum(d):
    points = random_directions(2 * N_DRAWS, d, np.random.default_rng(0))
    norms = np.linalg.norm(points[:N_DRAWS] + points[N_DRAWS:], axis=1)
    assert kstest(norms, TwoSpheresNorm(d).cdf).statistic < KS_BOUND


@pytest.mark.parametrize("d", [1, 4, 200])
def test_gaussian_is_chi(d):
    r = np.sqrt(d) + np.linspace(-0.9, 3, 40)
    np.testing.assert_allclose(RADIAL_LAWS["gaussian"](d).cdf(r), chi(d).cdf(r))
