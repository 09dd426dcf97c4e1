"""Ridge regression in an eigenbasis, and its penalty by cross-validation.

Primal and dual ridge share all that follows from the eigenvalues e_k of the (centred)
Gram or kernel matrix and the coordinates c_k = <u_k, y> of the targets:

    RSS(alpha) = outside + sum_k c_k^2 (alpha / (e_k + alpha))^2
    df(alpha)  = n_unpenalised + sum_k e_k / (e_k + alpha)
    GCV(alpha) = (RSS / n) / (1 - df / n)^2

GCV is leave-one-out with every leverage replaced by their mean df / n. It needs sums
over rows alone, but not far from interpolation uneven leverages mislead it badly. Where
the rows are at hand, the left singular vectors u_k give each its own leverage,
sum_k u_ik^2 e_k / (e_k + alpha), and leave-one-out is exact.

Eigendecompositions are NumPy's: SciPy brings a BLAS with threads of its own, and two
pools that take turns with the matrix products slow whole fits down by half or more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

Array = NDArray[np.float64]
Alpha = float | str | NDArray  # a number, one a target, or "gcv"

# Below this share of |y|^2 a residual sum of squares is rounding, for GCV to ignore.
RSS_FLOOR = 10 * np.finfo(np.float64).eps
# With a smaller share of its freedom left, a fit interpolates up to rounding.
SLACK_FLOOR = 1e-14
# What leave-one-out divides a residual by; rounding of both is this over 1e-16.
_LEVERAGE_FLOOR = 1e-9
_ALPHAS_PER_DECADE = 3
# Matrices of n rows and a reciprocal condition below n times this count as singular.
SINGULAR = 10 * np.finfo(np.float64).eps
# Of a smaller matrix, the rounding leaves float64.
_LEAST_SCALE = 1e-280


@dataclass(frozen=True)
class Rows:
    """What leave-one-out needs of the rows, weighted by sqrt(weight) and centred.

    left : (n_rows, k), left singular vectors of their features.
    targets : (n_rows, n_targets).
    weight : (n_rows,).
    groups : (n_groups, n_rows), sparse, 1 where a row is in a group of equal features.
    """

    left: Array
    targets: Array
    weight: Array
    groups: sparse.csr_array


@dataclass(frozen=True)
class Path:
    """Scores of penalties, and which is the best for each target.

    alphas : (n_alphas,).
    scores : (n_alphas, n_targets).
    best : (n_targets,), indices into ``alphas``.
    """

    alphas: Array
    scores: Array
    best: NDArray[np.intp]

    @property
    def alpha(self) -> Array:
        return self.alphas[self.best]

    @property
    def score(self) -> Array:
        return np.take_along_axis(self.scores, self.best[None], axis=0)[0]


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, and the targets in their eigenbasis.

    eigenvalues : (k,), those of the weighted centred Gram or kernel matrix.
    loadings : (k, n_targets), coordinates of the weighted centred targets.
    total : (n_targets,), squared norms of those targets.
    n_samples : how many observations the weights stand for.
    n_unpenalised : parameters without penalty, 1 for an intercept.
    rows : what leave-one-out needs; None leaves GCV.
    least_alpha : smaller penalties fit rounding, or are none.
    grid_floor : penalties below this share of the largest eigenvalue have scores of
        mere rounding.
    tie : scores closer than this share tie.
    """

    eigenvalues: Array
    loadings: Array
    total: Array
    n_samples: float
    n_unpenalised: int
    rows: Rows | None = None
    least_alpha: float = 0.0
    grid_floor: float = 1e-11
    tie: float = 5e-3

    def alpha_grid(self, floor: float) -> Array:
        """Penalties from ``floor`` times the largest eigenvalue to a vanishing fit.

        At ten times the trace less than a tenth of a degree of freedom is left.
        Falling, so that ties go to the simpler fit.
        """
        positive = np.maximum(self.eigenvalues, 0)
        top, high = positive.max(initial=0.0), 10 * positive.sum()
        low = max(max(self.grid_floor, floor) * top, self.least_alpha)
        if high <= low:  # constant features: nothing to fit, whatever the penalty
            return np.array([max(1.0, 10 * low)])
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
        if self.rows is None:
            return self._gcv(alphas, shrunk)
        return self._leave_one_out(shrunk, self.rows)

    def _gcv(self, alphas: Array, shrunk: Array) -> Array:
        rss = np.maximum(self._rss(alphas, shrunk), RSS_FLOOR * self.total)
        # n - df, written without the cancellation of n - sum e / (e + alpha).
        n_null = self.n_samples - self.n_unpenalised - len(self.eigenvalues)
        slack = (n_null + shrunk.sum(axis=1, keepdims=True)) / self.n_samples
        open_ = slack > SLACK_FLOOR
        return np.where(
            open_, rss / self.n_samples / np.where(open_, slack, 1) ** 2, np.inf
        )

    def _rss(self, alphas: Array, shrunk: Array) -> Array:
        """Residual sums of squares, (n_alphas, n_targets)."""
        squares = self.loadings**2
        return self.total - squares.sum(axis=0) + shrunk**2 @ squares

    def _leave_one_out(self, shrunk: Array, rows: Rows) -> Array:
        """The mean square of what a fit without a row misses it by.

        Rows of equal features leave together, as if they were one row of their summed
        weight and mean target: copies left behind would give the answer away.
        """
        squares = rows.left**2
        share = self.n_unpenalised * rows.weight / rows.weight.sum()
        kept = (squares.sum(axis=1) + share)[:, None] - squares @ shrunk.T
        free = 1 - rows.groups @ kept  # what a group's own leverage leaves of it
        open_ = np.all(free > _LEVERAGE_FLOOR, axis=0, keepdims=True)
        free = np.where(open_, free, 1)
        average = group_means(rows.groups, rows.weight)
        means = average @ rows.targets
        outside = means - average @ (rows.left @ self.loadings)
        within = np.sum(rows.targets**2, axis=0) - np.sum(means**2, axis=0)
        scores = np.maximum(within, RSS_FLOOR * self.total) * np.ones((len(shrunk), 1))
        for k, loadings in enumerate(self.loadings.T):
            residual = average @ (rows.left @ (shrunk * loadings).T) + outside[:, [k]]
            scores[:, k] += np.sum((residual / free) ** 2, axis=0)
        return np.where(open_.T, scores / self.n_samples, np.inf)

    def resolve_alpha(self, alpha: Alpha, floor: float) -> tuple[Array, Array | None]:
        """The penalty of each target, and its score where it was chosen by that.

        Penalties are as given, or for "gcv" the best of the grid; among scores that
        tie, the largest penalty wins.
        """
        if not isinstance(alpha, str):
            given = np.broadcast_to(np.asarray(alpha, float), self.total.shape)
            return given.copy(), None
        path = self.choose(floor)
        return path.alpha, path.score

    def choose(self, floor: float, alphas: Array | None = None) -> "Path":
        """The best penalty for each target of those given, or of a grid.

        On our own grid, of scores that tie the largest penalty wins.
        """
        grid = self.alpha_grid(floor) if alphas is None else alphas
        scores = self.score(grid)
        if alphas is not None and not np.isfinite(scores.min(axis=0)).all():
            raise ValueError(
                f"No penalty from {grid.min():.3g} to {grid.max():.3g} can be scored: "
                "all leave no degree of freedom or an indefinite kernel matrix, whose "
                f"eigenvalues are {self.eigenvalues.min():.3g} to "
                f"{self.eigenvalues.max():.3g}. Give larger alphas."
            )
        tie = self.tie if alphas is None else 0.0
        best = np.argmax(scores <= (1 + tie) * scores.min(axis=0), axis=0)
        return Path(grid, scores, best)

    def shrink(self, alpha: Array) -> Array:
        """loadings / (e + alpha), and 0 where the eigenvalue is."""
        total = self.eigenvalues[:, None] + alpha
        kept = self.eigenvalues[:, None] > 0
        return np.divide(self.loadings, total, out=np.zeros(total.shape), where=kept)

    def noise(self, alpha: Array) -> Array:
        """Standard deviations of the noise, from residuals and what freedom they have.

        Infinite where they have none.
        """
        shrunk = 1 - self.eigenvalues[:, None] / (self.eigenvalues[:, None] + alpha)
        squares = self.loadings**2
        rss = self.total - squares.sum(axis=0) + np.sum(shrunk**2 * squares, axis=0)
        n_null = self.n_samples - self.n_unpenalised - len(self.eigenvalues)
        free = n_null + shrunk.sum(axis=0)
        infinite = np.full(len(rss), np.inf)
        variance = np.divide(
            np.maximum(rss, 0), free, out=infinite, where=free > SLACK_FLOOR
        )
        return np.sqrt(variance)


def group_matrix(labels: NDArray) -> sparse.csr_array:
    """(n_groups, n_rows), 1 where a row has a group's label."""
    members = (np.ones(len(labels)), (labels, np.arange(len(labels))))
    return sparse.csr_array(members)


def group_means(groups: sparse.csr_array, weight: Array) -> sparse.csr_array:
    """Turns sqrt(weight) values into sqrt(summed weight) times their group's mean."""
    total = np.sqrt(groups @ weight)
    scale = np.divide(1, total, out=np.zeros_like(total), where=total > 0)
    roots = sparse.diags_array(np.sqrt(weight))
    return (sparse.diags_array(scale) @ groups @ roots).tocsr()


def shares(n_rows: int, sample_weight: NDArray | None) -> Array:
    """Weights of the rows that sum to 1."""
    if sample_weight is None:
        return np.full(n_rows, 1 / n_rows)
    return np.asarray(sample_weight / sample_weight.sum(), np.float64)


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


def check_scale(diagonal: NDArray, weight: Array | None) -> None:
    """Refuse kernels so small that rounding of them vanishes or has no reciprocal."""
    largest = float(np.abs(diagonal).max())
    scale = largest * (1.0 if weight is None else float(weight.max()))
    if largest > 0 and scale < _LEAST_SCALE:
        raise ValueError(
            f"The kernel K(x, x), times the weights, is at most {scale:.3g}; it must "
            f"be 0 or exceed {_LEAST_SCALE:g}. Scale X, the kernel or the weights."
        )


def check_finite(*arrays: Array) -> None:
    """Refuse overflow, which would come out as NaN coefficients."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(
            "The features or targets overflow: their sums of squares are not finite. "
            "Scale X and y, for example with StandardScaler, or lower the degree."
        )
