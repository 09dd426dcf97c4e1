"""Nets whose hidden layer of sigmoids stays as it was drawn."""

from sklearn_depth._fixed_hidden._classifier import FixedHiddenSigmoidClassifier
from sklearn_depth._fixed_hidden._regressor import FixedHiddenSigmoidRegressor

__all__ = ["FixedHiddenSigmoidClassifier", "FixedHiddenSigmoidRegressor"]
