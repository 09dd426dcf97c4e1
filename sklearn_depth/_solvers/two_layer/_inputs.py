"""What a two-layer network sees of X, and the linear fit that its units add to."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sklearn_depth._math._moments import clipped_scores, column_moments
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._primal import solve_ridge
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth._solvers.two_layer._whitening import ridge_whitening


@dataclass(frozen=True, eq=False)
class Inputs:
    """``z = A clip((x - mean) / scale)``, or x itself where there is no A.

    mean, scale : (n_features,). whitening : (n_features, n_features), A, or None.
    """

    mean: Array
    scale: Array
    whitening: Array | None

    def standardised(self, X: NDArray) -> NDArray:
        """The features before they are turned."""
        if self.whitening is None:
            return X
        return clipped_scores(X, self.mean, self.scale)

    @cached_property
    def unwhitening(self) -> Array | None:
        """The inverse of A, or None where there is none."""
        if self.whitening is None:
            return None
        return np.linalg.inv(self.whitening).astype(np.float64, copy=False)

    @property
    def columns(self) -> Array:
        """The standardised features as functions of z, a row for each."""
        unturned = np.eye(len(self.mean))
        return unturned if self.unwhitening is None else self.unwhitening.T

    def turned(self, layer: Layer) -> Layer:
        """Units of few standardised features as units of z."""
        if self.unwhitening is None:
            return layer
        weights = sparse.csr_array(layer.weights) @ self.unwhitening
        return replace(layer, weights=weights).astype(layer.weights.dtype)

    def of(self, X: NDArray) -> NDArray:
        """z, in the float type of X."""
        if self.whitening is None:
            return X
        return (self.standardised(X) @ self.whitening).astype(X.dtype, copy=False)


@dataclass(frozen=True, eq=False)
class LinearFit:
    """A linear fit on z.

    coef : (n_features, n_targets). intercept : (n_targets,).
    alpha : (n_targets,), its penalty; 0 for moments.
    error : (n_targets,), its estimated test error; None for moments.
    """

    coef: Array
    intercept: Array
    alpha: Array
    error: Array | None = None

    def residual(self, samples: Samples) -> Array:
        """What it leaves of the targets."""
        return samples.targets - self.intercept - samples.X @ self.coef

    def mean_error(self, samples: Samples) -> float:
        """Over the variance of targets that vary; infinite without an estimate."""
        if self.error is None:
            return np.inf
        errors = self.error / samples.scale**2  # 0 for constants
        return float(errors.sum() / max(np.count_nonzero(errors), 1))

    @property
    def head(self) -> RidgeHead:
        """As a head on the inputs alone."""
        return RidgeHead(self.coef, self.intercept, self.alpha, self.error)


def fit_inputs(samples: Samples, whiten: str | None) -> Inputs:
    """Standardise and whiten the features, or leave them."""
    n_features = samples.n_features
    if whiten is None:
        return Inputs(np.zeros(n_features), np.ones(n_features), None)
    X = samples.X.astype(np.float64, copy=False)
    mean, scale = column_moments(X, samples.share)
    standardised = Inputs(mean, scale, np.eye(n_features)).of(X)
    return Inputs(mean, scale, ridge_whitening(samples.at(standardised)))


def fit_linear_part(samples: Samples, linear_part: str | None) -> LinearFit:
    """By ridge regression, by moments, or the mean alone; inputs z are X."""
    if linear_part != "ridge":
        centred = samples.targets - samples.mean  # a constant in y tells nothing of z
        moments = samples.X.T @ (samples.share[:, None] * centred)
        coef = moments if linear_part else np.zeros_like(moments)
        return LinearFit(coef, samples.mean, np.zeros(samples.n_targets))
    head = solve_ridge(lambda z: z, samples, "auto", n_columns=samples.n_features)
    return LinearFit(head.coef, head.intercept, head.alpha, head.error)
