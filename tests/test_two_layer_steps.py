"""What the steps of a two-layer fit tell: losses, callbacks, and that all is noise."""

import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.callback import ProgressBar
from sklearn.linear_model import Ridge

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index, make_spiked_single_index
from sklearn_depth.metrics import subspace_alignment_score

X, y, truth = make_single_index(
    600, 8, link="he3", noise=0.2, return_truth=True, random_state=0
)
# The random layer, 4 heads on the way, one of full rank, 5 at each of ranks 3 and 1;
# smooth ones at ranks 1 and 2, which errs more; and one of sparse units, which do not
# come near.
N_STEPS = 19
DENSE = ("linear", "random", "dense")


class AlignmentMonitor:
    """Notes how well the directions of each step agree with those planted."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.alignments, self.fitted = [], []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        score = subspace_alignment_score(truth.directions, fitted_estimator.subspace_)
        self.alignments.append(score)
        self.fitted.append(fitted_estimator)
        return len(self.alignments) == self.stop_after


def net(callback=None, **parameters):
    model = TwoLayerGDRegressor(60, random_state=0, **parameters)
    return model if callback is None else model.set_callbacks(callback)


def test_losses_fall_towards_the_error_of_the_fit():
    model = net().fit(X, y)
    assert len(model.loss_curve_) == N_STEPS
    fresh = truth.sample(5000, random_state=1)
    error = 1 - model.score(*fresh)
    assert min(model.loss_curve_) == pytest.approx(error, rel=0.3)
    assert model.loss_curve_[0] > 2 * error
    assert model.loss_curve_[-1] > 3 * error


def test_losses_of_noise_do_not_promise_anything():
    """With so few rows a column, heads on layers that saw the labels score 0.7.

    The charge for the search makes up for that.
    """
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((200, 50)), rng.standard_normal(200)
    with pytest.warns(UserWarning, match="No direction"):
        losses = net().fit(X, y).loss_curve_
    assert min(losses) > 0.9


def test_losses_are_in_units_of_the_variance():
    losses = net().fit(X, y).loss_curve_
    np.testing.assert_array_equal(net().fit(X, 1024 * y).loss_curve_, losses)
    moved = net().fit(X, 1e3 * y - 7).loss_curve_
    # Priors of smooth units are those of the largest evidence up to a tolerance.
    np.testing.assert_allclose(moved, losses, rtol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "n_steps"),
    [
        ({"n_feature_steps": 0}, 0),
        ({"n_feature_steps": 1}, 0),
        ({"n_feature_steps": 3}, 10),
        ({"n_directions": None}, 5),
        ({"n_directions": 2}, 16),
        ({"layers": ("linear", "random")}, 1),
        ({"layers": ("linear",)}, 0),
    ],
)
def test_every_head_on_the_way_has_a_loss(parameters, n_steps):
    model = net(**{"layers": DENSE} | parameters)
    assert len(model.fit(X, y).loss_curve_) == n_steps


def test_a_monitor_sees_the_directions_of_every_step():
    monitor = AlignmentMonitor()
    model = net(monitor).fit(X, y)
    assert len(monitor.alignments) == N_STEPS + 1  # the last is the fit's own
    assert monitor.alignments[-1] > 0.99 > monitor.alignments[0]
    last = monitor.fitted[-1]
    np.testing.assert_array_equal(last.predict(X), model.predict(X))


def test_monitors_change_nothing():
    watched, alone = net(AlignmentMonitor()).fit(X, y), net().fit(X, y)
    np.testing.assert_array_equal(watched.predict(X), alone.predict(X))
    assert watched.loss_curve_ == alone.loss_curve_


def test_steps_that_were_seen_do_not_change_afterwards():
    monitor = AlignmentMonitor()
    net(monitor).fit(X, y)
    first = [pickle.loads(pickle.dumps(model)) for model in monitor.fitted[:3]]
    net().fit(X[::-1], y[::-1])
    for kept, now in zip(first, monitor.fitted, strict=False):
        np.testing.assert_array_equal(kept.predict(X), now.predict(X))
    widths = [len(step.features_.hidden_coef_) for step in monitor.fitted]
    assert min(widths[:6]) >= 60  # random units may be mixed in
    assert widths[-5] == 20  # a third in each round of the narrowing


@pytest.mark.parametrize("stop_after", [1, 5, 8])
def test_a_callback_may_end_the_fit(stop_after):
    """What remains is the layer of that step, with its head."""
    monitor = AlignmentMonitor(stop_after)
    model = net(monitor).fit(X, y)
    assert len(model.loss_curve_) == stop_after
    np.testing.assert_array_equal(
        model.predict(X), monitor.fitted[stop_after - 1].predict(X)
    )
    expected = model.features_.transform(X) @ model.coef_ + model.intercept_
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10)
    if stop_after == 1:  # the random layer, and not that layer twice
        assert len(model.features_.hidden_coef_) == 60


class TaskNames:
    """Notes which tasks there were."""

    def __init__(self):
        self.names = []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        self.names.append(context.task_name)


def test_steps_have_names():
    tasks = TaskNames()
    net(tasks, n_feature_steps=2).fit(X, np.abs(X[:, 0]) + y)
    names = dict.fromkeys(tasks.names)
    dense = ["gradient step", "rank 3", "rank 1"]
    assert list(names) == [
        "random layer",
        *dense,
        "smooth layer",
        "sparse layer",
        "fit",
    ]
    assert [tasks.names.count(name) for name in dense] == [2, 2, 2]


def test_a_layer_that_is_trained_on_says_so():
    tasks = TaskNames()
    net(tasks, n_feature_steps=2, layers=DENSE, refine=True).fit(X, y)
    assert tasks.names[-2:] == ["both layers", "fit"]


def test_progress_bar(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    net(ProgressBar()).fit(X, y)
    assert re.search(r"TwoLayerGDRegressor - fit .*100%", capsys.readouterr().out)


def index_data(link, n_samples, n_features, noise, seed):
    return make_single_index(
        n_samples,
        n_features,
        link=link,
        noise=noise,
        return_truth=True,
        random_state=seed,
    )


@pytest.mark.parametrize(("noise", "seed"), [(0.0, 0), (0.2, 1)])
def test_a_target_that_no_label_shows_is_left_alone(noise, seed):
    """cos(4 z): Hermite coefficients below degree 8 of at most 0.02 of its size."""
    X, y, truth = index_data(lambda z: np.cos(4 * z), 2000, 30, noise, seed)
    model = TwoLayerGDRegressor(200, random_state=seed)
    with pytest.warns(UserWarning, match="No direction of the 30 features stands"):
        model.fit(X, y)
    fresh, _ = truth.sample(3000, random_state=9)
    assert np.ptp(model.predict(fresh)) < 0.8 * np.ptp(y)
    assert np.mean((model.predict(fresh) - y.mean()) ** 2) < 0.02 * y.var()


@pytest.mark.parametrize("n_samples", [1000, 2000])
def test_an_oscillation_is_found_from_another_start(n_samples):
    """sin(3 z), of which no transform of the labels shows enough."""
    X, y, truth = index_data(lambda z: np.sin(3 * z), n_samples, 20, 0.15, 0)
    model = TwoLayerGDRegressor(200, random_state=0)
    assert warnings_of(model, X, y) == 0
    fresh, _ = truth.sample(3000, random_state=9)
    left = model.predict(fresh) - truth(fresh)
    assert np.mean(left**2) < 0.1 * truth(fresh).var()
    assert subspace_alignment_score(truth.directions, model.subspace_) > 0.95


def warnings_of(model, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return len(caught)


@pytest.mark.parametrize("n_feature_steps", [1, 5])
@pytest.mark.parametrize("linear_part", ["ridge", "moment"])
@pytest.mark.parametrize(("n_samples", "n_features"), [(300, 10), (200, 50)])
def test_noise_is_called_so(n_samples, n_features, n_feature_steps, linear_part):
    """Also where so few rows a column let a searched layer fit noise."""
    rng, warned = np.random.default_rng(0), 0
    model = net(n_feature_steps=n_feature_steps, linear_part=linear_part)
    for _ in range(10):
        X = rng.standard_normal((n_samples, n_features))
        warned += warnings_of(model, X, rng.standard_normal(n_samples))
    assert warned >= 9


def test_outliers_are_counted():
    """20 of 700 targets, 50 out, where the others deviate by 0.6."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((700, 10))
    y = np.abs(X[:, 0]) + 0.2 * rng.standard_normal(700)
    y[:20] += 50 * rng.choice([-1, 1], 20)
    with pytest.warns(UserWarning, match="No direction .* 20 of the targets are more"):
        net(layers=("linear", "sparse")).fit(X, y)


def test_the_warning_points_at_the_call_of_fit():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((200, 50)), rng.standard_normal(200)
    with pytest.warns(UserWarning, match="No direction") as caught:
        net().fit(X, y)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_constant_target_does_not_hide_the_noise_of_another():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((300, 10)), rng.standard_normal(300)
    assert warnings_of(net(), X, np.column_stack([y, np.full(300, 2.0)])) == 1
    assert warnings_of(net(), X, np.full(300, 2.0)) == 0


def test_an_exact_line_through_few_rows_is_no_noise():
    x = np.array([[0.0], [1.0], [3.0], [4.0]])
    assert net().fit(x, 2 * x[:, 0] + 1).score(x, 2 * x[:, 0] + 1) > 0.99


@pytest.mark.parametrize(
    ("link", "n_samples"), [("abs", 300), ("he3", 1500), ("tanh", 300), ("relu", 300)]
)
@pytest.mark.parametrize("n_feature_steps", [1, 5])
def test_signals_are_not_called_noise(link, n_samples, n_feature_steps):
    """Warnings are errors here."""
    for seed in range(2):
        X, y, _ = index_data(link, n_samples, 15, 0.3, seed)
        TwoLayerGDRegressor(
            100, n_feature_steps=n_feature_steps, random_state=seed
        ).fit(X, y)


def test_a_linear_fit_on_fewer_rows_than_columns_is_no_noise():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 60)) * np.r_[10, np.ones(59)]
    y = X[:, 0] + 0.1 * rng.standard_normal(40)
    assert Ridge(1.0).fit(X, y).score(X, y) > 0.9
    net(whiten=None).fit(X, y)


def test_a_spike_that_whitening_hides_is_no_noise():
    """He3 along the one long axis of X, which the spectral test does not see."""
    X, y = make_spiked_single_index(400, 200, link="he3", spike=100.0, random_state=0)
    X = X / np.linalg.norm(X, 2) * np.sqrt(len(X))
    model = net(n_feature_steps=1, whiten=None, linear_part=None, label_transform=None)
    assert model.fit(X, y).features_.standout_ < 1 + 200 ** (-2 / 3)
    assert model.score(X, y) > 0.5
