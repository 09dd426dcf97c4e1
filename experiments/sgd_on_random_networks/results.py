"""The rows of results.csv, grouped, with the best rates of scikit-learn's network."""

from experiments import _report
from experiments.daniely_srebro_vardi_2023 import theory
from experiments.sgd_on_random_networks.models import MLPS, MODELS, STOPPED

# Rates chosen by the test error itself, to the rival's advantage.
ORACLES = {
    "mlp_best": ("MLPRegressor, best of three rates", MLPS),
    "mlp_stopped_best": ("the same with early stopping", STOPPED),
}
TITLES = {name: model.title for name, model in MODELS.items()} | {
    name: title for name, (title, _) in ORACLES.items()
}

error = _report.column("normalized_error")
cpu_seconds = _report.column("cpu_seconds")


def by_model(rows, measure):
    """{model: {n: values of the seeds}}, in the order of TITLES."""
    return _report.by_model(rows, TITLES, "n", measure)


def with_oracles(rows):
    """The rows, and on the same data that of the best rate under a name of its own."""
    best = {}
    for name, (_, models) in ORACLES.items():
        for row in (row for row in rows if row["model"] in models):
            key = name, row["depth"], row["d"], row["n"], row["seed"]
            if key not in best or error(row) < error(best[key]):
                best[key] = row | {"model": name}
    return [*rows, *best.values()]


def floor(depth, d, degree):
    """What polynomials of a degree leave of the variance of wide networks."""
    left, variance = (theory.floor("relu", depth, d, k) ** 2 for k in (degree, 0))
    return left / variance
