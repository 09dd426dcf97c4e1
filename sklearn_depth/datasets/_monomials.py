"""Sums of products of features: parities and staircases."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth.datasets._signs import check_signs, random_signs
from sklearn_depth.datasets._truth import (
    NoisyTruth,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions


@dataclass(frozen=True, eq=False)
class MonomialsTruth(NoisyTruth):
    """A sum of products of features, under Gaussian noise.

    Attributes
    ----------
    monomials : tuple of tuple of int
        The features of each product, as
        :func:`~sklearn_depth.metrics.leap_complexity` takes them.
    n_features : int
        Number of features.
    inputs : {"boolean", "gaussian"}
        The law of the features: uniform on {-1, 1}, or N(0, 1).
    noise : float
        Standard deviation of the noise.
    """

    monomials: tuple
    n_features: int
    inputs: str
    noise: float

    def _draw_inputs(self, n_samples, rng):
        if self.inputs == "gaussian":
            return rng.standard_normal((n_samples, self.n_features))
        return random_signs(n_samples, self.n_features, rng)

    def _target(self, X):
        if self.inputs == "boolean":
            check_signs(X, sorted({c for columns in self.monomials for c in columns}))
        return sum(np.prod(X[:, columns], axis=1) for columns in self.monomials)

    def _target_variance(self):
        return float(len(self.monomials))  # different products are orthonormal


@validated_generator(order=[POSITIVE_INTEGER])
def make_sparse_parity(
    n_samples=100,
    n_features=10,
    *,
    order=3,
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw signs, and the parity of a few of them.

    .. math:: y = \prod_{j \in S} x_j + \sigma \varepsilon, \qquad
        x \sim \mathrm{Unif}(\{-1, 1\}^d), \quad \varepsilon \sim N(0, 1)

    with S of k features, drawn without replacement.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    order : int, default=3
        The number k of features, at most ``n_features``.
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
    truth : MonomialsTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.monomials``, ``truth.noise``.

    Raises
    ------
    ValueError
        If ``order`` exceeds ``n_features``.

    See Also
    --------
    make_staircase : Parities that lead up to one.
    make_symmetric : The parity of counts.

    Notes
    -----
    The parities are orthonormal, so that y correlates with no other. Whoever learns
    from correlations alone has to try some :math:`d^k` of them [1]_; linear algebra
    over the bits takes about d samples without noise. Gradient descent on a network
    shows little progress for about :math:`d^{O(k)}` steps, then fast one [2]_. The
    variance is 1, and ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Michael Kearns. Efficient noise-tolerant learning from statistical queries.
       Journal of the ACM 45(6), 1998.
    .. [2] Boaz Barak, Benjamin L. Edelman, Surbhi Goel, Sham Kakade, Eran Malach and
       Cyril Zhang. Hidden Progress in Deep Learning: SGD Learns Parities Near the
       Computational Limit. NeurIPS 2022. arXiv:2207.08799.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_sparse_parity
    >>> X, y, truth = make_sparse_parity(
    ...     1000, 20, return_truth=True, random_state=0)
    >>> truth.monomials
    ((12, 10, 15),)
    >>> np.array_equal(y, X[:, 12] * X[:, 10] * X[:, 15])
    True
    """
    rng = check_generator(random_state)
    monomials = _nested_monomials(n_samples, n_features, 1, order, rng)
    truth = MonomialsTruth(monomials, n_features, "boolean", float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


@validated_generator(
    order=[POSITIVE_INTEGER],
    leap=[POSITIVE_INTEGER],
    inputs=[StrOptions({"boolean", "gaussian"})],
)
def make_staircase(
    n_samples=100,
    n_features=10,
    *,
    order=3,
    leap=1,
    inputs="boolean",
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a staircase: products of which each has the one before as a factor.

    .. math:: y = \sum_{i=1}^{k} \prod_{j \le i l} x_{s_j} + \sigma \varepsilon
        = x_{s_1} + x_{s_1} x_{s_2} + x_{s_1} x_{s_2} x_{s_3} + \dots
        + \sigma \varepsilon \quad (l = 1)

    with :math:`k l` features s, drawn without replacement, :math:`\varepsilon \sim
    N(0, 1)`, and x uniform on :math:`\{-1, 1\}^d` or N(0, I).

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    order : int, default=3
        The number k of products.
    leap : int, default=1
        The number l of features that each brings; ``order * leap`` is at most
        ``n_features``.
    inputs : {"boolean", "gaussian"}, default="boolean"
        The law of the features: uniform on {-1, 1}, or N(0, 1).
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
    truth : MonomialsTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.monomials``, ``truth.inputs``,
        ``truth.noise``.

    Raises
    ------
    ValueError
        If ``order * leap`` exceeds ``n_features``.

    See Also
    --------
    make_sparse_parity : The last step alone.
    sklearn_depth.metrics.leap_complexity : Its ``leap``, from ``truth.monomials``.

    Notes
    -----
    A network can climb: what it has learned of the first products makes the next one
    correlate with the labels. In the mean-field regime, a number of samples
    proportional to d is enough for stochastic gradient descent on almost all sums of
    leap 1 [1]_; for a leap l the conjecture is a time of order
    :math:`d^{\max(l, 2)}`, up to logarithms [2]_. The last product alone has the leap
    :math:`k l`. The products are orthonormal, so that the variance is k, and
    ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Emmanuel Abbe, Enric Boix-Adsera and Theodor Misiakiewicz. The
       merged-staircase property: a necessary and nearly sufficient condition for SGD
       learning of sparse functions on two-layer neural networks. COLT 2022.
       arXiv:2202.08658.
    .. [2] Emmanuel Abbe, Enric Boix-Adsera and Theodor Misiakiewicz. SGD learning on
       neural networks: leap complexity and saddle-to-saddle dynamics. COLT 2023.
       arXiv:2302.11055.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_staircase
    >>> from sklearn_depth.metrics import leap_complexity
    >>> X, y, truth = make_staircase(
    ...     1000, 20, noise=1.0, return_truth=True, random_state=0)
    >>> truth.monomials
    ((12,), (12, 10), (12, 10, 15))
    >>> leap_complexity(truth.monomials)
    1
    >>> truth.bayes_r2
    0.75
    """
    rng = check_generator(random_state)
    monomials = _nested_monomials(n_samples, n_features, order, leap, rng)
    truth = MonomialsTruth(monomials, n_features, inputs, float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


def _nested_monomials(n_samples, n_features, order, leap, rng):
    """Products of ``leap`` features, twice as many, ..., each a factor of the next."""
    n_columns = order * leap
    if n_columns > n_features:
        raise ValueError(
            f"{n_columns} features cannot be drawn from n_features={n_features}. Use a "
            "lower order, or more features."
        )
    check_size(n_samples, n_features, n_columns * (order + 1) // 2)
    columns = rng.choice(n_features, n_columns, replace=False).tolist()
    return tuple(tuple(columns[: leap * step]) for step in range(1, order + 1))
