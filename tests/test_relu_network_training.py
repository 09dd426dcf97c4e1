"""Training that goes on, stops in time, explodes, or is watched; degenerate data."""

import inspect
import re
import warnings
from copy import copy

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV

from sklearn_depth import ReLUNetworkClassifier, ReLUNetworkRegressor
from sklearn_depth._solvers import _sgd

rng = np.random.default_rng(0)
X, X_val = rng.standard_normal((2, 90, 3))
noise, noise_val = 0.5 * rng.standard_normal((2, 90))
height = X[:, 0] + X[:, 1] ** 2 + noise
height_val = X_val[:, 0] + X_val[:, 1] ** 2 + noise_val
weight = rng.uniform(0.2, 3, 90)
# Three in ten rows are of the rarer class.
LABELS = np.array(["down", "up"])
TARGETS = {
    ReLUNetworkRegressor: (height, height_val),
    ReLUNetworkClassifier: (
        LABELS[1 * (height > np.quantile(height, 0.7))],
        LABELS[1 * (height_val > np.quantile(height, 0.7))],
    ),
}
each_estimator = pytest.mark.parametrize("make", TARGETS)
each_batch = pytest.mark.parametrize("batch_size", [16, 1000])
STEADY = {"learning_rate": 0.02, "schedule": "constant", "random_state": 0}


def net(make, hidden=(12,), **parameters):
    return make(hidden, **STEADY | parameters)


def fit(model, **given):
    return model.fit(X, TARGETS[type(model)][0], **given)


def fit_aside(model, **given):
    y_val = TARGETS[type(model)][1]
    return fit(model, X_val=X_val, y_val=y_val, **given)


def assert_same(model, other):
    for name in ("coefs_", "intercepts_"):
        for found, expected in zip(vars(model)[name], vars(other)[name], strict=True):
            np.testing.assert_array_equal(found, expected)


def loss(model, X, y, sample_weight=None):
    """The loss that was trained on, from predictions alone."""
    if is_classifier(model):
        z = model.decision_function(X)
        losses = np.logaddexp(0, np.where(y == "up", -z, z))
    else:
        trained = copy(model)
        trained.shrinkage_ = np.ones(1)  # which comes after the training
        losses = ((trained.predict(X) - y) / model.target_scale_) ** 2
    return np.average(losses, weights=sample_weight)


# Training that goes on


@each_estimator
@each_batch
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_warm_start_goes_on_bit_for_bit(make, batch_size, dtype):
    data, y = X.astype(dtype), TARGETS[make][0]
    options = {"batch_size": batch_size, "warm_start": True}
    whole = net(make, max_epochs=6, **options).fit(data, y)
    parts = net(make, max_epochs=3, **options).fit(data, y).fit(data, y)
    assert_same(parts, whole)
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.n_iter_ == len(parts.loss_curve_) == 6
    assert clone(parts).fit(data, y).n_iter_ == 3


@each_estimator
@each_batch
def test_partial_fits_are_epochs(make, batch_size):
    whole = fit(net(make, max_epochs=6, batch_size=batch_size))
    stream = net(make, batch_size=batch_size)
    for _ in range(6):
        stream.partial_fit(X, TARGETS[make][0])
    assert_same(stream, whole)
    assert stream.loss_curve_ == whole.loss_curve_
    assert (stream.n_iter_, stream.stop_reason_) == (6, "max_epochs")


@each_estimator
def test_without_warm_start_a_fit_begins_anew(make):
    once = fit(net(make, max_epochs=3))
    assert_same(fit(fit(net(make, max_epochs=3))), once)
    stream = net(make, max_epochs=3).partial_fit(X, TARGETS[make][0])
    assert_same(fit(stream), once)


def test_a_stream_of_single_rows():
    """One step a row, the steps by hand; a first row alone measures no scale."""
    options = {"momentum": 0, "weight_decay": 0, "scaling": None}
    model = net(ReLUNetworkRegressor, (), **options)
    model.partial_fit(X[:1], height[:1])
    for k in range(1, 90):
        w, b = model.coefs_[0][:, 0], model.intercepts_[0][0]
        error = X[k] @ w + b - height[k]
        model.partial_fit(X[k : k + 1], height[k : k + 1])
        np.testing.assert_allclose(model.coefs_[0][:, 0], w - 0.04 * error * X[k])
        assert model.intercepts_[0][0] == pytest.approx(b - 0.04 * error)
        assert model.loss_curve_[-1] == pytest.approx(error**2)
    assert model.n_iter_ == 90


def test_a_small_loss_of_one_row_is_no_measure_of_explosions():
    """Momentum moves the weights on; one row fitted by chance is soon fitted worse."""
    model = net(ReLUNetworkRegressor, (20,), learning_rate=0.003, batch_size=1)
    model.partial_fit(X, height)
    first = model.predict(X)
    for k in range(90):
        model.partial_fit(X[k : k + 1], first[k : k + 1])
        assert model.stop_reason_ == "max_epochs"


def test_labels_of_a_stream():
    y = TARGETS[ReLUNetworkClassifier][0]
    up = np.flatnonzero(y == "up")[:5]
    model = net(ReLUNetworkClassifier).partial_fit(X[up], y[up], classes=["up", "down"])
    assert model.classes_.tolist() == ["down", "up"]
    model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"labels \['left'\] that are not in classes_"):
        model.partial_fit(X[:1], ["left"])
    with pytest.raises(ValueError, match="1 class only, 'up'"):
        net(ReLUNetworkClassifier).partial_fit(X[up], y[up])


@each_estimator
def test_a_new_learning_rate_counts_when_training_goes_on(make):
    model = fit(net(make, max_epochs=3, warm_start=True))
    before = fit(net(make, max_epochs=3))
    fit(model.set_params(learning_rate=1e-30))
    assert model.learning_rate_ == 1e-30
    for found, expected in zip(model.coefs_, before.coefs_, strict=True):
        np.testing.assert_array_equal(found, expected)


@each_estimator
def test_another_network_is_no_warm_start(make):
    model = fit(net(make, max_epochs=2, warm_start=True))
    with pytest.raises(ValueError, match=r"layers of sizes \[12, 1\].* ask for \[5, 1"):
        fit(model.set_params(hidden_layer_sizes=5))
    with pytest.raises(ValueError, match=r"X has 2 features, but .* expecting 3"):
        model.set_params(hidden_layer_sizes=12).partial_fit(X[:, :2], TARGETS[make][0])
    if make is ReLUNetworkRegressor:
        for targets in (height[:, None], np.c_[height, height]):
            with pytest.raises(ValueError, match=r"y has.*continues with 1 targ"):
                model.fit(X, targets)


# Orders of the rows


@pytest.fixture
def orders(monkeypatch):
    """The orders of the rows, epoch by epoch."""
    seen = []

    class Watched(_sgd.Batches):
        def __init__(self, dataset, batch_size, order):
            def told():
                seen.append(order())
                return seen[-1]

            super().__init__(dataset, batch_size, told)

    monkeypatch.setattr(_sgd, "Batches", Watched)
    return seen


@each_estimator
def test_orders_follow_the_seed(make, orders):
    fit(net(make, max_epochs=4, batch_size=16))
    assert len(orders) == 4
    assert len({tuple(order) for order in orders}) == 4
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(90))
    fit(net(make, max_epochs=4, batch_size=16))
    np.testing.assert_array_equal(orders[:4], orders[4:])
    fit(net(make, max_epochs=4, batch_size=16, random_state=1))
    assert (orders[0] != orders[8]).any()


def test_full_batches_have_no_order(orders):
    fit(net(ReLUNetworkRegressor, max_epochs=3, batch_size=90))
    assert not orders


# Rows held out


@each_estimator
@each_batch
def test_the_kept_weights_have_the_least_validation_loss(make, batch_size):
    options = {"batch_size": batch_size, "n_iter_no_change": 8, "max_epochs": 500}
    options |= {"weight_decay": 0, "learning_rate": 0.05}
    model = fit_aside(net(make, (40,), **options))
    assert model.stop_reason_ == "validation"
    curve, best = model.validation_loss_curve_, np.argmin(model.validation_loss_curve_)
    assert model.n_iter_ == len(curve) == len(model.loss_curve_) == best + 1 + 8
    assert loss(model, X_val, TARGETS[make][1]) == pytest.approx(curve[best], rel=1e-5)
    short = fit(net(make, (40,), **options | {"max_epochs": best + 1}))
    assert_same(model, short)
    assert model.loss_curve_[: best + 1] == short.loss_curve_
    assert not hasattr(short, "validation_loss_curve_")


@each_estimator
def test_validation_weights(make):
    model = fit_aside(net(make, max_epochs=30), sample_weight_val=weight)
    by_hand = loss(model, X_val, TARGETS[make][1], weight)
    assert by_hand == pytest.approx(min(model.validation_loss_curve_), rel=1e-5)


class Keeper:
    """Keeps the networks of a fit; ends it when told."""

    def __init__(self, stop_after=None):
        self.stop_after, self.fitted, self.calls = stop_after, [], []

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name, context.task_id))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name, context.task_id))

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        self.calls.append(("end", context.task_name, context.task_id))
        self.fitted.append(fitted_estimator)
        return len(self.fitted) == self.stop_after


@each_estimator
def test_rows_are_held_out_by_the_seed(make, monkeypatch):
    """The fit is that on the rest with these rows as X_val."""
    y, train_sgd, trained_on = TARGETS[make][0], _sgd.train_sgd, []
    options = {"scaling": None, "max_epochs": 6, "batch_size": 16}

    def watched(network, velocity, samples, *others):
        trained_on.append(samples)
        return train_sgd(network, velocity, samples, *others)

    monkeypatch.setattr(_sgd, "train_sgd", watched)

    def held_out(**parameters):
        stopping = options | {"early_stopping": True, "validation_fraction": 0.2}
        model = net(make, **stopping | parameters).fit(X, y, sample_weight=weight)
        first = X[:, 0].astype("f4")
        kept = [int(np.flatnonzero(first == x)[0]) for x in trained_on[-1].X[:, 0]]
        np.testing.assert_allclose(
            trained_on[-1].weight, weight[kept] / weight.mean(), rtol=1e-12
        )
        return model, kept

    model, kept = held_out()
    held = np.setdiff1d(np.arange(90), kept)
    assert len(set(kept)) == 72
    if is_classifier(model):
        assert (y[held] == "up").sum() == pytest.approx((y == "up").mean() * 18, abs=1)
    by_hand = net(make, **options).fit(
        X[kept],
        y[kept],
        weight[kept],
        X_val=X[held],
        y_val=y[held],
        sample_weight_val=weight[held],
    )
    assert_same(model, by_hand)
    assert model.loss_curve_ == by_hand.loss_curve_
    expected = by_hand.validation_loss_curve_
    assert model.validation_loss_curve_ == pytest.approx(expected, rel=1e-5)
    assert held_out()[1] == kept
    assert held_out(random_state=1)[1] != kept


@each_estimator
def test_given_rows_come_before_a_share_held_out(make):
    options = {"max_epochs": 10}
    given = fit_aside(net(make, early_stopping=True, **options))
    assert_same(given, fit_aside(net(make, **options)))


# Explosions


def test_an_explosion_on_a_parabola_by_hand():
    """The loss of plain descent at every step, and the weights before it was too much.

    Along an eigenvector of the second moments m_k weights grow by |1 - 2 eta m_k|.
    """
    options = {"scaling": None, "momentum": 0, "weight_decay": 0, "batch_size": 90}
    inputs = np.column_stack([X, np.ones(90)])
    rate = 1.5 / np.linalg.eigvalsh(inputs.T @ inputs / 90)[-1]
    start = fit(net(ReLUNetworkRegressor, (), learning_rate=1e-30, max_epochs=1))
    w = np.r_[start.coefs_[0][:, 0], start.intercepts_[0]]
    path, losses = [], []
    while not losses or losses[-1] <= 1000 * max(losses[0], np.mean(height**2)):
        path.append(w)
        losses.append(np.mean((inputs @ w - height) ** 2))
        w = w - rate * 2 / 90 * inputs.T @ (inputs @ w - height)
    n_epochs = len(losses) - 2  # after which the loss was still in bounds
    model = net(ReLUNetworkRegressor, (), learning_rate=rate, **options)
    with pytest.warns(ConvergenceWarning, match=f"in epoch {n_epochs + 1} of") as seen:
        fit(model)
    assert seen[0].filename == inspect.getsourcefile(fit)
    assert model.stop_reason_ == "exploded"
    np.testing.assert_allclose(model.coefs_[0][:, 0], path[n_epochs][:3])
    np.testing.assert_allclose(model.intercepts_[0], path[n_epochs][3:])
    np.testing.assert_allclose(model.loss_curve_, losses[:n_epochs])
    assert model.n_iter_ == len(model.loss_curve_)


@each_estimator
@each_batch
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("rate", [1e5, 1e30, 1e38])
@pytest.mark.parametrize("aside", [False, True])
def test_finite_weights_are_kept(make, batch_size, dtype, rate, aside):
    """Also with rows held out, whose loss is then no number."""
    model = net(make, (12, 12), learning_rate=rate, batch_size=batch_size)
    y, y_val = TARGETS[make]
    given = {"X_val": X_val.astype(dtype), "y_val": y_val} if aside else {}
    with pytest.warns(ConvergenceWarning, match="exploded in epoch 1 of this call"):
        model.set_params(max_epochs=3).fit(X.astype(dtype), y, **given)
    start = net(make, (12, 12), learning_rate=1e-30, max_epochs=1)
    start.fit(X.astype(dtype), y)
    for found, expected in zip(model.coefs_, start.coefs_, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert max(abs(intercept).max() for intercept in model.intercepts_) < 1e-20
    assert np.isfinite(loss(model, X, y))


@each_estimator
def test_warnings_point_at_the_line_of_the_user(make):
    model = net(make, learning_rate=1e10)
    for method in (model.fit, model.partial_fit):
        with pytest.warns(ConvergenceWarning, match="exploded") as seen:
            method(X, TARGETS[make][0])
        assert seen[0].filename == __file__
        source = inspect.getsourcelines(inspect.currentframe())[0]
        first = inspect.currentframe().f_code.co_firstlineno
        assert "method(X" in source[seen[0].lineno - first]


def test_what_a_warning_advises():
    model = net(ReLUNetworkRegressor, (20,), learning_rate=0.3, scaling=None)
    advice = r'rate \(now 0.3\), or use "auto"\.'
    with pytest.warns(ConvergenceWarning, match=advice):
        model.set_params(batch_size=16).fit(X, 1e10 * height)


@pytest.mark.parametrize("sizes", [(), (3,), (4, 3), (20,)])
@pytest.mark.parametrize("scale", [1.0, 1e3, 1e10])
def test_the_automatic_rate_halves_where_it_has_to(sizes, scale):
    """Whatever the units of y are, and also for nets of few units."""
    for seed in range(3):
        model = net(ReLUNetworkRegressor, sizes, learning_rate="auto", scaling=None)
        model.set_params(batch_size=16, max_epochs=20, random_state=seed)
        model.fit(X, scale * height)
        assert model.stop_reason_ == "max_epochs"
        curve = np.array(model.loss_curve_)
        assert (curve <= 6 * max(curve[0], scale**2 * np.mean(height**2))).all()


def test_streams_of_few_rows_stay_finite():
    rng = np.random.default_rng(0)
    for size in (1, 4, 16):
        model = ReLUNetworkRegressor((20,), random_state=0)
        for _ in range(150):
            Z = rng.standard_normal((size, 5))
            model.partial_fit(Z, np.abs(Z[:, 0]) + 0.1 * rng.standard_normal(size))
        assert np.isfinite(model.loss_curve_).all()
        Z = rng.standard_normal((500, 5))
        assert np.abs(model.predict(Z)).max() < 100


def test_a_failed_fit_leaves_no_network():
    model = ReLUNetworkRegressor((5,), device="cuda")
    with pytest.raises(ValueError, match="no such device"):
        model.fit(X, height)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_constants_are_predicted_as_they_are():
    model = ReLUNetworkRegressor((5,), random_state=0).fit(X, np.full(len(X), 0.1))
    np.testing.assert_allclose(model.predict(X), 0.1, rtol=1e-12)
    model.partial_fit(X, np.full(len(X), 0.1))
    with pytest.raises(ValueError, match="y was constant when the network was fit"):
        model.partial_fit(X, height)
    going = ReLUNetworkRegressor(
        (20,), warm_start=True, weight_decay=0, max_epochs=50, random_state=0
    )
    going.fit(X, np.full(len(X), 0.1)).fit(X, height)
    assert going.score(X, height) > 0.1


def test_targets_that_vary_by_rounding_are_constant():
    shares = np.random.default_rng(0).dirichlet(np.ones(5), 90).sum(axis=1)
    assert 0 < np.ptp(shares) < 1e-15
    for factor in (1.0, 1e-12, 1e90):
        both = np.column_stack([factor * shares, height])
        model = ReLUNetworkRegressor((5,), max_epochs=3, random_state=0).fit(X, both)
        predicted = model.predict(10 * X)
        np.testing.assert_allclose(predicted[:, 0], factor, rtol=1e-14)
        assert np.ptp(predicted[:, 1]) > 0.1


def test_networks_that_are_mapped_into_memory_train_on(tmp_path):
    joblib.dump(net(ReLUNetworkRegressor, max_epochs=2).fit(X, height), tmp_path / "n")
    mapped = joblib.load(tmp_path / "n", mmap_mode="r")
    assert not mapped.coefs_[0].flags.writeable
    found = mapped.partial_fit(X, height)
    expected = net(ReLUNetworkRegressor, max_epochs=2).fit(X, height)
    assert_same(found, expected.partial_fit(X, height))


def test_later_classes_must_be_those_of_the_first_call():
    model = ReLUNetworkClassifier((5,), random_state=0)
    model.partial_fit(X, height > 1, classes=[False, True])
    model.partial_fit(X, height > 1, classes=[True, False])
    with pytest.raises(ValueError, match=r"classes=\[0, 1, 2\], but the first call"):
        model.partial_fit(X, height > 1, classes=[0, 1, 2])


@each_estimator
def test_a_changed_scaling_is_refused(make):
    y = TARGETS[make][0]
    model = net(make, warm_start=True, max_epochs=2).fit(X, y)
    model.set_params(scaling=None if model.scaling else "standardize")
    for train in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match="continues with another scaling than"):
            train(X, y)


def test_too_few_rows_to_set_aside():
    model = ReLUNetworkClassifier((5,), early_stopping=True, random_state=0)
    message = r"cannot hold out any of 4 samples: .* validation_fraction \(now 0.1\)"
    with pytest.raises(ValueError, match=message):
        model.fit(X[:4], [0, 1, 0, 1])


def test_validation_targets_beyond_float32():
    model = ReLUNetworkRegressor((5,), random_state=0)
    with pytest.raises(ValueError, match=r"entry of the scaled y_val is"):
        model.fit(X, height, X_val=X, y_val=1e60 * height)


@each_estimator
def test_an_explosion_can_be_mended(make):
    model = net(make, learning_rate=1e10, warm_start=True, max_epochs=20)
    with pytest.warns(ConvergenceWarning, match="exploded"):
        fit(model)
    before = loss(model, X, TARGETS[make][0])
    fit(model.set_params(learning_rate=0.02))
    assert model.stop_reason_ == "max_epochs"
    assert loss(model, X, TARGETS[make][0]) < 0.9 * before


STRANGE_WEIGHTS = {
    "one heavy row": np.where(np.arange(90) == 80, 1e6, 1.0),
    "over twelve decades": 10 ** np.random.default_rng(1).uniform(-6, 6, 90),
    "skewed": np.random.default_rng(1).exponential(size=90) ** 3,
    "light rows first": np.where(np.arange(90) < 64, 1e-6, 1.0),
}


@each_estimator
@pytest.mark.parametrize("case", STRANGE_WEIGHTS)
def test_the_automatic_rate_stands_uneven_weights(make, case):
    weight, y = STRANGE_WEIGHTS[case], TARGETS[make][0]
    options = {"batch_size": 16, "max_epochs": 30, "learning_rate": "auto"}
    model = fit(net(make, (64,), **options), sample_weight=weight)
    assert model.stop_reason_ == "max_epochs"
    start = net(make, (64,), batch_size=16, max_epochs=1, learning_rate=1e-30)
    first = loss(fit(start, sample_weight=weight), X, y, weight)
    assert loss(model, X, y, weight) < 0.97 * first


@each_estimator
@pytest.mark.parametrize("weight_decay", [10, 1e4])
def test_the_automatic_rate_stands_strong_penalties(make, weight_decay):
    """Nothing but the intercept is left."""
    options = {"weight_decay": weight_decay, "max_epochs": 60, "momentum": 0.5}
    model = fit(net(make, learning_rate="auto", **options))
    assert model.stop_reason_ == "max_epochs"
    assert max(abs(coef).max() for coef in model.coefs_) < 0.05


def test_an_outlier_does_not_end_a_warm_start():
    """Most rows are fitted far better than the one that makes the loss."""
    y = X[:, 0].copy()
    y[70] = 1e5
    model = net(ReLUNetworkRegressor, learning_rate="auto", warm_start=True)
    model.set_params(batch_size=16, max_epochs=20).fit(X, y).fit(X, y)
    assert model.stop_reason_ == "max_epochs"
    assert model.n_iter_ == 40


# Callbacks


@each_estimator
@each_batch
def test_one_subtask_an_epoch(make, batch_size):
    keeper, options = Keeper(), {"max_epochs": 5, "batch_size": batch_size}
    model = fit(net(make, **options).set_callbacks(keeper))
    epochs = [(event, "iteration", k) for k in range(5) for event in ("begin", "end")]
    assert keeper.calls == [
        ("setup", "fit", 0),
        ("begin", "fit", 0),
        *epochs,
        ("end", "fit", 0),
        ("teardown", "fit", 0),
    ]
    assert_same(model, fit(net(make, **options)))
    for k, watched in enumerate(keeper.fitted[:5]):
        short = fit(net(make, **options | {"max_epochs": k + 1}))
        assert_same(watched, short)
        np.testing.assert_array_equal(watched.predict(X), short.predict(X))


@each_estimator
def test_a_callback_ends_the_training(make):
    keeper = Keeper(stop_after=3)
    model = fit(net(make, max_epochs=9).set_callbacks(keeper))
    assert (model.n_iter_, model.stop_reason_) == (3, "callback")
    assert_same(model, fit(net(make, max_epochs=3)))
    assert keeper.calls[-1] == ("teardown", "fit", 0)


def test_scores_by_epoch():
    monitor = ScoringMonitor(scoring="r2")
    model = fit(net(ReLUNetworkRegressor, max_epochs=8).set_callbacks(monitor))
    rows = monitor.get_logs().data
    curve = [row["r2"] for row in rows if row["task_name"] == "iteration"]
    assert len(curve) == 8
    assert curve[-1] == model.score(X, height)
    assert curve[0] < curve[-1]


@each_estimator
def test_progress_bars_and_silence(make, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    fit(net(make, max_epochs=3))
    assert capsys.readouterr() == ("", "")
    fit(net(make, max_epochs=3).set_callbacks(ProgressBar()))
    assert re.search(rf"{make.__name__} - fit .*100%", capsys.readouterr().out)


def test_callbacks_are_torn_down_after_errors(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    keeper = Keeper()
    model = net(ReLUNetworkRegressor, device="cuda").set_callbacks(keeper)
    with pytest.raises(ValueError, match='device="cuda", but torch finds no such dev'):
        fit(model)
    assert keeper.calls[-1] == ("teardown", "fit", 0)


@each_estimator
def test_the_automatic_device_is_the_processor_without_another(make, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert_same(fit(net(make, device="auto")), fit(net(make)))


# Tables at the edge


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_over_depths(n_jobs):
    grid = {"hidden_layer_sizes": [(), (20,), (20, 20)]}
    model = net(ReLUNetworkRegressor, max_epochs=60, random_state=0)
    search = GridSearchCV(model, grid, cv=2)
    with joblib.parallel_config(backend="threading", n_jobs=n_jobs):
        search.fit(X, height)
    assert search.best_params_["hidden_layer_sizes"] != ()
    assert_same(
        search.best_estimator_, fit(clone(model).set_params(**search.best_params_))
    )


EXTREME_X = {
    "zeros": 0 * X,
    "equal rows": np.tile(X[0], (90, 1)),
    "a constant column": X * [1, 0, 1] + [0, 7, 0],
    "offset 1e8": X + 1e8,
    "1e-90": 1e-90 * X,
    "1e90": 1e90 * X,
    "columns of unlike scale": X * [1e-50, 1, 1e50],
    "a row at 1e6": X * np.where(np.arange(90) == 3, 1e6, 1)[:, None],
    "a row at 1e90": X * np.where(np.arange(90) == 3, 1e90, 1)[:, None],
    "heavy tails": np.random.default_rng(1).standard_cauchy((90, 3)) ** 3,
    "one column": X[:, :1],
    "two rows": X[[0, 7]],
}
EXTREME_Y = {
    "zeros": 0 * height,
    "constant": 0 * height + 7,
    "1e-90": 1e-90 * height,
    "1e90": 1e90 * height,
    "offset 1e8": height + 1e8,
    "offset beyond precision": height + 1e17,
    "one at 1e6": np.where(np.arange(90) == 3, 1e6, height),
    "heavy tails": np.random.default_rng(1).standard_cauchy(90) ** 3,
}


@each_estimator
@each_batch
@pytest.mark.parametrize("case", EXTREME_X)
def test_extreme_inputs(make, batch_size, case):
    Z = EXTREME_X[case]
    y = TARGETS[make][0][[0, 7]] if len(Z) == 2 else TARGETS[make][0]
    y = np.array(["down", "up"]) if len(Z) == 2 and make is ReLUNetworkClassifier else y
    model = net(make, (40,), learning_rate="auto", batch_size=batch_size, max_epochs=10)
    model.fit(Z, y)
    assert model.stop_reason_ == "max_epochs"
    for data in (Z, 1e50 + Z, -1e90 + 0 * Z):
        found = (
            model.predict_proba(data) if is_classifier(model) else model.predict(data)
        )
        assert np.isfinite(found).all()


@each_batch
@pytest.mark.parametrize("case", EXTREME_Y)
def test_extreme_targets(batch_size, case):
    y = EXTREME_Y[case]
    options = {"learning_rate": "auto", "batch_size": batch_size, "max_epochs": 10}
    model = net(ReLUNetworkRegressor, (40,), **options).fit(X, y)
    found = model.predict(X)
    assert model.stop_reason_ == "max_epochs"
    assert abs(found - y.mean()).max() < 30 * max(y.std(), np.spacing(abs(y.mean())))
    if np.ptp(y) == 0:
        np.testing.assert_array_equal(found, y)


@pytest.mark.parametrize("factor", [1e-60, 1e-40, 1e40, 1e90])
def test_numbers_beyond_single_precision_need_scaling(factor):
    model = net(ReLUNetworkRegressor, scaling=None)
    with pytest.raises(ValueError, match=r"largest entry of X is .* in float32"):
        model.fit(factor * X, height)
    with pytest.raises(ValueError, match=r"largest entry of y is .* in float32"):
        model.fit(X, factor * height)
    with pytest.raises(ValueError, match=r"largest entry of y is .* in float32"):
        model.partial_fit(X, factor * height)
    fit(net(ReLUNetworkRegressor, max_epochs=2))


def test_overflow_at_the_first_weights():
    with pytest.raises(ValueError, match=r"loss is inf at the weights .*standardize"):
        net(ReLUNetworkRegressor, scaling=None).fit(1e30 * X, height)


def test_wild_entries_are_clipped_for_training_and_predictions():
    wild = X.copy()
    wild[3, 0] = 1e9
    model = net(ReLUNetworkRegressor, max_epochs=10).fit(wild, height)
    assert model.scale_[0] < 2
    ends = model.mean_ + 5 * model.scale_
    capped = np.array([[np.inf, 0, 0]]).clip(max=ends)
    found = model.predict([[1e9, 0, 0], [1e30, 0, 0]])
    np.testing.assert_allclose(found, np.repeat(model.predict(capped), 2))


@each_estimator
def test_as_few_rows_as_can_be(make):
    y = np.array(["down", "up"]) if make is ReLUNetworkClassifier else height[:2]
    options = {"weight_decay": 0, "learning_rate": "auto", "max_epochs": 200}
    model = net(make, (40,), **options).fit(X[:2], y)
    assert loss(model, X[:2], y) < 0.01
    if make is ReLUNetworkRegressor:
        one = net(make, (40,), early_stopping=True, max_epochs=5).fit(X[:2], y)
        assert len(one.validation_loss_curve_) == 5


def test_held_out_rows_that_are_too_few():
    y = np.where(np.arange(90) == 0, "a", "b")
    model = net(ReLUNetworkClassifier, early_stopping=True)
    with pytest.raises(ValueError, match="least populated class"):
        model.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.set_params(early_stopping=False, max_epochs=2).fit(X, y)
