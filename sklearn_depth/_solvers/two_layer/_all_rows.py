"""Heads by sums over all samples, on layers that were learned from some of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._penalties import Alpha
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._inputs import Inputs, LinearFit
from sklearn_depth._solvers.two_layer._layers import ALPHA_FLOOR, Layer
from sklearn_depth._solvers.two_layer._mixture import (
    Candidate,
    Mixture,
    mix_candidates,
)
from sklearn_depth._solvers.two_layer._robust import Heed
from sklearn_depth.utils._memory import check_numbers

# Gram matrices' worth of memory that it takes to make one and solve.
_GRAMS = 6


@dataclass(frozen=True, eq=False)
class HeadSums:
    """Sums over samples: of targets, and of the features of each layer beside them."""

    targets: RidgeMoments
    layers: tuple[RidgeMoments, ...]

    def merge(self, other: "HeadSums") -> "HeadSums":
        """With the samples of another; neither of the two changes."""
        pairs = zip(self.layers, other.layers, strict=True)
        layers = tuple(one.merge(another) for one, another in pairs)
        return HeadSums(self.targets.merge(other.targets), layers)

    @property
    def target_scale(self) -> Array:
        """The standard deviation of each target; infinite where it is constant."""
        deviation = self.targets.target_deviation
        return np.where(deviation > 0, deviation, np.inf)


@dataclass(frozen=True, eq=False)
class Heads:
    """Layers that heads are to be fitted on.

    moments : a linear fit that is taken off the targets, under heads on the units
    alone; None where there is none.
    heed : how much each sample counts; None for what its weight says.
    """

    inputs: Inputs
    layers: list[Layer]
    n_targets: int
    moments: LinearFit | None = None
    heed: Heed | None = None

    def no_rows(self) -> HeadSums:
        """Sums that are still without samples, if there is memory for them."""
        widths = [self._width(layer) for layer in self.layers]
        check_numbers(
            _GRAMS * sum(width**2 for width in widths),
            what=f"The Gram matrices of {sum(widths):,} features",
            way_out="Lower n_hidden or name fewer layers.",
        )
        layers = tuple(RidgeMoments(width, self.n_targets) for width in widths)
        return HeadSums(RidgeMoments(0, self.n_targets), layers)

    def _width(self, layer: Layer) -> int:
        return len(layer) if self.moments else layer.n_columns

    def update(self, sums: HeadSums, samples: Samples) -> HeadSums:
        """With further samples, whose inputs are X as it was given."""
        samples = self.seen(samples)
        targets = sums.targets.update(samples.at(samples.X[:, :0]))
        if self.moments:
            samples = samples.to(self.moments.residual(samples))
        pairs = zip(sums.layers, self.layers, strict=True)
        layers = tuple(
            one.update_in_blocks(partial(self._features, layer), samples)
            for one, layer in pairs
        )
        return HeadSums(targets, layers)

    def _features(self, layer: Layer, Z: NDArray) -> NDArray:
        return layer.features(Z)[:, : self._width(layer)]

    def seen(self, samples: Samples) -> Samples:
        """Different samples with the inputs of layers, weighted as they count."""
        samples = samples.distinct()
        samples = samples.at(self.inputs.of(samples.X))
        return samples if self.heed is None else self.heed.weighted(samples)

    def mixture(self, sums: HeadSums, alpha: Alpha, precision: float) -> Mixture:
        """The layers with their heads, by the errors of these."""
        word = "gcv" if isinstance(alpha, str) else alpha
        pairs = zip(self.layers, sums.layers, strict=True)
        made = [self._candidate(*pair, word, precision) for pair in pairs]
        return mix_candidates(made, lambda layer: Candidate(layer))

    def _candidate(
        self, layer: Layer, sums: RidgeMoments, alpha: Alpha, precision: float
    ) -> Candidate:
        if self.moments:
            head = sums.solve(alpha, fit_intercept=False, alpha_floor=precision)
            coef = np.vstack([head.coef, self.moments.coef])
            head = replace(head, coef=coef, intercept=self.moments.intercept)
        elif layer.prior is not None and isinstance(alpha, str):
            head = _in_basis(sums, layer.prior).solve(alpha, alpha_floor=precision)
            head = replace(head, coef=layer.prior @ head.coef)
        else:
            head = sums.solve(alpha, alpha_floor=max(ALPHA_FLOOR, precision))
        if head.error is None:
            return Candidate(layer, head=head)
        error = replace(layer, error=head.error).charged_error(sums.n_places)
        return Candidate(layer, error, head)


def _in_basis(sums: RidgeMoments, basis: Array) -> RidgeMoments:
    """Sums of the features times a matrix, less the mean of what is kept."""
    made = RidgeMoments(basis.shape[1], sums.n_targets)
    vars(made).update(vars(sums))
    made.feature_mean = sums.feature_mean @ basis
    made.gram = basis.T @ sums.gram @ basis
    made.cross = basis.T @ sums.cross
    return made


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients of outputs of a layer, whose mean outer product is wanted."""

    seen: Callable[[Samples], Samples]
    layer: Layer
    coef: Array

    def update(self, means: RowMeans, samples: Samples) -> RowMeans:
        """With further samples, of which ``seen`` makes those of the layer."""
        samples = self.seen(samples)
        covariance = self.layer.gradient_covariance(samples, self.coef)
        return means.merge(RowMeans(samples.total_weight, (covariance,)))
