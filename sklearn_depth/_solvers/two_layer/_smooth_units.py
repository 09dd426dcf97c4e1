"""Units that are Hermite polynomials, continued along their tangents.

A polynomial of <w, z> alone grows, beyond its bounds, no faster than a linear fit.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._hermite import hermite_values
from sklearn_depth._solvers.ridge._spectrum import Array


@dataclass(frozen=True, eq=False)
class SmoothUnits:
    """Those units h_k(<w, z> + b) of a layer that are no ReLUs.

    places : (n_smooth,), which units of the layer they are.
    degrees : (n_smooth,), the k from 1 on.
    bounds : (n_smooth, 2), beyond which each goes on along its tangent.
    """

    places: NDArray[np.intp]
    degrees: NDArray[np.intp]
    bounds: Array

    def shifted(self, offset: int) -> "SmoothUnits":
        """The same units behind so many others."""
        return replace(self, places=self.places + offset)

    def values(self, before: NDArray) -> NDArray:
        """The units (n_samples, n_smooth), of all <w, z> + b of their layer."""
        before = before.T[self.places]  # each unit in one piece
        inside, table = self._table(before)
        values = self._slopes(table)
        values *= before - inside
        values += table[self.degrees, np.arange(len(before))]
        return values.T

    def slopes(self, before: NDArray) -> NDArray:
        """Their derivatives in <w, z> + b."""
        return self._slopes(self._table(before.T[self.places])[1]).T

    def _table(self, before: NDArray) -> tuple[NDArray, NDArray]:
        """What is within the bounds, a row for each unit, and h_0, h_1, ... of it."""
        low, high = self.bounds.T[:, :, None].astype(before.dtype, copy=False)
        inside = np.clip(before, low, high)
        return inside, hermite_values(inside, int(self.degrees.max(initial=0)))

    def _slopes(self, table: NDArray) -> NDArray:
        """h_k' = sqrt(k) h_(k-1)."""
        slopes: NDArray = table[self.degrees - 1, np.arange(len(self.degrees))]
        slopes *= np.sqrt(self.degrees)[:, None].astype(slopes.dtype)
        return slopes


def joined_units(
    units: list[SmoothUnits | None], sizes: list[int]
) -> SmoothUnits | None:
    """Those of some layers of these sizes, one after the other; None where none are."""
    offsets = np.cumsum([0, *sizes])
    some = [
        one.shifted(offset)
        for one, offset in zip(units, offsets[:-1].tolist(), strict=True)
        if one is not None
    ]
    if not some:
        return None
    parts = ("places", "degrees", "bounds")
    return SmoothUnits(
        *(np.concatenate([getattr(one, part) for one in some]) for part in parts)
    )
