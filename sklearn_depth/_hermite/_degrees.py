"""Degrees and solvers that are worth their time, by the size of their systems."""

import numpy as np

from sklearn_depth._hermite._groups import MOST_LISTED
from sklearn_depth._math._multi_indices import count_terms

# The degree of one flat penalty, and the highest that the evidence is asked about.
CUBIC, _HIGHEST = 3, 5
# Unknowns of a fit up to a cubic; products, or else samples, of one beyond, which is
# to list its products.
_MOST_UNKNOWNS, _MOST_PRODUCTS, _MOST_SAMPLES = 6000, 3500, 2000


def degrees_to_try(n_samples, n_features, solver, max_interaction, norm):
    """One degree, or two that are compared, ascending.

    n_samples : infinite where they come in batches, and only products count.
    """

    def feasible(degree):
        n_products = count_terms(n_features, degree, max_interaction, norm)
        samples = np.inf if solver == "primal" else n_samples
        products = np.inf if solver == "dual" else n_products
        if degree <= CUBIC:
            return min(samples, products) <= _MOST_UNKNOWNS
        few = products <= _MOST_PRODUCTS or samples <= _MOST_SAMPLES
        return few and n_products <= MOST_LISTED

    top = max((s for s in range(2, _HIGHEST + 1) if feasible(s)), default=1)
    return degrees_within(top, norm)


def degrees_within(top, norm):
    """The same where ``top`` is the highest.

    Hyperbolic products of a lower degree are not among those of a higher one.
    """
    return (top,) if top <= CUBIC or norm != 1 else (CUBIC, top)


def has_few_samples(n_samples, n_products, by_evidence):
    """Whether the kernels of the samples are the smaller system.

    The evidence looks at a kernel for each group, but at one Gram matrix.
    """
    return n_samples <= (n_products / 1.5 if by_evidence else n_products)
