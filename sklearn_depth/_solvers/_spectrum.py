"""Ridge regression in an eigenbasis, and its penalty by generalised cross-validation.

Primal and dual ridge share all that follows from the eigenvalues e_k of the (centred)
Gram or kernel matrix and the coordinates c_k = <u_k, y> of the targets:

    RSS(alpha) = outside + sum_k c_k^2 (alpha / (e_k + alpha))^2
    df(alpha)  = n_unpenalised + sum_k e_k / (e_k + alpha)
    GCV(alpha) = (RSS / n) / (1 - df / n)^2
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]
Alpha = float | str | NDArray  # a number, one a target, or "gcv"

# Below this share of |y|^2 a residual sum of squares is rounding, for GCV to ignore.
_RSS_FLOOR = 10 * np.finfo(np.float64).eps
# Below this share of the largest eigenvalue small eigenvalues are rounding.
_GRID_FLOOR = 1e-13
_ALPHAS_PER_DECADE = 3


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, and the targets in their eigenbasis.

    eigenvalues : (k,), those of the weighted centred Gram or kernel matrix.
    loadings : (k, n_targets), coordinates of the weighted centred targets.
    total : (n_targets,), squared norms of those targets.
    n_samples : how many observations the weights stand for.
    n_unpenalised : parameters without penalty, 1 for an intercept.
    """

    eigenvalues: Array
    loadings: Array
    total: Array
    n_samples: float
    n_unpenalised: int

    def alpha_grid(self, floor: float) -> Array:
        """Penalties from ``floor`` times the largest eigenvalue to a vanishing fit.

        At ten times the trace less than a tenth of a degree of freedom is left.
        Falling, so that ties go to the simpler fit.
        """
        top, trace = self.eigenvalues.max(initial=0.0), self.eigenvalues.sum()
        if top <= 0:  # constant features: nothing to fit, whatever the penalty
            return np.ones(1)
        low, high = max(_GRID_FLOOR, floor) * top, 10 * trace
        return np.geomspace(
            high, low, int(_ALPHAS_PER_DECADE * np.log10(high / low)) + 1
        )

    def gcv(self, alphas: Array) -> Array:
        """The score, of shape (n_alphas, n_targets); inf where df leaves nothing."""
        shrunk = alphas[:, None] / (self.eigenvalues + alphas[:, None])
        squares = self.loadings**2
        outside = self.total - squares.sum(axis=0)
        floor = _RSS_FLOOR * self.total
        rss = np.maximum(outside, floor) + shrunk**2 @ squares
        # n - df, written without the cancellation of n - sum e / (e + alpha).
        n_null = self.n_samples - self.n_unpenalised - len(self.eigenvalues)
        slack = n_null + shrunk.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            criterion = self.n_samples * rss / np.maximum(slack, 0) ** 2
        return np.where(slack > 1e-10 * self.n_samples, criterion, np.inf)

    def resolve_alpha(self, alpha: Alpha, floor: float) -> Array:
        """The penalty of each target: as given, or for "gcv" the best of the grid."""
        if isinstance(alpha, str):
            alphas = self.alpha_grid(floor)
            return alphas[np.argmin(self.gcv(alphas), axis=0)]
        return np.broadcast_to(np.asarray(alpha, dtype=float), self.total.shape).copy()

    def gcv_each(self, alphas: Array) -> Array:
        """The criterion of each target at its own penalty, of shape (n_targets,)."""
        return np.diagonal(self.gcv(alphas)).copy()

    def shrink(self, alpha: Array) -> Array:
        """loadings / (e + alpha), and 0 where the eigenvalue is."""
        total = self.eigenvalues[:, None] + alpha
        kept = self.eigenvalues[:, None] > 0
        return np.divide(self.loadings, total, out=np.zeros(total.shape), where=kept)


def kernel_spectrum(
    kernel: Array, targets: Array, sample_weight: Array | None, n_unpenalised: int
) -> tuple[Spectrum, Array]:
    """Spectrum and eigenvectors of a kernel matrix, both scaled by sqrt(weight).

    Eigenvalues at rounding level, or below zero, are set to zero.
    """
    n_samples = float(len(kernel))
    if sample_weight is not None:  # a row is at least one sample, if it counts at all
        n_samples = float(max((sample_weight > 0).sum(), sample_weight.sum()))
    eigenvalues, vectors = linalg.eigh(kernel, driver="evd", check_finite=False)
    positive = eigenvalues > rounding_level(eigenvalues)
    spectrum = Spectrum(
        eigenvalues=np.where(positive, eigenvalues, 0.0),
        loadings=vectors.T @ targets,
        total=(targets**2).sum(axis=0),
        n_samples=n_samples,
        n_unpenalised=n_unpenalised,
    )
    return spectrum, vectors


def rounding_level(eigenvalues: Array) -> float:
    """What a zero eigenvalue may come out as, from ascending eigenvalues."""
    return float(len(eigenvalues) * np.finfo(np.float64).eps * max(eigenvalues[-1], 0))
