"""Sliced inverse regression."""

from sklearn_depth._solvers.directions._inverse_moments import sliced_means
from sklearn_depth.directions._finder import SlicedFinder


class SlicedInverseRegression(SlicedFinder):
    r"""Sliced inverse regression (SIR): where the means of slices of y lie.

    .. math:: \sum_h p_h \, m_h m_h^T, \qquad m_h = E[z \mid y \in \text{slice } h]

    with z the whitened x and :math:`p_h` the weight of a slice. The leading
    eigenvectors, mapped back to x, are the directions.

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
        All eigenvalues of the matrix, falling; between 0 and 1 if the covariance is not
        shrunk.
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
    SlicedAverageVariance : Sees even links, by the variance inside of slices.
    DirectionalRegression : Sees both.

    Notes
    -----
    If y depends on x through some directions alone, and x is elliptical, all means lie
    in their span [1]_. It needs E[z | y] to vary: it is blind on even links such as
    :math:`\langle u, x \rangle^2`, whatever the number of samples. With H slices it
    finds H - 1 directions at most.

    The test is that of [1]_: n times the sum of the q eigenvalues that are left, after
    k directions, is chi-square with q (H - 1 - k) degrees of freedom if x is normal.
    Of unequal weights w, n is :math:`(\sum w)^2 / \sum w^2` over distinct samples.

    Several targets are sliced each on its own and their matrices averaged, as in pooled
    marginal slicing [2]_; a target is then tested at its share of the level.

    Whitening divides by the standard deviations of the principal components of X; a
    combination of features that does not vary has no direction. Up to 2 samples a
    feature the covariance is drawn to a multiple of the identity, by oracle
    approximating shrinkage [3]_. With more samples what ``transform`` gives does not
    depend on the units of X, nor on any other affine map of it, up to signs.

    References
    ----------
    .. [1] Ker-Chau Li (1991). Sliced Inverse Regression for Dimension Reduction.
       Journal of the American Statistical Association 86, Theorems 3.1 and 5.1.
    .. [2] Jérôme Saracco (2005). Asymptotics for pooled marginal slicing estimator
       based on SIR-alpha approach. Journal of Multivariate Analysis 96.
    .. [3] Yilun Chen, Ami Wiesel, Yonina C. Eldar and Alfred O. Hero (2010). Shrinkage
       Algorithms for MMSE Covariance Estimation. IEEE Transactions on Signal Processing
       58. arXiv:0907.4698.

    Examples
    --------
    It finds the direction of an odd link, and not that of an even one:

    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.directions import SlicedInverseRegression
    >>> from sklearn_depth.metrics import subspace_alignment_score
    >>> for link in ("he3", "he2"):
    ...     X, y, truth = make_single_index(
    ...         5000, n_features=10, link=link, return_truth=True, random_state=0)
    ...     sir = SlicedInverseRegression().fit(X, y)
    ...     score = subspace_alignment_score(truth.directions, sir.components_)
    ...     print(link, round(score, 2), sir.eigenvalues_[:2].round(3))
    he3 1.0 [0.301 0.004]
    he2 0.07 [0.008 0.005]
    """

    _evidence = staticmethod(sliced_means)

    def __init__(self, n_directions="auto", *, n_slices=10):
        self.n_directions = n_directions
        self.n_slices = n_slices
