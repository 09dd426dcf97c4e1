"""The inner product modulo 2 of two halves of bits."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth.datasets._signs import check_signs, random_signs
from sklearn_depth.datasets._truth import NoisyTruth, draw_data, validated_generator


@dataclass(frozen=True, eq=False)
class InnerProductParityTruth(NoisyTruth):
    """The parity of an inner product of bits, under Gaussian noise.

    Attributes
    ----------
    n_features : int
        Number of features, even.
    noise : float
        Standard deviation of the noise.
    """

    n_features: int
    noise: float

    def _draw_inputs(self, n_samples, rng):
        return random_signs(n_samples, self.n_features, rng)

    def _target(self, X):
        check_signs(X, range(self.n_features))
        left, right = np.split(X, 2, axis=1)
        both = (left < 0) & (right < 0)
        return 1.0 - 2 * (np.sum(both, axis=1) % 2)

    def _target_variance(self):
        return 1 - 0.25 ** (self.n_features // 2)  # each pair has the mean 1/2


@validated_generator()
def make_inner_product_parity(
    n_samples=100,
    n_features=10,
    *,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw signs, and the parity of the inner product of their two halves.

    .. math:: y = \prod_{i=1}^{d/2} (-1)^{u_i v_i} + \sigma \varepsilon, \qquad
        x = \big( (-1)^u, (-1)^v \big), \quad
        x \sim \mathrm{Unif}(\{-1, 1\}^d), \quad \varepsilon \sim N(0, 1)

    with the bits u and v that are 1 where x is -1: the sign turns with every i for
    which both :math:`x_i` and :math:`x_{i + d/2}` are -1.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d; even.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y. Under noise the
        labels are no longer -1 and 1; ``y > 0`` makes classes of them.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs, -1.0 or 1.0.
    y : ndarray of shape (n_samples,)
        Targets.
    truth : InnerProductParityTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.noise``.

    Raises
    ------
    ValueError
        If ``n_features`` is odd.

    See Also
    --------
    make_sparse_parity : The parity of the features themselves.

    Notes
    -----
    Two hidden layers of threshold units compute it with a number of units linear in d:
    one finds the pairs of -1, one the parity of their number. With one hidden layer,
    threshold circuits whose weights are integers of polynomial size need
    :math:`2^{\Omega(d)}` units [1]_. No such bound is known for arbitrary weights in
    both of its layers.

    Its matrix over (u, v) is Hadamard's, so that y correlates by exactly
    :math:`2^{-d/2}` in absolute value with every parity of signs. The mean is
    :math:`2^{-d/2}`, the variance :math:`1 - 2^{-d}`, and ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] András Hajnal, Wolfgang Maass, Pavel Pudlák, Márió Szegedy and György Turán.
       Threshold Circuits of Bounded Depth. Journal of Computer and System Sciences
       46(2), 1993.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_inner_product_parity
    >>> X, y, truth = make_inner_product_parity(
    ...     1000, 8, noise=0.5, return_truth=True, random_state=0)
    >>> truth([[-1, 1, 1, 1, -1, 1, 1, 1], [-1, -1, 1, 1, -1, -1, 1, 1]])
    array([-1.,  1.])
    >>> round(truth.bayes_r2, 3)
    0.799
    """
    if n_features % 2 == 1:
        raise ValueError(
            f"n_features={n_features} is odd, but the features are two halves of bits. "
            f"Use {n_features + 1}."
        )
    truth = InnerProductParityTruth(n_features, float(noise))
    return draw_data(truth, n_samples, random_state, return_truth)
