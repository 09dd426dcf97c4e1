"""Single-index data: Gaussian inputs and a target of one of their projections."""

from sklearn_depth._math._spheres import random_directions
from sklearn_depth.datasets._index_checks import check_covariance, check_direction
from sklearn_depth.datasets._index_truth import SingleIndexTruth
from sklearn_depth.datasets._links import SINGLE_INDEX_LINKS, single_index_link
from sklearn_depth.datasets._truth import (
    SNR,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions


@validated_generator(
    link=[callable, "array-like", StrOptions(set(SINGLE_INDEX_LINKS))],
    direction=["array-like", None],
    covariance=["array-like", None],
    snr=SNR,
)
def make_single_index(
    n_samples=100,
    n_features=10,
    *,
    link="he2",
    direction=None,
    covariance=None,
    noise=0.0,
    snr=None,
    return_truth=False,
    random_state=None,
):
    r"""Gaussian inputs with a target that depends on one projection.

    .. math:: y = g(z) + \sigma \varepsilon, \qquad
        z = \frac{\langle u, x \rangle}{\sqrt{u^T \Sigma u}}, \quad
        x \sim N(0, \Sigma), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    link : str, array-like of shape (degree + 1,) or callable, default="he2"
        The function g:

        - "he2", "he3", "he4": the orthonormal Hermite polynomials
          :math:`(z^2 - 1)/\sqrt 2`, :math:`(z^3 - 3z)/\sqrt 6` and
          :math:`(z^4 - 6z^2 + 3)/\sqrt{24}`; "he1+he3": the sum of z and "he3" over
          :math:`\sqrt 2`;
        - "relu", "abs", "tanh", "sin", "cos": :math:`\max(z, 0)`, :math:`|z|`,
          :math:`\tanh z`, :math:`\sin z`, :math:`\cos z`;
        - "sign", "step", "staircase": the sign of z, 1 where z > 0 and else 0, and
          half the sum of the signs of z - 1, z and z + 1;
        - an array: the coefficients of :math:`g = \sum_k c_k h_k` on the orthonormal
          Hermite polynomials;
        - a callable from an array of projections to an array of the same shape.
    direction : array-like of shape (n_features,) or None, default=None
        The vector u, scaled to unit length. None draws it uniformly on the sphere.
    covariance : array-like of shape (d, d) or (d,), or None, default=None
        The positive semi-definite matrix :math:`\Sigma`, or its diagonal alone, with a
        positive variance along u. None takes the identity.
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
    truth : SingleIndexTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.directions`` of shape (1, n_features),
        ``truth.projection`` with z = projection @ x, ``truth.link``,
        ``truth.covariance``, ``truth.noise`` and, for a Hermite link,
        ``truth.coefficients``.

    Raises
    ------
    ValueError
        If ``direction`` is zero or has not ``n_features`` entries, if ``link`` does not
        return one finite value a sample, if ``covariance`` is none or leaves <u, x>
        constant, or if both ``noise`` and ``snr`` are given.

    See Also
    --------
    make_multi_index : Several projections.
    make_spiked_single_index : A covariance with one large eigenvalue.
    sklearn_depth.metrics.information_exponent : How hard a link is to find.

    Notes
    -----
    The projection is standardised, so that y has the same law for every covariance, and
    Hermite coefficients keep their meaning.

    The first k >= 1 with a non-zero Hermite coefficient is the information exponent of
    g: online gradient descent on the sphere needs about :math:`d^{\max(k-1, 1)}`
    samples, up to logarithms [1]_. Learners that transform the labels can do with
    fewer; see :func:`~sklearn_depth.metrics.generative_exponent`. A network whose first
    layer takes one large step learns a polynomial g of degree p from about :math:`d^2`
    samples if its second coefficient is not zero, where kernels need :math:`d^p` [2]_;
    on "he3" that step sees nothing.

    ``truth.bayes_r2`` and ``snr`` are exact for a Hermite link; else they take the
    variance of the target from 65 536 draws of a fixed seed.

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

    Correlated inputs, and noise by its ratio:

    >>> covariance = [[2, 1], [1, 2]]
    >>> X, y, truth = make_single_index(
    ...     500, 2, link="he2", covariance=covariance, snr=4, return_truth=True,
    ...     random_state=0)
    >>> truth.noise, round(truth.bayes_r2, 3)
    (0.5, 0.8)
    """
    check_size(n_samples, n_features)
    rng = check_generator(random_state)
    if direction is None:
        directions = random_directions(1, n_features, rng)
    else:
        directions = check_direction(direction, n_features)
    truth = SingleIndexTruth(
        directions,
        single_index_link(link),
        float(noise),
        check_covariance(covariance, n_features),
    )
    return draw_data(truth._with_snr(snr), n_samples, rng, return_truth)
