"""The experiment end to end at its small size, and its theory by quadrature."""

from importlib import import_module
from itertools import product

import numpy as np
import pytest
from end_to_end import EndToEnd
from numpy.polynomial.hermite_e import hermegauss, hermeval

PACKAGE = "experiments.spiked_covariance"


@pytest.fixture(scope="module")
def theory(modules):
    return import_module(f"{PACKAGE}.theory")


@pytest.fixture
def errors(results):
    """{(case, beta): {model: error}}."""
    found = {}
    for row in results:
        of_model = found.setdefault((row["case"], row["beta"]), {})
        of_model[row["model"]] = row["normalized_error"]
    return found


class TestExperiment(EndToEnd):
    again = range(4)
    picture = "spike.png"
    table = {
        "| first principal component + spline | ": 4,
        "β = 0.6": 3,
    }


def test_the_small_size_has_every_model(results):
    shapes = {"13": (100, 200), "13_between": (100, 400)}
    assert [(row["case"], row["beta"], row["model"]) for row in results] == list(
        product(
            shapes,
            [0.0, 0.6],
            ["kernel_poly", "one_step", "two_layer_default", "pca_spline"],
        )
    )
    for row in results:
        assert (row["d"], row["n"]) == shapes[row["case"]]


def test_a_spike_on_the_target_helps_networks_before_kernels(errors):
    before, after = errors["13", 0.0], errors["13", 0.6]
    assert after["one_step"] < 0.1 < 0.15 < after["kernel_poly"]
    assert before["one_step"] > 0.5
    assert after["pca_spline"] < after["one_step"]
    assert before["pca_spline"] > 0.9
    assert after["two_layer_default"] > 5 * after["one_step"]


def test_principal_components_keep_to_what_the_spike_explains(errors, theory):
    for beta in (0.0, 0.6):
        spike = 100**beta if beta else 0.0
        floor = theory.left_by_spike("13_between", spike)
        assert errors["13_between", beta]["pca_spline"] > 0.9 * floor


def test_turning_points(theory):
    assert theory.turning_points("13") == (pytest.approx(2 / 3), 0)
    assert theory.turning_points("3") == (pytest.approx(2 / 3), pytest.approx(2 / 3))


@pytest.mark.parametrize("case", ["13", "3", "13_between", "13_across"])
@pytest.mark.parametrize("spike", [0.0, 2.0, 50.0])
def test_what_the_spike_explains_by_quadrature(theory, case, spike):
    """E Var(g(z) | <mu, x>), the outer and the inner mean by Gauss-Hermite rules."""
    _, coefficients, overlap = theory.CASES[case]
    deviation = np.sqrt(1 + spike)
    along, beside = overlap * deviation, np.sqrt(1 - overlap**2)
    nodes, weights = hermegauss(8)
    weights = weights / weights.sum()
    z = along * nodes[:, None] + beside * nodes
    scale = np.sqrt(np.cumprod([1, 1, 2, 3]))
    values = hermeval(z / np.hypot(along, beside), coefficients / scale)
    means = values @ weights
    variance = weights @ values**2 @ weights - (weights @ means) ** 2
    left = 1 - (weights @ means**2 - (weights @ means) ** 2) / variance
    assert theory.left_by_spike(case, spike) == pytest.approx(left, abs=1e-12)


@pytest.fixture(scope="module")
def layer_rows(modules):
    """The rows that a model's first layer takes on X and y."""
    run, _ = modules

    def fit(model, X, y, seed=0):
        network = run.MODELS[model].build(X.shape[1], seed).fit(X, y)[-1]
        return getattr(network, "network_", network).features_.hidden_coef_

    return fit


def test_a_linear_target_turns_one_step_by_the_covariance(layer_rows):
    """2 E[<u, x> x 1{<w, x> >= 0}] = C u at every w."""
    deviations, u = np.array([1, 2, 4.0, 1]), np.array([0.6, 0, 0, 0.8])
    X = np.random.default_rng(0).standard_normal((5000, 4)) * deviations
    rows = layer_rows("one_step", X, 5 + X @ u)
    expected = deviations**2 * u
    cosines = rows @ expected / np.linalg.norm(rows, axis=1) / np.linalg.norm(expected)
    np.testing.assert_allclose(np.abs(cosines), 1, atol=0.02)


@pytest.mark.filterwarnings("ignore:No direction")
def test_shuffled_labels_turn_one_step_to_the_spike(layer_rows):
    """Rows then have the covariance C of x: tr (C mu mu')^2 / tr C^2 is the spike's."""
    d, spike = 60, 6.0
    variances = np.ones(d)
    variances[0] += spike
    along = total = 0
    for seed in range(20):
        rng = np.random.default_rng([seed, d])
        X = rng.standard_normal((300, d)) * np.sqrt(variances)
        rows = layer_rows("one_step_shuffled", X, X[:, 1], seed)
        of_axis = np.sum(rows**2, axis=0) * variances
        along, total = along + of_axis[0], total + of_axis.sum()
    share = (1 + spike) ** 2 / ((1 + spike) ** 2 + d - 1)
    assert along / total == pytest.approx(share, abs=0.05)


@pytest.mark.filterwarnings("ignore:No direction")
def test_a_shuffled_layer_has_a_head_for_the_labels(modules):
    """Ridge on a fixed layer: it knows a linear target, which its rows do not."""
    run, _ = modules
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 10))
    model = run.MODELS["one_step_shuffled"].build(10, 0).fit(X, X[:, 0])
    np.testing.assert_allclose(model.predict(X), X[:, 0], atol=0.05)


def test_where_a_curve_crosses(modules):
    _, report = modules
    errors = {0.0: [0.9], 0.4: [0.7, 0.7, 9.0], 0.8: [0.2]}
    assert report.crossing(errors, 0.45) == "0.60"
    assert report.crossing(errors, 0.95) == "0"
    assert report.crossing(errors, 0.1) == "> 0.8"


def test_every_model_has_a_style_and_builds(modules, theory, cells):
    run, report = modules
    assert report.STYLES.keys() == run.MODELS.keys()
    assert {cell["model"] for cell in cells["full"]} == run.MODELS.keys()
    assert {cell["case"] for cell in cells["full"]} == theory.CASES.keys()
    for model in run.MODELS.values():
        assert hasattr(model.build(10 + 10**0.5, 0), "fit")
