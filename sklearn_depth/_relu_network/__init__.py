"""Deep ReLU networks, trained by stochastic gradient descent."""

from sklearn_depth._relu_network._classifier import ReLUNetworkClassifier
from sklearn_depth._relu_network._regressor import ReLUNetworkRegressor

__all__ = ["ReLUNetworkClassifier", "ReLUNetworkRegressor"]
