"""
What a network has learned of one direction
===========================================

The target is a staircase along one direction of 40 features, under noise of half a
step. With 200 samples the learned curve is a slope. With 1000 the direction is right
and the steps show. A sum of ReLUs can climb a step only by a steep slope.
"""

# %%
# One network for each number of samples.

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.inspection import LinkFunctionDisplay
from sklearn_depth.metrics import subspace_alignment_score

threadpool_limits(1)  # in small matrix products threads only wait for each other
SIZES = 200, 1000, 4000
options = {"link": "staircase", "noise": 0.5, "return_truth": True, "random_state": 0}
draws = [make_single_index(n_samples, 40, **options) for n_samples in SIZES]
networks = [
    TwoLayerGDRegressor(n_hidden=200, random_state=0).fit(X, y) for X, y, _ in draws
]

# %%
# Points are training samples against the direction that the network found. The curve is
# the mean prediction along it, and the dotted line the planted link. Points scatter
# about a rough direction more than about the right one.

figure, panels = plt.subplots(
    1, 3, figsize=(10.5, 3.6), sharex=True, sharey=True, layout="constrained"
)
for ax, network, (X, y, truth) in zip(panels, networks, draws, strict=True):
    LinkFunctionDisplay.from_estimator(network, X, y, link=truth.link, ax=ax)
    score = subspace_alignment_score(network.subspace_, truth.directions)
    ax.set_title(f"{len(X)} samples: alignment {score:.2f}", fontsize=10)
    ax.set(xlabel="projection on the learned direction", ylabel="y")
for ax in panels:
    ax.get_legend().remove()
    ax.label_outer()
handles, _ = panels[0].get_legend_handles_labels()
names = "training samples", "prediction", "planted link"
figure.legend(handles, names, ncols=3, loc="outside lower center", frameon=False)
plt.show()
