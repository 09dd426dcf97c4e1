"""Studies from TOML: what is built, which cells there are, and the three commands."""

import re
import subprocess
import sys
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import StudyResult, sample_complexity_curve
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._config import places, read_study
from sklearn_depth.studies._objects import build, find

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
broken = ["broken"]

def measure(law, d, n, seed, scale):
    calls.append((law, d, n, seed))
    if law in broken:
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
    said = capsys.readouterr().out.splitlines()[1:]
    assert said[0] == "4 of 8 cells are finished."
    assert re.fullmatch(r"Cell by cell, about \d\S* m?s left\.", said[1])
    learners.write_text(LEARNERS.replace("0.5", "0.6"))
    main(["status", str(learners)])
    assert capsys.readouterr().out == "0 of 8 cells are finished.\n"


def test_plot_draws_the_curves(learners, capsys):
    plt.close("all")
    plt.switch_backend("agg")
    text = LEARNERS.replace(', "r2"', "")
    learners.write_text('name = "ridge"\n' + text)
    assert main(["plot", str(learners)]) == 2
    assert capsys.readouterr().err.endswith("ridge.csv. Run the study first.\n")
    assert main(["run", str(learners)]) == 0
    assert main(["plot", str(learners)]) == 0
    assert plt.get_fignums() == []
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


def test_a_table_of_other_settings_is_refused_and_stays(studied, tmp_path, capsys):
    path, table = tmp_path / "config.toml", tmp_path / "results.csv"
    assert main(["run", str(path)]) == 0
    before = table.read_bytes()
    path.write_text(CELLS.replace("scale = 0.5", "scale = 2"))
    capsys.readouterr()
    for command in ("run", "status"):
        assert main([command, str(path)]) == 2
        assert re.search(r"settings are .*2}.* were .*0\.5}", capsys.readouterr().err)
    assert table.read_bytes() == before
    table.unlink()
    assert main(["run", str(path)]) == 0
    columns = StudyResult.load(table).columns
    np.testing.assert_array_equal(
        columns["product"], 2 * columns["d"] * columns["n"] + columns["seed"]
    )


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


# Of a study of estimators: what is written for what, and what is said.
SLIPS = {
    "n_test": ("n_test = 50", "n_test = 0", "'n_test' .* Got 0"),
    "n_repeats": ("n_repeats = 2", "n_repeats = -1", "'n_repeats' .* Got -1"),
    "random_state": ("= 3", '= "three"', "'random_state'"),
    "scoring": ("scoring = ", "scoring = 3 #", "'scoring' .* Got 3"),
    "a score": ('"r2"', '"r3"', "scoring has 'r3'"),
    "make_dataset": ("[make_dataset]", "make_dataset = 3\n[x]", "has \\['x'\\]"),
    "data": ('bind = "sklearn_depth.datasets:make_single_index"', "", "make_dataset"),
    "a number": ("train_sizes = [20, 40]", "train_sizes = [0.5]", "train_sizes must"),
    "lists": ("train_sizes = [20, 40]", "train_sizes = [2, [4]]", "train_sizes must"),
    "none": ("train_sizes = [20, 40]", "train_sizes = []", "train_sizes is empty"),
    "a link": ('"he3"', '"hee3"', "hee3"),
    "a key": ("n_test = 50", "n_tests = 5", "'n_tests'.* Did you mean 'n_test'"),
    "a key of a size": ("train_sizes = [", "train_size = [", "mean 'train_sizes'"),
    "the other size": ("n_features = 3", "n_feature = 3", "quick.*mean 'n_features'"),
    "a table": ("[full]", "[large]", "has \\['large'\\], which mean nothing"),
    "no table": ("[full]", "full = 3\n[quick.x]", "."),
    "TOML": ("n_test = 50", "n_test = ", "line 3"),
    "bytes": ("n_test = 50", "n_test = \ud800", "."),
    "a parameter": ("alpha =", "alpa =", "estimators.ridge .*'alpa'.*'alpha'"),
    "a bound one": ("link =", "lonk =", "make_dataset .*'lonk'.*'link'"),
    "a class": ("Ridge", "Ridgee", "estimators.ridge.*mean 'Ridge'"),
    "a module": ("linear_model", "lin", "estimators.ridge: .*No module named"),
    "no name": ("linear_model:Ridge", "linear_model", "estimators.ridge: "),
    "a number to call": ('"sklearn.linear_model:Ridge"', "5", "estimators.ridge is 5"),
    "nothing to call": ("sklearn.linear_model:Ridge", "math:pi", "cannot be called"),
    "two verbs": ("alpha = 0.5", 'bind = "math:pi"', "both 'call' and 'bind'"),
    "arguments": ("alpha = 0.5", "args = 5", "estimators.ridge.args is 5"),
    "too many": ("alpha = 0.5", "args = [1, 2, 3]", "estimators.ridge: too many"),
    "what is raised": (
        "sklearn.linear_model:Ridge\", alpha = 0.5",
        "builtins:int\", args = [\"x\"]",
        "estimators.ridge: ValueError: invalid literal",
    ),
    "no estimator": ("ridge = {", "ridge = 3 # {", "The estimator 'ridge' is 3"),
    "a proportion": ("times = [4, 8, 100]", "tims = [4]", "'tims'.*mean 'times'"),
    "no most": (", most = 200", "", "have no most"),
    "a power": ("power = 1", 'power = "1"', "train_sizes.power is '1'"),
    "times": ("times = [4,", 'times = ["4",', "train_sizes.times is '4'"),
    "a report": ("n_test", 'report = "math:pow_"\nn_test', "report: .*mean 'pow'"),
    "report": ("n_test", "report = 3\nn_test", "report is 3"),
    "another kind": ("n_test", 'measure = "math:sqrt"\nn_test', "has \\['measure'\\]"),
    "above": ("n_test", 'name = "../../x"\nn_test', "name is .*Give it no folder"),
    "below": ("n_test", 'name = "x/y"\nn_test', "name is .*Give it no folder"),
    "parent": ("n_test", 'name = ".."\nn_test', "name is .*Give it no folder"),
    "absolute": ("n_test", 'name = "/x"\nn_test', "name is .*Give it no folder"),
    "no text": ("n_test", "name = 3\nn_test", "name is 3"),
}  # fmt: skip


def slip_of(path, capsys, *more):
    """The one line that a run says, having written nothing."""
    before = sorted(path.parent.parent.rglob("*"))
    assert main(["run", str(path), *more]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"{path}: ")
    assert error.endswith("\n")
    assert error.count("\n") == 1
    assert sorted(path.parent.parent.rglob("*")) == before
    return error


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_line_that_says_where_and_what_was_meant(slip, learners, capsys):
    old, new, said = SLIPS[slip]
    assert old in LEARNERS
    text = LEARNERS.replace(old, new, 1)
    learners.write_bytes(text.encode("utf-8", "surrogatepass"))
    size = ["--quick"] if old in LEARNERS.partition("[quick]")[2] else []
    assert re.search(said, slip_of(learners, capsys, *size))


OF_CELLS = {
    "measure": ('"studied:measure"', "3", "measure is 3"),
    "nothing to call": ("studied:measure", "math:pi", "measure: .*cannot be called"),
    "a name": ("studied:measure", "studied:measurer", "mean 'measure'"),
    "a key": ("seeds = 2", "seed = 2", "'seed'.*mean 'seeds'"),
    "of another kind": ("seeds = 2", "n_repeats = 2", "has \\['n_repeats'\\]"),
    "no seeds": ("seeds = 2", "seeds = 0", "grids\\[0\\].seeds is 0"),
    "fewer": ("seeds = 2", "seeds = -1", "seeds is -1"),
    "truth": ("seeds = 2", "seeds = true", "seeds is True"),
    "part of one": ("seeds = [0, 2]", "seeds = [0.5]", "grids\\[1\\].seeds is 0.5"),
    "one twice": ("seeds = [0, 2]", "seeds = [2, 2]", "comes up twice"),
    "settings": ("settings = {", "settings = 3 # {", "settings is 3"),
    "a setting": ("scale =", "scal =", "settings has .*'scal'.*mean 'scale'"),
    "a parameter": ("law = \"c\"", "lav = \"c\"", "grids\\[1\\].*'lav'.*mean 'law'"),
    "one that lacks": ("law = \"c\"", "", "grids\\[1\\].*missing .*'law'"),
    "no value": ("n = [7, 8]", "n = []", "grids\\[1\\].n is empty"),
    "a table": ("[[full.grids]]", "[[large.grids]]", "has \\['large'\\]"),
    "one grid": ("[[full.grids]]\nlaw = [", "[full.grids]\nlaw = [", "."),
}  # fmt: skip


@pytest.mark.usefixtures("studied")
@pytest.mark.parametrize("slip", OF_CELLS)
def test_a_slip_in_a_study_of_cells_is_one_line_too(slip, tmp_path, capsys):
    old, new, said = OF_CELLS[slip]
    assert old in CELLS
    path = tmp_path / "config.toml"
    path.write_text(CELLS.replace(old, new, 1))
    assert re.search(said, slip_of(path, capsys))


def test_a_missing_file_is_one_line(tmp_path, capsys):
    assert "No such file" in slip_of(tmp_path / "none.toml", capsys)
    assert "Is a directory" in slip_of(tmp_path, capsys)


@pytest.mark.parametrize(
    "option",
    [
        ["--jobs", "0"],
        ["--seeds", "0"],
        ["--seeds", "x"],
        ["--time-limit", "0"],
        ["--target", "x"],
    ],
)
def test_options_are_checked(option, learners, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["run", str(learners), *option])
    assert f"argument {option[0]}: invalid" in capsys.readouterr().err


def test_a_damaged_table_is_one_line_and_stays(studied, tmp_path, capsys):
    path, table = tmp_path / "config.toml", tmp_path / "results.csv"
    assert main(["run", str(path)]) == 0
    capsys.readouterr()
    table.write_text(table.read_text().replace('"kinds"', '"kind"'))
    damaged = table.read_bytes()
    for command in ("run", "status", "plot"):
        assert main([command, str(path)]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "'results.csv' is no table, or a damaged one" in said
    assert table.read_bytes() == damaged


@pytest.mark.parametrize(
    ("laws", "status", "said"),
    [
        ([], 0, "12 cells are in .*results.csv\\.\n"),
        (["a"], 0, "12 cells are in .*, 4 of which failed\\.\n"),
        (["a", "b", "c"], 1, "12 cells are in .*, 12 of which failed\\.\n"),
    ],
)
def test_a_study_of_which_every_cell_failed_exits_with_1(
    laws, status, said, studied, tmp_path, capsys
):
    module = sys.modules["studied"]
    module.broken = laws
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitFailedWarning)
        assert main(["run", str(tmp_path / "config.toml")]) == status
    assert re.fullmatch(said, capsys.readouterr().out)


def test_what_cannot_be_drawn_is_one_line(learners, capsys):
    assert main(["run", str(learners)]) == 0
    capsys.readouterr()
    assert main(["plot", str(learners)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Choose one by score=" in said


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("", "", 0), ("n_test = 50", "n_test = 0", 2), ("alpha = 0.5", 'alpha = "x"', 1)],
)
def test_the_exit_status_is_that_of_the_process(old, new, status, learners):
    learners.write_text(LEARNERS.replace(old, new, 1))
    command = [sys.executable, "-m", "sklearn_depth.studies", "run", learners]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert learners.with_name("results.csv").exists() == (status < 2)


def test_the_command_line_is_documented(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "--quick" in capsys.readouterr().out
