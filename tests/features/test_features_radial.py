"""Radial features against hinges made one by one, and against their limit."""

import subprocess
import sys
import tracemalloc
from functools import partial
from threading import Thread

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import ThreadpoolController, threadpool_limits

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._sphere_hinges import mean_hinge_slopes, mean_hinges
from sklearn_depth._math._spheres import random_directions
from sklearn_depth._solvers.radial._center import geometric_median
from sklearn_depth.features import RadialFeatures

DIMENSIONS = [1, 2, 3, 20, 100]


def rows(n_rows=200, n_features=5, seed=0, center=0.5):
    """Radii uniform on [0, 2]."""
    rng = np.random.default_rng(seed)
    radii = rng.uniform(0, 2, (n_rows, 1))
    return center + radii * random_directions(n_rows, n_features, rng)


def median_of(X, weight=None):
    return geometric_median(Samples.of(X, np.empty((len(X), 0)), weight))


def brute_force(fitted, X):
    """All hinges, one by one, in float64."""
    w, c = fitted.directions_.astype(float), fitted.center_
    projections = np.abs((X.astype(float) - c) @ w.T)
    hinges = np.maximum(projections[:, :, None] - fitted.knots_, 0)
    return hinges.mean(axis=1)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize(
    ("n_projections", "n_knots"), [(1, 40), (7, 1), (37, 2), (301, 25), (1030, 8)]
)
def test_transform_is_the_mean_of_hinges(d, n_projections, n_knots):
    X = rows(130, d)
    fitted = RadialFeatures(n_projections, n_knots=n_knots, random_state=1).fit(X)
    assert fitted.directions_.shape == (n_projections, d)
    found = fitted.transform(X)
    assert found.shape == (130, n_knots)
    np.testing.assert_allclose(found, brute_force(fitted, X), atol=1e-13)


def test_more_rows_than_a_block():
    X = rows(1300, 4)
    fitted = RadialFeatures(50, random_state=0).fit(X)
    found = fitted.transform(X)
    np.testing.assert_allclose(found, brute_force(fitted, X), atol=1e-13)
    one_by_one = np.vstack([fitted.transform(row[None]) for row in X[::100]])
    np.testing.assert_allclose(found[::100], one_by_one, atol=1e-13)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_float32(d):
    X = rows(150, d).astype("f4")
    fitted = RadialFeatures(300, random_state=0).fit(X)
    found = fitted.transform(X)
    assert found.dtype == fitted.directions_.dtype == np.float32
    assert fitted.center_.dtype == fitted.knots_.dtype == np.float64
    # On the line all are equal, and so are the roundings of their sum.
    np.testing.assert_allclose(found, brute_force(fitted, X), atol=2e-5 / d**0.5)
    limit = RadialFeatures().fit(X)
    single, double = limit.transform(X), limit.transform(X.astype(float))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_projections", [60, None])
def test_rows_far_beyond_the_last_knot(n_projections, dtype):
    """They count as if drawn in to the outermost row: no number of a bin overflows."""
    X = rows(100, 6).astype(dtype)
    fitted = RadialFeatures(n_projections, random_state=0).fit(X)
    for factor in (5, 1e3, 1e12, 1e25):
        far = (X[:20] - 0.5) * np.asarray(factor, dtype)
        found = fitted.transform(far)
        if n_projections is None:
            radius = np.linalg.norm(far.astype(float) - fitted.center_, axis=1)
            radius = np.clip(radius, *fitted.extremes_)
            end = fitted.radii_[1:]
            expected = mean_hinges(end, fitted.knots_, 6) + (
                radius[:, None] - end
            ) * mean_hinge_slopes(end, fitted.knots_, 6)
            beyond = radius > end
            found, expected = found[beyond], expected[beyond]
            assert len(found) > 10
        else:
            away = far.astype(float) - fitted.center_
            share = fitted.extremes_[1] / np.linalg.norm(away, axis=1)
            near = fitted.center_ + np.minimum(share, 1)[:, None] * away
            expected = brute_force(fitted, near)
        rtol = 1e-5 if dtype == "f4" else 1e-10
        np.testing.assert_allclose(found, expected, rtol, atol=rtol)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_projections", [60, None])
@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_units_of_length(n_projections, scale, dtype):
    X = rows(100, 6)
    fit = partial(RadialFeatures, n_projections, random_state=0)
    unit = fit().fit(X)
    X_scaled = (scale * X).astype(dtype)
    scaled = fit().fit(X_scaled)
    np.testing.assert_allclose(scaled.knots_, scale * unit.knots_, rtol=1e-5)
    found = scaled.transform(X_scaled).astype(float)
    np.testing.assert_allclose(found / scale, unit.transform(X), atol=2e-6)


@pytest.mark.parametrize("n_projections", [1, 10, 40, None])
@pytest.mark.parametrize("n_knots", [1, 5])
def test_all_rows_equal(n_projections, n_knots):
    """All are at the centre; columns that never varied tell no new row apart."""
    X = np.repeat([[1.0, -2, 3]], 30, axis=0)
    fitted = RadialFeatures(n_projections, n_knots=n_knots, random_state=0).fit(X)
    np.testing.assert_array_equal(fitted.transform(X), 0)
    np.testing.assert_array_equal(fitted.radii_, 0)
    assert (np.diff(fitted.knots_) > 0).all()
    np.testing.assert_array_equal(fitted.transform(X + rows(30, 3)), 0)


def test_all_rows_at_one_radius():
    """A constant: nothing tells a slope."""
    X = np.vstack([np.eye(3), -np.eye(3)])
    fitted = RadialFeatures(n_knots=6, center="origin").fit(X)
    np.testing.assert_array_equal(fitted.radii_, 1)
    radii = np.array([0.25, 0.9, 1, 1.5, 20])
    one = np.ones(1)
    expected = np.tile(mean_hinges(one, fitted.knots_, 3), (5, 1))
    found = fitted.transform(radii[:, None] * [0.6, 0, 0.8])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_nearly_all_rows_at_the_centre():
    """The few others are told apart from them."""
    X = np.vstack([np.zeros((995, 3)), np.eye(3), -np.eye(3)[:2]])
    limit = RadialFeatures(n_knots=4, center="origin").fit(X)
    finite = RadialFeatures(3000, n_knots=4, center="origin", random_state=0).fit(X)
    found, expected = limit.transform(X)[:, 0], finite.transform(X)[:, 0]
    np.testing.assert_allclose(found, expected, atol=0.02)


def set_blas(n_threads):
    """In a thread of its own: the first to set it may keep others from doing so."""
    setter = Thread(target=threadpool_limits, args=(n_threads, "blas"))
    setter.start()
    setter.join()


@pytest.mark.parametrize("n_projections", [500, 5000])
def test_the_number_of_threads_changes_no_bit(n_projections):
    X = rows(1200, 8)
    fitted = RadialFeatures(n_projections, random_state=0).fit(X)
    results = []
    before = ThreadpoolController().select(user_api="blas").info()[0]["num_threads"]
    for n_threads in (1, 2, 3):
        set_blas(n_threads)
        results.append(fitted.transform(X))
    set_blas(before)
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_many_directions_are_the_limit_at_the_rate_of_monte_carlo():
    """Relative to a hundredth of the directions, errors are a tenth."""
    X = rows(300, 5)
    radii = np.linalg.norm(X - median_of(X), axis=1)
    errors = []
    for n_projections, seeds in [(50, 12), (5000, 12)]:
        squares = []
        for seed in range(seeds):
            fitted = RadialFeatures(n_projections, random_state=seed).fit(X)
            exact = mean_hinges(radii, fitted.knots_, 5)
            squares.append(np.mean((fitted.transform(X) - exact) ** 2))
        errors.append(np.sqrt(np.mean(squares)))
    assert 7 < errors[0] / errors[1] < 14
    # Below the deviation of a mean of independent hinges, which is about |x| / sqrt(m).
    assert errors[1] < 1.2 * radii.mean() / np.sqrt(5 * 5000)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_limit_is_the_closed_form_between_its_ends(d):
    X = rows(400, d)
    fitted = RadialFeatures().fit(X)
    assert fitted.directions_ is None
    radii = np.linalg.norm(X - fitted.center_, axis=1)
    low, high = fitted.radii_
    for end, share in ((low, 0.01), (high, 0.99)):
        quantile = np.quantile(radii, share, method="inverted_cdf")
        assert end == pytest.approx(quantile, rel=1e-12)
    exact = mean_hinges(radii, fitted.knots_, d)
    inside = (radii >= low) & (radii <= high)
    found = fitted.transform(X)
    np.testing.assert_allclose(found[inside], exact[inside], atol=1e-12)
    tiny = 1e-12 * high
    for end, outside in ((low, radii < low - tiny), (high, radii > high + tiny)):
        ends = np.array([end])
        slope = mean_hinge_slopes(ends, fitted.knots_, d)
        tangent = mean_hinges(ends, fitted.knots_, d) + (
            (radii[outside, None] - end) * slope
        )
        assert outside.sum() in (3, 4)
        np.testing.assert_allclose(found[outside], tangent, atol=1e-12)


@pytest.mark.parametrize("d", [2, 20])
def test_the_limit_has_no_steps_and_no_kinks_at_its_ends(d):
    X = rows(400, d, center=0)
    fitted = RadialFeatures(center="origin").fit(X)
    axis = np.eye(d)[0]
    for end in fitted.radii_:
        around = end * np.array([1 - 2e-6, 1 - 1e-6, 1, 1 + 1e-6, 1 + 2e-6])
        hinges = fitted.transform(around[:, None] * axis)
        assert abs(np.diff(hinges, axis=0)).max() < 2e-6 * end
        slopes = np.diff(hinges, axis=0) / (1e-6 * end)
        assert abs(np.diff(slopes, axis=0)).max() < 2e-3


def test_on_the_line_every_direction_is_the_limit():
    X = rows(200, 1)
    limit = RadialFeatures().fit(X)
    middle = np.abs(X - limit.center_)[:, 0]
    inside = (middle >= limit.radii_[0]) & (middle <= limit.radii_[1])
    expected = np.maximum(middle[:, None] - limit.knots_, 0)
    for n_projections in (1, 2, 9):
        finite = RadialFeatures(n_projections, random_state=0).fit(X)
        np.testing.assert_array_equal(finite.knots_, limit.knots_)
        np.testing.assert_allclose(finite.transform(X), expected, atol=1e-13)
    found = limit.transform(X)[inside]
    np.testing.assert_allclose(found, expected[inside], atol=1e-13)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_where_the_knots_are(d, weighted):
    """Equidistant from 0 up to, but without, min(3 / sqrt d, 1) R."""
    X = rows(300, d)
    weight = np.random.default_rng(0).integers(1, 4, 300) if weighted else None
    fitted = RadialFeatures(n_knots=16).fit(X, sample_weight=weight)
    radii = np.linalg.norm(X - fitted.center_, axis=1)
    outer = np.quantile(radii, 0.99, method="inverted_cdf", weights=weight)
    end = min(3 / np.sqrt(d), 1) * outer
    np.testing.assert_allclose(fitted.knots_, end * np.arange(16) / 16, rtol=1e-12)


def test_knots_under_heavy_tails():
    """They end at four medians where a 99 % quantile is far beyond."""
    rng = np.random.default_rng(0)
    X = random_directions(2000, 10, rng) * np.abs(rng.standard_cauchy((2000, 1)))
    fitted = RadialFeatures(n_knots=10, center="origin").fit(X)
    median = np.quantile(np.linalg.norm(X, axis=1), 0.5, method="inverted_cdf")
    end = 3 / np.sqrt(10) * 4 * median
    np.testing.assert_allclose(fitted.knots_[-1], 0.9 * end, rtol=1e-12)
    assert fitted.radii_[1] > 4 * median


@pytest.mark.parametrize("n_projections", [200, None])
def test_bins_that_no_projection_falls_into(n_projections):
    """Two shells far apart: all bins between them are empty."""
    rng = np.random.default_rng(0)
    shells = np.where(np.arange(200) % 2, 1e-3, 10.0)[:, None]
    X = shells * random_directions(200, 1, rng)
    fitted = RadialFeatures(n_projections, n_knots=300, center="origin").fit(X)
    expected = np.maximum(np.abs(X) - fitted.knots_, 0)
    np.testing.assert_allclose(fitted.transform(X), expected, atol=1e-13)


def test_centres():
    X, weight = rows(100, 3), np.random.default_rng(0).uniform(0.5, 2, 100)
    fit = partial(RadialFeatures, 20, random_state=0)
    for center, expected in [
        ("median", median_of(X, weight)),
        ("mean", np.average(X, axis=0, weights=weight)),
        ("origin", np.zeros(3)),
        ([1, 2, 3], [1, 2, 3]),
        (np.array([1, 2, 3], "f4"), [1, 2, 3]),
    ]:
        fitted = fit(center=center).fit(X, sample_weight=weight)
        np.testing.assert_allclose(fitted.center_, expected, rtol=1e-12)
        found = fitted.transform(X)
        np.testing.assert_allclose(found, brute_force(fitted, X), atol=1e-13)
    with pytest.raises(ValueError, match=r"shape \(2,\), but X has 3 features"):
        fit(center=[1, 2]).fit(X)
    with pytest.raises(ValueError, match="'center' parameter of RadialFeatures must"):
        fit(center="learn").fit(X)


def test_a_given_centre_is_a_copy():
    center = np.zeros(3)
    fitted = RadialFeatures(center=center).fit(rows(50, 3))
    before = fitted.transform(rows(10, 3))
    center += 100
    np.testing.assert_array_equal(fitted.transform(rows(10, 3)), before)


@pytest.mark.parametrize("n_projections", [50, None])
def test_weights_are_repetition(n_projections):
    X = rows(150, 4)
    times = np.random.default_rng(0).integers(1, 5, 150)
    make = partial(RadialFeatures, n_projections, random_state=0)
    repeated = make().fit(np.repeat(X, times, axis=0))
    for unit in (1, 0.1, 1e-9):
        weighted = make().fit(X, sample_weight=unit * times)
        np.testing.assert_allclose(weighted.radii_, repeated.radii_, rtol=1e-9)
        np.testing.assert_allclose(
            weighted.transform(X), repeated.transform(X), rtol=1e-8, atol=1e-9
        )


def test_rows_of_zero_weight_place_no_knots():
    X = np.vstack([np.repeat([[1.0, -2, 3]], 30, axis=0), [[1e6, 0, 0]]])
    absent = RadialFeatures(n_knots=4).fit(X[:30])
    weightless = RadialFeatures(n_knots=4).fit(X, sample_weight=[1.0] * 30 + [0.0])
    np.testing.assert_array_equal(weightless.knots_, absent.knots_)


@pytest.mark.parametrize("n_projections", [50, None])
@pytest.mark.parametrize("unit", [1e-200, 3.0, 1e200])
def test_the_unit_of_weights_does_not_count(n_projections, unit):
    X = rows(150, 4)
    weight = np.random.default_rng(0).uniform(0.5, 2, 150)
    make = partial(RadialFeatures, n_projections, random_state=0)
    expected = make().fit(X, sample_weight=weight).transform(X)
    found = make().fit(X, sample_weight=unit * weight).transform(X)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("n_projections", [50, None])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_constant_column_moves_nothing(n_projections, dtype):
    X = np.insert(rows(150, 4), 2, 0.1, axis=1).astype(dtype)
    fitted = RadialFeatures(n_projections, random_state=0).fit(X)
    new = X.copy()
    new[:, 2] = 1e3
    np.testing.assert_array_equal(fitted.transform(new), fitted.transform(X))


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_sizes_whose_squares_leave_float64(size):
    with pytest.raises(ValueError, match=r"largest entry of X is .* in float64"):
        RadialFeatures().fit(size * rows(20, 3))


def test_a_refit_that_fails_leaves_the_old_fit(monkeypatch):
    X = rows(60, 3)
    fitted = RadialFeatures(20, random_state=0).fit(X)
    before, fresh = fitted.transform(X), RadialFeatures(20, random_state=0)

    def interrupt(self, radii, samples):
        raise KeyboardInterrupt

    monkeypatch.setattr(RadialFeatures, "_place_knots", interrupt)
    for estimator in (fitted, fresh):
        with pytest.raises(KeyboardInterrupt):
            estimator.fit(5 * X + 1)
    np.testing.assert_array_equal(fitted.transform(X), before)
    with pytest.raises(NotFittedError):
        fresh.transform(X)


def test_directions_do_not_look_at_the_rows():
    seeds = {"n_projections": 33, "random_state": 4}
    first = RadialFeatures(**seeds).fit(rows(50, 4))
    second = RadialFeatures(**seeds).fit(rows(90, 4, seed=7) * 5)
    np.testing.assert_array_equal(first.directions_, second.directions_)
    other = RadialFeatures(33, random_state=5).fit(rows(50, 4))
    assert (first.directions_ != other.directions_).any()
    norms = np.linalg.norm(first.directions_, axis=1)
    np.testing.assert_allclose(norms, 1, rtol=1e-12)


def test_the_memory_does_not_hold_rows_by_directions():
    """That would take 480 MB, and a float a knot 25 times as much."""
    X = rows(3000, 10)
    fitted = RadialFeatures(20_000, n_knots=25, random_state=0).fit(X)
    tracemalloc.start()
    fitted.transform(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("n_projections", [20, None])
def test_pipelines_of_frames(container, n_projections):
    X = rows(120, 3)
    names = ["a", "b", "c"]
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame}[container]
    data = frame(X, columns=names) if container == "pandas" else frame(X, schema=names)
    y = np.linalg.norm(X - 0.5, axis=1)
    features = RadialFeatures(n_projections, n_knots=12, random_state=0)
    features.set_output(transform=container)
    scaler = StandardScaler().set_output(transform=container)
    model = make_pipeline(scaler, features, Ridge(1e-6)).fit(data, y)
    made = model[:-1].transform(data)
    assert isinstance(made, frame)
    assert list(made.columns) == [f"radialfeatures{k}" for k in range(12)]
    assert list(model[1].feature_names_in_) == names
    assert model.score(data, y) > 0.9


HUGE = """
import numpy as np
from sklearn_depth.features import RadialFeatures
rng = np.random.default_rng(0)
scale, size = {scale}, {size}
X = (scale * rng.standard_normal((20, 3))).astype("{dtype}")
new = (size * rng.choice([-1, 1], (600, 3))).astype("{dtype}")
try:
    found = RadialFeatures(20, random_state=0).fit(X).transform(new)
except ValueError as told:
    assert "Scale X" in str(told), told
else:
    assert not np.isnan(found).any(), found
"""


@pytest.mark.parametrize(
    ("dtype", "scale", "size"),
    [("f8", 1, 1.7e308), ("f8", 1e240, 1e240), ("f4", 1, 3e38), ("f4", 1e-38, 1e-38)],
)
def test_rows_whose_projections_overflow(dtype, scale, size):
    """In a process of its own: a number of a bin that is not one ends it."""
    code = HUGE.format(dtype=dtype, scale=scale, size=size)
    command = [sys.executable, "-W", "ignore", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_it_must_be_fitted():
    with pytest.raises(NotFittedError):
        RadialFeatures().transform(rows())
