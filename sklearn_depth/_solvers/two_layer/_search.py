"""The search for a first layer: the one function behind the map and the regressor."""

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

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
from sklearn_depth._solvers.two_layer._kernel_start import (
    error_of_chance,
    kernel_covariance,
    stands_out,
)
from sklearn_depth._solvers.two_layer._label_transforms import (
    ChosenLabels,
    LabelTransform,
)
from sklearn_depth._solvers.two_layer._late_phase import late_layers
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    effective_rank,
    fit_on_the_way,
    interleaved,
    search_size,
    searched,
)
from sklearn_depth._solvers.two_layer._smooth import smooth_layers
from sklearn_depth._solvers.two_layer._sparse import sparse_layers
from sklearn_depth._solvers.two_layer._squares import sum_of_squares
from sklearn_depth._solvers.two_layer._subspace import (
    draw_weights,
    narrowed_layers,
    near_best,
    well_trained,
    within,
)
from sklearn_depth.utils._memory import check_numbers

# Of the weights, in two layers or their steps.
_COPIES = 3
# Ranks that the first layer is narrowed to, one after the other.
_RANKS = (8, 3, 1)
# How many of them, from the lowest on, are tried again from another start.
_N_AGAIN = 2
_STEP = "gradient step"
_SMOOTH_RANKS = (1, 2, 3, 5, 8)
_Seen = tuple[Inputs, Samples, LinearFit]
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
        """The ranks below the number of features to narrow the layer to."""
        last = self.n_directions
        if last is None:
            return []
        if isinstance(last, str):
            found = _borne_ranks(_RANKS, n_samples, n_features)
        else:
            found = [*(r for r in _RANKS if r > last), last]
        return [r for r in found if r < n_features]

    def smooth_ranks(self, n_samples: int, n_features: int) -> list[int]:
        """The ranks at which polynomials are tried."""
        if self.n_directions is None:
            return []
        if not isinstance(self.n_directions, str):
            return [min(self.n_directions, n_features)]
        return _borne_ranks(_SMOOTH_RANKS, n_samples, n_features)

    def is_borne_by(self, samples: Samples) -> bool:
        """Whether samples, with z as their X, bear the search for a direction out.

        Fewer let a step along a direction fit its own noise. A rank that was asked for
        is learned all the same.
        """
        if isinstance(self.n_directions, Integral):
            return True
        directions = effective_rank(samples.X - samples.average(samples.X))
        return directions <= _SEARCH_PER_SAMPLE * len(samples)


def _borne_ranks(ranks: tuple[int, ...], n_samples: int, n_features: int) -> list[int]:
    """Those of subspaces that so many samples bear the search for."""
    most = _SEARCH_PER_SAMPLE * n_samples
    ranks = tuple(r for r in ranks if r <= n_features)
    return [r for r in ranks if search_size(r, n_features) <= most]


@dataclass(frozen=True, eq=False)
class Learned:
    """Layers on their way or at their end.

    samples : with the inputs z as their X.
    start : the random layer that the steps begin with.
    layers : by kind, that of the last step at the end.
    labels : those of the first step; None where there is none.
    was_told : whether a head has measured a step.
    bar : the least error of a step, or of the linear fit.
    """

    samples: Samples
    inputs: Inputs
    linear: LinearFit
    start: Layer
    layers: dict[str, Layer] = field(default_factory=dict)
    labels: ChosenLabels | None = None
    was_told: bool = False
    bar: float = np.inf

    @property
    def kind(self) -> str:
        """That of the last step."""
        return list(self.layers)[-1]

    @property
    def layer(self) -> Layer:
        """That of the last step."""
        return self.layers[self.kind]

    @property
    def step(self) -> str:
        """The last one in words."""
        return self.layer.step or f"{self.kind} layer"

    @property
    def error(self) -> float:
        """Of the last step, over the variance of the targets."""
        return self.layer.mean_error(len(self.samples))

    def beside(self, kind: str, layer: Layer, **changes: Any) -> "Learned":
        """With a layer in place of the last one of its kind, or none."""
        layers = {name: one for name, one in self.layers.items() if name != kind}
        return replace(self, layers=layers | {kind: layer}, **changes)

    def told(self) -> Generator["Learned", None, "Learned"]:
        """Yield this, and return it, with its error noted."""
        learned = replace(self, was_told=True, bar=min(self.bar, self.error))
        yield learned
        return learned


def learn_layers(
    samples: Samples,
    search: Search,
    kinds: Collection[str],
    rng: np.random.Generator,
    report: Callable[[Learned], bool] = lambda learned: False,
) -> Learned:
    """The layers that the search comes to, of some kinds.

    ``report`` hears of each step's layer, once a head has measured it; a true answer
    makes it the last. The first is the random layer that dense steps begin with. Of
    fewer than two steps on a dense layer none is measured, and no other kind joins it.
    """
    steps = _steps(samples, search, kinds, rng)
    while True:
        try:
            learned = next(steps)
        except StopIteration as end:
            return end.value
        if report(learned):
            return learned


def _steps(
    samples: Samples, search: Search, kinds: Collection[str], rng: np.random.Generator
) -> Generator[Learned, None, Learned]:
    """Yield what each step has learned; return the last."""
    check_numbers(
        _COPIES * search.n_hidden * samples.n_features,
        what=f"n_hidden={search.n_hidden:,} on {samples.n_features:,} features",
        way_out="Lower n_hidden.",
    )
    X, (rng_of_sparse,) = samples.X, rng.spawn(1)
    whitened = _seen_through(fit_inputs(samples, search.whiten), samples, search)
    inputs, samples, linear = _better_inputs(whitened, samples, search)
    start = random_layer(search.n_hidden, samples.n_features, samples.X.dtype, rng)
    learned = Learned(samples, inputs, linear, start, bar=linear.mean_error(samples))
    directions = "dense" in kinds or "smooth" in kinds
    dense = directions and (len(kinds) == 1 or search.is_borne_by(whitened[1]))
    measured = search.n_feature_steps > 1 or not directions
    if measured and (dense or "random" in kinds):
        start, _ = fit_on_the_way(start, scaled(samples))
        learned = replace(learned, start=start).beside("random", start)
        learned = yield from learned.told()
    if dense:
        learned = yield from _dense_steps(learned, search, rng)
    if dense and measured and "smooth" in kinds:
        learned = yield from _smooth_steps(learned, search)
    if measured and "sparse" in kinds:
        # In double, as rounding would turn choices of a power and of features.
        standardised = samples.at(inputs.standardised(X).astype(np.float64, copy=False))
        steps = _sparse_steps(learned, standardised, search, rng_of_sparse)
        learned = yield from steps
    return learned


def _seen_through(inputs: Inputs, samples: Samples, search: Search) -> _Seen:
    """With the samples that have z as X, and a linear fit on them."""
    samples = samples.at(inputs.of(samples.X))
    return inputs, samples, fit_linear_part(samples, search.linear_part)


def _better_inputs(whitened: _Seen, samples: Samples, search: Search) -> _Seen:
    """Features as they are where whitening raises the error of the linear fit.

    Of fewer samples than features, that is, as they do not tell most of the covariance.
    """
    inputs, n_features = whitened[0], samples.n_features
    if search.whiten is None or len(samples) >= n_features:
        return whitened
    unturned = replace(inputs, whitening=np.eye(n_features))
    found = whitened, _seen_through(unturned, samples, search)
    return min(found, key=lambda seen: seen[2].mean_error(samples))


def scaled(samples: Samples) -> Samples:
    """Targets of variance 1."""
    targets, spread = samples.targets / samples.scale, samples.spread / samples.scale**2
    return samples.to(targets, spread)


def _dense_steps(
    learned: Learned, search: Search, rng: np.random.Generator
) -> Generator[Learned, None, Learned]:
    """The steps of a layer of directions."""
    samples, start = learned.samples, learned.start
    layer, labels = start, None
    if search.n_feature_steps > 0:
        layer, labels = take_first_step(
            start,
            samples,
            learned.linear.residual(samples),
            search.label_transform,
            search.learning_rate,
            rng,
        )
    learned = learned.beside("dense", layer, labels=labels)
    for steps in (_repeat_steps, _start_again, _refine):
        layers = steps(learned, scaled(samples), search, rng)
        learned = yield from _told_as(learned, "dense", layers)
    if search.n_feature_steps > 0:
        layer = replace(searched(learned.layer, len(samples)), error=None)
        learned = learned.beside("dense", layer)
    return learned


def _smooth_steps(
    learned: Learned, search: Search
) -> Generator[Learned, None, Learned]:
    """The steps of polynomials in directions, or the squares of features.

    Those take their place where they err less than all before.
    """
    learned = yield from _directed_steps(learned, search)
    if search.n_directions != "auto":
        return learned
    samples = scaled(learned.samples)
    samples = samples.at(samples.X.astype(np.float64, copy=False))
    layer = sum_of_squares(samples, learned.inputs.columns)
    if layer is None or layer.mean_error(len(samples)) >= learned.bar:
        return learned
    return (yield from learned.beside("smooth", layer).told())


def _directed_steps(
    learned: Learned, search: Search
) -> Generator[Learned, None, Learned]:
    """The steps of polynomials in the directions of the dense layer.

    Where they err less, so do ReLUs in their directions, to which the dense ones turn.
    """
    samples, dense, bar = scaled(learned.samples), learned.layers["dense"], learned.bar
    weights = dense.weights.astype(np.float64, copy=False)
    ranks = search.smooth_ranks(len(samples), samples.n_features)
    layers = smooth_layers(samples, weights.T @ weights, ranks, bar)
    learned = yield from _told_as(learned, "smooth", layers)
    smooth = learned.layers.get("smooth")
    if smooth is None or smooth.mean_error(len(samples)) >= bar:
        return learned
    turned = replace(
        dense, weights=within(dense.weights, smooth.weights), n_search=smooth.n_search
    )
    return replace(learned, layers=learned.layers | {"dense": turned})


def _sparse_steps(
    learned: Learned, standardised: Samples, search: Search, rng: np.random.Generator
) -> Generator[Learned, None, Learned]:
    """The steps of a layer of units of few features."""
    layers = sparse_layers(
        scaled(standardised), search.n_hidden, search.n_feature_steps, learned.bar, rng
    )
    dtype, inputs = learned.samples.X.dtype, learned.inputs
    told = _told_as(
        learned, "sparse", layers, lambda layer: inputs.turned(layer).astype(dtype)
    )
    return (yield from told)


def _told_as(
    learned: Learned,
    kind: str,
    layers: Generator[Layer, None, Layer | None],
    turned: Callable[[Layer], Layer] = lambda layer: layer,
) -> Generator[Learned, None, Learned]:
    """Yield layers of some kind with what is known beside them."""
    while True:
        try:
            layer = next(layers)
        except StopIteration as end:
            last: Layer | None = end.value
            return learned if last is None else learned.beside(kind, turned(last))
        learned = yield from learned.beside(kind, turned(layer)).told()


def _repeat_steps(
    learned: Learned, samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Further steps from the gradients of a head, and the search at lower ranks."""
    layer, dtype = learned.layers["dense"], samples.X.dtype
    if search.n_feature_steps < 2:
        return layer
    for _ in range(search.n_feature_steps - 1):
        layer, covariance = _measure(layer, samples)
        yield replace(layer, step=_STEP)
        weights = draw_weights(covariance, search.n_hidden, rng)
        layer = Layer(weights, rng.standard_normal(search.n_hidden)).astype(dtype)
    ranks = search.ranks(len(samples), samples.n_features)
    if not ranks:
        return layer
    full, covariance = _measure(layer, samples)
    yield replace(full, step=_STEP)
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


def _start_again(
    learned: Learned, samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Where nothing was found, low ranks again from where a kernel machine looks."""
    layer, n_samples = learned.layers["dense"], len(samples)
    ranks = search.ranks(n_samples, samples.n_features)[-_N_AGAIN:]
    chance = error_of_chance(n_samples)
    if search.n_feature_steps < 2 or not ranks or learned.bar < chance:
        return layer
    if learned.labels is None or stands_out(learned.labels, learned.samples):
        return layer
    covariance, layers = kernel_covariance(samples, rng), []
    for rank in ranks:
        layers += yield from narrowed_layers(
            samples,
            covariance,
            [rank],
            n_hidden=search.n_hidden,
            n_rounds=search.n_feature_steps,
            rng=rng,
        )
    best = near_best(layers, n_samples)
    if min(one.mean_error(n_samples) for one in best) < chance:
        layer = interleaved(best).astype(samples.X.dtype)
    return layer


def _refine(
    learned: Learned, samples: Samples, search: Search, rng: np.random.Generator
) -> Generator[Layer, None, Layer]:
    """Train both layers; keep what they come to where that errs less."""
    if not search.refine:
        return learned.layer
    linear_error = learned.linear.mean_error(learned.samples)
    layer, _ = fit_on_the_way(searched(learned.layer, len(samples)), samples)
    trained = late_layers(samples, layer, device=search.device, rng=rng)
    best = well_trained(layer, trained, linear_error, len(samples))
    yield replace(best, step="both layers")
    return best.astype(samples.X.dtype)


def _measure(layer: Layer, samples: Samples) -> tuple[Layer, Array]:
    """The layer with the error of a head on it, and its gradients' covariance."""
    layer, head = fit_on_the_way(searched(layer, len(samples)), samples)
    return layer, layer.gradient_covariance(samples, head.coef)
