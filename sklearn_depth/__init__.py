"""Scikit-learn estimators from the theory of depth separation and feature learning.

An estimator is imported when it is first asked for, with what it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_FAMILIES = {
    "FixedHidden": "_fixed_hidden",
    "Hermite": "_hermite",
    "KernelRidge": "_kernel_ridge",
    "Radial": "_radial",
    "ReLU": "_relu_network",
    "StreamingRidge": "_streaming_ridge",
    "ThreeLayer": "_three_layer",
    "TwoLayer": "_two_layer",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    family = next(
        module for start, module in _FAMILIES.items() if name.startswith(start)
    )
    found = globals()[name] = getattr(import_module(f"{__name__}.{family}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
