"""Targets of one quadratic form of the inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.hermite_e import herme2poly
from scipy.special import factorial

from sklearn_depth._math._quadratic_forms import (
    gaussian_form_moments,
    sphere_form_moments,
)
from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.datasets._links import (
    SINGLE_INDEX_LINKS,
    HermiteSeries,
    check_floats,
    single_index_link,
)
from sklearn_depth.datasets._truth import (
    ISOTROPIC_INPUTS,
    SNR,
    FeatureMixin,
    NoisyTruth,
    check_size,
    draw_data,
    draw_isotropic,
    evaluate,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions

_MOMENTS = {"gaussian": gaussian_form_moments, "sphere": sphere_form_moments}
# Moments of the feature give the variance of a polynomial, to eight digits at this
# degree; they cancel more and more beyond.
_EXACT_DEGREE = 20
# A form that varies by less than this share of its matrix is taken for rounding.
_CONSTANT = 1e-12


@dataclass(frozen=True, eq=False)
class QuadraticFeatureTruth(FeatureMixin, NoisyTruth):
    """A univariate function of one quadratic form, under Gaussian noise.

    Attributes
    ----------
    matrix : ndarray of shape (n_features, n_features)
        The symmetric matrix A, scaled so that the feature q(x) = x'Ax - offset has
        variance 1 under the law of the inputs.
    offset : float
        The trace of A, which is the mean of x'Ax under both laws.
    link : callable
        The target as a vectorised function of the feature, from shape (n_samples,) to
        (n_samples,).
    inputs : {"sphere", "gaussian"}
        The law of the inputs.
    noise : float
        Standard deviation of the noise.
    """

    matrix: np.ndarray
    offset: float
    link: Callable
    inputs: str
    noise: float

    @property
    def n_features(self):
        """Number of features."""
        return len(self.matrix)

    def _feature(self, X):
        return np.einsum("ij,ij->i", X @ self.matrix, X) - self.offset

    def _draw_inputs(self, n_samples, rng):
        return draw_isotropic(self.inputs, n_samples, self.n_features, rng)

    def _target(self, X):
        return evaluate(self.link, self._feature(X), "link")

    @cached_property
    def _eigenvalues(self):
        return np.linalg.eigvalsh(self.matrix)  # in their axes x has its old law

    def _target_variance(self):
        if not isinstance(self.link, HermiteSeries):
            return super()._target_variance()
        series = self.link.coefficients
        if len(series) > _EXACT_DEGREE + 1:
            return super()._target_variance()
        powers = herme2poly(series / np.sqrt(factorial(np.arange(len(series)))))
        powers[0] = 0
        moments = _MOMENTS[self.inputs](self._eigenvalues, 2 * len(powers) - 2)
        mean = powers @ moments[: len(powers)]
        return np.convolve(powers, powers) @ moments - mean**2

    def _draw_targets(self, n_samples, rng):
        forms = np.empty(n_samples)
        for rows in row_blocks(n_samples, self.n_features):
            X = self._draw_inputs(len(forms[rows]), rng)
            forms[rows] = X**2 @ self._eigenvalues
        return evaluate(self.link, forms - self.offset, "link")


@validated_generator(
    link=[callable, "array-like", StrOptions(set(SINGLE_INDEX_LINKS))],
    rank=[POSITIVE_INTEGER, None],
    matrix=["array-like", None],
    inputs=ISOTROPIC_INPUTS,
    snr=SNR,
)
def make_quadratic_feature(
    n_samples=100,
    n_features=10,
    *,
    link="he1+he3",
    rank=None,
    matrix=None,
    inputs="sphere",
    noise=0.0,
    snr=None,
    return_truth=False,
    random_state=None,
):
    r"""Isotropic inputs with a target that depends on one quadratic form.

    .. math:: y = g(q(x)) + \sigma \varepsilon, \qquad
        q(x) = x^T A x - \mathrm{tr}\, A, \quad \varepsilon \sim N(0, 1)

    with A symmetric, of the size that gives the feature q, whose mean is 0, variance 1.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d; at least 2 for ``inputs="sphere"``.
    link : str, array-like of shape (degree + 1,) or callable, default="he1+he3"
        The function g of the feature q: a name, Hermite coefficients or a callable, as
        in :func:`make_single_index`. The feature is N(0, 1) only in the limit of many
        eigenvalues, so Hermite polynomials of it are orthonormal only in that limit.
    rank : int or None, default=None
        Rank of A, at most ``n_features``: its eigenvectors are drawn uniformly, its
        non-zero eigenvalues have one size and alternating signs. None takes
        ``n_features``, or the ``matrix``.
    matrix : array-like of shape (n_features, n_features) or None, default=None
        The matrix A up to its size; of a matrix that is not symmetric, the symmetric
        part, which has the same quadratic form. None draws it.
    inputs : {"sphere", "gaussian"}, default="sphere"
        Uniform on the sphere of radius :math:`\sqrt d`, or N(0, I).
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    snr : float or None, default=None
        The ratio :math:`\mathrm{Var}\, g(q) / \sigma^2` of signal to noise, from which
        :math:`\sigma` follows; None takes ``noise``.
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
    truth : QuadraticFeatureTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.feature(X)`` is q, ``truth.sample(n_samples, random_state)`` draws fresh
        data, ``truth.bayes_r2`` is the best possible R²; ``truth.matrix``,
        ``truth.offset`` with q(x) = x'Ax - offset, ``truth.link``, ``truth.inputs``,
        ``truth.noise``.

    Raises
    ------
    ValueError
        If ``rank`` exceeds ``n_features``, if ``rank`` and ``matrix`` are both given,
        if ``matrix`` has another shape, if x'Ax is constant, as that of a multiple of
        the identity is on the sphere (for d = 1 there is no other) and that of a
        skew-symmetric matrix everywhere, if ``link`` does not return one finite
        value a sample, or if both ``noise`` and ``snr`` are given.

    See Also
    --------
    make_single_index : A link of a linear feature.
    make_radial : A function of the quadratic form x'x.
    sklearn_depth.ThreeLayerFeatureRegressor : Learns the feature, then the link.

    Notes
    -----
    The variance of x'Ax is :math:`2 \|A\|_F^2` for Gaussian inputs and
    :math:`\frac{2 d}{d + 2} (\|A\|_F^2 - (\mathrm{tr}\, A)^2 / d)` on the sphere,
    where the trace adds a constant to x'Ax.

    For g of degree p the target is a polynomial of degree 2p, which kernels learn from
    about :math:`d^{2p}` samples. Training a network of three layers layer by layer
    learns q first and then g: for inputs on the sphere from about :math:`d^4` samples
    by the first version of [1]_ and :math:`d^2` by a revision, for Gaussian inputs from
    about :math:`d^2` by [2]_, with p held fixed. The first step finds q by a linear
    part of g, :math:`E\, g'(q) \ne 0`, which "he1+he3" has and "he2" has not.

    ``truth.bayes_r2`` and ``snr`` are exact for Hermite links of degree up to 20, from
    the moments of q; else they take the variance of the target from 65 536 draws of a
    fixed seed.

    References
    ----------
    .. [1] Eshaan Nichani, Alex Damian and Jason D. Lee. Provable Guarantees for
       Nonlinear Feature Learning in Three-Layer Neural Networks. NeurIPS 2023.
       arXiv:2305.06986.
    .. [2] Zihao Wang, Eshaan Nichani and Jason D. Lee. Learning Hierarchical
       Polynomials with Three-Layer Neural Networks. ICLR 2024. arXiv:2311.13774.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_quadratic_feature
    >>> X, y, truth = make_quadratic_feature(
    ...     1000, 20, link="abs", rank=4, return_truth=True, random_state=0)
    >>> np.linalg.eigvalsh(truth.matrix)[[0, 1, 2, -2, -1]].round(2) + 0
    array([-0.37, -0.37,  0.  ,  0.37,  0.37])
    >>> np.allclose(y, abs(truth.feature(X)))
    True

    A form of one's own, here the product of two features:

    >>> product = np.zeros((20, 20))
    >>> product[0, 1] = 1
    >>> X, y, truth = make_quadratic_feature(
    ...     1000, 20, link="he2", matrix=product, inputs="gaussian", return_truth=True,
    ...     random_state=0)
    >>> np.allclose(truth.feature(X), X[:, 0] * X[:, 1])
    True
    """
    check_size(n_samples, n_features, 3 * n_features**2)
    rng = check_generator(random_state)
    if matrix is None:
        matrix = _draw_matrix(n_features, n_features if rank is None else rank, rng)
    else:
        matrix = _check_matrix(matrix, n_features, rank)
    matrix = _of_unit_variance(matrix, inputs)
    truth = QuadraticFeatureTruth(
        matrix, float(np.trace(matrix)), single_index_link(link), inputs, float(noise)
    )
    return draw_data(truth._with_snr(snr), n_samples, rng, return_truth)


def _draw_matrix(n_features, rank, rng):
    """Eigenvalues 1, -1, 1, ... on ``rank`` uniform axes."""
    if rank > n_features:
        raise ValueError(
            f"rank={rank} exceeds n_features={n_features}, the number of rows of the "
            "matrix. Use a lower rank or more features."
        )
    axes = orthonormal_rows(rank, n_features, rng)
    return (axes.T * (-1.0) ** np.arange(rank)) @ axes


def _check_matrix(matrix, n_features, rank):
    if rank is not None:
        raise ValueError(
            f"rank={rank} and matrix are both given, but a matrix has its own rank. "
            "Pass one of them."
        )
    matrix = check_floats(matrix, "matrix")
    if matrix.shape != (n_features, n_features):
        raise ValueError(
            f"matrix has shape {matrix.shape}, but n_features={n_features}. Pass a "
            f"matrix of shape ({n_features}, {n_features}), or None to draw one."
        )
    return matrix


def _of_unit_variance(matrix, inputs):
    """The symmetric part of ``matrix``, scaled so that Var x'Ax = 1."""
    n_features = len(matrix)
    size = np.abs(matrix).max()
    matrix = matrix / (size or 1)  # lest squares overflow
    norm = np.linalg.norm(matrix)
    matrix = (matrix + matrix.T) / 2
    varying, share = matrix, 1.0
    if inputs == "sphere":
        varying = matrix - np.trace(matrix) / n_features * np.eye(n_features)
        share = n_features / (n_features + 2)
    deviation = np.sqrt(2 * share) * np.linalg.norm(varying)
    if deviation <= _CONSTANT * norm:
        raise ValueError(
            f"x'Ax is constant for inputs={inputs!r} and n_features={n_features}, so "
            "there is no feature: a skew-symmetric or zero matrix, or on the sphere a "
            "multiple of the identity, as every matrix is for n_features=1. Pass "
            "another matrix, or more features."
        )
    return matrix / deviation
