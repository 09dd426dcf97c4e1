"""Symmetric targets against their defining sums, quadrature and closed forms."""

import pickle
from math import factorial, fsum, gamma

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermevander
from numpy.polynomial.laguerre import laggauss
from scipy.stats import chisquare, kstest, poisson

from sklearn_depth.datasets import make_symmetric

EVEN = [2, 4, 6, 8]


def planted(n_samples=300, n_features=8, seed=0, **parameters):
    return make_symmetric(
        n_samples, n_features, **parameters, return_truth=True, random_state=seed
    )


def sum_of_relus(z, order):
    """f_A as it is written, each sum rounded once."""
    turns = np.pi * np.arange(1, 2 * order + 1) / order
    rows = np.stack([np.cos(turns), np.sin(turns)])
    signs = (-1.0) ** np.arange(1, 2 * order + 1)
    return np.array([fsum(signs * np.maximum(row @ rows, 0)) for row in z])


def variance_of_the_sum(order):
    """By the arc-cosine kernel: E relu(u) relu(v) = (sin t + (pi - t) cos t) / 2 pi."""
    i = np.arange(1, 2 * order + 1)
    t = np.arccos(np.cos(np.pi * (i[:, None] - i) / order).clip(-1, 1))
    kernel = (np.sin(t) + (np.pi - t) * np.cos(t)) / (2 * np.pi)
    signs = (-1.0) ** i
    return signs @ kernel @ signs


def polar_grid(n_radii, n_angles):
    """Points of the plane and weights for N(0, I): r²/2 is exponential, theta uniform.

    The number of angles shares no factor with the orders, so that no symmetry of the
    grid makes means vanish.
    """
    halves, weights = laggauss(n_radii)
    theta = 2 * np.pi * np.arange(n_angles) / n_angles
    r, theta = (grid.ravel() for grid in np.meshgrid(np.sqrt(2 * halves), theta))
    return np.stack([r * np.cos(theta), r * np.sin(theta)], 1), np.tile(
        weights / n_angles, n_angles
    )


@pytest.mark.parametrize(
    ("order", "variance"), [(2, 0.727), (4, 0.117), (6, 0.048), (8, 0.027)]
)
def test_variances_of_the_sum(order, variance):
    closed = (1 - order / np.pi * np.sin(np.pi / order)) / np.cos(
        np.pi / 2 / order
    ) ** 2
    assert variance_of_the_sum(order) == pytest.approx(closed, rel=1e-12)
    assert closed == pytest.approx(variance, abs=6e-4)


@pytest.mark.parametrize("order", [1, *EVEN, 50])
def test_the_target_is_the_sum_of_relus(order):
    X, y, truth = planted(order=order)
    a = truth.directions
    np.testing.assert_allclose(a @ a.T, np.eye(2), atol=1e-14)
    expected = sum_of_relus(X @ a.T, order) / np.sqrt(variance_of_the_sum(order))
    np.testing.assert_allclose(y, expected, atol=1e-11)
    np.testing.assert_array_equal(truth(X), y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_a_large_order_keeps_its_digits():
    """In a sector of width w it is sqrt(6) r (t / w - 1/2), but for a share of w²."""
    order = 10**5
    t = np.linspace(0, 1, 19)
    theta = np.pi / order * (30_000 + t)
    z = 2 * np.stack([np.cos(theta), np.sin(theta)], 1)
    expected = 2 * np.sqrt(6) * (t - 0.5)
    np.testing.assert_allclose(planted(order=order)[2].link(z), expected, atol=1e-8)


def test_order_one_is_linear():
    X, y, truth = planted(order=1)
    np.testing.assert_allclose(y, X @ truth.directions[0], atol=1e-13)


@pytest.mark.parametrize("order", [3, 5, 7])
def test_other_odd_orders_would_be_zero(order):
    z = np.random.default_rng(0).normal(size=(100, 2))
    np.testing.assert_allclose(sum_of_relus(z, order), 0, atol=1e-14)
    message = f"order={order} makes .* zero.*even order {order - 1} or {order + 1}"
    with pytest.raises(ValueError, match=message):
        planted(order=order)


@pytest.mark.parametrize("order", [1, *EVEN])
def test_turns_of_the_plane(order):
    X, y, truth = planted(order=order)
    a, b = truth.directions
    for angle, sign in ((np.pi / order, -1), (2 * np.pi / order, 1)):
        c, s = np.cos(angle), np.sin(angle)
        turn = (c - 1) * (np.outer(a, a) + np.outer(b, b))
        turn += s * (np.outer(b, a) - np.outer(a, b))
        np.testing.assert_allclose(truth(X + X @ turn.T), sign * y, atol=1e-12)


def test_nothing_but_the_plane_matters():
    X, y, truth = planted()
    across = np.linalg.svd(truth.directions)[2][2:]
    np.testing.assert_allclose(truth(X + 3 * across.sum(0)), y, atol=1e-12)
    assert truth([np.zeros(8)]) == 0


@pytest.mark.parametrize("order", EVEN)
def test_angular_frequencies_are_odd_multiples_of_the_order(order):
    """At such a multiple p the amplitude is 4 k / (pi (p² - 1)) / sd.

    It is 2 k times that of relu(cos).
    """
    n = 100_003  # a prime: no symmetry of the grid makes sums vanish
    theta = 2 * np.pi * np.arange(n) / n
    link = planted(order=order)[2].link
    waves = np.fft.rfft(link(np.stack([np.cos(theta), np.sin(theta)], 1)))[:200] / n
    expected = np.zeros(200)
    p = np.arange(order, 200, 2 * order)
    expected[p] = 2 * order / (np.pi * (p**2 - 1.0))  # half at p, half at -p
    expected /= np.sqrt(variance_of_the_sum(order))
    np.testing.assert_allclose(abs(waves), expected, atol=1e-7)


@pytest.mark.parametrize(
    ("order", "share"), [(1, 1), (2, 0.88), (4, 0.45), (6, 0.19), (8, 0.07)]
)
def test_hermite_mass(order, share):
    """None below the order; at the order b² Gamma((k + 3) / 2)² / k!.

    b = 4 k / (pi (k² - 1)) / sd is the amplitude of the wave of frequency k.
    """
    z, weights = polar_grid(40, 10_007)
    values = weights * planted(order=order)[2].link(z)
    norms = np.sqrt([factorial(k) for k in range(order + 1)])
    left, right = (hermevander(column, order) / norms for column in z.T)
    coefficients = left.T @ (values[:, None] * right)
    degrees = np.add.outer(np.arange(order + 1), np.arange(order + 1))
    np.testing.assert_allclose(coefficients[degrees < order], 0, atol=1e-6)
    mass = np.sum(coefficients[degrees == order] ** 2)
    assert mass == pytest.approx(share, abs=6e-3)
    if order > 1:
        b = 4 * order / (np.pi * (order**2 - 1)) / np.sqrt(variance_of_the_sum(order))
        closed = b**2 * gamma((order + 3) / 2) ** 2 / factorial(order)
        assert mass == pytest.approx(closed, rel=1e-3)


@pytest.mark.parametrize("order", [1, *EVEN, 100])
def test_the_cosine_family_has_unit_variance(order):
    z, weights = polar_grid(20, 10_007)
    values = planted(order=order)[2].link(z)
    assert weights @ values == pytest.approx(0, abs=1e-6)
    assert weights @ values**2 == pytest.approx(1, rel=1e-4)


def test_drawn_planes_are_uniform():
    rows = [planted(1, 3, seed)[2].directions[1] for seed in range(500)]
    uniform = (np.array(rows)[:, 0] + 1) / 2
    assert kstest(uniform, "uniform").statistic < 1.95 / np.sqrt(500)


def test_inputs():
    X = planted(50_000, 3)[0]
    np.testing.assert_allclose(np.cov(X.T), np.eye(3), atol=0.03)
    for column in X.T:
        assert kstest(column, "norm").statistic < 1.95 / np.sqrt(50_000)
    X = planted(50_000, 3, family="parity", order=1)[0]
    np.testing.assert_allclose(np.cov(X.T), np.eye(3), atol=0.03)
    for column in X.T:
        found = np.bincount(np.minimum(column, 5).astype(int))
        expected = 50_000 * np.append(poisson(1).pmf(range(5)), poisson(1).sf(4))
        assert chisquare(found, expected).pvalue > 1e-4


@pytest.mark.parametrize("order", [1, 3, 8])
def test_parity_of_the_counted_columns(order):
    X, y, truth = planted(family="parity", order=order)
    assert truth.columns.shape == (order,)
    assert truth.order == order
    assert len(set(truth.columns)) == order
    expected = [(-1.0) ** int(row.sum()) for row in X[:, truth.columns]]
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_parity_is_invariant_under_permutations_of_the_counted_columns():
    X, y, truth = planted(family="parity", order=5)
    permuted = X.copy()
    permuted[:, truth.columns] = X[
        :, np.random.default_rng(0).permutation(truth.columns)
    ]
    assert (permuted != X).any()
    np.testing.assert_array_equal(truth(permuted), y)
    others = np.setdiff1d(np.arange(8), truth.columns)
    X[:, others] += 1
    np.testing.assert_array_equal(truth(X), y)
    X[:, truth.columns[2]] += 1
    np.testing.assert_array_equal(truth(X), -y)


def test_every_set_of_columns_is_drawn():
    drawn = [
        tuple(planted(1, 4, seed, family="parity", order=2)[2].columns)
        for seed in range(300)
    ]
    sets, found = np.unique(drawn, axis=0, return_counts=True)
    assert len(sets) == 6
    assert chisquare(found).pvalue > 1e-4


@pytest.mark.parametrize("order", [1, 2, 4])
def test_means_of_parities(order):
    """With the parity of all but m columns: E y' y = exp(-2 m)."""
    X, y, truth = planted(200_000, 6, family="parity", order=order)
    for m in range(order + 1):
        part = (-1.0) ** X[:, truth.columns[m:]].sum(axis=1)
        assert np.mean(y * part) == pytest.approx(np.exp(-2 * m), abs=4 / 200_000**0.5)
    variance = 1 - np.exp(-4 * order)
    assert truth._target_variance() == pytest.approx(variance, rel=1e-14)
    other = np.setdiff1d(np.arange(6), truth.columns)[0]
    covariance = np.cov(y, (-1.0) ** X[:, other])[0, 1]
    assert abs(covariance) < 4 / 200_000**0.5


@pytest.mark.parametrize(
    ("parameters", "variance"),
    [
        ({"order": 1}, 1),
        ({"order": 6}, 1),
        ({"family": "parity", "order": 1}, 1 - np.exp(-4)),
        ({"family": "parity", "order": 5}, 1 - np.exp(-20)),
    ],
)
def test_noise_and_ceiling_are_exact(parameters, variance):
    truth = planted(noise=0.5, **parameters)[2]
    assert truth.bayes_r2 == pytest.approx(variance / (variance + 0.25), rel=1e-12)
    truth = planted(snr=4, **parameters)[2]
    assert truth.noise == pytest.approx(np.sqrt(variance) / 2, rel=1e-12)
    X, y = truth.sample(20_000, random_state=1)
    residual = (y - truth(X)) / truth.noise
    assert kstest(residual, "norm").statistic < 1.95 / np.sqrt(20_000)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"family": "sine"}, "'family' .* Got 'sine'"),
        ({"order": 0}, r"'order' .* \[1, inf\).*Got 0"),
        ({"order": 2.0}, "'order' .* must be an int"),
        ({"order": 3}, "order=3 makes the cosine family zero.*even order 2 or 4"),
        ({"n_features": 1}, "n_features=1 leaves no plane.*parity"),
        ({"family": "parity", "order": 11}, "order=11 features .* n_features=10.*low"),
        ({"noise": 0.5, "snr": 2}, "noise=0.5 and snr=2 both set the noise"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_symmetric(**parameters)


def test_only_counts_have_a_parity():
    X, _, truth = planted(family="parity", order=3)
    column = truth.columns[1]
    X[7, column] = 0.5
    with pytest.raises(ValueError, match=rf"sample 7, feature {column}, .*counts"):
        truth(X)
