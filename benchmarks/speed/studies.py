"""Studies: what the instrument adds to a cell, large tables, and a second worker."""

from speed.case import Case, Side

TITLE = "Studies"

# Both sides draw, fit and score the same rows, one cell after the other.
SMALL = """
from tempfile import mkdtemp
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import normalized_mse
from sklearn_depth.studies import sample_complexity_curve
n, d, n_test, cells = 50, 5, 50, {cells}
memory = mkdtemp()

def study(memory=None, cells=cells):
    return sample_complexity_curve(
        Ridge(), make_single_index, train_sizes=[n], n_features=d, n_test=n_test,
        n_repeats=cells, random_state=0, memory=memory,
    ).columns["normalized_mse"]

def by_hand(cells=cells):
    errors = []
    for seed in range(cells):
        X, y = make_single_index(n + n_test, d, random_state=seed)
        ridge = clone(Ridge()).fit(X[:n], y[:n])
        errors.append(normalized_mse(y[n:], ridge.predict(X[n:])))
    return errors

study(cells=2), by_hand(2)
"""
# A row a cell, as studies have them.
TABLE = """
from pathlib import Path
from tempfile import mkdtemp
import numpy as np
from sklearn_depth.studies import StudyResult
n, rng, path = {n_rows}, np.random.default_rng(0), Path(mkdtemp(), "table{suffix}")
columns = {{"estimator": rng.choice(["ridge", "two_layer"], n), "repeat": np.arange(n)}}
columns |= {{name: rng.integers(2**32, size=n) for name in ("n_samples", "data_seed")}}
columns |= {{name: rng.random(n) for name in ("normalized_mse", "fit_time")}}
columns["error"] = np.where(rng.random(n) < 0.01, "ValueError: no rows", "")
StudyResult(columns).save(path)
"""
# The workers have imported what they need, and drawn once, when the clock starts.
LONG = """
import os, warnings
os.environ["PYTHONWARNINGS"] = "ignore"  # of max_iter, in workers
import joblib
from sklearn.neural_network import MLPRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import sample_complexity_curve
warnings.simplefilter("ignore")
network = MLPRegressor(hidden_layer_sizes=(256, 256), n_iter_no_change=1000)

def study(n, repeats, n_jobs):
    with joblib.parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        return sample_complexity_curve(
            network.set_params(max_iter={epochs} if n > 100 else 2), make_single_index,
            train_sizes=[n], n_features=20, n_repeats=repeats, random_state=0,
        ).columns["fit_time"]

study(100, 4, {n_jobs})
"""


def cases(quick):
    n_cells, n_fits, epochs = (200, 4, 10) if quick else (1000, 8, 25)
    n_rows = 10_000 if quick else 1_000_000
    return [*overheads(n_cells), *tables(n_rows), workers(n_fits, epochs)]


def overheads(n_cells):
    """Milliseconds that a cell takes longer than in a loop by hand."""
    setup, numbers = SMALL.format(cells=n_cells), f"ms=1000 * seconds / {n_cells}"
    loop, study, kept = (
        Side(name, work, setup, numbers, threads=1)
        for name, work in {
            "a loop by hand": "by_hand()",
            "nothing kept": "study()",
            "every cell kept": "study(memory)",
        }.items()
    )
    return [
        Case(
            f"a cell, {side.name} - {loop.name}, ms", 29, side, loop, "<= 1", "ms", True
        )
        for side in (study, kept)
    ]


def tables(n_rows):
    """Seconds until a table is in memory."""
    return [
        Case(
            f"load {n_rows:,} rows from {suffix}, s",
            29,
            Side(
                f"StudyResult.load of {suffix}",
                "found = StudyResult.load(path)",
                TABLE.format(n_rows=n_rows, suffix=suffix),
                threads=1,
            ),
            asked="<= 10",
        )
        for suffix in (".parquet", ".csv")
    ]


def workers(n_fits, epochs):
    """Two worker processes against one after the other, one BLAS thread each."""
    two, one = (
        Side(
            f"n_jobs={n_jobs}",
            f"times = study(2500, {n_fits}, {n_jobs})",
            LONG.format(epochs=epochs, n_jobs=n_jobs),
            "longest_fit_seconds=max(times)",
            threads=1,
        )
        for n_jobs in (2, 1)
    )
    return Case(
        f"{n_fits} long fits: two workers / one", 9, two, one, "<= 0.588", repeats=2
    )
