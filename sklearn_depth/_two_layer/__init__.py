"""Two-layer ReLU networks whose first layer is learned by gradient steps."""

from sklearn_depth._two_layer._classifier import TwoLayerGDClassifier
from sklearn_depth._two_layer._regressor import TwoLayerGDRegressor

__all__ = ["TwoLayerGDClassifier", "TwoLayerGDRegressor"]
