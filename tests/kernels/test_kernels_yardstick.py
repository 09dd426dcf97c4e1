"""On wide random networks nothing beats regression with their own kernel on average."""

from functools import cache

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_random_network
from sklearn_depth.kernels import kernel_diagonal, nngp_kernel

NETWORKS = [
    (activation, depth) for activation in ("erf", "relu") for depth in (2, 3, 4)
]
N_DRAWS = 16


def make_rivals(activation, depth):
    network = {"activation": activation, "depth": depth}
    return {
        "ntk": KernelRidge("loo", kernel="ntk", kernel_params=network),
        "rbf": KernelRidge("loo", kernel="rbf"),
        "hermite": KernelRidge("loo", kernel="hermite", degree=3),
        "trained network": MLPRegressor(
            hidden_layer_sizes=(30,) * (depth - 1),
            activation={"erf": "tanh", "relu": "relu"}[activation],
            alpha=0.3,
            solver="lbfgs",
            max_iter=50,
            random_state=0,
        ),
    }


def squared_error(model, rows, new_rows):
    X_new, y_new = new_rows
    return np.mean((model.fit(*rows).predict(X_new) - y_new) ** 2)


@cache
def error_ratios(activation, depth):
    """{rival: the own kernel's squared error over the rival's, of each network}."""
    network = {"activation": activation, "depth": depth}
    own = KernelRidge(0, kernel="nngp", kernel_params=network)
    rivals = make_rivals(**network)
    ratios = {name: [] for name in rivals}
    for seed in range(N_DRAWS):
        rng = np.random.default_rng(seed)
        *rows, truth = make_random_network(
            100, 10, **network, return_truth=True, random_state=rng
        )
        new_rows = truth.sample(500, rng)
        best = squared_error(own, rows, new_rows)
        for name, rival in rivals.items():
            ratios[name].append(best / squared_error(rival, rows, new_rows))
    return ratios


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("rival", ["ntk", "rbf", "hermite", "trained network"])
@pytest.mark.parametrize(("activation", "depth"), NETWORKS)
def test_no_rival_is_better_on_average(activation, depth, rival):
    assert np.mean(error_ratios(activation, depth)[rival]) < 1


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_its_error_is_the_variance_that_the_rows_leave(activation, noise):
    """With one hidden layer of any width, on average over networks."""
    X = make_random_network(120, 4, random_state=0)[0]
    rows, new = X[:60], X[60:]
    K = nngp_kernel(rows, activation=activation) + noise**2 * np.eye(60)
    cross = nngp_kernel(new, rows, activation=activation)
    explained = np.sum(cross * np.linalg.solve(K, cross.T).T, axis=1)
    left = kernel_diagonal(new, "nngp", activation=activation) - explained

    def targets(seed):
        truth = make_random_network(
            1, 4, width=50, activation=activation, return_truth=True, random_state=seed
        )[2]
        return truth(X)

    y = np.transpose([targets(seed) for seed in range(1, 401)])
    noisy = y[:60] + noise * np.random.default_rng(0).standard_normal((60, 400))
    model = KernelRidge(
        noise**2, kernel="nngp", kernel_params={"activation": activation}
    )
    errors = np.mean((model.fit(rows, noisy).predict(new) - y[60:]) ** 2, axis=0)
    standard_error = np.std(errors) / np.sqrt(errors.size)
    assert abs(errors.mean() - left.mean()) < 4 * standard_error
    assert standard_error < 0.1 * left.mean()
