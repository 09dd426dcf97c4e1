"""The experiment end to end at its small size, and what its tables say."""

from importlib import import_module

import numpy as np
import pytest
from end_to_end import EndToEnd

from sklearn_depth.studies import StudyResult

PACKAGE = "experiments.depth"


@pytest.fixture(scope="module")
def data(modules):
    return import_module(f"{PACKAGE}.data")


@pytest.fixture
def found(results):
    """{(target, model): row}."""
    return {(row["target"], row["model"]): row for row in results}


@pytest.fixture(scope="module")
def published(config):
    """{(target, size, model): rows of the seeds}."""
    found = {}
    for row in StudyResult.load(config.with_name("results.csv")).rows():
        found.setdefault((row["target"], row["size"], row["model"]), []).append(row)
    return found


def median(rows, column="test_error"):
    return np.median([row[column] for row in rows])


class TestExperiment(EndToEnd):
    again = (1, 2, 9, 14)
    picture = "depth.png"
    table = {
        "| sawtooth: MSE / variance on fresh points | k = 4 |": 1,
        "| radial: hidden units | d = 4 |": 1,
        "| all its layers, written down | ": 7,
    }


def test_what_is_written_down_is_exact(found):
    for target in ("sawtooth", "maximum"):
        assert found[target, "constructed_deep"]["test_error"] < 1e-20
    units = [found["sawtooth", f"constructed_{n}"]["n_units"] for n in (1, 2, "deep")]
    assert units == [16, 8, 8]
    assert found["maximum", "constructed_deep"]["n_units"] == 6 + 3


def test_two_layers_for_the_norm_are_narrow(found):
    """Within a root mean square of 0.05, where |r - 1| has the variance 1/12."""
    one, two = (found["radial", f"constructed_{n}"] for n in (1, 2))
    assert max(one["test_error"], two["test_error"]) < 1.3 * 0.05**2 * 12
    assert two["n_units"] < one["n_units"] / 10


def test_every_trained_network_has_as_many_units(modules, found):
    run, _ = modules
    for (_, model), row in found.items():
        if "constructed" not in model:
            assert row["n_units"] == 64
    assert 64 % max(m.hidden_layers or 1 for m in run.MODELS.values()) == 0


def test_models_see_the_same_rows_and_fresh_ones_are_fresh(data):
    for name in data.MAKERS:
        target = data.Target(name, 3, 20, 1)
        first = data.draw(target, 10)
        data.draw.cache_clear()
        for one, other in zip(first, data.draw(target, 10), strict=True):
            np.testing.assert_array_equal(one, other)
        assert not np.isin(first[2], first[0]).any()


def test_units_of_the_sawtooth_that_are_published(published):
    for k in (2, 3, 4, 5):
        units = {
            layers: median(published["sawtooth", k, f"constructed_{layers}"], "n_units")
            for layers in (1, 2, "deep")
        }
        assert units == {
            1: 2**k,
            2: 2 ** (k // 2) + 2 ** (k - k // 2),
            "deep": 2 * k,
        }


def test_a_second_layer_helps_as_published(published):
    """What the README says of trained networks."""
    for target, size in [("maximum", 16), ("radial", 10), ("radial", 20)]:
        one, two = (median(published[target, size, f"trained_{n}"]) for n in (1, 2))
        assert two < one / 2
    for d in (5, 10, 20):
        one, two = (
            median(published["radial", d, f"constructed_{n}"], "n_units")
            for n in (1, 2)
        )
        assert two < one / 20
