"""Kernel ridge on landmarks of rows that lie in Dask collections."""

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from sklearn_depth import KernelRidge

rng = np.random.default_rng(0)
X = rng.standard_normal((400, 3))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] ** 2]) + 2
Y += 0.3 * rng.standard_normal(Y.shape)
weight = rng.uniform(0.2, 3, 400)
each_weighting = pytest.mark.parametrize("weight", [weight, None], ids=["w", "1"])
each_target = pytest.mark.parametrize("y", [Y[:, 0], Y], ids=["one", "two"])


def regressor(alpha=0.1, n_components=15, kernel="rbf", **options):
    return KernelRidge(
        alpha, kernel=kernel, n_components=n_components, random_state=0, **options
    )


def lazy(array, chunks):
    return None if array is None else da.from_array(array, (chunks, *array.shape[1:]))


@each_weighting
@each_target
@pytest.mark.parametrize("alpha", [0.3, "gcv", "auto"])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("kernel", ["rbf", "ntk"])
def test_dask_arrays_give_the_fit_of_memory(weight, y, alpha, fit_intercept, kernel):
    """Up to 20 000 rows are all in the sample that landmarks are drawn from."""
    model = regressor(alpha, fit_intercept=fit_intercept, kernel=kernel)
    expected = regressor(
        "gcv" if alpha == "auto" else alpha, fit_intercept=fit_intercept, kernel=kernel
    ).fit(X, y, weight)
    for chunks in ((400,), (120, 0, 280), (57,) * 7 + (1,)):
        found = model.fit(*(lazy(array, chunks) for array in (X, y, weight)))
        np.testing.assert_array_equal(
            found.component_indices_, expected.component_indices_
        )
        np.testing.assert_array_equal(found.X_fit_, expected.X_fit_)
        np.testing.assert_allclose(found.alpha_, expected.alpha_, rtol=1e-8)
        np.testing.assert_allclose(found.predict(X), expected.predict(X), atol=1e-8)
        assert found.predict(lazy(X, chunks)).chunks[0] == chunks


def test_landmarks_of_a_sample(monkeypatch):
    """They are training rows, and all rows count in the sums."""
    monkeypatch.setattr("sklearn_depth.utils._dask._SAMPLE", 50)
    found = regressor().fit(lazy(X, 90), Y)
    np.testing.assert_array_equal(found.X_fit_, X[found.component_indices_])
    K = KernelRidge(kernel="rbf").fit(X, Y)._get_kernel(X, found.X_fit_)
    K_SS = K[found.component_indices_]
    dual = np.linalg.solve(K.T @ K + 0.1 * K_SS, K.T @ Y)
    np.testing.assert_allclose(found.predict(X), K @ dual, atol=1e-6)


def test_data_frames_and_their_names():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    found = regressor().fit(dd.from_pandas(frame, npartitions=3), Y)
    np.testing.assert_allclose(
        found.predict(frame), regressor().fit(X, Y).predict(X), atol=1e-8
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": None}, "n_components=None needs all samples in memory"),
        ({"kernel": "precomputed"}, 'kernel="precomputed" needs all samples in memory'),
        ({"alpha": "loo"}, r'alpha="loo" needs .*"gcv" or a number'),
        ({"alpha": "evidence"}, r'alpha="evidence" needs .*"gcv" or a number'),
    ],
    ids=["all rows", "precomputed", "loo", "evidence"],
)
def test_what_needs_all_rows_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(lazy(X, 100), Y)
