"""The reduced problem against the bordered equations, and merged rows against all."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._kernel_path import Eigenbasis, KernelSpectrum
from sklearn_depth._solvers.ridge._kernel_problem import KernelProblem
from sklearn_depth._solvers.ridge._spectrum import Counts

rng = np.random.default_rng(0)
features = rng.standard_normal((20, 30)) + 1
K = features @ features.T
Y = rng.standard_normal((20, 2)) + 3
weight = rng.uniform(0.2, 3, 20)
weight /= weight.mean()
group = np.arange(20) % 8
each_weighting = pytest.mark.parametrize("w", [np.ones(20), weight])
each_intercept = pytest.mark.parametrize("intercept", [True, False])


def problem_of(K, Y, w, intercept):
    """As the solver makes it: targets about their mean if there is an intercept."""
    centred = Y - intercept * (w @ Y) / w.sum()
    rounding = len(K) * 2.0**-52 * K.diagonal().max()
    return KernelProblem(K, Samples.of(K, centred, w), intercept, rounding)


@each_weighting
@each_intercept
def test_the_reduced_matrix_is_a_projection(w, intercept):
    """It has the eigenvalues of P R K R P, P orthogonal to R 1, and one row less."""
    matrix, targets = problem_of(K, Y, w, intercept).reduced()
    root = np.sqrt(w)
    projector = np.eye(20) - intercept * np.outer(root, root) / w.sum()
    whole = projector @ (root[:, None] * K * root) @ projector
    assert len(matrix) == len(targets) == 20 - intercept
    expected = np.linalg.eigvalsh(whole)[int(intercept) :]
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix), expected, atol=1e-11)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    about_mean = projector @ (root[:, None] * Y)
    np.testing.assert_allclose(
        np.sum(targets**2, axis=0), np.sum(about_mean**2, axis=0)
    )


@each_weighting
@each_intercept
def test_vectors_over_the_rows(w, intercept):
    """Orthonormal ones stay so, and are orthogonal to R 1 if there is an intercept."""
    problem = problem_of(K, Y, w, intercept)
    rows = problem.over_rows(np.eye(20 - intercept))
    np.testing.assert_allclose(rows @ rows.T, np.eye(20 - intercept), atol=1e-13)
    matrix, targets = problem.reduced()
    root = np.sqrt(w)
    if intercept:
        np.testing.assert_allclose(rows @ root, 0, atol=1e-13)
    weighted = root[:, None] * K * root
    np.testing.assert_allclose(rows @ weighted @ rows.T, matrix, atol=1e-11)
    np.testing.assert_allclose(
        rows @ (root[:, None] * problem.samples.targets), targets, atol=1e-12
    )


@each_weighting
@each_intercept
def test_dual_weights_solve_the_equations(w, intercept):
    """w (y - b - K c) = alpha c, and with an intercept sum c = 0."""
    problem = problem_of(K, Y, w, intercept)
    matrix, targets = problem.reduced()
    solution = np.linalg.solve(matrix + 0.7 * np.eye(len(matrix)), targets)
    dual = problem.dual(solution)
    left = problem.samples.targets - K @ dual - 0.7 * dual / w[:, None]
    level = left.mean(axis=0) if intercept else 0.0
    np.testing.assert_allclose(left - level, 0, atol=1e-11)
    if intercept:
        np.testing.assert_allclose(dual.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(problem.squares(), w @ problem.samples.targets**2)


@each_weighting
@each_intercept
def test_merged_rows_give_the_same_fit(w, intercept):
    """Dual weights of a group are shared out by weight."""
    copies = K[np.ix_(group, group)]
    problem = problem_of(copies, Y, w, intercept)
    merged, shares = problem.merged()
    assert shares.shape == (8, 20)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    order = [group[shares[[k]].indices[0]] for k in range(8)]
    totals = np.array([w[group == label].sum() for label in order])
    unit = 20 / 8  # of the merged weights, whose mean is 1
    assert merged.samples.unit == pytest.approx(unit)
    np.testing.assert_allclose(merged.samples.weight, totals / unit)
    for k, label in enumerate(order):
        members = group == label
        mean = np.average(problem.samples.targets[members], axis=0, weights=w[members])
        np.testing.assert_allclose(merged.samples.targets[k], mean)
    np.testing.assert_allclose(merged.kernel, K[np.ix_(order, order)])

    def solve(problem, alpha):
        matrix, targets = problem.reduced()
        return problem.dual(
            np.linalg.solve(matrix + alpha * np.eye(len(matrix)), targets)
        )

    shared = shares.T @ solve(merged, 0.7 / unit)
    np.testing.assert_allclose(
        copies @ shared, copies @ solve(problem, 0.7), atol=1e-10
    )
    within = problem.squares() - unit * merged.squares()
    np.testing.assert_allclose(unit * merged.samples.within, within, atol=1e-11)
    means = np.array([merged.samples.targets[order.index(label)] for label in group])
    np.testing.assert_allclose(
        within, w @ (problem.samples.targets - means) ** 2, atol=1e-11
    )


@each_intercept
def test_nothing_is_merged_without_copies(intercept):
    problem = problem_of(K, Y, weight, intercept)
    merged, shares = problem.merged()
    assert merged is problem
    assert shares is None


def test_rows_that_an_intercept_explains_are_left():
    """Of one group nothing would be left to fit: the matrix is zero as it is."""
    problem = problem_of(np.full((20, 20), 7.3), Y, weight, True)
    merged, shares = problem.merged()
    assert merged is problem
    assert shares is None
    np.testing.assert_array_equal(problem.reduced()[0], 0)


def test_rows_of_an_indefinite_kernel_are_not_equal():
    """Where all squared distances are negative, all would be below a tolerance."""
    problem = problem_of(np.ones((20, 20)) - 0.5 * np.eye(20), Y, weight, False)
    assert problem.merged()[1] is None


@pytest.mark.parametrize("n_samples", [2, 3, 20])
@each_intercept
def test_diagonals_of_inverses(n_samples, intercept):
    """Of K + alpha by eigenvectors, against inverses; with an intercept projected."""
    part = K[:n_samples, :n_samples]
    problem = problem_of(part, Y[:n_samples], weight[:n_samples], intercept)
    matrix, targets = problem.reduced()
    eigenbasis = Eigenbasis(matrix, problem.level)
    spectrum = KernelSpectrum(
        eigenvalues=eigenbasis.eigenvalues(),
        loadings=eigenbasis.rotate(targets),
        total=problem.squares(),
        n_places=n_samples,
        counts=Counts.of(problem.samples),
        n_unpenalised=int(intercept),
        diagonal=eigenbasis.diagonal,
        off_diagonal=eigenbasis.off_diagonal,
    )
    basis = problem.over_rows(eigenbasis.basis())
    alphas = np.array([1e-3, 0.5, 1e4])
    found = spectrum.inverse_diagonals(alphas, basis)
    rows = problem.over_rows(np.eye(len(matrix)))
    expected = [
        np.diagonal(rows.T @ np.linalg.inv(matrix + a * np.eye(len(matrix))) @ rows)
        for a in alphas
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
