"""Spiked single-index data: inputs with one direction of large variance."""

from numbers import Real

import numpy as np

from sklearn_depth._math._gaussian_laws import SpikedGaussian
from sklearn_depth._math._spheres import random_directions
from sklearn_depth.datasets._index_checks import check_direction
from sklearn_depth.datasets._index_truth import SpikedSingleIndexTruth
from sklearn_depth.datasets._links import SINGLE_INDEX_LINKS, single_index_link
from sklearn_depth.datasets._truth import (
    SNR,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions


@validated_generator(
    link=[callable, "array-like", StrOptions(set(SINGLE_INDEX_LINKS))],
    spike=[NON_NEGATIVE, None],
    overlap=[Interval(Real, -1, 1, closed="both")],
    spike_direction=["array-like", None],
    snr=SNR,
)
def make_spiked_single_index(
    n_samples=100,
    n_features=10,
    *,
    link="he3",
    spike=None,
    overlap=1.0,
    spike_direction=None,
    noise=0.0,
    snr=None,
    return_truth=False,
    random_state=None,
):
    r"""Single-index data whose inputs have a direction of large variance.

    .. math:: y = g(z) + \sigma \varepsilon, \qquad
        z = \frac{\langle u, x \rangle}{\sqrt{1 + \theta \langle u, \mu \rangle^2}},
        \quad x \sim N(0, I_d + \theta \mu \mu^T), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    link : str, array-like of shape (degree + 1,) or callable, default="he3"
        The function g of the standardised projection z: a name, Hermite coefficients
        or a callable, as in :func:`make_single_index`.
    spike : float or None, default=None
        The variance :math:`\theta` of x along :math:`\mu`, beyond 1. The paper's scale
        is :math:`\theta = d^\beta` with :math:`0 \le \beta < 1`, so pass
        ``n_features**beta``; 0 gives isotropic inputs, None takes
        :math:`\sqrt d`.
    overlap : float, default=1.0
        The cosine :math:`\langle u, \mu \rangle` between target and spike, in [-1, 1].
        At 1 they are equal, as in the paper; else the rest of u is drawn uniformly.
    spike_direction : array-like of shape (n_features,) or None, default=None
        The vector :math:`\mu`, scaled to unit length. None draws it uniformly on the
        sphere.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    snr : float or None, default=None
        The ratio :math:`\mathrm{Var}\, g(z) / \sigma^2` of signal to noise, from which
        :math:`\sigma` follows; None takes ``noise``.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs. They are not whitened, which would remove the spike.
    y : ndarray of shape (n_samples,)
        Targets.
    truth : SpikedSingleIndexTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.directions`` of shape (1, n_features),
        ``truth.projection`` with z = projection @ x, ``truth.spike_direction``,
        ``truth.spike``, ``truth.covariance``, ``truth.link``, ``truth.noise`` and, for
        a Hermite link, ``truth.coefficients``.

    Raises
    ------
    ValueError
        If ``spike_direction`` is zero or has not ``n_features`` entries, if
        ``n_features`` is 1 and ``overlap`` is not 1 or -1, if ``link`` does not return
        one finite value a sample, or if both ``noise`` and ``snr`` are given.

    See Also
    --------
    make_single_index : Isotropic inputs, or any covariance.
    sklearn_depth.metrics.information_exponent : The k of the theorem.

    Notes
    -----
    Let :math:`u = \mu`, n of order d and g a polynomial of degree p with information
    exponent k. Kernel ridge regression learns y if and only if
    :math:`\beta \ge 1 - 1/p`, and a two-layer network trained by gradient descent where
    :math:`\beta > 1 - 1/k` [1]_. The first principal component finds a spike whatever
    the labels are; where it is the target's own direction, principal components and a
    univariate fit are the method to beat.

    ``truth.bayes_r2`` and ``snr`` are exact for a Hermite link; else they take the
    variance of the target from 65 536 draws of a fixed seed.

    References
    ----------
    .. [1] Jimmy Ba, Murat A. Erdogdu, Taiji Suzuki, Zhichao Wang and Denny Wu. Learning
       in the Presence of Low-dimensional Structure: A Spiked Random Matrix Perspective.
       NeurIPS 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_spiked_single_index
    >>> X, y, truth = make_spiked_single_index(
    ...     2000, 50, spike=50**0.8, return_truth=True, random_state=0)
    >>> variance = (X @ truth.spike_direction).var()
    >>> print(f"{variance:.1f}, expected {1 + 50**0.8:.1f}")
    23.0, expected 23.9
    >>> print(f"{truth.directions[0] @ truth.spike_direction:.2f}")
    1.00

    A spike beside the point:

    >>> X, y, truth = make_spiked_single_index(
    ...     2000, 50, overlap=0.5, return_truth=True, random_state=0)
    >>> round(float(truth.directions[0] @ truth.spike_direction), 6)
    0.5
    """
    check_size(n_samples, n_features)
    if n_features == 1 and abs(overlap) != 1:
        raise ValueError(
            f"overlap={overlap:g} needs a direction beside the spike, but "
            "n_features=1. Use more features, or an overlap of 1 or -1."
        )
    rng = check_generator(random_state)
    if spike_direction is None:
        mu = random_directions(1, n_features, rng)
    else:
        mu = check_direction(spike_direction, n_features, "spike_direction")
    inputs = SpikedGaussian(
        mu[0], float(np.sqrt(n_features) if spike is None else spike)
    )
    truth = SpikedSingleIndexTruth(
        _at_overlap(mu, overlap, rng), single_index_link(link), float(noise), inputs
    )
    return draw_data(truth._with_snr(snr), n_samples, rng, return_truth)


def _at_overlap(mu, overlap, rng):
    """A unit vector at this cosine to the unit vector ``mu``, uniform among those."""
    if abs(overlap) == 1:
        return overlap * mu
    other = random_directions(1, mu.shape[1], rng)
    other -= (other @ mu.T) * mu
    other /= np.linalg.norm(other)
    return overlap * mu + np.sqrt(1 - overlap**2) * other
