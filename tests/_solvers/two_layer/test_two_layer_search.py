"""The search for a first layer: what is told on the way, and what does not matter."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._inputs import fit_inputs, fit_linear_part
from sklearn_depth._solvers.two_layer._layers import fit_on_the_way, searched
from sklearn_depth._solvers.two_layer._search import Search, learn_layers

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


ALL = ("linear", "random", "dense", "smooth", "sparse")


def learn(
    samples, seed=0, report=lambda learned: False, kinds=("random", "dense"), **options
):
    rng = np.random.default_rng(seed)
    return learn_layers(samples, replace(SEARCH, **options), kinds, rng, report)


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
    assert list(learned.layers) == ["dense"]
    assert learn(problem(), n_feature_steps=2).start.error is not None


def test_the_planted_direction_is_found():
    learned = learn(problem(), whiten=None)
    counted = searched(learned.layer, 300)
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


@pytest.mark.parametrize(
    ("kinds", "n_steps", "ends"),
    [
        (ALL, 3, ["random", "dense", "smooth", "sparse"]),
        (("smooth",), 3, ["random", "dense", "smooth"]),
        (("smooth",), 1, []),
        (ALL, 1, []),
        (("dense",), 3, ["random", "dense"]),  # whose first step is from random units
        (("linear", "sparse"), 5, ["sparse"]),
        (("sparse",), 0, ["sparse"]),
        (("random",), 0, ["random"]),
        (("linear", "random"), 5, ["random"]),
        (("linear",), 5, []),
    ],
)
def test_each_kind_has_its_steps(kinds, n_steps, ends):
    heard = []
    learned = learn(
        problem(),
        report=lambda one: heard.append(one.kind),
        kinds=kinds,
        n_feature_steps=n_steps,
    )
    assert list(dict.fromkeys(heard)) == ends
    assert heard.count("random") == ("random" in ends)
    assert heard.count("dense") == 9 * ("dense" in ends)
    assert heard == sorted(heard, key=ends.index)  # one kind after the other
    directions = "dense" in kinds or "smooth" in kinds
    assert list(learned.layers) == (ends or ["dense"] * directions)


def test_sparse_layers_are_the_same_whatever_competes():
    one, two = (
        learn(problem(), kinds=kinds).layers["sparse"]
        for kinds in (["linear", "random", "sparse"], ["linear", "sparse"])
    )
    np.testing.assert_array_equal(one.weights, two.weights)


@pytest.mark.parametrize("whiten", ["ridge", None])
def test_sparse_units_see_few_standardised_columns(whiten):
    samples = problem()
    samples = samples.at(samples.X @ np.linalg.cholesky(0.5 + 0.5 * np.eye(6)).T)
    learned = learn(samples, kinds=["sparse"], whiten=whiten)
    weights = learned.layer.weights
    if whiten:
        weights = weights @ learned.inputs.whitening
    n_seen = np.count_nonzero(np.abs(weights) > 1e-9, axis=1)
    assert n_seen.min() == 1
    assert n_seen.max() <= 3


@pytest.mark.parametrize(
    ("n_features", "kinds"), [(30, ALL[1:]), (150, ("random", "sparse"))]
)
def test_directions_do_not_compete_on_few_rows_a_column(n_features, kinds):
    """Of 200 rows, the 150 columns of noise look like 86."""
    samples = problem(200, n_features)
    assert set(learn(samples, kinds=ALL, n_feature_steps=2).layers) == set(kinds)
    for options in ({"kinds": ["dense"]}, {"kinds": ALL[::2], "n_directions": 1}):
        assert "dense" in learn(samples, n_feature_steps=2, **options).layers


@pytest.mark.parametrize(
    ("n_directions", "n_samples", "ranks"),
    [
        (None, 10**6, []),
        ("auto", 10**6, [1, 2, 3, 5, 8]),
        ("auto", 280, [1, 2, 3]),  # 84 parameters: 3 * 27 do, 5 * 25 do not
        ("auto", 90, []),
        (4, 10, [4]),
        (40, 10, [30]),
    ],
)
def test_ranks_of_polynomials(n_directions, n_samples, ranks):
    search = replace(SEARCH, n_directions=n_directions)
    assert search.smooth_ranks(n_samples, 30) == ranks


def test_dense_units_turn_into_the_directions_of_better_polynomials():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 6))
    samples = Samples.of(X, X[:, :1] * X[:, 1:2])
    learned = learn(samples, kinds=ALL)
    dense, smooth = learned.layers["dense"], learned.layers["smooth"]
    assert np.linalg.matrix_rank(smooth.weights, tol=1e-6) == 2
    both = np.vstack([dense.weights, smooth.weights])
    assert np.linalg.matrix_rank(both, tol=1e-6) == 2
    assert dense.n_search == smooth.n_search == 8
    assert list(learned.layers) == list(ALL[1:])


def test_the_bar_is_the_least_error_so_far():
    heard = []
    learned = learn(problem(), kinds=ALL, report=heard.append)
    errors = [one.error for one in heard]
    linear = learned.linear.mean_error(learned.samples)
    for k, one in enumerate(heard):
        assert one.bar == min(linear, *errors[: k + 1])


def wide_problem(n_samples, n_features=60, seed=0):
    """A few columns that stand for many others."""
    rng = np.random.default_rng(seed)
    groups = rng.standard_normal((n_samples, 6))
    X = np.repeat(groups, n_features // 6, axis=1)
    X += 0.3 * rng.standard_normal(X.shape)
    y = groups[:, 0] - groups[:, 1] + 0.1 * rng.standard_normal(n_samples)
    return Samples.of(X, y)


def test_few_samples_of_many_columns_are_whitened_only_where_that_helps():
    """Whitened, the noise of columns is as large as what they have in common."""
    few = wide_problem(40)
    for whiten, linear_part in (("ridge", "ridge"), ("ridge", "moment")):
        learned = learn(few, whiten=whiten, linear_part=linear_part)
        turned = linear_part == "moment"  # has no error to compare
        assert (learned.inputs.whitening == np.eye(60)).all() != turned
    learned = learn(few)
    standardised = (few.X - few.X.mean(axis=0)) / few.X.std(axis=0)
    np.testing.assert_allclose(learned.samples.X, standardised, atol=1e-12)
    assert "dense" not in learned.layers  # whitened, 40 samples show no directions
    many = learn(wide_problem(61))
    assert (many.inputs.whitening != np.eye(60)).any()
    assert learn(few, whiten=None).inputs.whitening is None


def test_of_wide_inputs_the_better_linear_fit_is_kept():
    few = wide_problem(40)
    learned = learn(few)
    whitened = fit_inputs(few, "ridge")
    other = fit_linear_part(few.at(whitened.of(few.X)), "ridge")
    assert learned.linear.mean_error(few) < other.mean_error(few)
