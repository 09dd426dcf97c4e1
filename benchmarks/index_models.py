"""The learned layer with and without narrowing, on twelve index models."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from processes import print_header
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import KernelRidge, TwoLayerGDRegressor

N_TEST = 5000
FLOOR = 1e-3  # below which errors count alike in the mean


def he2(z):
    return (z**2 - 1) / np.sqrt(2)


def he3(z):
    return (z**3 - 3 * z) / np.sqrt(6)


def both(z):
    return he2(z) + he3(z)


def cubic(Z):
    a, b, c = Z.T
    return he2(a) + a * b * c + he3(b) + he2(c) * a + b * c


def sign_products(Z):
    return np.sign(Z[:, 0] * Z[:, 1]) + np.sign(Z[:, 1] * Z[:, 2])


def signed_relus(Z):
    return np.maximum(Z, 0) @ [1, -1, 1]


def friedman(U):
    """Friedman's first function, of the first five columns."""
    first = 10 * np.sin(np.pi * U[:, 0] * U[:, 1]) + 20 * (U[:, 2] - 0.5) ** 2
    return first + U[:, 3:5] @ [10, 5]


@dataclass(frozen=True)
class Task:
    """A link of ``rank`` projections of Gaussian columns; rank 0: uniform columns.

    ``noise`` is its standard deviation over that of the target.
    """

    title: str
    d: int
    n: int
    noise: float
    rank: int
    link: Callable

    def draw(self, seed):
        """Training X and y, fresh X and their targets without noise."""
        rng = np.random.default_rng([self.d, self.n, seed])
        if self.rank:
            X = rng.standard_normal((self.n + N_TEST, self.d))
            target = self.link(X @ orthonormal(self.d, self.rank, rng))
        else:
            X = rng.uniform(size=(self.n + N_TEST, self.d))
            target = self.link(X)
        noise = self.noise * target.std() * rng.standard_normal(len(X))
        n = self.n
        return X[:n], (target + noise)[:n], X[n:], target[n:]


def orthonormal(d, rank, rng):
    return np.linalg.qr(rng.standard_normal((d, rank)))[0]


TASKS = [
    Task("He2 + He3", 100, 1000, 0.5, 1, lambda Z: both(Z[:, 0])),
    Task("He2 + He3", 50, 500, 0, 1, lambda Z: both(Z[:, 0])),
    Task("He2 + He3", 100, 2000, 0, 1, lambda Z: both(Z[:, 0])),
    Task("cubic", 50, 2000, 0, 3, cubic),
    Task("He3", 50, 4000, 0, 1, lambda Z: he3(Z[:, 0])),
    Task("absolute value", 100, 2000, 0.3, 1, lambda Z: np.abs(Z[:, 0])),
    Task("signs of products", 30, 3000, 0.3, 3, sign_products),
    Task("signed ReLUs", 50, 2000, 0.5, 3, signed_relus),
    Task("linear", 50, 300, 1, 1, lambda Z: Z[:, 0]),
    Task("sines", 20, 2000, 0.2, 10, lambda Z: np.sin(1.5 * Z).sum(axis=1)),
    Task("Friedman", 10, 500, 0.2, 0, friedman),
    Task("squares", 30, 1000, 0.2, 10, lambda Z: (Z**2).sum(axis=1)),
]
MODELS = {
    "narrowed": lambda seed: TwoLayerGDRegressor(random_state=seed),
    "all directions": lambda seed: TwoLayerGDRegressor(
        n_directions=None, random_state=seed
    ),
    "KernelRidge, RBF": lambda seed: make_pipeline(
        StandardScaler(), KernelRidge("gcv", kernel="rbf", fit_intercept=True)
    ),
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


def measure(model, task, seed):
    """Squared error over the variance of the target, and the seconds of the fit."""
    X, y, X_new, target = task.draw(seed)
    estimator = MODELS[model](seed)
    start = time.perf_counter()
    estimator.fit(X, y)
    seconds = time.perf_counter() - start
    return np.mean((estimator.predict(X_new) - target) ** 2) / target.var(), seconds


def print_errors(n_seeds):
    print_header("task: d, n, noise, rank", *MODELS, "seconds, narrowed / all")
    means = []
    for task in TASKS:
        runs = {
            model: np.mean([measure(model, task, s) for s in range(n_seeds)], axis=0)
            for model in MODELS
        }
        means.append([error for error, _ in runs.values()])
        cells = [f"{error:.4f}" for error in means[-1]]
        ours = " / ".join(f"{runs[m][1]:.1f}" for m in ("narrowed", "all directions"))
        about = f"{task.title}: {task.d}, {task.n}, {task.noise}, {task.rank}"
        print(f"| {about} | {' | '.join(cells)} | {ours} |", flush=True)
    geometric = np.exp(np.mean(np.log(np.maximum(means, FLOOR)), axis=0))
    cells = " | ".join(f"{mean:.4f}" for mean in geometric)
    print(f"| geometric mean, floor {FLOOR} | {cells} | |")
