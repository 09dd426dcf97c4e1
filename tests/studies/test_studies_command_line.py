"""Studies from TOML: what is built, which cells there are, and the three commands."""

import sys
from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import StudyResult, sample_complexity_curve
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._config import build, find, places, read_study

LEARNERS = """
n_repeats = 2
n_test = 50
random_state = 3
scoring = ["normalized_mse", "r2"]

[make_dataset]
bind = "sklearn_depth.datasets:make_single_index"
link = "he3"
return_truth = true

[estimators]
ridge = { call = "sklearn.linear_model:Ridge", alpha = 0.5 }

[full]
n_features = [2, 4]
train_sizes = [20, 40]

[quick]
n_features = 3
train_sizes = { times = [4, 8, 100], power = 1, most = 200 }
"""
MODULE = """
calls = []

def measure(law, d, n, seed, scale):
    calls.append((law, d, n, seed))
    if law == "broken":
        raise RuntimeError("no such law")
    return {"product": scale * d * n + seed}

def report(result, path):
    path.with_name("report.txt").write_text(str(len(result)))
"""
CELLS = """
measure = "studied:measure"
report = "studied:report"
seeds = 2
settings = { scale = 0.5 }

[[full.grids]]
law = ["a", "b"]
shape = [{ d = 2, n = 20 }, { d = 3, n = 30 }]

[[full.grids]]
law = "c"
d = 5
n = [7, 8]
seeds = [0, 2]

[[quick.grids]]
law = ["a"]
d = 1
n = 1
seeds = 1
"""


@pytest.fixture
def learners(tmp_path):
    path = tmp_path / "learners.toml"
    path.write_text(LEARNERS)
    return path


@pytest.fixture
def studied(tmp_path, monkeypatch):
    """The module that the study of cells names."""
    (tmp_path / "studied.py").write_text(MODULE)
    (tmp_path / "config.toml").write_text(CELLS)
    monkeypatch.syspath_prepend(tmp_path)
    yield find("studied:calls")
    del sys.modules["studied"]


def test_a_study_of_learners_is_the_function_with_the_same_arguments(learners):
    main(["run", str(learners)])
    found = StudyResult.load(learners.with_name("results.csv"))
    expected = sample_complexity_curve(
        {"ridge": Ridge(alpha=0.5)},
        partial(make_single_index, link="he3", return_truth=True),
        train_sizes=[20, 40],
        n_features=[2, 4],
        n_repeats=2,
        n_test=50,
        scoring=["normalized_mse", "r2"],
        random_state=3,
    )
    assert found.config == expected.config
    for name, column in expected.columns.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(found.columns[name], column)


def test_sizes_in_proportion_to_a_power_and_a_folder_of_the_quick_size(learners):
    main(["run", str(learners), "--quick"])
    found = StudyResult.load(learners.with_name("quick") / "results.csv")
    assert found.columns["n_samples"].tolist() == [12, 24, 12, 24]
    assert set(found.columns["n_features"]) == {3}


def test_status_counts_the_cells_that_are_kept(learners, capsys):
    main(["status", str(learners)])
    assert capsys.readouterr().out == "0 of 8 cells are finished.\n"
    main(["run", str(learners), "--seeds", "1"])
    main(["status", str(learners)])
    assert capsys.readouterr().out.endswith("4 of 8 cells are finished.\n")
    learners.write_text(LEARNERS.replace("0.5", "0.6"))
    main(["status", str(learners)])
    assert capsys.readouterr().out == "0 of 8 cells are finished.\n"


def test_plot_draws_the_curves(learners, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    text = LEARNERS.replace(', "r2"', "")
    learners.write_text('name = "ridge"\n' + text)
    with pytest.raises(ValueError, match=r"no .*ridge\.csv\. Run the study first"):
        main(["plot", str(learners)])
    main(["run", str(learners)])
    main(["plot", str(learners)])
    picture = learners.with_name("ridge.png").read_bytes()
    assert picture.startswith(b"\x89PNG")


def test_cells_of_a_function_seed_by_seed(studied, tmp_path):
    main(["run", str(tmp_path / "config.toml")])
    first = [("a", 2, 20), ("a", 3, 30), ("b", 2, 20), ("b", 3, 30)]
    other = [("c", 5, 7), ("c", 5, 8)]
    expected = [(*place, 0) for place in first + other]
    expected += [(*place, 1) for place in first] + [(*place, 2) for place in other]
    assert studied == expected
    columns = StudyResult.load(tmp_path / "results.csv").columns
    np.testing.assert_array_equal(
        columns["product"], 0.5 * columns["d"] * columns["n"] + columns["seed"]
    )


def test_rows_of_the_table_are_not_measured_again(studied, tmp_path):
    config = str(tmp_path / "config.toml")
    main(["run", config, "--seeds", "1", "--output", str(tmp_path / "out")])
    table = tmp_path / "out" / "results.csv"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:-1]).replace("20.0", "-1.0"))
    studied.clear()
    (tmp_path / "out" / ".cells").rename(tmp_path / "elsewhere")
    main(["run", config, "--output", str(tmp_path / "out")])
    assert ("a", 2, 20, 0) not in studied
    assert {call[-1] for call in studied} == {0, 1, 2}
    assert studied[0] == ("c", 5, 8, 0)
    result = StudyResult.load(table)
    assert len(result) == 12
    assert result.columns["product"][0] == -1


def test_cells_that_failed_are_measured_again(studied, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(CELLS.replace('"a", "b"', '"a", "broken"'))
    for _ in range(2):
        studied.clear()
        with pytest.warns(match="4 of 12 cells failed"):
            main(["run", str(config)])
        assert [call[0] for call in studied].count("broken") == 4
    assert {call[0] for call in studied} == {"broken"}
    errors = StudyResult.load(tmp_path / "results.csv").columns["error"]
    assert set(errors) == {"", "RuntimeError: no such law"}


def test_the_report_that_is_named_is_called(studied, tmp_path):
    config = str(tmp_path / "config.toml")
    main(["run", config, "--quick"])
    main(["plot", config, "--quick"])
    assert (tmp_path / "quick" / "report.txt").read_text() == "1"


def test_places_are_all_combinations():
    grid = {"a": [1, 2], "both": [{"b": 3, "c": 4}, {"b": 5, "c": 6}], "e": "f"}
    assert places(grid) == [
        {"a": a, "b": b, "c": c, "e": "f"} for a in (1, 2) for b, c in ((3, 4), (5, 6))
    ]


def test_tables_in_a_list_are_grids_of_their_own():
    shapes = [{"d": 2, "n": [4, 8]}, {"d": [3, 5], "n": 9}]
    found = [(place["d"], place["n"]) for place in places({"shape": shapes})]
    assert found == [(2, 4), (2, 8), (3, 9), (5, 9)]


def test_tables_become_objects():
    pipeline = build(
        {
            "call": "sklearn.pipeline:Pipeline",
            "steps": [
                ["scale", {"call": "sklearn.preprocessing:StandardScaler"}],
                ["ridge", {"call": "sklearn.linear_model:Ridge", "args": [2.0]}],
            ],
        }
    )
    assert isinstance(pipeline, Pipeline)
    assert pipeline[1].alpha == 2
    bound = build({"bind": "operator:sub", "args": [10]})
    assert bound(4) == 6
    assert build({"plain": [1, {"call": "builtins:dict", "a": 1}]}) == {
        "plain": [1, {"a": 1}]
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("train_sizes = [20, 40]", "", "no train_sizes at size 'full'"),
        ("linear_model:Ridge", "linear_model:Rodge", "Rodge' is not found"),
        ("linear_model:Ridge", "linear_modal:Ridge", "No module named"),
        ("linear_model:Ridge", "linear_model", "Write 'package.module:name'"),
        ("n_test = 50", "n_tests = 50", r"has \['n_tests'\], which mean nothing"),
    ],
)
def test_what_a_file_lacks_is_said(learners, old, new, message):
    learners.write_text(LEARNERS.replace(old, new))
    with pytest.raises((ValueError, TypeError), match=message):
        read_study(learners)


def test_a_study_of_cells_needs_grids(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('measure = "math:sqrt"\n')
    with pytest.raises(ValueError, match="has no grids at size 'quick'"):
        read_study(path, "quick")


def test_the_command_line_is_documented(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "--quick" in capsys.readouterr().out
