"""The experiment end to end at its small size: rows, resuming, separation, report."""

from itertools import product

import pytest
from end_to_end import EndToEnd

PACKAGE = "experiments.safran_lee_2022"


class TestExperiment(EndToEnd):
    again = (0,)
    picture = "separation.png"
    table = {
        "| two layers of sigmoids | ": 3,
        "d = 10": 3,
    }


def test_the_small_size_has_every_model(results):
    assert [(row["law"], row["d"], row["model"]) for row in results] == list(
        product(
            ["two_spheres", "bessel"],
            [5, 10],
            ["two_layers", "one_layer_ridge", "one_layer_trained"],
        )
    )
    assert all(row["cpu_seconds"] > 0 for row in results)


def test_rows_rise_with_the_dimension(cells):
    for cell in cells["full"]:
        most = 4000 if cell["model"] == "kernel_ridge" else 20_000
        assert cell["n"] == min(400 * cell["d"], most)


@pytest.mark.parametrize("law", ["two_spheres", "bessel"])
def test_one_layer_falls_behind(results, law):
    errors = {
        row["model"]: row["squared_error"]
        for row in results
        if (row["law"], row["d"]) == (law, 10)
    }
    assert 5 * errors["two_layers"] < errors["one_layer_ridge"]
    assert 5 * errors["two_layers"] < errors["one_layer_trained"]


def test_every_model_has_a_style_and_builds(modules):
    run, report = modules
    assert report.STYLES.keys() == run.MODELS.keys()
    assert report.LAWS.keys() == run.RADII.keys()
    for model in run.MODELS.values():
        assert hasattr(model.build(5, 100, 0), "fit")
