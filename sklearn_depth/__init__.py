"""Scikit-learn estimators from the theory of depth separation and feature learning."""

from sklearn_depth._fixed_hidden import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
)
from sklearn_depth._hermite import (
    HermitePolynomialClassifier,
    HermitePolynomialRegressor,
)
from sklearn_depth._kernel_ridge import KernelRidge
from sklearn_depth._radial import RadialTwoLayerClassifier, RadialTwoLayerRegressor
from sklearn_depth._relu_network import ReLUNetworkClassifier, ReLUNetworkRegressor
from sklearn_depth._streaming_ridge import StreamingRidge
from sklearn_depth._three_layer import (
    ThreeLayerFeatureClassifier,
    ThreeLayerFeatureRegressor,
)
from sklearn_depth._two_layer import TwoLayerGDClassifier, TwoLayerGDRegressor

__version__ = "0.1.0"

__all__ = [
    "FixedHiddenSigmoidClassifier",
    "FixedHiddenSigmoidRegressor",
    "HermitePolynomialClassifier",
    "HermitePolynomialRegressor",
    "KernelRidge",
    "RadialTwoLayerClassifier",
    "RadialTwoLayerRegressor",
    "ReLUNetworkClassifier",
    "ReLUNetworkRegressor",
    "StreamingRidge",
    "ThreeLayerFeatureClassifier",
    "ThreeLayerFeatureRegressor",
    "TwoLayerGDClassifier",
    "TwoLayerGDRegressor",
]
