"""Networks written down, not learned: for a ball, and for functions of the norm."""

from sklearn_depth.constructions._approximate_radial import approximate_radial
from sklearn_depth.constructions._ball import ball_weights
from sklearn_depth.constructions._radial_network import RadialNetwork

__all__ = ["RadialNetwork", "approximate_radial", "ball_weights"]
