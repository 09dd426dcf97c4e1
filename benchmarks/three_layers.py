"""Three layers on functions of one quadratic form and of the norm, against rivals."""

import time
import warnings
from dataclasses import dataclass

import numpy as np
from processes import print_header
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import (
    KernelRidge,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.datasets import make_quadratic_feature, make_radial
from sklearn_depth.metrics import normalized_mse

N_SEEDS = 3
N_TEST = 5000
TENT = "relu(1 - norm)"


@dataclass(frozen=True)
class Task:
    """A link of a quadratic form on the sphere, or a tent of the norm."""

    link: str
    d: int
    n: int

    @property
    def about(self):
        return f"{self.link}: {self.d}, {self.n}"

    def draw(self, seed):
        """Training X and y, fresh X and their targets without noise."""
        rng = np.random.default_rng([self.d, self.n, seed])
        given = {"return_truth": True, "random_state": rng}
        if self.link == TENT:
            made = make_radial(self.n, self.d, profile="tent", noise=0.02, **given)
        else:
            made = make_quadratic_feature(
                self.n, self.d, link=self.link, noise=0.1, **given
            )
        X, y, truth = made
        X_new, _ = truth.sample(N_TEST, random_state=rng)
        return X, y, X_new, truth(X_new)


TASKS = [
    Task("he1+he3", 10, 1000),
    Task("he1+he3", 16, 1000),
    Task("he1+he3", 16, 4000),
    Task("he1+he3", 24, 4000),
    Task("relu", 16, 1000),
    Task("he2", 10, 1000),
    Task("he2", 16, 4000),
    *(Task(TENT, d, n) for d in (10, 20, 50) for n in (500, 2000)),
]
MODELS = {
    "ours": lambda seed: ThreeLayerFeatureRegressor(random_state=seed),
    "ours, 600 units abs": lambda seed: ThreeLayerFeatureRegressor(
        600, activation="abs", random_state=seed
    ),
    "one step on 1000 squares": lambda seed: ThreeLayerFeatureRegressor(
        1000, scaling="sphere", start="gradient", n_refinements=0, random_state=seed
    ),
    "KernelRidge, RBF": lambda seed: KernelRidge(
        "loo", kernel="rbf", fit_intercept=True
    ),
    "TwoLayerGD": lambda seed: TwoLayerGDRegressor(random_state=seed),
    "MLP, 2 x 100": lambda seed: make_pipeline(
        StandardScaler(),
        MLPRegressor(
            hidden_layer_sizes=(100, 100),
            early_stopping=True,
            max_iter=500,
            random_state=seed,
        ),
    ),
}


def measure(make, task, seed):
    """Squared error over the variance of the target, and CPU seconds of the fit."""
    X, y, X_new, target = task.draw(seed)
    estimator = make(seed)
    start = time.process_time()
    with warnings.catch_warnings():
        # Without a linear part the two-layer net says that it finds nothing.
        warnings.filterwarnings("ignore", "No direction of the")
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    return normalized_mse(target, estimator.predict(X_new)), seconds


def print_errors(ledger):
    print_header("target: d, n", *MODELS, "CPU seconds, ours / 600 units")
    for task in TASKS:
        runs = [
            np.mean(
                [
                    ledger.get(
                        (task.about, seed, name),
                        lambda make=make, seed=seed: measure(make, task, seed),  # noqa: B023
                    )
                    for seed in range(N_SEEDS)
                ],
                axis=0,
            )
            for name, make in MODELS.items()
        ]
        cells = [f"{error:.2g}" for error, _ in runs]
        seconds = f"{runs[0][1]:.1f} / {runs[1][1]:.1f}"
        print(f"| {task.about} | {' | '.join(cells)} | {seconds} |", flush=True)
