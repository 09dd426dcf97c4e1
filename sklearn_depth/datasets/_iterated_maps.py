"""Maps of the unit interval, iterated: functions that need depth."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from sklearn_depth._math._interval_maps import INTERVAL_MAPS
from sklearn_depth.datasets._truth import (
    NoisyTruth,
    draw_data,
    evaluate,
    validated_generator,
)
from sklearn_depth.utils._sklearn import Interval, StrOptions

# Each iteration takes a bit of the 53 that a float64 has.
_MOST_ITERATIONS = 40
_ROUNDING = 1e-12  # that a map may leave its interval by
_N_ITERATIONS = [Interval(Integral, 1, _MOST_ITERATIONS, closed="both")]


@dataclass(frozen=True, eq=False)
class IteratedMapTruth(NoisyTruth):
    """An iterated map of the first feature, under Gaussian noise.

    Attributes
    ----------
    map : callable
        The vectorised map of [0, 1] to itself.
    n_iterations : int
        How often it is applied.
    n_features : int
        Number of features.
    noise : float
        Standard deviation of the noise.
    """

    map: Callable
    n_iterations: int
    n_features: int
    noise: float

    def _draw_inputs(self, n_samples, rng):
        return rng.random((n_samples, self.n_features))

    def _target(self, X):
        x = _in_unit_interval(X[:, 0], "X has, in its first feature,")
        for _ in range(self.n_iterations):
            x = _in_unit_interval(evaluate(self.map, x, "map"), "map returned")
        return x

    def _draw_targets(self, n_samples, rng):
        return self._target(rng.random((n_samples, 1)))

    def _target_variance(self):
        if hasattr(self.map, "variance"):
            return self.map.variance(self.n_iterations)
        return super()._target_variance()


@validated_generator(n_iterations=_N_ITERATIONS)
def make_sawtooth(
    n_samples=100,
    n_features=1,
    *,
    n_iterations=3,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a sawtooth of many teeth, the tent map composed with itself.

    .. math:: y = m^k(x_1) + \sigma \varepsilon, \qquad m(x) = 1 - |2 x - 1|, \quad
        x \sim \mathrm{Unif}([0, 1]^d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=1
        Number of features, the dimension d; the target depends on the first alone.
    n_iterations : int, default=3
        The number k of compositions, from 1 to 40: :math:`2^{k-1}` teeth of height 1,
        :math:`2^k` linear pieces.
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
    truth : IteratedMapTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.map``, ``truth.n_iterations``, ``truth.noise``.

    See Also
    --------
    make_iterated_map : Other maps.
    sklearn_depth.constructions.sawtooth_network : The network that equals it.

    Notes
    -----
    A ReLU network of k hidden layers with 2 units each equals it, and one of a single
    hidden layer needs a unit for each of its :math:`2^k - 1` bends. By Theorem 1.1 of
    [1]_ there are :math:`2^k` labelled points on it such that every network of l layers
    of at most :math:`2^{(k-3)/l - 1}` ReLUs errs on a sixth of them. [2]_ extends this
    to other units and to :math:`L_1` errors.

    The target is uniform on [0, 1], like the inputs, so that its variance is 1/12 for
    every k, and ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Matus Telgarsky (2015). Representation Benefits of Deep Feedforward Networks.
       arXiv:1509.08101.
    .. [2] Matus Telgarsky. Benefits of depth in neural networks. COLT 2016.
       arXiv:1602.04485.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_sawtooth
    >>> X, y, truth = make_sawtooth(
    ...     1000, noise=0.1, return_truth=True, random_state=0)
    >>> truth([[0.0], [0.125], [0.25], [0.375]])
    array([0., 1., 0., 1.])
    >>> round(truth.bayes_r2, 3)
    0.893
    """
    return _make(
        "tent", n_iterations, n_samples, n_features, noise, return_truth, random_state
    )


@validated_generator(
    map=[StrOptions(set(INTERVAL_MAPS)), callable], n_iterations=_N_ITERATIONS
)
def make_iterated_map(
    n_samples=100,
    n_features=1,
    *,
    map="logistic",  # the field's word
    n_iterations=3,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a map of the unit interval, applied again and again.

    .. math:: y = f^k(x_1) + \sigma \varepsilon, \qquad
        f^k = f \circ \dots \circ f, \quad
        x \sim \mathrm{Unif}([0, 1]^d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=1
        Number of features, the dimension d; the target depends on the first alone.
    map : str or callable, default="logistic"
        The map f of [0, 1] to itself, by name:

        - "logistic": :math:`4 x (1 - x)`;
        - "tent": :math:`1 - |2 x - 1|`, that of :func:`make_sawtooth`;
        - "period_three": :math:`x + 1/2` up to 1/2 and :math:`2 - 2 x` beyond, which
          takes 0 to 1/2 to 1 to 0;

        or one's own, vectorised.
    n_iterations : int, default=3
        The number k of applications, from 1 to 40: from then on the rounding of x,
        which chaotic maps double each time, would show.
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
    truth : IteratedMapTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.map``, ``truth.n_iterations``, ``truth.noise``.

    Raises
    ------
    ValueError
        If ``map`` does not return one value in [0, 1] a sample.

    See Also
    --------
    make_sawtooth : The tent map.
    sklearn_depth.constructions.iterated_map_network : Networks that equal such targets.

    Notes
    -----
    A continuous map with a point of period three has iterates that oscillate
    exponentially often [1]_, so that one hidden layer needs exponentially many units
    where k layers need a few each. The iterates of "tent" and "logistic" have
    :math:`2^k` monotone pieces. Those of "period_three" have a Fibonacci number of
    them, 2, 3, 5, 8, ..., which grows like the golden ratio to the power of k.

    ``truth.bayes_r2`` is exact for the named maps. With :math:`N = 2^k` the variances
    are 1/12 for "tent",

    .. math:: \frac 1 4 \Big( \frac 1 2 + \frac{1}{2 (1 - 4 N^2)}
        - \frac{1}{(1 - N^2)^2} \Big)

    for "logistic", and :math:`7/12 - p/2 - (3/4 - p/2)^2` for "period_three", with
    :math:`p = 1/3 + (-1/2)^k / 6`. For a callable the variance is that of 65 536 draws
    of a fixed seed.

    References
    ----------
    .. [1] Vaggos Chatziafratis, Sai Ganesh Nagarajan, Ioannis Panageas and Xiao Wang.
       Depth-Width Trade-offs for ReLU Networks via Sharkovsky's Theorem. ICLR 2020.
       arXiv:1912.04378.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_iterated_map
    >>> X, y = make_iterated_map(1000, n_iterations=2, random_state=0)
    >>> once = 4 * X[:, 0] * (1 - X[:, 0])
    >>> np.allclose(y, 4 * once * (1 - once))
    True
    >>> truth = make_iterated_map(
    ...     map="period_three", n_iterations=2, return_truth=True)[2]
    >>> truth([[0.0], [0.5], [1.0]])
    array([1. , 0. , 0.5])
    """
    return _make(
        map, n_iterations, n_samples, n_features, noise, return_truth, random_state
    )


def _make(map_, k, n_samples, n_features, noise, return_truth, random_state):
    """Both generators, which differ in the map alone."""
    function = INTERVAL_MAPS[map_] if isinstance(map_, str) else map_
    truth = IteratedMapTruth(function, k, n_features, float(noise))
    return draw_data(truth, n_samples, random_state, return_truth)


def _in_unit_interval(x, who):
    """The numbers, if they lie in [0, 1] up to rounding."""
    outside = ~((x >= -_ROUNDING) & (x <= 1 + _ROUNDING))
    if outside.any():
        raise ValueError(
            f"{who} {x[outside][0]:g} in sample {np.argmax(outside)}, but the iterated "
            "map is one of [0, 1] to itself. Scale or clip it to [0, 1]."
        )
    return np.clip(x, 0, 1)
