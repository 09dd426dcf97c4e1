"""The mean outer product of gradients."""

from sklearn_depth._solvers.directions._choice import by_gap
from sklearn_depth._solvers.directions._gradients import gradient_outer_product
from sklearn_depth.directions._finder import N_DIRECTIONS, DirectionFinder
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._sklearn import StrOptions

# Matrices of all pairs of samples that a fit holds at once.
_MATRICES = 6


class GradientOuterProduct(DirectionFinder):
    r"""Mean outer product of gradients: where a kernel regression's fit varies.

    .. math:: M = \frac{1}{n} \sum_i \nabla f(z_i) \nabla f(z_i)^T, \qquad
        f(z) = b + \sum_j c_j \exp\big(-\|z - z_j\|_M / L\big)

    with z the whitened x, c and b of a kernel ridge regression, and
    :math:`\|z\|_M^2 = z^T M z`. The matrix M of one fit is the metric of the next one;
    the first has the identity. The leading eigenvectors of the last M, mapped back to
    x, are the directions.

    Parameters
    ----------
    n_directions : int or "auto", default="auto"
        How many directions to keep. "auto" cuts where the ratio of an eigenvalue to the
        next one is largest, among the upper half of them, two at least, and with 2 %
        of the largest added to each.
    n_iter : int, default=5
        Number of fits. 1 is a kernel regression that learns no features.
    bandwidth : float, default=1.0
        The length L over the root mean square distance of two samples,
        :math:`(2 \operatorname{tr} M)^{1/2}`.
    alpha : {"gcv", "loo"} or float, default="gcv"
        Ridge penalty: by generalised cross-validation or leave-one-out, anew in each
        fit and for each target, or as in :class:`~sklearn_depth.KernelRidge`.

    Attributes
    ----------
    components_ : ndarray of shape (n_directions, n_features)
        The directions, as rows; features are their products with centred samples, and
        have variance 1 and no correlation if the covariance is not shrunk. The largest
        entry of each, in size, is positive.
    eigenvalues_ : ndarray of shape (rank,)
        All eigenvalues of M, falling, of whitened x and y at variance 1.
    mean_ : ndarray of shape (n_features,)
        Means of the features.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.LearnedReLUFeatures : The same with ReLU layers as kernels.
    DirectionalRegression : By moments alone, at the cost of one pass.

    Notes
    -----
    It is the recursive feature machine of [1]_ on whitened inputs, without its last
    fit. :math:`E[\nabla f \nabla f^T]` of the true regression function spans the
    directions that E[y | x] depends on, for any link and any law of x with a density;
    what it takes is samples for a first fit that sees some of them. A first fit sees
    what kernels see: low degrees. It needs far more samples on
    :math:`z^2 e^{-z^2}` and high frequencies than on :math:`z^2`.

    A fit takes n_iter factorisations of an n by n matrix, and six of such matrices in
    memory. Fit on some thousand samples where there are more. Several targets, each at
    variance 1, have their outer products averaged. Features are whitened as in
    :class:`SlicedInverseRegression`.

    References
    ----------
    .. [1] Adityanarayanan Radhakrishnan, Daniel Beaglehole, Parthe Pandit and Mikhail
       Belkin (2024). Mechanism for feature learning in neural networks and
       backpropagation-free machine learning models. Science 383.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.directions import GradientOuterProduct
    >>> from sklearn_depth.metrics import subspace_alignment_score
    >>> X, y, truth = make_single_index(
    ...     500, n_features=10, link="he3", return_truth=True, random_state=0)
    >>> for n_iter in (1, 5):
    ...     gop = GradientOuterProduct(n_iter=n_iter).fit(X, y)
    ...     score = subspace_alignment_score(truth.directions, gop.components_)
    ...     print(n_iter, round(score, 3), gop.eigenvalues_[:2].round(3))
    1 0.984 [0.321 0.032]
    5 1.0 [1.499 0.   ]
    """

    _parameter_constraints: dict = {
        "n_directions": N_DIRECTIONS,
        "n_iter": [POSITIVE_INTEGER],
        "bandwidth": [POSITIVE],
        "alpha": [StrOptions({"gcv", "loo"}), NON_NEGATIVE],
    }

    def __init__(self, n_directions="auto", *, n_iter=5, bandwidth=1.0, alpha="gcv"):
        self.n_directions = n_directions
        self.n_iter = n_iter
        self.bandwidth = bandwidth
        self.alpha = alpha

    def _find(self, white):
        n_samples = len(white.samples)
        check_memory(
            n_samples,
            8 * _MATRICES * n_samples**2,
            what="The kernel matrix of all samples",
            way_out="Fit on fewer samples.",
        )
        matrix = gradient_outer_product(white, self.n_iter, self.bandwidth, self.alpha)
        return by_gap(matrix, self.n_directions)
