"""What regressor and classifier share: frozen units, and the features they learn."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_depth._base import FeatureLearner
from sklearn_depth._solvers._three_layer import (
    Search,
    constant_feature,
    hinges,
    learn_feature,
)
from sklearn_depth.features._random_units import (
    ACTIVATIONS,
    RandomUnits,
    count_units,
    draw_units,
)
from sklearn_depth.utils._callbacks import FitProgress, with_callbacks
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_memory, row_blocks
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import (
    StrOptions,
    fit_context,
    store_fit,
)

# Copies of the units and of their Gram matrix that a fit holds.
_COPIES = 4


@dataclass(frozen=True, eq=False)
class LearnedHinges:
    """Hinges of learned features h, on which the third layer is linear.

    units : RandomUnits, the first layer.
    coef : (n_targets, n_units), the second layer, and ``offset`` (n_targets,).
    knots : (n_targets, n_knots), where the hinges of each h begin.
    """

    units: RandomUnits
    coef: np.ndarray
    offset: np.ndarray
    knots: np.ndarray

    def _learned(self, X):
        """The features h of validated X, by blocks of samples."""
        learned = np.empty((len(X), len(self.offset)), dtype=X.dtype)
        coef = self.coef.T.astype(X.dtype, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):  # said below
            for rows in row_blocks(len(X), self.units.n_units):
                learned[rows] = self.units._map(X[rows]) @ coef
        learned += self.offset.astype(X.dtype, copy=False)
        bad = ~np.isfinite(learned).all(axis=1)
        if bad.any():
            raise ValueError(
                f"The units of {bad.sum()} sample(s) overflow in {X.dtype}: the "
                f"largest entry of X there is {np.abs(X[bad]).max():.3g}. Scale X as "
                'for fit, or fit with scaling="standardize", which clips it.'
            )
        return learned

    def _map(self, X):
        """h and its hinges, target by target."""
        return hinges(self._learned(X), self.knots.astype(X.dtype, copy=False))


class ThreeLayerFeatureNet(FeatureLearner):
    """Features of frozen units, one learned for each target, under a head.

    A subclass has ``_link_alpha``, the penalty of the links that are learned with the
    features, and ``_head(features, learned, samples)``, the fitted head.
    """

    _parameter_constraints: dict = {
        "n_hidden": [POSITIVE_INTEGER, None],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "scaling": [StrOptions({"standardize", "sphere"}), None],
        "start": [StrOptions({"auto", "gradient", "ridge", "spectral"})],
        "n_refinements": [NON_NEGATIVE_INTEGER],
        "n_knots": [POSITIVE_INTEGER],
        "random_state": RANDOM_STATE,
    }

    @with_callbacks
    @fit_context
    def fit(self, X, y, sample_weight=None):
        """Learn the features, then fit the head.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets, or labels of shape (n_samples,); each target, and each class
            against the rest, has a feature of its own.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples. Where the
            penalty is chosen, their unit does not matter.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``start="spectral"`` meets no more samples than units, or a classifier
            one class only.
        MemoryError
            If the units of all samples, or their Gram matrix, do not fit into memory.
        """
        samples, seen = self._validated(X, y, sample_weight)
        return self._learn(samples, seen, (X, y, sample_weight))

    def _learn(self, samples, seen, given):
        """Learn a feature for each target; ``given`` are X, y and weights."""
        units = self._draw_units(samples)
        learned = [constant_feature(units.n_units, self.n_knots)] * samples.n_targets
        progress = FitProgress(self, None, *given)

        def made():
            features = _map_of(units, learned)
            head = self._head(features, learned, samples)
            return seen | head | {"features_": features}

        values = np.empty((len(samples), units.n_units))
        for rows in row_blocks(*values.shape):
            values[rows] = units._map(samples.X[rows])
        scaled = samples.at(values).scaled()
        starts, losses, stops = [], [], []
        for k in range(samples.n_targets):
            iteration = partial(progress.iteration, made)
            one = scaled.to(scaled.targets[:, [k]], scaled.spread[:, [k]])
            one = self._rows_of(one, samples.X)
            report = partial(_report, learned, k, stops, iteration)
            search = self._search(one, samples.n_features, report)
            start, learned[k], errors = learn_feature(one, search)
            starts.append(start)
            losses.append(errors)
        if not samples.target_shape:
            starts, losses = starts[0], losses[0]
        state = made() | {"start_": starts, "loss_curve_": losses}
        progress.end(lambda: state)
        return store_fit(self, state)

    def _learned(self, X):
        return self.features_._learned(X)

    @property
    def _n_features_out(self):
        return len(self.features_.offset)

    def _rows_of(self, one, inputs):
        """The samples that the feature of one target is learned from."""
        return one.distinct(inputs)

    def _draw_units(self, samples):
        """The first layer, if there is memory for it."""
        n_units = count_units(self.n_hidden, samples.n_features)
        check_memory(
            n_units,
            8 * _COPIES * n_units * (n_units + len(samples)),
            what=f"The first layer on {len(samples):,} samples",
            way_out="Set n_hidden, to a thousand say"
            + (", or fit on fewer samples." if len(samples) > n_units else "."),
        )
        rng = check_generator(self.random_state)
        return draw_units(self.n_hidden, self.activation, self.scaling, samples, rng)

    def _search(self, samples, n_inputs, report):
        """How to look for a feature of units, the first of which are X itself."""
        n_samples, n_units = samples.X.shape
        starts = (
            ("gradient", "ridge", "spectral") if self.start == "auto" else (self.start,)
        )
        if n_samples <= n_units:
            if self.start == "spectral":
                raise ValueError(
                    f'start="spectral" needs more samples than units, but there are '
                    f"{n_samples} samples and {n_units} units. Take more samples, or "
                    'start="auto" or "gradient".'
                )
            starts = starts[:2]
        n_inputs = n_inputs if self.start == "auto" else 0
        return Search(
            starts, self.n_refinements, self.n_knots, self._link_alpha, report, n_inputs
        )


def _map_of(units, learned):
    """The hinges of all features."""
    return LearnedHinges(
        units,
        np.array([feature.coef for feature in learned]),
        np.array([feature.offset for feature in learned]),
        np.array([feature.link.knots for feature in learned]),
    )


def _report(learned, k, stops, iteration, feature):
    """Tell callbacks of the feature of target k; whether one has ever said stop.

    Targets that come later then keep their first start.
    """
    learned[k] = feature
    stops.append(iteration())
    return any(stops)
