"""Targets to learn: monomials, polynomials of polynomials, teachers, invariants."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm

from sklearn_depth.datasets import (
    make_hierarchical,
    make_invariant,
    make_sparse_parity,
    make_staircase,
    make_teacher_network,
)
from sklearn_depth.datasets._links import random_polynomial
from sklearn_depth.metrics import leap_complexity, neuron_matching_score
from sklearn_depth.utils._random import check_generator

NOISE = 0.5


def planted(make, *args, seed=0, **parameters):
    return make(*args, **parameters, return_truth=True, random_state=seed)


def variance_of(truth):
    """From the ceiling under noise, which is Var / (Var + noise²)."""
    assert truth.noise == NOISE
    return NOISE**2 * truth.bayes_r2 / (1 - truth.bayes_r2)


def gaussian_grid(n_features, n_nodes):
    """Points and weights that are exact for polynomials of degree 2 n - 1."""
    nodes, weights = hermegauss(n_nodes)
    X = np.array(list(product(nodes, repeat=n_features)))
    rule = np.array(list(product(weights, repeat=n_features))).prod(axis=1)
    return X, rule / rule.sum()


@pytest.mark.parametrize("order", [1, 2, 5])
def test_sparse_parities(order):
    truth = planted(make_sparse_parity, 10, 6, order=order, noise=NOISE)[2]
    ((*columns,),) = truth.monomials
    assert len(set(columns)) == order
    X = np.array(list(product([-1.0, 1.0], repeat=6)))
    y = truth(X)
    np.testing.assert_array_equal(y, np.prod(X[:, columns], axis=1))
    flipped = X.copy()
    flipped[:, columns[0]] *= -1
    np.testing.assert_array_equal(truth(flipped), -y)
    assert variance_of(truth) == pytest.approx(np.var(y))
    assert leap_complexity(truth.monomials) == order


@pytest.mark.parametrize("inputs", ["boolean", "gaussian"])
@pytest.mark.parametrize(("order", "leap"), [(1, 1), (4, 1), (2, 2)])
def test_staircases(inputs, order, leap):
    truth = planted(
        make_staircase, 10, 4, order=order, leap=leap, inputs=inputs, noise=NOISE
    )[2]
    if inputs == "gaussian":
        X, rule = gaussian_grid(4, 3)
    else:
        X, rule = np.array(list(product([-1.0, 1.0], repeat=4))), np.full(16, 1 / 16)
    columns = truth.monomials[-1]
    steps = np.cumprod(X[:, columns], axis=1)[:, leap - 1 :: leap]
    assert steps.shape[1] == order
    y = truth(X)
    np.testing.assert_allclose(y, steps.sum(axis=1))
    np.testing.assert_allclose(steps.T * rule @ steps, np.eye(order), atol=1e-10)
    assert rule @ y == pytest.approx(0, abs=1e-10)
    assert variance_of(truth) == pytest.approx(rule @ y**2)
    assert leap_complexity(truth.monomials) == leap


def test_inputs_of_monomials():
    X = make_staircase(20_000, 4, random_state=0)[0]
    assert set(np.unique(X)) == {-1, 1}
    np.testing.assert_allclose(X.T @ X / 20_000, np.eye(4), atol=0.03)
    X = make_staircase(20_000, 4, inputs="gaussian", random_state=0)[0]
    assert np.mean(X**4) == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("make", [make_sparse_parity, make_staircase])
def test_monomials_that_are_refused(make):
    with pytest.raises(ValueError, match="11 features cannot be drawn from n_feat"):
        make(order=11)
    truth = planted(make, 10, 4, order=2)[2]
    X = np.ones((3, 4))
    X[2, truth.monomials[-1][1]] = 0.5
    with pytest.raises(ValueError, match=r"X has 0\.5 in sample 2, feature .*-1 and 1"):
        truth(X)
    with pytest.raises(ValueError, match="6 features cannot be drawn"):
        make_staircase(10, 5, order=2, leap=3)


def test_staircases_beyond_memory_are_refused():
    with pytest.raises(ValueError, match="1000000000000000 features cannot be drawn"):
        make_staircase(order=10**15)
    with pytest.raises(MemoryError, match="with what is planted in them"):
        make_staircase(1, 10**7, order=10**7)


@pytest.mark.parametrize(("degree", "n_directions"), [(1, 2), (2, 3), (3, 2)])
def test_the_feature_of_a_hierarchy_has_one_degree(degree, n_directions):
    """It is orthogonal to all polynomials below, and of variance 1."""
    truth = planted(make_hierarchical, 10, 8, degree=degree, n_directions=n_directions)[
        2
    ]
    z, rule = gaussian_grid(n_directions, degree + 1)
    p = truth.feature(z @ truth.directions)
    assert rule @ p**2 == pytest.approx(1)
    for exponents in product(range(degree), repeat=n_directions):
        if sum(exponents) < degree:
            lower = np.prod(z ** np.array(exponents), axis=1)
            assert rule @ (p * lower) == pytest.approx(0, abs=1e-10)


def test_the_link_of_a_hierarchy():
    for link, function in [("tanh", np.tanh), (np.sin, np.sin), ([0, 0, 1], None)]:
        X, y, truth = planted(make_hierarchical, 200, 8, link=link)
        p = truth.feature(X)
        expected = function(p) if function else (p**2 - 1) / np.sqrt(2)
        np.testing.assert_allclose(y, expected, atol=1e-12)
        gram = truth.directions @ truth.directions.T
        np.testing.assert_allclose(gram, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("n_directions", [1, 2, 3, 4])
def test_the_variance_of_a_hierarchy(n_directions):
    """Exact on polynomials of the feature for few directions, else drawn."""
    given = {"n_directions": n_directions, "noise": NOISE}
    rel = 1e-9 if n_directions < 4 else 0.05
    identity = planted(make_hierarchical, link=[0, 1], **given)[2]
    assert variance_of(identity) == pytest.approx(1, rel=rel)
    square = planted(make_hierarchical, link=[0, 0, 1], **given)[2]
    z, rule = gaussian_grid(n_directions, 7)
    p = square.feature(z @ square.directions)
    assert variance_of(square) == pytest.approx((rule @ p**4 - 1) / 2, rel=2 * rel)
    tanh = planted(make_hierarchical, **given)[2]
    y = tanh(tanh.sample(200_000, random_state=1)[0])
    assert variance_of(tanh) == pytest.approx(np.var(y), rel=0.02)


def test_the_variance_of_a_hierarchy_that_jumps():
    """The feature of one direction is (z^2 - 1) / sqrt(2), up to its sign."""
    truth = planted(make_hierarchical, n_directions=1, link="sign", noise=NOISE)[2]
    outside = 2 * norm.sf(1)
    assert variance_of(truth) == pytest.approx(4 * outside * (1 - outside), rel=0.01)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_directions": 11}, "n_directions=11 orthonormal directions do not fit"),
        ({"link": np.max}, r"link returned shape \(\)"),
        ({"link": "nothing"}, "'link' parameter"),
        ({"degree": 0}, "'degree' parameter"),
    ],
)
def test_hierarchies_that_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_hierarchical(**parameters)


@pytest.mark.parametrize("angle", [0.1, np.pi / 2, np.arccos(-1 / 3)])
def test_teachers_have_equal_angles(angle):
    X, y, truth = planted(make_teacher_network, 50, n_neurons=4, angle=angle)
    gram = np.full((4, 4), np.cos(angle))
    np.fill_diagonal(gram, 1)
    np.testing.assert_allclose(truth.neurons @ truth.neurons.T, gram, atol=1e-12)
    by_hand = sum(np.maximum(X @ w, 0) / 2 for w in truth.neurons)
    np.testing.assert_allclose(y, by_hand, atol=1e-12)


@pytest.mark.parametrize("angle", [1e-3, 1e-6, 1e-9])
def test_neurons_may_be_close(angle):
    """At the distance 2 sin(angle / 2)."""
    *_, truth = planted(make_teacher_network, 10, n_neurons=3, angle=angle)
    distances = np.linalg.norm(np.diff(truth.neurons, axis=0), axis=1)
    np.testing.assert_allclose(distances, 2 * np.sin(angle / 2), rtol=1e-6)


def test_alternating_neurons():
    X, y, truth = planted(make_teacher_network, n_neurons=3, signs="alternating")
    hidden = np.maximum(X @ truth.neurons.T, 0)
    np.testing.assert_allclose(y, hidden @ [1, -1, 1] / np.sqrt(3))


@pytest.mark.parametrize("signs", ["positive", "alternating"])
@pytest.mark.parametrize("angle", [0.4, np.pi / 2, 2.8, np.pi])
def test_the_variance_of_two_neurons(signs, angle):
    """In polar coordinates: E r² = 2 times the mean over angles."""
    truth = planted(
        make_teacher_network, n_neurons=2, angle=angle, signs=signs, noise=NOISE
    )[2]
    t = 2 * np.pi * (np.arange(100_003) + 0.5) / 100_003
    sign = 1 if signs == "positive" else -1
    h = (np.maximum(np.cos(t), 0) + sign * np.maximum(np.cos(t - angle), 0)) / 2**0.5
    variance = 2 * np.mean(h**2) - np.pi / 2 * np.mean(h) ** 2  # E r = sqrt(pi / 2)
    assert variance_of(truth) == pytest.approx(variance, rel=1e-5)


def test_teachers_that_are_refused():
    with pytest.raises(ValueError, match=r"angle=2\.2 is too large.* be 2\.094 apart"):
        make_teacher_network(angle=2.2)
    with pytest.raises(ValueError, match="n_neurons=11 at equal angles do not fit"):
        make_teacher_network(n_neurons=11)
    with pytest.raises(ValueError, match="'angle' parameter"):
        make_teacher_network(angle=0.0)
    assert make_teacher_network(n_neurons=1)[1].min() >= 0


GROUPS = {
    "cyclic": [[(i + shift) % 4 for i in range(4)] for shift in range(4)],
    "symmetric": list(permutations(range(4))),
}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("degree", [1, 2, 4])
def test_invariant_polynomials_are_means_over_the_group(group, degree):
    truth = planted(make_invariant, 5, 4, group=group, degree=degree, noise=NOISE)[2]
    X, rule = gaussian_grid(4, degree + 1)
    random = random_polynomial(4, degree, check_generator(0))
    mean = np.mean([random(X[:, list(g)]) for g in GROUPS[group]], axis=0)
    y = truth(X)
    np.testing.assert_allclose(y, mean / np.sqrt(rule @ mean**2), atol=1e-8)
    assert rule @ y == pytest.approx(0, abs=1e-9)
    assert rule @ y**2 == pytest.approx(1)
    assert variance_of(truth) == pytest.approx(1)
    for g in GROUPS[group]:
        np.testing.assert_allclose(truth(X[:, list(g)]), y, atol=1e-8)


def test_cyclic_invariants_are_not_all_symmetric():
    X, y, truth = planted(make_invariant, 100, 5)
    assert np.abs(truth(X[:, [1, 0, 2, 3, 4]]) - y).max() > 0.1


def test_neurons_are_matched_one_to_one():
    """Against all assignments."""
    rng = np.random.default_rng(0)
    true, fitted = rng.standard_normal((3, 4)), rng.standard_normal((5, 4))
    cosines = (true @ fitted.T) / np.outer(
        np.linalg.norm(true, axis=1), np.linalg.norm(fitted, axis=1)
    )
    for signed, values in [(True, cosines), (False, np.abs(cosines))]:
        best = max(
            np.mean(values[[0, 1, 2], list(chosen)])
            for chosen in permutations(range(5), 3)
        )
        score = neuron_matching_score(true, fitted, signed=signed)
        assert score == pytest.approx(best)


def test_the_order_and_length_of_neurons_are_no_matter():
    truth = planted(make_teacher_network, 10, 8, n_neurons=5, angle=0.7)[2]
    rng = np.random.default_rng(1)
    shuffled = rng.permutation(truth.neurons) * rng.uniform(0.1, 1e8, (5, 1))
    assert neuron_matching_score(truth.neurons, shuffled) == pytest.approx(1)
    assert neuron_matching_score(truth.neurons, -shuffled) < 0
    opposite = neuron_matching_score(truth.neurons, -shuffled, signed=False)
    assert opposite == pytest.approx(1)
    both = np.concatenate([np.zeros((2, 8)), shuffled[:3]])
    found = neuron_matching_score(truth.neurons, both)
    assert found == pytest.approx(3 / 5)


def test_scores_are_at_most_one():
    rng = np.random.default_rng(0)
    for _ in range(50):
        neurons = rng.standard_normal((3, 7))
        assert 1 - 1e-12 < neuron_matching_score(neurons, neurons) <= 1


def test_scores_that_are_refused():
    with pytest.raises(ValueError, match=r"has 2 features and neurons_pred 3"):
        neuron_matching_score([[1, 0]], [[1, 0, 0]])
    with pytest.raises(ValueError, match="row 1 of neurons_true is zero"):
        neuron_matching_score([[1, 0], [0, 0]], [[1, 0]])
