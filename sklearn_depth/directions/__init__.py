"""Directions that labels depend on, without a network: rivals of the learned layers."""

from sklearn_depth.directions._average_variance import SlicedAverageVariance
from sklearn_depth.directions._directional import DirectionalRegression
from sklearn_depth.directions._gradients import GradientOuterProduct
from sklearn_depth.directions._hessian import PrincipalHessianDirections
from sklearn_depth.directions._inverse_regression import SlicedInverseRegression

__all__ = [
    "DirectionalRegression",
    "GradientOuterProduct",
    "PrincipalHessianDirections",
    "SlicedAverageVariance",
    "SlicedInverseRegression",
]
