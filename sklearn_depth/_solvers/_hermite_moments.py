"""Ridge moments of Hermite products without their Gram matrix."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite_gram import HermiteGram
from sklearn_depth._solvers._ridge import (
    RidgeHead,
    RidgeMoments,
    centre,
    check_finite,
)
from sklearn_depth._solvers._spectrum import Alpha, Array
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._threads import map_parts

# Of fewer terms, products are so quick that threads would wait for one another, and
# blocks can stay in the inner cache.
_MANY_TERMS = 500
# More threads than this would find little left to share.
_MOST_PARTS = 16
# A smaller variance, beside the squared mean, is what rounding leaves of the products.
_ROUNDING = 1e-14


class HermiteMoments(RidgeMoments):
    """Sums over rows for all Hermite products up to a degree.

    In place of a Gram matrix it keeps the products of :class:`HermiteGram`, about the
    origin, which are fewer; the matrix is made to solve. That takes the mean off at the
    end, so features should have means of the order of their deviations.
    """

    def __init__(self, hermite: HermiteGram, n_targets: int) -> None:
        super().__init__(hermite.n_terms, n_targets)
        self.hermite = hermite
        self.gram = np.zeros(hermite.n_products)

    def empty(self) -> "HermiteMoments":
        """The same sums without rows."""
        return HermiteMoments(self.hermite, self.n_targets)

    def update_in_blocks(
        self,
        transform: Callable[[NDArray], NDArray],
        X: NDArray,
        targets: NDArray,
        weight: Array | None,
    ) -> RidgeMoments:
        """Add the rows of ``transform(X)``, made block by block in threads.

        Their sums take no more memory than the Gram matrix.
        """

        def sums_of(rows: slice) -> RidgeMoments:
            of_rows = None if weight is None else weight[rows]
            return RidgeMoments.update_in_blocks(
                self.empty(), transform, X[rows], targets[rows], of_rows
            )

        affordable = self.hermite.n_terms**2 // self.hermite.n_products
        n_parts = min(affordable, len(self._blocks(len(X))), _MOST_PARTS)
        if self.hermite.n_terms < _MANY_TERMS:
            n_parts = 1
        for sums in map_parts(sums_of, len(X), n_parts):
            self.merge(sums)
        return self

    def _blocks(self, n_rows: int) -> list[slice]:
        """Smaller ones, which one matrix product after another reads."""
        n_terms = self.hermite.n_terms
        share = 8 if n_terms < _MANY_TERMS else 2
        blocks: list[slice] = row_blocks(n_rows, n_terms, share)
        return blocks

    def update(
        self, features: NDArray, targets: NDArray, weight: Array | None = None
    ) -> "RidgeMoments":
        """Add a block of rows."""
        values = features.T.astype(np.float64, copy=False)
        root = np.ones(len(features)) if weight is None else np.sqrt(weight)
        residual, target_mean = centre(targets, weight)
        block = RidgeMoments(0, 0)
        block.n_rows, block.weight = len(features), float(root @ root)
        sums = values @ (root[:, None] * np.column_stack([root, residual]))
        block.feature_mean, block.target_mean = sums[:, 0] / block.weight, target_mean
        block.gram = self.hermite.products(values, weight)
        # Less what rounding left of the mean of the targets, which may be large.
        block.cross = sums[:, 1:] - np.outer(block.feature_mean, root @ residual)
        block.target_square = (residual**2).sum(axis=0)
        return self.merge(block)

    def _merge_gram(self, other: RidgeMoments, between: float, step: Array) -> None:
        self.gram += other.gram

    def solve(
        self, alpha: Alpha, *, fit_intercept: bool = True, alpha_floor: float = 0.0
    ) -> RidgeHead:
        """The head, from the Gram matrix that the products give."""
        check_finite(self.gram, self.cross)
        sums = self.weight * self.feature_mean
        gram = self.hermite.gram(self.weight, sums, self.gram)
        for rows in row_blocks(len(gram), len(gram)):
            gram[rows] -= np.outer(sums[rows], self.feature_mean)
        dense = RidgeMoments(0, 0)
        vars(dense).update(vars(self) | {"gram": gram})
        dense.drop_constant(_ROUNDING)
        return dense.solve(alpha, fit_intercept=fit_intercept, alpha_floor=alpha_floor)
