"""Explicit one-hidden-layer networks for functions of the norm, without training."""

from numbers import Integral

import numpy as np

from sklearn_depth._math._radial_constructions import (
    construct_radial,
    law_quantiles,
)
from sklearn_depth._math._radial_laws import median_norm, norm_law
from sklearn_depth._math._spheres import orthonormal_blocks
from sklearn_depth.constructions._radial_network import RadialNetwork, evaluate_hinges
from sklearn_depth.datasets._radial import RadialTruth
from sklearn_depth.datasets._radial_inputs import POSITIVE, RADIAL_CONSTRAINTS
from sklearn_depth.datasets._truth import evaluate
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, validate_params

_POSITIVE_INTEGER = Interval(Integral, 1, None, closed="left")
_MOST_UNITS = 2**22  # that the search for a width makes
_N_TEST_DRAWS = 10_000
_DEGREE = 6


@validate_params(
    {
        "profile": [callable],
        "n_features": [_POSITIVE_INTEGER],
        "construction": [StrOptions({"hinge", "polynomial"})],
        "width": [_POSITIVE_INTEGER, None],
        "tol": [POSITIVE, None],
        "n_knots": [_POSITIVE_INTEGER],
        "degree": [Interval(Integral, 1, 50, closed="both"), None],
        "law": RADIAL_CONSTRAINTS["law"],
        "scale": [POSITIVE, None],
        "random_state": RADIAL_CONSTRAINTS["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def approximate_radial(
    profile,
    n_features,
    *,
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
    :math:`(\pm \langle w, x \rangle - t)_+`.

    Parameters
    ----------
    profile : callable
        The function :math:`\varphi`, from an array of norms to an array of as many
        finite values.
    n_features : int
        Dimension d of x.
    construction : {"hinge", "polynomial"}, default="hinge"
        How :math:`\psi` is found: "hinge" minimises the expected squared error over the
        c, given the number of directions; "polynomial" fits a polynomial in
        :math:`\|x\|^2` and undoes the mean over directions term by term.
    width : int or None, default=None
        Budget of hidden units. It makes ``width // (2 * n_knots)`` directions, or as
        many whole blocks of ``n_features`` as these hold, if they hold one. Either this
        or ``tol`` must be given.
    tol : float or None, default=None
        Root mean square error to reach, in units of the profile. Blocks of
        ``n_features`` directions are doubled, from one to at most 4 194 304 units,
        until the measured error is as low.
    n_knots : int, default=40
        Number of knots, uniform from 0 to where 99.9 % of
        :math:`E \langle w, x \rangle^{2k}` is made on the radius that holds 99 % of the
        mass, k = 0 for "hinge" and ``degree`` for "polynomial".
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
    network : RadialNetwork
        ``network(X)`` evaluates it, ``network.as_network()`` lists its units;
        ``network.l2_error`` and ``network.sup_error`` are measured on 10 000 fresh
        draws, ``network.expected_error`` is what theory expects of the former and
        ``network.l2_limit`` what infinitely many directions would leave; also
        ``directions``, ``knots``, ``coef``, ``intercept``, ``width`` and
        ``amplification``.

    Raises
    ------
    ValueError
        If not one of ``width`` and ``tol`` is given, or a ``degree`` with "hinge"; if
        ``width`` is less than one direction takes or ``tol`` out of reach; if
        ``profile`` does not return one finite value a norm; if the terms of the
        polynomial cancel to the last digit; if 99 % of the norms are 0, or ``law``
        draws no norms.
    MemoryError
        If the directions need more than this process may have.

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
    """
    _check_budget(width, tol, n_knots)
    law_of_norm = norm_law(law, n_features)
    if scale is None:
        scale = 1 / median_norm(law_of_norm)
    truth = RadialTruth(n_features, profile, law, float(scale), noise=0.0)
    n_projections = n_features if width is None else width // (2 * n_knots)
    block_size = min(n_projections, n_features)
    radii = scale * law_quantiles(law_of_norm)
    construction = construct_radial(
        _finite(evaluate(profile, radii, "profile"), radii),
        radii,
        n_features,
        n_knots=n_knots,
        block_size=block_size,
        degree=_degree_of(construction, degree),
    )
    rng = check_generator(random_state)
    if width is None:
        return _search_width(construction, truth, tol, rng)
    return _build(construction, truth, n_projections // block_size, block_size, rng)


def _check_budget(width, tol, n_knots):
    """Refuse none or both of the two, and a width below one direction."""
    if (width is None) == (tol is None):
        raise ValueError(
            f"width={width} and tol={tol}: one of them, and one alone, must say how "
            "wide the network is to be. Pass width for a number of hidden units, tol "
            "for an error."
        )
    if width is not None and width < 2 * n_knots:
        raise ValueError(
            f"width={width} is less than one direction takes: two units for each of "
            f"n_knots={n_knots}, {2 * n_knots} in all. Widen it, or take fewer knots."
        )


def _degree_of(construction, degree):
    """None for hinges, which have none."""
    if construction == "polynomial":
        return _DEGREE if degree is None else degree
    if degree is not None:
        raise ValueError(
            f"degree={degree}, but construction='hinge' fits no polynomial. Leave it "
            "None, or use construction='polynomial'."
        )
    return None


def _finite(values, norms):
    """The profile's values, if they are finite."""
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"profile returned {values[bad][0]} at the norm {norms[bad][0]:.6g}; it "
            "must be finite wherever the law puts mass, here up to "
            f"{norms.max():.6g}. Clip it, or truncate the law."
        )
    return values


def _build(construction, truth, n_blocks, block_size, rng):
    """Draw directions, and measure the network on fresh data."""
    n_projections, n_features = n_blocks * block_size, truth.n_features
    check_memory(
        n_features,
        8 * n_projections * n_features,
        what=f"A matrix with a row for each of {n_projections:,} directions",
        way_out="Take a smaller width.",
    )
    directions = orthonormal_blocks(n_projections, n_features, rng)
    weights = construction.weights(n_blocks)
    parts = directions, construction.knots, weights[1:], float(weights[0])
    X, target = truth.sample(_N_TEST_DRAWS, rng)
    _finite(target, np.linalg.norm(X, axis=1))
    errors = np.abs(evaluate_hinges(X, *parts) - target)
    return RadialNetwork(
        *parts,
        sup_error=float(errors.max()),
        l2_error=float(np.sqrt(np.mean(errors**2))),
        expected_error=construction.expected_error(n_blocks),
        l2_limit=construction.expected_error(),
        amplification=construction.amplification(n_blocks),
    )


def _search_width(construction, truth, tol, rng):
    """The first of 1, 2, 4, ... whole blocks to be within ``tol``."""
    limit, n_knots = construction.expected_error(), len(construction.knots)
    if limit > tol:
        raise ValueError(
            f"tol={tol:g} is out of reach: infinitely many directions leave an error "
            f"of {limit:.3g} with {n_knots} knots and this construction. Take a "
            "larger tol, more knots, another degree or construction='hinge'."
        )
    block_units = 2 * n_knots * truth.n_features
    n_blocks, reached = 1, np.inf
    while n_blocks * block_units <= _MOST_UNITS:
        reached = construction.expected_error(n_blocks)
        if reached <= tol:
            network = _build(construction, truth, n_blocks, truth.n_features, rng)
            reached = network.l2_error
            if reached <= tol:
                return network
        n_blocks *= 2
    raise ValueError(
        f"tol={tol:g} is out of reach: up to {_MOST_UNITS:,} units, the most tried, "
        f"leave an error of {reached:.3g} and infinitely many {limit:.3g}. Take a "
        "larger tol, or pass a width."
    )
