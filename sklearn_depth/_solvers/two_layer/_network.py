"""A two-layer ReLU network with a linear part: its parameters and their forms."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers.ridge._spectrum import Array

# Units with a smaller share of the size of the largest one have died.
_DEAD = 0.01


@dataclass(frozen=True)
class Network:
    """f(z) = [relu(W z + b), z] coef + intercept.

    weights : (n_hidden, n_features).
    biases : (n_hidden,).
    coef : (n_hidden + n_features, n_targets).
    intercept : (n_targets,).
    decay : the weight decay it was trained with.
    """

    weights: Array
    biases: Array
    coef: Array
    intercept: Array
    decay: float = 0.0

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def units(self) -> Array:
        """The vectors (w_j, b_j)."""
        return np.column_stack([self.weights, self.biases])

    def sizes(self) -> tuple[Array, Array]:
        """|a_j| and |(w_j, b_j)|; their product does not depend on a unit's scale."""
        outer = np.linalg.norm(self.coef[: len(self.weights)], axis=1)
        return outer, np.linalg.norm(self.units, axis=1)

    def balanced(self) -> "Network":
        """The same function, with |a_j| = |(w_j, b_j)| where neither is zero."""
        outer, inner = self.sizes()
        gain = np.ones(len(outer))
        alive = (outer > 0) & (inner > 0)
        gain[alive] = np.sqrt(outer[alive] / inner[alive])
        coef = self.coef.copy()
        coef[: len(gain)] /= gain[:, None]
        weights, biases = self.weights * gain[:, None], self.biases * gain
        return replace(self, weights=weights, biases=biases, coef=coef)

    def living(self) -> "Network":
        """The network without the units that have died."""
        size = np.prod(self.sizes(), axis=0)
        return self._of_units(size > _DEAD * size.max(initial=0))

    def thinned(self) -> "Network":
        """The network without its smallest unit."""
        size = np.prod(self.sizes(), axis=0)
        return self._of_units(np.arange(len(size)) != np.argmin(size))

    def _of_units(self, kept: NDArray[np.bool_]) -> "Network":
        linear = np.ones(self.weights.shape[1], dtype=bool)
        return replace(
            self,
            weights=self.weights[kept],
            biases=self.biases[kept],
            coef=self.coef[np.append(kept, linear)],
        )

    def flat(self) -> Array:
        """Units, output weights, linear part and intercept, one after the other."""
        return np.concatenate([self.units.ravel(), self.coef.ravel(), self.intercept])

    def moved(self, x: Array, decay: float) -> "Network":
        """A network of the same shape with the parameters of a flat vector."""
        n_hidden, n_features = self.weights.shape
        ends = np.cumsum([n_hidden * (n_features + 1), self.coef.size])
        units, coef, intercept = np.split(x, ends)
        units, coef = units.reshape(n_hidden, -1), coef.reshape(self.coef.shape)
        return Network(units[:, :-1], units[:, -1], coef, intercept, decay)
