"""Directional regression."""

from sklearn_depth._solvers.directions._inverse_moments import directional
from sklearn_depth.directions._finder import SlicedFinder


class DirectionalRegression(SlicedFinder):
    r"""Directional regression (DR): means and variances of slices together.

    .. math:: 2 \sum_h p_h V_h^2 + 2 M^2 + 2 \, \mathrm{tr}(M) M - 2 I, \qquad
        M = \sum_h p_h \, m_h m_h^T

    with z the whitened x, and :math:`m_h` and :math:`V_h` the means of z and of
    :math:`z z^T` in a slice of weight :math:`p_h`. The leading eigenvectors, mapped
    back to x, are the directions.

    Parameters
    ----------
    n_directions : int or "auto", default="auto"
        How many directions to keep. "auto" adds one after the other while a chi-square
        test at level 0.05 says that there are more, and keeps at least one.
    n_slices : int, default=10
        Most slices of a target, of about equal weight. Equal targets are in one slice,
        so a target of few values, such as classes, has a slice for each.

    Attributes
    ----------
    components_ : ndarray of shape (n_directions, n_features)
        The directions, as rows; features are their products with centred samples, and
        have variance 1 and no correlation if the covariance is not shrunk. The largest
        entry of each, in size, is positive.
    eigenvalues_ : ndarray of shape (rank,)
        All eigenvalues of the matrix, falling.
    mean_ : ndarray of shape (n_features,)
        Means of the features.
    p_values_ : ndarray of shape (n_tests,)
        Of the tests for no more than 0, 1, ... directions, up to the first that does
        not reject. Only with ``n_directions="auto"``.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    SlicedInverseRegression : By means alone.
    SlicedAverageVariance : By variances alone.

    Notes
    -----
    The matrix is :math:`E[(2 I - A(y, y'))^2]`, where A is the mean of
    :math:`(z - z')(z - z')^T` for two samples of these slices [1]_. It sees even and
    odd links. What no function of degree 2 in z shows is hidden from it too: the link
    :math:`z^2 e^{-z^2}`, whose generative exponent is 4.

    "auto" adds the statistics of :class:`SlicedInverseRegression` and of
    :class:`SlicedAverageVariance`, the latter with second moments. For q given
    directions of normal x that tell nothing their law is chi-square with
    (H - 1) q (q + 3) / 2 degrees of freedom; [1]_ has another test. Of unequal weights
    w, n is :math:`(\sum w)^2 / \sum w^2` over distinct samples.

    Several targets are sliced each on its own and their matrices averaged; a target is
    then tested at its share of the level. Features are whitened as in
    :class:`SlicedInverseRegression`.

    References
    ----------
    .. [1] Bing Li and Shaoli Wang (2007). On Directional Regression for Dimension
       Reduction. Journal of the American Statistical Association 102.

    Examples
    --------
    One direction that the mean of y grows along, and one that is even:

    >>> import numpy as np
    >>> from sklearn_depth.directions import DirectionalRegression
    >>> X = np.random.default_rng(1).standard_normal((2000, 10))
    >>> y = X[:, 0] + X[:, 1] ** 2
    >>> dr = DirectionalRegression().fit(X, y)
    >>> np.abs(dr.components_[:, :4]).round(1)
    array([[0.3, 1. , 0. , 0. ],
           [1. , 0.3, 0. , 0. ]])
    >>> dr.p_values_.round(2)
    array([0.  , 0.  , 0.93])
    """

    _evidence = staticmethod(directional)

    def __init__(self, n_directions="auto", *, n_slices=10):
        self.n_directions = n_directions
        self.n_slices = n_slices
