"""Polynomials that a group of permutations of the features leaves alone."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth.datasets._links import HermitePolynomial, random_polynomial
from sklearn_depth.datasets._truth import (
    NoisyTruth,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions


@dataclass(frozen=True, eq=False)
class InvariantTruth(NoisyTruth):
    """A polynomial averaged over a group of permutations, under Gaussian noise.

    Attributes
    ----------
    polynomial : HermitePolynomial
        The target as a function of the features.
    group : {"cyclic", "symmetric"}
        The permutations of features that leave it alone.
    n_features : int
        Number of features.
    noise : float
        Standard deviation of the noise.
    """

    polynomial: HermitePolynomial
    group: str
    n_features: int
    noise: float

    def _draw_inputs(self, n_samples, rng):
        return rng.standard_normal((n_samples, self.n_features))

    def _target(self, X):
        return self.polynomial(X)

    def _target_variance(self):
        return self.polynomial.variance


@validated_generator(
    group=[StrOptions({"cyclic", "symmetric"})],
    degree=[POSITIVE_INTEGER],
)
def make_invariant(
    n_samples=100,
    n_features=10,
    *,
    group="cyclic",
    degree=3,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a polynomial averaged over a group of permutations of the features.

    .. math:: y = \frac{1}{Z |G|} \sum_{g \in G} p(x_{g(1)}, \dots, x_{g(d)})
        + \sigma \varepsilon, \qquad x \sim N(0, I_d), \quad \varepsilon \sim N(0, 1)

    with p a random polynomial, and Z such that the average has variance 1.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    group : {"cyclic", "symmetric"}, default="cyclic"
        The d shifts of the features around a circle, or all d! permutations.
    degree : int, default=3
        Total degree of p, whose coefficients on the products of orthonormal Hermite
        polynomials of degree 1 to ``degree`` are independent N(0, 1).
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs.
    y : ndarray of shape (n_samples,)
        Targets.
    truth : InvariantTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.polynomial``, ``truth.group``,
        ``truth.noise``.

    Raises
    ------
    MemoryError
        If the polynomial has more terms than the machine can evaluate.

    See Also
    --------
    make_symmetric : Symmetric functions that gradient descent finds hard.

    Notes
    -----
    The average replaces the coefficients of all products in an orbit by their mean.
    Cyclic invariants of degree k have about d times fewer dimensions than all
    polynomials of that degree. Methods that know the group gain as much in samples,
    with kernels and random features whose weights are averaged over it [1]_; ones that
    do not, pay in full.

    The variance is 1, and ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Song Mei, Theodor Misiakiewicz and Andrea Montanari. Learning with
       invariances in random features and kernel models. COLT 2021. arXiv:2102.13219.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_invariant
    >>> X, y, truth = make_invariant(1000, 8, return_truth=True, random_state=0)
    >>> np.allclose(truth(np.roll(X, 3, axis=1)), y)
    True
    >>> np.allclose(truth(X[:, ::-1]), y)
    False
    >>> np.unique(truth.polynomial.coefficients.round(9)).size
    21
    """
    check_size(n_samples, n_features)
    rng = check_generator(random_state)
    polynomial = _average(random_polynomial(n_features, degree, rng), n_features, group)
    truth = InvariantTruth(polynomial, group, n_features, float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


def _average(polynomial, n_features, group):
    """The mean over the group, with unit variance."""
    terms, n_orbits, orbits = polynomial.tree.terms(), {}, []
    for term in terms:
        name = _orbit(term, n_features, group)
        orbits.append(n_orbits.setdefault(name, len(n_orbits)))
    sums = np.bincount(orbits, polynomial.coefficients)
    coefficients = (sums / np.bincount(orbits))[orbits]
    return HermitePolynomial(
        polynomial.tree, coefficients / np.linalg.norm(coefficients)
    )


def _orbit(term, n_features, group):
    """What all terms have in common that the group makes of one."""
    if group == "symmetric":
        return tuple(sorted(exponent for _, exponent in term))
    # The least of the shifts that bring one of its features to the first place.
    return min(
        tuple(sorted(((column - first) % n_features, e) for column, e in term))
        for first, _ in term
    )
