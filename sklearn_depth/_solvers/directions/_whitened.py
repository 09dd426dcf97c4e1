"""Whitened inputs, and their slices by the values of a target."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._moments import deviation_of
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import DEGENERATE, SHARE

Array = NDArray[np.float64]

# With fewer samples a direction, inverses of covariances are mostly noise.
_FEW_ROWS = 2.0


@dataclass(frozen=True, eq=False)
class Whitened:
    """``z = (x - mean) basis``, of identity covariance on the directions that vary.

    samples : with targets of mean 0 and variance 1, none of them constant.
    mean : (n_features,). basis : (n_features, rank).
    variances : (rank,), of z: 1, or about 1 where the covariance was shrunk.
    size : the effective number of samples, those that differ and by their weights.
    """

    samples: Samples
    mean: Array
    basis: Array
    variances: Array
    size: float

    @cached_property
    def z(self) -> Array:
        """(n_rows, rank)."""
        centred: Array = self.samples.X.astype(np.float64, copy=False) - self.mean
        return centred @ self.basis

    @property
    def rank(self) -> int:
        return self.basis.shape[1]

    @property
    def covariance(self) -> Array:
        """That of z."""
        return np.diag(self.variances)

    def moment(self, values: Array) -> Array:
        """The mean of ``values`` times zz'."""
        return self.z.T @ ((self.samples.share * values)[:, None] * self.z)


def whiten(samples: Samples) -> Whitened:
    """Whiten inputs by their standardised features; collinear ones lose a direction.

    Of few samples the covariance is shrunk to a multiple of the identity.
    """
    samples = _that_vary(samples.distinct())
    share, X = samples.share, samples.X.astype(np.float64, copy=False)
    mean = share @ X
    deviations = deviation_of(mean, share @ (X - mean) ** 2, len(X))
    scale = np.where(deviations > 0, deviations, np.inf)
    rows: Array = np.sqrt(share)[:, None] * ((X - mean) / scale)
    if len(rows) > len(scale):
        rows = np.asarray(np.linalg.qr(rows, mode="r"))
    _, lengths, axes = np.linalg.svd(rows, full_matrices=False)
    rounding = np.finfo(samples.X.dtype).eps * mean / scale
    kept = lengths**2 > DEGENERATE * lengths[0] ** 2 + rounding @ rounding
    if not kept.any():
        raise ValueError(
            "All features of X are constant: there is no direction. Give features that "
            "vary."
        )
    eigenvalues, size = lengths[kept] ** 2, float(1 / (share @ share))
    shrunk = _shrunk(eigenvalues, size)
    basis = axes[kept].T / scale[:, None] / np.sqrt(shrunk)
    return Whitened(samples, mean, basis, eigenvalues / shrunk, size)


def _that_vary(samples: Samples) -> Samples:
    """The samples with standardised targets, those alone that vary."""
    vary = np.isfinite(samples.scale)
    if not vary.any():
        raise ValueError(
            "y is constant: no direction can be told from it. Give targets that vary."
        )
    return samples.to(samples.scaled().targets[:, vary], samples.spread[:, vary])


def _shrunk(eigenvalues: Array, size: float) -> Array:
    """Eigenvalues drawn to their mean where samples are few, by oracle approximation.

    Chen, Wiesel, Eldar and Hero (2010), equation 23 as scikit-learn has it: without the
    terms in 2 / rank.
    """
    rank, mean = len(eigenvalues), eigenvalues.mean()
    if size > _FEW_ROWS * rank:
        return eigenvalues
    squares = (eigenvalues**2).sum() / rank
    ours = squares / rank + mean**2
    theirs = (size + 1) * (squares / rank - mean**2 / rank)
    share = 1.0 if theirs <= 0 else min(ours / theirs, 1.0)
    return (1 - share) * eigenvalues + share * mean


@dataclass(frozen=True, eq=False)
class Slices:
    """Samples of similar targets.

    labels : (n_rows,), the slice of each.
    share : (n_slices,), of the weight.
    means : (n_slices, rank), of z.
    """

    white: Whitened
    labels: NDArray[np.intp]
    share: Array
    means: Array

    @classmethod
    def of(cls, white: Whitened, target: Array, n_slices: int) -> "Slices":
        """Slices of about equal weight; equal targets are in one."""
        share = white.samples.share
        labels = _slice_labels(target, share, n_slices)
        shares = np.bincount(labels, share).astype(np.float64)
        sums = np.zeros((len(shares), white.rank))
        np.add.at(sums, labels, share[:, None] * white.z)
        return cls(white, labels, shares, sums / shares[:, None])

    def __len__(self) -> int:
        return len(self.share)

    def seconds(self) -> Iterator[Array]:
        """The mean of zz' in each slice."""
        for label, share in enumerate(self.share):
            rows = self.labels == label
            z, weight = self.white.z[rows], self.white.samples.share[rows] / share
            yield z.T @ (weight[:, None] * z)

    def covariances(self) -> Iterator[Array]:
        """The covariance of z in each slice."""
        for second, mean in zip(self.seconds(), self.means, strict=True):
            yield second - np.outer(mean, mean)

    def between(self) -> Array:
        """The covariance of the slice means."""
        return (self.means.T * self.share) @ self.means


def _slice_labels(target: Array, share: Array, n_slices: int) -> NDArray[np.intp]:
    """The slice of each sample, from 0 on: by where the middle of its value lies."""
    values, inverse = np.unique(target, return_inverse=True)
    if len(values) <= n_slices:
        return inverse
    mass = np.bincount(inverse, share)
    middle = np.cumsum(mass) - mass / 2
    slices = np.floor(n_slices * middle * (1 + SHARE)).astype(np.intp)  # ties go up
    slices = np.minimum(slices, n_slices - 1)
    return np.unique(slices, return_inverse=True)[1][inverse]
