"""What units of weights, copies, orders and constant columns leave as it was."""

import warnings
from functools import cache

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from sklearn_depth import ThreeLayerFeatureRegressor, TwoLayerGDRegressor
from sklearn_depth.features import LearnedReLUFeatures

rng = np.random.default_rng(0)
X = rng.standard_normal((300, 4)) * [1, 2, 1, 3] + [0, 0, 5, 0]
y = np.maximum(X[:, 0] * X[:, 1] + X[:, 3], 0) + 0.2 * rng.standard_normal(300)
weight = rng.uniform(0.2, 3, 300)
TWO = {"n_hidden": 60, "random_state": 0}
# No step without a penalty, such as the paper's: on some 60 units it makes rounding
# grow by a factor of 1e8.
ESTIMATORS = {
    "two": TwoLayerGDRegressor(**TWO),
    "two, loo": TwoLayerGDRegressor(**TWO, alpha="loo"),
    "two, gcv": TwoLayerGDRegressor(**TWO, alpha="gcv"),
    "two, one step": TwoLayerGDRegressor(**TWO, n_feature_steps=1),
    "two, rank 1": TwoLayerGDRegressor(**TWO, n_directions=1),
    "two, as it is": TwoLayerGDRegressor(**TWO, whiten=None),
    "two, trained on": TwoLayerGDRegressor(**TWO, n_feature_steps=0, refine=True),
    "learned": LearnedReLUFeatures(**TWO),
    "three": ThreeLayerFeatureRegressor(),
    "three, loo": ThreeLayerFeatureRegressor(alpha="loo"),
    "three, gcv": ThreeLayerFeatureRegressor(alpha="gcv"),
    "three, one step": ThreeLayerFeatureRegressor(start="gradient", n_refinements=0),
    "three, spectral": ThreeLayerFeatureRegressor(start="spectral"),
    "three, square": ThreeLayerFeatureRegressor(30, random_state=0),
    "three, abs": ThreeLayerFeatureRegressor(30, activation="abs", random_state=0),
    "three, relu": ThreeLayerFeatureRegressor(30, activation="relu", random_state=0),
}
each = pytest.mark.parametrize("name", ESTIMATORS)
few = pytest.mark.parametrize(
    "name", ["two", "two, as it is", "two, trained on", "learned", "three"]
)


def outputs(model, X):
    """Predictions, or the features of a map."""
    return model.predict(X) if hasattr(model, "predict") else model.transform(X)


def fitted(name, *data):
    return outputs(ESTIMATORS[name].fit(*data), X)


@cache
def plain(name, weighted=False):
    """The fit to the rows as they are, which many tests compare with."""
    return fitted(name, X, y, weight) if weighted else fitted(name, X, y)


def assert_close(found, expected, rtol=1e-9):
    atol = rtol * np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


@each
@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_unit_of_the_weights_does_not_matter(name, unit):
    assert_close(fitted(name, X, y, unit * weight), plain(name, weighted=True))
    equal = fitted(name, X, y, np.full(300, unit))
    np.testing.assert_array_equal(equal, plain(name))


@each
@pytest.mark.parametrize("weighted", [False, True])
def test_all_rows_given_twice_are_all_rows(name, weighted):
    given = (X, y, weight) if weighted else (X, y)
    twice = (np.concatenate([part, part]) for part in given)
    assert_close(fitted(name, *twice), plain(name, weighted))


@each
def test_a_row_given_twice_is_a_row_of_weight_two(name):
    times = 1 + np.arange(300) % 3
    rows = rng.permutation(np.repeat(np.arange(300), times))
    assert_close(fitted(name, X[rows], y[rows]), fitted(name, X, y, times))


@each
def test_the_order_of_the_rows_does_not_matter(name):
    order = np.random.default_rng(1).permutation(300)
    moved = fitted(name, X[order], y[order], weight[order])
    assert_close(moved, plain(name, weighted=True))


@few
def test_rows_of_weight_zero_are_none(name):
    kept = np.arange(300) % 3 > 0
    found = fitted(name, X, y, np.where(kept, weight, 0))
    assert_close(found, fitted(name, X[kept], y[kept], weight[kept]))


@pytest.mark.parametrize("penalty", [0.5, 20.0])
def test_with_a_given_penalty_a_weight_is_so_many_rows(penalty):
    """As in Ridge: twice the weights are half the penalty."""
    for model in (TwoLayerGDRegressor(**TWO), ThreeLayerFeatureRegressor()):
        one = model.set_params(alpha=penalty).fit(X, y, np.full(300, 4.0)).predict(X)
        other = model.set_params(alpha=penalty / 4).fit(X, y).predict(X)
        assert_close(one, other)
        assert model.set_params(alpha=penalty).fit(X, y, weight).alpha_ == penalty


@pytest.mark.parametrize("name", ["two", "two, as it is", "two, trained on", "three"])
def test_targets_that_differ_on_equal_rows_are_noise(name):
    """Ten places of twenty noisy rows each: their means are learned."""
    rng = np.random.default_rng(0)
    places = rng.standard_normal((10, 3))
    truth = np.abs(places[:, 0]) + places[:, 1]
    rows = np.repeat(np.arange(10), 20)
    noisy = truth[rows] + 0.5 * rng.standard_normal(200)
    model = ESTIMATORS[name].fit(places[rows], noisy)
    assert np.mean((model.predict(places) - truth) ** 2) < 0.1 * truth.var()
    error = np.mean((truth[rows] - noisy) ** 2) / noisy.var()
    assert model.loss_curve_[-1] == pytest.approx(error, rel=0.3)


@pytest.mark.parametrize("name", ["two", "three", "three, relu"])
def test_categories_alone_are_learned(name):
    """One column for each of twenty: nothing is to be told of a place left out."""
    rng = np.random.default_rng(0)
    category, effect = rng.integers(0, 20, 2000), rng.standard_normal(20)
    noisy = effect[category] + 1.5 * rng.standard_normal(2000)
    model = ESTIMATORS[name].fit(np.eye(20)[category], noisy)
    error = np.mean((model.predict(np.eye(20)) - effect) ** 2)
    assert error < 0.1 * effect.var()


def with_constants(X):
    """Two more columns, one of zeros and one of a dummy that is on in all rows."""
    return np.column_stack([X[:, :2], np.zeros(len(X)), X[:, 2:], np.ones(len(X))])


@each
def test_columns_that_were_constant_move_nothing(name):
    model = ESTIMATORS[name].fit(with_constants(X), y)
    new = with_constants(X[:50])
    before = [outputs(model, new), model.transform(new)]
    for value in (-1.0, 1.0, 1e3, 1e150):
        moved = new.copy()
        moved[:, [2, 5]] = value
        found = [outputs(model, moved), model.transform(moved)]
        for one, other in zip(found, before, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("whiten", ["ridge", None])
def test_transferred_heads_hold_what_their_layer_has_not_seen(whiten):
    """Columns constant in the first task move nothing, though they vary in the next."""
    model = TwoLayerGDRegressor(**TWO, whiten=whiten).fit(with_constants(X), y)
    other = with_constants(X)
    other[:, 2] = rng.standard_normal(300)
    transferred = model.transfer(other, np.abs(X[:, 0]) + other[:, 2])
    moved = other.copy()
    moved[:, [2, 5]] = 1e6
    np.testing.assert_array_equal(
        transferred.predict(moved), transferred.predict(other)
    )


@few
def test_overflow_is_refused_and_never_nan(name):
    model = ESTIMATORS[name].fit(X, y)
    wild = X[:3].copy()
    wild[1] = 1e300
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert np.isfinite(outputs(model, wild)).all()  # clipped
        except ValueError as error:
            assert "1 sample(s) of X overflow" in str(error)


class Recorder:
    """Keeps what callbacks are given."""

    def __init__(self):
        self.given, self.models = [], []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.given.append((X, y, metadata))

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
        with pytest.raises(NotFittedError):
            estimator.predict(X)
        self.given.append((X, y, metadata))
        self.models.append(fitted_estimator)
        fitted_estimator.predict(X)


@pytest.mark.parametrize("name", ["two", "three"])
def test_callbacks_see_the_data_as_given_and_fitted_models(name):
    """While the estimator itself is not fitted yet."""
    recorder = Recorder()
    parameters = ESTIMATORS[name].get_params()
    model = type(ESTIMATORS[name])(**parameters).set_callbacks(recorder)
    given = with_constants(X).tolist(), y.tolist(), weight.tolist()
    model.fit(*given)
    for seen_X, seen_y, metadata in recorder.given:
        assert seen_X is given[0]
        assert seen_y is given[1]
        assert metadata == {"sample_weight": given[2]}
    assert len(recorder.models) > 3
    moved = with_constants(X)
    moved[:, 2] = 1e3  # the models know what they hold, too
    for one in recorder.models:
        np.testing.assert_array_equal(one.predict(moved), one.predict(given[0]))
    last = recorder.models[-1]
    np.testing.assert_array_equal(last.predict(moved), model.predict(moved))


@pytest.mark.parametrize("name", ["two", "three"])
def test_a_stopped_fit_leaves_the_old_model(name):
    """Here by an error of a callback; another file has all estimators."""
    model = ESTIMATORS[name].fit(X, y)
    before, state = model.predict(X), dict(vars(model))

    class Breaking(Recorder):
        def on_fit_task_end(self, estimator, context, **kwargs):
            raise KeyboardInterrupt

    model.set_callbacks(Breaking())
    with pytest.raises(KeyboardInterrupt):
        model.fit(-X, 2 * y)
    np.testing.assert_array_equal(model.predict(X), before)
    for key, value in state.items():
        assert vars(model)[key] is value
    del model._skl_callbacks


def relus(alpha):
    """Smooth units have their own head, whatever word ``alpha`` is."""
    kinds = ("linear", "random", "dense", "sparse")
    return TwoLayerGDRegressor(10, layers=kinds, alpha=alpha, random_state=0)


@pytest.mark.parametrize(
    ("make", "few", "many"),
    [
        (relus, 140, 141),
        (lambda alpha: ThreeLayerFeatureRegressor(alpha=alpha), 210, 211),
    ],
    ids=["two", "three"],
)
def test_auto_is_leave_one_out_up_to_ten_rows_a_column(make, few, many):
    """Of 10 units and 4 inputs, or of 20 hinges and h; GCV beyond."""
    for n, same, other in ((few, "loo", "gcv"), (many, "gcv", "loo")):
        fits = {a: make(a).fit(X[:n], y[:n]).predict(X) for a in ("auto", "loo", "gcv")}
        np.testing.assert_array_equal(fits["auto"], fits[same])
        assert np.abs(fits["auto"] - fits[other]).max() > 1e-9
