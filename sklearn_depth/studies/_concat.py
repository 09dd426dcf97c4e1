"""Several results as one: columns joined, configurations too."""

from itertools import chain

import numpy as np

# What tells the fits of a study apart, beside columns that it may lack.
_CELLS = ("estimator", "n_samples", "repeat")
_MORE = ("dataset", "n_features")


def joined_columns(results):
    """All columns, in the order in which they come up, ``error`` last."""
    names = dict.fromkeys(chain.from_iterable(result.columns for result in results))
    if "error" in names:
        del names["error"]
        names["error"] = None
    return {name: joined_column(name, results) for name in names}


def joined_column(name, results):
    """A column, NaN where a result has none, or empty among strings."""
    parts = [result.columns.get(name) for result in results]
    kinds = {part.dtype.kind == "U" for part in parts if part is not None}
    if len(kinds) > 1:
        raise ValueError(
            f"The column {name!r} has strings in one result and numbers in another. "
            "Rename it in one of them."
        )
    nothing = "" if kinds == {True} else np.nan
    return np.concatenate(
        [
            np.full(len(result), nothing) if part is None else part
            for part, result in zip(parts, results, strict=True)
        ]
    )


def joined_configs(configs):
    """What all say is said once; dicts are joined, and what differs is a list."""
    names = dict.fromkeys(chain.from_iterable(configs))
    return {
        name: joined_entry(name, [config[name] for config in configs if name in config])
        for name in names
    }


def joined_entry(name, values):
    first = values[0]
    if all(value == first for value in values):
        return first
    if all(isinstance(value, dict) for value in values):
        merged = {key: value for entry in values for key, value in entry.items()}
        if all(merged | entry == merged for entry in values):
            return merged
    if name == "scoring":
        raise ValueError(
            f"The results say {values} of their scores. Give scores that are better in "
            "different directions different names."
        )
    return values


def check_cells(columns, column):
    """Refuse fits that nothing tells apart, as a median would have them twice."""
    if twice := cells_twice(columns, column):
        raise ValueError(
            f"{twice}. Pass a dict of results, whose names become a column, or select "
            "what is new."
        )


def check_distinct(result):
    """Refuse fits that a column of the user's tells apart, as medians would not."""
    if twice := cells_twice(result.columns):
        raise ValueError(
            f"{twice}. Select one value of the column that tells them apart, or name "
            "that column 'dataset'."
        )


def cells_twice(columns, *more):
    """What comes up twice of fits, in words, or nothing."""
    if not all(name in columns for name in _CELLS):
        return ""
    more = dict.fromkeys([*_MORE, *more])
    names = [*_CELLS, *(name for name in more if name in columns)]
    codes = np.zeros(len(columns["repeat"]), dtype=np.int64)
    for name in names:  # codes stay below the number of cells
        values, places = np.unique(columns[name], return_inverse=True)
        _, codes = np.unique(codes * len(values) + places, return_inverse=True)
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    twice = first[counts > 1]
    if len(twice) == 0:
        return ""
    cell = {name: columns[name][twice[0]].item() for name in names}
    return f"{len(twice)} cells come up twice, such as {cell}"
