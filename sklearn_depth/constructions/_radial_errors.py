"""What both depths of networks for functions of the norm are measured by."""

import numpy as np

MOST_UNITS = 2**22  # that a search for a width makes
_N_TEST_DRAWS = 10_000


def measured_errors(network, truth, rng):
    """Errors on 10 000 fresh draws: the largest, and the root mean square."""
    X, target = truth.sample(_N_TEST_DRAWS, rng)
    errors = np.abs(network(X) - target)
    return {
        "sup_error": float(errors.max()),
        "l2_error": float(np.sqrt(np.mean(errors**2))),
    }
