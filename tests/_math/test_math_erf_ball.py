"""The ball of erf units against Monte Carlo, quadrature and the paper's bounds."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

from sklearn_depth._math._erf_ball import (
    LARGE_BIAS,
    ball_balance,
    ball_profile,
    mean_of_large,
    mean_of_positive,
)

NORMS = np.array([0, 0.3, 1, 1.5, 2, 4, 20])
PAPER_RADII = np.linspace(1, 2, 11)
LAST = np.e * (1 - erf(1))  # xi at infinity
each_mean = pytest.mark.parametrize(
    ("mean", "threshold"), [(mean_of_positive, 0), (mean_of_large, LARGE_BIAS)]
)
each_radius = pytest.mark.parametrize("radius", PAPER_RADII)


@each_mean
def test_means_of_random_units(mean, threshold):
    """Proposition 21, from a draw of Assumption 7 in three dimensions."""
    rng = np.random.default_rng(0)
    u, b = 0.5 * rng.standard_normal((400_000, 3)), 0.5 * rng.standard_normal(400_000)
    u, b = u[b > threshold], b[b > threshold]
    direction = np.array([2, -1, 2]) / 3
    units = erf(np.outer(NORMS, u @ direction) + b)
    error = units.std(axis=1) / np.sqrt(len(b))
    assert (abs(units.mean(axis=1) - mean(NORMS)) < 4 * error).all()
    assert (error < 0.01 * mean(0)).all()


@each_mean
def test_means_by_quadrature(mean, threshold):
    """Over u alone the mean is erf(b / sqrt(1 + norm^2 / 2)); b is N(0, 1/4)."""
    for norm in NORMS:

        def weighted(b, norm=norm):
            return erf(b / np.sqrt(1 + norm**2 / 2)) * np.exp(-2 * b**2)

        above, _ = quad(weighted, threshold, 6)
        mass, _ = quad(lambda b: np.exp(-2 * b**2), threshold, 6)
        assert mean(norm) == pytest.approx(above / mass, rel=1e-7)


def test_the_threshold_splits_off_the_erfc_of_one():
    """P(b > 1/sqrt 2) / P(b > 0) = 1 - erf 1."""
    b = 0.5 * np.random.default_rng(0).standard_normal(400_000)
    share = np.mean(b > LARGE_BIAS) / np.mean(b > 0)
    assert share == pytest.approx(1 - erf(1), abs=0.003)


def test_balance_of_the_paper():
    for radius, xi in [(1, 0.47166), (1.5, 0.45938), (2, 0.45045)]:
        assert ball_balance(radius) == pytest.approx(xi, abs=5e-6)


def test_balance_falls_between_its_limits():
    values = [ball_balance(radius) for radius in np.geomspace(1e-3, 1e3, 200)]
    assert (np.diff(values) < 0).all()
    assert values[0] == pytest.approx(0.49137, abs=1e-5)
    assert values[-1] == pytest.approx(LAST, rel=1e-5)


@pytest.mark.parametrize("radius", [0.01, 0.3, 0.9, 1, np.sqrt(2), 2, 3, 10, 100])
def test_the_profile_is_positive_inside_and_negative_outside(radius):
    xi = ball_balance(radius)
    assert ball_profile(radius, xi) == pytest.approx(0, abs=1e-15)
    inside = radius * np.linspace(0, 0.999, 1000)
    outside = radius * np.geomspace(1.001, 1e4, 1000)
    assert (ball_profile(inside, xi) > 0).all()
    assert (ball_profile(outside, xi) < 0).all()


@each_radius
def test_the_profile_falls_to_one_minimum_and_rises_to_zero(radius):
    xi = ball_balance(radius)
    lowest = np.sqrt(1 / np.log(xi / LAST) - 2)
    assert 2.8 <= lowest <= 4.2
    falling = ball_profile(np.linspace(0, lowest, 1000), xi)
    rising = ball_profile(np.geomspace(lowest, 1e4, 1000), xi)
    assert (np.diff(falling) < 0).all()
    assert (np.diff(rising) > 0).all()
    assert -1e-4 < rising[-1] < 0


@each_radius
def test_the_bounds_of_the_paper(radius):
    xi = ball_balance(radius)
    far = np.geomspace(10, 1e6, 1000)
    assert (ball_profile(far, xi) <= -1 / (50 * far)).all()
    near = np.linspace(0.9, 2.1, 1001)
    slope = np.gradient(ball_profile(near, xi), near)
    assert (slope <= -1 / 600).all()
