"""The search for a first layer: what is told on the way, and what does not matter."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._layers import fit_on_the_way, searched
from sklearn_depth._solvers.two_layer._search import Search, learn_layer

SEARCH = Search(
    n_hidden=60,
    n_feature_steps=3,
    n_directions="auto",
    label_transform="auto",
    whiten="ridge",
    linear_part="ridge",
    learning_rate="rms",
    refine=False,
    device="cpu",
)


def problem(n_samples=300, n_features=6, seed=0):
    """A noisy |x_0|, with weights."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, n_features))
    y = np.abs(X[:, 0]) + 0.1 * rng.standard_normal(n_samples)
    return Samples.of(X, y, rng.uniform(0.5, 2, n_samples))


def learn(samples, seed=0, report=lambda learned: False, **options):
    rng = np.random.default_rng(seed)
    return learn_layer(samples, replace(SEARCH, **options), rng, report)


@pytest.mark.parametrize(
    ("n_directions", "n_samples", "n_features", "ranks"),
    [
        (None, 10**6, 30, []),
        ("auto", 10**6, 30, [8, 3, 1]),
        ("auto", 10**6, 8, [3, 1]),
        ("auto", 10**6, 1, []),
        ("auto", 280, 30, [3, 1]),  # 84 parameters: 3 * 27 do, 8 * 22 do not
        ("auto", 90, 30, []),  # 27 parameters, where one direction has 29
        (1, 10, 30, [8, 3, 1]),
        (2, 10, 30, [8, 3, 2]),
        (3, 10, 30, [8, 3]),
        (5, 10, 6, [5]),
        (6, 10, 6, []),
        (20, 10, 30, [20]),
    ],
)
def test_ranks_that_the_layer_is_narrowed_to(
    n_directions, n_samples, n_features, ranks
):
    search = replace(SEARCH, n_directions=n_directions)
    assert search.ranks(n_samples, n_features) == ranks


@pytest.mark.parametrize(
    ("n_steps", "n_directions", "told"),
    [
        (0, "auto", 0),
        (1, "auto", 0),
        (2, None, 2),  # the start, and each step before the last
        (3, None, 3),
        (3, "auto", 1 + 2 + 1 + 3 * 2),  # then the full layer, and 3 rounds at 2 ranks
        (3, 5, 1 + 2 + 1 + 3),
    ],
)
def test_each_step_is_told(n_steps, n_directions, told):
    heard = []
    learned = learn(
        problem(),
        report=lambda one: heard.append(one),
        n_feature_steps=n_steps,
        n_directions=n_directions,
    )
    assert len(heard) == told
    for one in heard:
        assert np.isfinite(one.layer.error).all()
        assert one.samples is learned.samples
    if told:
        assert heard[0].layer is heard[0].start
        assert heard[0].labels is None
    assert (learned.labels is None) == (n_steps == 0)
    assert learned.layer.weights.shape == (60, 6)


@pytest.mark.parametrize("stop_after", [1, 3, 6])
def test_a_true_answer_makes_a_layer_the_last(stop_after):
    heard = []

    def report(learned):
        heard.append(learned)
        return len(heard) == stop_after

    learned = learn(problem(), report=report)
    assert len(heard) == stop_after
    assert learned is heard[-1]


def test_listening_changes_nothing():
    one, other = learn(problem()), learn(problem(), report=lambda learned: None)
    np.testing.assert_array_equal(one.layer.weights, other.layer.weights)
    np.testing.assert_array_equal(one.layer.biases, other.layer.biases)


def test_errors_on_the_way_are_those_of_heads_on_targets_of_variance_one():
    samples = problem()
    heard = []
    learned = learn(samples.to(100 * samples.targets + 7), report=heard.append)
    scaled = learned.samples.scaled()
    for one in heard[:3]:
        expected, _ = fit_on_the_way(one.layer, scaled)
        np.testing.assert_allclose(one.layer.error, expected.error, rtol=1e-6)
    assert heard[-1].layer.error < 0.3 * heard[0].layer.error


def test_a_random_layer_is_the_start_itself():
    learned = learn(problem(), n_feature_steps=0)
    assert learned.layer is learned.start
    assert learned.start.error is None
    assert learn(problem(), n_feature_steps=2).start.error is not None


def test_the_planted_direction_is_found():
    learned = learn(problem(), whiten=None)
    counted = searched(learned.layer)
    assert counted.n_search < 1.5 * 5  # about one direction of six
    weights = learned.layer.weights
    cosines = weights[:, 0] / np.linalg.norm(weights, axis=1)
    assert np.median(np.abs(cosines)) > 0.99


@pytest.mark.parametrize("refine", [False, True])
@pytest.mark.parametrize("unit", [1e-200, 100.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(unit, refine):
    samples = problem()
    other = Samples.of(samples.X, samples.targets, unit * samples.weight)
    one, two = (learn(s, refine=refine).layer for s in (samples, other))
    np.testing.assert_allclose(one.weights, two.weights, atol=1e-6)


def test_rows_given_twice_are_rows_of_weight_two():
    samples = problem()
    times = 1 + np.arange(300) % 3
    rows = np.repeat(np.arange(300), times)
    weighted = Samples.of(samples.X, samples.targets, times.astype(float))
    repeated = Samples.of(samples.X[rows], samples.targets[rows]).merged()
    one, two = (learn(s).layer for s in (weighted, repeated))
    np.testing.assert_allclose(one.weights, two.weights, atol=1e-6)


@pytest.mark.parametrize("whiten", ["ridge", None])
def test_float32_samples_give_float32_layers(whiten):
    samples = problem()
    learned = learn(samples.at(samples.X.astype("f4")), whiten=whiten)
    assert learned.layer.weights.dtype == np.float32
    assert learned.samples.X.dtype == np.float32
