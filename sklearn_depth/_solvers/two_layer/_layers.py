"""Layers of units as values, and the heads on them.

Inputs z are (n_samples, n_features), the X of the samples here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS, FEW_ROWS_ON_THE_WAY
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._penalties import Alpha
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._smooth_units import SmoothUnits, joined_units
from sklearn_depth.utils._memory import row_blocks

# Units that are active on a handful of samples must not go unpenalised.
ALPHA_FLOOR = 1e-8
# Charged for each parameter of the search, and how many are charged for directions at
# most, of each sample: empirical, flat within a factor of 1.5.
_COST = 2.0
_MOST_SEARCH = 0.2
# Blocks of this share of the usual size stay in the inner cache.
_SHARE = 16


@dataclass(frozen=True, eq=False)
class Layer:
    """Units relu(W z + b); a head on them has the inputs z beside.

    weights : (n_units, n_features), W.
    biases : (n_units,), b.
    n_search : how many parameters are charged for the search.
    error : (n_targets,), the estimated test error of a head; None where none was
        fitted.
    smooth : the units that are Hermite polynomials in place of ReLUs; None for none.
    head : one that came with the units, on targets of variance 1; None where a flat
        ridge is as good.
    prior : (n_columns, k), such that ``features @ prior`` are what a flat penalty is
        right for, up to its size; None for the features themselves.
    step : what made it, where that is more than its kind.
    """

    weights: Array
    biases: Array
    n_search: float = 0.0
    error: Array | None = None
    smooth: SmoothUnits | None = None
    head: RidgeHead | None = None
    prior: Array | None = None
    step: str = ""

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
        """[relu(W z + b), z], with smooth units in their places."""
        return self._beside_inputs(Z, self._units)

    def folds(self, Z: NDArray) -> NDArray:
        """[|W z + b|, z]."""
        return self._beside_inputs(Z, lambda z: np.abs(self._before(z)))

    def of_folds(self, coef: Array) -> Array:
        """Coefficients of features, for those of folds: |v| = 2 relu(v) - v."""
        units, inputs = coef[: len(self)], coef[len(self) :]
        return np.vstack([2 * units, inputs - self.weights.T @ units])

    def _before(self, Z: NDArray) -> NDArray:
        """W z + b."""
        before: NDArray = Z @ self.weights.T
        before += self.biases
        return before

    def _units(self, Z: NDArray) -> NDArray:
        before = self._before(Z)
        units: NDArray = np.maximum(before, 0)
        if self.smooth is not None:
            units[:, self.smooth.places] = self.smooth.values(before)
        return units

    def _beside_inputs(
        self, Z: NDArray, units_of: Callable[[NDArray], NDArray]
    ) -> NDArray:
        """[units, z], in blocks of few samples, whose units stay in the inner cache."""
        features = np.empty((len(Z), self.n_columns), dtype=Z.dtype)
        for rows in row_blocks(len(Z), self.n_columns, _SHARE):
            features[rows, : len(self)] = units_of(Z[rows])
        features[:, len(self) :] = Z
        return features

    def output_gradients(self, Z: NDArray, coef: Array) -> list[Array]:
        """grad f_k at each sample, for each output k of f = features coef."""
        blocks = row_blocks(len(Z), len(self), _SHARE)
        parts = [self._gradients_of(Z[rows], coef) for rows in blocks]
        return [np.concatenate(of_output) for of_output in zip(*parts, strict=True)]

    def _gradients_of(self, Z: NDArray, coef: Array) -> list[Array]:
        """The same of few samples."""
        before = self._before(Z)
        gates = (before > 0).astype(np.result_type(before, coef))
        if self.smooth is not None:
            gates[:, self.smooth.places] = self.smooth.slopes(before)
        units, inputs = coef[: len(self)], coef[len(self) :]
        pulls = units.T[:, :, None] * self.weights
        return [gates @ pull + a for pull, a in zip(pulls, inputs.T, strict=True)]

    def gradient_covariance(self, samples: Samples, coef: Array) -> Array:
        """E[sum_k grad f_k grad f_k'] of the outputs f = features coef."""
        covariance = np.zeros((samples.n_features, samples.n_features))
        for rows in row_blocks(len(samples), len(self)):
            share = samples.share[rows, None]
            for gradients in self.output_gradients(samples.X[rows], coef):
                covariance += (share * gradients).T @ gradients
        return covariance

    def at_least(self, error: Array, n_samples: int) -> "Layer":
        """The layer with charged errors that are no less than these."""
        assert self.error is not None
        free = max(1 - _COST * self.n_search / n_samples, 0.0)
        return replace(self, error=np.maximum(self.error, error * free**2))

    def charged_error(self, n_samples: int) -> Array:
        """Estimated test errors, of a layer whose units the labels chose.

        It has spent more than the degrees of freedom of its head: with q searched
        parameters the estimate becomes ``error / (1 - 2 q / n)^2``, and nothing is
        estimated from 2 q = n on.
        """
        if self.error is None:
            raise ValueError("The layer has no estimate: fit a head on it first.")
        free = 1 - _COST * self.n_search / n_samples
        if free > 0:
            return self.error / free**2
        return np.where(self.error > 0, np.inf, 0.0)

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
        alpha_floor=ALPHA_FLOOR,
        few_rows=few_rows,
    )


def fit_on_the_way(layer: Layer, samples: Samples) -> tuple[Layer, RidgeHead]:
    """The layer with its error by a head that only shows the way, and that head."""
    head = fit_head(layer, samples, few_rows=FEW_ROWS_ON_THE_WAY)
    return replace(layer, error=head.error), head


def fit_on_folds(layer: Layer, samples: Samples) -> tuple[Layer, Array]:
    """The same with a head on the folds of units: the error, and the coefficients.

    Of a ReLU half is linear, which the inputs have already: a flat penalty on it sees
    trends before it sees curves.
    """
    head = solve_ridge(
        layer.folds,
        samples,
        "auto",
        n_columns=layer.n_columns,
        alpha_floor=ALPHA_FLOOR,
        few_rows=FEW_ROWS_ON_THE_WAY,
    )
    return replace(layer, error=head.error), layer.of_folds(head.coef)


def searched(layer: Layer, n_samples: int) -> Layer:
    """The layer with the search counted by the rank that its weights spread over."""
    return replace(
        layer,
        n_search=charged_size(
            effective_rank(layer.weights), layer.weights.shape[1], n_samples
        ),
    )


def charged_size(rank: float, n_features: int, n_samples: int) -> float:
    """Parameters that are charged for a subspace of some rank."""
    return min(search_size(rank, n_features), _MOST_SEARCH * n_samples)


def search_size(rank: float, n_features: int) -> float:
    """Parameters of a subspace of some rank."""
    return rank * (n_features - rank)


def effective_rank(matrix: NDArray) -> float:
    """(tr M)^2 / tr M^2 of M = W'W: how many directions the rows W spread over."""
    n_rows, n_columns = matrix.shape
    gram = matrix @ matrix.T if n_rows < n_columns else matrix.T @ matrix
    total = np.trace(gram)
    return float(total**2 / np.vdot(gram, gram)) if total > 0 else 0.0


def joined(layers: list[Layer]) -> Layer:
    """All units of some layers, one layer after the other."""
    weights = np.concatenate([layer.weights for layer in layers])
    biases = np.concatenate([layer.biases for layer in layers])
    sizes = [len(layer) for layer in layers]
    smooth = joined_units([layer.smooth for layer in layers], sizes)
    return Layer(weights, biases, smooth=smooth)


def interleaved(layers: list[Layer]) -> Layer:
    """Every k-th unit of each of k layers of ReLUs of equal size."""
    k = len(layers)
    parts = [Layer(a.weights[i::k], a.biases[i::k]) for i, a in enumerate(layers)]
    return joined(parts)
