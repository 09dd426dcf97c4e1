"""Sums over samples from which ridge heads follow."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._moments import deviation_of
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import NONE
from sklearn_depth._solvers.ridge._penalties import Alpha, in_our_unit, in_users_unit
from sklearn_depth._solvers.ridge._spectrum import (
    Array,
    Counts,
    Spectrum,
    check_finite,
    cholesky_factor,
    rounding_level,
)
from sklearn_depth._solvers.ridge._tridiagonal import Tridiagonal, TridiagonalSpectrum
from sklearn_depth.utils._memory import row_blocks


@dataclass(frozen=True)
class RidgeHead:
    """A linear head and the penalty behind it.

    coef : (n_features, n_targets).
    intercept, alpha : (n_targets,).
    error : (n_targets,), an estimate of the test error by GCV or leave-one-out; None
        where no penalty was chosen.
    """

    coef: Array
    intercept: Array
    alpha: Array
    error: Array | None = None

    def in_unit(self, unit: float, asked: Alpha) -> "RidgeHead":
        """The head with its penalty in another unit of the weights.

        A penalty that was asked for, and no word, is what it was in that unit.
        """
        if isinstance(asked, str):
            return replace(self, alpha=in_users_unit(self.alpha, unit))
        return replace(self, alpha=np.zeros_like(self.alpha) + asked)


class RidgeMoments:
    """Sums over samples from which a weighted ridge head follows.

    Means and centred second moments, merged by the update of Chan, Golub and LeVeque
    (1983), so that batches in any split give the same head. No array is changed in
    place: a copy keeps its own sums.

    n_rows, n_places : samples so far, and how many places they have; what a batch
        repeats counts once.
    unit : the weight, as the user counts, that 1 stands for here.
    weight, within : sums over samples of their weight and, for each target, of the
        squares about the targets of those that were merged.
    gram : (n_features, n_features), or whatever sums a subclass has in its place.
    """

    def __init__(self, n_features: int, n_targets: int) -> None:
        self.n_rows = self.n_places = 0
        self.unit = 1.0
        self.weight = 0.0
        self.feature_mean = np.zeros(n_features)
        self.target_mean = np.zeros(n_targets)
        self.gram: Array = np.zeros((n_features, n_features))
        self.cross = np.zeros((n_features, n_targets))
        self.target_square = np.zeros(n_targets)
        self.within = np.zeros(n_targets)

    @property
    def n_targets(self) -> int:
        return len(self.target_mean)

    @property
    def target_deviation(self) -> Array:
        """The standard deviation of each target; 0 where it is constant."""
        variance = (self.target_square + self.within) / self.weight
        return deviation_of(self.target_mean, variance, self.n_places)

    def empty(self) -> Self:
        """The same sums without samples."""
        return type(self)(len(self.feature_mean), self.n_targets)

    def update_in_blocks(
        self, transform: Callable[[NDArray], NDArray], samples: Samples
    ) -> Self:
        """With the samples of ``transform(X)``, made block by block.

        They are new memory, or parts of X.
        """
        sums = self.empty()
        for rows in self._blocks(len(samples)):
            block = samples[rows]
            features = transform(block.X)
            fresh = not np.may_share_memory(features, block.X)
            sums._add(self._sums_of(block.at(features), fresh))
        return self.merge(sums)

    def _blocks(self, n_rows: int) -> list[slice]:
        return row_blocks(n_rows, len(self.feature_mean))

    def _sums_of(self, samples: Samples, fresh: bool = False) -> "RidgeMoments":
        """The sums of a block of samples, whose features are X; see :func:`centre`."""
        return moments_of(samples, fresh=fresh)[0]

    def update(self, samples: Samples) -> Self:
        """With a block of samples, whose features are X."""
        return self.merge(self._sums_of(samples))

    def merge(self, other: "RidgeMoments") -> Self:
        """With the samples of another accumulator; neither of the two changes."""
        merged = copy(self)
        if self.n_rows:
            for name, value in vars(self).items():
                setattr(merged, name, copy(value))
        merged._add(other)
        return merged

    def _add(self, other: "RidgeMoments") -> None:
        """Add the samples of another in place; without samples, take its own."""
        if self.n_rows == 0:
            vars(self).update({name: vars(other)[name] for name in _SUMS})
            return
        if other.n_rows == 0:
            return
        unit = max(self.unit, other.unit)  # a smaller one might overflow
        vars(self).update(vars(self.in_unit(unit)))
        other = other.in_unit(unit)
        weight = self.weight + other.weight
        share = other.weight / weight
        between = self.weight * share
        feature_step = other.feature_mean - self.feature_mean
        target_step = other.target_mean - self.target_mean
        self._add_gram(other, between, feature_step)
        self.cross += other.cross
        self.cross += between * np.outer(feature_step, target_step)
        self.target_square += other.target_square + between * target_step**2
        self.within += other.within
        self.feature_mean = self.feature_mean + share * feature_step
        self.target_mean = self.target_mean + share * target_step
        self.n_rows += other.n_rows
        self.n_places += other.n_places
        self.weight = weight

    def _add_gram(self, other: "RidgeMoments", between: float, step: Array) -> None:
        self.gram += other.gram
        self.gram += between * np.outer(step, step)

    def in_unit(self, unit: float) -> "RidgeMoments":
        """The same samples with weights in another unit."""
        if unit == self.unit:
            return self
        made, ratio = copy(self), self.unit / unit
        for name in ("weight", "gram", "cross", "target_square", "within"):
            setattr(made, name, ratio * vars(self)[name])
        made.unit = unit
        return made

    def solve(
        self, alpha: Alpha, *, fit_intercept: bool = True, alpha_floor: float = 0.0
    ) -> RidgeHead:
        """The head that minimises weighted squares plus alpha |coef|^2.

        Weights and alpha are in the user's unit. A float goes through a Cholesky
        factorisation, a word is GCV, through a tridiagonal matrix, with ``alpha_floor``
        as in :meth:`Spectrum.alpha_grid`, and what is singular, or interpolates, goes
        through an eigendecomposition.
        """
        moments = self.dense()
        check_finite(moments.gram, moments.cross)
        moments = moments if fit_intercept else moments.about_zero()
        moments = moments.without_constants(NONE**2)
        given = in_our_unit(alpha, moments.unit)
        try:
            head = moments._solve_regular(given, int(fit_intercept), alpha_floor)
        except linalg.LinAlgError:  # the eigendecomposition gives the shortest solution
            head = moments.solve_spectrum(
                *moments.spectrum(int(fit_intercept)), given, alpha_floor
            )
        return head.in_unit(moments.unit, alpha)

    def _solve_regular(
        self, alpha: Alpha, n_unpenalised: int, alpha_floor: float
    ) -> RidgeHead:
        word = isinstance(alpha, str)
        if not (word or np.ndim(alpha)):
            return self._solve_cholesky(float(alpha))
        # Of large sums few residuals are left; penalties for each target share a basis.
        if not word or self.n_places - n_unpenalised <= len(self.cross):
            spectrum, vectors = self.spectrum(n_unpenalised)
            return self.solve_spectrum(spectrum, vectors, alpha, alpha_floor)
        return self._solve_gcv(n_unpenalised, alpha_floor)

    def dense(self) -> "RidgeMoments":
        """The same sums with the Gram matrix itself."""
        return self

    def without_constants(self, rounding: float) -> "RidgeMoments":
        """With zeros for what rounding left of the sums of features that are constant.

        Those are features of a variance below ``rounding`` times the squared mean.
        """
        level = rounding * self.weight * self.feature_mean**2
        constant = np.diagonal(self.gram) <= level
        if not constant.any():
            return self
        moments = copy(self)
        moments.gram, moments.cross = self.gram.copy(), self.cross.copy()
        moments.gram[constant] = moments.gram[:, constant] = 0
        moments.cross[constant] = 0
        return moments

    def about_zero(self) -> "RidgeMoments":
        """The same sums about the origin, which a head without intercept needs."""
        features, targets = self.feature_mean, self.target_mean
        moments = copy(self)
        moments.gram = self.gram + self.weight * np.outer(features, features)
        moments.cross = self.cross + self.weight * np.outer(features, targets)
        moments.target_square = self.target_square + self.weight * targets**2
        moments.feature_mean, moments.target_mean = 0 * features, 0 * targets
        return moments

    def solve_spectrum(
        self, spectrum: Spectrum, vectors: Array, alpha: Alpha, alpha_floor: float
    ) -> RidgeHead:
        """The head in the eigenbasis of the Gram matrix, weights as they are here."""
        alphas, error = spectrum.resolve_alpha(alpha, alpha_floor)
        scaled = vectors * np.sqrt(spectrum.eigenvalues)
        return self._head(scaled @ spectrum.shrink(alphas), alphas, error)

    def spectrum(self, n_unpenalised: int) -> tuple[Spectrum, Array]:
        """Spectrum of the Gram matrix, less what is zero up to rounding."""
        eigenvalues, vectors = np.linalg.eigh(self.gram)
        kept = eigenvalues > rounding_level(eigenvalues)
        eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
        spectrum = Spectrum(
            eigenvalues=eigenvalues,
            loadings=vectors.T @ self.cross / np.sqrt(eigenvalues)[:, None],
            total=self.target_square,
            n_places=self.n_places,
            counts=Counts(self.n_rows, self.weight, self.within),
            n_unpenalised=n_unpenalised,
        )
        return spectrum, vectors

    def _solve_gcv(self, n_unpenalised: int, alpha_floor: float) -> RidgeHead:
        tridiagonal = Tridiagonal(self.gram)
        spectrum = TridiagonalSpectrum(
            eigenvalues=np.maximum(tridiagonal.eigenvalues(), 0),
            loadings=tridiagonal.rotate(self.cross),
            total=self.target_square,
            n_places=self.n_places,
            counts=Counts(self.n_rows, self.weight, self.within),
            n_unpenalised=n_unpenalised,
            diagonal=tridiagonal.diagonal,
            off_diagonal=tridiagonal.off_diagonal,
        )
        alphas, error = spectrum.resolve_alpha("gcv", alpha_floor)
        coef = tridiagonal.rotate(spectrum.shrink(alphas), back=True)
        return self._head(coef, alphas, error)

    def _solve_cholesky(self, alpha: float) -> RidgeHead:
        regularised = self.gram.copy()
        regularised.flat[:: len(regularised) + 1] += alpha
        factor = cholesky_factor(regularised)
        coef = linalg.cho_solve(factor, self.cross, check_finite=False)
        return self._head(coef, np.full(len(self.target_mean), alpha))

    def _head(self, coef: Array, alpha: Array, error: Array | None = None) -> RidgeHead:
        intercept = self.target_mean - self.feature_mean @ coef
        return RidgeHead(coef, intercept, alpha, error)


_SUMS = tuple(vars(RidgeMoments(0, 0)))


def moments_of(
    samples: Samples, about_mean: bool = True, *, fresh: bool = False
) -> tuple[RidgeMoments, Array, Array]:
    """Moments about the mean or zero, with the centred features and targets.

    These are times the roots of the weights. ``fresh`` is as in :func:`centre`, of X.
    """
    moments = RidgeMoments(0, 0)
    moments.n_rows, moments.n_places = samples.n_rows, len(samples)
    moments.unit = samples.unit
    moments.weight, moments.within = float(samples.weight.sum()), samples.within
    centred, moments.feature_mean = centre(samples, samples.X, about_mean, fresh=fresh)
    residual, moments.target_mean = centre(samples, samples.targets, about_mean)
    moments.gram = centred.T @ centred
    moments.cross = centred.T @ residual
    moments.target_square = (residual**2).sum(axis=0)
    return moments, centred, residual


def centre(
    samples: Samples, values: NDArray, about_mean: bool = True, *, fresh: bool = False
) -> tuple[Array, Array]:
    """sqrt(weight) (values - mean) and the weighted mean, or zero, in float64.

    Fresh values are nobody else's, and may be centred where they lie.
    """
    mean = samples.average(values) if about_mean else np.zeros(values.shape[1])
    in_place = fresh and values.dtype == np.float64
    centred = np.subtract(values, mean, out=values if in_place else None)
    return samples.rooted(centred), mean
