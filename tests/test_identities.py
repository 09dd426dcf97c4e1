"""What one noun for the samples promises of ridge heads and their maps.

Where a penalty is chosen, the unit of the weights does not matter, nor do all rows
given twice; a row given twice is a row of weight 2. A column that is constant in
training has taught nothing. The other estimators are in ``test_samples.py``.
"""

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_depth import (
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
)

MODELS = [
    HermitePolynomialRegressor(2),
    HermitePolynomialRegressor(2, alpha="gcv"),
    HermitePolynomialRegressor(4),
    KernelRidge("loo", kernel="rbf", fit_intercept=True),
    KernelRidge("gcv", kernel="rbf"),
    KernelRidge("evidence", kernel=["rbf", "linear"], fit_intercept=True),
    KernelRidge("loo", kernel="ntk", n_components=15, random_state=0),
    RadialTwoLayerRegressor(),
    RadialTwoLayerRegressor(20, n_knots=5, center="learn", random_state=0),
    ThreeLayerFeatureRegressor(),
    TwoLayerGDRegressor(20, random_state=0),
    TwoLayerGDRegressor(20, n_feature_steps=1, alpha="gcv", random_state=0),
]
MAPS = [
    HermiteFeatures(3),
    HermiteFeatures(2, scaling=None),
    LearnedReLUFeatures(20, random_state=0),
    RadialFeatures(),
    RadialFeatures(10, center="origin", random_state=0),
]
HELD = [
    *(model for model in MODELS if not isinstance(model, KernelRidge)),
    TwoLayerGDRegressor(20, whiten=None, random_state=0),
    ThreeLayerFeatureRegressor(20, activation="relu", random_state=0),
    HermitePolynomialRegressor(2, scaling=None),
    *MAPS,
]
each_model = pytest.mark.parametrize("model", MODELS, ids=str)

rng = np.random.default_rng(0)
X, X_new = rng.standard_normal((2, 80, 3))
signal = X[:, 0] + X[:, 1] ** 2 + 0.3 * rng.standard_normal(80)
weight = rng.integers(1, 4, 80).astype(float)


def output(model, X):
    for name in ("predict", "transform"):
        if hasattr(model, name):
            return getattr(model, name)(X)
    raise AssertionError(model)


def assert_same(model, other, rtol=1e-6):
    ours, theirs = output(model, X_new), output(other, X_new)
    np.testing.assert_allclose(ours, theirs, atol=rtol * np.std(ours))


@each_model
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 100.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(model, unit):
    one = clone(model).fit(X, signal, sample_weight=weight)
    assert_same(one, clone(model).fit(X, signal, sample_weight=unit * weight))


@each_model
def test_equal_weights_are_none_to_the_bit(model):
    plain = clone(model).fit(X, signal)
    heavy = clone(model).fit(X, signal, sample_weight=np.full(len(X), 3.7))
    np.testing.assert_array_equal(output(plain, X_new), output(heavy, X_new))


@each_model
def test_all_rows_twice_are_all_rows_once(model):
    twice = clone(model).fit(np.vstack([X, X]), np.append(signal, signal))
    assert_same(clone(model).fit(X, signal), twice)


@each_model
def test_a_row_given_twice_is_a_row_of_weight_two(model):
    counts = weight.astype(int)
    weighted = clone(model).fit(X, signal, sample_weight=counts)
    repeated = clone(model).fit(np.repeat(X, counts, axis=0), np.repeat(signal, counts))
    assert_same(weighted, repeated)


@pytest.mark.parametrize("model", HELD, ids=str)
@pytest.mark.parametrize("value", [0.0, 2.5])
def test_a_constant_column_has_taught_nothing(model, value):
    def with_column(X, value):
        return np.column_stack([X, np.full(len(X), value)])

    fitted = clone(model).fit(with_column(X, value), signal)
    as_before, moved = (
        output(fitted, with_column(X_new, other)) for other in (value, value + 1)
    )
    np.testing.assert_array_equal(as_before, moved)
    assert np.ptp(np.asarray(as_before), axis=0).max() > 0


@pytest.mark.parametrize("model", MAPS, ids=str)
def test_transformers_refuse_sizes_as_estimators_do(model):
    with pytest.raises(ValueError, match=r"largest entry of X is .*e\+200.*Scale X"):
        clone(model).fit(1e200 * X, signal)


@pytest.mark.parametrize(
    "model",
    [HermiteFeatures(2, scaling=None), HermitePolynomialRegressor(2, scaling=None)],
    ids=str,
)
def test_rows_that_overflow_are_refused(model):
    fitted = clone(model).fit(X, signal)
    with pytest.raises(ValueError, match=r"2 sample\(s\) of X overflow.*e\+160"):
        output(fitted, np.vstack([X_new, np.full((2, 3), 1e160)]))


@each_model
def test_weights_and_columns_of_any_size_lose_no_column(model):
    plain = clone(model).fit(1e45 * X, signal, sample_weight=weight)
    heavy = clone(model).fit(1e45 * X, signal, sample_weight=1e240 * weight)
    ours, theirs = output(plain, 1e45 * X_new), output(heavy, 1e45 * X_new)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * np.std(ours))


@pytest.mark.parametrize(
    "model",
    [
        HermitePolynomialRegressor(2, alpha="loo"),
        HermitePolynomialRegressor(2, alpha="gcv"),
        KernelRidge("loo", kernel="rbf", fit_intercept=True),
        KernelRidge("gcv", kernel="rbf", fit_intercept=True),
        TwoLayerGDRegressor(20, random_state=0),
        ThreeLayerFeatureRegressor(),
    ],
    ids=str,
)
def test_categories_are_learned_one_by_one(model):
    """No category tells of another: left out as a whole, each would have the mean."""
    levels = np.array([-2.0, 1.0, 0.0, 3.0])
    category = rng.integers(4, size=200)
    noisy = levels[category] + 0.5 * rng.standard_normal(200)
    fitted = clone(model).fit(np.eye(4)[category], noisy)
    np.testing.assert_allclose(fitted.predict(np.eye(4)), levels, atol=0.25)


@pytest.mark.parametrize(
    "model",
    [HermitePolynomialRegressor(3), KernelRidge("loo", kernel="rbf")],
    ids=str,
)
def test_replicates_do_not_give_the_answer_away(model):
    """Where other places tell of one, single rows left out would ask for no penalty."""
    places, new = rng.standard_normal((60, 4)), rng.standard_normal((1000, 4))

    def truth(X):
        return X[:, 0] * X[:, 1] + X[:, 2]

    X = np.repeat(places, 5, axis=0)
    fitted = clone(model).fit(X, truth(X) + 2 * rng.standard_normal(300))
    error = np.mean((fitted.predict(new) - truth(new)) ** 2) / np.var(truth(new))
    assert error < 0.6
