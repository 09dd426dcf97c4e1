"""Several data sets in one study, results joined, and what is selected of them."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from study_helpers import (
    LoggedRidge,
    assert_same_table,
    entries,
    fits,
    logged_study,
    make_data,
)

from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import StudyResult, sample_complexity_curve

cubic = partial(make_single_index, link="he3")
curve = partial(
    sample_complexity_curve,
    {"linear": LinearRegression(), "ridge": Ridge()},
    train_sizes=[20, 30],
    n_features=[2, 3],
    n_repeats=2,
    n_test=50,
    random_state=0,
)


@pytest.fixture(scope="module")
def result():
    return curve({"relu": make_data, "cubic": cubic})


def without(result, name):
    columns = {n: values for n, values in result.columns.items() if n != name}
    return StudyResult(columns, result.config)


def test_each_data_set_has_the_table_of_a_study_of_its_own(result):
    assert next(iter(result.columns)) == "dataset"
    assert len(result) == 32
    for name, make in {"relu": make_data, "cubic": cubic}.items():
        assert_same_table(without(result.select(dataset=name), "dataset"), curve(make))
    assert result.config["make_dataset"]["cubic"].endswith("index(link='he3')")


def test_data_sets_are_nested_in_repeats(result):
    found = [row["repeat"] * 2 + (row["dataset"] == "cubic") for row in result.rows()]
    assert found == sorted(found)


def test_one_name_is_a_column_too():
    assert set(curve({"relu": make_data}).columns["dataset"]) == {"relu"}


def test_data_sets_share_the_cells_of_studies_of_one(tmp_path):
    log, memory = tmp_path / "log", tmp_path / "cells"
    logged_study(log, memory)
    assert len(fits(log)) == len(entries(memory)) == 24
    both = partial(sample_complexity_curve, n_test=50, random_state=0, memory=memory)

    found = both(
        {"ridge": LoggedRidge(1.0, log=str(log))},
        {"same": make_data, "other": cubic},
        train_sizes=[10, 20, 30],
        n_features=[2, 3],
        n_repeats=2,
    )
    assert len(found) == 24
    assert len(fits(log)) == 24 + 12


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "make_dataset is empty"),
        ({1: cubic}, "name 1 of a data set is not a string"),
        ({"": cubic}, "name '' of a data set"),
        ({"a": cubic, "b": 3}, "data set 'b' is 3, which cannot be called"),
        ({"a": cubic, "b": lambda **sizes: 3}, "returned int.*\n.*data set 'b'"),
    ],
)
def test_wrong_data_sets_are_told_before_any_fit(data, message):
    with pytest.raises((ValueError, TypeError), match=message):
        curve(data)


def test_results_are_joined_as_one_study_has_them(result):
    parts = {
        name: curve(make) for name, make in (("relu", make_data), ("cubic", cubic))
    }
    joined = StudyResult.concat(parts)
    assert joined.config["scoring"] == {"normalized_mse": "lower"}
    assert list(joined.columns) == list(result.columns)
    for name in parts:
        assert_same_table(joined.select(dataset=name), result.select(dataset=name))


def test_repeats_and_estimators_that_were_measured_apart_are_one_study():
    whole = curve(make_data)
    parts = [whole.select(repeat=0), whole.select(repeat=1)]
    joined = StudyResult.concat(parts)
    assert_same_table(joined, whole)
    assert joined.config == whole.config
    by_name = [whole.select(estimator=name) for name in ("ridge", "linear")]
    assert StudyResult.concat(by_name).columns["estimator"].tolist() == (
        ["ridge"] * 8 + ["linear"] * 8
    )


def test_columns_that_one_lacks_are_filled_and_errors_stay_last():
    first = StudyResult(
        {"n": [1], "word": ["x"], "error": [""]}, {"a": 1, "b": {"c": 2}}
    )
    second = StudyResult(
        {"n": [2], "half": [0.5], "error": ["E"]}, {"a": 3, "b": {"d": 4}}
    )
    joined = StudyResult.concat([first, second])
    assert list(joined.columns) == ["n", "word", "half", "error"]
    assert joined.columns["word"].tolist() == ["x", ""]
    np.testing.assert_array_equal(joined.columns["half"], [np.nan, 0.5])
    assert joined.columns["n"].dtype.kind == "i"
    assert joined.config == {"a": [1, 3], "b": {"c": 2, "d": 4}}


def test_estimators_are_joined():
    first, second = StudyResult({"a": [1]}, None, ["x"]), StudyResult({"a": [2, 3]})
    assert StudyResult.concat([first, second]).estimators == ["x", None, None]
    assert StudyResult.concat([second, second]).estimators is None


def test_what_cannot_be_joined_is_told():
    study = curve(make_data)
    with pytest.raises(
        ValueError, match=r"16 cells come up twice, such as \{'estimator'"
    ):
        StudyResult.concat([study, study])
    assert len(StudyResult.concat({"a": study, "b": study}, column="run")) == 32
    with pytest.raises(ValueError, match="'a' has strings in one result"):
        StudyResult.concat([StudyResult({"a": [1]}), StudyResult({"a": ["x"]})])
    with pytest.raises(ValueError, match="'b' has a column 'dataset' already"):
        StudyResult.concat({"b": StudyResult({"dataset": ["x"]})})
    with pytest.raises(ValueError, match="different directions"):
        StudyResult.concat(
            [
                StudyResult({"s": [1]}, {"scoring": {"s": way}})
                for way in ("lower", "higher")
            ]
        )
    with pytest.raises(ValueError, match="no results to join"):
        StudyResult.concat([])
    with pytest.raises(TypeError, match="results\\[0\\] is dict"):
        StudyResult.concat([{}])


def test_lists_of_values_are_selected():
    result = StudyResult({"d": [2, 4, 8, 2], "name": [*"abca"]}, None, [*"wxyz"])
    assert result.select(d=[2, 8]).estimators == ["w", "y", "z"]
    assert result.select(d=range(3, 9), name=("b", "z")).estimators == ["x"]
    assert result.select(name={"a", "c"}, d=np.array([8])).estimators == ["y"]
    assert result.select(d=[]).rows() == []
    assert result.select(name=[1, "a"]).columns["d"].tolist() == [2, 2]


@pytest.mark.parametrize("kind", [pd.Series, pd.Index, dict.fromkeys, iter])
def test_values_of_any_collection_are_selected(kind):
    result = StudyResult({"d": [2, 4, 8]})
    assert result.select(d=kind([8, 4])).columns["d"].tolist() == [4, 8]
    assert result.select(d=kind([8, 4, 2])).columns["d"].tolist() == [2, 4, 8]
    assert result.select(d=np.array(4)).columns["d"].tolist() == [4]
