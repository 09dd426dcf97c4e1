"""Ridge moments of Hermite products without their Gram matrix."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite_gram import HermiteGram
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import NONE
from sklearn_depth._solvers.ridge._moments import RidgeMoments, centre
from sklearn_depth._solvers.ridge._spectrum import Array, check_finite
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._threads import map_parts

# Of fewer terms, products are so quick that threads would wait for one another, and
# blocks can stay in the inner cache.
_MANY_TERMS = 500
# More threads than this would find little left to share.
_MOST_PARTS = 16


class HermiteMoments(RidgeMoments):
    """Sums over samples for all Hermite products up to a degree.

    In place of a Gram matrix it keeps the products of :class:`HermiteGram`, about the
    origin, which are fewer; the matrix is made to solve. That takes the mean off at the
    end, so features should have means of the order of their deviations.
    """

    def __init__(self, hermite: HermiteGram, n_targets: int) -> None:
        super().__init__(hermite.n_terms, n_targets)
        self.hermite = hermite
        self.gram = np.zeros(hermite.n_products)

    def empty(self) -> Self:
        """The same sums without samples."""
        return type(self)(self.hermite, self.n_targets)

    def update_in_blocks(
        self, transform: Callable[[NDArray], NDArray], samples: Samples
    ) -> Self:
        """With the samples of ``transform(X)``, made block by block in threads.

        Their sums take no more memory than the Gram matrix.
        """

        def sums_of(rows: slice) -> RidgeMoments:
            return super(HermiteMoments, self.empty()).update_in_blocks(
                transform, samples[rows]
            )

        affordable = self.hermite.n_terms**2 // self.hermite.n_products
        n_parts = min(affordable, len(self._blocks(len(samples))), _MOST_PARTS)
        if self.hermite.n_terms < _MANY_TERMS:
            n_parts = 1
        sums = self.empty()
        for part in map_parts(sums_of, len(samples), n_parts):
            sums._add(part)
        return self.merge(sums)

    def _blocks(self, n_rows: int) -> list[slice]:
        """Smaller ones, which one matrix product after another reads."""
        n_terms = self.hermite.n_terms
        share = 8 if n_terms < _MANY_TERMS else 2
        return row_blocks(n_rows, n_terms, share)

    def _sums_of(self, samples: Samples, fresh: bool = False) -> RidgeMoments:
        values = samples.X.T.astype(np.float64, copy=False)
        root = np.sqrt(samples.weight)
        residual, target_mean = centre(samples, samples.targets)
        block = RidgeMoments(0, 0)
        block.n_rows, block.n_places = samples.n_rows, len(samples)
        block.unit = samples.unit
        block.weight, block.within = float(root @ root), samples.within
        sums = values @ (root[:, None] * np.column_stack([root, residual]))
        block.feature_mean, block.target_mean = sums[:, 0] / block.weight, target_mean
        weight = samples.weight if samples.is_weighted else None
        block.gram = self.hermite.products(values, weight)
        # Less what rounding left of the mean of the targets, which may be large.
        block.cross = sums[:, 1:] - np.outer(block.feature_mean, root @ residual)
        block.target_square = (residual**2).sum(axis=0)
        return block

    def _add_gram(self, other: RidgeMoments, between: float, step: Array) -> None:
        self.gram += other.gram

    def dense(self) -> RidgeMoments:
        """The same sums with the Gram matrix that the products give."""
        check_finite(self.gram, self.cross)
        sums = self.weight * self.feature_mean
        gram = self.hermite.gram(self.weight, sums, self.gram)
        for rows in row_blocks(len(gram), len(gram)):
            gram[rows] -= np.outer(sums[rows], self.feature_mean)
        dense = RidgeMoments(0, 0)
        vars(dense).update(vars(self) | {"gram": gram})
        return dense.without_constants(NONE)
