"""Functions of the distance from a centre, by a network with one hidden layer."""

from sklearn_depth._radial._classifier import RadialTwoLayerClassifier
from sklearn_depth._radial._regressor import RadialTwoLayerRegressor

__all__ = ["RadialTwoLayerClassifier", "RadialTwoLayerRegressor"]
