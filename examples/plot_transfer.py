"""
A learned layer carries over to another target
==============================================

Two targets depend on the same two directions of 50 features, and on nothing else. The
first layer is learned from 2000 samples of one. A new head on it then needs few samples
of the other: a number that depends on the directions, not on the features (Damian, Lee
and Soltanolkotabi 2022, Theorem 3).
"""

# %%
# ``transfer`` keeps the layer and fits a new head, ridge regression on its units.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.metrics import normalized_mse

warnings.simplefilter("ignore", UserWarning)  # 50 samples show no direction
threadpool_limits(1)  # in small matrix products threads only wait for each other
SIZES = 50, 100, 200, 400, 800, 1600
D = 50


def draw(link, n_samples, directions, seed):
    options = {"n_directions": 2, "link": link, "directions": directions}
    return make_multi_index(
        n_samples, D, **options, noise=0.1, return_truth=True, random_state=seed
    )


def errors(seed):
    """Of each way at each size, (n_sizes, 3), without noise."""
    directions = np.linalg.qr(np.random.default_rng(seed).normal(size=(D, 2)))[0].T
    source = TwoLayerGDRegressor(n_hidden=200, random_state=seed)
    source.fit(*draw("product", 2000, directions, seed)[:2])
    scratch = TwoLayerGDRegressor(n_hidden=200, random_state=seed)
    kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True)
    X, y, truth = draw("relus", max(SIZES), directions, seed + 100)
    X_new, _ = truth.sample(2000, random_state=seed + 200)
    table = []
    for n in SIZES:
        fits = source.transfer(X[:n], y[:n]), scratch.fit(X[:n], y[:n])
        fits += (kernel.fit(X[:n], y[:n]),)
        predictions = (fit.predict(X_new) for fit in fits)
        table.append([normalized_mse(truth(X_new), p) for p in predictions])
    return table


draws = np.array([errors(seed) for seed in range(2)])

# %%
# Without the first task, the same network has to find the directions in few samples,
# and a kernel cannot. With thousands of samples nobody needs the transfer. Lines are
# means of two draws, bands their range.

STYLES = {
    "transferred layer, new head": ("#D55E00", "o"),
    "the same network from scratch": ("#E69F00", "D"),
    "kernel ridge, RBF": ("#0072B2", "s"),
}
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for k, (name, (color, marker)) in enumerate(STYLES.items()):
    low, high = draws[..., k].min(axis=0), draws[..., k].max(axis=0)
    ax.fill_between(SIZES, low, high, color=color, alpha=0.15, lw=0)
    ax.loglog(SIZES, draws[..., k].mean(axis=0), marker + "-", color=color, label=name)
ax.set(xlabel="samples of the new task", ylabel="squared error / variance of y")
ax.set_xticks(SIZES, SIZES)
ax.minorticks_off()
ax.legend(frameon=False)
plt.show()
