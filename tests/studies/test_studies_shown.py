"""What a study says of itself, and as a table of a paper."""

import sys

import numpy as np
import pytest

from sklearn_depth.inspection import VarianceSharesDisplay
from sklearn_depth.onnx import register_converters
from sklearn_depth.studies import StudyResult, run_cells
from sklearn_depth.studies._shown import duration, facts

COLUMNS = {
    "dataset": ["near"] * 4 + ["far"] * 4,
    "estimator": ["a<b>", "c"] * 4,
    "n_samples": np.repeat([10, 20], 4),
    "n_features": [3] * 8,
    "repeat": [0, 0, 1, 1] * 2,
    "data_seed": [7] * 8,
    "mse": [0.1, np.nan, 0.2, np.nan, 0.3, np.nan, 0.1, 0.2],
    "fit_time": [60.0, np.nan, 60, np.nan, 60, np.nan, 60, 60],
    "score_time": [0.0] * 8,
    "error": ["", "no: x\nmore", "", "no: x\nmore", "", "oh & no", "", ""],
}
STUDY = StudyResult(COLUMNS)


def test_facts_are_what_ran_what_failed_and_how_long():
    assert facts(STUDY) == {
        "data sets": "near, far",
        "estimators": "a<b>, c",
        "n_samples": "10, 20",
        "n_features": "3",
        "repeats": "2",
        "also": "mse",
        "failed": "3 of 8, 2 times no: x",
        "time": "5 min",
    }
    shown = repr(STUDY).splitlines()
    assert shown[0] == "StudyResult of 8 cells"
    assert shown[2] == "  estimators: a<b>, c"


def test_long_lists_and_messages_are_cut():
    columns = {
        "estimator": [f"e{k}" for k in range(20)],
        "n_samples": np.arange(20) + 5,
        "error": ["x" * 500] * 20,
    }
    found = facts(StudyResult(columns))
    assert found["estimators"].endswith("e7 and 12 more")
    assert found["n_samples"] == "5 to 24"
    assert found["failed"] == f"20 of 20, {'x' * 100}..."


def test_a_page_has_a_row_for_each_learner_and_no_markup_of_others():
    page = STUDY._repr_html_()
    assert "<td>a&lt;b&gt;</td><td>4</td><td>none</td><td>4 min</td>" in page
    assert "<td>c</td><td>4</td><td>3 of 4, 2 times no: x</td><td>60 s</td>" in page
    assert "a<b>" not in page and "oh & no" not in page


def test_tables_of_other_functions_and_empty_ones():
    def half(number):
        return {"half": number / 2}

    result = run_cells(half, [{"number": 3}])
    assert repr(result).splitlines()[0] == "StudyResult of 1 cell"
    assert facts(result) == {"columns": "number, half", "failed": "none"}
    assert repr(StudyResult({})) == "StudyResult of 0 cells"
    assert "0 cells" in StudyResult({})._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.123, "0.12 s"), (119, "119 s"), (150, "2 min"), (9000, "2 h")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_latex_has_intervals_in_brackets_and_bounds():
    columns = {
        "estimator": ["a_b", "50% & c", "d", "e"],
        "exponent": [1.234, np.inf, np.nan, -0.5],
        "exponent_low": [1.0, 2.346, np.nan, -np.inf],
        "exponent_high": [12.34, np.inf, np.nan, 123.4],
        "n_used": [3, 2, 0, 1],
    }
    lines = StudyResult(columns).to_latex().splitlines()
    assert lines[0] == r"\begin{tabular}{lrr}"
    assert lines[2] == r"estimator & exponent & n\_used \\"
    assert lines[4:8] == [
        r"a\_b & $1.23$ ($1$ to $12.3$) & 3 \\",
        r"50\% \& c & $> 2.35$ & 2 \\",
        r"d & -- & 0 \\",
        r"e & $-0.5$ ($-\infty$ to $123$) & 1 \\",
    ]


def test_latex_of_some_columns():
    columns = {"estimator": ["a"], "k": [2.0], "k_low": [1.0], "k_high": [3.0]}
    lines = StudyResult(columns).to_latex(["k"]).splitlines()
    assert lines[4] == r"$2$ ($1$ to $3$) \\"
    with pytest.raises(ValueError, match=r"\['z'\] are not among the columns"):
        StudyResult(columns).to_latex(["z"])


@pytest.mark.parametrize(
    ("package", "extra", "call"),
    [
        ("pandas", "tables", lambda path: STUDY.to_frame()),
        ("pyarrow", "tables", lambda path: STUDY.save(path / "t.parquet")),
        ("skl2onnx", "onnx", lambda path: register_converters()),
        (
            "matplotlib",
            "plot",
            lambda path: VarianceSharesDisplay(groups=[[1, 1]], shares=[1.0]).plot(),
        ),
    ],
)
def test_packages_that_are_missing_are_named_with_their_extra(
    package, extra, call, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"needs {package}\. .*depth\[{extra}\]"):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []
