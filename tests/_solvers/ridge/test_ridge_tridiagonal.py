"""GCV from a tridiagonal matrix against eigenvectors, scikit-learn and brute force."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge import _moments
from sklearn_depth._solvers.ridge._spectrum import Counts
from sklearn_depth._solvers.ridge._tridiagonal import Tridiagonal, TridiagonalSpectrum

rng = np.random.default_rng(0)
X = rng.standard_normal((60, 7)) @ rng.standard_normal((7, 7)) + 3
Y = X[:, :2] + rng.standard_normal((60, 2))


def moments_of(X, Y):
    return _moments.moments_of(Samples.of(X, Y))[0]


def tridiagonal_spectrum(moments):
    tridiagonal = Tridiagonal(moments.gram)
    spectrum = TridiagonalSpectrum(
        eigenvalues=tridiagonal.eigenvalues(),
        loadings=tridiagonal.rotate(moments.cross),
        total=moments.target_square,
        n_places=moments.n_places,
        counts=Counts(moments.n_rows, moments.weight, moments.within),
        n_unpenalised=1,
        diagonal=tridiagonal.diagonal,
        off_diagonal=tridiagonal.off_diagonal,
    )
    return tridiagonal, spectrum


@pytest.mark.parametrize("n_columns", [1, 2, 3, 7])
def test_reflections_make_it_tridiagonal(n_columns):
    gram = X[:, :n_columns].T @ X[:, :n_columns]
    tridiagonal = Tridiagonal(gram)
    Q = tridiagonal.rotate(np.eye(n_columns), back=True)
    off = np.diag(tridiagonal.off_diagonal, 1)
    T = np.diag(tridiagonal.diagonal) + off + off.T
    np.testing.assert_allclose(Q.T @ Q, np.eye(n_columns), atol=1e-13)
    np.testing.assert_allclose(Q @ T @ Q.T, gram, rtol=1e-11, atol=1e-10)
    np.testing.assert_allclose(tridiagonal.rotate(np.eye(n_columns)), Q.T, atol=1e-13)
    np.testing.assert_allclose(tridiagonal.eigenvalues(), np.linalg.eigvalsh(gram))


@pytest.mark.parametrize("n_rows", [1, 2, 5, 127, 128, 129, 130, 256, 257, 300])
@pytest.mark.parametrize("kind", ["full", "low rank", "diagonal"])
def test_the_basis(n_rows, kind):
    """Orthogonal, and what makes the matrix tridiagonal."""
    rng = np.random.default_rng(n_rows)
    factor = rng.standard_normal((n_rows, 3 if kind == "low rank" else n_rows))
    gram = factor @ factor.T if kind != "diagonal" else np.diag(factor[0] ** 2)
    tridiagonal = Tridiagonal(gram)
    basis = tridiagonal.rotate(np.eye(n_rows))
    np.testing.assert_allclose(basis @ basis.T, np.eye(n_rows), atol=1e-12)
    off = np.diag(tridiagonal.off_diagonal, 1)
    T = np.diag(tridiagonal.diagonal) + off + off.T
    np.testing.assert_allclose(basis @ gram @ basis.T, T, atol=1e-10 * (1 + n_rows))
    columns = rng.standard_normal((n_rows, 3))
    there = tridiagonal.rotate(columns)
    np.testing.assert_allclose(there, basis @ columns, atol=1e-11)
    back = tridiagonal.rotate(there, back=True)
    np.testing.assert_allclose(back, columns, atol=1e-11)


@pytest.mark.parametrize("alpha", [1e-6, 0.5, 1e3])
def test_the_error_is_that_of_the_fitted_ridge(alpha):
    """(RSS / n) / (1 - df / n)^2, df the trace of the hat matrix with its intercept."""
    _, spectrum = tridiagonal_spectrum(moments_of(X, Y))
    ridge = Ridge(alpha).fit(X, Y)
    rss = np.sum((Y - ridge.predict(X)) ** 2, axis=0)
    hat = Ridge(alpha).fit(X, np.eye(60)).predict(X)
    expected = rss / 60 / (1 - np.trace(hat) / 60) ** 2
    np.testing.assert_allclose(spectrum.error(np.array([alpha]))[0], expected)


def test_a_penalty_for_each_target():
    tridiagonal, spectrum = tridiagonal_spectrum(moments_of(X, Y))
    alpha = np.array([0.1, 50.0])
    coef = tridiagonal.rotate(spectrum.shrink(alpha), back=True)
    np.testing.assert_allclose(coef, Ridge(alpha).fit(X, Y).coef_.T)


@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_gcv_agrees_with_eigenvectors(repeats, scale):
    moments = moments_of(scale * np.hstack([X] * repeats), Y)  # singular if repeated
    head = moments.solve("gcv", alpha_floor=1e-9)
    reference = moments.solve_spectrum(*moments.spectrum(1), "gcv", 1e-9)
    np.testing.assert_allclose(head.alpha, reference.alpha)
    np.testing.assert_allclose(head.coef * scale, reference.coef * scale, atol=1e-9)
    np.testing.assert_allclose(head.error, reference.error, rtol=1e-3)


def test_one_column():
    head = moments_of(X[:, :1], Y).solve("gcv")
    ridge = Ridge(head.alpha).fit(X[:, :1], Y)
    np.testing.assert_allclose(head.coef, ridge.coef_.T)


def test_constant_columns_leave_the_mean():
    head = moments_of(np.ones((10, 3)), Y[:10]).solve("gcv")
    np.testing.assert_array_equal(head.coef, 0)
    np.testing.assert_allclose(head.intercept, Y[:10].mean(axis=0))
