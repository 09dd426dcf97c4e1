"""
A polynomial says which degrees and interactions a target is made of
====================================================================

A fit of Hermite products splits the variance of its target by degree and by the number
of features that a product joins. For three targets the shares agree with theory.
"""

# %%
# Three targets of six features: two random networks with one hidden layer and no
# biases, and the product of three features.

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth.datasets import make_random_network
from sklearn_depth.inspection import VarianceSharesDisplay

threadpool_limits(1)  # in small matrix products threads only wait for each other


def network(activation):
    options = {"inputs": "gaussian", "noise": 0.05, "random_state": 0}
    return make_random_network(3000, 6, activation=activation, **options)


def product():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3000, 6))
    return X, np.prod(X[:, :3], axis=1) + 0.05 * rng.standard_normal(3000)


targets = {
    "erf network": network("erf"),
    "ReLU network": network("relu"),
    "product of three features": product(),
}

# %%
# A polynomial of degree 5 is fitted to each, with a prior variance for each degree and
# number of features joined. The erf is an odd function, so its network has no even
# degrees. The ReLU is half its input plus an even function, so its network has no odd
# degree above 1. The product has degree 3 and joins three features; the fit finds
# nothing else.

size = {"figsize": (9.6, 3.6), "layout": "constrained"}
figure, axes = plt.subplots(1, 3, sharey=True, **size)
for ax, (title, (X, y)) in zip(axes, targets.items(), strict=True):
    model = HermitePolynomialRegressor(degree=5).fit(X, y)
    display = VarianceSharesDisplay.from_estimator(model, ax=ax)
    display.legends_[0].remove()  # one for all panels, below
    ax.set(title=title, ylim=(0, 1.05))
    ax.spines[["top", "right"]].set_visible(False)
    ax.label_outer()
figure.legend(handles=display.bars_, loc="outside lower center", ncols=5, frameon=False)
plt.show()
