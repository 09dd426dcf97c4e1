"""Closed forms of wide random networks on the sphere, averaged over their weights."""

import numpy as np
from scipy.special import comb, eval_gegenbauer, roots_gegenbauer

from sklearn_depth._math._hermite_series import series_tail
from sklearn_depth.datasets import make_random_network
from sklearn_depth.kernels import dual_activation_kernel

# E|z| for Gaussian z of variance 1: at each point, over the weights of a wide network,
# Psi and what a polynomial of a degree leaves of it are Gaussian.
ABSOLUTE = np.sqrt(2 / np.pi)


def harmonic_masses(activation, depth, d, degree):
    """What spherical harmonics of degree 0, ..., ``degree`` hold of E Psi² = 1.

    The kernel's coefficients in Gegenbauer polynomials, by Gauss's rule.
    """
    order = d / 2 - 1
    rho, weights = roots_gegenbauer(200, order)
    points = np.column_stack([rho, np.sqrt(1 - rho**2)])
    kernel = dual_activation_kernel(
        points, [[1.0, 0.0]], activation=activation, depth=depth
    )
    weighted = weights / weights.sum() * kernel[:, 0]
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
