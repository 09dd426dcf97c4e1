"""Activations of hidden units and of the output neuron."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, logit

# Hidden sigmoids: functions of (z, out), as NumPy's ufuncs, so that they work in place.
HIDDEN_SIGMOIDS: dict[str, Callable[..., NDArray]] = {
    "erf": erf,
    "logistic": expit,
    "tanh": np.tanh,
}


@dataclass(frozen=True)
class OutputSigmoid:
    """An output neuron with values in [0, 1].

    apply : z -> (value, slope).
    inverse : a value in [0, 1] -> a z that gives it, clear of the flat ends.
    curvature : sup of |s'^2 + (s - y) s''| over z and y in [0, 1], half the largest
        second derivative of the squared loss.
    """

    apply: Callable[[NDArray], tuple[NDArray, NDArray]]
    inverse: Callable[[NDArray], NDArray]
    curvature: float


def _clip(z: NDArray) -> tuple[NDArray, NDArray]:
    return np.clip(z, 0, 1), ((z > 0) & (z < 1)).astype(z.dtype)


def _logistic(z: NDArray) -> tuple[NDArray, NDArray]:
    value = expit(z)
    return value, value * (1 - value)


def _clipped_logit(p: NDArray) -> NDArray:
    return logit(np.clip(p, 1e-3, 1 - 1e-3))


OUTPUT_SIGMOIDS = {
    "clip": OutputSigmoid(_clip, lambda p: np.clip(p, 1e-3, 1 - 1e-3), 1.0),
    "logistic": OutputSigmoid(_logistic, _clipped_logit, 0.0771),
}
