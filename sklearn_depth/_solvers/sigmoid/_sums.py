"""The objective of output weights from passes over rows that lie in blocks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._losses import Loss
from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective

Transform = Callable[[NDArray], NDArray]


class SummedObjective(SigmoidObjective):
    """F and its gradient, each value one pass; hidden features are made anew in each.

    ``means_of(function)`` passes over all rows and returns the weighted means of what
    ``function(samples)`` gives for blocks of them.
    """

    def __init__(
        self,
        means_of: Callable[[Callable[[Samples], tuple[Any, ...]]], RowMeans],
        transform: Transform,
        n_hidden: int,
        loss: Loss,
        fit_intercept: bool,
    ) -> None:
        self._means_of, self._transform = means_of, transform
        self.loss, self.fit_intercept = loss, fit_intercept
        self.mean: NDArray = np.zeros(n_hidden)
        if fit_intercept:
            (self.mean,) = means_of(_HiddenMean(transform)).values

    def __call__(self, parameters: NDArray, alpha: float) -> tuple[float, NDArray]:
        coef = parameters[:-1]
        hidden = self._hidden(parameters)
        loss, pull, total = self._means_of(_Slopes(hidden, self.loss)).values
        last = total if self.fit_intercept else np.zeros_like(total)
        gradient = np.vstack([pull + 2 * alpha * coef, last])
        penalty = alpha * float((coef**2).sum())
        return float(loss) + penalty, gradient.astype(parameters.dtype)

    def is_dead(self, parameters: NDArray) -> bool:
        hidden = self._hidden(parameters)
        wrong, slope = self._means_of(_Signs(hidden, self.loss)).values
        return bool(wrong > 0 and slope == 0)

    def smoothness(self, alpha: float) -> float:
        (moments,) = self._means_of(_Moments(self._transform, self.mean)).values
        top = float(np.linalg.eigvalsh(moments)[-1])
        if self.fit_intercept:
            top = max(top, 1.0)
        return self.loss.bound * top + 2 * alpha

    def _hidden(self, parameters: NDArray) -> "_Hidden":
        return _Hidden(self._transform, self.mean, parameters)


@dataclass(frozen=True, eq=False)
class _HiddenMean:
    transform: Transform

    def __call__(self, samples: Samples) -> tuple[Any, ...]:
        hidden = self.transform(samples.X)
        return (samples.share.astype(hidden.dtype) @ hidden,)


@dataclass(frozen=True, eq=False)
class _Moments:
    """Second moments of centred hidden features."""

    transform: Transform
    mean: NDArray

    def __call__(self, samples: Samples) -> tuple[Any, ...]:
        hidden = (self.transform(samples.X) - self.mean).astype(np.float64)
        return (hidden.T @ (samples.share[:, None] * hidden),)


@dataclass(frozen=True, eq=False)
class _Hidden:
    """Centred hidden features, and pre-activations of the output."""

    transform: Transform
    mean: NDArray
    parameters: NDArray

    def of(self, samples: Samples) -> tuple[NDArray, NDArray]:
        hidden = self.transform(samples.X)
        hidden -= self.mean.astype(hidden.dtype)
        return hidden, hidden @ self.parameters[:-1] + self.parameters[-1]


@dataclass(frozen=True, eq=False)
class _Slopes:
    """Losses, and what they pull the parameters by."""

    hidden: _Hidden
    loss: Loss

    def __call__(self, samples: Samples) -> tuple[Any, ...]:
        hidden, z = self.hidden.of(samples)
        targets = samples.targets.astype(hidden.dtype, copy=False)
        share = samples.share.astype(hidden.dtype)
        losses, slopes = self.loss.evaluate(z, targets)
        pull = share[:, None] * slopes
        return float((share @ losses).sum()), hidden.T @ pull, pull.sum(axis=0)


@dataclass(frozen=True, eq=False)
class _Signs:
    """Whether rows are wrong, and whether any says in which direction."""

    hidden: _Hidden
    loss: Loss

    def __call__(self, samples: Samples) -> tuple[Any, ...]:
        hidden, z = self.hidden.of(samples)
        targets = samples.targets.astype(hidden.dtype, copy=False)
        losses, slopes = self.loss.evaluate(z, targets)
        return float(losses.any()), float(slopes.any())
