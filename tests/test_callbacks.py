"""scikit-learn's callbacks: what they see, when they stop, what they leave behind."""

import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor
from sklearn_depth._fixed_hidden import _net

rng = np.random.default_rng(0)
X = rng.standard_normal((120, 4))
norm = np.linalg.norm(X, axis=1)
labels = (norm > np.median(norm)).astype(int)
weight = rng.uniform(0.2, 3, 120)
TARGETS = {
    FixedHiddenSigmoidRegressor: norm,
    FixedHiddenSigmoidClassifier: labels,
}
SOLVERS = {"lbfgs": {"tie": 10}, "gd": {"solver": "gd", "tie": 1, "max_iter": 15}}
each_estimator = pytest.mark.parametrize("make", TARGETS)
each_solver = pytest.mark.parametrize("solver", SOLVERS)


class Recorder:
    """Notes every call; asks for the fitted estimator only if it is told to."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.calls = []

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name, context.task_id))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name, context.task_id))

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context):
        self.calls.append(("end", context.task_name, context.task_id))
        return self.n_iterations() == self.stop_after

    def n_iterations(self):
        return sum(call[:2] == ("end", "iteration") for call in self.calls)


class Keeper(Recorder):
    """Keeps the estimator as it stood after each iteration, and its data."""

    def __init__(self):
        super().__init__()
        self.fitted, self.data = [], []

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
        self.fitted.append(fitted_estimator)
        self.data.append((X, y, metadata))


def net(make, callback=None, n_hidden=30, **parameters):
    model = make(n_hidden, random_state=0, **{"alpha": 1e-3, "tie": 10} | parameters)
    return model if callback is None else model.set_callbacks(callback)


def fit(model, **given):
    """Fit on the usual data, however early ``max_iter`` ends it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, TARGETS[type(model)], **given)


def output(model, X=X):
    return model.predict_proba(X) if is_classifier(model) else model.predict(X)


@pytest.fixture
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@each_estimator
@pytest.mark.parametrize("options", [{}, {"alpha": "loo", "tie": "auto"}], ids=str)
def test_progress_bar(make, options, capsys, wide_terminal):
    fit(net(make, ProgressBar(), **options))
    shown = capsys.readouterr().out
    assert re.search(rf"{make.__name__} - fit .*100%", shown)


@each_estimator
def test_progress_bar_of_a_search(make, capsys, wide_terminal):
    search = GridSearchCV(net(make), {"alpha": [1e-3, 1e-2]}, cv=2)
    search.set_callbacks(ProgressBar(max_propagation_depth=None))
    search.fit(X, TARGETS[make])
    shown = capsys.readouterr().out
    assert re.search(r"GridSearchCV - fit .*100%", shown)
    # Two candidates on two splits, and the refit.
    assert len(re.findall(rf"{make.__name__} - fit #\d .*100%", shown)) >= 5


@each_estimator
def test_progress_bar_of_a_pipeline(make, capsys, wide_terminal):
    pipeline = make_pipeline(StandardScaler(), net(make))
    pipeline.set_callbacks(ProgressBar()).fit(X, TARGETS[make])
    shown = capsys.readouterr().out
    assert re.search(r"Pipeline - fit .*100%", shown)
    assert re.search(rf"{make.__name__} - fit #1 .*100%", shown)


@each_estimator
@each_solver
def test_one_subtask_an_iteration(make, solver):
    recorder = Recorder()
    model = fit(net(make, recorder, **SOLVERS[solver]))
    iterations = [
        (event, "iteration", k)
        for k in range(model.n_iter_)
        for event in ("begin", "end")
    ]
    assert model.n_iter_ > 5
    assert recorder.calls == [
        ("setup", "fit", 0),
        ("begin", "fit", 0),
        *iterations,
        ("end", "fit", 0),
        ("teardown", "fit", 0),
    ]


@each_estimator
def test_automatic_choices_report_every_iteration(make):
    """Also those of ties that were not chosen."""
    recorder = Recorder()
    model = fit(net(make, recorder, alpha="loo", tie="auto"))
    assert recorder.n_iterations() > model.n_iter_
    alone = fit(net(make, recorder := Recorder(), alpha="loo"))
    assert recorder.n_iterations() == alone.n_iter_


@each_estimator
def test_callbacks_change_nothing(make):
    options = {"alpha": "loo", "tie": "auto"}
    watched, alone = fit(net(make, Keeper(), **options)), fit(net(make, **options))
    np.testing.assert_array_equal(watched.coef_, alone.coef_)
    assert watched.loss_curve_ == alone.loss_curve_
    assert watched.stop_reason_ == alone.stop_reason_


@each_estimator
@each_solver
def test_a_callback_ends_the_training(make, solver):
    recorder = Recorder(stop_after=4)
    model = fit(net(make, recorder, **SOLVERS[solver]))
    assert recorder.n_iterations() == model.n_iter_ == 4
    assert model.stop_reason_ == "callback"
    full = fit(net(make, **SOLVERS[solver]))
    assert model.loss_curve_ == full.loss_curve_[:4]
    assert np.isfinite(output(model)).all()
    assert recorder.calls[-1] == ("teardown", "fit", 0)


@each_estimator
def test_a_callback_ends_the_search_for_parameters(make):
    """Whichever penalty or tie is being tried, and whichever is then kept."""
    options = {"alpha": "loo", "tie": "auto"}
    counter = Recorder()
    fit(net(make, counter, **options))
    last = counter.n_iterations()
    for stop_after in np.linspace(1, last, 12).astype(int):
        recorder = Recorder(stop_after)
        model = fit(net(make, recorder, **options))
        assert recorder.n_iterations() == stop_after
        assert model.stop_reason_ == "callback"
        assert model.n_iter_ == len(model.loss_curve_) <= stop_after
        assert np.isfinite(output(model)).all()


@each_estimator
@each_solver
def test_the_fitted_estimator_is_that_of_a_shorter_fit(make, solver):
    keeper = Keeper()
    model = fit(net(make, keeper, **SOLVERS[solver]))
    *iterations, last = keeper.fitted
    np.testing.assert_array_equal(output(last), output(model))
    # L-BFGS reports after a step, gradient descent before it.
    steps_before = 0 if solver == "lbfgs" else 1
    for k in range(steps_before, 6):
        short = fit(net(make, **SOLVERS[solver] | {"max_iter": k + 1 - steps_before}))
        np.testing.assert_allclose(output(iterations[k]), output(short), rtol=1e-12)
    assert np.ptp([output(found)[0] for found in iterations], axis=0).max() > 0.01


@each_estimator
def test_callbacks_see_what_fit_was_given(make):
    keeper = Keeper()
    fit(net(make, keeper), sample_weight=weight)
    for seen_X, seen_y, metadata in keeper.data:
        assert seen_X is X
        assert seen_y is TARGETS[make]
        assert metadata["sample_weight"] is weight
    fit(net(make, keeper := Keeper()))
    assert all(metadata is None for _, _, metadata in keeper.data)


@each_estimator
def test_fitted_estimators_are_made_only_on_demand(make, monkeypatch):
    made = []
    original = _net.head_attributes

    def counting(*given):
        made.append(given)
        return original(*given)

    monkeypatch.setattr(_net, "head_attributes", counting)
    model = fit(net(make))
    assert len(made) == 1  # the fit's own
    made.clear()
    fit(model.set_callbacks(Recorder()))
    assert len(made) == 1
    made.clear()
    fit(model.set_callbacks(Keeper()))
    assert len(made) == model.n_iter_ + 1


def scores(monitor, name):
    """The scores by iteration, and the one at the end of the fit."""
    rows = monitor.get_logs().data
    by_iteration = [row[name] for row in rows if row["task_name"] == "iteration"]
    (final,) = [row[name] for row in rows if row["task_name"] == "fit"]
    return by_iteration, final


def test_scoring_monitor_of_regression():
    monitor = ScoringMonitor(scoring="r2")
    model = fit(net(FixedHiddenSigmoidRegressor, monitor))
    curve, final = scores(monitor, "r2")
    assert len(curve) == model.n_iter_
    assert final == model.score(X, norm) == curve[-1]
    assert curve[0] < 0.75 < 0.9 < final
    assert (np.diff(curve) > 0).mean() > 0.6


def test_scoring_monitor_of_classification():
    monitor = ScoringMonitor(scoring=["neg_log_loss", "accuracy"])
    model = fit(net(FixedHiddenSigmoidClassifier, monitor))
    curve, final = scores(monitor, "neg_log_loss")
    assert len(curve) == model.n_iter_
    assert final == pytest.approx(-log_loss(labels, model.predict_proba(X)))
    assert curve[0] < curve[2] < final - 0.05
    assert scores(monitor, "accuracy")[1] == model.score(X, labels)


def test_scoring_monitor_of_a_weighted_fit():
    monitor = ScoringMonitor(scoring="r2")
    model = fit(net(FixedHiddenSigmoidRegressor, monitor), sample_weight=weight)
    expected = r2_score(norm, model.predict(X), sample_weight=weight)
    assert scores(monitor, "r2")[1] == expected != model.score(X, norm)


@each_estimator
def test_callbacks_are_torn_down_after_errors(make):
    recorder = Recorder()
    model = net(make, recorder, solver="gd", learning_rate=1e300, tie=1, alpha=1.0)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match="Gradient descent diverged"),
    ):
        fit(model)
    assert recorder.calls[0] == ("setup", "fit", 0)
    assert recorder.calls[-1] == ("teardown", "fit", 0)
    assert not hasattr(model, "_callback_fit_ctx")


@each_estimator
def test_refused_data_reach_no_callback(make):
    recorder = Recorder()
    with pytest.raises(ValueError, match="NaN"):
        net(make, recorder).fit(np.full_like(X, np.nan), TARGETS[make])
    assert recorder.calls == []


@each_estimator
def test_nothing_is_left_behind(make):
    public = set(vars(fit(net(make))))
    assert not [name for name in public if "callback" in name.lower()]
    watched = fit(net(make, Recorder()))
    assert set(vars(watched)) == public | {"_skl_callbacks"}
    loaded = pickle.loads(pickle.dumps(watched))
    np.testing.assert_array_equal(output(loaded), output(watched))
    assert set(vars(watched.set_callbacks())) == public
