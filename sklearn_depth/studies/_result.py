"""The table of a study, with what was run, saved and loaded."""

import csv
import json
from pathlib import Path

import numpy as np

# The comment on the first line of a CSV, and the name in a Parquet file's schema.
_CONFIG = "sklearn_depth study"


class StudyResult:
    """A tidy table, a row a cell, and the configuration that it came from.

    Parameters
    ----------
    columns : dict of str to array of shape (n_cells,)
        The table by column: what tells cells apart, then what was measured, and
        ``error``, the message of what a cell raised, empty where it ended. What was not
        measured is NaN, or empty among strings.
    config : dict or None, default=None
        What was run, of what JSON has; None is an empty one.
    estimators : list of length n_cells or None, default=None
        The fitted estimators where they were asked for; :meth:`save` leaves them out.

    See Also
    --------
    sample_complexity_curve : Makes one of learners.
    run_cells : Makes one of any function.

    Examples
    --------
    >>> from sklearn_depth.studies import StudyResult
    >>> result = StudyResult({"n_features": [2, 4], "error": ["", ""]})
    >>> len(result), result.columns["n_features"]
    (2, array([2, 4]))
    >>> result.select(n_features=4).rows()
    [{'n_features': 4, 'error': ''}]
    """

    def __init__(self, columns, config=None, estimators=None):
        self.columns = {name: _column(name, v) for name, v in columns.items()}
        self.config = {} if config is None else config
        self.estimators = estimators
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"Columns have different lengths {lengths}. Pass a value a cell."
            )

    def __len__(self):
        return len(next(iter(self.columns.values()), ()))

    def rows(self):
        """Return the table by row.

        Returns
        -------
        rows : list of dict
            The cells, with Python's own numbers and strings.
        """
        return [dict(zip(self.columns, row, strict=True)) for row in self._tuples()]

    def _tuples(self):
        values = (column.tolist() for column in self.columns.values())
        return zip(*values, strict=True)

    def select(self, **where):
        """Return the part in which columns have these values.

        Parameters
        ----------
        **where : scalar
            A value for each column that is to have it.

        Returns
        -------
        result : StudyResult
            Those cells, with the whole configuration.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        if unknown := sorted(where.keys() - self.columns.keys()):
            raise ValueError(f"{unknown} are not among the columns {[*self.columns]}.")
        chosen = np.ones(len(self), dtype=bool)
        for name, value in where.items():
            chosen &= self.columns[name] == value
        estimators = self.estimators and [
            estimator
            for estimator, keep in zip(self.estimators, chosen, strict=True)
            if keep
        ]
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return StudyResult(columns, self.config, estimators)

    def to_frame(self):
        """Return the table as a pandas data frame.

        Returns
        -------
        frame : pandas.DataFrame
            A row a cell; the configuration is in ``frame.attrs``.
        """
        import pandas as pd

        frame = pd.DataFrame(self.columns)
        frame.attrs = dict(self.config)
        return frame

    def save(self, path):
        """Write table and configuration to a Parquet or CSV file.

        A file that is there is replaced when the new one is whole. A CSV has the
        configuration as a comment on its first line.

        Parameters
        ----------
        path : str or path
            Its suffix, ``.parquet`` or ``.csv``, says which.

        Raises
        ------
        ValueError
            If the suffix is another.
        """
        path = Path(path)
        _, write = _format(path)
        unfinished = path.with_name(f".{path.name}.unfinished")
        write(self, unfinished)
        unfinished.replace(path)

    @classmethod
    def load(cls, path):
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : str or path
            A ``.parquet`` or ``.csv`` file. The columns of a CSV from elsewhere are of
            whole numbers, numbers or strings, whichever is the first that holds them.

        Returns
        -------
        result : StudyResult
            The same table and configuration.

        Raises
        ------
        ValueError
            If the suffix is another.
        """
        read, _ = _format(Path(path))
        columns, config = read(Path(path))
        return cls(columns, config)


def _column(name, values):
    """An array of numbers, strings or truth values."""
    values = np.asarray(values)
    if values.dtype == object and all(isinstance(value, str) for value in values.flat):
        values = values.astype(str)  # as pandas and pyarrow have them
    if values.ndim != 1 or values.dtype.kind not in "biufU":
        raise ValueError(
            f"The column {name!r} is of shape {values.shape} and {values.dtype}. Give "
            "it a number, a string or a truth value for each cell."
        )
    return values


def _format(path):
    try:
        return _FORMATS[path.suffix]
    except KeyError:
        raise ValueError(
            f"{path.name!r} has the suffix {path.suffix!r}. Results are kept in files "
            f"ending in {' or '.join(_FORMATS)}."
        ) from None


def _write_csv(result, path):
    kinds = {name: column.dtype.kind for name, column in result.columns.items()}
    with open(path, "w", newline="", encoding="utf-8") as file:
        comment = json.dumps({"kinds": kinds, "config": result.config})
        file.write(f"# {_CONFIG}: {comment}\n")
        rows = [tuple(result.columns), *result._tuples()]
        returns = any("\r" in str(value) for row in rows for value in row)
        # Before Python 3.13 the quotes that are needed left carriage returns out.
        quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
        csv.writer(file, lineterminator="\n", quoting=quoting).writerows(rows)


def _read_csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        head = f"# {_CONFIG}: "
        first = file.readline()
        if first.startswith(head):
            comment = json.loads(first[len(head) :])
        else:
            comment = {"kinds": {}, "config": {}}
            file.seek(0)
        names, *rows = [row for row in csv.reader(file) if row] or [[]]
    if len(set(names)) < len(names) or {len(row) for row in rows} - {len(names)}:
        raise ValueError(
            f"{path.name!r} is no table: columns share names, or a row is longer or "
            f"shorter than the {len(names)} names in the first."
        )
    kinds = comment["kinds"]
    columns = {
        name: _typed([row[k] for row in rows], kinds.get(name))
        for k, name in enumerate(names)
    }
    return columns, comment["config"]


def _typed(cells, kind):
    """An array of the kind that was saved, or of the first that holds the cells."""
    if kind == "b":
        return np.array(cells) == "True"
    if kind is None:
        return _first_that_holds(cells)
    return np.array(cells, dtype={"i": int, "u": np.uint64, "f": float}.get(kind, str))


def _first_that_holds(cells):
    for type_ in (int, float):
        try:
            return np.array([type_(cell) for cell in cells])
        except ValueError:
            pass
    return np.array(cells, dtype=str)


def _write_parquet(result, path):
    import pyarrow as pa
    from pyarrow import parquet

    words = {k: c.tolist() for k, c in result.columns.items() if c.dtype.kind == "U"}
    columns = {name: pa.array(column, pa.string()) for name, column in words.items()}
    table = pa.table(result.columns | columns)  # NumPy's strings would end at a NUL
    config = {_CONFIG: json.dumps(result.config)}
    parquet.write_table(table.replace_schema_metadata(config), path)


def _read_parquet(path):
    from pyarrow import parquet

    table = parquet.read_table(path)
    config = (table.schema.metadata or {}).get(_CONFIG.encode(), b"{}")
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return columns, json.loads(config)


_FORMATS = {
    ".parquet": (_read_parquet, _write_parquet),
    ".csv": (_read_csv, _write_csv),
}
