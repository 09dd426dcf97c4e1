"""Ridge heads on features, from sums over rows or from the kernel of few rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from sklearn_depth._math._equal_rows import equal_row_labels
from sklearn_depth._solvers._kernel_ridge import solve_kernel_ridge
from sklearn_depth._solvers._spectrum import (
    Alpha,
    Array,
    Rows,
    Spectrum,
    check_finite,
    cholesky_factor,
    effective_samples,
    group_matrix,
    rounding_level,
)
from sklearn_depth._solvers._tridiagonal import Tridiagonal, TridiagonalSpectrum
from sklearn_depth.utils._memory import row_blocks

# With more rows a column than this, no fit interpolates and GCV is good enough.
FEW_ROWS = 10
# A variance below this share of the squared mean is rounding of the mean.
_ROUNDING = 1e-28


@dataclass(frozen=True)
class RidgeHead:
    """A linear head and the penalty behind it.

    coef : (n_features, n_targets); in the dual (n_samples, n_targets).
    intercept, alpha : (n_targets,).
    score : (n_targets,), an estimate of the test error by GCV or leave-one-out; None
        where no spectrum was needed.
    """

    coef: Array
    intercept: Array
    alpha: Array
    score: Array | None = None


class RidgeMoments:
    """Sums over rows from which a weighted ridge head follows.

    Means and centred second moments, merged by the update of Chan, Golub and LeVeque
    (1983), so that batches in any split give the same head. A weight counts as that
    many repeated rows, and at least as one: weights that sum to 1 are no single row.

    gram : (n_features, n_features), or whatever sums a subclass has in its place.
    """

    def __init__(self, n_features: int, n_targets: int) -> None:
        self.n_rows = 0
        self.weight = 0.0
        self.feature_mean = np.zeros(n_features)
        self.target_mean = np.zeros(n_targets)
        self.gram: Array = np.zeros((n_features, n_features))
        self.cross = np.zeros((n_features, n_targets))
        self.target_square = np.zeros(n_targets)

    @property
    def n_targets(self) -> int:
        return len(self.target_mean)

    def empty(self) -> "RidgeMoments":
        """The same sums without rows."""
        return RidgeMoments(len(self.feature_mean), self.n_targets)

    def update_in_blocks(
        self,
        transform: Callable[[NDArray], NDArray],
        X: NDArray,
        targets: NDArray,
        weight: Array | None,
    ) -> "RidgeMoments":
        """Add the rows of ``transform(X)``, made block by block."""
        for rows in self._blocks(len(X)):
            of_rows = None if weight is None else weight[rows]
            self.update(transform(X[rows]), targets[rows], of_rows)
        return self

    def _blocks(self, n_rows: int) -> list[slice]:
        blocks: list[slice] = row_blocks(n_rows, len(self.feature_mean))
        return blocks

    def update(
        self, features: NDArray, targets: NDArray, weight: Array | None = None
    ) -> "RidgeMoments":
        """Add a block of rows."""
        return self.merge(moments_of(features, targets, weight)[0])

    def merge(self, other: "RidgeMoments") -> "RidgeMoments":
        """Add the rows of another accumulator."""
        weight = self.weight + other.weight
        share = other.weight / weight if weight > 0 else 0.0
        between = self.weight * share
        feature_step = other.feature_mean - self.feature_mean
        target_step = other.target_mean - self.target_mean
        self._merge_gram(other, between, feature_step)
        self.cross += other.cross
        self.target_square += other.target_square
        if between > 0:
            self.cross += between * np.outer(feature_step, target_step)
            self.target_square += between * target_step**2
        self.feature_mean = self.feature_mean + share * feature_step
        self.target_mean = self.target_mean + share * target_step
        self.weight = weight
        self.n_rows += other.n_rows
        return self

    def merged(self, other: "RidgeMoments") -> "RidgeMoments":
        """The rows of both, in an accumulator of their own."""
        with np.errstate(over="ignore", invalid="ignore"):  # said by solve
            return self.empty().merge(self).merge(other)

    def _merge_gram(self, other: "RidgeMoments", between: float, step: Array) -> None:
        self.gram += other.gram
        if between > 0:
            self.gram += between * np.outer(step, step)

    def solve(
        self, alpha: Alpha, *, fit_intercept: bool = True, alpha_floor: float = 0.0
    ) -> RidgeHead:
        """The head that minimises weighted squares plus alpha |coef|^2.

        A float goes through a Cholesky factorisation, "gcv" through a tridiagonal
        matrix, with ``alpha_floor`` as in :meth:`Spectrum.alpha_grid`, and what is
        singular through an eigendecomposition.
        """
        moments = self if fit_intercept else self._about_zero()
        check_finite(moments.gram, moments.cross)
        moments.drop_constant()
        try:
            if isinstance(alpha, str):
                return moments._solve_gcv(int(fit_intercept), alpha_floor)
            if isinstance(alpha, float | int):
                return moments._solve_cholesky(alpha)
        except linalg.LinAlgError:
            pass  # singular: the eigendecomposition gives the shortest solution
        return moments.solve_spectrum(
            *moments.spectrum(int(fit_intercept)), alpha, alpha_floor
        )

    def drop_constant(self, rounding: float = _ROUNDING) -> None:
        """Set to zero what rounding left of the sums of features that are constant.

        Those are features of a variance below ``rounding`` times the squared mean.
        """
        level = rounding * self.weight * self.feature_mean**2
        constant = np.diagonal(self.gram) <= level
        if constant.any():
            self.gram, self.cross = self.gram.copy(), self.cross.copy()
            self.gram[constant] = self.gram[:, constant] = self.cross[constant] = 0

    def _about_zero(self) -> "RidgeMoments":
        """The same sums about the origin, which a head without intercept needs."""
        about_zero = RidgeMoments(len(self.feature_mean), len(self.target_mean))
        about_zero.merge(self)
        about_zero.gram += self.weight * np.outer(self.feature_mean, self.feature_mean)
        about_zero.cross += self.weight * np.outer(self.feature_mean, self.target_mean)
        about_zero.target_square += self.weight * self.target_mean**2
        about_zero.feature_mean[:] = about_zero.target_mean[:] = 0.0
        return about_zero

    def solve_spectrum(
        self, spectrum: Spectrum, vectors: Array, alpha: Alpha, alpha_floor: float
    ) -> RidgeHead:
        """The head in the eigenbasis of the Gram matrix."""
        alphas, score = spectrum.resolve_alpha(alpha, alpha_floor)
        scaled = vectors * np.sqrt(spectrum.eigenvalues)
        return self._head(scaled @ spectrum.shrink(alphas), alphas, score)

    def spectrum(self, n_unpenalised: int) -> tuple[Spectrum, Array]:
        """Spectrum of the Gram matrix, less what is zero up to rounding."""
        eigenvalues, vectors = np.linalg.eigh(self.gram)
        kept = eigenvalues > rounding_level(eigenvalues)
        eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
        spectrum = Spectrum(
            eigenvalues=eigenvalues,
            loadings=vectors.T @ self.cross / np.sqrt(eigenvalues)[:, None],
            total=self.target_square,
            n_samples=max(self.weight, self.n_rows),
            n_unpenalised=n_unpenalised,
        )
        return spectrum, vectors

    def _solve_gcv(self, n_unpenalised: int, alpha_floor: float) -> RidgeHead:
        tridiagonal = Tridiagonal(self.gram)
        spectrum = TridiagonalSpectrum(
            eigenvalues=np.maximum(tridiagonal.eigenvalues(), 0),
            loadings=tridiagonal.rotate(self.cross),
            total=self.target_square,
            n_samples=max(self.weight, self.n_rows),
            n_unpenalised=n_unpenalised,
            diagonal=tridiagonal.diagonal,
            off_diagonal=tridiagonal.off_diagonal,
        )
        alphas, score = spectrum.resolve_alpha("gcv", alpha_floor)
        coef = tridiagonal.rotate(spectrum.shrink(alphas), back=True)
        return self._head(coef, alphas, score)

    def _solve_cholesky(self, alpha: float) -> RidgeHead:
        regularised = self.gram.copy()
        regularised.flat[:: len(regularised) + 1] += alpha
        factor = cholesky_factor(regularised)
        coef = linalg.cho_solve(factor, self.cross, check_finite=False)
        return self._head(coef, np.full(len(self.target_mean), float(alpha)))

    def _head(self, coef: Array, alpha: Array, score: Array | None = None) -> RidgeHead:
        intercept = self.target_mean - self.feature_mean @ coef
        return RidgeHead(coef, intercept, alpha, score)


def solve_ridge(
    transform: Callable[[NDArray], NDArray],
    X: NDArray,
    targets: NDArray,
    sample_weight: Array | None,
    alpha: Alpha,
    *,
    n_columns: int,
    dual: bool | None = None,
    fit_intercept: bool = True,
    alpha_floor: float = 0.0,
    few_rows: float = FEW_ROWS,
    moments: Callable[[int], RidgeMoments] | None = None,
) -> RidgeHead:
    """Ridge head on ``transform(X)``, by the smaller matrix unless ``dual`` says which.

    With more rows than columns, features are made block by block and only their
    moments kept; with fewer, the kernel matrix of all rows is. To choose a penalty for
    up to ``few_rows`` rows a column, all features are held, for leave-one-out. Weights
    count as rows in these choices. ``alpha_floor`` is raised to the precision of X.
    ``moments`` makes what keeps them.
    """
    options: dict[str, Any] = {
        "fit_intercept": fit_intercept,
        "alpha_floor": max(alpha_floor, float(np.finfo(X.dtype).eps)),
    }
    n_samples = effective_samples(len(X), sample_weight)
    if n_samples <= n_columns if dual is None else dual:
        return solve_dual(transform(X), targets, sample_weight, alpha, **options)
    if isinstance(alpha, str) and n_samples <= few_rows * n_columns:
        groups = group_matrix(equal_row_labels(X))
        return solve_by_leave_one_out(
            transform(X), targets, sample_weight, groups, **options
        )
    n_targets = targets.shape[1]
    sums = RidgeMoments(n_columns, n_targets) if moments is None else moments(n_targets)
    sums.update_in_blocks(transform, X, targets, sample_weight)
    return sums.solve(alpha, **options)


def solve_by_leave_one_out(
    features: NDArray,
    targets: NDArray,
    sample_weight: Array | None,
    groups: sparse.csr_array,
    *,
    fit_intercept: bool = True,
    alpha_floor: float = 0.0,
) -> RidgeHead:
    """Ridge head from the Gram matrix, its penalty by exact leave-one-out."""
    moments, spectrum, vectors = spectrum_of(
        features, targets, sample_weight, groups, fit_intercept
    )
    return moments.solve_spectrum(spectrum, vectors, "gcv", alpha_floor)


def spectrum_of(
    features: NDArray,
    targets: NDArray,
    sample_weight: Array | None,
    groups: sparse.csr_array | None,
    fit_intercept: bool,
) -> tuple[RidgeMoments, Spectrum, Array]:
    """Moments and their eigenbasis; for leave-one-out of the groups, if there are."""
    moments, centred, residual = moments_of(
        features, targets, sample_weight, fit_intercept
    )
    check_finite(moments.gram, moments.cross)
    moments.drop_constant()
    spectrum, vectors = moments.spectrum(int(fit_intercept))
    if groups is not None:
        left = centred @ (vectors / np.sqrt(spectrum.eigenvalues))
        weight = np.ones(len(left)) if sample_weight is None else sample_weight
        spectrum = replace(spectrum, rows=Rows(left, residual, weight, groups))
    return moments, spectrum, vectors


def solve_dual(
    features: NDArray,
    targets: NDArray,
    sample_weight: Array | None,
    alpha: Alpha,
    *,
    fit_intercept: bool = True,
    alpha_floor: float = 0.0,
) -> RidgeHead:
    """Ridge head from the kernel matrix, its penalty by exact leave-one-out."""
    features = features.astype(np.float64, copy=False)
    mean = np.average(features, axis=0, weights=sample_weight) * fit_intercept
    centred = features - mean
    head = solve_kernel_ridge(
        centred @ centred.T,
        targets,
        sample_weight,
        "loo" if isinstance(alpha, str) else alpha,
        fit_intercept=fit_intercept,
        alpha_floor=alpha_floor,
    )
    coef = centred.T @ head.dual
    score = None if head.path is None else head.path.score
    return RidgeHead(coef, head.intercept - mean @ coef, head.alpha, score)


def moments_of(
    features: NDArray,
    targets: NDArray,
    weight: Array | None,
    about_mean: bool = True,
) -> tuple[RidgeMoments, Array, Array]:
    """Moments about the mean or zero, with the centred features and targets."""
    moments = RidgeMoments(0, 0)
    moments.n_rows = len(features)
    moments.weight = float(len(features) if weight is None else weight.sum())
    centred, moments.feature_mean = centre(features, weight, about_mean)
    residual, moments.target_mean = centre(targets, weight, about_mean)
    moments.gram = centred.T @ centred
    moments.cross = centred.T @ residual
    moments.target_square = (residual**2).sum(axis=0)
    return moments, centred, residual


def centre(
    values: NDArray, weight: Array | None, about_mean: bool = True
) -> tuple[Array, Array]:
    """sqrt(weight) (values - mean) and the weighted mean, or zero, in float64."""
    values = values.astype(np.float64, copy=False)
    mean = np.zeros(values.shape[1])
    if about_mean:
        mean = np.average(values, axis=0, weights=weight)
    centred = values - mean
    if weight is not None:
        centred *= np.sqrt(weight)[:, None]
    return centred, mean
