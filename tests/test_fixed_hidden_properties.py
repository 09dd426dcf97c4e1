"""What holds of the sigmoid nets on any table, however degenerate or extreme."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth import FixedHiddenSigmoidClassifier, FixedHiddenSigmoidRegressor

fast = settings(max_examples=25, deadline=None, derandomize=True, database=None)
BOTH = [FixedHiddenSigmoidRegressor, FixedHiddenSigmoidClassifier]
each_estimator = pytest.mark.parametrize("make", BOTH)
# A strongly convex problem, solved to the end: what moves it little, moves it little.
SHARP = {"alpha": 1e-2, "tie": 3, "tol": 1e-10}

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3))
y = np.linalg.norm(X, axis=1) + 0.1 * rng.standard_normal(40)
EXTREME_X = {
    "zeros": 0 * X,
    "equal rows": np.tile(X[0], (40, 1)),
    "a constant column": X * [1, 0, 1] + [0, 7, 0],
    "offset 1e8": X + 1e8,
    "offset beyond precision": X + 1e17,
    "1e-12": 1e-12 * X,
    "1e12": 1e12 * X,
    "columns of unlike scale": X * [1e-8, 1, 1e8],
    "a row at 1e6": X * np.where(np.arange(40) == 3, 1e6, 1)[:, None],
    "a row at 1e90": X * np.where(np.arange(40) == 3, 1e90, 1)[:, None],
    "rows tenfold": np.repeat(X[:4], 10, axis=0),
    "most rows equal": np.where(np.arange(40)[:, None] < 30, X[0], X),
    "integers": np.round(3 * X),
    "two values": np.sign(X),
    "one column": X[:, :1],
    "two rows": X[[0, 1]],
}
EXTREME_Y = {
    "zeros": 0 * y,
    "constant": 0 * y + 7,
    "1e-90": 1e-90 * y,
    "1e90": 1e90 * y,
    "offset 1e8": y + 1e8,
    "offset beyond precision": y + 1e17,
    "one at 1e6": np.where(np.arange(40) == 3, 1e6, y),
    "one that differs": (np.arange(40) == 3).astype(float),
}
EXTREME_WEIGHTS = {
    "over twelve decades": 10 ** rng.uniform(-6, 6, 40),
    "one heavy row": np.where(np.arange(40) == 3, 1e6, 1e-6),
    "tiny": np.full(40, 1e-200),
    "huge": np.full(40, 1e200),
}
OPTIONS = [
    {"tol": 1e-3},
    {"alpha": 0, "tie": 10},
    {"design": "iid", "fit_intercept": False},
    {"solver": "gd", "alpha": 1e-3, "tie": 1, "max_iter": 20},
]
each_option = pytest.mark.parametrize("options", OPTIONS, ids=str)


def labels(values):
    """Two classes, whatever the numbers."""
    return np.argsort(np.argsort(values, kind="stable")) >= len(values) // 2


def fit(make, X, y, sample_weight=None, *, n_hidden=14, **options):
    """A small net; for the classifier, on the labels of ``y``."""
    target = labels(y) if make is FixedHiddenSigmoidClassifier else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make(n_hidden, random_state=0, **options).fit(X, target, sample_weight)


def output(model, X):
    return model.predict_proba(X) if is_classifier(model) else model.predict(X)


def assert_sound(model, X, y):
    """Finite where X is and far from it, and within the documented range."""
    found = np.concatenate([output(model, Z) for Z in (X, -3 * X + 1, 1e50 + X)])
    assert np.isfinite(model.coef_).all()
    assert np.isfinite(found).all()
    if is_classifier(model):
        assert ((found >= 0) & (found <= 1)).all()
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    elif y.min() >= 0 and y.max() <= 1 and np.ptp(y) >= 0.5:
        assert ((found >= 0) & (found <= 1)).all()
    else:
        width = np.ptp(y)  # none of a constant, which is predicted as it is
        slack = 1e-9 * (width + np.abs(y).max())
        assert found.min() >= y.min() - width / 18 - slack
        assert found.max() <= y.min() + width + width / 18 + slack


@each_estimator
@each_option
@pytest.mark.parametrize("case", EXTREME_X)
def test_extreme_inputs(make, options, case):
    Z = EXTREME_X[case]
    assert_sound(fit(make, Z, y[: len(Z)], **options), Z, y[: len(Z)])


@each_option
@pytest.mark.parametrize("case", EXTREME_Y)
def test_extreme_targets(options, case):
    model = fit(FixedHiddenSigmoidRegressor, X, EXTREME_Y[case], **options)
    assert_sound(model, X, EXTREME_Y[case])


@each_estimator
@each_option
@pytest.mark.parametrize("case", EXTREME_WEIGHTS)
def test_extreme_weights(make, options, case):
    assert_sound(fit(make, X, y, EXTREME_WEIGHTS[case], **options), X, y)


@pytest.mark.parametrize(
    ("dtype", "factor"), [("f4", 1e-42), ("f4", 1e37), ("f8", 1e-150), ("f8", 1e150)]
)
def test_magnitudes_without_squares_are_refused(dtype, factor):
    wild = (factor * X).astype(dtype)
    for make in BOTH:
        with pytest.raises(ValueError, match=r"largest entry of X .* lie between"):
            fit(make, wild, y)
    with pytest.raises(ValueError, match=r"largest entry of y .* lie between"):
        fit(FixedHiddenSigmoidRegressor, X.astype(dtype), wild[:, 0])


@each_estimator
def test_one_row_is_refused(make):
    with pytest.raises(ValueError, match=r"1 sample\(s\).* minimum of 2"):
        make().fit(X[:1], [1])
    with pytest.raises(ValueError, match=r"leaves 1\. Give more samples"):
        make().fit(X, y > 1, sample_weight=np.eye(40)[0])


@each_estimator
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_targets_that_are_not_finite_are_refused(make, bad):
    target = np.where(np.arange(40) == 3, bad, y > 1.5)
    with pytest.raises(ValueError, match=r"Input y contains (NaN|infinity)"):
        make().fit(X, target)


# Numbers of either sign and every size, zeros and repeated values included.
numbers = (
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e8, 1e8 + 1])
    | st.floats(1e-12, 1e12)
    | st.floats(-1e12, -1e-12)
)
shapes = st.tuples(st.integers(2, 25), st.integers(1, 4))


@st.composite
def tables(draw):
    """X, y and weights or None: adversarial entries."""
    n_samples, n_features = draw(shapes)
    X = draw(hnp.arrays(float, (n_samples, n_features), elements=numbers))
    y = draw(hnp.arrays(float, n_samples, elements=numbers))
    decades = hnp.arrays(float, n_samples, elements=st.floats(-6, 6))
    return X, y, draw(st.none() | decades.map(lambda powers: 10**powers))


@st.composite
def samples(draw):
    """X and y of any shape and seed, in general position."""
    n_samples, n_features = draw(st.tuples(st.integers(5, 25), st.integers(1, 4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = rng.standard_normal((n_samples, n_features)) + rng.standard_normal(n_features)
    return X, 3 + 2 * rng.standard_normal(n_samples)


@each_estimator
@fast
@given(table=tables())
def test_any_table_gives_sound_predictions(make, table):
    X, y, weight = table
    assert_sound(fit(make, X, y, weight), X, y)


@each_estimator
@fast
@given(table=tables())
def test_same_seed_same_bits(make, table):
    X, y, weight = table
    first, second = (output(fit(make, X, y, weight), X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@each_estimator
@fast
@given(sample=samples(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(make, sample, seed):
    X, y = sample
    order = np.random.default_rng(seed).permutation(len(y))
    expected = output(fit(make, X, y, **SHARP), X)
    found = output(fit(make, X[order], y[order], **SHARP), X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@each_estimator
@fast
@given(sample=samples(), decade=st.integers(-12, 12), shift=st.floats(-1e3, 1e3))
def test_units_and_origin_of_the_inputs_do_not_matter(make, sample, decade, shift):
    X, y = sample
    expected = output(fit(make, X, y, **SHARP), X)
    moved = 10.0**decade * (X + shift)
    found = output(fit(make, moved, y, **SHARP), moved)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@fast
@given(sample=samples(), decade=st.integers(-12, 12), shift=st.floats(-1e3, 1e3))
def test_units_and_origin_of_the_targets_are_kept(sample, decade, shift):
    X, y = sample
    factor = 10.0**decade
    moved = factor * (y + shift)
    for targets in (y, moved):  # those in [0, 1] are not mapped
        assume(targets.min() < 0 or targets.max() > 1 or np.ptp(targets) < 0.5)
    expected = fit(FixedHiddenSigmoidRegressor, X, y, **SHARP).predict(X)
    found = fit(FixedHiddenSigmoidRegressor, X, moved, **SHARP).predict(X)
    np.testing.assert_allclose(found / factor - shift, expected, atol=1e-6)


@each_estimator
@fast
@given(sample=samples(), times=st.lists(st.integers(0, 3), min_size=25, max_size=25))
def test_weights_are_repetition(make, sample, times):
    X, y = sample
    times = np.array(times[: len(y)])
    rows = np.repeat(np.arange(len(y)), times)
    target = labels(y) if make is FixedHiddenSigmoidClassifier else y
    assume(len(np.unique(target[rows])) > 1 and (times > 0).sum() > 1)
    model = make(14, random_state=0, **SHARP)
    expected = output(model.fit(X[rows], target[rows]), X)
    found = output(model.fit(X, target, sample_weight=times), X)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_and_the_unit_of_weights_choose_nothing(seed):
    """Losses that differ by less than the optimiser's tolerance tie."""
    rng = np.random.default_rng(seed)
    rows = rng.uniform(-1, 1, (150, 3))
    radii = np.linalg.norm(rows, axis=1)
    target = expit(6 * (radii - 0.9) + 0.3 * rng.standard_normal(150))
    order = rng.permutation(150)
    one, two, three = (
        FixedHiddenSigmoidRegressor(40, random_state=0).fit(*data)
        for data in (
            (rows, target),
            (rows[order], target[order]),
            (rows, target, np.full(150, 3.0)),
        )
    )
    assert one.tie_ == two.tie_ == three.tie_
    assert one.alpha_ == two.alpha_ == three.alpha_
    atol = 0.01 * target.std()
    np.testing.assert_allclose(two.predict(rows), one.predict(rows), atol=atol)
    np.testing.assert_array_equal(three.predict(rows), one.predict(rows))
