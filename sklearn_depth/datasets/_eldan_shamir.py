"""The radial function of the first separation of two layers from three."""

from dataclasses import dataclass

import numpy as np
from scipy.special import jv

from sklearn_depth._math._radial_laws import BesselNorm
from sklearn_depth.datasets._radial import RadialTruth
from sklearn_depth.datasets._truth import check_size, draw_data, validated_generator
from sklearn_depth.utils._constraints import POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator

_GOOD = 1 / 80


@dataclass(frozen=True, eq=False)
class SignedShells:
    """``signs[i]`` where r lies between ``edges[i]`` and ``edges[i + 1]``, else 0."""

    edges: np.ndarray
    signs: np.ndarray

    def __call__(self, r):
        padded = np.concatenate([[0], self.signs, [0]])
        return padded[np.searchsorted(self.edges, r, side="right")].astype(np.float64)


class EldanShamirTruth(RadialTruth):
    """A radial function of signed shells, under Gaussian noise.

    Its attributes are those of a radial truth: ``profile`` has the ``edges`` and
    ``signs`` of the shells, and ``scale`` is the square root of ``n_features``.
    """

    def _target_variance(self):
        mass = np.diff(BesselNorm(self.n_features).cdf(self.profile.edges / self.scale))
        return float(
            mass @ np.abs(self.profile.signs) - (mass @ self.profile.signs) ** 2
        )


@validated_generator(
    n_shells=[POSITIVE_INTEGER, None],
    alpha=[POSITIVE],
)
def make_eldan_shamir(
    n_samples=100,
    n_features=10,
    *,
    n_shells=None,
    alpha=1.0,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw the signed shells of Eldan and Shamir, under their law of inputs.

    .. math:: y = \sum_{i=1}^N \epsilon_i \, g_i \,
        \mathbf{1}\Big\{ \tfrac{\|x\|}{\alpha \sqrt d} \in
        \big[ 1 + \tfrac{i - 1}{N}, 1 + \tfrac{i}{N} \big) \Big\} + \sigma \varepsilon,
        \qquad x \sim \Big( \tfrac{R_d}{\|x\|} \Big)^d
        J_{d/2}^2 \big( 2 \pi R_d \|x\| \big)

    with signs :math:`\epsilon_i = \pm 1` drawn at random, :math:`R_d` the radius of the
    ball of unit volume, and :math:`g_i` 1 for good shells, on which
    :math:`J_{d/2}^2(2 \pi R_d r) \ge 1 / (80 \pi R_d r)`, else 0.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    n_shells : int or None, default=None
        The number N of shells; None is :math:`d^2`.
    alpha : float, default=1.0
        The factor :math:`\alpha` of the radii.
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
    truth : EldanShamirTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.profile.edges`` and ``truth.profile.signs``,
        ``truth.noise``.

    Raises
    ------
    ValueError
        If no shell is good.

    See Also
    --------
    make_ball_indicator : A ball, under a mixture of this law with a Gaussian.
    make_radial : Other functions of the norm.

    Notes
    -----
    The density is the squared Fourier transform of that ball's indicator. Theorem 1 of
    [1]_: for some such law and a function with values in [-2, 2], which three layers of
    polynomial width express, two layers keep a squared error above a constant c unless
    their width is at least :math:`c e^{c d}`. The shells are the function of its
    proof, before it is made Lipschitz, with some choice of the signs. The theorem's
    :math:`\alpha` and :math:`N / d^2` are constants that are large enough; their
    values, like the choice of signs, are open, and the defaults here are 1 and signs at
    random.

    The norm exceeds r with probability of order 1/r, so that it has no mean. At
    :math:`\alpha = 1` about a tenth of the mass lies between :math:`\sqrt d` and
    :math:`2 \sqrt d`, and the target is 0 elsewhere. ``truth.bayes_r2`` is exact, from
    the masses of the shells.

    References
    ----------
    .. [1] Ronen Eldan and Ohad Shamir. The Power of Depth for Feedforward Neural
       Networks. COLT 2016. arXiv:1512.03965, Theorem 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_eldan_shamir
    >>> X, y, truth = make_eldan_shamir(
    ...     10_000, 10, noise=0.1, return_truth=True, random_state=0)
    >>> len(truth.profile.signs), int(np.sum(truth.profile.signs != 0))
    (100, 81)
    >>> float(np.mean(truth(X) != 0).round(2)), round(truth.bayes_r2, 2)
    (0.08, 0.89)
    """
    n_shells = n_features**2 if n_shells is None else n_shells
    n_checks = 2 + int(BesselNorm(n_features).rate * alpha / n_shells)
    check_size(n_samples, n_features, 4 * n_shells * n_checks)
    rng = check_generator(random_state)
    edges = alpha * (1 + np.arange(n_shells + 1) / n_shells)
    good = _good_shells(edges, n_checks, n_features)
    if not good.any():
        raise ValueError(
            f"none of n_shells={n_shells} shells is good: between {alpha=:g} and twice "
            "as much the density comes near 0 on each. Use more of them, or a larger "
            "alpha."
        )
    signs = np.where(good, rng.choice([-1.0, 1.0], n_shells), 0.0)
    scale = float(np.sqrt(n_features))
    law = BesselNorm(n_features).sample
    truth = EldanShamirTruth(
        n_features, SignedShells(scale * edges, signs), law, scale, float(noise)
    )
    return draw_data(truth, n_samples, rng, return_truth)


def _good_shells(edges, n_checks, n_features):
    """On which the square of the Bessel function stays above its part of the mean.

    Between two zeros it is least at the ends of a shell. Zeros lie pi or more apart, so
    that checks less than 1 apart miss none.
    In units of sqrt(d): with c = 2 pi sqrt(d) R_d, 1 / (80 pi R_d |x|) is 2 / (80 c r).
    """
    rate = BesselNorm(n_features).rate
    r = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, n_checks)
    values = jv(n_features / 2, rate * r)
    large = (values**2 >= 2 * _GOOD / (rate * r)).all(axis=1)
    return large & (np.abs(np.sign(values).sum(axis=1)) == n_checks)
