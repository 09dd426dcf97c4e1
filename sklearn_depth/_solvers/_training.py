"""The record of an iterative training: losses, the best weights, the reason to stop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Head:
    """coef (n_features, n_targets) and intercept (n_targets,)."""

    coef: NDArray
    intercept: NDArray


@dataclass
class Training:
    """Watches an iterative training and says when to stop it.

    A head is whatever is trained: a :class:`Head`, or a whole network.

    max_iter : most iterations until :meth:`restart`.
    validation_loss : a head -> its loss on samples set aside; None if there are none.
    patience : iterations since :meth:`restart` that the validation loss may go without
        a new minimum.
    report : told of each new head; a true answer ends the training.
    best : the head of least validation loss, and the penalty it was found with.
    """

    max_iter: int
    validation_loss: Callable[[Any], float] | None = None
    patience: int = 20
    report: Callable[[Any], bool] = lambda head: False
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    best: tuple[Any, float] | None = None
    _n_before: int = 0
    _alpha: float = np.nan

    def restart(self, alpha: float) -> None:
        """Allow ``max_iter`` iterations more, at a penalty."""
        self._n_before, self._alpha = len(self.losses), alpha

    def record(self, loss: float, head: Any) -> str | None:
        """Take note of an iteration; the reason why it has to be the last, if any."""
        self.losses.append(float(loss))
        outworn = self._is_outworn(head)
        if self.report(head):
            return "callback"
        if outworn:
            return "validation"
        return (
            "max_iter" if len(self.losses) - self._n_before >= self.max_iter else None
        )

    def _is_outworn(self, head: Any) -> bool:
        """Whether the validation loss has not fallen for too long."""
        if self.validation_loss is None:
            return False
        self.validation_losses.append(self.validation_loss(head))
        losses = np.where(
            np.isnan(self.validation_losses), np.inf, self.validation_losses
        )
        last, best = len(self.losses) - 1, int(np.argmin(losses))
        if best == last and np.isfinite(losses[best]):
            self.best = head, self._alpha
        return last - max(best, self._n_before) >= self.patience
