"""Ridge regression in an eigenbasis, and its penalty by cross-validation.

Primal and dual ridge share all that follows from the eigenvalues e_k of the (centred)
Gram or kernel matrix and the coordinates c_k = <u_k, y> of the targets:

    RSS(alpha) = outside + sum_k c_k^2 (alpha / (e_k + alpha))^2
    df(alpha)  = n_unpenalised + sum_k e_k / (e_k + alpha)
    GCV(alpha) = (RSS / n) / (1 - df / n)^2

GCV is leave-one-out with every leverage replaced by their mean df / n. It needs sums
over samples alone, but not far from interpolation uneven leverages mislead it badly.
Where the samples are at hand, the left singular vectors u_k give each its own leverage,
sum_k u_ik^2 e_k / (e_k + alpha), and leave-one-out is exact.

n is the number of samples that differ, whatever their weights, which have mean 1. Those
of equal features were merged into places. Leave-one-out leaves out whole places, since
copies left behind would give the answer away. But where the other places tell nothing
of one, as those of a category do, only known places can be predicted at all: there it
leaves out single samples, which are taken to weigh alike in a place.

Eigenvalue decompositions are NumPy's: SciPy brings a BLAS with threads of its own, and
two pools that take turns with the matrix products slow whole fits down by half or more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import (
    EPS,
    LEAST_FREE,
    NO_FREEDOM,
    NO_RESIDUAL,
    SINGULAR,
    TIED,
)
from sklearn_depth._solvers.ridge._penalties import Alpha, Path

Array = NDArray[np.float64]

_ALPHAS_PER_DECADE = 3
# Its least, as a share of the largest eigenvalue of a Gram matrix.
GRID_FLOOR = 1e-11
_MOST_COLUMNS = 512  # of residuals at a time, for the cache
# Of a smaller matrix, the rounding leaves float64.
_LEAST_SCALE = 1e-280
# Other places tell something of one if they leave a smaller share of its error.
_TOLD = 0.95


@dataclass(frozen=True)
class Rows:
    """What leave-one-out needs of the samples, times the roots of their weights.

    left : (n_rows, k), left singular vectors of their features.
    targets : (n_rows, n_targets), centred.
    share : (n_rows,), of the weight.
    """

    left: Array
    targets: Array
    share: Array


@dataclass(frozen=True)
class Counts:
    """How many samples there are, and what of their targets their places do not show.

    n_rows : samples that differ. weight : of all.
    within : (n_targets,), weighted squares about the mean targets of places.
    repeats : (n_places,), samples in each, and (n_places, n_targets), their squares;
        None where each place has one.
    """

    n_rows: int
    weight: float
    within: Array
    repeats: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, samples: Samples) -> "Counts":
        """Those of some samples."""
        repeats = None
        if samples.n_rows > len(samples):
            repeats = samples.count, samples.weight[:, None] * samples.spread
        weight = float(samples.weight.sum())
        return cls(samples.n_rows, weight, samples.within, repeats)


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, and the targets in their eigenbasis.

    eigenvalues : (k,), those of the weighted centred Gram or kernel matrix.
    loadings : (k, n_targets), coordinates of the weighted centred targets.
    total : (n_targets,), squared norms of those targets.
    n_places : number of samples with different features.
    counts : of the samples in them.
    n_unpenalised : parameters without penalty, 1 for an intercept.
    rows : what leave-one-out needs; None leaves GCV.
    least_alpha : smaller penalties fit rounding, or are none.
    grid_floor : penalties below this share of the largest eigenvalue have errors of
        mere rounding.
    tie : errors closer than this share tie.
    """

    eigenvalues: Array
    loadings: Array
    total: Array
    n_places: int
    counts: Counts
    n_unpenalised: int
    rows: Rows | None = None
    least_alpha: float = 0.0
    grid_floor: float = GRID_FLOOR
    tie: float = TIED

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

    def error(self, alphas: Array) -> Array:
        """Estimates of the test error, (n_alphas, n_targets); inf where df leaves none.

        Nothing is told apart below the rounding of the targets.
        """
        total = self.eigenvalues + alphas[:, None]
        ones = np.ones(total.shape)  # 0 / 0 is 1: without a penalty, what is not seen
        shrunk = np.divide(alphas[:, None], total, out=ones, where=total > 0)
        if self.rows is None:
            return self._gcv(alphas, shrunk)
        return self._leave_one_out(alphas, shrunk, self.rows)

    def _gcv(self, alphas: Array, shrunk: Array) -> Array:
        rss = self._rss(alphas, shrunk) + self.counts.within
        rss = np.maximum(rss, NO_RESIDUAL * self.total)
        # n - df, written without the cancellation of n - sum e / (e + alpha).
        n_null = self._n_null(self.counts.n_rows)
        slack = (n_null + shrunk.sum(axis=1, keepdims=True)) / self.counts.n_rows
        open_ = slack > NO_FREEDOM
        error = rss / self.counts.weight / np.where(open_, slack, 1) ** 2
        return np.where(open_, error, np.inf)

    def _rss(self, alphas: Array, shrunk: Array) -> Array:
        """Residual sums of squares, (n_alphas, n_targets)."""
        return self._outside + shrunk**2 @ self.loadings**2

    def _n_null(self, n: int) -> int:
        """How many of n samples are beyond what eigenvectors and intercept span."""
        return n - self.n_unpenalised - len(self.eigenvalues)

    @property
    def _outside(self) -> Array:
        """Squares of the targets that no eigenvector explains."""
        outside: Array = self.total - (self.loadings**2).sum(axis=0)
        return outside * (self._n_null(self.n_places) > 0)  # else it is rounding

    def _leave_one_out(self, alphas: Array, shrunk: Array, rows: Rows) -> Array:
        squares = rows.left**2
        share = self.n_unpenalised * rows.share
        leverages = (squares.sum(axis=1) + share)[:, None] - squares @ shrunk.T
        outside = rows.targets - rows.left @ self.loadings

        def residuals(targets: slice) -> Array:
            columns = [
                rows.left @ (shrunk * loadings).T + out[:, None]
                for loadings, out in zip(
                    self.loadings.T[targets], outside.T[targets], strict=True
                )
            ]
            return np.stack(columns, axis=2)

        return self.left_out_errors(alphas, 1 - leverages, residuals, LEAST_FREE)

    def left_out_errors(
        self,
        alphas: Array,
        free: Array,
        residuals: Callable[[slice], Array],
        least: float,
    ) -> Array:
        """The mean square of what a fit without a place, or without a sample, misses.

        free : (n_places, n_alphas), one less the leverages; up to ``least`` is none.
        residuals : of some targets, (n_places, n_alphas, n_some), weighted.
        """
        errors = self._mean_squares(free, residuals, least)
        errors += self.counts.within / self.counts.weight
        if self.counts.repeats is None:
            return errors
        free = 1 - (1 - free) / self.counts.repeats[0][:, None]
        of_rows = self._mean_squares(free, residuals, least, self.counts.repeats[1])
        of_nothing = errors[np.argmax(alphas)]
        told = errors.min(axis=0) < _TOLD * of_nothing
        return np.where(told, errors, of_rows)

    def _mean_squares(
        self,
        free: Array,
        residuals: Callable[[slice], Array],
        least: float,
        within: Array | None = None,
    ) -> Array:
        """Weighted means of (residual^2 + within) / free^2, (n_alphas, n_targets)."""
        open_ = np.all(free > least, axis=0)
        free = np.where(open_, free, 1)[:, :, None]
        n_alphas, n_targets = free.shape[1], len(self.total)
        errors = NO_RESIDUAL * self.total * np.ones((n_alphas, 1))
        step = max(1, _MOST_COLUMNS // max(n_alphas, 1))
        for start in range(0, n_targets, step):
            some = slice(start, start + step)
            errors[:, some] += np.sum((residuals(some) / free) ** 2, axis=0)
            if within is not None:
                errors[:, some] += (1 / free[:, :, 0] ** 2).T @ within[:, some]
        return np.where(open_[:, None], errors / self.counts.weight, np.inf)

    def resolve_alpha(self, alpha: Alpha, floor: float) -> tuple[Array, Array | None]:
        """The penalty of each target, and its error where it was chosen by that.

        Penalties are as given, or for a word the best of the grid.
        """
        if not isinstance(alpha, str):
            given = np.broadcast_to(np.asarray(alpha, float), self.total.shape)
            return given.copy(), None
        path = self.choose(floor)
        return path.alpha, path.error

    def choose(self, floor: float, alphas: Array | None = None) -> "Path":
        """The best penalty for each target of those given, or of a grid.

        On our own grid, of errors that tie the largest penalty wins.
        """
        grid = self.alpha_grid(floor) if alphas is None else alphas
        errors = self.error(grid)
        if alphas is not None and not np.isfinite(errors.min(axis=0)).all():
            raise ValueError(
                f"No penalty from {grid.min():.3g} to {grid.max():.3g} can be scored: "
                "all leave no degree of freedom or an indefinite kernel matrix, whose "
                f"eigenvalues are {self.eigenvalues.min():.3g} to "
                f"{self.eigenvalues.max():.3g}. Give larger alphas."
            )
        tie = self.tie if alphas is None else 0.0
        best = np.argmax(errors <= (1 + tie) * errors.min(axis=0), axis=0)
        return Path(grid, errors, best)

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
        rss = self._outside + np.sum((shrunk * self.loadings) ** 2, axis=0)
        rss += self.counts.within
        free = self._n_null(self.counts.n_rows) + shrunk.sum(axis=0)
        infinite = np.full(len(rss), np.inf)
        variance = np.divide(
            np.maximum(rss, 0), free, out=infinite, where=free > NO_FREEDOM
        )
        return np.sqrt(variance)


def rounding_level(eigenvalues: Array) -> float:
    """What a zero eigenvalue may come out as, from ascending eigenvalues."""
    return float(len(eigenvalues) * EPS * max(eigenvalues[-1], 0))


def cholesky_factor(matrix: Array) -> tuple[Array, bool]:
    """What ``cho_solve`` takes; LinAlgError also where rounding hides singularity."""
    factor, lower = linalg.cho_factor(matrix, lower=True, check_finite=False)
    norm = linalg.norm(matrix, 1, check_finite=False)
    inverse_condition, _ = linalg.lapack.dpocon(factor, norm, uplo="L")
    if inverse_condition < SINGULAR * len(matrix):
        raise linalg.LinAlgError("singular up to rounding")
    return factor, lower


def check_scale(diagonal: NDArray) -> None:
    """Refuse kernels so small that rounding of them vanishes or has no reciprocal."""
    largest = float(np.abs(diagonal).max())
    if 0 < largest < _LEAST_SCALE:
        raise ValueError(
            f"The kernel K(x, x) is at most {largest:.3g}; it must be 0 or exceed "
            f"{_LEAST_SCALE:g}. Scale X or the kernel."
        )


def check_finite(*arrays: Array) -> None:
    """Refuse overflow, which would come out as NaN coefficients."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(
            "The features or targets overflow: their sums of squares are not finite. "
            "Scale X and y, for example with StandardScaler, or lower the degree."
        )
