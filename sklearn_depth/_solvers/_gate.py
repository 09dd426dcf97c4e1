"""How far to trust a fit that searched for its features over those that did not."""

from dataclasses import replace

import numpy as np

from sklearn_depth._solvers._ridge import RidgeHead
from sklearn_depth._solvers._spectrum import Array

# Charged for each parameter of the search, at most so much of the samples, and how
# sharply the better fit wins: all three empirical, flat within a factor of 1.5.
_COST = 2.0
_LARGEST_CHARGE = 0.4
_SHARPNESS = 10.0


def mixture_weights(scores: Array) -> Array:
    """Weights proportional to score^-10 of fits with scores (n_fits, n_targets).

    They sum to 1 for each target; where scores are zero, the first of these has all,
    and where none is finite the first of all.
    """
    first = np.arange(len(scores))[:, None] == 0
    scores = np.where(np.isfinite(scores).any(axis=0), scores, np.where(first, 0, 1))
    best = scores.min(axis=0)
    ratio = np.divide(best, scores, out=np.zeros_like(scores), where=scores > 0)
    weights = ratio**_SHARPNESS
    exact = np.flatnonzero(best <= 0)
    weights[np.argmin(scores[:, exact], axis=0), exact] = 1.0
    total: Array = weights.sum(axis=0)
    return weights / total


def charged_score(score: Array, n_search: float, n_samples: float) -> Array:
    """Estimated test error of a fit whose features were chosen by the labels.

    It has spent more than the degrees of freedom of its head: with q searched
    parameters the estimate becomes ``score / (1 - min(2 q, 0.4 n) / n)^2``.
    """
    charge = min(_COST * n_search / n_samples, _LARGEST_CHARGE)
    return score / (1 - charge) ** 2


def average_heads(heads: list[RidgeHead], weights: Array, n_features: int) -> RidgeHead:
    """One head on the units of all, one after the other, and on their common inputs.

    Each of ``heads`` is on [units, inputs], with n_features inputs; ``weights`` are
    (n_heads, n_targets).
    """
    pairs = list(zip(weights, heads, strict=True))
    units = [w * head.coef[:-n_features] for w, head in pairs]
    inputs = np.sum([w * head.coef[-n_features:] for w, head in pairs], axis=0)
    intercepts = [w * head.intercept for w, head in pairs]
    coef = np.vstack([*units, inputs])
    return replace(heads[0], coef=coef, intercept=np.sum(intercepts, axis=0))
