"""The first step: a random layer, and one gradient step from it."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._spheres import random_directions
from sklearn_depth._math._tolerances import EPS, NONE
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._label_transforms import (
    ChosenLabels,
    LabelTransform,
    choose_labels,
)
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth.utils._memory import row_blocks


def random_layer(
    n_hidden: int, n_features: int, dtype: np.dtype, rng: np.random.Generator
) -> Layer:
    """Unit weights, each twice for the two signs of its output, and fresh biases."""
    start = random_directions(-(-n_hidden // 2), n_features, rng)
    start = np.repeat(start, 2, axis=0)[:n_hidden]
    return Layer(start, rng.standard_normal(n_hidden)).astype(dtype)


def take_first_step(
    start: Layer,
    samples: Samples,
    residual: Array,
    label_transform: LabelTransform,
    learning_rate: float | str,
    rng: np.random.Generator,
) -> tuple[Layer, ChosenLabels]:
    """One big step of the first layer, on labels made of what a linear fit leaves.

    Step 2 of Algorithm 1 of Damian, Lee and Soltanolkotabi (2022) where labels are the
    residual itself. Units without a gradient stay.
    """
    labels = _without_rounding(residual, samples)
    if isinstance(learning_rate, str):  # targets of any scale have an equal say
        deviation = np.sqrt(samples.share @ labels**2)
        labels /= np.where(deviation > 0, deviation, 1)
    chosen = choose_labels(labels, samples, label_transform)
    n_hidden = len(start)
    mix, kind = paired_signs(len(chosen.names), samples.n_targets, n_hidden, rng)
    weights = gradient_weights(samples, chosen.labels, mix, start.weights)
    if isinstance(learning_rate, str):
        for k in np.unique(kind):
            weights[kind == k] = unit_rms(weights[kind == k])
    else:
        weights *= learning_rate
    weights = np.where(weights.any(axis=1, keepdims=True), weights, start.weights)
    layer = Layer(weights, rng.standard_normal(n_hidden))
    return layer.astype(samples.X.dtype), chosen


def _without_rounding(residual: Array, samples: Samples) -> Array:
    """The residual, 0 where it is what rounding leaves of the targets."""
    variance = samples.share @ (samples.targets - samples.mean) ** 2
    rounding = NONE * variance + (len(samples) * EPS * samples.mean) ** 2
    return np.where(samples.share @ residual**2 <= rounding, 0.0, residual)


def gradient_weights(
    samples: Samples, labels: NDArray, mix: NDArray, start: NDArray
) -> Array:
    """Minus the gradient of squared loss in W, at W = ``start``, b = 0 and output 0.

    Row j is ``2 E[l_j z 1{<w_j, z> >= 0}]`` with l = labels @ mix, of shape
    (n_samples, n_hidden): for one target and mix = a this is step 2 of Algorithm 1 of
    Damian, Lee and Soltanolkotabi (2022), but for its learning rate.
    """
    Z, share = samples.X, samples.share
    weights = np.zeros(start.shape)
    for rows in row_blocks(len(Z), len(start)):
        pull = (share[rows, None] * labels[rows]) @ mix
        pull *= Z[rows] @ start.T >= 0
        weights += pull.T @ Z[rows]
    return 2 * weights


def paired_signs(
    n_kinds: int, n_targets: int, n_hidden: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.intp]]:
    """Output weights +-1 of the first step, and the kind of label of each unit.

    Units 2 j and 2 j + 1 have opposite signs. The weights are (n_kinds * n_targets,
    n_hidden), 0 for all kinds but a unit's own.
    """
    unit = np.arange(n_hidden)
    kind, sign = (unit // 2) % n_kinds, 1 - 2 * (unit % 2)
    signs = rng.choice([-1.0, 1.0], size=(n_targets, unit[-1] // 2 + 1))
    weights = np.zeros((n_kinds, n_targets, n_hidden))
    weights[kind, :, unit] = (signs[:, unit // 2] * sign).T
    return weights.reshape(-1, n_hidden), kind


def unit_rms(weights: Array) -> Array:
    """Weights over the root mean square of the units' norms; zeros stay zeros."""
    size = np.sqrt((weights**2).sum(axis=1).mean())
    return weights / size if size > 0 else weights
