"""The feature maps as transformers: what each may look at is the theory's own axis."""

from sklearn_depth.features._hermite import HermiteFeatures
from sklearn_depth.features._learned import LearnedReLUFeatures
from sklearn_depth.features._radial import RadialFeatures
from sklearn_depth.features._sigmoid import SigmoidFeatures

__all__ = [
    "HermiteFeatures",
    "LearnedReLUFeatures",
    "RadialFeatures",
    "SigmoidFeatures",
]
