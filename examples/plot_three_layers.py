"""
A third layer finds the quadratic form that two layers cannot
=============================================================

The target is g(q) of one quadratic form q of 12 columns, with g(q) = He2(q): no column,
and no direction, shows it. Left, the form that the middle layer of
``ThreeLayerFeatureRegressor`` has learned from 2000 rows, against the planted one on
new rows; right, predictions of three models against q. A network whose first layer is
learned sees no direction that matters, and quadratic features see q only through
products of fourth degree. (Nichani, Damian and Lee 2023: a layer-wise trained network
learns such targets from about d⁴ rows, where kernels need d to twice the degree of g.)
"""

import warnings
from pathlib import Path

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
X_new, _ = truth.sample(1000, random_state=1)
q = truth.feature(X_new)
MODELS = {
    "three layers": (ThreeLayerFeatureRegressor(), "#D55E00"),
    "two layers": (TwoLayerGDRegressor(n_hidden=300, random_state=0), "#E69F00"),
    "kernel ridge": (KernelRidge("loo", kernel="rbf", fit_intercept=True), "#0072B2"),
}
figure, panels = plt.subplots(
    1, 3, figsize=(10.5, 3.6), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, (model, color)) in zip(panels, MODELS.items(), strict=True):
    predicted = model.fit(X, y).predict(X_new)
    error = normalized_mse(truth(X_new), predicted)
    ax.plot(q, predicted, ".", ms=3, color=color, rasterized=True)
    order = q.argsort()
    ax.plot(q[order], truth(X_new)[order], "k-", lw=1)
    ax.set_title(f"{name}: error {error:.3f} of the variance", fontsize=10)
    ax.set_xlabel("quadratic form q of a new row")
    ax.spines[["top", "right"]].set_visible(False)
panels[0].set_ylabel("prediction; truth in black")
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "three_layers.png", dpi=150)
