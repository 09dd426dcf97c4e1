"""Spiked single-index data against their formulas."""

import pickle

import numpy as np
import pytest
from scipy.stats import kstest

from sklearn_depth.datasets import make_single_index, make_spiked_single_index


def planted(n_samples=300, n_features=8, seed=0, **parameters):
    return make_spiked_single_index(
        n_samples, n_features, **parameters, return_truth=True, random_state=seed
    )


@pytest.mark.parametrize("overlap", [1.0, -1.0, 0.5, 0.0])
def test_the_target_is_the_formula(overlap):
    X, y, truth = planted(link="abs", spike=7.0, overlap=overlap)
    u, mu = truth.directions[0], truth.spike_direction
    assert u @ u == pytest.approx(1, abs=1e-14)
    assert mu @ mu == pytest.approx(1, abs=1e-14)
    assert u @ mu == pytest.approx(overlap, abs=1e-14)
    expected = abs(X @ u) / np.sqrt(1 + 7 * overlap**2)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(truth))(X), y)


def test_inputs_are_stretched_along_the_spike_alone():
    X, _, truth = planted(50_000, 5, spike=9.0)
    mu = truth.spike_direction
    expected = np.eye(5) + 9 * np.outer(mu, mu)
    np.testing.assert_allclose(truth.covariance, expected, atol=1e-14)
    np.testing.assert_allclose(np.cov(X.T), expected, atol=0.2)
    limit = 1.95 / np.sqrt(50_000)
    assert kstest(X @ mu / np.sqrt(10), "norm").statistic < limit
    across = np.linalg.svd(mu[None])[2][1:]
    np.testing.assert_allclose(np.cov(across @ X.T), np.eye(4), atol=0.03)


@pytest.mark.parametrize("overlap", [1.0, 0.6])
def test_the_projection_is_standard_and_the_ceiling_exact(overlap):
    X, _, truth = planted(50_000, link=[3.0, 0, 0, 2.0], noise=1.0, overlap=overlap)
    z = X @ truth.projection[0]
    assert kstest(z, "norm").statistic < 1.95 / np.sqrt(50_000)
    assert truth.bayes_r2 == pytest.approx(4 / 5, rel=1e-12)
    np.testing.assert_array_equal(truth.coefficients, [3, 0, 0, 2])


def test_without_a_spike_inputs_are_standard():
    _, y, truth = planted(spike=0)
    assert truth.spike == 0
    np.testing.assert_array_equal(truth.covariance, np.eye(8))
    X_same, y_same = make_single_index(
        300, 8, link="he3", direction=truth.spike_direction, random_state=1
    )
    X, y = truth.sample(300, random_state=1)
    np.testing.assert_allclose(X, X_same)
    np.testing.assert_allclose(y, y_same, atol=1e-12)


def test_defaults():
    truth = planted(n_features=49)[2]
    assert truth.spike == 7
    np.testing.assert_array_equal(truth.directions[0], truth.spike_direction)
    assert truth.coefficients.tolist() == [0, 0, 0, 1]


def test_spike_direction_is_scaled_to_unit_length():
    truth = planted(n_features=3, spike_direction=[3, 0, -4], overlap=-1)[2]
    np.testing.assert_allclose(truth.spike_direction, [0.6, 0, -0.8])
    np.testing.assert_allclose(truth.directions, [[-0.6, 0, 0.8]])


def test_the_direction_beside_the_spike_is_uniform():
    mu = [0, 0, 1.0]
    rows = [
        planted(1, 3, seed, spike_direction=mu, overlap=0.6)[2].directions[0]
        for seed in range(500)
    ]
    turns = np.arctan2(*np.transpose(rows)[:2]) / (2 * np.pi) + 0.5
    assert kstest(turns, "uniform").statistic < 1.95 / np.sqrt(500)


def test_noise_by_its_ratio():
    truth = planted(link="he2", snr=4, spike=100.0, overlap=0.3)[2]
    assert truth.noise == 0.5


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"spike": -1.0}, r"'spike' .* \[0.*inf\).*Got -1"),
        ({"overlap": 1.5}, r"'overlap' .* \[-1.*1.*\].*Got 1.5"),
        ({"n_features": 1, "overlap": 0.5}, "overlap=0.5 needs a direction beside"),
        ({"spike_direction": np.zeros(10)}, "spike_direction is zero in all 10"),
        ({"spike_direction": np.ones(9)}, "spike_direction has shape"),
        ({"noise": 1.0, "snr": 1.0}, "noise=1 and snr=1 both set the noise"),
        ({"link": "he9"}, "'link' .* Got 'he9'"),
        ({"link": [[1.0]]}, r"link has shape \(1, 1\)"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_spiked_single_index(**parameters)
