"""Samples: weights are repetition, equal rows are one, units do not matter."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples

rng = np.random.default_rng(0)
labels = rng.integers(0, 12, 40)
X = rng.standard_normal((12, 3))[labels]
Y = rng.standard_normal((40, 2)) * [1, 1e3] + [0, 50]
weight = rng.uniform(0.2, 3, 40)
times = rng.integers(1, 5, 40)
each_unit = pytest.mark.parametrize("unit", [1e-200, 1e-3, 1.0, 7.0, 1e200])
each_weighting = pytest.mark.parametrize("w", [None, weight, times], ids=str)


def expected_moments(Y, w):
    mean = np.average(Y, axis=0, weights=w)
    return mean, np.average((Y - mean) ** 2, axis=0, weights=w)


@each_weighting
@pytest.mark.parametrize("y", [Y[:, 0], Y[:, :1], Y], ids=["1d", "column", "two"])
def test_what_is_given_is_what_is_kept(w, y):
    """Weights times their unit are those of the user; targets are columns."""
    samples = Samples.of(X, y, w)
    given = np.ones(40) if w is None else w
    np.testing.assert_allclose(samples.weight * samples.unit, given, rtol=1e-14)
    assert samples.weight.mean() == pytest.approx(1)
    assert samples.share.sum() == pytest.approx(1)
    assert samples.is_weighted == (w is not None)
    np.testing.assert_array_equal(samples.targets, y.reshape(40, -1))
    assert samples.target_shape == y.shape[1:]
    assert (len(samples), samples.n_features) == (40, 3)
    assert samples.n_targets == samples.targets.shape[1]
    np.testing.assert_array_equal(samples.spread, np.zeros(samples.targets.shape))


@each_weighting
def test_moments_by_numpy(w):
    samples = Samples.of(X, Y, w)
    mean, variance = expected_moments(Y, w)
    np.testing.assert_allclose(samples.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(samples.scale, np.sqrt(variance), rtol=1e-12)
    np.testing.assert_allclose(samples.average(X), np.average(X, axis=0, weights=w))
    error = np.average((Y - 3) ** 2, axis=0, weights=w)
    np.testing.assert_allclose(samples.squared_error(np.full((40, 2), 3.0)), error)
    scaled = samples.scaled()
    np.testing.assert_allclose(scaled.mean, 0, atol=1e-12)
    np.testing.assert_allclose(scaled.scale, 1)
    root = np.ones(40) if w is None else np.sqrt(w / w.mean())
    np.testing.assert_allclose(samples.rooted(X), root[:, None] * X)


def test_float32_is_averaged_in_float64():
    single = X.astype(np.float32)
    for w in (None, weight):
        found = Samples.of(single, Y, w).average(single)
        expected = np.average(single.astype(float), axis=0, weights=w)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@each_unit
def test_the_unit_of_the_weights_is_nothing_but_a_unit(unit):
    for w in (weight, times, np.ones(40)):
        expected, found = Samples.of(X, Y, w), Samples.of(X, Y, unit * w)
        assert found.unit == pytest.approx(unit * expected.unit)
        np.testing.assert_allclose(found.weight, expected.weight, rtol=1e-14)
        found, expected = found.merged(), expected.merged()
        assert found.unit == pytest.approx(unit * expected.unit)
        for name in ("weight", "targets", "spread", "mean", "scale", "within"):
            np.testing.assert_allclose(
                getattr(found, name), getattr(expected, name), rtol=1e-12
            )


@each_unit
def test_equal_weights_are_exactly_none(unit):
    samples = Samples.of(X, Y, np.full(40, unit))
    np.testing.assert_array_equal(samples.weight, 1)
    assert samples.unit == unit
    assert not samples.is_weighted


@pytest.mark.parametrize("merged", [False, True])
def test_weights_are_repetition(merged):
    """Also of which rows are one, and in what their targets spread by."""
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(40), times))
    one, other = Samples.of(X, Y, times), Samples.of(X[rows], Y[rows])
    if merged:
        one, other = one.merged(), other.merged()
        assert len(one) == len(other) == len(np.unique(labels))
        order = [np.flatnonzero((row == other.X).all(axis=1))[0] for row in one.X]
        other = other[order]
        assert one.unit == pytest.approx(times.sum() / len(one))
        assert other.unit == pytest.approx(one.unit)
        for name in ("weight", "targets", "spread", "within"):
            np.testing.assert_allclose(
                getattr(other, name), getattr(one, name), rtol=1e-9
            )
    for name in ("mean", "scale"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-12)
    fit = np.sin(X.sum(axis=1))
    at = {row.tobytes(): value for row, value in zip(X, fit, strict=True)}
    errors = [
        samples.squared_error(np.array([[at[row.tobytes()]] * 2 for row in samples.X]))
        for samples in (one, other)
    ]
    np.testing.assert_allclose(*errors, rtol=1e-12)
    expected = np.average((Y - fit[:, None]) ** 2, axis=0, weights=times)
    np.testing.assert_allclose(errors[0], expected, rtol=1e-12)


@each_weighting
@each_unit
def test_merged_rows_keep_their_squares(w, unit):
    """sum w (y - f)² = sum W (mean - f)² + within, whatever f is of the rows."""
    given = unit * (np.ones(40) if w is None else w)
    merged = Samples.of(X, Y, given).merged()
    of_row = np.argmax((X[:, None] == merged.X).all(axis=2), axis=1)
    np.testing.assert_array_equal(merged.X[of_row], X)
    total = np.bincount(of_row, given / unit)
    np.testing.assert_allclose(merged.weight * merged.unit / unit, total)
    means = np.stack([np.bincount(of_row, given / unit * y) / total for y in Y.T], 1)
    np.testing.assert_allclose(merged.targets, means, rtol=1e-10)
    f = np.random.default_rng(1).standard_normal((len(merged), 2))
    squares = (given / unit) @ (Y - f[of_row]) ** 2
    there = merged.weight @ (merged.targets - f) ** 2 + merged.within
    np.testing.assert_allclose(there * merged.unit / unit, squares, rtol=1e-10)
    np.testing.assert_allclose(merged.squared_error(f), squares / total.sum())


def test_merging_in_two_steps_is_merging_at_once():
    """Of rows that are merged, some may be equal elsewhere."""
    pairs = np.unique(np.arange(40) // 2 + 100 * labels, return_inverse=True)[1]
    finer = Samples.of(X, Y, weight).merged(pairs)
    assert 12 < len(finer) <= 40
    twice, once = finer.merged(), Samples.of(X, Y, weight).merged()
    assert twice.unit == pytest.approx(once.unit)
    for name in ("X", "weight", "targets", "spread", "within"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name), rtol=1e-9)


def test_the_first_of_equal_rows_stands_for_all_in_its_place():
    numbers = np.array([1, 0, 1, 2, 0, 1])
    merged = Samples.of(np.arange(6), np.arange(6.0)).merged(numbers)
    np.testing.assert_array_equal(merged.X, [0, 1, 3])
    np.testing.assert_allclose(merged.targets[:, 0], [7 / 3, 2.5, 3])
    np.testing.assert_allclose(merged.weight, [1.5, 1, 0.5])
    assert merged.unit == 2


def test_distinct_rows_differ_in_inputs_or_targets():
    rows = np.array([[1.0, 2], [1, 2], [1, 2], [3, 4], [3, 4]])
    y = np.array([5.0, 6, 5, 7, 7])
    found = Samples.of(rows, y, np.array([1.0, 2, 4, 3, 8])).distinct()
    np.testing.assert_array_equal(found.X, rows[[0, 1, 3]])
    np.testing.assert_array_equal(found.targets[:, 0], [5, 6, 7])
    np.testing.assert_allclose(found.weight * found.unit, [5, 2, 11])
    np.testing.assert_array_equal(found.spread, 0)
    by_other_inputs = Samples.of(np.arange(5), y).distinct(rows)
    np.testing.assert_array_equal(by_other_inputs.X, [0, 1, 3])
    same = Samples.of(rows[:3], np.ones(3))
    assert same.distinct() is same  # one row would leave no estimate


def test_no_equal_rows_are_left_as_they_are():
    samples = Samples.of(rng.standard_normal((9, 2)), Y[:9])
    assert samples.merged() is samples


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_sign_of_zero_does_not_keep_rows_apart(dtype):
    zeros = np.array([[0.0, 1], [-0.0, 1], [0.0, -0.0], [-0.0, 0.0]], dtype)
    merged = Samples.of(zeros, np.arange(4.0)).merged()
    np.testing.assert_array_equal(merged.X, zeros[[0, 2]])
    np.testing.assert_allclose(merged.targets[:, 0], [0.5, 2.5])
    assert merged.X.dtype == dtype


def test_permuted_rows_are_the_same_samples():
    order = rng.permutation(40)
    one = Samples.of(X, Y, weight).merged()
    other = Samples.of(X[order], Y[order], weight[order]).merged()
    there = np.lexsort(one.X.T), np.lexsort(other.X.T)
    np.testing.assert_array_equal(one.X[there[0]], other.X[there[1]])
    for name in ("weight", "targets", "spread"):
        np.testing.assert_allclose(
            getattr(one, name)[there[0]], getattr(other, name)[there[1]], rtol=1e-9
        )
    for name in ("unit", "mean", "scale", "within"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3, -1e90])
@pytest.mark.parametrize("w", [None, weight], ids=["even", "uneven"])
def test_constant_targets_have_no_scale(value, w):
    """Up to the rounding of their mean, but no more."""
    targets = np.full((40, 2), value)
    targets[::3, 0] = np.nextafter(value, np.inf) if value else 0.0
    samples = Samples.of(X, targets, w)
    np.testing.assert_array_equal(samples.scale, np.inf)
    np.testing.assert_array_equal(samples.scaled().targets, 0)
    varying = value + 1e-9 * max(abs(value), 1e-90) * Y / 1e3
    assert np.isfinite(Samples.of(X, varying, w).scale[1])


@pytest.mark.parametrize("scale", [1e-90, 1e-30, 1e30, 1e90])
def test_units_of_the_targets(scale):
    expected = Samples.of(X, Y, weight).merged()
    found = Samples.of(X, scale * Y, weight).merged()
    for name, power in (("mean", 1), ("scale", 1), ("spread", 2), ("within", 2)):
        np.testing.assert_allclose(
            getattr(found, name) / scale**power, getattr(expected, name), rtol=1e-10
        )
    scaled = found.scaled()
    np.testing.assert_allclose(scaled.targets, expected.scaled().targets, atol=1e-12)
    np.testing.assert_allclose(scaled.spread, expected.scaled().spread, rtol=1e-10)


def test_rows_without_weight_beside_the_largest_are_left_out():
    w = np.ones(40)
    w[[3, 7]] = 1e-200, 1e200
    samples = Samples.of(X, Y, w)
    np.testing.assert_array_equal(samples.X, np.delete(X, 3, axis=0))
    assert (samples.weight > 0).all()
    w[3] = 1e-100
    assert len(Samples.of(X, Y, w)) == 40


def test_some_rows():
    samples = Samples.of(X, Y, weight).merged()
    for rows in (slice(3, 7), [5, 1], samples.weight > 1):
        some = samples[rows]
        for name in ("X", "targets", "weight", "spread"):
            np.testing.assert_array_equal(
                getattr(some, name), getattr(samples, name)[rows]
            )
        assert some.unit == samples.unit
        assert some.target_shape == samples.target_shape


def test_other_inputs_and_other_targets():
    samples = Samples.of(X, Y, weight).merged()
    other = samples.at(2 * samples.X)
    np.testing.assert_array_equal(other.X, 2 * samples.X)
    np.testing.assert_array_equal(other.targets, samples.targets)
    shifted = samples.to(samples.targets - 5)
    np.testing.assert_allclose(shifted.mean, samples.mean - 5)
    np.testing.assert_array_equal(shifted.spread, samples.spread)
    halved = samples.to(samples.targets / 2, samples.spread / 4)
    np.testing.assert_allclose(halved.within, samples.within / 4)


def test_weights_times_a_factor():
    factor = 10 ** rng.uniform(-3, 3, 40)
    found = Samples.of(X, Y, weight).weighted(factor)
    expected = Samples.of(X, Y, factor * weight)
    np.testing.assert_allclose(found.weight, expected.weight, rtol=1e-12)
    assert found.unit == pytest.approx(expected.unit)


def test_nothing_that_is_given_changes():
    given = X.copy(), Y.copy(), weight.copy()
    for array in given:
        array.flags.writeable = False
    samples = Samples.of(*given).merged().scaled()
    samples.weighted(np.arange(1.0, len(samples) + 1))
    assert samples.squared_error(0 * samples.targets).shape == (2,)
