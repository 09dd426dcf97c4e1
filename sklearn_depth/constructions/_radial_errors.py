"""What both depths of networks for functions of the norm are measured by."""

import numpy as np

MOST_UNITS = 2**22  # that a search for a width makes
_N_TEST_DRAWS = 10_000


def finite(values, norms):
    """The profile's values, if they are finite."""
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"profile returned {values[bad][0]} at the norm {norms[bad][0]:.6g}; it "
            "must be finite wherever the law puts mass, here up to "
            f"{norms.max():.6g}. Clip it, or truncate the law."
        )
    return values


def measured_errors(network, truth, rng):
    """Errors on 10 000 fresh draws: the largest, and the root mean square."""
    X, target = truth.sample(_N_TEST_DRAWS, rng)
    finite(target, np.linalg.norm(X, axis=1))
    errors = np.abs(network(X) - target)
    return {
        "sup_error": float(errors.max()),
        "l2_error": float(np.sqrt(np.mean(errors**2))),
    }
