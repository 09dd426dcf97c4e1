"""The geometric median against the conditions that make it one, and its neighbours."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._spheres import orthonormal_rows, random_directions
from sklearn_depth._solvers.radial import _center
from sklearn_depth._solvers.radial._center import distances


def gaussian(n_rows=60, n_features=4, seed=0):
    return np.random.default_rng(seed).standard_normal((n_rows, n_features)) * 2 + 1


def inputs(X, weight=None):
    return Samples.of(X, np.empty((len(X), 0)), weight)


def geometric_median(X, weight=None):
    return _center.geometric_median(inputs(X, weight))


def find_center(center, X, weight=None):
    return _center.find_center(center, inputs(X, weight))


def excess_pull(X, center, weight=None):
    """How far 0 is from the subgradient of the sum of distances, in shares of it.

    Unit vectors to the rows, and a ball of the weight of those at the centre.
    """
    weight = np.ones(len(X)) if weight is None else weight
    offset = X - center
    radii = np.linalg.norm(offset, axis=1)
    away = radii > 1e-6 * np.median(radii)
    force = np.linalg.norm((weight[away] / radii[away]) @ offset[away])
    return max(force - weight[~away].sum(), 0) / weight.sum()


@pytest.mark.parametrize("n_features", [2, 3, 10, 100])
@pytest.mark.parametrize("n_rows", [3, 10, 500])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_subgradient_contains_zero(n_features, n_rows, weighted):
    rng = np.random.default_rng(n_rows)
    X = np.exp(rng.standard_normal((n_rows, n_features)))  # not symmetric
    weight = rng.uniform(0.2, 3, n_rows) if weighted else None
    assert excess_pull(X, geometric_median(X, weight), weight) < 1e-6


def test_no_point_near_it_is_better():
    X = np.exp(gaussian(50, 3))
    center = geometric_median(X)
    best = distances(X, center).sum()
    steps = random_directions(40, 3, np.random.default_rng(1))
    for length in (1e-3, 0.1, 3):
        for step in steps:
            assert distances(X, center + length * step).sum() > best


def test_closed_forms_of_few_points():
    """Fermat's point of a triangle, and where the diagonals of a quadrangle meet."""
    triangle = np.array([[0.0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    np.testing.assert_allclose(
        geometric_median(triangle), [0.5, np.sqrt(1 / 12)], atol=1e-7
    )
    quadrangle = np.array([[-1.0, 0], [3, 0], [0, -2], [0, 5]]) + 7
    np.testing.assert_allclose(geometric_median(quadrangle), [7, 7], atol=1e-6)


def test_an_obtuse_corner_is_the_median():
    """An angle of 120 degrees or more: the sum of two unit vectors is at most 1."""
    for degrees, kept in [(150, True), (125, True), (110, False), (60, False)]:
        angle = np.deg2rad(degrees)
        X = np.array([[0.0, 0], [4, 0], [3 * np.cos(angle), 3 * np.sin(angle)]])
        center = geometric_median(X)
        assert (np.linalg.norm(center) < 1e-6) == kept
        assert excess_pull(X, center) < 1e-6


@pytest.mark.parametrize("heavy", [1.0, 3.0, 6.0])
def test_a_heavy_row_that_the_others_pull_less(heavy):
    """A row is the median if it weighs what the unit vectors to the others sum to."""
    rng = np.random.default_rng(2)
    X = np.vstack([[5.0, 5, 5], rng.standard_normal((5, 3))])
    weight = np.array([heavy, 1, 1, 1, 1, 1])
    others = X[1:] - X[0]
    force = np.linalg.norm((others.T / np.linalg.norm(others, axis=1)).sum(axis=1))
    center = geometric_median(X, weight)
    assert (np.linalg.norm(center - X[0]) < 1e-6) == (heavy >= force)
    assert excess_pull(X, center, weight) < 1e-6


def test_a_start_on_a_row_that_is_not_the_median():
    """Weiszfeld's own iteration would divide by zero there, or stay."""
    X = np.array([[0.0, 0], [-1, 8], [9, -1], [10, 0.1], [0.1, 10], [-0.1, -1], [4, 4]])
    X = np.vstack([np.median(X, axis=0), X - 0.0])
    start = np.median(X, axis=0)
    found = geometric_median(X)
    assert excess_pull(X, found) < 1e-6
    twice = np.vstack([start, X, start, start])
    assert excess_pull(twice, geometric_median(twice)) < 1e-6


@pytest.mark.parametrize("shift", [0, 1e3, 1e6])
@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1, 1e30])
def test_it_moves_turns_and_grows_with_the_rows(shift, scale):
    X = np.exp(gaussian(80, 5) / 2)
    turn = orthonormal_rows(5, 5, np.random.default_rng(1))
    expected = (geometric_median(X) @ turn + shift) * scale
    found = geometric_median((X @ turn + shift) * scale)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * scale)


def test_the_order_of_rows_does_not_count():
    X = np.exp(gaussian())
    shuffled = X[np.random.default_rng(0).permutation(len(X))]
    found = geometric_median(shuffled)
    np.testing.assert_allclose(found, geometric_median(X), atol=1e-7)


@pytest.mark.parametrize("n_features", [1, 3])
def test_weights_are_repetition(n_features):
    X = np.exp(gaussian(40, n_features))
    times = np.random.default_rng(0).integers(1, 5, 40)
    repeated = geometric_median(np.repeat(X, times, axis=0))
    for unit in (1, 1 / 3, 1e-200, 1e200):
        found = geometric_median(X, unit * times.astype(float))
        np.testing.assert_allclose(found, repeated, rtol=1e-8)
    zeros = np.concatenate([times, np.zeros(40)])
    found = geometric_median(np.vstack([X, X + 100]), zeros)
    np.testing.assert_allclose(found, repeated, rtol=1e-8)


@pytest.mark.parametrize("n_rows", [1, 2, 5, 6, 101])
def test_on_the_line_it_is_a_median(n_rows):
    X = np.exp(gaussian(n_rows, 1))
    center = geometric_median(X)
    below, above = np.sum(center > X), np.sum(center < X)
    assert max(below, above) <= n_rows / 2
    assert excess_pull(X, center) == 0


def test_rows_on_a_line_in_space():
    along = np.exp(gaussian(31, 1))
    X = 2 + along * np.array([1.0, -2, 0.5])
    expected = 2 + np.median(along) * np.array([1, -2, 0.5])
    np.testing.assert_allclose(geometric_median(X), expected, atol=1e-5)


def test_degenerate_rows():
    one = np.array([[1.0, 2, 3]])
    np.testing.assert_array_equal(geometric_median(one), one[0])
    np.testing.assert_array_equal(geometric_median(np.repeat(one, 9, axis=0)), one[0])
    two = np.array([[1.0, 2], [3, 2]])
    found = geometric_median(two)
    assert distances(two, found).sum() == pytest.approx(2)
    most = np.vstack([np.repeat(one, 6, axis=0), gaussian(5, 3) * 1e6])
    np.testing.assert_array_equal(geometric_median(most), one[0])
    signs = np.vstack([np.eye(4), -np.eye(4)])
    np.testing.assert_allclose(geometric_median(signs), 0, atol=1e-9)


def test_heavy_tails_and_outliers():
    """Rows sent to infinity, fewer than half, move it by a bounded distance."""
    rng = np.random.default_rng(0)
    X = random_directions(4000, 10, rng) * np.abs(rng.standard_cauchy((4000, 1)))
    assert np.linalg.norm(geometric_median(X)) < 0.15
    near = gaussian(60, 3)
    far = near.copy()
    far[:15] *= 1e12
    assert np.linalg.norm(geometric_median(far) - geometric_median(near)) < 5
    assert excess_pull(far, geometric_median(far)) < 1e-6


def test_rows_are_read_in_float64_and_left_alone():
    X = np.exp(gaussian(100, 4)).astype("f4")
    copy = X.copy()
    found = geometric_median(X)
    assert found.dtype == np.float64
    exact = geometric_median(X.astype(float))
    np.testing.assert_allclose(found, exact, atol=1e-9)
    assert distances(X, found).dtype == np.float64
    np.testing.assert_array_equal(X, copy)


def test_distances_are_norms():
    X = gaussian(1000, 7)
    center = np.arange(7.0)
    expected = np.linalg.norm(X - center, axis=1)
    np.testing.assert_allclose(distances(X, center), expected, rtol=1e-14)


def test_centres_by_name_and_by_value():
    X, weight = gaussian(), np.random.default_rng(1).uniform(0, 1, 60)
    np.testing.assert_array_equal(find_center("origin", X), np.zeros(4))
    np.testing.assert_allclose(find_center("mean", X), X.mean(axis=0))
    weighted = np.average(X, axis=0, weights=weight)
    np.testing.assert_allclose(find_center("mean", X, weight), weighted)
    np.testing.assert_array_equal(find_center("median", X), geometric_median(X))
    given = find_center([1, 2, 3, 4], X)
    np.testing.assert_array_equal(given, [1, 2, 3, 4])
    assert given.dtype == np.float64


def test_the_mean_of_many_float32_rows():
    """Sums in float32 would no longer grow."""
    X = np.full((1_000_000, 2), 1001, "f4")
    X[::2] = 1000
    np.testing.assert_allclose(find_center("mean", X), 1000.5, atol=1e-3)


@pytest.mark.parametrize(
    ("center", "message"),
    [
        (
            [1.0, 2],
            r"center has shape \(2,\), but X has 4 features. Give an array of s",
        ),
        (np.ones((4, 1)), r"center has shape \(4, 1\), but X has 4 features"),
        ([1, 2, 3, np.nan], "center contains NaN"),
        ([1, 2, 3, np.inf], "center contains infinity"),
        (["a", "b", "c", "d"], "could not convert string"),
    ],
)
def test_centres_that_are_refused(center, message):
    with pytest.raises(ValueError, match=message):
        find_center(center, gaussian())
