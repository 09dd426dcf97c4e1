"""Index data against their formulas, quadrature and simulation."""

import pickle
from math import comb, factorial

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss, hermeval
from scipy.stats import ks_2samp, kstest, norm
from sklearn.metrics import r2_score

from sklearn_depth.datasets import make_multi_index, make_single_index

SINGLE_LINKS = {
    "he2": lambda z: (z**2 - 1) / np.sqrt(2),
    "he3": lambda z: (z**3 - 3 * z) / np.sqrt(6),
    "he4": lambda z: (z**4 - 6 * z**2 + 3) / np.sqrt(24),
    "he1+he3": lambda z: (z + (z**3 - 3 * z) / np.sqrt(6)) / np.sqrt(2),
    "relu": lambda z: np.where(z > 0, z, 0),
    "abs": lambda z: np.sqrt(z**2),
    "tanh": lambda z: 1 - 2 / (np.exp(2 * z) + 1),
    "sin": lambda z: np.imag(np.exp(1j * z)),
    "cos": lambda z: np.real(np.exp(1j * z)),
    "sign": lambda z: np.where(z > 0, 1, -1),
    "step": lambda z: np.where(z > 0, 1, 0),
    "staircase": lambda z: np.searchsorted([-1, 0, 1], z) - 1.5,
}
MULTI_LINKS = {
    "product": lambda z: z[:, 0] * z[:, 1] * z[:, 2],
    "sign_product": lambda z: 1 - 2 * (np.sum(z < 0, axis=1) % 2),
    "relus": lambda z: (
        z[:, 0] * (z[:, 0] > 0) - z[:, 1] * (z[:, 1] > 0) + z[:, 2] * (z[:, 2] > 0)
    ),
}


def planted(make, n_samples=300, n_features=8, **parameters):
    return make(n_samples, n_features, **parameters, return_truth=True, random_state=0)


@pytest.mark.parametrize("make", [make_single_index, make_multi_index])
def test_inputs_are_standard_gaussian(make):
    X, _ = make(50_000, 4, random_state=0)
    np.testing.assert_allclose(np.cov(X.T), np.eye(4), atol=0.03)
    for column in X.T:
        assert kstest(column, "norm").statistic < 1.95 / np.sqrt(50_000)


@pytest.mark.parametrize("link", SINGLE_LINKS)
def test_single_index_links(link):
    X, y, truth = planted(make_single_index, link=link)
    assert truth.directions.shape == (1, 8)
    u = truth.directions[0]
    assert np.linalg.norm(u) == pytest.approx(1, abs=1e-14)
    np.testing.assert_allclose(y, SINGLE_LINKS[link](X @ u), atol=1e-12)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_hermite_coefficients_as_the_link():
    coefficients = [0.5, -1.0, 0.0, 2.0, 0.25]
    X, y, truth = planted(make_single_index, link=coefficients, noise=0)
    scale = np.sqrt([factorial(k) for k in range(5)])
    reference = hermeval(X @ truth.directions[0], coefficients / scale)
    np.testing.assert_allclose(y, reference, atol=1e-11)
    np.testing.assert_array_equal(truth.coefficients, coefficients)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_planted_coefficients_are_not_shared_between_truths():
    planted(make_single_index, link="he2")[2].coefficients[2] = 7.0
    assert planted(make_single_index, link="he2")[2].coefficients.tolist() == [0, 0, 1]


@pytest.mark.parametrize("link", ["relu", np.cos])
def test_only_hermite_links_have_coefficients(link):
    truth = planted(make_single_index, link=link)[2]
    assert not hasattr(truth, "coefficients")


def test_direction_is_scaled_to_unit_length():
    direction = [3.0, 0, 0, -4.0]
    X, y, truth = planted(make_single_index, 50, 4, link="abs", direction=direction)
    np.testing.assert_allclose(truth.directions, [[0.6, 0, 0, -0.8]])
    np.testing.assert_allclose(y, abs(0.6 * X[:, 0] - 0.8 * X[:, 3]))


def test_drawn_directions_are_uniform():
    u = np.array(
        [
            make_single_index(1, 3, return_truth=True, random_state=k)[2].directions[0]
            for k in range(500)
        ]
    )
    # On the sphere of three dimensions every coordinate is uniform on [-1, 1].
    assert kstest((u[:, 0] + 1) / 2, "uniform").statistic < 1.95 / np.sqrt(500)


@pytest.mark.parametrize("link", MULTI_LINKS)
def test_multi_index_links(link):
    X, y, truth = planted(make_multi_index, n_directions=3, link=link)
    np.testing.assert_allclose(y, MULTI_LINKS[link](X @ truth.directions.T), atol=1e-12)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_callable_link_sees_all_projections():
    X, y, truth = planted(make_multi_index, link=lambda z: z[:, 0] + 10 * z[:, 1])
    np.testing.assert_allclose(y, X @ truth.directions.T @ [1, 10])


def test_polynomial_by_hand():
    X, y, truth = planted(make_multi_index, degree=2)
    a, b = truth.directions @ X.T
    square = lambda z: (z**2 - 1) / np.sqrt(2)  # noqa: E731
    np.testing.assert_allclose(
        y, truth.coefficients @ [a, b, square(a), a * b, square(b)], atol=1e-12
    )


@pytest.mark.parametrize(("degree", "r"), [(1, 1), (3, 1), (1, 4), (3, 4), (2, 8)])
def test_polynomial_has_unit_coefficients(degree, r):
    _, _, truth = planted(make_multi_index, n_directions=r, degree=degree)
    assert truth.coefficients.shape == (comb(r + degree, degree) - 1,)
    assert np.linalg.norm(truth.coefficients) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("degree", [1, 3, 6])
def test_polynomial_has_mean_zero_and_variance_one_by_quadrature(degree):
    truth = planted(make_multi_index, n_directions=2, degree=degree)[2]
    nodes, weights = hermegauss(degree + 2)
    z = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    density = np.outer(weights, weights).ravel() / (2 * np.pi)
    values = truth(z @ truth.directions)
    assert values @ density == pytest.approx(0, abs=1e-12)
    assert values**2 @ density == pytest.approx(1, abs=1e-12)


def test_polynomial_has_variance_one_by_simulation():
    _, y = make_multi_index(100_000, 5, n_directions=5, degree=2, random_state=0)
    assert np.mean(y) == pytest.approx(0, abs=0.015)
    assert np.var(y) == pytest.approx(1, abs=0.04)


def test_polynomial_is_the_same_by_blocks_of_rows():
    X, y, truth = planted(make_multi_index, 300, 25, n_directions=25, degree=3)
    assert truth.coefficients.shape == (3275,)
    np.testing.assert_allclose(truth(np.tile(X, (4, 1))), np.tile(y, 4), atol=1e-12)


@pytest.mark.parametrize("link", ["polynomial", *MULTI_LINKS])
def test_targets_do_not_move_off_the_subspace(link):
    X, y, truth = planted(make_multi_index, n_directions=3, link=link)
    U = truth.directions
    np.testing.assert_allclose(U @ U.T, np.eye(3), atol=1e-13)
    step = np.random.default_rng(1).standard_normal(X.shape)
    np.testing.assert_allclose(truth(X + step - step @ U.T @ U), y, atol=1e-11)
    assert np.abs(truth(X + step @ U.T @ U) - y).max() > 0.1


def test_given_directions_become_the_nearest_orthonormal_rows():
    rows = np.random.default_rng(0).standard_normal((3, 8))
    U = planted(make_multi_index, n_directions=3, directions=rows)[2].directions
    np.testing.assert_allclose(U @ U.T, np.eye(3), atol=1e-13)
    np.testing.assert_allclose(rows @ U.T @ U, rows, atol=1e-13)
    polar_factor = rows @ U.T  # of rows = P U, P symmetric positive definite
    np.testing.assert_allclose(polar_factor, polar_factor.T, atol=1e-13)
    assert (np.linalg.eigvalsh(polar_factor) > 0).all()
    again = planted(make_multi_index, n_directions=3, directions=U)[2].directions
    np.testing.assert_allclose(again, U, atol=1e-13)


@pytest.mark.parametrize(
    ("link", "variance"),
    [
        ("he3", 1),
        ([4.0, 0.0, 0.5], 0.25),
        ([2.0], 0),
        ("relu", 1 / 2 - 1 / (2 * np.pi)),
        ("abs", 1 - 2 / np.pi),
        ("sin", (1 - np.exp(-2)) / 2),
        ("cos", (1 - np.exp(-1)) ** 2 / 2),
        ("sign", 1),
        ("step", 1 / 4),
        ("staircase", 1 / 4 + 4 * norm.cdf(-1)),
    ],
)
def test_ceiling_of_a_single_index(link, variance):
    truth = planted(make_single_index, link=link, noise=0.5)[2]
    expected = variance / (variance + 0.25)
    exact = not isinstance(link, str) or link == "he3"
    assert truth.bayes_r2 == pytest.approx(expected, rel=1e-12 if exact else 0.01)


@pytest.mark.parametrize(
    ("link", "variance"),
    [
        ("polynomial", 1),
        ("product", 1),
        ("sign_product", 1),
        ("relus", 3 * (1 / 2 - 1 / (2 * np.pi))),
    ],
)
def test_ceiling_of_a_multi_index(link, variance):
    truth = planted(make_multi_index, n_directions=3, link=link, noise=0.8)[2]
    tolerance = 1e-12 if link == "polynomial" else 0.02
    assert truth.bayes_r2 == pytest.approx(variance / (variance + 0.64), rel=tolerance)
    X, y = truth.sample(100_000, random_state=0)
    assert truth.bayes_r2 == pytest.approx(r2_score(y, truth(X)), abs=0.03)


COVARIANCES = {
    "matrix": np.eye(8) + 0.9 * (np.ones((8, 8)) - np.eye(8)),
    "variances": np.linspace(0, 5, 8),
}
each_covariance = pytest.mark.parametrize(
    "covariance", COVARIANCES.values(), ids=COVARIANCES
)


def full(covariance):
    return np.diag(covariance) if covariance.ndim == 1 else covariance


@each_covariance
@pytest.mark.parametrize("make", [make_single_index, make_multi_index])
def test_inputs_have_the_covariance(make, covariance):
    truth = planted(make, covariance=covariance)[2]
    np.testing.assert_array_equal(truth.covariance, covariance)
    X, _ = truth.sample(50_000, random_state=0)
    np.testing.assert_allclose(np.cov(X.T), full(covariance), atol=0.15)


@each_covariance
def test_a_single_index_is_standardised(covariance):
    X, y, truth = planted(make_single_index, link="abs", covariance=covariance)
    u = truth.directions[0]
    deviation = np.sqrt(u @ full(covariance) @ u)
    np.testing.assert_allclose(y, abs(X @ u) / deviation, atol=1e-12)
    np.testing.assert_allclose(truth.projection, [u / deviation], atol=1e-12)


@each_covariance
def test_multi_indices_are_whitened_by_the_symmetric_root(covariance):
    X, y, truth = planted(
        make_multi_index, n_directions=3, link=lambda z: z[:, 1], covariance=covariance
    )
    P, U = truth.projection, truth.directions
    np.testing.assert_allclose(y, X @ P[1], atol=1e-12)
    np.testing.assert_allclose(P @ full(covariance) @ P.T, np.eye(3), atol=1e-12)
    root = P @ U.T  # P = root U
    np.testing.assert_allclose(root, root.T, atol=1e-12)
    np.testing.assert_allclose(root @ U, P, atol=1e-12)
    assert (np.linalg.eigvalsh(root) > 0).all()


@each_covariance
@pytest.mark.parametrize("make", [make_single_index, make_multi_index])
def test_the_law_of_targets_is_that_of_isotropic_inputs(make, covariance):
    _, y, truth = planted(make, 20_000, covariance=covariance, noise=0.5)
    _, isotropic, other = planted(make, 20_000, noise=0.5)
    assert truth.bayes_r2 == pytest.approx(other.bayes_r2, rel=1e-12)
    assert truth.bayes_r2 == pytest.approx(0.8, rel=1e-12)
    assert ks_2samp(y, isotropic).statistic < 1.95 * np.sqrt(2 / 20_000)


@pytest.mark.parametrize("make", [make_single_index, make_multi_index])
def test_the_identity_is_no_covariance(make):
    X, y = make(50, 6, random_state=0)
    for identity in (np.eye(6), np.ones(6)):
        X_same, y_same = make(50, 6, covariance=identity, random_state=0)
        np.testing.assert_allclose(X_same, X, atol=1e-13)
        np.testing.assert_allclose(y_same, y, atol=1e-12)
    truth = make(50, 6, return_truth=True, random_state=0)[2]
    assert truth.covariance is None
    assert truth.projection is truth.directions


@pytest.mark.parametrize(
    ("make", "parameters", "variance"),
    [
        (make_single_index, {"link": "he3"}, 1),
        (make_single_index, {"link": [9.0, 3.0, -4.0]}, 25),
        (make_single_index, {"link": "sign"}, 1),
        (make_single_index, {"link": "abs"}, 1 - 2 / np.pi),
        (make_multi_index, {"link": "polynomial"}, 1),
        (make_multi_index, {"link": "product"}, 1),
    ],
)
def test_noise_by_its_ratio(make, parameters, variance):
    truth = planted(make, **parameters, snr=4)[2]
    exact = hasattr(truth.link, "coefficients")
    rel = 1e-12 if exact else 0.01
    assert truth.noise == pytest.approx(np.sqrt(variance) / 2, rel=rel)
    assert truth.bayes_r2 == pytest.approx(0.8, rel=1e-12)
    X, y = truth.sample(50_000, random_state=1)
    ratio = np.var(truth(X)) / np.var(y - truth(X))
    assert ratio == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("make", [make_single_index, make_multi_index])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": 0.5, "snr": 2}, "noise=0.5 and snr=2 both set the noise"),
        ({"snr": 0}, r"'snr' .* \(0.*inf\).*Got 0"),
        ({"snr": 2, "link": lambda z: np.full(len(z), 0.1)}, "this one has 0. Pass"),
        ({"covariance": np.eye(9)}, r"shape \(9, 9\), but n_features=10.*\(10, 10\)"),
        ({"covariance": 2.0}, "covariance"),
        ({"covariance": np.tri(10)}, "differs from its transpose by up to 1, .*symme"),
        ({"covariance": -np.ones(10)}, "has the variance -1, .*at least 0"),
        ({"covariance": -np.eye(10)}, "has the eigenvalue -1 beside.*semi-definite"),
        ({"covariance": np.zeros(10)}, "vary in only 0 dimensions"),
        ({"covariance": np.full((10, 10), np.nan)}, "Input covariance contains NaN"),
    ],
)
def test_bad_noise_and_covariance(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"link": "he9"}, "'link' .* Got 'he9'"),
        ({"link": [[1.0, 2.0]]}, r"link has shape \(1, 2\).*1-D array"),
        ({"link": [0.0, np.nan]}, "Input link contains NaN"),
        ({"link": np.sum}, r"link returned shape \(\).*\(100,\)"),
        ({"direction": np.ones(9)}, r"shape \(9,\), but n_features=10.*None"),
        ({"direction": np.ones((1, 10))}, r"shape \(1, 10\), but n_features=10"),
        ({"direction": np.zeros(10)}, "zero in all 10 entries.*not zero"),
        ({"direction": np.full(10, np.inf)}, "Input direction contains infinity"),
    ],
)
def test_bad_parameters_of_a_single_index(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_single_index(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_directions": 11}, "n_directions=11 .* n_features=10 .*Use fewer"),
        ({"n_directions": 0}, r"'n_directions' .* \[1, inf\). Got 0"),
        ({"degree": 0}, r"'degree' .* \[1, inf\). Got 0"),
        ({"link": "sum"}, "'link' .* Got 'sum'"),
        ({"link": np.abs}, r"link returned shape \(100, 2\).*\(100,\)"),
        ({"directions": np.eye(3, 10)}, r"shape \(3, 10\), but n_directions=2"),
        ({"directions": np.ones((2, 10))}, "2 rows of directions span only 1 dim"),
        ({"directions": np.zeros((2, 10))}, "2 rows of directions span only 0 dim"),
        ({"directions": np.full((2, 10), np.nan)}, "Input directions contains NaN"),
    ],
)
def test_bad_parameters_of_a_multi_index(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_multi_index(**parameters)


def test_a_polynomial_too_large_for_the_machine():
    with pytest.raises(MemoryError, match=r"degree 30 in 40 directions.*Lower degree"):
        make_multi_index(10, 40, n_directions=40, degree=30)
