"""ReLU networks by SGD: epochs, predictions and searches against their rivals."""

import statistics

from processes import measure, print_header, print_ratio

N_ROWS, N_FEATURES, WIDTH, BATCH, EPOCHS = 20_000, 50, 256, 256, 5
GEMM_SIZE = 2000
N_PREDICTIONS = 1000
SHAPE = {"n": N_ROWS, "d": N_FEATURES, "width": WIDTH, "batch": BATCH}

# Every side has trained on a few rows, and threads have run, when the clock starts.
SETUP = """
import warnings
import numpy as np
import torch
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from sklearn_depth import ReLUNetworkRegressor
warnings.simplefilter("ignore")  # of max_iter
if {threads}:
    threadpool_limits({threads})
    torch.set_num_threads({threads})
rng = np.random.default_rng(0)
X = rng.standard_normal(({n}, {d})).astype("{dtype}")
y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]
epochs = {epochs}
shared = dict(batch_size={batch}, random_state=0)
ours = ReLUNetworkRegressor(({width}, {width}), max_epochs=epochs, **shared)
theirs = MLPRegressor(
    hidden_layer_sizes=({width}, {width}), max_iter=epochs, n_iter_no_change=epochs + 1,
    **shared,
)

def loop(X, y):
    sizes = {d}, {width}, {width}, 1
    layers = [torch.nn.Linear(*sizes[k : k + 2]) for k in range(3)]
    net = torch.nn.Sequential(
        layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2]
    )
    descent = torch.optim.SGD(net.parameters(), 0.01, 0.95, weight_decay=0.02)
    X, y = torch.tensor(X).float(), torch.tensor(y).float()[:, None]
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split({batch}):
            descent.zero_grad()
            torch.nn.functional.mse_loss(net(X[rows]), y[rows]).backward()
            descent.step()
    return epochs

def rate(repeats=5):
    A = torch.rand({size}, {size})
    A @ A
    start = time.perf_counter()
    for _ in range(repeats):
        A @ A
    return 2 * repeats * {size}**3 / (time.perf_counter() - start)
"""
SIDES = {
    'MLPRegressor, solver="sgd"': "theirs.set_params(solver='sgd').fit({}).n_iter_",
    'MLPRegressor, solver="adam"': "theirs.set_params(solver='adam').fit({}).n_iter_",
    "a bare loop of torch": "loop({})",
}
SCALED = "make_pipeline(StandardScaler(), theirs)"
OURS = "ours.fit({}).n_iter_"


def run_side(setup, side):
    """[seconds, MiB, rate of a product], of the epochs that were asked for."""
    warm = setup + side.format("X[:600], y[:600]")
    run = measure(warm, f"done = {side.format('X, y')}", "[done, rate()]")
    if run[2][0] != EPOCHS:
        raise AssertionError(f"{run[2][0]} epochs were run, not {EPOCHS}: {side}")
    return run


def print_epochs(repeats):
    """Training of the same network, beside the rate of single-precision products."""
    print_header(
        f"{EPOCHS} epochs, n={N_ROWS}, d={N_FEATURES}, hidden ({WIDTH}, {WIDTH}), "
        f"batches of {BATCH}",
        "seconds, ours / theirs",
        "ratio (range)",
        "MiB, ours / theirs",
        "our share of the gemm rate",
    )
    n_weights = WIDTH * (N_FEATURES + WIDTH + 1)
    # Forward, and back to weights and to layers; the inputs need no derivative.
    n_operations = 2 * EPOCHS * N_ROWS * (3 * n_weights - N_FEATURES * WIDTH)
    for threads, how in ((1, "one thread"), (None, "default threads")):
        for dtype in ("float32", "float64"):
            setup = SETUP.format(
                threads=threads, dtype=dtype, epochs=EPOCHS, size=GEMM_SIZE, **SHAPE
            )
            runs = [
                [run_side(setup, side) for side in (OURS, *SIDES.values())]
                for _ in range(repeats)
            ]
            share = statistics.median(
                n_operations / (ours[0] * ours[2][1]) for ours, *_ in runs
            )
            for k, name in enumerate(SIDES, start=1):
                pairs = [(run[0], run[k]) for run in runs]
                print_ratio(f"{how}, {dtype}: ours / {name}", pairs, f"{share:.2f}")


def print_predictions(repeats):
    """One row at a time, which is what overheads are seen in."""
    print_header(
        f"{N_PREDICTIONS} predictions of one row", "seconds", "ratio (range)", "MiB"
    )
    for dtype in ("float32", "float64"):
        setup = SETUP.format(
            threads=1, dtype=dtype, epochs=1, size=1, **{**SHAPE, "n": 600}
        )
        runs = [
            [
                measure(
                    f"{setup}\nmodel = {model}.fit(X, y)\nmodel.predict(X[:1])",
                    f"for _ in range({N_PREDICTIONS}): model.predict(X[:1])",
                )
                for model in ("ours", "theirs", SCALED)
            ]
            for _ in range(repeats)
        ]
        rivals = "MLPRegressor", "StandardScaler and MLPRegressor"
        for k, name in enumerate(rivals, start=1):
            pairs = [(run[0], run[k]) for run in runs]
            print_ratio(f"{dtype}: ours / {name}", pairs, digits=3)


# Workers are started, and have trained, outside the clock.
SEARCH = """
import time
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GridSearchCV
from sklearn_depth import ReLUNetworkRegressor
from sklearn_depth.datasets import make_multi_index
X, y = make_multi_index(4000, 20, noise=0.1, random_state=0)
net = ReLUNetworkRegressor(max_epochs=20, random_state=0)
search = GridSearchCV(
    net, {{"weight_decay": [0, 0.01, 0.02, 0.05]}}, cv=2, n_jobs={jobs}, refit=False
)
with parallel_config({backend!r}):
    begin = time.perf_counter()
    Parallel({jobs})(delayed(net.fit)(X[:600], y[:600]) for _ in range(4))
    starting = time.perf_counter() - begin
"""
SEARCH_WORK = "with parallel_config({!r}): search.fit(X, y)"


def print_searches(repeats):
    """Eight fits in two processes or threads, against one after the other."""
    print_header(
        "GridSearchCV, 8 fits, n=2000 each, d=20",
        "seconds, n_jobs=2 / 1",
        "ratio (range)",
        "MiB of the parent",
        "seconds, four small fits in new workers",
    )
    for backend in ("loky", "threading"):
        runs = [
            [
                measure(
                    SEARCH.format(jobs=jobs, backend=backend),
                    SEARCH_WORK.format(backend),
                    "starting",
                )
                for jobs in (2, 1)
            ]
            for _ in range(repeats)
        ]
        starting = statistics.median(two[2] for two, _ in runs)
        print_ratio(f"{backend}, default threads", runs, f"{starting:.1f}")


def print_all(repeats):
    """All tables."""
    print_epochs(repeats)
    print_predictions(repeats)
    print_searches(repeats)
