"""Functions that need depth: closed forms, quadrature and all inputs, one by one."""

from itertools import product

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy.special import jv
from scipy.stats import kstest

from sklearn_depth._math._interval_maps import INTERVAL_MAPS, PiecewiseLinear
from sklearn_depth._math._radial_laws import BesselNorm
from sklearn_depth.constructions import maximum_network
from sklearn_depth.datasets import (
    make_eldan_shamir,
    make_inner_product_parity,
    make_iterated_map,
    make_maximum,
    make_sawtooth,
)

NOISE = 0.25


def planted(make, *args, **parameters):
    return make(*args, **parameters, return_truth=True, random_state=0)


def variance_of(truth):
    """From the ceiling under noise, which is Var / (Var + noise²)."""
    assert truth.noise == NOISE
    return NOISE**2 * truth.bayes_r2 / (1 - truth.bayes_r2)


def signs(n_features):
    """All of {-1, 1}^n."""
    return np.array(list(product([-1.0, 1.0], repeat=n_features)))


@pytest.mark.parametrize("k", [1, 2, 5, 11])
def test_the_sawtooth_is_a_triangular_wave(k):
    X, y, truth = planted(make_sawtooth, 500, 3, n_iterations=k)
    phase = 2.0 ** (k - 1) * X[:, 0] % 1
    np.testing.assert_allclose(y, 1 - np.abs(2 * phase - 1), atol=1e-15 * 2**k)
    peaks = (np.arange(2 ** (k - 1)) + 0.5) / 2 ** (k - 1)
    np.testing.assert_array_equal(truth(np.tile(peaks[:, None], 3)), 1)
    zeros = np.arange(2 ** (k - 1) + 1) / 2 ** (k - 1)
    np.testing.assert_array_equal(truth(np.tile(zeros[:, None], 3)), 0)


def test_the_sawtooth_is_uniform():
    y = make_sawtooth(20_000, n_iterations=9, random_state=0)[1]
    assert kstest(y, "uniform").statistic < 1.95 / np.sqrt(20_000)


@pytest.mark.parametrize("name", INTERVAL_MAPS)
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_variances_of_iterated_maps(name, k):
    """By Gauss rules on each of 2^k dyadic intervals, where all bends lie at ends."""
    truth = planted(make_iterated_map, map=name, n_iterations=k, noise=NOISE)[2]
    nodes, weights = leggauss(2**k + 2)  # exact for the polynomial as well
    n = 1 if name == "logistic" else 2**k
    x = ((nodes + 1) / 2 + np.arange(n)[:, None]) / n
    weights = np.tile(weights / (2 * n), n)
    values = truth(x.reshape(-1, 1))
    variance = weights @ values**2 - (weights @ values) ** 2
    assert variance_of(truth) == pytest.approx(variance, rel=1e-9)


def test_the_ceiling_of_other_maps_is_drawn():
    exact = planted(make_iterated_map, noise=NOISE)[2]
    drawn = planted(make_iterated_map, map=lambda x: 4 * x * (1 - x), noise=NOISE)[2]
    assert drawn.bayes_r2 == pytest.approx(exact.bayes_r2, rel=0.01)


def test_logistic_iterates_double_the_angle():
    X, y = make_iterated_map(500, n_iterations=7, random_state=0)
    angle = np.arcsin(np.sqrt(X[:, 0]))
    np.testing.assert_allclose(y, np.sin(2**7 * angle) ** 2, atol=1e-11)


def test_pieces_of_iterates():
    tent, three = INTERVAL_MAPS["tent"].pieces, INTERVAL_MAPS["period_three"].pieces
    counts = [len(tent.iterate(k).knots) - 1 for k in range(1, 9)]
    assert counts == [2**k for k in range(1, 9)]
    counts = [len(three.iterate(k).knots) - 1 for k in range(1, 9)]
    assert counts == [2, 3, 5, 8, 13, 21, 34, 55]
    assert [three(x) for x in (0.0, 0.5, 1.0)] == [0.5, 1.0, 0.0]


def test_iterates_of_pieces_are_compositions():
    rng = np.random.default_rng(0)
    knots = np.concatenate([[0], np.sort(rng.random(5)), [1]])
    random = PiecewiseLinear(knots, rng.random(7))
    x = np.linspace(0, 1, 5001)
    by_hand = x
    for k in range(1, 5):
        by_hand = random(by_hand)
        np.testing.assert_allclose(random.iterate(k)(x), by_hand, atol=1e-11)


def test_maps_must_stay_in_the_interval():
    truth = planted(make_sawtooth, 10, 2)[2]
    with pytest.raises(ValueError, match=r"first feature, 1\.5 in sample 1, but"):
        truth([[0.5, 9], [1.5, 0]])
    with pytest.raises(ValueError, match="map returned 2 in sample 0"):
        make_iterated_map(map=lambda x: 2 + 0 * x)
    with pytest.raises(ValueError, match=r"map returned shape \(\)"):
        make_iterated_map(map=np.max)
    with pytest.raises(ValueError, match=r"\[1, 40\]. Got 41"):
        make_sawtooth(n_iterations=41)


@pytest.mark.parametrize("d", [1, 2, 7, 30])
def test_the_maximum(d):
    """Its density is d t^(d - 1)."""
    X, y, truth = planted(make_maximum, 20_000, d)
    np.testing.assert_array_equal(y, [max(row) for row in X.tolist()])
    assert kstest(y**d, "uniform").statistic < 1.95 / np.sqrt(20_000)
    nodes, weights = leggauss(40)
    t, weights = (nodes + 1) / 2, weights / 2
    density = weights * d * t ** (d - 1)
    variance = density @ t**2 - (density @ t) ** 2
    truth = planted(make_maximum, 10, d, noise=NOISE)[2]
    assert variance_of(truth) == pytest.approx(variance, rel=1e-10)


@pytest.mark.parametrize("d", [2, 4, 8])
def test_inner_products_are_bent(d):
    """The correlation with every parity is 2^(-d/2) in absolute value."""
    X = signs(d)
    truth = planted(make_inner_product_parity, 10, d, noise=NOISE)[2]
    y, half = truth(X), d // 2
    bits = (1 - X) / 2
    inner = np.sum(bits[:, :half] * bits[:, half:], axis=1)
    np.testing.assert_array_equal(y, (-1) ** inner)
    parities = np.prod(np.where(signs(d)[:, None] > 0, 1, X), axis=2)
    np.testing.assert_allclose(np.abs(parities @ y) / 2**d, 2.0**-half, rtol=1e-12)
    assert np.mean(y) == 2.0**-half
    assert variance_of(truth) == pytest.approx(np.var(y), rel=1e-12)


def test_inner_products_need_two_halves_of_signs():
    with pytest.raises(ValueError, match=r"n_features=7 is odd.*Use 8"):
        make_inner_product_parity(10, 7)
    truth = planted(make_inner_product_parity, 10, 4)[2]
    with pytest.raises(ValueError, match="X has 0 in sample 0, feature 2"):
        truth([[1, -1, 0, 1]])


@pytest.mark.parametrize("d", [1, 3, 10])
def test_masses_of_shells(d):
    """By quadrature of the density (d / r) J_{d/2}(c r)² in units of sqrt(d)."""
    truth = planted(make_eldan_shamir, 10, d, n_shells=60, noise=NOISE)[2]
    edges, labels = truth.profile.edges / np.sqrt(d), truth.profile.signs
    nodes, weights = leggauss(20)
    r = edges[:-1, None] + np.diff(edges)[:, None] * (nodes + 1) / 2
    density = d / r * jv(d / 2, BesselNorm(d).rate * r) ** 2
    mass = (density @ weights) * np.diff(edges) / 2
    variance = mass @ labels**2 - (mass @ labels) ** 2
    assert variance_of(truth) == pytest.approx(variance, rel=1e-5)


@pytest.mark.parametrize("alpha", [1.0, 1.5])
def test_shells_are_good_where_they_are_signed(alpha):
    X, y, truth = planted(make_eldan_shamir, 50_000, 6, alpha=alpha)
    edges, labels = truth.profile.edges, truth.profile.signs
    assert (len(labels), set(labels)) == (36, {-1, 0, 1})
    ends = alpha * np.sqrt(6) * np.array([1, 2])
    np.testing.assert_allclose(edges[[0, -1]], ends)
    r = np.linspace(*ends, 100_001)[:-1]
    shell = np.searchsorted(edges, r, side="right") - 1
    rate = BesselNorm(6).rate / np.sqrt(6)  # 2 pi R_d
    good = jv(3, rate * r) ** 2 >= 1 / (40 * rate * r)
    share = np.bincount(shell, good) / np.bincount(shell)
    np.testing.assert_array_equal(labels != 0, share > 1 - 1e-9)
    norms = np.linalg.norm(X, axis=1)
    outside = (norms < ends[0]) | (norms >= ends[1])
    assert (y[outside] == 0).all()
    assert np.mean(~outside) > 0.05
    inside = labels[np.searchsorted(edges, norms[~outside], side="right") - 1]
    np.testing.assert_array_equal(y[~outside], inside)
    drawn = BesselNorm(6).cdf(norms / np.sqrt(6))
    assert kstest(drawn, "uniform").statistic < 1.95 / np.sqrt(50_000)


@pytest.mark.parametrize(("d", "alpha"), [(2, 10), (9, 3), (15, 2)])
def test_shells_of_several_waves_are_not_good(d, alpha):
    """However the zeros lie."""
    with pytest.raises(ValueError, match="none of n_shells=1 shells is good"):
        make_eldan_shamir(10, d, n_shells=1, alpha=alpha)


def test_shells_beyond_memory_are_refused():
    for given in ({"n_features": 10**6}, {"n_shells": 10**12}, {"alpha": 1e15}):
        with pytest.raises(MemoryError, match="with what is planted in them"):
            make_eldan_shamir(1, **given)


def test_one_wide_shell_is_not_good():
    with pytest.raises(ValueError, match="none of n_shells=1 shells is good"):
        make_eldan_shamir(10, 6, n_shells=1)
    # No zero of the density is near, but it is small.
    with pytest.raises(
        ValueError, match=r"alpha=0\.001 and twice as much.*larger alpha"
    ):
        make_eldan_shamir(10, 6, alpha=1e-3)


def test_sizes_are_counted_beyond_32_bits():
    size = np.int32(2**20)
    with pytest.raises(
        MemoryError, match="n_samples=1,048,576 of n_features=1,048,576"
    ):
        make_maximum(size, size)
    with pytest.raises(MemoryError, match="maximum of 1,048,576 inputs"):
        maximum_network(size)
