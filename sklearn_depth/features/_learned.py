"""ReLU layers learned by gradient steps."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._math._moments import clipped_scores, column_moments
from sklearn_depth._math._spheres import random_directions
from sklearn_depth._solvers._feature_steps import (
    draw_rows,
    effective_rank,
    gradient_rows,
    relu_and_linear,
    robust_labels,
    target_scale,
    unit_rms,
)
from sklearn_depth._solvers._ridge import solve_ridge
from sklearn_depth._solvers._spectrum import effective_samples
from sklearn_depth._solvers._subspace_steps import (
    Layer,
    measure_layer,
    mix,
    narrowed_layers,
    near_best,
    search_size,
)
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context
from sklearn_depth.utils._validation import (
    as_columns,
    validate_new_data,
    validate_training_data,
)

# Ranks that the first layer is narrowed to, one after the other.
_RANKS = (8, 3, 1)
# A subspace may have so many parameters for each sample.
_SEARCH_PER_SAMPLE = 0.3
# A linear fit that leaves a smaller share of the variance leaves rounding.
_ROUNDING = 1e-14


class LearnedReLUFeatures(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""A layer of ReLUs that looks at the labels: its directions are learned.

    .. math:: x \mapsto \big[\mathrm{relu}(W z + b),\; z\big], \qquad
              z = A\,\mathrm{clip}\big((x - \mu) / s\big)

    The first step sets the rows of W to the negative gradient of the squared loss at a
    random start, where they point at the directions the labels depend on:

    .. math:: w_j = 2 \eta \sum_i p_i\, \ell_{ij}\, z_i
              \mathbf{1}\{\langle w_j^0, z_i \rangle \ge 0\}

    with labels l what a linear fit leaves of y, times a random sign, and p the sample
    weights divided by their sum. Each further step fits a ridge head on the layer and
    draws new rows from N(0, M), where M is the mean outer product of the gradients of
    that fit. Biases are drawn from N(0, 1) anew in every step.

    The layer is then narrowed to the directions that matter: W = C V' with V
    orthonormal, of rank 8, then 3, then 1, each time the span of the largest
    eigenvectors of M. At each rank, as many rounds as there were steps alternate a
    ridge head on units drawn from N(0, M) inside the span and one Gauss-Newton step of
    V on the squared loss; the last three rounds make a layer. Where the estimated test
    errors of such layers, charged for the search, come within 15 % of the best, the
    units are mixed.

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of ReLUs.
    n_feature_steps : int, default=5
        Number of steps; 0 leaves a random layer, 1 is one gradient step, and neither is
        narrowed.
    n_directions : int, "auto" or None, default="auto"
        Rank that the layer is narrowed to. "auto" tries 8, 3, 1 and no narrowing, as
        far as a subspace of that rank has no more than 0.3 parameters a sample; None
        keeps all directions.
    label_transform : {"robust"} or None, default="robust"
        Labels of the first step: "robust" gives a third of the units each the residual,
        its bounded distance from the median, and the residual clipped; None the
        residual to all.
    whiten : {"ridge"} or None, default="ridge"
        "ridge" standardises the columns, clips them at 5 standard deviations and turns
        them by ``(C + c I)^(-1/2)``, with C their covariance and c its mean eigenvalue,
        scaled to a mean variance of 1; None takes z = x.
    linear_part : {"ridge", "moment"}, default="ridge"
        The linear fit that is taken off the labels: ridge with its penalty by GCV, or
        the moments E[y] + <E[y z], z>, which are its population form for N(0, I).
    learning_rate : "rms" or float, default="rms"
        Step size eta of the first step; "rms" scales the rows to root mean square norm
        1, for each kind of label on its own.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the start, the biases and the draws.

    Attributes
    ----------
    hidden_coef_ : ndarray of shape (n_hidden, n_features)
        The rows of W, which act on z.
    hidden_intercept_ : ndarray of shape (n_hidden,)
        The biases b.
    linear_coef_ : ndarray of shape (n_features, n_targets)
        The linear fit on z that was taken off the labels.
    linear_intercept_ : ndarray of shape (n_targets,)
        Its constant.
    linear_score_ : ndarray of shape (n_targets,) or None
        Its estimated test error, by GCV or leave-one-out; None for moments.
    mean_, scale_ : ndarray of shape (n_features,)
        Column means mu and standard deviations s, wild entries pulled in to ten robust
        standard deviations; 0 and 1 without whitening.
    whitening_ : ndarray of shape (n_features, n_features)
        The matrix A.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.TwoLayerGDRegressor : This layer with a ridge head.
    SigmoidFeatures : A layer that looks at no label.

    Notes
    -----
    Step 2 of Algorithm 1 of [1]_ is ``n_feature_steps=1, label_transform=None,
    whiten=None, linear_part="moment"``, with ``learning_rate`` of order
    sqrt(n_features); there are as many rows w as -w. The first step sees the target
    through the second Hermite coefficients of y alone: a target without any, such as
    He3, gives it noise, unless labels are transformed. The repeated steps are those of
    a recursive feature machine [2]_ with a two-layer network as its kernel. Narrowing
    is gradient descent on both layers while the rank falls. A direction that has stood
    out is found to the precision that its d parameters allow, where rows drawn from M
    alone keep a share of noise.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.
    .. [2] Adityanarayanan Radhakrishnan, Daniel Beaglehole, Parthe Pandit and Mikhail
       Belkin (2024). Mechanism for feature learning in neural networks and
       backpropagation-free machine learning models. Science 383.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.features import LearnedReLUFeatures
    >>> X, y, truth = make_single_index(
    ...     2000, n_features=20, link="he2", return_truth=True, random_state=0)
    >>> layer = LearnedReLUFeatures(n_hidden=200, random_state=0).fit(X, y)
    >>> layer.transform(X).shape
    (2000, 220)
    >>> rows = layer.hidden_coef_ / np.linalg.norm(layer.hidden_coef_, axis=1)[:, None]
    >>> bool(np.median(abs(rows @ truth.directions[0])) > 0.9)
    True
    """

    _parameter_constraints: dict = {
        "n_hidden": [Interval(Integral, 2, None, closed="left")],
        "n_feature_steps": [Interval(Integral, 0, None, closed="left")],
        "n_directions": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "label_transform": [StrOptions({"robust"}), None],
        "whiten": [StrOptions({"ridge"}), None],
        "linear_part": [StrOptions({"ridge", "moment"})],
        "learning_rate": [
            StrOptions({"rms"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "random_state": RANDOM_STATE,
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
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.n_feature_steps = n_feature_steps
        self.n_directions = n_directions
        self.label_transform = label_transform
        self.whiten = whiten
        self.linear_part = linear_part
        self.learning_rate = learning_rate
        self.random_state = random_state

    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Learn the layer.

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
        self : LearnedReLUFeatures
            The fitted transformer.
        """
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        share = weight / weight.sum()
        targets = as_columns(y).astype(np.float64, copy=False)
        rng = check_generator(self.random_state)
        self._fit_inputs(X, share)
        Z = self._inputs(X)
        self._fit_linear_part(Z, targets, sample_weight, share)
        self._start_layer(Z.dtype, rng)
        if self.n_feature_steps > 0:
            self._gradient_step(Z, targets, share, rng)
        targets = targets / target_scale(targets, share)
        for _ in range(self.n_feature_steps - 1):
            _, covariance = self._measure(Z, targets, sample_weight, share)
            self._set_layer(draw_rows(covariance, self.n_hidden, rng), Z.dtype, rng)
        if self.n_feature_steps > 1:
            self._narrow(Z, targets, sample_weight, share, rng)
        return self

    def transform(self, X):
        """Evaluate the layer.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        features : ndarray of shape (n_samples, n_hidden + n_features)
            The units and the inputs z, in the float type of X.
        """
        check_is_fitted(self)
        return self._map(validate_new_data(self, X))

    def _map(self, X):
        """``transform`` of validated X."""
        return self._layer(self._inputs(X))

    def _layer(self, Z):
        rows = self.hidden_coef_.astype(Z.dtype, copy=False)
        return relu_and_linear(
            Z, rows, self.hidden_intercept_.astype(Z.dtype, copy=False)
        )

    def _fit_inputs(self, X, share):
        n_features = X.shape[1]
        self.mean_, self.scale_ = np.zeros(n_features), np.ones(n_features)
        self.whitening_ = np.eye(n_features)
        if self.whiten is None:
            return
        X = X.astype(np.float64, copy=False)
        self.mean_, self.scale_ = column_moments(X, share)
        Z = self._inputs(X)
        Z -= share @ Z
        variances, vectors = np.linalg.eigh(Z.T @ (share[:, None] * Z))
        variances = np.maximum(variances, 0)
        if variances.sum() > 0:
            shrunk = variances / (variances + variances.mean())
            gains = np.sqrt(1 / (variances + variances.mean()) / shrunk.mean())
            self.whitening_ = (vectors * gains) @ vectors.T

    def _inputs(self, X):
        """The network's inputs z."""
        if self.whiten is None:
            return X
        return (self._standardised(X) @ self.whitening_).astype(X.dtype, copy=False)

    def _standardised(self, X):
        """The columns before they are turned."""
        if self.whiten is None:
            return X
        return clipped_scores(X, self.mean_, self.scale_)

    def _fit_linear_part(self, Z, targets, sample_weight, share):
        if self.linear_part == "moment":
            self.linear_intercept_ = share @ targets
            self.linear_coef_ = Z.T @ (share[:, None] * targets)
            self.linear_score_ = None
            return
        head = solve_ridge(
            lambda z: z, Z, targets, sample_weight, "gcv", n_columns=Z.shape[1]
        )
        self.linear_intercept_, self.linear_coef_ = head.intercept, head.coef
        self.linear_score_ = head.score

    def _start_layer(self, dtype, rng):
        """Unit rows, each twice for the two signs of its output, and fresh biases."""
        n_pairs = -(-self.n_hidden // 2)
        start = random_directions(n_pairs, self.n_features_in_, rng)
        self._set_layer(np.repeat(start, 2, axis=0)[: self.n_hidden], dtype, rng)

    def _set_layer(self, rows, dtype, rng):
        self.hidden_coef_ = rows.astype(dtype, copy=False)
        biases = rng.standard_normal(self.n_hidden)
        self.hidden_intercept_ = biases.astype(dtype, copy=False)

    def _gradient_step(self, Z, targets, share, rng):
        """One big step of the first layer from the random start."""
        labels = targets - self.linear_intercept_ - Z @ self.linear_coef_
        mean = share @ targets
        rounding = _ROUNDING * (share @ (targets - mean) ** 2)
        rounding += (len(Z) * np.finfo(np.float64).eps * mean) ** 2
        labels[:, share @ labels**2 <= rounding] = 0.0
        if self.learning_rate == "rms":  # targets of any scale have an equal say
            deviation = np.sqrt(share @ labels**2)
            labels /= np.where(deviation > 0, deviation, 1)
        n_kinds, n_targets = 1, targets.shape[1]
        if self.label_transform == "robust":
            labels, n_kinds = robust_labels(labels, Z, share), 3
        unit = np.arange(self.n_hidden)
        kind, sign = (unit // 2) % n_kinds, 1 - 2 * (unit % 2)
        signs = rng.choice([-1.0, 1.0], size=(n_targets, unit[-1] // 2 + 1))
        mix = np.zeros((n_kinds, n_targets, self.n_hidden))
        mix[kind, :, unit] = (signs[:, unit // 2] * sign).T
        mix = mix.reshape(-1, self.n_hidden)
        start = self.hidden_coef_
        rows = gradient_rows(Z, labels, mix, start, share)
        if self.learning_rate == "rms":
            for k in np.unique(kind):
                rows[kind == k] = unit_rms(rows[kind == k])
        else:
            rows *= self.learning_rate
        rows = np.where(rows.any(axis=1, keepdims=True), rows, start)
        self._set_layer(rows, Z.dtype, rng)

    def _measure(self, Z, targets, sample_weight, share):
        """The score of a head on the layer, and its gradients' covariance."""
        layer = self.hidden_coef_, self.hidden_intercept_
        return measure_layer(Z, *layer, targets, sample_weight, share)

    def _narrow(self, Z, targets, sample_weight, share, rng):
        """Lower the rank of the layer step by step; keep units of the best ranks."""
        n_samples = effective_samples(len(Z), sample_weight)
        ranks = self._ranks(n_samples)
        if not ranks:
            return
        score, covariance = self._measure(Z, targets, sample_weight, share)
        W, b = self.hidden_coef_, self.hidden_intercept_
        full = Layer(W, b, score, search_size(effective_rank(W), Z.shape[1]))
        layers = narrowed_layers(
            Z,
            targets,
            sample_weight,
            share,
            covariance,
            ranks,
            n_hidden=self.n_hidden,
            n_rounds=self.n_feature_steps,
            rng=rng,
        )
        auto = self.n_directions == "auto"
        W, b = mix(near_best([full, *layers], n_samples) if auto else layers[-1:])
        self.hidden_coef_ = W.astype(Z.dtype, copy=False)
        self.hidden_intercept_ = b.astype(Z.dtype, copy=False)

    def _ranks(self, n_samples):
        """The ranks below the number of columns to narrow the layer to."""
        d, last = self.n_features_in_, self.n_directions
        if last is None:
            return []
        if last == "auto":
            most = _SEARCH_PER_SAMPLE * n_samples
            return [r for r in _RANKS if r < d and r * (d - r) <= most]
        return [r for r in (*(r for r in _RANKS if r > last), last) if r < d]

    @property
    def _n_features_out(self):
        return len(self.hidden_coef_) + self.n_features_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
