"""The command line's tables for others, its time limit and its Dask."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster

from sklearn_depth.studies import StudyResult, scaling_exponent
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._export import medians
from sklearn_depth.studies._latex import escaped, shown
from sklearn_depth.studies._shown import TOO_LATE

STUDY = """
n_repeats = 3
n_test = 50
random_state = 3

[make_dataset.a_b]
bind = "sklearn_depth.datasets:make_single_index"
link = [0, 1]
return_truth = true

[make_dataset.steep]
bind = "sklearn_depth.datasets:make_single_index"
link = [0, 3]
noise = 1.0
return_truth = true

[estimators]
ridge = { call = "sklearn.linear_model:Ridge", alpha = 0.5 }
least = { call = "sklearn.linear_model:LinearRegression" }

[full]
n_features = [2, 4]
train_sizes = [5, 20, 400]
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path


@pytest.fixture
def measured(study, capsys):
    assert main(["run", str(study)]) == 0
    capsys.readouterr()
    return study, StudyResult.load(study.with_name("results.csv"))


def test_tables_are_exported_for_any_program(measured, capsys):
    study, result = measured
    for name, read in (("out.csv", pd.read_csv), ("out.parquet", pd.read_parquet)):
        path = study.with_name(name)
        assert main(["export", str(study), "--to", str(path)]) == 0
        assert capsys.readouterr().out == f"{path} is written.\n"
        frame = read(path)
        assert list(frame.columns) == list(result.columns)
        assert set(frame["dataset"]) == {"a_b", "steep"}
        np.testing.assert_array_equal(
            frame["normalized_mse"], result.columns["normalized_mse"]
        )
    assert StudyResult.load(study.with_name("out.parquet")).config == result.config


def rows_of(text):
    """Cells of a tabular, without the head."""
    lines = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    return [[cell.strip() for cell in line[:-3].split("&")] for line in lines]


def test_latex_has_the_medians_of_repeats(measured):
    study, result = measured
    assert main(["export", str(study), "--to", str(study.with_name("out.tex"))]) == 0
    text = study.with_name("out.tex").read_text()
    assert text.startswith("\\begin{tabular}{llrrrr}\n\\toprule\ndataset & estimator &")
    assert r"n\_features & n\_samples & n\_repeats & normalized\_mse \\" in text
    rows = rows_of(text)
    assert len(rows) == 24
    for dataset, estimator, d, n, count, median in rows:
        place = {"n_features": int(d), "n_samples": int(n), "estimator": estimator}
        cells = result.select(dataset=dataset.replace("\\", ""), **place)
        expected = np.median(cells.columns["normalized_mse"])
        number = median.strip("$").replace(r" \cdot 10^{", "e").rstrip("}")
        assert count == "3"
        assert float(number) == pytest.approx(expected, rel=6e-3)


def test_medians_are_of_all_finite_scores_and_name_what_has_none():
    columns = {
        "estimator": [*"aaabb"],
        "n_samples": [5] * 5,
        "repeat": [0, 1, 2, 0, 1],
        "mse": [1.0, 3.0, 7.0, np.nan, np.nan],
        "error": ["", "", "no", "no", TOO_LATE],  # error_score=7
    }
    found = medians(StudyResult(columns, {"scoring": {"mse": "lower"}})).rows()
    assert found[0] == {"estimator": "a", "n_samples": 5, "n_repeats": 3, "mse": 3.0}
    assert found[1]["n_repeats"] == 0
    assert np.isnan(found[1]["mse"])


def test_exponents_are_exported_where_a_target_is_given(study, capsys):
    lone = STUDY.replace("[make_dataset.a_b]", "[make_dataset]")
    start, end = lone.index("[make_dataset.steep]"), lone.index("[estimators]")
    study.write_text(lone[:start].replace("[0, 1]", '"he2"') + lone[end:])
    assert main(["run", str(study)]) == 0
    path = study.with_name("out.csv")
    result = StudyResult.load(study.with_name("results.csv"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, _ = scaling_exponent(result, 1.2)
        call = ["export", str(study), "--to", str(path), "--target", "1.2"]
        assert main(call) == 0
    frame = pd.read_csv(path)
    assert frame["estimator"].tolist() == ["ridge", "least"]
    np.testing.assert_allclose(frame["exponent"], expected.columns["exponent"])


def test_a_table_without_scores_is_exported_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "halved.py").write_text("def half(seed):\n    return {'h': seed / 2}\n")
    monkeypatch.syspath_prepend(tmp_path)
    study = tmp_path / "config.toml"
    study.write_text('measure = "halved:half"\nseeds = 2\n[[grids]]\n')
    assert main(["run", str(study)]) == 0
    path = tmp_path / "out.tex"
    assert main(["export", str(study), "--to", str(path)]) == 0
    assert rows_of(path.read_text()) == [["0", "$0$", ""], ["1", "$0.5$", ""]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Say by --to which file"),
        (["--to", "results.csv"], "other than"),
        (["--to", "out.xlsx"], "'out.xlsx' ends in '.xlsx'. Write to a file"),
        (["--to", "none/out.csv"], "No such file"),
        (["--to", "out.csv", "--target", "0.1", "--score", "r2"], "score='r2' is not"),
    ],
)
def test_slips_of_an_export_are_one_line(options, said, measured, capsys, monkeypatch):
    study, _ = measured
    monkeypatch.chdir(study.parent)
    before = sorted(study.parent.iterdir())
    assert main(["export", str(study), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(study.parent.iterdir()) == before


def test_an_export_needs_a_table(study, capsys):
    assert main(["export", str(study), "--to", "out.csv"]) == 2
    assert capsys.readouterr().err.endswith("results.csv. Run the study first.\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.12345, "$0.123$"),
        (-2.0, "$-2$"),
        (1.2e-05, r"$1.2 \cdot 10^{-5}$"),
        (12345.0, r"$1.23 \cdot 10^{4}$"),
        (np.nan, "--"),
        (np.inf, r"$\infty$"),
        (-np.inf, r"$-\infty$"),
        (7, "7"),
        ("a_b & 5 % ^ \\ {~}", r"a\_b \& 5 \% \textasciicircum{} \textbackslash{} "
         r"\{\textasciitilde{}\}"),
        ("two\nlines", "two lines"),
    ],
)  # fmt: skip
def test_values_are_written_as_papers_have_them(value, expected):
    assert shown(value) == expected


def test_names_of_columns_are_escaped_once():
    assert escaped("n_test") == r"n\_test"


def test_a_time_limit_leaves_cells_out_and_says_so(study, capsys):
    with pytest.warns(UserWarning, match="72 of 72 cells were not begun"):
        assert main(["run", str(study), "--time-limit", "1e-9"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("results.csv, 72 of which were not begun in time.\n")
    assert main(["run", str(study), "--time-limit", "600"]) == 0
    assert re.fullmatch(r"72 cells are in .*results\.csv\.\n", capsys.readouterr().out)


def test_cells_run_on_dask_at_an_address(study, capsys):
    options = {"n_workers": 1, "processes": False, "dashboard_address": ":0"}
    with LocalCluster(threads_per_worker=1, protocol="tcp", **options) as cluster:
        call = ["run", str(study), "--seeds", "1", "--dask", cluster.scheduler_address]
        assert main(call) == 0
    assert "24 cells are in" in capsys.readouterr().out
    found = StudyResult.load(study.with_name("results.csv"))
    assert set(found.columns["error"]) == {""}
    assert main(["run", str(study), "--seeds", "1"]) == 0


def test_an_address_of_nothing_is_one_line(study, capsys, monkeypatch):
    monkeypatch.setattr("sklearn_depth.studies.__main__._PATIENCE", 0.5)
    assert main(["run", str(study), "--dask", "tcp://127.0.0.1:1"]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "127.0.0.1:1" in error
