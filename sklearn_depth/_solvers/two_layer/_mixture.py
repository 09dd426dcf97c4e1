"""Candidate layers, mixed by the estimates of their errors.

How far to trust a fit that searched for its features over those that did not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, joined

# How sharply the better fit wins: empirical, flat within a factor of 1.5.
_SHARPNESS = 10.0
# A candidate is left out below this share.
_LEAST_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class Candidate:
    """A layer, what a head on it errs by, and that head.

    error : (n_targets,), after the charge for a search; None where only the head tells.
    head : None where it is fitted only if the candidate has a share that counts.
    """

    layer: Layer
    error: Array | None = None
    head: RidgeHead | None = None


@dataclass(frozen=True, eq=False)
class Mixture:
    """The units of all candidates, one head on them, and the weights of each.

    weights : (n_candidates, n_targets); 0 for those left out.
    chosen : the others, each with its head.
    """

    layer: Layer
    head: RidgeHead
    weights: Array
    chosen: list[Candidate]

    def with_heads(self, heads: list[RidgeHead]) -> "Mixture":
        """The same mixture of other heads on the layers that are chosen."""
        weights = self.weights[self.weights.max(axis=1) > 0]
        head = average_heads(heads, weights, self.layer.weights.shape[1])
        pairs = zip(self.chosen, heads, strict=True)
        chosen = [replace(candidate, head=head) for candidate, head in pairs]
        return replace(self, head=head, chosen=chosen)


def mix_candidates(
    candidates: list[Candidate], fit_head: Callable[[Layer], Candidate]
) -> Mixture:
    """Average the candidates by weights that fall with their errors.

    Those of a small share are left out: before their head is fitted, by what is known
    of their error, and after it. A single one needs no error.
    """
    if len(candidates) == 1:
        (one,) = candidates
        head = one.head or fit_head(one.layer).head
        assert head is not None
        return alone(one.layer, head)
    made = [c if c.error is not None else fit_head(c.layer) for c in candidates]
    counts = _counting(made, np.full(len(made), True))
    made = [
        fit_head(c.layer) if one and c.head is None else c
        for c, one in zip(made, counts, strict=True)
    ]
    kept = _counting(made, np.array([c.head is not None for c in made]))
    weights = _weights(made, kept)
    chosen = [c for c, one in zip(made, kept, strict=True) if one]
    layer = joined([c.layer for c in chosen])
    heads = [c.head for c in chosen if c.head is not None]
    head = average_heads(heads, weights[kept], layer.weights.shape[1])
    return Mixture(layer, head, weights, chosen)


def alone(layer: Layer, head: RidgeHead) -> Mixture:
    """One layer that competes with none."""
    weights = np.ones((1, len(head.intercept)))
    return Mixture(layer, head, weights, [Candidate(layer, head=head)])


def _counting(
    candidates: list[Candidate], among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which have a share that counts, for any target."""
    return _weights(candidates, among).max(axis=1) >= _LEAST_SHARE


def _weights(candidates: list[Candidate], among: NDArray[np.bool_]) -> Array:
    """The weights of some candidates, 0 for the others."""
    errors = np.stack([np.asarray(candidate.error) for candidate in candidates])
    return mixture_weights(np.where(among[:, None], errors, np.inf))


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
    (n_heads, n_targets). The penalty is that of the largest weight.
    """
    pairs = list(zip(weights, heads, strict=True))
    units = [w * head.coef[:-n_features] for w, head in pairs]
    inputs = np.sum([w * head.coef[-n_features:] for w, head in pairs], axis=0)
    intercepts = [w * head.intercept for w, head in pairs]
    alphas = np.stack([head.alpha for head in heads])
    alpha = np.take_along_axis(alphas, weights.argmax(axis=0)[None], axis=0)[0]
    return RidgeHead(np.vstack([*units, inputs]), np.sum(intercepts, axis=0), alpha)
