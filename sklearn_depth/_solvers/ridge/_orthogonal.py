"""Ridge heads on nearly dependent features, through an orthogonal factorisation.

A Gram matrix squares the condition number of the features: what tells them apart by
less than 1e-8 of their size is lost in it. The triangular factor R of the rows
[1, features, targets] keeps 1e-15. It is renewed block by block, so that no more than
a block of features is ever held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS_OF_DEPENDENT, NONE
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import (
    Alpha,
    in_our_unit,
    is_word,
    settled,
)
from sklearn_depth._solvers.ridge._spectrum import (
    Array,
    Counts,
    Rows,
    Spectrum,
    check_finite,
)
from sklearn_depth.utils._memory import row_blocks

# Errors of two fits differ by about the variance that one more parameter costs.
_MOST_TIE = 5e-3


@dataclass(frozen=True)
class Posterior:
    """The Bayesian model that a ridge head is the mean of.

    With s the standard deviation of the noise in a sample of weight 1, coef has the
    covariance s^2 F F', and the head at a feature vector h the variance
    s^2 (1 / weight + |F' (h - mean)|^2).

    mean : (n_features,), of the features.
    factors : of each target (n_features, rank), the F above.
    noise : (n_targets,), the s above, from the residuals and their freedom; infinite
        where they have none.
    weight : of all samples.
    """

    mean: Array
    factors: Sequence[Array]
    noise: Array
    weight: float

    def deviation(self, features: NDArray) -> Array:
        """Standard deviations of the head, (n_samples, n_targets)."""
        offset = features - self.mean
        squares = np.stack([np.square(offset @ f).sum(axis=1) for f in self.factors], 1)
        return self.noise * np.sqrt(1 / self.weight + squares)


@dataclass(frozen=True)
class TriangularSums:
    """What an orthogonal ridge head keeps of samples.

    factor : (size, size), the triangular R of the weighted rows [1, features, targets].
    n_places : how many samples differ in X; counts : of the samples in them.
    unit : the weight, as the user counts, that 1 stands for here.
    """

    factor: Array
    n_places: int
    counts: Counts
    unit: float

    @classmethod
    def empty(cls, n_columns: int, n_targets: int) -> "TriangularSums":
        """Those of no samples."""
        size = 1 + n_columns + n_targets
        counts = Counts(0, 0.0, np.zeros(n_targets))
        return cls(np.zeros((size, size)), 0, counts, 0.0)

    def update(
        self, transform: Callable[[NDArray], NDArray], samples: Samples
    ) -> "TriangularSums":
        """With the samples of ``transform(X)``, made block by block."""
        factor = _triangular_factor(
            lambda rows: transform(samples.X[rows]), samples, len(self.factor)
        )
        return self.merge(TriangularSums.of(factor, samples))

    @classmethod
    def of(cls, factor: Array, samples: Samples) -> "TriangularSums":
        """With the factor of some samples."""
        # Places are few numbers on a line: without a penalty heads explode between.
        counts = replace(Counts.of(samples), repeats=None)
        return cls(factor, len(samples), counts, samples.unit)

    def merge(self, other: "TriangularSums") -> "TriangularSums":
        """With the samples of another; neither of the two changes."""
        if not (self.n_places and other.n_places):
            return self if self.n_places else other
        unit = max(self.unit, other.unit)  # a smaller one might overflow
        one, two = self._in_unit(unit), other._in_unit(unit)
        stacked = np.concatenate([one.factor, two.factor])
        counts = Counts(
            one.counts.n_rows + two.counts.n_rows,
            one.counts.weight + two.counts.weight,
            one.counts.within + two.counts.within,
        )
        factor = np.empty_like(self.factor)
        factor[:] = np.linalg.qr(stacked, mode="r")
        return TriangularSums(factor, one.n_places + two.n_places, counts, unit)

    def _in_unit(self, unit: float) -> "TriangularSums":
        ratio = self.unit / unit
        counts = replace(
            self.counts,
            weight=ratio * self.counts.weight,
            within=ratio * self.counts.within,
        )
        factor = np.sqrt(ratio) * self.factor
        return replace(self, factor=factor, counts=counts, unit=unit)

    def solve(
        self, alpha: Alpha, least_scale: float = 0.0
    ) -> tuple[RidgeHead, Posterior]:
        """The head and its posterior, by GCV where a word asks for a penalty."""
        return self.factorised(least_scale).solve(alpha)

    def factorised(self, least_scale: float) -> "_Factorised":
        """The ridge problem, ready to be solved."""
        check_finite(self.factor)
        return _Factorised(self, least_scale)


def solve_orthogonal_ridge(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    alpha: Alpha,
    *,
    n_columns: int,
    few_rows: float = FEW_ROWS_OF_DEPENDENT,
    least_scale: float = 0.0,
) -> tuple[RidgeHead, Posterior]:
    """Ridge head on the standardised features ``transform(X)``, and its posterior.

    Deviations count as at least ``least_scale`` of the largest: a feature that hardly
    varies may owe that to one sample, and is not to grow without bound at the next.
    Leave-one-out holds the features of all samples; "auto" asks for it with up to
    ``few_rows`` samples a feature. ``alpha`` counts in the user's unit of the weights.
    """
    alpha = settled(alpha, samples.n_rows, n_columns, few_rows)
    if not is_word(alpha, "loo"):
        sums = TriangularSums.empty(n_columns, samples.n_targets)
        return sums.update(transform, samples).solve(alpha, least_scale)
    held = transform(samples.X)
    size = 1 + n_columns + samples.n_targets
    factor = _triangular_factor(lambda rows: held[rows], samples, size)
    problem = TriangularSums.of(factor, samples).factorised(least_scale)
    return problem.solve(alpha, problem.rows(held, samples))


def _triangular_factor(
    features_of: Callable[[slice], NDArray], samples: Samples, size: int
) -> Array:
    """The square R of the weighted rows [1, features, targets]."""
    ends = 1, size - samples.n_targets
    factor = np.zeros((size, size))
    for rows in row_blocks(len(samples), size):
        block = np.ones((rows.stop - rows.start, size))
        block[:, slice(*ends)] = features_of(rows)
        block[:, ends[1] :] = samples.targets[rows]
        block = samples[rows].rooted(block)
        factor[:] = np.linalg.qr(np.concatenate([factor, block]), mode="r")
    return factor


class _Factorised:
    """Means, scales and singular vectors of the features, from the triangular factor.

    to_coef : (n_features, rank), from coordinates in the right singular vectors of the
        standardised features to those of the features.
    """

    def __init__(self, sums: TriangularSums, least_scale: float) -> None:
        self.sums, factor = sums, sums.factor
        n_features = len(factor) - 1 - len(sums.counts.within)
        ends = [1 + n_features]
        self.root_weight = abs(factor[0, 0])
        self.mean, self.target_mean = np.split(factor[0] / factor[0, 0], ends)
        self.mean = self.mean[1:]
        features, self.cross = np.split(factor[1 : ends[0], 1:], [n_features], axis=1)
        self.outside = factor[ends[0] :, ends[0] :]
        scale = _scales(features, self.root_weight * self.mean, least_scale)
        scale /= self.root_weight
        left, singular, right = np.linalg.svd(features / scale)
        kept = singular > NONE * singular[0]
        self.left, self.singular = left[:, kept], singular[kept]
        self.to_coef = right[kept].T / scale[:, None]

    def solve(
        self, alpha: Alpha, rows: Rows | None = None
    ) -> tuple[RidgeHead, Posterior]:
        """The head and its posterior; ``rows`` are what leave-one-out needs."""
        spectrum, unit = self._spectrum(rows), self.sums.unit
        alphas, error = spectrum.resolve_alpha(in_our_unit(alpha, unit), 0.0)
        coef = self.to_coef @ (self.singular[:, None] * spectrum.shrink(alphas))
        head = RidgeHead(coef, self.target_mean - self.mean @ coef, alphas, error)
        lengths = np.sqrt(spectrum.eigenvalues + alphas[:, None])
        factors = list(self.to_coef / lengths[:, None])
        posterior = Posterior(
            self.mean, factors, spectrum.noise(alphas), self.root_weight**2
        )
        return head.in_unit(unit, alpha), posterior

    def _spectrum(self, rows: Rows | None) -> Spectrum:
        """The ridge problem in the singular vectors."""
        squares = np.square(self.cross).sum(axis=0)
        return Spectrum(
            eigenvalues=self.singular**2,
            loadings=self.left.T @ self.cross,
            total=squares + np.square(self.outside).sum(axis=0),
            n_places=self.sums.n_places,
            counts=self.sums.counts,
            n_unpenalised=1,
            rows=rows,
            grid_floor=NONE**2,
            tie=min(_MOST_TIE, 1 / self.sums.counts.n_rows),
        )

    def rows(self, features: NDArray, samples: Samples) -> Rows:
        """What leave-one-out needs."""
        left = (features - self.mean) @ (self.to_coef / self.singular)
        residual = samples.targets - self.target_mean
        return Rows(samples.rooted(left), samples.rooted(residual), samples.share)


def _scales(features: Array, mean: Array, least: float) -> Array:
    """Norms of the features about their mean, at least a share of the largest.

    Infinite where they are rounding.
    """
    norms = np.linalg.norm(features, axis=0)
    varies = norms > NONE * np.abs(mean)
    raised = np.maximum(norms, least * norms[varies].max(initial=0))
    return np.where(varies, raised, np.inf)
