"""Rows of results.csv, by what they are about."""

from collections import defaultdict

from experiments import _report
from experiments.biased_ntk import theory


def settings(rows, names):
    """The values of some columns, named with spaces between, in order of appearance."""
    names = names.split()
    return list(dict.fromkeys(tuple(row[name] for name in names) for row in rows))


def limit(rows):
    """Spectra of the limit kernel."""
    return _report.select(rows, part="spectrum", m=0)


def against_bias(rows, of_row):
    """{bias: values of the seeds} of a function of a row."""
    values = defaultdict(list)
    for row in rows:
        values[row["bias"]].append(of_row(row))
    return dict(sorted(values.items()))


def share(row):
    """The smallest eigenvalue over the active share."""
    return row["lambda_min"] / theory.active_share(row["bias"])


def condition(row):
    return row["lambda_max"] / row["lambda_min"]


def finest(rows):
    """Those trained in most steps where a bias has several counts."""
    most = {}
    for row in rows:
        most[row["bias"]] = max(most.get(row["bias"], 0), row["n_steps"])
    return [row for row in rows if row["n_steps"] == most[row["bias"]]]
