"""ReLU layers learned by gradient steps."""

from copy import copy
from dataclasses import replace
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
    paired_signs,
    relu_and_linear,
    target_scale,
    unit_rms,
)
from sklearn_depth._solvers._labels import LABEL_KINDS, choose_labels
from sklearn_depth._solvers._late_phase import late_layers
from sklearn_depth._solvers._ridge import solve_ridge
from sklearn_depth._solvers._spectrum import effective_samples, shares
from sklearn_depth._solvers._subspace_steps import (
    Layer,
    fit_head,
    measure_layer,
    mix,
    narrowed_layers,
    near_best,
    search_size,
    well_trained,
)
from sklearn_depth._solvers._whitening import ridge_whitening
from sklearn_depth.utils._random import RANDOM_STATE, separate_generator
from sklearn_depth.utils._sklearn import DocLinkMixin, Interval, StrOptions, fit_context
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
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, DocLinkMixin, BaseEstimator
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
    label_transform : {"auto", "clip", "distance"} or None, default="auto"
        Labels of the first step, for the residual r at unit variance: "clip" takes
        ``clip(r, -1, 1)`` and "distance" ``min(|r - median|, 2)``; None takes the
        residual as it is.
        "auto" shares the units among those of the three that show a direction, in that
        the largest eigenvalue of E[l zz'] stands out of its noise, or among all where
        none does.
    whiten : {"ridge"} or None, default="ridge"
        "ridge" standardises the columns, clips them at 5 standard deviations and turns
        them by ``(C + c I)^(-1/2)``, with C their covariance and c its mean eigenvalue,
        scaled to a mean variance of 1; None takes z = x.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        The linear fit that is taken off the labels: ridge with its penalty by GCV, or
        the moments E[y] + <E[y z], z>, which are its population form for N(0, I). None
        takes off the mean alone, so that a linear trend turns the first step too.
    learning_rate : "rms" or float, default="rms"
        Step size eta of the first step; "rms" scales the rows to root mean square norm
        1, for each kind of label on its own.
    refine : bool, default=False
        Whether to train both layers on, by L-BFGS on the squared loss under a weight
        decay that falls. What they come to, all units or those that have merged, is
        kept where its estimated error is 13 % below that of the layer and of a linear
        fit; ``hidden_coef_`` then has fewer rows than ``n_hidden``, and they may leave
        the subspace of an int ``n_directions``.
    device : {"cpu", "cuda", "auto"}, default="cpu"
        Where that training runs, in torch; "auto" is the GPU where there is one.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the start, the biases and the draws.

    Attributes
    ----------
    hidden_coef_ : ndarray of shape (n_hidden, n_features)
        The rows of W, which act on z.
    hidden_intercept_ : ndarray of shape (n_hidden,)
        The biases b.
    label_transforms_ : ndarray of str
        The labels that the units took in the first step, of "identity", "clip" and
        "distance". Only where there is a first step.
    standout_ : float
        How far a direction stands out of the noise: the largest eigenvalue, in size, of
        E[l zz'] of such labels, z whitened, over the edge of the spectrum of labels at
        random; at most over labels. Noise is beyond 1 + r^(-2/3), with r the rank of
        X, once in a hundred times or, with few rows a column, less. Only where there is
        a first step.
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
    He3, gives it noise. Labels that are no linear function of y have such coefficients
    all the same [3]_: with "distance", He3 of one direction among d is found from some
    10 d samples. The edge of noise is that of a weighted Wishart matrix [4]_. The
    repeated steps are those of
    a recursive feature machine [2]_ with a two-layer network as its kernel. Narrowing
    is gradient descent on both layers while the rank falls. A direction that has stood
    out is found to the precision that its d parameters allow, where rows drawn from M
    alone keep a share of noise.

    ``refine`` is the late phase of [5]_: under weight decay on both layers, units move
    to the neurons that the target is made of, and those that have met are merged. It is
    for few neurons, and for sums over many directions such as sin(x_1) + ... +
    sin(x_d); the fit takes several times as long. Its estimate of the error counts the
    effective parameters of all weights [6]_; on heavy-tailed targets without noise,
    such as He3 alone, it can be far too low, and the steps alone do better.

    References
    ----------
    .. [1] Alexandru Damian, Jason D. Lee and Mahdi Soltanolkotabi (2022). Neural
       Networks can Learn Representations with Gradient Descent. arXiv:2206.15144.
    .. [2] Adityanarayanan Radhakrishnan, Daniel Beaglehole, Parthe Pandit and Mikhail
       Belkin (2024). Mechanism for feature learning in neural networks and
       backpropagation-free machine learning models. Science 383.
    .. [3] Alex Damian, Loucas Pillaud-Vivien, Jason D. Lee and Joan Bruna (2024).
       Computational-Statistical Gaps in Gaussian Single-Index Models.
       arXiv:2403.05529.
    .. [4] Yue M. Lu and Gen Li (2020). Phase transitions of spectral initialization for
       high-dimensional non-convex estimation. Information and Inference 9.
       arXiv:1702.06435.
    .. [5] Mo Zhou and Rong Ge (2024). How Does Gradient Descent Learn Features: A Local
       Analysis for Regularized Two-Layer Neural Networks. arXiv:2406.01766.
    .. [6] John E. Moody (1992). The Effective Number of Parameters: An Analysis of
       Generalization and Regularization in Nonlinear Learning Systems. NIPS 4.

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
        "label_transform": [StrOptions({"auto", *LABEL_KINDS[1:]}), None],
        "whiten": [StrOptions({"ridge"}), None],
        "linear_part": [StrOptions({"ridge", "moment"}), None],
        "learning_rate": [
            StrOptions({"rms"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "refine": ["boolean"],
        "device": [StrOptions({"cpu", "cuda", "auto"})],
        "random_state": RANDOM_STATE,
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
        for _ in self._steps(X, y, sample_weight):
            pass
        return self

    def _steps(self, X, y, sample_weight):
        """Learn the layer; yields each step's, once a head has measured it.

        The first is the random layer that the steps begin with.
        """
        X, y, sample_weight = validate_training_data(self, X, y, sample_weight)
        share = shares(len(X), sample_weight)
        targets = as_columns(y).astype(np.float64, copy=False)
        rng = separate_generator(self.random_state)
        self._fit_inputs(X, share)
        Z = self._inputs(X)
        self._fit_linear_part(Z, targets, sample_weight, share)
        scale = target_scale(targets, share)
        self._start_layer(Z.dtype, rng)
        if self.n_feature_steps > 1:
            layer = self._scored(Z, targets / scale, sample_weight)
            yield replace(layer, n_search=0.0)
        if self.n_feature_steps > 0:
            self._gradient_step(Z, targets, sample_weight, share, rng)
        targets = targets / scale
        for _ in range(self.n_feature_steps - 1):
            layer, covariance = self._measure(Z, targets, sample_weight, share)
            yield layer
            rows = draw_rows(covariance, self.n_hidden, rng)
            self._set_layer(rows, rng.standard_normal(self.n_hidden), Z.dtype)
        if self.n_feature_steps > 1:
            yield from self._narrow(Z, targets, sample_weight, share, rng)
        if self.refine:
            error = np.inf if self.linear_score_ is None else self.linear_score_
            error = np.mean(error / scale**2)
            yield from self._refine(Z, targets, sample_weight, share, error, rng)

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
        self.whitening_ = ridge_whitening(self._inputs(X), share)

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
        if self.linear_part != "ridge":
            moments = Z.T @ (share[:, None] * targets)
            self.linear_intercept_ = share @ targets
            self.linear_coef_ = moments if self.linear_part else np.zeros_like(moments)
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
        start = np.repeat(start, 2, axis=0)[: self.n_hidden]
        self._set_layer(start, rng.standard_normal(self.n_hidden), dtype)

    def _set_layer(self, rows, biases, dtype):
        self.hidden_coef_ = rows.astype(dtype, copy=False)
        self.hidden_intercept_ = biases.astype(dtype, copy=False)

    def _with_units(self, layer):
        """This map with the units of another layer after its own."""
        both, dtype = copy(self), self.hidden_coef_.dtype
        rows = np.concatenate([self.hidden_coef_, layer.rows])
        biases = np.concatenate([self.hidden_intercept_, layer.biases])
        both._set_layer(rows, biases, dtype)
        return both

    def _gradient_step(self, Z, targets, sample_weight, share, rng):
        """One big step of the first layer from the random start."""
        labels = targets - self.linear_intercept_ - Z @ self.linear_coef_
        mean = share @ targets
        rounding = _ROUNDING * (share @ (targets - mean) ** 2)
        rounding += (len(Z) * np.finfo(np.float64).eps * mean) ** 2
        labels[:, share @ labels**2 <= rounding] = 0.0
        if self.learning_rate == "rms":  # targets of any scale have an equal say
            deviation = np.sqrt(share @ labels**2)
            labels /= np.where(deviation > 0, deviation, 1)
        n_samples = effective_samples(len(Z), sample_weight)
        chosen = choose_labels(labels, Z, share, n_samples, self.label_transform)
        self.label_transforms_, self.standout_ = chosen.names, chosen.standout
        mix, kind = paired_signs(
            len(chosen.names), targets.shape[1], self.n_hidden, rng
        )
        start = self.hidden_coef_
        rows = gradient_rows(Z, chosen.labels, mix, start, share)
        if self.learning_rate == "rms":
            for k in np.unique(kind):
                rows[kind == k] = unit_rms(rows[kind == k])
        else:
            rows *= self.learning_rate
        rows = np.where(rows.any(axis=1, keepdims=True), rows, start)
        self._set_layer(rows, rng.standard_normal(self.n_hidden), Z.dtype)

    def _scored(self, Z, targets, sample_weight):
        """The layer with the score of a head on it."""
        W, b = self.hidden_coef_, self.hidden_intercept_
        score = fit_head(Z, W, b, targets, sample_weight).score
        n_search = search_size(effective_rank(W), Z.shape[1])
        return Layer(W, b, np.asarray(score), n_search)

    def _measure(self, Z, targets, sample_weight, share):
        """The layer with the score of a head on it, and its gradients' covariance."""
        W, b = self.hidden_coef_, self.hidden_intercept_
        score, covariance = measure_layer(Z, W, b, targets, sample_weight, share)
        n_search = search_size(effective_rank(W), Z.shape[1])
        return Layer(W, b, score, n_search), covariance

    def _narrow(self, Z, targets, sample_weight, share, rng):
        """Lower the rank of the layer step by step; keep units of the best ranks."""
        n_samples = effective_samples(len(Z), sample_weight)
        ranks = self._ranks(n_samples)
        if not ranks:
            return
        full, covariance = self._measure(Z, targets, sample_weight, share)
        yield full
        layers = yield from narrowed_layers(
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
        kept = near_best([full, *layers], n_samples) if auto else layers[-1:]
        self._set_layer(*mix(kept), Z.dtype)

    def _refine(self, Z, targets, sample_weight, share, linear_error, rng):
        """Train both layers; keep what they come to where that scores better."""
        layer = self._scored(Z, targets, sample_weight)
        trained = late_layers(
            Z,
            targets,
            sample_weight,
            share,
            layer.rows,
            layer.biases,
            device=self.device,
            rng=rng,
        )
        n_samples = effective_samples(len(Z), sample_weight)
        best = well_trained(layer, trained, linear_error, n_samples)
        yield best
        self._set_layer(best.rows, best.biases, Z.dtype)

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
