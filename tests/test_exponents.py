"""Exponents against closed forms, Monte Carlo, brute force and invariances."""

from itertools import permutations
from math import comb

import numpy as np
import pytest
from numpy.polynomial import hermite_e
from scipy import stats

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth._math._conditional_moments import conditional_moments
from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import (
    generative_exponent,
    information_exponent,
    leap_complexity,
    optimal_label_transform,
    subspace_alignment_score,
    weak_recovery_threshold,
)
from sklearn_depth.metrics._link_values import link_function


def he3(z):
    return z**3 - 3 * z


def bump(z):
    return z**2 * np.exp(-(z**2))


def relu(z):
    return np.maximum(z, 0)


def ball(z):
    return 1.0 * (np.abs(z) < 1)


def orthonormal(z, degree):
    values = [hermite_e.hermeval(z, np.eye(degree + 1)[k]) for k in range(degree + 1)]
    factorials = np.cumprod([1, *range(1, degree + 1)])
    return np.array(values) / np.sqrt(factorials)[:, None]


@pytest.mark.parametrize(
    ("link", "information", "generative"),
    [
        (lambda z: z, 1, 1),
        (np.tanh, 1, 1),
        (np.sign, 1, 1),
        (relu, 1, 1),
        (he3, 3, 1),
        (np.abs, 2, 2),
        (ball, 2, 2),
        (lambda z: he3(z) ** 2, 2, 2),
        (lambda z: z**4 - 6 * z**2 + 3, 4, 2),
        (lambda z: np.cos(4 * z), 2, 2),
        (bump, 4, 4),
        ([0, 0, 0, 1.0], 3, 1),
    ],
)
def test_exponents_by_hand(link, information, generative):
    assert information_exponent(link) == information
    assert generative_exponent(link) == generative


@pytest.mark.parametrize("noise", [0.01, 0.3, 2.0])
@pytest.mark.parametrize(("link", "exponent"), [(he3, 1), (np.abs, 2), (bump, 4)])
def test_noise_leaves_the_exponent(link, exponent, noise):
    """It takes labels' strength away, and none of their zeros."""
    assert generative_exponent(link, noise) == exponent


@pytest.mark.parametrize(
    "monotone",
    [
        np.exp,
        np.arctan,
        lambda y: -(y**3) - y,
        lambda y: 5 - 2 * y,
        lambda y: 1e4 + 0.1 * y,
    ],
)
@pytest.mark.parametrize("link", [np.tanh, np.cos, bump, ball, relu])
def test_one_to_one_maps_of_y_change_nothing(link, monotone):
    """Nothing but what rounding of y hides: beside 1e4, preimages within 1e-5."""
    plain = conditional_moments(link, 6, 0.0).strengths()
    mapped = conditional_moments(lambda z: monotone(link(z)), 6, 0.0).strengths()
    np.testing.assert_allclose(mapped, plain, rtol=0.02, atol=1e-12)
    np.testing.assert_allclose(mapped[:5], plain[:5], rtol=1e-3, atol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize("link", [np.cos, np.abs, bump, ball, lambda z: z**2 - z**4])
def test_even_links_tell_nothing_of_odd_degrees(link, noise):
    strengths = conditional_moments(link, 7, noise).strengths()
    assert strengths[1::2].max() < 1e-20 < strengths[4]
    assert generative_exponent(link, noise) >= 2


@pytest.mark.parametrize("degree", range(1, 13))
def test_a_hermite_polynomial_shows_by_its_sign_or_its_size(degree):
    """An odd one through degree 1 of a transform, an even one through degree 2."""
    assert generative_exponent(np.eye(degree + 1)[degree]) == 2 - degree % 2


def test_even_series_tell_nothing_of_odd_degrees():
    """Their turns lie at z and -z, where each is found to the root of rounding."""
    for coefficients in np.random.default_rng(0).standard_normal((2, 5)):
        series = np.zeros(11)
        series[2::2] = coefficients
        link = link_function(series)
        assert conditional_moments(link, 5, 0.0).strengths()[1::2].max() < 1e-18


def test_a_bump_tells_nothing_of_degree_2():
    """On a level set of z^2 exp(-z^2) the weights of z_1 and z_2 balance z^2 - 1."""
    for noise in (0.0, 0.1, 1.0):
        strengths = conditional_moments(bump, 4, noise).strengths()
        assert strengths[1:4].max() < 1e-20
        assert strengths[4] > 1e-5


@pytest.mark.parametrize("noise", [0.05, 0.5, 1.0, 3.0])
def test_a_noisy_line_is_mehlers_kernel(noise):
    """The correlation of Z + s e and Z is (1 + s^2)^(-1/2); to the power 2k."""
    strengths = conditional_moments(lambda z: z, 6, noise).strengths()
    expected = (1 + noise**2) ** -np.arange(7.0)
    np.testing.assert_allclose(strengths[:4], expected[:4], rtol=5e-4)
    np.testing.assert_allclose(strengths, expected, rtol=2e-2)
    assert (strengths <= expected + 1e-12).all()  # cells only lose


@pytest.mark.parametrize("offset", [-1.0, 0.0, 0.3])
def test_a_step_is_two_atoms(offset):
    """E zeta_k^2 = m^2 / p + m^2 / (1 - p), m = h_{k-1}(t) phi(t) / sqrt(k)."""
    p = stats.norm.sf(offset)
    lower = orthonormal(np.array([offset]), 5)[:, 0]
    m = lower * stats.norm.pdf(offset) / np.sqrt(np.arange(1, 7))
    found = conditional_moments(lambda z: 1.0 * (z > offset), 6, 0.0).strengths()
    np.testing.assert_allclose(found[1:], m**2 / p + m**2 / (1 - p), atol=1e-14)


def test_a_relu_is_an_atom_and_a_half_line():
    """E zeta_1^2 = 1/2 + 1/pi, and E zeta_2^2 = 1/2 as E[h_2 1{z < 0}] = 0."""
    found = conditional_moments(relu, 2, 0.0).strengths()
    np.testing.assert_allclose(found, [1, 0.5 + 1 / np.pi, 0.5], rtol=1e-4)


@pytest.mark.parametrize("w", [2.0, 3.0, 4.0])
def test_waves_by_poisson_summation(w):
    """E[z^2 - 1 | cos wz] = -2 w^2 e^(-w^2/2) y, and E[z | sin wz] = 2 w e^(..) y."""
    cosine = conditional_moments(lambda z: np.cos(w * z), 2, 0.0).strengths()
    sine = conditional_moments(lambda z: np.sin(w * z), 1, 0.0).strengths()
    error = 6 * np.exp(-(w**2)) + 1e-4
    assert 2 * cosine[2] == pytest.approx(2 * w**4 * np.exp(-(w**2)), rel=error)
    assert sine[1] == pytest.approx(2 * w**2 * np.exp(-(w**2)), rel=error)


@pytest.mark.parametrize(
    ("link", "threshold", "rel"),
    [
        (np.abs, 0.5, 1e-4),
        (np.square, 0.5, 1e-4),
        (lambda z: np.cos(4 * z), np.exp(16) / (2 * 4**4), 1e-4),
        # two atoms of masses p, 1 - p: E[(z^2 - 1) 1{|z| < 1}] = -2 phi(1)
        (ball, 0.6826894921 * 0.3173105079 / (2 * stats.norm.pdf(1)) ** 2, 1e-8),
    ],
)
def test_thresholds_by_hand(link, threshold, rel):
    assert weak_recovery_threshold(link) == pytest.approx(threshold, rel=rel)


def test_the_threshold_of_4z_is_the_issues():
    assert round(weak_recovery_threshold(lambda z: np.cos(4 * z)) / 1e4, 1) == 1.7


@pytest.mark.parametrize("link", [np.tanh, he3, relu])
def test_odd_parts_need_no_ratio(link):
    assert weak_recovery_threshold(link) == 0


def test_beyond_degree_2_no_ratio_is_enough():
    assert weak_recovery_threshold(bump) == np.inf
    assert weak_recovery_threshold(bump, noise=0.3) == np.inf


@pytest.mark.parametrize(
    ("link", "noise"),
    [(np.abs, 0.0), (np.abs, 0.3), (np.cos, 0.0), (np.cos, 0.5), (bump, 0.05)],
)
def test_strengths_by_monte_carlo(link, noise):
    """Bins of 400 draws each: the mean square is biased up by what noise adds."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal(400_000)
    y = link(z) + noise * rng.standard_normal(len(z))
    bins = orthonormal(z, 3)[1:, np.argsort(y)].reshape(3, 1000, 400)
    within = bins.var(axis=2, ddof=1).mean(axis=1) / 400
    found = (bins.mean(axis=2) ** 2).mean(axis=1) - within
    exact = conditional_moments(link, 3, noise).strengths()[1:]
    np.testing.assert_allclose(found, exact, atol=0.015, rtol=0.03)


def test_less_is_told_with_more_noise():
    levels = [weak_recovery_threshold(np.abs, noise) for noise in (0, 0.1, 0.5, 2, 8)]
    assert (np.diff(levels) > 0).all()


@pytest.mark.parametrize("place", [0.0, 0.7, -1.234567])
def test_jumps_are_found_to_rounding(place):
    """A step beside a line: both sides of the jump share levels with the other."""

    def link(z):
        return z - 2.0 * (z > place)

    z = np.linspace(-9, 9, 2_000_001)
    density = stats.norm.pdf(z)
    # preimages of y: y if y <= place, and y + 2 if that is > place; slopes are 1
    weights = np.stack([(z <= place), z + 2 > place]) * np.stack(
        [density, stats.norm.pdf(z + 2)]
    )
    mass = weights.sum(axis=0)
    moment = weights[0] * z + weights[1] * (z + 2)
    kept = mass > 0
    exact = np.sum(moment[kept] ** 2 / mass[kept]) * (z[1] - z[0])
    found = conditional_moments(link, 1, 0.0)
    assert found.strengths()[1] == pytest.approx(exact, rel=1e-4)
    assert found.moments[:, 0].sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.01, 1.0])
@pytest.mark.parametrize(
    "link", [he3, np.cos, ball, relu, np.floor, lambda z: z - np.floor(z), np.expm1]
)
def test_moments_add_up(link, noise):
    """Over all y they are those of N(0, 1): 1, and no other."""
    total = conditional_moments(link, 5, noise).moments.sum(axis=0)
    np.testing.assert_allclose(total, np.eye(6)[0], atol=1e-10)


def test_label_transforms_by_hand():
    y = np.linspace(0.01, 3, 50)
    np.testing.assert_allclose(optimal_label_transform(np.abs)(y), y**2 - 1, atol=1e-3)
    np.testing.assert_allclose(
        optimal_label_transform(np.abs, degree=4)(y),
        hermite_e.hermeval(y, [0, 0, 0, 0, 1]),
        atol=0.1,
    )
    noise = 0.5  # Z given Z + s e is N(y / (1 + s^2), s^2 / (1 + s^2))
    line = optimal_label_transform(lambda z: z, noise)
    expected = (y**2 / (1 + noise**2) - 1) / (1 + noise**2)
    np.testing.assert_allclose(line(y), expected, atol=5e-3)


def test_label_transforms_at_atoms():
    transform = optimal_label_transform(relu)
    assert transform(0.0) == pytest.approx(0, abs=1e-12)  # E[z^2 - 1 | z < 0]
    assert transform(np.float32([0.5])) == pytest.approx(0.25 - 1, abs=1e-3)
    inside, outside = optimal_label_transform(ball)(np.array([1.0, 0.0]))
    assert inside == pytest.approx(-2 * stats.norm.pdf(1) / 0.6826894921)
    assert outside == pytest.approx(2 * stats.norm.pdf(1) / 0.3173105079)


def test_the_degree_of_a_transform():
    assert optimal_label_transform(he3).degree == 2
    assert optimal_label_transform(bump).degree == 4
    assert optimal_label_transform(np.tanh, degree=1).degree == 1


def test_transformed_labels_have_information_exponent_2():
    """That of He3 is 3; T of it has E[T(y) h_2] = (E zeta_2^2)^(1/2) of its size."""
    transform = optimal_label_transform(he3)
    assert information_exponent(lambda z: transform(he3(z)), tol=1e-6) == 2
    z = np.random.default_rng(0).standard_normal(400_000)
    labels = transform(he3(z))
    slope = (labels * (z**2 - 1)).mean() / labels.std() / np.sqrt(2)
    strength = conditional_moments(he3, 2, 0.0).strengths()[2]
    assert slope == pytest.approx(np.sqrt(strength), abs=0.01)


def test_networks_take_the_transform():
    """One step on y sees nothing of degree 2; on T(y) it finds the direction."""
    X, y, truth = make_single_index(
        2000, n_features=20, link=he3, return_truth=True, random_state=0
    )
    scores = {}
    for transform in (None, optimal_label_transform(he3)):
        net = TwoLayerGDRegressor(
            200, n_feature_steps=1, label_transform=transform, random_state=0
        )
        rows = net.fit(X, y).features_.hidden_coef_
        top = np.linalg.svd(rows)[2][:1]
        scores[transform is None] = subspace_alignment_score(truth.directions, top)
    assert scores[False] > 0.9 > 0.5 > scores[True]
    assert net.features_.label_transforms_.tolist() == ["given"]


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (np.ravel, r"label_transform returned shape \(50,\) for targets .* \(50, 1\)"),
        (lambda y: np.where(y > 0, np.inf, y), "label_transform is not finite at"),
    ],
)
def test_bad_transforms(transform, message):
    X, y = make_single_index(50, n_features=3, random_state=0)
    net = TwoLayerGDRegressor(20, label_transform=transform, random_state=0)
    with pytest.raises(ValueError, match=message):
        net.fit(X, y)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (np.ones_like, r"nothing of degrees 1 to 20: the largest .* is 0, not above"),
        (np.sum, r"link returned shape \(\)"),
        (np.sqrt, "link is not finite at -14"),
        ([[0.0, 1.0]], r"link has shape \(1, 2\)"),
        (lambda z: np.sin(600 * z), "it turns [0-9]+ times in .* 2000 are the most"),
    ],
)
def test_bad_links(link, message):
    with pytest.raises(ValueError, match=message):
        generative_exponent(link)


def test_a_degree_without_a_transform_is_refused():
    with pytest.raises(ValueError, match=r"nothing of degree 3: .*Take degree="):
        optimal_label_transform(np.abs, degree=3)
    with pytest.raises(ValueError, match=r"'noise'.*Got -1"):
        weak_recovery_threshold(np.abs, -1)


@pytest.mark.parametrize(
    ("monomials", "leap"),
    [
        ([(0,), (0, 1), (0, 1, 2)], 1),
        ([(0, 1, 2)], 3),
        ([(0,), (0, 1, 2, 3)], 3),
        ([(0, 1), (1, 2, 3), (3, 4)], 2),
        ([(0, 0), (0, 1)], 2),
        ([(0, 0), (0, 1), (1,)], 1),
        ([()], 0),
        ([("a",), ("a", "b")], 1),
    ],
)
def test_leaps_by_hand(monomials, leap):
    assert leap_complexity(monomials) == leap
    assert leap_complexity(monomials[::-1]) == leap


def test_leaps_by_all_orders():
    rng = np.random.default_rng(0)

    def leap_of(order):
        seen, leaps = set(), []
        for monomial in order:
            leaps.append(sum(c not in seen for c in monomial))
            seen |= set(monomial)
        return max(leaps)

    found = []
    for _ in range(100):
        monomials = [
            tuple(rng.integers(0, 7, size=rng.integers(1, 6)).tolist())
            for _ in range(5)
        ]
        found.append(leap_complexity(monomials))
        assert found[-1] == min(map(leap_of, permutations(monomials)))
    assert len(set(found)) > 2


def test_a_links_leap_is_its_information_exponent():
    for coefficients in ([0, 0, 0, 1], [1, 0, 2, 1], [0, 0, 0, 0, 1, 1]):
        terms = [(0,) * k for k, a in enumerate(coefficients) if a]
        assert leap_complexity(terms[1:] if not terms[0] else terms) == (
            information_exponent(np.array(coefficients, float))
        )


@pytest.mark.parametrize(
    ("monomials", "error", "message"),
    [
        ([], ValueError, "there is no monomial"),
        ([0, 1], TypeError, "a monomial is 0"),
        ("ab", TypeError, "monomials is 'ab'"),
        (3, TypeError, "monomials is 3"),
    ],
)
def test_bad_monomials(monomials, error, message):
    with pytest.raises(error, match=message):
        leap_complexity(monomials)


def test_all_products_of_few_coordinates_are_a_staircase():
    everything = [tuple(c for c in range(4) if k >> c & 1) for k in range(16)]
    assert len(everything) == sum(comb(4, k) for k in range(5))
    assert leap_complexity(everything) == 1
    assert leap_complexity([m for m in everything if len(m) > 1]) == 2
