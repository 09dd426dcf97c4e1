"""The experiment end to end at its small size: rows, resuming, separation, report."""

from itertools import product

import pytest

from sklearn_depth.studies.__main__ import main

PACKAGE = "experiments.safran_lee_2022"


def test_every_fit_has_a_row(results, cells):
    assert [(row["law"], row["d"], row["model"]) for row in results] == list(
        product(
            ["two_spheres", "bessel"],
            [5, 10],
            ["two_layers", "one_layer_ridge", "one_layer_trained"],
        )
    )
    assert len(results) == len(cells["quick"])
    assert all(row["cpu_seconds"] > 0 for row in results)


def test_the_published_table_is_that_of_the_full_size(check_published):
    check_published()


def test_rows_rise_with_the_dimension(cells):
    for cell in cells["full"]:
        most = 4000 if cell["model"] == "kernel_ridge" else 20_000
        assert cell["n"] == min(400 * cell["d"], most)


def test_finished_rows_are_not_computed_again(resumed, cells):
    measured, before, after = resumed
    assert measured == cells["quick"][-1:]
    assert after[:-1] == before[:-1]
    assert len(after) == len(before)


def test_a_fit_depends_on_its_seed_alone(modules, results, cells, n_test):
    run, _ = modules
    again = run.measure(**cells["quick"][0], n_test=n_test)
    assert again["squared_error"] == results[0]["squared_error"]


@pytest.mark.parametrize("law", ["two_spheres", "bessel"])
def test_one_layer_falls_behind(results, law):
    errors = {
        row["model"]: row["squared_error"]
        for row in results
        if (row["law"], row["d"]) == (law, 10)
    }
    assert 5 * errors["two_layers"] < errors["one_layer_ridge"]
    assert 5 * errors["two_layers"] < errors["one_layer_trained"]


def test_the_report_has_a_table_and_a_figure(config, folder, capsys):
    main(["plot", str(config), "--quick", "--output", str(folder)])
    text = (folder / "table.md").read_text()
    assert capsys.readouterr().out == text + "\n"
    assert text.count("| two layers of sigmoids | ") == 3
    assert "d = 10" in text
    assert (folder / "separation.png").read_bytes().startswith(b"\x89PNG")


def test_every_model_has_a_style_and_builds(modules):
    run, report = modules
    assert report.STYLES.keys() == run.MODELS.keys()
    assert report.LAWS.keys() == run.RADII.keys()
    for model in run.MODELS.values():
        assert hasattr(model.build(5, 100, 0), "fit")
