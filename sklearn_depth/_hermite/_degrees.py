"""Degrees that are worth a try, by the size of the system that they lead to."""

from sklearn_depth._math._multi_indices import count_terms

# The degree of one flat penalty, and the highest that the evidence is asked about.
CUBIC, _HIGHEST = 3, 5
# Unknowns, of rows or of products, that a fit up to a cubic and beyond may have.
_MOST_UNKNOWNS, _MOST_BEYOND = 6000, 2500


def degrees_to_try(n_rows, n_features, max_interaction, norm):
    """One degree, or two that are compared, ascending.

    n_rows : None where rows come in batches, and only products count.
    """

    def feasible(degree):
        n_products = count_terms(n_features, degree, max_interaction, norm)
        unknowns = n_products if n_rows is None else min(n_rows, n_products)
        return unknowns <= (_MOST_UNKNOWNS if degree <= CUBIC else _MOST_BEYOND)

    top = max((s for s in range(2, _HIGHEST + 1) if feasible(s)), default=1)
    # Hyperbolic products of a lower degree are not among those of a higher one.
    return (top,) if top <= CUBIC or norm != 1 else (CUBIC, top)
