"""
The centre can be learned from the labels
=========================================

The target is cos 4r, where r is the distance from a point of 30 dimensions that the
model does not know. That point lies one unit away from the middle of the data. About
the middle, y is no function of the distance; ``center="learn"`` finds the point.
"""

# %%
# The planted centre, and noisy values of the profile about it.

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

# %%
# Left, distances are measured from the geometric median of the data. Right,
# Gauss-Newton steps move the centre for as long as a spline of the distance predicts
# better. Points are training samples; the band has two standard errors.

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
names = "training samples", "learned profile", "planted profile"
figure.legend(handles, names, ncols=3, loc="outside lower center", frameon=False)
plt.show()
