"""
A function of the radius costs no more in many dimensions
=========================================================

The target is sin 3r of the norm r. A network of ReLUs that shares its outer weights
among all directions is told that y is radial. Its error hardly grows from 2 dimensions
to 100, while rivals have to find out. One hidden layer of a width polynomial in d is
enough for a fixed accuracy (Safran, Eldan and Shamir 2019, Theorem 1).
"""

# %%
# 500 noisy values in 50 dimensions. The band of two standard errors widens where data
# are few.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import beta
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, RadialTwoLayerRegressor
from sklearn_depth.datasets import make_radial
from sklearn_depth.metrics import normalized_mse

threadpool_limits(1)  # in small matrix products threads only wait for each other
OPTIONS = {"profile": "sine", "noise": 0.2, "return_truth": True}
law = {"law": beta(2, 4), "scale": 2.5}
X, y, truth = make_radial(500, 50, **law, **OPTIONS, random_state=0)
r = np.linspace(0, 2.4, 200)
value, error = RadialTwoLayerRegressor().fit(X, y).profile(r)
figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(np.linalg.norm(X, axis=1), y, ".", ms=3, color="0.7", label="500 values")
ax.fill_between(r, value - 2 * error, value + 2 * error, color="#9AD0F0", lw=0)
ax.plot(r, value, color="#0072B2", label="learned, ± 2 standard errors")
ax.plot(r, truth.profile(r), "k--", lw=1, label="truth, sin 3r")
ax.set(xlabel="distance from the centre r", ylabel="y", ylim=(-2, 2))
ax.legend(frameon=False, loc="lower left")
plt.show()

# %%
# Errors on new points against the dimension: means of two draws of 600 noisy values.
# At infinite width the network is a regression on r alone.

DIMENSIONS = 2, 5, 20, 100
MODELS = {
    "trained network": MLPRegressor(alpha=1, max_iter=1000, random_state=0),
    "kernel ridge, RBF": KernelRidge("loo", kernel="rbf", fit_intercept=True),
    "gradient boosting": HistGradientBoostingRegressor(max_iter=50, random_state=0),
    "radial, 10 000 directions": RadialTwoLayerRegressor(10_000, random_state=0),
    "radial, infinite width": RadialTwoLayerRegressor(),
}


def errors(d, seed):
    """Of each model on new points, without noise, over the variance of the target."""
    X, y, truth = make_radial(600, d, **OPTIONS, random_state=seed)
    X_new, _ = truth.sample(1000, random_state=seed + 10)
    fits = [model.fit(X, y) for model in MODELS.values()]
    return [normalized_mse(truth(X_new), fit.predict(X_new)) for fit in fits]


means = [np.mean([errors(d, seed) for seed in range(2)], axis=0) for d in DIMENSIONS]
figure, ax = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
COLORS = "0.5", "#D55E00", "#E69F00", "#56B4E9", "#0072B2"
for k, (name, curve) in enumerate(zip(MODELS, np.transpose(means), strict=True)):
    ax.loglog(DIMENSIONS, curve, color=COLORS[k], marker="D^vso"[k], label=name)
ax.set(xlabel="dimension d", ylabel="squared error / variance of the target")
ax.set_xticks(DIMENSIONS, DIMENSIONS)
ax.minorticks_off()
figure.legend(frameon=False, loc="outside right center")
plt.show()
