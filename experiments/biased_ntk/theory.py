"""What is known beforehand: the active share of a Gaussian unit, and its bounds."""

import numpy as np
from scipy.stats import norm

TIME = 800


def active_share(bias):
    """The probability that <w, x> exceeds the bias, for w ~ N(0, I) and |x| = 1."""
    return norm.sf(bias)


def tail_bound(bias):
    """The bound exp(-B^2 / 2) on the active share, for B >= 0."""
    return np.exp(-np.square(bias) / 2)


def step_size(bias, n, n_steps):
    """A step of gradient descent on half the sum of squares over n samples.

    The steps add up to TIME / (n Phi(-B)), which undoes what sparsity takes from the
    gradient: the trace of the kernel matrix is 2 n Phi(-B).
    """
    return TIME / (n * active_share(bias)) / n_steps
