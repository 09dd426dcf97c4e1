"""
A third layer finds the quadratic form that two layers cannot
=============================================================

The target is He2(q) of one quadratic form q of 12 features. No feature and no direction
shows it. A network of three layers learns q itself. A layer-wise trained network learns
such targets from about d⁴ samples, where kernels need d to twice the degree of the link
(Nichani, Damian and Lee 2023).
"""

# %%
# Three models, fitted to 2000 samples. A network that learns its first layer alone sees
# no direction that matters; the kernel sees q only through products of fourth degree.

import warnings

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, ThreeLayerFeatureRegressor, TwoLayerGDRegressor
from sklearn_depth.datasets import make_quadratic_feature
from sklearn_depth.metrics import normalized_mse

warnings.simplefilter("ignore", UserWarning)  # two layers find nothing, and say so
threadpool_limits(1)  # in small matrix products threads only wait for each other
X, y, truth = make_quadratic_feature(
    2000, 12, link="he2", noise=0.1, return_truth=True, random_state=0
)
MODELS = {
    "three layers": (ThreeLayerFeatureRegressor(), "#D55E00"),
    "two layers": (TwoLayerGDRegressor(n_hidden=200, random_state=0), "#E69F00"),
    "kernel ridge": (KernelRidge("loo", kernel="rbf", fit_intercept=True), "#0072B2"),
}
for model, _ in MODELS.values():
    model.fit(X, y)

# %%
# Predictions for new samples against the planted form. The error is a share of the
# variance.

X_new, _ = truth.sample(1000, random_state=1)
q = truth.feature(X_new)
order = q.argsort()
figure, panels = plt.subplots(
    1, 3, figsize=(10.5, 3.6), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, (model, color)) in zip(panels, MODELS.items(), strict=True):
    predicted = model.predict(X_new)
    error = normalized_mse(truth(X_new), predicted)
    ax.plot(q, predicted, ".", ms=3, color=color, rasterized=True)
    ax.plot(q[order], truth(X_new)[order], "k-", lw=1)
    ax.set_title(f"{name}: error {error:.3f}", fontsize=10)
    ax.set_xlabel("quadratic form q of a new sample")
    ax.spines[["top", "right"]].set_visible(False)
panels[0].set_ylabel("prediction; truth in black")
plt.show()
