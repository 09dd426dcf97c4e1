"""What TOML, which has no None, cannot write down."""

from sklearn_depth import TwoLayerGDRegressor


def one_step():
    """One gradient step on the labels as they are, then a ridge head.

    Algorithm 1 of Damian, Lee and Soltanolkotabi, but for the size of the step and
    the linear part, which are the library's.
    """
    return TwoLayerGDRegressor(n_feature_steps=1, label_transform=None, whiten=None)
