"""
Fixed, random and learned features on four tasks
================================================

A ball asks for a second layer, a target of two directions for learned features, a cubic
for its own basis, a small real table for little more than a line. Each model is a tuned
Pipeline in three outer folds; noise bounds R² by 0.92 and 0.99 on the middle tasks.
"""

from os.path import relpath
from pathlib import Path

import numpy as np
from comparison import compare, draw, print_table
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.kernel_approximation import RBFSampler
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

import sklearn_depth as sd
from sklearn_depth.datasets import make_ball_indicator, make_multi_index

product = {"n_directions": 2, "link": "product", "noise": 0.3}
cubic = {"n_directions": 8, "link": "polynomial", "noise": 0.1}
TASKS = {
    "ball, d=20": make_ball_indicator(1200, 20, random_state=0),
    "two directions, d=50": make_multi_index(1200, 50, **product, random_state=0),
    "random cubic, d=8": make_multi_index(1200, 8, **cubic, random_state=0),
    "diabetes, d=10": load_diabetes(return_X_y=True),
}
GAMMA, RIDGE = [0.003, 0.01, 0.03, 0.1], RidgeCV(np.logspace(-3, 5, 9))
KERNEL = sd.KernelRidge("loo", kernel="rbf", fit_intercept=True)
MLP = TransformedTargetRegressor(
    MLPRegressor(max_iter=300, random_state=0), transformer=StandardScaler()
)
RANDOM_COSINES = make_pipeline(RBFSampler(n_components=500, random_state=0), RIDGE)
SQUARES = FunctionTransformer(lambda X: np.hstack([X, X**2]))
LOGISTIC = make_pipeline(SQUARES, StandardScaler(), LogisticRegression(max_iter=2000))
# What follows a StandardScaler, the grid it is tuned on, and the tasks if not all.
MODELS = {
    "Sigmoid": (sd.FixedHiddenSigmoidRegressor(400, random_state=0), {}),
    "Hermite": (sd.HermitePolynomialRegressor(), {"degree": [1, 2, 3]}),
    "TwoLayer": (sd.TwoLayerGDRegressor(random_state=0), {"n_feature_steps": [1, 5]}),
    "KernelLOO": (KERNEL, {"gamma": GAMMA}),
    "Kernel": (
        KernelRidge(kernel="rbf"),
        {"gamma": GAMMA, "alpha": [0.01, 0.1, 1, 10]},
    ),
    "MLP": (MLP, {"regressor__alpha": [1e-4, 1.0]}),
    "HistGB": (
        HistGradientBoostingRegressor(random_state=0),
        {"learning_rate": [0.03, 0.1]},
    ),
    "Spline": (
        make_pipeline(SplineTransformer(), RIDGE),
        {"splinetransformer__n_knots": [4, 8]},
    ),
    "RBFSampler": (RANDOM_COSINES, {"rbfsampler__gamma": GAMMA}),
    "Squares": (
        LOGISTIC,
        {"logisticregression__C": [0.1, 1, 10, 100, 1000]},
        "ball, d=20",
    ),
}

results = compare(TASKS, MODELS)
print_table(results, MODELS)
output = Path(__file__).parent / "output" if "__file__" in globals() else Path("output")
output.mkdir(exist_ok=True)
draw(results, MODELS, n_ours=4).savefig(output / "separation.png", dpi=150)
print(f"Figure written to {relpath(output / 'separation.png')}")
