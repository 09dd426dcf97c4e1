"""Squared cosines that theory predicts at n = ratio times d, or d^2, d to infinity."""

from functools import cache
from math import factorial

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri

from experiments.exponents.links import LINKS, label_transform
from experiments.exponents.models import preprocessing
from sklearn_depth.metrics import weak_recovery_threshold

_N_NODES = 20_000
_FAR = 1e4


@cache
def nodes():
    """Quantiles of N(0, 1), of equal weight."""
    return ndtri((np.arange(_N_NODES) + 0.5) / _N_NODES)


@cache
def transformed(name):
    """E[He_k(z) | y] at the nodes, for the generative exponent k."""
    return label_transform(name)(LINKS[name].function(nodes()))


@cache
def strength(name):
    """E[E[h_k(z) | y]^2] at the generative exponent k."""
    return float(np.mean(transformed(name) ** 2)) / factorial(LINKS[name].degree)


@cache
def threshold(name):
    """The ratio from which on the squared cosine is not 0."""
    if LINKS[name].degree == 4:
        return 1 / (12 * strength(name))
    return weak_recovery_threshold(LINKS[name].function)


def squared_cosine(name, ratio):
    """Of the learner that knows the link.

    He_1: a vector whose mean is s u, with s / n of noise along each axis. He_2: Lu and
    Li (2020), Theorem 1. He_4: as for a spike of height 24 s in a symmetric matrix of
    normal noise with 48 s d / n for the variance of an entry, a heuristic.
    """
    if LINKS[name].degree == 1:
        return ratio * strength(name) / (1 + ratio * strength(name))
    if ratio <= threshold(name):
        return 0.0
    if LINKS[name].degree == 4:
        return 1 - threshold(name) / ratio
    return _spectral(name, ratio)


def _spectral(name, ratio):
    """rho^2 = psi' / (psi' - phi') where phi and psi meet, right of the least psi."""
    z = nodes()
    T = preprocessing(transformed(name))
    top = T.max()

    def phi(x, slope=False):
        terms = z**2 * (-((T / (x - T)) ** 2) if slope else x * T / (x - T))
        return terms.mean()

    def psi(x, slope=False):
        terms = -((T / (x - T)) ** 2) if slope else x * T / (x - T)
        return (1 if slope else x) / ratio + terms.mean()

    found = minimize_scalar(
        lambda log: psi(top + np.exp(log)), bounds=(-12, 9), method="bounded"
    )
    least = top + np.exp(found.x)
    if phi(least) <= psi(least):
        return 0.0
    meet = brentq(lambda x: phi(x) - psi(x), least, _FAR)
    return psi(meet, slope=True) / (psi(meet, slope=True) - phi(meet, slope=True))


@cache
def half(name):
    """The ratio at which the squared cosine is a half."""
    start = max(threshold(name), 1e-3)
    return brentq(
        lambda ratio: squared_cosine(name, ratio) - 0.5, start, 100 * start + 100
    )
