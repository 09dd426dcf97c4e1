"""The experiment end to end at its small size, and its theory by other means."""

from importlib import import_module

import numpy as np
import pytest
from end_to_end import EndToEnd

from sklearn_depth.metrics import generative_exponent

PACKAGE = "experiments.exponents"


@pytest.fixture(scope="module")
def theory(modules):
    return import_module(f"{PACKAGE}.theory")


@pytest.fixture(scope="module")
def links(modules):
    return import_module(f"{PACKAGE}.links").LINKS


@pytest.fixture(scope="module")
def models(modules):
    return import_module(f"{PACKAGE}.models")


class TestExperiment(EndToEnd):
    again = range(0, 52, 7)
    picture = "exponents.png"
    table = {"| abs z | d | 0.50 | 1.61 |": 1, "Hessian directions, d = 20": 2}


def test_the_small_size_sees_what_theory_does(results):
    for row in results:
        if row["model"] == "best":
            seen = row["squared_cosine"] > 0.55
            assert seen == (row["ratio"] == 16.0) or row["ratio"] == 0.25
        if row["model"] == "sir":
            assert (row["squared_cosine"] > 0.5) == (row["link"] == "he3")


def test_degrees_are_generative_exponents(links):
    for link in links.values():
        assert generative_exponent(link.function) == link.degree
        assert link.growth == max(link.degree, 2) / 2


def test_the_best_preprocessing_of_phase_retrieval(models, links):
    """T = 1 - 1/y^2 for y = |z|."""
    transform = import_module(f"{PACKAGE}.links").label_transform("abs")
    y = np.array([0.5, 1.0, 2.0, 0.01])
    found = models.preprocessing(transform(y))
    np.testing.assert_allclose(found, [-3, 0, 0.75, models.LEAST], atol=1e-3)


@pytest.mark.parametrize("link", ["abs", "he4", "window"])
def test_theory_of_spectral_methods_has_the_threshold(theory, link):
    """Lu and Li's overlap starts where the threshold of the link is."""
    start = theory.threshold(link)
    assert theory.squared_cosine(link, 0.98 * start) == 0
    near, far = (theory.squared_cosine(link, k * start) for k in (1.1, 100))
    assert 0 < near < 0.1
    assert far > 0.98
    assert theory.squared_cosine(link, theory.half(link)) == pytest.approx(0.5)


@pytest.mark.parametrize(("link", "d"), [("abs", 150), ("window", 150), ("he3", 150)])
def test_theory_against_draws(modules, theory, link, d):
    """Medians of 15 draws at the half and at twice as many samples."""
    run, _ = modules
    for ratio in (theory.half(link), 2 * theory.half(link)):
        found = [
            run.measure(link, d, ratio, "best", seed, 1)["squared_cosine"]
            for seed in range(15)
        ]
        assert np.median(found) == pytest.approx(
            theory.squared_cosine(link, ratio), abs=0.1
        )


def test_the_partial_trace_is_a_contraction(models):
    """Of He_4(x)_{ijkl} = x x x x - x x I (6) + I I (3), over k = l."""
    X = np.random.default_rng(0).standard_normal((6, 3))
    eye = np.eye(3)
    for x in X:
        tensor = np.einsum("i,j,k,l->ijkl", x, x, x, x)
        for pattern in ("ij,kl", "ik,jl", "il,jk", "jk,il", "jl,ik", "kl,ij"):
            tensor -= np.einsum(f"{pattern}->ijkl", np.outer(x, x), eye)
        for pattern in ("ij,kl", "ik,jl", "il,jk"):
            tensor += np.einsum(f"{pattern}->ijkl", eye, eye)
        squares = x @ x
        expected = np.outer(x, x) * (squares - 3 - 4) - eye * (squares - 3 - 2)
        np.testing.assert_allclose(np.einsum("ijkk->ij", tensor), expected, atol=1e-12)


def test_where_a_curve_crosses(modules):
    _, report = modules
    curve = {1.0: [0.1, 0.3, 0.2], 4.0: [0.8], 16.0: [0.9]}
    assert report.crossing(curve) == pytest.approx(2.0)
    assert report.crossing({1.0: [0.6], 2.0: [0.7]}) is None
    assert report.crossing({1.0: [0.1], 2.0: [0.2]}) is None


def test_every_link_has_a_colour_and_every_model_runs(modules, links, models, cells):
    run, report = modules
    assert report.COLORS.keys() == links.keys()
    assert {cell["link"] for cell in cells["full"]} == links.keys()
    assert {cell["model"] for cell in cells["full"]} == models.MODELS.keys()
    for model in models.MODELS:
        found = run.measure("abs", 5, 40.0, model, 0, 1)
        assert 0 <= found["squared_cosine"] <= 1
