"""Ridge regression in an eigenbasis, and its penalty by cross-validation.

Primal and dual ridge share all that follows from the eigenvalues e_k of the (centred)
Gram or kernel matrix and the coordinates c_k = <u_k, y> of the targets:

    RSS(alpha) = outside + sum_k c_k^2 (alpha / (e_k + alpha))^2
    df(alpha)  = n_unpenalised + sum_k e_k / (e_k + alpha)
    GCV(alpha) = (RSS / n) / (1 - df / n)^2

GCV is leave-one-out with every leverage replaced by their mean df / n. Where rows are
few enough for their kernel matrix, the eigenvectors u_k give each leverage, and
leave-one-out is exact: near interpolation, uneven leverages mislead GCV badly.
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
# With a smaller share of its freedom left, a fit interpolates up to rounding.
_SLACK_FLOOR = 1e-14
# Scores closer than this share tie: near their rounding, far below their noise.
_TIE = 5e-3
_ALPHAS_PER_DECADE = 3
# Matrices of n rows and a reciprocal condition below n times this count as singular.
SINGULAR = 10 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, and the targets in their eigenbasis.

    eigenvalues : (k,), those of the weighted centred Gram or kernel matrix.
    loadings : (k, n_targets), coordinates of the weighted centred targets.
    total : (n_targets,), squared norms of those targets.
    n_samples : how many observations the weights stand for.
    n_unpenalised : parameters without penalty, 1 for an intercept.
    vectors : (n_rows, n_rows), the eigenvectors of a kernel matrix, or None.
    weight : (n_rows,), the weights of its rows.
    """

    eigenvalues: Array
    loadings: Array
    total: Array
    n_samples: float
    n_unpenalised: int
    vectors: Array | None = None
    weight: Array | None = None

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

    def score(self, alphas: Array) -> Array:
        """Estimates of the test error, (n_alphas, n_targets); inf where df leaves none.

        Nothing is told apart below the rounding of the targets.
        """
        total = self.eigenvalues + alphas[:, None]
        ones = np.ones(total.shape)  # 0 / 0 is 1: without a penalty, what is not seen
        shrunk = np.divide(alphas[:, None], total, out=ones, where=total > 0)
        if self.vectors is None or self.weight is None:
            return self._gcv(shrunk)
        return self._leave_one_out(shrunk, self.vectors, self.weight)

    def _gcv(self, shrunk: Array) -> Array:
        squares = self.loadings**2
        outside = self.total - squares.sum(axis=0)
        rss = np.maximum(outside, _RSS_FLOOR * self.total) + shrunk**2 @ squares
        # n - df, written without the cancellation of n - sum e / (e + alpha).
        n_null = self.n_samples - self.n_unpenalised - len(self.eigenvalues)
        slack = (n_null + shrunk.sum(axis=1, keepdims=True)) / self.n_samples
        open_ = slack > _SLACK_FLOOR
        return np.where(
            open_, rss / self.n_samples / np.where(open_, slack, 1) ** 2, np.inf
        )

    def _leave_one_out(self, shrunk: Array, vectors: Array, weight: Array) -> Array:
        """The mean of (residual / (1 - leverage))^2, leaving out one copy of a row.

        A row of weight w is w copies, whose leverages are 1/w of the row's.
        """
        copies = np.maximum(weight, 1)
        free = vectors**2 @ shrunk.T  # 1 - leverage, the intercept's still in it
        free -= self.n_unpenalised * (weight / weight.sum())[:, None]
        free = (copies[:, None] - 1 + free) / copies[:, None]
        open_ = np.all(free > _SLACK_FLOOR, axis=0, keepdims=True)
        floor = _RSS_FLOOR * self.total / self.n_samples
        scores = np.empty((len(shrunk), len(self.total)))
        for k, loadings in enumerate(self.loadings.T):
            errors = vectors @ (shrunk * loadings).T / np.where(open_, free, 1)
            scores[:, k] = (errors**2).sum(axis=0) / self.n_samples
        return np.where(open_.T, np.maximum(scores, floor), np.inf)

    def resolve_alpha(self, alpha: Alpha, floor: float) -> Array:
        """The penalty of each target: as given, or for "gcv" the best of the grid.

        Among scores that tie, the largest penalty wins.
        """
        if isinstance(alpha, str):
            alphas = self.alpha_grid(floor)
            scores = self.score(alphas)
            return alphas[np.argmax(scores <= (1 + _TIE) * scores.min(axis=0), axis=0)]
        return np.broadcast_to(np.asarray(alpha, dtype=float), self.total.shape).copy()

    def score_each(self, alphas: Array) -> Array:
        """The score of each target at its own penalty, of shape (n_targets,)."""
        return np.diagonal(self.score(alphas)).copy()

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
    weight = np.ones(len(kernel)) if sample_weight is None else sample_weight
    eigenvalues, vectors = linalg.eigh(kernel, driver="evd", check_finite=False)
    positive = eigenvalues > rounding_level(eigenvalues)
    spectrum = Spectrum(
        eigenvalues=np.where(positive, eigenvalues, 0.0),
        loadings=vectors.T @ targets,
        total=(targets**2).sum(axis=0),
        n_samples=effective_samples(len(kernel), sample_weight),
        n_unpenalised=n_unpenalised,
        vectors=vectors,
        weight=weight,
    )
    return spectrum, vectors


def effective_samples(n_rows: int, sample_weight: Array | None) -> float:
    """How many observations there are: a row is at least one, if it counts at all."""
    if sample_weight is None:
        return float(n_rows)
    return float(max((sample_weight > 0).sum(), sample_weight.sum()))


def rounding_level(eigenvalues: Array) -> float:
    """What a zero eigenvalue may come out as, from ascending eigenvalues."""
    return float(len(eigenvalues) * np.finfo(np.float64).eps * max(eigenvalues[-1], 0))


def cholesky_factor(matrix: Array) -> tuple[Array, bool]:
    """What ``cho_solve`` takes; LinAlgError also where rounding hides singularity."""
    factor, lower = linalg.cho_factor(matrix, lower=True, check_finite=False)
    norm = linalg.norm(matrix, 1, check_finite=False)
    inverse_condition, _ = linalg.lapack.dpocon(factor, norm, uplo="L")
    if inverse_condition < SINGULAR * len(matrix):
        raise linalg.LinAlgError("singular up to rounding")
    return factor, lower
