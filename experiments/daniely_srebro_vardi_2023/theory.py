"""Closed forms of wide random networks on the sphere, averaged over their weights."""

import numpy as np
from scipy.special import comb, eval_gegenbauer, roots_gegenbauer

from sklearn_depth._math._hermite_series import series_tail
from sklearn_depth.datasets import make_random_network

# E|z| for Gaussian z of variance 1: at each point, over the weights of a wide network,
# Psi and what a polynomial of a degree leaves of it are Gaussian.
ABSOLUTE = np.sqrt(2 / np.pi)

# E s(X) s(Y) for standard Gaussian X and Y of correlation rho, s of unit norm.
DUALS = {
    "erf": lambda rho: 6 / np.pi * np.arcsin(rho / 2),
    "relu": lambda rho: (np.sqrt(1 - rho**2) + rho * (np.pi - np.arccos(rho))) / np.pi,
}


def network_kernel(activation, depth, rho):
    """E Psi(x) Psi(z) at <x, z> = rho d, in the limit of wide layers."""
    rho = np.clip(rho, -1, 1)
    for _ in range(depth - 1):
        rho = DUALS[activation](rho)
    return rho


def harmonic_masses(activation, depth, d, degree):
    """What spherical harmonics of degree 0, ..., ``degree`` hold of E Psi² = 1.

    The kernel's coefficients in Gegenbauer polynomials, by Gauss's rule.
    """
    order = d / 2 - 1
    rho, weights = roots_gegenbauer(200, order)
    weighted = weights / weights.sum() * network_kernel(activation, depth, rho)
    return np.array(
        [
            n_harmonics(d, k)
            * (weighted @ eval_gegenbauer(k, order, rho))
            / eval_gegenbauer(k, order, 1.0)
            for k in range(degree + 1)
        ]
    )


def n_harmonics(d, degree):
    """Independent spherical harmonics of a degree on the sphere in d dimensions."""
    return comb(d + degree - 1, degree) - comb(d + degree - 3, degree - 2)


def n_products(d, degree):
    """Independent polynomials up to a degree on that sphere, the constant too."""
    return int(sum(n_harmonics(d, k) for k in range(degree + 1)))


def floor(activation, depth, d, degree):
    """Root mean square distance of Psi from polynomials up to a degree."""
    return np.sqrt(1 - harmonic_masses(activation, depth, d, degree).sum())


def tail(activation, degree):
    """eps(k) of the activation at unit norm: the shadow's distance at depth 2."""
    _, _, truth = make_random_network(1, activation=activation, return_truth=True)
    return series_tail(truth.activation, degree)
