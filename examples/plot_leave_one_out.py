"""
The exact leave-one-out error of every penalty, from one fit
============================================================

Kernel ridge regression on 300 noisy rows of five columns. The curves are two estimates
of the error on fresh rows, for 40 penalties at once, from one decomposition of the
kernel matrix: leaving one row out, exactly, and its generalised form, GCV. Dots are
what 300 refits without a row come to, at five of the penalties; the dashed line is the
error on 5000 fresh rows. Both estimates have their minimum where the fresh error has
its own. Near interpolation, at the left, rows differ in their leverage and GCV is too
low.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.kernel_ridge import KernelRidge as OneFit
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_multi_index

threadpool_limits(1)  # in small matrix products threads only wait for each other
X, y, truth = make_multi_index(
    300, 5, link="relus", noise=0.3, return_truth=True, random_state=0
)
X_new, _ = truth.sample(5000, random_state=1)
ALPHAS = np.logspace(-5, 2, 40)
GAMMA = 0.2

fresh = [
    np.mean((KernelRidge(a, kernel="rbf", gamma=GAMMA).fit(X, y).predict(X_new)
             - truth(X_new)) ** 2) + truth.noise**2
    for a in ALPHAS
]  # fmt: skip
figure, ax = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
for alpha, label, color in (("loo", "leave-one-out, exact", "#D55E00"),
                            ("gcv", "GCV", "#0072B2")):  # fmt: skip
    model = KernelRidge(alpha, kernel="rbf", gamma=GAMMA, alphas=ALPHAS).fit(X, y)
    ax.loglog(ALPHAS, model.cv_errors_, color=color, label=label)
    ax.axvline(model.alpha_, color=color, lw=0.8, ls=":")
some = ALPHAS[3::9]
refits = [
    np.mean((cross_val_predict(OneFit(a, kernel="rbf", gamma=GAMMA), X, y,
                               cv=LeaveOneOut()) - y) ** 2)
    for a in some
]  # fmt: skip
ax.plot(some, refits, "ko", ms=5, label="300 refits")
ax.plot(ALPHAS, fresh, "k--", lw=1, label="on fresh rows")
ax.set(xlabel="penalty alpha", ylabel="mean squared error, noise included")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "leave_one_out.png", dpi=150)
