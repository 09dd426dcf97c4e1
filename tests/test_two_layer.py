"""The learned two-layer net: Algorithm 1 by hand, the paper's figures, and guards."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index, make_single_index
from sklearn_depth.features import LearnedReLUFeatures

PAPER = {
    "n_feature_steps": 1,
    "label_transform": None,
    "whiten": None,
    "linear_part": "moment",
}
FIGURE_ONE = [0, 0, np.sqrt(0.5), 0, np.sqrt(0.5)]  # He2 / 2 + He4 / (4 sqrt3)
rng = np.random.default_rng(0)
X = rng.standard_normal((200, 5))
y = np.abs(X[:, 0]) + 0.5 * X[:, 1] + 0.1 * rng.standard_normal(200)
X_new = rng.standard_normal((50, 5))


def net(n_hidden=60, **parameters):
    return TwoLayerGDRegressor(n_hidden, random_state=0, **parameters)


def nmse(model, truth, n_samples=4000):
    """Test error over the variance of the target, both without noise."""
    X_new, _ = truth.sample(n_samples, random_state=1000)
    target = truth(X_new)
    return np.mean((model.predict(X_new) - target) ** 2) / np.var(target)


def relu(z):
    return np.where(z > 0, z, 0)


def test_algorithm_one_by_hand():
    """All five steps of Damian, Lee and Soltanolkotabi, at a fixed lambda."""
    n, eta, lam = 200, np.sqrt(5), 0.01
    model = net(**PAPER, learning_rate=eta, alpha=n * lam).fit(X, y)
    # 1. Moments off the labels.
    constant, beta = np.mean(y), np.mean(y[:, None] * X, axis=0)
    labels = y - constant - X @ beta
    # 2. One step from the start, which a net of no steps shows; output signs are
    # a_j = +-1, opposite in each pair of equal rows.
    start = net(n_feature_steps=0).fit(X, y).features_.hidden_coef_
    signs = []
    for j, row in enumerate(model.features_.hidden_coef_):
        active = X @ start[j] >= 0
        step = 2 * eta * np.mean(labels[:, None] * X * active[:, None], axis=0)
        signs.append(np.sign(row @ step))
        np.testing.assert_allclose(row, signs[j] * step, atol=1e-12)
    np.testing.assert_array_equal(signs[::2], -np.array(signs[1::2]))
    assert 10 < np.sum(np.array(signs[::2]) > 0) < 20
    # 3. Fresh biases; 4. ridge on the fixed features, same data.
    W, b = model.features_.hidden_coef_, model.features_.hidden_intercept_
    H = relu(X @ W.T + b)
    a = np.linalg.solve(H.T @ H / n + lam * np.eye(60), H.T @ labels / n)
    # 5. Prediction.
    expected = constant + X_new @ beta + relu(X_new @ W.T + b) @ a
    np.testing.assert_allclose(model.predict(X_new), expected, atol=1e-9)
    np.testing.assert_allclose(model.coef_, np.concatenate([a, beta]), atol=1e-9)
    assert model.intercept_ == pytest.approx(constant)
    assert model.alpha_ == n * lam
    assert model.network_share_ == 1


def test_biases_are_standard_normal_and_fresh():
    fitted = [
        net(3000, **PAPER, learning_rate=1.0).fit(X, target) for target in (y, -y)
    ]
    biases = fitted[0].features_.hidden_intercept_
    assert abs(biases.mean()) < 4 / np.sqrt(3000)
    assert biases.std() == pytest.approx(1, abs=4 / np.sqrt(6000))
    assert (biases[::2] != biases[1::2]).all()
    np.testing.assert_array_equal(biases, fitted[1].features_.hidden_intercept_)


@pytest.mark.parametrize(
    ("n_samples", "low", "high"), [(3162, 0.08, 0.25), (10_000, 0.04, 0.12)]
)
def test_figure_one(n_samples, low, high):
    """Re-run table: .14 and .072 at m=100, d=10, eta=sqrt(d), noise variance 1."""
    errors = []
    for seed in range(3):
        X, target, truth = make_single_index(
            n_samples, 10, link=FIGURE_ONE, return_truth=True, random_state=seed
        )
        noise = np.random.default_rng(seed).choice([-1.0, 1.0], n_samples)
        model = TwoLayerGDRegressor(
            100, **PAPER, learning_rate=np.sqrt(10), random_state=seed
        )
        errors.append(nmse(model.fit(X, target + noise), truth, 20_000))
    assert low < np.mean(errors) < high


def test_figure_one_order():
    """Algorithm 1 before random features, by far, and a kernel, at n = 10^3.5."""
    X, target, truth = make_single_index(
        3162, 10, link=FIGURE_ONE, return_truth=True, random_state=0
    )
    noisy = target + np.random.default_rng(0).choice([-1.0, 1.0], 3162)
    learned = net(100, **PAPER, learning_rate=np.sqrt(10)).fit(X, noisy)
    random = net(100, **PAPER | {"n_feature_steps": 0}).fit(X, noisy)
    assert nmse(learned, truth) < 0.3
    assert nmse(random, truth) > 0.5


def test_kernels_need_more_samples():
    for seed in range(2):
        X, y, truth = make_multi_index(
            1500, 50, noise=0.5, return_truth=True, random_state=seed
        )
        kernel = KernelRidge("gcv", kernel="rbf", fit_intercept=True).fit(X, y)
        learned = TwoLayerGDRegressor(300, random_state=seed).fit(X, y)
        assert nmse(learned, truth) < 0.6 * nmse(kernel, truth)
        frozen = TwoLayerGDRegressor(300, n_feature_steps=0, random_state=seed)
        assert nmse(learned, truth) < 0.6 * nmse(frozen.fit(X, y), truth)


def test_he3_defeats_one_step_and_not_the_default():
    for seed in range(2):
        X, y, truth = make_single_index(
            4000, 30, link="he3", return_truth=True, random_state=seed
        )
        paper = TwoLayerGDRegressor(
            300, **PAPER, learning_rate=np.sqrt(30), random_state=seed
        )
        assert nmse(paper.fit(X, y), truth) > 0.2
        default = TwoLayerGDRegressor(300, random_state=seed).fit(X, y)
        assert nmse(default, truth) < 0.03
        assert default.network_share_ > 0.99


def test_linear_targets_are_left_to_the_linear_part():
    errors, shares = {"net": [], "ridge": []}, []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        weights, X = (
            rng.standard_normal(50) / np.sqrt(50),
            rng.standard_normal((300, 50)),
        )
        y = X @ weights + rng.standard_normal(300)
        model = TwoLayerGDRegressor(300, random_state=seed).fit(X, y)
        ridge = RidgeCV(np.geomspace(1e-2, 1e5, 40)).fit(X, y)
        X_new = rng.standard_normal((3000, 50))
        for name, fitted in {"net": model, "ridge": ridge}.items():
            errors[name].append(np.mean((fitted.predict(X_new) - X_new @ weights) ** 2))
        shares.append(model.network_share_)
    assert np.mean(errors["net"]) < 1.3 * np.mean(errors["ridge"])
    assert max(shares) < 0.1


def test_the_mixture_is_of_the_network_and_the_linear_fit():
    """The stored head is share * network + (1 - share) * linear, as one head."""
    X = np.random.default_rng(1).standard_normal((400, 6))
    y = X[:, 0] + 0.5 * np.abs(X[:, 1]) + np.random.default_rng(2).standard_normal(400)
    model = net().fit(X, y)
    assert 0.2 < model.network_share_ < 0.8
    layer = model.features_
    features = layer.transform(X)
    centred, residual = features - features.mean(axis=0), y - y.mean()
    gram = centred.T @ centred + model.alpha_ * np.eye(66)
    network = y.mean() + centred @ np.linalg.solve(gram, centred.T @ residual)
    linear = features[:, 60:] @ layer.linear_coef_[:, 0] + layer.linear_intercept_[0]
    share = model.network_share_
    expected = share * network + (1 - share) * linear
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-8)


def test_a_fixed_penalty_mixes_nothing_in():
    model = net(alpha=2.0).fit(X, y)
    assert model.network_share_ == 1
    features = LearnedReLUFeatures(60, random_state=0).fit_transform(X, y)
    centred = features - features.mean(axis=0)
    coef = np.linalg.solve(
        centred.T @ centred + 2 * np.eye(65), centred.T @ (y - y.mean())
    )
    np.testing.assert_allclose(model.coef_, coef, atol=1e-8)


@pytest.mark.parametrize("copies", ["plain", "duplicated", "collinear"])
def test_correlated_columns_do_no_harm(copies):
    X, y = load_diabetes(return_X_y=True)
    if copies == "duplicated":
        X = np.hstack([X, X])
    elif copies == "collinear":
        X = np.hstack([X, 1e6 * X + 1, X.sum(axis=1, keepdims=True)])
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.geomspace(1e-3, 1e4, 30)))
    scores = [cross_val_score(model, X, y).mean() for model in (net(200), ridge)]
    assert scores[0] > scores[1] - 0.03


@pytest.mark.parametrize("n_samples", [2, 3, 5, 10, 20])
def test_few_rows_do_not_blow_up(n_samples):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, X_new = rng.standard_normal((2, n_samples, 8)) * 3 + 1
        y = X[:, 0] + rng.standard_normal(n_samples)
        predicted = TwoLayerGDRegressor(200, random_state=seed).fit(X, y).predict(X_new)
        # Within ten of the targets' own ranges, on points as far out as the training's.
        assert abs(predicted - y.mean()).max() < 10 * np.ptp(y)


def test_constant_targets_are_predicted():
    for constant in (0.0, 7.3, 1e9):
        model = net().fit(X, np.full(200, constant))
        np.testing.assert_allclose(model.predict(X_new), constant, rtol=1e-9)


@pytest.mark.parametrize("parameters", [{}, PAPER | {"learning_rate": 2.0}])
def test_weights_are_repetition(parameters):
    times = np.random.default_rng(1).integers(0, 4, 200)
    weighted = net(**parameters).fit(X, y, sample_weight=times)
    repeated = net(**parameters).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(
        weighted.predict(X_new), repeated.predict(X_new), atol=1e-5
    )


def test_units_of_measurement_do_not_matter():
    expected = net().fit(X, y).predict(X_new)
    units, shift = np.array([1e-3, 2, 50, 1, 1e4]), 7
    found = net().fit(X * units + shift, 1e3 * y - 5).predict(X_new * units + shift)
    np.testing.assert_allclose((found + 5) / 1e3, expected, atol=1e-5)


def test_several_targets_share_one_layer():
    X, _, truth = make_multi_index(2000, 20, return_truth=True, random_state=0)
    Y = np.abs(X @ truth.directions.T) + 0.1 * rng.standard_normal((2000, 2))
    model = net(200).fit(X, Y)
    X_new, _ = truth.sample(2000, random_state=1)
    assert model.coef_.shape == (2, 220)
    assert model.alpha_.shape == model.network_share_.shape == (2,)
    assert model.score(X_new, np.abs(X_new @ truth.directions.T)) > 0.95
