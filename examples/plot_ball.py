"""
One layer of sigmoids and two on a ball in 50 dimensions
========================================================

A label says whether a point of 50 dimensions lies in a ball. A thousand frozen sigmoids
under another sigmoid learn the step at the right radius. One frozen layer blurs it to a
slope, and one trained layer stays near the mean. For some laws of the norm no algorithm
in polynomial time brings one layer within c/d^4 (Safran and Lee 2022, Theorem 2), and
gradient descent on it stays above a constant (Theorem 3).
"""

# %%
# Three models get the same 2000 labels. The first has two layers, and its hidden one is
# frozen. The second puts a linear output on the same frozen layer. The third has one
# layer of 100 sigmoids and trains all its weights, with early stopping.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline

from sklearn_depth import FixedHiddenSigmoidRegressor, KernelRidge
from sklearn_depth.datasets import make_ball_indicator
from sklearn_depth.features import SigmoidFeatures

X, y, ball = make_ball_indicator(2000, 50, return_truth=True, random_state=0)
linear_head = KernelRidge("loo", fit_intercept=True)  # ridge regression
models = {
    "two layers, hidden one frozen": FixedHiddenSigmoidRegressor(random_state=0),
    "one layer, frozen": make_pipeline(SigmoidFeatures(random_state=0), linear_head),
    "one layer, all weights trained": MLPRegressor(
        activation="logistic",
        learning_rate_init=0.01,
        early_stopping=True,
        random_state=0,
    ),
}
for model in models.values():
    model.fit(X, y)

# %%
# Predictions for new points against their distance from the centre. The black line is
# the truth: 1 inside the ball, 0 outside.

X_new, y_new = ball.sample(2000, random_state=1)
norm = np.linalg.norm(X_new, axis=1)
figure, axes = plt.subplots(
    1, 3, figsize=(10, 3.4), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, model) in zip(axes, models.items(), strict=True):
    predicted = model.predict(X_new)
    ax.plot(norm, predicted, ".", ms=3, alpha=0.5, color="#0072B2", rasterized=True)
    step = [norm.min(), ball.radius, ball.radius, norm.max()]
    ax.plot(step, [1, 1, 0, 0], color="black", lw=1)
    error = np.mean((predicted - y_new) ** 2)
    ax.set_title(f"{name}\nsquared error {error:.3f}", fontsize=10)
    ax.set_xlabel("distance from the centre")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("prediction; truth in black")
plt.show()
