"""Starts and rounds of three layers, against explicit matrices and differences."""

import numpy as np
import pytest
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers import _three_layer as three
from sklearn_depth._solvers.ridge._primal import solve_ridge

TRUE = three.Link(np.array([-0.5, 0.8]), np.array([1.5, -2.0, 1.0]), 0.3, 0.0)


def search(*starts, n_rounds=0, n_knots=8, alpha="auto", report=lambda feature: False):
    return three.Search(starts, n_rounds, n_knots, alpha, report, n_inputs=0)


def samples_of(n=300, p=6, seed=0, weighted=False, noise=0.2, repeats=1):
    """Units of unequal size and mean, with a bent target of one combination."""
    rng = np.random.default_rng(seed)
    units = rng.standard_normal((n // repeats, p)) * np.arange(1, p + 1) + 2
    units = np.repeat(units, repeats, axis=0)
    h = (units - 2) @ (1 / np.arange(1, p + 1)) / np.sqrt(p)
    target = TRUE.value(h) + noise * rng.standard_normal(n)
    weight = rng.uniform(0.2, 3, n) if weighted else None
    return Samples.of(units, target, weight)


def start(name, given, **options):
    """The feature that a start comes to without rounds."""
    found, feature, errors = three.learn_feature(given, search(name, **options))
    assert found == name
    assert errors == [feature.error]
    return feature


def target_of(given):
    return given.targets[:, 0]


def standardised(h, weight):
    h = h - np.average(h, weights=weight)
    return h / np.sqrt(np.average(h**2, weights=weight))


def bowl(units, target, weight, alpha):
    """Weighted ridge coefficients with an intercept, from the normal equations."""
    design = np.column_stack([np.ones(len(units)), units])
    penalty = alpha * np.diag([0.0] + [1.0] * units.shape[1])
    sums = design.T @ (weight[:, None] * design) + penalty
    return np.linalg.solve(sums, design.T @ (weight * target))


def test_hinges_by_hand():
    h = np.array([[0.0, 1.0], [2.0, -1.0]])
    knots = np.array([[0.5, 1.0], [-2.0, 0.0]])
    expected = [[0, 0, 0, 1, 3, 1], [2, 1.5, 1, -1, 1, 0]]
    np.testing.assert_array_equal(three.hinges(h, knots), expected)


def test_links_and_their_slopes_by_hand():
    h = np.array([-2.0, 0.0, 0.8, 2.0])
    expected = [0.3 - 3, 0.3 - 1, 0.3 + 1.2 - 2.6, 0.3 + 3 - 5 + 1.2]
    np.testing.assert_allclose(TRUE.value(h), expected)
    np.testing.assert_allclose(TRUE.slope(h), [1.5, -0.5, -0.5, 0.5])
    away = np.array([-2.0, 0.3, 1.7])
    differences = (TRUE.value(away + 1e-6) - TRUE.value(away - 1e-6)) / 2e-6
    np.testing.assert_allclose(TRUE.slope(away), differences, rtol=1e-8)


def test_knots_are_half_quantiles_half_equidistant():
    h = np.random.default_rng(0).standard_normal(99) ** 3
    found = three._knots(h, np.ones(99), 5)
    quantiles = np.sort(h)[[32, 65]]
    others = h.min() + np.ptp(h) * np.array([1, 2, 3]) / 4
    np.testing.assert_allclose(found, np.sort([*quantiles, *others]))
    assert three._knots(h, np.ones(99), 1) == pytest.approx((h.min() + h.max()) / 2)


def left_out(given):
    """The kernel mean at each row, without the row itself."""
    centred = given.X - given.share @ given.X
    kernel = centred @ centred.T
    np.fill_diagonal(kernel, 0)
    return kernel @ (given.share * (target_of(given) - given.mean))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("p", [6, 500])
def test_one_step_is_the_kernel_mean_without_the_row_itself(weighted, p):
    given = samples_of(p=p, weighted=weighted)
    centred = given.X - given.share @ given.X
    pull = given.share * (target_of(given) - given.mean)
    feature = start("gradient", given)
    direction = centred.T @ pull
    cosine = feature.coef @ direction
    assert cosine == pytest.approx(linalg.norm(feature.coef) * linalg.norm(direction))
    # Mean 0 and variance 1 hold of the left-out h, to which the link is fitted.
    scale = linalg.norm(direction) / linalg.norm(feature.coef)
    own = pull * np.einsum("ij,ij->i", centred, centred) / scale
    h = feature.values(given.X) - own
    expected = standardised(left_out(given), given.share)
    np.testing.assert_allclose(h, expected, atol=1e-9)
    loss = given.average((target_of(given) - feature.link.value(h)) ** 2)
    assert 0.8 * feature.error < loss < feature.error


def test_rows_of_equal_units_have_one_step_in_common():
    """The mean of what leaves out each: as if a new row were to join the others."""
    given = samples_of(n=300, repeats=3, noise=0.5)
    expected = left_out(given).reshape(100, 3).mean(axis=1).repeat(3)
    feature = start("gradient", given)
    h = standardised(expected, None)
    knots = three._knots(h, given.weight, 8)
    np.testing.assert_allclose(feature.link.knots, knots, atol=1e-9)
    links, _ = three._fit_link(h, given, search())
    np.testing.assert_allclose(feature.link.coef, links.coef, atol=1e-6)


@pytest.mark.parametrize("name", ["gradient", "ridge", "spectral"])
@pytest.mark.parametrize("n_rounds", [0, 3])
def test_merged_rows_are_weights(name, n_rounds):
    given = samples_of(n=200)
    times = np.random.default_rng(1).integers(1, 4, 200)
    weighted = Samples.of(given.X, target_of(given), times.astype(float))
    every = np.repeat(np.arange(200), times)
    repeated = Samples.of(given.X[every], target_of(given)[every]).merged()
    one, other = (start_of(made, name, n_rounds) for made in (weighted, repeated))
    np.testing.assert_allclose(one.coef, other.coef, rtol=1e-6)
    np.testing.assert_allclose(one.link.coef, other.link.coef, atol=1e-6)
    assert one.error == pytest.approx(other.error, rel=1e-6)


@pytest.mark.parametrize("name", ["gradient", "ridge", "spectral"])
@pytest.mark.parametrize("unit", [1e-200, 20.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(name, unit):
    given = samples_of(weighted=True)
    other = Samples.of(given.X, target_of(given), unit * given.weight)
    one, two = (start_of(made, name, 3) for made in (given, other))
    np.testing.assert_allclose(one.coef, two.coef, rtol=1e-6)
    assert one.error == pytest.approx(two.error, rel=1e-6)


def start_of(given, name, n_rounds):
    return three.learn_feature(given, search(name, n_rounds=n_rounds))[1]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [40, 300])  # leave-one-out and GCV
def test_ridge_start_is_ridge_regression_at_its_penalty(weighted, n):
    given = samples_of(n, weighted=weighted)
    head = solve_ridge(lambda block: block, given, "auto", n_columns=6)
    alpha = head.alpha[0] / given.unit  # of weights of mean 1
    expected = bowl(given.X, target_of(given), given.weight, alpha)[1:]
    feature = start("ridge", given)
    h = feature.values(given.X)
    wanted = standardised(given.X @ expected, given.weight)
    np.testing.assert_allclose(h, wanted, atol=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_spectral_start_is_the_largest_eigenvector_of_whitened_units(weighted):
    given = samples_of(weighted=weighted)
    share = given.share
    centred = given.X - share @ given.X
    covariance = centred.T @ (share[:, None] * centred)
    residual = share * (target_of(given) - given.mean)
    moment = centred.T @ (residual[:, None] * centred)
    values, vectors = linalg.eigh(moment, covariance)
    expected = vectors[:, np.argmax(np.abs(values))]
    feature = start("spectral", given)
    h = feature.values(given.X)
    wanted = standardised(given.X @ expected, share)
    np.testing.assert_allclose(h * np.sign(h @ wanted), wanted, atol=1e-8)


def one_round(given, **options):
    """The ridge start and the feature one Gauss-Newton round later."""
    features = [three._by_ridge(given, search(**options))]
    assert three._add_round(given, search(**options), features) is False
    return features


def linearisation(given, feature):
    """h, the slope of its link there and the residual."""
    h = feature.values(given.X)
    return h, feature.link.slope(h), target_of(given) - feature.link.value(h)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("p", [6, 100, 400])  # by GCV, leave-one-out, and in the dual
def test_a_round_is_weighted_ridge_regression(weighted, p):
    given = samples_of(p=p, weighted=weighted, noise=0.1)
    before, after = one_round(given)
    h, slope, residual = linearisation(given, before)
    target = h + residual / slope
    steep = Samples.of(given.X, target, given.weight * slope**2)
    head = solve_ridge(lambda block: block, steep, "auto", n_columns=p)
    alpha = head.alpha[0] / steep.unit  # of weights of mean 1
    coef = bowl(given.X, target, steep.weight, alpha)[1:]
    expected = standardised(given.X @ coef, given.weight)
    found = after.values(given.X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_round_goes_downhill():
    """The linearised loss falls, and it is that of finite differences."""
    given = samples_of(noise=0.1)
    before, after = one_round(given)
    h, slope, residual = linearisation(given, before)
    # The round's h before it was brought to variance 1, by least squares.
    design = slope[:, None] * np.column_stack([np.ones(300), after.values(given.X)])
    best = np.linalg.lstsq(design, slope * h + residual, rcond=None)[0]
    step = np.column_stack([np.ones(300), after.values(given.X)]) @ best - h
    assert np.mean((residual - slope * step) ** 2) < 0.9 * np.mean(residual**2)
    smooth = np.abs(h[:, None] - before.link.knots).min(axis=1) > 1e-5

    def loss(share):
        fitted = before.link.value(h + share * step)
        return np.mean((target_of(given) - fitted)[smooth] ** 2)

    downhill = -2 * np.mean((residual * slope * step)[smooth])
    assert downhill < 0
    differences = (loss(1e-6) - loss(-1e-6)) / 2e-6
    assert differences == pytest.approx(downhill, rel=1e-5)
    assert after.error < 0.5 * before.error


def test_the_truth_is_a_fixed_point():
    given = samples_of(n=1000, noise=0)
    raw = (given.X - 2) @ (1 / np.arange(1, 7)) / np.sqrt(6)
    coef = 1 / np.arange(1, 7) / np.sqrt(6)
    truth = three.Feature(coef, -2 * coef.sum(), TRUE, 0.0)
    np.testing.assert_allclose(truth.values(given.X), raw)
    features = [truth]
    three._add_round(given, search(n_knots=40), features)
    h = features[-1].values(given.X)
    np.testing.assert_allclose(h, standardised(raw, None), atol=1e-5)
    assert features[-1].error < 1e-3


def test_rounds_stop_where_nothing_is_gained():
    told = []
    given = samples_of(n=1000, noise=0.3)
    asked = search("ridge", n_rounds=50, report=told.append)
    _, feature, errors = three.learn_feature(given, asked)
    seen = [made.error for made in told]
    assert len(errors) <= len(seen) < 20
    assert seen[: len(errors)] == errors
    assert errors[-1] == feature.error == min(seen)
    assert seen[-1] >= 0.99 * min(seen[:-1])


def test_the_best_start_goes_on():
    told = []
    given = samples_of(noise=0.1)
    asked = search("gradient", "ridge", "spectral", n_rounds=9, report=told.append)
    name, _, errors = three.learn_feature(given, asked)
    trials = {
        one: min(made.error for made in told[3 * k : 3 * k + 3])
        for k, one in enumerate(("gradient", "ridge", "spectral"))
    }
    assert name == min(trials, key=trials.get)
    assert min(errors) <= trials[name]


@pytest.mark.parametrize("stop_after", [1, 2, 4, 7])
def test_a_report_ends_the_search(stop_after):
    told = []

    def report(feature):
        told.append(feature)
        return len(told) == stop_after

    asked = search("gradient", "ridge", n_rounds=9, report=report)
    _, feature, _ = three.learn_feature(samples_of(), asked)
    assert len(told) == stop_after
    assert feature.error == min(made.error for made in told[-3:])


@pytest.mark.parametrize("alpha", [1e100, 1e200, 1e300])
def test_a_flat_link_ends_no_other_start(alpha):
    """Nor does its slope, whose square underflows, divide anything."""
    told = []
    asked = search(
        "gradient", "ridge", "spectral", n_rounds=5, alpha=alpha, report=told.append
    )
    given = samples_of()
    _, feature, errors = three.learn_feature(given, asked)
    assert len(told) == 3
    assert errors == [pytest.approx(np.var(target_of(given)), rel=1e-6)]
    np.testing.assert_allclose(feature.link.coef, 0, atol=1e-90)


@pytest.mark.parametrize("name", ["gradient", "ridge", "spectral"])
def test_constant_units(name):
    given = samples_of()
    given = given.at(np.full((300, 6), 7.0))
    feature = start(name, given)
    assert feature.error == pytest.approx(np.var(target_of(given)), rel=0.05)
    np.testing.assert_allclose(feature.values(given.X), 0, atol=1e-9)
    fitted = feature.link.value(feature.values(given.X))
    np.testing.assert_allclose(fitted, target_of(given).mean())


def test_an_error_is_at_least_that_on_the_samples_of():
    """A link for rows left out may be wrong where they are in place."""
    rng = np.random.default_rng(6)
    units = rng.integers(0, 6, (100, 1)).astype(float)
    units = np.column_stack([units, units**2])
    target = np.sin(2 * units[:, 0]) + 0.1 * rng.standard_normal(100)
    given = Samples.of(units, target)
    for name in ("gradient", "ridge", "spectral"):
        feature = start(name, given, n_knots=20)
        fitted = feature.link.value(feature.values(units))
        assert np.mean((target - fitted) ** 2) <= feature.error + 1e-12


@pytest.mark.parametrize("name", ["gradient", "ridge"])
def test_what_a_target_adds_to_its_own_h(name):
    """A start is linear in the targets: h moves in proportion to the row's own."""
    given = samples_of(60, weighted=True)
    feature = start(name, given)
    alpha = solve_ridge(lambda X: X, given, "auto", n_columns=6).alpha[0]

    def raw(samples):
        """h before it is brought to mean 0 and variance 1."""
        if name == "ridge":
            head = solve_ridge(lambda X: X, samples, alpha, n_columns=6)
            return (given.X - given.share @ given.X) @ head.coef[:, 0]
        centred = given.X - given.share @ given.X
        return given.X @ (centred.T @ (samples.share * (target_of(samples) - mean)))

    mean = given.mean[0]
    h = raw(given)
    size = np.polyfit(h, feature.values(given.X), 1)[0]
    for row in (0, 31):
        if name == "ridge":
            without = raw(given[np.arange(60) != row])[row]
        else:
            pulled = given.share[row] * (target_of(given)[row] - mean)
            offset = given.X[row] - given.share @ given.X
            without = h[row] - pulled * offset @ offset
        found = feature.own()[row]
        assert found == pytest.approx(size * (h[row] - without), rel=1e-6)
