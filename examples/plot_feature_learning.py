"""
Gradient steps turn the first layer towards the target
======================================================

The target is He4, a quartic polynomial of one direction of 40 features. It correlates
with no polynomial below the fourth degree, so that 800 samples show nothing of the
direction at first. Steps along the gradients of what has been fitted find it, a step
earlier on transformed labels than on labels as they are. Narrowing the layer to few
directions does the rest. (Damian, Lee and Soltanolkotabi 2022 ask for a part of degree
two.)
"""

# %%
# By default the network tries several transforms of the labels, such as their distance
# from the mean, and takes the one that shows most. ``label_transform=None`` takes the
# labels as they are, as the paper does. ``n_directions=None`` keeps all directions.
# Narrowed to few of them, by default, the search would find this one either way: it
# starts again from a kernel machine where the labels show nothing.

import warnings

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.inspection import FeatureLearningDisplay

threadpool_limits(1)  # in small matrix products threads only wait for each other
X, y, truth = make_single_index(
    800, 40, link="he4", noise=0.1, return_truth=True, random_state=0
)
X_new, y_new = truth.sample(2000, random_state=1)
options = {"n_hidden": 200, "n_directions": None, "random_state": 0}
networks = {
    "transformed labels": TwoLayerGDRegressor(**options),
    "labels as they are": TwoLayerGDRegressor(label_transform=None, **options),
}

# %%
# Each network is fitted once and watched through scikit-learn's callbacks. Left, the
# error on new samples after each step: gradient steps first, then narrower layers and
# other kinds. Right, how much of the planted direction lies in the leading one.

warnings.simplefilter("ignore", UserWarning)  # of the network whose steps see nothing
figure, panels = plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
for name, color in zip(networks, ("#D55E00", "#0072B2"), strict=True):
    FeatureLearningDisplay.from_estimator(
        networks[name],
        X,
        y,
        truth.directions,
        X_val=X_new,
        y_val=y_new,
        ax=panels,
        name=name,
        curve_kwargs={"color": color},
    )
plt.show()
