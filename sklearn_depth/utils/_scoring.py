"""Scores of predictions on samples that lie in Dask collections."""

from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import assert_all_finite

from sklearn_depth._math._moments import deviation_of
from sklearn_depth.utils._dask import NO_WEIGHT, DaskRows


def score_blocks(model, X, y, sample_weight=None):
    """scikit-learn's ``score``, in one pass: R^2, or the share of right labels."""
    rows = DaskRows(X, y, sample_weight)
    if rows.target_shape is None:
        raise ValueError("score requires y to be passed, but the target y is None.")
    n_targets = 1 if is_classifier(model) else prod(model._target_shape)
    if rows.n_targets != n_targets:
        raise ValueError(
            f"y has {rows.n_targets} targets, and the model predicts {n_targets}. Give "
            "the targets that it was fitted to."
        )
    function = _accuracy if is_classifier(model) else _squares
    found = rows.reduce(partial(function, model), _Means.merge)
    if not found.weight > 0:
        raise ValueError(NO_WEIGHT)
    return found.score(is_classifier(model))


@dataclass(frozen=True)
class _Means:
    """Weight, and means over samples.

    error : of squared errors, or of labels that are right. target, variance : of y.
    """

    weight: float
    error: np.ndarray
    target: np.ndarray
    variance: np.ndarray

    def merge(self, other):
        """With the samples of another."""
        if self.weight == 0 or other.weight == 0:
            return other if self.weight == 0 else self
        weight = self.weight + other.weight
        share = other.weight / weight
        step = other.target - self.target
        spread = self.variance + share * (other.variance - self.variance)
        return _Means(
            weight,
            self.error + share * (other.error - self.error),
            self.target + share * step,
            spread + share * (1 - share) * step**2,
        )

    def score(self, is_share):
        """The share, or R^2, the mean over targets; of constants it is 1 or 0."""
        if is_share:
            return float(self.error)
        constant = deviation_of(self.target, self.variance, 1) == 0
        ratio = self.error / np.where(constant, 1, self.variance)
        of_constants = np.where(self.error > 0, 0.0, 1.0)
        return float(np.mean(np.where(constant, of_constants, 1 - ratio)))


def _accuracy(model, X, y, sample_weight=None):
    weight = _weight(y, sample_weight)
    right = np.ravel(y) == model.predict(X) if len(X) else np.zeros(0)
    if weight.sum() == 0:
        return _Means(0.0, *[np.zeros(())] * 3)
    right = np.average(right, weights=weight)
    return _Means(float(weight.sum()), np.asarray(right), *[np.zeros(())] * 2)


def _squares(model, X, y, sample_weight=None):
    assert_all_finite(y, input_name="y")
    weight, y = _weight(y, sample_weight), np.asarray(y, float)
    y = y.reshape(len(y), prod(y.shape[1:]))
    predicted = model.predict(X).reshape(y.shape) if len(X) else y
    if weight.sum() == 0:
        return _Means(0.0, *[np.zeros(y.shape[1])] * 3)
    error = (y - predicted) ** 2
    mean = np.average(y, axis=0, weights=weight)
    parts = [np.average(a, axis=0, weights=weight) for a in (error, (y - mean) ** 2)]
    return _Means(float(weight.sum()), parts[0], mean, parts[1])


def _weight(y, sample_weight):
    if sample_weight is None:
        return np.ones(len(y))
    assert_all_finite(sample_weight, input_name="sample_weight")
    return sample_weight
