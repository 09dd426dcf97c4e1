"""The maximum of the features."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth.datasets._truth import NoisyTruth, draw_data, validated_generator


@dataclass(frozen=True, eq=False)
class MaximumTruth(NoisyTruth):
    """The maximum of uniform features, under Gaussian noise.

    Attributes
    ----------
    n_features : int
        Number of features.
    noise : float
        Standard deviation of the noise.
    """

    n_features: int
    noise: float

    def _draw_inputs(self, n_samples, rng):
        return rng.random((n_samples, self.n_features))

    def _target(self, X):
        return np.max(X, axis=1)

    def _target_variance(self):
        d = self.n_features  # the law is Beta(d, 1)
        return d / ((d + 1) ** 2 * (d + 2))


@validated_generator()
def make_maximum(
    n_samples=100,
    n_features=10,
    *,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw the maximum of uniform features.

    .. math:: y = \max(x_1, \dots, x_d) + \sigma \varepsilon, \qquad
        x \sim \mathrm{Unif}([0, 1]^d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
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
    truth : MaximumTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.noise``.

    See Also
    --------
    sklearn_depth.constructions.maximum_network : The network that equals it.

    Notes
    -----
    A ReLU network of :math:`\lceil \log_2 d \rceil` hidden layers equals it, one pair
    after the other [1]_. [2]_ bounds the width that approximates it in
    :math:`L_2` from below, and so separates one hidden layer from two, and two from
    four, in the number of weight matrices 2 from 3 and 3 from 5; the bound for one
    hidden layer is for this law of inputs and weights of at most exponential size.

    The target has the law Beta(d, 1), so that its variance is
    :math:`d / ((d + 1)^2 (d + 2))`, and ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Raman Arora, Amitabh Basu, Poorya Mianjy and Anirbit Mukherjee. Understanding
       Deep Neural Networks with Rectified Linear Units. ICLR 2018. arXiv:1611.01491.
    .. [2] Itay Safran, Daniel Reichman and Paul Valiant. How Many Neurons Does it Take
       to Approximate the Maximum? SODA 2024. arXiv:2307.09212.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_maximum
    >>> X, y, truth = make_maximum(1000, 5, noise=0.1, return_truth=True,
    ...                            random_state=0)
    >>> np.array_equal(truth(X), X.max(axis=1))
    True
    >>> round(truth.bayes_r2, 3)
    0.665
    """
    truth = MaximumTruth(n_features, float(noise))
    return draw_data(truth, n_samples, random_state, return_truth)
