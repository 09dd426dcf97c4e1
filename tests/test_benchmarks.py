"""The speed suite, as far as it goes without rivals: its cases, rows and summary."""

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = "case", "page", "process", "runner", "summary"


@pytest.fixture
def speed(monkeypatch):
    """The modules of benchmarks/speed, which no installation puts on the path."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return {name: import_module(f"speed.{name}") for name in MODULES}


@pytest.fixture
def groups(speed):
    """Two cases that share a side, and one that fails."""
    Case, Side = speed["case"].Case, speed["case"].Side
    ours = Side("ours", "total = sum(range(1000))", numbers="same=total")
    theirs = Side("theirs", "total = 499500", numbers="same=total")
    missing = Side("missing", "import no_such_rival")
    return {
        "Sums": [
            Case("by hand", 1, ours, theirs, same=1e-9, repeats=2),
            Case("alone", 1, ours, asked="<= 4096", of="MiB", repeats=1),
            Case("lost", 1, ours, missing, asked="<= 1", repeats=1),
        ]
    }


def row(value, *, error="", quick=False, asked="<= 0.5"):
    return {
        "group": "Sums", "case": "by hand", "ours": "a", "theirs": "b", "quick": quick,
        "issue": 1, "asked": asked, "of": "seconds", "minus": False, "error": error,
        "value": value, "ours_seconds": value, "theirs_seconds": 1.0, "ours_MiB": 200.0,
        "theirs_MiB": 100.0,
    }  # fmt: skip


@pytest.mark.parametrize("quick", [True, False])
def test_every_case_has_an_issue_and_two_sides_or_a_bar(speed, quick):
    for cases in speed["runner"].load(quick).values():
        assert cases
        assert len({case.title for case in cases}) == len(cases)
        for case in cases:
            assert 2 <= case.issue <= 29
            assert case.theirs or case.asked
            for side in case.sides:
                compile(side.setup + "\n" + side.work, case.title, "exec")
                compile(f"dict({side.numbers})", case.title, "eval")


def test_sides_take_turns_and_are_measured_once_a_round(speed, groups):
    cells = speed["runner"].plan(groups, quick=False)
    assert [(cell["name"], cell["repeat"]) for cell in cells] == [
        ("ours", 0), ("theirs", 0), ("missing", 0), ("ours", 1), ("theirs", 1),
    ]  # fmt: skip


def test_rows_pair_what_processes_measured(speed, groups):
    runner, measure = speed["runner"], speed["process"].measure
    with pytest.raises(RuntimeError, match="no_such_rival"):
        measure(**runner.plan(groups, quick=True)[2])
    measured = [
        cell | (measure(**cell) if cell["name"] != "missing" else {}) | {"error": ""}
        for cell in runner.plan(groups, quick=False)
    ]
    measured[2]["error"] = "ModuleNotFoundError"
    first, second, alone, lost = runner.pair(groups, False, measured)
    for found in (first, second):
        assert found["value"] == found["ours_seconds"] / found["theirs_seconds"]
        assert found["ours_same"] == found["theirs_same"] == 499500
    assert alone["value"] == alone["ours_MiB"] > 5
    assert lost["error"] == "ModuleNotFoundError"
    assert lost["ours_seconds"] > 0


def test_sides_that_must_agree_and_do_not_are_an_error(speed, groups):
    case = groups["Sums"][0]
    runs = [{"same": 1.0}, {"same": 1.0 + 1e-6}]
    assert "differ" in speed["runner"].disagreement(case, runs)
    assert not speed["runner"].disagreement(case._replace(same=1e-5), runs)


def test_summary_has_median_range_and_whether_the_bar_was_met(speed):
    (case,) = speed["summary"].summary([row(0.4), row(0.9), row(0.3)])
    assert (case["value"], case["least"], case["most"]) == (0.4, 0.3, 0.9)
    assert case["ours_seconds"] == 0.4
    assert case["met"] == "yes"


@pytest.mark.parametrize(
    ("rows", "met"),
    [
        ([row(0.4), row(0.6), row(0.7)], "no"),
        ([row(0.4, quick=True)], ""),
        ([row(2.0, asked=">= 1.6")], "yes"),
        ([row(1.5, asked=">= 1.6")], "no"),
        ([row(0.4, asked="constant")], ""),
        ([row(0.4, asked="")], ""),
        ([row(float("nan"), error="gone")], ""),
        ([row(float("nan"), error="gone"), row(0.4)], "yes"),
    ],
)
def test_bars_are_met_by_medians_of_full_sizes(speed, rows, met):
    (case,) = speed["summary"].summary(rows)
    assert case["met"] == met
    assert case["error"] == rows[0]["error"]


def test_the_page_has_a_row_for_every_case_and_the_message_of_a_failure(speed):
    page = speed["page"].speed_section
    assert "0.4 (0.3-0.9)" in page([row(0.4), row(0.9), row(0.3)])
    failed = page([row(float("nan"), error="No module named 'rival'")])
    assert "failed" in failed
    assert "No module named 'rival'" in failed
