"""The radial regressor: its reach, its errors, its network and what changes nothing."""

import pickle
import tracemalloc
from functools import partial

import numpy as np
import pytest
from numpy.polynomial import polynomial
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.preprocessing import StandardScaler

from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth._math._spheres import orthonormal_rows, random_directions
from sklearn_depth._radial import _net
from sklearn_depth.datasets import make_radial, sample_radial
from sklearn_depth.features import RadialFeatures

PROFILES = {
    "sin": lambda r: np.sin(3 * r),
    "abs": lambda r: np.abs(r - 1),
    "cos": lambda r: np.cos(4 * r),
}
each_width = pytest.mark.parametrize("n_projections", [None, 30])


def data(n_rows, d, profile="sin", seed=0, center=0.0, noise=0.0):
    """Radii uniform on [0, 2] about a point; noise as a share of the deviation of y."""
    rng = np.random.default_rng(seed)
    radii = rng.uniform(0, 2, n_rows)
    X = center + radii[:, None] * random_directions(n_rows, d, rng)
    y = PROFILES[profile](radii)
    return X, y + noise * y.std() * rng.standard_normal(n_rows)


def nmse(model, X, y):
    return np.mean((model.predict(X) - y) ** 2) / y.var()


def error_on_fresh_rows(d, profile, seed=0, center=0.0, dtype="f8", **parameters):
    X, y = data(2000, d, profile, seed, center)
    model = RadialTwoLayerRegressor(**parameters).fit(X.astype(dtype), y.astype(dtype))
    X_new, y_new = data(2000, d, profile, seed + 1000, center)
    return nmse(model, X_new.astype(dtype), y_new)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("d", [20, 100])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_reach(profile, d, dtype):
    for seed in (0, 1):
        centred = error_on_fresh_rows(d, profile, seed, dtype=dtype)
        assert centred < 3e-4
        away = error_on_fresh_rows(d, profile, seed, center=3.0, dtype=dtype)
        assert away < 2 * centred


@pytest.mark.parametrize(
    ("profile", "bound"), [("sin", 0.004), ("abs", 0.01), ("cos", 0.013)]
)
def test_reach_of_ten_thousand_directions(profile, bound):
    assert (
        error_on_fresh_rows(20, profile, n_projections=10_000, random_state=0) < bound
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_the_error_does_not_grow_with_the_dimension(profile):
    errors = [
        np.mean([error_on_fresh_rows(d, profile, seed) for seed in (0, 1)])
        for d in (5, 10, 50, 200)
    ]
    assert max(errors) < 1e-3
    assert errors[-1] < 2 * errors[0]


@pytest.mark.parametrize("law", ["uniform", "gaussian", "bessel", "two_spheres"])
@pytest.mark.parametrize("profile", ["tent", "ball"])
def test_laws_of_the_papers(law, profile):
    """Among them heavy tails, with rows 1e4 times as far as their median."""
    X, y, truth = make_radial(
        2000, 20, profile=profile, law=law, return_truth=True, random_state=0
    )
    X_new, y_new = truth.sample(2000, random_state=1)
    model = RadialTwoLayerRegressor().fit(X, y)
    assert nmse(model, X_new, y_new) < (0.01 if profile == "tent" else 0.15)


def test_a_bound_on_rows_far_away():
    """Beyond all rows the function is constant."""
    X, y = data(2000, 20, "cos", noise=0.3)
    model = RadialTwoLayerRegressor().fit(X, y)
    value, error = model.profile(np.array([2.0, 2.2, 3.0, 4.0, 1e6]))
    assert np.abs(value[:2]).max() < 4
    np.testing.assert_array_equal(value[1:], value[1])
    np.testing.assert_array_equal(error[1:], error[1])
    assert error[1] > 2 * model.profile([1.0]).standard_error[0]


def test_profile_is_predict_in_the_limit():
    for d in (1, 2, 20):
        X, Y = data(500, d, "sin", noise=0.1)
        model = RadialTwoLayerRegressor().fit(X, np.column_stack([Y, X[:, 0], Y**2]))
        radii = np.linspace(0, 3, 50)
        rows = model.features_.center_ + radii[:, None] * random_directions(
            50, d, np.random.default_rng(0)
        )
        value, error = model.profile(radii)
        assert value.shape == error.shape == (50, 3)
        scale = np.abs(value).max()
        np.testing.assert_allclose(value, model.predict(rows), atol=1e-7 * scale)
        alone = RadialTwoLayerRegressor().fit(X, Y).profile(list(radii))
        assert alone.value.shape == alone.standard_error.shape == (50,)
        np.testing.assert_allclose(alone.value, value[:, 0], atol=1e-7 * scale)
        np.testing.assert_allclose(alone.standard_error, error[:, 0], rtol=1e-4)


def test_profile_is_the_mean_over_a_sphere():
    X, y = data(500, 6, "sin", noise=0.1)
    model = RadialTwoLayerRegressor(40, n_knots=10, random_state=0).fit(X, y)
    rng = np.random.default_rng(1)
    for r in (0.0, 0.3, 1.0, 1.9, 5.0):
        rows = model.features_.center_ + r * random_directions(20_000, 6, rng)
        found = model.predict(rows)
        bound = 4 * found.std() / np.sqrt(20_000) + 1e-9
        assert abs(found.mean() - model.profile([r]).value[0]) < bound


@pytest.mark.parametrize(
    ("profile", "least"), [("sin", 0.92), ("cos", 0.92), ("abs", 0.84)]
)
@pytest.mark.parametrize(("n_rows", "d"), [(600, 20), (2000, 100)])
def test_standard_errors_cover(profile, least, n_rows, d):
    """Two of them cover the truth at 95 % of radii and data sets, but for kinks."""
    radii, covered = np.linspace(0.1, 1.9, 37), []
    for seed in range(30):
        X, y = data(n_rows, d, profile, seed, noise=0.3)
        model = RadialTwoLayerRegressor(center="origin").fit(X, y)
        value, error = model.profile(radii)
        covered.append(np.abs(value - PROFILES[profile](radii)) <= 2 * error)
    assert least < np.mean(covered) < 0.985


def test_standard_errors_are_in_units_of_y_and_fall_with_rows():
    errors = []
    for n_rows in (500, 8000):
        X, y = data(n_rows, 10, "sin", noise=0.3)
        model = RadialTwoLayerRegressor().fit(X, 1e6 * y)
        errors.append(np.median(model.profile(np.linspace(0.2, 1.8, 9))[1]))
    assert 2.5 < errors[0] / errors[1] < 5.5
    assert 1e3 < errors[1] < 1e6


def relu_network(model, X):
    W, b, a = model.as_network()
    return np.maximum(X.astype(float) @ W.T.astype(float) + b, 0) @ a


@pytest.mark.parametrize("d", [1, 2, 20])
@pytest.mark.parametrize("center", ["median", "origin"])
def test_the_network_is_the_model(d, center):
    X, y = data(300, d, "sin", center=2.0)
    Y = np.column_stack([y, y**2 + 7])
    for target in (y, Y):
        model = RadialTwoLayerRegressor(25, n_knots=9, center=center, random_state=0)
        model.fit(X, target)
        W, b, a = model.as_network()
        assert W.shape == (2 * 25 * 9 + 1, d)
        assert b.shape == (len(W),)
        assert a.shape == (len(W), *target.shape[1:])
        norms = np.linalg.norm(W[:-1], axis=1)
        np.testing.assert_allclose(norms, 1)
        expected = model.predict(X)
        atol = 1e-9 * np.abs(expected).max()
        np.testing.assert_allclose(relu_network(model, X), expected, atol=atol)
        # Rows further out count as the last ones on their way.
        found = model.features_
        away = (X - found.center_)[(found.center_ != X).any(axis=1)]
        outermost = found.extremes_[1] * away / np.linalg.norm(away, axis=1)[:, None]
        expected = relu_network(model, found.center_ + outermost)
        for factor in (10, 1e9):
            far = model.predict(found.center_ + factor * outermost)
            np.testing.assert_allclose(far, expected, atol=100 * atol)


def test_the_network_of_a_float32_model():
    X, y = data(300, 10, "sin", center=2.0)
    X, y = X.astype("f4"), y.astype("f4")
    model = RadialTwoLayerRegressor(25, n_knots=9, random_state=0).fit(X, y)
    exact = relu_network(model, X)
    np.testing.assert_allclose(model.predict(X), exact, atol=1e-4)
    np.testing.assert_allclose(model.predict(X.astype(float)), exact, atol=1e-6)


def test_the_limit_has_no_network():
    X, y = data(50, 3)
    model = RadialTwoLayerRegressor().fit(X, y)
    assert not hasattr(model, "as_network")
    with pytest.raises(AttributeError) as found:
        model.as_network  # noqa: B018
    told = f"{found.value} {found.value.__cause__}"
    assert "needs a network of finite width" in told
    assert "Set n_projections, to 10000 say, and fit again" in told


def test_the_network_is_that_of_the_fit():
    """Not of the parameters that a next fit would take."""
    X, y = data(50, 3)
    finite = RadialTwoLayerRegressor(5, random_state=0).fit(X, y)
    finite.set_params(n_projections=7)
    assert len(finite.as_network()[0]) == 2 * 5 * 40 + 1
    limit = RadialTwoLayerRegressor().fit(X, y).set_params(n_projections=7)
    with pytest.raises(AttributeError, match="no attribute 'as_network'"):
        limit.as_network()
    finite.set_params(n_projections=None)
    assert len(finite.as_network()[0]) == 2 * 5 * 40 + 1


def test_a_network_too_large_for_memory():
    X, y = data(50, 3)
    model = RadialTwoLayerRegressor(2, n_knots=3, random_state=0).fit(X, y)
    model.features_.directions_ = np.broadcast_to(np.ones((1, 3)), (2**40, 3))
    with pytest.raises(MemoryError, match=r"unit by unit.*fewer directions or knots"):
        model.as_network()


def test_one_knot_and_no_penalty_is_the_mean_projection():
    """E |<w, x>| is a multiple of |x|: a line in the radius."""
    rng = np.random.default_rng(0)
    X, y = data(400, 5, "abs", noise=0.2)
    model = RadialTwoLayerRegressor(n_knots=1, center="origin", alpha=0).fit(X, y)
    radii = np.linalg.norm(X, axis=1)
    expected = polynomial.polyfit(radii, y, 1)
    new = rng.uniform(0, 4, 20)
    found = model.profile(new).value
    new = np.clip(new, radii.min(), radii.max())
    np.testing.assert_allclose(found, polynomial.polyval(new, expected), rtol=1e-9)


@pytest.mark.parametrize("center", ["median", "mean", "learn"])
def test_turns_moves_and_units_change_nothing(center):
    X, y = data(600, 8, "sin", noise=0.2)
    turn = orthonormal_rows(8, 8, np.random.default_rng(1))
    fit = partial(RadialTwoLayerRegressor, center=center)
    expected = fit().fit(X, y).predict(X[:100])
    for moved in (X @ turn, X + 10, 1e3 * X, 1e-3 * (X @ turn) - 5):
        found = fit().fit(moved, y).predict(moved[:100])
        np.testing.assert_allclose(found, expected, atol=1e-3)
    found = fit().fit(X, 1e6 * y - 1e7).predict(X[:100])
    np.testing.assert_allclose(found / 1e6 + 10, expected, atol=1e-3)


def test_turns_change_little_with_directions():
    """Only as much as other directions would."""
    X, y = data(600, 8, "sin", noise=0.2)
    turn = orthonormal_rows(8, 8, np.random.default_rng(1))
    plain = RadialTwoLayerRegressor(2000, random_state=0).fit(X, y).predict(X)
    turned = RadialTwoLayerRegressor(2000, random_state=0).fit(X @ turn, y)
    other = RadialTwoLayerRegressor(2000, random_state=1).fit(X, y).predict(X)
    gap = np.std(turned.predict(X @ turn) - plain)
    assert 0 < gap < 2 * np.std(other - plain)


@each_width
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("scale", [1e-30, 1e-10, 1e10, 1e30])
def test_scales_of_x(scale, n_projections, dtype):
    X, y = data(500, 8, "sin", noise=0.2)
    y = y.astype(dtype)
    make = partial(RadialTwoLayerRegressor, n_projections, random_state=0)
    plain = make().fit(X.astype(dtype), y).predict(X.astype(dtype))
    scaled = (scale * X).astype(dtype)
    model = make().fit(scaled, y)
    found = model.predict(scaled)
    np.testing.assert_allclose(found, plain, atol=1e-5 if dtype == "f8" else 5e-3)
    value, error = model.profile(scale * np.array([0.5, 1.0, 1.5]))
    np.testing.assert_allclose(value, np.sin([1.5, 3, 4.5]), atol=0.3)
    assert (error < 0.1).all()


@each_width
def test_offsets_and_scales_of_y(n_projections):
    X, y = data(500, 8, "sin", noise=0.2)
    make = partial(RadialTwoLayerRegressor, n_projections, random_state=0)
    plain = make().fit(X, y).predict(X)
    for scale in (1e-30, 1e30):
        found = make().fit(X, scale * y).predict(X) / scale
        np.testing.assert_allclose(found, plain, atol=1e-6)
    found = make().fit(X, y + 1e6).predict(X) - 1e6
    np.testing.assert_allclose(found, plain, atol=1e-4)


@each_width
@pytest.mark.parametrize("n_rows", [100, 700])
def test_weights_are_repetition(n_projections, n_rows):
    X, y = data(n_rows, 5, "sin", noise=0.3)
    times = np.random.default_rng(0).integers(1, 4, n_rows)
    make = partial(RadialTwoLayerRegressor, n_projections, random_state=0)
    weighted = make().fit(X, y, sample_weight=times)
    repeated = make().fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-5)
    assert weighted.alpha_ == pytest.approx(repeated.alpha_, rel=1e-5)
    radii = np.linspace(0, 2, 7)
    for one, other in zip(
        weighted.profile(radii), repeated.profile(radii), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


@each_width
@pytest.mark.parametrize("n_rows", [100, 4500])
@pytest.mark.parametrize("center", ["median", "learn"])
def test_the_unit_of_weights_does_not_count(n_projections, n_rows, center):
    """All rows twice is a unit of two."""
    X, y = data(n_rows, 5, "sin", noise=0.3)
    weight = np.random.default_rng(1).uniform(0.5, 2, n_rows)
    make = partial(RadialTwoLayerRegressor, n_projections, center=center)
    plain = make(random_state=0).fit(X, y, weight)
    twice = make(random_state=0).fit(
        np.vstack([X, X]), np.append(y, y), np.append(weight, weight)
    )
    scaled = [
        make(random_state=0).fit(X, y, unit * weight) for unit in (1e-200, 100.0, 1e200)
    ]
    for found in (twice, *scaled):
        np.testing.assert_allclose(found.predict(X), plain.predict(X), atol=1e-9)
        error = found.profile([0.5, 1]).standard_error
        np.testing.assert_allclose(error, plain.profile([0.5, 1])[1], rtol=1e-6)


@each_width
def test_the_penalty_is_in_the_unit_of_the_weights(n_projections):
    """A weight of k is k rows, so k times the penalty undoes it."""
    X, y = data(200, 5, "sin", noise=0.3)
    make = partial(RadialTwoLayerRegressor, n_projections, random_state=0)
    plain = make(alpha=1.0).fit(X, y)
    found = make(alpha=50.0).fit(X, y, np.full(200, 50.0))
    np.testing.assert_allclose(found.predict(X), plain.predict(X), atol=1e-9)
    repeated = make(alpha=50.0).fit(np.repeat(X, 50, axis=0), np.repeat(y, 50))
    np.testing.assert_allclose(repeated.predict(X), plain.predict(X), atol=1e-9)
    chosen = make().fit(X, y, np.full(200, 50.0))
    assert chosen.alpha_ == pytest.approx(50 * make().fit(X, y).alpha_, rel=1e-6)


@pytest.mark.parametrize(("n_rows", "meant"), [(300, "loo"), (301, "gcv")])
def test_auto_is_leave_one_out_up_to_a_hundred_rows_a_knot(n_rows, meant):
    X, y = data(n_rows, 5, "sin", noise=1.0)
    weight = np.random.default_rng(0).exponential(size=n_rows) ** 3
    alphas = {
        alpha: RadialTwoLayerRegressor(n_knots=3, alpha=alpha).fit(X, y, weight).alpha_
        for alpha in ("auto", "loo", "gcv")
    }
    assert alphas["auto"] == alphas[meant]
    assert alphas["loo"] != alphas["gcv"]


def test_leave_one_out_is_the_error_of_fits_without_a_row():
    """No penalty near the chosen one has less."""
    X, y = data(25, 3, "sin", noise=0.3)
    options = {"n_knots": 4, "center": "origin"}
    features = RadialFeatures(**options).fit(X).transform(X)
    H = (features - features.mean(axis=0)) / features.std(axis=0)

    def error(alpha):
        total = 0.0
        for k in range(25):
            kept = np.arange(25) != k
            rows = np.column_stack([np.ones(24), H[kept]])
            penalty = alpha * np.diag([0.0, 1, 1, 1, 1])
            coef = np.linalg.solve(rows.T @ rows + penalty, rows.T @ y[kept])
            total += (np.append(1, H[k]) @ coef - y[k]) ** 2
        return total

    found = RadialTwoLayerRegressor(**options, alpha="loo").fit(X, y).alpha_
    least = min(error(alpha) for alpha in np.logspace(-10, 6, 65))
    assert error(found) < 1.05 * least


@each_width
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_constant_column_moves_no_prediction(n_projections, dtype):
    X, y = data(300, 5, "sin", noise=0.1)
    X = np.insert(X, 2, 0.1, axis=1).astype(dtype)
    model = RadialTwoLayerRegressor(n_projections, n_knots=9, random_state=0)
    model.fit(X, y.astype(dtype))
    new = X.copy()
    new[:, 2] = 1e3
    np.testing.assert_array_equal(model.predict(new), model.predict(X))
    if n_projections is not None:
        W, b, _ = model.as_network()
        np.testing.assert_array_equal(W[:, 2], 0)
        assert W.dtype == dtype
        assert b.dtype == np.float64
        atol = 1e-9 if dtype == "f8" else 1e-4
        found = relu_network(model, new)
        np.testing.assert_allclose(found, model.predict(new), atol=atol)


@each_width
@pytest.mark.parametrize("when", ["_fit_samples", "store_fit"])
def test_a_fit_that_fails_leaves_what_was(n_projections, when, monkeypatch):
    X, y = data(80, 3)
    make = partial(RadialTwoLayerRegressor, n_projections, random_state=0)
    model, fresh = make().fit(X, y), make()
    before = model.predict(X), model.profile([1.0])

    def interrupt(*args):
        raise KeyboardInterrupt

    owner = RadialFeatures if when == "_fit_samples" else _net
    with monkeypatch.context() as patch:
        patch.setattr(owner, when, interrupt)
        for estimator in (model, fresh):
            with pytest.raises(KeyboardInterrupt):
                estimator.fit(3 * X + 5, np.column_stack([y, -y]))
    np.testing.assert_array_equal(model.predict(X), before[0])
    np.testing.assert_array_equal(model.profile([1.0]), before[1])
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    assert not any(name.endswith("_") for name in vars(fresh))


@each_width
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_batches(n_projections, dtype):
    X, y = data(700, 30, "abs")
    X = X.astype(dtype)
    model = RadialTwoLayerRegressor(n_projections, random_state=0).fit(X, y)
    whole = model.predict(X)
    assert whole.dtype == dtype
    parts = np.concatenate([model.predict(X[k : k + 9]) for k in range(0, 700, 9)])
    np.testing.assert_allclose(parts, whole, atol=1e-6 if dtype == "f8" else 2e-2)


@each_width
@pytest.mark.parametrize("d", [2, 20])
def test_targets_that_are_not_radial(n_projections, d):
    """Next to nothing is learned, and next to nothing is made up."""
    rng = np.random.default_rng(0)
    X, X_new = (sample_radial(1000, d, random_state=seed) for seed in (0, 1))
    for target in (
        lambda X: X[:, 0],
        lambda X: np.sign(X[:, 0] * X[:, 1]),
        lambda X: rng.standard_normal(len(X)),
    ):
        model = RadialTwoLayerRegressor(n_projections, random_state=0)
        error = nmse(model.fit(X, target(X)), X_new, target(X_new))
        assert error < (1.05 if n_projections is None else 1.15)
        value, deviation = model.profile(np.linspace(0, 5 * np.sqrt(d), 20))
        assert np.isfinite(value).all()
        assert np.isfinite(deviation).all()


@each_width
@pytest.mark.parametrize("d", [2, 5])
def test_all_rows_at_one_radius(n_projections, d):
    """Nothing but the mean is known, and the standard error of a mean."""
    rng = np.random.default_rng(0)
    X = random_directions(300, d, rng)
    y = rng.standard_normal(300)
    model = RadialTwoLayerRegressor(n_projections, center="origin", random_state=0)
    model.fit(X, y)
    np.testing.assert_allclose(model.predict(X), y.mean(), atol=0.25)
    value, error = model.profile([0.5, 1.0, 2.0])
    assert np.isfinite(value).all()
    assert value[1] == pytest.approx(y.mean(), abs=0.05)
    assert error[1] == pytest.approx(1 / np.sqrt(300), rel=0.5)


@each_width
def test_all_rows_equal(n_projections):
    X = np.repeat([[1.0, -2, 3]], 30, axis=0)
    y = np.arange(30.0)
    model = RadialTwoLayerRegressor(n_projections, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), y.mean())
    value, error = model.profile([0.0])
    assert value[0] == pytest.approx(14.5)
    # Rows that differ are as many estimates of the mean.
    assert error[0] == pytest.approx(np.std(y, ddof=1) / np.sqrt(30))


@pytest.mark.parametrize("d", [1, 2])
@each_width
def test_few_dimensions(d, n_projections):
    for profile in PROFILES:
        X, y = data(2000, d, profile, center=5.0)
        model = RadialTwoLayerRegressor(
            n_projections and 300, center=np.full(d, 5.0), random_state=0
        ).fit(X, y)
        X_new, y_new = data(2000, d, profile, seed=1, center=5.0)
        assert nmse(model, X_new, y_new) < (2e-3 if n_projections is None else 1e-2)


def test_a_centre_far_off():
    """The rows' own, and zero for rows that are all far from it."""
    X, y = data(2000, 20, "sin", center=1e6)
    X_new, y_new = data(2000, 20, "sin", seed=1, center=1e6)
    for center in ("median", "mean"):
        model = RadialTwoLayerRegressor(center=center).fit(X, y)
        assert nmse(model, X_new, y_new) < 1e-3
    far = RadialTwoLayerRegressor(center="origin").fit(X, y)
    assert nmse(far, X_new, y_new) < 1.1
    given = RadialTwoLayerRegressor(center=np.full(20, -1e6)).fit(X, y)
    assert nmse(given, X_new, y_new) < 1.1


@each_width
@pytest.mark.parametrize("n_rows", range(2, 11))
@pytest.mark.parametrize("alpha", ["auto", 0, 1.0])
def test_very_few_rows(n_rows, n_projections, alpha):
    X, y = data(n_rows, 4, "sin", seed=n_rows)
    model = RadialTwoLayerRegressor(n_projections, alpha=alpha, random_state=0)
    model.fit(X, y)
    found = model.predict(np.vstack([X, 3 * X]))
    assert np.isfinite(found).all()
    value, error = model.profile([0.0, 1.0, 2.0])
    assert np.isfinite(value).all()
    assert not np.isnan(error).any()
    if alpha == "auto":
        assert np.abs(found[:n_rows]).max() < 3


@each_width
def test_few_rows_without_noise_are_not_overfitted(n_projections):
    """Leave-one-out is exact also where the fit all but interpolates."""
    X, y = data(30, 20, "sin", seed=1)
    model = RadialTwoLayerRegressor(n_projections, random_state=0).fit(X, y)
    X_new, y_new = data(1000, 20, "sin", seed=2)
    assert nmse(model, X_new, y_new) < (0.05 if n_projections is None else 1.0)


@each_width
def test_a_constant_target(n_projections):
    X, _ = data(200, 5)
    for constant in (0.0, 7.5, -1e20):
        y = np.full(200, constant)
        model = RadialTwoLayerRegressor(n_projections, random_state=0).fit(X, y)
        found = np.concatenate([model.predict(3 * X), model.profile([0, 1, 9]).value])
        np.testing.assert_allclose(found, constant, rtol=1e-9, atol=1e-12)
        error = model.profile([0.5]).standard_error
        assert error[0] <= 1e-9 * abs(constant)


def test_learn_runs():
    X, y = data(800, 5, "sin", noise=0.1)
    y = PROFILES["sin"](np.linalg.norm(X - 0.4, axis=1))
    model = RadialTwoLayerRegressor(center="learn").fit(X, y)
    assert model.features_.center_.shape == (5,)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("radii", "message"),
    [
        ([-0.1, 1], r"not negative; got the shape \(2,\) and the minimum -0\.1"),
        ([[1.0, 2]], r"one-dimensional.* shape \(1, 2\)"),
        ([np.nan], "radii contains NaN"),
        ([np.inf], "radii contains infinity"),
    ],
)
def test_radii_that_are_refused(radii, message):
    model = RadialTwoLayerRegressor().fit(*data(50, 3))
    with pytest.raises(ValueError, match=message):
        model.profile(radii)


def test_many_rows_in_bounded_memory():
    """All features at once would take 96 MB, and 480 MB with their directions."""
    X, y = data(300_000, 3, "sin", noise=0.1)
    tracemalloc.start()
    model = RadialTwoLayerRegressor().fit(X, y)
    model.predict(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6
    assert model.score(X, y) > 0.98


def test_many_rows_and_directions_in_bounded_memory():
    X, y = data(100_000, 3, "sin", noise=0.1)
    tracemalloc.start()
    model = RadialTwoLayerRegressor(200, n_knots=25, random_state=0).fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 90e6
    assert model.score(X, y) > 0.9


@each_width
def test_copies(n_projections):
    X, y = data(200, 4)
    model = RadialTwoLayerRegressor(n_projections, random_state=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for one, other in zip(loaded.profile([1.0]), model.profile([1.0]), strict=True):
        np.testing.assert_array_equal(one, other)
    again = clone(model).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_a_search_over_widths():
    """The limit has no error from directions, and wins."""
    X, y = data(400, 10, "cos")
    grid = {"n_projections": [5, 50, None], "n_knots": [10, 40]}
    search = GridSearchCV(RadialTwoLayerRegressor(random_state=0), grid, cv=3)
    search.fit(X, y)
    assert search.best_params_["n_projections"] is None
    assert search.best_score_ > 0.98


@each_width
def test_predict_is_a_linear_function_of_the_features(n_projections):
    X, y = data(300, 4, noise=0.1)
    model = RadialTwoLayerRegressor(n_projections, random_state=0, n_knots=12)
    model.fit(X, np.column_stack([y, -y]))
    assert isinstance(model.features_, RadialFeatures)
    assert model.coef_.shape == (2, 12)
    by_hand = model.features_.transform(X) @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.predict(X), by_hand, atol=1e-7)
    alone = RadialFeatures(n_projections, n_knots=12, random_state=0).fit(X)
    np.testing.assert_array_equal(alone.transform(X), model.features_.transform(X))


def test_targets_have_penalties_of_their_own():
    X, y = data(600, 10)
    noise = np.random.default_rng(0).standard_normal(600)
    Y = np.column_stack([y, noise])
    together = RadialTwoLayerRegressor().fit(X, Y)
    assert together.alpha_[0] < 1e-2 * together.alpha_[1]
    for k in range(2):
        alone = RadialTwoLayerRegressor().fit(X, Y[:, k])
        assert alone.alpha_ == pytest.approx(together.alpha_[k], rel=1e-3)
        np.testing.assert_allclose(
            together.predict(X)[:, k], alone.predict(X), atol=1e-5
        )


@pytest.mark.parametrize("n_samples", [60, 100, 200])
def test_rows_beyond_the_data_do_not_explode(n_samples):
    """Under noise, fresh rows are predicted within the range of training targets."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((n_samples + 1000, 5))
        y = 0.7 * np.sin(2 * np.linalg.norm(X, axis=1))
        y += rng.standard_normal(len(y))
        model = RadialTwoLayerRegressor(center="mean")
        model.fit(X[:n_samples], y[:n_samples])
        largest = np.abs(y[:n_samples]).max()
        assert np.abs(model.predict(X[n_samples:])).max() < 1.5 * largest


def test_a_far_centre_in_single_precision():
    """Rows less the centre are exact where the centre is not rounded first."""
    rng = np.random.default_rng(0)
    X = (rng.standard_normal((300, 5)) + 3000).astype(np.float32)
    y = np.linalg.norm(X - 3000, axis=1)
    model = RadialTwoLayerRegressor(50, random_state=0).fit(X, y)
    W, b, a = model.as_network()
    outputs = np.maximum(X.astype(float) @ W.T.astype(float) + b, 0) @ a
    np.testing.assert_allclose(model.predict(X), outputs, atol=1e-5)


TAILS = {
    "t": lambda rng, shape: rng.standard_t(2, shape),
    "lognormal": lambda rng, shape: np.exp(1.5 * rng.standard_normal(shape)),
    "one outlier": lambda rng, shape: np.vstack(
        [rng.standard_normal((shape[0] - 1, shape[1])), np.full((1, shape[1]), 8)]
    ),
}


@pytest.mark.parametrize("tails", TAILS)
@pytest.mark.parametrize("n_projections", [None, 50, 1000])
@pytest.mark.parametrize(
    "parameters", [{}, {"alpha": 1.0}, {"center": "learn"}], ids=str
)
def test_held_out_rows_of_small_tables_do_not_explode(tails, n_projections, parameters):
    """Hinges that one training row moves are no ladder for the next one."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        d, n_rows = rng.integers(2, 11), rng.integers(20, 60)
        X = StandardScaler().fit_transform(TAILS[tails](rng, (n_rows, d)))
        y = X[:, 0] + 0.5 * np.abs(X[:, 1]) + rng.standard_normal(n_rows)
        model = RadialTwoLayerRegressor(n_projections, random_state=seed, **parameters)
        found = cross_val_predict(model, X, y, cv=5)
        assert found.max() < y.max() + 3 * np.ptp(y)
        assert found.min() > y.min() - 3 * np.ptp(y)
