"""Kernels, networks and the first principal component."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from sklearn_depth import KernelRidge, TwoLayerGDRegressor

N_HIDDEN = 600
ONE_STEP = {"n_feature_steps": 1, "label_transform": None}


@dataclass(frozen=True)
class Model:
    """What is fitted to samples of a mean squared norm, from a seed."""

    title: str
    build: Callable[[float, int], BaseEstimator]


class SpectralScaler(TransformerMixin, BaseEstimator):
    """X over the deviation along its longest axis, a single number: not whitening."""

    def fit(self, X, y=None):
        self.scale_ = np.linalg.norm(X, 2) / np.sqrt(len(X))
        return self

    def transform(self, X):
        return X / self.scale_


class ShuffledLayer(BaseEstimator):
    """A network that learns its first layer from shuffled labels, its head from y."""

    def __init__(self, network):
        self.network = network

    def fit(self, X, y):
        rng = np.random.default_rng([self.network.random_state, 1])
        shuffled = clone(self.network).fit(X, rng.permutation(y))
        self.network_ = shuffled.transfer(X, y)
        return self

    def predict(self, X):
        return self.network_.predict(X)


def two_layer(shuffle=False, **parameters):
    """Our class without whitening, on inputs brought to unit scale."""

    def build(squared_norm, seed):
        network = TwoLayerGDRegressor(
            N_HIDDEN, whiten=None, **parameters, random_state=seed
        )
        return make_pipeline(
            SpectralScaler(), ShuffledLayer(network) if shuffle else network
        )

    return build


def two_layer_default(squared_norm, seed):
    return TwoLayerGDRegressor(N_HIDDEN, random_state=seed)


def kernel_ridge(name, **parameters):
    """Kernels of inner products over the mean squared norm, d + theta."""

    def build(squared_norm, seed):
        scale = 1 / squared_norm
        if name == "rbf":
            scale /= 2  # exp(-|x - z|^2 s / 2) is exp(<x, z> s) but for the norms
        return KernelRidge(
            "loo", kernel=name, gamma=scale, fit_intercept=True, **parameters
        )

    return build


def pca_spline(squared_norm, seed):
    splines = SplineTransformer(8, knots="quantile", extrapolation="continue")
    ridge = RidgeCV(np.logspace(-9, 5, 15), gcv_mode="svd")
    return make_pipeline(PCA(1, svd_solver="full"), splines, ridge)


MODELS = {
    "kernel_poly": Model(
        "kernel ridge, (1 + ⟨x, z⟩/(d + θ))³", kernel_ridge("poly", degree=3)
    ),
    "kernel_rbf": Model("kernel ridge, RBF", kernel_ridge("rbf")),
    "one_step": Model("network, one step", two_layer(**ONE_STEP, linear_part=None)),
    "one_step_shuffled": Model(
        "control: one step on shuffled labels",
        two_layer(shuffle=True, **ONE_STEP, linear_part=None),
    ),
    "one_step_ridge": Model(
        "network, one step, linear part taken off", two_layer(**ONE_STEP)
    ),
    "five_steps": Model("network, five steps", two_layer(linear_part=None)),
    "five_steps_ridge": Model(
        "network, five steps, linear part taken off", two_layer()
    ),
    "two_layer_default": Model("network, defaults: whitened", two_layer_default),
    "pca_spline": Model("first principal component + spline", pca_spline),
}
