"""The evidence from sums over samples: Gram matrix, cross products and squares.

With R the roots of the ratios of all features and M = 1 + R G R = L L', G = F'F,

    log det V = log det M,    y' V^-1 y = y'y - |w|^2,    w = L^-1 R F'y,
    c = s R e,    e = L'^-1 w / s,    d_g = tr (1 - M^-1)_gg,    u_g = |e_g|^2,
    q_g' V^-1 q_h / s^2 = e_g' (1 - M^-1)_gh e_h,

so that neither small prior variances nor little noise cost digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.linalg import lapack

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import LEAST_FREE, NO_FREEDOM, NO_RESIDUAL, NONE
from sklearn_depth._solvers.ridge._evidence import (
    GroupHead,
    few_threads,
    maximise_evidence,
)
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._orthogonal import Posterior
from sklearn_depth._solvers.ridge._spectrum import Array, check_finite
from sklearn_depth.utils._memory import row_blocks


class GroupSums:
    """Ridge regression on groups of features, from sums over samples."""

    def __init__(self, moments: RidgeMoments, *, fit_intercept: bool = True) -> None:
        check_finite(moments.gram, moments.cross)
        self.n_free = moments.n_rows - int(fit_intercept)
        self.moments = moments.dense().without_constants(NONE**2)

    @property
    def variance(self) -> Array:
        """Of each target, 0 where it is constant."""
        return self.moments.target_deviation**2

    def solve(
        self, labels: NDArray[np.intp], n_groups: int
    ) -> tuple[list[GroupHead], Posterior]:
        """The head of each target, and the posterior of all.

        labels : the group of each of the first features; -1 leaves one out.
        """
        used, moments = np.flatnonzero(labels >= 0), self.moments
        gram = moments.gram[: len(labels), : len(labels)]
        if len(used) < len(labels):
            gram = gram[np.ix_(used, used)]
        groups = _Groups(gram, labels[used], n_groups, moments, self.n_free)
        heads, factors = [], []
        for target, scale in enumerate(np.sqrt(self.variance).tolist()):
            with few_threads(len(used)):
                head, factor = groups.solve(moments.cross[used, target], target, scale)
            coef = np.zeros(len(labels))
            coef[used] = head.weights
            heads.append(replace(head, weights=coef))
            factors.append(np.zeros((len(labels), factor.shape[1])))
            factors[-1][used] = factor
        noise = np.sqrt([head.noise for head in heads])
        mean = moments.feature_mean[: len(labels)]
        return heads, Posterior(mean, factors, noise, moments.weight)

    def intercept(self, coef: Array) -> Array:
        """That of heads with these coefficients of the first features."""
        mean: Array = self.moments.feature_mean[: len(coef)]
        return self.moments.target_mean - mean @ coef


def left_out_errors(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    coef: Array,
    intercept: Array,
    posterior: Posterior,
) -> Array:
    """Mean squared errors of each head by exact leave-one-out, of places as wholes."""
    total = samples.within.copy()
    for rows in row_blocks(len(samples), len(coef)):
        some = samples[rows]
        features = transform(some.X).astype(np.float64, copy=False)
        left = some.targets - features @ coef - intercept
        offset = features - posterior.mean
        for target, factor in enumerate(posterior.factors):
            leverage = np.square(offset @ factor).sum(axis=1) + 1 / posterior.weight
            free = np.maximum(1 - some.weight * leverage, LEAST_FREE)
            total[target] += some.weight @ (left[:, target] / free) ** 2
    return total / posterior.weight


@dataclass(frozen=True)
class _Groups:
    """What the problems of all targets share."""

    gram: Array
    labels: NDArray[np.intp]
    n_groups: int
    moments: RidgeMoments
    n_free: int

    def sums(self, values: Array) -> Array:
        """Over the features of each group."""
        return np.bincount(self.labels, values, self.n_groups).astype(np.float64)

    def solve(self, cross: Array, target: int, scale: float) -> tuple[GroupHead, Array]:
        """The head of a target, and F of the covariance s^2 F F' of its weights."""
        if scale == 0:
            head = GroupHead.of_constant(len(self.gram), self.n_groups)
            return head, np.zeros((len(self.gram), 0))
        problem = _Target(
            self,
            cross / scale,
            float(self.moments.target_square[target]) / scale**2,
            float(self.moments.within[target]) / scale**2,
        )
        best = maximise_evidence(problem)
        point = best.point
        error = point.error(float(best.freedom.sum()))
        per_weight = self.moments.n_rows / self.moments.weight
        head = GroupHead.at(best, point.coef, error, scale, self.n_free, per_weight)
        return head, point.root[:, None] * point.inverse.T


@dataclass(frozen=True)
class _Target:
    """The problem of one target of variance 1."""

    groups: _Groups
    cross: Array
    total: float
    within: float

    @property
    def n_free(self) -> int:
        return self.groups.n_free

    @cached_property
    def typical(self) -> Array:
        groups = self.groups
        return groups.sums(groups.gram.diagonal()) / groups.moments.n_places

    def at(self, ratios: Array) -> "_Point":
        return _Point(self, ratios)


class _Point:
    """The evidence at some ratios; L is replaced by its inverse when that is needed."""

    def __init__(self, target: _Target, ratios: Array) -> None:
        self.target, groups = target, target.groups
        self.root = np.sqrt(ratios)[groups.labels]
        matrix = groups.gram * self.root
        matrix *= self.root[:, None]
        matrix.flat[:: len(matrix) + 1] += 1
        self._factor, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
        if failed:
            raise linalg.LinAlgError("not positive definite")
        self._w = linalg.solve_triangular(
            self._factor, self.root * target.cross, lower=True, check_finite=False
        )
        self.left = max(target.total - self._w @ self._w, NO_RESIDUAL * target.total)
        self.noise = (self.left + target.within) / target.n_free
        log_det = 2 * np.log(self._factor.diagonal()).sum()
        self.deviance = float(log_det + target.n_free * np.log(self.noise))

    @cached_property
    def inverse(self) -> Array:
        """L^-1."""
        if not len(self._factor):  # no feature varies, which LAPACK prints about
            return self._factor
        inverse, _ = lapack.dtrtri(self._factor, lower=1, overwrite_c=1)
        return inverse

    @cached_property
    def _effects(self) -> Array:
        """The e above."""
        return (self._w @ self.inverse) / np.sqrt(self.noise)

    @property
    def coef(self) -> Array:
        return np.sqrt(self.noise) * self.root * self._effects

    def slopes(self) -> tuple[Array, Array, Array]:
        labels, n_groups = self.target.groups.labels, self.target.groups.n_groups
        shrunk = 1 - np.einsum("ij,ij->j", self.inverse, self.inverse)
        freedom = self.target.groups.sums(shrunk)
        squares = self.target.groups.sums(self._effects**2)
        apart = np.zeros((len(labels), n_groups))
        apart[np.arange(len(labels)), labels] = self._effects
        products = self.inverse @ apart
        return freedom, squares, np.diag(squares) - products.T @ products

    def error(self, freedom: float) -> float:
        """By generalised cross-validation."""
        moments, within = self.target.groups.moments, self.target.within
        left = self.left - self.noise * float(self._effects @ self._effects)
        left = max(left, NO_RESIDUAL * self.target.total) + within
        slack = (self.target.n_free - freedom) / moments.n_rows
        return left / moments.weight / slack**2 if slack > NO_FREEDOM else np.inf
