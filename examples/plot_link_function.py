"""
What a network has learned of one direction
===========================================

A staircase of one direction of 40 columns, under noise of half a step. Points are
training rows against the direction that the network found; the curve is its mean
prediction along that direction, the dotted line the planted link. With 1000 rows the
direction is right, and the steps, which a sum of ReLUs can only climb by steep slopes,
are visible; with 200 rows the curve is a slope, and points scatter about it because the
direction is rough as well.
"""

from pathlib import Path

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.inspection import LinkFunctionDisplay
from sklearn_depth.metrics import subspace_alignment_score

threadpool_limits(1)  # in small matrix products threads only wait for each other
SIZES = 200, 1000, 5000
figure, panels = plt.subplots(
    1, 3, figsize=(10.5, 3.6), sharex=True, sharey=True, layout="constrained"
)
for ax, n_samples in zip(panels, SIZES, strict=True):
    X, y, truth = make_single_index(
        n_samples, 40, link="staircase", noise=0.5, return_truth=True, random_state=0
    )
    network = TwoLayerGDRegressor(n_hidden=300, random_state=0).fit(X, y)
    LinkFunctionDisplay.from_estimator(network, X, y, link=truth.link, ax=ax)
    score = subspace_alignment_score(network.subspace_, truth.directions)
    ax.set_title(f"{n_samples} rows: alignment {score:.2f}", fontsize=10)
    ax.set(xlabel="projection on the learned direction", ylabel="y")
for ax in panels:
    ax.get_legend().remove()
panels[1].set_ylabel("")
panels[2].set_ylabel("")
handles, _ = panels[0].get_legend_handles_labels()
names = "training rows", "prediction", "planted link"
figure.legend(handles, names, ncols=3, loc="outside lower center", frameon=False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "link_function.png", dpi=150)
