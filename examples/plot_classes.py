"""
The exclusive or of two directions, on the plane that was learned
=================================================================

A label is 1 where two directions of ten features agree in sign, and a tenth of the 2000
labels is flipped. No feature tells anything of the label on its own, nor does any
linear function. A two-layer network finds the plane of the two directions.
"""

# %%
# The fit, its accuracy and the best one possible.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.inspection import DecisionBoundaryDisplay
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDClassifier
from sklearn_depth.datasets import make_multi_index_labels

threadpool_limits(1)  # in small matrix products threads only wait for each other
X, y, truth = make_multi_index_labels(
    2000, 10, noise=0.1, return_truth=True, random_state=0
)
net = TwoLayerGDClassifier(n_hidden=300, random_state=0).fit(X, y)
score = net.score(*truth.sample(10_000, random_state=2))
print(f"accuracy {score:.3f}, of at most {truth.bayes_accuracy:.3f}")

# %%
# New samples projected onto the learned plane, over the network's probabilities on the
# plane. Along the dashed lines one of the two true directions is 0.

REACH = 2.6
axis = np.linspace(-REACH, REACH, 100)
plane = np.stack(np.meshgrid(axis, axis), axis=-1)
inputs = net.features_.mean_ + net.features_.scale_ * (plane @ net.subspace_)
p = net.predict_proba(inputs.reshape(-1, 10))[:, 1].reshape(100, 100)

figure, ax = plt.subplots(figsize=(5.6, 4.8), layout="constrained")
display = DecisionBoundaryDisplay(
    xx0=plane[..., 0], xx1=plane[..., 1], n_classes=2, response=p
)
display.plot(plot_method="pcolormesh", ax=ax, cmap="RdBu_r", vmin=0, vmax=1)
figure.colorbar(display.surface_, label="probability of 1")
X_new, y_new = truth.sample(1000, random_state=1)
Z = net.transform(X_new)
for label, color, marker in ((0, "#053061", "o"), (1, "#67001f", "^")):
    points = Z[y_new == label].T
    ax.scatter(*points, s=9, c=color, marker=marker, lw=0, label=f"label {label}")
for u in (net.subspace_ @ truth.directions.T).T:
    along = REACH * 2 * np.array([-u[1], u[0]])
    ax.plot(*np.transpose([-along, along]), "k--", lw=1)
ax.set(
    xlim=(-REACH, REACH),
    ylim=(-REACH, REACH),
    aspect="equal",
    xlabel="first learned direction",
    ylabel="second learned direction",
)
ax.legend(frameon=True, loc="upper right")
plt.show()
