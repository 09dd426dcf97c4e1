"""The samples of a fit, as one noun: inputs, targets and weights."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._equal_rows import (
    by_first_row,
    equal_row_labels,
    group_shares,
)
from sklearn_depth._math._moments import deviation_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs with their targets and weights.

    X : (n_samples, n_features).
    targets : (n_samples, n_targets), in float64.
    weight : (n_samples,), of mean 1.
    unit : the weight, as the user counts, that 1 stands for.
    target_shape : () where y has one dimension, else (n_targets,).
    count : (n_samples,), how many of other targets were merged into one; 1 each where
        none were.
    spread : (n_samples, n_targets), mean squares about their mean target; 0 likewise.
    """

    X: NDArray
    targets: Array
    weight: Array
    unit: float
    target_shape: tuple[int, ...]
    count: Array
    spread: Array

    @classmethod
    def of(
        cls, X: NDArray, y: NDArray, sample_weight: NDArray | None = None
    ) -> "Samples":
        """Samples with y in columns, and weights in their own unit; None is all 1.

        Samples whose weight is nothing beside the largest are left out.
        """
        if sample_weight is None:
            weight, unit = np.ones(len(X)), 1.0
        else:
            kept = sample_weight / sample_weight.max() > 0
            if not kept.all():
                X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
            weight, unit = _with_mean_one(sample_weight)
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        count = np.broadcast_to(1.0, len(targets))
        spread = np.broadcast_to(0.0, targets.shape)
        return cls(X, targets, weight, unit, y.shape[1:], count, spread)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, rows: Any) -> "Samples":
        """Some of the samples, with weights as they are."""
        return replace(
            self,
            X=self.X[rows],
            targets=self.targets[rows],
            weight=self.weight[rows],
            count=self.count[rows],
            spread=self.spread[rows],
        )

    @property
    def n_features(self) -> int:
        return self.X.shape[1]

    @property
    def n_targets(self) -> int:
        return self.targets.shape[1]

    @cached_property
    def n_rows(self) -> int:
        """How many samples differed in X or in targets before they were merged."""
        return int(self.count.sum())

    @cached_property
    def share(self) -> Array:
        """Weights that sum to 1."""
        return self.weight / self.weight.sum()

    @property
    def total_weight(self) -> float:
        """The weight of all, as the user counts."""
        return self.unit * float(self.weight.sum())

    @cached_property
    def is_weighted(self) -> bool:
        """Whether any weight is another than 1."""
        return bool((self.weight != 1).any())

    @cached_property
    def mean(self) -> Array:
        """The mean of each target."""
        return self.share @ self.targets

    @cached_property
    def scale(self) -> Array:
        """The standard deviation of each target; infinite where it is constant.

        A target is constant if it varies by no more than the rounding of its mean.
        """
        variance = self.share @ ((self.targets - self.mean) ** 2 + self.spread)
        deviation = deviation_of(self.mean, variance, len(self))
        return np.where(deviation > 0, deviation, np.inf)

    @cached_property
    def within(self) -> Array:
        """Weighted squares about the targets of merged samples; (n_targets,)."""
        return self.weight @ self.spread

    def average(self, values: NDArray) -> Array:
        """The weighted mean of rows of values, in float64."""
        if not self.is_weighted:
            return values.mean(axis=0, dtype=np.float64)
        return np.average(values, axis=0, weights=self.weight)

    def squared_error(self, fitted: NDArray) -> Array:
        """The mean squared error of fitted values, of samples as they were given."""
        return self.average((self.targets - fitted) ** 2 + self.spread)

    def rooted(self, values: NDArray) -> NDArray:
        """The square roots of the weights times the rows of values."""
        if not self.is_weighted:
            return values
        return np.sqrt(self.weight)[:, None] * values

    def at(self, X: NDArray) -> "Samples":
        """The same targets at other inputs."""
        return replace(self, X=X)

    def to(self, targets: NDArray, spread: NDArray | None = None) -> "Samples":
        """The same inputs with other targets, which may spread as these do."""
        spread = self.spread if spread is None else spread
        return replace(self, targets=targets, spread=spread)

    def weighted(self, factor: NDArray) -> "Samples":
        """The same samples with weights times a factor, in units of their new mean."""
        weight, mean = _with_mean_one(factor * self.weight)
        return replace(self, weight=weight, unit=self.unit * mean)

    def scaled(self) -> "Samples":
        """Targets of mean 0 and variance 1; 0 where they are constant."""
        targets = (self.targets - self.mean) / self.scale
        return self.to(targets, self.spread / self.scale**2)

    def merged(self, labels: NDArray[np.intp] | None = None) -> "Samples":
        """Samples of equal labels as one, of their summed weight and their mean target.

        Labels count from 0 on; without any they are those of equal X. For a squared
        loss, and for a logistic one, that is the same problem but for a constant, which
        ``spread`` keeps. The first of equal samples stands for all, in the order that
        they had. A sample that was given again, target and all, is not counted again.
        """
        labels = equal_row_labels(self.X) if labels is None else labels
        if labels.max(initial=-1) == len(self) - 1:  # all differ
            return self
        first, labels = by_first_row(labels)
        pairs = equal_row_labels(np.column_stack([labels, self.targets]))
        some = by_first_row(pairs)[0]
        shares = group_shares(labels, self.weight)
        total = np.bincount(labels, self.weight)
        start = self.targets[first]  # exact where targets are equal
        targets = start + shares @ (self.targets - start[labels])
        squares = self.spread + (self.targets - targets[labels]) ** 2
        weight, mean = _with_mean_one(total)
        return replace(
            self,
            X=self.X[first],
            targets=targets,
            weight=weight,
            unit=self.unit * mean,
            count=np.bincount(labels[some], self.count[some]).astype(np.float64),
            spread=shares @ squares,
        )

    def distinct(self, inputs: NDArray | None = None) -> "Samples":
        """Samples of equal X and equal targets as one, of their summed weight.

        ``inputs`` stand for X where X is made of them. Where they are equal and targets
        are not, samples tell how noisy these are: they stay apart, for estimates that
        leave out one at a time. So do samples that are all equal, which would be one
        sample without any estimate.
        """
        inputs = self.X if inputs is None else inputs
        labels = equal_row_labels(np.column_stack([inputs, self.targets]))
        return self.merged(labels) if labels.any() else self


def _with_mean_one(weight: NDArray) -> tuple[Array, float]:
    """Weights over their mean, and that mean; equal weights are exactly 1."""
    top = float(weight.max())
    weight = weight.astype(np.float64) / top  # whose sum no size takes out of float64
    if (weight == 1).all():
        return weight, top
    mean = float(weight.mean())
    return weight / mean, top * mean
