"""Tables in CSV and Parquet, with what was run.

CSV has it as a comment on the first line, Parquet in the metadata of the schema.
"""

import csv
import io
import json
from contextlib import contextmanager
from itertools import chain
from threading import Lock

import numpy as np

from sklearn_depth.utils._optional import check_installed

_CONFIG = "sklearn_depth study"
_HEAD = f"# {_CONFIG}: "
_LONGEST = 2**31 - 1
_LIMIT = Lock()
_TYPES = {"b": bool, "i": int, "u": np.uint64, "f": float, "U": str}


def write_csv(columns, config, file):
    """Write a header and rows after the kinds of columns and the configuration."""
    kinds = {name: column.dtype.kind for name, column in columns.items()}
    comment = json.dumps({"kinds": kinds, "config": config})
    file.write(f"{_HEAD}{comment}\n".encode())
    write_rows(columns, file)


def write_rows(columns, file):
    """Write a header and rows."""
    values = (column.tolist() for column in columns.values())
    rows = [tuple(columns), *zip(*values, strict=True)]
    returns = any("\r" in value for value in words_of(columns))
    # Before Python 3.13 the quotes that are needed left carriage returns out.
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    text.detach()


def words_of(columns):
    """All texts of a table, with the names of its columns."""
    words = (c.tolist() for c in columns.values() if c.dtype.kind == "U")
    return chain(columns, *words)


def read_csv(path):
    """Columns and configuration; of a file from elsewhere, the first types that fit."""
    with open(path, newline="", encoding="utf-8-sig") as file, any_length():
        first = file.readline()
        if first.startswith(_HEAD):
            kinds, config = _read_comment(first[len(_HEAD) :])
        else:
            kinds, config = {}, {}
            file.seek(0)
        names, *rows = [row for row in csv.reader(file) if row] or [[]]
    if len(set(names)) < len(names) or {*map(len, rows)} - {len(names)}:
        raise ValueError(
            "columns share names, or a row is longer or shorter than the "
            f"{len(names)} names in the first."
        )
    if lacking := sorted(kinds.keys() - set(names)):
        raise ValueError(f"the columns {lacking} are not there any more.")
    values = zip(*rows, strict=True) if rows else ([] for _ in names)
    columns = {
        name: _typed(name, cells, kinds.get(name))
        for name, cells in zip(names, values, strict=True)
    }
    return columns, config


@contextmanager
def any_length():
    """Read fields of any length; the limit of ``csv`` is one for all threads."""
    with _LIMIT:
        before = csv.field_size_limit(_LONGEST)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _read_comment(text):
    try:
        comment = json.loads(text)
        kinds, config = comment["kinds"], comment["config"]
        whole = set(kinds.values()) <= _TYPES.keys()
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole or not isinstance(config, dict):
        raise ValueError(
            "the comment on its first line is not what was written. Without that line "
            "columns have the first type that fits, and no configuration."
        )
    return kinds, config


def _typed(name, cells, kind):
    """An array of the kind that was saved, or of the first that holds the cells."""
    if kind is None:
        return _first_that_holds(cells)
    if kind == "b":
        wrong = sorted(set(cells) - {"True", "False"})
        if wrong:
            raise ValueError(f"the column {name!r} has {wrong[0]!r} for a truth value.")
        return np.array(cells) == "True"
    try:
        return np.array(cells, dtype=_TYPES[kind])
    except (ValueError, OverflowError) as error:
        raise ValueError(f"the column {name!r} holds no numbers: {error}.") from error


def _first_that_holds(cells):
    for type_ in (int, float):
        try:
            values = np.array([type_(cell) for cell in cells])
        except ValueError:
            continue
        if values.dtype != object:  # whole numbers beyond 64 bits
            return values
    return np.array(cells, dtype=str)


def write_parquet(columns, config, file):
    """Write columns and the configuration."""
    check_installed("pyarrow", "A Parquet file")
    import pyarrow as pa
    from pyarrow import parquet

    # NumPy's strings would end at a NUL.
    words = {k: c.tolist() for k, c in columns.items() if c.dtype.kind == "U"}
    columns = columns | {name: pa.array(c, pa.string()) for name, c in words.items()}
    metadata = {_CONFIG: json.dumps(config)}
    table = pa.table(columns).replace_schema_metadata(metadata)
    parquet.write_table(table, file, write_page_checksum=True)


def read_parquet(path):
    """Columns and configuration."""
    check_installed("pyarrow", "A Parquet file")
    import pyarrow as pa
    from pyarrow import parquet

    content = io.BytesIO(path.read_bytes())  # what fails from here on is no disk
    try:
        table = parquet.read_table(content, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{error}.") from error
    config = json.loads((table.schema.metadata or {}).get(_CONFIG.encode(), b"{}"))
    if not isinstance(config, dict):
        raise ValueError("its configuration is not what was written.")
    return {name: table[name].to_numpy() for name in table.column_names}, config
