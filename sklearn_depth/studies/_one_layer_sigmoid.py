"""The class that the first paper proves weak, to compare with."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._math._activations import HIDDEN_SIGMOIDS
from sklearn_depth._math._moments import clipped_scores, column_moments
from sklearn_depth._solvers._sigmoid_layer import draw_layer, train_layer
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import (
    StrOptions,
    fit_context,
    store_fit,
)
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import (
    check_output,
    validate_new_data,
    validate_samples,
)

# L-BFGS keeps so many copies of the weights.
_COPIES = 45


class OneLayerSigmoidRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    r"""One layer of sigmoids under a linear output, all of it trained: a weak rival.

    .. math:: f(x) = \sum_{j=1}^m a_j \, \sigma(\langle u_j, z \rangle + b_j) + a_0

    with z the standardised features of x. All of a, u, b are trained, on
    :math:`\sum_i p_i (f(x_i) - y_i)^2 + \alpha (\|a\|^2 + \|U\|^2)` for standardised
    targets, where p are the sample weights divided by their sum.

    Parameters
    ----------
    n_hidden : int, default=100
        Number m of hidden units.
    activation : {"erf", "logistic", "tanh"}, default="logistic"
        The sigmoid.
    alpha : float, default=0.0
        Penalty on the weights but biases.
    max_iter : int, default=500
        Most iterations of L-BFGS.
    tol : float, default=1e-6
        L-BFGS stops when no entry of the gradient exceeds it.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the first weights.

    Attributes
    ----------
    coefs_ : list of two ndarray of shape (n_features, n_hidden), (n_hidden, n_targets)
        Weights u and a, for standardised features and targets.
    intercepts_ : list of two ndarray of shape (n_hidden,) and (n_targets,)
        Biases b and a_0.
    mean_, scale_ : ndarray of shape (n_features,)
        Means and standard deviations of the features, wild entries pulled in.
    target_mean_, target_scale_ : ndarray of shape (n_targets,)
        Mean and standard deviation of y; a y that is constant has scale 0.
    loss_curve_ : list of float
        Objective by iteration.
    n_iter_ : int
        Number of iterations.
    stop_reason_ : {"tol", "precision", "max_iter"}
        What ended the training: the tolerance, rounding that hides any descent, or the
        iterations allowed.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.FixedHiddenSigmoidRegressor : A sigmoid over such a layer, which the
        paper proves strong.
    sklearn_depth.datasets.make_ball_indicator : The balls that separate them.
    sklearn.neural_network.MLPRegressor : The same class, by other solvers as well.

    Notes
    -----
    This is the weak class of [1]_, one layer of non-linearities. For laws that
    ``make_ball_indicator(law="bessel")`` is after there are balls such that any
    algorithm that returns such a net has a squared error of at least order
    :math:`d^{-4}` unless it takes time exponential in d (Theorem 2). For
    ``law="two_spheres"`` there are balls such that gradient descent on all parameters,
    with a smooth sigmoid and steps that are small enough, stays above 1/400 for such a
    time (Theorem 3). These are statements about large d; at small d the class may do
    well, and L-BFGS is not the gradient descent of Theorem 3.

    It is here and not among the estimators since it is for comparison: scikit-learn's
    MLPRegressor has more of what one would want in use.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393, Theorems 2, 3 and 5.

    Examples
    --------
    >>> from sklearn_depth import FixedHiddenSigmoidRegressor
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> from sklearn_depth.studies import OneLayerSigmoidRegressor
    >>> X, y, ball = make_ball_indicator(
    ...     1000, n_features=10, law="two_spheres", return_truth=True, random_state=0)
    >>> X_new, y_new = ball.sample(2000, random_state=1)
    >>> for net in (OneLayerSigmoidRegressor, FixedHiddenSigmoidRegressor):
    ...     fitted = net(n_hidden=50, max_iter=200, random_state=0).fit(X, y)
    ...     print(net.__name__, round(fitted.score(X_new, y_new), 1))
    OneLayerSigmoidRegressor 0.4
    FixedHiddenSigmoidRegressor 1.0
    """

    _parameter_constraints: dict = {
        "n_hidden": [POSITIVE_INTEGER],
        "activation": [StrOptions(set(HIDDEN_SIGMOIDS))],
        "alpha": [NON_NEGATIVE],
        "max_iter": [POSITIVE_INTEGER],
        "tol": [NON_NEGATIVE],
        "random_state": RANDOM_STATE,
    }

    def __init__(
        self,
        n_hidden=100,
        *,
        activation="logistic",
        alpha=0.0,
        max_iter=500,
        tol=1e-6,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.alpha = alpha
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Draw the weights and train all of them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights. A weight of k counts as k equal samples.

        Returns
        -------
        self : OneLayerSigmoidRegressor
            The fitted estimator.
        """
        samples, seen = validate_samples(self, X, y, sample_weight)
        samples = samples.merged()
        self._check_size(samples)
        weight = samples.weight if samples.is_weighted else None
        mean, scale = column_moments(samples.X, weight)
        scaled = samples.at(_standardised(samples.X, mean, scale)).scaled()
        sizes = samples.n_features, self.n_hidden, samples.n_targets
        start = draw_layer(self.activation, sizes, check_generator(self.random_state))
        with one_blas_thread():
            layer, losses, reason = train_layer(
                start, scaled, self.alpha, self.max_iter, self.tol
            )
        units = {
            "mean_": mean,
            "scale_": scale,
            "target_mean_": np.where(
                np.isinf(samples.scale), samples.targets[0], samples.mean
            ),
            "target_scale_": np.where(np.isinf(samples.scale), 0, samples.scale),
            "coefs_": [layer.inner, layer.outer],
            "intercepts_": [layer.biases, layer.intercepts],
            "_layer_": layer,
            "_target_shape_": samples.target_shape,
        }
        curve = {"loss_curve_": losses, "n_iter_": len(losses), "stop_reason_": reason}
        store_fit(self, seen | units | curve)
        return self

    def _check_size(self, samples):
        """Refuse more weights than memory holds."""
        n_weights = self.n_hidden * (samples.n_features + samples.n_targets + 1)
        check_numbers(
            _COPIES * n_weights,
            what=f"n_hidden={self.n_hidden:,} units on {samples.n_features:,} features",
            way_out="Take fewer units.",
        )

    def predict(self, X):
        """Predict with the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions, in the float type of X.
        """
        check_is_fitted(self)
        X = validate_new_data(self, X)
        outputs = self._layer_.values(_standardised(X, self.mean_, self.scale_))
        y_pred = outputs * self.target_scale_ + self.target_mean_
        y_pred = check_output(y_pred.astype(X.dtype, copy=False), X)
        return y_pred if self._target_shape_ else y_pred[:, 0]


def _standardised(X, mean, scale):
    """The features as the network sees them."""
    return clipped_scores(X, mean, scale).astype(np.float64, copy=False)
