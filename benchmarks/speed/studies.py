"""Studies: what the instrument adds to a cell, and what a second worker gains."""

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
    return [*overheads(n_cells), workers(n_fits, epochs)]


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
            f"a cell, {side.name} - {loop.name}, ms", 9, side, loop, "<= 5", "ms", True
        )
        for side in (study, kept)
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
