"""Kernel ridge regression, weighted and with an intercept, in the dual."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EPS
from sklearn_depth._solvers.ridge._kernel_path import Eigenbasis, KernelSpectrum
from sklearn_depth._solvers.ridge._kernel_problem import KernelProblem
from sklearn_depth._solvers.ridge._penalties import Alpha, Path, in_our_unit
from sklearn_depth._solvers.ridge._spectrum import (
    GRID_FLOOR,
    Array,
    Counts,
    check_finite,
    check_scale,
)
from sklearn_depth._solvers.ridge._tridiagonal import Tridiagonal

# A negative eigenvalue below this share of the largest may be rounding: kernels of
# distances lose digits where samples are far from the origin.
_INDEFINITE = 1e-8


@dataclass(frozen=True)
class KernelHead:
    """Dual weights and the penalties behind them.

    dual : (n_samples, n_targets).
    alpha, intercept : (n_targets,).
    path : what the penalties were chosen from; None where they were given.
    smallest : the smallest eigenvalue of the kernel, or with given penalties of its
        sum with them, where that is zero or negative beyond rounding.
    """

    dual: Array
    alpha: Array
    intercept: Array | float = 0.0
    path: Path | None = None
    smallest: float | None = None


def solve_kernel_ridge(
    kernel: NDArray,
    samples: Samples,
    alpha: Alpha,
    *,
    fit_intercept: bool,
    alphas: Array | None = None,
    alpha_floor: float = 0.0,
    overwrite_kernel: bool = False,
) -> KernelHead:
    """Dual weights of a kernel ridge regression, and its intercept.

    ``alpha`` is a number, one a target, or a word: "gcv", or else leave-one-out, which
    choose from ``alphas`` or from a grid of their own. Penalties count in the user's
    unit of the weights. With R the roots of the weights, the dual weights are R d,
    d = (R K R + alpha)^-1 R y; with an intercept all that is orthogonal to R 1.
    """
    eps = float(np.finfo(kernel.dtype).eps)
    overwrite_kernel |= kernel.dtype != np.float64
    kernel = kernel.astype(np.float64, copy=False)
    check_finite(kernel, samples.targets)
    check_scale(kernel.diagonal())
    share = samples.share * fit_intercept
    target_mean = share @ samples.targets
    problem = KernelProblem(
        kernel,
        samples.to(samples.targets - target_mean),
        fit_intercept,
        len(kernel) * eps * float(np.abs(kernel.diagonal()).max()),
    )
    if isinstance(alpha, str):
        head = _choose(problem, alpha != "gcv", alphas, alpha_floor)
    else:
        given = np.zeros(samples.n_targets) + alpha
        head = _solve_given(problem, given, eps, overwrite_kernel)
    if not fit_intercept:
        return replace(head, intercept=target_mean)
    return replace(head, intercept=target_mean - share @ kernel @ head.dual)


def _solve_given(
    problem: KernelProblem, alpha: Array, eps: float, overwrite: bool
) -> KernelHead:
    matrix, targets = problem.reduced()
    overwrite |= matrix is not problem.kernel
    constant = _is_constant(problem, matrix)
    ours = in_our_unit(alpha, problem.samples.unit)
    solution, smallest = _solve_shifted(
        matrix, targets, ours, eps, problem.level, overwrite
    )
    dual = problem.dual(solution * (not constant))
    return KernelHead(dual, alpha, smallest=smallest)


def _is_constant(problem: KernelProblem, matrix: Array) -> bool:
    """Whether an intercept leaves nothing of the kernel.

    Dual weights then sum to zero only up to rounding, which the kernel would multiply.
    """
    return problem.intercept and not matrix.any()


def _choose(
    problem: KernelProblem,
    leave_one_out: bool,
    alphas: Array | None,
    alpha_floor: float,
) -> KernelHead:
    """Penalties by cross-validation, copies of a sample merged into one.

    Without a penalty to speak of, nothing else than rounding would keep copies apart.
    """
    merged, shares = problem.merged()
    samples = merged.samples
    matrix, targets = merged.reduced()
    decomposition: Eigenbasis | Tridiagonal
    if leave_one_out or not len(matrix):  # of one sample, which the intercept takes
        decomposition = Eigenbasis(matrix, merged.level)
        basis = merged.over_rows(decomposition.basis())
    else:
        decomposition, basis = Tridiagonal(matrix), None
    eigenvalues = decomposition.eigenvalues()
    smallest = float(eigenvalues.min(initial=np.inf))
    negative, rounding = max(-smallest, 0.0), len(eigenvalues) * EPS
    largest = float(np.abs(eigenvalues).max(initial=0.0))
    spectrum = KernelSpectrum(
        eigenvalues=eigenvalues,
        loadings=decomposition.rotate(targets),
        total=merged.squares(),
        n_places=len(samples),
        counts=Counts.of(samples),
        n_unpenalised=int(merged.intercept),
        diagonal=decomposition.diagonal,
        off_diagonal=decomposition.off_diagonal,
        basis=basis,
        definite=max(rounding * largest - smallest, 0.0),
        least_alpha=max(merged.level, 2 * negative),
        # Leave-one-out is that of a kernel a rounding away; GCV strays long before.
        grid_floor=GRID_FLOOR if basis is None else rounding,
    )
    grid = None if alphas is None else in_our_unit(alphas, samples.unit)
    path = spectrum.choose(alpha_floor, grid)
    solution = decomposition.rotate(spectrum.shrink(path.alpha), back=True)
    dual = merged.dual(solution * (not _is_constant(merged, matrix)))
    path = path.in_unit(samples.unit, alphas)
    indefinite = negative > max(merged.level, _INDEFINITE * largest)
    return KernelHead(
        dual if shares is None else shares.T @ dual,
        path.alpha,
        path=path,
        smallest=smallest if indefinite else None,
    )


def _solve_shifted(
    matrix: Array,
    targets: Array,
    alphas: Array,
    eps: float,
    rounding: float,
    overwrite: bool,
) -> tuple[Array, float | None]:
    """(matrix + alpha)^-1 targets, one alpha a target; the least squares if singular.

    Entries have precision ``eps``, and eigenvalues up to ``rounding`` are none. The
    second result is the smallest eigenvalue if it is not positive.
    """
    solution, smallest, spectrum = np.empty_like(targets), None, None
    if not len(matrix):  # one sample, and the intercept takes it
        return solution, smallest
    diagonal, penalties = matrix.diagonal().copy(), np.unique(alphas)
    for alpha in penalties:
        chosen = alphas == alpha
        # Rows are contiguous, columns of the transpose, as LAPACK wants them.
        in_place = overwrite and alpha == penalties[-1]
        shifted = matrix.T if in_place else matrix.T.copy(order="F")
        np.fill_diagonal(shifted, diagonal + alpha)
        norm = lapack.dlange("1", shifted)
        factor, failed = lapack.dpotrf(shifted, lower=1, clean=0, overwrite_a=1)
        if not failed and lapack.dpocon(factor, norm, uplo="L")[0] > eps:
            solution[:, chosen], _ = lapack.dpotrs(factor, targets[:, chosen], lower=1)
            continue
        if spectrum is None:
            whole = np.triu(shifted, 1)  # what the factor does not touch
            whole += whole.T
            np.fill_diagonal(whole, diagonal)
            spectrum = np.linalg.eigh(whole)
        eigenvalues, vectors = spectrum[0] + alpha, spectrum[1]
        level = max(len(matrix) * EPS * np.abs(eigenvalues).max(), rounding)
        kept = np.abs(eigenvalues) > level
        loadings = vectors[:, kept].T @ targets[:, chosen]
        solution[:, chosen] = (vectors[:, kept] / eigenvalues[kept]) @ loadings
        if smallest is None and eigenvalues[0] <= level:  # penalties rise from here
            smallest = float(eigenvalues[0])
    return solution, smallest
