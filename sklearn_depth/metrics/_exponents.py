"""Exponents of a link: how many samples it takes to find its direction."""

from numbers import Real

import numpy as np

from sklearn_depth._math._conditional_moments import conditional_moments
from sklearn_depth._math._hermite_series import gaussian_quadrature
from sklearn_depth._math._rough_series import rough_coefficients
from sklearn_depth._math._tolerances import EPS
from sklearn_depth.metrics._link_values import (
    LINK,
    NOISY_LINK,
    link_coefficients,
    link_function,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import Interval, validate_params

_DEGREES = {
    "max_degree": [POSITIVE_INTEGER],
    "tol": [Interval(Real, 0, 1, closed="neither")],
}


@validate_params(LINK | _DEGREES)
def information_exponent(link, *, max_degree=20, tol=1e-9):
    r"""Find the degree of the first Hermite polynomial in a univariate link.

    .. math:: k^* = \min \{k \ge 1 : a_k \ne 0\}, \qquad
        a_k = E[g(Z) h_k(Z)], \quad Z \sim N(0, 1)

    with the Hermite polynomials :math:`h_k` orthonormal.

    Parameters
    ----------
    link : callable or array-like of shape (degree + 1,)
        The function g, from an array to an array of the same shape, such as
        ``truth.link`` of a generator; it may have jumps and kinks anywhere. Or its
        Hermite coefficients :math:`a_0, a_1, \dots`.
    max_degree : int, default=20
        The highest degree looked at.
    tol : float, default=1e-9
        What counts as zero: coefficients up to ``tol`` times the standard deviation of
        g(Z).

    Returns
    -------
    exponent : int
        The exponent :math:`k^*`.

    Raises
    ------
    ValueError
        If no coefficient of degree 1 to ``max_degree`` exceeds the tolerance, as for a
        constant; if a callable returns values of another shape or that are not finite
        on [-14, 14], or is too rough to be integrated.

    See Also
    --------
    generative_exponent : The exponent that no transform of the labels lowers.
    leap_complexity : Its counterpart for several directions.

    Notes
    -----
    The exponent says how many samples online gradient descent on the sphere takes to
    find u in y = g(<u, x>), x ~ N(0, I): about d for k* = 1, d log d for 2 and
    :math:`d^{k^* - 1}` from 3 on, up to logarithms [1]_. On a smoothed loss it takes
    about :math:`d^{k^* / 2}` [2]_. It does not say how hard the link is: a learner that
    transforms the labels, or sees a sample twice, can do better, and what remains is
    the :func:`generative_exponent` [3]_. That of He3 is 1, although its information
    exponent is 3.

    A smooth link of high frequency has small first coefficients, cos(8z) one of 6e-13:
    by ``tol`` they count as zero, as they do for any algorithm.

    References
    ----------
    .. [1] Gérard Ben Arous, Reza Gheissari and Aukosh Jagannath. Online Stochastic
       Gradient Descent on Non-convex Losses from High-Dimensional Inference. JMLR 22,
       2021. arXiv:2003.10409.
    .. [2] Alex Damian, Eshaan Nichani, Rong Ge and Jason D. Lee. Smoothing the
       Landscape Boosts the Signal for SGD: Optimal Sample Complexity for Learning
       Single Index Models. NeurIPS 2023. arXiv:2305.10633.
    .. [3] Alex Damian, Loucas Pillaud-Vivien, Jason D. Lee and Joan Bruna.
       Computational-Statistical Gaps in Gaussian Single-Index Models. COLT 2024.
       arXiv:2403.05529.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.metrics import information_exponent
    >>> information_exponent(np.sign), information_exponent(np.abs)
    (1, 2)
    >>> information_exponent([0, 0, 0, 1.0])
    3
    >>> information_exponent(lambda z: (z**3 - 3 * z) ** 2)
    2
    """
    if callable(link):
        coefficients, deviation = _coefficients(link, max_degree, tol)
    else:
        coefficients = link_coefficients(link)
        deviation = np.linalg.norm(coefficients[1:])
        coefficients = coefficients[: max_degree + 1]
    found = np.flatnonzero(np.abs(coefficients[1:]) > tol * deviation)
    if len(found) == 0:
        raise ValueError(
            f"link has no Hermite coefficient of degree 1 to {max_degree} above "
            f"tol={tol:g} times its standard deviation {deviation:.3g}. Raise "
            "max_degree, lower tol, or pass a link that is not constant."
        )
    return int(found[0]) + 1


def _coefficients(link, max_degree, tol):
    """Hermite coefficients of a callable, to the tolerance, and its deviation."""
    values = link_function(link)
    nodes, weights = gaussian_quadrature()
    at_nodes = values(nodes)
    mean = weights @ at_nodes
    rounding = 64 * EPS * abs(mean)
    scale = np.abs(at_nodes - mean).max()
    if scale <= rounding:
        return np.zeros(max_degree + 1), 0.0
    deviation = scale * np.sqrt(weights @ ((at_nodes - mean) / scale) ** 2)
    tolerance = 0.1 * tol * deviation + rounding
    found = rough_coefficients(lambda z: values(z) - mean, max_degree, tolerance)
    return found, deviation


@validate_params(NOISY_LINK | _DEGREES)
def generative_exponent(link, noise=0.0, *, max_degree=20, tol=1e-12):
    r"""Find the degree of the first Hermite polynomial that the labels tell about.

    .. math:: k^* = \min \{k \ge 1 : E[\zeta_k(y)^2] > 0\}, \qquad
        \zeta_k(y) = E[h_k(Z) \mid y], \quad y = g(Z) + \sigma \epsilon

    with Z and :math:`\epsilon` independent N(0, 1) and the Hermite polynomials
    :math:`h_k` orthonormal.

    Parameters
    ----------
    link : callable or array-like of shape (degree + 1,)
        The function g, from an array to an array of the same shape, such as
        ``truth.link`` of a generator; it may have jumps, kinks and flat pieces. Or its
        Hermite coefficients :math:`a_0, a_1, \dots`.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    max_degree : int, default=20
        The highest degree looked at.
    tol : float, default=1e-12
        What counts as zero: :math:`E[\zeta_k(y)^2]` up to this, which is between 0 and
        1.

    Returns
    -------
    exponent : int
        The exponent :math:`k^*`.

    Raises
    ------
    ValueError
        If no :math:`E[\zeta_k(y)^2]` of degree 1 to ``max_degree`` exceeds the
        tolerance, as for a constant; if a callable returns values of another shape or
        that are not finite on [-14, 14], or turns there more than 2000 times.

    See Also
    --------
    information_exponent : The exponent of y itself, without a transform.
    weak_recovery_threshold : Samples for each dimension where k* is at most 2.

    Notes
    -----
    Statistical query and low-degree learners need about :math:`d^{k^* / 2}` samples to
    find u in y = g(<u, x>), and a partial-trace estimator gets by with as many [1]_.
    It is the least information exponent of T(y) over all transforms T, so that no
    one-to-one map of y changes it.

    y is divided into cells of at most 1/200 in z, for z in [-6, 6], and the moments
    E[h_k(Z) 1{y in cell}] come in closed form from the ends of the preimages of each
    cell. Where :math:`\zeta_k` is 0 they are 0 however wide the cells, so that the
    resolution is that of rounding: where :math:`E[\zeta_k(y)^2]` should be 0, the tests
    find less than 1e-20 for links of the order of 1, and less than 1e-12 if 10,000 is
    added to them. Where it is not 0, it is found too low, by some 1e-5 of itself at
    degrees 1 and 2, by 1e-4 with noise, and by more at higher degrees. A flat piece of
    the link is an atom of y, with a cell of its own if its probability is 1e-5 or more.
    What is narrower than 1/512 in z is not seen.

    References
    ----------
    .. [1] Alex Damian, Loucas Pillaud-Vivien, Jason D. Lee and Joan Bruna.
       Computational-Statistical Gaps in Gaussian Single-Index Models. COLT 2024.
       arXiv:2403.05529.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.metrics import generative_exponent, information_exponent
    >>> information_exponent([0, 0, 0, 1]), generative_exponent([0, 0, 0, 1])
    (3, 1)
    >>> generative_exponent(np.abs), generative_exponent(np.abs, noise=1.0)
    (2, 2)
    >>> generative_exponent(lambda z: z**2 * np.exp(-(z**2)))
    4
    """
    strengths = conditional_moments(link_function(link), max_degree, noise).strengths()
    return first_degree(strengths, tol)


def first_degree(strengths, tol):
    """The least degree from 1 on with a strength above the tolerance."""
    found = np.flatnonzero(strengths[1:] > tol)
    if len(found) == 0:
        most = strengths[1:].max()
        raise ValueError(
            f"the labels show nothing of degrees 1 to {len(strengths) - 1}: the "
            f"largest E[E[h_k(Z) | y]^2] is {most:.3g}, not above tol={tol:g}. Raise "
            "max_degree, lower tol or noise, or pass a link that is not constant."
        )
    return int(found[0]) + 1
