"""Three layers: the formula by hand, the paper's targets, and what changes nothing."""

import pickle
import tracemalloc

import numpy as np
import pytest
from sklearn.callback import ScoringMonitor
from sklearn.linear_model import Ridge, RidgeCV

from sklearn_depth import KernelRidge, ThreeLayerFeatureRegressor
from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.datasets import make_quadratic_feature, make_radial
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.metrics import normalized_mse

STARTS = "auto", "gradient", "ridge", "spectral"
PAPER = {"scaling": "sphere", "start": "gradient", "n_refinements": 0}
each_start = pytest.mark.parametrize("start", STARTS)
rng = np.random.default_rng(0)
X = rng.standard_normal((300, 4)) * [1, 2, 1, 3] + [0, 0, 5, 0]
y = np.maximum(X[:, 0] * X[:, 1] + X[:, 3], 0) + 0.2 * rng.standard_normal(300)
weight = rng.uniform(0.2, 3, 300)


def net(n_hidden=None, **parameters):
    return ThreeLayerFeatureRegressor(n_hidden, random_state=0, **parameters)


def planted(n, d, link, noise=0.1, seed=0, **law):
    X, y, truth = make_quadratic_feature(
        n, d, link=link, noise=noise, return_truth=True, random_state=seed, **law
    )
    return X, y, truth


def nmse(model, truth, n_samples=3000):
    X_new, _ = truth.sample(n_samples, random_state=1000)
    return normalized_mse(truth(X_new), model.predict(X_new))


def test_predictions_by_hand():
    Y = np.column_stack([y, X[:, 0] * X[:, 2] - y])
    for target in (y, Y):
        model = net(n_knots=7).fit(X, target, sample_weight=weight)
        h, knots = model.transform(X), model.features_.knots
        n_targets = h.shape[1]
        coef = model.coef_.reshape(n_targets, n_targets, 8)
        for k in range(n_targets):
            bent = np.maximum(h[:, [k]] - knots[k], 0)
            expected = (
                np.reshape(model.intercept_, -1)[k]
                + coef[k, k, 0] * h[:, k]
                + bent @ coef[k, k, 1:]
            )
            found = model.predict(X).reshape(300, -1)[:, k]
            np.testing.assert_allclose(found, expected, atol=1e-9)
            coef[k, k] = 0
        np.testing.assert_array_equal(coef, 0)


@pytest.mark.parametrize("scaling", ["standardize", "sphere", None])
def test_the_feature_is_linear_in_products_of_columns(scaling):
    model = net(scaling=scaling).fit(X, y, sample_weight=weight)
    products = HermiteFeatures(2, scaling=scaling).fit(X, sample_weight=weight)
    units = products.transform(X)
    assert model.features_.units.n_units == units.shape[1] == 14
    h = units @ model.features_.coef[0] + model.features_.offset
    np.testing.assert_allclose(model.transform(X)[:, 0], h, atol=1e-9)
    mean = np.average(h, weights=weight)
    assert mean == pytest.approx(0, abs=1e-9)
    assert np.average((h - mean) ** 2, weights=weight) == pytest.approx(1)
    assert model.get_feature_names_out() == ["threelayerfeatureregressor0"]


@pytest.mark.parametrize("activation", ["square", "abs", "relu"])
def test_random_units_by_hand(activation):
    model = net(30, activation=activation, scaling=None).fit(X, y)
    v = model.features_.units.directions
    assert v.shape == (30, 4)
    np.testing.assert_allclose(np.linalg.norm(v, axis=1), 1)
    apply = {"square": np.square, "abs": np.abs, "relu": lambda z: (z + abs(z)) / 2}
    units = np.column_stack([X, apply[activation](X @ v.T)])
    h = units @ model.features_.coef[0] + model.features_.offset
    np.testing.assert_allclose(model.transform(X)[:, 0], h, atol=1e-7)


def test_one_step_is_the_mean_kernel_with_labels():
    """The paper's first stage, with new rows and every training row in the mean."""
    model = net(500, **PAPER).fit(X, y)
    units = model.features_.units._map(X)
    new = model.features_.units._map(X[:20] + 0.5)
    kernel = (units - units.mean(axis=0)) @ new.T
    mean = np.mean((y - y.mean())[:, None] * kernel, axis=0)
    h = model.transform(X[:20] + 0.5)[:, 0]
    slope, offset = np.polyfit(mean, h, 1)
    assert slope > 0
    np.testing.assert_allclose(h, slope * mean + offset, atol=1e-9)
    assert model.start_ == "gradient"
    assert len(model.loss_curve_) == 1


def test_many_squares_are_all_products():
    """On the sphere both span the quadratic forms."""
    X, y, truth = planted(1000, 6, "relu", 0.0)
    products, squares, paper = (
        ThreeLayerFeatureRegressor(n_hidden, random_state=0, **options).fit(X, y)
        for n_hidden, options in ((None, {}), (200, {}), (None, PAPER))
    )
    X_new, _ = truth.sample(500, random_state=1)
    q = truth.feature(X_new)
    for model, least in ((products, 0.999), (squares, 0.999), (paper, 0.85)):
        found = np.corrcoef(q, model.transform(X_new)[:, 0])[0, 1]
        assert abs(found) > least


@pytest.mark.parametrize(
    ("link", "start"), [("relu", None), ("he1+he3", None), ("he2", "spectral")]
)
@pytest.mark.parametrize("inputs", ["sphere", "gaussian"])
def test_links_of_a_quadratic_form_without_noise(link, start, inputs):
    for seed in (0, 1):
        X, y, truth = planted(2000, 10, link, 0.0, seed, inputs=inputs)
        model = net().fit(X, y)
        X_new, _ = truth.sample(1000, random_state=seed + 9)
        h, q = model.transform(X_new)[:, 0], truth.feature(X_new)
        # Cubes of forms of Gaussian rows have far outliers.
        least, most = (0.999, 1e-3) if inputs == "sphere" else (0.995, 0.04)
        assert abs(np.corrcoef(h, q)[0, 1]) > least
        assert nmse(model, truth) < most
        assert start in (None, model.start_)


def test_even_links_have_no_first_step():
    X, y, truth = planted(2000, 10, "he2")
    assert nmse(net(**PAPER).fit(X, y), truth) > 0.9
    assert nmse(net(start="ridge", n_refinements=0).fit(X, y), truth) > 0.9
    assert nmse(net(start="spectral", n_refinements=0).fit(X, y), truth) < 0.2
    assert nmse(net(start="spectral").fit(X, y), truth) < 0.005


def test_ahead_of_kernels_and_of_one_step():
    """Nichani, Damian and Lee: d = 16, n = 1000."""
    for seed in (0, 1):
        X, y, truth = planted(1000, 16, "he1+he3", seed=seed)
        kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
        assert nmse(net().fit(X, y), truth) < 0.03
        assert nmse(net(1000, **PAPER).fit(X, y), truth) > 0.3
        assert nmse(kernel, truth) > 0.3


def test_the_function_that_two_layers_cannot_learn():
    """relu(1 - |x|), radius uniform on [0, 2]."""
    X, y, truth = make_radial(2000, 20, noise=0.02, return_truth=True, random_state=0)
    assert np.linalg.norm(X, axis=1).max() == pytest.approx(2, abs=0.01)
    for model in (net(), net(300, activation="abs"), net(300, start="gradient")):
        assert nmse(model.fit(X, y), truth) < 0.003
    assert nmse(net(scaling="sphere").fit(X, y), truth) > 0.5


@pytest.mark.parametrize("link", ["identity", "abs"])
@pytest.mark.parametrize("n", [40, 60, 100, 400])  # the units are 65
def test_a_linear_feature_is_one_too(link, n):
    """Errors fall with the rows and explode nowhere, not at as many as units."""
    for seed in range(3):
        rng = np.random.default_rng([n, seed])
        X = rng.standard_normal((n + 2000, 10))
        target = X @ np.full(10, 10**-0.5)
        target = target if link == "identity" else np.abs(target)
        model = net().fit(X[:n], target[:n])
        error = normalized_mse(target[n:], model.predict(X[n:]))
        assert error < {40: 1.2, 60: 1.1, 100: 0.2, 400: 1e-3}[n]
        assert np.abs(model.predict(10 * X[n:])).max() < 500


@pytest.mark.parametrize(("n", "d"), [(60, 10), (80, 10), (130, 10), (500, 5)])
def test_noise_is_not_learned(n, d):
    """Not with fewer rows than units, as many, twice as many, or GCV."""
    errors = []
    for seed in range(5):
        rng = np.random.default_rng([n, seed])
        X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
        model = net().fit(X, y)
        fitted = model.predict(rng.standard_normal((3000, d)))
        errors.append(1 + np.mean(fitted**2))
        assert 0.6 < model.loss_curve_[-1] < 2
    assert np.mean(errors) < 1.1


OUTLYING = {
    "t": lambda rng, n: rng.standard_t(2, n),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "one": lambda rng, n: np.where(np.arange(n) == 0, 500, 0.1),
    "two of one sign": lambda rng, n: np.where(np.arange(n) < 2, 100, 0.1),
}


@pytest.mark.parametrize("noise", OUTLYING)
@pytest.mark.parametrize("n", [100, 300])
def test_outlying_targets_teach_no_feature(noise, n):
    """It stays near a ridge regression, which a linear target is best fitted by."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((n + 2000, 5))
        target = X @ rng.standard_normal(5)
        y = target[:n] + OUTLYING[noise](rng, n)
        errors = [
            normalized_mse(target[n:], model.fit(X[:n], y).predict(X[n:]))
            for model in (net(), RidgeCV(np.geomspace(0.01, 1e5, 22)))
        ]
        assert errors[0] < 3 * errors[1] + 0.1


@pytest.mark.parametrize("link", ["relu", "he1+he3", "he2"])
@pytest.mark.parametrize("n", [400, 2000])
def test_the_estimated_error_is_near_the_true_one(link, n):
    """Noise included; 65 units by leave-one-out and by GCV."""
    X, y, truth = planted(n, 10, link, noise=0.3)
    model = net().fit(X, y)
    error = np.mean((truth(X) - y) ** 2) / y.var() + nmse(model, truth)
    assert model.loss_curve_[-1] == pytest.approx(error, rel=0.35)
    assert model.loss_curve_[-1] == min(model.loss_curve_)
    assert 1 <= len(model.loss_curve_) <= 11


@each_start
@pytest.mark.parametrize("n", [100, 300])
def test_weights_are_repetition(start, n):
    times = np.random.default_rng(0).integers(1, 4, n)
    weighted = net(start=start).fit(X[:n], y[:n], sample_weight=times)
    every = np.repeat(np.arange(n), times)
    repeated = net(start=start).fit(X[every], y[every])
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-5)
    assert weighted.alpha_ == pytest.approx(repeated.alpha_, rel=1e-5)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-5)


@each_start
@pytest.mark.parametrize("n", [14, 100, 300])
def test_equal_weights_change_nothing_below_one(start, n):
    start = "ridge" if n == 14 and start == "spectral" else start
    plain = net(start=start).fit(X[:n], y[:n])
    for unit in (1 / 300, 1e-100):
        found = net(start=start).fit(X[:n], y[:n], sample_weight=np.full(n, unit))
        np.testing.assert_allclose(found.predict(X), plain.predict(X), atol=1e-6)
        np.testing.assert_allclose(found.loss_curve_, plain.loss_curve_, rtol=1e-6)


def test_targets_are_fitted_each_on_its_own():
    noise = np.random.default_rng(1).standard_normal(300)
    Y = np.column_stack([y, (X[:, 0] - X[:, 1]) ** 2 + noise, np.full(300, 2.5)])
    together = net(50).fit(X, Y)
    assert together.transform(X).shape == (300, 3)
    assert together.coef_.shape == (3, 63)
    for k in range(3):
        alone = net(50).fit(X, Y[:, k])
        np.testing.assert_allclose(
            together.predict(X)[:, k], alone.predict(X), atol=1e-6
        )
        np.testing.assert_allclose(
            together.transform(X)[:, [k]], alone.transform(X), atol=1e-6
        )
        assert together.start_[k] == alone.start_
        np.testing.assert_allclose(together.loss_curve_[k], alone.loss_curve_)
        assert together.alpha_[k] == pytest.approx(alone.alpha_)


@each_start
def test_turns_change_nothing_without_scaling(start):
    """Products up to degree 2 are an orthonormal basis of a space that turns into
    itself, and so does their penalty.
    """
    Z = np.random.default_rng(1).standard_normal((300, 4))
    target = np.abs(Z[:, 0] * Z[:, 1]) + Z[:, 2]
    turn = orthonormal_rows(4, 4, np.random.default_rng(2))
    plain = net(start=start, scaling=None).fit(Z, target)
    turned = net(start=start, scaling=None).fit(Z @ turn, target)
    np.testing.assert_allclose(turned.predict(Z @ turn), plain.predict(Z), atol=1e-6)
    np.testing.assert_allclose(turned.loss_curve_, plain.loss_curve_, rtol=1e-6)


@each_start
def test_units_of_columns_and_of_y_change_nothing(start):
    plain = net(start=start).fit(X, y)
    moved = net(start=start).fit(X * [1e3, 1e-3, 1, 7] - 5, 1e6 * y - 1e7)
    found = moved.predict(X * [1e3, 1e-3, 1, 7] - 5) / 1e6 + 10
    np.testing.assert_allclose(found, plain.predict(X), atol=1e-6)
    np.testing.assert_allclose(moved.loss_curve_, plain.loss_curve_, rtol=1e-6)


@each_start
@pytest.mark.parametrize("constant", [0.0, 7.5, -1e20])
def test_a_constant_target(start, constant):
    model = net(start=start).fit(X, np.full(300, constant))
    np.testing.assert_allclose(model.predict(3 * X), constant, rtol=1e-12)
    assert model.loss_curve_ == [0]
    if start != "spectral":  # which has some direction in any case
        np.testing.assert_array_equal(model.transform(X), 0)


@each_start
def test_all_rows_equal(start):
    same = np.repeat([[1.0, -2, 3, 0]], 300, axis=0)
    model = net(start=start).fit(same, y)
    np.testing.assert_allclose(model.predict(same), y.mean())
    assert model.loss_curve_ == [pytest.approx(1, abs=0.05)]
    model = net(start=start).fit(same, np.full(300, 3.3))
    np.testing.assert_allclose(model.predict(same), 3.3)
    assert model.loss_curve_ == [0]


@pytest.mark.parametrize("n", [2, 3, 5, 9, 13, 14, 15, 16, 20])  # the units are 14
@pytest.mark.parametrize("alpha", ["auto", 1.0, 0])
def test_very_few_rows(n, alpha):
    model = net(alpha=alpha).fit(X[:n], y[:n])
    assert np.isfinite(model.predict(np.vstack([X, 10 * X]))).all()
    assert np.isfinite(model.loss_curve_).all()
    assert np.abs(model.predict(X[:n]) - y[:n]).max() < 3 * np.ptp(y[:n])


def test_fewer_rows_than_units():
    X, y, truth = make_radial(300, 40, noise=0.02, return_truth=True, random_state=0)
    model = net().fit(X, y)
    assert model.features_.units.n_units == 860
    assert nmse(model, truth) < 0.03


@each_start
@pytest.mark.parametrize("n_values", [2, 3, 6])
def test_columns_of_few_values(start, n_values):
    """New rows find equal ones in place: they are not as if those were left out."""
    for n in (200, 1000):
        rng = np.random.default_rng(n_values)
        X = rng.integers(0, n_values, (n, 1)).astype(float)
        target = np.sin(2 * X[:, 0])
        model = net(start=start).fit(X, target + 0.1 * rng.standard_normal(n))
        assert normalized_mse(target, model.predict(X)) < 0.01


def test_several_columns_of_few_values():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, (1000, 4)).astype(float)
    target = np.maximum(X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] - 0.5, 0)
    for n in (200, 1000):
        model = net().fit(X[:n], target[:n] + 0.1 * rng.standard_normal(n))
        assert normalized_mse(target, model.predict(X)) < 0.02


@each_start
def test_repeated_rows(start):
    """A refined fit to three copies is hardly worse than one to the rows."""
    X, y, truth = planted(300, 5, "relu")
    once = net(start=start).fit(X, y)
    copies = net(start=start).fit(np.tile(X, (3, 1)), np.tile(y, 3))
    assert nmse(copies, truth) < 2 * nmse(once, truth) + 0.01


def test_one_knot_is_one_bend():
    X, y, _ = planted(2000, 5, "relu", 0.0)
    model = net(n_knots=1, alpha=0).fit(X, y)
    assert model.features_.knots.shape == (1, 1)
    assert model.coef_.shape == (2,)
    h = model.transform(X)[:, 0]
    bent = np.maximum(h - model.features_.knots[0, 0], 0)
    line = Ridge(0).fit(np.column_stack([h, bent]), y)
    np.testing.assert_allclose(model.coef_, line.coef_, rtol=1e-6)
    assert model.alpha_ == 0
    assert model.score(X, y) > 0.95


def test_spectral_needs_rows():
    message = r"there are 14 samples and 14 units\. Take more samples, or start=\"auto"
    with pytest.raises(ValueError, match=message):
        net(start="spectral").fit(X[:14], y[:14])
    with pytest.raises(ValueError, match=r"20 samples and 34 units"):
        net(30, start="spectral").fit(X[:20], y[:20])
    assert net(start="spectral").fit(X[:15], y[:15]).start_ == "spectral"
    assert net().fit(X[:14], y[:14]).start_ != "spectral"


@pytest.mark.parametrize(
    ("n_hidden", "n_features", "n_units"),
    [
        (None, 50_000, "1,250,075,000"),
        (10**9, 4, "1,000,000,004"),
        (10**13, 4, "10,000,000,000,004"),
    ],
)
def test_layers_that_do_not_fit_into_memory(n_hidden, n_features, n_units):
    """Refused before anything is drawn or listed."""
    tracemalloc.start()
    with pytest.raises(MemoryError, match=rf"9 samples makes {n_units} .*Set n_hidden"):
        net(n_hidden).fit(np.zeros((9, n_features)), np.arange(9.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_single_precision():
    X, y, truth = planted(1000, 8, "relu")
    double = net().fit(X, y)
    single = net().fit(X.astype("f4"), y.astype("f4"))
    assert single.predict(X.astype("f4")).dtype == np.float32
    assert single.transform(X.astype("f4")).dtype == np.float32
    assert nmse(single, truth) < 1.2 * nmse(double, truth)


def test_many_rows_are_predicted_in_blocks():
    X, y = planted(500, 20, "relu")[:2]
    model = net().fit(X, y)
    many = np.tile(X, (80, 1))
    tracemalloc.start()
    found = model.predict(many)
    transformed = model.transform(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(found[-500:], model.predict(X), atol=1e-9)
    np.testing.assert_allclose(transformed[-500:], model.transform(X), atol=1e-9)
    assert peak < 60e6  # all products of all rows would take 74 MB


class Keeper:
    """Keeps the estimator as it stood after each subtask."""

    def __init__(self, stop_after=None):
        self.stop_after, self.fitted = stop_after, []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name == "iteration":
            self.fitted.append(fitted_estimator)
        return len(self.fitted) == self.stop_after


@pytest.mark.parametrize("start", ["gradient", "ridge", "spectral"])
def test_callbacks_see_the_start_and_every_round(start):
    keeper = Keeper()
    net(start=start, n_refinements=4).set_callbacks(keeper).fit(X, y)
    assert 1 < len(keeper.fitted) <= 5
    for k, seen in enumerate(keeper.fitted):
        short = net(start=start, n_refinements=k).fit(X, y)
        if len(short.loss_curve_) == k + 1:  # the last round was the best
            np.testing.assert_allclose(seen.predict(X), short.predict(X), atol=1e-9)
        assert seen.score(X, y) > 0.3


@pytest.mark.parametrize("stop_after", [1, 2, 5, 10])
def test_a_callback_may_end_the_fit(stop_after):
    keeper = Keeper(stop_after)
    model = net().set_callbacks(keeper).fit(X, y)
    assert len(keeper.fitted) == stop_after
    assert model.score(X, y) > 0.4
    assert len(model.loss_curve_) <= stop_after
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_callback_may_end_the_fit_of_several_targets():
    """Those that come later have a start, and no more."""
    keeper = Keeper(stop_after=2)
    model = net().set_callbacks(keeper).fit(X, np.column_stack([y, -(y**2), X[:, 0]]))
    assert len(keeper.fitted) == 4
    assert [len(losses) for losses in model.loss_curve_][1:] == [1, 1]
    assert model.start_[1:] == ["gradient", "linear"]  # as X[:, 0] is
    assert (model.transform(X).std(axis=0) > 0.5).all()


def test_callbacks_change_nothing():
    watched = net().set_callbacks(Keeper()).fit(X, y)
    np.testing.assert_array_equal(watched.coef_, net().fit(X, y).coef_)


def test_scoring_monitor():
    monitor = ScoringMonitor(scoring="r2")
    model = net(start="ridge").set_callbacks(monitor).fit(X, y)
    logs = monitor.get_logs().data
    scores = [row["r2"] for row in logs if row["task_name"] == "iteration"]
    (final,) = [row["r2"] for row in logs if row["task_name"] == "fit"]
    assert len(scores) >= len(model.loss_curve_) > 1
    assert scores[len(model.loss_curve_) - 1] == final == model.score(X, y)
    assert scores[0] < final


@pytest.mark.parametrize(
    ("dtype", "size", "n_hidden"),
    [("f8", 1e160, None), ("f4", 1e25, None), ("f8", 1e200, 20)],
)
def test_new_rows_that_overflow_are_refused(dtype, size, n_hidden):
    X = np.random.default_rng(0).standard_normal((100, 3)).astype(dtype)
    model = ThreeLayerFeatureRegressor(n_hidden, scaling=None, random_state=0)
    model.fit(X, X[:, 0] * X[:, 1])
    wild = X[:4].copy()
    wild[2] = size
    for method in (model.predict, model.transform):
        with pytest.raises(
            ValueError, match=r"units of 1 sample\(s\) overflow in float"
        ):
            method(wild)
