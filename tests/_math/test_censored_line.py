"""Lines through values in intervals, against densities maximised by hand."""

import numpy as np
import pytest
from scipy import optimize, stats

from sklearn_depth._math._censored_line import fit_censored_line

x = np.repeat(np.log([8, 12, 18, 27]), 5)
y = 1 + 2 * x + 0.4 * np.random.default_rng(0).standard_normal(20)


def loss_at(slope, low, high):
    """The least minus log-likelihood at a slope, by scipy's fit to censored data."""
    low, high = low - slope * x, high - slope * x
    known = low == high
    data = stats.CensoredData(
        low[known],
        left=high[np.isinf(low)],
        right=low[np.isinf(high)],
        interval=np.c_[low, high][~known & np.isfinite(high - low)],
    )
    level, spread = stats.norm.fit(data)
    share = stats.norm.cdf(high, level, spread) - stats.norm.cdf(low, level, spread)
    share[known] = stats.norm.pdf(low[known], level, spread)
    return -np.log(share).sum()


def censored():
    """Below at the first places, above a bound, and in an interval."""
    low, high = np.where(y > 6.8, 6.8, y), np.where(y > 6.8, np.inf, y)
    low[:3], high[:3] = -np.inf, 5.2
    low[5], high[5] = y[5] - 0.3, y[5] + 0.5
    return low, high


def test_the_line_has_the_largest_likelihood():
    low, high = censored()
    found = fit_censored_line(x, low, high, 0.9)

    def loss(at):
        middle, spread = at[0] + at[1] * x, np.exp(at[2])
        share = stats.norm.cdf(high, middle, spread) - stats.norm.cdf(
            low, middle, spread
        )
        share[low == high] = stats.norm.pdf(y, middle, spread)[low == high]
        return -np.log(share).sum()

    fine = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9999}
    best = optimize.minimize(loss, [1, 2, -1], method="Nelder-Mead", options=fine).x
    expected = best[1], best[0], np.exp(best[2])
    assert found[:3] == pytest.approx(expected, rel=1e-6)


def test_ends_of_the_interval_are_as_far_below_the_maximum_as_student_says():
    low, high = censored()
    found = fit_censored_line(x, low, high, 0.8)
    n_bounded = np.sum(np.isfinite(high - low))
    quantile = stats.t.ppf(0.9, n_bounded - 2)
    allowed = n_bounded / 2 * np.log(1 + quantile**2 / (n_bounded - 2))
    for end in (found.low, found.high):
        fall = loss_at(end, low, high) - loss_at(found.slope, low, high)
        assert fall == pytest.approx(allowed, rel=1e-4)


def test_without_censoring_it_is_linear_regression():
    found = fit_censored_line(x, y, y, 0.95)
    line = stats.linregress(x, y)
    width = stats.t.ppf(0.975, 18) * line.stderr
    assert found.slope == pytest.approx(line.slope, rel=1e-8)
    assert found.intercept == pytest.approx(line.intercept, rel=1e-8)
    ends = line.slope - width, line.slope + width
    assert (found.low, found.high) == pytest.approx(ends, rel=1e-8)


@pytest.mark.parametrize("unit", [0.01, 10.0])
def test_units_change_units_alone(unit):
    low, high = censored()
    one, other = (
        fit_censored_line(x, factor * low, factor * high, 0.9) for factor in (1, unit)
    )
    np.testing.assert_allclose(other, unit * np.array(one), rtol=1e-5)


def test_bounds_alone_to_one_side_leave_a_slope_open():
    """Above at all but the first x: the line is as steep as may be."""
    first = x == x[0]
    low, high = np.where(first, y, 9.0), np.where(first, y, np.inf)
    steep = fit_censored_line(x, low, high, 0.9)
    falling = fit_censored_line(
        x, np.where(first, y, -np.inf), np.where(first, y, 2), 0.9
    )
    assert steep.slope == steep.high == np.inf
    assert 0 < steep.low < (9 - y[first].min()) / (x[5] - x[0])
    assert falling.slope == falling.low == -np.inf
    assert falling.high < 0


def test_values_that_tell_nothing():
    nothing = np.full(20, np.inf)
    assert np.isnan(fit_censored_line(x, -nothing, nothing, 0.9)).all()
    assert np.isnan(fit_censored_line(x, np.zeros(20), nothing, 0.9)).all()
    one = x == x[0]
    assert np.isnan(fit_censored_line(x[one], y[one], y[one], 0.9)).all()
    others = np.where(one, y, -np.inf), np.where(one, y, np.inf)
    assert np.isnan(fit_censored_line(x, *others, 0.9)).all()
