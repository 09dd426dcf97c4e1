"""The learned two-layer net: Algorithm 1 by hand, the paper's figures, and guards."""

from math import factorial

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermeval
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index, make_single_index
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.metrics import subspace_alignment_score

PAPER = {
    "layers": ("dense",),
    "n_feature_steps": 1,
    "label_transform": None,
    "whiten": None,
    "linear_part": "moment",
}
DENSE = ("linear", "random", "dense")
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
    constant, beta = y.mean(), np.mean((y - y.mean())[:, None] * X, axis=0)
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
    assert model.layer_shares_ == {"dense": 1}


@pytest.mark.parametrize("constant", [0.0, 1e3, 1e6])
@pytest.mark.parametrize("linear_part", ["moment", "ridge", None])
@pytest.mark.parametrize("whiten", ["ridge", None])
def test_a_constant_in_the_target_moves_predictions_by_it(
    whiten, linear_part, constant
):
    model = net(whiten=whiten, linear_part=linear_part, n_feature_steps=1)
    Z = X + 3  # no column has mean 0
    expected = model.fit(Z, y).predict(X_new + 3)
    found = model.fit(Z, y + constant).predict(X_new + 3) - constant
    np.testing.assert_allclose(found, expected, atol=1e-8 + 1e-9 * constant)
    flat = model.fit(Z, np.full(200, constant)).predict(X_new + 3)
    np.testing.assert_allclose(flat, constant, rtol=1e-12)


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
    """Re-run table: 0.14 and 0.072 at m=100, d=10, eta=sqrt(d), noise variance 1."""
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
        kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
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
        assert nmse(default, truth) < 1e-4
        assert default.layer_shares_["smooth"] > 0.99
        dense = TwoLayerGDRegressor(300, layers=("dense",), random_state=seed)
        assert nmse(dense.fit(X, y), truth) < 0.03


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
        shares.append(model.layer_shares_["dense"])
    assert np.mean(errors["net"]) < 1.3 * np.mean(errors["ridge"])
    assert max(shares) < 0.1


def test_the_mixture_is_of_three_fits():
    """A linear fit, random units and learned ones, each as it is alone."""
    X = np.random.default_rng(1).standard_normal((400, 6))
    y = X[:, 0] + 0.5 * np.abs(X[:, 1]) + np.random.default_rng(2).standard_normal(400)
    model = net(layers=DENSE).fit(X, y)
    shares, layer = model.layer_shares_, model.features_
    assert list(shares) == ["linear", "random", "dense"]
    assert min(shares.values()) > 0.05
    start = LearnedReLUFeatures(60, n_feature_steps=0, random_state=0).fit(X, y)
    np.testing.assert_array_equal(layer.hidden_coef_[:60], start.hidden_coef_)
    parts = [shares[kind] * net(layers=(kind,)).fit(X, y).predict(X) for kind in shares]
    np.testing.assert_allclose(model.predict(X), sum(parts), atol=1e-8)


def test_random_units_stay_out_where_learning_wins():
    X, y, _ = make_single_index(
        1000, 20, link="abs", noise=0.1, return_truth=True, random_state=0
    )
    model = net().fit(X, y)
    assert model.layer_shares_["dense"] > 0.999
    assert model.layer_shares_["random"] == model.layer_shares_["sparse"] == 0
    assert model.n_units_ == len(model.features_.hidden_coef_) == 60


def test_a_given_rank_is_kept_free_of_other_units():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 5))
    model = net(n_directions=1).fit(X, X[:, 0] + rng.standard_normal(100))
    assert list(model.layer_shares_) == ["linear", "dense", "smooth"]


def test_the_seed_of_the_data_may_be_that_of_the_net():
    """No random unit points along the direction that the same seed planted."""
    _, _, truth = make_single_index(10, 30, return_truth=True, random_state=0)
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((2, 50, 30))
    start = LearnedReLUFeatures(100, n_feature_steps=0, random_state=0).fit(X, y[:, 0])
    assert np.abs(start.hidden_coef_ @ truth.directions[0]).max() < 0.8


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


@pytest.mark.filterwarnings("ignore:No direction")
@pytest.mark.parametrize("n_samples", [2, 3, 5, 10, 20])
def test_few_rows_do_not_blow_up(n_samples):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, X_new = rng.standard_normal((2, n_samples, 8)) * 3 + 1
        y = X[:, 0] + rng.standard_normal(n_samples)
        predicted = TwoLayerGDRegressor(200, random_state=seed).fit(X, y).predict(X_new)
        # Within ten of the targets' own ranges, on points as far out as the training's.
        assert abs(predicted - y.mean()).max() < 10 * np.ptp(y)


@pytest.mark.parametrize(
    ("seed", "noise", "target"),
    [
        (108, 0.3, lambda z: 1.4 * np.sin(2 * z)),
        (4, 0.5, lambda z: z**2 / 1.4),
        (4, 0.2, lambda z: np.exp(z) / 2),
    ],
    ids=["sine", "square", "exponential"],
)
def test_rows_beyond_the_last_ones_are_not_far_off(seed, noise, target):
    """Powers of one direction, which 120 rows leave free to turn there."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((1620, 3))
    y = target(X[:, 0]) + noise * rng.standard_normal(1620)
    kinds = ("linear", "dense", "smooth")
    model = TwoLayerGDRegressor(n_hidden=60, layers=kinds, random_state=0)
    assert model.fit(X[:120], y[:120]).score(X[120:], y[120:]) > 0.65


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
    assert model.coef_.shape == (2, model.n_units_ + 20)
    assert model.alpha_.shape == (2,)
    shares = np.stack(list(model.layer_shares_.values()))
    assert shares.shape == (5, 2)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    assert model.score(X_new, np.abs(X_new @ truth.directions.T)) > 0.95


def planted(link="he3", n_samples=1200, n_features=20, seed=0, noise=0.1):
    return make_single_index(
        n_samples,
        n_features,
        link=link,
        noise=noise,
        return_truth=True,
        random_state=seed,
    )


def planted_three(seed=0, n_features=25):
    return make_multi_index(
        1500,
        n_features,
        n_directions=3,
        noise=0.1,
        return_truth=True,
        random_state=seed,
    )


def aligned(model, truth):
    return subspace_alignment_score(truth.directions, model.subspace_)


@pytest.mark.parametrize(
    ("make", "rank", "fraction"),
    [
        (planted, 1, 0.3),
        (lambda seed: planted("abs", 1000, 25, seed), 1, 0.85),
        (planted_three, 3, 0.5),
    ],
    ids=["he3", "abs", "polynomial in three"],
)
def test_narrowing_lowers_the_error(make, rank, fraction):
    """Mean test errors of three draws against those of a layer of all directions."""
    errors = {None: [], "auto": [], rank: []}
    for seed in range(3):
        X, y, truth = make(seed=seed)
        for n_directions, found in errors.items():
            model = net(150, n_directions=n_directions).fit(X, y)
            found.append(nmse(model, truth))
            if n_directions is not None:
                assert aligned(model, truth) > 0.95
                assert len(model.subspace_) == rank
    for n_directions in ("auto", rank):
        assert np.mean(errors[n_directions]) < fraction * np.mean(errors[None])


@pytest.mark.parametrize("n_directions", ["auto", 1, 3])
def test_linear_targets_of_heavy_noise_are_left_to_the_linear_part(n_directions):
    errors = {"net": [], "ridge": []}
    for seed in range(3):
        X, y, truth = planted([0, 1], 400, 30, seed, noise=3.0)
        model = net(150, n_directions=n_directions).fit(X, y)
        ridge = RidgeCV(np.geomspace(1e-2, 1e5, 40)).fit(X, y)
        assert model.layer_shares_["dense"] < 0.2
        for name, fitted in {"net": model, "ridge": ridge}.items():
            errors[name].append(nmse(fitted, truth))
    assert np.mean(errors["net"]) < 1.3 * np.mean(errors["ridge"])


@pytest.mark.parametrize("whiten", ["ridge", None])
@pytest.mark.parametrize("n_directions", ["auto", None, 1, 3, 5, 9])
def test_the_subspace_has_orthonormal_rows_and_a_falling_spectrum(n_directions, whiten):
    model = net(n_directions=n_directions, whiten=whiten).fit(X, y)
    rank = len(model.subspace_)
    assert model.subspace_.shape == (rank, 5)
    if isinstance(n_directions, int):
        assert rank == min(n_directions, 5)
    np.testing.assert_allclose(
        model.subspace_ @ model.subspace_.T, np.eye(rank), atol=1e-12
    )
    assert model.subspace_spectrum_.shape == (5,)
    assert model.subspace_spectrum_.sum() == pytest.approx(1)
    assert (np.diff(model.subspace_spectrum_) <= 0).all()
    assert (model.subspace_spectrum_ >= 0).all()


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("whiten", ["ridge", None])
def test_the_spectrum_is_that_of_the_slopes_of_the_predictions(whiten, n_targets):
    """By finite differences along the standardised columns, or X without whitening."""
    data = X * [1, 10, 0.1, 1, 1] + 3
    Y = np.column_stack([y, 100 * np.abs(X[:, 2]), X[:, 3] * X[:, 4]])[:, :n_targets]
    model = net(whiten=whiten).fit(data, Y)
    unit = data.std(axis=0) if whiten == "ridge" else np.ones(5)
    slopes = np.stack(
        [
            model.predict(data + step) - model.predict(data - step)
            for step in 1e-6 * np.diag(unit)
        ]
    ) / Y.std(axis=0)
    covariance = np.einsum("ink,jnk->ij", slopes, slopes)
    values, vectors = np.linalg.eigh(covariance)
    np.testing.assert_allclose(
        model.subspace_spectrum_, values[::-1] / values.sum(), atol=1e-3
    )
    for row, vector in zip(model.subspace_, vectors.T[::-1], strict=False):
        assert abs(row @ vector) > 0.999


@pytest.mark.parametrize("n_directions", ["auto", None])
def test_the_gap_counts_the_planted_directions(n_directions):
    for seed in range(3):
        for (X, y, truth), rank in ((planted(seed=seed), 1), (planted_three(seed), 3)):
            model = net(150, n_directions=n_directions).fit(X, y)
            assert len(model.subspace_) == rank
            assert n_directions is None or aligned(model, truth) > 0.95


def test_transform_projects_standardised_clipped_columns():
    data = X * [1, 10, 0.1, 1, 1] + 3
    model = net(n_directions=2).fit(data, y)
    wild = np.vstack([data, data[0] + 1000, data[1] - [0, 1e6, 0, 0, 0]])
    scaled = np.clip((wild - data.mean(axis=0)) / data.std(axis=0), -5, 5)
    np.testing.assert_allclose(
        model.transform(wild), scaled @ model.subspace_.T, atol=1e-12
    )


def test_transform_projects_x_itself_without_whitening():
    model = net(n_directions=2, whiten=None).fit(X, y)
    np.testing.assert_allclose(model.transform(X_new), X_new @ model.subspace_.T)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_projections_that_overflow_are_refused(dtype):
    target = X @ np.ones(5)
    model = net(n_directions=1, whiten=None).fit(X.astype(dtype), target.astype(dtype))
    wild = X[:3].astype(dtype)
    wild[1] = np.finfo(dtype).max
    with pytest.raises(ValueError, match=rf"1 sample\(s\) .* overflow in {wild.dtype}"):
        model.transform(wild)
    assert np.isfinite(model.transform(wild[::2])).all()


@pytest.mark.parametrize("whiten", ["ridge", None])
def test_transform_keeps_float32(whiten):
    model = net(n_directions=2, whiten=whiten).fit(X.astype("f4"), y.astype("f4"))
    assert model.transform(X.astype("f4")).dtype == np.float32


@pytest.mark.parametrize("n_directions", [1, 3])
def test_projections_are_named(n_directions):
    model = net(n_directions=n_directions).set_output(transform="pandas").fit(X, y)
    names = [f"twolayergdregressor{k}" for k in range(n_directions)]
    assert list(model.get_feature_names_out()) == names
    found = model.transform(X_new)
    assert list(found.columns) == names
    plain = net(n_directions=n_directions).fit(X, y).transform(X_new)
    np.testing.assert_array_equal(found.to_numpy(), plain)
    assert isinstance(model.predict(X_new), np.ndarray)


def test_projections_without_a_fit_are_refused():
    with pytest.raises(NotFittedError):
        net().transform(X)


KERNEL = KernelRidge("loo", kernel="rbf", fit_intercept=True)
SPLINES = make_pipeline(
    SplineTransformer(8, extrapolation="linear"), RidgeCV(np.geomspace(1e-4, 10, 6))
)


@pytest.mark.parametrize(
    ("link", "regressor"), [("he3", SPLINES), ("abs", SPLINES), ("abs", KERNEL)]
)
def test_other_regressors_stand_on_the_projections(link, regressor):
    """A curve in one of 30 columns: R2 above 0.97 where a kernel has 0.7 at most."""
    X, y, truth = planted(link, n_features=30)
    X_new, _ = truth.sample(2000, random_state=1)
    y_new = truth(X_new)
    projected = make_pipeline(net(150, n_directions=1), regressor).fit(X, y)
    assert projected.score(X_new, y_new) > 0.97
    assert clone(KERNEL).fit(X, y).score(X_new, y_new) < 0.7


@pytest.mark.parametrize("make", [planted, planted_three])
def test_permuted_columns_permute_the_subspace(make):
    """Not bit for bit, as the random units stay where they are."""
    X, y, _ = make()
    order = np.random.default_rng(1).permutation(X.shape[1])
    model, moved = net(150).fit(X, y), net(150).fit(X[:, order], y)
    score = subspace_alignment_score(model.subspace_[:, order], moved.subspace_)
    assert score > 0.99


def test_flipped_columns_flip_the_subspace():
    X, y, _ = planted()
    signs = np.random.default_rng(1).choice([-1, 1], 20)
    model, moved = net(150).fit(X, y), net(150).fit(X * signs, y)
    score = subspace_alignment_score(model.subspace_ * signs, moved.subspace_)
    assert score > 0.99


@pytest.mark.parametrize("n_directions", ["auto", 1, 3])
@pytest.mark.parametrize("unit", [1e-9, 1e3, 1e9])
def test_the_unit_of_the_targets_scales_the_predictions(unit, n_directions):
    model, scaled = (
        net(n_directions=n_directions).fit(X, target) for target in (y, unit * y)
    )
    np.testing.assert_allclose(
        scaled.predict(X_new) / unit, model.predict(X_new), atol=1e-6
    )
    np.testing.assert_allclose(scaled.subspace_, model.subspace_, atol=1e-6)


@pytest.mark.parametrize("n_directions", ["auto", 1, 3])
def test_narrowed_nets_weigh_as_they_repeat(n_directions):
    times = np.random.default_rng(1).integers(0, 4, 200)
    model = net(n_directions=n_directions)
    weighted = clone(model).fit(X, y, sample_weight=times)
    repeated = clone(model).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    for attribute in ("subspace_", "subspace_spectrum_"):
        np.testing.assert_allclose(
            getattr(weighted, attribute), getattr(repeated, attribute), atol=1e-6
        )
    np.testing.assert_allclose(
        weighted.predict(X_new), repeated.predict(X_new), atol=1e-5
    )


@pytest.mark.parametrize("n_directions", ["auto", 1, 3])
def test_the_same_seed_gives_the_same_bits(n_directions):
    first, second = (net(n_directions=n_directions).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(first.predict(X_new), second.predict(X_new))
    np.testing.assert_array_equal(first.subspace_, second.subspace_)
    np.testing.assert_array_equal(first.subspace_spectrum_, second.subspace_spectrum_)


@pytest.mark.parametrize("n_feature_steps", [0, 1])
def test_less_than_two_steps_predict_as_without_narrowing(n_feature_steps):
    wide, narrow = (
        net(n_directions=n_directions, n_feature_steps=n_feature_steps).fit(X, y)
        for n_directions in (None, 1)
    )
    np.testing.assert_array_equal(narrow.predict(X_new), wide.predict(X_new))
    np.testing.assert_array_equal(narrow.subspace_spectrum_, wide.subspace_spectrum_)


@pytest.mark.parametrize("n_directions", ["auto", 1, 2, None])
@pytest.mark.parametrize("n_feature_steps", [2, 3])
def test_few_steps_can_be_narrowed(n_feature_steps, n_directions):
    model = net(n_feature_steps=n_feature_steps, n_directions=n_directions).fit(X, y)
    assert model.coef_.shape == (model.n_units_ + 5,)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("n_directions", ["auto", 2])
def test_targets_of_any_size_have_an_equal_say_in_the_subspace(n_directions):
    X, _, truth = make_multi_index(1500, 20, return_truth=True, random_state=0)
    Z = X @ truth.directions.T
    Y = [1e-3, 1e3] * (np.abs(Z) + 0.1 * rng.standard_normal((1500, 2)))
    model = net(150, n_directions=n_directions).fit(X, Y)
    assert len(model.subspace_) == 2
    assert aligned(model, truth) > 0.98
    assert model.subspace_spectrum_[1] > 0.3


DEGENERATE = {
    "fewer rows than columns": (X[:4], y[:4]),
    "two rows": (X[:2], y[:2]),
    "one column": (X[:, :1], y),
    "a constant target": (X, np.full(200, 3.3)),
    "one constant target of two": (X, np.column_stack([y, 0 * y + 1])),
    "duplicated columns": (np.hstack([X, X]), y),
    "constant columns": (0 * X + 7, y),
    "few equal rows": (np.ones((20, 3)), y[:20]),
    "one row, twenty times": (np.ones((20, 3)), np.full(20, 3.3)),
    "targets at 1e9": (X, 1e9 * y),
    "targets about 1e9": (X, 1e9 + y),
    "targets at 1e-9": (X, 1e-9 * y),
}


@pytest.mark.filterwarnings("ignore:No direction")
@pytest.mark.parametrize(
    ("n_directions", "whiten"), [("auto", "ridge"), (1, None), (3, "ridge")]
)
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_leave_predictions_finite(case, n_directions, whiten):
    data, target = DEGENERATE[case]
    model = net(n_directions=n_directions, whiten=whiten).fit(data, target)
    predicted = model.predict(data)
    assert (abs(predicted - target.mean(axis=0)) <= 2 * np.ptp(target) + 1e-6).all()
    assert np.isfinite(model.transform(data)).all()
    assert np.isfinite(model.subspace_spectrum_).all()


def test_projections_of_duplicated_columns_are_those_of_one():
    """Whatever the subspace has along differences of equal columns, no row shows."""
    for n_directions in ("auto", 1):
        data = np.hstack([X, X])
        model = net(n_directions=n_directions).fit(data, np.abs(X[:, 0]))
        projection = model.transform(data)
        assert projection.shape == (200, 1)
        assert abs(np.corrcoef(projection[:, 0], X[:, 0])[0, 1]) > 0.999


@pytest.mark.parametrize("constant", [0.1, 3.3, 1e9])
def test_constant_targets_have_no_directions(constant):
    model = net().fit(X, np.full(200, constant))
    np.testing.assert_array_equal(model.subspace_spectrum_, 0)


def test_without_a_linear_part_the_head_has_it_and_no_gate_opens():
    X, y, truth = make_single_index(
        600, 8, link=[0, 0.8, 0.6], noise=0.1, return_truth=True, random_state=0
    )
    model = net(100, linear_part=None).fit(X, y)
    assert model.layer_shares_ == {"dense": 1}
    assert nmse(model, truth) < 0.02
    features = model.features_.transform(X)
    expected = Ridge(model.alpha_).fit(features, y)
    np.testing.assert_allclose(model.predict(X), expected.predict(features), atol=1e-6)


@pytest.mark.parametrize(
    "layers", [(), ("dense", "wide"), ("dense", "dense"), ("linear", 3)]
)
def test_kinds_that_are_none_are_refused(layers):
    with pytest.raises(ValueError, match="name one or more of 'linear', 'random', "):
        net(layers=layers).fit(X, y)


@pytest.mark.parametrize("alpha", [0.1, "auto"])
@pytest.mark.parametrize("kind", ["linear", "random", "dense", "sparse"])
def test_a_kind_that_is_named_alone_is_a_ridge_head_on_its_units(kind, alpha):
    model = net(layers=(kind,), alpha=alpha).fit(X, y)
    assert model.layer_shares_ == {kind: 1}
    assert model.n_units_ == (0 if kind == "linear" else 60)
    expected = Ridge(model.alpha_).fit(model.features_.transform(X), y)
    features = model.features_.transform(X_new)
    np.testing.assert_allclose(
        model.predict(X_new), expected.predict(features), atol=1e-8
    )


def test_smooth_units_alone_bring_their_head():
    model = net(layers=("smooth",)).fit(X, y)
    assert model.layer_shares_ == {"smooth": 1}
    assert model.n_units_ == len(model.features_.hidden_degree_) < 60
    features = model.features_.transform(X_new)
    expected = features @ model.coef_ + model.intercept_
    np.testing.assert_allclose(model.predict(X_new), expected, rtol=1e-10)
    flat = net(layers=("smooth",), alpha=0.1).fit(X, y)
    features = flat.features_.transform(X)
    expected = Ridge(0.1).fit(features, y).predict(features)
    np.testing.assert_allclose(flat.predict(X), expected, atol=1e-8)


def test_units_know_what_they_are():
    """ReLUs have degree 0 and no bounds, smooth ones both, wherever they stand."""
    X, y, _ = planted("abs", 600, 10, noise=0.3)
    model = net().fit(X, y)
    assert model.layer_shares_["smooth"] > 0.01
    layer, z = model.features_, model.features_.transform(X)[:, model.n_units_ :]
    units, before = layer.transform(X)[:, : model.n_units_], layer.hidden_intercept_
    before = z @ layer.hidden_coef_.T + before
    relus = layer.hidden_degree_ == 0
    np.testing.assert_allclose(units[:, relus], relu(before[:, relus]), atol=1e-12)
    assert np.isinf(layer.hidden_bounds_[relus]).all()
    low, high = layer.hidden_bounds_[~relus].T
    assert (low < high).all()
    inside = np.clip(before[:, ~relus], low, high)
    degrees = layer.hidden_degree_[~relus]
    for unit, t, k in zip(units.T[~relus], inside.T, degrees, strict=True):
        kept = (t != t.min()) & (t != t.max())
        expected = hermeval(t, [0] * k + [1]) / np.sqrt(factorial(k))
        np.testing.assert_allclose(unit[kept], expected[kept], atol=1e-9)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_polynomials_are_learned_as_they_are(dtype):
    X, y, truth = make_multi_index(
        1500, 20, link="product", return_truth=True, random_state=0
    )
    model = net(200).fit(X.astype(dtype), y.astype(dtype))
    X_new, _ = truth.sample(3000, random_state=1)
    left = model.predict(X_new.astype(dtype)) - truth(X_new)
    assert np.mean(left**2) < 1e-4 * truth(X_new).var()
    assert subspace_alignment_score(truth.directions, model.subspace_) > 0.999


def test_other_targets_take_the_smooth_units_too():
    X, y, truth = planted("he3", 1500, 15, noise=0.1)
    model = net().fit(X, y)
    few, fresh = (
        truth.sample(200, random_state=1)[0],
        truth.sample(9, random_state=2)[0],
    )
    other = (few @ truth.directions[0]) ** 2
    moved = model.transfer(few, other)
    assert moved.features_ is model.features_
    expected = (fresh @ truth.directions[0]) ** 2
    np.testing.assert_allclose(moved.predict(fresh), expected, atol=0.2)


def test_one_far_row_gets_no_far_prediction():
    """A degree of 7 would be in the thousands there."""
    X, y, truth = planted("abs", 1000, 20, noise=0.3)
    model = net(layers=("linear", "smooth"), n_directions=1).fit(X, y)
    assert model.layer_shares_["smooth"] > 0.99
    far = 4.9 * np.sign(truth.directions)
    assert abs(model.predict(far)[0]) < 5 * truth(far)[0]


def test_where_errors_are_not_compared_one_kind_stands_alone():
    for parameters, kind in (
        ({"alpha": 1.0}, "dense"),
        ({"alpha": 1.0, "layers": ("linear", "sparse")}, "sparse"),
        ({"linear_part": "moment"}, "dense"),
    ):
        assert list(net(**parameters).fit(X, y).layer_shares_) == [kind]


def test_the_order_of_the_names_does_not_matter():
    one, two = (net(layers=layers).fit(X, y) for layers in (DENSE, DENSE[::-1]))
    np.testing.assert_array_equal(one.predict(X_new), two.predict(X_new))


def wide(n_samples, n_features, seed, noise=0.1):
    """|x_0| + x_1 / 2, and fresh samples."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples + 1000, n_features))
    y = np.abs(X[:, 0]) + 0.5 * X[:, 1] + noise * rng.standard_normal(len(X))
    return X[:n_samples], y[:n_samples], X[n_samples:], y[n_samples:]


@pytest.mark.filterwarnings("ignore:No direction")  # on one of three draws
def test_two_columns_are_found_among_more_than_there_are_samples():
    scores = []
    for seed in range(3):
        X, y, X_new, y_new = wide(300, 400, seed)
        model = net(300).set_params(random_state=seed).fit(X, y)
        scores.append(model.score(X_new, y_new))
    assert np.median(scores) > 0.9


@pytest.mark.filterwarnings("ignore:No direction")
@pytest.mark.parametrize(("n_samples", "n_features"), [(60, 500), (100, 100)])
def test_noise_is_left_to_the_mean_where_columns_are_many(n_samples, n_features):
    scores = []
    for seed in range(5):
        X, _, X_new, _ = wide(n_samples, n_features, seed)
        y = np.random.default_rng(seed + 100).standard_normal(n_samples)
        predicted = net(200).fit(X, y).predict(X_new)
        scores.append(np.mean(predicted**2))  # of a variance of 1
    assert np.mean(scores) < 0.05


def test_importances_are_shares_of_mean_squared_derivatives():
    data = X * [1, 10, 0.1, 1, 1] + 3
    model = net().fit(data, y)
    slopes = [
        model.predict(data + step) - model.predict(data - step)
        for step in 1e-6 * np.diag(data.std(axis=0))
    ]
    squares = np.mean(np.square(slopes), axis=1)
    np.testing.assert_allclose(
        model.feature_importances_, squares / squares.sum(), atol=1e-3
    )


def test_importances_have_the_order_of_permuted_columns():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 6))
    y = 2 * np.abs(X[:, 4]) + X[:, 1] + 0.4 * np.sin(2 * X[:, 2])
    model = net().fit(X, y + 0.1 * rng.standard_normal(600))
    permuted = permutation_importance(model, X, y, random_state=0).importances_mean
    order = np.argsort(-model.feature_importances_)
    np.testing.assert_array_equal(order[:3], [4, 1, 2])
    np.testing.assert_array_equal(order[:3], np.argsort(-permuted)[:3])
    assert model.feature_importances_.sum() == pytest.approx(1)


def test_a_constant_fit_has_no_importances():
    model = net().fit(X, np.full(200, 3.0))
    np.testing.assert_array_equal(model.feature_importances_, 0)
