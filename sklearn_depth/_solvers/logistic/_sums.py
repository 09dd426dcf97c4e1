"""Logistic heads by passes over samples that lie in blocks.

F is the mean loss plus a penalty. One pass sums how F curves, and in units in which
this curvature is one L-BFGS needs few passes more, each for a value and a gradient.
Where F curves in another way by then, the units are renewed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EPS
from sklearn_depth._solvers._lbfgs import end_after, minimize_lbfgs
from sklearn_depth._solvers.logistic._log_loss import (
    Array,
    apart,
    log_losses,
    probabilities,
)
from sklearn_depth.utils._memory import check_numbers

Transform = Callable[[NDArray], NDArray]
MeansOf = Callable[[Callable[[Samples], tuple[Any, ...]]], RowMeans]

# No entry of the gradient is above this at a minimum, in units where F curves by one.
_LEAST_SLOPE = 1e-10
# So many iterations in the same units, and so often in new ones. In four of five trials
# with 100 to 1000 units 6 took the fewest passes: 11 to 16, where 40 took 14 to 25.
_MOST_ITERATIONS, _MOST_ROUNDS = 6, 50
# Samples curve F as those of a probability no closer to 0 or 1.
_SURE = 1e-6
# Matrices' worth of memory that it takes to sum a Hessian, and to solve.
_MATRICES = 4


@dataclass(frozen=True, eq=False)
class HeadToFit:
    """A head on features of samples, and where it begins.

    transform : X -> (n_samples, k), its features.
    parameters : (k + 1, n_outputs), coefficients and intercepts.
    penalty : on the squares of the coefficients, beside the mean loss.
    """

    transform: Transform
    parameters: Array
    penalty: float

    def rows(self, X: NDArray) -> Array:
        """Features, and a column of ones."""
        features = self.transform(X).astype(np.float64, copy=False)
        return np.column_stack([features, np.ones(len(X))])


def minimise_together(means_of: MeansOf, heads: list[HeadToFit]) -> list[Array]:
    """The parameters of each head at its minimum.

    ``means_of(function)`` passes over all samples and returns the weighted means of
    what ``function(samples)`` gives for blocks of them. All heads share the passes.
    """
    check_numbers(
        _MATRICES * sum(len(h.parameters) * h.parameters.size for h in heads),
        what="The second derivatives of log losses",
        way_out="Lower n_hidden or name fewer layers.",
    )
    for _ in range(_MOST_ROUNDS):
        curvatures = means_of(partial(_curvatures, heads)).values
        units = [_Units.of(*pair) for pair in zip(heads, curvatures, strict=True)]
        heads, reason = _minimise_in_units(means_of, units)
        if reason != "max_iter":
            break
    return [head.parameters for head in heads]


def _minimise_in_units(
    means_of: MeansOf, units: list["_Units"]
) -> tuple[list[HeadToFit], str]:
    """By some iterations; the heads there, and why they are the last."""
    sizes = [unit.head.parameters.size for unit in units]

    def moved(steps: Array) -> list[HeadToFit]:
        parts = np.split(steps, np.cumsum(sizes)[:-1])
        return [unit.moved(part) for unit, part in zip(units, parts, strict=True)]

    def objective(steps: Array) -> tuple[float, Array]:
        heads = moved(steps)
        values = means_of(partial(_slopes, heads)).values
        loss, slopes = 0.0, []
        found = zip(units, heads, values[::2], values[1::2], strict=True)
        for unit, head, mean, slope in found:
            coef = head.parameters[:-1]
            loss += float(mean) + head.penalty * float(np.sum(coef**2))
            slopes.append(unit.slopes(head, slope))
        return loss, np.concatenate(slopes)

    start, record = np.zeros(sum(sizes)), end_after(_MOST_ITERATIONS - 1)
    steps, reason = minimize_lbfgs(
        objective, start, _LEAST_SLOPE, record, is_scaled=True
    )
    return moved(steps), reason


@dataclass(frozen=True, eq=False)
class _Units:
    """Steps of a head's parameters, in units in which F curves by one.

    factors : Cholesky factors of about the Hessian, of one output after the other.
    """

    head: HeadToFit
    factors: list[Array]

    @classmethod
    def of(cls, head: HeadToFit, curvatures: Array) -> "_Units":
        """From the mean curvatures (n_outputs, k + 1, k + 1) of the losses."""
        factors = []
        for matrix in curvatures:
            penalised = matrix.copy()
            diagonal = penalised.flat[:: len(matrix) + 1]
            diagonal[:-1] += 2 * head.penalty
            penalised.flat[:: len(matrix) + 1] = diagonal + EPS * np.trace(matrix)
            factors.append(np.linalg.cholesky(penalised))
        return cls(head, factors)

    def moved(self, steps: Array) -> HeadToFit:
        """The head, so many units on."""
        parameters = self.head.parameters
        pairs = zip(self.factors, steps.reshape(parameters.shape[::-1]), strict=True)
        moves = [solve_triangular(L, v, trans=1, lower=True) for L, v in pairs]
        return replace(self.head, parameters=apart(parameters + np.stack(moves, 1)))

    def slopes(self, head: HeadToFit, mean_slopes: Array) -> Array:
        """The gradient of F by the steps, from that of the mean loss."""
        gradient = mean_slopes.copy()
        gradient[:-1] += 2 * head.penalty * head.parameters[:-1]
        pairs = zip(self.factors, apart(gradient).T, strict=True)
        return np.concatenate([solve_triangular(L, g, lower=True) for L, g in pairs])


def _slopes(heads: list[HeadToFit], samples: Samples) -> tuple[Any, ...]:
    """Of each head the mean loss, and its gradient."""
    found: list[Any] = []
    share, targets = samples.share, samples.targets
    for head in heads:
        rows = head.rows(samples.X)
        z = rows @ head.parameters
        pull = share[:, None] * (probabilities(z) - targets)
        found += [float(share @ log_losses(z, targets)), rows.T @ pull]
    return tuple(found)


def _curvatures(heads: list[HeadToFit], samples: Samples) -> tuple[Any, ...]:
    """Of each head the second derivatives of the mean loss, by each output alone."""
    return tuple(_curvatures_of(head, samples) for head in heads)


def _curvatures_of(head: HeadToFit, samples: Samples) -> Array:
    rows = head.rows(samples.X)
    p = probabilities(rows @ head.parameters).clip(_SURE, 1 - _SURE)
    roots = np.sqrt(samples.share[:, None] * p * (1 - p))
    parts = [root[:, None] * rows for root in roots.T]
    return np.stack([part.T @ part for part in parts])
