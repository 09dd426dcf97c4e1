"""Functions of the norm by one hidden layer of random directions."""

import numpy as np

from sklearn_depth._math._spheres import orthonormal_blocks
from sklearn_depth.constructions._radial_errors import MOST_UNITS, measured_errors
from sklearn_depth.constructions._radial_network import RadialNetwork, evaluate_hinges
from sklearn_depth.utils._memory import check_memory


def build_shallow(construction, truth, n_blocks, block_size, rng):
    """Draw directions, and measure the network on fresh data."""
    n_projections, n_features = n_blocks * block_size, truth.n_features
    check_memory(
        n_features,
        8 * n_projections * n_features,
        what=f"A matrix with a row for each of {n_projections:,} directions",
        way_out="Take a smaller width.",
    )
    directions = orthonormal_blocks(n_projections, n_features, rng)
    weights = construction.weights(n_blocks)
    parts = directions, construction.knots, weights[1:], float(weights[0])
    return RadialNetwork(
        *parts,
        **measured_errors(lambda X: evaluate_hinges(X, *parts), truth, rng),
        expected_error=construction.expected_error(n_blocks),
        l2_limit=construction.expected_error(),
        amplification=construction.amplification(n_blocks),
    )


def search_shallow(construction, truth, tol, rng):
    """The first of 1, 2, 4, ... whole blocks to be within ``tol``."""
    limit, n_knots = construction.expected_error(), len(construction.knots)
    if limit > tol:
        raise ValueError(
            f"tol={tol:g} is out of reach: infinitely many directions leave an error "
            f"of {limit:.3g} with {n_knots} knots and this construction. Take a "
            "larger tol, more knots, another degree or construction='hinge'."
        )
    block_units = 2 * n_knots * truth.n_features
    n_blocks, reached = 1, np.inf
    while n_blocks * block_units <= MOST_UNITS:
        reached = construction.expected_error(n_blocks)
        if reached <= tol:
            network = build_shallow(
                construction, truth, n_blocks, truth.n_features, rng
            )
            reached = network.l2_error
            if reached <= tol:
                return network
        n_blocks *= 2
    raise ValueError(
        f"tol={tol:g} is out of reach: up to {MOST_UNITS:,} units, the most tried, "
        f"leave an error of {reached:.3g} and infinitely many {limit:.3g}. Take a "
        "larger tol, or pass a width."
    )
