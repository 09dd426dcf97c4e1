"""Targets of the norm, under radial inputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._radial_laws import Law, median_norm, norm_law
from sklearn_depth.datasets._profiles import PROFILES, bind_profile
from sklearn_depth.datasets._radial_inputs import (
    RADIAL_CONSTRAINTS,
    draw_radial,
)
from sklearn_depth.datasets._truth import (
    NoisyTruth,
    check_size,
    draw_data,
    evaluate,
)
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE
from sklearn_depth.utils._sklearn import StrOptions, validate_params


@dataclass(frozen=True, eq=False)
class RadialTruth(NoisyTruth):
    """A function of the norm, under Gaussian noise.

    Attributes
    ----------
    n_features : int
        Number of features.
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
    RADIAL_CONSTRAINTS
    | {
        "profile": [callable, StrOptions(set(PROFILES))],
        "frequency": [POSITIVE, None],
        "smoothness": [NON_NEGATIVE],
        "scale": [POSITIVE, None],
    }
)
def make_radial(
    n_samples=100,
    n_features=10,
    *,
    profile="tent",
    frequency=None,
    smoothness=0.0,
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
        Number of features; at least 2 for ``law="two_spheres"``.
    profile : str or callable, default="tent"
        The function :math:`\varphi` of the norm r, by name:

        - "tent": :math:`\max(0, 1 - r)`;
        - "abs": :math:`|r - 1|`;
        - "sine": :math:`\sin(\omega r)`, by default :math:`\omega = 3`;
        - "cosine": :math:`\cos(\omega r)`, by default :math:`\omega = 4`;
        - "oscillation": :math:`\sin(\omega r^2) / \omega`, by default
          :math:`\omega = 2 \pi d^3`;
        - "ball": :math:`\mathbf{1}\{r \le 1\}`;

        or one's own, from an array of norms to an array of targets of the same shape.
    frequency : float or None, default=None
        The :math:`\omega` of "sine" and "cosine", in radians per unit of the norm, and
        of "oscillation", in radians per unit of its square. None is the default above.
    smoothness : float, default=0.0
        The s of :math:`\varphi_s(r) = E\, \varphi(r + s Z)`, :math:`Z \sim N(0, 1)`,
        which takes the place of a named :math:`\varphi`, in units of the norm. The
        formula of :math:`\varphi` then stands at negative arguments as well. 0 is the
        profile as it is, the only choice for a callable.
    law : str, distribution or callable, default="uniform"
        The law of the norm: "uniform", "gaussian", "bessel", "two_spheres", a SciPy
        distribution or a callable ``law(n_samples, rng)``, see :func:`sample_radial`.
    scale : float or None, default=None
        Factor on the inputs. None makes the median norm 1, where "tent", "abs" and
        "ball" bend or jump, whatever the law and ``n_features``. The median of a
        callable ``law`` is that of 65 536 draws of a fixed seed.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y; the amplitude of
        "oscillation" is :math:`1 / \omega`.
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
        is the best possible R²; ``truth.profile``, with frequency and smoothness bound
        to it, ``truth.law``, ``truth.scale``, ``truth.noise``.

    Raises
    ------
    ValueError
        If ``profile`` does not return one finite value a sample; if it has no
        ``frequency`` or no smooth version and is given one; if ``law`` does not draw
        norms, see :func:`sample_radial`, or has the median 0 and ``scale`` is None.

    See Also
    --------
    make_ball_indicator : The labels of "ball", for any radius, flipped at a rate.
    sample_radial : The inputs alone.

    Notes
    -----
    A 1-Lipschitz radial function on the unit ball needs, at fixed accuracy, a width
    polynomial in d with one hidden layer (Theorem 1). To approximate "tent" to accuracy
    :math:`d^{-6}` under a law akin to "bessel" takes a width exponential in d with one
    hidden layer (Theorem 5), and a polynomial one with two, which a variant of gradient
    flow finds [2]_.

    "oscillation" is the family of Theorem 4: on the unit ball, where it is 2-Lipschitz,
    one hidden layer of ReLUs with weights of at most :math:`2^{d+1} / (2 \pi d^3)`
    approximates it to accuracy :math:`1 / (101 e^2 \pi^3 d^3)` only with a width of at
    least :math:`2^{c d \log d}`, c a constant. ``law="uniform"`` with
    ``scale=0.5 / np.sqrt(n_features)`` fills that ball with norms uniform on [0, 1],
    ``law=scipy.stats.beta(n_features, 1)`` with ``scale=1`` fills it evenly.

    ``truth.bayes_r2`` takes the variance of the target from 65 536 draws of a fixed
    seed; under "bessel" the variance of an unbounded profile such as "abs" is infinite.

    References
    ----------
    .. [1] Itay Safran, Ronen Eldan and Ohad Shamir. Depth Separations in Neural
       Networks: What is Actually Being Separated? COLT 2019. arXiv:1904.06984,
       Theorems 1, 4 and 5.
    .. [2] Yunwei Ren, Mo Zhou and Rong Ge. Depth Separation with Multilayer Mean-Field
       Networks. ICLR 2023. arXiv:2304.01063.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_radial
    >>> X, y = make_radial(200, 30, profile="abs", random_state=0)
    >>> np.allclose(y, abs(np.linalg.norm(X, axis=1) - 1))
    True

    A jump made smooth, and the oscillating target of Theorem 4, evenly in its ball:

    >>> y = make_radial(200, 30, profile="ball", smoothness=0.1, random_state=0)[1]
    >>> int(np.sum((0.01 < y) & (y < 0.99)))
    46
    >>> from scipy.stats import beta
    >>> X, y, truth = make_radial(
    ...     200, 5, profile="oscillation", law=beta(5, 1), scale=1, return_truth=True,
    ...     random_state=0,
    ... )
    >>> truth.profile.keywords["frequency"] / (2 * np.pi * 5**3)
    1.0
    >>> np.allclose(y, np.sin(250 * np.pi * np.sum(X**2, axis=1)) / (250 * np.pi))
    True
    """
    check_size(n_samples, n_features)
    profile = bind_profile(profile, n_features, frequency, smoothness)
    if scale is None:
        scale = 1 / median_norm(norm_law(law, n_features))
    truth = RadialTruth(n_features, profile, law, float(scale), float(noise))
    return draw_data(truth, n_samples, random_state, return_truth)
