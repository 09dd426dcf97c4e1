"""Losses of a pre-activation z against a target y in [0, 1]."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sklearn_depth._math._activations import OutputSigmoid


@dataclass(frozen=True)
class Loss:
    """A loss of one sample.

    evaluate : (z, y) -> (loss, its derivative by z).
    curvature : z -> the second derivative by z, or its Gauss-Newton part.
    bound : an upper bound of the second derivative.
    of_spread : what a sample's loss at the mean target lacks of the mean loss over
        targets, as a multiple of their variance.
    """

    evaluate: Callable[[NDArray, NDArray], tuple[NDArray, NDArray]]
    curvature: Callable[[NDArray], NDArray]
    bound: float
    of_spread: float

    def value(self, z: NDArray, y: NDArray) -> NDArray:
        return self.evaluate(z, y)[0]


def squared_loss(output: OutputSigmoid) -> Loss:
    """(s(z) - y)^2 for an output neuron s."""

    def evaluate(z: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        value, slope = output.apply(z)
        error = value - y
        return error**2, 2 * error * slope

    def curvature(z: NDArray) -> NDArray:
        return 2 * output.apply(z)[1] ** 2

    return Loss(evaluate, curvature, 2 * output.curvature, 1.0)


def _evaluate_log(z: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
    return np.logaddexp(0, z) - y * z, expit(z) - y


def _curvature_log(z: NDArray) -> NDArray:
    p = expit(z)
    return p * (1 - p)


# -y log p - (1 - y) log(1 - p), p = 1 / (1 + exp(-z)).
LOG_LOSS = Loss(_evaluate_log, _curvature_log, 0.25, 0.0)
