"""
Under weight decay a deep network finds the feature that matters
================================================================

The target is the absolute value of one of 20 features, under noise. Without weight
decay a ReLU network with two hidden layers learns the noise and does little better than
kernel ridge regression. With weight decay it comes near what the noise allows.
"""

# %%
# One network for each weight decay, all trained to the last epoch for the curves.

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, ReLUNetworkRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import normalized_mse

threadpool_limits(1)  # in small matrix products threads only wait for each other
N_EPOCHS = 20
options = {"link": "abs", "direction": np.eye(20)[0], "noise": 0.5}
X, y, truth = make_single_index(1500, 20, **options, return_truth=True, random_state=0)
X_new, y_new = truth.sample(1500, random_state=1)
kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
nets = {
    decay: ReLUNetworkRegressor(
        weight_decay=decay,
        max_epochs=N_EPOCHS,
        n_iter_no_change=N_EPOCHS,
        random_state=0,
    ).fit(X, y, X_val=X_new, y_val=y_new)
    for decay in (0, 0.02, 0.05)
}

# %%
# Left, the squared error by epoch, on training samples (dashed) and on new ones. Right,
# why: the root mean square of the first layer's weights on each feature, at the best
# epoch. Decay takes away what the target does not need and keeps the feature that
# carries it. The kernel treats all features alike.

NAMES = {0: "no weight decay", 0.02: "0.02, the default", 0.05: "0.05"}
COLORS = {0: "#D55E00", 0.02: "#56B4E9", 0.05: "#0072B2"}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for decay, net in nets.items():
    style = {"color": COLORS[decay], "label": NAMES[decay]}
    epochs = np.arange(1, N_EPOCHS + 1)
    left.plot(epochs, net.validation_loss_curve_, **style)
    left.plot(epochs, net.loss_curve_, "--", color=COLORS[decay], lw=1)
    size = np.sqrt(np.mean(net.coefs_[0] ** 2, axis=1))
    right.plot(np.arange(1, 21), size, "o", ms=5, **style)
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
right.set(xlabel="feature", ylabel="root mean square weight of the first layer")
right.set(xticks=[1, 5, 10, 15, 20], ylim=(0, None))
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
