"""Two-layer ReLU networks whose first layer is learned by gradient steps."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor
from sklearn_depth._solvers._feature_steps import (
    effective_rank,
    gradient_covariance,
    target_scale,
)
from sklearn_depth._solvers._gate import network_share
from sklearn_depth._solvers._ridge import RidgeHead, solve_ridge
from sklearn_depth._solvers._spectrum import effective_samples
from sklearn_depth._solvers._subspace_steps import (
    RELU_ALPHA_FLOOR,
    gap,
    principal_directions,
    search_size,
)
from sklearn_depth.features import LearnedReLUFeatures
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import (
    as_columns,
    validate_new_data,
    validate_training_data,
)


class TwoLayerGDRegressor(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, FeatureMapRegressor
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
    label_transform : {"robust"} or None, default="robust"
        What the first step takes as labels; see
        :class:`~sklearn_depth.features.LearnedReLUFeatures`.
    whiten : {"ridge"} or None, default="ridge"
        Whether columns are standardised, clipped and whitened.
    linear_part : {"ridge", "moment"}, default="ridge"
        "ridge" fits the linear part with the head, and mixes the network with a purely
        linear ridge fit by their estimated test errors (only for ``alpha="gcv"``):
        where the labels do not bear out the search for directions, the linear fit
        remains.
        "moment" is the paper's: the moments E[y] and E[y z], taken off the targets
        before a head without intercept is fitted.
    learning_rate : "rms" or float, default="rms"
        Size of the first step; "rms" scales rows to root mean square norm 1.
    alpha : "gcv" or float, default="gcv"
        Penalty of the head; "gcv" takes the best of a grid, for each target on its own:
        by generalised cross-validation with more than ten rows a column of the layer,
        else by the exact leave-one-out that it approximates.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the first layer.

    Attributes
    ----------
    features_ : LearnedReLUFeatures
        The fitted first layer; it holds W, b and the map to z.
    coef_ : ndarray of shape (n_columns,) or (n_targets, n_columns)
        The head: the n_hidden entries of a, then the n_features of beta.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant c.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty used.
    network_share_ : float or ndarray of shape (n_targets,)
        Weight of the network in the mixture with the linear fit, 1 where none is mixed.
    subspace_ : ndarray of shape (n_directions, n_features)
        The directions that the fit depends on, orthonormal rows on the standardised
        columns (on X itself where ``whiten`` is None), the strongest first: as many as
        ``n_directions``, or those before the widest gap of the spectrum.
    subspace_spectrum_ : ndarray of shape (n_features,)
        Mean squared derivative of the fit along each of d such directions, falling, as
        shares of their sum, with several targets at unit variance; 0 where the fit is
        constant.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.LearnedReLUFeatures : The first layer alone.
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
    >>> kernel = KernelRidge("gcv", kernel="rbf", fit_intercept=True).fit(X, y)
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
        label_transform="robust",
        whiten="ridge",
        linear_part="ridge",
        learning_rate="rms",
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
        self.alpha = alpha
        self.random_state = random_state

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
            If entries of X or y are too large or too small to be squared.
        """
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        names = LearnedReLUFeatures._parameter_constraints
        self.features_ = LearnedReLUFeatures(
            **{name: getattr(self, name) for name in names}
        ).fit(X, y, sample_weight)
        targets = as_columns(y).astype(np.float64, copy=False)
        if self.linear_part == "moment":
            head = self._head_after_moments(X, targets, sample_weight)
            share = np.ones(targets.shape[1])
        else:
            head, share = self._gated_head(X, targets, sample_weight)
        return self._store_network(head, share, X, y, sample_weight)

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
        for name in ("features_", "n_features_in_", "feature_names_in_"):
            if hasattr(self, name):
                setattr(model, name, getattr(self, name))
        targets = as_columns(y).astype(np.float64, copy=False)
        head = model._head(X, targets, sample_weight)
        share = np.ones(targets.shape[1])
        return model._store_network(head, share, X, y, sample_weight)

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

    def _store_network(self, head, share, X, y, sample_weight):
        self._store_ridge(head, y)
        self.network_share_ = float(share[0]) if y.ndim == 1 else share
        self._measure_subspace(X, as_columns(y), sample_weight, head)
        return self

    def _measure_subspace(self, X, targets, sample_weight, head):
        """Rank directions by the mean squared derivative of the fit along them."""
        layer = self.features_
        targets = targets.astype(np.float64, copy=False)
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        share = weight / weight.sum()
        covariance = gradient_covariance(
            layer._inputs(X),
            layer.hidden_coef_,
            layer.hidden_intercept_,
            head.coef / target_scale(targets, share),
            share,
        )
        covariance = layer.whitening_ @ covariance @ layer.whitening_
        self.subspace_spectrum_, directions = principal_directions(covariance)
        rank = self.n_directions
        if not isinstance(rank, Integral):
            rank = gap(self.subspace_spectrum_)
        self.subspace_ = directions[:rank]

    @property
    def _n_features_out(self):
        return len(self.subspace_)

    def _head_after_moments(self, X, targets, sample_weight):
        """Steps 4 and 5 of Algorithm 1: a ridge head on what the moments leave."""
        layer = self.features_
        linear, intercept = layer.linear_coef_, layer.linear_intercept_
        head = solve_ridge(
            lambda rows: layer._map(rows)[:, : self.n_hidden],
            X,
            targets - intercept - layer._inputs(X) @ linear,
            sample_weight,
            self.alpha,
            n_columns=self.n_hidden,
            fit_intercept=False,
        )
        return RidgeHead(np.vstack([head.coef, linear]), intercept, head.alpha)

    def _head(self, X, targets, sample_weight):
        """A ridge head on units and inputs."""
        return solve_ridge(
            self.features_._map,
            X,
            targets,
            sample_weight,
            self.alpha,
            n_columns=self.features_._n_features_out,
            alpha_floor=RELU_ALPHA_FLOOR,
        )

    def _gated_head(self, X, targets, sample_weight):
        """A ridge head, mixed with the linear fit by score."""
        layer = self.features_
        head = self._head(X, targets, sample_weight)
        if self.alpha != "gcv":
            return head, np.ones(targets.shape[1])
        n_search = search_size(effective_rank(layer.hidden_coef_), X.shape[1])
        share = network_share(
            head.score,
            layer.linear_score_,
            n_search if self.n_feature_steps else 0.0,
            effective_samples(len(X), sample_weight),
        )
        coef = share * head.coef
        coef[self.n_hidden :] += (1 - share) * layer.linear_coef_
        intercept = share * head.intercept + (1 - share) * layer.linear_intercept_
        return RidgeHead(coef, intercept, head.alpha), share
