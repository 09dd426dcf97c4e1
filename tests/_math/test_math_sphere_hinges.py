"""Mean hinges against quadrature, simulation and finite differences."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta, betainc, poch

from sklearn_depth._math._sphere_hinges import (
    mean_coordinate,
    mean_hinge_slopes,
    mean_hinges,
)
from sklearn_depth._math._spheres import random_directions

DIMENSIONS = [1, 2, 3, 5, 20, 100, 1000]
each_dimension = pytest.mark.parametrize("d", DIMENSIONS)


def radii_and_knots(d):
    """Radii about 1, and knots up to where four deviations of a projection end."""
    return np.array([0.3, 1.0, 2.5]), np.linspace(0, min(4 / np.sqrt(d), 1.2), 9)


def by_quadrature(r, t, d):
    """The mean over |w_1| = cos(u), whose density is sin(u)^(d-2) for d > 1."""
    if d == 1:
        return max(r - t, 0)
    if t >= r:
        return 0.0
    end = np.arccos(t / r)
    # Most of the mass is within a few deviations of a right angle.
    start = max(0.0, np.pi / 2 - 12 / np.sqrt(d))
    if start >= end:
        return 0.0

    def integrand(u):
        return (r * np.cos(u) - t) * np.sin(u) ** (d - 2)

    integral = quad(integrand, start, end, epsabs=0, epsrel=1e-12, limit=200)[0]
    return 2 * integral / beta(0.5, (d - 1) / 2)


@each_dimension
def test_closed_form_is_quadrature(d):
    radii, knots = radii_and_knots(d)
    expected = [[by_quadrature(r, t, d) for t in knots] for r in radii]
    scale = mean_coordinate(d) * radii[:, None]
    found = mean_hinges(radii, knots, d)
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=2e-12)


@each_dimension
def test_closed_form_is_the_mean_over_directions(d):
    radii, knots = radii_and_knots(d)
    w = np.abs(random_directions(20_000, d, np.random.default_rng(d))[:, 0])
    hinges = np.maximum(radii[:, None, None] * w - knots[:, None], 0)
    error = hinges.mean(axis=2) - mean_hinges(radii, knots, d)
    many = np.sum(hinges > 0, axis=2) > 30  # few hits are no Gaussian error
    bound = np.where(
        many, 4.5 * hinges.std(axis=2) / np.sqrt(20_000), 1e-3 * radii[:, None]
    )
    assert (np.abs(error) < bound + 1e-12).all()
    assert many.sum() > 8


def test_between_the_nodes_of_the_table():
    """The closed form itself, at ratios that no table has as its nodes."""
    ratios = np.random.default_rng(0).uniform(0, 1, 500)
    for d in (2, 3, 20, 500):
        power = (1 - ratios**2) ** ((d - 1) / 2)
        below = betainc(0.5, (d - 1) / 2, ratios**2)
        exact = power / poch(d / 2, 0.5) / np.sqrt(np.pi) - ratios * (1 - below)
        found = mean_hinges(np.ones(1), ratios, d)[0]
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12 * found.max())
        assert found.min() >= 0


@pytest.mark.parametrize("d", [*DIMENSIONS, 10**4])
def test_the_mean_coordinate(d):
    """E|w_1| = Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2)), near sqrt(2/pi d)."""
    expected = 1 / poch(d / 2, 0.5) / np.sqrt(np.pi)
    assert mean_coordinate(d) == pytest.approx(expected, rel=1e-11)
    assert mean_coordinate(d) ** 2 == pytest.approx(2 / np.pi / (d - 0.5), rel=0.3 / d)


@each_dimension
def test_slopes_are_derivatives(d):
    radii, knots = np.array([0.31, 1.1, 2.7]), radii_and_knots(d)[1]
    step = 1e-4
    ahead, behind = (mean_hinges(radii + s, knots, d) for s in (step, -step))
    slopes = mean_hinge_slopes(radii, knots, d)
    bound = 1e-4 * mean_coordinate(d)
    if d == 2:  # its slope has a square root at r = t
        bound *= 100
    np.testing.assert_allclose((ahead - behind) / (2 * step), slopes, atol=bound)


@each_dimension
def test_radii_without_hinges(d):
    """Nothing at r = 0 nor where t >= r, r E|w_1| at t = 0."""
    knots = np.array([0.0, 0.5, 1.0, 2.0])
    assert (mean_hinges(np.zeros(1), knots, d) == 0).all()
    beyond = mean_hinges(np.array([0.5, 0.2, 1e-300]), knots, d)[:, 1:]
    np.testing.assert_allclose(beyond, 0, atol=1e-16)
    radii = np.array([1e-300, 0.1, 1.0, 1e300])
    at_zero = mean_hinges(radii, knots[:1], d)[:, 0]
    np.testing.assert_allclose(at_zero, radii * mean_coordinate(d), rtol=1e-12)
    slopes = mean_hinge_slopes(np.array([0.5, 0.2]), knots, d)
    np.testing.assert_allclose(slopes[:, 0], mean_coordinate(d), rtol=1e-12)
    assert (slopes[:, 1:] == 0).all()


@each_dimension
def test_the_slope_of_the_first_hinge_at_the_centre(d):
    """r E|w_1| has the one slope E|w_1| at r >= 0."""
    slope = mean_hinge_slopes(np.array([0.0, 1.0]), np.zeros(1), d)
    np.testing.assert_allclose(slope[:, 0], mean_coordinate(d), rtol=1e-12)


@each_dimension
@pytest.mark.parametrize("factor", [2.0**-500, 1e-30, 3.0, 1e30, 2.0**500])
def test_scaling(d, factor):
    radii, knots = radii_and_knots(d)
    hinges = mean_hinges(radii, knots, d)
    scaled = mean_hinges(factor * radii, factor * knots, d)
    atol = 1e-14 * factor * mean_coordinate(d)
    np.testing.assert_allclose(scaled, factor * hinges, rtol=1e-12, atol=atol)
    slopes = mean_hinge_slopes(radii, knots, d)
    scaled = mean_hinge_slopes(factor * radii, factor * knots, d)
    np.testing.assert_allclose(scaled, slopes, rtol=1e-9, atol=1e-15)


@each_dimension
def test_hinges_fall_and_bend_with_knots_and_rise_with_radii(d):
    knots = np.linspace(0, min(4 / np.sqrt(d), 1.2), 60)
    radii = np.linspace(0, 3, 50)
    hinges = mean_hinges(radii, knots, d)
    tiny = 1e-12 * mean_coordinate(d)
    assert (np.diff(hinges, axis=1) <= tiny).all()
    assert (np.diff(hinges, 2, axis=1) >= -tiny).all()  # convex in t
    assert (np.diff(hinges, axis=0) >= -tiny).all()
    assert (np.diff(hinges, 2, axis=0) >= -tiny).all()  # convex in r


def test_the_line():
    """|w_1| = 1."""
    radii, knots = np.array([0.0, 0.5, 1.0, 3.0]), np.array([0.0, 0.5, 2.0])
    expected = np.maximum(radii[:, None] - knots, 0)
    found = mean_hinges(radii, knots, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=1e-15)
    slopes = mean_hinge_slopes(radii[1:], knots, 1)
    np.testing.assert_array_equal(slopes, radii[1:, None] > knots)


def test_inputs_are_left_alone():
    radii, knots = np.array([0.5, 1.0]), np.array([0.0, 0.7])
    mean_hinges(radii, knots, 3)
    mean_hinge_slopes(radii, knots, 3)
    np.testing.assert_array_equal(radii, [0.5, 1.0])
    np.testing.assert_array_equal(knots, [0.0, 0.7])
