"""
A real table, a grid search and a progress bar
==============================================

The diabetes table of scikit-learn has 442 patients, ten features, and the progress of
the disease after a year. One grid search compares estimators and their parameters. On
so small and noisy a table nothing is far ahead of linear regression: look at that
before you reach for a network.
"""

# %%
# One ``GridSearchCV`` goes over estimators and their parameters as it does over
# scikit-learn's own. ``ProgressBar``, which needs rich, shows the time that is left.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.callback import ProgressBar
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklearn_depth import (
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    TwoLayerGDRegressor,
)

threadpool_limits(1)  # in small matrix products threads only wait for each other
X, y = load_diabetes(return_X_y=True)
GRID = [
    {"model": [RidgeCV(np.logspace(-2, 3, 20))]},
    {"model": [TwoLayerGDRegressor(random_state=0)], "model__n_hidden": [100, 300]},
    {"model": [HermitePolynomialRegressor()], "model__degree": [1, 2, 3]},
    {
        "model": [KernelRidge("loo", kernel="rbf", fit_intercept=True)],
        "model__gamma": [0.01, 0.1],
    },
    {"model": [FixedHiddenSigmoidRegressor(n_hidden=200, random_state=0)]},
]
pipeline = Pipeline([("scale", StandardScaler()), ("model", RidgeCV())])
search = GridSearchCV(pipeline, GRID, cv=KFold(3, shuffle=True, random_state=0))
search.set_callbacks(ProgressBar(max_propagation_depth=0)).fit(X, y)
print(search.best_estimator_[-1])

# %%
# Mean R² on three held-out folds. Lines are standard deviations; scikit-learn's own
# estimator is grey.


def title(parameters):
    """The estimator, and what was set of it."""
    name = type(parameters["model"]).__name__
    rest = [f"{key[7:]}={value}" for key, value in parameters.items() if key != "model"]
    return ", ".join([name, *rest])


def color(parameters):
    """Blue for the estimators of this library."""
    module = type(parameters["model"]).__module__
    return "#0072B2" if module.startswith("sklearn_depth") else "0.6"


results = search.cv_results_
order = np.argsort(results["mean_test_score"])
models = [results["params"][k] for k in order]
means, deviations = (results[f"{kind}_test_score"][order] for kind in ("mean", "std"))
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
colors = [color(model) for model in models]
ax.barh([title(m) for m in models], means, xerr=deviations, color=colors, ecolor="0.3")
ax.set_xlabel("R² on held-out samples")
ax.spines[["top", "right"]].set_visible(False)
plt.show()
