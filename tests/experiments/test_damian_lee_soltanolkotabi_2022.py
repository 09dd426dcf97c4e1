"""The experiment end to end at its small size, the order, and the paper's figures."""

from itertools import product

import numpy as np
import pytest
from end_to_end import EndToEnd
from numpy.polynomial import hermite_e

from sklearn_depth import TwoLayerGDRegressor

PACKAGE = "experiments.damian_lee_soltanolkotabi_2022"


FIGURE_1 = {"study": "learning", "link": "he2_he4", "n_source": 0}
FIGURE_2 = {"study": "transfer", "link": "he3", "n_source": 10_000}


def target_of(run, link, d=10, study="learning"):
    return run.Target(link, d, run.NOISE[study], 0)


def mean_risk(run, model, n, figure):
    shape = {"d": 10, "width": 100, "n": n, "n_test": 20_000}
    found = [
        run.measure(**figure, **shape, model=model, seed=seed) for seed in range(4)
    ]
    return np.mean([values["risk"] for values in found])


class TestExperiment(EndToEnd):
    again = (6,)
    picture = "learning.png"
    table = {
        "| Algorithm 1, in the paper | 0.905 | 0.254 |": 1,
        "three directions": 2,
    }


def test_risks_are_positive(results):
    assert all(row["risk"] > 0 for row in results)


@pytest.mark.parametrize(
    ("link", "unnormalised"),
    [
        ("he2_he4", [0, 0, 1 / 2, 0, 1 / (4 * np.sqrt(3))]),
        ("he2_he3", [0, 0, 1 / 2, 1 / np.sqrt(12)]),
        ("he3", [0, 0, 0, 1 / np.sqrt(6)]),
    ],
)
def test_targets_are_the_paper_s_at_unit_norm(modules, link, unnormalised):
    run, _ = modules
    truth = run.draw_truth(target_of(run, link))
    z, weights = hermite_e.hermegauss(10)
    values = truth(z[:, None] * truth.directions)
    np.testing.assert_allclose(values, hermite_e.hermeval(z, unnormalised), atol=1e-9)
    assert weights @ values**2 / weights.sum() == pytest.approx(1)


def test_the_cubic_has_unit_norm_and_an_even_mean_hessian(modules):
    """E[f (z z' - I)] is the mean Hessian."""
    run, _ = modules
    truth = run.draw_truth(target_of(run, "cubic", 8))
    nodes, weights = hermite_e.hermegauss(6)
    z = np.array(list(product(nodes, repeat=3)))
    share = np.prod(list(product(weights, repeat=3)), axis=1)
    share /= share.sum()
    f = truth(z @ truth.directions)
    assert share @ f == pytest.approx(0, abs=1e-12)
    assert share @ f**2 == pytest.approx(1)
    hessian = (z * (share * f)[:, None]).T @ z
    np.testing.assert_allclose(hessian, np.sqrt(2 / 7) * np.eye(3), atol=1e-9)


def test_the_source_shares_its_direction_and_not_its_rows(modules):
    run, _ = modules
    target = target_of(run, "he3")
    one, other = run.draw_truth(target), run.draw_truth(target.source)
    np.testing.assert_array_equal(one.directions, other.directions)
    X, _ = run.draw_points(target, 5, "train")
    fewer, _ = run.draw_points(target, 3, "train")
    np.testing.assert_array_equal(X[:3], fewer)
    assert not np.isin(X, run.draw_points(target.source, 5, "source")[0]).any()


def test_the_order_of_figure_one(results):
    """Algorithm 1 << tangent kernel < random features, at n = 10^3.5."""
    risks = {row["model"]: row["risk"] for row in results if row["n"] == 3162}
    assert 3 * risks["algorithm_1"] < risks["tangent_kernel"]
    assert 3 * risks["algorithm_1_gcv"] < risks["tangent_kernel"]
    assert risks["tangent_kernel"] < risks["random_features"] < 1


@pytest.mark.parametrize(
    ("model", "n", "spread"),
    [("random_features", 1000, 0.1), ("tangent_kernel", 1000, 0.1)],
)
def test_rivals_reproduce_figure_one(modules, model, n, spread):
    run, report = modules
    published = report.paper.learning(model, 100)[n]
    assert mean_risk(run, model, n, FIGURE_1) == pytest.approx(published, abs=spread)


def test_algorithm_1_is_no_worse_than_in_figure_one(modules):
    run, report = modules
    published = report.paper.learning("algorithm_1", 100)[10_000]
    ours = mean_risk(run, "algorithm_1", 10_000, FIGURE_1)
    assert published / 3 < ours < published


def test_figure_two(modules, results):
    """A layer learned from 10^4 rows does with 10^3 what a random one does not."""
    run, report = modules
    learned = mean_risk(run, "transfer_tuned", 1000, FIGURE_2)
    published = report.paper.transfer(10_000)[1000]
    assert published / 3 < learned < 1.5 * published
    none = [
        row for row in results if (row["study"], row["n_source"]) == ("transfer", 0)
    ]
    assert all(row["risk"] > 0.9 for row in none)


def test_a_tuned_head_is_the_estimator_s(modules, monkeypatch):
    """At a penalty of lambda n, Algorithm 1 by hand and by the estimator agree."""
    run, _ = modules
    target = target_of(run, "he2_he3", study="samples")
    problem = run.Problem(target, 300, 60, 50)
    monkeypatch.setitem(
        run.MODELS["algorithm_1"].fit.__globals__, "LAMBDAS", np.array([0.01])
    )
    X, _ = problem.held_out
    network = run.paper_network(10, 60, 0).set_params(alpha=300 * 0.01)
    expected = network.fit(*problem.train).predict(X)
    tuned = run.MODELS["algorithm_1"].fit(problem)(X)
    np.testing.assert_allclose(tuned, expected, atol=1e-8)


def test_tangent_features_are_gradients(modules):
    run, _ = modules
    gradients = run.MODELS["tangent_kernel"].fit.__globals__["gradients"]
    rng = np.random.default_rng(0)
    x, rows, biases = (rng.standard_normal(size) for size in [(1, 4), (3, 4), 3])
    weights = np.column_stack([rows, biases])

    def network(weights):
        return np.maximum(x @ weights[:, :4].T + weights[:, 4], 0).sum()

    steps = 1e-6 * np.eye(15).reshape(15, 3, 5)
    expected = [
        (network(weights + step) - network(weights - step)) / 2e-6 for step in steps
    ]
    np.testing.assert_allclose(gradients(x, rows, biases)[0], expected, atol=1e-6)


def test_samples_needed_and_exponents_of_power_laws(modules):
    """Risks (3 d^2.5 / n)^1.5 of one model, and another's that are never low."""
    _, report = modules
    rows = [
        {"model": model, "d": d, "n": n, "seed": seed, "risk": risk}
        for d in (4, 6, 9)
        for n in (10, 100, 1000, 10_000)
        for seed in (0, 1)
        for model, risk in (("rbf", 0.1 * (3 * d**2.5 / n) ** 1.5), ("defaults", 0.2))
    ]
    exponents, needed = report.samples.scaling(rows)
    assert exponents["rbf"]["exponent"] == pytest.approx(2.5)
    assert np.isnan(exponents["defaults"]["exponent"])
    assert report.count_cell(needed["rbf"][4]) == "96 (96-96)"
    assert report.count_cell(needed["defaults"][4]) == "inf (inf-inf)"


def test_the_network_needs_fewer_samples_than_one_step(results):
    risks = {
        (row["model"], row["d"], row["n"]): row["risk"]
        for row in results
        if row["study"] == "samples"
    }
    assert risks["defaults", 23, 184] < 0.1 < risks["algorithm_1_gcv", 23, 529]


@pytest.mark.filterwarnings("ignore:No direction:UserWarning")  # among four
def test_every_model_fits(modules):
    run, report = modules
    assert report.figure.STYLES.keys() <= run.MODELS.keys()
    target = target_of(run, "he2_he3", 4, "samples")
    source = TwoLayerGDRegressor(20, random_state=0)
    problem = run.Problem(target, 300, 20, 50, source)
    source.fit(*problem.train)
    for model in run.MODELS.values():
        assert np.isfinite(model.fit(problem)(problem.held_out[0])).all()
