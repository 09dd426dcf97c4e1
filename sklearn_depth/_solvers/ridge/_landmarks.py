"""Kernel ridge regression on landmarks that a randomly pivoted Cholesky draws.

After k landmarks S the kernel is approximated by F F' with F = K[:, S] L^-T and
K[S, S] = L L'. The next landmark is drawn with probability proportional to the weight
of a sample times what is left of its diagonal, as in Chen, Epperly, Tropp and Webber
(2025). Candidates come in blocks, each kept with the share of its diagonal that those
before it in the block have left: the same law, by matrix products (Epperly, Tropp and
Webber 2024).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._equal_rows import equal_feature_row_labels
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS, NONE
from sklearn_depth._solvers.ridge._dual import KernelHead
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._penalties import (
    Alpha,
    in_our_unit,
    is_word,
    settled,
)
from sklearn_depth._solvers.ridge._primal import spectrum_of
from sklearn_depth._solvers.ridge._spectrum import (
    Array,
    Spectrum,
    check_finite,
    check_scale,
)

# Landmarks with less of their diagonal left, as a share of the largest, are rounding.
_LEFT = 1e-11
_MOST_CANDIDATES = 256


@dataclass(frozen=True)
class Landmarks:
    """Samples that stand for all, and the features that they give.

    indices : (n_landmarks,).
    factor : (n_landmarks, n_landmarks), L.
    features : (n_samples, n_landmarks), F.
    """

    indices: NDArray[np.intp]
    factor: Array
    features: Array

    def equal_rows(self) -> NDArray[np.intp]:
        """Labels alike for samples of equal features."""
        largest = np.einsum("ij,ij->i", self.features, self.features).max()
        return equal_feature_row_labels(self.features, _LEFT * largest)

    def features_of(self, kernel: NDArray) -> Array:
        """F of other samples, from their kernel with the landmarks."""
        return linalg.solve_triangular(
            self.factor, kernel.T, lower=True, check_finite=False
        ).T

    def dual(self, coef: Array) -> Array:
        """Weights of the landmarks' kernels that equal F coef."""
        return linalg.solve_triangular(
            self.factor, coef, lower=True, trans="T", check_finite=False
        )


def draw_landmarks(
    kernel: Callable[[Any, NDArray[np.intp]], NDArray],
    diagonal: NDArray,
    weight: Array,
    n_landmarks: int,
    rng: np.random.Generator,
) -> Landmarks:
    """Up to so many landmarks: fewer where the kernel has a lower rank.

    ``kernel(rows, columns)`` are the entries of these rows and columns.
    """
    check_finite(diagonal)
    check_scale(diagonal)
    level = max(_LEFT, 100 * float(np.finfo(diagonal.dtype).eps)) * diagonal.max()
    left = diagonal.astype(np.float64)
    features = np.empty((len(left), n_landmarks))
    indices = np.empty(n_landmarks, np.intp)
    n_drawn = 0
    while n_drawn < n_landmarks:
        left[left <= level] = 0
        mass = left * weight
        if not mass.any():
            break
        drawn = rng.choice(len(mass), _MOST_CANDIDATES, p=mass / mass.sum())
        known = features[:, :n_drawn]
        among = kernel(drawn, drawn) - known[drawn] @ known[drawn].T
        kept = drawn[_accept(among, left[drawn], rng)][: n_landmarks - n_drawn]
        if not len(kept):  # what was left of these is rounding
            left[drawn] = 0
            continue
        block = kernel(slice(None), kept) - known @ known[kept].T
        factor = linalg.cholesky(block[kept], lower=True)
        new = slice(n_drawn, n_drawn + len(kept))
        features[:, new] = linalg.solve_triangular(factor, block.T, lower=True).T
        left -= np.sum(features[:, new] ** 2, axis=1)
        left[kept] = 0
        indices[new] = kept
        n_drawn += len(kept)
    if not n_drawn:  # a kernel of zeros: any sample gives a feature of zeros
        _check_zero(kernel(slice(None), np.zeros(1, np.intp)), diagonal)
        return Landmarks(np.zeros(1, np.intp), np.eye(1), np.zeros((len(left), 1)))
    indices, features = indices[:n_drawn], features[:, :n_drawn]
    return Landmarks(indices, np.tril(features[indices]), features)


def _check_zero(column: NDArray, diagonal: NDArray) -> None:
    if column.any():
        raise ValueError(
            "The kernel is not positive semi-definite and has no landmarks: K(x, x) is "
            f"at most {diagonal.max() + 0.0:.3g}, but not all of K is zero. Leave out "
            "n_components, or take another kernel."
        )


def _accept(among: Array, left: Array, rng: np.random.Generator) -> list[int]:
    """Which candidates to keep, by the share of ``left`` that the kept ones leave."""
    kept = []
    for i, level in enumerate(rng.uniform(0, 1, len(left)) * left):
        if among[i, i] > level:
            kept.append(i)
            among -= np.outer(among[:, i], among[i] / among[i, i])
    return kept


def solve_on_landmarks(
    landmarks: Landmarks,
    samples: Samples,
    alpha: Alpha,
    *,
    fit_intercept: bool,
    alphas: Array | None = None,
    alpha_floor: float = 0.0,
) -> KernelHead:
    """Ridge regression on the features of the landmarks, as weights of their kernels.

    ``alpha`` and ``alphas`` are those of :func:`solve_kernel_ridge`; "auto" is
    leave-one-out up to ten samples a landmark.
    """
    search = isinstance(alpha, str)
    samples = samples.at(landmarks.features)
    if search:
        samples = samples.merged(landmarks.equal_rows())
    alpha = settled(alpha, samples.n_rows, len(landmarks.indices), FEW_ROWS)
    leave_one_out = is_word(alpha, "loo")
    problem = spectrum_of(samples, fit_intercept, leave_one_out)
    return _solve(landmarks, *problem, alpha, alphas, alpha_floor)


def solve_landmark_sums(
    landmarks: Landmarks,
    sums: RidgeMoments,
    alpha: Alpha,
    *,
    fit_intercept: bool,
    alphas: Array | None = None,
    alpha_floor: float = 0.0,
) -> KernelHead:
    """The same from sums over samples of the landmarks' features, by GCV for a word."""
    check_finite(sums.gram, sums.cross)
    moments = sums if fit_intercept else sums.about_zero()
    moments = moments.without_constants(NONE**2)
    problem = moments, *moments.spectrum(int(fit_intercept))
    return _solve(landmarks, *problem, alpha, alphas, alpha_floor)


def _solve(
    landmarks: Landmarks,
    moments: RidgeMoments,
    spectrum: Spectrum,
    vectors: Array,
    alpha: Alpha,
    alphas: Array | None,
    alpha_floor: float,
) -> KernelHead:
    unit = moments.unit
    given, path = in_our_unit(alpha, unit), None
    if isinstance(alpha, str):
        grid = None if alphas is None else in_our_unit(alphas, unit)
        path = spectrum.choose(alpha_floor, grid)
        given, path = path.alpha, path.in_unit(unit, alphas)
        alpha = path.alpha
    head = moments.solve_spectrum(spectrum, vectors, given, alpha_floor)
    head = head.in_unit(unit, alpha)
    return KernelHead(landmarks.dual(head.coef), head.alpha, head.intercept, path)
