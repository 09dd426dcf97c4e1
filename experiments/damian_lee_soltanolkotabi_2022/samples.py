"""Samples that a risk asks for, and their exponent in the dimension."""

from collections import defaultdict

import numpy as np

from experiments import _report
from experiments.damian_lee_soltanolkotabi_2022.models import MODELS

LEVEL = 0.1
TARGETS = {"he2_he3": "one direction", "cubic": "three directions"}


def by_dimension(rows):
    """{model: {d: samples needed for each seed}}."""
    curves = defaultdict(dict)
    for row in rows:
        key = row["model"], row["d"], row["seed"]
        curves[key][int(row["n"])] = float(row["risk"])
    found = [
        {"model": model, "d": d, "samples": samples_needed(risks)}
        for (model, d, _), risks in curves.items()
    ]
    return _report.by_model(found, MODELS, "d", _report.column("samples"))


def samples_needed(risks):
    """Rows at which {n: risk} falls below LEVEL for good, by a line between logs.

    Infinite where the last risk is above, and the first n where none is.
    """
    rows = sorted(risks)
    above = [k for k, n in enumerate(rows) if risks[n] > LEVEL]
    if not above:
        return float(rows[0])
    last = above[-1]
    if last + 1 == len(rows):
        return np.inf
    ends = rows[last], rows[last + 1]
    high, low = np.log([risks[n] for n in ends])
    share = (high - np.log(LEVEL)) / (high - low)
    return float(ends[0] * (ends[1] / ends[0]) ** share)


def exponent(needed):
    """Least squares slope of log medians in log d, from {d: samples of the seeds}.

    Without the dimensions at which half of the seeds do not reach the level; NaN for
    fewer than two.
    """
    medians = {d: np.median(of_seeds) for d, of_seeds in needed.items()}
    finite = {d: n for d, n in medians.items() if np.isfinite(n)}
    if len(finite) < 2:
        return np.nan
    log_d, log_n = np.log(list(finite)), np.log(list(finite.values()))
    log_d -= log_d.mean()
    return log_d @ log_n / (log_d @ log_d)


def exponent_range(needed, n_draws=500):
    """5th and 95th percentile of the exponent over seeds drawn with replacement."""
    rng = np.random.default_rng(0)
    draws = [
        exponent({d: rng.choice(n, len(n)) for d, n in needed.items()})
        for _ in range(n_draws)
    ]
    return np.nanpercentile(draws, [5, 95])
