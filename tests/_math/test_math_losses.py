"""Losses of a pre-activation: derivatives, curvatures and their bounds."""

import numpy as np
import pytest

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import LOG_LOSS, squared_loss

LOSSES = {name: squared_loss(output) for name, output in OUTPUT_SIGMOIDS.items()}
LOSSES["log"] = LOG_LOSS
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
each_smooth_loss = pytest.mark.parametrize(
    "loss", [LOSSES["logistic"], LOG_LOSS], ids=["squared", "log"]
)
Z = np.array([-4.0, -0.7, 0.2, 0.45, 0.9, 1.6, 5.0])[:, None]
Y = np.array([0, 0.1, 0.5, 1])


def slope_by_differences(function, z, step=1e-6):
    return (function(z + step) - function(z - step)) / (2 * step)


@each_loss
def test_slope_by_finite_differences(loss):
    value, slope = loss.evaluate(Z, Y)
    np.testing.assert_array_equal(loss.value(Z, Y), value)
    expected = slope_by_differences(lambda z: loss.value(z, Y), Z)
    np.testing.assert_allclose(slope, expected, atol=1e-9)


def test_values_by_their_definitions():
    p = 1 / (1 + np.exp(-Z))
    cross_entropy = -Y * np.log(p) - (1 - Y) * np.log(1 - p)
    np.testing.assert_allclose(LOG_LOSS.value(Z, Y), cross_entropy, rtol=1e-12)
    clipped = np.minimum(np.maximum(Z, 0), 1)
    np.testing.assert_allclose(LOSSES["clip"].value(Z, Y), (clipped - Y) ** 2)
    np.testing.assert_allclose(LOSSES["logistic"].value(Z, Y), (p - Y) ** 2)


def test_curvature_of_the_log_loss_is_its_second_derivative():
    expected = slope_by_differences(lambda z: LOG_LOSS.evaluate(z, 0.3)[1], Z)
    np.testing.assert_allclose(LOG_LOSS.curvature(Z), expected, atol=1e-9)


@pytest.mark.parametrize("output", list(OUTPUT_SIGMOIDS))
def test_curvature_of_the_squared_loss_is_exact_where_the_fit_is(output):
    """Gauss-Newton drops (s - y) s'', which is zero at y = s(z)."""
    loss, inner = LOSSES[output], np.array([0.1, 0.45, 0.8])
    fitted = OUTPUT_SIGMOIDS[output].apply(inner)[0]
    expected = slope_by_differences(lambda z: loss.evaluate(z, fitted)[1], inner)
    np.testing.assert_allclose(loss.curvature(inner), expected, atol=1e-9)


@each_smooth_loss
def test_the_bound_is_the_largest_second_derivative(loss):
    z, y = np.linspace(-10, 10, 20_001)[:, None], np.linspace(0, 1, 11)
    bends = slope_by_differences(lambda z: loss.evaluate(z, y)[1], z, 1e-4)
    assert 0.998 * loss.bound < np.abs(bends).max() <= loss.bound + 1e-8


def test_the_bound_of_the_clipped_output_is_that_of_least_squares():
    assert LOSSES["clip"].bound == LOSSES["clip"].curvature(Z).max() == 2


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_log_loss_is_stable(dtype):
    z = np.array([-1000, -1000, 1000, 1000], dtype=dtype)
    y = np.array([0, 1, 0, 1], dtype=dtype)
    value, slope = LOG_LOSS.evaluate(z, y)
    np.testing.assert_array_equal(value, [0, 1000, 1000, 0])
    np.testing.assert_array_equal(slope, [0, -1, 1, 0])
    np.testing.assert_array_equal(LOG_LOSS.curvature(z), 0)
    assert value.dtype == slope.dtype == LOG_LOSS.curvature(z).dtype == dtype
