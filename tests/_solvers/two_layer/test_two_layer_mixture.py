"""Candidates mixed by their errors: the formula, its order, its limits, one head."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.two_layer._layers import Layer, fit_head
from sklearn_depth._solvers.two_layer._mixture import (
    Candidate,
    alone,
    average_heads,
    mix_candidates,
    mixture_weights,
)


def weights(*errors):
    return mixture_weights(np.array(errors, float)[:, None])[:, 0]


def test_equal_errors_share_alike():
    np.testing.assert_allclose(weights(0.3, 0.3, 0.3), 1 / 3)


def test_formula():
    errors = np.array([0.5, 0.8, 0.65])
    expected = errors**-10 / (errors**-10).sum()
    np.testing.assert_allclose(weights(*errors), expected, rtol=1e-12)


def test_order():
    errors = np.linspace(0.1, 3, 50)
    assert (np.diff([weights(error, 1.0)[0] for error in errors]) < 0).all()
    assert (np.diff([weights(1.0, error)[0] for error in errors]) > 0).all()
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


def problem(n_targets=2, seed=0):
    """Samples, a layer of dense units, and one of none."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((200, 5))
    y = np.abs(Z[:, :n_targets]) + 0.3 * rng.standard_normal((200, n_targets))
    dense = Layer(rng.standard_normal((30, 5)), rng.standard_normal(30))
    return Samples.of(Z, y), dense, Layer(np.empty((0, 5)), np.empty(0))


def predicted(layer, head, Z):
    return layer.features(Z) @ head.coef + head.intercept


def candidate(layer, samples, alpha="auto"):
    head = fit_head(layer, samples, alpha)
    return Candidate(layer, head.error, head)


def single_columns(samples):
    """A foreign candidate: hinges of single columns, with least squares as its head."""
    d = samples.n_features
    layer = Layer(
        np.vstack([np.eye(d), -np.eye(d)]), np.linspace(-1, 1, 2 * d), n_search=d
    )
    features = np.column_stack([layer.features(samples.X), np.ones(len(samples))])
    solution, *_ = np.linalg.lstsq(features, samples.targets)
    rss = ((features @ solution - samples.targets) ** 2).sum(axis=0)
    error = rss / (len(samples) - features.shape[1])
    return Candidate(layer, error, RidgeHead(solution[:-1], solution[-1], np.zeros(2)))


def test_candidates_of_another_kind_are_mixed_as_any_other():
    samples, dense, none = problem()
    made = [
        candidate(dense, samples),
        candidate(none, samples),
        single_columns(samples),
    ]
    mixture = mix_candidates(made, fit_head=None)  # all have their heads
    expected_weights = mixture_weights(np.stack([one.error for one in made]))
    np.testing.assert_allclose(mixture.weights, expected_weights, atol=1e-5)
    assert (mixture.weights[[0, 2]] > 1e-3).all()  # no matter of one alone
    Z = np.random.default_rng(1).standard_normal((50, 5))
    parts = [predicted(one.layer, one.head, Z) for one in made]
    expected = np.einsum("kt,kit->it", mixture.weights, parts)
    np.testing.assert_allclose(predicted(mixture.layer, mixture.head, Z), expected)


def test_a_head_is_fitted_where_its_share_counts():
    """And then it is the head's error that counts."""
    samples, dense, none = problem(n_targets=1)
    asked = []

    def fit(layer):
        asked.append(layer)
        return Candidate(layer, 1.2 * first.error, fit_head(layer, samples))

    first = candidate(none, samples)
    near, far = (Candidate(dense, c * first.error) for c in (1.1, 2.0))
    mixture = mix_candidates([first, near, far], fit)
    assert asked == [dense]
    np.testing.assert_allclose(mixture.weights[:2, 0], weights(1.0, 1.2))
    assert mixture.weights[2, 0] == 0
    assert len(mixture.layer) == len(dense)  # once
    head, Z = fit_head(dense, samples), samples.X
    expected = mixture.weights[0] * predicted(none, first.head, Z)
    expected += mixture.weights[1] * predicted(dense, head, Z)
    np.testing.assert_allclose(predicted(mixture.layer, mixture.head, Z), expected)


def test_only_heads_tell_the_error_of_some():
    samples, dense, none = problem()
    first = candidate(none, samples)
    made = mix_candidates(
        [first, Candidate(dense)], lambda one: candidate(one, samples)
    )
    known = mix_candidates([first, candidate(dense, samples)], fit_head=None)
    np.testing.assert_array_equal(made.weights, known.weights)


def test_units_of_less_than_a_hundredth_are_left_out():
    """Also where their head is there, and where it errs more than was thought."""
    samples, dense, none = problem(n_targets=1)
    first = candidate(none, samples)
    high = Candidate(dense, 1.7 * first.error, fit_head(dense, samples))
    for one in (high, Candidate(dense, first.error)):
        mixture = mix_candidates([first, one], lambda layer: high)
        assert len(mixture.layer) == 0
        np.testing.assert_array_equal(mixture.weights, [[1], [0]])
        np.testing.assert_array_equal(mixture.head.coef, first.head.coef)


def test_the_penalty_is_that_of_the_largest_weight():
    heads = [RidgeHead(np.ones((3, 2)), np.ones(2), np.full(2, a)) for a in (1.0, 5.0)]
    average = average_heads(heads, np.array([[0.9, 0.2], [0.1, 0.8]]), 3)
    np.testing.assert_array_equal(average.alpha, [1, 5])


def test_a_layer_alone_is_itself():
    samples, dense, _ = problem()
    one = candidate(dense, samples)
    for mixture in (alone(dense, one.head), mix_candidates([one], fit_head=None)):
        np.testing.assert_array_equal(mixture.weights, [[1, 1]])
        np.testing.assert_array_equal(mixture.head.coef, one.head.coef)
        np.testing.assert_array_equal(mixture.layer.weights, dense.weights)
