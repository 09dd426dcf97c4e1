"""
Every method that finds directions has a blind spot
===================================================

The labels are g(<u, x>) for a link g, with noise. Sliced inverse regression (SIR) is
blind on even links, Hessian directions (pHd) where the link has no curvature on
average. All methods by moments are blind on the last link, whose generative exponent is
4. Gradients of a kernel regression (GOP) see it in most draws, at a cost that grows
with the cube of the number of samples.
"""

# %%
# Five links and five methods. The score is the squared cosine of u with the first
# direction that the method finds: the mean of 5 draws of 400 samples with 10 features.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_depth.directions import (
    DirectionalRegression,
    GradientOuterProduct,
    PrincipalHessianDirections,
    SlicedAverageVariance,
    SlicedInverseRegression,
)
from sklearn_depth.metrics import generative_exponent, subspace_alignment_score

LINKS = {
    "z": lambda z: z,
    "|z|": np.abs,
    "He3": lambda z: z**3 - 3 * z,
    "He4": lambda z: z**4 - 6 * z**2 + 3,
    "z² exp(-z²)": lambda z: z**2 * np.exp(-(z**2)),
}
METHODS = {
    "SIR": SlicedInverseRegression(1),
    "SAVE": SlicedAverageVariance(1),
    "DR": DirectionalRegression(1),
    "pHd": PrincipalHessianDirections(1),
    "GOP": GradientOuterProduct(1),
}


def alignment(link, method, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((400, 10))
    y = link(X[:, 0])
    y = y + 0.1 * y.std() * rng.standard_normal(400)  # not into X, of which z is a view
    return subspace_alignment_score(np.eye(10)[:1], method.fit(X, y).components_)


def mean_alignment(link, method):
    return np.mean([alignment(link, method, seed) for seed in range(5)])


scores = np.array(
    [[mean_alignment(g, method) for method in METHODS.values()] for g in LINKS.values()]
)

# %%
# One line for each link, with its generative exponent.

names = [f"{name}, {generative_exponent(link)}" for name, link in LINKS.items()]
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.imshow(scores, vmin=0, vmax=1, cmap="Blues", aspect="auto")
for (row, column), score in np.ndenumerate(scores):
    color = "white" if score > 0.6 else "black"
    axes.text(column, row, f"{score:.2f}", ha="center", va="center", color=color)
axes.set_xticks(range(len(METHODS)), METHODS)
axes.set_yticks(range(len(LINKS)), names)
axes.set(title="squared cosine with u", ylabel="link, generative exponent")
plt.show()
