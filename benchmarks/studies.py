"""Studies: what the instrument adds to a cell, and what a second worker gains."""

from processes import measure, print_header, print_ratio

N_CELLS = 1000
SECOND_LONG_FITS = 16

# Both sides draw, fit and score the same rows, one cell after the other.
SMALL = """
from tempfile import mkdtemp
from sklearn.base import clone
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits
from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import normalized_mse
from sklearn_depth.studies import sample_complexity_curve
threadpool_limits(1)
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
WORKS = {
    "a loop by hand": "by_hand()",
    "nothing kept": "study()",
    "every cell kept": "study(memory)",
}

# The workers have imported what they need, and drawn once, when the clock starts.
LONG = """
import os, warnings
os.environ["PYTHONWARNINGS"] = "ignore"  # of max_iter, in workers
import joblib
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits
from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import sample_complexity_curve
threadpool_limits(1)
warnings.simplefilter("ignore")
network = MLPRegressor(hidden_layer_sizes=(256, 256), n_iter_no_change=1000)

def study(n, repeats, n_jobs):
    with joblib.parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        return sample_complexity_curve(
            network.set_params(max_iter=25 if n > 100 else 2), make_single_index,
            train_sizes=[n], n_features=20, n_repeats=repeats, random_state=0,
        ).columns["fit_time"]

study(100, 4, {n_jobs})
"""


def print_all(repeats):
    print_overhead(repeats)
    print_workers(repeats)


def print_overhead(repeats):
    """Milliseconds that a cell takes longer than in a loop by hand."""
    print_header(
        f"{N_CELLS} cells, one process",
        "seconds, study / loop",
        "ratio (range)",
        "MiB",
        "ms a cell more",
    )
    setup = SMALL.format(cells=N_CELLS)
    runs = [
        {name: measure(setup, work) for name, work in WORKS.items()}
        for _ in range(repeats)
    ]
    for name in list(WORKS)[1:]:
        pairs = [(run[name], run["a loop by hand"]) for run in runs]
        more = sorted(1000 * (a[0] - b[0]) / N_CELLS for a, b in pairs)
        print_ratio(name, pairs, f"{more[0]:.2f} to {more[-1]:.2f}")


def print_workers(repeats):
    """Two worker processes against one after the other, one BLAS thread each."""
    print_header(
        f"{SECOND_LONG_FITS} fits",
        "seconds, n_jobs=2 / 1",
        "ratio (range)",
        "MiB of the parent",
        "seconds of a fit",
    )
    runs = [[measure_workers(n_jobs) for n_jobs in (2, 1)] for _ in range(repeats)]
    shortest = min(alone[2][0] for _, alone in runs)
    longest = max(alone[2][1] for _, alone in runs)
    print_ratio("loky", runs, f"{shortest:.2f} to {longest:.2f}")


def measure_workers(n_jobs):
    return measure(
        LONG.format(n_jobs=n_jobs),
        f"times = study(2500, {SECOND_LONG_FITS}, {n_jobs})",
        "[min(times), max(times)]",
    )
