"""Ridge regression on Hermite polynomials, of samples at hand or in blocks."""

from sklearn_depth._hermite._classifier import HermitePolynomialClassifier
from sklearn_depth._hermite._regressor import HermitePolynomialRegressor

__all__ = ["HermitePolynomialClassifier", "HermitePolynomialRegressor"]
