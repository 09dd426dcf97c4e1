"""Layers whose units see one to three features, drawn by how much a fit used each.

Samples have standardised features as their X and targets of variance 1.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, fit_on_folds
from sklearn_depth.utils._memory import row_blocks

# A unit sees up to so many features.
_MOST_COLUMNS = 3
# Of the draws, which keeps every feature reachable.
_UNIFORM_SHARE = 0.02
# Of the importance, which compete: the first for tables, the second to find a few
# features among hundreds.
_POWERS = [0.5, 2.0]
# Units of the first step for each feature, where samples are fewer than features, and
# at most over those of a layer.
_UNITS_PER_COLUMN, _MOST_FIRST = 2, 4
# Standard deviations between a kink and a sample, which is then on one side of it.
_OFF = 0.1
# An error that keeps more than this share of the last one has stopped to fall.
_STILL_FALLING = 0.98
# Errors so many times those of other layers do not come down to them.
_HOPELESS = 3.0


@dataclass(frozen=True, eq=False)
class _Step:
    """A layer with the error of a head on it.

    shares : (n_features,), what its features were drawn by.
    importance : (n_features,), how much the head uses each feature.
    free : the error without the charge for the choice of features.
    """

    layer: Layer
    shares: Array
    importance: Array
    free: float


def sparse_layers(
    samples: Samples, n_units: int, n_steps: int, bar: float, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Yield the layer of each step, of half the units, and return a full one.

    The first step draws all features alike, each further one those that the last fit
    used. Two powers of the importance compete in the second step, and the better one
    goes on for up to ``n_steps`` as long as the error falls. Steps end early where
    ``bar``, the error of other layers, is out of reach. The full layer is drawn as that
    of the least charged error was.
    """
    n_samples, d = len(samples), samples.n_features
    half = -(-n_units // 2)
    n_first = half
    if n_samples < d:
        n_first = max(half, min(_UNITS_PER_COLUMN * d, _MOST_FIRST * n_units))
    steps = [_take_step(samples, np.ones(d), n_first, rng)]
    last, powers = steps[0], _POWERS
    yield last.layer
    for _ in range(max(n_steps, 1)):
        if min(one.layer.mean_error(n_samples) for one in steps) > _HOPELESS * bar:
            break
        wanted = [last.importance**power for power in powers]
        made = [_take_step(samples, columns, half, rng) for columns in wanted]
        steps += made
        yield from (one.layer for one in made)
        best = min(range(len(made)), key=lambda k: made[k].free)
        if made[best].free > _STILL_FALLING * last.free:
            break
        last, powers = made[best], powers[best : best + 1]
    chosen = min(steps, key=lambda one: one.layer.mean_error(n_samples))
    layer = draw_layer(samples, chosen.shares, n_units, rng)
    return replace(layer, error=chosen.layer.error)


def _take_step(
    samples: Samples, wanted: Array, n_units: int, rng: np.random.Generator
) -> _Step:
    """A layer on features drawn as wanted; all alike where none is."""
    total = wanted.sum()
    shares = wanted / total if total > 0 else np.full(len(wanted), 1 / len(wanted))
    layer = draw_layer(samples, shares, n_units, rng)
    layer, coef = fit_on_folds(layer, samples)
    free = replace(layer, n_search=0).mean_error(len(samples))
    return _Step(layer, shares, column_importances(layer, samples, coef), free)


def draw_layer(
    samples: Samples, shares: Array, n_units: int, rng: np.random.Generator
) -> Layer:
    """Units on features drawn by shares, their kinks near samples."""
    drawn = (1 - _UNIFORM_SHARE) * shares + _UNIFORM_SHARE / len(shares)
    weights = sparse_weights(drawn, n_units, rng)
    rows = samples.X[drawn_rows(samples, n_units, rng)]
    biases = _OFF * rng.standard_normal(n_units) - np.sum(weights * rows, axis=1)
    layer = Layer(weights, biases, column_search_size(shares))
    return layer.astype(samples.X.dtype)


def sparse_weights(shares: Array, n_units: int, rng: np.random.Generator) -> Array:
    """Weights of norm 1 on one to three features each, drawn by their shares."""
    counts = 1 + rng.permutation(np.arange(n_units) % _MOST_COLUMNS)
    units = np.repeat(np.arange(n_units), counts)
    columns = draw_columns(shares, len(units), rng)
    weights = np.zeros((n_units, len(shares)))
    weights[units, columns] = rng.standard_normal(len(units))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def draw_columns(
    shares: Array, n_draws: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Features in random order, each as often as its share says, up to less than one.

    Systematic sampling: equal steps through the shares, from a random start.
    """
    ends = np.cumsum(shares)
    places = (np.arange(n_draws) + rng.random()) / n_draws
    return rng.permutation(np.searchsorted(ends, places * ends[-1]))


def drawn_rows(
    samples: Samples, n_draws: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Samples drawn by weight, the same ones whatever their order.

    They are counted along a random direction.
    """
    along = samples.X @ rng.standard_normal(samples.n_features)
    order = np.argsort(along, kind="stable")
    ends = np.cumsum(samples.share[order])
    return order[np.searchsorted(ends, rng.random(n_draws) * ends[-1])]


def column_search_size(shares: Array) -> float:
    """k log(d / k), the cost of k among d features, k their effective number.

    The price of a feature among d is log d by risk inflation (Foster and George 1994).
    """
    k = 1 / (shares**2).sum()
    return float(k * np.log(max(len(shares) / k, 1)))


def column_importances(layer: Layer, samples: Samples, coef: Array) -> Array:
    """Root mean squared derivatives by each feature, with all targets together."""
    squares = np.zeros(samples.n_features)
    for rows in row_blocks(len(samples), len(layer)):
        for gradients in layer.output_gradients(samples.X[rows], coef):
            squares += samples.share[rows] @ gradients**2
    return np.sqrt(squares)
