"""Radial regression: errors against rivals."""

import statistics
import time
import warnings
from dataclasses import dataclass

import numpy as np
from processes import print_header
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

from sklearn_depth import KernelRidge, RadialTwoLayerRegressor
from sklearn_depth.datasets import make_radial
from sklearn_depth.features import RadialFeatures

N_SEEDS = 3
N_TEST = 5000
DIMENSIONS = 5, 20, 100, 200
TARGETS = {"sin 3r": "sine", "\\|r - 1\\|": "abs", "cos 4r": "cosine"}
SHIFT = 3  # of every coordinate, for data that are off-centre
AWAY = 0.8  # from the data's centre to that of the target, where they differ
GAMMAS = 0.03, 0.1, 0.3, 1.0
PENALTIES = np.logspace(-8, 4, 25)


@dataclass(frozen=True)
class Task:
    """A profile of the distance from a point ``away`` from the middle of the data."""

    title: str
    d: int
    n: int
    away: float = 0.0
    noise: float = 0.0

    def draw(self, seed):
        """Training X and y, fresh X and their targets without noise."""
        rng = np.random.default_rng([self.d, self.n, seed])
        X, _, truth = make_radial(
            self.n + N_TEST,
            self.d,
            profile=TARGETS[self.title],
            return_truth=True,
            random_state=rng,
        )
        center = rng.standard_normal(self.d)
        center *= self.away / np.linalg.norm(center)
        target = truth.profile(np.linalg.norm(X - center, axis=1))
        y = target + self.noise * target.std() * rng.standard_normal(len(X))
        return X[: self.n], y[: self.n], X[self.n :], target[self.n :]


class BestWidth:
    """KernelRidge of the width, and the penalty, with the least leave-one-out error."""

    def fit(self, X, y):
        fits = [
            KernelRidge("loo", kernel="rbf", gamma=gamma, fit_intercept=True).fit(X, y)
            for gamma in GAMMAS
        ]
        self.model = min(fits, key=lambda fit: fit.cv_scores_.min())
        return self

    def predict(self, X):
        return self.model.predict(X)


class DistanceSpline:
    """Splines of the distance from a centre, which a function of X finds, and ridge."""

    def __init__(self, find):
        self.find = find

    def fit(self, X, y):
        center = self.find(X)
        self.model = make_pipeline(
            FunctionTransformer(
                lambda X: np.linalg.norm(X - center, axis=1, keepdims=True)
            ),
            SplineTransformer(n_knots=25),
            RidgeCV(PENALTIES),
        ).fit(X, y)
        return self

    def predict(self, X):
        return self.model.predict(X)


class Shifted:
    """The default on data that are far from the origin."""

    def fit(self, X, y):
        self.model = RadialTwoLayerRegressor().fit(X + SHIFT, y)
        return self

    def predict(self, X):
        return self.model.predict(X + SHIFT)


def median_center(X):
    return RadialFeatures().fit(X).center_


MODELS = {
    "ours": lambda seed: RadialTwoLayerRegressor(),
    "ours, 10 000 directions": lambda seed: RadialTwoLayerRegressor(
        10_000, random_state=seed
    ),
    "ours, off-centre": lambda seed: Shifted(),
    'ours, center="learn"': lambda seed: RadialTwoLayerRegressor(center="learn"),
    "spline of the distance from the mean": lambda seed: DistanceSpline(
        lambda X: X.mean(axis=0)
    ),
    "the same from our centre": lambda seed: DistanceSpline(median_center),
    "kernel ridge, RBF": lambda seed: BestWidth(),
    "MLP, 2 x 100": lambda seed: GridSearchCV(
        make_pipeline(
            StandardScaler(),
            MLPRegressor(hidden_layer_sizes=(100, 100), random_state=seed),
        ),
        {"mlpregressor__alpha": [0.1, 1, 10]},
        cv=ShuffleSplit(1, test_size=0.2, random_state=seed),
    ),
    "HistGradientBoosting": lambda seed: HistGradientBoostingRegressor(
        random_state=seed
    ),
    "additive splines": lambda seed: make_pipeline(
        SplineTransformer(n_knots=8), RidgeCV(PENALTIES)
    ),
}
RIVALS = list(MODELS)[6:]
CENTRED = [*list(MODELS)[:3], *list(MODELS)[4:]]
ELSEWHERE = ['ours, center="learn"', "ours", *RIVALS]
NOISY = ["ours", "the same from our centre", "spline of the distance from the mean"]


def measure_error(name, task, seed):
    """Squared error over the variance of the target, and CPU seconds of the fit."""
    X, y, X_new, target = task.draw(seed)
    model = MODELS[name](seed)
    start = time.process_time()
    model.fit(X, y)
    seconds = time.process_time() - start
    return np.mean((model.predict(X_new) - target) ** 2) / target.var(), seconds


def print_errors(n, ledger):
    """Targets about the data's centre, about another point, and under noise."""
    warnings.simplefilter("ignore")  # the MLP's 200 iterations
    for about, names, options in (
        ("target, d", CENTRED, {}),
        (f"target about a point {AWAY} away, d", ELSEWHERE, {"away": AWAY}),
        ("target under noise of half its deviation, d", NOISY, {"noise": 0.5}),
    ):
        print_header(f"{about}; n={n}", *names)
        for title in TARGETS:
            for d in DIMENSIONS:
                task = Task(title, d, n, **options)
                errors = [median_error(name, task, ledger) for name in names]
                cells = " | ".join(f"{error:.2g}" for error in errors)
                print(f"| {title}, {d} | {cells} |", flush=True)


def median_error(name, task, ledger):
    key = "radial", task.title, task.d, task.n, task.away, task.noise, name
    runs = [
        ledger.get((*key, seed), lambda seed=seed: measure_error(name, task, seed))
        for seed in range(N_SEEDS)
    ]
    return statistics.median(error for error, _ in runs)
