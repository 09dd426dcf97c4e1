"""Regression by a frozen hidden layer of sigmoids and a sigmoid output."""

from functools import partial

import numpy as np

from sklearn_depth._base import TargetsRegressor, check_target_shape
from sklearn_depth._fixed_hidden._net import FixedHiddenNet
from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import squared_loss
from sklearn_depth._math._tolerances import CONSTANT
from sklearn_depth.utils._validation import validate_samples

# Targets outside [0, 1] are mapped to [margin, 1 - margin], off the output's flat ends.
_MARGIN = 0.05


class FixedHiddenSigmoidRegressor(TargetsRegressor, FixedHiddenNet):
    r"""Two layers of sigmoids, of which the hidden one stays as it was drawn.

    .. math:: f(x) = s\Big(\sum_{j=1}^{m} w_j \, h_j(x) + w_0\Big), \qquad
              h_j(x) = \sigma\big(\langle u_j, (x - c) / \rho \rangle + b_j\big)

    The hidden layer h is a :class:`~sklearn_depth.features.SigmoidFeatures`; only the
    output weights w are trained, on
    :math:`\sum_i p_i (f(x_i) - y_i)^2 + \alpha \|w\|^2`, where p are the sample weights
    divided by their sum. Predictions are within [0, 1] where the targets were, else
    within their range widened by a tenth.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of hidden units. Balls need a few blocks of ``2 * n_features``.
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
    fit_intercept : bool, default=True
        Whether the output neuron has a bias w_0.
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
    features_ : SigmoidFeatures
        The fitted hidden layer.
    coef_ : ndarray of shape (n_hidden,) or (n_targets, n_hidden)
        Output weights w.
    intercept_ : float or ndarray of shape (n_targets,)
        Output bias w_0.
    target_offset_, target_scale_ : ndarray of shape (n_targets,)
        Predictions are ``offset + scale * f(x)``: 0 and 1 where the targets lie in
        [0, 1] and span half of it, else such that their range becomes [0.05, 0.95]. A
        y that is constant has scale 0.
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
    sklearn_depth.features.SigmoidFeatures : The hidden layer alone.
    HermitePolynomialRegressor : Fixed features of polynomials.
    sklearn_depth.datasets.make_ball_indicator : Data that separate this from one layer.

    Notes
    -----
    Safran and Lee's Theorem 8 [1]_: for inputs of a spread-out radial law, gradient
    descent on w alone learns the indicator of a ball of radius in [1, 2] to squared
    error eps, in width and time polynomial in d and 1/eps; their Theorem 2 gives laws
    and radii where no algorithm in less than exponential time finds a net with one
    layer of non-linearities within c/d^4, and their Theorem 3 a law where gradient
    descent on such a net stays above a constant. The constants of Theorem 8 are vacuous
    (width above 10^16); in practice a thousand units suffice.

    The paper's network and algorithm are ``activation="erf", output="clip",
    design="iid", hidden_scale=0.5, radius=None, fit_intercept=False, solver="gd",
    alpha=0, tol=eps / 2``. The defaults are the same network with another prior on its
    output weights, inputs scaled by their median norm, and a minimiser of the loss in
    place of an early iterate of gradient descent.

    A Dask collection is passed over once for 20 000 samples, whose medians scale the
    layer, once for the range of y, and once for the mean of the hidden features; then
    once or little more an iteration, and once at the end. Hidden
    features are made anew in each pass and none is kept. The fit is that in memory up
    to rounding, which hundreds of iterations may magnify to what ``tol`` leaves open.

    The leave-one-out loss takes one Newton step from the minimiser for each sample;
    samples of equal features leave together. It needs no further fit, and chooses like
    held-out data as large as the training data, so that noise-free balls get almost no
    penalty and pure noise gets the mean.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393, Assumption 7 and Theorem 8.
    .. [2] Kamiar Rahnama Rad and Arian Maleki (2020). A scalable estimate of the
       out-of-sample prediction error via approximate leave-one-out cross-validation.
       Journal of the Royal Statistical Society B 82(4). arXiv:1801.10243.

    Examples
    --------
    >>> from sklearn_depth import FixedHiddenSigmoidRegressor
    >>> from sklearn_depth.datasets import make_ball_indicator
    >>> X, y, ball = make_ball_indicator(
    ...     1000, n_features=10, return_truth=True, random_state=0)
    >>> net = FixedHiddenSigmoidRegressor(n_hidden=200, random_state=0).fit(X, y)
    >>> X_new, y_new = ball.sample(1000, random_state=1)
    >>> net.score(X_new, y_new) > 0.95
    True
    """

    def __init__(
        self,
        n_hidden=1000,
        *,
        activation="erf",
        output="logistic",
        design="symmetric",
        hidden_scale=0.15,
        radius="median",
        tie="auto",
        solver="lbfgs",
        learning_rate="auto",
        alpha="loo",
        fit_intercept=True,
        max_iter=1000,
        tol=1e-6,
        n_iter_no_change=20,
        warm_start=False,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.output = output
        self.design = design
        self.hidden_scale = hidden_scale
        self.radius = radius
        self.tie = tie
        self.solver = solver
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state

    def _predicted(self, X):
        value, _ = OUTPUT_SIGMOIDS[self.output].apply(self._linear_head(X))
        scale = self.target_scale_.astype(value.dtype, copy=False)
        return value * scale + self.target_offset_.astype(value.dtype, copy=False)

    def _validator(self, rows):
        return validate_samples

    def _loss(self):
        return squared_loss(OUTPUT_SIGMOIDS[self.output])

    def _unit_of(self, samples):
        """What takes targets into [0, 1], and what is kept of it."""
        if self._is_warm():
            return _unit(*self._last_range(samples))
        return _unit(*_range_of(samples))

    def _unit_of_sums(self, sums, dtype):
        """The same for targets of such sums."""
        return _unit(*_range(sums.low, sums.high, sums.is_constant, dtype))

    def _last_range(self, samples):
        """Offset and scale of the last fit; refuse targets that they do not suit."""
        check_target_shape(samples, self.coef_.shape[:-1])
        offset, scale = self.target_offset_, self.target_scale_
        unit = _in_unit(samples, offset, scale).targets
        moved = np.abs(samples.targets - offset) > CONSTANT * np.abs(offset)
        if np.where(scale > 0, (unit < 0) | (unit > 1), moved).any():
            raise ValueError(
                "warm_start=True keeps the map from targets to [0, 1], but y now runs "
                f"from {samples.targets.min():.3g} to {samples.targets.max():.3g}, "
                "beyond the range of that map. Scale y as before, or set "
                "warm_start=False."
            )
        return offset, scale


def _range_of(samples):
    """Offset and scale that take targets into [0, 1], where those that fill half stay.

    Those of a constant are its value and 0.
    """
    low, high = samples.targets.min(axis=0), samples.targets.max(axis=0)
    constant = np.isinf(samples.scale)
    low = np.where(constant, samples.targets[0], low)
    return _range(low, high, constant, samples.X.dtype)


def _range(low, high, constant, dtype):
    inside = (low >= 0) & (high <= 1) & (high - low >= 0.5)
    scale = (high - low) / (1 - 2 * _MARGIN)
    cases = [constant, inside]
    offset = np.select(cases, [low, 0.0], low - _MARGIN * scale)
    scale = np.select(cases, [0.0, 1.0], scale)
    return offset.astype(dtype), scale.astype(dtype)


def _unit(offset, scale):
    kept = {"target_offset_": offset, "target_scale_": scale}
    return partial(_in_unit, offset=offset, scale=scale), kept


def _in_unit(samples, offset, scale):
    """The samples with targets as the output neuron sees them; constants are 1/2."""
    unit = (samples.targets - offset) / np.where(scale > 0, scale, np.inf)
    return samples.to(np.where(scale > 0, unit, 0.5))
