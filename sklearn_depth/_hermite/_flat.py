"""Fits with one penalty for all products."""

from functools import partial

import numpy as np

from sklearn_depth._base import ridge_attributes
from sklearn_depth._hermite._groups import is_listed
from sklearn_depth._hermite._sums import no_rows
from sklearn_depth._math._mehler import hermite_degree_sums
from sklearn_depth._math._tolerances import FEW_ROWS
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import is_word, settled
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import GRID_FLOOR
from sklearn_depth.utils._memory import check_memory, row_blocks

# Gram matrices' worth of memory that it takes to make one and solve.
GRAMS = 6


def fit_flat(features, samples, columns, alpha, dual):
    """The fitted attributes, by a kernel of few samples or by products and their sums.

    ``columns`` is what the map remembers of the columns of X, such as their names.
    """
    n_samples, n_products = len(samples), features._count(samples.n_features)
    alpha = settled(alpha, samples.n_rows, n_products, FEW_ROWS)
    if dual and features._is_total(samples.n_features):
        features._fit_scales(samples, columns)
        return _fit_kernel(features, samples, alpha)
    # All features, their singular vectors and work space; or Gram matrices.
    n_held = 3 * n_samples if dual or is_word(alpha, "loo") else 0
    n_held = n_held if dual else max(n_held, GRAMS * n_products)
    features._check_memory(n_products, n_held)
    features._fit_samples(samples, columns)
    with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
        head = solve_ridge(
            features._map,
            samples,
            alpha,
            n_columns=n_products,
            dual=dual,
            moments=partial(no_rows, features),
        )
    return flat_attributes(features, head, samples.X.dtype, samples.target_shape)


def flat_attributes(features, head, dtype, target_shape):
    """The fitted attributes of a ridge head on products."""
    found = ridge_attributes(head, dtype, target_shape)
    return found | {"features_": features, "degree_": features.degree}


def flat_mean(features, X, z, dual):
    """The polynomial less its intercept, from the scaled samples of the fit."""
    blocks = [
        _kernel(features._scale(X[rows]), z, features.degree) @ dual
        for rows in row_blocks(len(X), len(z))
    ]
    return np.concatenate(blocks)


def _fit_kernel(features, samples, alpha):
    """Fit by the kernel of all products, none of which is made."""
    check_memory(
        len(samples),
        8 * (features.degree + 6) * len(samples) ** 2,
        what=f"The kernel matrix of {len(samples):,} samples",
        way_out='Fit on fewer samples, or use solver="primal".',
    )
    dtype, target_shape = samples.X.dtype, samples.target_shape
    z = features._scale(samples.X).astype(np.float64, copy=False)
    head = solve_kernel_ridge(
        _kernel(z, z, features.degree),
        samples,
        alpha,
        fit_intercept=True,
        alpha_floor=max(float(np.finfo(dtype).eps), GRID_FLOOR),  # as the primal
    )
    coef = head.dual
    if is_listed(features):
        coef = sum(
            features._map(samples.X[rows]).T @ head.dual[rows]
            for rows in row_blocks(len(samples), features.n_output_features_)
        )
    head = RidgeHead(coef, head.intercept, head.alpha)
    found = flat_attributes(features, head, dtype, target_shape)
    if not is_listed(features):
        found |= {"X_fit_": z, "dual_coef_": found.pop("coef_").T}
    return found


def _kernel(x, z, degree):
    return hermite_degree_sums(x.astype(np.float64, copy=False), z, degree)
