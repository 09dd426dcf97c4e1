"""Kernel ridge regression, weighted and centred, in the dual."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._solvers._ridge import RidgeHead, check_finite
from sklearn_depth._solvers._spectrum import (
    SINGULAR,
    Alpha,
    Array,
    cholesky_factor,
    kernel_spectrum,
)


def solve_kernel_ridge(
    kernel: NDArray,
    targets: NDArray,
    sample_weight: Array | None,
    alpha: Alpha,
    *,
    fit_intercept: bool,
    alpha_floor: float = 0.0,
) -> RidgeHead:
    """Dual weights, as ``coef`` of shape (n_samples, n_targets), and the intercept.

    With R = S^(1/2) and C the kernel and z the targets centred by their weighted means,
    d = R (R C R + alpha)^-1 R z; the part of d along the mean of the features goes into
    the intercept.
    """
    kernel = kernel.astype(np.float64, copy=False)
    targets = targets.astype(np.float64, copy=False)
    weight = np.ones(len(kernel)) if sample_weight is None else sample_weight
    share = weight / weight.sum() if fit_intercept else np.zeros(len(kernel))
    root = np.sqrt(weight)[:, None]
    kernel_mean, target_mean = kernel @ share, share @ targets
    centred = kernel - kernel_mean - kernel_mean[:, None] + share @ kernel_mean
    centred *= root * root.T
    residual = root * (targets - target_mean)
    check_finite(centred, residual)
    if isinstance(alpha, str):
        spectrum, vectors = kernel_spectrum(
            centred, residual, sample_weight, int(fit_intercept)
        )
        alphas, score = spectrum.resolve_alpha(alpha, alpha_floor)
        dual = root * (vectors @ spectrum.shrink(alphas))
    else:
        alphas = np.broadcast_to(np.asarray(alpha, float), targets.shape[1:]).copy()
        score = None
        dual = root * _solve_shifted(centred, residual, alphas)
    dual -= share[:, None] * dual.sum(axis=0)
    return RidgeHead(dual, target_mean - kernel_mean @ dual, alphas, score)


def _solve_shifted(matrix: Array, targets: Array, alphas: Array) -> Array:
    """(matrix + alpha)^-1 targets, one alpha a target; least squares if singular."""
    solution = np.empty_like(targets)
    for alpha in np.unique(alphas):
        shifted = matrix + alpha * np.eye(len(matrix))
        chosen = alphas == alpha
        try:
            factor = cholesky_factor(shifted)
            solution[:, chosen] = linalg.cho_solve(factor, targets[:, chosen])
        except linalg.LinAlgError:
            level = SINGULAR * len(matrix)
            solution[:, chosen] = linalg.lstsq(shifted, targets[:, chosen], level)[0]
    return solution
