"""Tables are what they were after a journey through a file."""

import csv
import json
import random
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import FitFailedWarning

from sklearn_depth.studies import StudyResult, run_cells

WORDS = [
    *["", "plain", "a, b", 'say "so"', "'", "two\nlines", "a\rb", "a\r\nb", "#", "# a"],
    *["NaN", "1", "1.0", "True", "None", " spaced ", "\ttab", "größer ≥ λ"],
    *["😀", "\\", ";", "\u2028", "\x00a", "\ufeff"],
]  # fmt: skip
TABLE = {
    "estimator": WORDS,
    "whole": [2**53 + 1, -(2**63), 2**63 - 1, *range(len(WORDS) - 3)],
    "unsigned": np.array([2**64 - 1, *range(len(WORDS) - 1)], dtype=np.uint64),
    "score": [np.nan, np.inf, -np.inf, -0.0, 5e-324, 1 / 3, *np.arange(len(WORDS) - 6)],
    "held": [True, False] * (len(WORDS) // 2) + [True] * (len(WORDS) % 2),
    'a "column", named': np.arange(len(WORDS)) / 7,
    "error": WORDS[::-1],
}
CONFIG = {
    "estimators": {"a": 'Ridge(alpha="x")\nand more', "≥": None},
    "sizes": [1, 2.5, 2**70],
    "deep": {"er": {"bool": True}},
}
each_format = pytest.mark.parametrize("suffix", [".csv", ".parquet"])


def journey(columns, path, config=None):
    StudyResult(columns, config).save(path)
    return StudyResult.load(path)


def assert_same_column(found, expected):
    assert found.dtype.kind == expected.dtype.kind
    np.testing.assert_array_equal(found, expected)
    if found.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@each_format
@pytest.mark.parametrize("as_path", [str, Path])
def test_tables_come_back_as_they_were(suffix, as_path, tmp_path):
    path = as_path(tmp_path / f"table.of.things{suffix}")
    loaded = journey(TABLE, path, CONFIG)
    assert list(loaded.columns) == list(TABLE)
    for name, values in StudyResult(TABLE).columns.items():
        assert_same_column(loaded.columns[name], values)
    assert loaded.config == CONFIG
    assert loaded.estimators is None
    assert len(loaded) == len(WORDS)
    assert [path.name for path in tmp_path.iterdir()] == [f"table.of.things{suffix}"]


@each_format
@pytest.mark.parametrize("name", list(TABLE))
def test_single_columns_come_back(suffix, name, tmp_path):
    loaded = journey({name: TABLE[name]}, tmp_path / f"a{suffix}")
    assert_same_column(loaded.columns[name], np.asarray(TABLE[name]))


@each_format
@pytest.mark.parametrize("dtype", [bool, int, np.uint64, float, str])
def test_empty_columns_keep_their_type(suffix, dtype, tmp_path):
    loaded = journey({"a": np.array([], dtype=dtype)}, tmp_path / f"a{suffix}")
    assert len(loaded) == 0
    assert_same_column(loaded.columns["a"], np.array([], dtype=dtype))
    frame = loaded.to_frame()
    assert frame.shape == (0, 1)


@each_format
def test_a_table_without_columns_comes_back(suffix, tmp_path):
    loaded = journey({}, tmp_path / f"a{suffix}", CONFIG)
    assert loaded.columns == {}
    assert len(loaded) == len(loaded.rows()) == 0
    assert loaded.config == CONFIG


@each_format
def test_a_journey_ends_where_it_began(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    StudyResult(TABLE, CONFIG).save(path)
    first = path.read_bytes()
    StudyResult.load(path).save(path)
    assert path.read_bytes() == first


def test_the_formats_hold_the_same(tmp_path):
    csv = journey(TABLE, tmp_path / "a.csv", CONFIG)
    parquet = journey(csv.columns, tmp_path / "a.parquet", csv.config)
    for name, values in csv.columns.items():
        assert_same_column(parquet.columns[name], values)
    assert parquet.config == csv.config


def test_other_readers_read_what_is_saved(tmp_path):
    columns = {"estimator": ["a, b", "c"], "n": [1, 2], "score": [0.5, np.nan]}
    StudyResult(columns, CONFIG).save(tmp_path / "a.csv")
    StudyResult(columns, CONFIG).save(tmp_path / "a.parquet")
    for frame in (
        pd.read_csv(tmp_path / "a.csv", comment="#"),
        pd.read_parquet(tmp_path / "a.parquet"),
    ):
        assert frame["estimator"].tolist() == ["a, b", "c"]
        assert frame["n"].tolist() == [1, 2]
        np.testing.assert_array_equal(frame["score"], [0.5, np.nan])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n,a,b\n1,2,x\n3,4.5,y\n", {"n": [1, 3], "a": [2, 4.5], "b": ["x", "y"]}),
        ("n,name\r\n1,x\r\n", {"n": [1], "name": ["x"]}),
        ("\ufeffn,name\n1,x\n\n", {"n": [1], "name": ["x"]}),
        ("n\nnan\n-inf\n", {"n": [np.nan, -np.inf]}),
        ("n\n9007199254740993\n", {"n": [2**53 + 1]}),
        (f"n\n1\n{2**70}\n", {"n": [1.0, 2.0**70]}),
        ('"a, b",c\n"1","2\n3"\n', {"a, b": [1], "c": ["2\n3"]}),
        ("#,b\n1,2\n", {"#": [1], "b": [2]}),
        ("a,b\n", {"a": [], "b": []}),
        ("", {}),
    ],
)  # fmt: skip
def test_csv_from_elsewhere(text, expected, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text(text, encoding="utf-8", newline="")
    loaded = StudyResult.load(path)
    assert loaded.config == {}
    assert list(loaded.columns) == list(expected)
    for name, values in expected.items():
        assert_same_column(loaded.columns[name], np.asarray(values))


@pytest.mark.parametrize("text", ["a,b\n1,2\n3\n", "a,b\n1,2,3\n", "a,a\n1,2\n"])
def test_what_is_no_table_is_refused(text, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"'theirs.csv' is no table"):
        StudyResult.load(path)


@each_format
def test_texts_of_any_length_come_back(suffix, tmp_path):
    texts = ["", "x" * 200_000, '"\n' * 100_000]
    limit = csv.field_size_limit()
    loaded = journey({"error": texts}, tmp_path / f"a{suffix}")
    assert loaded.columns["error"].tolist() == texts
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "{}",
        "[]",
        "5",
        "null",
        '{"kinds": {}}',
        '{"config": {}}',
        '{"kinds": [], "config": {}}',
        '{"kinds": null, "config": {}}',
        '{"kinds": {"a": "q"}, "config": {}}',
        '{"kinds": {"a": []}, "config": {}}',
        '{"kinds": {"a": "i"}, "config": []}',
        '{"kinds": {"a": "i"}, "config',
    ],
)
def test_a_damaged_comment_is_told(comment, tmp_path):
    path = tmp_path / "damaged.csv"
    path.write_text(f"# sklearn_depth study: {comment}\na\n1\n")
    with pytest.raises(ValueError, match=r"'damaged.csv' is .*damaged.*comment on its"):
        StudyResult.load(path)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [("b", "true"), ("i", "1.5"), ("i", "9" * 30), ("u", "-1"), ("f", "one")],
)
def test_a_cell_of_another_kind_is_told(kind, cell, tmp_path):
    path = tmp_path / "damaged.csv"
    comment = json.dumps({"kinds": {"a": kind}, "config": {}})
    path.write_text(f"# sklearn_depth study: {comment}\na\n{cell}\n")
    with pytest.raises(ValueError, match=r"'damaged.csv' is .*the column 'a'"):
        StudyResult.load(path)


def test_a_renamed_column_is_told_and_one_more_is_read(tmp_path):
    path = tmp_path / "edited.csv"
    StudyResult({"a": [1], "b": ["2"]}).save(path)
    whole = path.read_text()
    path.write_text(whole.replace("\na,b\n", "\na,c\n"))
    with pytest.raises(ValueError, match=r"columns \['b'\] are not there any more"):
        StudyResult.load(path)
    path.write_text(whole.replace("\na,b\n1,2\n", "\na,b,c\n1,2,3\n"))
    assert StudyResult.load(path).rows() == [{"a": 1, "b": "2", "c": 3}]


@each_format
def test_damaged_tables_are_read_or_told(suffix, tmp_path):
    path = tmp_path / f"damaged{suffix}"
    StudyResult(TABLE, CONFIG).save(path)
    whole, rng = path.read_bytes(), random.Random(0)
    told = 0
    for _ in range(150):
        start, size = rng.randrange(len(whole)), rng.randrange(20)
        cut = whole[:start] + rng.randbytes(rng.randrange(20)) + whole[start + size :]
        path.write_bytes(rng.choice([cut, whole[:start]]))
        try:
            StudyResult.load(path)
        except ValueError as error:
            told += "damaged" in str(error)
    assert told > 75
    path.unlink()
    with pytest.raises(FileNotFoundError):
        StudyResult.load(path)


def save_and_load(path, number, n_times):
    """Save a table and read whichever is there; how often that failed."""
    failed = 0
    for _ in range(n_times):
        try:
            StudyResult({"a": [number] * 3000}).save(path)
            found = StudyResult.load(path).columns["a"]
            failed += len(found) != 3000 or len(set(found)) > 1
        except (OSError, ValueError):
            failed += 1
    return failed


@each_format
def test_two_processes_may_save_one_table(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    jobs = (joblib.delayed(save_and_load)(path, number, 40) for number in range(2))
    assert joblib.Parallel(n_jobs=2)(jobs) == [0, 0]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@each_format
@pytest.mark.parametrize("at", ["write", "fsync"])
def test_a_full_disk_leaves_the_old_table_alone(suffix, at, tmp_path, full_disk):
    path = tmp_path / f"a{suffix}"
    StudyResult({"a": [1]}).save(path)
    with full_disk(at), pytest.raises(OSError, match="No space left"):
        StudyResult({"a": [2]}).save(path)
    assert StudyResult.load(path).rows() == [{"a": 1}]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@each_format
def test_long_doubles_are_doubles(suffix, tmp_path):
    loaded = journey({"a": np.longdouble([1, 2]) / 3}, tmp_path / f"a{suffix}")
    assert loaded.rows() == [{"a": 1 / 3}, {"a": 2 / 3}]


@pytest.mark.parametrize("name", [1, None, "\udc80"])
def test_names_of_columns_are_strings(name):
    with pytest.raises(ValueError, match=r"The name .* of a column is not a string"):
        StudyResult({name: [2.0]})


@each_format
def test_halves_of_pairs_are_escaped(suffix, tmp_path):
    """What Python makes of bytes that are no text, in messages of errors."""
    broken = b"\x80.csv".decode("utf-8", "surrogateescape")

    def measure(word):
        raise FileNotFoundError(word)

    with pytest.warns(FitFailedWarning):
        result = run_cells(measure, [{"word": broken}, {"word": "\ud83d"}])
    loaded = journey(result.columns, tmp_path / f"a{suffix}", result.config)
    assert loaded.rows() == result.rows()
    assert loaded.columns["word"].tolist() == [r"\udc80.csv", r"\ud83d"]
    assert loaded.to_frame()["error"][0] == r"FileNotFoundError: \udc80.csv"


def test_parquet_from_pandas(tmp_path):
    path = tmp_path / "theirs.parquet"
    pd.DataFrame({"n": [1, 2], "name": ["x", "y"]}).to_parquet(path)
    loaded = StudyResult.load(path)
    assert loaded.rows() == [{"n": 1, "name": "x"}, {"n": 2, "name": "y"}]
    assert loaded.config == {}


def test_columns_of_a_data_frame_make_a_result(tmp_path):
    frame = pd.DataFrame({"n": [1, 2], "name": ["x", "y"], "held": [True, False]})
    for string in ("str", object):
        result = StudyResult(dict(frame.astype({"name": string})))
        assert [values.dtype.kind for values in result.columns.values()] == [*"iUb"]
        assert result.rows()[1] == {"n": 2, "name": "y", "held": False}


def test_frames_have_the_types_and_the_configuration():
    frame = StudyResult(TABLE, CONFIG).to_frame()
    kinds = {
        name: frame[name].dtype.kind for name in ("whole", "unsigned", "score", "held")
    }
    assert kinds == {"whole": "i", "unsigned": "u", "score": "f", "held": "b"}
    assert all(
        pd.api.types.is_string_dtype(frame[name]) for name in ("estimator", "error")
    )
    assert frame["estimator"].tolist() == WORDS
    assert frame["whole"].tolist() == TABLE["whole"]
    assert frame.attrs == CONFIG
    result = StudyResult({"a": [1.0]})
    frame = result.to_frame()
    frame.loc[0, "a"] = 5
    assert result.columns["a"] == [1]


def test_rows_are_of_pythons_own_types():
    (row,) = StudyResult(
        {"n": np.int32([1]), "score": np.float32([2]), "b": [True]}
    ).rows()
    assert [type(value) for value in row.values()] == [int, float, bool]
    json.dumps(row)


def test_parts_are_selected_with_their_estimators():
    result = StudyResult({"d": [2, 4, 2], "name": [*"aab"]}, CONFIG, ["x", "y", "z"])
    assert result.select(d=2).rows() == [{"d": 2, "name": "a"}, {"d": 2, "name": "b"}]
    assert result.select(d=2).estimators == ["x", "z"]
    assert result.select(d=2, name="b").estimators == ["z"]
    assert result.select(name="c").rows() == []
    assert result.select(name=1).rows() == []
    assert len(result.select()) == 3
    assert result.select(d=4).config == CONFIG
    assert StudyResult({"d": [2]}).select(d=2).estimators is None


def test_an_unknown_column_is_not_selected_by():
    with pytest.raises(ValueError, match=r"\['e'\] are not among the columns \['d'\]"):
        StudyResult({"d": [2]}).select(d=2, e=1)


@each_format
def test_an_interrupted_save_leaves_the_old_file(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"a{suffix}"
    StudyResult({"a": [1]}).save(path)
    old = path.read_bytes()

    def cut(self, target):
        Path(self).write_bytes(Path(self).read_bytes()[:20])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        StudyResult({"a": [2]}).save(path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    with pytest.raises(TypeError, match="JSON"):
        StudyResult({"a": [2]}, {"what": object()}).save(path)
    assert path.read_bytes() == old
    StudyResult({"a": [3]}).save(path)
    assert StudyResult.load(path).rows() == [{"a": 3}]


@pytest.mark.parametrize("name", ["table", "table.txt", "table.csv.gz", "table.CSV"])
def test_other_suffixes_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"ending in \.parquet or \.csv"):
        StudyResult({"a": [1]}).save(tmp_path / name)
    with pytest.raises(ValueError, match=r"ending in \.parquet or \.csv"):
        StudyResult.load(tmp_path / name)
    assert not list(tmp_path.iterdir())


@each_format
def test_a_missing_file_or_folder_is_told(suffix, tmp_path):
    with pytest.raises(FileNotFoundError):
        StudyResult.load(tmp_path / f"a{suffix}")
    with pytest.raises(FileNotFoundError):
        StudyResult({"a": [1]}).save(tmp_path / "none" / f"a{suffix}")


@pytest.mark.parametrize(
    "values",
    [
        [None, 1],
        [None],
        [1j],
        [b"a"],
        [[1, 2]],
        [2**64],
        5,
        [{}],
        pd.to_datetime(["2020"]),
    ],
    ids=str,
)
def test_columns_that_no_file_could_hold_are_refused(values):
    with pytest.raises(
        ValueError, match=r"column 'a' is of shape .*a number, a string"
    ):
        StudyResult({"a": values})


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\{'a': 1, 'b': 2\}"):
        StudyResult({"a": [1], "b": [1, 2]})


@each_format
def test_the_table_of_a_study_comes_back(suffix, tmp_path):
    def measure(number, kind):
        if kind == "b":
            raise ValueError('no "b",\r\nin two lines')
        return {"half": number / 2, "big": 2**60 + number, "word": kind * 2}

    cells = [{"number": number, "kind": kind} for number in range(3) for kind in "ab"]
    with pytest.warns(RuntimeWarning):
        result = run_cells(measure, cells)
    result.save(tmp_path / f"a{suffix}")
    loaded = StudyResult.load(tmp_path / f"a{suffix}")
    for name, values in result.columns.items():
        assert_same_column(loaded.columns[name], values)
    assert set(loaded.columns["word"]) == {"aa", ""}
    assert set(loaded.columns["error"]) == {"", 'ValueError: no "b",\r\nin two lines'}
    assert loaded.config == result.config
