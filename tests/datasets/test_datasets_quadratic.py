"""Quadratic features against closed forms and simulation."""

import pickle

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermeval
from scipy.stats import chi2, kstest
from sklearn.metrics import r2_score

from sklearn_depth.datasets import _quadratic, make_quadratic_feature

LAWS = ("sphere", "gaussian")


def planted(n_samples=300, n_features=8, seed=0, **parameters):
    return make_quadratic_feature(
        n_samples, n_features, **parameters, return_truth=True, random_state=seed
    )


def moments_of_the_form(matrix, inputs):
    """Mean and variance of x'Ax from the fourth moments of x, entry by entry.

    E x_i x_j x_k x_l is c (d_ij d_kl + d_ik d_jl + d_il d_jk), with c = 1 for Gaussian
    inputs and c = d / (d + 2) on the sphere of radius sqrt(d).
    """
    d = len(matrix)
    eye = np.eye(d)
    pairs = np.einsum("ij,kl->ijkl", eye, eye)
    fourth = pairs + pairs.transpose(0, 2, 1, 3) + pairs.transpose(0, 2, 3, 1)
    if inputs == "sphere":
        fourth *= d / (d + 2)
    mean = np.trace(matrix)
    square = np.einsum("ij,kl,ijkl->", matrix, matrix, fourth)
    return mean, square - mean**2


@pytest.mark.parametrize("inputs", LAWS)
@pytest.mark.parametrize(("n_features", "rank"), [(8, None), (7, None), (8, 3), (5, 1)])
def test_the_feature_is_standardised_exactly(n_features, rank, inputs):
    truth = planted(n_features=n_features, rank=rank, inputs=inputs)[2]
    mean, variance = moments_of_the_form(truth.matrix, inputs)
    assert truth.offset == pytest.approx(mean, abs=1e-13)
    assert variance == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("inputs", LAWS)
def test_the_feature_is_standardised_in_simulation(inputs):
    truth = planted(n_features=5, rank=3, inputs=inputs)[2]
    q = truth.feature(truth.sample(200_000, random_state=1)[0])
    assert abs(q.mean()) < 4 / np.sqrt(200_000)
    kurtosis = np.mean(q**4)
    assert abs(q.var() - 1) < 4 * np.sqrt(kurtosis / 200_000)


@pytest.mark.parametrize("inputs", LAWS)
def test_the_target_is_the_formula(inputs):
    X, y, truth = planted(inputs=inputs, rank=5)
    A = truth.matrix
    q = np.array([x @ A @ x for x in X]) - np.trace(A)
    np.testing.assert_allclose(truth.feature(X), q, atol=1e-12)
    np.testing.assert_allclose(truth.feature(X.tolist()), q, atol=1e-12)
    reference = hermeval(q, [0, 1 / np.sqrt(2), 0, 1 / np.sqrt(12)])
    np.testing.assert_allclose(y, reference, atol=1e-11)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


@pytest.mark.parametrize("rank", [1, 2, 5, None])
def test_eigenvalues_have_one_size_and_alternate(rank):
    values = np.linalg.eigvalsh(planted(rank=rank)[2].matrix)
    rank = rank or 8
    size = values.max()
    np.testing.assert_allclose(values[: rank // 2], -size, atol=1e-14)
    np.testing.assert_allclose(values[rank // 2 : 8 - (rank + 1) // 2], 0, atol=1e-14)
    np.testing.assert_allclose(values[8 - (rank + 1) // 2 :], size, atol=1e-14)


def test_eigenvectors_are_uniform():
    """On the sphere of three dimensions every coordinate is uniform on [-1, 1]."""
    drawn = [planted(1, 3, seed, rank=1)[2].matrix for seed in range(500)]
    squares = [matrix[0, 0] / np.trace(matrix) for matrix in drawn]
    assert kstest(np.sqrt(squares), "uniform").statistic < 1.95 / np.sqrt(500)


def test_inputs():
    X = planted(20_000, 6)[0]
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), np.sqrt(6))
    np.testing.assert_allclose(X.T @ X / 20_000, np.eye(6), atol=0.04)
    X = planted(20_000, 6, inputs="gaussian")[0]
    assert kstest(np.sum(X**2, axis=1), chi2(6).cdf).statistic < 1.95 / np.sqrt(20_000)


@pytest.mark.parametrize("inputs", LAWS)
def test_own_matrices(inputs):
    given = np.random.default_rng(0).normal(size=(4, 4))
    X, y, truth = planted(n_features=4, matrix=given * 1e200, inputs=inputs)
    np.testing.assert_allclose(truth.matrix, truth.matrix.T)
    form = np.array([x @ given @ x for x in X])
    mean, variance = moments_of_the_form((given + given.T) / 2, inputs)
    q = (form - mean) / np.sqrt(variance)
    np.testing.assert_allclose(truth.feature(X), q, atol=1e-12)
    np.testing.assert_allclose(y, truth.link(q), atol=1e-10)


def test_on_the_sphere_the_trace_changes_nothing():
    given = np.diag([1.0, 2, 3, 4])
    X, y = planted(n_features=4, matrix=given)[:2]
    X_same, y_same = planted(n_features=4, matrix=given + 100 * np.eye(4))[:2]
    np.testing.assert_array_equal(X, X_same)
    np.testing.assert_allclose(y, y_same, atol=1e-10)


def test_the_given_matrix_is_left_alone():
    given = np.triu(np.ones((4, 4)))
    before = given.copy()
    planted(n_features=4, matrix=given)
    np.testing.assert_array_equal(given, before)


def test_gaussian_inputs_of_one_column():
    X, y, _ = planted(n_features=1, inputs="gaussian", link=[0, 1.0])
    np.testing.assert_allclose(y, (X[:, 0] ** 2 - 1) / np.sqrt(2), atol=1e-13)


def quadrature(inputs):
    """Nodes x and weights in the plane, exact for polynomials of degree below 60."""
    if inputs == "sphere":
        theta = 2 * np.pi * np.arange(60) / 60
        return np.sqrt(2) * np.stack([np.cos(theta), np.sin(theta)], 1), 1 / 60
    nodes, weights = hermegauss(30)
    x = np.stack([grid.ravel() for grid in np.meshgrid(nodes, nodes)], 1)
    return x, np.outer(weights, weights).ravel() / (2 * np.pi)


@pytest.mark.parametrize("inputs", LAWS)
@pytest.mark.parametrize("link", ["he1+he3", [7.0, 2, 0, 0], np.linspace(-1, 1, 15)])
@pytest.mark.parametrize("matrix", [[[1, 0.5], [0.5, -3]], [[2, 0], [0, 0]]])
def test_ceilings_of_polynomials_are_exact(inputs, link, matrix):
    truth = planted(n_features=2, matrix=matrix, link=link, noise=0.7, inputs=inputs)[2]
    x, weights = quadrature(inputs)
    values = truth(x)
    variance = np.sum(weights * values**2) - np.sum(weights * values) ** 2
    assert truth.bayes_r2 == pytest.approx(variance / (variance + 0.49), rel=1e-10)


@pytest.mark.parametrize(("inputs", "sign"), [("sphere", -1), ("gaussian", 1)])
def test_ceilings_in_many_dimensions(inputs, sign):
    """Var h_p(q) = 1 + p (p - 1) c / 4 + ..., with c = +-12 / d the fourth cumulant."""
    for p, tolerance in ((1, 1e-12), (2, 1e-4), (4, 4e-3)):
        link = np.eye(p + 1)[p]
        truth = planted(1, 1000, link=link, noise=1.0, inputs=inputs)[2]
        expected = 1 + sign * 3 * p * (p - 1) / 1000
        assert truth._target_variance() == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("inputs", LAWS)
def test_ceilings_of_other_links(inputs):
    """A bounded link, and a degree beyond the exact ones."""
    for link in ("tanh", [0.0, 1.0, *np.zeros(20), 1e-5]):
        truth = planted(link=link, noise=1.0, inputs=inputs)[2]
        X, y = truth.sample(100_000, random_state=0)
        assert truth.bayes_r2 == pytest.approx(r2_score(y, truth(X)), abs=0.02)


@pytest.mark.parametrize("inputs", LAWS)
def test_draws_of_targets_have_the_law_of_targets(inputs, monkeypatch):
    truth = planted(n_features=5, rank=3, inputs=inputs, link="tanh")[2]
    blocks = [slice(start, start + 5000) for start in range(0, 50_000, 5000)]
    monkeypatch.setattr(_quadratic, "row_blocks", lambda *_: blocks)
    drawn = truth._draw_targets(50_000, np.random.default_rng(1))
    assert len(np.unique(drawn)) > 49_000
    y = truth.sample(50_000, random_state=2)[1]
    assert kstest(drawn, y).statistic < 1.95 * np.sqrt(2 / 50_000)


@pytest.mark.parametrize("link", ["he2", [0, 0.6, 0.8], np.abs])
def test_noise_by_its_ratio(link):
    truth = planted(link=link, snr=4)[2]
    assert truth.bayes_r2 == pytest.approx(0.8, rel=1e-12)
    X, y = truth.sample(100_000, random_state=1)
    ratio = np.var(truth(X)) / np.var(y - truth(X))
    assert ratio == pytest.approx(4, rel=0.08)


def test_noise_is_gaussian_and_fresh():
    X, y, truth = planted(20_000, noise=0.3)
    residual = (y - truth(X)) / 0.3
    assert kstest(residual, "norm").statistic < 1.95 / np.sqrt(20_000)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rank": 11}, "rank=11 exceeds n_features=10.*lower rank"),
        ({"rank": 0}, r"'rank' .* \[1, inf\).*Got 0"),
        ({"rank": 2, "matrix": np.eye(10)}, "rank=2 and matrix are both given"),
        ({"matrix": np.eye(9)}, r"shape \(9, 9\), but n_features=10.*\(10, 10\)"),
        ({"matrix": np.ones(10)}, r"shape \(10,\), but n_features=10"),
        ({"matrix": np.full((10, 10), np.nan)}, "Input matrix contains NaN"),
        (
            {"matrix": 0.1 * np.eye(10)},
            "constant for inputs='sphere' and n_features=10",
        ),
        ({"matrix": np.zeros((10, 10)), "inputs": "gaussian"}, "inputs='gaussian'"),
        (
            {"matrix": np.triu(np.ones((10, 10)), 1) - np.tri(10, k=-1)},
            "skew-symmetric",
        ),
        ({"n_features": 1}, "n_features=1, so there is no feature.*more features"),
        ({"inputs": "cube"}, "'inputs' .* Got 'cube'"),
        ({"link": "he9"}, "'link' .* Got 'he9'"),
        ({"link": [[1.0, 2.0]]}, r"link has shape \(1, 2\).*1-D array"),
        ({"link": np.sum}, r"link returned shape \(\).*\(100,\)"),
        ({"noise": 0.5, "snr": 2}, "noise=0.5 and snr=2 both set the noise"),
        ({"snr": 2, "link": [1.0]}, "this one has 0. Pass"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_quadratic_feature(**parameters)


def test_bad_inputs_of_the_feature():
    truth = planted(n_features=8)[2]
    with pytest.raises(ValueError, match=r"X has 7 features.*planted in 8"):
        truth.feature(np.zeros((5, 7)))
    with pytest.raises(ValueError, match="NaN"):
        truth.feature(np.full((5, 8), np.nan))
