"""Classification by a deep ReLU network."""

import numpy as np

from sklearn_depth._base import MarginClassifier
from sklearn_depth._relu_network._net import ReLUNetwork
from sklearn_depth.utils._sklearn import StrOptions, fit_context


class ReLUNetworkClassifier(MarginClassifier, ReLUNetwork):
    r"""Fully connected ReLU network of any depth for labels.

    .. math:: P(y = k \mid x) = \frac{e^{f_k(x)}}{\sum_j e^{f_j(x)}}, \qquad
              f(x) = C_L^\top h_{L-1} + b_L, \qquad
              h_l = \mathrm{relu}(C_l^\top h_{l-1} + b_l), \qquad h_0 = z(x)

    on scaled features z(x); two classes have one output f, the logit of the second.
    From the Xavier start of :class:`ReLUNetworkRegressor`, stochastic gradient descent
    with momentum minimises
    :math:`-\sum_i p_i \log P(y_i \mid x_i)
    + \tfrac{\lambda}{2} \sum_l \|C_l\|_F^2`, where p are the sample weights divided by
    their sum.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 1,), default=(256, 256)
        Widths of the hidden layers; () is a linear model.
    scaling : {"standardize"} or None, default="standardize"
        "standardize" gives the network features of mean 0 and variance 1, cut at 5
        standard deviations; None takes X as it comes.
    learning_rate : "auto" or float, default="auto"
        Step size, before the schedule; "auto" is that of :class:`ReLUNetworkRegressor`,
        with the Gauss-Newton matrix of this loss.
    schedule : {"cosine", "constant"}, default="cosine"
        "cosine" lowers the step size from epoch to epoch, to 0 after ``max_epochs``.
    momentum : float, default=0.95
        Share of the last step that is added to the next one, in [0, 1).
    weight_decay : float, default=0.02
        Penalty lambda on all weights but the intercepts, at most 1e6.
    batch_size : "auto" or int, default="auto"
        Samples a step; more than there are mean all of them. "auto" is 64.
    max_epochs : "auto" or int, default="auto"
        Most passes over the data. "auto" allows 4000 steps, but at least 20 and at most
        200 epochs.
    early_stopping : bool, default=False
        Whether to hold samples out where ``fit`` is given no ``X_val``, to stop by.
    validation_fraction : float, default=0.1
        Share of the samples to hold out, of each class alike.
    n_iter_no_change : int, default=20
        With samples held out, training stops after so many epochs without a lower loss
        on them.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight, and needs ``fit``.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the last weights, scaling and velocity.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where torch trains; "auto" is the GPU where there is one. Predictions are
        NumPy's.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the weights and of the order of the samples.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Weights C of the layers, for scaled features.
    intercepts_ : list of ndarray of shape (fan_out,)
        Intercepts b of the layers.
    mean_, scale_ : ndarray of shape (n_features,)
        Means and standard deviations of the features, wild entries pulled in to ten
        robust standard deviations; 0 and 1 where ``scaling`` is None.
    learning_rate_ : float
        The step size used, before the schedule.
    loss_curve_ : list of float
        Mean log-loss on the training samples by epoch, weighted, as it was before each
        step; no penalty. It goes on with ``partial_fit`` and warm starts.
    validation_loss_curve_ : list of float
        The same loss on the samples held out, after each epoch; only where there are
        any.
    n_iter_ : int
        Number of epochs in ``loss_curve_``.
    stop_reason_ : {"max_epochs", "validation", "callback", "exploded"}
        What ended the training: the epochs allowed, the validation loss, a callback, or
        a loss on its way to infinity.
    net_ : skorch.NeuralNet
        The network as a skorch net, made anew at each access; its ``module_`` takes
        scaled features.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    ReLUNetworkRegressor : The same network on continuous targets; the theory, and how
        momentum and float types go.
    FixedHiddenSigmoidClassifier : Sigmoids, the hidden layer as it was drawn.
    sklearn.neural_network.MLPClassifier : Networks of other activations.

    Examples
    --------
    >>> from sklearn_depth import ReLUNetworkClassifier
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> X, y, ball = make_ball_indicator(
    ...     500, n_features=3, return_truth=True, random_state=0)
    >>> net = ReLUNetworkClassifier((64, 64), random_state=0).fit(X, y)
    >>> X_new, y_new = ball.sample(1000, random_state=1)
    >>> net.score(X_new, y_new) > 0.9
    True
    """

    _loss = "log"

    _parameter_constraints: dict = {
        **ReLUNetwork._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        hidden_layer_sizes=(256, 256),
        *,
        scaling="standardize",
        learning_rate="auto",
        schedule="cosine",
        momentum=0.95,
        weight_decay=0.02,
        batch_size="auto",
        max_epochs="auto",
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=20,
        class_weight=None,
        warm_start=False,
        device="cpu",
        random_state=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.scaling = scaling
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.device = device
        self.random_state = random_state

    @fit_context
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on these samples, from where the last call ended.

        The first call draws the weights and measures features and, for
        ``learning_rate="auto"``, the curvature: let its samples stand for the others.
        The step size stays what it was then; there is no schedule.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            A batch of training data; of up to ``batch_size`` samples it is one step.
        y : array-like of shape (n_samples,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be; needed in the first call where y lacks some.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights, relative to each other within a call.

        Returns
        -------
        self : ReLUNetworkClassifier
            The estimator.

        Raises
        ------
        ValueError
            If features, labels or hidden units are not those of the first call, or
            ``class_weight`` is "balanced", which a batch cannot tell.

        Warns
        -----
        ConvergenceWarning
            If the loss explodes.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" needs all labels at once, and partial_fit has '
                "those of a batch. Pass the factors as a dict."
            )
        first = not self._is_fitted()
        if not first:
            classes = self._same_classes(classes)
        samples, seen = self._validated(
            X, y, sample_weight, classes=classes, reset=first, min_samples=1
        )
        return self._partial_fit(samples, seen)

    def _margins(self, X):
        return self._outputs(X)

    def _same_classes(self, classes):
        """The classes of the first call; refuse others."""
        if classes is not None and not np.array_equal(
            np.unique(classes), self.classes_
        ):
            raise ValueError(
                f"classes={np.unique(classes).tolist()}, but the first call had "
                f"{self.classes_.tolist()}. Leave it out, or call fit."
            )
        return self.classes_

    @staticmethod
    def _steepness(n_outputs):
        return 0.25 if n_outputs == 1 else 0.5
