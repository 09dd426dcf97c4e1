"""A learned layer outlives its task: heads for other targets, directions for others."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index, make_single_index

X, y, truth = make_multi_index(
    1500, 30, link="product", return_truth=True, random_state=0
)
NEXT = np.random.default_rng(1)
A = NEXT.standard_normal((60, 30))
FRESH = NEXT.standard_normal((2000, 30))


def other_target(X):
    first, second = truth.directions @ X.T
    return np.abs(first) + np.abs(second)


# He2 / 2 + He3 / sqrt(12) and He3 / sqrt(6), by orthonormal polynomials.
SOURCE, TARGET = [0, 0, np.sqrt(0.5), np.sqrt(0.5)], [0, 0, 0, 1]
PAPER = {
    "n_feature_steps": 1,
    "label_transform": None,
    "whiten": None,
    "linear_part": "moment",
    "learning_rate": np.sqrt(10),
}


def transfer_error(n_target, seed):
    """Figure 2 in ten columns, noise of variance 1 on both tasks, n = 10 000."""
    X, y, source = make_single_index(
        10_000, 10, link=SOURCE, noise=1.0, return_truth=True, random_state=seed
    )
    X_target, y_target, target = make_single_index(
        n_target,
        10,
        link=TARGET,
        direction=source.directions[0],
        noise=1.0,
        return_truth=True,
        random_state=seed + 50,
    )
    model = TwoLayerGDRegressor(100, **PAPER, random_state=seed).fit(X, y)
    fresh, _ = target.sample(20_000, random_state=99)
    predicted = model.transfer(X_target, y_target).predict(fresh)
    return np.mean((predicted - target(fresh)) ** 2)


@pytest.mark.parametrize(
    ("n_target", "low", "high"), [(1000, 0.06, 0.25), (10_000, 0.02, 0.09)]
)
def test_figure_two(n_target, low, high):
    """Risks 0.13 and 0.057 of Damian, Lee and Soltanolkotabi, for n = 10^4."""
    assert low < np.mean([transfer_error(n_target, s) for s in range(3)]) < high


@pytest.fixture(scope="module")
def net():
    return TwoLayerGDRegressor(200, alpha=0.1, random_state=0).fit(X, y)


def test_few_rows_suffice_on_the_layer_of_another_task(net):
    """Sixty rows in thirty columns, where a net from scratch has nothing to go by."""
    transferred = net.transfer(A, other_target(A))
    with pytest.warns(UserWarning, match="No direction of the 30 features"):
        scratch = TwoLayerGDRegressor(200, random_state=0).fit(A, other_target(A))
    assert transferred.score(FRESH, other_target(FRESH)) > 0.95
    assert scratch.score(FRESH, other_target(FRESH)) < 0.5


@pytest.mark.parametrize("weighted", [False, True])
def test_the_head_is_ridge_on_the_frozen_layer(net, weighted):
    weight = NEXT.uniform(0.2, 2, 60) if weighted else None
    ridge = make_pipeline(FrozenEstimator(net.features_), Ridge(0.1))
    ridge.fit(A, other_target(A), ridge__sample_weight=weight)
    model = net.transfer(A, other_target(A), weight)
    np.testing.assert_allclose(model.predict(FRESH), ridge.predict(FRESH), atol=1e-9)


def test_the_source_stays_as_it_was(net):
    before = net.predict(FRESH)
    model = net.transfer(A, np.column_stack([other_target(A), A[:, 0]]))
    np.testing.assert_array_equal(net.predict(FRESH), before)
    assert model.features_ is net.features_
    assert model.coef_.shape == (2, 230)
    assert net.coef_.shape == (230,)
    assert model.get_params() == net.get_params()


def test_other_columns_are_refused(net):
    with pytest.raises(ValueError, match="29 features"):
        net.transfer(A[:, :29], other_target(A))
