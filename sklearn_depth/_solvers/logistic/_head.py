"""A logistic head on any features, at a penalty or at that of the least error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._folds import folds_along
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import TIED
from sklearn_depth._solvers.logistic._coordinates import (
    Coordinates,
    principal_coordinates,
)
from sklearn_depth._solvers.logistic._log_loss import (
    Array,
    loss_of_shares,
    margins_of_shares,
)
from sklearn_depth._solvers.logistic._objective import LogisticObjective
from sklearn_depth.utils._memory import check_memory

# Penalties to choose from are powers of this, times the first.
_STEP = 10**0.5
# The largest and the least, of the largest eigenvalue.
_MOST, _LEAST = 10.0, 1e-10
# Of a penalty, the least eigenvalue of a direction that counts.
_FAINT = 1e-2
# A fold of so many samples is enough to tell errors by.
_N_FOLDS, _MANY_ROWS = 3, 500
# Errors below this are none.
_NO_ERROR = 1e-4
# A fit of squares may have such a share of the degrees of freedom.
_MOST_FREEDOM = 0.5


@dataclass(frozen=True, eq=False)
class LogisticHead:
    """A linear head on features, whose outputs are margins.

    coef : (n_columns, n_outputs), one output for two classes, else one for each.
    intercept : (n_outputs,).
    alpha : in the user's unit of the weights.
    error : log loss of samples left out, at this penalty; nan where none was wanted.
    """

    coef: Array
    intercept: Array
    alpha: float
    error: float


def solve_logistic(
    transform: Callable[[NDArray], NDArray],
    samples: Samples,
    alpha: str | float,
    *,
    n_columns: int,
    scale: Array | None = None,
    estimated: bool = True,
    exact: bool = True,
    doubt: float = 0.0,
) -> LogisticHead:
    """Minimise ``sum_i w_i L(f(x_i), y_i) + alpha sum_j (a_j / scale_j)^2``.

    Targets are class shares as those of ``validate_labels``, weights and alpha in the
    user's unit. "loo" takes the penalty of the least loss of samples left out;
    ``estimated`` says whether that is also wanted at a given penalty, and ``exact``
    whether more is wanted with "loo" than the fit that told the loss. A share ``doubt``
    of samples left out is held against the class shares, as features that were learned
    from the labels know some of them by heart.
    """
    coordinates = principal_coordinates(transform, samples, n_columns, scale)
    path = _Path(coordinates, samples, doubt)
    if isinstance(alpha, str):
        solution = path.best()
        parameters = path.minimum(solution) if exact else solution.parameters
        alpha = solution.alpha * samples.unit
    else:
        solution = path.at(alpha / samples.unit, 0.0, estimated)
        parameters = path.minimum(solution, faint=0.0)
    coef, intercept = coordinates.head(parameters[:-1], parameters[-1])
    return LogisticHead(coef, intercept, alpha, solution.error)


@dataclass(frozen=True, eq=False)
class _Solution:
    """A minimiser in coordinates, its penalty and the log loss of samples left out."""

    parameters: Array
    alpha: float
    error: float


class _Path:
    """Minimisers at several penalties, each found from the last one.

    Of several classes with many samples, one fold alone tells errors, which then no fit
    on the way sees.
    """

    def __init__(
        self, coordinates: Coordinates, samples: Samples, doubt: float
    ) -> None:
        self._coordinates, self._samples, self._doubt = coordinates, samples, doubt
        self._rows, self._folds = np.empty((len(samples), 0)), folds_of(samples)
        enough = np.count_nonzero(self._folds == 0) >= _MANY_ROWS
        self._by_one_fold = samples.n_targets > 1 and enough
        self._last = margins_of_shares(samples.mean)[None]

    def best(self) -> _Solution:
        """The solution of the least error, by steps from where a fit of squares is.

        Of solutions that gain the same over the shares of the classes, but for half a
        percent, the one of the largest penalty; among them is one that has all but
        these shares.
        """
        top = float(self._coordinates.eigenvalues.max(initial=0.0))
        most, least = max(_MOST * top, np.finfo(float).tiny), _LEAST * top
        solutions = [self.at(most)]
        alpha = np.clip(self._alpha_of_squares(), least, most / _STEP)
        if least > 0:
            solutions += self._descend(alpha, most, least)
        return _simplest_of_best(solutions, loss_of_shares(self._samples.mean))

    def _descend(self, alpha: float, most: float, least: float) -> list[_Solution]:
        """Solutions on both sides of a penalty, as far as errors fall."""
        first = self.at(alpha)
        found = [first]
        for factor in (_STEP, 1 / _STEP):
            last, alpha = first, first.alpha * factor
            while least <= alpha <= most and last.error > _NO_ERROR:
                next_one = self.at(alpha)
                found.append(next_one)
                if not next_one.error < last.error:
                    break
                last, alpha = next_one, alpha * factor
            if last is not first:
                break
        return found

    def _alpha_of_squares(self) -> float:
        """Where a penalty on log loss is what that of least GCV is on squares."""
        eigenvalues, n = self._coordinates.eigenvalues[:, None], self._samples.n_rows
        if not eigenvalues.size:
            return 0.0
        squares = self._coordinates.loadings**2
        centred = self._samples.targets - self._samples.mean
        variance = np.sum(self._samples.weight @ centred**2)
        alphas = eigenvalues[0] * np.logspace(2, -10, 49)
        kept = alphas / (eigenvalues + alphas)
        freedom = np.sum(1 - kept, axis=0) / n
        explained = np.sum(squares.sum(axis=1, keepdims=True) * (1 - kept**2), axis=0)
        error = np.maximum(variance - explained, 0) / (1 - freedom) ** 2
        error[freedom > _MOST_FREEDOM] = np.inf
        curvature = np.mean(self._samples.mean * (1 - self._samples.mean))
        return float(alphas[np.argmin(error)] * curvature)

    def at(
        self, alpha: float, faint: float = _FAINT, estimated: bool = True
    ) -> _Solution:
        """The minimiser at a penalty, on the coordinates that count there."""
        objective = self._objective(alpha, faint)
        n_parameters = objective.rows.shape[1]
        known = min(n_parameters, len(self._last)) - 1
        start = np.zeros((n_parameters, self._last.shape[1]))
        start[:known], start[-1] = self._last[:known], self._last[-1]
        if self._by_one_fold and estimated:
            parameters, error = objective.without_fold(start, self._folds, 0)
        else:
            parameters = objective.minimum(start)
            error = objective.error(parameters, self._folds) if estimated else np.nan
        self._last = parameters
        return _Solution(parameters, alpha, error)

    def minimum(self, solution: _Solution, faint: float = _FAINT) -> Array:
        """The minimiser in full precision."""
        objective = self._objective(solution.alpha, faint)
        return objective.minimum(solution.parameters, on_the_way=False)

    def _objective(self, alpha: float, faint: float) -> LogisticObjective:
        eigenvalues = self._coordinates.eigenvalues
        k = int(np.count_nonzero(eigenvalues > faint * alpha))
        return LogisticObjective.of(
            self._first(k), eigenvalues[:k], self._samples, alpha, self._doubt
        )

    def _first(self, k: int) -> Array:
        """The first k coordinates, made anew where more are asked for than before."""
        if k > self._rows.shape[1]:
            most = min(2 * k, len(self._coordinates.eigenvalues))
            check_memory(
                most,
                16 * len(self._samples) * most,
                what=f"Coordinates of {len(self._samples):,} samples",
                way_out="Take fewer units, knots or products, or fit on fewer samples.",
            )
            self._rows = self._coordinates.rows(most)
        return self._rows[:, :k]


def _simplest_of_best(solutions: list[_Solution], error_of_shares: float) -> _Solution:
    """The largest penalty among those whose errors tie."""
    least = min(solution.error for solution in solutions)
    enough = least + TIED * max(error_of_shares - least, 0.0)
    tied = [solution for solution in solutions if solution.error <= enough]
    return max(tied, key=lambda solution: solution.alpha)


def folds_of(samples: Samples) -> NDArray[np.intp]:
    """The fold of each sample; -1 where one is alone of its class, never left out."""
    if samples.n_targets == 1:
        label = (samples.targets[:, 0] > 0.5).astype(np.intp)
    else:
        label = samples.targets.argmax(axis=1)
    folds = folds_along(samples.X, _N_FOLDS, label)
    folds[np.bincount(label)[label] == 1] = -1
    return folds
