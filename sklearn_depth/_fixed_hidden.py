"""Frozen hidden layer of sigmoids, sigmoid output, trained output weights."""

from numbers import Integral, Real

import numpy as np

from sklearn_depth._base import FeatureMapRegressor
from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._solvers._sigmoid_head import SigmoidHead, train_sigmoid_head
from sklearn_depth.features import SigmoidFeatures
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import as_columns, validate_training_data

# Targets outside [0, 1] are mapped to [margin, 1 - margin], off the output's flat ends.
_MARGIN = 0.05


class FixedHiddenSigmoidRegressor(FeatureMapRegressor):
    r"""Two layers of sigmoids, of which the hidden one stays as it was drawn.

    .. math:: f(x) = s\Big(\sum_{j=1}^{m} w_j \, h_j(x) + w_0\Big), \qquad
              h_j(x) = \sigma\big(\langle u_j, (x - c) / \rho \rangle + b_j\big)

    The hidden layer h is a :class:`~sklearn_depth.features.SigmoidFeatures`; only the
    output weights w are trained, on
    :math:`\sum_i p_i (f(x_i) - y_i)^2 + \alpha \|w\|^2`, where p are the sample weights
    divided by their sum.

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
        the column medians c, None takes X as it comes (rho = 1, c = 0).
    tie : float, default=100.0
        How much cheaper it is to move a block's weights together than one alone. Large
        values favour radial functions. Only for ``design="symmetric"``.
    solver : {"lbfgs", "gd"}, default="lbfgs"
        L-BFGS, or full-batch gradient descent with a fixed step, which a ``tie`` above
        3 slows to a crawl.
    learning_rate : "auto" or float, default="auto"
        Step of gradient descent; "auto" is one over a Lipschitz constant of the
        gradient, from the largest singular value of the hidden features.
    alpha : float, default=1e-4
        Penalty on the output weights.
    fit_intercept : bool, default=True
        Whether the output neuron has a bias w_0.
    max_iter : int, default=1000
        Most iterations.
    tol : float, default=1e-6
        "lbfgs" stops when no entry of the gradient exceeds it, "gd" when the objective
        no longer does.
    warm_start : bool, default=False
        Whether ``fit`` keeps the hidden layer and goes on from the last weights.
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
        [0, 1] and span half of it, else such that their range becomes [0.05, 0.95].
    loss_curve_ : list of float
        Objective by iteration.
    n_iter_ : int
        Number of iterations.
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
    and radii where no net with one layer of non-linearities of polynomial size comes
    within c/d^4. The theorem's constants are vacuous (width above 10^16); in practice a
    thousand units suffice.

    The paper's network and algorithm are ``activation="erf", output="clip",
    design="iid", hidden_scale=0.5, radius=None, fit_intercept=False, solver="gd",
    alpha=0, tol=eps / 2``. The defaults are the same network with another prior on its
    output weights and inputs scaled by their median norm.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393, Assumption 7 and Theorem 8.

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

    _parameter_constraints: dict = {
        **SigmoidFeatures._parameter_constraints,
        "output": [StrOptions(set(OUTPUT_SIGMOIDS))],
        "solver": [StrOptions({"lbfgs", "gd"})],
        "learning_rate": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        n_hidden=1000,
        *,
        activation="erf",
        output="logistic",
        design="symmetric",
        hidden_scale=0.15,
        radius="median",
        tie=100.0,
        solver="lbfgs",
        learning_rate="auto",
        alpha=1e-4,
        fit_intercept=True,
        max_iter=1000,
        tol=1e-6,
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
        self.warm_start = warm_start
        self.random_state = random_state

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Draw the hidden layer and train the output weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; those outside [0, 1], or in a small part of it, are mapped there
            and back.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        self : FixedHiddenSigmoidRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If gradient descent diverges, or a warm start meets another number of
            features or targets, another range of targets or another hidden layer.
        MemoryError
            If the hidden features of all rows do not fit into memory.

        Warns
        -----
        ConvergenceWarning
            If ``max_iter`` ends the training, or gradient descent is dead: every
            pre-activation of the output lies where its slope is zero.
        """
        warm = self.warm_start and hasattr(self, "coef_")
        X, y, sample_weight = validate_training_data(
            self, X, y, sample_weight, reset=not warm
        )
        check_memory(
            self.n_hidden,
            2 * X.itemsize * len(X) * self.n_hidden,
            what=f"n_hidden={self.n_hidden:,} on {len(X):,} rows",
            way_out="Lower n_hidden or fit on fewer rows.",
        )
        rng = check_generator(self.random_state)
        seed = int(rng.integers(2**31))
        if warm:
            self._check_same_layer()
            initial = self._fitted_head(y)
        else:
            self.features_ = self._layer(seed).fit(X, sample_weight=sample_weight)
            self._fit_target_map(as_columns(y))
        targets = (as_columns(y) - self.target_offset_) / self.target_scale_
        if not warm:
            initial = self._random_head(targets, sample_weight, rng)
        head = train_sigmoid_head(
            self.features_._map(X),
            targets,
            sample_weight,
            initial,
            output=self.output,
            solver=self.solver,
            learning_rate=self.learning_rate,
            alpha=self.alpha,
            fit_intercept=self.fit_intercept,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        self._store_head(head.coef, head.intercept, y)
        self.loss_curve_, self.n_iter_ = head.loss_curve, len(head.loss_curve)
        return self

    def predict(self, X):
        """Predict with the fitted net.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions: within [0, 1] where the training targets were, else within
            their range widened by a tenth.
        """
        value, _ = OUTPUT_SIGMOIDS[self.output].apply(super().predict(X))
        scale = self.target_scale_.astype(value.dtype, copy=False)
        return value * scale + self.target_offset_.astype(value.dtype, copy=False)

    def _layer(self, seed):
        """The hidden layer that the parameters describe."""
        names = SigmoidFeatures._parameter_constraints.keys() - {"random_state"}
        return SigmoidFeatures(
            **{name: getattr(self, name) for name in names}, random_state=seed
        )

    def _fit_target_map(self, targets):
        """Leave targets that fill half of [0, 1] alone; map others inside."""
        low, high = targets.min(axis=0), targets.max(axis=0)
        inside = (low >= 0) & (high <= 1) & (high - low >= 0.5)
        scale = np.where(high > low, high - low, 1) / (1 - 2 * _MARGIN)
        self.target_scale_ = np.where(inside, 1, scale).astype(targets.dtype)
        self.target_offset_ = np.where(inside, 0, low - _MARGIN * scale).astype(
            targets.dtype
        )

    def _random_head(self, targets, sample_weight, rng):
        """Weights from N(0, 1/m^2), as in Assumption 7, and a bias for the mean.

        Tied units are up to sqrt(1 + tie^2) times as large; so much smaller are their
        weights, lest a narrow net start on the flat ends of its output.
        """
        n_targets = targets.shape[1]
        coef = rng.standard_normal((self.n_hidden, n_targets)) / self.n_hidden
        if self.features_.block_starts_.size:
            coef /= np.sqrt(1 + self.tie**2)
        intercept = np.zeros(n_targets)
        if self.fit_intercept:
            mean = np.average(targets, axis=0, weights=sample_weight)
            intercept = OUTPUT_SIGMOIDS[self.output].inverse(mean)
        return SigmoidHead(
            coef.astype(targets.dtype), intercept.astype(targets.dtype), []
        )

    def _check_same_layer(self):
        """Refuse to go on from a hidden layer that other parameters drew."""
        wanted, drawn = self._layer(None).get_params(), self.features_.get_params()
        changed = [
            f"{name} from {drawn[name]!r} to {value!r}"
            for name, value in wanted.items()
            if name != "random_state" and value != drawn[name]
        ]
        if changed:
            raise ValueError(
                f"warm_start=True keeps the hidden layer, but {', '.join(changed)} "
                "has changed since the last fit. Restore it, or set warm_start=False."
            )

    def _fitted_head(self, y):
        """The last fit's weights, to go on from."""
        coef = np.atleast_2d(self.coef_).T
        if coef.shape[1] != as_columns(y).shape[1] or (y.ndim == 2) != (
            self.coef_.ndim == 2
        ):
            raise ValueError(
                f"warm_start=True goes on from a fit with coef_ of shape "
                f"{self.coef_.shape}, but y has shape {y.shape}. Give y the shape it "
                "had, or set warm_start=False."
            )
        targets = (as_columns(y) - self.target_offset_) / self.target_scale_
        if targets.min() < 0 or targets.max() > 1:
            raise ValueError(
                "warm_start=True keeps the map of the targets to [0, 1], and now y "
                f"reaches from {y.min():.3g} to {y.max():.3g}, outside of what it maps "
                "there. Scale y as before, or set warm_start=False."
            )
        intercept = np.atleast_1d(self.intercept_).astype(y.dtype)
        return SigmoidHead(coef.astype(y.dtype), intercept * self.fit_intercept, [])
