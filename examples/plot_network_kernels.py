"""
On wide random networks nothing beats their own kernel
======================================================

As their width grows, networks with random weights tend to draws of a Gaussian process.
Its covariance is the NNGP kernel of their activation and depth. Regression with that
kernel is therefore optimal: on average nothing has a smaller squared error (Lee et al.
2018). Here are four rivals, by their errors over that of the NNGP kernel.
"""

# %%
# The network's own kernel and its rivals.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_random_network

warnings.simplefilter("ignore", ConvergenceWarning)  # the training stops early
threadpool_limits(1)  # in small matrix products threads only wait for each other
LBFGS = {"solver": "lbfgs", "max_iter": 60, "random_state": 0}
STYLES = {2: ("#E69F00", "o"), 3: ("#0072B2", "s"), 4: ("#1A1A1A", "^")}


def make_models(**network):
    """The own kernel, whose best penalty is the noise's variance, none; then rivals."""
    return {
        "NNGP": KernelRidge(0, kernel="nngp", kernel_params=network),
        "tangent kernel (NTK)": KernelRidge("loo", kernel="ntk", kernel_params=network),
        "RBF kernel": KernelRidge("loo", kernel="rbf"),
        "Hermite kernel of degree 3": KernelRidge("loo", kernel="hermite", degree=3),
        "trained network": MLPRegressor(
            hidden_layer_sizes=(50,) * (network["depth"] - 1),
            activation={"erf": "tanh", "relu": "relu"}[network["activation"]],
            alpha=0.3,
            **LBFGS,
        ),
    }


def squared_errors(seed, **network):
    """Of each model, on new points of one random network."""
    rng = np.random.default_rng(seed)
    options = {"width": 500, "return_truth": True, "random_state": rng}
    X, y, truth = make_random_network(300, 8, **network, **options)
    X_new, y_new = truth.sample(500, rng)
    fits = (model.fit(X, y) for model in make_models(**network).values())
    return [np.mean((fit.predict(X_new) - y_new) ** 2) for fit in fits]


# %%
# Marks and numbers are means of four networks, bars the networks themselves.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, activation in zip(axes, ("erf", "relu"), strict=True):
    ax.axvline(1, color="0.5", lw=1)
    for depth, (color, marker) in STYLES.items():
        network = {"activation": activation, "depth": depth}
        errors = np.array([squared_errors(seed, **network) for seed in range(4)])
        ratios, heights = errors[:, 1:] / errors[:, :1], np.arange(4) + depth / 4 - 0.75
        ax.plot(ratios, np.tile(heights, (4, 1)), "|", color=color, alpha=0.6)
        ax.plot(ratios.mean(0), heights, marker, color=color, label=f"depth {depth}")
        for ratio, height in zip(ratios.mean(0), heights, strict=True):
            ax.text(5.4, height, f"{ratio:.2f}", va="center", ha="right")
    ax.set(title=f"{activation} networks", xlabel="error / that of the NNGP kernel")
    ax.set(xscale="log", xlim=(0.93, 5.5))
    ax.set_xticks([1, 2, 4], [1, 2, 4])
    ax.minorticks_off()
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_yticks(range(4), list(make_models(**network))[1:])
axes[0].invert_yaxis()
axes[0].legend(loc="upper center", frameon=False)
plt.show()
