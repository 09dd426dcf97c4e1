"""
Twice the dimensions cost a kernel four times the samples
=========================================================

The target is a cubic, He3, of one projection of the inputs. To ridge regression with an
RBF kernel it is one of all cubics, of which there are about d³/6. A two-layer network
whose first layer is learned by gradient steps finds the projection.
"""

# %%
# A study fits both on fresh draws of several sizes, in 10 and 20 dimensions.

import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sklearn_depth import KernelRidge, TwoLayerGDRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import SampleComplexityDisplay

warnings.simplefilter("ignore", UserWarning)  # few samples show the network nothing
threadpool_limits(1)  # in small matrix products threads only wait for each other
ESTIMATORS = {
    "two-layer network": TwoLayerGDRegressor(n_hidden=100),
    "kernel ridge": KernelRidge("loo", kernel="rbf", fit_intercept=True),
}

# %%
# An error of 0.7 takes the kernel about 300 samples in 10 dimensions and 1150 in 20.
# From 400 samples on the network's errors are about the same in both. Lines are medians
# of three draws, bands their range. Errors are on new points, without noise, over the
# variance of the target.

display = SampleComplexityDisplay.from_estimators(
    ESTIMATORS,
    partial(make_single_index, link="he3", noise=0.3, return_truth=True),
    train_sizes=lambda d: 5 * d * 2 ** np.arange(5),
    n_features=[10, 20],
    n_repeats=3,
    n_test=500,
    random_state=0,
    reference_slopes=[-1],
)
plt.show()
