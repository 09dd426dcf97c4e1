"""The experiment end to end at its small size: rows, resuming, separation, report."""

from itertools import product

import pytest

PACKAGE = "experiments.safran_lee_2022"


def test_every_fit_has_a_row(modules, results):
    run, _ = modules
    expected = product(run.RADII, run.QUICK.dimensions, run.QUICK.models)
    found = [(row["law"], int(row["d"]), row["model"]) for row in results]
    assert found == list(expected)
    assert all(float(row["cpu_seconds"]) > 0 for row in results)


def test_finished_rows_are_not_computed_again(resumed):
    measured, before, after = resumed
    assert [",".join(map(str, task)) for task in measured] == [
        before[-1].rsplit(",", 2)[0]
    ]
    assert after[:-1] == before[:-1]
    assert len(after) == len(before)


def test_a_fit_depends_on_its_seed_alone(modules, results):
    run, _ = modules
    task = run.QUICK.tasks(1)[0]
    error, _ = run.measure(task, run.QUICK.n_test)
    assert f"{error:.6f}" == results[0]["squared_error"]


@pytest.mark.parametrize("law", ["two_spheres", "bessel"])
def test_one_layer_falls_behind(results, law):
    errors = {
        row["model"]: float(row["squared_error"])
        for row in results
        if (row["law"], row["d"]) == (law, "10")
    }
    assert 5 * errors["two_layers"] < errors["one_layer_ridge"]
    assert 5 * errors["two_layers"] < errors["one_layer_trained"]


def test_the_report_has_a_table_and_a_figure(modules, folder, capsys):
    _, report = modules
    report.main(["--output", str(folder)])
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
