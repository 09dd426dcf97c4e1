"""What the maps share as transformers."""

from copy import copy

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.utils._blockwise import BlockwiseTransformerMixin
from sklearn_depth.utils._sklearn import DocLinkMixin, fit_context, store_fit
from sklearn_depth.utils._validation import (
    check_output,
    validate_inputs,
    validate_new_data,
)


class FeatureMap(BlockwiseTransformerMixin, DocLinkMixin, BaseEstimator):
    """A map from X to features, fitted once.

    A subclass has ``_map(X)``, the features of validated samples, and
    ``_measured(samples)``, its fitted state. Models with a head on the map call the
    first, and ``_fit_samples`` in place of ``fit``.
    """

    def _fit_samples(self, samples, seen):
        """``fit`` on validated samples; ``seen`` is what to remember of them."""
        return store_fit(self, seen | self._measured(samples))

    def _with_columns(self, seen):
        """The same map for features of which other samples have been seen."""
        made = copy(self)
        vars(made).update(seen)
        return made

    def transform(self, X):
        """Evaluate the map.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        features : ndarray of shape (n_samples, n_features_out)
            The features, in the float type of X; lazy if X is Dask's.

        Raises
        ------
        ValueError
            If features overflow.
        """
        check_is_fitted(self)
        X = validate_new_data(self, X)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            return check_output(self._transform(X), X)

    def _transform(self, X):
        """The features of all samples at once."""
        return self._map(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class BlindMap(FeatureMap):
    """A map that looks at no label."""

    @fit_context
    def fit(self, X, y=None, sample_weight=None):
        """Measure the features of X and make the map.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Training data. Of Dask collections 20 000 random samples are measured, the
            same each time.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in what is measured: means and standard deviations,
            medians and quantiles.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            If X is so large or small that its squares leave its float type, or
            ``center``, in a map that takes one, does not have ``n_features`` entries.
        """
        return self._fit_samples(*validate_inputs(self, X, sample_weight))
