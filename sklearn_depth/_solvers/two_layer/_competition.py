"""Which kinds of layers compete, their heads, and the mixture that they make."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import Alpha
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, fit_head
from sklearn_depth._solvers.two_layer._mixture import (
    Candidate,
    Mixture,
    mix_candidates,
)
from sklearn_depth._solvers.two_layer._search import Learned

KINDS = ("linear", "random", "dense", "smooth", "sparse")
# Where nothing is compared, which of the kinds that are named stands alone.
_FIRST = ("dense", "smooth", "sparse", "random", "linear")
# Those beside a dense layer whose rank is given.
_OF_GIVEN_RANK = ("linear", "dense", "smooth")


def competing_kinds(
    named: Collection[str], *, compared: bool, given_rank: bool
) -> list[str]:
    """The kinds that are named, or one of them where errors are not compared."""
    if not named or len(set(named)) < len(named) or not set(named) <= set(KINDS):
        raise ValueError(
            f"layers={named!r}: name one or more of {', '.join(map(repr, KINDS))}, "
            "each once."
        )
    if not compared:
        return [next(kind for kind in _FIRST if kind in named)]
    among = _OF_GIVEN_RANK if given_rank and "dense" in named else KINDS
    return [kind for kind in among if kind in named]


def mix_kinds(
    learned: Learned, kinds: Collection[str], alpha: Alpha, linear_part: str | None
) -> tuple[list[str], Mixture]:
    """The kinds that are there, and their mixture by estimated errors."""
    candidates = candidates_of(learned, kinds, alpha)
    fit = partial(_with_head, learned, alpha, linear_part)
    return list(candidates), mix_candidates(list(candidates.values()), fit)


def candidates_of(
    learned: Learned, kinds: Collection[str], alpha: Alpha
) -> dict[str, Candidate]:
    """By kind, those that compete so far; the last layer where none of them does."""
    samples, linear, start = learned.samples, learned.linear, learned.start
    dtype, made = samples.X.dtype, {}
    if "linear" in kinds:
        none = Layer(start.weights[:0], start.biases[:0])
        head = linear.head if isinstance(alpha, str) else None
        made["linear"] = Candidate(none, linear.error, head)
    for kind, layer in learned.layers.items():
        if kind in kinds or not any(name in kinds for name in learned.layers):
            error = None if layer.error is None else _charged(learned, layer)
            head = _in_units_of(samples, layer.head) if isinstance(alpha, str) else None
            made[kind] = Candidate(layer.astype(dtype), error, head)
    return made


def _in_units_of(samples: Samples, head: RidgeHead | None) -> RidgeHead | None:
    """A head on targets of variance 1 as one on the targets."""
    if head is None:
        return None
    scale = np.where(np.isinf(samples.scale), 0, samples.scale)
    constant = np.where(np.isinf(samples.scale), samples.mean, 0)
    return replace(
        head, coef=head.coef * scale, intercept=head.intercept * scale + constant
    )


def _charged(learned: Learned, layer: Layer) -> Array:
    """The charged error of targets of variance 1, in the units of the targets."""
    scale = learned.samples.scale
    square: Array = np.where(np.isinf(scale), 0, scale) ** 2
    return layer.charged_error(len(learned.samples)) * square


def _with_head(
    learned: Learned, alpha: Alpha, linear_part: str | None, layer: Layer
) -> Candidate:
    """A layer with its head, and the head's error as charged."""
    samples = learned.samples
    if linear_part == "moment":
        return Candidate(layer, head=_head_after_moments(layer, learned, alpha))
    head = fit_head(layer, samples, alpha)
    if head.error is None:
        return Candidate(layer, head=head)
    error = replace(layer, error=head.error).charged_error(len(samples))
    return Candidate(layer, error, head)


def _head_after_moments(layer: Layer, learned: Learned, alpha: Alpha) -> RidgeHead:
    """Steps 4 and 5 of Algorithm 1: a ridge head on what the moments leave."""
    linear, n_hidden = learned.linear, len(layer)
    head = solve_ridge(
        lambda Z: layer.features(Z)[:, :n_hidden],
        learned.samples.to(linear.residual(learned.samples)),
        alpha,
        n_columns=n_hidden,
        fit_intercept=False,
    )
    coef = np.vstack([head.coef, linear.coef])
    return RidgeHead(coef, linear.intercept, head.alpha, head.error)
