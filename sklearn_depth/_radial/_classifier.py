"""Classification by the distance from a centre."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import (
    MarginClassifier,
    class_probabilities,
    logistic_attributes,
)
from sklearn_depth._radial._net import RadialNet, check_radii
from sklearn_depth._solvers.logistic._head import solve_logistic
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import StrOptions


class RadialTwoLayerClassifier(MarginClassifier, RadialNet):
    r"""Classes by the distance from a centre, by a ReLU network of depth two.

    .. math:: P(y = l \mid x) = \frac{e^{f_l(x)}}{\sum_h e^{f_h(x)}}, \qquad
              f_l(x) = b_l + \sum_{k} \frac{a_{lk}}{m} \sum_{j=1}^m
              \big(|\langle w_j, x - c\rangle| - t_k\big)_+

    with directions :math:`w_j` and knots :math:`t_k` as those of
    :class:`RadialTwoLayerRegressor`; two classes have one output f, the logit of the
    second. The outer weights a minimise :math:`-\sum_i s_i \log P(y_i \mid x_i) +
    \alpha \sum_{l,k} (\sigma_k a_{lk})^2` with sample weights s and the standard
    deviation :math:`\sigma_k` of the k-th feature, or :math:`m^{-1/2}` of the largest
    deviation where that is more. Samples further out than all training samples count as
    the point on the way to c that is as far as the last.

    Parameters
    ----------
    n_projections : int or None, default=None
        Number of directions m that X is projected on. None is the limit of infinitely
        many, plainly a one-dimensional regression on :math:`\|x - c\|`; a number is an
        explicit network of depth two.
    n_knots : int, default=40
        Number of knots.
    center : {"median", "mean", "origin", "learn"} or array-like, default="median"
        The centre c: the geometric median of the samples, their mean, zero, one's own,
        of shape (n_features,), or "learn": the point whose distance explains the class
        shares best, by squared error.
    alpha : "loo" or float, default="loo"
        Penalty; "loo" takes that of the least log loss of samples left out: with two
        classes one by one, approximately; with several in three folds, or in the first
        of them alone where it has 500 samples.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the directions.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    features_ : RadialFeatures
        The fitted map, with ``center_``, ``knots_`` and ``directions_``.
    coef_ : ndarray of shape (1, n_knots) or (n_classes, n_knots)
        Outer weights a, in float64.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Constant terms b.
    alpha_ : float
        The penalty used.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    RadialTwoLayerRegressor : The same network for numbers; the theory.
    FixedHiddenSigmoidClassifier : Balls and other labels.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth import RadialTwoLayerClassifier
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> X, y, ball = make_ball_indicator(
    ...     2000, 20, noise=0.1, return_truth=True, random_state=0)
    >>> model = RadialTwoLayerClassifier(center="origin").fit(X, y)
    >>> model.profile([0.5 * ball.radius, 1.2 * ball.radius]).round(1)
    array([[0.1, 0.9],
           [0.9, 0.1]])
    """

    _parameter_constraints: dict = {
        **RadialNet._parameter_constraints,
        "alpha": [StrOptions({"loo"}), POSITIVE],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        n_projections=None,
        *,
        n_knots=40,
        center="median",
        alpha="loo",
        class_weight=None,
        random_state=None,
    ):
        self.n_projections = n_projections
        self.n_knots = n_knots
        self.center = center
        self.alpha = alpha
        self.class_weight = class_weight
        self.random_state = random_state

    def _head(self, features, samples):
        head = solve_logistic(
            features._map,
            samples,
            self.alpha,
            n_columns=self.n_knots,
            scale=_one_over_deviations(features, samples),
        )
        # In float64: outer weights of many digits cancel.
        return logistic_attributes(head, np.float64)

    def profile(self, radii):
        """Compute the probabilities of the classes at distances from the centre.

        They are those of the mean margin over the sphere, which in the limit of
        infinite width is the margin itself.

        Parameters
        ----------
        radii : array-like of shape (n_radii,)
            Distances from ``features_.center_``, not negative, in units of X. Those
            beyond the training samples count as the outermost of these.

        Returns
        -------
        probability : ndarray of shape (n_radii, n_classes)
            In the order of ``classes_``.

        Raises
        ------
        ValueError
            If a radius is negative or not finite.
        """
        check_is_fitted(self)
        hinges = self.features_._at_radii(check_radii(radii))
        return class_probabilities(hinges @ self.coef_.T + self.intercept_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # on labels that are not radial
        return tags


def _one_over_deviations(features, samples):
    """Prior scales of standardised features, none of which may grow without bound."""
    values = features._map(samples.X).astype(np.float64, copy=False)
    variance = samples.average((values - samples.average(values)) ** 2)
    deviation = np.sqrt(variance)
    least = features._direction_error * deviation.max(initial=0.0)
    deviation = np.maximum(deviation, least)
    return np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
