"""Training of a sigmoid head: at a given penalty, or at the best of a path of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._tolerances import TIED
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.sigmoid._objective import (
    SigmoidObjective,
    gradient_descent,
    lbfgs,
)

# Penalties to choose from; the minimiser is followed from the largest down.
ALPHAS = 1 / 10.0 ** np.arange(11)
# Errors are estimated from here down, and further up only where that can be of use.
_MIDDLE = 4


@dataclass(frozen=True)
class TrainedHead:
    """A head, its penalty, and how both came about.

    error : the leave-one-out or validation loss; nan where neither was asked for.
    stop_reason : "tol", "precision", "max_iter", "validation", "callback" or "dead".
    """

    head: Head
    alpha: float
    error: float
    stop_reason: str


def train_sigmoid_head(
    objective: SigmoidObjective,
    initial: Head,
    training: Training,
    *,
    solver: str,
    learning_rate: float | str,
    alpha: float | str,
    tol: float,
    estimated: bool = False,
) -> TrainedHead:
    """Train from ``initial`` at a penalty, or for "loo" at that of the least error.

    ``estimated`` says whether the error is estimated at a given penalty too.
    """
    start = objective.parameters(initial)
    if isinstance(alpha, str):
        path = _Path(objective, start, training, tol)
        parameters, alpha, error, reason = path.best()
    else:
        training.restart(alpha)
        if solver == "lbfgs":
            parameters, reason = lbfgs(objective, start, alpha, training, tol)
        else:
            parameters, reason = gradient_descent(
                objective, start, alpha, training, tol, learning_rate
            )
        error = _error(objective, parameters, alpha, training) if estimated else np.nan
    if objective.is_dead(parameters):
        reason = "dead"
    head, alpha = training.best or (objective.head(parameters), float(alpha))
    error = min(training.validation_losses, default=error)
    return TrainedHead(head, alpha, error, reason)


def _error(
    objective: SigmoidObjective,
    parameters: NDArray,
    alpha: float,
    training: Training,
) -> float:
    """The validation loss, where there is one, or the leave-one-out loss."""
    if training.validation_loss is not None:
        return training.validation_loss(objective.head(parameters))
    return objective.leave_one_out(parameters, alpha)


def is_better(error: float, least: float) -> bool:
    """Whether an error is below another by more than what ties."""
    return error < (1 - TIED) * least


class _Path:
    """Minimisers as the penalty falls, each found from the one before, and errors."""

    def __init__(
        self,
        objective: SigmoidObjective,
        start: NDArray,
        training: Training,
        tol: float,
    ) -> None:
        self.objective, self.start = objective, start
        self.training, self.tol = training, tol
        self.solutions: list[tuple[NDArray, str]] = []
        self.exhausted = False

    def best(self) -> tuple[NDArray, float, float, str]:
        """The solution of the least error, its penalty, that error and its end.

        Of errors that tie the largest penalty wins, else the order of the samples might
        decide: minimisers are known to the tolerance of their gradient. No
        leave-one-out loss is below the training loss, which rises with the penalty:
        above some penalty no error can be the least, and none is estimated.
        """
        self.extend_to(_MIDDLE)
        middle = len(self.solutions) - 1
        chosen, least = middle, self.error(middle)
        for k in range(middle + 1, len(ALPHAS)):
            self.extend_to(k)
            if len(self.solutions) <= k or not is_better(error := self.error(k), least):
                break
            chosen, least = k, error
        for k in range(middle - 1, -1, -1):
            if is_better(least, self.least_error(k)):
                break
            if not is_better(least, error := self.error(k)):
                chosen, least = k, min(error, least)
        parameters, reason = self.solutions[chosen]
        last_reason = self.solutions[-1][1]
        if last_reason in ("validation", "callback"):
            reason = last_reason
        return parameters, float(ALPHAS[chosen]), least, reason

    def extend_to(self, k: int) -> None:
        """Solve down to the k-th penalty, or the last one of which it can be done."""
        for alpha in ALPHAS[len(self.solutions) : k + 1]:
            if self.solutions and self.has_ended():
                break
            last = self.solutions[-1][0] if self.solutions else self.start
            self.training.restart(float(alpha))
            found = lbfgs(self.objective, last, alpha, self.training, self.tol)
            if found[1] == "max_iter" and self.solutions:
                self.exhausted = True  # no minimum to judge
                break
            self.solutions.append(found)

    def has_ended(self) -> bool:
        reason = self.solutions[-1][1]
        if reason == "validation" and self.training.best is not None:
            return self.training.best[1] != ALPHAS[len(self.solutions) - 1]
        return self.exhausted or reason not in ("tol", "precision")

    def error(self, k: int) -> float:
        parameters, _ = self.solutions[k]
        return _error(self.objective, parameters, ALPHAS[k], self.training)

    def least_error(self, k: int) -> float:
        """A lower bound of the k-th error."""
        if self.training.validation_loss is not None:
            return -np.inf
        return self.objective.data_loss(self.solutions[k][0])
