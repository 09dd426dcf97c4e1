"""
A function of the radius costs no more in many dimensions
=========================================================

Left, sin 3r of the norm r in 50 dimensions, learned from 500 noisy values: the band of
two standard errors widens where data are few. Right, errors on new points against the
dimension, means of two draws of 1000 noisy values. Of ReLU networks with one hidden
layer, one is told that y is radial, as all its random directions share their outer
weights; its limit of infinite width is a regression on r alone. Another, like two more
rivals, must find that out. By theory one hidden layer of a width polynomial in d is
enough for a fixed accuracy (Safran, Eldan and Shamir 2019, Theorem 1).
"""

from pathlib import Path

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
DIMENSIONS = 2, 5, 20, 100
MODELS = {
    "trained network": MLPRegressor(alpha=1, max_iter=1000, random_state=0),
    "kernel ridge, RBF": KernelRidge("loo", kernel="rbf", fit_intercept=True),
    "gradient boosting": HistGradientBoostingRegressor(random_state=0),
    "radial, 10 000 directions": RadialTwoLayerRegressor(10_000, random_state=0),
    "radial, infinite width": RadialTwoLayerRegressor(),
}
COLORS = "0.5", "#D55E00", "#E69F00", "#56B4E9", "#0072B2"


def errors(n_features, seed):
    """Of each model on new points, without noise, over the variance of the target."""
    options = {"profile": "sine", "noise": 0.2, "return_truth": True}
    rng = np.random.default_rng(seed)
    X, y, truth = make_radial(1000, n_features, **options, random_state=rng)
    X_new, _ = truth.sample(2000, random_state=rng)
    fits = [model.fit(X, y) for model in MODELS.values()]
    return [normalized_mse(truth(X_new), fit.predict(X_new)) for fit in fits]


figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
law = {"law": beta(2, 4), "scale": 2.5}
options = {"profile": "sine", "noise": 0.2, "return_truth": True, "random_state": 0}
X, y, truth = make_radial(500, 50, **law, **options)
r = np.linspace(0, 2.4, 200)
value, error = RadialTwoLayerRegressor().fit(X, y).profile(r)
left.plot(np.linalg.norm(X, axis=1), y, ".", ms=3, color="0.7", label="500 values")
left.fill_between(r, value - 2 * error, value + 2 * error, color="#9AD0F0", lw=0)
left.plot(r, value, color="#0072B2", label="learned, ± 2 standard errors")
left.plot(r, truth.profile(r), "k--", lw=1, label="truth, sin 3r")
left.set(xlabel="distance from the centre r", ylabel="y", ylim=(-2, 2))
left.legend(frameon=False, loc="lower left")
means = [np.mean([errors(d, seed) for seed in range(2)], axis=0) for d in DIMENSIONS]
for k, (name, curve) in enumerate(zip(MODELS, np.transpose(means), strict=True)):
    right.loglog(DIMENSIONS, curve, color=COLORS[k], marker="D^vso"[k], label=name)
right.set(xlabel="dimension d", ylabel="squared error / variance of the target")
right.set_xticks(DIMENSIONS, DIMENSIONS)
right.minorticks_off()
right.legend(frameon=False, loc=(0.5, 0.38))
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "radial.png", dpi=150)
