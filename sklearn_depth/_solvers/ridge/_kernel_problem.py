"""What kernel ridge regression solves: weights, an intercept and equal samples."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from sklearn_depth._math._equal_rows import equal_kernel_row_labels, group_shares
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EQUAL, EQUAL_ROUNDINGS
from sklearn_depth._solvers.ridge._spectrum import Array


@dataclass(frozen=True)
class KernelProblem:
    """Minimise sum_i w_i (y_i - b - (K c)_i)^2 + alpha c'Kc.

    With R = W^(1/2), c = R d solves (R K R + alpha) d = R (y - b). The intercept b is
    without penalty, so that d is orthogonal to R 1, which a reflection turns into the
    first axis: what is left is a problem of one row less, without an intercept.

    kernel : (n_samples, n_samples), K in float64.
    samples : the weights w and the targets y, with an intercept less their means.
    intercept : whether there is b.
    rounding : what a zero may come out as in K.
    """

    kernel: Array
    samples: Samples
    intercept: bool
    rounding: float

    @cached_property
    def root(self) -> Array:
        return np.sqrt(self.samples.weight)

    @cached_property
    def _mirror(self) -> Array:
        """v of the reflection I - vv', which turns R 1 into the first axis."""
        vector = self.root / np.linalg.norm(self.root)
        vector[0] += np.copysign(1, vector[0])
        return vector * np.sqrt(2) / np.linalg.norm(vector)

    def reduced(self) -> tuple[Array, Array]:
        """R K R and R y, without the direction of the intercept."""
        matrix, targets = self.kernel, self.root[:, None] * self.samples.targets
        if self.samples.is_weighted:
            matrix = matrix * self.root * self.root[:, None]
        if not self.intercept:
            return matrix, targets
        v = self._mirror
        product = matrix @ v
        product -= (v @ product / 2) * v
        pair = np.column_stack([v, product])
        matrix = matrix[1:, 1:] - pair[1:] @ pair[1:, ::-1].T
        level = self.level
        if np.abs(matrix.diagonal()).max(initial=0.0) <= level:  # constant features
            matrix[:] = 0
        return matrix, (targets - np.outer(v, v @ targets))[1:]

    def over_rows(self, vectors: Array) -> Array:
        """Vectors of the reduced problem, one a row, as vectors over the samples."""
        if not self.intercept:
            return vectors
        v = self._mirror
        vectors = np.column_stack([np.zeros(len(vectors)), vectors])
        vectors -= np.outer(vectors @ v, v)
        return vectors

    def dual(self, solution: Array) -> Array:
        """c from d, a solution of the reduced problem."""
        return self.root[:, None] * self.over_rows(solution.T).T

    def squares(self) -> Array:
        """Weighted squares of the targets, (n_targets,)."""
        return self.samples.weight @ self.samples.targets**2

    @property
    def level(self) -> float:
        """What a zero may come out as in R K R."""
        return self.rounding * float(self.samples.weight.max())

    def merged(self) -> "tuple[KernelProblem, sparse.csr_array | None]":
        """The problem with samples of equal features as one, of their weight and mean.

        The second result, (n_groups, n_samples), has each sample's share of its group;
        it is None where no samples are equal, or all that an intercept would explain.
        """
        rounding = self.rounding / len(self.kernel)
        tolerance = max(
            EQUAL * self.kernel.diagonal().max(), EQUAL_ROUNDINGS * rounding
        )
        labels = equal_kernel_row_labels(self.kernel, tolerance)
        n_groups = labels.max() + 1
        if n_groups == len(labels) or n_groups <= self.intercept:
            return self, None
        shares = group_shares(labels, self.samples.weight)
        # Of their mean features, so that shared dual weights give the same function.
        kernel = shares @ (shares @ self.kernel).T
        samples = self.samples.merged(labels)
        return KernelProblem(kernel, samples, self.intercept, self.rounding), shares
