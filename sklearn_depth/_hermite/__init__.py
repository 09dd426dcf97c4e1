"""Ridge regression on Hermite polynomials, of rows at hand or in blocks elsewhere."""

from sklearn_depth._hermite._classifier import HermitePolynomialClassifier
from sklearn_depth._hermite._regressor import HermitePolynomialRegressor

__all__ = ["HermitePolynomialClassifier", "HermitePolynomialRegressor"]
