"""
A learned layer carries over to another target
==============================================

Two targets depend on the same two directions of 50 columns, and on nothing else. The
first layer is learned from 2000 rows of one; a new head on it, ridge regression on its
units, then needs few rows of the other (Damian, Lee and Soltanolkotabi 2022, Theorem 3:
a number that depends on the directions, not on the columns). Without the first task,
the same network has to find the directions in the few rows, and a kernel cannot. With
thousands of rows nobody needs the transfer. Medians of three draws; bands are their
range.
"""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.metrics import normalized_mse

threadpool_limits(1)  # in small matrix products threads only wait for each other
SIZES = 50, 100, 200, 400, 800, 1600
D, R = 50, 2
STYLES = {
    "transferred layer, new head": ("#D55E00", "o"),
    "the same network from scratch": ("#E69F00", "D"),
    "kernel ridge, RBF": ("#0072B2", "s"),
}


def draw(link, n_samples, directions, seed):
    options = {"n_directions": R, "link": link, "directions": directions}
    return make_multi_index(
        n_samples, D, **options, noise=0.1, return_truth=True, random_state=seed
    )


def errors(seed):
    """Of each way at each size, (n_sizes, 3), without noise."""
    directions = np.linalg.qr(np.random.default_rng(seed).normal(size=(D, R)))[0].T
    source = TwoLayerGDRegressor(n_hidden=300, random_state=seed)
    source.fit(*draw("product", 2000, directions, seed)[:2])
    X, y, truth = draw("relus", max(SIZES), directions, seed + 100)
    X_new, _ = truth.sample(2000, random_state=seed + 200)
    table = []
    for n in SIZES:
        fits = (
            source.transfer(X[:n], y[:n]),
            TwoLayerGDRegressor(n_hidden=300, random_state=seed).fit(X[:n], y[:n]),
            KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X[:n], y[:n]),
        )
        target = truth(X_new)
        table.append([normalized_mse(target, fit.predict(X_new)) for fit in fits])
    return table


with warnings.catch_warnings():  # 50 samples of 50 columns show no direction
    warnings.filterwarnings("ignore", "No direction", UserWarning)
    draws = np.array([errors(seed) for seed in range(3)])
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for k, (name, (color, marker)) in enumerate(STYLES.items()):
    low, middle, high = np.quantile(draws[..., k], [0, 0.5, 1], axis=0)
    ax.fill_between(SIZES, low, high, color=color, alpha=0.15, lw=0)
    ax.loglog(SIZES, middle, marker + "-", color=color, label=name)
ax.set(xlabel="rows of the new task", ylabel="squared error / variance of the target")
ax.set_xticks(SIZES, SIZES)
ax.minorticks_off()
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "transfer.png", dpi=150)
