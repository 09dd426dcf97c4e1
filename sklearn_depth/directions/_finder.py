"""What the methods that find directions share as transformers."""

from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from sklearn_depth._solvers.directions._choice import by_tests
from sklearn_depth._solvers.directions._whitened import Slices, whiten
from sklearn_depth.features._map import FeatureMap
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import as_type, validate_samples

N_DIRECTIONS = [StrOptions({"auto"}), POSITIVE_INTEGER]


class DirectionFinder(ClassNamePrefixFeaturesOutMixin, FeatureMap):
    """Projections on directions that the labels depend on.

    A subclass has ``_find(white)``, the directions of whitened samples.
    """

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Find the directions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples; a weight of 2 is a sample given twice.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            If y or all features of X are constant, or ``n_directions`` is more than X
            and y can tell.
        """
        return self._fit_samples(*validate_samples(self, X, y, sample_weight))

    def _measured(self, samples):
        white = whiten(samples)
        found = self._find(white)
        rows = (white.basis @ found.vectors).T
        largest = np.argmax(np.abs(rows), axis=1)
        rows *= np.sign(rows[np.arange(len(rows)), largest])[:, None]
        state = {
            "components_": as_type(rows, samples.X.dtype, "components"),
            "eigenvalues_": found.eigenvalues,
            "mean_": white.mean.astype(samples.X.dtype),
        }
        if found.p_values is not None:
            state["p_values_"] = found.p_values
        return state

    def _map(self, X):
        """``transform`` of validated X."""
        return (X - self.mean_) @ self.components_.T

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags


class SlicedFinder(DirectionFinder):
    """A method on slices of the targets, which has ``_evidence(slices)`` of one."""

    _parameter_constraints: dict = {
        "n_directions": N_DIRECTIONS,
        "n_slices": [Interval(Integral, 2, None, closed="left")],
    }

    def _find(self, white):
        targets = white.samples.targets.T
        slices = [Slices.of(white, target, self.n_slices) for target in targets]
        return by_tests([self._evidence(one) for one in slices], self.n_directions)
