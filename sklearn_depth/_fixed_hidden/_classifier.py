"""Classification by a frozen hidden layer of sigmoids and sigmoid outputs."""

import numpy as np

from sklearn_depth._base import MarginClassifier
from sklearn_depth._fixed_hidden._net import FixedHiddenNet
from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import LOG_LOSS, squared_loss
from sklearn_depth.utils._classes import Classes, totals_of
from sklearn_depth.utils._sklearn import StrOptions


class FixedHiddenSigmoidClassifier(MarginClassifier, FixedHiddenNet):
    r"""Two layers of sigmoids, of which the hidden one stays as it was drawn.

    .. math:: P(y = k \mid x) \propto s\big(z_k(x)\big), \qquad
              z_k(x) = \sum_{j=1}^{m} w_{kj} \, h_j(x) + w_{k0}, \qquad
              h_j(x) = \sigma\big(\langle u_j, (x - c) / \rho \rangle + b_j\big)

    One output neuron for two classes, else one for each class against the rest, whose
    outputs are divided by their sum, or all equal where that is 0 up to rounding. The
    hidden layer h is a :class:`~sklearn_depth.features.SigmoidFeatures`; only the
    output weights w are trained, on
    :math:`\sum_i p_i \sum_k L(z_k(x_i), y_{ik}) + \alpha \|w\|^2`, where p are the
    sample weights divided by their sum and :math:`y_{ik}` is 1 if sample i is of class
    k, else 0.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of hidden units. Balls need a few blocks of ``2 * n_features``.
    loss : {"log", "squared"}, default="log"
        L, the logistic loss :math:`-y \log s(z) - (1 - y) \log(1 - s(z))`, which needs
        ``output="logistic"``, or :math:`(s(z) - y)^2`.
    activation : {"erf", "logistic", "tanh"}, default="erf"
        Hidden sigmoid.
    output : {"logistic", "clip"}, default="logistic"
        Output sigmoid s: 1 / (1 + exp(-z)), or min(max(z, 0), 1).
    design : {"symmetric", "iid"}, default="symmetric"
        How hidden units are drawn, as in
        :class:`~sklearn_depth.features.SigmoidFeatures`.
    hidden_scale : float, default=0.15
        Standard deviation of :math:`\langle u, x - c\rangle` where
        :math:`\|x - c\| = \rho`.
    radius : "median", float or None, default="median"
        The unit of length rho, in the units of X; "median" is the median distance from
        the medians c of the features, None takes X as it comes (rho = 1, c = 0).
    tie : "auto" or float, default="auto"
        How much cheaper it is to move a block's weights together than one alone. Large
        values favour radial functions; "auto" goes from 1000 over 100 to 10 while the
        loss that chooses ``alpha`` falls. At most 1e6. Only for
        ``design="symmetric"``.
    solver : {"lbfgs", "gd"}, default="lbfgs"
        L-BFGS, or full-batch gradient descent with a fixed step, which a ``tie`` above
        3 slows to a crawl and which needs ``alpha`` and ``tie`` as numbers.
    learning_rate : "auto" or float, default="auto"
        Step of gradient descent; "auto" is one over a Lipschitz constant of the
        gradient, from the largest singular value of the hidden features.
    alpha : "loo" or float, default="loo"
        Penalty on the output weights. "loo" follows the minimiser as the penalty falls
        from 1 by tenths, until the approximate leave-one-out loss [2]_ rises again, or
        the validation loss where there are validation data, and takes the best.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight.
    fit_intercept : bool, default=True
        Whether the output neurons have a bias w_0.
    max_iter : int, default=1000
        Most iterations, at each penalty and tie. "loo" passes over penalties whose
        minimiser takes more.
    tol : float, default=1e-6
        "lbfgs" stops when no entry of the gradient exceeds it; with a penalty and after
        50 iterations, in units in which the Hessian is about one. "gd" stops when the
        objective no longer exceeds it.
    n_iter_no_change : int, default=20
        With validation data, training stops after so many iterations without a lower
        loss on them.
    warm_start : bool, default=False
        Whether ``fit`` keeps the hidden layer, and ``alpha_`` and ``tie_`` where these
        are chosen, and goes on from the last weights.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the hidden layer and the initial weights.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    features_ : SigmoidFeatures
        The fitted hidden layer.
    coef_ : ndarray of shape (1, n_hidden) or (n_classes, n_hidden)
        Output weights w.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Output biases w_0.
    alpha_ : float
        The penalty used.
    tie_ : float
        The tie used; 0 for ``design="iid"``.
    loss_curve_ : list of float
        Objective by iteration; under ``alpha="loo"`` along all penalties down to the
        last one tried.
    validation_loss_curve_ : list of float
        Loss on the validation data by iteration, without the penalty; only where
        ``X_val`` was given.
    n_iter_ : int
        Number of iterations in ``loss_curve_``.
    stop_reason_ : {"tol", "precision", "max_iter", "validation", "callback", "dead"}
        What ended the training: the tolerance, rounding that hides any descent, the
        iterations allowed, the validation loss, a callback, or gradients that are zero
        where the loss is not.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    FixedHiddenSigmoidRegressor : The same net on continuous targets; the theory.
    sklearn.linear_model.LogisticRegression : One sigmoid on X itself.

    Notes
    -----
    With ``loss="squared", output="clip", design="iid", hidden_scale=0.5, radius=None,
    fit_intercept=False, solver="gd", alpha=0`` this is Safran and Lee's algorithm [1]_,
    whose targets are labels already.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393, Assumption 7 and Theorem 8.
    .. [2] Kamiar Rahnama Rad and Arian Maleki (2020). A scalable estimate of the
       out-of-sample prediction error via approximate leave-one-out cross-validation.
       Journal of the Royal Statistical Society B 82(4). arXiv:1801.10243.

    Examples
    --------
    >>> from sklearn_depth import FixedHiddenSigmoidClassifier
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> X, y, ball = make_ball_indicator(
    ...     1000, n_features=10, return_truth=True, random_state=0)
    >>> net = FixedHiddenSigmoidClassifier(n_hidden=200, random_state=0).fit(X, y)
    >>> X_new, y_new = ball.sample(1000, random_state=1)
    >>> net.score(X_new, y_new) > 0.97
    True
    """

    _parameter_constraints: dict = {
        **FixedHiddenNet._parameter_constraints,
        "loss": [StrOptions({"log", "squared"})],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        n_hidden=1000,
        *,
        loss="log",
        activation="erf",
        output="logistic",
        design="symmetric",
        hidden_scale=0.15,
        radius="median",
        tie="auto",
        solver="lbfgs",
        learning_rate="auto",
        alpha="loo",
        class_weight=None,
        fit_intercept=True,
        max_iter=1000,
        tol=1e-6,
        n_iter_no_change=20,
        warm_start=False,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.loss = loss
        self.activation = activation
        self.output = output
        self.design = design
        self.hidden_scale = hidden_scale
        self.radius = radius
        self.tie = tie
        self.solver = solver
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state

    def _validator(self, rows):
        return Classes.of(totals_of(rows), self.class_weight).validate

    def _unit_of_sums(self, sums, dtype):
        return self._unit_of(sums)

    def _margins(self, X):
        """The pre-activations, less the value that gives one half."""
        z = self._linear_head(X)
        z -= OUTPUT_SIGMOIDS[self.output].inverse(np.array(0.5, dtype=z.dtype))
        return z

    def _probabilities(self, X):
        p, _ = OUTPUT_SIGMOIDS[self.output].apply(self._linear_head(X))
        if p.shape[1] == 1:
            return np.hstack([1 - p, p])
        total = p.sum(axis=1, keepdims=True)
        uniform = np.full_like(p, 1 / p.shape[1])
        # Clipped outputs fade to 0 and hang about there.
        rounding = np.sqrt(np.finfo(p.dtype).eps) if self.output == "clip" else 0
        return np.divide(p, total, out=uniform, where=total > rounding)

    def _loss(self):
        if self.loss == "squared":
            return squared_loss(OUTPUT_SIGMOIDS[self.output])
        if self.output != "logistic":
            raise ValueError(
                f'loss="log" needs output="logistic", got output={self.output!r}, '
                'whose outputs of 0 have no logarithm. Use loss="squared" with it.'
            )
        return LOG_LOSS
