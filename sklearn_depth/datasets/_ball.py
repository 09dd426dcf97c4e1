"""Balls: radial data labelled by whether they lie inside."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.special import entr

from sklearn_depth._math._radial_laws import Law, median_norm, norm_law
from sklearn_depth.datasets._label_truth import LabelTruth
from sklearn_depth.datasets._radial_inputs import (
    POSITIVE,
    RADIAL_CONSTRAINTS,
    draw_radial,
)
from sklearn_depth.datasets._truth import (
    Truth,
    check_size,
    draw_data,
)
from sklearn_depth.utils._sklearn import Interval, validate_params


@dataclass(frozen=True, eq=False)
class BallTruth(LabelTruth, Truth):
    """The indicator of a ball, under label flips.

    Attributes
    ----------
    n_features : int
        Number of features.
    law : str, distribution or callable
        The law of the norm, as given.
    radius : float
        The radius of the ball, in units of X.
    scale : float
        What the law's norm was multiplied by.
    noise : float
        The probability that a label is flipped.
    """

    n_features: int
    law: Law
    radius: float
    scale: float
    noise: float

    @property
    def bayes_r2(self):
        """The best R² any predictor can have, ``Var E[y | x] / Var y``.

        With p the mass of the ball and q = (1 - 2 noise) p + noise the mean label, it
        is ``(1 - 2 noise)² p (1 - p) / (q (1 - q))``; 1 without noise. Where ``law`` is
        a callable, p is the share of 65 536 draws of a fixed seed.
        """
        if self.noise == 0:
            return 1.0
        p = float(norm_law(self.law, self.n_features).cdf(self.radius / self.scale))
        q = (1 - 2 * self.noise) * p + self.noise
        return (1 - 2 * self.noise) ** 2 * p * (1 - p) / (q * (1 - q))

    @property
    def bayes_accuracy(self):
        """The best accuracy that any classifier can have, ``1 - noise``."""
        return 1.0 - self.noise

    @property
    def bayes_log_loss(self):
        """The least log loss of any probabilities, the entropy of a flip."""
        return float(entr(self.noise) + entr(1 - self.noise))

    def _probability(self, X):
        return self.noise + (1 - 2 * self.noise) * self._target(X)

    def _draw_inputs(self, n_samples, rng):
        return draw_radial(n_samples, self.n_features, self.law, self.scale, rng)

    def _target(self, X):
        return (np.linalg.norm(X, axis=1) <= self.radius).astype(np.float64)

    def _draw_labels(self, X, rng):
        return np.abs(self._target(X) - (rng.random(len(X)) < self.noise))


@validate_params(
    RADIAL_CONSTRAINTS
    | {"radius": [POSITIVE, None], "noise": [Interval(Real, 0, 0.5, closed="left")]}
)
def make_ball_indicator(
    n_samples=100,
    n_features=10,
    *,
    law="gaussian",
    radius=None,
    scale=1.0,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Radial inputs, labelled 1 inside a ball about the origin and 0 outside.

    .. math:: y = \mathbf{1}\{\|x\| \le \lambda\}, \text{ flipped with probability
        noise}

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features; at least 2 for ``law="two_spheres"``.
    law : str, distribution or callable, default="gaussian"
        The law of the norm: "uniform", "gaussian", "bessel", "two_spheres", a SciPy
        distribution or a callable ``law(n_samples, rng)``, see :func:`sample_radial`.
    radius : float or None, default=None
        The radius of the ball, in units of X. None takes the median norm, which
        balances the classes; that of a callable ``law`` is the median of 65 536 draws
        of a fixed seed. Where the norm has atoms, pass a radius between them: rounding
        decides on which side of an equal radius a point falls.
    scale : float, default=1.0
        Factor on the inputs.
    noise : float, default=0.0
        The probability that a label is flipped, in [0, 0.5).
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs.
    y : ndarray of shape (n_samples,)
        Labels, 0.0 or 1.0.
    truth : BallTruth
        Only if ``return_truth``. ``truth(X)`` is the label before flips,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R², ``truth.predict_proba(X)`` has the probabilities, and
        ``truth.bayes_accuracy`` and ``truth.bayes_log_loss`` are the best of any
        classifier; ``truth.radius``, ``truth.law``, ``truth.noise``.

    Raises
    ------
    ValueError
        If ``law`` does not draw norms, see :func:`sample_radial`, or has the median 0
        and ``radius`` is None.

    See Also
    --------
    make_radial : A continuous target of the norm.
    sample_radial : The inputs alone.

    Notes
    -----
    For "bessel" there is a radius in [1, 2] for which no algorithm that returns one
    layer of sigmoids gets below a squared error of order :math:`d^{-4}` in time
    sub-exponential in d (Theorem 2), while gradient descent on a sigmoid of frozen
    sigmoids learns the ball of every radius in [1, 2] in time poly(d) (Theorem 8). For
    "two_spheres" and every m there is a radius near :math:`\sqrt 2` for which one layer
    keeps a squared error above :math:`1/(196 (m+1)^2)` unless its width or its weights
    are exponential in min(m, d), up to logarithms (Theorem 5).

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee. Optimization-Based Separations for Neural
       Networks. COLT 2022. arXiv:2112.02393, Theorems 2, 5 and 8.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> X, y, truth = make_ball_indicator(
    ...     1000, 20, noise=0.1, return_truth=True, random_state=0
    ... )
    >>> round(truth.radius, 2)
    4.4
    >>> float((y != truth(X)).mean())
    0.1...
    >>> round(truth.bayes_r2, 2)
    0.64

    With a norm of one's own law:

    >>> from scipy import stats
    >>> X, y, truth = make_ball_indicator(
    ...     law=stats.gamma(3), return_truth=True, random_state=0
    ... )
    >>> round(truth.radius, 2), stats.gamma(3).median().round(2)
    (2.67, np.float64(2.67))
    """
    check_size(n_samples, n_features)
    if radius is None:
        radius = scale * median_norm(norm_law(law, n_features))
    truth = BallTruth(n_features, law, float(radius), float(scale), float(noise))
    return draw_data(truth, n_samples, random_state, return_truth)
