"""What a head leaves of a change, once it is fitted again.

With H the centred features in units of their prior, of e it leaves P e,
P = (1 + H H')^-1. Steps that see P^(1/2) e move a layer and its head at once: variable
projection (Golub and Pereyra 1973). Steps that hold the head fast follow it slowly.
"""

from collections.abc import Callable

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer


def what_is_left(layer: Layer, samples: Samples) -> Callable[[Array], Array]:
    """P^(1/2) for e (n_samples, k), which has the roots of the weights in it.

    The constant, which has no prior, leaves nothing of a common change.
    """
    assert layer.prior is not None
    root = np.sqrt(samples.weight)[:, None]
    features = layer.features(samples.X).astype(np.float64, copy=False) @ layer.prior
    H = root * (features - samples.average(features))
    constant = root / np.linalg.norm(root)
    values, vectors = np.linalg.eigh(H.T @ H)
    spread = np.sqrt(1 + np.maximum(values, 0))
    # P^(1/2) = 1 - H C H', as 1 - 1 / s = (s^2 - 1) / (s (s + 1)), s^2 = 1 + values.
    C = (vectors / (spread * (spread + 1))) @ vectors.T

    def leave(e: Array) -> Array:
        e = e - constant @ (constant.T @ e)
        return e - H @ (C @ (H.T @ e))

    return leave
