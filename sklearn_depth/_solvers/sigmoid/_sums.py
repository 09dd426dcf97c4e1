"""The objective of output weights from passes over samples that lie in blocks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._losses import Loss
from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective

Transform = Callable[[NDArray], NDArray]


@dataclass(frozen=True, eq=False)
class _Hidden:
    """Centred hidden features, under an output of some parameters."""

    transform: Transform
    mean: NDArray
    parameters: NDArray

    def features(self, samples: Samples) -> tuple[NDArray, NDArray]:
        """Those of some samples, and the pre-activations of the output."""
        hidden = self.transform(samples.X)
        hidden -= self.mean.astype(hidden.dtype)
        return hidden, hidden @ self.parameters[:-1] + self.parameters[-1]

    def evaluated(self, loss: Loss, samples: Samples) -> tuple[NDArray, ...]:
        """The features, and losses and slopes at the pre-activations of the output."""
        hidden, z = self.features(samples)
        targets = samples.targets.astype(hidden.dtype, copy=False)
        return hidden, *loss.evaluate(z, targets)


class SummedObjective(SigmoidObjective):
    """F and its gradient, each value one pass; hidden features are made anew in each.

    ``means_of(function)`` passes over all samples and returns the weighted means of
    what ``function(samples)`` gives for blocks of them.
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
            (self.mean,) = means_of(partial(_hidden_mean, transform)).values

    def __call__(self, parameters: NDArray, alpha: float) -> tuple[float, NDArray]:
        coef = parameters[:-1]
        hidden = self._hidden(parameters)
        loss, pull, total = self._means_of(partial(_slopes, hidden, self.loss)).values
        last = total if self.fit_intercept else np.zeros_like(total)
        gradient = np.vstack([pull + 2 * alpha * coef, last])
        penalty = alpha * float((coef**2).sum())
        return float(loss) + penalty, gradient.astype(parameters.dtype)

    def _curvatures(self, parameters: NDArray) -> NDArray:
        hidden = self._hidden(parameters)
        return self._means_of(partial(_curvatures, hidden, self.loss)).values[0]

    def is_dead(self, parameters: NDArray) -> bool:
        hidden = self._hidden(parameters)
        wrong, slope = self._means_of(partial(_signs, hidden, self.loss)).values
        return bool(wrong > 0 and slope == 0)

    def _second_moments(self) -> NDArray:
        function = partial(_moments, self._transform, self.mean)
        return self._means_of(function).values[0]

    def _hidden(self, parameters: NDArray) -> _Hidden:
        return _Hidden(self._transform, self.mean, parameters)


def _hidden_mean(transform: Transform, samples: Samples) -> tuple[Any, ...]:
    hidden = transform(samples.X)
    return (samples.share.astype(hidden.dtype) @ hidden,)


def _moments(transform: Transform, mean: NDArray, samples: Samples) -> tuple[Any, ...]:
    """Second moments of centred hidden features."""
    hidden = (transform(samples.X) - mean).astype(np.float64)
    return (hidden.T @ (samples.share[:, None] * hidden),)


def _slopes(hidden: _Hidden, loss: Loss, samples: Samples) -> tuple[Any, ...]:
    """Losses, and what they pull the parameters by."""
    features, losses, slopes = hidden.evaluated(loss, samples)
    share = samples.share.astype(features.dtype)
    pull = share[:, None] * slopes
    return float((share @ losses).sum()), features.T @ pull, pull.sum(axis=0)


def _curvatures(hidden: _Hidden, loss: Loss, samples: Samples) -> tuple[Any, ...]:
    """Sums of second derivatives in the pre-activations, by target."""
    _, z = hidden.features(samples)
    return (samples.share @ loss.curvature(z),)


def _signs(hidden: _Hidden, loss: Loss, samples: Samples) -> tuple[Any, ...]:
    """Whether samples are wrong, and whether any says in which direction."""
    _, losses, slopes = hidden.evaluated(loss, samples)
    return float(losses.any()), float(slopes.any())
