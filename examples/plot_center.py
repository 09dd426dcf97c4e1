"""
The centre can be learned from the labels
=========================================

cos 4r of the distance r from a point that is one unit away from the middle of the data,
in 30 dimensions. Points are noisy training rows against the distance from the centre
that each fit uses. From the geometric median of the data the target is no function of
the distance; with ``center="learn"`` Gauss-Newton steps move the centre while a spline
of the distance predicts better, and the profile is found. The band has two standard
errors.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth.datasets import make_radial
from sklearn_depth.inspection import RadialProfileDisplay

rng = np.random.default_rng(0)
X, _, truth = make_radial(
    2000, 30, profile="cosine", return_truth=True, random_state=rng
)
center = rng.standard_normal(30)
center /= np.linalg.norm(center)
target = truth.profile(np.linalg.norm(X - center, axis=1))
y = target + 0.3 * rng.standard_normal(2000)

figure, panels = plt.subplots(
    1, 2, figsize=(9.6, 3.9), sharey=True, layout="constrained"
)
for ax, start in zip(panels, ("median", "learn"), strict=True):
    model = RadialTwoLayerRegressor(center=start).fit(X, y)
    RadialProfileDisplay.from_estimator(model, X, y, profile=truth.profile, ax=ax)
    away = np.linalg.norm(model.features_.center_ - center)
    ax.set_title(f'center="{start}": {away:.2f} from the planted one', fontsize=10)
    ax.get_legend().remove()
panels[1].set_ylabel("")
handles, _ = panels[0].get_legend_handles_labels()
names = "training rows", "learned profile", "planted profile"
figure.legend(handles, names, ncols=3, loc="outside lower center", frameon=False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "center.png", dpi=150)
