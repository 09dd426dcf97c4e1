"""Three layers: frozen units, one learned feature of them, and its link."""

from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real

import numpy as np
from scipy import linalg
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import FeatureMapRegressor, by_target, head_attributes
from sklearn_depth._solvers._three_layer import (
    Search,
    constant_feature,
    hinges,
    learn_feature,
)
from sklearn_depth.features._random_units import (
    ACTIVATIONS,
    RandomUnits,
    count_units,
    draw_units,
)
from sklearn_depth.utils._callbacks import (
    CallbackSupportMixin,
    FitProgress,
    with_callbacks,
)
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import (
    Interval,
    StrOptions,
    fit_context,
    store_fit,
)
from sklearn_depth.utils._validation import validate_new_data, validate_samples

# Copies of the units and of their Gram matrix that a fit holds.
_COPIES = 4


@dataclass(frozen=True, eq=False)
class LearnedHinges:
    """Hinges of learned features h, on which the third layer is linear.

    units : RandomUnits, the first layer.
    coef : (n_targets, n_units), the second layer, and ``offset`` (n_targets,).
    knots : (n_targets, n_knots), where the hinges of each h begin.
    """

    units: RandomUnits
    coef: np.ndarray
    offset: np.ndarray
    knots: np.ndarray

    def _learned(self, X):
        """The features h of validated X, by blocks of rows."""
        learned = np.empty((len(X), len(self.offset)), dtype=X.dtype)
        coef = self.coef.T.astype(X.dtype, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):  # said below
            for rows in row_blocks(len(X), self.units.n_units):
                learned[rows] = self.units._map(X[rows]) @ coef
        learned += self.offset.astype(X.dtype, copy=False)
        bad = ~np.isfinite(learned).all(axis=1)
        if bad.any():
            raise ValueError(
                f"The units of {bad.sum()} row(s) overflow in {X.dtype}: the largest "
                f"entry of X there is {np.abs(X[bad]).max():.3g}. Scale X as for fit, "
                'or fit with scaling="standardize", which clips it.'
            )
        return learned

    def _map(self, X):
        """h and its hinges, target by target."""
        return hinges(self._learned(X), self.knots.astype(X.dtype, copy=False))


class ThreeLayerFeatureRegressor(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    CallbackSupportMixin,
    FeatureMapRegressor,
):
    r"""Three layers: frozen units, one learned feature of them, and a function of it.

    .. math:: f(x) = g(h(x)), \qquad
              h(x) = c + \sum_{j} w_j \, \varphi_j(x), \qquad
              g(h) = b_0 + a_0 h + \sum_{k} a_k (h - t_k)_+

    The units :math:`\varphi` of the first layer stay as they are drawn: the scaled
    columns z and :math:`\sigma(\langle v_j, z \rangle)`, v uniform on the unit sphere,
    or in the limit of many squares all products of z up to degree 2. The second layer w
    learns one feature h, such as a quadratic form, and the third its link g.

    Parameters
    ----------
    n_hidden : int or None, default=None
        Number of random units; None takes all products of up to two columns instead.
    activation : {"square", "abs", "relu"}, default="square"
        What random units apply; products are those of squares.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        "standardize" gives columns of mean 0 and variance 1, cut at 5 standard
        deviations; "sphere" also sets every row to norm sqrt(n_features), which loses
        functions of the norm; None takes X as it comes.
    start : {"auto", "gradient", "ridge", "spectral"}, default="auto"
        The first h: "gradient" is one gradient step on w from zero, the kernel mean
        :math:`\sum_i p_i (y_i - \bar y) \langle \varphi(x_i), \varphi(x) \rangle`;
        "ridge" trains w to convergence under a linear g, by ridge regression;
        "spectral" is the eigenvector of the largest eigenvalue, in size, of
        :math:`E (y - \bar y) u u^\top` for whitened units u, for links that are even.
        "auto" refines each twice and goes on from the best. Where that does not clearly
        beat a ridge regression on z, by two standard errors of the rows' gains, it
        takes this for h, and a straight g: a few outlying targets teach no feature.
    n_refinements : int, default=10
        Most Gauss-Newton rounds: h becomes the ridge regression of h + (y - g(h)) /
        g'(h) on the units, rows weighted by g'(h) squared; then g is fitted anew.
    n_knots : int, default=20
        Knots t of the link, half of them at quantiles of h, half equidistant.
    alpha : "auto", "loo", "gcv" or float, default="auto"
        Penalty of the link; a word takes the best of a grid: "loo" by exact
        leave-one-out, "gcv" by generalised cross-validation, and "auto" by "loo" where
        knots are many for the rows and by "gcv" elsewhere. The second layer always
        takes "auto".
    random_state : int, RandomState, Generator or None, default=None
        Seed of the random units.

    Attributes
    ----------
    features_ : LearnedHinges
        The map from X to each h and its hinges, with ``units``, the first layer,
        ``coef`` of shape (n_targets, n_units), ``offset`` and ``knots``.
    coef_ : ndarray of shape (n_knots + 1,) or (n_targets, n_targets * (n_knots + 1))
        The slopes a of the link; each target's are zero on the hinges of others.
    intercept_ : float or ndarray of shape (n_targets,)
        The constants b_0.
    alpha_ : float or ndarray of shape (n_targets,)
        Penalty of the link; 0 where it is straight.
    start_ : str or list of str
        The start that the fit came from, for each target; "linear" for the ridge
        regression on z.
    loss_curve_ : list of float or list of such lists
        Estimated squared test error over the variance of y, after the start and each
        round up to the one that was kept, for each target.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    TwoLayerGDRegressor : Functions of a few directions.
    RadialTwoLayerRegressor : Functions of the distance from a point.
    sklearn_depth.datasets.make_quadratic_feature : Data with such targets.

    Notes
    -----
    Nichani, Damian and Lee [1]_: trained layer by layer, three layers learn
    :math:`g(x^\top A x)`, g a polynomial of degree p, from about d^4 samples (their
    first theorem in its first version; d^2 in a later revision), where kernels need
    d^{2p}. That improves on the guarantees known for two layers, which learn the range
    of A and not the form itself. Their algorithm is ``n_hidden=m, scaling="sphere",
    start="gradient", n_refinements=0``, with random biases in place of knots and fresh
    samples for the third layer; here each row is left out of its own h instead. Without
    refinement the feature is as noisy as one gradient step is.

    A function of the norm has a quadratic feature too. Ren, Zhou and Ge [2]_: a variant
    of gradient flow on three layers learns :math:`\mathrm{relu}(1 - \|x\|)`, which two
    layers cannot at all scales.

    Rounds are judged by the estimated error of the link and of the second layer, the
    latter times the squared slope of the link; no rows are set aside.

    References
    ----------
    .. [1] Eshaan Nichani, Alex Damian and Jason D. Lee (2023). Provable Guarantees for
       Nonlinear Feature Learning in Three-Layer Neural Networks. arXiv:2305.06986.
    .. [2] Yunwei Ren, Mo Zhou and Rong Ge (2023). Depth Separation with Multilayer
       Mean-Field Networks. arXiv:2304.01063.

    Examples
    --------
    >>> from sklearn_depth import KernelRidge, ThreeLayerFeatureRegressor
    >>> from sklearn_depth.datasets import make_quadratic_feature
    >>> X, y, truth = make_quadratic_feature(
    ...     1000, n_features=10, noise=0.1, return_truth=True, random_state=0)
    >>> X_new, y_new = truth.sample(1000, random_state=1)
    >>> net = ThreeLayerFeatureRegressor().fit(X, y)
    >>> kernel = KernelRidge("loo", kernel="rbf", fit_intercept=True).fit(X, y)
    >>> net.score(X_new, y_new) > 0.95 > 0.7 > kernel.score(X_new, y_new)
    True
    """

    _parameter_constraints: dict = {
        "n_hidden": [Interval(Integral, 1, None, closed="left"), None],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "scaling": [StrOptions({"standardize", "sphere"}), None],
        "start": [StrOptions({"auto", "gradient", "ridge", "spectral"})],
        "n_refinements": [Interval(Integral, 0, None, closed="left")],
        "n_knots": [Interval(Integral, 1, None, closed="left")],
        "alpha": [
            StrOptions({"auto", "gcv", "loo"}),
            Interval(Real, 0, None, closed="left"),
        ],
        "random_state": RANDOM_STATE,
    }

    def __init__(
        self,
        n_hidden=None,
        *,
        activation="square",
        scaling="standardize",
        start="auto",
        n_refinements=10,
        n_knots=20,
        alpha="auto",
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.scaling = scaling
        self.start = start
        self.n_refinements = n_refinements
        self.n_knots = n_knots
        self.alpha = alpha
        self.random_state = random_state

    @with_callbacks
    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Learn the feature and its link.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; each has a feature of its own.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated rows. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        self : ThreeLayerFeatureRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``start="spectral"`` meets no more samples than units.
        MemoryError
            If the units of all rows, or their Gram matrix, do not fit into memory.
        """
        samples, seen = validate_samples(self, X, y, sample_weight)
        units = self._draw_units(samples)
        learned = [constant_feature(units.n_units, self.n_knots)] * samples.n_targets
        progress = FitProgress(self, None, X, y, sample_weight)

        def made():
            return seen | self._attributes(units, learned, samples)

        values = np.empty((len(samples), units.n_units))
        for rows in row_blocks(*values.shape):
            values[rows] = units._map(samples.X[rows])
        scaled = samples.at(values).scaled()
        starts, losses, stops = [], [], []
        for k in range(samples.n_targets):
            iteration = partial(progress.iteration, made)
            one = scaled.to(scaled.targets[:, [k]], scaled.spread[:, [k]])
            one = one.distinct(samples.X)
            report = partial(_report, learned, k, stops, iteration)
            search = self._search(one, samples.n_features, report)
            start, learned[k], errors = learn_feature(one, search)
            starts.append(start)
            losses.append(errors)
        if not samples.target_shape:
            starts, losses = starts[0], losses[0]
        state = made() | {"start_": starts, "loss_curve_": losses}
        progress.end(lambda: state)
        return store_fit(self, state)

    def transform(self, X):
        """Compute the learned features h.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        learned : ndarray of shape (n_samples, n_targets)
            One feature a target, of mean 0 and variance 1 on the training rows; with
            ``start="gradient"`` and no refinement, if each is left out of its own h.

        Raises
        ------
        ValueError
            If the units of a row overflow.
        """
        check_is_fitted(self)
        X = validate_new_data(self, X)
        return self.features_._learned(X)

    @property
    def _n_features_out(self):
        return len(self.features_.offset)

    def _draw_units(self, samples):
        """The first layer, if there is memory for it."""
        n_units = count_units(self.n_hidden, samples.n_features)
        check_memory(
            n_units,
            8 * _COPIES * n_units * (n_units + len(samples)),
            what=f"The first layer on {len(samples):,} rows",
            way_out="Set n_hidden, to a thousand say"
            + (", or fit on fewer rows." if len(samples) > n_units else "."),
        )
        rng = check_generator(self.random_state)
        return draw_units(self.n_hidden, self.activation, self.scaling, samples, rng)

    def _search(self, samples, n_inputs, report):
        """How to look for a feature of units, the first of which are the columns."""
        n_samples, n_units = samples.X.shape
        starts = (
            ("gradient", "ridge", "spectral") if self.start == "auto" else (self.start,)
        )
        if n_samples <= n_units:
            if self.start == "spectral":
                raise ValueError(
                    f'start="spectral" needs more samples than units, but there are '
                    f"{n_samples} samples and {n_units} units. Take more samples, or "
                    'start="auto" or "gradient".'
                )
            starts = starts[:2]
        n_inputs = n_inputs if self.start == "auto" else 0
        return Search(
            starts, self.n_refinements, self.n_knots, self.alpha, report, n_inputs
        )

    def _attributes(self, units, learned, samples):
        """The fitted state that predictions follow from."""
        features = LearnedHinges(
            units,
            np.array([feature.coef for feature in learned]),
            np.array([feature.offset for feature in learned]),
            np.array([feature.link.knots for feature in learned]),
        )
        links = [feature.link for feature in learned]
        scale = np.where(np.isfinite(samples.scale), samples.scale, 0)
        coef = linalg.block_diag(*(link.coef[:, None] for link in links)) * scale
        intercept = samples.mean + scale * [link.intercept for link in links]
        shape, alpha = samples.target_shape, np.array([link.alpha for link in links])
        head = head_attributes(coef, intercept, samples.X.dtype, shape)
        return head | {"features_": features, "alpha_": by_target(alpha, shape)}


def _report(learned, k, stops, iteration, feature):
    """Tell callbacks of the feature of target k; whether one has ever said stop.

    Targets that come later then keep their first start.
    """
    learned[k] = feature
    stops.append(iteration())
    return any(stops)
