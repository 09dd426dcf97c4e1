"""Directions that a kernel machine looks along, where labels show the first step none.

A Laplace kernel of |L'(z - z')|, with LL' the mean outer product of the gradients of
the last fit: a recursive feature machine (Radhakrishnan, Beaglehole, Pandit and Belkin
2024). It sees fast oscillations, which bounded transforms of the labels do not show.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._label_transforms import (
    ChosenLabels,
    linear_standout,
    standout_level,
)
from sklearn_depth._solvers.two_layer._sparse import drawn_rows
from sklearn_depth._solvers.two_layer._whitening import whitened

# Kernels of more samples are not made.
_MOST_ROWS = 3000
_N_ROUNDS = 6
# Penalty, over the variance of the kernel's prior: empirical, flat within ten.
_RIDGE = 0.01
# What it may be for samples of any weight, in single precision.
_RIDGES = 3e-3, 1e3
# Distances below this share of the mean are rounding, in single precision.
_ROUNDING = 1e-3
# Of very few samples no error is below chance, but an exact fit is no noise.
_LEAST_BAR = 0.1


def stands_out(labels: ChosenLabels, samples: Samples) -> bool:
    """Whether the labels of the first step show a direction, or y a trend."""
    inputs, targets = whitened(samples), samples.targets / samples.scale
    beyond = labels.standout > standout_level(inputs.shape[1])
    return beyond or linear_standout(inputs, targets, samples.share) > 1


def error_of_chance(n_samples: int) -> float:
    """An estimated error, over the variance of y, that is no better than the mean."""
    return max(1 - 2 / np.sqrt(n_samples), _LEAST_BAR)


def kernel_covariance(samples: Samples, rng: np.random.Generator) -> Array:
    """E[sum_k grad f_k grad f_k'] of the kernel machine of the last round, scaled.

    In single precision: directions are all that is taken from it.
    """
    if len(samples) > _MOST_ROWS:
        samples = samples[np.unique(drawn_rows(samples, _MOST_ROWS, rng))]
    covariance = np.eye(samples.n_features)
    for _ in range(_N_ROUNDS):
        try:
            gradients = _gradients(samples, covariance)
        except linalg.LinAlgError:  # the metric has come too close to one direction
            break
        share = samples.share[:, None]
        covariance = np.sum([g.T @ (share * g) for g in gradients], axis=0)
        total = np.trace(covariance)
        if total <= 0:
            return np.eye(samples.n_features)
        covariance *= samples.n_features / total
    return covariance


def _gradients(samples: Samples, metric: Array) -> list[Array]:
    """Those of each target's machine at the samples, (n_samples, n_features) each."""
    values, vectors = np.linalg.eigh(metric)
    root = vectors * np.sqrt(np.maximum(values, 0))
    inputs = _of_unit_size(samples.X @ root)
    distances = _distances(inputs)
    kernel = np.exp(-distances)
    regularised = kernel.copy()
    regularised.flat[:: len(kernel) + 1] += np.clip(_RIDGE / samples.weight, *_RIDGES)
    centred = (samples.targets - samples.mean).astype(np.float32)
    factor = linalg.cho_factor(regularised, overwrite_a=True, check_finite=False)
    dual = linalg.cho_solve(factor, centred, check_finite=False)
    np.divide(kernel, distances, out=kernel, where=distances > 0)
    kernel[distances <= 0] = 0
    found = []
    for a in dual.T:
        pull = kernel * a
        moved = pull @ inputs - pull.sum(axis=1, keepdims=True) * inputs
        found.append(moved.astype(np.float64) @ root.T)
    return found


def _of_unit_size(inputs: Array) -> NDArray[np.float32]:
    """Centred, of mean square 1."""
    centred = inputs - inputs.mean(axis=0)
    size = np.sqrt(np.mean(centred**2))
    return (centred / (size if size > 0 else 1)).astype(np.float32)


def _distances(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over a typical one; 0 where that is rounding."""
    squares = np.einsum("ij,ij->i", inputs, inputs)
    distances: NDArray[np.float32] = squares[:, None] + squares
    distances -= 2 * inputs @ inputs.T
    np.maximum(distances, 0, out=distances)
    np.sqrt(distances, out=distances)
    unit = distances.mean()
    distances[distances < _ROUNDING * unit] = 0
    distances /= unit if unit > 0 else 1
    return distances
