"""What a study says of itself, and as a table of a paper."""

import sys

import numpy as np
import pytest

from sklearn_depth.inspection import VarianceSharesDisplay
from sklearn_depth.onnx import register_converters
from sklearn_depth.studies import StudyResult, run_cells
from sklearn_depth.studies._shown import TOO_LATE, facts
from sklearn_depth.studies._time_left import duration

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
    assert "<td>c</td><td>4</td><td>3 of 4, 2 times no: x</td><td>1 min</td>" in page
    assert "a<b>" not in page and "oh & no" not in page


def test_tables_of_other_functions_and_empty_ones():
    def half(number):
        return {"half": number / 2}

    result = run_cells(half, [{"number": 3}])
    assert repr(result).splitlines()[0] == "StudyResult of 1 cell"
    assert facts(result) == {"columns": "number, half", "failed": "none"}
    assert repr(StudyResult({})) == "StudyResult of 0 cells"
    assert "0 cells" in StudyResult({})._repr_html_()


def test_any_table_shows_itself():
    """One from elsewhere may have other types under the names of a study."""
    columns = {
        "estimator": [3, 3],
        "n_samples": ["few", "many"],
        "fit_time": ["short", "long"],
        "error": [0.25, 0.5],
    }
    result = StudyResult(columns)
    assert facts(result) == {
        "estimators": "3",
        "n_samples": "few, many",
        "also": "error",
    }
    assert "few, many" in result._repr_html_()
    numbered = StudyResult({"estimator": [3], "error": ["no"]})
    assert "<td>3</td><td>1</td><td>1 of 1, no</td>" in numbered._repr_html_()
    assert (
        facts(StudyResult({"estimator": ["two\nlines"]}))["estimators"] == "two lines"
    )


def test_cells_that_were_not_begun_have_not_failed():
    result = StudyResult({"estimator": [*"aab"], "error": ["no", TOO_LATE, TOO_LATE]})
    assert facts(result)["failed"] == "1 of 3, no"
    assert facts(result)["not begun in time"] == "2 of 3"
    assert "<td>b</td><td>1</td><td>none</td>" in result._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.123, "0.12 s"), (59, "59 s"), (150, "2.5 min"), (9000, "2.5 h")],
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


def test_latex_of_names_that_mean_something_at_the_start_of_a_line():
    lines = StudyResult({"law": ["[0, 1]", "*", "a<b|c>d"]}).to_latex().splitlines()
    assert lines[4:7] == [
        r"{}[0, 1] \\",
        r"{}* \\",
        r"a\textless{}b\textbar{}c\textgreater{}d \\",
    ]


def test_latex_of_whole_bounds_and_of_words_that_are_no_interval():
    columns = {"k": [np.inf, -np.inf], "k_low": [12, 0], "k_high": [0, -3]}
    assert StudyResult(columns).to_latex().splitlines()[4:6] == [
        r"$> 12$ \\",
        r"$< -3$ \\",
    ]
    words = {"k": ["a"], "k_low": ["b"], "k_high": ["c"]}
    assert StudyResult(words).to_latex().splitlines()[4] == r"a & b & c \\"


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
