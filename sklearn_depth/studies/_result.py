"""The table of a study, with what was run, saved and loaded."""

import csv
from pathlib import Path

import numpy as np

from sklearn_depth.studies._concat import check_cells, joined_columns, joined_configs
from sklearn_depth.studies._latex import latex_of
from sklearn_depth.studies._shown import html_of, text_of
from sklearn_depth.studies._tables import (
    read_csv,
    read_parquet,
    write_csv,
    write_parquet,
)
from sklearn_depth.utils._files import replacing
from sklearn_depth.utils._optional import check_installed

_FORMATS = {
    ".parquet": (read_parquet, write_parquet),
    ".csv": (read_csv, write_csv),
}


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
    >>> result
    StudyResult of 2 cells
      n_features: 2, 4
      failed: none
    """

    def __init__(self, columns, config=None, estimators=None):
        self.columns = {name: _column(name, v) for name, v in columns.items()}
        self.config = {} if config is None else config
        self.estimators = estimators
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"Columns have different lengths {lengths}. Give each cell one."
            )

    def __len__(self):
        return len(next(iter(self.columns.values()), ()))

    def __repr__(self):
        return text_of(self)

    def _repr_html_(self):
        return html_of(self)

    def rows(self):
        """Return the table by row.

        Returns
        -------
        rows : list of dict
            The cells, with Python's own numbers and strings.
        """
        values = (column.tolist() for column in self.columns.values())
        return [
            dict(zip(self.columns, row, strict=True))
            for row in zip(*values, strict=True)
        ]

    def select(self, **where):
        """Return the part in which columns have these values.

        Parameters
        ----------
        **where : scalar or iterable of scalars
            The value that a column is to have, or all that it may have.

        Returns
        -------
        result : StudyResult
            Those cells in their order, with the whole configuration.

        Raises
        ------
        ValueError
            If there is no such column.

        Examples
        --------
        >>> from sklearn_depth.studies import StudyResult
        >>> result = StudyResult({"n_features": [2, 4, 8]})
        >>> result.select(n_features=[2, 8]).columns["n_features"]
        array([2, 8])
        """
        if unknown := sorted(where.keys() - self.columns.keys()):
            raise ValueError(f"{unknown} are not among the columns {[*self.columns]}.")
        chosen = np.ones(len(self), dtype=bool)
        for name, value in where.items():
            chosen &= _is_one_of(self.columns[name], value)
        estimators = self.estimators and [
            estimator
            for estimator, keep in zip(self.estimators, chosen, strict=True)
            if keep
        ]
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return StudyResult(columns, self.config, estimators)

    @classmethod
    def concat(cls, results, column="dataset"):
        """Join several results into one table.

        Parameters
        ----------
        results : list or dict of StudyResult
            What is joined, one below the other. The names of a dict become a column.
        column : str, default="dataset"
            The name of that column, the first of the table.

        Returns
        -------
        result : StudyResult
            All cells. A column that a result lacks is NaN there, or empty among
            strings. Entries of the configurations that are equal are kept, dicts are
            joined where they agree, and other entries are lists, a value a result that
            has one.

        Raises
        ------
        ValueError
            If there is nothing to join, a result has the column already, a column has
            strings here and numbers there, two cells have the same estimator, sizes and
            repeat, or a score is better when lower in one result and when higher in
            another.
        TypeError
            If something else than results is passed.

        Examples
        --------
        >>> from sklearn_depth.studies import StudyResult
        >>> parts = {"near": StudyResult({"n": [1, 2]}), "far": StudyResult({"n": [3]})}
        >>> StudyResult.concat(parts).rows()[1:]
        [{'dataset': 'near', 'n': 2}, {'dataset': 'far', 'n': 3}]
        """
        if isinstance(results, dict):
            results = [r._labelled(column, name) for name, r in _checked(results)]
        else:
            results = [result for _, result in _checked(dict(enumerate(results)))]
        columns = joined_columns(results)
        check_cells(columns, column)
        estimators = None
        if any(result.estimators for result in results):
            estimators = [e for r in results for e in r.estimators or [None] * len(r)]
        return cls(columns, joined_configs([r.config for r in results]), estimators)

    def _labelled(self, column, name):
        """This table after a column of one name."""
        if column in self.columns:
            raise ValueError(
                f"The result {name!r} has a column {column!r} already. Choose another "
                "name by column=."
            )
        columns = {column: [name] * len(self), **self.columns}
        return StudyResult(columns, self.config, self.estimators)

    def to_frame(self):
        """Return the table as a pandas data frame.

        Returns
        -------
        frame : pandas.DataFrame
            A row a cell; the configuration is in ``frame.attrs``.
        """
        check_installed("pandas", "StudyResult.to_frame")
        import pandas as pd

        frame = pd.DataFrame(self.columns)
        frame.attrs = dict(self.config)
        return frame

    def to_latex(self, columns=None):
        r"""Return the table, or some columns of it, for a paper.

        Columns ``x_low`` and ``x_high`` are an interval in brackets behind ``x``, as in
        the exponents of :func:`scaling_exponent`; an infinite x with one finite end is
        written as a bound.

        Parameters
        ----------
        columns : list of str or None, default=None
            Which, in this order; None is all. An interval goes with its column.

        Returns
        -------
        text : str
            A ``tabular`` with the rules of the package booktabs, numbers with three
            digits.

        Raises
        ------
        ValueError
            If there is no such column.

        Examples
        --------
        >>> from sklearn_depth.studies import StudyResult
        >>> columns = {"estimator": ["two_layer", "kernel"], "exponent": [1.06, 2.949]}
        >>> columns |= {"exponent_low": [0.7, 2.71], "exponent_high": [1.4, 3.2]}
        >>> print(StudyResult(columns).to_latex())
        \begin{tabular}{lr}
        \toprule
        estimator & exponent \\
        \midrule
        two\_layer & $1.06$ ($0.7$ to $1.4$) \\
        kernel & $2.95$ ($2.71$ to $3.2$) \\
        \bottomrule
        \end{tabular}
        """
        names = list(self.columns if columns is None else columns)
        if unknown := [name for name in names if name not in self.columns]:
            raise ValueError(f"{unknown} are not among the columns {[*self.columns]}.")
        ends = [f"{name}_{end}" for name in names for end in ("low", "high")]
        names += [end for end in ends if end in self.columns and end not in names]
        return latex_of({name: self.columns[name] for name in names})

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
        _, write = _format(Path(path))
        with replacing(path) as file:
            write(self.columns, self.config, file)

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
            If the suffix is another, or the file is no table or a damaged one.
        """
        path = Path(path)
        read, _ = _format(path)
        try:
            return cls(*read(path))
        except (ValueError, TypeError, OverflowError, csv.Error) as error:
            raise ValueError(
                f"{path.name!r} is no table, or a damaged one: "
                f"{str(error).rstrip('.')}. Take a copy, or move it away."
            ) from error


def _is_one_of(values, wanted):
    """Where a column has the value, or one of several."""
    several = np.iterable(wanted) and not isinstance(wanted, (str, bytes))
    matches = np.zeros(len(values), dtype=bool)
    for value in wanted if several else [wanted]:
        matches |= values == value
    return matches


def _checked(results):
    """Pairs of names and results."""
    if not results:
        raise ValueError("There are no results to join. Pass one at least.")
    for name, result in results.items():
        if not isinstance(result, StudyResult):
            raise TypeError(
                f"results[{name!r}] is {type(result).__name__}. Pass StudyResults."
            )
    return results.items()


def _column(name, values):
    """An array of numbers, strings or truth values."""
    if not isinstance(name, str) or _readable([name])[0] != name:
        raise ValueError(f"The name {name!r} of a column is not a string in UTF-8.")
    values = np.asarray(values)
    if values.dtype == object and values.ndim == 1:
        kinds = set(map(type, values))
        if all(issubclass(kind, str) for kind in kinds):
            values = values.astype(str)  # as pandas and pyarrow have them
    if values.ndim != 1 or values.dtype.kind not in "biufU":
        raise ValueError(
            f"The column {name!r} is of shape {values.shape} and {values.dtype}. Give "
            "it a number, a string or a truth value for each cell."
        )
    if values.dtype == np.longdouble:
        values = values.astype(np.float64)  # files have no longer ones
    return _readable(values) if values.dtype.kind == "U" else values


def _readable(words):
    """Words in UTF-8; halves of pairs, as in names of files that are none, escaped."""
    words = np.ascontiguousarray(words, dtype=str)
    halves = words.view(np.uint32) >> 11 == 0xD800 >> 11
    if not halves.any():
        return words
    words = [word.encode("utf-8", "backslashreplace").decode() for word in words]
    return np.array(words, dtype=str)


def _format(path):
    try:
        return _FORMATS[path.suffix]
    except KeyError:
        raise ValueError(
            f"{path.name!r} has the suffix {path.suffix!r}. Results are kept in files "
            f"ending in {' or '.join(_FORMATS)}."
        ) from None
