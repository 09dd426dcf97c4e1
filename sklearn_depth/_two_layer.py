"""Two-layer ReLU networks whose first layer is learned by gradient steps."""

import warnings
from copy import copy
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor, ridge_attributes
from sklearn_depth._solvers._feature_steps import (
    effective_rank,
    gradient_covariance,
    target_scale,
)
from sklearn_depth._solvers._gate import average_heads, charged_score, mixture_weights
from sklearn_depth._solvers._labels import linear_standout, standout_level
from sklearn_depth._solvers._ridge import RidgeHead, solve_ridge
from sklearn_depth._solvers._spectrum import effective_samples, shares
from sklearn_depth._solvers._subspace_steps import (
    RELU_ALPHA_FLOOR,
    gap,
    layer_error,
    principal_directions,
    search_size,
)
from sklearn_depth._solvers._whitening import whitened
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.utils._callbacks import (
    CallbackSupportMixin,
    FitProgress,
    with_callbacks,
)
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import (
    as_columns,
    validate_new_data,
    validate_training_data,
)

# A random layer that would have a smaller share is left out.
_LEAST_SHARE = 0.01
# Of very few samples no score is beyond chance, but an exact fit is no noise.
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
    label_transform : {"auto", "clip", "distance"} or None, default="auto"
        What the first step takes as labels; see
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    whiten : {"ridge"} or None, default="ridge"
        Whether columns are standardised, clipped and whitened.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        "ridge" fits the linear part with the head, and mixes the network by estimated
        test errors with a purely linear fit and, if ``n_directions`` is no int, with
        one on the random units that the steps began with (only for ``alpha="gcv"``,
        random units from two steps on): where the labels do not bear out the search for
        directions, fixed features remain.
        "moment" is the paper's: the moments E[y] and E[y z], taken off the targets
        before a head without intercept is fitted. None takes the mean alone off the
        labels of the steps, and fits the linear part with the head.
    learning_rate : "rms" or float, default="rms"
        Size of the first step; "rms" scales rows to root mean square norm 1.
    refine : bool, default=False
        Whether to train both layers on after the steps; kept where it pays. See
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where that training runs, in torch.
    alpha : "gcv" or float, default="gcv"
        Penalty of the head; "gcv" takes the best of a grid, for each target on its own:
        by generalised cross-validation with more than ten rows a column of the layer,
        else by the exact leave-one-out that it approximates.
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
    n ~ d^2 r + d r^p samples, where kernels need d^p. Algorithm 1 of the paper is
    ``n_feature_steps=1, label_transform=None, whiten=None, linear_part="moment",
    learning_rate=sqrt(n_features)``; the penalty on (1/n) squared loss that it calls
    lambda is ``2 alpha / n``. A single step fails on targets with no second Hermite
    coefficients and on correlated columns; the defaults repeat it, whiten, and narrow
    the layer to few directions by descent on both layers.

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
        "alpha": [StrOptions({"gcv"}), Interval(Real, 0, None, closed="left")],
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
        alpha="gcv",
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
            Non-negative weights; a weight of k counts as k repeated rows.

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
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        names = LearnedReLUFeatures._parameter_constraints
        layer = LearnedReLUFeatures(**{name: getattr(self, name) for name in names})
        n_samples = effective_samples(len(X), sample_weight)
        progress = FitProgress(self, None, X, y, sample_weight)
        random_layer, losses = None, []
        for step in layer._steps(X, y, sample_weight):
            layer._set_layer(step.rows, step.biases, X.dtype)
            losses.append(layer_error(step, n_samples))
            if progress.iteration(
                partial(self._network, layer, random_layer, X, y, sample_weight)
            ):
                break
            random_layer = random_layer or step
        network = self._network(layer, random_layer, X, y, sample_weight)
        vars(self).update(network, loss_curve_=losses)
        progress.end(lambda: network)
        self._warn_if_lost(X, y, sample_weight)
        return self

    def transfer(self, X, y, sample_weight=None):
        """Fit a new head to other targets, on the layer that was learned.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of the new task.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Its targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows.

        Returns
        -------
        model : TwoLayerGDRegressor
            A new estimator with the same ``features_``, whose head is ridge regression
            on units and inputs. This one does not change.
        """
        check_is_fitted(self)
        X, y, sample_weight = validate_training_data(
            self, X, y, sample_weight, reset=False
        )
        model = clone(self)
        names = ("n_features_in_", "feature_names_in_")
        vars(model).update({k: v for k, v in vars(self).items() if k in names})
        targets = as_columns(y).astype(np.float64, copy=False)
        head = self._head(self.features_, X, targets, sample_weight)
        weights = np.ones((1, targets.shape[1]))
        network = self._attributes(self.features_, head, weights, X, y, sample_weight)
        vars(model).update(network, loss_curve_=[])
        return model

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
        """
        check_is_fitted(self)
        X = validate_new_data(self, X)
        inputs = self.features_._standardised(X)
        return (inputs @ self.subspace_.T).astype(X.dtype, copy=False)

    def _warn_if_lost(self, X, y, sample_weight):
        """Warn where neither labels nor scores tell y from noise."""
        layer, n_features = self.features_, self.n_features_in_
        n_samples = effective_samples(len(X), sample_weight)
        share = shares(len(X), sample_weight)
        targets = as_columns(y).astype(np.float64, copy=False)
        scale = target_scale(targets, share)
        varies = np.isfinite(scale)
        if not varies.any() or not hasattr(layer, "standout_"):  # no label was used
            return
        Z = layer._inputs(X)
        inputs, targets = whitened(Z, share), targets / scale
        level = standout_level(inputs.shape[1])
        trend = linear_standout(inputs, targets, share, n_samples)
        if layer.standout_ > level or trend > 1:
            return
        scores = list(self.loss_curve_)
        if not scores:
            scored = layer._scored(Z, targets, sample_weight)
            scores.append(layer_error(scored, n_samples))
        if layer.linear_score_ is not None:
            scores.extend((layer.linear_score_ / scale**2)[varies])
        if min(scores) < max(1 - 2 / np.sqrt(n_samples), _LEAST_BAR):
            return
        warnings.warn(
            f"No direction of the {n_features} columns stands out of the noise of "
            f"{n_samples:g} samples: the largest eigenvalue of the labels' moments is "
            f"{layer.standout_:.2f} times its edge, and only {level:.2f} is beyond "
            "chance. Expect predictions no better than the mean of y. Take more "
            "samples or fewer columns, or conclude that X tells little of y.",
            UserWarning,
            stacklevel=5,
        )

    @property
    def _n_features_out(self):
        return len(self.subspace_)

    def _network(self, layer, random_layer, X, y, sample_weight):
        """Fit the head; all that predictions follow from."""
        targets = as_columns(y).astype(np.float64, copy=False)
        data = X, targets, sample_weight
        layer, weights = copy(layer), np.ones((1, targets.shape[1]))
        if self.linear_part == "moment":
            head = self._head_after_moments(layer, *data)
        else:
            head = self._head(layer, *data)
        if self.n_feature_steps < 2:
            random_layer = None
        if self.linear_part == "ridge" and self.alpha == "gcv":
            layer, head, weights = self._mixture(layer, head, random_layer, *data)
        return self._attributes(layer, head, weights, X, y, sample_weight)

    def _attributes(self, layer, head, weights, X, y, sample_weight):
        """The fitted state; ``weights`` are those of a mixture."""
        share = shares(len(X), sample_weight)
        spectrum, directions = self._subspace(layer, head, X, y, share)
        learned, of_random = weights[0], weights[2:].sum(axis=0)
        one_target = y.ndim == 1
        return ridge_attributes(head, y) | {
            "features_": layer,
            "network_share_": float(learned[0]) if one_target else learned,
            "random_share_": float(of_random[0]) if one_target else of_random,
            "subspace_spectrum_": spectrum,
            "subspace_": directions,
        }

    def _subspace(self, layer, head, X, y, share):
        """Directions by the mean squared derivative of the fit along them."""
        targets = as_columns(y).astype(np.float64, copy=False)
        covariance = gradient_covariance(
            layer._inputs(X),
            layer.hidden_coef_,
            layer.hidden_intercept_,
            head.coef / target_scale(targets, share),
            share,
        )
        covariance = layer.whitening_ @ covariance @ layer.whitening_
        spectrum, directions = principal_directions(covariance)
        fixed = isinstance(self.n_directions, Integral)
        return spectrum, directions[: self.n_directions if fixed else gap(spectrum)]

    def _head_after_moments(self, layer, X, targets, sample_weight):
        """Steps 4 and 5 of Algorithm 1: a ridge head on what the moments leave."""
        linear, intercept = layer.linear_coef_, layer.linear_intercept_
        n_hidden = len(layer.hidden_coef_)
        head = solve_ridge(
            lambda rows: layer._map(rows)[:, :n_hidden],
            X,
            targets - intercept - layer._inputs(X) @ linear,
            sample_weight,
            self.alpha,
            n_columns=n_hidden,
            fit_intercept=False,
        )
        return RidgeHead(
            np.vstack([head.coef, linear]), intercept, head.alpha, head.score
        )

    def _head(self, layer, X, targets, sample_weight):
        """A ridge head on units and inputs."""
        return solve_ridge(
            layer._map,
            X,
            targets,
            sample_weight,
            self.alpha,
            n_columns=layer._n_features_out,
            alpha_floor=RELU_ALPHA_FLOOR,
        )

    def _mixture(self, layer, head, random_layer, X, targets, sample_weight):
        """The head averaged with a linear fit, and with one on the random layer.

        Returns a layer with the units of both, the head on it, and the weights of the
        two or three fits.
        """
        n_samples = effective_samples(len(X), sample_weight)
        n_search = search_size(effective_rank(layer.hidden_coef_), X.shape[1])
        n_search *= self.n_feature_steps > 0
        scores = [charged_score(head.score, n_search, n_samples), layer.linear_score_]
        linear = layer.linear_coef_, layer.linear_intercept_
        heads = [head, RidgeHead(*linear, head.alpha)]
        if random_layer is not None and not isinstance(self.n_directions, Integral):
            scale = target_scale(targets, shares(len(X), sample_weight))
            scores.append(random_layer.score * np.where(np.isinf(scale), 0, scale) ** 2)
            if mixture_weights(np.stack(scores))[2].max() < _LEAST_SHARE:
                scores.pop()
            else:
                other = copy(layer)
                other._set_layer(random_layer.rows, random_layer.biases, X.dtype)
                heads.append(self._head(other, X, targets, sample_weight))
                layer = layer._with_units(random_layer)
        weights = mixture_weights(np.stack(scores))
        return layer, average_heads(heads, weights, X.shape[1]), weights
