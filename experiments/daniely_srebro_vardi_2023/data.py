"""The random networks and the points on the sphere, shared by all models."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sklearn_depth.datasets import make_random_network

WIDTH = 1000


class Network(NamedTuple):
    """Which network is the target."""

    activation: str
    depth: int
    d: int
    seed: int


@lru_cache(maxsize=1)
def draw_network(network):
    """The weights, the same for both activations."""
    _, _, truth = make_random_network(
        1,
        network.d,
        depth=network.depth,
        width=WIDTH,
        activation=network.activation,
        return_truth=True,
        random_state=np.random.default_rng([network.seed, network.d]),
    )
    return truth


@lru_cache(maxsize=2)
def draw_points(network, n, unseen=False):
    """Inputs, the same for all networks of a seed and d, and their targets."""
    rng = np.random.default_rng([network.seed, network.d, n, unseen])
    return draw_network(network).sample(n, random_state=rng)
