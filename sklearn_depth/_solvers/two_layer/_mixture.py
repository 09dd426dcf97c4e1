"""Candidate layers, mixed by the estimates of their errors.

How far to trust a fit that searched for its features over those that did not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, joined

# How sharply the better fit wins: empirical, flat within a factor of 1.5.
_SHARPNESS = 10.0
# A candidate whose head is yet to be fitted is left out below this share.
_LEAST_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class Candidate:
    """A layer, what a head on it errs by, and that head.

    error : (n_targets,), after the charge for a search.
    head : None where it is fitted only if the candidate has a share that counts.
    """

    layer: Layer
    error: Array
    head: RidgeHead | None = None


@dataclass(frozen=True, eq=False)
class Mixture:
    """The units of all candidates, one head on them, and the weights of each.

    weights : (n_candidates, n_targets); 0 for those left out.
    """

    layer: Layer
    head: RidgeHead
    weights: Array


def mix_candidates(
    candidates: list[Candidate], fit_head: Callable[[Layer], RidgeHead]
) -> Mixture:
    """Average the candidates by weights that fall with their errors."""
    errors = np.stack([candidate.error for candidate in candidates])
    shares = mixture_weights(errors).max(axis=1)
    kept = [
        candidate.head is not None or share >= _LEAST_SHARE
        for candidate, share in zip(candidates, shares, strict=True)
    ]
    weights = np.zeros_like(errors)
    weights[kept] = mixture_weights(errors[kept])
    chosen = [c for c, one in zip(candidates, kept, strict=True) if one]
    heads = [c.head or fit_head(c.layer) for c in chosen]
    layer = joined([c.layer for c in chosen])
    head = average_heads(heads, weights[kept], layer.weights.shape[1])
    return Mixture(layer, head, weights)


def mixture_weights(errors: Array) -> Array:
    """Weights proportional to error^-10 of fits with errors (n_fits, n_targets).

    They sum to 1 for each target; where errors are zero, the first of these has all,
    and where none is finite the first of all.
    """
    first = np.arange(len(errors))[:, None] == 0
    errors = np.where(np.isfinite(errors).any(axis=0), errors, np.where(first, 0, 1))
    best = errors.min(axis=0)
    ratio = np.divide(best, errors, out=np.zeros_like(errors), where=errors > 0)
    weights = ratio**_SHARPNESS
    exact = np.flatnonzero(best <= 0)
    weights[np.argmin(errors[:, exact], axis=0), exact] = 1.0
    total: Array = weights.sum(axis=0)
    return weights / total


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
