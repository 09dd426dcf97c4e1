"""ReLU networks by SGD: epochs, predictions and searches against their rivals."""

from speed.case import Case, Side

TITLE = "Deep networks"
D, WIDTH, BATCH = 50, 256, 256

# Every side has trained on a few rows, and threads have run, when the clock starts.
SETUP = """
import warnings
import numpy as np
import torch
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn_depth import ReLUNetworkRegressor
warnings.simplefilter("ignore")  # of max_iter
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

def rate(size=2000, repeats=5):
    A = torch.rand(size, size)
    A @ A
    start = time.perf_counter()
    for _ in range(repeats):
        A @ A
    return 2 * repeats * size**3 / (time.perf_counter() - start)
"""
OURS = "ours.fit({}).n_iter_"
RIVALS = {
    'MLPRegressor, solver="sgd"': "theirs.set_params(solver='sgd').fit({}).n_iter_",
    'MLPRegressor, solver="adam"': "theirs.set_params(solver='adam').fit({}).n_iter_",
    "a bare loop of torch": "loop({})",
}
LIMITS = dict(zip(RIVALS, ["<= 1", "<= 1", "<= 1.3"], strict=True))
ROW_RIVALS = {
    "MLPRegressor": ("theirs", "<= 1"),
    "StandardScaler and MLPRegressor": ("make_pipeline(StandardScaler(), theirs)", ""),
}

# Workers are started, and have trained, outside the clock.
SEARCH = """
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GridSearchCV
from sklearn_depth import ReLUNetworkRegressor
from sklearn_depth.datasets import make_multi_index
X, y = make_multi_index({n}, 20, noise=0.1, random_state=0)
net = ReLUNetworkRegressor(max_epochs=20, random_state=0)
search = GridSearchCV(
    net, {{"weight_decay": [0, 0.01, 0.02, 0.05]}}, cv=2, n_jobs={jobs}, refit=False
)
with parallel_config({backend!r}):
    begin = time.perf_counter()
    Parallel({jobs})(delayed(net.fit)(X[:600], y[:600]) for _ in range(4))
    starting = time.perf_counter() - begin
"""


def cases(quick):
    if quick:
        return [
            *epochs(4000, "float32", 1, 2),
            *predictions("float32", 200),
            search(1000, "loky"),
        ]
    return [
        *epochs(20_000, "float32", 1),
        *epochs(20_000, "float64", 1),
        *epochs(20_000, "float32", 0),
        *predictions("float32", 1000),
        *predictions("float64", 1000),
        search(4000, "loky"),
        search(4000, "threading"),
    ]


def set_up(n, dtype, n_epochs):
    return SETUP.format(
        n=n, d=D, dtype=dtype, epochs=n_epochs, width=WIDTH, batch=BATCH
    )


def epochs(n, dtype, threads, n_epochs=5):
    """The same network, beside the rate of single-precision products."""
    setup = set_up(n, dtype, n_epochs)
    # Forward, and back to weights and to layers; the inputs need no derivative.
    n_weights = WIDTH * (D + WIDTH + 1)
    n_operations = 2 * n_epochs * n * (3 * n_weights - D * WIDTH)
    share = f"gemm_share={n_operations} / (seconds * rate())"
    ours = trained("ReLUNetworkRegressor", OURS, setup, threads, share)
    how = "one thread" if threads else "all threads"
    return [
        Case(
            f"{n_epochs} epochs, n={n}, {dtype}, {how}: ours / {name}",
            8,
            ours,
            trained(name, train, setup, threads),
            asked=LIMITS[name],
            same=1e-9,
            repeats=2,
        )
        for name, train in RIVALS.items()
    ]


def trained(name, train, setup, threads, *numbers):
    """Of the epochs that were asked for, which both sides must have run."""
    warm = setup + train.format("X[:600], y[:600]")
    work = f"done = {train.format('X, y')}"
    return Side(name, work, warm, ", ".join(["same=done", *numbers]), threads)


def predictions(dtype, times):
    """One row at a time, which is what overheads are seen in."""
    ours = one_row("ours", "ours", dtype, times)
    return [
        Case(
            f"predictions of one row, {dtype}: ours / {name}",
            8,
            ours,
            one_row(name, model, dtype, times),
            asked=asked,
        )
        for name, (model, asked) in ROW_RIVALS.items()
    ]


def one_row(name, model, dtype, times):
    setup = set_up(600, dtype, 1)
    return Side(
        name,
        f"for _ in range({times}): model.predict(X[:1])",
        f"{setup}\nmodel = {model}.fit(X, y)\nmodel.predict(X[:1])",
        f"seconds=seconds / {times}",
        threads=1,
    )


def search(n, backend):
    """Eight fits in two processes or threads, against one after the other."""
    two, one = (
        Side(
            f"n_jobs={jobs}",
            f"with parallel_config({backend!r}): search.fit(X, y)",
            SEARCH.format(n=n, jobs=jobs, backend=backend),
            "start_up_seconds=starting",
        )
        for jobs in (2, 1)
    )
    title = f"GridSearchCV, 8 fits, n={n // 2} each, {backend}: n_jobs=2 / 1"
    return Case(title, 8, two, one, "<= 1", repeats=2)
