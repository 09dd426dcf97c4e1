"""Radial data: a uniform direction times a random norm, and targets of the norm."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from sklearn_depth._math._radial_laws import (
    RADIAL_LAWS,
    FrozenDistribution,
    Law,
    NewStyleDistribution,
    median_norm,
    norm_law,
)
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.datasets._truth import (
    COMMON_CONSTRAINTS,
    NoisyTruth,
    draw_data,
    evaluate,
)
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, validate_params


def tent(r):
    """max(0, 1 - r), of Safran, Eldan and Shamir's separation."""
    return np.maximum(0, 1 - r)


def distance_to_sphere(r):
    """|r - 1|."""
    return np.abs(r - 1)


def sine(r):
    """sin(3 r)."""
    return np.sin(3 * r)


PROFILES = {"tent": tent, "abs": distance_to_sphere, "sine": sine}

POSITIVE = Interval(Real, 0, None, closed="neither")
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


@dataclass(frozen=True, eq=False)
class RadialTruth(NoisyTruth):
    """A function of the norm, under Gaussian noise.

    Attributes
    ----------
    n_features : int
        Number of columns of X.
    profile : callable
        The target as a vectorised function of the norm of x.
    law : str, distribution or callable
        The law of the norm, as given.
    scale : float
        What the law's norm was multiplied by.
    noise : float
        Standard deviation of the noise.
    """

    n_features: int
    profile: Callable
    law: Law
    scale: float
    noise: float

    def _draw_inputs(self, n_samples, rng):
        return draw_radial(n_samples, self.n_features, self.law, self.scale, rng)

    def _target(self, X):
        return evaluate(self.profile, np.linalg.norm(X, axis=1), "profile")

    def _draw_targets(self, n_samples, rng):
        norms = norm_law(self.law, self.n_features).sample(n_samples, rng)
        return evaluate(self.profile, self.scale * norms, "profile")


@validate_params(
    {
        name: RADIAL_CONSTRAINTS[name]
        for name in ("n_samples", "n_features", "law", "scale", "random_state")
    },
    prefer_skip_nested_validation=True,
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
        Number of columns, the dimension d; at least 2 for "two_spheres".
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
    rng = check_generator(random_state)
    return draw_radial(n_samples, n_features, law, scale, rng)


@validate_params(
    RADIAL_CONSTRAINTS
    | {"profile": [callable, StrOptions(set(PROFILES))], "scale": [POSITIVE, None]},
    prefer_skip_nested_validation=True,
)
def make_radial(
    n_samples=100,
    n_features=10,
    *,
    profile="tent",
    law="uniform",
    scale=None,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Radial inputs with a target that depends on the norm alone.

    .. math:: y = \varphi(\|x\|) + \sigma \varepsilon, \qquad
        \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of columns; at least 2 for ``law="two_spheres"``.
    profile : {"tent", "abs", "sine"} or callable, default="tent"
        The function :math:`\varphi` of the norm r: :math:`\max(0, 1 - r)`,
        :math:`|r - 1|`, :math:`\sin(3 r)`, or one's own from an array of norms to an
        array of targets of the same shape.
    law : str, distribution or callable, default="uniform"
        The law of the norm: "uniform", "gaussian", "bessel", "two_spheres", a SciPy
        distribution or a callable ``law(n_samples, rng)``, see :func:`sample_radial`.
    scale : float or None, default=None
        Factor on the inputs. None makes the median norm 1, where the named profiles
        bend, whatever the law and ``n_features``. The median of a callable ``law`` is
        that of 65 536 draws of a fixed seed.
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
    truth : RadialTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.profile``, ``truth.law``, ``truth.scale``,
        ``truth.noise``.

    Raises
    ------
    ValueError
        If ``profile`` does not return one value a sample; if ``law`` does not draw
        norms, see :func:`sample_radial`, or has the median 0 and ``scale`` is None.

    See Also
    --------
    make_ball_indicator : The profile is a step.
    sample_radial : The inputs alone.

    Notes
    -----
    A 1-Lipschitz radial function on the unit ball needs, at fixed accuracy, a width
    polynomial in d with one hidden layer (Theorem 1). To approximate "tent" to accuracy
    :math:`d^{-6}` under a law akin to "bessel" takes a width exponential in d with one
    hidden layer (Theorem 5), and a polynomial one with two, which a variant of gradient
    flow finds [2]_.

    ``truth.bayes_r2`` takes the variance of the target from 65 536 draws of a fixed
    seed; under "bessel" the variance of an unbounded profile such as "abs" is infinite.

    References
    ----------
    .. [1] Itay Safran, Ronen Eldan and Ohad Shamir. Depth Separations in Neural
       Networks: What is Actually Being Separated? COLT 2019. arXiv:1904.06984,
       Theorems 1 and 5.
    .. [2] Yunwei Ren, Mo Zhou and Rong Ge. Depth Separation with Multilayer Mean-Field
       Networks. ICLR 2023. arXiv:2304.01063.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_radial
    >>> X, y = make_radial(200, 30, profile="abs", random_state=0)
    >>> np.allclose(y, abs(np.linalg.norm(X, axis=1) - 1))
    True
    """
    profile = PROFILES[profile] if isinstance(profile, str) else profile
    if scale is None:
        scale = 1 / median_norm(norm_law(law, n_features))
    truth = RadialTruth(n_features, profile, law, float(scale), float(noise))
    return draw_data(truth, n_samples, check_generator(random_state), return_truth)
