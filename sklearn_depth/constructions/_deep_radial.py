"""Functions of the norm by two hidden layers, the first for the squared norm."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_depth._math._radial_constructions import interpolant, ridge_reach
from sklearn_depth._math._sphere_hinges import mean_hinges
from sklearn_depth.constructions._deep_network import DeepNetwork, evaluate_layers
from sklearn_depth.constructions._radial_errors import MOST_UNITS, measured_errors
from sklearn_depth.utils._memory import check_memory


@dataclass(frozen=True, eq=False)
class DeepRadialNetwork(DeepNetwork):
    """A ReLU network of two hidden layers for a function of the norm.

    Attributes
    ----------
    coefs : tuple of ndarray of shape (fan_in, fan_out)
        Weights of the layers.
    intercepts : tuple of ndarray of shape (fan_out,)
        Intercepts of the layers.
    sup_error : float
        Largest error over 10 000 fresh draws of the law, in units of the profile.
    l2_error : float
        Root mean square of the error over the same draws.
    """

    sup_error: float
    l2_error: float


def build_deep(truth, nodes, values, width, rng):
    """Two layers of ``width`` units in all, that interpolate at the norms ``nodes``."""
    n_inner = (width - (len(nodes) - 1)) // (2 * truth.n_features)
    check_memory(
        truth.n_features,
        8 * 2 * n_inner * truth.n_features * (truth.n_features + len(nodes)),
        what=f"A first layer of {2 * n_inner * truth.n_features:,} units",
        way_out="Take a smaller width.",
    )
    layers = _layers(n_inner, nodes, values, truth.n_features)
    errors = measured_errors(partial(evaluate_layers, *layers), truth, rng)
    return DeepRadialNetwork(*layers, **errors)


def search_deep(truth, nodes, values, tol, rng):
    """The first of 1, 2, 4, ... knots of the square to be within ``tol``."""
    n_outer, reached, n_inner = len(nodes) - 1, np.inf, 1
    while (width := 2 * truth.n_features * n_inner + n_outer) <= MOST_UNITS:
        network = build_deep(truth, nodes, values, width, rng)
        if network.l2_error <= tol:
            return network
        stuck = network.l2_error > 0.99 * reached  # the outer knots are in the way
        reached, n_inner = min(network.l2_error, reached), 2 * n_inner
        if stuck:
            break
    raise ValueError(
        f"tol={tol:g} is out of reach: up to {width:,} units leave an error of "
        f"{reached:.3g}, with the profile interpolated at n_knots={n_outer} norms. "
        "Take more knots, or a larger tol."
    )


def _layers(n_inner, nodes, values, n_features):
    """Weights and intercepts, for so many knots of the square of a coordinate.

    The profile is interpolated at what the sum of the squares is on average over a
    sphere, which is a little more than its squared radius.
    """
    heights = nodes[-1] * ridge_reach(n_features, 1) * np.linspace(0, 1, n_inner + 1)
    square = interpolant(heights, heights**2)[1:]
    means = n_features * mean_hinges(nodes, heights[:-1], n_features) @ square
    outer = interpolant(means, values)
    inner = np.kron(np.eye(n_features), np.repeat([1.0, -1.0], n_inner))
    squares = np.tile(square, 2 * n_features)
    return (
        (inner, np.tile(squares[:, None], len(nodes) - 1), outer[1:, None]),
        (-np.tile(heights[:-1], 2 * n_features), -means[:-1], outer[:1]),
    )
