"""The classes of labels that lie in blocks, known before the samples are read."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, column_or_1d

from sklearn_depth.utils._validation import (
    class_factors,
    two_or_more_classes,
    validate_labels,
)


@dataclass(frozen=True, eq=False)
class Totals:
    """Labels, sorted, and the weight of the samples of each; 0 counts as none."""

    labels: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, y, sample_weight=None):
        """Those of some samples."""
        y = column_or_1d(y)
        assert_all_finite(y, input_name="y")
        if len(y):
            check_classification_targets(y)
        if sample_weight is None:
            return cls._summed(y, np.ones(len(y)))
        assert_all_finite(sample_weight, input_name="sample_weight")
        return cls._summed(y, np.broadcast_to(sample_weight, len(y)))

    @classmethod
    def _summed(cls, labels, weights):
        labels, places = np.unique(labels[weights != 0], return_inverse=True)
        return cls(labels, np.bincount(places, weights[weights != 0], len(labels)))

    def merge(self, other):
        """With the samples of another; neither of the two changes."""
        labels = np.concatenate([self.labels, other.labels])
        return Totals._summed(labels, np.concatenate([self.weights, other.weights]))


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of all samples, and what their weights are multiplied by.

    factors : (n_classes,); None for 1.
    total : the weight of all samples then, as the user counts.
    """

    labels: np.ndarray
    factors: np.ndarray | None
    total: float

    @classmethod
    def of(cls, totals, class_weight):
        """Those that weigh anything."""
        labels, weights = two_or_more_classes(totals.labels), totals.weights
        if class_weight is None:
            return cls(labels, None, float(weights.sum()))
        factors = class_factors(class_weight, labels, labels, weights)
        return cls(labels, factors, float(factors @ weights))

    @property
    def seen(self):
        """What a fit is to remember of them."""
        return {"classes_": self.labels}

    def validate(self, model, X, y, sample_weight=None, **options):
        """The samples validated, and what a fit is to remember of their features."""
        samples, seen = validate_labels(
            model, X, y, sample_weight, classes=self.labels, **options
        )
        if self.factors is None:
            return samples, seen
        targets = samples.targets
        if len(self.labels) == 2:
            targets = np.hstack([1 - targets, targets])
        return samples.weighted(targets @ self.factors), seen


def totals_of(rows):
    """Those of a :class:`DaskRows`, in a pass over labels and weights alone."""
    return rows.reduce(Totals.of, Totals.merge, slice(1, None))
