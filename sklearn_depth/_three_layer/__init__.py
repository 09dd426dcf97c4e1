"""Three layers: frozen units, one learned feature of them, and its link."""

from sklearn_depth._three_layer._classifier import ThreeLayerFeatureClassifier
from sklearn_depth._three_layer._regressor import ThreeLayerFeatureRegressor

__all__ = ["ThreeLayerFeatureClassifier", "ThreeLayerFeatureRegressor"]
