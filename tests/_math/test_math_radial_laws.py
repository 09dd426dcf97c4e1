"""Laws of the norm against the densities, closed forms and quantiles of the papers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import gamma, jv
from scipy.stats import chi, kstest

from sklearn_depth._math._radial_laws import (
    RADIAL_LAWS,
    BesselNorm,
    DistributionNorm,
    SampledNorm,
    TwoSpheresNorm,
    median_norm,
    norm_law,
)
from sklearn_depth._math._spheres import random_directions

N_DRAWS = 20_000
KS_BOUND = 1.95 / np.sqrt(N_DRAWS)  # exceeded with probability 0.001


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
    """They are of the Bessel half alone: half of "bessel" has a norm near 1."""
    rounding = np.array([0.0005, 0.0005, 0.005])
    levels = [0.1, 0.5, 0.9]
    assert (BesselNorm(d).cdf(quantiles - rounding) < levels).all()
    assert (BesselNorm(d).cdf(quantiles + rounding) > levels).all()


@pytest.mark.parametrize("d", [2, 3, 50, 1000])
def test_two_spheres_have_the_median_sqrt_two(d):
    assert TwoSpheresNorm(d).cdf(np.sqrt(2)) == pytest.approx(0.5, abs=1e-12)
    assert median_norm(TwoSpheresNorm(d)) == pytest.approx(np.sqrt(2), rel=1e-9)


def test_two_spheres_concentrate():
    norm = TwoSpheresNorm(50)
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


GIVEN = {
    "frozen": stats.gamma(3),
    "discrete": stats.poisson(3),
    "unfrozen": stats.expon,
    "histogram": stats.rv_histogram(([1, 3, 2], [0.5, 1, 1.5, 2])),
    "heavy": stats.halfcauchy(scale=1e6),
    "tiny": stats.expon(scale=1e-14),
}
if hasattr(stats, "Uniform"):  # the new style came with SciPy 1.15
    GIVEN["new style"] = stats.Uniform(a=0.5, b=2.5)
    GIVEN["made"] = stats.make_distribution(stats.gamma)(a=3.0)

given_law = pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)


@given_law
def test_a_distribution_keeps_its_cdf_and_median(given):
    norm = norm_law(given, 5)
    assert (type(norm), norm.n_features) == (DistributionNorm, 5)
    r = given.median() * np.linspace(0, 3, 50)
    np.testing.assert_array_equal(norm.cdf(r), given.cdf(r))
    assert median_norm(norm) == pytest.approx(given.median(), rel=1e-12)


@given_law
def test_draws_of_a_distribution(given):
    """P(norm <= r) is the share of draws, also at an atom, where KS has no law."""
    draws = norm_law(given, 5).sample(N_DRAWS, np.random.default_rng(0))
    assert (draws.shape, draws.dtype) == ((N_DRAWS,), np.float64)
    r = given.median() * np.linspace(0, 3, 50)
    shares = np.mean(draws[:, None] <= r, axis=0)
    np.testing.assert_allclose(shares, given.cdf(r), atol=KS_BOUND)


def test_a_frozen_distribution_draws_with_the_given_generator():
    draws = norm_law(stats.gamma(3), 5).sample(50, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    np.testing.assert_array_equal(draws, stats.gamma(3).rvs(50, random_state=rng))


def gamma_draws(n_samples, rng):
    return 1e-9 * rng.gamma(3, size=n_samples)


def test_a_sampler_has_the_law_of_its_draws():
    norm, law = norm_law(gamma_draws, 5), stats.gamma(3, scale=1e-9)
    assert (type(norm), norm.n_features) == (SampledNorm, 5)
    r = law.median() * np.linspace(-1, 5, 100)
    np.testing.assert_allclose(norm.cdf(r), law.cdf(r), atol=1.95 / 2**8)
    assert norm.cdf(median_norm(norm)) == 0.5
    assert median_norm(norm) == pytest.approx(law.median(), rel=0.02)
    assert (norm.cdf(0), norm.cdf(np.inf)) == (0, 1)
    np.testing.assert_array_equal(
        norm.sample(9, np.random.default_rng(3)),
        gamma_draws(9, np.random.default_rng(3)),
    )


def test_a_sampler_counts_its_atoms():
    norm = norm_law(lambda n_samples, rng: np.arange(n_samples) % 4, 5)
    np.testing.assert_array_equal(
        norm.cdf([-0.5, 0, 0.5, 1, 3]), [0, 0.25, 0.25, 0.5, 1]
    )


def test_a_mass_below_zero_too_small_to_be_drawn_is_fine():
    assert median_norm(norm_law(stats.norm(10, 1), 5)) == pytest.approx(10)


@pytest.mark.parametrize(
    ("law", "below"),
    [
        (stats.norm(), "0.5"),
        (stats.uniform(-0.25, 1), "0.25"),
        (stats.gamma(-1), "nan"),
        (stats.gamma([1, 2]), r"\[0. 0.\]"),
    ],
)
def test_distributions_on_other_sets_than_the_half_line(law, below):
    with pytest.raises(
        ValueError, match=rf"one distribution on \[0.* is {below}\. Che"
    ):
        norm_law(law, 5)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda n, rng: np.full(n, -2.5), r"drew the norm -2\.5;.*finite and non-neg"),
        (lambda n, rng: np.full(n, np.nan), "drew the norm nan; .* absolute values"),
        (lambda n, rng: np.full(n, np.inf), "drew the norm inf; .* truncate"),
        (lambda n, rng: np.ones((n, 1)), r"shape \(7, 1\) for n_samples=7.*\(7,\)"),
        (lambda n, rng: 1.0, r"shape \(\) for n_samples=7.*\(7,\)"),
    ],
)
def test_draws_that_are_no_norms(draw, message):
    with pytest.raises(ValueError, match=message):
        norm_law(draw, 5).sample(7, np.random.default_rng(0))


@pytest.mark.parametrize("law", [stats.poisson(0.1), lambda n, rng: np.zeros(n)])
def test_median_norm_of_zero(law):
    with pytest.raises(ValueError, match=r"median norm 0\.0, .* as radius or scale"):
        median_norm(norm_law(law, 5))
