"""Steps that learn the first layer of a two-layer ReLU network.

Inputs Z are (n_samples, n_features); the layer has rows W (n_hidden, n_features) and
biases b (n_hidden,). Samples are weighted by ``share``, which sums to 1.
"""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers._spectrum import Array
from sklearn_depth.utils._memory import row_blocks

# Share of isotropic noise in drawn rows, which keeps every direction reachable.
_ISOTROPIC_SHARE = 1e-4


def relu_and_linear(Z: NDArray, rows: NDArray, biases: NDArray) -> NDArray:
    """The features [relu(W z + b), z]."""
    n_hidden = len(rows)
    features = np.empty((len(Z), n_hidden + Z.shape[1]), dtype=Z.dtype)
    units = features[:, :n_hidden]
    np.matmul(Z, rows.T, out=units)
    units += biases
    np.maximum(units, 0, out=units)
    features[:, n_hidden:] = Z
    return features


def gradient_rows(
    Z: NDArray, labels: NDArray, mix: NDArray, start: NDArray, share: Array
) -> Array:
    """Minus the gradient of squared loss in W, at W = ``start``, b = 0 and output 0.

    Row j is ``2 E[l_j z 1{<w_j, z> >= 0}]`` with l = labels @ mix, of shape
    (n_samples, n_hidden): for one target and mix = a this is step 2 of Algorithm 1 of
    Damian, Lee and Soltanolkotabi (2022), but for its learning rate.
    """
    rows = np.zeros(start.shape)
    for block in row_blocks(len(Z), len(start)):
        pull = (share[block, None] * labels[block]) @ mix
        pull *= Z[block] @ start.T >= 0
        rows += pull.T @ Z[block]
    return 2 * rows


def paired_signs(
    n_kinds: int, n_targets: int, n_hidden: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.intp]]:
    """Output weights +-1 of the first step, and the kind of label of each unit.

    Units 2 j and 2 j + 1 have opposite signs. The weights are (n_kinds * n_targets,
    n_hidden), 0 for all kinds but a unit's own.
    """
    unit = np.arange(n_hidden)
    kind, sign = (unit // 2) % n_kinds, 1 - 2 * (unit % 2)
    signs = rng.choice([-1.0, 1.0], size=(n_targets, unit[-1] // 2 + 1))
    weights = np.zeros((n_kinds, n_targets, n_hidden))
    weights[kind, :, unit] = (signs[:, unit // 2] * sign).T
    return weights.reshape(-1, n_hidden), kind


def gradient_covariance(
    Z: NDArray, rows: NDArray, biases: NDArray, coef: Array, share: Array
) -> Array:
    """E[sum_k grad f_k grad f_k'] of the outputs f = [relu(W z + b), z] coef."""
    n_hidden, n_features = rows.shape
    covariance = np.zeros((n_features, n_features))
    for block in row_blocks(len(Z), n_hidden):
        for gradients in output_gradients(Z[block], rows, biases, coef):
            covariance += (share[block, None] * gradients).T @ gradients
    return covariance


def output_gradients(
    Z: NDArray, rows: NDArray, biases: NDArray, coef: Array
) -> list[Array]:
    """grad f_k at each sample, for each output k of f = [relu(W z + b), z] coef."""
    gates = Z @ rows.T + biases > 0
    n_hidden = len(rows)
    return [(gates * a[:n_hidden]) @ rows + a[n_hidden:] for a in coef.T]


def draw_rows(
    covariance: Array,
    n_rows: int,
    rng: np.random.Generator,
    isotropic: float = _ISOTROPIC_SHARE,
) -> Array:
    """Rows from N(0, covariance), scaled to root mean square norm 1.

    ``isotropic`` is the size of a multiple of the identity that is added, over that of
    the covariance. By the symmetric square root, which moves continuously with both.
    """
    noise = rng.standard_normal((n_rows, len(covariance)))
    floor = isotropic * np.trace(covariance) / len(covariance)
    if floor <= 0:  # a constant fit has no gradient: any direction is as good
        return unit_rms(noise)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(eigenvalues, 0) + floor)) @ vectors.T
    return unit_rms(noise @ root)


def target_scale(targets: Array, share: Array) -> Array:
    """Standard deviation of each target, inf where that is rounding of the mean."""
    mean = share @ targets
    deviation = np.sqrt(share @ (targets - mean) ** 2)
    rounding = len(targets) * np.finfo(np.float64).eps * np.abs(mean)
    return np.where(deviation > rounding, deviation, np.inf)


def unit_rms(rows: Array) -> Array:
    """Rows over the root mean square of their norms; zeros stay zeros."""
    size = np.sqrt((rows**2).sum(axis=1).mean())
    return rows / size if size > 0 else rows


def effective_rank(rows: Array) -> float:
    """(tr M)^2 / tr M^2 of M = W'W: how many directions the rows spread over."""
    singular = np.linalg.svd(rows, compute_uv=False) ** 2
    total = singular.sum()
    return float(total**2 / (singular**2).sum()) if total > 0 else 0.0
