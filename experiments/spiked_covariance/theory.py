"""What the theory has in closed form: turning points, and the best use of the spike."""

from typing import NamedTuple

import numpy as np

from sklearn_depth.metrics import information_exponent


class Case(NamedTuple):
    """A target by its Hermite coefficients, and its cosine to the spike."""

    title: str
    coefficients: tuple[float, ...]
    overlap: float


HE13 = (0, 0.5**0.5, 0, 0.5**0.5)
CASES = {
    "13": Case("(He₁ + He₃)/√2, u = μ", HE13, 1.0),
    "3": Case("He₃, u = μ", (0, 0, 0, 1), 1.0),
    "13_between": Case("(He₁ + He₃)/√2, u at 45° to μ", HE13, 0.5**0.5),
    "13_across": Case("(He₁ + He₃)/√2, u orthogonal to μ", HE13, 0.0),
}


def turning_points(case):
    """The exponents 1 - 1/p of kernels and 1 - 1/k of networks, at u = mu."""
    coefficients = CASES[case].coefficients
    degree = np.flatnonzero(coefficients).max()
    return 1 - 1 / degree, 1 - 1 / information_exponent(coefficients)


def left_by_spike(case, spike):
    """Share of the variance that no function of <mu, x> explains.

    E[h_k(z) | z'] = rho^k h_k(z') for standard Gaussian z, z' of correlation rho.
    """
    _, coefficients, overlap = CASES[case]
    rho = overlap * np.sqrt((1 + spike) / (1 + spike * overlap**2))
    explained = np.square(coefficients) @ rho ** (2 * np.arange(len(coefficients)))
    return 1 - explained / np.sum(np.square(coefficients))
