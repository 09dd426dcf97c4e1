"""Classification by learned features of frozen units, and their links."""

import numpy as np

from sklearn_depth._base import MarginClassifier, logistic_attributes
from sklearn_depth._solvers._three_layer import hinges
from sklearn_depth._solvers.logistic._head import solve_logistic
from sklearn_depth._three_layer._net import ThreeLayerFeatureNet
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import StrOptions


class ThreeLayerFeatureClassifier(MarginClassifier, ThreeLayerFeatureNet):
    r"""Classes by learned features of frozen units, such as quadratic forms.

    .. math:: P(y = l \mid x) = \frac{e^{f_l(x)}}{\sum_m e^{f_m(x)}}, \qquad
              f_l(x) = b_l + \sum_k \Big( a_{lk0} h_k(x) +
              \sum_j a_{lkj} (h_k(x) - t_{kj})_+ \Big)

    with a feature :math:`h_k` for each class, learned on its share as
    :class:`ThreeLayerFeatureRegressor` learns that of a target; two classes have one
    feature h and one output f, the logit of the second. The target of a sample is its
    label, as zeros and a one, less the shares of the classes: what the gradient of the
    log loss is at f = 0. Last, the slopes a and the constants b minimise
    :math:`-\sum_i s_i \log P(y_i \mid x_i) + \alpha \|a\|^2` with sample weights s.
    Each sample is left out of its own h: margins on samples that h has seen are too
    sure.

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
        The first h, as that of :class:`ThreeLayerFeatureRegressor`: "gradient" is one
        gradient step on the second layer from zero, "ridge" a ridge regression of the
        targets on the units, "spectral" the eigenvector that shows even links. "auto"
        goes on from the best, and takes a ridge regression on the scaled X for h, and a
        straight link, where the best does not clearly beat it.
    n_refinements : int, default=10
        Most Gauss-Newton rounds on squared loss, in which h and its link improve in
        turn.
    n_knots : int, default=20
        Knots t of each h, half of them at quantiles of h, half equidistant.
    alpha : "loo" or float, default="loo"
        Penalty of the slopes; "loo" takes that of the least log loss of samples left
        out: with two classes one by one, approximately; with several in three folds, or
        in the first of them alone where it has 500 samples.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the random units.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    features_ : LearnedHinges
        The map from X to each h and its hinges, with ``units``, the first layer,
        ``coef`` of shape (n_outputs, n_units), ``offset`` and ``knots``; n_outputs is 1
        for two classes, else n_classes.
    coef_ : ndarray of shape (n_outputs, n_outputs * (n_knots + 1))
        The slopes a: those of h and of its hinges, one feature after the other.
    intercept_ : ndarray of shape (n_outputs,)
        The constants b.
    alpha_ : float
        The penalty used.
    start_ : list of str
        The start that each feature came from; "linear" for the ridge regression on the
        scaled X.
    loss_curve_ : list of list of float
        Estimated squared test error over the variance of the class's share, after the
        start and each round up to the one that was kept, for each feature.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    ThreeLayerFeatureRegressor : The same network for numbers; the theory.
    RadialTwoLayerClassifier : Labels that the distance from a point explains.
    TwoLayerGDClassifier : Labels that few directions explain.

    Examples
    --------
    The sign of one quadratic form of ten features:

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_depth import ThreeLayerFeatureClassifier
    >>> from sklearn_depth.datasets import make_quadratic_feature
    >>> X, y, truth = make_quadratic_feature(
    ...     1000, n_features=10, link="sign", return_truth=True, random_state=0)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> for model in ThreeLayerFeatureClassifier(), LogisticRegression():
    ...     print(f"{model.fit(X, y).score(X_new, y_new):.2f}")
    0.96
    0.48
    """

    _parameter_constraints: dict = {
        **ThreeLayerFeatureNet._parameter_constraints,
        "alpha": [StrOptions({"loo"}), POSITIVE],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    _link_alpha = "auto"

    def __init__(
        self,
        n_hidden=None,
        *,
        activation="square",
        scaling="standardize",
        start="auto",
        n_refinements=10,
        n_knots=20,
        alpha="loo",
        class_weight=None,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.scaling = scaling
        self.start = start
        self.n_refinements = n_refinements
        self.n_knots = n_knots
        self.alpha = alpha
        self.class_weight = class_weight
        self.random_state = random_state

    def _validated(self, X, y, sample_weight, **options):
        samples, seen = super()._validated(X, y, sample_weight, **options)
        return samples.distinct(), seen

    def _rows_of(self, one, inputs):
        return one  # distinct already, and the same samples for each class

    def _head(self, features, learned, samples):
        h = features._learned(samples.X).astype(np.float64, copy=False)
        for k, feature in enumerate(learned):
            h[:, k] -= feature.own()
        head = solve_logistic(
            lambda block: block,
            samples.at(hinges(h, features.knots)),
            self.alpha,
            n_columns=features.knots.size + len(learned),
            scale=np.concatenate([_scale_of(feature.link) for feature in learned]),
        )
        return logistic_attributes(head, samples.X.dtype)


def _scale_of(link):
    """Prior scales of the slopes: a straight link gets no hinges."""
    scale = np.ones(len(link.coef))
    if link.is_straight:
        scale[1:] = 0
    return scale
