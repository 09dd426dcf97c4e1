"""Functions of a polynomial of a few directions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from sklearn_depth.datasets._index_truth import MultiIndexTruth
from sklearn_depth.datasets._links import (
    SINGLE_INDEX_LINKS,
    HermitePolynomial,
    HermiteSeries,
    single_index_link,
)
from sklearn_depth.datasets._multi_index import plant_multi_index
from sklearn_depth.datasets._truth import (
    FeatureMixin,
    draw_data,
    evaluate,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions

# Nodes of a Gauss-Hermite rule for each of so many directions.
_N_NODES = {1: 128, 2: 96, 3: 40}


@dataclass(frozen=True, eq=False)
class ComposedLink:
    """``outer(inner(z))``."""

    outer: Callable
    inner: HermitePolynomial

    def __call__(self, z):
        return evaluate(self.outer, self.inner(z), "link")


class HierarchicalTruth(FeatureMixin, MultiIndexTruth):
    """A function of one polynomial of a few directions, under Gaussian noise.

    Its attributes are those of a multi-index truth: ``link.outer`` is g, ``link.inner``
    the polynomial, and the inputs are N(0, I).
    """

    def _feature(self, X):
        return self.link.inner(X @ self.directions.T)

    def _target_variance(self):
        """By quadrature of polynomials, where it takes no more points than draws."""
        n_directions = len(self.directions)
        if n_directions not in _N_NODES or not isinstance(
            self.link.outer, HermiteSeries
        ):
            return super()._target_variance()
        nodes, weights = hermegauss(_N_NODES[n_directions])
        grid = np.meshgrid(*[nodes] * n_directions, indexing="ij")
        values = self.link(np.stack([axis.ravel() for axis in grid], axis=1))
        share = reduce(np.multiply.outer, [weights / weights.sum()] * n_directions)
        share = share.ravel()
        return float(share @ (values - share @ values) ** 2)


@validated_generator(
    n_directions=[POSITIVE_INTEGER],
    degree=[POSITIVE_INTEGER],
    link=[callable, StrOptions(set(SINGLE_INDEX_LINKS)), "array-like"],
)
def make_hierarchical(
    n_samples=100,
    n_features=10,
    *,
    n_directions=3,
    degree=2,
    link="tanh",
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a function of a polynomial of a few directions.

    .. math:: y = g\big(p(\langle u_1, x \rangle, \dots, \langle u_r, x \rangle)\big)
        + \sigma \varepsilon, \qquad x \sim N(0, I_d), \quad \varepsilon \sim N(0, 1)

    with p a random sum of Hermite products of total degree k and no other.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    n_directions : int, default=3
        The number r of orthonormal directions u, drawn uniformly; at most
        ``n_features``.
    degree : int, default=2
        The degree k of every term of p.
    link : str, callable or array-like, default="tanh"
        The function g: a name that :func:`make_single_index` knows, a vectorised
        function, or Hermite coefficients.
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
    truth : HierarchicalTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.feature(X)`` the polynomial, ``truth.sample(n_samples, random_state)``
        draws fresh data, ``truth.bayes_r2`` is the best possible R²;
        ``truth.directions``, ``truth.link``, ``truth.noise``.

    Raises
    ------
    ValueError
        If ``n_directions`` exceeds ``n_features``, or if ``link`` does not return one
        finite value a sample.
    MemoryError
        If the polynomial has more terms than the machine can evaluate.

    See Also
    --------
    make_quadratic_feature : A quadratic p of all features.
    make_multi_index : A polynomial of a few directions itself.

    Notes
    -----
    Trained layer by layer, a network of three layers finds p first and g of it then.
    For many p of degree k in this class, of the order of :math:`d^k` samples are enough
    for a polynomial g of any degree q, where kernels need :math:`d^{kq}` [1]_.

    The coefficients of p are uniform on the sphere, so that p has mean 0 and variance 1
    in every draw. ``truth.bayes_r2`` takes the variance of the target from
    65 536 draws of a fixed seed; where g has Hermite coefficients, from a Gauss-Hermite
    rule for up to 3 directions, exact if ``degree`` times the degree of g is below 40.

    References
    ----------
    .. [1] Zihao Wang, Eshaan Nichani and Jason D. Lee. Learning Hierarchical
       Polynomials with Three-Layer Neural Networks. ICLR 2024. arXiv:2311.13774.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_hierarchical
    >>> X, y, truth = make_hierarchical(
    ...     1000, 20, return_truth=True, random_state=0)
    >>> np.array_equal(y, np.tanh(truth.feature(X)))
    True
    >>> float(truth.feature(X).var().round(2))
    0.88
    """
    rng = check_generator(random_state)
    directions, polynomial, inputs = plant_multi_index(
        n_samples, n_features, n_directions, "polynomial", degree, None, None, rng
    )
    inner = _of_one_degree(polynomial, degree)
    composed = ComposedLink(single_index_link(link), inner)
    truth = HierarchicalTruth(directions, composed, float(noise), inputs)
    return draw_data(truth, n_samples, rng, return_truth)


def _of_one_degree(polynomial, degree):
    """Its terms of that degree alone, again of unit variance."""
    degrees = np.array([sum(e for _, e in term) for term in polynomial.tree.terms()])
    kept = np.where(degrees == degree, polynomial.coefficients, 0)
    return HermitePolynomial(polynomial.tree, kept / np.linalg.norm(kept))
