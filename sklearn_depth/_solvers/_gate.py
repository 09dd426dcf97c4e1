"""How far to trust a fit that searched for its features over one that did not."""

import numpy as np

from sklearn_depth._solvers._spectrum import Array

# Charged for each parameter of the search, at most so much of the samples, and how
# sharply the better fit wins: all three empirical, flat within a factor of 1.5.
_COST = 2.0
_LARGEST_CHARGE = 0.4
_SHARPNESS = 10.0


def network_share(
    network_score: Array, linear_score: Array, n_search: float, n_samples: float
) -> Array:
    """Weight in [0, 1] of the network against a linear fit, for each target.

    Weights are proportional to score^-10, the network's after its charge.
    """
    network = charged_score(network_score, n_search, n_samples)
    ratio = np.divide(
        network, linear_score, out=np.zeros_like(network), where=linear_score > 0
    )
    return 1 / (1 + np.minimum(ratio, 1e6) ** _SHARPNESS)


def charged_score(score: Array, n_search: float, n_samples: float) -> Array:
    """Estimated test error of a fit whose features were chosen by the labels.

    It has spent more than the degrees of freedom of its head: with q searched
    parameters the estimate becomes ``score / (1 - min(2 q, 0.4 n) / n)^2``.
    """
    charge = min(_COST * n_search / n_samples, _LARGEST_CHARGE)
    return score / (1 - charge) ** 2
