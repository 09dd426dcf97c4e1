"""The three measurements: spectrum of the kernel, kernel ridge, trained networks.

Each is given all arguments of a cell, and takes those that it asks for.
"""

import numpy as np

from experiments.biased_ntk import data, theory
from experiments.biased_ntk import network as net
from sklearn_depth import KernelRidge
from sklearn_depth.kernels import biased_ntk_kernel
from sklearn_depth.metrics import normalized_mse

# A share of the labels' variance that training brings the error below.
FITTED = 0.1
ALPHAS = np.logspace(-8, 4, 49)


def spectrum(d, n, m, bias, seed, **others):
    """Extreme eigenvalues of H on random samples of norm 1; m = 0 is infinite width."""
    X = data.sphere(n, d, np.random.default_rng([seed, d]))
    if m == 0:
        kernel = biased_ntk_kernel(X, bias=bias)
    else:
        rng = np.random.default_rng([seed, d, m])
        kernel = net.tangent_kernel(net.start(d, m, bias, rng), X)
    values = np.linalg.eigvalsh(kernel)
    return {
        "active_start": np.trace(kernel) / (2 * n),
        "lambda_min": values[0],
        "lambda_max": values[-1],
    }


def oracle_error(kernel, y, kernel_test, y_test):
    """The least test error along the penalties, multiples of the mean eigenvalue."""
    values, vectors = np.linalg.eigh(kernel)
    penalties = ALPHAS * values.mean()
    coef = vectors @ ((vectors.T @ y)[:, None] / (values[:, None] + penalties))
    predictions = kernel_test @ coef
    return min(normalized_mse(y_test, column) for column in predictions.T)


def regression(case, d, n, bias, seed, n_test, **others):
    """Test error of kernel ridge with the limit kernel, penalty by leave-one-out."""
    X, y, X_test, y_test = data.draw(case, d, n, n_test, seed)
    kernel = biased_ntk_kernel(X, bias=bias)
    kernel_test = biased_ntk_kernel(X_test, X, bias=bias)
    model = KernelRidge("loo", kernel="precomputed").fit(kernel, y)
    return {
        "test_error": normalized_mse(y_test, model.predict(kernel_test)),
        "oracle_error": oracle_error(kernel, y, kernel_test, y_test),
    }


def training(case, d, n, m, n_steps, bias, seed, n_test, paired=False):
    """Sparsity, movement and errors of a network of m units, and of its linearisation.

    The kernel's change is that of H on the training samples, in Frobenius norm; times
    are in units of 1 / (n Phi(-B)).
    """
    X, y, X_test, y_test = data.draw(case, d, n, n_test, seed)
    rng = np.random.default_rng([seed, d, m])
    first = net.start(d, m, bias, rng, paired)
    step = theory.step_size(bias, n, n_steps)
    result = net.train(first, X.astype(np.float32), y, step, n_steps)
    last = net.Network(*(part.astype(float) for part in result.network))
    before, after = (net.tangent_kernel(network, X) for network in (first, last))
    lazy = net.linearised(first, X, y, X_test, step, n_steps)
    reached = np.flatnonzero(np.array(result.losses) < FITTED * np.var(y))
    moved = np.linalg.norm(last.rows - first.rows, axis=1)
    return {
        "active_start": net.active_share(first, X),
        "active_most": max(result.active),
        "active_end": net.active_share(last, X),
        "moved_mean": moved.mean(),
        "moved_most": moved.max(),
        "kernel_change": np.linalg.norm(after - before) / np.linalg.norm(before),
        "loss_most": max(result.losses) / np.var(y),
        "time_to_fit": theory.TIME / n_steps * min(reached, default=np.nan),
        "train_error": np.mean((net.predict(last, X) - y) ** 2) / np.var(y),
        "test_error": normalized_mse(y_test, net.predict(last, X_test)),
        "linear_error": normalized_mse(y_test, lazy),
    }


def training_paired(**cell):
    """The same from units in pairs of opposite signs, so that f starts at 0."""
    return training(**cell, paired=True)


PARTS = {
    "spectrum": spectrum,
    "regression": regression,
    "training": training,
    "training_paired": training_paired,
}
