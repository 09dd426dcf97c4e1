"""Nets of fixed hidden layers on rows that lie in Dask collections."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_depth._math._moments import deviation_of
from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.sigmoid._sums import SummedObjective
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._streams import sum_blocks


def check_sums_suffice(model):
    """Refuse what needs all rows at once, or an earlier fit."""
    words = ['alpha="loo"'] if isinstance(model.alpha, str) else []
    if isinstance(model.tie, str) and model.design != "iid":
        words.append('tie="auto"')
    if words:
        raise ValueError(
            f"{' and '.join(words)} compares fits by leave-one-out, which needs all "
            "rows at once, and a Dask collection does not bring them together. Give "
            "numbers, such as alpha_ and tie_ of a fit to a sample of the rows."
        )
    if model.warm_start:
        raise ValueError(
            "warm_start=True goes on from rows in memory. Set warm_start=False for a "
            "Dask collection."
        )


@dataclass(frozen=True)
class TargetSums:
    """Mean and variance of targets, and how far they reach."""

    moments: RidgeMoments
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def empty(cls, n_targets):
        """Those of no rows."""
        reach = np.full(n_targets, np.inf)
        return cls(RidgeMoments(0, n_targets), reach, -reach)

    def update(self, samples):
        """With further rows."""
        moments = self.moments.update(samples.at(samples.X[:, :0]))
        low, high = samples.targets.min(axis=0), samples.targets.max(axis=0)
        return self.merge(TargetSums(moments, low, high), moments)

    def merge(self, other, moments=None):
        """With the rows of another; neither of the two changes."""
        if moments is None:
            moments = self.moments.merge(other.moments)
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return TargetSums(moments, low, high)

    @property
    def is_constant(self):
        """Which targets vary by no more than rounding."""
        moments = self.moments
        variance = moments.target_square / moments.weight
        return deviation_of(moments.target_mean, variance, moments.n_rows) == 0

    def at_mean(self, like):
        """A sample at the mean of the targets."""
        return Samples.of(like.X[:1], self.moments.target_mean[None])


class Passes:
    """Objectives from passes over the blocks, ``in_unit(samples)`` having targets."""

    def __init__(self, model, rows, seen, in_unit, loss):
        self._of = partial(sum_blocks, model, rows, seen, RowMeans)
        self._in_unit, self._loss, self._model = in_unit, loss, model

    def objective(self, features):
        """That of a hidden layer."""
        model, transform = self._model, features._map
        return SummedObjective(
            self._means, transform, model.n_hidden, self._loss, model.fit_intercept
        )

    def _means(self, function):
        n_hidden = self._model.n_hidden
        update = partial(_with_rows, self._in_unit, n_hidden, function)
        means, _ = self._of(update)
        return means


def _with_rows(in_unit, n_hidden, function, means, samples):
    samples = in_unit(samples)
    for rows in row_blocks(len(samples), n_hidden):
        part = samples[rows]
        means = means.merge(RowMeans(part.total_weight, function(part)))
    return means
