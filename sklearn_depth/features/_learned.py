"""ReLU layers learned by gradient steps."""

from dataclasses import fields
from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from sklearn_depth._solvers.two_layer._inputs import Inputs
from sklearn_depth._solvers.two_layer._label_transforms import LABEL_KINDS
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth._solvers.two_layer._search import Search, learn_layers
from sklearn_depth._solvers.two_layer._smooth_units import SmoothUnits
from sklearn_depth.features._map import FeatureMap
from sklearn_depth.utils._constraints import (
    NON_NEGATIVE_INTEGER,
    POSITIVE,
    POSITIVE_INTEGER,
)
from sklearn_depth.utils._dask import DaskRows, is_dask
from sklearn_depth.utils._random import RANDOM_STATE, separate_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions, fit_context, store_fit
from sklearn_depth.utils._streams import columns_of_blocks
from sklearn_depth.utils._validation import columns_of, validate_samples


def search_of(estimator):
    """How the first layer is learned, by an estimator's parameters."""
    return Search(**{f.name: getattr(estimator, f.name) for f in fields(Search)})


def inputs_of(features):
    """The map to z of a fitted map."""
    whitening = None if features.whiten is None else features.whitening_
    return Inputs(features.mean_, features.scale_, whitening)


def layer_of(features):
    """The units of a fitted map."""
    places = np.flatnonzero(features.hidden_degree_)
    smooth = None
    if len(places):
        degrees, bounds = features.hidden_degree_, features.hidden_bounds_
        smooth = SmoothUnits(places, degrees[places], bounds[places])
    return Layer(features.hidden_coef_, features.hidden_intercept_, smooth=smooth)


def learned_map(parameters, seen, learned, layer):
    """A map of a layer, beside which ``learned`` was found, as if fitted."""
    features = LearnedReLUFeatures(**parameters)
    return store_fit(features, columns_of(seen) | _attributes(learned, layer))


def _attributes(learned, layer):
    """The fitted state of a map."""
    inputs, linear, dtype = learned.inputs, learned.linear, learned.samples.X.dtype
    layer, n_features = layer.astype(dtype), learned.samples.n_features
    whitening = np.eye(n_features) if inputs.whitening is None else inputs.whitening
    degrees, bounds = _degrees_and_bounds(layer)
    found = {
        "hidden_coef_": layer.weights,
        "hidden_intercept_": layer.biases,
        "hidden_degree_": degrees,
        "hidden_bounds_": bounds,
        "mean_": inputs.mean,
        "scale_": inputs.scale,
        "whitening_": whitening,
        "linear_coef_": linear.coef,
        "linear_intercept_": linear.intercept,
        "linear_error_": linear.error,
    }
    if learned.labels is not None:
        found["label_transforms_"] = learned.labels.names
        found["standout_"] = learned.labels.standout
    return found


def _degrees_and_bounds(layer):
    """Of all units; ReLUs have degree 0 and no bounds."""
    degrees, bounds = np.zeros(len(layer), np.intp), np.full((len(layer), 2), np.inf)
    bounds[:, 0] = -np.inf
    if layer.smooth is not None:
        degrees[layer.smooth.places] = layer.smooth.degrees
        bounds[layer.smooth.places] = layer.smooth.bounds
    return degrees, bounds


class LearnedReLUFeatures(ClassNamePrefixFeaturesOutMixin, FeatureMap):
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
    units are mixed. Where neither labels nor heads have shown anything by then, ranks 3
    and 1 begin again from the gradients of a Laplace kernel machine [2]_, on at most
    3000 samples.

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
    label_transform : {"auto", "clip", "distance"}, callable or None, default="auto"
        Labels of the first step, for the residual r at unit variance: "clip" takes
        ``clip(r, -1, 1)`` and "distance" ``min(|r - median|, 2)``; None takes the
        residual as it is. A callable, such as
        :func:`~sklearn_depth.metrics.optimal_label_transform` makes, takes the targets
        themselves, and a linear trend of what it returns is taken off.
        "auto" shares the units among those of the three that show a direction, in that
        the largest eigenvalue of E[l zz'] stands out of its noise, or among all where
        none does.
    whiten : {"ridge"} or None, default="ridge"
        "ridge" standardises the features, clips them at 5 standard deviations and turns
        them by ``(C + c I)^(-1/2)``, with C their covariance and c its mean eigenvalue,
        scaled to a mean variance of 1. With fewer samples than features they are not
        turned if a linear fit then has less estimated error. None takes z = x.
    linear_part : {"ridge", "moment"} or None, default="ridge"
        The linear fit that is taken off the labels: ridge with its penalty by GCV, or
        the moments E[y] + <E[(y - E[y]) z], z>, which are its population form for
        N(0, I), where the paper has E[y z]. None takes off the mean alone, so that a
        linear trend turns the first step too.
    learning_rate : "rms" or float, default="rms"
        Step size eta of the first step; "rms" scales the rows of W to root mean square
        norm 1, for each kind of label on its own.
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
    hidden_degree_ : ndarray of int of shape (n_hidden,)
        0 for ReLUs, as all are here. In place of a ReLU of <w, z> + b, units that
        :class:`~sklearn_depth.TwoLayerGDRegressor` calls smooth are the Hermite
        polynomial of this degree, orthonormal under N(0, 1).
    hidden_bounds_ : ndarray of shape (n_hidden, 2)
        Where <w, z> + b is below the first or above the second, smooth units go on
        along their tangent; infinite for ReLUs.
    label_transforms_ : ndarray of str
        The labels that the units took in the first step, of "identity", "clip" and
        "distance", or "given" for a callable. Only where there is a first step.
    standout_ : float
        How far a direction stands out of the noise: the largest eigenvalue, in size, of
        E[l zz'] of such labels, z whitened, over the edge of the spectrum of labels at
        random; at most over labels. Noise is beyond 1 + r^(-2/3), with r the rank of
        X, once in a hundred times or, with few samples a feature, less often. Only
        where there is a first step.
    linear_coef_ : ndarray of shape (n_features, n_targets)
        The linear fit on z that was taken off the labels.
    linear_intercept_ : ndarray of shape (n_targets,)
        Its constant.
    linear_error_ : ndarray of shape (n_targets,) or None
        Its estimated test error, by GCV or leave-one-out; None for moments.
    mean_, scale_ : ndarray of shape (n_features,)
        Means mu and standard deviations s of the features, wild entries pulled in to
        ten robust standard deviations; 0 and 1 without whitening.
    whitening_ : ndarray of shape (n_features, n_features)
        The matrix A; I where features are not turned.
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
    10 d samples. The edge of noise is that of a weighted Wishart matrix [4]_.

    The repeated steps are those of a recursive feature machine [2]_ with a two-layer
    network as its kernel. Narrowing is gradient descent on both layers while the rank
    falls. It finds a direction that stands out to the precision that its d parameters
    allow, where rows drawn from M alone keep a share of noise.

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
    >>> print(f"{np.median(abs(rows @ truth.directions[0])):.2f}")
    1.00
    """

    _parameter_constraints: dict = {
        "n_hidden": [Interval(Integral, 2, None, closed="left")],
        "n_feature_steps": [NON_NEGATIVE_INTEGER],
        "n_directions": [StrOptions({"auto"}), POSITIVE_INTEGER, None],
        "label_transform": [StrOptions({"auto", *LABEL_KINDS[1:]}), callable, None],
        "whiten": [StrOptions({"ridge"}), None],
        "linear_part": [StrOptions({"ridge", "moment"}), None],
        "learning_rate": [StrOptions({"rms"}), POSITIVE],
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
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Training data. The layer is learned from at most 20 000 samples of a Dask
            collection, drawn at random, the same each time.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights, whose unit does not matter; a weight of 2 is a sample
            given twice.

        Returns
        -------
        self : LearnedReLUFeatures
            The fitted transformer.
        """
        given = X, y, sample_weight
        if is_dask(X):
            rows = DaskRows(*given)
            columns_of_blocks(self, rows)
            given = rows.sample()
        samples, seen = validate_samples(self, *given)
        rng = separate_generator(self.random_state)
        learned = learn_layers(samples.distinct(), search_of(self), {"dense"}, rng)
        return store_fit(self, seen | _attributes(learned, learned.layer))

    def _map(self, X):
        """``transform`` of validated X."""
        return layer_of(self).astype(X.dtype).features(inputs_of(self).of(X))

    @property
    def _n_features_out(self):
        return len(self.hidden_coef_) + self.n_features_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
