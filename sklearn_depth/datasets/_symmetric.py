"""Symmetric targets that gradient descent finds hard."""

from dataclasses import dataclass
from math import factorial

import numpy as np

from sklearn_depth._math._gaussian_laws import IsotropicGaussian
from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.datasets._index_truth import MultiIndexTruth
from sklearn_depth.datasets._truth import (
    SNR,
    NoisyTruth,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions


@dataclass(frozen=True)
class CosineLink:
    """The alternating sum of 2k rotated ReLUs in the plane, of unit variance.

    Between the kinks of a ReLU, multiples of w = pi / k, the sum is linear, so it is
    r h(theta) with h'' = -h there. It turns its sign under theta -> theta + w and is
    even, which leaves h(theta) ~ (-1)^j sin(t - w/2), with t = theta - j w in [0, w].
    The sum itself cancels: its terms have size 1, it has size 1/k.
    """

    order: int

    def __call__(self, z):
        width = np.pi / self.order
        sectors = np.arctan2(z[:, 1], z[:, 0]) / width
        below = np.floor(sectors)
        sign = (-1.0) ** ((self.order + 1) // 2) * (1 - 2 * (below % 2))
        wave = np.sin((sectors - below - 0.5) * width)
        return sign * np.hypot(z[:, 0], z[:, 1]) * wave / _wave_deviation(width)


class CosineTruth(MultiIndexTruth):
    """The alternating sum of rotated ReLUs in a plane of Gaussian inputs.

    Its attributes are those of a multi-index truth, with the orthonormal ``directions``
    a_1 and a_2 that span the plane.
    """

    @property
    def order(self):
        """Half the number k of ReLUs: a turn by pi / k changes the sign."""
        return self.link.order

    def _target_variance(self):
        return 1.0


@dataclass(frozen=True, eq=False)
class ParityTruth(NoisyTruth):
    """The parity of a sum of counts, under Gaussian noise.

    Attributes
    ----------
    columns : ndarray of shape (order,)
        The features whose counts are summed, in ascending order.
    n_features : int
        Number of features.
    noise : float
        Standard deviation of the noise.
    """

    columns: np.ndarray
    n_features: int
    noise: float

    @property
    def order(self):
        """Number of features that are summed."""
        return len(self.columns)

    def _draw_inputs(self, n_samples, rng):
        return rng.poisson(1.0, (n_samples, self.n_features)).astype(np.float64)

    def _target(self, X):
        odd = X[:, self.columns] % 2
        if np.any(odd % 1):
            row, column = np.argwhere(odd % 1)[0]
            raise ValueError(
                f"X has {X[row, self.columns[column]]:g} in sample {row}, feature "
                f"{self.columns[column]}, but only whole numbers are even or odd. Pass "
                "counts."
            )
        return 1 - 2 * (np.sum(odd, axis=1) % 2)

    def _target_variance(self):
        return -np.expm1(-4.0 * self.order)  # a count has E (-1)^N = e^-2


@validated_generator(
    family=[StrOptions({"cosine", "parity"})],
    order=[POSITIVE_INTEGER],
    snr=SNR,
)
def make_symmetric(
    n_samples=100,
    n_features=10,
    *,
    family="cosine",
    order=4,
    noise=0.0,
    snr=None,
    return_truth=False,
    random_state=None,
):
    r"""Draw a symmetric target from a family that is hard for gradient descent.

    "cosine", with k the order and :math:`x \sim N(0, I_d)`:

    .. math:: y = \frac{f(x)}{\mathrm{sd}\, f(x)} + \sigma \varepsilon, \qquad
        f(x) = \sum_{i=1}^{2k} (-1)^i \Big[ \cos \frac{\pi i}{k} \langle a_1, x \rangle
        + \sin \frac{\pi i}{k} \langle a_2, x \rangle \Big]_+

    "parity", with S of k features and independent counts
    :math:`x_j \sim \mathrm{Poisson}(1)`:

    .. math:: y = (-1)^{\sum_{j \in S} x_j} + \sigma \varepsilon

    where :math:`\varepsilon \sim N(0, 1)`.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d; at least 2 for "cosine".
    family : {"cosine", "parity"}, default="cosine"
        "cosine" is a network of 2k ReLUs in a plane spanned by a uniform orthonormal
        pair :math:`a_1, a_2`, "parity" that of the counts in k features, drawn without
        replacement.
    order : int, default=4
        The number k. For "cosine" even or 1, as f is zero for all other odd k; k = 1 is
        the linear function :math:`\langle a_1, x \rangle`. For "parity" at most
        ``n_features``.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y. Under noise the
        labels of "parity" are no longer -1 and 1; ``y > 0`` makes classes of them.
    snr : float or None, default=None
        The ratio of the target's variance to :math:`\sigma^2`, from which
        :math:`\sigma` follows; None takes ``noise``.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs, for "parity" whole numbers as floats.
    y : ndarray of shape (n_samples,)
        Targets.
    truth : CosineTruth or ParityTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.order``, ``truth.noise`` and what was drawn:
        ``truth.directions`` of shape (2, n_features), or ``truth.columns``.

    Raises
    ------
    ValueError
        If "cosine" has an odd ``order`` beyond 1 or ``n_features`` is 1, if "parity"
        has an ``order`` above ``n_features``, or if both ``noise`` and ``snr`` are
        given.

    See Also
    --------
    make_multi_index : Other links of a plane, and the parity of signs.

    Notes
    -----
    Both families stand behind lower bounds of [1]_, by which a known symmetry does not
    make networks easy to learn from correlations of the labels with functions of the
    inputs. So they are hard for gradient descent on the squared loss with fresh samples
    in every step, which sees nothing else. Descent that uses samples again sees more
    [3]_.

    "cosine" is after the networks of k ReLUs for which [2]_ proves a cost of
    :math:`d^{\Omega(k)}`, which [1]_ extends to networks on a fixed graph. A turn of
    the plane by :math:`\pi / k` changes the sign of f. In polar coordinates
    :math:`f = r h(\theta)`, and h has the angular frequencies k, 3k, 5k, ... alone, so
    all Hermite coefficients of degree below k are zero. A ReLU has the angular
    frequencies 0, 1 and the even ones, which is why other odd k than 1 leave nothing.
    The variance is

    .. math:: \mathrm{Var}\, f = \Big( 1 - \frac{k}{\pi} \sin \frac{\pi}{k} \Big) \Big/
        \cos^2 \frac{\pi}{2 k}

    for even k. Terms of degree k have the share 0.88, 0.45, 0.19 and 0.07 for
    k = 2, 4, 6 and 8; the rest is of higher degree still.

    "parity" is the second layer of the networks of two layers that [1]_ plants on
    random graphs: the first counts nodes by their out-degree, the second takes the
    parity of some of the counts. Any permutation of the counted features leaves y as it
    is. With the parity of all but m of them y has the mean product :math:`e^{-2m}`, so
    that :math:`E\, y = e^{-2k}`: a part of the set shows little of the whole, and other
    features show nothing.

    ``truth.bayes_r2`` and ``snr`` are exact.

    References
    ----------
    .. [1] Bobak T. Kiani, Thien Le, Hannah Lawrence, Stefanie Jegelka and Melanie
       Weber. On the hardness of learning under symmetries. ICLR 2024.
       arXiv:2401.01869.
    .. [2] Ilias Diakonikolas, Daniel M. Kane, Vasilis Kontonis and Nikos Zarifis.
       Algorithms and SQ Lower Bounds for PAC Learning One-Hidden-Layer ReLU Networks.
       COLT 2020. arXiv:2006.12476.
    .. [3] Yatin Dandi, Emanuele Troiani, Luca Arnaboldi, Luca Pesce, Lenka Zdeborová
       and Florent Krzakala. The Benefits of Reusing Batches for Gradient Descent in
       Two-Layer Networks: Breaking the Curse of Information and Leap Exponents. ICML
       2024. arXiv:2402.03220.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_symmetric
    >>> X, y, truth = make_symmetric(
    ...     1000, 20, order=6, return_truth=True, random_state=0)
    >>> a, b = truth.directions
    >>> turned = np.cos(np.pi / 6) * a + np.sin(np.pi / 6) * b
    >>> np.allclose(truth([turned]), -truth([a]))
    True

    Counts, and their parity as classes:

    >>> X, y, truth = make_symmetric(
    ...     1000, 20, family="parity", order=3, noise=0.1, return_truth=True,
    ...     random_state=0)
    >>> np.array_equal(y > 0, X[:, truth.columns].sum(axis=1) % 2 == 0)
    True
    """
    check_size(n_samples, n_features)
    rng = check_generator(random_state)
    if family == "cosine":
        truth = _draw_cosine(n_features, order, float(noise), rng)
    else:
        truth = _draw_parity(n_features, order, float(noise), rng)
    return draw_data(truth._with_snr(snr), n_samples, rng, return_truth)


def _draw_cosine(n_features, order, noise, rng):
    if order > 1 and order % 2 == 1:
        raise ValueError(
            f"order={order} makes the cosine family zero everywhere: it keeps the "
            f"angular frequencies of a ReLU at odd multiples of {order}, which are "
            "odd, and beyond 1 a ReLU has only even ones. Use the even order "
            f"{order - 1} or {order + 1}."
        )
    if n_features < 2:
        raise ValueError(
            "n_features=1 leaves no plane for the cosine family. Use at least 2 "
            'features, or family="parity".'
        )
    directions = orthonormal_rows(2, n_features, rng)
    return CosineTruth(
        directions, CosineLink(order), noise, IsotropicGaussian(n_features)
    )


def _draw_parity(n_features, order, noise, rng):
    if order > n_features:
        raise ValueError(
            f"order={order} features cannot be drawn from n_features={n_features}. Use "
            "a lower order or more features."
        )
    columns = np.sort(rng.choice(n_features, order, replace=False))
    return ParityTruth(columns, n_features, noise)


def _wave_deviation(width):
    """(1 - sin(width) / width)^(1/2), the standard deviation of r sin(t - width/2).

    By its series, as the difference loses its digits for small widths.
    """
    powers = np.arange(1, 16)
    terms = [(-1) ** (m + 1) * width ** (2 * m) / factorial(2 * m + 1) for m in powers]
    return np.sqrt(sum(terms))
