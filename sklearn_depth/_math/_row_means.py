"""Weighted means over samples that come in parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class RowMeans:
    """Weighted means of numbers or arrays, and the weight of the samples behind them.

    Of no samples there are none.
    """

    weight: float = 0.0
    values: tuple[Any, ...] = ()

    def merge(self, other: "RowMeans") -> "RowMeans":
        """With the samples of another; neither of the two changes."""
        if self.weight == 0 or other.weight == 0:
            return other if self.weight == 0 else self
        weight = self.weight + other.weight
        share = other.weight / weight
        pairs = zip(self.values, other.values, strict=True)
        values = tuple(one + share * np.subtract(two, one) for one, two in pairs)
        return RowMeans(weight, values)
