"""The search for a first layer: the one function behind the map and the regressor."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._first_step import random_layer, take_first_step
from sklearn_depth._solvers.two_layer._inputs import (
    Inputs,
    LinearFit,
    fit_inputs,
    fit_linear_part,
)
from sklearn_depth._solvers.two_layer._label_transforms import (
    ChosenLabels,
    LabelTransform,
)
from sklearn_depth._solvers.two_layer._late_phase import late_layers
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    fit_on_the_way,
    interleaved,
    search_size,
    searched,
)
from sklearn_depth._solvers.two_layer._subspace import (
    draw_weights,
    narrowed_layers,
    near_best,
    well_trained,
)
from sklearn_depth.utils._memory import check_numbers

# Of the weights, in two layers or their steps.
_COPIES = 3
# Ranks that the first layer is narrowed to, one after the other.
_RANKS = (8, 3, 1)
# A subspace may have so many parameters for each sample.
_SEARCH_PER_SAMPLE = 0.3


@dataclass(frozen=True)
class Search:
    """How a first layer is learned: the parameters of LearnedReLUFeatures."""

    n_hidden: int
    n_feature_steps: int
    n_directions: int | str | None
    label_transform: LabelTransform
    whiten: str | None
    linear_part: str | None
    learning_rate: float | str
    refine: bool
    device: str

    def ranks(self, n_samples: int, n_features: int) -> list[int]:
        """The ranks below the number of columns to narrow the layer to."""
        last = self.n_directions
        if last is None:
            return []
        if isinstance(last, str):
            most = _SEARCH_PER_SAMPLE * n_samples
            return [
                r
                for r in _RANKS
                if r < n_features and search_size(r, n_features) <= most
            ]
        above = (r for r in _RANKS if r > last)
        return [r for r in (*above, last) if r < n_features]


@dataclass(frozen=True, eq=False)
class Learned:
    """A layer on its way or at its end.

    samples : with the inputs z as their X.
    start : the random layer that the steps began with.
    labels : those of the first step; None where there is none.
    """

    samples: Samples
    inputs: Inputs
    linear: LinearFit
    start: Layer
    layer: Layer
    labels: ChosenLabels | None = None


def learn_layer(
    samples: Samples,
    search: Search,
    rng: np.random.Generator,
    report: Callable[[Learned], bool] = lambda learned: False,
) -> Learned:
    """The layer that the search comes to.

    ``report`` hears of each step's layer, once a head has measured it; a true answer
    makes it the last. The first is the random layer that the steps begin with. Fewer
    than two steps are not measured.
    """
    steps = _steps(samples, search, rng)
    while True:
        try:
            learned = next(steps)
        except StopIteration as end:
            last: Learned = end.value
            return last
        if report(learned):
            return learned


def _steps(
    samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Learned, None, Learned]:
    """Yield what each step has learned; return the last."""
    check_numbers(
        _COPIES * search.n_hidden * samples.n_features,
        what=f"n_hidden={search.n_hidden:,} on {samples.n_features:,} columns",
        way_out="Lower n_hidden.",
    )
    inputs = fit_inputs(samples, search.whiten)
    samples = samples.at(inputs.of(samples.X))
    linear = fit_linear_part(samples, search.linear_part)
    start = random_layer(search.n_hidden, samples.n_features, samples.X.dtype, rng)
    scaled = samples.to(
        samples.targets / samples.scale, samples.spread / samples.scale**2
    )
    if search.n_feature_steps > 1:
        start = fit_on_the_way(start, scaled)[0]
    learned = Learned(samples, inputs, linear, start, start)
    if search.n_feature_steps > 1:
        yield learned
    if search.n_feature_steps > 0:
        layer, labels = take_first_step(
            start,
            samples,
            linear.residual(samples),
            search.label_transform,
            search.learning_rate,
            rng,
        )
        learned = replace(learned, layer=layer, labels=labels)
    for layers in (_repeat_steps, _refine):
        steps = layers(learned, scaled, search, rng)
        layer = yield from _told_as(learned, steps)
        learned = replace(learned, layer=layer)
    return learned


def _told_as(
    learned: Learned, layers: Generator[Layer, None, Layer]
) -> Generator[Learned, None, Layer]:
    """Yield layers with what is known beside them."""
    while True:
        try:
            layer = next(layers)
        except StopIteration as end:
            last: Layer = end.value
            return last
        yield replace(learned, layer=layer)


def _repeat_steps(
    learned: Learned, samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Further steps from the gradients of a head, and the search at lower ranks."""
    layer, dtype = learned.layer, samples.X.dtype
    if search.n_feature_steps < 2:
        return layer
    for _ in range(search.n_feature_steps - 1):
        layer, covariance = _measure(layer, samples)
        yield layer
        weights = draw_weights(covariance, search.n_hidden, rng)
        layer = Layer(weights, rng.standard_normal(search.n_hidden)).astype(dtype)
    ranks = search.ranks(len(samples), samples.n_features)
    if not ranks:
        return layer
    full, covariance = _measure(layer, samples)
    yield full
    layers = yield from narrowed_layers(
        samples,
        covariance,
        ranks,
        n_hidden=search.n_hidden,
        n_rounds=search.n_feature_steps,
        rng=rng,
    )
    kept = layers[-1:]
    if search.n_directions == "auto":
        kept = near_best([full, *layers], len(samples))
    return interleaved(kept).astype(dtype)


def _refine(
    learned: Learned, samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Train both layers; keep what they come to where that errs less."""
    if not search.refine:
        return learned.layer
    linear_error = np.inf
    if learned.linear.error is not None:
        linear_error = float(np.mean(learned.linear.error / learned.samples.scale**2))
    layer, _ = fit_on_the_way(searched(learned.layer), samples)
    trained = late_layers(samples, layer, device=search.device, rng=rng)
    best = well_trained(layer, trained, linear_error, len(samples))
    yield best
    return best.astype(samples.X.dtype)


def _measure(layer: Layer, samples: Samples) -> tuple[Layer, Array]:
    """The layer with the error of a head on it, and its gradients' covariance."""
    layer, head = fit_on_the_way(searched(layer), samples)
    return layer, layer.gradient_covariance(samples, head.coef)
