"""Gradient descent on both layers of a ReLU network whose first layer has low rank.

The network sees V'z for an orthonormal V (n_features, rank). A ridge head on random
units in that subspace and one Gauss-Newton step of V take turns; where the rank falls,
V keeps the directions along which the head changes most. Samples have inputs z as X.
"""

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, lsqr

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import DEGENERATE
from sklearn_depth._solvers.logistic._head import LogisticHead
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._first_step import unit_rms
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    charged_size,
    fit_on_the_way,
    joined,
)
from sklearn_depth.utils._memory import row_blocks

# Of the mean squared gradient: what holds a step back in directions that hardly matter.
_DAMPING = 0.01
_N_ITERATIONS = 10
# Share of isotropic noise in drawn weights, which keeps every direction reachable.
_ISOTROPIC_SHARE = 1e-4
# The same in a subspace. What the last head hardly used may be what it could not see:
# of sign(z1 z2) + sign(z2 z3) coarse units show z2 and z1 + z3 alone.
_ISOTROPIC_SHARE_WITHIN = 0.1
# Rounds at a rank whose units are kept.
_ROUNDS_KEPT = 3
# Layers whose error is within this factor of the best are mixed.
_NEAR = 1.15
# Shares of the gradient far below this are noise, whose ratios say nothing.
_FAINT = 3e-3


def principal_directions(covariance: Array) -> tuple[Array, Array]:
    """Eigenvalues as falling shares of their sum, and eigenvectors as rows.

    The largest entry of each eigenvector is positive.
    """
    eigenvalues, vectors = np.linalg.eigh(covariance)
    found = vectors.T[::-1]
    places = np.argmax(np.abs(found), axis=1)[:, None]
    largest = np.take_along_axis(found, places, axis=1)
    total = eigenvalues.sum()
    shares = np.maximum(eigenvalues[::-1], 0) / (total if total > 0 else 1)
    return shares, found * np.where(largest < 0, -1, 1)


def gap(shares: Array) -> int:
    """How many falling shares stand before the largest ratio of one to the next."""
    if len(shares) == 1:
        return 1
    return 1 + int(np.argmax((shares[:-1] + _FAINT) / (shares[1:] + _FAINT)))


def within(weights: NDArray, others: Array) -> NDArray:
    """Weights projected onto the span of others."""
    _, sizes, axes = np.linalg.svd(others, full_matrices=False)
    axes = axes[sizes > DEGENERATE * sizes.max(initial=0)]
    return ((weights @ axes.T) @ axes).astype(weights.dtype, copy=False)


def near_best(layers: list[Layer], n_samples: int) -> list[Layer]:
    """The layers that err, after the charge, hardly more than the best."""
    errors = [layer.mean_error(n_samples) for layer in layers]
    pairs = zip(layers, errors, strict=True)
    return [layer for layer, error in pairs if error <= _NEAR * min(errors)]


def well_trained(
    layer: Layer, trained: list[Layer], linear_error: float, n_samples: int
) -> Layer:
    """The best layer that was trained on, if well below the start and a linear fit."""
    best = min(trained, key=lambda one: one.mean_error(n_samples), default=layer)
    bar = min(layer.mean_error(n_samples), linear_error)
    return best if _NEAR * best.mean_error(n_samples) < bar else layer


def draw_weights(
    covariance: Array,
    n_units: int,
    rng: np.random.Generator,
    isotropic: float = _ISOTROPIC_SHARE,
) -> Array:
    """Weights from N(0, covariance), scaled to root mean square norm 1.

    ``isotropic`` is the size of a multiple of the identity that is added, over that of
    the covariance. By the symmetric square root, which moves continuously with both.
    """
    noise = rng.standard_normal((n_units, len(covariance)))
    return shaped(noise, covariance, isotropic)


def shaped(noise: Array, covariance: Array, isotropic: float) -> Array:
    """Weights of such a covariance from those of N(0, I)."""
    floor = isotropic * np.trace(covariance) / len(covariance)
    if floor <= 0:  # a constant fit has no gradient: any direction is as good
        return unit_rms(noise)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(eigenvalues, 0) + floor)) @ vectors.T
    return unit_rms(noise @ root)


def evaluate_head(
    layer: Layer, samples: Samples, head: RidgeHead | LogisticHead
) -> tuple[Array, list[Array]]:
    """Outputs (n_samples, n_targets), and gradients of each, by blocks of samples."""
    n_targets = head.coef.shape[1]
    outputs = np.empty((len(samples), n_targets))
    gradients = [np.empty(samples.X.shape) for _ in range(n_targets)]
    for rows in row_blocks(len(samples), len(layer)):
        Z = samples.X[rows]
        outputs[rows] = layer.features(Z) @ head.coef + head.intercept
        parts = layer.output_gradients(Z, head.coef)
        for gradient, part in zip(gradients, parts, strict=True):
            gradient[rows] = part
    return outputs, gradients


def narrow(subspace: Array, covariance: Array, rank: int) -> tuple[Array, Array]:
    """The part of a subspace with the most gradient, and its gradients' covariance."""
    _, vectors = np.linalg.eigh(covariance)
    kept = vectors[:, : -rank - 1 : -1]
    return subspace @ kept, kept.T @ covariance @ kept


def narrowed_layers(
    samples: Samples,
    covariance: Array,
    ranks: list[int],
    *,
    n_hidden: int,
    n_rounds: int,
    rng: np.random.Generator,
) -> Generator[Layer, None, list[Layer]]:
    """Yield each round's layer, and return one of n_hidden units for each of the ranks.

    The ranks fall. A layer's units are those of the last rounds of search at its rank;
    ``covariance`` is that of the gradients of a head on units of full rank.
    """
    subspace = np.eye(samples.n_features)
    n_kept = min(_ROUNDS_KEPT, n_rounds)
    n_units = -(-n_hidden // n_kept)
    layers = []
    for rank in ranks:
        subspace, covariance = narrow(subspace, covariance, rank)
        rounds = []
        for _ in range(n_rounds):
            layer, subspace, covariance = search_subspace(
                samples, subspace, covariance, n_units, rng
            )
            rounds.append(layer)
            yield replace(layer, step=f"rank {rank}")
        units = joined(rounds[-n_kept:])
        units = Layer(
            units.weights[:n_hidden], units.biases[:n_hidden], rounds[-1].n_search
        )
        layers.append(fit_on_the_way(units, samples)[0])
    return layers


def search_subspace(
    samples: Samples,
    subspace: Array,
    covariance: Array,
    n_units: int,
    rng: np.random.Generator,
) -> tuple[Layer, Array, Array]:
    """A round of fresh units, their head, and a step of the subspace.

    ``covariance`` is that of the last head's gradients in the subspace, which the
    weights are drawn from. Returns the layer, the subspace and its new covariance.
    """
    n_features, rank = subspace.shape
    weights = draw_weights(covariance, n_units, rng, _ISOTROPIC_SHARE_WITHIN)
    n_search = charged_size(rank, n_features, len(samples))
    inner = Layer(weights, rng.standard_normal(n_units), n_search)
    projected = samples.at(samples.X @ subspace)
    inner, head = fit_on_the_way(inner, projected)
    outputs, gradients = evaluate_head(inner, projected, head)
    share = samples.share[:, None]
    covariance = np.sum([g.T @ (share * g) for g in gradients], axis=0)
    turned = turn_subspace(samples, subspace, gradients, samples.targets - outputs)
    return replace(inner, weights=weights @ subspace.T), turned, covariance


def turn_subspace(
    samples: Samples,
    subspace: Array,
    gradients: list[Array],
    residual: Array,
    leave: Callable[[Array], Array] = lambda e: e,
) -> Array:
    """One Gauss-Newton step of V on the squared loss, the head held fast.

    The orthonormal factor of V + D, where D, orthogonal to V, minimises
    ``sum_ik share_i (residual_ik - <g_ik, D'z_i>)^2 + c |D|^2`` with g_ik the gradient
    of target k at V'z_i. Few iterations of least squares go for the large part of D.
    The head is not held fast where ``leave`` has the root of what it leaves of an
    error; the residual is that of no head, then.
    """
    root = np.sqrt(samples.share)[:, None]
    outside = samples.X - (samples.X @ subspace) @ subspace.T
    weighted = [root * gradient for gradient in gradients]

    def forward(step: Array) -> Array:
        moved = outside @ step.reshape(subspace.shape)
        changes = [np.sum(moved * g, axis=1) for g in weighted]
        return leave(np.column_stack(changes)).ravel()

    def adjoint(error: Array) -> Array:
        columns = leave(error.reshape(residual.shape)).T[:, :, None]
        pull = sum(e * g for e, g in zip(columns, weighted, strict=True))
        return (outside.T @ pull).ravel()

    damping = _DAMPING * sum(np.vdot(g, g) for g in weighted) / subspace.shape[1]
    operator = LinearOperator(
        (residual.size, subspace.size), matvec=forward, rmatvec=adjoint, dtype=float
    )
    step, *_ = lsqr(
        operator,
        leave(root * residual).ravel(),
        damp=np.sqrt(damping),
        iter_lim=_N_ITERATIONS,
        atol=0,
        btol=0,
    )
    return linalg.polar(subspace + step.reshape(subspace.shape))[0]
