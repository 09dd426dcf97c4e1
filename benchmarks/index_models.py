"""The learned layer with and without narrowing, and rivals, on index models."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from processes import print_header
from rivals import XRFM
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skpp import ProjectionPursuitRegressor

from sklearn_depth import KernelRidge, TwoLayerGDRegressor

N_SEEDS = 5
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

    ``noise`` is its standard deviation over that of the target. ``n_link`` counts the
    parameters of the smallest natural family of links within the subspace.
    """

    title: str
    d: int
    n: int
    noise: float
    rank: int
    link: Callable
    n_link: int | None = None

    @property
    def about(self):
        return f"{self.title}: {self.d}, {self.n}, {self.noise}, {self.rank}"

    @property
    def limit(self):
        """Error that noise leaves, s^2 (r (d - r) + f) / n over the target's variance.

        That is what least squares over all subspaces of rank r and links of f
        parameters has on many rows.
        """
        n_searched = self.rank * (self.d - self.rank)
        return self.noise**2 * (n_searched + self.n_link) / self.n

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


# Families of links: polynomials of degree 3; two slopes and a constant; a value for
# each octant; three units of three weights, and a constant; lines; ten sines on axes
# that turn, and a constant; quadratics.
TASKS = [
    Task("He2 + He3", 100, 1000, 0.5, 1, lambda Z: both(Z[:, 0]), 4),
    Task("He2 + He3", 50, 500, 0, 1, lambda Z: both(Z[:, 0])),
    Task("He2 + He3", 100, 2000, 0, 1, lambda Z: both(Z[:, 0])),
    Task("cubic", 50, 2000, 0, 3, cubic),
    Task("He3", 50, 4000, 0, 1, lambda Z: he3(Z[:, 0])),
    Task("absolute value", 100, 2000, 0.3, 1, lambda Z: np.abs(Z[:, 0]), 3),
    Task("signs of products", 30, 3000, 0.3, 3, sign_products, 8),
    Task("signed ReLUs", 50, 2000, 0.5, 3, signed_relus, 10),
    Task("linear", 50, 300, 1, 1, lambda Z: Z[:, 0], 2),
    Task("sines", 20, 2000, 0.2, 10, lambda Z: np.sin(1.5 * Z).sum(axis=1), 56),
    Task("Friedman", 10, 500, 0.2, 0, friedman),
    Task("squares", 30, 1000, 0.2, 10, lambda Z: (Z**2).sum(axis=1), 66),
]
# Nobody learns this one; it stays out of the mean.
HIGH_FREQUENCY = Task("cos 4z", 30, 2000, 0.3, 1, lambda Z: np.cos(4 * Z[:, 0]))
OURS = "narrowed", "all directions"
MODELS = {
    "narrowed": lambda seed: TwoLayerGDRegressor(random_state=seed),
    "all directions": lambda seed: TwoLayerGDRegressor(
        n_directions=None, random_state=seed
    ),
    "refined": lambda seed: TwoLayerGDRegressor(refine=True, random_state=seed),
    "KernelRidge, RBF": lambda seed: make_pipeline(
        StandardScaler(), KernelRidge("loo", kernel="rbf", fit_intercept=True)
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
    "xRFM": lambda seed: XRFM(random_state=seed),
}
PURSUITS = {
    f"projection pursuit, {r}": lambda seed, r=r: ProjectionPursuitRegressor(
        r=r, random_state=seed
    )
    for r in (1, 3, 8)
}


def measure(make, task, seed):
    """Squared error over the variance of the target, and CPU seconds of the fit."""
    X, y, X_new, target = task.draw(seed)
    estimator = make(seed)
    start = time.process_time()
    estimator.fit(X, y)
    seconds = time.process_time() - start
    error = np.mean((np.ravel(estimator.predict(X_new)) - target) ** 2)
    return error / target.var(), seconds


def measure_task(task, ledger):
    """Mean (error, seconds) of each model, and of projection pursuit's best rank."""
    runs = {
        name: np.mean(
            [
                ledger.get(
                    (task.about, seed, name),
                    lambda make=make, seed=seed: measure(make, task, seed),
                )
                for seed in range(N_SEEDS)
            ],
            axis=0,
        )
        for name, make in {**MODELS, **PURSUITS}.items()
    }
    best = min((runs.pop(name) for name in PURSUITS), key=lambda run: run[0])
    return {**runs, "projection pursuit": best}


def print_task(task, runs):
    cells = [f"{error:.4f}" for error, _ in runs.values()]
    over = "-"
    if task.noise and task.n_link:
        over = f"{runs['narrowed'][0] / task.limit:.1f}"
    seconds = " / ".join(f"{runs[name][1]:.1f}" for name in (*OURS, "xRFM"))
    print(f"| {task.about} | {' | '.join(cells)} | {over} | {seconds} |", flush=True)


def print_errors(ledger):
    print_header(
        "task: d, n, noise, rank",
        *MODELS,
        "projection pursuit, best rank",
        "narrowed / limit",
        "CPU seconds, narrowed / all / xRFM",
    )
    means = []
    for task in TASKS:
        runs = measure_task(task, ledger)
        print_task(task, runs)
        means.append([error for error, _ in runs.values()])
    geometric = np.exp(np.mean(np.log(np.maximum(means, FLOOR)), axis=0))
    cells = " | ".join(f"{mean:.4f}" for mean in geometric)
    print(f"| geometric mean, floor {FLOOR} | {cells} | | |", flush=True)
    print_task(HIGH_FREQUENCY, measure_task(HIGH_FREQUENCY, ledger))
