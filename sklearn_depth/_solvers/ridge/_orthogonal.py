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

    With s the standard deviation of the noise in a row of weight 1, coef has the
    covariance s^2 F F', and the head at a feature vector h the variance
    s^2 (1 / weight + |F' (h - mean)|^2).

    mean : (n_features,), of the features.
    factors : of each target (n_features, rank), the F above.
    noise : (n_targets,), the s above, from the residuals and their freedom; infinite
        where they have none.
    weight : of all rows.
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
    varies may owe that to one row, and is not to grow without bound at the next.
    Leave-one-out holds all features at once; "auto" asks for it with up to
    ``few_rows`` rows a column. ``alpha`` counts in the user's unit of the weights.
    """
    alpha = settled(alpha, samples.n_rows, n_columns, few_rows)
    held = transform(samples.X) if is_word(alpha, "loo") else None

    def features_of(rows: slice) -> NDArray:
        return transform(samples.X[rows]) if held is None else held[rows]

    factor = _triangular_factor(features_of, samples, n_columns)
    check_finite(factor)
    problem = _Factorised(factor, n_columns, least_scale)
    spectrum = problem.spectrum(samples)
    if held is not None:
        spectrum = replace(spectrum, rows=problem.rows(held, samples))
    alphas, error = spectrum.resolve_alpha(in_our_unit(alpha, samples.unit), 0.0)
    coef = problem.to_coef @ (problem.singular[:, None] * spectrum.shrink(alphas))
    head = RidgeHead(coef, problem.target_mean - problem.mean @ coef, alphas, error)
    lengths = np.sqrt(spectrum.eigenvalues + alphas[:, None])
    factors = list(problem.to_coef / lengths[:, None])
    posterior = Posterior(
        problem.mean, factors, spectrum.noise(alphas), problem.root_weight**2
    )
    return head.in_unit(samples.unit, alpha), posterior


def _triangular_factor(
    features_of: Callable[[slice], NDArray], samples: Samples, n_columns: int
) -> Array:
    """The square R of the weighted rows [1, features, targets]."""
    size = 1 + n_columns + samples.n_targets
    factor = np.zeros((size, size))
    for rows in row_blocks(len(samples), size):
        block = np.ones((rows.stop - rows.start, size))
        block[:, 1 : n_columns + 1] = features_of(rows)
        block[:, n_columns + 1 :] = samples.targets[rows]
        block = samples[rows].rooted(block)
        factor[:] = np.linalg.qr(np.concatenate([factor, block]), mode="r")
    return factor


class _Factorised:
    """Means, scales and singular vectors of the features, from the triangular factor.

    to_coef : (n_features, rank), from coordinates in the right singular vectors of the
        standardised features to those of the features.
    """

    def __init__(self, factor: Array, n_features: int, least_scale: float) -> None:
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

    def spectrum(self, samples: Samples) -> Spectrum:
        """The ridge problem in the singular vectors."""
        squares = np.square(self.cross).sum(axis=0)
        return Spectrum(
            eigenvalues=self.singular**2,
            loadings=self.left.T @ self.cross,
            total=squares + np.square(self.outside).sum(axis=0),
            n_places=len(samples),
            # Places are few numbers on a line: without a penalty heads explode between.
            counts=replace(Counts.of(samples), repeats=None),
            n_unpenalised=1,
            grid_floor=NONE**2,
            tie=min(_MOST_TIE, 1 / samples.n_rows),
        )

    def rows(self, features: NDArray, samples: Samples) -> Rows:
        """What leave-one-out needs."""
        left = (features - self.mean) @ (self.to_coef / self.singular)
        residual = samples.targets - self.target_mean
        return Rows(samples.rooted(left), samples.rooted(residual), samples.share)


def _scales(features: Array, mean: Array, least: float) -> Array:
    """Norms of the columns about their mean, at least a share of the largest.

    Infinite where they are rounding.
    """
    norms = np.linalg.norm(features, axis=0)
    varies = norms > NONE * np.abs(mean)
    raised = np.maximum(norms, least * norms[varies].max(initial=0))
    return np.where(varies, raised, np.inf)
