"""Penalties: words that ask for one, paths of them, and the units that they count in.

The user's penalty stands beside squares in the user's weights. Heads are solved with
weights of mean 1, whose unit the penalty is divided by.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Alpha = float | str | NDArray  # a number, one a target, "loo", "gcv" or "auto"

# Penalties above this may overflow where they are added to.
_MOST = 1e300


@dataclass(frozen=True)
class Path:
    """Estimated errors of penalties, and which is the best for each target.

    alphas : (n_alphas,).
    errors : (n_alphas, n_targets).
    best : (n_targets,), indices into ``alphas``.
    """

    alphas: Array
    errors: Array
    best: NDArray[np.intp]

    @property
    def alpha(self) -> Array:
        return self.alphas[self.best]

    @property
    def error(self) -> Array:
        return np.take_along_axis(self.errors, self.best[None], axis=0)[0]

    def in_unit(self, unit: float, given: Array | None) -> "Path":
        """The path with its penalties in the user's unit, where they are as given."""
        alphas = in_users_unit(self.alphas, unit) if given is None else given
        return replace(self, alphas=alphas)


def settled(alpha: Alpha, n_rows: int, n_columns: int, few_rows: float) -> Alpha:
    """The penalty, with "auto" as what it stands for.

    That is "loo" up to so many samples a feature, and else "gcv".
    """
    if not is_word(alpha, "auto"):
        return alpha
    return "loo" if n_rows <= few_rows * n_columns else "gcv"


def is_word(alpha: Alpha, word: str) -> bool:
    """Whether the penalty is this word; it may be an array, too."""
    return isinstance(alpha, str) and alpha == word


def in_our_unit(alpha: Alpha, unit: float) -> Any:
    """A penalty in the user's unit of the weights, for weights of mean 1."""
    if isinstance(alpha, str):
        return alpha
    with np.errstate(over="ignore"):  # nothing is fitted, by far
        return np.minimum(np.divide(alpha, unit), _MOST)


def in_users_unit(alpha: Array, unit: float) -> Array:
    """Penalties for weights of mean 1 as the user counts; beyond float64, infinite."""
    with np.errstate(over="ignore"):
        return alpha * unit
