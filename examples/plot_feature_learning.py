"""
Gradient steps turn the first layer towards the target
======================================================

The target is He4, a quartic, of one direction of 40 columns. Left, the error of a ridge
head on the layer after each gradient step; right, the share of the planted direction
that the layer's leading direction holds. Labels themselves correlate with no polynomial
below the fourth degree of the projection, so that steps on them, as in the paper, see
nothing at 800 rows; labels that are transformed first, their distance from the mean
among others, have a part of lower degree, and steps on the choice that is made find the
direction in four (Damian, Lee and Soltanolkotabi 2022 ask for a part of degree two).
"""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.inspection import FeatureLearningDisplay

warnings.simplefilter("ignore", UserWarning)  # where steps see nothing
threadpool_limits(1)  # in small matrix products threads only wait for each other

X, y, truth = make_single_index(
    800, 40, link="he4", noise=0.1, return_truth=True, random_state=0
)
X_new, y_new = truth.sample(2000, random_state=1)
NETWORKS = {
    "defaults": (TwoLayerGDRegressor(n_hidden=300, random_state=0), "#D55E00"),
    "labels as they are": (
        TwoLayerGDRegressor(n_hidden=300, label_transform=None, random_state=0),
        "#0072B2",
    ),
}
figure, panels = plt.subplots(1, 2, figsize=(9.6, 4), layout="constrained")
for name, (network, color) in NETWORKS.items():
    FeatureLearningDisplay.from_estimator(
        network,
        X,
        y,
        truth.directions,
        X_val=X_new,
        y_val=y_new,
        ax=panels,
        name=name,
        curve_kwargs={"color": color},
    )
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "feature_learning.png", dpi=150)
