"""The contract that every generator keeps, found through ``datasets.__all__``."""

import inspect
import pickle

import numpy as np
import pytest

from sklearn_depth import datasets

MAKERS = [getattr(datasets, name) for name in datasets.__all__ if "make_" in name]
DRAWERS = [*MAKERS, datasets.sample_radial]
each_maker = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
each_drawer = pytest.mark.parametrize("draw", DRAWERS, ids=lambda draw: draw.__name__)


def arrays(drawn):
    return drawn if isinstance(drawn, tuple) else (drawn,)


def assert_same_bits(first, second):
    for a, b in zip(arrays(first), arrays(second), strict=True):
        np.testing.assert_array_equal(a, b)


@each_drawer
def test_signature(draw):
    n_samples, n_features, *others = inspect.signature(draw).parameters.values()
    assert (n_samples.name, n_samples.default) == ("n_samples", 100)
    assert n_features.name == "n_features"
    assert {parameter.kind for parameter in others} == {inspect.Parameter.KEYWORD_ONLY}
    assert others[-1].name == "random_state"


@each_maker
def test_shapes(make):
    X, y = make(30, 12, random_state=0)
    assert X.shape == (30, 12)
    assert y.shape == (30,)
    labels = make is datasets.make_multi_index_labels
    assert X.dtype == np.float64
    assert y.dtype == (np.int64 if labels else np.float64)
    assert make(1, 12, random_state=0)[0].shape == (1, 12)


@each_drawer
def test_same_seed_same_bits(draw):
    assert_same_bits(draw(random_state=3), draw(random_state=3))
    assert_same_bits(
        draw(random_state=np.random.default_rng(3)),
        draw(random_state=np.random.default_rng(3)),
    )
    assert_same_bits(
        draw(random_state=np.random.RandomState(3)),
        draw(random_state=np.random.RandomState(3)),
    )
    assert (arrays(draw(random_state=3))[0] != arrays(draw(random_state=4))[0]).any()


@each_drawer
@pytest.mark.parametrize("make_state", [np.random.default_rng, np.random.RandomState])
def test_random_states_advance(draw, make_state):
    state = make_state(0)
    first, second = (arrays(draw(random_state=state))[0] for _ in range(2))
    assert (first != second).any()


@each_drawer
@pytest.mark.parametrize("seed", [None, 0])
def test_global_random_state_is_left_alone(draw, seed):
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    draw(random_state=seed)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


@each_maker
def test_truth_is_the_target_without_noise(make):
    X, y, truth = make(200, return_truth=True, random_state=0)
    np.testing.assert_array_equal(truth(X), y)
    np.testing.assert_array_equal(truth(X.tolist()), y)
    X, y, truth = make(200, noise=0.3, return_truth=True, random_state=0)
    assert (truth(X) != y).any()


@each_maker
def test_return_truth_leaves_the_data_alone(make):
    with_truth = make(noise=0.2, return_truth=True, random_state=0)
    assert_same_bits(with_truth[:2], make(noise=0.2, random_state=0))


@each_maker
def test_fresh_samples_have_the_planted_target(make):
    X, _, truth = make(50, return_truth=True, random_state=0)
    X_new, y_new = truth.sample(40, random_state=1)
    assert X_new.shape == (40, X.shape[1])
    assert (X_new != X[:40]).any()
    np.testing.assert_array_equal(truth(X_new), y_new)
    assert_same_bits((X_new, y_new), truth.sample(40, random_state=1))


@each_maker
def test_fresh_samples_have_the_planted_noise(make):
    truth = make(noise=0.3, return_truth=True, random_state=0)[2]
    rms = [
        np.sqrt(np.mean((y - truth(X)) ** 2))
        for X, y in (truth.sample(20_000, seed) for seed in (0, 1))
    ]
    # Standard deviation of Gaussian noise, or the root of the probability of a flip.
    flipped = make in (datasets.make_ball_indicator, datasets.make_multi_index_labels)
    expected = np.sqrt(0.3) if flipped else 0.3
    np.testing.assert_allclose(rms, expected, rtol=0.03)


@each_maker
def test_truth_pickles(make):
    X, _, truth = make(return_truth=True, random_state=0)
    copy = pickle.loads(pickle.dumps(truth))
    np.testing.assert_array_equal(copy(X), truth(X))
    assert_same_bits(copy.sample(20, random_state=0), truth.sample(20, random_state=0))


@each_maker
def test_ceiling(make):
    assert make(return_truth=True, random_state=0)[2].bayes_r2 == 1
    ceilings = [
        make(noise=noise, return_truth=True, random_state=0)[2].bayes_r2
        for noise in (0.01, 0.1, 0.4)
    ]
    assert 1 > ceilings[0] > ceilings[1] > ceilings[2] > 0


@each_maker
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 0}, r"'n_samples' .* in the range \[1, inf\)\. Got 0"),
        ({"n_features": 0}, r"'n_features' .* in the range \[1, inf\)\. Got 0"),
        ({"n_samples": 2.5}, r"'n_samples' .* must be an int"),
        ({"noise": -0.1}, r"'noise' .* in the range \[0.*Got -0.1"),
        ({"noise": np.nan}, r"'noise' .* in the range \[0.*Got nan"),
        ({"noise": np.inf}, r"'noise' .* in the range \[0.*Got inf"),
        ({"return_truth": "yes"}, r"'return_truth' .* 'bool'.*Got 'yes'"),
        ({"random_state": "seed"}, r"'random_state' .* Got 'seed'"),
    ],
)
def test_bad_parameters(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)


@each_maker
def test_bad_inputs_of_the_truth(make):
    truth = make(100, 12, return_truth=True, random_state=0)[2]
    with pytest.raises(ValueError, match=r"X has 11 features.*planted in 12"):
        truth(np.zeros((5, 11)))
    with pytest.raises(ValueError, match="NaN"):
        truth(np.full((5, 12), np.nan))
    with pytest.raises(ValueError, match=r"'n_samples' .* Got 0"):
        truth.sample(0)


def own_functions(make):
    """The parameters of a generator that take a function of one's own."""
    return {"link", "profile", "map"} & set(inspect.signature(make).parameters)


@pytest.mark.parametrize(
    ("make", "name"), [(make, name) for make in MAKERS for name in own_functions(make)]
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_functions_that_are_not_finite_are_refused(make, name, value):
    def once(z):
        return np.append(np.full(len(z) - 1, 0.5), value)

    with pytest.raises(ValueError, match=f"{name} returned {value} at .*must be finit"):
        make(**{name: once}, random_state=0)
