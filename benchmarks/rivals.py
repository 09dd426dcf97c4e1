"""xRFM with scikit-learn's interface."""

import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import train_test_split
from xrfm import xRFM


class XRFM(RegressorMixin, BaseEstimator):
    """xRFM of default parameters, on columns and targets prepared as its README says.

    A fifth of the rows validates. Columns that have other values than 0 and 1 are
    standardised, and so are the targets, since the kernel machine has no intercept.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        indicator = np.all((X == 0) | (X == 1), axis=0)
        self.mean_ = np.where(indicator, 0, X.mean(axis=0))
        scale = np.where(indicator, 1, X.std(axis=0))
        self.scale_ = np.where(scale > 0, scale, 1)
        self.target_mean_, self.target_scale_ = y.mean(), y.std()
        targets = (y - self.target_mean_) / self.target_scale_
        X, X_val, y, y_val = train_test_split(
            self._inputs(X),
            targets.astype(np.float32),
            test_size=0.2,
            random_state=self.random_state,
        )
        self.model_ = xRFM(
            device=torch.device("cpu"), random_state=self.random_state, verbose=False
        )
        self.model_.fit(X, y, X_val, y_val)
        return self

    def predict(self, X):
        outputs = np.ravel(self.model_.predict(self._inputs(X)))
        return self.target_mean_ + self.target_scale_ * outputs.astype(np.float64)

    def _inputs(self, X):
        return ((X - self.mean_) / self.scale_).astype(np.float32)
