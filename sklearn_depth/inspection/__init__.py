"""Displays of fitted models: what they learned, and in how many steps."""

from sklearn_depth.inspection._feature_learning import FeatureLearningDisplay
from sklearn_depth.inspection._link_function import LinkFunctionDisplay
from sklearn_depth.inspection._loss_curve import LossCurveDisplay
from sklearn_depth.inspection._radial_profile import RadialProfileDisplay
from sklearn_depth.inspection._variance_shares import VarianceSharesDisplay

__all__ = [
    "FeatureLearningDisplay",
    "LinkFunctionDisplay",
    "LossCurveDisplay",
    "RadialProfileDisplay",
    "VarianceSharesDisplay",
]
