"""The learned layer against xRFM on many rows: seconds, errors, share of the limit."""

import statistics
import time
from pathlib import Path

import numpy as np
from processes import measure, print_header

N_FEATURES = 100
CASES = (2000, 0), (8000, 0), (8000, 0.3)
GEMM_SIZE = 2000

DATA = """
import sys
sys.path.insert(0, {folder!r})
from index_models import Task, both
from learned_speed import error, gemm_rate
from rivals import XRFM
from sklearn_depth import TwoLayerGDRegressor
task = Task("", {d}, {n}, {noise}, 1, lambda Z: both(Z[:, 0]))
X, y, X_new, target = task.draw({seed})
cpu = time.process_time()
"""
OURS = "model = TwoLayerGDRegressor(random_state=0).fit(X, y)"
XRFM = "model = XRFM(random_state=0).fit(X, y)"
RESULT = "[time.process_time() - cpu, error(model, X_new, target), gemm_rate()]"


def error(model, X, target):
    """Squared error over the variance of the target."""
    return np.mean((model.predict(X) - target) ** 2) / target.var()


def gemm_rate():
    """Float64 operations a second of CPU time, of a product of square matrices."""
    A = np.random.default_rng(0).standard_normal((GEMM_SIZE, GEMM_SIZE))
    B = A[::-1].copy()
    A @ B  # the first call starts threads and buffers
    start = time.process_time()
    for _ in range(3):
        A @ B
    return 3 * 2 * GEMM_SIZE**3 / (time.process_time() - start)


def run_pair(n, noise, seed):
    """[seconds, MiB, [CPU seconds, error, gemm rate]] of ours and of xRFM."""
    setup = DATA.format(
        folder=str(Path(__file__).parent), d=N_FEATURES, n=n, noise=noise, seed=seed
    )
    return [measure(setup, work, RESULT) for work in (OURS, XRFM)]


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


def print_ratios(repeats):
    """Seconds, CPU seconds and errors of both, and the rate of our products."""
    print_header(
        f"d={N_FEATURES}, He2 + He3: n, noise",
        "CPU seconds, ours / xRFM",
        "ratio (range)",
        "seconds, ours / xRFM",
        "MiB, ours / xRFM",
        "error, ours / xRFM",
        "share of the gemm rate",
    )
    for n, noise in CASES:
        print_case(n, noise, [run_pair(n, noise, seed) for seed in range(repeats)])


def print_case(n, noise, runs):
    """The row of a case from pairs of measurements."""

    def medians(value):
        return [
            statistics.median(value(run) for run in side)
            for side in zip(*runs, strict=True)
        ]

    ratios = sorted(ours[2][0] / theirs[2][0] for ours, theirs in runs)
    cpu, error = (medians(lambda run, i=i: run[2][i]) for i in (0, 1))
    seconds, memory = (medians(lambda run, i=i: run[i]) for i in (0, 1))
    share = statistics.median(
        n_operations(n, N_FEATURES) / (cpu_seconds * rate)
        for (_, _, (cpu_seconds, _, rate)), _ in runs
    )
    print(
        f"| {n}, {noise} | {cpu[0]:.1f} / {cpu[1]:.1f} "
        f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) "
        f"| {seconds[0]:.1f} / {seconds[1]:.1f} | {memory[0]:.0f} / {memory[1]:.0f} "
        f"| {error[0]:.5f} / {error[1]:.5f} | {share:.2f} |",
        flush=True,
    )
