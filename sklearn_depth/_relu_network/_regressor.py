"""Regression by a deep ReLU network."""

from functools import partial
from numbers import Real

import numpy as np

from sklearn_depth._base import TargetsRegressor, check_target_shape
from sklearn_depth._math._tolerances import CONSTANT
from sklearn_depth._relu_network._net import ReLUNetwork
from sklearn_depth._solvers._shrinkage import LEAST_ROWS, MOST_ROWS, lazy_shrinkage
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._threads import one_blas_thread


class ReLUNetworkRegressor(TargetsRegressor, ReLUNetwork):
    r"""Fully connected ReLU network of any depth, trained by stochastic descent.

    .. math:: f(x) = C_L^\top h_{L-1} + b_L, \qquad
              h_l = \mathrm{relu}(C_l^\top h_{l-1} + b_l), \qquad h_0 = z(x)

    on scaled features z(x), from a Xavier start: entries of :math:`C_l` are
    :math:`N(0, 1/d_{l-1})` for :math:`\sqrt2 \, \mathrm{relu}`, the activation of unit
    norm, thus :math:`N(0, 2/d_{l-1})` above a hidden layer here; b starts at 0.
    Stochastic gradient descent with momentum minimises
    :math:`\sum_i p_i \|f(x_i) - y_i\|^2 / k + \tfrac{\lambda}{2} \sum_l \|C_l\|_F^2`
    for k scaled targets, where p are the sample weights divided by their sum.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 1,), default=(256, 256)
        Widths of the hidden layers; () is a linear model.
    scaling : {"standardize"} or None, default="standardize"
        "standardize" gives the network features of mean 0 and variance 1, cut at 5
        standard deviations, and targets of mean 0 and variance 1; None takes X and y as
        they come.
    learning_rate : "auto" or float, default="auto"
        Step size, before the schedule. "auto" is c / (lambda + L + T / (b (1 - mu))),
        with c = 2 / (1 + 10 / w) for a narrowest hidden layer of w units, lambda the
        weight decay, L the largest eigenvalue of the Gauss-Newton matrix of the loss at
        the first weights, T = E t^2 / E t for its trace t on a sample, mu the momentum
        and b the samples of a mini-batch, divided by the mean square of the sample
        weights where these have mean 1; c / (lambda + L) for full batches in ``fit``.
        Where the loss explodes all the same, the step size is halved.
    schedule : {"cosine", "constant"}, default="cosine"
        "cosine" lowers the step size from epoch to epoch, to 0 after ``max_epochs``.
    momentum : float, default=0.95
        Share of the last step that is added to the next one, in [0, 1).
    weight_decay : float, default=0.02
        Penalty lambda on all weights but the intercepts, at most 1e6.
    shrinkage : "auto" or float, default="auto"
        Factor in [0, 1] on the outputs, about the mean of y, after ``fit``. "auto"
        takes the kernel regression that the network is near its first weights, at the
        penalty at which it fits the samples as closely as the network does. This
        predicts each sample from the others, and the factor is the slope of y on these
        predictions, at most 1. It is 1 where ``scaling`` is None, for warm starts, and
        with fewer than 10 distinct samples or more than 2000.
    batch_size : "auto" or int, default="auto"
        Samples a step; more than there are mean all of them. "auto" is 64.
    max_epochs : "auto" or int, default="auto"
        Most passes over the data. "auto" allows 4000 steps, but at least 20 and at most
        200 epochs.
    early_stopping : bool, default=False
        Whether to hold samples out where ``fit`` is given no ``X_val``, to stop by.
    validation_fraction : float, default=0.1
        Share of the samples to hold out.
    n_iter_no_change : int, default=20
        With samples held out, training stops after so many epochs without a lower loss
        on them.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the last weights, scaling and velocity.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where torch trains; "auto" is the GPU where there is one. Predictions are
        NumPy's.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the weights and of the order of the samples.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Weights C of the layers, for scaled features.
    intercepts_ : list of ndarray of shape (fan_out,)
        Intercepts b of the layers.
    mean_, scale_ : ndarray of shape (n_features,)
        Means and standard deviations of the features, wild entries pulled in to ten
        robust standard deviations; 0 and 1 where ``scaling`` is None.
    target_mean_, target_scale_ : ndarray of shape (n_targets,)
        Predictions are ``mean + shrinkage * scale * f(x)``: mean and standard deviation
        of y, 0 and 1 where ``scaling`` is None. A y that is constant has scale 0, or 1
        where other samples may follow.
    shrinkage_ : ndarray of shape (n_targets,)
        Factor on the scaled outputs; 1 after ``partial_fit``.
    learning_rate_ : float
        The step size used, before the schedule.
    loss_curve_ : list of float
        Mean squared error of scaled targets on the training samples by epoch, weighted,
        as it was before each step; no penalty. It goes on with ``partial_fit`` and warm
        starts.
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
    ReLUNetworkClassifier : The same network on labels.
    TwoLayerGDRegressor : Two layers, the first learned in few steps.
    HermitePolynomialRegressor : The other learner of random networks.
    sklearn.neural_network.MLPRegressor : Networks of other activations.

    Notes
    -----
    Corollary 1.2 of [1]_: for any law of the inputs on the sphere, a random network of
    constant depth is learned in time polynomial in its size, with an exponent that is a
    polynomial in 1/eps for an accuracy of eps, and stochastic gradient descent from a
    Xavier start on a ReLU network is such a learner. The corollary goes through
    polynomials that low degree makes few: it promises no more than kernels give, which
    win on such targets if these are wide (see the experiment
    ``sgd_on_random_networks``), and not if they are narrow. The corollary's
    algorithm is ``scaling=None, schedule="constant", momentum=0, weight_decay=0`` on
    samples of norm sqrt(n_features).

    Momentum is Polyak's: v <- mu v + g, w <- w - eta v, with g the gradient of a
    batch's mean loss plus lambda w. Full batches are trained on in the type of X,
    mini-batches in float32, whose rounding is nothing to their noise.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508.

    Examples
    --------
    >>> from sklearn_depth import ReLUNetworkRegressor
    >>> from sklearn_depth.datasets import make_random_network
    >>> X, y, truth = make_random_network(
    ...     400, n_features=5, activation="relu", return_truth=True, random_state=0)
    >>> net = ReLUNetworkRegressor((64, 64), random_state=0).fit(X, y)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> net.score(X_new, y_new) > 0.9
    True
    """

    _parameter_constraints: dict = {
        **ReLUNetwork._parameter_constraints,
        "shrinkage": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
    }

    _loss = "squared"

    def __init__(
        self,
        hidden_layer_sizes=(256, 256),
        *,
        scaling="standardize",
        learning_rate="auto",
        schedule="cosine",
        momentum=0.95,
        weight_decay=0.02,
        shrinkage="auto",
        batch_size="auto",
        max_epochs="auto",
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=20,
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
        self.shrinkage = shrinkage
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.device = device
        self.random_state = random_state

    @fit_context
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on these samples, from where the last call ended.

        The first call draws the weights and measures features and targets and, for
        ``learning_rate="auto"``, the curvature: let its samples stand for the others.
        The step size stays what it was then; there is no schedule.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            A batch of training data; of up to ``batch_size`` samples it is one step.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights, relative to each other within a call.

        Returns
        -------
        self : ReLUNetworkRegressor
            The estimator.

        Raises
        ------
        ValueError
            If features, targets or hidden units are not those of the first call.

        Warns
        -----
        ConvergenceWarning
            If the loss explodes.
        """
        first = not self._is_fitted()
        samples, seen = self._validated(X, y, sample_weight, reset=first, min_samples=1)
        if first:
            units = self._units(samples, of_constants=1)  # they may vary yet
        else:
            units = self._last_units(samples)
        return self._partial_fit(_in_units(units, samples), seen | units)

    def _predicted(self, X):
        y_pred = self._outputs(X)
        return y_pred if self._target_shape_ else y_pred[:, 0]

    @property
    def _target_shape(self):
        return self._target_shape_

    def _in_units_of_y(self, outputs):
        return outputs * (self.shrinkage_ * self.target_scale_) + self.target_mean_

    def _calibrated(self, samples, state, ended):
        """The shrinkage of the outputs that these samples call for."""
        asked = self.shrinkage
        if asked == "auto":
            samples = samples.merged()
            enough = LEAST_ROWS <= len(samples) <= MOST_ROWS
            if self.scaling is None or self._is_warm() or not enough:
                return {}
            samples = state.inputs(samples, np.float64)
            last = ended.network.astype(np.float64)
            with one_blas_thread():
                asked = lazy_shrinkage(state.network, last, samples)
        return {"shrinkage_": np.broadcast_to(asked, samples.n_targets).astype(float)}

    def _unit_of(self, samples):
        if self._is_warm():
            units = self._last_units(samples)
        else:  # a constant is predicted exactly, unless other targets may follow
            units = self._units(samples, of_constants=int(self.warm_start))
        return partial(_in_units, units), units

    def _units(self, samples, of_constants):
        """Means and scales of the targets; the scale of those that do not vary."""
        n_targets, constant = samples.n_targets, np.isinf(samples.scale)
        mean, scale = np.zeros(n_targets), np.ones(n_targets)
        if self.scaling is not None:
            mean = np.where(constant, samples.targets[0], samples.mean)
            scale = np.where(constant, of_constants, samples.scale)
        return {
            "target_mean_": mean,
            "target_scale_": scale,
            "shrinkage_": np.ones(n_targets),
            "_target_shape_": samples.target_shape,
        }

    def _last_units(self, samples):
        """Those of the last fit; refuse targets that they do not suit."""
        check_target_shape(samples, self._target_shape_)
        moved = np.abs(samples.targets - self.target_mean_)
        moved = moved > CONSTANT * np.abs(self.target_mean_)
        if moved[:, self.target_scale_ == 0].any():
            raise ValueError(
                "y was constant when the network was fitted, and is not now: it has no "
                "scale. Call fit with all samples, or begin with partial_fit."
            )
        names = "target_mean_", "target_scale_", "_target_shape_"
        units = {name: getattr(self, name) for name in names}
        return units | {"shrinkage_": np.ones(samples.n_targets)}

    @staticmethod
    def _steepness(n_outputs):
        return 2 / n_outputs


def _in_units(units, samples):
    """The samples with targets as the outputs should be."""
    scale = units["target_scale_"]
    centred = samples.targets - units["target_mean_"]
    return samples.to(centred / np.where(scale > 0, scale, np.inf))
