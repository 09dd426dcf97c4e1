"""Ridge heads on features, from sums over samples or from the kernel of few."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS, NONE
from sklearn_depth._solvers.ridge._dual import solve_kernel_ridge
from sklearn_depth._solvers.ridge._moments import RidgeHead, RidgeMoments, moments_of
from sklearn_depth._solvers.ridge._penalties import Alpha, is_word, settled
from sklearn_depth._solvers.ridge._spectrum import (
    Array,
    Counts,
    Rows,
    Spectrum,
    check_finite,
)
from sklearn_depth.utils._memory import check_memory


def solve_ridge(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    alpha: Alpha,
    *,
    n_columns: int,
    dual: bool | None = None,
    fit_intercept: bool = True,
    alpha_floor: float = 0.0,
    few_rows: float = FEW_ROWS,
    moments: Callable[[int], RidgeMoments] | None = None,
) -> RidgeHead:
    """Ridge head on ``transform(X)``, by the smaller matrix unless ``dual`` says which.

    With more samples than features these are made block by block and only their moments
    kept; with fewer, the kernel matrix of all samples is. Leave-one-out holds the
    features of all samples; "auto" asks for it up to ``few_rows`` samples a feature.
    ``alpha`` counts in the user's unit of the weights. ``alpha_floor`` is raised to the
    precision of X. ``moments`` makes what keeps them.
    """
    check_memory(
        n_columns,
        8 * n_columns * min(n_columns, len(samples)),
        what=f"A head on features of {len(samples):,} samples",
        way_out="Take fewer units, knots or products, or fit on fewer samples.",
    )
    options: dict[str, Any] = {
        "fit_intercept": fit_intercept,
        "alpha_floor": max(alpha_floor, float(np.finfo(samples.X.dtype).eps)),
    }
    alpha = settled(alpha, samples.n_rows, n_columns, few_rows)
    if len(samples) <= n_columns if dual is None else dual:
        return _solve_dual(samples.at(transform(samples.X)), alpha, **options)
    if is_word(alpha, "loo"):
        return solve_by_leave_one_out(samples.at(transform(samples.X)), **options)
    n_targets = samples.n_targets
    sums = RidgeMoments(n_columns, n_targets) if moments is None else moments(n_targets)
    return sums.update_in_blocks(transform, samples).solve(alpha, **options)


def solve_by_leave_one_out(
    samples: Samples, *, fit_intercept: bool = True, alpha_floor: float = 0.0
) -> RidgeHead:
    """Ridge head from the Gram matrix, its penalty by exact leave-one-out."""
    moments, spectrum, vectors = spectrum_of(samples, fit_intercept, True)
    head = moments.solve_spectrum(spectrum, vectors, "loo", alpha_floor)
    return head.in_unit(samples.unit, "loo")


def spectrum_of(
    samples: Samples, fit_intercept: bool, leave_one_out: bool
) -> tuple[RidgeMoments, Spectrum, Array]:
    """Moments of features X and their eigenbasis; with what leave-one-out needs."""
    moments, centred, residual = moments_of(samples, fit_intercept)
    check_finite(moments.gram, moments.cross)
    moments = moments.without_constants(NONE**2)
    spectrum, vectors = moments.spectrum(int(fit_intercept))
    if leave_one_out:
        left = centred @ (vectors / np.sqrt(spectrum.eigenvalues))
        rows, counts = Rows(left, residual, samples.share), Counts.of(samples)
        spectrum = replace(spectrum, rows=rows, counts=counts)
    return moments, spectrum, vectors


def _solve_dual(
    samples: Samples,
    alpha: Alpha,
    *,
    fit_intercept: bool = True,
    alpha_floor: float = 0.0,
) -> RidgeHead:
    """Ridge head on features X from their kernel matrix."""
    features = samples.X.astype(np.float64, copy=False)
    mean = samples.average(features) * fit_intercept
    centred = features - mean
    head = solve_kernel_ridge(
        centred @ centred.T,
        samples,
        alpha,
        fit_intercept=fit_intercept,
        alpha_floor=alpha_floor,
    )
    coef = centred.T @ head.dual
    error = None if head.path is None else head.path.error
    return RidgeHead(coef, head.intercept - mean @ coef, head.alpha, error)
