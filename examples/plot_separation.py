"""
Four tasks, and the features that each one asks for
===================================================

A ball asks for a second layer. A target of two directions asks for learned features, a
cubic for polynomials. On a small real table a straight line does as well as anything.
"""

# %%
# The tasks. Noise bounds R² by 0.92 on the two directions and by 0.99 on the cubic.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklearn_depth import (
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    TwoLayerGDRegressor,
)
from sklearn_depth.datasets import make_ball_indicator, make_multi_index

threadpool_limits(1)  # in small matrix products threads only wait for each other
product = {"n_directions": 2, "link": "product", "noise": 0.3}
cubic = {"n_directions": 8, "link": "polynomial", "noise": 0.1}
TASKS = {
    "ball, 20 features": make_ball_indicator(1000, 20, random_state=0),
    "two directions of 50": make_multi_index(1000, 50, **product, random_state=0),
    "cubic, 8 features": make_multi_index(1000, 8, **cubic, random_state=0),
    "diabetes, 10 features": load_diabetes(return_X_y=True),
}

# %%
# The models, each with its default parameters behind a ``StandardScaler``.

MODELS = {
    "line": RidgeCV(np.logspace(-3, 5, 9)),
    "kernel": KernelRidge("loo", kernel="rbf", fit_intercept=True),
    "polynomial": HermitePolynomialRegressor(3),
    "frozen sigmoids": FixedHiddenSigmoidRegressor(400, random_state=0),
    "learned layer": TwoLayerGDRegressor(n_hidden=200, random_state=0),
}


def score(model, X, y):
    """R² on samples that the fit has not seen."""
    X, X_new, y, y_new = train_test_split(X, y, test_size=0.4, random_state=0)
    return make_pipeline(StandardScaler(), model).fit(X, y).score(X_new, y_new)


results = {
    task: [score(model, *data) for model in MODELS.values()]
    for task, data in TASKS.items()
}

# %%
# R² on new samples. The best bar is dark.

figure, panels = plt.subplots(
    1, 4, figsize=(10, 3.2), sharey=True, layout="constrained"
)
for ax, (task, scores) in zip(panels, results.items(), strict=True):
    colors = np.where(np.equal(scores, max(scores)), "#0072B2", "#9AD0F0")
    bars = ax.barh(list(MODELS), np.clip(scores, 0, 1), color=colors)
    ax.bar_label(bars, [f"{score:.2f}" for score in scores], padding=2)
    ax.set(title=task, xlim=(0, 1.3), xlabel="R² on new samples")
    ax.set_xticks([0, 0.5, 1])
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
