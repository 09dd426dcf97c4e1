"""ReLU networks: steps by hand, closed forms, rivals, and what they learn."""

import pickle
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.base import is_classifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sklearn_depth import ReLUNetworkClassifier, ReLUNetworkRegressor
from sklearn_depth._math._dense_network import xavier_network

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3))
height = X[:, 0] + X[:, 1] ** 2 + 0.1 * rng.standard_normal(40)
weight = rng.uniform(0.2, 3, 40)
PROBLEMS = {
    "one target": (ReLUNetworkRegressor, height),
    "three targets": (ReLUNetworkRegressor, np.c_[height, X[:, 2], np.abs(X[:, 1])]),
    "two classes": (ReLUNetworkClassifier, np.where(height > 1, "up", "down")),
    "three classes": (ReLUNetworkClassifier, np.digitize(height, [0, 1])),
}
each_problem = pytest.mark.parametrize("problem", PROBLEMS)
each_pair = pytest.mark.parametrize("problem", ["one target", "three classes"])
# Steps on all rows at one rate, on X and y as they come.
PLAIN = {
    "scaling": None,
    "learning_rate": 0.1,
    "schedule": "constant",
    "batch_size": 1000,
}
START = {"learning_rate": 1e-30, "max_epochs": 1}  # a step that moves no weight


def net(problem, hidden=(8, 3), **parameters):
    return PROBLEMS[problem][0](hidden, **PLAIN | {"random_state": 0} | parameters)


def fit(problem, hidden=(8, 3), sample_weight=None, **parameters):
    model = net(problem, hidden, **parameters)
    return model.fit(X, PROBLEMS[problem][1], sample_weight)


def weights_of(model):
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return [np.array(w) for pair in pairs for w in pair]


def assert_same(model, other):
    for found, expected in zip(weights_of(model), weights_of(other), strict=True):
        np.testing.assert_array_equal(found, expected)


def forward(weights, X):
    for k in range(0, len(weights), 2):
        X = (np.maximum(X, 0) if k else X) @ weights[k] + weights[k + 1]
    return X


def mean_loss(weights, model, y, share):
    """The loss without its penalty, from the weights alone."""
    z = forward(weights, X)
    if not is_classifier(model):
        losses = ((z - y.reshape(len(y), -1)) ** 2).mean(axis=1)
    elif z.shape[1] == 1:
        losses = np.logaddexp(0, np.where(y == model.classes_[1], -z[:, 0], z[:, 0]))
    else:
        hot = y[:, None] == model.classes_
        losses = np.log(np.exp(z).sum(axis=1)) - z[hot]
    return share @ losses


def slopes(weights, risk, step=1e-6):
    """The derivative of ``risk(weights)`` by central differences."""
    gradient = [np.zeros_like(w) for w in weights]
    for w, slope in zip(weights, gradient, strict=True):
        for place in np.ndindex(w.shape):
            kept = w[place]
            w[place] = kept + step
            above = risk(weights)
            w[place] = kept - step
            slope[place] = (above - risk(weights)) / (2 * step)
            w[place] = kept
    return gradient


@each_problem
@pytest.mark.parametrize("weighted", [False, True])
def test_the_first_steps_by_hand(problem, weighted):
    """v <- mu v + g, w <- w - eta v, the penalty's slope on the weights alone."""
    y, sample_weight = PROBLEMS[problem][1], weight if weighted else None
    share = weight / weight.sum() if weighted else np.full(40, 1 / 40)
    options = {"momentum": 0.7, "weight_decay": 0.3}
    model = fit(problem, sample_weight=sample_weight, **START)
    weights, velocity, curve = weights_of(model), 0, []

    def risk(weights):
        penalty = 0.3 / 2 * sum((coef**2).sum() for coef in weights[::2])
        return mean_loss(weights, model, y, share) + penalty

    for n_steps in (1, 2, 3):
        curve.append(mean_loss(weights, model, y, share))
        velocity = [
            0.7 * v + g
            for v, g in zip(velocity or [0] * 6, slopes(weights, risk), strict=True)
        ]
        weights = [w - 0.1 * v for w, v in zip(weights, velocity, strict=True)]
        found = fit(problem, sample_weight=sample_weight, max_epochs=n_steps, **options)
        for w, by_hand in zip(weights_of(found), weights, strict=True):
            np.testing.assert_allclose(w, by_hand, atol=1e-7)
        assert found.loss_curve_ == pytest.approx(curve, rel=1e-7)


@each_problem
def test_the_first_loss_is_that_of_the_first_weights(problem):
    """Also in mini-batches, whose sizes differ here: 13, 13 and 14 rows."""
    model = fit(problem, **START)
    expected = mean_loss(
        weights_of(model), model, PROBLEMS[problem][1], np.full(40, 1 / 40)
    )
    assert model.loss_curve_ == pytest.approx([expected], rel=1e-12)
    batches = fit(problem, batch_size=15, **START)
    assert batches.loss_curve_ == pytest.approx([expected], rel=1e-6)


def test_the_first_weights_have_their_variance():
    model = ReLUNetworkRegressor((300, 400), **PLAIN | START, random_state=0)
    wide = np.random.default_rng(1).standard_normal((20, 200))
    model.fit(wide, wide[:, 0])
    for coef, variance in zip(model.coefs_, [1 / 200, 2 / 300, 2 / 400], strict=True):
        relative = 5 * np.sqrt(2 / coef.size)
        assert np.mean(coef**2) == pytest.approx(variance, rel=relative)
    assert all(abs(intercept).max() < 1e-29 for intercept in model.intercepts_)


def test_the_scaled_network_is_the_plain_one_of_scores():
    """Columns and targets by hand, one entry beyond five deviations among them."""
    wild = X * [1, 100, 0.01] + [0, 3, -5]
    wild[7, 1] = 1e4
    options = {"max_epochs": 30, "learning_rate": 0.01, "random_state": 0}
    options["shrinkage"] = 1
    model = ReLUNetworkRegressor((6,), **options).fit(wild, 50 + 7 * height)
    scores = (wild - model.mean_) / model.scale_
    assert abs(scores).max() > 5
    y = (height - height.mean()) / height.std()
    plain = ReLUNetworkRegressor((6,), scaling=None, **options).fit(
        scores.clip(-5, 5), y
    )
    expected = 50 + 7 * (
        height.mean() + height.std() * plain.predict(scores.clip(-5, 5))
    )
    np.testing.assert_allclose(model.predict(wild), expected, rtol=1e-9)
    np.testing.assert_allclose(model.loss_curve_, plain.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_rates_of_a_schedule(schedule):
    """Plain descent on a parabola, whose steps are a product of matrices."""
    n_epochs = 8
    model = fit(
        "one target",
        (),
        schedule=schedule,
        momentum=0,
        weight_decay=0,
        max_epochs=n_epochs,
    )
    inputs = np.column_stack([X, np.ones(40)])
    w = np.concatenate(weights_of(fit("one target", (), **START)), axis=None)
    for k in range(n_epochs):
        share = np.cos(np.pi * k / (2 * n_epochs)) ** 2 if schedule == "cosine" else 1
        w = w - 0.1 * share * 2 / 40 * inputs.T @ (inputs @ w - height)
    found = np.concatenate(weights_of(model), axis=None)
    np.testing.assert_allclose(found, w, rtol=1e-10)


CONVERGED = {"momentum": 0.9, "max_epochs": 600}


@pytest.mark.parametrize("weight_decay", [0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_it_is_ridge_regression(weight_decay, weighted):
    sample_weight = weight if weighted else None
    total = weight.sum() if weighted else 40
    model = fit("one target", (), sample_weight, weight_decay=weight_decay, **CONVERGED)
    ridge = Ridge(weight_decay / 2 * total, tol=1e-12).fit(X, height, sample_weight)
    np.testing.assert_allclose(model.coefs_[0][:, 0], ridge.coef_, rtol=1e-7)
    assert model.intercepts_[0] == pytest.approx(ridge.intercept_, rel=1e-7)


@pytest.mark.parametrize("problem", ["two classes", "three classes"])
def test_without_hidden_layers_it_is_logistic_regression(problem):
    options = CONVERGED | {"learning_rate": 1.0}
    model = fit(problem, (), weight, weight_decay=0.1, **options)
    rival = LogisticRegression(C=1 / (0.1 * weight.sum()), tol=1e-10, max_iter=1000)
    rival.fit(X, PROBLEMS[problem][1], weight)
    expected = rival.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-6)


@each_problem
def test_scikit_learns_perceptron_of_these_weights(problem):
    """The same names for the same things."""
    model = fit(problem, max_epochs=20)
    classifier = is_classifier(model)
    rival = MLPClassifier if classifier else MLPRegressor
    mlp = rival(hidden_layer_sizes=(8, 3), max_iter=1)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        mlp.fit(X, PROBLEMS[problem][1])
    mlp.coefs_, mlp.intercepts_ = model.coefs_, model.intercepts_
    found, expected = (
        each.predict_proba(X) if classifier else each.predict(X)
        for each in (model, mlp)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@each_problem
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("scaling", ["standardize", None])
def test_the_skorch_net_agrees_with_predictions(problem, dtype, scaling):
    data, y = X.astype(dtype), PROBLEMS[problem][1]
    model = net(problem, scaling=scaling, max_epochs=5).fit(data, y)
    scores = (data - model.mean_) / model.scale_
    scores = scores if scaling is None else scores.clip(-5, 5)
    found = model.net_.predict(scores.astype(dtype))
    assert found.dtype == dtype
    if is_classifier(model):
        expected = model.decision_function(data).reshape(len(X), -1)
    else:
        expected = model.predict(data).reshape(len(X), -1)
        found = model.target_mean_ + model.target_scale_ * found
    tolerance = 1e-4 if dtype == "f4" else 1e-10
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    linear = [layer for layer in model.net_.module_ if hasattr(layer, "weight")]
    for layer, coef in zip(linear, model.coefs_, strict=True):
        np.testing.assert_array_equal(layer.weight.detach().numpy(), coef.T)


def row_slopes(model):
    """Derivatives of the outputs in all weights, (n_samples, n_outputs, n_weights)."""
    weights = weights_of(model)
    found = []
    for x in X[:, None]:
        for k in range(len(weights[-1])):
            gradient = slopes(weights, lambda w, x=x, k=k: forward(w, x)[0, k])
            found.append(np.concatenate(gradient, axis=None))
    return np.reshape(found, (len(X), len(weights[-1]), -1))


STEEPNESS = {
    "one target": 2,
    "three targets": 2 / 3,
    "two classes": 1 / 4,
    "three classes": 1 / 2,
}


@each_problem
@pytest.mark.parametrize("batch", ["full", "mini", "stream"])
def test_the_automatic_rate_by_hand(problem, batch):
    sizes = {"batch_size": 1000 if batch == "full" else 10}
    options = {"learning_rate": "auto", "momentum": 0.8, "weight_decay": 0.3}
    share = weight / weight.sum()
    jacobian = row_slopes(fit(problem, **START))
    rooted = jacobian * np.sqrt(share)[:, None, None]
    largest = np.linalg.norm(rooted.reshape(-1, jacobian.shape[-1]), 2) ** 2
    traces = (jacobian**2).sum(axis=(1, 2))
    of_rows = (share @ traces**2) / (share @ traces)
    uneven = np.mean(weight**2) / weight.mean() ** 2
    noise = 0 if batch == "full" else uneven * of_rows / (10 * (1 - 0.8))
    model, y = net(problem, max_epochs=1, **options | sizes), PROBLEMS[problem][1]
    train = model.partial_fit if batch == "stream" else model.fit
    train(X, y, sample_weight=weight)
    narrowest = min(map(len, model.intercepts_[:-1]))
    top = 2 / (1 + 10 / narrowest)
    expected = top / (0.3 + STEEPNESS[problem] * (largest + noise))
    assert model.learning_rate_ == pytest.approx(expected, rel=0.02)
    assert type(model.learning_rate_) is float


def test_a_stream_of_small_batches_is_no_full_batch():
    """Each call brings other rows, though it is one step: their noise counts."""
    options = {"learning_rate": "auto", "batch_size": 64}
    stream = net("one target", **options).partial_fit(X, height)
    whole = net("one target", max_epochs=1, **options).fit(X, height)
    assert stream.learning_rate_ < 0.8 * whole.learning_rate_


@each_problem
@pytest.mark.parametrize("scaling", ["standardize", None])
def test_weights_are_repetition(problem, scaling):
    """In full batches, for training and for validation rows."""
    y = PROBLEMS[problem][1]
    options = {"scaling": scaling, "learning_rate": 0.03, "max_epochs": 40}
    times, times_val = np.random.default_rng(1).integers(0, 4, (2, 40))

    def fitted(rows, rows_val, weights, weights_val):
        return net(problem, **options).fit(
            X[rows],
            y[rows],
            weights,
            X_val=X[rows_val] + 1,
            y_val=y[rows_val],
            sample_weight_val=weights_val,
        )

    every = np.arange(40)
    expected = fitted(np.repeat(every, times), np.repeat(every, times_val), None, None)
    found = fitted(every, every, 0.3 * times, 7.0 * times_val)
    for curve in ("loss_curve_", "validation_loss_curve_"):
        np.testing.assert_allclose(vars(found)[curve], vars(expected)[curve], rtol=1e-8)
    for w, other in zip(weights_of(found), weights_of(expected), strict=True):
        np.testing.assert_allclose(w, other, atol=1e-8)


@each_pair
@pytest.mark.parametrize("batch_size", [10, 1000])
def test_single_precision(problem, batch_size):
    options = {"batch_size": batch_size, "max_epochs": 20}
    double = fit(problem, **options)
    single = net(problem, **options).fit(X.astype("f4"), PROBLEMS[problem][1])
    for found, expected in zip(weights_of(single), weights_of(double), strict=True):
        assert found.dtype == np.float32
        assert expected.dtype == np.float64
        np.testing.assert_allclose(found, expected, atol=1e-4)


@each_pair
def test_random_states_of_torch_are_left_alone(problem):
    before = torch.get_rng_state().clone(), torch.get_num_threads()
    model = fit(problem, batch_size=10, max_epochs=3)
    model.net_.initialize()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]
    torch.manual_seed(7)
    try:
        assert_same(fit(problem, batch_size=10, max_epochs=3), model)
    finally:
        torch.set_rng_state(before[0])


def test_sizes_of_the_layers():
    for hidden, sizes in [((), [3, 1]), (5, [3, 5, 1]), ([4, 6], [3, 4, 6, 1])]:
        model = fit("one target", hidden, max_epochs=1)
        assert [len(model.coefs_[0]), *map(len, model.intercepts_)] == sizes
        shapes = [coef.shape for coef in model.coefs_]
        assert shapes == list(pairwise(sizes))
    assert_same(fit("one target", np.array([8, 3])), fit("one target"))


def test_predictions_need_no_torch(tmp_path):
    """Nor does a model that is loaded bring it in."""
    models = [fit(problem, max_epochs=3, early_stopping=True) for problem in PROBLEMS]
    saved = pickle.dumps([(model, model.predict(X)) for model in models])
    (tmp_path / "models.pickle").write_bytes(saved)
    np.save(tmp_path / "X.npy", X)
    code = (
        "import pickle, sys, numpy as np;"
        "X, models = np.load('X.npy'), pickle.load(open('models.pickle', 'rb'));"
        "assert all((model.predict(X) == y).all() for model, y in models);"
        "assert not {'torch', 'skorch'} & set(sys.modules)"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_learns_where_a_line_cannot():
    rng = np.random.default_rng(0)
    X, X_new = rng.standard_normal((2, 1000, 10))
    model = ReLUNetworkRegressor((64, 64), random_state=0).fit(X, np.abs(X[:, 0]))
    assert model.score(X_new, np.abs(X_new[:, 0])) > 0.9
    assert Ridge().fit(X, np.abs(X[:, 0])).score(X_new, np.abs(X_new[:, 0])) < 0.05


def test_it_learns_three_rings():
    rng = np.random.default_rng(0)
    X, X_new = rng.standard_normal((2, 800, 2))
    rings, rings_new = (
        np.array(["in", "mid", "out"])[
            np.digitize(np.linalg.norm(Z, axis=1), [0.9, 1.5])
        ]
        for Z in (X, X_new)
    )
    model = ReLUNetworkClassifier((32, 32), max_epochs=60, random_state=0)
    model.fit(X, rings)
    assert model.score(X_new, rings_new) > 0.93
    probability = model.predict_proba(X_new)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    chosen = model.classes_[probability.argmax(axis=1)]
    np.testing.assert_array_equal(chosen, model.predict(X_new))
    assert LogisticRegression().fit(X, rings).score(X_new, rings_new) < 0.5


def test_probabilities_of_two_classes():
    model = fit("two classes", max_epochs=30)
    z = model.decision_function(X)
    assert z.shape == (40,)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-z)))
    np.testing.assert_array_equal(model.predict(X), np.where(z > 0, "up", "down"))


@pytest.mark.parametrize("n", [50, 200, 800])
def test_noise_is_not_predicted(n):
    errors = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        X, y = rng.standard_normal((n, 5)), rng.standard_normal(n)
        model = ReLUNetworkRegressor((64, 64), random_state=0).fit(X, y)
        errors.append(np.mean(model.predict(rng.standard_normal((2000, 5))) ** 2))
        assert model.shrinkage_ < 0.5
    assert np.mean(errors) < 0.1


def test_outputs_without_noise_are_not_shrunk():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 5))
    Y = np.column_stack([np.maximum(X[:, 0], X[:, 1]), rng.standard_normal(200)])
    model = ReLUNetworkRegressor((64, 64), random_state=0).fit(X, Y)
    assert model.shrinkage_[0] > 0.95
    assert model.shrinkage_[1] < 0.3
    given = ReLUNetworkRegressor((64, 64), shrinkage=1, random_state=0).fit(X, Y)
    expected = Y.mean(axis=0) + model.shrinkage_ * (given.predict(X) - Y.mean(axis=0))
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-10)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_the_tangent_kernel_by_differences(n_outputs):
    rng = np.random.default_rng(0)
    network = xavier_network((3, 6, 4, n_outputs), rng)
    for intercept in network.intercepts:  # away from kinks
        intercept += rng.standard_normal(len(intercept))
    Z, step, kernel = rng.standard_normal((7, 3)), 1e-6, 0
    for array in (*network.coefs, *network.intercepts):
        for place in np.ndindex(array.shape):
            array[place] += step
            above = network.values(Z)
            array[place] -= 2 * step
            slope = (above - network.values(Z)) / (2 * step)
            array[place] += step
            kernel += slope @ slope.T / n_outputs
    np.testing.assert_allclose(network.tangent_kernel(Z), kernel, atol=1e-6)
