"""Who competes: ours and the rivals, each from a seed and the shape of the rows.

Every model has its defaults, or chooses what it needs by validation on training rows.
Models that do not scale get columns and targets of mean 0 and variance 1.
"""

from math import comb

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.kernel_approximation import RBFSampler
from sklearn.kernel_ridge import KernelRidge as GridKernelRidge
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler

import sklearn_depth
from sklearn_depth.directions import (
    DirectionalRegression,
    PrincipalHessianDirections,
    SlicedInverseRegression,
)

from .boosted import ENSEMBLES
from .rivals import (
    XRFM,
    DistanceFromMean,
    OfDrawnRows,
    PolynomialChaos,
)

PENALTIES = np.logspace(-6, 4, 21)
FEW_PENALTIES = np.logspace(-4, 2, 7)
MOST_PRODUCTS = 6000  # of columns; a square matrix of up to MOST_SQUARE is reduced
MOST_SQUARE = 2500
MOST_CHAOS_PRODUCTS = 500  # of which least angle regression chooses
MOST_ROWS_OF_HIMALAYA = 3000


def scaled(model):
    """Columns and target at unit variance, for models that do not scale."""
    return TransformedTargetRegressor(
        make_pipeline(StandardScaler(), model), transformer=StandardScaler()
    )


def degree_within(n, d, most, most_square=np.inf):
    """The highest degree of up to 3 whose products of d columns are not too many."""
    counts = {k: comb(d + k, k) for k in (2, 3)}
    fitting = (k for k, c in counts.items() if c <= most and min(c, n) <= most_square)
    return max(fitting, default=1)


def ours(name, **parameters):
    cls = getattr(sklearn_depth, name)

    def make(seed, n, d):
        return cls(random_state=seed, **parameters)

    return make


def kernel(alpha):
    def make(seed, n, d):
        model = sklearn_depth.KernelRidge(alpha, kernel="rbf", fit_intercept=True)
        return make_pipeline(StandardScaler(), model)

    return make


def hermite(seed, n, d):
    return sklearn_depth.HermitePolynomialRegressor()


def mlp(seed, n, d):
    return scaled(
        MLPRegressor(
            hidden_layer_sizes=(100, 100),
            early_stopping=True,
            max_iter=500,
            random_state=seed,
        )
    )


def searched_kernel(seed, n, d):
    """Width and penalty by validation: 1500 rows, drawn three times."""
    grid = {"gamma": np.array([0.1, 0.3, 1, 3]) / d, "alpha": [1e-3, 1e-2, 1e-1, 1]}
    drawn = ShuffleSplit(3, train_size=min(1000, n // 2), test_size=min(500, n // 4))
    drawn.random_state = seed
    return scaled(GridSearchCV(GridKernelRidge(kernel="rbf"), grid, cv=drawn))


def himalaya_kernel(seed, n, d):
    from himalaya.kernel_ridge import KernelRidgeCV

    model = KernelRidgeCV(
        FEW_PENALTIES, kernel="rbf", kernel_params={"gamma": 1 / d}, cv=3
    )
    return scaled(OfDrawnRows(model, MOST_ROWS_OF_HIMALAYA, seed))


def random_waves(seed, n, d):
    waves = RBFSampler(gamma=1 / d, n_components=1000, random_state=seed)
    return scaled(make_pipeline(waves, RidgeCV(PENALTIES)))


def additive_splines(seed, n, d):
    return scaled(make_pipeline(SplineTransformer(), RidgeCV(PENALTIES)))


def distance_splines(seed, n, d):
    splines = SplineTransformer(n_knots=25)
    return scaled(make_pipeline(DistanceFromMean(), splines, RidgeCV(PENALTIES)))


def polynomials(seed, n, d):
    products = PolynomialFeatures(
        degree_within(n, d, MOST_PRODUCTS, MOST_SQUARE), include_bias=False
    )
    return scaled(make_pipeline(products, StandardScaler(), RidgeCV(PENALTIES)))


def pursuit(seed, n, d):
    """The number of ridge functions by validation on a fifth of the rows."""
    from skpp import ProjectionPursuitRegressor

    held_out = ShuffleSplit(1, test_size=0.2, random_state=seed)
    model = ProjectionPursuitRegressor(random_state=seed)
    return scaled(GridSearchCV(model, {"r": [1, 3, 8]}, cv=held_out))


def direction_splines(seed, n, d):
    """The method, and how many directions, by cross-validation; then splines."""
    methods = SlicedInverseRegression, DirectionalRegression, PrincipalHessianDirections
    model = Pipeline(
        [
            ("directions", SlicedInverseRegression()),
            ("splines", SplineTransformer()),
            ("ridge", RidgeCV(PENALTIES)),
        ]
    )
    found = [method(r) for method in methods for r in (1, 2, 4) if r <= d]
    return scaled(GridSearchCV(model, {"directions": found}, cv=3, error_score=-np.inf))


def xrfm(seed, n, d):
    return XRFM(random_state=seed)


def chaos(seed, n, d):
    return scaled(PolynomialChaos(degree_within(n, d, MOST_CHAOS_PRODUCTS)))


def gaussian_process(seed, n, d):
    """A length scale for each column, and the noise, by marginal likelihood."""
    cov = ConstantKernel() * RBF(np.full(d, np.sqrt(d))) + WhiteKernel()
    return scaled(GaussianProcessRegressor(cov, random_state=seed))


OURS = {
    "TwoLayerGD": ours("TwoLayerGDRegressor"),
    "ThreeLayerFeature": ours("ThreeLayerFeatureRegressor"),
    "FixedHiddenSigmoid": ours("FixedHiddenSigmoidRegressor"),
    "RadialTwoLayer": ours("RadialTwoLayerRegressor"),
    "RadialTwoLayer, learn": ours("RadialTwoLayerRegressor", center="learn"),
    "HermitePolynomial": hermite,
    "ReLUNetwork": ours("ReLUNetworkRegressor"),
}
# The class of KernelRidge is ours, but kernels are what the theory separates from.
RIVALS = {
    'KernelRidge("loo")': kernel("loo"),
    'KernelRidge("gcv")': kernel("gcv"),
    "KernelRidge, searched": searched_kernel,
    "KernelRidgeCV (himalaya)": himalaya_kernel,
    "MLP": mlp,
    **ENSEMBLES,
    "RBFSampler + RidgeCV": random_waves,
    "splines + RidgeCV": additive_splines,
    "splines of the distance": distance_splines,
    "polynomials + RidgeCV": polynomials,
    "projection pursuit": pursuit,
    "SIR/DR/pHd + splines": direction_splines,
    "xRFM": xrfm,
    "chaos (OpenTURNS)": chaos,
    "GaussianProcess, ARD": gaussian_process,
}
MOST_ROWS = {"GaussianProcess, ARD": 400}  # slow on more
MODELS = {**OURS, **RIVALS}
