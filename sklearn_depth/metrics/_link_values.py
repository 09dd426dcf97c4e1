"""Links as functions whose values are checked."""

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._hermite import hermite_sum
from sklearn_depth.utils._constraints import NON_NEGATIVE

# Constraints of links, and of links under noise.
LINK = {"link": [callable, "array-like"]}
NOISY_LINK = LINK | {"noise": [NON_NEGATIVE]}


def link_coefficients(link):
    """The Hermite coefficients that were given, checked."""
    found = check_array(link, dtype=np.float64, ensure_2d=False, input_name="link")
    if found.ndim != 1:
        raise ValueError(
            f"link has shape {found.shape}; Hermite coefficients a_0, a_1, ... are a "
            "1-D array. Pass one, or a callable."
        )
    return found


def link_function(link):
    """The function of a callable or of Hermite coefficients; its values are checked."""
    if not callable(link):
        coefficients = link_coefficients(link)
        return lambda z: hermite_sum(z, coefficients)

    def values(z):
        with np.errstate(all="ignore"):  # what is not finite is refused below
            g = np.asarray(link(z), dtype=np.float64)
        if g.shape != z.shape:
            raise ValueError(
                f"link returned shape {g.shape} for an argument of shape {z.shape}. "
                "Write it with NumPy operations on whole arrays."
            )
        if not np.isfinite(g).all():
            at = z[~np.isfinite(g)][0]
            raise ValueError(
                f"link is not finite at {at:.3g}. Pass one that is finite on all of "
                "[-14, 14], where the quadrature looks."
            )
        return g

    return values
