"""Networks of depth two and three with the same first layer.

Of m directions, each with ``n_knots`` hinges.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth.features import RadialFeatures

# Units of the second hidden layer for each knot of the first.
SECOND_LAYER = 8


@dataclass(frozen=True)
class Model:
    """What is fitted, by m, knots and seed, and how many hidden units it has."""

    title: str
    build: Callable[[int, int, int], BaseEstimator]
    width: Callable[[int, int], float]


class SquaredNorm(TransformerMixin, BaseEstimator):
    """|x|² as one feature, a linear function of ``RadialFeatures``, without labels.

    The squares of projections on an orthonormal basis add up to |x|², and hinges make
    the square of each piecewise linear.
    """

    def __init__(self, n_knots, random_state=None):
        self.n_knots = n_knots
        self.random_state = random_state

    def fit(self, X, y=None):
        self.features_ = RadialFeatures(
            X.shape[1],
            n_knots=self.n_knots,
            center="origin",
            random_state=self.random_state,
        )
        hinges = self.features_.fit_transform(X)
        self.head_ = LinearRegression().fit(hinges, np.sum(X**2, axis=1))
        return self

    def transform(self, X):
        return self.head_.predict(self.features_.transform(X))[:, None]


def two_layers(m, n_knots, seed):
    """m = 0 is the limit of infinite width."""
    return RadialTwoLayerRegressor(
        m or None, n_knots=n_knots, center="origin", random_state=seed
    )


def three_layers(m, n_knots, seed):
    """Linear splines of degree one are combinations of as many hinges as knots."""
    return make_pipeline(
        SquaredNorm(n_knots, random_state=seed),
        SplineTransformer(SECOND_LAYER * n_knots, degree=1, knots="quantile"),
        RidgeCV(np.logspace(-9, 3, 13), alpha_per_target=True),
    )


MODELS = {
    "depth_2": Model(
        "depth 2", two_layers, lambda m, n_knots: 2 * m * n_knots or np.inf
    ),
    "depth_3": Model(
        "depth 3",
        three_layers,
        lambda m, n_knots: (2 * m + SECOND_LAYER) * n_knots,
    ),
}
