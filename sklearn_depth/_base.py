"""What the estimators share: prediction from a feature map and a head."""

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    MultiOutputMixin,
    RegressorMixin,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.utils._blockwise import BlockwiseMixin, BlockwiseTransformerMixin
from sklearn_depth.utils._callbacks import CallbackSupportMixin
from sklearn_depth.utils._dask import is_dask
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._sklearn import DocLinkMixin, fit_context
from sklearn_depth.utils._validation import (
    as_type,
    check_output,
    validate_held_out,
    validate_labels,
    validate_new_data,
    validate_samples,
)


class FeatureMapModel(BlockwiseMixin, DocLinkMixin, BaseEstimator):
    """A model whose fitted state is ``features_``, ``coef_`` and ``intercept_``.

    A subclass has ``_fit_samples(samples, seen)``, or ``fit`` itself; ``seen`` is what
    to remember of X. It may have ``_fit_dask(X, y, sample_weight)``.
    """

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Fit the map and the head.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Training data. A regressor sums the blocks of a Dask collection where they
            lie, and y and sample_weight may be Dask's too; a classifier takes none.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets, or labels of shape (n_samples,).
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        MemoryError
            Before anything is allocated, if products, sums or kernel matrices of the
            samples do not fit into memory.
        ValueError
            If X, y or features are so large that their squares overflow, a Dask
            collection meets ``alpha="loo"`` or ``solver="dual"``, which need all
            samples at once, ``center`` is an array of another length than X has
            features, or a classifier meets one class only.
        TypeError
            If X is a Dask collection other than an array or a data frame of numbers.
        """
        if is_dask(X) and hasattr(self, "_fit_dask"):
            return self._fit_dask(X, y, sample_weight)
        return self._fit_samples(*self._validated(X, y, sample_weight))

    def _features(self, X):
        """The features of validated X that the head sees."""
        return self.features_._map(X)

    def _linear_head(self, X):
        """``features @ coef_.T + intercept_`` for new X, by blocks of samples."""
        check_is_fitted(self)
        X = validate_new_data(self, X)
        coef = self.coef_.T
        y_pred = np.empty((len(X), *coef.shape[1:]), dtype=X.dtype)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            for rows in row_blocks(len(X), len(coef)):
                features = self._features(X[rows])
                y_pred[rows] = features @ coef.astype(features.dtype, copy=False)
            y_pred += np.asarray(self.intercept_, dtype=X.dtype)
        return check_output(y_pred, X)

    @property
    def _target_shape(self):
        return np.shape(self.intercept_)


class FeatureLearner(
    ClassNamePrefixFeaturesOutMixin,
    BlockwiseTransformerMixin,
    CallbackSupportMixin,
    FeatureMapModel,
):
    """A model that transforms X to what it has learned of it, ``_learned(X)``."""

    def transform(self, X):
        """Compute the few functions of X that the fit has learned.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        learned : ndarray of shape (n_samples, n_learned)
            Of two layers the projections on the directions that the fit depends on:
            ``subspace_`` times the inputs, standardised and clipped, or X itself where
            ``whiten`` is None. Of three layers a feature h for each target, of mean 0
            and variance 1 on the training samples; with ``start="gradient"`` and no
            refinement, if each is left out of its own h. Lazy if X is Dask's.

        Raises
        ------
        ValueError
            If the units or the projection of a sample overflow.
        """
        check_is_fitted(self)
        return self._learned(validate_new_data(self, X))


def head_attributes(coef, intercept, dtype, target_shape):
    """``coef_`` and ``intercept_`` of a head of shape (n_features_out, n_targets)."""
    coef = as_type(coef, dtype, "coefficients")
    intercept = as_type(intercept, dtype, "intercepts")
    return {
        "coef_": np.ascontiguousarray(coef.T) if target_shape else coef[:, 0],
        "intercept_": intercept if target_shape else intercept[0],
    }


def ridge_attributes(head, dtype, target_shape):
    """``coef_``, ``intercept_`` and ``alpha_`` of a ridge head."""
    made = head_attributes(head.coef, head.intercept, dtype, target_shape)
    return made | {"alpha_": by_target(head.alpha, target_shape)}


def logistic_attributes(head, dtype):
    """``coef_``, ``intercept_`` and ``alpha_`` of a logistic head, a row an output."""
    return {
        "coef_": np.ascontiguousarray(as_type(head.coef, dtype, "coefficients").T),
        "intercept_": as_type(head.intercept, dtype, "intercepts"),
        "alpha_": float(np.ravel(head.alpha)[0]),  # all outputs have the same
    }


def by_target(values, target_shape):
    """One number a target, or the only one where y has one dimension."""
    return values if target_shape else float(values[0])


class TargetsRegressor(MultiOutputMixin, RegressorMixin):
    """A regressor of one target or of several, which may have ``_predicted(X)``."""

    def _validated(self, X, y, sample_weight, **options):
        """What ``fit`` was given as samples, and what to remember of X."""
        return validate_samples(self, X, y, sample_weight, **options)

    def _predicted(self, X):
        return self._linear_head(X)

    def predict(self, X):
        """Predict the targets.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions, in the float type of X; lazy if X is Dask's.

        Raises
        ------
        ValueError
            If features of a sample overflow.
        """
        return self._predicted(X)


class FeatureMapRegressor(TargetsRegressor, FeatureMapModel):
    """A regressor that predicts what its linear head says."""


class MarginClassifier(ClassifierMixin):
    """A classifier by margins: one column for two classes, else one for each class.

    Margins are the logit of the second class, or those of softmax, and come from a
    linear head, unless a subclass has ``_margins(X)`` or ``_probabilities(X)`` of its
    own.
    """

    def _validated(self, X, y, sample_weight, **options):
        """What ``fit`` was given as samples, and what to remember of X."""
        return validate_labels(
            *(self, X, y, sample_weight), class_weight=self.class_weight, **options
        )

    def _margins(self, X):
        return self._linear_head(X)

    def _probabilities(self, X):
        return class_probabilities(self._margins(X))

    def decision_function(self, X):
        """Compute the margins of the classes.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes, positive where the second is the likelier; else, greatest
            for the predicted class.
        """
        margins = self._margins(X)
        return margins[:, 0] if margins.shape[1] == 1 else margins

    def predict(self, X):
        """Predict the likeliest class.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            Labels; lazy if X is Dask's.
        """
        decision = self.decision_function(X)
        chosen = decision > 0 if decision.ndim == 1 else decision.argmax(axis=1)
        return self.classes_[chosen.astype(np.intp)]

    def predict_proba(self, X):
        """Compute the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        return self._probabilities(X)

    def predict_log_proba(self, X):
        """Compute the logarithms of the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        log_probability : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; minus infinity where a probability is 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))


def class_probabilities(margins):
    """Of the logit of the second class, in one column, or by softmax."""
    if margins.shape[1] > 1:
        return softmax(margins, axis=1)
    return np.hstack([expit(-margins), expit(margins)])


class WarmStart:
    """An estimator whose ``fit`` may go on from the last one.

    Fits are all or nothing: one that has seen features is fitted.
    """

    def _is_fitted(self):
        return hasattr(self, "n_features_in_")

    def _is_warm(self):
        """Whether ``fit`` goes on from the last one."""
        return self.warm_start and self._is_fitted()

    def _validate_fit(self, X, y, sample_weight, held_out):
        """Samples, those held out or None, and what to remember of both.

        Targets are what outputs should be. The classes of a classifier stay what they
        were.
        """
        warm = self._is_warm()
        same = {"classes": self.classes_} if warm and hasattr(self, "classes_") else {}
        samples, seen = self._validated(X, y, sample_weight, reset=not warm, **same)
        held_out = validate_held_out(self, samples, seen, *held_out)
        in_unit, unit = self._unit_of(samples)
        held_out = None if held_out is None else in_unit(held_out)
        return in_unit(samples), held_out, seen | unit

    def _unit_of(self, samples):
        """What makes targets what outputs should be, and what is kept of it."""
        return lambda samples: samples, {}


def check_target_shape(samples, shape):
    """Refuse to go on with more targets, or fewer, or in other dimensions."""
    if samples.target_shape != shape:
        raise ValueError(
            f"y has shape {(len(samples), *samples.target_shape)}, but training "
            f"continues with {shape[0] if shape else 1} target(s)"
            f"{'' if shape else ' in one dimension'}. Give y the shape it had, or call "
            "fit with warm_start=False."
        )
