"""Gradient descent on both layers of a ReLU network whose first layer has low rank.

The network sees V'z for an orthonormal V (n_features, rank). A ridge head on random
units in that subspace and one Gauss-Newton step of V take turns; where the rank falls,
V keeps the directions along which the head changes most. Samples are weighted by
``share``, which sums to 1.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, lsqr

from sklearn_depth._solvers._feature_steps import (
    draw_rows,
    gradient_covariance,
    output_gradients,
    relu_and_linear,
)
from sklearn_depth._solvers._gate import charged_score
from sklearn_depth._solvers._ridge import RidgeHead, solve_ridge
from sklearn_depth._solvers._spectrum import Array
from sklearn_depth.utils._memory import row_blocks

# Units that are active on a handful of rows must not go unpenalised.
RELU_ALPHA_FLOOR = 1e-8
# From so many rows a column GCV does for heads that only show the way.
_FEW_ROWS = 4
# Of the mean squared gradient: what holds a step back in directions that hardly matter.
_DAMPING = 0.01
_N_ITERATIONS = 10
# Of rows drawn in a subspace. What the last head hardly used may be what it could not
# see: of sign(z1 z2) + sign(z2 z3) coarse units show z2 and z1 + z3 alone.
_ISOTROPIC_SHARE = 0.1
# Rounds at a rank whose units are kept.
_ROUNDS_KEPT = 3
# Layers that score within this factor of the best are mixed.
_NEAR = 1.15
# Shares of the gradient far below this are noise, whose ratios say nothing.
_FAINT = 3e-3


@dataclass(frozen=True)
class Layer:
    """Units relu(W z + b) and the estimated test error of a head on them.

    rows : (n_units, n_features).
    biases : (n_units,).
    score : (n_targets,).
    n_search : how many parameters the search for the directions had.
    """

    rows: Array
    biases: Array
    score: Array
    n_search: float


def search_size(rank: float, n_features: int) -> float:
    """Parameters of a subspace of some rank."""
    return rank * (n_features - rank)


def principal_directions(covariance: Array) -> tuple[Array, Array]:
    """Eigenvalues as falling shares of their sum, and eigenvectors as rows.

    The largest entry of each eigenvector is positive.
    """
    eigenvalues, vectors = np.linalg.eigh(covariance)
    rows = vectors.T[::-1]
    largest = np.take_along_axis(rows, np.argmax(np.abs(rows), axis=1)[:, None], axis=1)
    total = eigenvalues.sum()
    shares = np.maximum(eigenvalues[::-1], 0) / (total if total > 0 else 1)
    return shares, rows * np.where(largest < 0, -1, 1)


def gap(shares: Array) -> int:
    """How many falling shares stand before the largest ratio of one to the next."""
    if len(shares) == 1:
        return 1
    return 1 + int(np.argmax((shares[:-1] + _FAINT) / (shares[1:] + _FAINT)))


def near_best(layers: list[Layer], n_samples: float) -> list[Layer]:
    """The layers that score, after the charge, nearly as well as the best."""
    scores = [layer_error(layer, n_samples) for layer in layers]
    pairs = zip(layers, scores, strict=True)
    return [layer for layer, score in pairs if score <= _NEAR * min(scores)]


def well_trained(
    layer: Layer, trained: list[Layer], linear_error: float, n_samples: float
) -> Layer:
    """The best layer that was trained on, if well below the start and a linear fit."""
    best = min(trained, key=lambda one: layer_error(one, n_samples), default=layer)
    bar = min(layer_error(layer, n_samples), linear_error)
    return best if _NEAR * layer_error(best, n_samples) < bar else layer


def layer_error(layer: Layer, n_samples: float) -> float:
    """Estimated test error of a head on the layer, after the charge for its search.

    The mean over targets, but for those that are constant, whose error is 0.
    """
    scores = charged_score(layer.score, layer.n_search, n_samples)
    return float(scores.sum() / max(np.count_nonzero(scores), 1))


def mix(layers: list[Layer]) -> tuple[Array, Array]:
    """Rows and biases of every k-th unit of each of k layers of equal size."""
    k = len(layers)
    rows = [layer.rows[i::k] for i, layer in enumerate(layers)]
    biases = [layer.biases[i::k] for i, layer in enumerate(layers)]
    return np.concatenate(rows), np.concatenate(biases)


def union(layers: list[Layer]) -> tuple[Array, Array]:
    """Rows and biases of all units of some layers."""
    rows = np.concatenate([layer.rows for layer in layers])
    return rows, np.concatenate([layer.biases for layer in layers])


def fit_head(
    Z: NDArray,
    rows: NDArray,
    biases: NDArray,
    targets: Array,
    sample_weight: Array | None,
) -> RidgeHead:
    """Ridge head on [relu(W z + b), z], its penalty by GCV or leave-one-out."""
    return solve_ridge(
        lambda z: relu_and_linear(z, rows, biases),
        Z,
        targets,
        sample_weight,
        "gcv",
        n_columns=len(rows) + Z.shape[1],
        alpha_floor=RELU_ALPHA_FLOOR,
        few_rows=_FEW_ROWS,
    )


def measure_layer(
    Z: NDArray,
    rows: NDArray,
    biases: NDArray,
    targets: Array,
    sample_weight: Array | None,
    share: Array,
) -> tuple[Array, Array]:
    """The score of a head on the units, and the covariance of its gradients."""
    head = fit_head(Z, rows, biases, targets, sample_weight)
    covariance = gradient_covariance(Z, rows, biases, head.coef, share)
    return np.asarray(head.score), covariance


def evaluate_head(
    Z: NDArray, rows: NDArray, biases: NDArray, head: RidgeHead
) -> tuple[Array, list[Array]]:
    """Outputs (n_samples, n_targets), and the gradients of each, by blocks of rows."""
    n_targets = head.coef.shape[1]
    outputs = np.empty((len(Z), n_targets))
    gradients = [np.empty(Z.shape) for _ in range(n_targets)]
    for block in row_blocks(len(Z), len(rows)):
        features = relu_and_linear(Z[block], rows, biases)
        outputs[block] = features @ head.coef + head.intercept
        parts = output_gradients(Z[block], rows, biases, head.coef)
        for gradient, part in zip(gradients, parts, strict=True):
            gradient[block] = part
    return outputs, gradients


def narrow(subspace: Array, covariance: Array, rank: int) -> tuple[Array, Array]:
    """The part of a subspace with the most gradient, and its gradients' covariance."""
    _, vectors = np.linalg.eigh(covariance)
    kept = vectors[:, : -rank - 1 : -1]
    return subspace @ kept, kept.T @ covariance @ kept


def narrowed_layers(
    Z: NDArray,
    targets: Array,
    sample_weight: Array | None,
    share: Array,
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
    subspace = np.eye(Z.shape[1])
    n_kept = min(_ROUNDS_KEPT, n_rounds)
    layers = []
    for rank in ranks:
        subspace, covariance = narrow(subspace, covariance, rank)
        rounds, subspace, covariance = yield from search_subspace(
            Z,
            targets,
            sample_weight,
            share,
            subspace,
            covariance,
            n_units=-(-n_hidden // n_kept),
            n_rounds=n_rounds,
            rng=rng,
        )
        rows, biases = union(rounds[-n_kept:])
        rows, biases = rows[:n_hidden], biases[:n_hidden]
        head = fit_head(Z, rows, biases, targets, sample_weight)
        layers.append(Layer(rows, biases, np.asarray(head.score), rounds[-1].n_search))
    return layers


def search_subspace(
    Z: NDArray,
    targets: Array,
    sample_weight: Array | None,
    share: Array,
    subspace: Array,
    covariance: Array,
    *,
    n_units: int,
    n_rounds: int,
    rng: np.random.Generator,
) -> Generator[Layer, None, tuple[list[Layer], Array, Array]]:
    """Rounds of fresh units, their head, and a step of the subspace.

    ``covariance`` is that of the last head's gradients in the subspace, which the rows
    are drawn from. Yields the layer of each round; returns these, subspace and
    covariance.
    """
    rounds = []
    n_search = search_size(subspace.shape[1], len(subspace))
    for _ in range(n_rounds):
        rows = draw_rows(covariance, n_units, rng, _ISOTROPIC_SHARE)
        biases = rng.standard_normal(n_units)
        z = Z @ subspace
        head = fit_head(z, rows, biases, targets, sample_weight)
        score = np.asarray(head.score)
        rounds.append(Layer(rows @ subspace.T, biases, score, n_search))
        yield rounds[-1]
        outputs, gradients = evaluate_head(z, rows, biases, head)
        covariance = np.sum([g.T @ (share[:, None] * g) for g in gradients], axis=0)
        subspace = turn_subspace(Z, subspace, gradients, targets - outputs, share)
    return rounds, subspace, covariance


def turn_subspace(
    Z: NDArray, subspace: Array, gradients: list[Array], residual: Array, share: Array
) -> Array:
    """One Gauss-Newton step of V on the squared loss, the head held fast.

    The orthonormal factor of V + D, where D, orthogonal to V, minimises
    ``sum_ik share_i (residual_ik - <g_ik, D'z_i>)^2 + c |D|^2`` with g_ik the gradient
    of target k at V'z_i. Few iterations of least squares go for the large part of D.
    """
    root = np.sqrt(share)[:, None]
    outside = Z - (Z @ subspace) @ subspace.T
    weighted = [root * gradient for gradient in gradients]

    def forward(step: Array) -> Array:
        moved = outside @ step.reshape(subspace.shape)
        return np.column_stack([np.sum(moved * g, axis=1) for g in weighted]).ravel()

    def adjoint(error: Array) -> Array:
        columns = error.reshape(residual.shape).T[:, :, None]
        pull = sum(e * g for e, g in zip(columns, weighted, strict=True))
        return (outside.T @ pull).ravel()

    damping = _DAMPING * sum(np.vdot(g, g) for g in weighted) / subspace.shape[1]
    operator = LinearOperator(
        (residual.size, subspace.size), matvec=forward, rmatvec=adjoint, dtype=float
    )
    step, *_ = lsqr(
        operator,
        (root * residual).ravel(),
        damp=np.sqrt(damping),
        iter_lim=_N_ITERATIONS,
        atol=0,
        btol=0,
    )
    return linalg.polar(subspace + step.reshape(subspace.shape))[0]
