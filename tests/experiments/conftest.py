"""The experiments, which no installation puts on the path, run at their small size."""

import shutil
from importlib import import_module
from pathlib import Path

import pytest

from sklearn_depth.studies import StudyResult
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._config import read_study

pytest.register_assert_rewrite("end_to_end")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def experiments():
    """Make the folder of experiments importable, and draw without a screen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        patch.setenv("MPLBACKEND", "agg")
        yield


@pytest.fixture(scope="module")
def modules(request):
    """Run and report of the experiment that a test module names as PACKAGE."""
    package = request.module.PACKAGE
    return import_module(f"{package}.run"), import_module(f"{package}.report")


@pytest.fixture(scope="module")
def config(modules):
    run, _ = modules
    return Path(run.__file__).with_name("config.toml")


@pytest.fixture(scope="module")
def cells(config):
    """The arguments of every measurement, by size."""
    return {size: read_study(config, size).plan.labels for size in ("full", "quick")}


@pytest.fixture(scope="module")
def n_test(config):
    """How many fresh points the small size has."""
    return read_study(config, "quick").plan.cells[0].measure.keywords["n_test"]


@pytest.fixture(scope="module")
def folder(config, tmp_path_factory):
    """Where the small size has been run."""
    folder = tmp_path_factory.mktemp("experiment")
    main(["run", str(config), "--quick", "--output", str(folder)])
    return folder


@pytest.fixture
def results(folder):
    """The rows that the run has written."""
    return StudyResult.load(folder / "results.csv").rows()


@pytest.fixture
def resumed(modules, config, folder, monkeypatch):
    """What a run measures whose last row was lost, and the rows before and after."""
    run, _ = modules
    path = folder / "results.csv"
    text = path.read_text()
    path.write_text("".join(text.splitlines(keepends=True)[:-1]))
    shutil.rmtree(folder / ".cells")
    measured = []
    monkeypatch.setattr(
        run, "measure", lambda n_test, **cell: measured.append(cell) or {}
    )
    main(["run", str(config), "--quick", "--output", str(folder)])
    after = path.read_text()
    path.write_text(text)
    return measured, text.splitlines()[1:], after.splitlines()[1:]
