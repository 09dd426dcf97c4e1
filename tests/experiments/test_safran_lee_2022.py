"""The experiment end to end at its small size: rows, resuming, separation, report."""

import csv
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def modules():
    """The experiment's run and report, which no installation puts on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        patch.setenv("MPLBACKEND", "agg")
        package = "experiments.safran_lee_2022"
        yield import_module(f"{package}.run"), import_module(f"{package}.report")


@pytest.fixture(scope="module")
def folder(modules, tmp_path_factory):
    """Where the small size has been run."""
    run, _ = modules
    folder = tmp_path_factory.mktemp("safran_lee_2022")
    run.main(["--quick", "--seeds", "1", "--output", str(folder)])
    return folder


def read(folder):
    with (folder / "results.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_fit_has_a_row(modules, folder):
    run, _ = modules
    expected = product(run.RADII, run.QUICK.dimensions, run.QUICK.models)
    found = [(row["law"], int(row["d"]), row["model"]) for row in read(folder)]
    assert found == list(expected)
    assert all(float(row["cpu_seconds"]) > 0 for row in read(folder))


def test_finished_rows_are_not_computed_again(modules, folder, monkeypatch):
    run, _ = modules
    path = folder / "results.csv"
    before = path.read_text()
    lines = before.splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    measured = []
    monkeypatch.setattr(
        run, "measure", lambda task, n_test: measured.append(task) or (0.5, 1.0)
    )
    run.main(["--quick", "--seeds", "1", "--output", str(folder)])
    after = path.read_text()
    path.write_text(before)
    assert [",".join(map(str, task)) for task in measured] == [
        lines[-1].rsplit(",", 2)[0]
    ]
    assert after.startswith("".join(lines[:-1]))
    assert len(after.splitlines()) == len(lines)


def test_a_fit_depends_on_its_seed_alone(modules, folder):
    run, _ = modules
    first = read(folder)[0]
    task = run.QUICK.tasks(1)[0]
    error, _ = run.measure(task, run.QUICK.n_test)
    assert f"{error:.6f}" == first["squared_error"]


@pytest.mark.parametrize("law", ["two_spheres", "bessel"])
def test_one_layer_falls_behind(folder, law):
    errors = {
        row["model"]: float(row["squared_error"])
        for row in read(folder)
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
