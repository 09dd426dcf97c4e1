"""
Under weight decay a deep network finds the column that matters
===============================================================

The target is the absolute value of one of 20 columns, under noise. Left, the squared
error of a ReLU network with two hidden layers by epoch, on training rows (dashed) and
on new ones: without weight decay it learns the noise and ends above kernel ridge
regression, with it it comes near what noise allows. Right, why: the root mean square of
the first layer's weights on each column, at the best epoch. Decay takes away what the
target does not need, and the column stays that carries it. The kernel treats all
columns alike.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, ReLUNetworkRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import normalized_mse

threadpool_limits(1)  # in small matrix products threads only wait for each other
COLORS = {0: "#D55E00", 0.02: "#56B4E9", 0.05: "#0072B2"}
NAMES = {0: "no weight decay", 0.02: "0.02, the default", 0.05: "0.05"}
N_EPOCHS = 30

X, y, truth = make_single_index(
    2000,
    20,
    link="abs",
    direction=np.eye(20)[0],
    noise=0.5,
    return_truth=True,
    random_state=0,
)
X_new, y_new = truth.sample(2000, random_state=1)
kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
epochs = np.arange(1, N_EPOCHS + 1)
for decay, color in COLORS.items():
    net = ReLUNetworkRegressor(
        weight_decay=decay,
        max_epochs=N_EPOCHS,
        n_iter_no_change=N_EPOCHS,  # to the end, for the curve
        random_state=0,
    ).fit(X, y, X_val=X_new, y_val=y_new)
    left.plot(epochs, net.validation_loss_curve_, color=color, label=NAMES[decay])
    left.plot(epochs, net.loss_curve_, "--", color=color, lw=1)
    size = np.sqrt(np.mean(net.coefs_[0] ** 2, axis=1))
    right.plot(np.arange(1, 21), size, "o", color=color, ms=5, label=NAMES[decay])
levels = {
    "kernel\nridge": normalized_mse(y_new, kernel.predict(X_new)),
    "noise": 1 - truth.bayes_r2,
}
for (name, level), gray in zip(levels.items(), ("0.4", "black"), strict=True):
    left.axhline(level, color=gray, lw=1)
    left.text(N_EPOCHS + 0.5, level, name, va="center", color=gray)
left.set(xlabel="epoch", ylabel="squared error / variance of the target")
left.set(xlim=(0, N_EPOCHS), ylim=(0, 1.2))
left.legend(frameon=False, loc="upper right")
right.set(xlabel="column", ylabel="root mean square weight of the first layer")
right.set(xticks=[1, 5, 10, 15, 20], ylim=(0, None))
right.legend(frameon=False, loc="center right")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "deep_networks.png", dpi=150)
