"""Fits whose prior variances, one for each kernel, the evidence chooses."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import LinAlgError, lapack

from sklearn_depth._math._equal_rows import by_first_row, equal_kernel_row_labels
from sklearn_depth._math._tolerances import EPS, EQUAL, EQUAL_ROUNDINGS
from sklearn_depth._solvers.ridge._dual import KernelHead
from sklearn_depth._solvers.ridge._evidence_dual import GroupKernels
from sklearn_depth._solvers.ridge._evidence_primal import GroupSums
from sklearn_depth._solvers.ridge._moments import moments_of
from sklearn_depth._solvers.ridge._spectrum import check_finite, check_scale
from sklearn_depth.utils._memory import row_blocks

# A negative eigenvalue below this share of the norm may be rounding.
_INDEFINITE = 1e-8


@dataclass(frozen=True)
class Posterior:
    """The Gaussian law of the function of each target, given the samples of the fit.

    rows : the rows of ``X_fit_`` that it depends on.
    ratios : (n_targets, n_kernels), prior variances over that of the noise.
    laws : one for each target.
    """

    rows: np.ndarray
    ratios: np.ndarray
    laws: list

    def deviation(self, kernels, X, X_fit):
        """Standard deviations of the functions at X, (n_samples, n_targets)."""
        X_fit = X_fit[self.rows]
        n_columns = len(kernels) * len(self.rows)
        blocks = row_blocks(X.shape[0], n_columns, least=len(self.rows) // 8)
        return np.concatenate(
            [self._of_block(kernels, X[rows], X_fit) for rows in blocks]
        )

    def _of_block(self, kernels, X, X_fit):
        diagonals = np.stack([kernel.diagonal(X) for kernel in kernels])
        cross = np.stack([kernel(X, X_fit) for kernel in kernels]).astype(np.float64)
        columns = [
            law.deviation(ratios @ diagonals, np.tensordot(ratios, cross, 1))
            for law, ratios in zip(self.laws, self.ratios, strict=True)
        ]
        return np.column_stack(columns)


@dataclass(frozen=True)
class EvidenceFit:
    """Heads that are linear in several kernels.

    head : dual weights of the sum of the kernels, each times its weight.
    weights : (n_targets, n_kernels), shares of the prior variance.
    noise : (n_targets,), its variance in a sample of mean weight.
    log_evidence : (n_targets,).
    posterior : None where the kernels are those of landmarks.
    """

    head: KernelHead
    weights: np.ndarray
    noise: np.ndarray
    log_evidence: np.ndarray
    posterior: Posterior | None = None

    @classmethod
    def of(cls, heads, dual, intercept, samples, laws=None):
        """From heads of the kernels, each times its ratio, of these dual weights."""
        ratios = np.stack([head.ratios for head in heads])
        total = ratios.sum(axis=1)
        equal = np.full(ratios.shape, 1 / ratios.shape[1])  # where no kernel has any
        some = total[:, None] > 0
        weights = np.divide(ratios, total[:, None], out=equal, where=some)
        with np.errstate(divide="ignore", over="ignore"):
            alpha = samples.unit / total
        noise = np.array([head.noise for head in heads])
        return cls(
            KernelHead(dual * total, alpha, intercept),
            weights,
            noise * samples.n_rows / samples.weight.sum(),
            np.array([head.log_evidence for head in heads]),
            None if laws is None else Posterior(samples.X, ratios, laws),
        )


def fit_kernels(kernels, names, samples, fit_intercept, eps):
    """Fit to samples with these kernels, which are overwritten.

    kernels : (n_kernels, n_samples, n_samples), of entries of precision ``eps``. The
    samples' X are their numbers; those that the fit keeps are its posterior's.
    """
    check_finite(kernels, samples.targets)
    for kernel in kernels:
        check_scale(kernel.diagonal())
    kernels, samples = _merged(kernels, samples, eps)
    levels = [_rounding(kernel, eps) * samples.weight.max() for kernel in kernels]
    groups = GroupKernels(kernels, samples, fit_intercept=fit_intercept, eps=eps)
    for name, kernel, level in zip(names, groups.kernels, levels, strict=True):
        _check_definite(name, kernel, level)
    try:
        heads, laws = groups.solve()
    except LinAlgError:
        raise ValueError(
            f"The evidence of the kernels {', '.join(names)} is lost to rounding: "
            "weights or K(x, x) differ too much in size. Use float64, or scale X."
        ) from None
    dual = np.column_stack([head.weights for head in heads])
    means = np.column_stack([law.mean for law in laws])
    intercept = samples.mean * fit_intercept - np.sum(means * dual, axis=0)
    return EvidenceFit.of(heads, dual, intercept, samples, laws)


def fit_landmarks(landmarks, samples, fit_intercept):
    """Fit on the features of the landmarks of one kernel."""
    samples = samples.at(landmarks.features).merged(landmarks.equal_rows())
    moments = moments_of(samples, fit_intercept)[0]
    sums = GroupSums(moments, fit_intercept=fit_intercept)
    one_group = np.zeros(landmarks.features.shape[1], np.intp)
    heads, _ = sums.solve(one_group, 1)
    coef = np.column_stack([head.weights for head in heads])
    intercept = sums.intercept(coef)
    fit = EvidenceFit.of(heads, coef, intercept, samples)
    return replace(
        fit, head=KernelHead(landmarks.dual(coef), fit.head.alpha, intercept)
    )


def evidence_attributes(fit, target_shape):
    """What a fit by the evidence adds to the fitted attributes; None without it."""
    names = "kernel_weights_", "noise_variance_", "log_evidence_", "_posterior_"
    if fit is None:
        return dict.fromkeys(names)
    weights = fit.weights if target_shape else fit.weights[0]
    noise, log_evidence = (
        values.reshape(target_shape)[()] for values in (fit.noise, fit.log_evidence)
    )
    return dict(zip(names, (weights, noise, log_evidence, fit.posterior), strict=True))


def _rounding(kernel, eps):
    """What a zero may come out as in the matrix of a kernel."""
    return len(kernel) * max(eps, EPS) * float(np.abs(kernel.diagonal()).max())


def _merged(kernels, samples, eps):
    """Kernels and samples, with those as one that no kernel tells apart."""
    total = np.zeros(kernels.shape[1:])
    for kernel in kernels:
        total += kernel / (np.abs(kernel.diagonal()).max() or 1.0)
    tolerance = max(EQUAL, EQUAL_ROUNDINGS * max(eps, EPS)) * total.diagonal().max()
    labels = equal_kernel_row_labels(total, tolerance)
    first, _ = by_first_row(labels)
    if len(first) == len(labels):
        return kernels, samples
    n_kernels, n_rows = len(kernels), len(first)
    # In their own memory, from its start on: each has room before the next begins.
    kept = kernels.reshape(-1)[: n_kernels * n_rows**2]
    kept = kept.reshape(n_kernels, n_rows, n_rows)
    for new, old in zip(kept, kernels, strict=True):
        new[:] = old[np.ix_(first, first)]
    return kept, samples.merged(labels)


def _check_definite(name, kernel, level):
    """Refuse a kernel that is no covariance, beyond this level of rounding."""
    level = max(level, _INDEFINITE * float(np.linalg.norm(kernel)))
    if level == 0:
        return
    shifted = kernel.copy()
    shifted.flat[:: len(shifted) + 1] += level
    if lapack.dpotrf(shifted.T, lower=1, overwrite_a=1)[1]:
        smallest = np.linalg.eigvalsh(kernel)[0]
        raise ValueError(
            f"The kernel {name} is not positive semi-definite: its smallest eigenvalue "
            f"is {smallest:.3g}, and its largest entry {np.abs(kernel).max():.3g}. The "
            'evidence needs covariances: take another kernel, or alpha="loo"; or scale '
            "and centre X, if that is rounding."
        )
