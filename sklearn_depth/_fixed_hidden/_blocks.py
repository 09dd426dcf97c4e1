"""Nets of fixed hidden layers on samples that lie in Dask collections."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.sigmoid._sums import SummedObjective
from sklearn_depth.utils._dask import DaskRows
from sklearn_depth.utils._streams import (
    columns_of_blocks,
    means_with_rows,
    sum_blocks,
)
from sklearn_depth.utils._validation import validate_held_out


def _check_sums_suffice(model):
    """Refuse what needs all samples at once, or an earlier fit."""
    words = ['alpha="loo"'] if isinstance(model.alpha, str) else []
    if isinstance(model.tie, str) and model.design != "iid":
        words.append('tie="auto"')
    if words:
        raise ValueError(
            f"{' and '.join(words)} compares fits by leave-one-out, which needs all "
            "samples at once, and a Dask collection does not bring them together. Give "
            "numbers, such as alpha_ and tie_ of a fit to some of the samples."
        )
    if model.warm_start:
        raise ValueError(
            "warm_start=True goes on from samples in memory. Set warm_start=False for "
            "a Dask collection."
        )


@dataclass(frozen=True)
class TargetSums:
    """Mean and variance of targets, and how far they reach."""

    moments: RidgeMoments
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def empty(cls, n_targets):
        """Those of no samples."""
        reach = np.full(n_targets, np.inf)
        return cls(RidgeMoments(0, n_targets), reach, -reach)

    def update(self, samples):
        """With further samples."""
        moments = self.moments.update(samples.at(samples.X[:, :0]))
        targets = samples.targets
        return self._with(moments, targets.min(axis=0), targets.max(axis=0))

    def merge(self, other):
        """With the samples of another; neither of the two changes."""
        return self._with(self.moments.merge(other.moments), other.low, other.high)

    def _with(self, moments, low, high):
        low, high = np.minimum(self.low, low), np.maximum(self.high, high)
        return TargetSums(moments, low, high)

    @property
    def is_constant(self):
        """Which targets vary by no more than rounding."""
        return self.moments.target_deviation == 0

    def at_mean(self, like):
        """A sample at the mean of the targets."""
        return Samples.of(like.X[:1], self.moments.target_mean[None])


def fit_dask(model, given, held_out, loss):
    """A pass for a subsample, one for the range of y, one for each gradient."""
    _check_sums_suffice(model)
    rows = DaskRows(*given)
    columns = columns_of_blocks(model, rows)
    validate = model._validator(rows)
    some, known = validate(model, *rows.sample())
    held_out = validate_held_out(model, some, known, *held_out)
    sum_rows = partial(sum_blocks, model, rows, validate=validate)
    empty = partial(TargetSums.empty, some.n_targets)
    sums, seen = sum_rows(columns, empty, TargetSums.update)
    in_unit, unit = model._unit_of_sums(sums, some.X.dtype)
    seen = known | seen | unit

    def objective_of(features):
        def means_of(function):
            update = partial(means_with_rows, in_unit, model.n_hidden, function)
            means, _ = sum_rows(seen, RowMeans, update)
            return means

        transform = features._map
        return SummedObjective(
            means_of, transform, model.n_hidden, loss, model.fit_intercept
        )

    return model._train(
        *model._begin(some, in_unit(sums.at_mean(some)), seen, model._ties()),
        objective_of,
        some,
        None if held_out is None else in_unit(held_out),
        loss,
        seen,
        given,
    )
