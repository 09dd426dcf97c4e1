"""What the estimators share: prediction from a feature map and a linear head."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._sklearn import DocLinkMixin
from sklearn_depth.utils._validation import validate_new_data


class FeatureMapModel(DocLinkMixin, BaseEstimator):
    """A model whose fitted state is ``features_``, ``coef_`` and ``intercept_``."""

    def _linear_head(self, X):
        """``features_(X) @ coef_.T + intercept_`` for new X, by blocks of rows."""
        check_is_fitted(self)
        X = validate_new_data(self, X)
        coef = self.coef_.T
        y_pred = np.empty((len(X), *coef.shape[1:]), dtype=X.dtype)
        for rows in row_blocks(len(X), len(coef)):
            features = self.features_._map(X[rows])
            y_pred[rows] = features @ coef.astype(features.dtype, copy=False)
        y_pred += np.asarray(self.intercept_, dtype=X.dtype)
        return y_pred


def head_attributes(coef, intercept, dtype, one_target):
    """``coef_`` and ``intercept_`` of a head of shape (n_features_out, n_targets)."""
    coef, intercept = coef.astype(dtype), intercept.astype(dtype)
    return {
        "coef_": coef[:, 0] if one_target else np.ascontiguousarray(coef.T),
        "intercept_": intercept[0] if one_target else intercept,
    }


def ridge_attributes(head, y):
    """``coef_``, ``intercept_`` and ``alpha_`` of a ridge head for targets like y."""
    one_target = y.ndim == 1
    alpha = float(head.alpha[0]) if one_target else head.alpha
    made = head_attributes(head.coef, head.intercept, y.dtype, one_target)
    return made | {"alpha_": alpha}


class FeatureMapRegressor(MultiOutputMixin, RegressorMixin, FeatureMapModel):
    """A regressor that predicts what its linear head says."""

    def predict(self, X):
        """Predict with the feature map and the head.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions, in the float type of X.
        """
        return self._linear_head(X)

    def _store_ridge(self, head, y):
        """Keep a ridge head with the penalty that it used."""
        vars(self).update(ridge_attributes(head, y))
