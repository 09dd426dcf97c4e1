"""The experiments, which no installation puts on the path, run at their small size."""

import csv
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def modules(request):
    """Run and report of the experiment that a test module names as PACKAGE."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        patch.setenv("MPLBACKEND", "agg")
        package = request.module.PACKAGE
        yield import_module(f"{package}.run"), import_module(f"{package}.report")


@pytest.fixture(scope="module")
def folder(modules, tmp_path_factory):
    """Where the small size has been run."""
    run, _ = modules
    folder = tmp_path_factory.mktemp("experiment")
    run.main(["--quick", "--seeds", "1", "--output", str(folder)])
    return folder


@pytest.fixture
def results(folder):
    """The rows that the run has written."""
    with (folder / "results.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def resumed(modules, folder, monkeypatch):
    """What a run computes whose last row was lost: its tasks, the file and before."""
    run, _ = modules
    path = folder / "results.csv"
    before = path.read_text().splitlines()
    path.write_text("\n".join(before[:-1]) + "\n")
    measured = []
    monkeypatch.setattr(
        run,
        "measure",
        lambda task, n_test: measured.append(task) or [0.5] * len(run.FORMATS),
    )
    run.main(["--quick", "--seeds", "1", "--output", str(folder)])
    after = path.read_text().splitlines()
    path.write_text("\n".join(before) + "\n")
    return measured, before, after
