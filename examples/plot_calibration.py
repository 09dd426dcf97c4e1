"""
Probabilities of a network, with calibration and without
========================================================

A small forest is too sure of itself, and scikit-learn's calibration mends that. A
two-layer network is trained on log loss. Its probabilities are better without
calibration than the forest's are with it, and calibration does not improve them.
"""

# %%
# Two features and a circle. A label is 1 inside with probability 0.9 and outside with
# probability 0.1, so no classifier is right more often than in 90 % of cases.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.metrics import brier_score_loss
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDClassifier

threadpool_limits(1)  # in small matrix products threads only wait for each other


def sample(n_samples, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, 2))
    inside = np.linalg.norm(X, axis=1) < np.sqrt(2 * np.log(2))
    return X, (inside ^ (rng.random(n_samples) < 0.1)).astype(int)


X, y = sample(800, 0)
X_new, y_new = sample(5000, 1)
forest = RandomForestClassifier(50, random_state=0)
net = TwoLayerGDClassifier(n_hidden=100, random_state=0)
MODELS = {
    "forest": forest,
    "calibrated forest": CalibratedClassifierCV(forest, method="sigmoid", cv=3),
    "network": net,
    "calibrated network": CalibratedClassifierCV(net, method="sigmoid", cv=3),
}
for name, model in MODELS.items():
    p = model.fit(X, y).predict_proba(X_new)[:, 1]
    print(f"{name:18} Brier score {brier_score_loss(y_new, p):.4f}, at best 0.09")

# %%
# The probability of label 1, on the plane. The true circle is dashed.

angle = np.linspace(0, 2 * np.pi, 200)
circle = np.sqrt(2 * np.log(2)) * np.array([np.cos(angle), np.sin(angle)])
figure, panels = plt.subplots(
    1, 4, figsize=(10, 2.9), sharey=True, layout="constrained"
)
for ax, (name, model) in zip(panels, MODELS.items(), strict=True):
    options = {"response_method": "predict_proba", "class_of_interest": 1}
    options |= {"plot_method": "pcolormesh", "grid_resolution": 80}
    colors = {"cmap": "RdBu_r", "vmin": 0, "vmax": 1}
    surface = DecisionBoundaryDisplay.from_estimator(
        model, X, ax=ax, **options, **colors
    )
    ax.plot(*circle, "k--")
    ax.set(title=name, aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
figure.colorbar(surface.surface_, ax=panels, shrink=0.8, label="probability of 1")
plt.show()

# %%
# The share of label 1 among new samples, at each predicted probability. A calibrated
# classifier follows the diagonal.

figure, ax = plt.subplots(figsize=(5.4, 4.4), layout="constrained")
for (name, model), marker in zip(MODELS.items(), "os^D", strict=True):
    CalibrationDisplay.from_estimator(
        model, X_new, y_new, n_bins=8, strategy="quantile", name=name, ax=ax
    ).line_.set_marker(marker)
plt.show()
