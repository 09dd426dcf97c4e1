"""Logistic heads on layers that were learned on class shares, and their mixture."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

import numpy as np

from sklearn_depth._solvers.two_layer._class_turns import (
    exact_class_head,
    fit_class_head,
    turned_layer,
)
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth._solvers.two_layer._mixture import (
    Candidate,
    Mixture,
    mix_candidates,
)
from sklearn_depth._solvers.two_layer._search import Learned, Search

# Layers are out of question whose squared errors are so many times the least one.
_HOPELESS = 1.4
# Charged for each parameter of the search, in log loss summed over samples, as by
# Akaike's criterion.
_COST = 1.0


def mix_class_kinds(
    learned: Learned, kinds: Collection[str], alpha: str | float, search: Search
) -> tuple[list[str], Mixture]:
    """The kinds that are there, and their mixture by charged log losses.

    Heads of several outputs are rough until it is known that they count.
    """
    made = {}
    for kind, layer in _layers(learned, kinds).items():
        made[kind] = _with_head(learned, layer, alpha)
        if kind == "dense" and search.n_feature_steps > 1 and alpha == "loo":
            made[kind] = _turned(learned, made[kind], search)
    candidates = list(made.values())
    finish = partial(_finished, learned, {one.layer: one for one in candidates})
    if _is_rough(learned, alpha):
        candidates = [replace(one, head=None) for one in candidates]
    return list(made), mix_candidates(candidates, finish)


def _is_rough(learned: Learned, alpha: str | float) -> bool:
    """Whether heads that are compared are: of one output exact ones take no longer."""
    return isinstance(alpha, str) and learned.samples.n_targets > 1


def _finished(
    learned: Learned, rough: dict[Layer, Candidate], layer: Layer
) -> Candidate:
    """The candidate of a layer with an exact head."""
    head = rough[layer].head
    assert head is not None
    exact = exact_class_head(layer, learned.samples, head)
    return replace(rough[layer], head=exact)


def _layers(learned: Learned, kinds: Collection[str]) -> dict[str, Layer]:
    """By kind, those that compete so far; the last layer where none of them does."""
    start, made = learned.start, {}
    if "linear" in kinds:
        made["linear"] = Layer(start.weights[:0], start.biases[:0])
    errors = _known_errors(learned)
    least = min([learned.linear.mean_error(learned.samples), *errors.values()])
    for kind, layer in learned.layers.items():
        if kind in kinds or not any(name in kinds for name in learned.layers):
            hopeless = errors.get(kind, 0) > _HOPELESS * least
            if not (hopeless and made):
                made[kind] = layer.astype(learned.samples.X.dtype)
    return made


def _known_errors(learned: Learned) -> dict[str, float]:
    """Those of layers at their end, by kind: on its way a search may fit noise."""
    return {
        kind: layer.mean_error(len(learned.samples))
        for kind, layer in learned.layers.items()
        if layer.error is not None
    }


def _with_head(learned: Learned, layer: Layer, alpha: str | float) -> Candidate:
    """A layer with its head, and the head's log loss as charged."""
    samples = learned.samples
    exact = not _is_rough(learned, alpha)
    head = fit_class_head(layer, samples, alpha, exact=exact)
    assert head.error is not None
    charge = _COST * layer.n_search / len(samples)
    return Candidate(layer, head.error + charge, head)


def _turned(learned: Learned, dense: Candidate, search: Search) -> Candidate:
    """The better one of a layer of directions and of the few that it comes to."""
    samples, given = learned.samples, search.n_directions
    if given is None or dense.head is None:
        return dense
    rank = None if isinstance(given, str) else given
    layer = turned_layer(dense.layer, dense.head, samples, learned.start, rank)
    if layer is None:
        return dense
    turned = _with_head(learned, layer, "loo")
    return min(dense, turned, key=lambda one: float(np.asarray(one.error)[0]))
