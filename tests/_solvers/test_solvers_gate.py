"""Weights of fits by their scores: formula, order and limits."""

import numpy as np
import pytest

from sklearn_depth._solvers._gate import average_heads, charged_score, mixture_weights
from sklearn_depth._solvers._ridge import RidgeHead


def weights(*scores):
    return mixture_weights(np.array(scores, float)[:, None])[:, 0]


def test_equal_scores_share_alike():
    np.testing.assert_allclose(weights(0.3, 0.3, 0.3), 1 / 3)


def test_formula():
    scores = np.array([0.5, 0.8, 0.65])
    expected = scores**-10 / (scores**-10).sum()
    np.testing.assert_allclose(weights(*scores), expected, rtol=1e-12)


def test_order():
    scores = np.linspace(0.1, 3, 50)
    assert (np.diff([weights(score, 1.0)[0] for score in scores]) < 0).all()
    assert (np.diff([weights(1.0, score)[0] for score in scores]) > 0).all()
    assert weights(1.0, 1.1, 5.0)[0] < weights(1.0, 1.1)[0]


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_unit_of_the_targets_does_not_matter(unit):
    np.testing.assert_allclose(weights(0.5 * unit, 0.6 * unit), weights(0.5, 0.6))


def test_limits():
    np.testing.assert_allclose(weights(1e-9, 1.0), [1, 1e-90])
    np.testing.assert_array_equal(weights(np.inf, 1.0), [0, 1])  # no freedom left
    np.testing.assert_array_equal(weights(1.0, 0.0, 0.5), [0, 1, 0])
    np.testing.assert_array_equal(weights(0.0, 0.0), [1, 0])  # constant targets
    np.testing.assert_array_equal(weights(np.inf, np.inf), [1, 0])


def test_each_target_has_its_own_weights():
    both = mixture_weights(np.array([[0.1, 1.0, 0.0], [1.0, 0.1, 0.0]]))
    np.testing.assert_allclose(both.sum(axis=0), 1)
    assert both[0, 0] > 0.999
    assert both[0, 1] < 0.001
    assert both[0, 2] == 1


@pytest.mark.parametrize(
    ("n_search", "factor"), [(0, 1), (5, 0.9), (19, 0.62), (20, 0.6), (1e6, 0.6)]
)
def test_the_charge_by_hand(n_search, factor):
    """Of 100 samples 2 q are spent, and 40 at most."""
    scores = np.array([0.0, 0.5, 3.0])
    np.testing.assert_allclose(
        charged_score(scores, n_search, 100), scores / factor**2, rtol=1e-12
    )


def test_the_average_predicts_the_average():
    """Heads on 4, 0 and 2 units with the same 3 inputs, two targets."""
    rng = np.random.default_rng(0)
    inputs, weights = rng.standard_normal((50, 3)), rng.dirichlet(np.ones(3), 2).T
    units = [rng.standard_normal((50, n)) for n in (4, 0, 2)]
    heads = [
        RidgeHead(rng.standard_normal((u.shape[1] + 3, 2)), rng.random(2), np.ones(2))
        for u in units
    ]
    expected = sum(
        w * (np.hstack([u, inputs]) @ head.coef + head.intercept)
        for w, u, head in zip(weights, units, heads, strict=True)
    )
    average = average_heads(heads, weights, 3)
    found = np.hstack([*units, inputs]) @ average.coef + average.intercept
    np.testing.assert_allclose(found, expected)
