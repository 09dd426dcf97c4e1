"""Second moments and quadratic forms of their inverses, against dense ones."""

import numpy as np
import pytest

from sklearn_depth._solvers.sigmoid._leverages import inverse_forms, second_moments

each_shape = pytest.mark.parametrize("shape", [(50, 6), (10, 30)], ids=str)


@each_shape
def test_second_moments(shape):
    """Of fewer rows than columns only the eigenvalues, less zeros, are the same."""
    rng = np.random.default_rng(0)
    hidden, weight = rng.standard_normal(shape), rng.uniform(0.2, 3, shape[0])
    rows = np.arange(0, shape[0], 2)
    found = second_moments(hidden, rows, weight[rows])
    expected = hidden[rows].T @ np.diag(weight[rows]) @ hidden[rows]
    if len(rows) >= shape[1]:
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(found),
        np.linalg.eigvalsh(expected)[-len(found) :],
        rtol=1e-10,
    )


def test_second_moments_of_many_blocks(monkeypatch):
    monkeypatch.setattr("sklearn_depth.utils._memory._BLOCK_ELEMENTS", 6 * 64)
    hidden = np.random.default_rng(0).standard_normal((500, 6)).astype("f4")
    found = second_moments(hidden, np.arange(500), np.ones(500))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, hidden.T.astype("f8") @ hidden, rtol=1e-5)


@each_shape
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("penalty", [1.0, 1e-4])
def test_inverse_forms_against_a_dense_inverse(shape, fit_intercept, penalty):
    rng = np.random.default_rng(0)
    hidden, curvature = rng.standard_normal(shape), rng.uniform(0.01, 1, shape[0])
    rows = np.arange(1, shape[0])
    H, penalties = hidden[rows], np.full(shape[1], penalty)
    if fit_intercept:  # one more column, of ones, all but free of a penalty
        H = np.column_stack([H, np.ones(len(rows))])
        penalties = np.append(penalties, 1e-8)
    A = H.T @ np.diag(curvature[rows]) @ H + np.diag(penalties)
    expected = np.einsum("ij,jk,ik->i", H, np.linalg.inv(A), H)
    found = inverse_forms(hidden, rows, curvature[rows], penalty, fit_intercept)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
