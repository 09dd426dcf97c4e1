"""Regression by a two-layer network whose first layer is learned."""

from numbers import Integral

from sklearn_depth._base import FeatureMapRegressor, by_target, ridge_attributes
from sklearn_depth._solvers.two_layer._competition import KINDS, mix_kinds
from sklearn_depth._solvers.two_layer._layers import fit_head
from sklearn_depth._solvers.two_layer._robust import fit_by_cauchy, fitted_values
from sklearn_depth._two_layer._heads import RidgeHeads
from sklearn_depth._two_layer._net import TwoLayerGDNet
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._sklearn import Interval, StrOptions


class TwoLayerGDRegressor(TwoLayerGDNet, FeatureMapRegressor):
    r"""Two-layer network plus a linear part, its units learned from labels.

    .. math:: f(x) = c + \langle \beta, z \rangle +
              \sum_{j=1}^{m} a_j \,\sigma_j(\langle w_j, z \rangle + b_j)

    The inputs z(x) are those of
    :class:`~sklearn_depth.features.LearnedReLUFeatures`, and each sigma is a ReLU or,
    in a smooth layer, a Hermite polynomial h_k that goes on along its tangents beyond
    bounds. Layers of several kinds compete, each with a head (a, beta, c) by ridge
    regression, which minimises
    :math:`\sum_i s_i (f(x_i) - y_i)^2 + \alpha (\|a\|^2 + \|\beta\|^2)` with sample
    weights s, and with an estimate e of its test error. The fit is their average by
    weights proportional to :math:`e^{-10}`, without those below a hundredth.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of ReLUs of each kind of layer; ``n_units_`` says how many units are
        left, smooth ones among them.
    n_feature_steps : int, default=5
        Steps that learn a layer; 0 leaves it random, 1 is one gradient step. From 2 on,
        as many rounds again at each rank that a dense layer is narrowed to.
    layers : tuple of str, default=("linear", "random", "dense", "smooth", "sparse")
        Kinds that compete: "linear" has no units, "random" those that dense steps begin
        with, "dense" those of :class:`~sklearn_depth.features.LearnedReLUFeatures`,
        which look along directions, "smooth" polynomials of few such directions, or
        the sum of all squares, and "sparse" units that see one to three features each,
        drawn by how much the last fit used each feature. Errors are compared only where
        ``alpha`` is a word and ``linear_part`` "ridge": otherwise the first that is
        named of dense, smooth, sparse, random and linear stands alone. Random, smooth
        and sparse units join dense ones from two steps on, smooth ones not where
        ``n_directions`` is None, the others not where it is an int. Dense and smooth
        ones need about two samples for each feature: with fewer the search for a
        direction does not pay. If none of the named kinds can be made, dense units take
        their place.
    n_directions : int, "auto" or None, default="auto"
        Rank that the first layer is narrowed to; "auto" chooses among 1, 3, 8 and all,
        and for smooth units among 1, 2, 3, 5 and 8. None keeps all directions.
    label_transform : {"auto", "clip", "distance"}, callable or None, default="auto"
        What the first step takes as labels; a callable takes the targets. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    whiten : {"ridge"} or None, default="ridge"
        Whether features are standardised, clipped and whitened.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        The linear fit that the labels of the first step are freed of, by "ridge" or by
        the paper's moments E[y] and E[(y - E[y]) z]; these stay off the targets, and a
        head on the units alone, without intercept, is fitted to what they leave.
        Features of mean 0, for which the paper has E[y z], need no centring of y. None
        takes the mean alone off the labels.
    learning_rate : "rms" or float, default="rms"
        Size of the first step; "rms" scales the w_j to root mean square norm 1.
    refine : bool, default=False
        Whether to train a dense layer and its head on; kept where it pays. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where that training runs, in torch.
    loss : {"squared", "cauchy"}, default="squared"
        What steps and heads minimise. "cauchy" nearly ignores outliers: log(1 + r^2)
        of a residual of 2.385 r robust standard deviations in place of r^2, by weights
        1 / (1 + r^2) that three whole fits renew, the first with the residuals of the
        median of y. It takes three times as long.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty of the head; a word takes the best of a grid, for each target on its
        own: "loo" by exact leave-one-out, "gcv" by generalised cross-validation, and
        "auto" by "loo" with up to ten samples a coefficient of the head and by "gcv"
        beyond. With a word, smooth units have a penalty for each degree, of the largest
        evidence.
    subsample : int or None, default=None
        How many samples layers are learned from where there are more: some of positive
        weight, drawn at random, the same each time. Heads see all samples. None takes
        all samples in memory, and 20 000 of a Dask collection.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the first layer.

    Attributes
    ----------
    features_ : LearnedReLUFeatures
        The units of all kinds that count, one kind after the other in the order of
        ``layer_shares_``, and the map to z, on which they all act.
    n_units_ : int
        How many units that are, m; a prediction takes time in proportion.
    coef_ : ndarray of shape (n_columns,) or (n_targets, n_columns)
        The head: the entries of a, one a row of ``features_.hidden_coef_``, then the
        n_features of beta.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant c.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used, that of the kind with the largest weight; of smooth units the
        least of all degrees, before they are mixed.
    layer_shares_ : dict of str to float or ndarray of shape (n_targets,)
        Weight of each kind that competed; ``{"transferred": 1.0}`` after ``transfer``.
    feature_importances_ : ndarray of shape (n_features,)
        Mean squared derivative of the fit by each standardised feature (by those of X
        where ``whiten`` is None), as shares of their sum, with several targets at unit
        variance; 0 where the fit is constant. It says what the fit uses: features that
        tell the same share it, and it is no test of what y depends on.
    subspace_ : ndarray of shape (n_directions, n_features)
        The directions that the fit depends on, orthonormal rows on the standardised
        features (on X itself where ``whiten`` is None), the strongest first: as many as
        ``n_directions``, or those before the widest gap of the spectrum.
    subspace_spectrum_ : ndarray of shape (n_features,)
        Mean squared derivative of the fit along each of d such directions, falling, as
        shares of their sum, with several targets at unit variance; 0 where the fit is
        constant.
    loss_curve_ : list of float
        Estimated squared test error of a head on the layer of each step, over the
        variance of y, with the charge for the search; mean over the targets that vary.
        The first is that of the random layer; dense steps follow, then the best smooth
        layer of each rank, the sum of squares where it errs less, then sparse steps,
        infinite where the choice of features is more than the samples bear. Empty after
        ``transfer``, and of fewer than two dense steps, unless ``refine`` adds its own.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.LearnedReLUFeatures : The first layer alone.
    ThreeLayerFeatureRegressor : A link of one quadratic feature, by a third layer.
    KernelRidge : The same without learned features.
    HermitePolynomialRegressor : Low-degree polynomials in few features.

    Notes
    -----
    Theorem 1 of [1]_: for x ~ N(0, I_d) and y a polynomial of degree p in r directions
    whose mean Hessian has rank r, one gradient step and a ridge head learn y from
    n ~ d^2 r + d r^p samples. Kernels of inner products need d^p. Algorithm 1 of the
    paper is ``layers=("dense",), n_feature_steps=1, label_transform=None, whiten=None,
    linear_part="moment", learning_rate=sqrt(n_features)``; the penalty on (1/n) squared
    loss that it calls lambda is ``2 alpha / n``. A single step fails on targets with no
    second Hermite coefficients and on correlated features; the defaults repeat it,
    whiten, and narrow the layer to few directions by descent on both layers.

    Sparse units are the same steps under another law: their weights are drawn from a
    law on single features in place of N(0, M), each as likely as its root mean squared
    derivative to the power 1/2 or 2, whichever errs less, and kinks lie near samples.
    The choice of k among d features is charged as k log(d / k) parameters, the price of
    risk inflation [2]_, so that a few features among thousands are found, and noise is
    left alone.

    A smooth layer takes the strongest directions V of the dense weights, 1, 2, 3, 5 or
    8 of them. In turns a head is fitted on all polynomials of V'z up to degree 7, 6, 5,
    4 or 3, lower on few samples, with a prior variance for each degree by the largest
    evidence, and V makes a Gauss-Newton step on the squared loss, as in projection
    pursuit [3]_, which takes into account how the head will answer. Units are h_k of
    single projections, which span all products of a degree; beyond bounds, quantiles of
    the samples or, where leave-one-out says so, further out, each goes on along its
    tangent, so that no sample far out takes a power of its distance. Errors are those
    of leave-one-out, charged for V. Where V has more than 0.08 parameters for each
    sample, turns can fit few samples in wrong directions; then errors are at least
    those on four folds that neither heads nor turns have seen. Where they are below
    those of ReLUs, the weights of dense units are turned into the same directions.

    Where it errs less than all layers before, the sum of the squares of all features is
    the smooth layer: units h_2 of each standardised feature with one coefficient in
    common. It shows a ball, or what else falls with the distance from the middle, where
    no square alone is seen. It is tried on at least three samples for each feature, and
    on fewer than 300 features.

    Where labels, a linear trend and the errors of dense steps show nothing, the search
    at the two lowest ranks begins again from the gradients of a Laplace kernel machine
    whose metric is renewed, a recursive feature machine [4]_, on at most 3000 samples.
    That finds oscillations such as sin(3 z) among 20 features from 1000 samples.

    With more samples than ``subsample`` a fit makes three passes: one for the samples
    that layers, and ``loss_curve_``, are learned from; one for the sums behind heads,
    of all kinds with a hundredth of the mixture there; one for the squared derivatives.
    "auto" is then "gcv", smooth units keep the ratios of their prior variances, and
    "cauchy" weighs samples by what the fit to the subsample leaves of them. The result
    is that of the same ``subsample`` in memory, up to rounding, however the samples are
    split. Where X has equal samples and ``alpha`` is a word, the penalty may be another
    one, as equal samples count once in each block.

    The layer outlives its task: ``transfer`` fits a head alone to other targets
    (Theorem 3 of the paper), and ``transform`` projects onto ``subspace_``, so that the
    estimator serves as a supervised reduction of dimension in a Pipeline.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.
    .. [2] Dean P. Foster and Edward I. George (1994). The Risk Inflation Criterion for
       Multiple Regression. Annals of Statistics 22.
    .. [3] Jerome H. Friedman and Werner Stuetzle (1981). Projection Pursuit Regression.
       Journal of the American Statistical Association 76.
    .. [4] Adityanarayanan Radhakrishnan, Daniel Beaglehole, Parthe Pandit and Mikhail
       Belkin (2024). Mechanism for feature learning in neural networks and
       backpropagation-free machine learning models. Science 383.

    Examples
    --------
    >>> from sklearn_depth import KernelRidge, TwoLayerGDRegressor
    >>> from sklearn_depth.datasets import make_single_index
    >>> X, y, truth = make_single_index(
    ...     1000, n_features=30, link="abs", noise=0.1, return_truth=True,
    ...     random_state=0)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> net = TwoLayerGDRegressor(n_hidden=300, random_state=0).fit(X, y)
    >>> kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
    >>> net.score(X_new, y_new) > 0.95 > 0.7 > kernel.score(X_new, y_new)
    True

    Two features among 400, from 200 samples, by sparse units:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((1200, 400))
    >>> y = np.abs(X[:, 3]) + 0.5 * X[:, 7] + 0.1 * rng.standard_normal(1200)
    >>> net = TwoLayerGDRegressor(n_hidden=300, random_state=0).fit(X[:200], y[:200])
    >>> net.score(X[200:], y[200:]) > 0.8
    True
    >>> [int(feature) for feature in np.argsort(-net.feature_importances_)[:2]]
    [3, 7]

    A product of two projections, by polynomials of them:

    >>> from sklearn_depth.datasets import make_multi_index
    >>> X, y, truth = make_multi_index(
    ...     1000, n_features=30, link="product", noise=0.1, return_truth=True,
    ...     random_state=0)
    >>> net = TwoLayerGDRegressor(n_hidden=300, random_state=0).fit(X, y)
    >>> round(net.layer_shares_["smooth"], 1)
    0.9
    >>> degrees = net.features_.hidden_degree_
    >>> int(degrees.max()), int((degrees == 0).sum())
    (6, 300)
    """

    _parameter_constraints: dict = {
        **LearnedReLUFeatures._parameter_constraints,
        "layers": [tuple, list],
        "loss": [StrOptions({"squared", "cauchy"})],
        "alpha": [StrOptions({"auto", "gcv", "loo"}), NON_NEGATIVE],
        "subsample": [Interval(Integral, 2, None, closed="left"), None],
    }

    _without_X = "the mean of y"

    def __init__(
        self,
        n_hidden=1000,
        *,
        n_feature_steps=5,
        layers=KINDS,
        n_directions="auto",
        label_transform="auto",
        whiten="ridge",
        linear_part="ridge",
        learning_rate="rms",
        refine=False,
        device="cpu",
        loss="squared",
        alpha="auto",
        subsample=None,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.n_feature_steps = n_feature_steps
        self.layers = layers
        self.n_directions = n_directions
        self.label_transform = label_transform
        self.whiten = whiten
        self.linear_part = linear_part
        self.learning_rate = learning_rate
        self.refine = refine
        self.device = device
        self.loss = loss
        self.alpha = alpha
        self.subsample = subsample
        self.random_state = random_state

    def _heads_on_all_rows(self, totals):
        return RidgeHeads(self)

    def _search(self, samples, learn, kinds):
        if self.loss == "squared":
            return learn(samples)

        def fit(samples):
            learned = learn(samples)
            _, mixture = self._mix(learned, kinds)
            samples = learned.samples
            return learned, fitted_values(mixture.layer, samples, mixture.head)

        return fit_by_cauchy(samples, fit)

    def _fit_alone(self, layer, samples):
        if self.loss == "squared":
            return super()._fit_alone(layer, samples)

        def fit(samples):
            head = self._fit_head(layer, samples)
            return (head, samples), fitted_values(layer, samples, head)

        return fit_by_cauchy(samples, fit)

    def _fit_head(self, layer, samples):
        return fit_head(layer, samples, self.alpha)

    def _mix(self, learned, kinds):
        return mix_kinds(learned, kinds, self.alpha, self.linear_part)

    def _head_attributes(self, head, samples):
        return ridge_attributes(head, samples.X.dtype, samples.target_shape)

    def _share(self, weights, samples):
        return by_target(weights, samples.target_shape)

    def _unit(self, samples):
        return samples.scale
