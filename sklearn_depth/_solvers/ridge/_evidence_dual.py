"""The evidence from the kernel K_g = F_g F_g' of each group, for few samples.

With a = V^-1 y the noise is y'a / n, u_g = r_g a'K_g a / s^2, and q_g = r_g K_g a.
Kernels of weighted samples are R K R, R the roots of the weights. An intercept takes
the direction R1 out of them and of y: V has the eigenvalue 1 there, which changes
nothing.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EPS, LEAST_FREE, NO_RESIDUAL
from sklearn_depth._solvers.ridge._evidence import (
    GroupHead,
    few_threads,
    maximise_evidence,
)
from sklearn_depth._solvers.ridge._spectrum import Array, check_finite


@dataclass(frozen=True)
class KernelPosterior:
    """The Gaussian law of one target's function, given the samples.

    shrinkage : (n_samples, n_samples), what the samples leave of V^-1.
    mean : (n_samples,), their kernels with the mean of the samples.
    mean_square : the kernel of that mean with itself.
    share : (n_samples,), of the weight, and zeros without an intercept.
    noise, weight : variance of the noise in a sample of weight 1; weight of all.
    """

    shrinkage: Array
    mean: Array
    mean_square: float
    share: Array
    noise: float
    weight: float

    def deviation(self, diagonal: Array, cross: Array) -> Array:
        """Standard deviations of the function at new samples of these kernels.

        diagonal : with themselves. cross : (n_rows, n_samples), with those of the fit.
        Each is the sum over groups of the ratio times the kernel.
        """
        offset = cross - self.mean
        variance = diagonal - 2 * cross @ self.share + self.mean_square
        offset -= (offset @ self.share)[:, None]  # of which rounding would remain
        variance -= np.einsum("ij,ij->i", offset @ self.shrinkage, offset)
        if self.share.any():
            variance += 1 / self.weight
        return np.sqrt(self.noise * np.maximum(variance, 0))


class GroupKernels:
    """Ridge regression on groups of features, from their kernels.

    kernels : (n_groups, n_samples, n_samples) in float64; they are overwritten.
    eps : the precision of their entries.
    """

    def __init__(
        self,
        kernels: Array,
        samples: Samples,
        *,
        fit_intercept: bool = True,
        eps: float = EPS,
    ) -> None:
        check_finite(kernels, samples.targets)
        self.samples, self.intercept = samples, int(fit_intercept)
        self.root = np.sqrt(samples.weight)
        self.share = samples.share * fit_intercept
        if fit_intercept:
            self.scale = np.where(np.isinf(samples.scale), 0.0, samples.scale)
        else:
            self.scale = np.sqrt(samples.squared_error(np.zeros(1)))
        self.means = kernels @ self.share
        # Of R1, or zero without an intercept.
        self.direction = fit_intercept * self.root / np.linalg.norm(self.root)
        self.kernels = kernels
        for kernel in kernels:
            self._centre(kernel, eps)

    def _centre(self, kernel: Array, eps: float) -> None:
        """Weight it, and take the direction of the intercept out of it, in place."""
        rounding = len(kernel) * eps * np.abs(kernel.diagonal()).max()
        if self.samples.is_weighted:
            kernel *= self.root
            kernel *= self.root[:, None]
        if not self.intercept:
            return
        product = kernel @ self.direction
        product -= (self.direction @ product / 2) * self.direction
        kernel -= np.outer(self.direction, product)
        kernel -= np.outer(product, self.direction)
        if kernel.diagonal().max() <= rounding * self.samples.weight.max():
            kernel[:] = 0  # constant features

    def solve(
        self, n_groups: int | None = None
    ) -> tuple[list[GroupHead], list[KernelPosterior]]:
        """The head of each target on the first groups, and its posterior."""
        with few_threads(len(self.samples)):
            solved = [self._solve(k, n_groups) for k in range(self.samples.n_targets)]
        return [head for head, _ in solved], [posterior for _, posterior in solved]

    def _solve(
        self, target: int, n_groups: int | None
    ) -> tuple[GroupHead, KernelPosterior]:
        samples, kernels = self.samples, self.kernels[:n_groups]
        scale = float(self.scale[target])
        if scale == 0:
            head = GroupHead.of_constant(len(samples), len(kernels))
            return head, self._posterior(head, np.zeros(kernels.shape[1:]))
        middle = samples.mean[target] * self.intercept
        residual = self.root * (samples.targets[:, target] - middle) / scale
        within = float(samples.within[target]) / scale**2
        best = maximise_evidence(_Target(self, kernels, residual, within))
        # What rounding leaves along R1, kernels that are not centred would multiply.
        dual = best.point.dual - self.direction * (self.direction @ best.point.dual)
        dual, error = self.root * dual, best.point.error()
        per_weight = samples.n_rows / float(samples.weight.sum())
        head = GroupHead.at(best, dual, error, scale, self.n_free, per_weight)
        shrinkage = self.root * best.point.shrinkage() * self.root[:, None]
        return head, self._posterior(head, shrinkage)

    def _posterior(self, head: GroupHead, shrinkage: Array) -> KernelPosterior:
        mean = head.ratios @ self.means[: len(head.ratios)]
        square, weight = float(mean @ self.share), float(self.samples.weight.sum())
        return KernelPosterior(shrinkage, mean, square, self.share, head.noise, weight)

    @property
    def n_free(self) -> int:
        return self.samples.n_rows - self.intercept


@dataclass(frozen=True)
class _Target:
    """The problem of one target of variance 1."""

    rows: GroupKernels
    kernels: Array
    residual: Array
    within: float

    @property
    def n_free(self) -> int:
        return self.rows.n_free

    @cached_property
    def typical(self) -> Array:
        traces = np.einsum("gii->g", self.kernels)
        return np.maximum(traces / len(self.residual), 0)

    def at(self, ratios: Array) -> "_Point":
        return _Point(self, ratios)


class _Point:
    """The evidence at some ratios; L is replaced by V^-1 when that is needed."""

    def __init__(self, target: _Target, ratios: Array) -> None:
        self.target, self.ratios = target, ratios
        kernels = target.kernels
        n_groups, n_rows, _ = kernels.shape
        matrix = (ratios @ kernels.reshape(n_groups, -1)).reshape(n_rows, n_rows)
        matrix.flat[:: n_rows + 1] += 1
        self._factor, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
        if failed:
            raise linalg.LinAlgError("not positive definite")
        self.dual: Array = lapack.dpotrs(self._factor, target.residual, lower=1)[0]
        total = target.residual @ target.residual
        left = max(target.residual @ self.dual, NO_RESIDUAL * total)
        self.noise = (left + target.within) / target.n_free
        log_det = 2 * np.log(self._factor.diagonal()).sum()
        self.deviance = float(log_det + target.n_free * np.log(self.noise))

    @cached_property
    def _half(self) -> Array:
        """The lower triangle of V^-1, with half of the diagonal."""
        half, _ = lapack.dpotri(self._factor, lower=1, overwrite_c=1)
        half.T.flat[:: len(half) + 1] /= 2
        return half.T  # contiguous: an upper triangle

    def slopes(self) -> tuple[Array, Array, Array]:
        kernels, ratios = self.target.kernels, self.ratios
        traces = 2 * (kernels.reshape(len(kernels), -1) @ self._half.ravel())
        products = ratios[:, None] * (kernels @ self.dual)
        squares = products @ self.dual / self.noise
        curvature = products @ self._half @ products.T / self.noise
        return ratios * traces, squares, curvature + curvature.T

    def shrinkage(self) -> Array:
        """V^-1 without the direction of the intercept, on which y does not depend."""
        u = self.target.rows.direction
        return self._half + self._half.T - np.outer(u, u)

    def error(self) -> float:
        """By exact leave-one-out, of places as wholes."""
        u = self.target.rows.direction
        free = np.maximum(2 * self._half.diagonal() - u**2, LEAST_FREE)
        weight = float(self.target.rows.samples.weight.sum())
        return float(np.sum((self.dual / free) ** 2) + self.target.within) / weight
