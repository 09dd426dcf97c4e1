"""Failures, warnings and time: what a study says early, counts, and leaves out."""

import time
import warnings
from functools import partial
from inspect import signature

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LinearRegression, RidgeClassifier
from study_helpers import (
    LoggedRidge,
    assert_same_table,
    entries,
    fits,
    logged_study,
    make_data,
)

from sklearn_depth.studies import (
    SampleComplexityDisplay,
    StudyResult,
    run_cells,
    sample_complexity_curve,
)
from sklearn_depth.studies._engine import largest_first
from sklearn_depth.studies._shown import TOO_LATE
from sklearn_depth.studies._time_left import TimeLeft, in_words


def curve(estimators, **changes):
    arguments = {"train_sizes": [10, 20], "n_features": [2, 3], "n_repeats": 2}
    return sample_complexity_curve(
        estimators, make_data, n_test=50, random_state=0, **arguments | changes
    )


class Broken(LoggedRidge):
    """Is refused by its own check, after a line in the log."""

    def fit(self, X, y):
        super().fit(X, y)
        raise TypeError("no such layer")


class Warns(RegressorMixin, BaseEstimator):
    """Warns of its rows, of each number of them twice, and once of what is old."""

    def fit(self, X, y):
        for n in (len(X), len(X), 7):
            warnings.warn(f"{n} rows", ConvergenceWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        self.mean_ = y.mean()
        return self

    def predict(self, X):
        if len(X) == 51:
            warnings.warn("odd", UserWarning, stacklevel=1)
        return np.full(len(X), self.mean_)


def test_the_first_failure_of_an_estimator_is_told_at_once(tmp_path):
    """Before the next cell, and once; what fails later is told at the end."""
    log = tmp_path / "log"
    begun = []

    def note(message, category, filename, lineno, file=None, line=None):
        begun.append((len(fits(log)), str(message), filename))

    estimators = {"fine": LinearRegression(), "broken": Broken(log=str(log))}
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        found = curve(estimators)
    (first, early, at), (last, late, _) = begun
    assert (first, last) == (1, 8)
    assert early.startswith("The first cell of 'broken' failed, {'estimator': 'broken'")
    assert "TypeError: no such layer" in early
    assert late.startswith("8 of 16 cells failed")
    assert at == __file__
    assert np.isfinite(found.select(estimator="fine").columns["normalized_mse"]).all()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_errors_are_raised_where_asked_for(n_jobs, tmp_path):
    log, memory = tmp_path / "log", tmp_path / "cells"
    estimators = {"fine": LinearRegression(), "broken": Broken(log=str(log))}
    with pytest.raises(TypeError, match="no such layer") as raised:
        curve(estimators, error_score="raise", n_jobs=n_jobs, memory=memory)
    note = raised.value.__notes__[0]
    assert note.startswith("It was raised in the cell {'estimator': 'broken'")
    assert len(fits(log)) < 8
    if n_jobs is None:
        assert len(fits(log)) == len(entries(memory)) == 1
    with pytest.raises(RuntimeError, match="SystemExit: 3"):
        run_cells(lambda a: exit(a), [{"a": 3}], error_score="raise")


def test_failed_fits_have_the_score_that_is_given(tmp_path):
    estimators = {"fine": LinearRegression(), "broken": Broken(log=str(tmp_path / "l"))}
    with pytest.warns(FitFailedWarning):
        found = curve(estimators, error_score=4.5)
    broken = found.columns["estimator"] == "broken"
    np.testing.assert_array_equal(found.columns["normalized_mse"][broken], 4.5)
    assert (found.columns["normalized_mse"][~broken] < 4).all()
    assert np.isnan(found.columns["fit_time"][broken]).all()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_of_fits_are_counted_and_told_in_one_line(n_jobs, tmp_path):
    """Whatever the filters, and again from cells that are kept."""
    estimators = {"mean": Warns(), "linear": LinearRegression()}
    for again in range(2):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            if not again:
                warnings.simplefilter("error", DeprecationWarning)
            found = curve(estimators, memory=tmp_path, n_jobs=n_jobs)
        counts = found.select(estimator="mean").columns["n_warnings"]
        assert counts.tolist() == [2] * 8
        assert not found.select(estimator="linear").columns["n_warnings"].any()
        (line,) = [str(warning.message) for warning in said]
        assert line == (
            "8 of 16 fits warned (mean 8): 16 ConvergenceWarning, '10 rows'. The "
            "column 'n_warnings' counts them."
        )


def test_warnings_of_scores_count_too():
    with pytest.warns(UserWarning, match="4 ConvergenceWarning, '10 rows'; 2 UserW"):
        found = sample_complexity_curve(
            Warns(), make_data, train_sizes=[10], n_test=51, n_repeats=2, random_state=0
        )
    assert found.columns["n_warnings"].tolist() == [3, 3]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_is_not_begun_in_time_is_missing_and_measured_next(n_jobs, tmp_path):
    log, memory = tmp_path / "log", tmp_path / "cells"
    whole = logged_study(tmp_path / "other")

    def wait(seconds, log):
        with open(log, "a") as file:
            file.write("begun\n")
        time.sleep(seconds)
        return {"slept": seconds}

    cells = [{"seconds": 0.01 * (k + 1), "log": str(log)} for k in range(60)]
    with pytest.warns(UserWarning, match="of 60 cells were not begun within time_lim"):
        part = run_cells(wait, cells, memory=memory, time_limit=0.4, n_jobs=n_jobs)
    late = part.columns["error"] == TOO_LATE
    assert 0 < late.sum() < 60
    assert set(part.columns["error"]) == {"", TOO_LATE}
    np.testing.assert_array_equal(np.isnan(part.columns["slept"]), late)
    assert len(fits(log)) == len(entries(memory)) == 60 - late.sum()
    with pytest.warns(UserWarning, match=r"of 24 cells were not .*\(ridge 1.0 12, rid"):
        none = logged_study(log, time_limit=1e-9)
    assert set(none.columns["error"]) == {TOO_LATE}
    assert np.isnan(none.columns["normalized_mse"]).all()
    assert_same_table(logged_study(log, time_limit=1e3, n_jobs=n_jobs), whole)


@pytest.mark.parametrize(
    "changes",
    [
        {"time_limit": 0},
        {"time_limit": "1"},
        {"error_score": "rise"},
        {"error_score": None},
    ],
)
def test_wrong_budgets_are_told_before_any_fit(changes, tmp_path):
    name = next(iter(changes))
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        curve(Broken(log=str(tmp_path / "log")), **changes)
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        run_cells(fits, [{"log": "a"}], **changes)
    assert not fits(tmp_path / "log")


def labels(sizes, names=("a", "b")):
    return [
        {"estimator": name, "n_samples": n, "n_features": d, "data_seed": 0}
        for n, d in sizes
        for name in names
    ]


def test_the_largest_cells_come_first_and_equal_ones_in_order():
    sizes = [(10, 2), (100, 2), (10, 30), (100, 2)]
    assert largest_first(labels(sizes), range(8)) == [4, 5, 2, 3, 6, 7, 0, 1]
    assert largest_first([{"n_samples": 1}, {"n_samples": 2}], [0, 1]) == [0, 1]


def test_several_workers_begin_with_the_largest(tmp_path, monkeypatch):
    log = tmp_path / "log"
    monkeypatch.setenv("SECONDS_OF_A_FIT", "0.03")
    logged_study(log, alphas=(1.0,), n_jobs=1)
    assert fits(log)[0] == "1.0 10 2"
    log.unlink()
    with joblib.parallel_config("threading"):
        found = logged_study(log, alphas=(1.0,), n_jobs=2)
    assert sorted(fits(log)[:2]) == ["1.0 30 3"] * 2
    assert set(fits(log)[-2:]) == {"1.0 10 2"}
    assert found.columns["n_samples"][:2].tolist() == [10, 20]


def test_the_time_left_is_exact_for_powers_of_the_sizes():
    sizes = [(n, d) for n in (10, 20, 40, 80) for d in (2, 4)]
    rows = labels(sizes)

    def seconds(row):
        power = 1.5 if row["estimator"] == "a" else 1.0
        return 1e-3 * row["n_samples"] ** power * row["n_features"] ** 2

    left = TimeLeft(rows, range(len(rows)))
    assert left.by_estimator() == {"a": None, "b": None}
    assert in_words(left.by_estimator()) == ""
    ended = [k for k, row in enumerate(rows) if row["n_samples"] < 40 and k != 3]
    for place in ended:
        left.add(place, {"fit_time": seconds(rows[place]) * 0.75,
                         "score_time": seconds(rows[place]) * 0.25})  # fmt: skip
    expected = {name: sum(seconds(row) for k, row in enumerate(rows)
                          if row["estimator"] == name and k not in ended)
                for name in "ab"}  # fmt: skip
    assert left.by_estimator() == pytest.approx(expected)


def test_one_size_is_scaled_in_proportion_and_what_failed_has_no_time():
    rows = labels([(10, 2), (10, 2), (30, 4)])
    left = TimeLeft(rows, range(6))
    left.add(0, {"fit_time": 1.0, "score_time": 1.0})
    left.add(1, {"error": "E"})
    assert left.by_estimator() == {"a": pytest.approx(2 + 2 * 6), "b": None}
    said = in_words(left.by_estimator(), n_workers=2)
    assert said == "about 7 s left (a 7 s, b not yet known)"
    assert in_words({"a": 5400.0, "b": 5400.0}) == "about 3 h left (a 1.5 h, b 1.5 h)"
    assert in_words({"a": 90.0}) == "about 1.5 min left"


def test_a_bar_tells_the_time_left(monkeypatch, tmp_path):
    words = []
    monkeypatch.setattr("sklearn_depth.studies._progress._BETWEEN_WORDS", 0)
    monkeypatch.setattr("tqdm.auto.tqdm.set_postfix_str",
                        lambda self, text, refresh: words.append(text))  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tqdm, where there are no widgets
        logged_study(tmp_path / "log", verbose=1)
    assert len(words) == 24
    assert words[5].startswith("about ")
    assert "ridge 1.0 " in words[5]
    assert words[-1] == ""


def test_tables_of_former_versions_have_no_counts(tmp_path):
    """Cells that were kept before fits were asked for their warnings."""
    import pickle

    from sklearn_depth.studies._store import open_store

    log = tmp_path / "log"
    whole = logged_study(log, tmp_path / "new")
    store, old = open_store(tmp_path / "new"), open_store(tmp_path / "old")
    for path in entries(tmp_path / "new"):
        key = path.parent.name
        values = pickle.loads(pickle.dumps(store.load(key)))
        del values["n_warnings"], values["warnings"]
        old.keep(key, values)
    found = logged_study(log, tmp_path / "old")
    assert len(fits(log)) == 24
    assert np.isnan(found.columns["n_warnings"]).all()
    same = {n: v for n, v in found.columns.items() if n != "n_warnings"}
    expected = {n: v for n, v in whole.columns.items() if n != "n_warnings"}
    assert_same_table(StudyResult(same), StudyResult(expected))


def test_errors_of_estimators_and_data_sets_keep_their_words():
    """An invalid parameter is named as that of what has it, and so is its cell."""
    calls = {"train_sizes": [20], "n_repeats": 1, "n_test": 10, "random_state": 0}
    wrong = RidgeClassifier(alpha="x")
    for curve in (
        sample_complexity_curve,
        SampleComplexityDisplay.from_estimators,
    ):
        with pytest.raises(ValueError, match="of RidgeClassifier must be") as raised:
            curve(wrong, make_moons_of, error_score="raise", **calls)
        assert "'n_samples': 20" in raised.value.__notes__[0]
        with pytest.raises(ValueError, match="of make_moons must be"):
            curve(LinearRegression(), partial(make_moons_of, noise="x"), **calls)
        with pytest.raises(ValueError, match=r"'n_repeats' .* of sample_complexity"):
            curve(LinearRegression(), make_moons_of, **calls | {"n_repeats": 0})


def make_moons_of(n_samples, random_state, noise=None):
    return make_moons(n_samples, noise=noise, random_state=random_state)


def test_a_display_takes_all_that_a_study_does():
    taken = signature(SampleComplexityDisplay.from_estimators).parameters
    for name, parameter in signature(sample_complexity_curve).parameters.items():
        assert repr(taken[name]) == repr(parameter)
