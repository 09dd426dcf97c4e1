"""The mean outer product of gradients of a kernel ridge regression, as its metric."""

import numpy as np
from scipy.spatial.distance import cdist

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.directions._whitened import Array, Whitened
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge


def gradient_outer_product(
    white: Whitened, n_iter: int, bandwidth: float, alpha: float | str
) -> Array:
    """M after so many fits of K = exp(-|x - z|_M / L), from M = I on.

    M has mean eigenvalue 1 in every fit, so that L is ``bandwidth`` typical distances;
    what is returned is M as it comes out of the last. Each is one iteration of a
    recursive feature machine (Radhakrishnan et al. 2024).
    """
    samples = white.samples.at(white.z)
    length = bandwidth * np.sqrt(2 * white.rank)
    metric = np.eye(white.rank)
    for _ in range(n_iter):
        scale = np.trace(metric) / white.rank
        metric = metric / scale
        gradients = laplace_gradients(samples, metric, length, alpha)
        metric = mean_outer_product(gradients, samples.share)
        if not metric.any():
            raise ValueError(
                f"The kernel ridge regression at alpha={alpha!r} is constant: it finds "
                "nothing in y that X explains. Give more samples, or a smaller alpha."
            )
    return metric


def laplace_gradients(
    samples: Samples, metric: Array, length: float, alpha: float | str
) -> Array:
    """Gradients of ridge regressions at their samples, (n_targets, n_rows, rank).

    grad f(x) = -1/L sum_j c_j K(x, x_j) / |x - x_j|_M M (x - x_j); a sample's own term
    has none.
    """
    distances = metric_distances(samples.X, metric)
    kernel = np.exp(-distances / length)
    head = solve_kernel_ridge(kernel, samples, alpha, fit_intercept=True)
    slopes = np.divide(kernel, distances, out=np.zeros_like(kernel), where=kernel < 1)
    gradients = []
    for dual in head.dual.T:
        pull = slopes * dual
        along = pull @ samples.X - pull.sum(axis=1, keepdims=True) * samples.X
        gradients.append(along @ metric / length)
    return np.array(gradients)


def metric_distances(z: Array, metric: Array) -> Array:
    """The roots of (z_i - z_j)' M (z_i - z_j); exactly 0 on the diagonal."""
    eigenvalues, vectors = np.linalg.eigh(metric)
    turned = z @ (vectors * np.sqrt(np.maximum(eigenvalues, 0)))
    return cdist(turned, turned)


def mean_outer_product(gradients: Array, share: Array) -> Array:
    """The mean over samples, and over targets."""
    return np.mean([g.T @ (share[:, None] * g) for g in gradients], axis=0)
