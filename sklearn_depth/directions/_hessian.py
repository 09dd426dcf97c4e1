"""Principal Hessian directions."""

from sklearn_depth._solvers.directions._choice import by_tests
from sklearn_depth._solvers.directions._inverse_moments import hessian
from sklearn_depth.directions._finder import N_DIRECTIONS, DirectionFinder


class PrincipalHessianDirections(DirectionFinder):
    r"""Principal Hessian directions (pHd): where the mean of y is curved.

    .. math:: E[r \, z z^T], \qquad r = y - E[y] - \langle E[y z], z \rangle

    with z the whitened x and y at variance 1. The eigenvectors of eigenvalues that are
    large in size, mapped back to x, are the directions. For normal x the matrix is the
    mean Hessian of E[y | z].

    Parameters
    ----------
    n_directions : int or "auto", default="auto"
        How many directions to keep. "auto" adds one after the other while a chi-square
        test at level 0.05 says that there are more, and keeps at least one.

    Attributes
    ----------
    components_ : ndarray of shape (n_directions, n_features)
        The directions, as rows; features are their products with centred samples, and
        have variance 1 and no correlation if the covariance is not shrunk. The largest
        entry of each, in size, is positive.
    eigenvalues_ : ndarray of shape (rank,)
        The sizes of all eigenvalues of the matrix, falling. With several
        targets, the roots of those of its mean square.
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
    SlicedAverageVariance : Sees what a transform of y would show.
    sklearn_depth.features.LearnedReLUFeatures : Its first step sees this matrix, and
        that of transformed labels.

    Notes
    -----
    It is for even links: a smooth odd link has a mean Hessian of zero, and He3 is
    hidden from it at any number of samples, as is every link of information exponent
    3 or more. With many samples for each feature a trace shows all the same, since the
    noise of the matrix is largest along u. A linear trend is taken off first, which
    leaves the mean of the matrix and takes off noise: the residual-based form of [1]_.
    The matrix is a mean of products with y itself, so that heavy tails of y do harm.

    The test is that of [1]_: n times the sum of the q squared eigenvalues that are
    left, over twice the variance of r, is chi-square with q (q + 1) / 2 degrees of
    freedom if x is normal and does not depend on r. Of unequal weights w, n is
    :math:`(\sum w)^2 / \sum w^2` over distinct samples.

    Several targets, each at variance 1, go by the mean square of their matrices; a
    target is then tested at its share of the level. Features are whitened as in
    :class:`SlicedInverseRegression`.

    References
    ----------
    .. [1] Ker-Chau Li (1992). On Principal Hessian Directions for Data Visualization
       and Dimension Reduction: Another Application of Stein's Lemma. Journal of the
       American Statistical Association 87.

    Examples
    --------
    It finds the direction of an even link, and not that of an odd one:

    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.directions import PrincipalHessianDirections
    >>> from sklearn_depth.metrics import subspace_alignment_score
    >>> for link in (np.cos, np.sin):
    ...     X, y, truth = make_single_index(
    ...         5000, n_features=50, link=link, noise=0.5, return_truth=True,
    ...         random_state=0)
    ...     phd = PrincipalHessianDirections(1).fit(X, y)
    ...     score = subspace_alignment_score(truth.directions, phd.components_)
    ...     print(link.__name__, round(score, 2), phd.eigenvalues_[:2].round(2))
    cos 0.99 [0.91 0.19]
    sin 0.35 [0.14 0.12]
    """

    _parameter_constraints: dict = {"n_directions": N_DIRECTIONS}

    def __init__(self, n_directions="auto"):
        self.n_directions = n_directions

    def _find(self, white):
        targets = white.samples.targets.T
        found = by_tests([hessian(white, one) for one in targets], self.n_directions)
        return found.rooted()
