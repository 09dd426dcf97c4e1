"""Layers whose units see one to three columns, drawn by how much a fit used each.

Samples have standardised columns as their X and targets of variance 1.
"""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, fit_on_folds
from sklearn_depth.utils._memory import row_blocks

# A unit sees up to so many columns.
_MOST_COLUMNS = 3
# Of the draws, which keeps every column reachable.
_UNIFORM_SHARE = 0.02
# Of the importance, which compete: the first for tables, the second to find a few
# columns among hundreds.
_POWERS = [0.5, 2.0]
# Units of the first step for each column, where rows are fewer than columns.
_UNITS_PER_COLUMN = 2
# Standard deviations between a kink and a row, which is then on one side of it.
_OFF = 0.1
# Errors so many times those of other layers do not come down to them.
_HOPELESS = 3.0


def sparse_layers(
    samples: Samples, n_units: int, n_steps: int, bar: float, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Yield the layer of each step, and return the one of the least charged error.

    The first sees all columns alike, each further one those that the last fit used.
    Two powers of the importance compete in the second step, and the better one goes on.
    Steps end early where ``bar``, the error of other layers, is out of reach.
    """
    n_samples, d = len(samples), samples.n_features
    n_first = max(n_units, _UNITS_PER_COLUMN * d) if n_samples < d else n_units
    layer, importance = _step(samples, np.ones(d), n_first, rng)
    layers, powers = [layer], _POWERS
    yield layer
    for _ in range(max(n_steps - 2, 1)):
        if min(one.mean_error(n_samples) for one in layers) > _HOPELESS * bar:
            break
        made = [_step(samples, importance**power, n_units, rng) for power in powers]
        layers += [layer for layer, _ in made]
        yield from layers[-len(made) :]
        free = [replace(layer, n_search=0).mean_error(n_samples) for layer, _ in made]
        best = int(np.argmin(free))
        importance, powers = made[best][1], powers[best : best + 1]
    narrow = [layer for layer in layers if len(layer) <= n_units]
    return min(narrow or layers, key=lambda layer: layer.mean_error(n_samples))


def _step(
    samples: Samples, wanted: Array, n_units: int, rng: np.random.Generator
) -> tuple[Layer, Array]:
    """A layer of columns drawn as wanted, with its error, and their importances to it.

    Kinks are near rows.
    """
    d = samples.n_features
    total = wanted.sum()
    shares = wanted / total if total > 0 else np.full(d, 1 / d)
    drawn = (1 - _UNIFORM_SHARE) * shares + _UNIFORM_SHARE / d
    weights = sparse_weights(drawn, n_units, rng)
    rows = samples.X[drawn_rows(samples, n_units, rng)]
    biases = _OFF * rng.standard_normal(n_units) - np.sum(weights * rows, axis=1)
    layer = Layer(weights, biases, column_search_size(shares)).astype(samples.X.dtype)
    layer, coef = fit_on_folds(layer, samples)
    return layer, column_importances(layer, samples, coef)


def sparse_weights(shares: Array, n_units: int, rng: np.random.Generator) -> Array:
    """Unit weights on one to three columns each, drawn by their shares."""
    counts = 1 + rng.permutation(np.arange(n_units) % _MOST_COLUMNS)
    units = np.repeat(np.arange(n_units), counts)
    columns = draw_columns(shares, len(units), rng)
    weights = np.zeros((n_units, len(shares)))
    weights[units, columns] = rng.standard_normal(len(units))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def draw_columns(
    shares: Array, n_draws: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Columns in random order, each as often as its share says, up to less than one.

    Systematic sampling: equal steps through the shares, from a random start.
    """
    ends = np.cumsum(shares)
    places = (np.arange(n_draws) + rng.random()) / n_draws
    return rng.permutation(np.searchsorted(ends, places * ends[-1]))


def drawn_rows(
    samples: Samples, n_draws: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Rows drawn by weight, the same ones whatever their order.

    They are counted along a random direction.
    """
    along = samples.X @ rng.standard_normal(samples.n_features)
    order = np.argsort(along, kind="stable")
    ends = np.cumsum(samples.share[order])
    return order[np.searchsorted(ends, rng.random(n_draws) * ends[-1])]


def column_search_size(shares: Array) -> float:
    """k log(d / k), what a choice of k among d columns costs, k their effective number.

    The price of a column among d is log d by risk inflation (Foster and George 1994).
    """
    k = 1 / (shares**2).sum()
    return float(k * np.log(max(len(shares) / k, 1)))


def column_importances(layer: Layer, samples: Samples, coef: Array) -> Array:
    """Root mean squared derivatives by column, with all targets together."""
    squares = np.zeros(samples.n_features)
    for rows in row_blocks(len(samples), len(layer)):
        for gradients in layer.output_gradients(samples.X[rows], coef):
            squares += samples.share[rows] @ gradients**2
    return np.sqrt(squares)
