"""Networks written down, not learned: balls, radial and deep functions."""

from sklearn_depth.constructions._approximate_radial import approximate_radial
from sklearn_depth.constructions._ball import ball_weights
from sklearn_depth.constructions._deep_network import DeepNetwork
from sklearn_depth.constructions._deep_radial import DeepRadialNetwork
from sklearn_depth.constructions._iterated_maps import (
    iterated_map_network,
    sawtooth_network,
)
from sklearn_depth.constructions._maximum import maximum_network
from sklearn_depth.constructions._radial_network import RadialNetwork

__all__ = [
    "DeepNetwork",
    "DeepRadialNetwork",
    "RadialNetwork",
    "approximate_radial",
    "ball_weights",
    "iterated_map_network",
    "maximum_network",
    "sawtooth_network",
]
