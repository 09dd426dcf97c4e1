"""Index data: Gaussian inputs and targets of a few of their projections."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._spheres import orthonormal_rows, random_directions
from sklearn_depth.datasets._links import (
    MULTI_INDEX_LINKS,
    SINGLE_INDEX_LINKS,
    HermitePolynomial,
    HermiteSeries,
    random_polynomial,
)
from sklearn_depth.datasets._truth import (
    COMMON_CONSTRAINTS,
    NoisyTruth,
    draw_data,
    evaluate,
)
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, validate_params


@dataclass(frozen=True, eq=False)
class MultiIndexTruth(NoisyTruth):
    """A function of a few projections of a standard Gaussian vector.

    Attributes
    ----------
    directions : ndarray of shape (n_directions, n_features)
        The orthonormal rows u_k that span the subspace.
    link : callable
        The target as a vectorised function of the projections, from shape
        (n_samples, n_directions) to (n_samples,).
    noise : float
        Standard deviation of the noise.
    """

    directions: np.ndarray
    link: Callable
    noise: float

    @property
    def n_features(self):
        """Number of columns of X."""
        return self.directions.shape[1]

    @property
    def coefficients(self):
        """Coefficients of a Hermite link; other links have none (AttributeError)."""
        return self.link.coefficients

    def _draw_inputs(self, n_samples, rng):
        return rng.standard_normal((n_samples, self.n_features))

    def _target(self, X):
        return self._apply_link(X @ self.directions.T)

    def _apply_link(self, z):
        return evaluate(self.link, z, "link")

    def _draw_targets(self, n_samples, rng):
        return self._apply_link(rng.standard_normal((n_samples, len(self.directions))))

    def _target_variance(self):
        if isinstance(self.link, HermiteSeries | HermitePolynomial):
            return self.link.variance
        return super()._target_variance()


class SingleIndexTruth(MultiIndexTruth):
    """A univariate function of one projection of a standard Gaussian vector.

    Attributes
    ----------
    directions : ndarray of shape (1, n_features)
        The unit vector u.
    link : callable
        The target as a vectorised function of <u, x>, from shape (n_samples,) to
        (n_samples,).
    noise : float
        Standard deviation of the noise.
    """

    def _apply_link(self, z):
        return evaluate(self.link, z[:, 0], "link")


@validate_params(
    COMMON_CONSTRAINTS
    | {
        "link": [callable, "array-like", StrOptions(set(SINGLE_INDEX_LINKS))],
        "direction": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def make_single_index(
    n_samples=100,
    n_features=10,
    *,
    link="he2",
    direction=None,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Gaussian inputs with a target that depends on one projection.

    .. math:: y = g(\langle u, x \rangle) + \sigma \varepsilon, \qquad
        x \sim N(0, I_d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of columns, the dimension d.
    link : str, array-like of shape (degree + 1,) or callable, default="he2"
        The function g:

        - "he2", "he3": the orthonormal Hermite polynomials
          :math:`(z^2 - 1)/\sqrt 2` and :math:`(z^3 - 3z)/\sqrt 6`;
        - "relu", "abs", "tanh", "sin": :math:`\max(z, 0)`, :math:`|z|`,
          :math:`\tanh z`, :math:`\sin z`;
        - an array: the coefficients of :math:`g = \sum_k c_k h_k` on the orthonormal
          Hermite polynomials;
        - a callable from an array of projections to an array of the same shape.
    direction : array-like of shape (n_features,) or None, default=None
        The vector u, scaled to unit length. None draws it uniformly on the sphere.
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
    truth : SingleIndexTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.directions`` of shape (1, n_features),
        ``truth.link``, ``truth.noise`` and, for a Hermite link,
        ``truth.coefficients``.

    Raises
    ------
    ValueError
        If ``direction`` is zero or has not ``n_features`` entries, or if ``link`` does
        not return one value a sample.

    See Also
    --------
    make_multi_index : Several projections.

    Notes
    -----
    The first k >= 1 with a non-zero Hermite coefficient is the information exponent of
    g: online gradient descent on the sphere needs about :math:`d^{\max(k-1, 1)}`
    samples, up to logarithms [1]_. A network whose first layer takes one large step
    learns a polynomial g of degree p from about :math:`d^2` samples if its second
    coefficient is not zero, where kernels need :math:`d^p` [2]_; on "he3" that step
    sees nothing.

    ``truth.bayes_r2`` is exact for a Hermite link; else it takes the variance of the
    target from 65 536 draws of a fixed seed.

    References
    ----------
    .. [1] Gérard Ben Arous, Reza Gheissari and Aukosh Jagannath. Online Stochastic
       Gradient Descent on Non-convex Losses from High-Dimensional Inference. JMLR 22,
       2021. arXiv:2003.10409.
    .. [2] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi. Neural Networks can
       Learn Representations with Gradient Descent. COLT 2022. arXiv:2206.15144,
       Theorem 1.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_single_index
    >>> X, y, truth = make_single_index(
    ...     500, 20, link=[0, 0, 0.6, 0.8], noise=0.5, return_truth=True, random_state=0
    ... )
    >>> truth.directions.shape
    (1, 20)
    >>> round(truth.bayes_r2, 3)
    0.8
    """
    rng = check_generator(random_state)
    if direction is None:
        directions = random_directions(1, n_features, rng)
    else:
        directions = _check_direction(direction, n_features)
    truth = SingleIndexTruth(directions, _single_index_link(link), float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


@validate_params(
    COMMON_CONSTRAINTS
    | {
        "n_directions": [Interval(Integral, 1, None, closed="left")],
        "link": [callable, StrOptions({"polynomial", *MULTI_INDEX_LINKS})],
        "degree": [Interval(Integral, 1, None, closed="left")],
        "directions": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def make_multi_index(
    n_samples=100,
    n_features=10,
    *,
    n_directions=2,
    link="polynomial",
    degree=3,
    directions=None,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Gaussian inputs with a target that depends on a few projections.

    .. math:: y = g(\langle u_1, x \rangle, \dots, \langle u_r, x \rangle)
        + \sigma \varepsilon, \qquad x \sim N(0, I_d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of columns, the dimension d.
    n_directions : int, default=2
        The dimension r of the subspace, at most ``n_features``.
    link : {"polynomial", "product", "relus"} or callable, default="polynomial"
        The function g:

        - "polynomial": a random polynomial of mean 0 and variance 1, with coefficients
          uniform on the sphere, on the products of orthonormal Hermite polynomials of
          total degree 1 to ``degree``;
        - "product": :math:`z_1 z_2 \cdots z_r`;
        - "relus": :math:`[z_1]_+ - [z_2]_+ + [z_3]_+ - \cdots`;
        - a callable from an array of shape (n_samples, n_directions) to (n_samples,).
    degree : int, default=3
        Total degree of "polynomial".
    directions : array-like of shape (n_directions, n_features) or None, default=None
        Rows that span the subspace, replaced by the nearest orthonormal rows. None
        draws a uniform frame.
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
    truth : MultiIndexTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.directions`` with orthonormal rows,
        ``truth.link``, ``truth.noise`` and, for "polynomial", ``truth.coefficients`` in
        the order of :class:`~sklearn.preprocessing.PolynomialFeatures` without bias.

    Raises
    ------
    ValueError
        If ``n_directions`` exceeds ``n_features``, if ``directions`` has another shape
        or dependent rows, or if ``link`` does not return one value a sample.
    MemoryError
        If the polynomial has more terms than the machine can evaluate.

    See Also
    --------
    make_single_index : One projection.

    Notes
    -----
    A network whose first layer takes one large gradient step learns a polynomial g of
    degree p from about :math:`d^2 r + d r^p` samples, where kernels need :math:`d^p`,
    if the mean Hessian of the target has rank r [1]_. That holds for almost every
    "polynomial" of degree 2 or more, and for "product" with r = 2, not beyond.

    ``truth.bayes_r2`` is exact for "polynomial"; else it takes the variance of the
    target from 65 536 draws of a fixed seed.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi. Neural Networks can
       Learn Representations with Gradient Descent. COLT 2022. arXiv:2206.15144,
       Theorem 1.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_multi_index
    >>> X, y, truth = make_multi_index(
    ...     500, 20, n_directions=3, noise=0.5, return_truth=True, random_state=0
    ... )
    >>> truth.directions.shape, truth.coefficients.shape
    ((3, 20), (19,))
    >>> round(truth.bayes_r2, 3)
    0.8
    """
    if n_directions > n_features:
        raise ValueError(
            f"n_directions={n_directions} orthonormal directions do not fit into "
            f"n_features={n_features} dimensions. Use fewer directions or more "
            "features."
        )
    rng = check_generator(random_state)
    if directions is None:
        directions = orthonormal_rows(n_directions, n_features, rng)
    else:
        directions = _check_directions(directions, n_directions, n_features)
    if link == "polynomial":
        link = random_polynomial(n_directions, degree, rng)
    elif isinstance(link, str):
        link = MULTI_INDEX_LINKS[link]
    truth = MultiIndexTruth(directions, link, float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


def _single_index_link(link):
    """The link as a callable; an array holds Hermite coefficients."""
    if isinstance(link, str):
        link = SINGLE_INDEX_LINKS[link]
    if callable(link):
        return link
    coefficients = _check_numbers(link, "link")
    if coefficients.ndim != 1:
        raise ValueError(
            f"link has shape {coefficients.shape}; Hermite coefficients c_0, c_1, ... "
            "are a 1-D array. Pass one, or a callable, or the name of a link."
        )
    return HermiteSeries(coefficients)


def _check_direction(direction, n_features):
    """The unit vector along ``direction``, as a row."""
    direction = _check_numbers(direction, "direction")
    if direction.shape != (n_features,):
        raise ValueError(
            f"direction has shape {direction.shape}, but n_features={n_features}. "
            f"Pass a vector of shape ({n_features},), or None to draw one."
        )
    largest = np.abs(direction).max()
    if largest == 0:
        raise ValueError(
            f"direction is zero in all {n_features} entries, so it points nowhere. "
            "Pass a vector that is not zero, or None to draw one."
        )
    direction = direction / largest  # lest the norm overflow
    return direction[None] / np.linalg.norm(direction)


def _check_directions(directions, n_directions, n_features):
    """The orthonormal rows nearest to ``directions``, its polar factor."""
    directions = _check_numbers(directions, "directions")
    if directions.shape != (n_directions, n_features):
        raise ValueError(
            f"directions has shape {directions.shape}, but n_directions={n_directions} "
            f"and n_features={n_features}. Pass one row a direction, shape "
            f"({n_directions}, {n_features}), or None to draw them."
        )
    rank = np.linalg.matrix_rank(directions)
    if rank < n_directions:
        raise ValueError(
            f"the {n_directions} rows of directions span only {rank} dimensions. Pass "
            "linearly independent rows, or None to draw them."
        )
    left, _, right = np.linalg.svd(directions, full_matrices=False)
    return left @ right


def _check_numbers(values, name):
    """A finite float64 array of any shape."""
    return check_array(
        values, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name=name
    )
