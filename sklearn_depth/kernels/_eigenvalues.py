"""Eigenvalues of rotation invariant kernels on the sphere."""

from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.metrics.pairwise import PAIRWISE_KERNEL_FUNCTIONS

from sklearn_depth._math._tolerances import EPS
from sklearn_depth._math._zonal import multiplicities, zonal_eigenvalues
from sklearn_depth.kernels._by_name import KERNEL_FUNCTIONS
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER, POSITIVE
from sklearn_depth.utils._sklearn import Interval, StrOptions, validate_params

_NAMED = PAIRWISE_KERNEL_FUNCTIONS | KERNEL_FUNCTIONS
# A kernel that differs by this share of its largest value under a rotation is no
# function of the angle.
_TURNED = 1e-6


class KernelEigenvalues(NamedTuple):
    """Eigenvalues of a kernel by degree; made by :func:`kernel_eigenvalues`.

    Attributes
    ----------
    eigenvalues : ndarray of shape (degree + 1,)
        That of the polynomials of each degree.
    multiplicities : ndarray of shape (degree + 1,)
        How many orthogonal polynomials of this degree there are.
    remainder : float
        The sum of all other eigenvalues: K(x, x) less those listed; 0 where rounding
        alone may have left it.
    """

    eigenvalues: np.ndarray
    multiplicities: np.ndarray
    remainder: float


@validate_params(
    {
        "kernel": [StrOptions(set(_NAMED)), callable],
        "n_features": [Interval(Integral, 2, None, closed="left")],
        "degree": [NON_NEGATIVE_INTEGER],
        "radius": [POSITIVE, None],
        "kernel_params": [dict, None],
    }
)
def kernel_eigenvalues(
    kernel, n_features, *, degree=10, radius=None, kernel_params=None
):
    r"""Compute the eigenvalues of a kernel under the uniform law on a sphere.

    .. math:: E_z[K(x, z) \, p(z)] = \lambda_k \, p(x), \qquad
        \lambda_k = E[g(t) P_k(t)]

    for every spherical harmonic p of degree k, with K(x, z) = g(t) at the cosine t of
    points of norm r, and :math:`P_k` the Gegenbauer polynomial of degree k in
    ``n_features`` dimensions, :math:`P_k(1) = 1` (the formula of Funk and Hecke).

    Parameters
    ----------
    kernel : str or callable
        A kernel that depends on the angle alone between samples of one norm: a name in
        ``KERNEL_FUNCTIONS`` or of scikit-learn, or a function of two sets of samples
        that returns the matrix of all pairs.
    n_features : int
        Dimension d of the sphere's space, 2 or more.
    degree : int, default=10
        Highest degree.
    radius : float or None, default=None
        Radius r of the sphere; None is sqrt(n_features), of features of variance 1.
    kernel_params : dict or None, default=None
        Keyword arguments of the kernel's function.

    Returns
    -------
    spectrum : KernelEigenvalues
        A named tuple: ``eigenvalues`` by degree, from 0 on; their ``multiplicities``,
        the numbers of harmonics,
        :math:`\frac{2k + d - 2}{k} \binom{k + d - 3}{k - 1}`; and the ``remainder``, so
        that :math:`\sum_k N_k \lambda_k` and it add up to K(x, x).

    Raises
    ------
    ValueError
        If the kernel is not finite, or changes when both samples are rotated.

    See Also
    --------
    sklearn_depth.studies.predicted_learning_curve : What they say about errors.

    Notes
    -----
    The eigenvalues of degree k share :math:`N_k \lambda_k` of K(x, x). The integral
    goes by a Gauss-Legendre rule in the angle, where kernels of networks
    are smooth. Its rounding is up to 1e-14 of the mean of abs(g), and eigenvalues below
    that come out as 0: those of high degree in many dimensions, of order
    :math:`d^{-k}`, drown in it. Kernels with a kink at an angle other than 0 and 180
    degrees keep an error of 1e-5 or so.

    References
    ----------
    .. [1] Alberto Bietti and Francis Bach (2021). Deep Equals Shallow for ReLU Networks
       in Kernel Regimes. ICLR. arXiv:2009.14397, Section 2.

    Examples
    --------
    The tangent kernel of wide ReLU networks without biases sees no odd degree above 1:

    >>> from sklearn_depth.kernels import kernel_eigenvalues
    >>> spectrum = kernel_eigenvalues("ntk", 20, degree=4)
    >>> spectrum.eigenvalues.round(6)
    array([3.42683e-01, 5.00000e-02, 2.25700e-03, 0.00000e+00, 8.00000e-06])
    >>> spectrum.multiplicities
    array([1.000e+00, 2.000e+01, 2.090e+02, 1.520e+03, 8.645e+03])
    >>> shares = spectrum.eigenvalues * spectrum.multiplicities / 2  # of K(x, x) = 2
    >>> shares.round(3), round(spectrum.remainder / 2, 3)
    (array([0.171, 0.5  , 0.236, 0.   , 0.033]), 0.06)
    """
    function = _NAMED[kernel] if isinstance(kernel, str) else kernel
    params = kernel_params or {}
    radius = np.sqrt(n_features) if radius is None else radius

    of_cosines = partial(
        _on_arc, function, params, radius=radius, frame=np.eye(2, n_features)
    )
    _check_rotations(of_cosines, function, params, n_features, radius)
    values = zonal_eigenvalues(of_cosines, n_features, degree)
    numbers = multiplicities(n_features, degree)
    total = of_cosines(np.ones(1))[0]
    left, rounding = total - values @ numbers, EPS * total * numbers[values != 0].sum()
    return KernelEigenvalues(values, numbers, float(left) if left > rounding else 0.0)


def _on_arc(function, params, cosines, radius, frame):
    """K of the first of two orthonormal points with points at these cosines to it."""
    sines = np.sqrt((1 - cosines) * (1 + cosines))
    arc = np.column_stack([cosines, sines]) @ frame
    values = np.asarray(function(radius * frame[:1], radius * arc, **params))
    if values.shape != (1, len(cosines)) or not np.isfinite(values).all():
        raise ValueError(
            f"kernel gave an array of shape {values.shape} for 1 sample and "
            f"{len(cosines)} others, or entries that are not finite. It must return "
            "the finite matrix of all pairs; lower radius where it overflows."
        )
    return values[0].astype(np.float64)


def _check_rotations(of_cosines, function, params, n_features, radius):
    """Refuse a kernel that is another one on other axes."""
    cosines = np.linspace(-1, 1, 9)
    frame = np.linalg.qr(np.random.default_rng(0).standard_normal((n_features, 2)))[0].T
    here = of_cosines(cosines)
    turned = _on_arc(function, params, cosines, radius, frame)
    change = np.abs(here - turned).max()
    if change > _TURNED * np.abs(here).max():
        raise ValueError(
            f"kernel changes by up to {change:.3g} when both samples are rotated, and "
            f"its values are up to {np.abs(here).max():.3g}. Give one that depends on "
            "norms and the angle alone."
        )
