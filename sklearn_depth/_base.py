"""What the estimators share: prediction from a feature map and a linear head."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._validation import validate_new_data


class FeatureMapRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """A regressor whose fitted state is ``features_``, ``coef_`` and ``intercept_``."""

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
        check_is_fitted(self)
        X = validate_new_data(self, X)
        return self._linear_head(X)

    def _linear_head(self, X):
        """``features_(X) @ coef_.T + intercept_``, by blocks of rows."""
        coef = self.coef_.T.astype(X.dtype, copy=False)
        y_pred = np.empty((len(X), *coef.shape[1:]), dtype=X.dtype)
        for rows in row_blocks(len(X), len(coef)):
            y_pred[rows] = self.features_._map(X[rows]) @ coef
        y_pred += np.asarray(self.intercept_, dtype=X.dtype)
        return y_pred

    def _store_head(self, coef, intercept, y):
        """Keep a head of shape (n_features_out, n_targets) as scikit-learn does."""
        coef, intercept = coef.astype(y.dtype), intercept.astype(y.dtype)
        one_target = y.ndim == 1
        self.coef_ = coef[:, 0] if one_target else np.ascontiguousarray(coef.T)
        self.intercept_ = intercept[0] if one_target else intercept

    def _store_ridge(self, head, y):
        """Keep a ridge head with the penalty that it used."""
        self._store_head(head.coef, head.intercept, y)
        self.alpha_ = float(head.alpha[0]) if y.ndim == 1 else head.alpha
