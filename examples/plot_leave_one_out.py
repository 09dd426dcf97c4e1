"""
The exact leave-one-out error of every penalty, from one fit
============================================================

Kernel ridge regression scores 40 penalties from one decomposition of the kernel matrix,
by the exact leave-one-out error or by its generalised form, GCV. Both have their
minimum where the error on new samples has its own.
"""

# %%
# 200 noisy samples of five features. One fit scores all penalties by leave-one-out, and
# one by GCV.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.kernel_ridge import KernelRidge as OneFit
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_multi_index

threadpool_limits(1)  # in small matrix products threads only wait for each other
ALPHAS, KERNEL = np.logspace(-5, 2, 40), {"kernel": "rbf", "gamma": 0.2}
X, y, truth = make_multi_index(
    200, 5, link="relus", noise=0.3, return_truth=True, random_state=0
)
loo = KernelRidge("loo", alphas=ALPHAS, **KERNEL).fit(X, y)
gcv = KernelRidge("gcv", alphas=ALPHAS, **KERNEL).fit(X, y)
print(f"leave-one-out takes alpha = {loo.alpha_:.3f}, GCV takes {gcv.alpha_:.3f}")

# %%
# What they are compared with: the error on 1000 new samples at each penalty, and 200
# refits without one sample at five of the penalties.

X_new, _ = truth.sample(1000, random_state=1)


def error_on_new_samples(alpha):
    predicted = KernelRidge(alpha, **KERNEL).fit(X, y).predict(X_new)
    return np.mean((predicted - truth(X_new)) ** 2) + truth.noise**2


def error_by_refits(alpha):
    predicted = cross_val_predict(OneFit(alpha, **KERNEL), X, y, cv=LeaveOneOut())
    return np.mean((predicted - y) ** 2)


# %%
# The refits agree with the exact error. Near interpolation, at the left, samples differ
# in their leverage, and GCV is too low.

figure, ax = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
ax.loglog(ALPHAS, loo.cv_errors_, color="#D55E00", label="leave-one-out, exact")
ax.loglog(ALPHAS, gcv.cv_errors_, color="#0072B2", label="GCV")
some = ALPHAS[3::9]
ax.plot(some, [error_by_refits(a) for a in some], "ko", ms=5, label="200 refits")
fresh = [error_on_new_samples(alpha) for alpha in ALPHAS]
ax.plot(ALPHAS, fresh, "k--", lw=1, label="on new samples")
ax.set(xlabel="penalty alpha", ylabel="mean squared error, noise included")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
plt.show()
