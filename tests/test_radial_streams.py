"""The radial regressor on rows in batches and in Dask arrays."""

from copy import deepcopy

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._orthogonal import TriangularSums

rng = np.random.default_rng(0)
X = 2 + rng.uniform(0, 2, (500, 1)) * rng.standard_normal((500, 6))
radii = np.linalg.norm(X - 2, axis=1)
Y = np.column_stack([np.sin(radii), radii]) + 0.1 * rng.standard_normal((500, 2))
weight = rng.uniform(0.2, 3, 500)
CENTER = np.full(6, 2.0)
each_width = pytest.mark.parametrize("n_projections", [None, 20])
each_weighting = pytest.mark.parametrize("weight", [weight, None], ids=["w", "1"])


def regressor(n_projections=None, alpha=0.01, center=CENTER, n_knots=12):
    return RadialTwoLayerRegressor(
        n_projections, n_knots=n_knots, center=center, alpha=alpha, random_state=0
    )


def assert_same_fit(found, expected, atol=1e-8):
    np.testing.assert_allclose(found.predict(X), expected.predict(X), atol=atol)
    np.testing.assert_allclose(found.alpha_, expected.alpha_, rtol=1e-8)
    at = np.linspace(0, radii.max(), 9)
    for one, two in zip(found.profile(at), expected.profile(at), strict=True):
        np.testing.assert_allclose(one, two, atol=atol)
    np.testing.assert_allclose(
        found.features_.extremes_, expected.features_.extremes_, rtol=1e-12
    )


def lazy(array, chunks):
    return None if array is None else da.from_array(array, (chunks, *array.shape[1:]))


@each_width
@each_weighting
@pytest.mark.parametrize(("y", "alpha"), [(Y, 0.01), (Y[:, 0], "gcv")])
@pytest.mark.parametrize("center", ["median", "mean", "origin", CENTER], ids=str)
def test_dask_arrays_give_the_fit_of_memory(n_projections, weight, y, alpha, center):
    model = regressor(n_projections, alpha, center)
    expected = deepcopy(model).fit(X, y, weight)
    for chunks in ((500,), (120, 0, 380), (35,) * 14 + (10,)):
        found = model.fit(*(lazy(array, chunks) for array in (X, y, weight)))
        assert_same_fit(found, expected)


@each_width
@each_weighting
@pytest.mark.parametrize("alpha", [0.01, "gcv"])
def test_the_same_batch_twice_is_twice_the_weight(n_projections, weight, alpha):
    model = regressor(n_projections, alpha)
    for _ in range(2):
        model.partial_fit(X, Y, weight)
    twice = np.full(500, 2.0) if weight is None else 2 * weight
    for target in range(2):  # the criterion counts rows of both batches
        expected = regressor(n_projections, model.alpha_[target]).fit(X, Y, twice)
        np.testing.assert_allclose(
            model.predict(X)[:, target], expected.predict(X)[:, target], atol=1e-8
        )


@each_width
def test_rows_further_out_than_the_first_batch_count(n_projections):
    inner = np.argsort(radii)[:250]
    outer = np.argsort(radii)[250:]
    model = regressor(n_projections).partial_fit(X[inner], Y[inner])
    model.partial_fit(X[outer], Y[outer])
    assert model.features_.extremes_[1] == pytest.approx(radii.max())
    features = model.features_.transform(X)
    mean = features.mean(axis=0)
    deviation = features.std(axis=0)
    least = n_projections**-0.5 if n_projections else 0
    penalty = np.maximum(deviation, least * deviation.max()) ** 2
    centred = features - mean
    gram = centred.T @ centred + 0.01 * np.diag(penalty)
    coef = np.linalg.lstsq(gram, centred.T @ (Y - Y.mean(axis=0)), rcond=None)[0]
    np.testing.assert_allclose(
        model.predict(X), Y.mean(axis=0) + centred @ coef, atol=1e-4
    )


def test_factors_merge_in_any_order():
    def sums_of(rows):
        samples = Samples.of(X[rows], Y[rows], weight[rows])
        return TriangularSums.empty(6, 2).update(lambda X: X, samples)

    edges = [slice(200), slice(200, 201), slice(201, 500)]
    parts, whole = [sums_of(rows) for rows in edges], sums_of(slice(500))
    left = parts[0].merge(parts[1]).merge(parts[2])
    right = parts[2].merge(parts[1].merge(parts[0]))
    for found in left, right:
        for alpha in 0.3, "gcv":
            (head, error), (expected, expected_error) = (
                sums.solve(alpha) for sums in (found, whole)
            )
            np.testing.assert_allclose(head.coef, expected.coef, rtol=1e-9)
            np.testing.assert_allclose(head.alpha, expected.alpha, rtol=1e-9)
            some = X[:9]
            np.testing.assert_allclose(
                error.deviation(some), expected_error.deviation(some), rtol=1e-9
            )


def test_a_data_frame_keeps_its_names():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    found = regressor().fit(dd.from_pandas(frame, npartitions=3), Y)
    assert found.feature_names_in_.tolist() == list("abcdef")
    np.testing.assert_allclose(found.predict(frame), regressor().fit(X, Y).predict(X))


def test_what_needs_all_rows_is_refused():
    for center in ("median", "mean", "learn"):
        model = regressor(center=center)
        assert not hasattr(model, "partial_fit")
        with pytest.raises(AttributeError) as refusal:
            model.partial_fit(X, Y)
        assert "cannot move its centre later" in str(refusal.value.__cause__)
    left_out = regressor(alpha="loo")
    assert not hasattr(left_out, "partial_fit")
    with pytest.raises(ValueError, match=r'alpha="loo" needs .*all samples at once'):
        left_out.fit(lazy(X, 100), Y)


def test_batches_must_match():
    model = regressor().partial_fit(X, Y)
    before = deepcopy(model)
    with pytest.raises(ValueError, match=r"y has shape \(500,\).*as many targets"):
        model.partial_fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="3 features"):
        model.partial_fit(X[:, :3], Y)
    assert_same_fit(model.partial_fit(X, Y), before.partial_fit(X, Y), atol=0)


def test_bad_blocks_are_named():
    spoiled = X.copy()
    spoiled[450, 1] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        regressor().fit(lazy(spoiled, 100), Y)
