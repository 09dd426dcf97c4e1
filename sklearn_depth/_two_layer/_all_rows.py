"""Fits whose layers are learned from some rows and whose heads see all of them."""

from dataclasses import replace
from functools import partial

import numpy as np

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth._solvers.two_layer._all_rows import Gradients, Heads
from sklearn_depth._solvers.two_layer._competition import candidates_of
from sklearn_depth._solvers.two_layer._robust import Heed
from sklearn_depth.features._learned import layer_of
from sklearn_depth.utils._callbacks import FitProgress
from sklearn_depth.utils._dask import DaskRows, sampled_rows
from sklearn_depth.utils._sklearn import some_rows
from sklearn_depth.utils._streams import (
    columns_of_blocks,
    sum_blocks,
    sum_in_memory,
)
from sklearn_depth.utils._validation import validate_samples

# Rows of a Dask collection that layers are learned from.
_SUBSAMPLE = 20_000


def fit_dask(model, given):
    """Fit to a Dask collection: where there are few rows, to all in memory."""
    rows = DaskRows(*given)
    columns = columns_of_blocks(model, rows)
    size = _SUBSAMPLE if model.subsample is None else model.subsample
    if len(rows) > size:
        _check_sums_suffice(model)
    some = validate_samples(model, *rows.sample(size))
    if len(rows) <= size:
        return model._learn(*some, given)
    sum_rows = partial(sum_blocks, model, rows, columns)
    return _learn_from_some(model, some, sum_rows, given)


def fit_subsample(model, samples, seen, given):
    """Fit to rows in memory, of which there are more than layers are learned from."""
    _check_sums_suffice(model)
    X, y, weight = given
    weighted = np.flatnonzero(np.broadcast_to(1 if weight is None else weight, len(y)))
    rows = weighted[sampled_rows(len(weighted), model.subsample)]
    some = [a if np.ndim(a) == 0 else some_rows(a, rows) for a in given]
    sum_rows = partial(sum_in_memory, samples, seen)
    return _learn_from_some(model, validate_samples(model, *some), sum_rows, given)


def _check_sums_suffice(model):
    """Refuse what needs all rows at once."""
    if is_word(model.alpha, "loo"):
        raise ValueError(
            'alpha="loo" needs all rows at once, and heads on more rows than the '
            'subsample are fitted from sums. Set alpha="gcv" or a number, or a larger '
            "subsample."
        )


def _learn_from_some(model, some, sum_rows, given):
    """Layers from some samples, then a pass for heads and one for gradients.

    ``sum_rows(empty, update)`` makes a pass over all rows, and returns sums and what a
    fit is to remember of the columns.
    """
    samples, seen = some
    kinds, progress = model._competing_kinds(), FitProgress(model, None, *given)
    learned, losses = model._learn_layers(samples, kinds, seen, progress)
    found, first = model._mix(learned, kinds)

    def passed(empty, update):
        summed = sum_rows(empty, update)
        made = partial(model._network, learned, kinds, seen)
        progress.iteration(made, "pass over the rows")
        return summed

    counts = first.weights.max(axis=1) > 0
    heads = _heads(model, learned, samples, kinds, counts, first)
    sums, seen = passed(heads.no_rows, heads.update)
    precision = float(np.finfo(samples.X.dtype).eps)
    mixture = heads.mixture(sums, model.alpha, precision)
    features = model._map_of(learned, mixture, seen)
    coef = mixture.head.coef / sums.target_scale
    gradients = Gradients(heads, layer_of(features), coef)
    means, _ = passed(RowMeans, gradients.update)
    covariance = features.whitening_ @ means.values[0] @ features.whitening_
    weights = np.zeros(first.weights.shape)
    weights[counts] = mixture.weights
    mixture = replace(mixture, weights=weights)
    network = model._attributes(features, mixture, found, samples, covariance)
    return model._store(seen | network, learned, losses, progress)


def _heads(model, learned, samples, kinds, counts, first):
    """Those on the layers that count in the mixture by the first samples."""
    candidates = candidates_of(learned, kinds, model.alpha).items()
    pairs = zip(candidates, counts, strict=True)
    layers = {kind: made.layer for (kind, made), one in pairs if one}
    moments = learned.linear if model.linear_part == "moment" else None
    heed = None
    if model.loss == "cauchy":
        at = samples.at(learned.inputs.of(samples.X))
        heed = Heed.of(first.layer, first.head, at)
    return Heads(learned.inputs, layers, samples.n_targets, moments, heed)
