"""The rows of results.csv, chosen and grouped."""

from collections import defaultdict
from itertools import product

from experiments.daniely_srebro_vardi_2023.models import MODELS, SHADOWS

ACTIVATIONS = {"erf": "erf", "relu": "ReLU"}


def select(rows, **where):
    """The rows in which these columns have these values."""
    return [
        row
        for row in rows
        if all(row[column] == str(value) for column, value in where.items())
    ]


def levels(rows, column):
    """The values of a column of whole numbers."""
    return sorted({int(row[column]) for row in rows})


def cases(rows):
    """The pairs (activation, depth)."""
    return list(product(ACTIVATIONS, levels(rows, "depth")))


def title_of(activation, depth):
    return f"{ACTIVATIONS[activation]}, depth {depth}"


def by_model(rows, measure):
    """{model: {n: values of the seeds}}, in the order of MODELS and SHADOWS."""
    values = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values[row["model"]][int(row["n"])].append(measure(row))
    return {
        name: dict(sorted(values[name].items()))
        for name in (*MODELS, *SHADOWS)
        if name in values
    }


def absolute_error(row):
    return float(row["absolute_error"])


def squared_error(row):
    return float(row["squared_error"])


def share_of_variance(row):
    return float(row["squared_error"]) / float(row["variance"])


def cpu_seconds(row):
    return float(row["cpu_seconds"])
