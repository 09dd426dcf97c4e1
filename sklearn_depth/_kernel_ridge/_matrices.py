"""Kernel matrices of the samples of a fit, which memory is checked for first."""

import numpy as np
from sklearn.metrics.pairwise import check_pairwise_arrays

from sklearn_depth._solvers.ridge._landmarks import draw_landmarks
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._validation import check_symmetric_kernel

# Matrices of float64 that a fit holds at once: of all samples, with penalties given or
# chosen, and of samples and landmarks; by the evidence beside kernels and posteriors.
_MATRICES_GIVEN, _MATRICES_CHOSEN, _MATRICES_LANDMARKS = 2, 5, 3
_MATRICES_EVIDENCE = 3


def rows_that_count(X, rows, precomputed):
    """X of these samples: with a precomputed kernel, those rows and columns of it."""
    if precomputed:
        X, _ = check_pairwise_arrays(X, X, precomputed=True)
    if len(rows) < X.shape[0]:
        X = X[rows][:, rows] if precomputed else X[rows]
    if precomputed:
        check_symmetric_kernel(X)
    return X


def whole_kernel(kernel, X, search):
    """The kernel matrix of all samples, for penalties given or searched for."""
    n_matrices = _MATRICES_CHOSEN if search else _MATRICES_GIVEN
    check_memory(
        X.shape[0],
        8 * n_matrices * X.shape[0] ** 2,
        what="The kernel matrix of all samples",
        way_out="Set n_components, to a thousand say.",
    )
    return kernel.square(X)


def kernel_of_each(kernels, X, n_targets):
    """(n_kernels, n_samples, n_samples), in float64, for the evidence."""
    n_samples, n_matrices = X.shape[0], len(kernels) + n_targets + _MATRICES_EVIDENCE
    one = len(kernels) == 1
    check_memory(
        n_samples,
        8 * n_matrices * n_samples**2,
        what=f"The evidence, of {len(kernels)} kernel matrices of all samples,",
        way_out="Set n_components."
        if one
        else "Fit on fewer samples, or give one kernel.",
    )
    matrices = np.empty((len(kernels), n_samples, n_samples))
    for matrix, kernel in zip(matrices, kernels, strict=True):
        matrix[:] = kernel.square(X)
    return matrices


def landmarks_of(kernel, X, weight, n_landmarks, rng):
    """Landmarks that a randomly pivoted Cholesky factorisation of the kernel draws."""
    n_samples = X.shape[0]
    n_landmarks = min(n_landmarks, n_samples)
    check_memory(
        n_landmarks,
        8 * _MATRICES_LANDMARKS * n_samples * n_landmarks,
        what="The kernel of the landmarks",
        way_out="Lower n_components.",
    )

    def entries(rows, columns):
        return kernel.entries(X, rows, columns)

    return draw_landmarks(entries, kernel.diagonal(X), weight, n_landmarks, rng)
