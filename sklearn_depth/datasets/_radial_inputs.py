"""Radial inputs: a uniform direction times a random norm."""

from sklearn_depth._math._radial_laws import (
    RADIAL_LAWS,
    FrozenDistribution,
    NewStyleDistribution,
    norm_law,
)
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.datasets._truth import (
    COMMON_CONSTRAINTS,
    check_size,
)
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions, validate_params

RADIAL_CONSTRAINTS = COMMON_CONSTRAINTS | {
    "law": [
        StrOptions(set(RADIAL_LAWS)),
        callable,
        FrozenDistribution,
        NewStyleDistribution,
    ],
    "scale": [POSITIVE],
}


def draw_radial(n_samples, n_features, law, scale, rng):
    """Uniform directions times ``scale`` times norms of the law."""
    norms = scale * norm_law(law, n_features).sample(n_samples, rng)
    return norms[:, None] * random_directions(n_samples, n_features, rng)


@validate_params(
    {
        name: RADIAL_CONSTRAINTS[name]
        for name in ("n_samples", "n_features", "law", "scale", "random_state")
    }
)
def sample_radial(
    n_samples=100, n_features=10, *, law="gaussian", scale=1.0, random_state=None
):
    r"""Draw inputs whose direction is uniform and whose norm follows a given law.

    .. math:: x = s\, \rho\, u, \qquad u \sim \mathrm{Unif}(S^{d-1}), \quad
        \rho \sim \text{law}

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d; at least 2 for "two_spheres".
    law : str, distribution or callable, default="gaussian"
        The law of the norm before scaling, by name:

        - "uniform": uniform on :math:`[0, 2\sqrt d]`;
        - "gaussian": that of N(0, I);
        - "bessel": Safran and Lee's :math:`\mathcal{D}_d`, half the squared Fourier
          transform of a ball's indicator, half N(0, I/d);
        - "two_spheres": their :math:`\mathcal{D}'_d`, the sum of two independent
          uniform points of the unit sphere;

        or a distribution on :math:`[0, \infty)` with the methods of SciPy's: ``rvs``,
        ``cdf`` and ``ppf``, as ``scipy.stats.gamma(3)`` has, or ``sample``, ``cdf`` and
        ``icdf``, as ``scipy.stats.Uniform(a=0, b=2)``; or a callable
        ``law(n_samples, rng)`` that draws an array of ``n_samples`` norms with the
        NumPy Generator ``rng``.
    scale : float, default=1.0
        The s above.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs.

    Raises
    ------
    ValueError
        If ``law`` is a distribution with mass below 0, or draws a norm that is
        negative or not finite, or not one norm a sample; if it is "two_spheres" in one
        dimension.

    See Also
    --------
    make_ball_indicator : These inputs, labelled by a ball.
    make_radial : These inputs, with a target that depends on the norm.

    Notes
    -----
    "bessel" is heavy-tailed: its norm exceeds r with probability of order 1/r, so it
    has no mean, as the assumptions of the paper allow. The paper leaves open the
    constant :math:`\alpha \ge 1` in its Bessel half; here it is 1. The norm of
    "two_spheres" concentrates at :math:`\sqrt 2`, its median for every d.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee. Optimization-Based Separations for Neural
       Networks. COLT 2022. arXiv:2112.02393, Assumption 6, Theorems 2 and 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import sample_radial
    >>> X = sample_radial(1000, 50, law="two_spheres", random_state=0)
    >>> X.shape
    (1000, 50)
    >>> np.linalg.norm(X, axis=1).mean().round(1)
    np.float64(1.4)

    A law of one's own, as a distribution and as a callable:

    >>> from scipy import stats
    >>> X = sample_radial(1000, 50, law=stats.gamma(3), random_state=0)
    >>> np.median(np.linalg.norm(X, axis=1)).round(1), stats.gamma(3).median().round(1)
    (np.float64(2.7), np.float64(2.7))
    >>> def shells(n_samples, rng):
    ...     return rng.choice([1.0, 2.0], n_samples)
    >>> X = sample_radial(1000, 50, law=shells, random_state=0)
    >>> np.unique(np.linalg.norm(X, axis=1).round(9))
    array([1., 2.])
    """
    check_size(n_samples, n_features)
    rng = check_generator(random_state)
    return draw_radial(n_samples, n_features, law, scale, rng)
