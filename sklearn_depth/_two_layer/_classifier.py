"""Classification by a two-layer ReLU network whose first layer is learned."""

from numbers import Integral

from sklearn_depth._base import MarginClassifier, logistic_attributes
from sklearn_depth._solvers.two_layer._class_competition import mix_class_kinds
from sklearn_depth._solvers.two_layer._class_turns import fit_class_head
from sklearn_depth._solvers.two_layer._competition import KINDS
from sklearn_depth._two_layer._heads import LogisticHeads
from sklearn_depth._two_layer._net import TwoLayerGDNet
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.features._learned import search_of
from sklearn_depth.utils._classes import Classes
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import Interval, StrOptions


class TwoLayerGDClassifier(MarginClassifier, TwoLayerGDNet):
    r"""Two-layer network for labels, its units learned from them.

    .. math:: P(y = k \mid x) = \frac{e^{f_k(x)}}{\sum_l e^{f_l(x)}}, \qquad
              f(x) = c + B z + A \,\sigma(W z + b)

    with inputs z(x) as those of :class:`~sklearn_depth.features.LearnedReLUFeatures`;
    two classes have one output f, the logit of the second; smooth units have a Hermite
    polynomial in place of relu. Layers are learned as by :class:`TwoLayerGDRegressor`,
    with the class shares for targets: a sample's residual is its label, as zeros and a
    one, less the shares, which is what the gradient of the log loss is at f = 0. Each
    kind of layer has a head (A, B, c) by logistic regression, which minimises
    :math:`-\sum_i s_i \log P(y_i \mid x_i) + \alpha (\|A\|^2 + \|B\|^2)` with sample
    weights s, and an estimate e of its log loss. The fit is the average of their
    margins f by weights proportional to :math:`e^{-10}`, without those below a
    hundredth.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of ReLUs of each kind of layer; ``n_units_`` says how many units are
        left, smooth ones among them.
    n_feature_steps : int, default=5
        Steps that learn a layer; 0 leaves it random, 1 is one gradient step. From 2 on,
        as many rounds again at each rank that a dense layer is narrowed to and, with up
        to three classes, last turns on log loss in the few directions that its head
        depends on.
    layers : tuple of str, default=("linear", "random", "dense", "smooth", "sparse")
        Kinds that compete, as those of :class:`TwoLayerGDRegressor`. Errors are
        compared only where ``alpha`` is a word and ``linear_part`` "ridge": otherwise
        the first that is named of dense, smooth, sparse, random and linear stands
        alone.
    n_directions : int, "auto" or None, default="auto"
        Rank that the first layer is narrowed to; "auto" chooses among 1, 3, 8 and all,
        and as many as stand before the gap of ``subspace_spectrum_``; None keeps all.
    label_transform : {"auto", "clip", "distance"}, callable or None, default="auto"
        What the first step takes as labels; a callable takes zeros and ones. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    whiten : {"ridge"} or None, default="ridge"
        Whether features are standardised, clipped and whitened.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        The linear fit that the labels of the first step are freed of, by "ridge" or by
        moments; None takes the shares alone off. The head has a linear part always.
    learning_rate : "rms" or float, default="rms"
        Size of the first step; "rms" scales rows of W to root mean square norm 1.
    refine : bool, default=False
        Whether to train a dense layer and its head on, on squared loss; kept where it
        pays. See :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where that training runs, in torch.
    alpha : "loo" or float, default="loo"
        Penalty of the head; "loo" takes that of the least log loss of samples left out:
        for two classes of single samples, by one Newton step without each [2]_, for
        several of three folds, or of the first alone where it has 500 samples. With a
        word, smooth units have a penalty for each degree, as those of
        :class:`TwoLayerGDRegressor`, times the one that is chosen.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight.
    subsample : int or None, default=None
        How many samples layers, penalties and the shares of the kinds are learned from
        where there are more: some of positive weight, drawn at random, the same each
        time. Heads see all samples. None takes all samples in memory, and 20 000 of a
        Dask collection.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the first layer.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    features_ : LearnedReLUFeatures
        The units of all kinds that count, one kind after the other in the order of
        ``layer_shares_``, and the map to z, on which they all act.
    n_units_ : int
        How many units that are; a prediction takes time in proportion.
    coef_ : ndarray of shape (1, n_columns) or (n_classes, n_columns)
        The head: the entries of A, one a row of ``features_.hidden_coef_``, then the
        n_features of B.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        The constants c.
    alpha_ : float
        The penalty used, that of the kind with the largest weight.
    layer_shares_ : dict of str to float
        Weight of each kind that competed; ``{"transferred": 1.0}`` after ``transfer``.
    feature_importances_ : ndarray of shape (n_features,)
        Mean squared derivative of the margins by each standardised feature (by those of
        X where ``whiten`` is None), as shares of their sum; 0 where they are constant.
        It says what the fit uses, and is no test of what y depends on.
    subspace_ : ndarray of shape (n_directions, n_features)
        The directions that the margins depend on, orthonormal rows on the standardised
        features (on X itself where ``whiten`` is None), the strongest first: as many as
        ``n_directions``, or those before the widest gap of the spectrum.
    subspace_spectrum_ : ndarray of shape (n_features,)
        Mean squared derivative of the margins along each of d such directions, falling,
        as shares of their sum; 0 where they are constant.
    loss_curve_ : list of float
        Estimated squared test error of a ridge head on the layer of each step, over the
        variance of the class shares, with the charge for the search; as that of
        :class:`TwoLayerGDRegressor`.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    TwoLayerGDRegressor : The same layers for numbers; the theory.
    FixedHiddenSigmoidClassifier : A layer that is not learned; strong on balls.
    ReLUNetworkClassifier : All layers by stochastic gradient descent.
    sklearn.linear_model.LogisticRegression : The head on X itself.

    Notes
    -----
    Search is on squared loss, whose heads have closed forms, and only the last turns
    and the heads are on log loss. A search fits noise too. For each of its parameters
    the estimate of a layer's log loss rises by one over the number of samples, as
    Akaike's criterion charges, and half a label counts as known by heart: so many of
    the samples left out are held against the class shares. Against these it is dear to
    be sure, so that layers of a long search have larger penalties.

    The coefficients stay finite where the classes are separated, as the penalties that
    are tried are bounded from below.

    With more samples than ``subsample`` a fit reads all labels once, for the classes,
    and then the samples that layers, penalties and shares are learned from: to choose
    these on all samples would take several times as many passes. Then L-BFGS fits the
    heads to all samples, each gradient a pass; after every six iterations a pass sums
    second derivatives, whose units make it quick. That takes 10 to 40 passes, and up to
    60 where labels have no noise. A last pass is for squared derivatives. The result is
    that of the same ``subsample`` in memory, up to rounding, however the samples are
    split.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.
    .. [2] Kamiar Rahnama Rad and Arian Maleki (2020). A scalable estimate of the
       out-of-sample prediction error via approximate leave-one-out cross-validation.
       Journal of the Royal Statistical Society B 82(4). arXiv:1801.10243.

    Examples
    --------
    The exclusive or of two directions among ten, with a tenth of the labels flipped:

    >>> from sklearn_depth import TwoLayerGDClassifier
    >>> from sklearn_depth.datasets import make_multi_index_labels
    >>> X, y, truth = make_multi_index_labels(
    ...     1000, 10, link="sign_product", noise=0.1, return_truth=True,
    ...     random_state=0)
    >>> X_new, y_new = truth.sample(4000, random_state=1)
    >>> net = TwoLayerGDClassifier(n_hidden=300, random_state=0).fit(X, y)
    >>> print(f"{net.score(X_new, y_new):.2f} of {truth.bayes_accuracy:.2f}")
    0.86 of 0.90
    >>> net.subspace_.shape
    (2, 10)
    """

    _parameter_constraints: dict = {
        **LearnedReLUFeatures._parameter_constraints,
        "layers": [tuple, list],
        "alpha": [StrOptions({"loo"}), POSITIVE],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "subsample": [Interval(Integral, 2, None, closed="left"), None],
    }

    _without_X = "the shares of the classes"

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
        alpha="loo",
        class_weight=None,
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
        self.alpha = alpha
        self.class_weight = class_weight
        self.subsample = subsample
        self.random_state = random_state

    def _heads_on_all_rows(self, totals):
        return LogisticHeads(self, Classes.of(totals(), self.class_weight))

    def _fit_head(self, layer, samples):
        return fit_class_head(layer, samples, self.alpha)

    def _mix(self, learned, kinds):
        return mix_class_kinds(learned, kinds, self.alpha, search_of(self))

    def _head_attributes(self, head, samples):
        return logistic_attributes(head, samples.X.dtype)

    def _share(self, weights, samples):
        return float(weights[0])

    def _unit(self, samples):
        return 1.0  # of logits, whatever the class
