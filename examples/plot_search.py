"""
A real table, a grid search and a progress bar
==============================================

The diabetes table of scikit-learn: 442 patients, ten columns, the progress of the
disease after a year. One GridSearchCV goes over estimators and their parameters as it
does over scikit-learn's own, and shows the time that is left through scikit-learn's
ProgressBar. Bars are mean R² on five held-out folds, lines their standard deviations.
On so small and noisy a table nothing is far ahead, linear regression included: which is
what one should learn from it before reaching for a network.
"""

from pathlib import Path

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
folds = KFold(5, shuffle=True, random_state=0)
search = GridSearchCV(pipeline, GRID, cv=folds, scoring="r2")
search.set_callbacks(ProgressBar(max_propagation_depth=0)).fit(X, y)


def title(parameters):
    """The estimator, and what was set of it."""
    name = type(parameters["model"]).__name__
    rest = [
        f"{key.removeprefix('model__')}={value}"
        for key, value in parameters.items()
        if key != "model"
    ]
    return ", ".join([name, *rest])


results = search.cv_results_
order = np.argsort(results["mean_test_score"])
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ours = [
    type(parameters["model"]).__module__.startswith("sklearn_depth")
    for parameters in results["params"]
]
ax.barh(
    [title(results["params"][k]) for k in order],
    results["mean_test_score"][order],
    xerr=results["std_test_score"][order],
    color=["#0072B2" if ours[k] else "0.6" for k in order],
    ecolor="0.3",
)
ax.set_xlabel("R² on held-out rows; in grey, scikit-learn's")
ax.spines[["top", "right"]].set_visible(False)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
figure.savefig(output / "search.png", dpi=150)
