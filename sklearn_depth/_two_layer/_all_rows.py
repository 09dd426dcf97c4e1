"""Fits whose layers are learned from some samples and whose heads see all of them."""

from functools import partial

import numpy as np

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._solvers.two_layer._all_rows import Gradients
from sklearn_depth.features._learned import layer_of
from sklearn_depth.utils._callbacks import FitProgress
from sklearn_depth.utils._classes import Totals, totals_of
from sklearn_depth.utils._dask import DaskRows, sampled_rows
from sklearn_depth.utils._sklearn import some_rows
from sklearn_depth.utils._streams import (
    columns_of_blocks,
    sum_blocks,
    sum_in_memory,
)

# Samples of a Dask collection that layers are learned from.
_SUBSAMPLE = 20_000


def fit_dask(model, given):
    """Fit to a Dask collection: where there are few samples, to all in memory."""
    rows = DaskRows(*given)
    columns = columns_of_blocks(model, rows)
    size = _SUBSAMPLE if model.subsample is None else model.subsample
    if len(rows) <= size:
        return model._learn(*model._validated(*rows.sample(size)), given)
    heads = model._heads_on_all_rows(partial(totals_of, rows))
    some = heads.validate(model, *rows.sample(size))
    known = columns | heads.seen
    sum_rows = partial(sum_blocks, model, rows, known, validate=heads.validate)
    return _learn_from_some(model, some, heads, sum_rows, given)


def fit_subsample(model, samples, seen, given):
    """Fit to samples in memory: more of them than layers are learned from."""
    _, y, weight = given
    heads = model._heads_on_all_rows(partial(Totals.of, y, weight))
    weighted = np.flatnonzero(np.broadcast_to(1 if weight is None else weight, len(y)))
    rows = weighted[sampled_rows(len(weighted), model.subsample)]
    some = [a if np.ndim(a) == 0 else some_rows(a, rows) for a in given]
    sum_rows = partial(sum_in_memory, samples, seen)
    return _learn_from_some(model, heads.validate(model, *some), heads, sum_rows, given)


def _learn_from_some(model, some, heads, sum_rows, given):
    """Layers from some samples, then passes for heads and one for gradients.

    ``sum_rows(empty, update)`` makes a pass over all samples, and returns sums and what
    a fit is to remember of X.
    """
    samples, seen = some
    heads.check(samples)
    kinds, progress = model._competing_kinds(), FitProgress(model, None, *given)
    learned, losses = model._learn_layers(samples, kinds, seen, progress)
    found, first = model._mix(learned, kinds)
    of_some = partial(model._network_of, learned, found, first, seen)
    known = seen

    def passed(empty, update):
        nonlocal known
        sums, known = sum_rows(empty, update)
        progress.iteration(of_some, "pass over the samples")
        return sums

    mixture, unit, inputs_of = heads.fit(learned, first, samples, passed)
    features = model._map_of(learned, mixture, known)
    gradients = Gradients(inputs_of, layer_of(features), mixture.head.coef / unit)
    (covariance,) = passed(RowMeans, gradients.update).values
    covariance = features.whitening_ @ covariance @ features.whitening_
    network = model._attributes(features, mixture, found, samples, covariance)
    return model._store(known | network, learned, losses, progress)
