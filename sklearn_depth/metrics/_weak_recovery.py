"""Where spectral methods begin to see a direction, and on which labels."""

from math import factorial

import numpy as np

from sklearn_depth._math._conditional_moments import conditional_moments
from sklearn_depth.metrics._exponents import first_degree
from sklearn_depth.metrics._link_values import NOISY_LINK, link_function
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import StrOptions, validate_params

# What counts as zero of E[E[h_k(Z) | y]^2], as in generative_exponent; and as far as
# degrees are looked at.
_ZERO, _MAX_DEGREE = 1e-12, 20


@validate_params(NOISY_LINK)
def weak_recovery_threshold(link, noise=0.0):
    r"""Compute the samples per dimension from which a direction can be seen at all.

    .. math:: \delta = \frac{1}{E\big[E[Z^2 - 1 \mid y]^2\big]}, \qquad
        y = g(Z) + \sigma \epsilon

    with Z and :math:`\epsilon` independent N(0, 1); 0 if :math:`E[Z \mid y]` is not
    zero, and infinity if both are.

    Parameters
    ----------
    link : callable or array-like of shape (degree + 1,)
        The function g, or its Hermite coefficients; see :func:`generative_exponent`.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.

    Returns
    -------
    threshold : float
        The ratio :math:`\delta` of samples to dimensions. It is 0 where the generative
        exponent is 1, positive where it is 2, and infinite beyond.

    Raises
    ------
    ValueError
        If a callable returns values of another shape or that are not finite on
        [-14, 14], or turns there more than 2000 times.

    See Also
    --------
    generative_exponent : The power of the dimension that samples grow with.
    optimal_label_transform : The labels that have the most to tell.

    Notes
    -----
    Let n samples of d features x ~ N(0, I) come with y = g(<u, x>) + noise, both large
    at a fixed ratio n / d. If E[Z | y] = 0, as for even links, the best spectral
    method, the leading eigenvector of the mean of T(y) xx' for the best T, correlates
    with u if and only if n / d exceeds :math:`\delta`: with real inputs, it is 1/2 for
    phase retrieval, y = \|<u, x>\|, without noise [1]_; [2]_ has the errors of the best
    estimators of any kind. If E[Z | y] is not 0, the mean of E[Z | y] x correlates with
    u at any ratio; how much it does at a small one is another matter, and
    sin(4z) has a threshold of 0 but an E[E[Z | y]^2] of 4e-6.

    E[Z | y] and E[Z^2 - 1 | y] are zero up to a mean square of 1e-12 and 2e-12. The
    threshold comes out too high, by some 1e-5 of itself; see
    :func:`generative_exponent`.

    References
    ----------
    .. [1] Marco Mondelli and Andrea Montanari. Fundamental Limits of Weak Recovery with
       Applications to Phase Retrieval. Foundations of Computational Mathematics 19,
       2019. arXiv:1708.05932.
    .. [2] Jean Barbier, Florent Krzakala, Nicolas Macris, Léo Miolane and Lenka
       Zdeborová. Optimal errors and phase transitions in high-dimensional generalized
       linear models. PNAS 116, 2019. arXiv:1708.03395.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.metrics import weak_recovery_threshold
    >>> round(weak_recovery_threshold(np.abs), 3)
    0.5
    >>> round(weak_recovery_threshold(lambda z: np.cos(4 * z)), -2)
    17400.0
    >>> weak_recovery_threshold(np.tanh)
    0.0
    """
    strengths = conditional_moments(link_function(link), 2, noise).strengths()
    if strengths[1] > _ZERO:
        return 0.0
    # E[Z^2 - 1 | y] is sqrt(2) times E[h_2(Z) | y].
    return float(1 / (2 * strengths[2])) if strengths[2] > _ZERO else np.inf


@validate_params(NOISY_LINK | {"degree": [StrOptions({"auto"}), POSITIVE_INTEGER]})
def optimal_label_transform(link, noise=0.0, *, degree="auto"):
    r"""Make the transform of labels that tells the most about a direction.

    .. math:: T(y) = E[He_k(Z) \mid y], \qquad y = g(Z) + \sigma \epsilon

    with Z and :math:`\epsilon` independent N(0, 1) and :math:`He_k = \sqrt{k!} h_k`:
    :math:`E[Z^2 - 1 \mid y]` for k = 2.

    Parameters
    ----------
    link : callable or array-like of shape (degree + 1,)
        The function g, or its Hermite coefficients; see :func:`generative_exponent`.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
    degree : int or "auto", default="auto"
        The degree k; "auto" is 2 unless E[Z^2 - 1 | y] is zero, and then the
        :func:`generative_exponent`.

    Returns
    -------
    transform : callable
        From an array of labels to an array of the same shape. Its ``degree`` is k.

    Raises
    ------
    ValueError
        If the labels tell nothing of this degree, or with "auto" of any up to 20; if a
        callable returns values of another shape or that are not finite on [-14, 14], or
        turns there more than 2000 times.

    See Also
    --------
    weak_recovery_threshold : From how many samples on it shows a direction.
    sklearn_depth.TwoLayerGDRegressor : Takes it as its ``label_transform``.

    Notes
    -----
    Of all transforms of a given variance, T has the largest Hermite coefficient of
    degree k, E[T(y) h_k(Z)], by the inequality of Cauchy and Schwarz. A transform is
    needed where y itself has none: y = He3(z) has no second Hermite coefficient, so
    that one gradient step on y sees noise, and on T(y) it sees the direction.

    T is linear between cells of y, whose width in z is 1/200 without noise, and
    constant beyond the last ones. The value of a flat piece of g, such as 0 for a ReLU,
    has a T of its own; with noise it has none.

    References
    ----------
    .. [1] Marco Mondelli and Andrea Montanari. Fundamental Limits of Weak Recovery with
       Applications to Phase Retrieval. Foundations of Computational Mathematics 19,
       2019. arXiv:1708.05932.
    .. [2] Alex Damian, Loucas Pillaud-Vivien, Jason D. Lee and Joan Bruna.
       Computational-Statistical Gaps in Gaussian Single-Index Models. COLT 2024.
       arXiv:2403.05529.

    Examples
    --------
    For y = \|z\|, T(y) is y^2 - 1:

    >>> import numpy as np
    >>> from sklearn_depth.metrics import optimal_label_transform
    >>> transform = optimal_label_transform(np.abs)
    >>> transform(np.array([0.5, 1.5, 2.0])).round(3).tolist()
    [-0.75, 1.25, 3.0]
    >>> transform
    LabelTransform(degree=2)
    """
    top = _MAX_DEGREE if degree == "auto" else degree
    cells = conditional_moments(link_function(link), top, noise)
    strengths = cells.strengths()
    if degree == "auto":
        degree = 2 if strengths[2] > _ZERO else first_degree(strengths, _ZERO)
    elif strengths[degree] <= _ZERO:
        raise ValueError(
            f"the labels show nothing of degree {degree}: E[E[h_k(Z) | y]^2] is "
            f'{strengths[degree]:.3g}. Take degree="auto".'
        )
    return LabelTransform(cells, degree)


class LabelTransform:
    """E[He_k(Z) | y] as a function of y; made by :func:`optimal_label_transform`.

    Parameters
    ----------
    cells : Cells
        The moments, by cells of y.
    degree : int
        The degree k.
    """

    def __init__(self, cells, degree):
        means = cells.moments[:, degree] / cells.moments[:, 0]
        means *= np.sqrt(float(factorial(degree)))
        atom = cells.low == cells.high
        kept = ~atom if not atom.all() else atom
        self.degree = degree
        self._nodes = (cells.low[kept] + cells.high[kept]) / 2
        self._values = means[kept]
        self._atoms, self._at_atoms = cells.low[atom], means[atom]

    def __call__(self, y):
        """Evaluate the transform.

        Parameters
        ----------
        y : array-like
            Labels.

        Returns
        -------
        transformed : ndarray of the shape of y
            E[He_k(Z) | y].
        """
        y = np.asarray(y)
        found = np.interp(y, self._nodes, self._values)
        rounding = 16 * np.finfo(y.dtype if y.dtype.kind == "f" else float).eps
        for atom, value in zip(self._atoms, self._at_atoms, strict=True):
            found = np.where(np.abs(y - atom) <= rounding * np.abs(atom), value, found)
        return found

    def __repr__(self):
        return f"LabelTransform(degree={self.degree})"
