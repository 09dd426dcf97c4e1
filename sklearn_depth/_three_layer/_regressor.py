"""Regression on learned features of frozen units, and their links."""

import numpy as np
from scipy import linalg

from sklearn_depth._base import FeatureMapRegressor, by_target, head_attributes
from sklearn_depth._three_layer._net import ThreeLayerFeatureNet
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._sklearn import StrOptions


class ThreeLayerFeatureRegressor(ThreeLayerFeatureNet, FeatureMapRegressor):
    r"""Three layers: frozen units, one learned feature of them, and a function of it.

    .. math:: f(x) = g(h(x)), \qquad
              h(x) = c + \sum_{j} w_j \, \varphi_j(x), \qquad
              g(h) = b_0 + a_0 h + \sum_{k} a_k (h - t_k)_+

    The units :math:`\varphi` of the first layer stay as they are drawn: the scaled
    features z and :math:`\sigma(\langle v_j, z \rangle)`, v uniform on the unit sphere,
    or in the limit of many squares all products of z up to degree 2. The second layer w
    learns one feature h, such as a quadratic form, and the third its link g.

    Parameters
    ----------
    n_hidden : int or None, default=None
        Number of random units; None takes all products of up to two features instead.
    activation : {"square", "abs", "relu"}, default="square"
        What random units apply; products are those of squares.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        "standardize" gives features of mean 0 and variance 1, cut at 5 standard
        deviations; "sphere" also sets every sample to norm sqrt(n_features), which
        loses functions of the norm; None takes X as it comes.
    start : {"auto", "gradient", "ridge", "spectral"}, default="auto"
        The first h: "gradient" is one gradient step on w from zero, the kernel mean
        :math:`\sum_i p_i (y_i - \bar y) \langle \varphi(x_i), \varphi(x) \rangle`;
        "ridge" trains w to convergence under a linear g, by ridge regression;
        "spectral" is the eigenvector of the largest eigenvalue, in size, of
        :math:`E (y - \bar y) u u^\top` for whitened units u, for links that are even.
        "auto" refines each twice and goes on from the best. Where that does not clearly
        beat a ridge regression on z, by two standard errors of the gains of samples, it
        takes this for h, and a straight g: a few outlying targets teach no feature.
    n_refinements : int, default=10
        Most Gauss-Newton rounds: h becomes the ridge regression of h + (y - g(h)) /
        g'(h) on the units, samples weighted by g'(h) squared; then g is fitted anew.
    n_knots : int, default=20
        Knots t of the link, half of them at quantiles of h, half equidistant.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty of the link; a word takes the best of a grid: "loo" by exact
        leave-one-out, "gcv" by generalised cross-validation, and "auto" by "loo" where
        knots are many for the samples and by "gcv" elsewhere. The second layer always
        takes "auto".
    random_state : int, RandomState, Generator or None, default=None
        Seed of the random units.

    Attributes
    ----------
    features_ : LearnedHinges
        The map from X to each h and its hinges, with ``units``, the first layer,
        ``coef`` of shape (n_targets, n_units), ``offset`` and ``knots``.
    coef_ : ndarray of shape (n_knots + 1,) or (n_targets, n_targets * (n_knots + 1))
        The slopes a of the link; each target's are zero on the hinges of others.
    intercept_ : float or ndarray of shape (n_targets,)
        The constants b_0.
    alpha_ : float or ndarray of shape (n_targets,)
        Penalty of the link; 0 where it is straight.
    start_ : str or list of str
        The start that the fit came from, for each target; "linear" for the ridge
        regression on z.
    loss_curve_ : list of float or list of such lists
        Estimated squared test error over the variance of y, after the start and each
        round up to the one that was kept, for each target.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    TwoLayerGDRegressor : Functions of a few directions.
    ThreeLayerFeatureClassifier : The same features for labels.
    RadialTwoLayerRegressor : Functions of the distance from a point.
    sklearn_depth.datasets.make_quadratic_feature : Data with such targets.

    Notes
    -----
    Nichani, Damian and Lee [1]_: trained layer by layer, three layers learn
    :math:`g(x^\top A x)`, g a polynomial of degree p, from about d^4 samples (their
    first theorem in its first version; d^2 in a later revision), where kernels need
    d^{2p}. That improves on the guarantees known for two layers, which learn the range
    of A and not the form itself. Their algorithm is ``n_hidden=m, scaling="sphere",
    start="gradient", n_refinements=0``, with random biases in place of knots and fresh
    samples for the third layer; here each sample is left out of its own h instead.
    Without refinement the feature is as noisy as one gradient step is.

    A function of the norm has a quadratic feature too. Ren, Zhou and Ge [2]_: a variant
    of gradient flow on three layers learns :math:`\mathrm{relu}(1 - \|x\|)`, which two
    layers cannot at all scales.

    Rounds are judged by the estimated error of the link and of the second layer, the
    latter times the squared slope of the link; no samples are set aside.

    References
    ----------
    .. [1] Eshaan Nichani, Alex Damian and Jason D. Lee (2023). Provable Guarantees for
       Nonlinear Feature Learning in Three-Layer Neural Networks. arXiv:2305.06986.
    .. [2] Yunwei Ren, Mo Zhou and Rong Ge (2023). Depth Separation with Multilayer
       Mean-Field Networks. arXiv:2304.01063.

    Examples
    --------
    >>> from sklearn_depth import KernelRidge, ThreeLayerFeatureRegressor
    >>> from sklearn_depth.datasets import make_quadratic_feature
    >>> X, y, truth = make_quadratic_feature(
    ...     1000, n_features=10, noise=0.1, return_truth=True, random_state=0)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> net = ThreeLayerFeatureRegressor().fit(X, y)
    >>> kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
    >>> net.score(X_new, y_new) > 0.95 > 0.7 > kernel.score(X_new, y_new)
    True
    """

    _parameter_constraints: dict = {
        **ThreeLayerFeatureNet._parameter_constraints,
        "alpha": [StrOptions({"auto", "gcv", "loo"}), NON_NEGATIVE],
    }

    def __init__(
        self,
        n_hidden=None,
        *,
        activation="square",
        scaling="standardize",
        start="auto",
        n_refinements=10,
        n_knots=20,
        alpha="auto",
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.scaling = scaling
        self.start = start
        self.n_refinements = n_refinements
        self.n_knots = n_knots
        self.alpha = alpha
        self.random_state = random_state

    @property
    def _link_alpha(self):
        return self.alpha

    def _head(self, features, learned, samples):
        links = [feature.link for feature in learned]
        scale = np.where(np.isfinite(samples.scale), samples.scale, 0)
        coef = linalg.block_diag(*(link.coef[:, None] for link in links)) * scale
        intercept = samples.mean + scale * [link.intercept for link in links]
        shape, alpha = samples.target_shape, np.array([link.alpha for link in links])
        head = head_attributes(coef, intercept, samples.X.dtype, shape)
        return head | {"alpha_": by_target(alpha, shape)}
