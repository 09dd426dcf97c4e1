"""Multi-index data: Gaussian inputs and a target of a few of their projections."""

from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.datasets._index_checks import check_covariance, check_directions
from sklearn_depth.datasets._index_truth import MultiIndexTruth
from sklearn_depth.datasets._links import MULTI_INDEX_LINKS, random_polynomial
from sklearn_depth.datasets._truth import (
    SNR,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions


@validated_generator(
    n_directions=[POSITIVE_INTEGER],
    link=[callable, StrOptions({"polynomial", *MULTI_INDEX_LINKS})],
    degree=[POSITIVE_INTEGER],
    directions=["array-like", None],
    covariance=["array-like", None],
    snr=SNR,
)
def make_multi_index(
    n_samples=100,
    n_features=10,
    *,
    n_directions=2,
    link="polynomial",
    degree=3,
    directions=None,
    covariance=None,
    noise=0.0,
    snr=None,
    return_truth=False,
    random_state=None,
):
    r"""Gaussian inputs with a target that depends on a few projections.

    .. math:: y = g(z_1, \dots, z_r) + \sigma \varepsilon, \qquad
        z = (U \Sigma U^T)^{-1/2} U x, \quad
        x \sim N(0, \Sigma), \quad \varepsilon \sim N(0, 1)

    with rows :math:`u_1, \dots, u_r` of U; for :math:`\Sigma = I`, z is
    :math:`(\langle u_1, x \rangle, \dots, \langle u_r, x \rangle)`.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    n_directions : int, default=2
        The dimension r of the subspace, at most ``n_features``.
    link : str or callable, default="polynomial"
        The function g:

        - "polynomial": a random polynomial of mean 0 and variance 1, with coefficients
          uniform on the sphere, on the products of orthonormal Hermite polynomials of
          total degree 1 to ``degree``;
        - "product": :math:`z_1 z_2 \cdots z_r`;
        - "sign_product": the sign of that product, a parity;
        - "relus": :math:`[z_1]_+ - [z_2]_+ + [z_3]_+ - \cdots`;
        - a callable from an array of shape (n_samples, n_directions) to (n_samples,).
    degree : int, default=3
        Total degree of "polynomial".
    directions : array-like of shape (n_directions, n_features) or None, default=None
        Directions, as rows, that span the subspace; the nearest orthonormal rows
        replace them. None draws a uniform frame.
    covariance : array-like of shape (d, d) or (d,), or None, default=None
        The positive semi-definite matrix :math:`\Sigma`, or its diagonal alone, with a
        positive variance along every direction of the subspace. None takes the
        identity.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    snr : float or None, default=None
        The ratio :math:`\mathrm{Var}\, g(z) / \sigma^2` of signal to noise, from which
        :math:`\sigma` follows; None takes ``noise``.
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
        ``truth.projection`` with z = projection @ x, ``truth.link``,
        ``truth.covariance``, ``truth.noise`` and, for "polynomial",
        ``truth.coefficients`` in the order of
        :class:`~sklearn.preprocessing.PolynomialFeatures` without bias.

    Raises
    ------
    ValueError
        If ``n_directions`` exceeds ``n_features``, if ``directions`` has another shape
        or dependent rows, if ``link`` does not return one finite value a sample, if
        ``covariance`` is none or is singular on the subspace, or if both ``noise`` and
        ``snr`` are given.
    MemoryError
        If the polynomial has more terms than the machine can evaluate.

    See Also
    --------
    make_single_index : One projection.

    Notes
    -----
    Under a covariance the projections on orthonormal directions are correlated. The
    link is applied to z, which spans the same subspace, is N(0, I) and is nearest to
    those projections: y has the same law for every covariance.

    A network whose first layer takes one large gradient step learns a polynomial g of
    degree p from about :math:`d^2 r + d r^p` samples, where kernels need :math:`d^p`,
    if the mean Hessian of the target has rank r [1]_. That holds for almost every
    "polynomial" of degree 2 or more, and for "product" with r = 2, not beyond.

    ``truth.bayes_r2`` and ``snr`` are exact for "polynomial"; else they take the
    variance of the target from 65 536 draws of a fixed seed.

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
    if isinstance(link, str):
        link = MULTI_INDEX_LINKS.get(link, link)
    rng = check_generator(random_state)
    directions, link, inputs = plant_multi_index(
        n_samples, n_features, n_directions, link, degree, directions, covariance, rng
    )
    truth = MultiIndexTruth(directions, link, float(noise), inputs)
    return draw_data(truth._with_snr(snr), n_samples, rng, return_truth)


def plant_multi_index(
    n_samples, n_features, n_directions, link, degree, directions, covariance, rng
):
    """Draw what is planted: the directions, the link and the law of the inputs."""
    check_size(n_samples, n_features, 2 * n_directions * n_features)
    if n_directions > n_features:
        raise ValueError(
            f"n_directions={n_directions} orthonormal directions do not fit into "
            f"n_features={n_features} dimensions. Use fewer directions or more "
            "features."
        )
    if directions is None:
        directions = orthonormal_rows(n_directions, n_features, rng)
    else:
        directions = check_directions(directions, n_directions, n_features)
    if isinstance(link, str):
        link = random_polynomial(n_directions, degree, rng)
    return directions, link, check_covariance(covariance, n_features)
