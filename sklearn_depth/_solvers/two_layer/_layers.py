"""Layers of ReLUs as values, and the heads on them.

Inputs z are (n_samples, n_features), the X of the samples here.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS, FEW_ROWS_ON_THE_WAY
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import Alpha
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth.utils._memory import row_blocks

# Units that are active on a handful of rows must not go unpenalised.
_ALPHA_FLOOR = 1e-8
# Charged for each parameter of the search, at most so much of the samples: empirical,
# flat within a factor of 1.5.
_COST = 2.0
_LARGEST_CHARGE = 0.4


@dataclass(frozen=True, eq=False)
class Layer:
    """Units relu(W z + b); a head on them has the inputs z beside.

    weights : (n_units, n_features), W.
    biases : (n_units,), b.
    n_search : how many parameters the search for the directions had.
    error : (n_targets,), the estimated test error of a head; None where none was
        fitted.
    """

    weights: Array
    biases: Array
    n_search: float = 0.0
    error: Array | None = None

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def n_columns(self) -> int:
        """Of a head: units and inputs."""
        return sum(self.weights.shape)

    def astype(self, dtype: np.dtype) -> "Layer":
        """The layer in another float type."""
        return replace(
            self,
            weights=self.weights.astype(dtype, copy=False),
            biases=self.biases.astype(dtype, copy=False),
        )

    def features(self, Z: NDArray) -> NDArray:
        """[relu(W z + b), z]."""
        n_units = len(self)
        features = np.empty((len(Z), self.n_columns), dtype=Z.dtype)
        units = features[:, :n_units]
        np.matmul(Z, self.weights.T, out=units)
        units += self.biases
        np.maximum(units, 0, out=units)
        features[:, n_units:] = Z
        return features

    def output_gradients(self, Z: NDArray, coef: Array) -> list[Array]:
        """grad f_k at each sample, for each output k of f = [relu(W z + b), z] coef."""
        gates = Z @ self.weights.T + self.biases > 0
        n_units = len(self)
        return [(gates * a[:n_units]) @ self.weights + a[n_units:] for a in coef.T]

    def gradient_covariance(self, samples: Samples, coef: Array) -> Array:
        """E[sum_k grad f_k grad f_k'] of the outputs f = [relu(W z + b), z] coef."""
        covariance = np.zeros((samples.n_features, samples.n_features))
        for rows in row_blocks(len(samples), len(self)):
            share = samples.share[rows, None]
            for gradients in self.output_gradients(samples.X[rows], coef):
                covariance += (share * gradients).T @ gradients
        return covariance

    def charged_error(self, n_samples: int) -> Array:
        """Estimated test errors, of a layer whose directions the labels chose.

        It has spent more than the degrees of freedom of its head: with q searched
        parameters the estimate becomes ``error / (1 - min(2 q, 0.4 n) / n)^2``.
        """
        if self.error is None:
            raise ValueError("The layer has no estimate: fit a head on it first.")
        charge = min(_COST * self.n_search / n_samples, _LARGEST_CHARGE)
        return self.error / (1 - charge) ** 2

    def mean_error(self, n_samples: int) -> float:
        """The mean of charged errors over targets that are not constant."""
        errors = self.charged_error(n_samples)  # 0 for constants
        return float(errors.sum() / max(np.count_nonzero(errors), 1))


def fit_head(
    layer: Layer, samples: Samples, alpha: Alpha = "auto", few_rows: float = FEW_ROWS
) -> RidgeHead:
    """Ridge head on [relu(W z + b), z]."""
    return solve_ridge(
        layer.features,
        samples,
        alpha,
        n_columns=layer.n_columns,
        alpha_floor=_ALPHA_FLOOR,
        few_rows=few_rows,
    )


def fit_on_the_way(layer: Layer, samples: Samples) -> tuple[Layer, RidgeHead]:
    """The layer with its error by a head that only shows the way, and that head."""
    head = fit_head(layer, samples, few_rows=FEW_ROWS_ON_THE_WAY)
    return replace(layer, error=head.error), head


def searched(layer: Layer) -> Layer:
    """The layer with the search counted by the rank that its weights spread over."""
    rank = effective_rank(layer.weights)
    return replace(layer, n_search=search_size(rank, layer.weights.shape[1]))


def search_size(rank: float, n_features: int) -> float:
    """Parameters of a subspace of some rank."""
    return rank * (n_features - rank)


def effective_rank(weights: Array) -> float:
    """(tr M)^2 / tr M^2 of M = W'W: how many directions the weights spread over."""
    singular = np.linalg.svd(weights, compute_uv=False) ** 2
    total = singular.sum()
    return float(total**2 / (singular**2).sum()) if total > 0 else 0.0


def joined(layers: list[Layer]) -> Layer:
    """All units of some layers, one layer after the other."""
    weights = np.concatenate([layer.weights for layer in layers])
    return Layer(weights, np.concatenate([layer.biases for layer in layers]))


def interleaved(layers: list[Layer]) -> Layer:
    """Every k-th unit of each of k layers of equal size."""
    k = len(layers)
    parts = [Layer(a.weights[i::k], a.biases[i::k]) for i, a in enumerate(layers)]
    return joined(parts)
