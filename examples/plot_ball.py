"""
One layer of sigmoids and two on a ball in 50 dimensions
========================================================

Labels say whether a point of 50 dimensions lies in a ball. Three models, shown by what
they predict for new points against the distance from the centre: a thousand frozen
sigmoids under another sigmoid; the same sigmoids under a linear output; and one layer
of sigmoids whose weights are all trained. With a sigmoid on top the prediction is a
step at the right radius; one layer blurs it. For some laws of the norm no algorithm in
polynomial time brings one layer within c/d^4 (Safran and Lee 2022, Theorem 2), and
gradient descent on it stays above a constant (Theorem 3).
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.neural_network import MLPRegressor

from sklearn_depth import FixedHiddenSigmoidRegressor, KernelRidge
from sklearn_depth.datasets import make_ball_indicator

X, y, ball = make_ball_indicator(3000, 50, return_truth=True, random_state=0)
X_new, y_new = ball.sample(2000, random_state=1)

net = FixedHiddenSigmoidRegressor(random_state=0).fit(X, y)
# A linear head on the same hidden layer: ridge regression with a linear kernel.
linear_head = KernelRidge("loo", fit_intercept=True)
linear_head.fit(net.features_.transform(X), y)
mlp = MLPRegressor(
    hidden_layer_sizes=100,
    activation="logistic",
    learning_rate_init=0.01,
    max_iter=500,
    random_state=0,
).fit(X, y)

predictions = {
    "two layers, hidden one frozen": net.predict(X_new),
    "one layer, frozen": linear_head.predict(net.features_.transform(X_new)),
    "one layer, all weights trained": mlp.predict(X_new),
}
norm = np.linalg.norm(X_new, axis=1)
figure, axes = plt.subplots(
    1, 3, figsize=(10, 3.4), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, predicted) in zip(axes, predictions.items(), strict=True):
    ax.plot(norm, predicted, ".", ms=3, alpha=0.5, color="#0072B2", rasterized=True)
    step = [norm.min(), ball.radius, ball.radius, norm.max()]
    ax.plot(step, [1, 1, 0, 0], color="black", lw=1)
    error = np.mean((predicted - y_new) ** 2)
    ax.set_title(f"{name}\nsquared error {error:.3f}", fontsize=10)
    ax.set_xlabel("distance from the centre")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("prediction; truth in black")
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "ball.png", dpi=150)
