"""The rows of results.csv, chosen and grouped."""

from itertools import product

from experiments import _report
from experiments.daniely_srebro_vardi_2023.models import MODELS, SHADOWS

ACTIVATIONS = {"erf": "erf", "relu": "ReLU"}

absolute_error = _report.column("absolute_error")
squared_error = _report.column("squared_error")
cpu_seconds = _report.column("cpu_seconds")


def cases(rows):
    """The pairs (activation, depth)."""
    return list(product(ACTIVATIONS, _report.levels(rows, "depth")))


def title_of(activation, depth):
    return f"{ACTIVATIONS[activation]}, depth {depth}"


def by_model(rows, measure):
    """{model: {n: values of the seeds}}, in the order of MODELS and SHADOWS."""
    return _report.by_model(rows, (*MODELS, *SHADOWS), "n", measure)


def share_of_variance(row):
    return row["squared_error"] / row["variance"]
