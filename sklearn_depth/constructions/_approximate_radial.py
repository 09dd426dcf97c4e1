"""Explicit networks for functions of the norm, without training."""

from functools import partial
from numbers import Integral

import numpy as np

from sklearn_depth._math._radial_constructions import (
    construct_radial,
    inner_radius,
    law_quantiles,
)
from sklearn_depth._math._radial_laws import median_norm, norm_law
from sklearn_depth.constructions._deep_radial import build_deep, search_deep
from sklearn_depth.constructions._shallow_radial import build_shallow, search_shallow
from sklearn_depth.datasets._radial import RadialTruth
from sklearn_depth.datasets._radial_inputs import RADIAL_CONSTRAINTS
from sklearn_depth.datasets._truth import evaluate
from sklearn_depth.utils._constraints import POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, validate_params

_DEGREE = 6


@validate_params(
    {
        "profile": [callable],
        "n_features": [POSITIVE_INTEGER],
        "depth": [Interval(Integral, 2, 3, closed="both")],
        "construction": [StrOptions({"hinge", "polynomial"})],
        "width": [POSITIVE_INTEGER, None],
        "tol": [POSITIVE, None],
        "n_knots": [POSITIVE_INTEGER],
        "degree": [Interval(Integral, 1, 50, closed="both"), None],
        "law": RADIAL_CONSTRAINTS["law"],
        "scale": [POSITIVE, None],
        "random_state": RADIAL_CONSTRAINTS["random_state"],
    }
)
def approximate_radial(
    profile,
    n_features,
    *,
    depth=2,
    construction="hinge",
    width=None,
    tol=None,
    n_knots=40,
    degree=None,
    law="uniform",
    scale=None,
    random_state=None,
):
    r"""Approximate a function of the norm by an explicit network, without training.

    .. math:: \varphi(\|x\|) \approx c_0 + \frac{1}{m} \sum_{i=1}^m
        \psi(\langle w_i, x \rangle), \qquad
        \psi(z) = \sum_k c_k \, (|z| - t_k)_+

    One hidden layer: each direction w and knot t take the two units
    :math:`(\pm \langle w, x \rangle - t)_+`. With ``depth=3`` two hidden layers

    .. math:: \varphi(\|x\|) \approx c_0 + \sum_k c_k \,
        \big( s(x_1) + \dots + s(x_d) - t_k \big)_+, \qquad s(z) \approx z^2

    of which the first makes the squared norm, with hinges for each coordinate.

    Parameters
    ----------
    profile : callable
        The function :math:`\varphi`, from an array of norms to an array of as many
        finite values.
    n_features : int
        Dimension d of x.
    depth : {2, 3}, default=2
        Number of weight matrices, one more than hidden layers.
    construction : {"hinge", "polynomial"}, default="hinge"
        How :math:`\psi` is found: "hinge" minimises the expected squared error over the
        c, given the number of directions; "polynomial" fits a polynomial in
        :math:`\|x\|^2` and undoes the mean over directions term by term.
        With ``depth=3`` there are only hinges.
    width : int or None, default=None
        Budget of hidden units. It makes ``width // (2 * n_knots)`` directions, or as
        many whole blocks of ``n_features`` as these hold, if they hold one. With
        ``depth=3`` it is that of both layers together: what ``n_knots`` leaves goes
        to the first, two units for each coordinate and knot. Either this or ``tol``
        must be given.
    tol : float or None, default=None
        Root mean square error to reach, in units of the profile. Blocks of
        ``n_features`` directions, with ``depth=3`` knots of the first layer, are
        doubled, from one to at most 4 194 304 units, until the measured error is as
        low.
    n_knots : int, default=40
        Number of knots, uniform from 0 to where 99.9 % of
        :math:`E \langle w, x \rangle^{2k}` is made on the radius that holds 99 % of the
        mass, k = 0 for "hinge" and ``degree`` for "polynomial". With ``depth=3``
        those of the second layer, at norms up to that radius.
    degree : int or None, default=None
        Degree in :math:`\|x\|^2`, from 1 to 50, of "polynomial" alone; None is 6.
    law : str, distribution or callable, default="uniform"
        The law of the norm before scaling: "uniform", "gaussian", "bessel",
        "two_spheres", a SciPy distribution or a callable ``law(n_samples, rng)``, see
        :func:`~sklearn_depth.datasets.sample_radial`.
    scale : float or None, default=None
        Factor on the inputs. None makes the median norm 1, as in
        :func:`~sklearn_depth.datasets.make_radial`.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the directions and of the draws that measure the errors.

    Returns
    -------
    network : RadialNetwork or DeepRadialNetwork
        ``network(X)`` evaluates it, ``network.as_network()`` lists its units, and
        ``network.coefs`` and ``network.intercepts`` are its layers with ``depth=3``;
        ``network.l2_error`` and ``network.sup_error`` are measured on 10 000 fresh
        draws. With ``depth=2`` ``network.expected_error`` is what theory expects of
        the former and ``network.l2_limit`` what infinitely many directions would
        leave; also
        ``directions``, ``knots``, ``coef``, ``intercept``, ``width`` and
        ``amplification``.

    Raises
    ------
    ValueError
        If not one of ``width`` and ``tol`` is given, or a ``degree`` with "hinge", or
        "polynomial" with ``depth=3``; if ``width`` is less than one direction or one
        knot a coordinate takes, or ``tol`` out of reach; if
        ``profile`` does not return one finite value a norm; if the terms of the
        polynomial cancel to the last digit; if 99 % of the norms are 0, or ``law``
        draws no norms.
    MemoryError
        If the directions, or the layers, need more than this process may have.

    See Also
    --------
    ball_weights : Such weights for a layer of sigmoids.
    sklearn_depth.datasets.make_radial : Data with such targets.

    Notes
    -----
    For a 1-Lipschitz :math:`\varphi` on the unit ball a width
    :math:`\exp(O(\varepsilon^{-9} \log(d / \varepsilon)))` is enough for a largest
    error of :math:`\varepsilon`, polynomial in d at fixed accuracy (Theorem 1 of [1]_),
    and so is :math:`\exp(O(d \log(1 / \varepsilon)))`, polynomial in
    :math:`1/\varepsilon` at fixed d (Theorem 2); :math:`\|x\|^{2k}` takes
    :math:`\exp(O(k^2 \log(d / \varepsilon)))` (Theorem 3). The networks here agree with
    these statements but do not follow the paper's proofs, nor are they shown to reach
    its rates: directions are random, and errors are measured, not bounded. The largest
    error is over draws of the law, so it says little where these are rare.

    Both constructions average over random directions in orthonormal blocks. With
    :math:`H_k(r) = E (r |w_1| - t_k)_+`, known in closed form, and S the covariance of
    the means over one block, B blocks leave

    .. math:: E \big( \varphi(r) - c_0 - \langle c, H(r) \rangle \big)^2
        + \tfrac{1}{B} \, c^\top S c

    on average, the square of ``expected_error``; single networks vary about it by a
    factor of 2 or 3 in 2 dimensions, by tenths from 5 on. "hinge" minimises it, in
    place of the first term alone, which can make c so large that the second ruins the
    network: for :math:`|r - 1|` in 20 dimensions and 10 000 directions the error is
    0.02, and over 10 without the second term. S has no part of degree 2, since a whole
    block gives :math:`\|x\|^2` exactly. The error falls like :math:`m^{-1/2}` where a
    bounded c represents the profile, and more slowly where it has kinks.

    "polynomial" has the paper's polynomials in the squared norm:

    .. math:: \varphi(r) \approx \sum_{k \le K} a_k (r / R)^{2k}, \qquad
        \psi(z) = \sum_k \frac{a_k}{c_{k,d}} (z / R)^{2k}, \qquad
        c_{k,d} = E w_1^{2k}
        = \frac{\Gamma(d/2) \, \Gamma(k + 1/2)}{\sqrt\pi \, \Gamma(d/2 + k)}

    interpolated at the knots. As :math:`1 / c_{k,d}` grows like :math:`d^k`, so does
    what single directions contribute and the mean has to cancel, ``amplification``
    times the profile at worst. It is this noise, not rounding, that bounds the degree:
    with 1000 directions and :math:`\sin 3r` or :math:`|r - 1|` the error stops falling
    near degree 10 in 5 dimensions, at 2 to 4 in 20 and at 2 or 3 in 100, where it is 1
    to 6 at degree 6 and rounding leaves no digit from about 14 on. :math:`\cos 4r`,
    whose power series in :math:`r^2` converges fast, bears any degree. Where the noise
    is large, few inputs and directions carry it, and most networks have a smaller error
    than expected, some a larger one.

    With ``depth=3`` the interpolant s of the square has m knots, and its sum over
    coordinates varies about its mean on a sphere by an error of order
    :math:`m^{-2}`. The second layer interpolates the profile at those means, so that
    only this variation and its own knots leave errors. For :math:`|r - 1|` and an error
    of 0.01 it takes 120, 360 and 1640 units in 5, 20 and 100 dimensions.

    Under "bessel", whose norm has no mean, the knots are too coarse for the bulk.

    References
    ----------
    .. [1] Itay Safran, Ronen Eldan and Ohad Shamir. Depth Separations in Neural
       Networks: What is Actually Being Separated? COLT 2019. arXiv:1904.06984,
       Theorems 1, 2 and 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.constructions import approximate_radial
    >>> network = approximate_radial(
    ...     lambda r: np.abs(r - 1), 20, tol=0.05, random_state=0)
    >>> network.width, len(network.directions)
    (51200, 640)
    >>> round(network.l2_error, 2), round(network.expected_error, 2)
    (0.04, 0.04)
    >>> x = np.full((1, 20), 1 / np.sqrt(20))
    >>> W, b, a = network.as_network()
    >>> np.allclose(np.maximum(x @ W.T + b, 0) @ a, network(x))
    True

    With another hidden layer 120 units do:

    >>> deep = approximate_radial(
    ...     lambda r: np.abs(r - 1), 20, depth=3, tol=0.05, random_state=0)
    >>> deep.widths, deep.n_units, round(deep.l2_error, 2)
    ((80, 40), 120, 0.05)
    """
    _check_budget(width, tol)
    degree = _degree_of(construction, degree, depth)
    law_of_norm = norm_law(law, n_features)
    if scale is None:
        scale = 1 / median_norm(law_of_norm)
    truth = RadialTruth(n_features, profile, law, float(scale), noise=0.0)
    radii = scale * law_quantiles(law_of_norm)
    build = partial(_build_deep if depth == 3 else _build_shallow, truth, radii)
    rng = check_generator(random_state)
    return build(width=width, tol=tol, n_knots=n_knots, degree=degree, rng=rng)


def _build_shallow(truth, radii, *, width, tol, n_knots, degree, rng):
    """One hidden layer, of random directions."""
    n_features = truth.n_features
    _check_width(
        width, 2 * n_knots, f"one direction takes: two units for each of {n_knots=}"
    )
    n_projections = n_features if width is None else width // (2 * n_knots)
    block_size = min(n_projections, n_features)
    construction = construct_radial(
        evaluate(truth.profile, radii, "profile"),
        radii,
        n_features,
        n_knots=n_knots,
        block_size=block_size,
        degree=degree,
    )
    if width is None:
        return search_shallow(construction, truth, tol, rng)
    return build_shallow(
        construction, truth, n_projections // block_size, block_size, rng
    )


def _build_deep(truth, radii, *, width, tol, n_knots, degree, rng):
    """Two hidden layers, of coordinates and of their squares."""
    _check_width(
        width,
        2 * truth.n_features + n_knots,
        f"two units for each coordinate and {n_knots=} above them",
    )
    check_numbers(
        8 * truth.n_features * n_knots,
        what=f"A second layer of n_knots={n_knots:,} units",
        way_out="Take fewer knots.",
    )
    least, most = radii.min(), inner_radius(radii)
    if most - least < 1e-6 * most:  # a law of one norm, which leaves no room for knots
        least = 0.0
    nodes = np.linspace(least, most, n_knots + 1)
    values = evaluate(truth.profile, nodes, "profile")
    if width is None:
        return search_deep(truth, nodes, values, tol, rng)
    return build_deep(truth, nodes, values, width, rng)


def _check_budget(width, tol):
    """Refuse none or both of the two."""
    if (width is None) == (tol is None):
        raise ValueError(
            f"width={width} and tol={tol}, but exactly one of them must be given. Pass "
            "width for a number of hidden units, or tol for an error."
        )


def _check_width(width, least, takes):
    """Refuse a width below the narrowest network."""
    if width is not None and width < least:
        raise ValueError(
            f"width={width} is less than {takes}, {least} in all. Widen it, or take "
            "fewer knots."
        )


def _degree_of(construction, degree, depth):
    """None for hinges, which have none."""
    if construction == "polynomial" and depth == 2:
        return _DEGREE if degree is None else degree
    if construction == "polynomial":
        raise ValueError(
            "construction='polynomial' is for depth=2, where directions are averaged. "
            "Use construction='hinge' with depth=3."
        )
    if degree is not None:
        raise ValueError(
            f"degree={degree}, but construction='hinge' fits no polynomial. Leave it "
            "None, or use construction='polynomial' with depth=2."
        )
    return None
