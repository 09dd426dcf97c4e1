"""Training of a sigmoid head: at a given penalty, or at the best of a path of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.sigmoid._objective import (
    SigmoidObjective,
    gradient_descent,
    lbfgs,
)

# Penalties to choose from; the minimiser is followed from the largest down.
ALPHAS = 1 / 10.0 ** np.arange(11)
# Scores are taken from here down, and further up only where that can be of use.
_MIDDLE = 4


@dataclass(frozen=True)
class TrainedHead:
    """A head, its penalty, and how both came about.

    score : the leave-one-out or validation loss; nan where neither was asked for.
    stop_reason : "tol", "precision", "max_iter", "validation", "callback" or "dead".
    """

    head: Head
    alpha: float
    score: float
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
    scored: bool = False,
) -> TrainedHead:
    """Train from ``initial`` at a penalty, or for "loo" at that of the best score.

    ``scored`` says whether a head at a given penalty gets a score too.
    """
    start = objective.parameters(initial)
    if isinstance(alpha, str):
        path = _Path(objective, start, training, tol)
        parameters, alpha, score, reason = path.best()
    else:
        training.restart(alpha)
        if solver == "lbfgs":
            parameters, reason = lbfgs(objective, start, alpha, training, tol)
        else:
            parameters, reason = gradient_descent(
                objective, start, alpha, training, tol, learning_rate
            )
        score = _score(objective, parameters, alpha, training) if scored else np.nan
    if objective.is_dead(parameters):
        reason = "dead"
    head, alpha = training.best or (objective.head(parameters), float(alpha))
    score = min(training.validation_losses, default=score)
    return TrainedHead(head, alpha, score, reason)


def _score(
    objective: SigmoidObjective,
    parameters: NDArray,
    alpha: float,
    training: Training,
) -> float:
    """The validation loss, where there is one, or the leave-one-out loss."""
    if training.validation_loss is not None:
        return training.validation_loss(objective.head(parameters))
    return objective.leave_one_out(parameters, alpha)


class _Path:
    """Minimisers as the penalty falls, each found from the one before, and scores."""

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
        """The solution of the best score, its penalty, that score and its end.

        No leave-one-out loss is below the training loss, which rises with the penalty:
        above some penalty no score can be the best, and none is taken.
        """
        self.extend_to(_MIDDLE)
        middle = len(self.solutions) - 1
        chosen, least = middle, self.score(middle)
        for k in range(middle + 1, len(ALPHAS)):
            self.extend_to(k)
            if len(self.solutions) <= k or (score := self.score(k)) >= least:
                break
            chosen, least = k, score
        for k in range(middle - 1, -1, -1):
            if self.least_score(k) > least:
                break
            if (score := self.score(k)) < least:
                chosen, least = k, score
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
                self.exhausted = True  # no minimum to score
                break
            self.solutions.append(found)

    def has_ended(self) -> bool:
        reason = self.solutions[-1][1]
        if reason == "validation" and self.training.best is not None:
            return self.training.best[1] != ALPHAS[len(self.solutions) - 1]
        return self.exhausted or reason not in ("tol", "precision")

    def score(self, k: int) -> float:
        parameters, _ = self.solutions[k]
        return _score(self.objective, parameters, ALPHAS[k], self.training)

    def least_score(self, k: int) -> float:
        """A lower bound of the k-th score."""
        if self.training.validation_loss is not None:
            return -np.inf
        return self.objective.data_loss(self.solutions[k][0])
