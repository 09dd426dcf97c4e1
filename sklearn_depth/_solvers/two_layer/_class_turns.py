"""The last turns of a subspace, on log loss.

Squared loss rounds steep boundaries off, and finds their directions less precisely.
"""

from dataclasses import replace

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.logistic._head import LogisticHead, solve_logistic
from sklearn_depth._solvers.logistic._log_loss import probabilities
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    charged_size,
    joined,
    search_size,
)
from sklearn_depth._solvers.two_layer._subspace import (
    evaluate_head,
    gap,
    narrow,
    principal_directions,
    shaped,
    turn_subspace,
)

# Rounds, whose units make a layer; further ones gain nothing.
_N_ROUNDS = 3
# Of parameters of the subspace, for each sample: more fit the noise. Empirical.
_MOST_SEARCH = 1 / 12
# Turns of more classes than this take more time than all else.
_MOST_TARGETS = 3
# Labels that a parameter of the search knows by heart. Empirical.
_BY_HEART = 0.5
# Share of isotropic noise in drawn weights.
_ISOTROPIC_SHARE = 0.1
# Curvatures of samples that are sure count as so much.
_LEAST_CURVATURE = 1e-3


def fit_class_head(
    layer: Layer, samples: Samples, alpha: str | float, *, exact: bool = True
) -> RidgeHead:
    """A logistic head on a layer; its error is the estimated log loss.

    A penalty that is chosen is on features of the layer's prior; its head is rough
    unless it is to be ``exact``.
    """
    prior = layer.prior if isinstance(alpha, str) else None
    return _as_head(_solve(layer, samples, alpha, prior, exact=exact), prior, samples)


def exact_class_head(layer: Layer, samples: Samples, rough: RidgeHead) -> RidgeHead:
    """The head of the penalty that a rough one has chosen."""
    alpha = float(rough.alpha[0])
    head = _solve(layer, samples, alpha, layer.prior, estimated=False)
    return replace(_as_head(head, layer.prior, samples), error=rough.error)


def _as_head(head: LogisticHead, prior: Array | None, samples: Samples) -> RidgeHead:
    coef = head.coef if prior is None else prior @ head.coef
    ones = np.ones(samples.n_targets)
    return RidgeHead(coef, head.intercept, head.alpha * ones, head.error * ones)


def _solve(
    layer: Layer,
    samples: Samples,
    alpha: str | float,
    prior: Array | None = None,
    estimated: bool = True,
    exact: bool = True,
) -> LogisticHead:
    return solve_logistic(
        layer.features if prior is None else lambda Z: layer.features(Z) @ prior,
        samples,
        alpha,
        n_columns=layer.n_columns if prior is None else prior.shape[1],
        estimated=estimated,
        exact=exact,
        doubt=min(_BY_HEART * layer.n_search / len(samples), 1.0),
    )


def turned_layer(
    layer: Layer,
    dense: RidgeHead,
    samples: Samples,
    start: Layer,
    rank: int | None,
) -> Layer | None:
    """A layer in the span of the few directions that its head depends on, turned on.

    ``rank`` is how many, or None for those before the gap of the spectrum; units are
    drawn from those of ``start``. None where the samples do not bear it, or it has no
    room.
    """
    covariance = layer.gradient_covariance(samples, dense.coef)
    rank = gap(principal_directions(covariance)[0]) if rank is None else rank
    most = _MOST_SEARCH * len(samples) * (samples.n_targets <= _MOST_TARGETS)
    if not 0 < search_size(rank, samples.n_features) <= most:
        return None
    n_search = charged_size(rank, samples.n_features, len(samples))
    subspace, covariance = narrow(np.eye(len(covariance)), covariance, rank)
    layers: list[Layer] = []
    alpha: str | float = "loo"
    for k in range(_N_ROUNDS):
        biases = start.biases[k::_N_ROUNDS]
        noise = start.weights[k::_N_ROUNDS] @ subspace * np.sqrt(samples.n_features)
        inner = Layer(shaped(noise, covariance, _ISOTROPIC_SHARE), biases, n_search)
        projected = samples.at(samples.X @ subspace)
        head = _solve(inner, projected, alpha, estimated=False)
        alpha = head.alpha  # as good for the next round
        margins, gradients = evaluate_head(inner, projected, head)
        share = samples.share[:, None]
        covariance = np.sum([g.T @ (share * g) for g in gradients], axis=0)
        turned = Layer(inner.weights @ subspace.T, biases, n_search)
        layers.append(turned.astype(samples.X.dtype))
        subspace = _turn(samples, subspace, gradients, margins)
    return replace(joined(layers), n_search=n_search)


def _turn(
    samples: Samples, subspace: Array, gradients: list[Array], margins: Array
) -> Array:
    """One Gauss-Newton step of V on log loss, by the curvature of single outputs."""
    p = probabilities(margins)
    root = np.sqrt(np.maximum(p * (1 - p), _LEAST_CURVATURE))
    scaled = [r[:, None] * g for r, g in zip(root.T, gradients, strict=True)]
    return turn_subspace(samples, subspace, scaled, (samples.targets - p) / root)
