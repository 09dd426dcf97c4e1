"""Two-layer ReLU networks whose first layer is learned by gradient steps."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor, by_target, ridge_attributes
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.two_layer._label_transforms import (
    linear_standout,
    standout_level,
)
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    fit_head,
    fit_on_the_way,
    searched,
)
from sklearn_depth._solvers.two_layer._mixture import (
    Candidate,
    Mixture,
    mix_candidates,
)
from sklearn_depth._solvers.two_layer._search import learn_layer
from sklearn_depth._solvers.two_layer._subspace import gap, principal_directions
from sklearn_depth._solvers.two_layer._whitening import whitened
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.features._learned import (
    inputs_of,
    layer_of,
    learned_map,
    search_of,
)
from sklearn_depth.utils._callbacks import (
    CallbackSupportMixin,
    FitProgress,
    with_callbacks,
)
from sklearn_depth.utils._random import separate_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context, store_fit
from sklearn_depth.utils._validation import (
    check_output,
    validate_new_data,
    validate_samples,
)
from sklearn_depth.utils._warnings import warn_caller

# Of very few samples no error is below chance, but an exact fit is no noise.
_LEAST_BAR = 0.1


class TwoLayerGDRegressor(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    CallbackSupportMixin,
    FeatureMapRegressor,
):
    r"""Two-layer ReLU network plus a linear part, its directions learned from labels.

    .. math:: f(x) = c + \langle \beta, z \rangle +
              \sum_{j=1}^{m} a_j \,\mathrm{relu}(\langle w_j, z \rangle + b_j)

    The first layer and the inputs z(x) are those of
    :class:`~sklearn_depth.features.LearnedReLUFeatures`; the head (a, beta, c) is ridge
    regression, minimising
    :math:`\sum_i s_i (f(x_i) - y_i)^2 + \alpha (\|a\|^2 + \|\beta\|^2)` with sample
    weights s.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number m of ReLUs.
    n_feature_steps : int, default=5
        Steps that learn the first layer; 0 leaves it random, 1 is one gradient step.
        From 2 on, as many rounds again at each rank that it is narrowed to.
    n_directions : int, "auto" or None, default="auto"
        Rank that the first layer is narrowed to; "auto" chooses among 1, 3, 8 and all,
        and None keeps all directions.
    label_transform : {"auto", "clip", "distance"}, callable or None, default="auto"
        What the first step takes as labels; a callable takes the targets. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    whiten : {"ridge"} or None, default="ridge"
        Whether columns are standardised, clipped and whitened.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        "ridge" fits the linear part with the head, and mixes the network by estimated
        test errors with a purely linear fit and, if ``n_directions`` is no int, with
        one on the random units that the steps began with (only where ``alpha`` is
        chosen, random units from two steps on): where the labels do not bear out the
        search for directions, fixed features remain.
        "moment" is the paper's: the moments E[y] and E[(y - E[y]) z], taken off the
        targets before a head without intercept is fitted; columns of mean 0, for which
        the paper has E[y z], need no centring of y. None takes the mean alone off the
        labels of the steps, and fits the linear part with the head.
    learning_rate : "rms" or float, default="rms"
        Size of the first step; "rms" scales rows to root mean square norm 1.
    refine : bool, default=False
        Whether to train both layers on after the steps; kept where it pays. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where that training runs, in torch.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty of the head; a word takes the best of a grid, for each target on its
        own: "loo" by exact leave-one-out, "gcv" by generalised cross-validation, and
        "auto" by "loo" with up to ten rows a column of the layer and by "gcv" beyond.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the first layer.

    Attributes
    ----------
    features_ : LearnedReLUFeatures
        The fitted first layer; it holds W, b and the map to z. It has the random units
        after its own where these are mixed in.
    coef_ : ndarray of shape (n_columns,) or (n_targets, n_columns)
        The head: the entries of a, one a row of ``features_.hidden_coef_``, then the
        n_features of beta.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant c.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    network_share_ : float or ndarray of shape (n_targets,)
        Weight of the learned network in the mixture, 1 where nothing is mixed.
    random_share_ : float or ndarray of shape (n_targets,)
        Weight of the network of random units, 0 where none is mixed in; what is left is
        the linear fit's.
    subspace_ : ndarray of shape (n_directions, n_features)
        The directions that the fit depends on, orthonormal rows on the standardised
        columns (on X itself where ``whiten`` is None), the strongest first: as many as
        ``n_directions``, or those before the widest gap of the spectrum.
    subspace_spectrum_ : ndarray of shape (n_features,)
        Mean squared derivative of the fit along each of d such directions, falling, as
        shares of their sum, with several targets at unit variance; 0 where the fit is
        constant.
    loss_curve_ : list of float
        Estimated squared test error of a head on the layer of each step, over the
        variance of y, with the charge for the search; mean over the targets that vary.
        The first is that of the random layer. Empty after ``transfer``, and with fewer
        than two steps, unless ``refine`` adds its own.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.LearnedReLUFeatures : The first layer alone.
    ThreeLayerFeatureRegressor : A link of one quadratic feature, by a third layer.
    KernelRidge : The same without learned features.
    HermitePolynomialRegressor : Low-degree polynomials in few columns.

    Notes
    -----
    Theorem 1 of [1]_: for x ~ N(0, I_d) and y a polynomial of degree p in r directions
    whose mean Hessian has rank r, one gradient step and a ridge head learn y from
    n ~ d^2 r + d r^p samples. Kernels of inner products need d^p. Algorithm 1 of the
    paper is ``n_feature_steps=1, label_transform=None, whiten=None,
    linear_part="moment", learning_rate=sqrt(n_features)``; the penalty on (1/n) squared
    loss that it calls lambda is ``2 alpha / n``. A single step fails on targets with no
    second Hermite coefficients and on correlated columns; the defaults repeat it,
    whiten, and narrow the layer to few directions by descent on both layers.

    The layer outlives its task: ``transfer`` fits a head alone to other targets
    (Theorem 3 of the paper), and ``transform`` projects onto ``subspace_``, so that the
    estimator serves as a supervised reduction of dimension in a Pipeline.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.

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
    """

    _parameter_constraints: dict = {
        **LearnedReLUFeatures._parameter_constraints,
        "alpha": [
            StrOptions({"auto", "gcv", "loo"}),
            Interval(Real, 0, None, closed="left"),
        ],
    }

    def __init__(
        self,
        n_hidden=1000,
        *,
        n_feature_steps=5,
        n_directions="auto",
        label_transform="auto",
        whiten="ridge",
        linear_part="ridge",
        learning_rate="rms",
        refine=False,
        device="cpu",
        alpha="auto",
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.n_feature_steps = n_feature_steps
        self.n_directions = n_directions
        self.label_transform = label_transform
        self.whiten = whiten
        self.linear_part = linear_part
        self.learning_rate = learning_rate
        self.refine = refine
        self.device = device
        self.alpha = alpha
        self.random_state = random_state

    @with_callbacks
    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Learn the first layer, then fit the head.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        self : TwoLayerGDRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If entries of X or y are too large or too small to be squared, or if torch
            finds no ``device="cuda"``.

        Warns
        -----
        UserWarning
            If no direction stands out of the noise: the labels of the first step show
            none, y has no linear trend, and no head on the way, or with one step none
            on the layer, is better than the mean by its estimated error.
        """
        samples, seen = validate_samples(self, X, y, sample_weight)
        progress = FitProgress(self, None, X, y, sample_weight)
        samples, losses = samples.distinct(), []

        def report(learned):
            losses.append(learned.layer.mean_error(len(samples)))
            return progress.iteration(lambda: self._network(learned, seen))

        rng = separate_generator(self.random_state)
        learned = learn_layer(samples, search_of(self), rng, report)
        network = self._network(learned, seen)
        progress.end(lambda: network)
        _warn_if_lost(learned, losses)
        return store_fit(self, network | {"loss_curve_": losses})

    def transfer(self, X, y, sample_weight=None):
        """Fit a new head to other targets, on the layer that was learned.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of the new task.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Its targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        model : TwoLayerGDRegressor
            A new estimator with the same ``features_``, whose head is ridge regression
            on units and inputs. This one does not change.
        """
        check_is_fitted(self)
        samples, seen = validate_samples(self, X, y, sample_weight, reset=False)
        held = {"_held_columns_": self._held_columns_}  # the layer has seen no other
        samples = samples.at(inputs_of(self.features_).of(samples.X)).distinct()
        layer = layer_of(self.features_)
        found = Mixture(
            layer,
            fit_head(layer, samples, self.alpha),
            np.ones((1, samples.n_targets)),
        )
        network = self._attributes(self.features_, found, samples)
        return store_fit(clone(self), seen | held | network | {"loss_curve_": []})

    def transform(self, X):
        """Project onto the directions that the fit depends on.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        projection : ndarray of shape (n_samples, n_directions)
            ``subspace_`` times the inputs: standardised and clipped, or X itself where
            ``whiten`` is None.

        Raises
        ------
        ValueError
            If the projection of a row overflows.
        """
        check_is_fitted(self)
        X = validate_new_data(self, X)
        inputs = inputs_of(self.features_).standardised(X)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            projection = inputs @ self.subspace_.T
            return check_output(projection.astype(X.dtype, copy=False), X)

    @property
    def _n_features_out(self):
        return len(self.subspace_)

    def _network(self, learned, seen):
        """Fit the head; all that predictions follow from."""
        samples = learned.samples
        layer = learned.layer.astype(samples.X.dtype)
        if self.linear_part == "moment":
            head = self._head_after_moments(layer, learned)
        else:
            head = fit_head(layer, samples, self.alpha)
        if self.linear_part == "ridge" and isinstance(self.alpha, str):
            found = self._mixture(layer, head, learned)
        else:
            found = Mixture(layer, head, np.ones((1, samples.n_targets)))
        parameters = {
            name: getattr(self, name)
            for name in LearnedReLUFeatures._parameter_constraints
        }
        features = learned_map(parameters, seen, learned, found.layer)
        return seen | self._attributes(features, found, samples)

    def _attributes(self, features, mixture, samples):
        """The fitted state."""
        spectrum, directions = self._subspace(features, mixture, samples)
        shape, weights = samples.target_shape, mixture.weights
        head = ridge_attributes(mixture.head, samples.X.dtype, shape)
        return head | {
            "features_": features,
            "network_share_": by_target(weights[0], shape),
            "random_share_": by_target(weights[2:].sum(axis=0), shape),
            "subspace_spectrum_": spectrum,
            "subspace_": directions,
        }

    def _subspace(self, features, mixture, samples):
        """Directions by the mean squared derivative of the fit along them."""
        coef, whitening = mixture.head.coef / samples.scale, features.whitening_
        covariance = layer_of(features).gradient_covariance(samples, coef)
        covariance = whitening @ covariance @ whitening
        spectrum, directions = principal_directions(covariance)
        fixed = isinstance(self.n_directions, Integral)
        return spectrum, directions[: self.n_directions if fixed else gap(spectrum)]

    def _head_after_moments(self, layer, learned):
        """Steps 4 and 5 of Algorithm 1: a ridge head on what the moments leave."""
        linear, n_hidden = learned.linear, len(layer)
        head = solve_ridge(
            lambda Z: layer.features(Z)[:, :n_hidden],
            learned.samples.to(linear.residual(learned.samples)),
            self.alpha,
            n_columns=n_hidden,
            fit_intercept=False,
        )
        coef = np.vstack([head.coef, linear.coef])
        return RidgeHead(coef, linear.intercept, head.alpha, head.error)

    def _mixture(self, layer, head, learned):
        """The learned layer, a linear fit and the random layer, by their errors."""
        samples, linear, start = learned.samples, learned.linear, learned.start
        if self.n_feature_steps > 0:
            layer = searched(layer)
        error = replace(layer, error=head.error).charged_error(len(samples))
        none = Layer(layer.weights[:0], layer.biases[:0])
        candidates = [
            Candidate(layer, error, head),
            Candidate(none, linear.error, linear.head(head.alpha)),
        ]
        measured = start.error is not None and learned.layer is not start
        if measured and not isinstance(self.n_directions, Integral):
            scale = np.where(np.isinf(samples.scale), 0, samples.scale)
            candidates.append(Candidate(start, start.error * scale**2))
        return mix_candidates(
            candidates, lambda layer: fit_head(layer, samples, self.alpha)
        )


def _warn_if_lost(learned, losses):
    """Warn where neither labels nor estimated errors tell y from noise."""
    samples, linear = learned.samples, learned.linear
    n_samples, scale = len(samples), samples.scale
    varies = np.isfinite(scale)
    if not varies.any() or learned.labels is None:  # no label was used
        return
    inputs, targets = whitened(samples), samples.targets / scale
    level, standout = standout_level(inputs.shape[1]), learned.labels.standout
    if standout > level or linear_standout(inputs, targets, samples.share) > 1:
        return
    errors = list(losses)
    if not errors:
        spread = samples.spread / scale**2
        layer, _ = fit_on_the_way(searched(learned.layer), samples.to(targets, spread))
        errors.append(layer.mean_error(n_samples))
    if linear.error is not None:
        errors.extend((linear.error / scale**2)[varies])
    if min(errors) < max(1 - 2 / np.sqrt(n_samples), _LEAST_BAR):
        return
    warn_caller(
        f"No direction of the {samples.n_features} columns stands out of the noise of "
        f"{n_samples} samples: the largest eigenvalue of the labels' moments is "
        f"{standout:.2f} times its edge, and only {level:.2f} is beyond chance. Expect "
        "predictions no better than the mean of y. Take more samples or fewer columns, "
        "or conclude that X tells little of y.",
    )
