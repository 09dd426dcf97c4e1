"""The learned layer: against xRFM on many rows, and memory on more."""

from speed.case import Case, Side

TITLE = "The learned layer"

# xRFM validates on a fifth of the rows, and has targets of unit deviation.
SETUP = """
import numpy as np
from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index

def link(z):
    return (z**2 - 1) / 2**0.5 + (z**3 - 3 * z) / 6**0.5

X, y, truth = make_single_index(
    {n}, {d}, link=link, noise={noise} * 2**0.5, return_truth=True, random_state=0
)
fresh, _ = truth.sample(5000, random_state=1000)
clean = truth(fresh)

def error(predict):
    return np.mean((predict(fresh) - clean) ** 2) / clean.var()

def rate(size=2000, repeats=3):
    A = np.random.default_rng(0).standard_normal((size, size))
    A @ A
    begin = time.process_time()
    for _ in range(repeats):
        A @ A
    return 2 * repeats * size**3 / (time.process_time() - begin)
"""
XRFM_SETUP = """
import torch
from xrfm import xRFM
rival = xRFM(device=torch.device("cpu"), random_state=0, verbose=False)
"""
XRFM = """
scale = y.std()
inputs, targets = X.astype(np.float32), (y / scale).astype(np.float32)
m = 4 * len(X) // 5
rival.fit(inputs[:m], targets[:m], inputs[m:], targets[m:])
"""
XRFM_ERROR = """test_error=error(
    lambda X: scale * np.ravel(rival.predict(X.astype(np.float32)))
)"""
OURS = "model = TwoLayerGDRegressor(random_state=0).fit(X, y)"
OURS_ERROR = "test_error=error(model.predict)"


def cases(quick):
    if quick:
        return [against_xrfm(1000, 50, "<= 0.2"), many_rows(2000)]
    return [
        against_xrfm(2000, 100),
        against_xrfm(8000, 100, "<= 0.2"),
        many_rows(200_000),
    ]


def against_xrfm(n, d, asked=""):
    setup = SETUP.format(n=n, d=d, noise=0)
    share = f"gemm_share={n_operations(n, d)} / (cpu * rate())"
    return Case(
        f"d={d}, He2 + He3, n={n}: CPU time / xRFM's",
        5,
        Side("TwoLayerGDRegressor", OURS, setup, f"{OURS_ERROR}, {share}", threads=1),
        Side("xRFM", XRFM, setup + XRFM_SETUP, XRFM_ERROR, threads=1),
        asked=asked,
        of="cpu",
        repeats=2,
    )


def many_rows(n):
    setup = SETUP.format(n=n, d=50, noise=0.3)
    side = Side("TwoLayerGDRegressor", OURS, setup, OURS_ERROR)
    title = f"d=50, He2 + He3, n={n}, noise 0.3: memory"
    return Case(title, 5, side, asked="<= 2048", of="MiB", repeats=1)


def n_operations(n, d, m=1000, n_steps=5, n_ranks=3):
    """Operations of the products of matrices in our fit, by default on m units.

    Within 5 % of a count of the calls of BLAS from 8000 rows on. A head of m units on d
    inputs is fitted after each step but the last, to the full layer, to that of each
    rank and at the end. Eigendecompositions are not counted.
    """
    k = m + d
    features = 2 * n * d * m
    n_inner = n_steps + n_ranks
    # Leave-one-out takes singular vectors: of few rows in all heads, else in the last.
    vectors = n_inner * (n <= 4 * k) + (n <= 10 * k)
    heads = (n_inner + 1) * (features + n * k**2) + vectors * 2 * n * k**2
    gradients = (n_steps + 1) * (2 * features + 2 * n * d**2)
    rounds = n_ranks * n_steps * n * (m // 3) ** 2  # on a third of the units
    return heads + gradients + rounds
