"""What TOML, which has no None and no functions, cannot write down."""

import numpy as np
from scipy.special import ndtri
from sklearn.pipeline import make_pipeline

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.directions import DirectionalRegression, GradientOuterProduct


def one_step():
    """One gradient step on the labels as they are, then a ridge head.

    Algorithm 1 of Damian, Lee and Soltanolkotabi, but for the size of the step and
    the linear part, which are the library's.
    """
    return TwoLayerGDRegressor(n_feature_steps=1, label_transform=None, whiten=None)


def gradient_product():
    """Kernel ridge regression on the directions of its own gradients."""
    kernel = KernelRidge("gcv", kernel="rbf", fit_intercept=True)
    return make_pipeline(GradientOuterProduct(), kernel)


def beyond_the_median(z):
    """Positive where the absolute value of a normal variable is above its median."""
    return np.abs(z[:, 0]) - ndtri(0.75)


def directional():
    """Kernel ridge regression on directions by moments of the inputs given labels."""
    kernel = KernelRidge("gcv", kernel="rbf", fit_intercept=True)
    return make_pipeline(DirectionalRegression(), kernel)
