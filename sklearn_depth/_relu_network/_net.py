"""What regressor and classifier share: weights, scaling of X, and the descent."""

from dataclasses import replace
from itertools import pairwise
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import WarmStart
from sklearn_depth._math._dense_network import DenseNetwork, xavier_network
from sklearn_depth._math._moments import column_moments
from sklearn_depth._relu_network._state import TrainingState, scaled
from sklearn_depth._solvers._training import Training
from sklearn_depth.utils._blockwise import BlockwiseMixin
from sklearn_depth.utils._callbacks import (
    CallbackSupportMixin,
    FitProgress,
    with_callbacks,
)
from sklearn_depth.utils._constraints import POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers, row_blocks
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import (
    DocLinkMixin,
    Interval,
    StrOptions,
    fit_context,
    store_fit,
)
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import (
    check_magnitude,
    check_output,
    validate_new_data,
)
from sklearn_depth.utils._warnings import warn_caller

_BATCH = 64
# Steps that max_epochs="auto" takes, in no fewer and no more epochs than these.
_N_STEPS = 4000
_EPOCHS = 20, 200
# Step size over the inverse of the largest curvature, for wide layers; it is half as
# much for layers of this many units, whose curvature grows as they are trained.
_RATE, _NARROW = 2.0, 10
_N_CURVATURE_ROWS = 256
# Of the weights, with their gradient and velocity.
_COPIES = 3
# Beyond, nothing is left of the weights, and at last of float32.
_MOST_DECAY = 1e6
# A loss that many times what it was, or zeros would have, is an explosion; under
# learning_rate="auto", half the step size is tried so often.
_TOLERANCE = {"auto": 3.0, "given": 1000.0}
_N_HALVINGS = 40
# Streams of random numbers; epoch k takes the stream _ORDERS + k.
_WEIGHTS, _SPLIT, _CURVATURE, _ORDERS = range(4)


class ReLUNetwork(
    WarmStart, BlockwiseMixin, CallbackSupportMixin, DocLinkMixin, BaseEstimator
):
    """A fully connected ReLU network on standardised features.

    A subclass has ``_loss``, the name of a loss, and ``_steepness``, a bound on its
    second derivative in the outputs for a number of these.
    """

    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", POSITIVE_INTEGER],
        "scaling": [StrOptions({"standardize"}), None],
        "learning_rate": [StrOptions({"auto"}), POSITIVE],
        "schedule": [StrOptions({"cosine", "constant"})],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, _MOST_DECAY, closed="both")],
        "batch_size": [StrOptions({"auto"}), POSITIVE_INTEGER],
        "max_epochs": [StrOptions({"auto"}), POSITIVE_INTEGER],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [POSITIVE_INTEGER],
        "warm_start": ["boolean"],
        "device": [StrOptions({"cpu", "cuda", "auto"})],
        "random_state": RANDOM_STATE,
    }

    @property
    def net_(self):
        """A skorch net with the fitted weights, made anew; it takes scaled features.

        Returns
        -------
        net : skorch.NeuralNet
            The initialised net.
        """
        check_is_fitted(self, "coefs_")
        from sklearn_depth._solvers._sgd import skorch_net

        network = DenseNetwork(self.coefs_, self.intercepts_)
        return skorch_net(network, self._loss)

    def _outputs(self, X):
        """The outputs for new X as predictions are made of them, in columns."""
        check_is_fitted(self, "coefs_")
        X = validate_new_data(self, X)
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            outputs = self._values(X).astype(X.dtype, copy=False)
            outputs = self._in_units_of_y(outputs).astype(X.dtype, copy=False)
        return check_output(outputs, X)

    def _values(self, X):
        """What the network says, by blocks of samples."""
        network = DenseNetwork(self.coefs_, self.intercepts_)
        blocks = row_blocks(len(X), sum(map(len, network.intercepts)))
        parts = []
        for rows in blocks:
            Z = X[rows]
            Z = scaled(Z, self.mean_, self.scale_) if self._scales_ else Z
            parts.append(network.values(Z))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _in_units_of_y(self, outputs):
        """The outputs as they come, unless a subclass knows better."""
        return outputs

    @with_callbacks
    @fit_context
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
    ):
        """Draw the weights and train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; for a classifier labels, of shape (n_samples,).
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights. In full batches a weight of k counts as k repeated
            samples; mini-batches are drawn without regard to it.
        X_val : array-like of shape (n_val, n_features), default=None
            Validation data. Training stops when the loss on them has not improved for
            ``n_iter_no_change`` epochs, and the best weights are kept.
        y_val : array-like of shape (n_val,) or (n_val, n_targets), default=None
            Validation targets or labels; needed with ``X_val``.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If torch finds no ``device="cuda"``, too few samples are left to hold out,
            the loss overflows at the first weights, or a warm start meets another
            number of features, outputs or hidden units. For a classifier, if there is
            one class only, or a label is not in ``classes_``.

        Warns
        -----
        ConvergenceWarning
            If the loss explodes: it rises to more than 1000 times the first one, or
            what zeros as outputs would have, or is no number. The last weights before
            are kept. ``learning_rate="auto"`` halves the step size instead, at 3
            times, and goes on.
        """
        given = X, y, sample_weight
        samples, held_out, seen = self._validate_fit(
            *given, (X_val, y_val, sample_weight_val)
        )
        self._check_unscaled(samples, held_out)
        state = self._start(samples, self._is_warm())
        if self.early_stopping and held_out is None:
            samples, held_out = self._hold_out(samples, state)
        max_epochs, dtype = self._max_epochs(len(samples)), samples.X.dtype
        progress = FitProgress(self, max_epochs, *given)

        def attributes(network):
            losses = [*state.losses, *training.losses]
            now = replace(state, network=network, losses=losses)
            return seen | now.attributes(dtype)

        training = Training(
            max_epochs,
            patience=self.n_iter_no_change,
            report=lambda network: progress.iteration(lambda: attributes(network)),
        )
        rates = self._schedule(state.learning_rate, max_epochs)
        ended, descended = self._train(state, samples, held_out, training, rates)
        seen = seen | self._calibrated(samples, state, ended)
        self._store(seen, ended, descended, dtype)
        progress.end(lambda: attributes(ended.network))
        self._warn(descended)
        return self

    def _calibrated(self, samples, state, ended):
        """What a subclass learns about the outputs of the trained network."""
        return {}

    def _partial_fit(self, samples, seen):
        """One epoch on these samples alone."""
        self._check_unscaled(samples, None)
        state = self._start(samples, self._is_fitted(), same_rows=False)
        ended, descended = self._train(
            state, samples, None, Training(1), lambda epoch: state.learning_rate
        )
        self._store(seen, ended, descended, samples.X.dtype)
        self._warn(descended)
        return self

    def _store(self, seen, ended, descended, dtype):
        reason = descended.stop_reason
        reason = "max_epochs" if reason == "max_iter" else reason
        store_fit(self, seen | ended.attributes(dtype) | {"stop_reason_": reason})

    def _start(self, samples, goes_on, *, same_rows=True):
        """The state to train from; will all steps be on these samples?"""
        state = TrainingState.of(self) if goes_on else self._draw(samples)
        self._check_same_shape(state.network, state.scales, samples.n_targets)
        if self.learning_rate != "auto":
            return replace(state, learning_rate=float(self.learning_rate))
        if goes_on:
            return state
        rate = self._first_rate(samples, state, same_rows)
        return replace(state, learning_rate=float(rate))

    def _draw(self, samples):
        """Measure the features and draw the weights."""
        n_features, scales = samples.n_features, self.scaling is not None
        sizes = n_features, *self._hidden_sizes(), samples.n_targets
        check_numbers(
            _COPIES * sum(fan_in * size for fan_in, size in pairwise(sizes)),
            what=f"hidden_layer_sizes={self.hidden_layer_sizes!r} on {n_features:,} "
            "features",
            way_out="Take fewer units.",
        )
        mean, scale = np.zeros(n_features), np.ones(n_features)
        if scales:
            weight = samples.weight if samples.is_weighted else None
            mean, scale = column_moments(samples.X, weight)
        seed = check_generator(self.random_state).integers(2**32, size=4)
        state = TrainingState(None, mean, scale, scales, seed)
        return replace(state, network=xavier_network(sizes, state.stream(_WEIGHTS)))

    def _first_rate(self, samples, state, same_rows):
        """The step size, from the curvature of the loss at the first weights."""
        n_rows, rng = len(samples), state.stream(_CURVATURE)
        batch_size = self._batch_size(n_rows)
        some = samples
        if batch_size < n_rows:  # else weights and repetition see the same numbers
            some = samples[rng.permutation(n_rows)[:_N_CURVATURE_ROWS]]
        Z, network = state.inputs(some, np.float64).X, state.network
        with one_blas_thread():
            largest, of_rows = network.curvature(Z, some.share, rng)
        # Batches differ by about their samples' curvature, and momentum adds it up.
        full = same_rows and batch_size == n_rows
        noise = 0 if full else of_rows / batch_size / (1 - self.momentum)
        # In the mean of a batch a sample counts by its weight; so it does in the rate.
        noise *= np.mean(samples.weight**2)
        steepness = self._steepness(samples.n_targets)
        narrowest = min(map(len, network.intercepts[:-1]), default=np.inf)
        rate = _RATE / (1 + _NARROW / narrowest)
        return rate / (steepness * (largest + noise) + self.weight_decay)

    def _train(self, state, samples, held_out, training, rates):
        """Descend; the state that comes out, and how it came about."""
        from sklearn_depth._solvers._sgd import train_sgd

        # The rounding of float32 is nothing to the noise of mini-batches.
        full = self._batch_size(len(samples)) == len(samples)
        dtype = samples.X.dtype if full else np.dtype(np.float32)
        descended = train_sgd(
            state.network.astype(dtype),
            state.velocity,
            state.inputs(samples, dtype),
            None if held_out is None else state.inputs(held_out, dtype),
            self._descent(state, len(samples), rates),
            training,
        )
        network, velocity = descended.network, descended.velocity
        if training.best is not None:
            network, velocity = training.best[0], None
        ended = replace(
            state,
            network=network,
            velocity=velocity,
            learning_rate=state.learning_rate * descended.factor,
            losses=[*state.losses, *training.losses],
            validation_losses=[*state.validation_losses, *training.validation_losses],
        )
        return ended, descended

    def _descent(self, state, n_rows, rates):
        """How to descend; the orders of samples follow those of earlier epochs."""
        from sklearn_depth._solvers._sgd import Descent

        first = _ORDERS + len(state.losses)
        automatic = self.learning_rate == "auto"
        return Descent(
            loss=self._loss,
            learning_rate=rates,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            batch_size=self._batch_size(n_rows),
            order=lambda epoch: state.stream(first + epoch).permutation(n_rows),
            device=self.device,
            usual_loss=state.losses[0] if state.losses else None,
            tolerance=_TOLERANCE["auto" if automatic else "given"],
            n_halvings=_N_HALVINGS if automatic else 0,
        )

    def _schedule(self, rate, max_epochs):
        """The step size of each epoch."""
        if self.schedule == "constant":
            return lambda epoch: rate
        return lambda epoch: rate * (1 + np.cos(np.pi * epoch / max_epochs)) / 2

    def _batch_size(self, n_rows):
        return min(_BATCH if self.batch_size == "auto" else self.batch_size, n_rows)

    def _max_epochs(self, n_rows):
        if self.max_epochs != "auto":
            return self.max_epochs
        low, high = _EPOCHS
        return min(max(_N_STEPS * self._batch_size(n_rows) // n_rows, low), high)

    def _hidden_sizes(self):
        """The widths of the hidden layers as a list."""
        sizes = np.atleast_1d(self.hidden_layer_sizes)
        whole = sizes.dtype.kind in "iu" or sizes.size == 0
        if sizes.ndim > 1 or not whole or sizes.min(initial=1) < 1:
            raise ValueError(
                "hidden_layer_sizes must be one positive integer for each hidden "
                f"layer; got {self.hidden_layer_sizes!r}."
            )
        return sizes.tolist()

    def _hold_out(self, samples, state):
        """Set samples aside for early stopping."""
        targets = samples.targets
        labels = targets[:, 0] if samples.n_targets == 1 else targets.argmax(axis=1)
        try:
            kept, held = train_test_split(
                np.arange(len(samples)),
                test_size=self.validation_fraction,
                random_state=int(state.stream(_SPLIT).integers(2**31)),
                stratify=labels if self._loss == "log" else None,
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping=True cannot hold out any of {len(samples)} samples: "
                f"{error} Raise validation_fraction (now "
                f"{self.validation_fraction:g}), pass X_val and y_val, or set "
                "early_stopping=False."
            ) from error
        return samples[kept], samples[held]

    def _check_unscaled(self, samples, held_out):
        """Refuse numbers beyond float32 where nothing scales them."""
        if held_out is not None:
            check_magnitude("the scaled y_val", held_out.targets, np.float32)
        if self.scaling is None:
            check_magnitude("X", samples.X, np.float32)
            check_magnitude("y", samples.targets, np.float32)

    def _check_same_shape(self, network, scales, n_targets):
        """Refuse to go on with another network, or other scales."""
        if scales != (self.scaling is not None):
            raise ValueError(
                f"Training continues with another scaling than {self.scaling!r}. "
                "Restore it, or call fit with warm_start=False."
            )
        sizes = [len(intercept) for intercept in network.intercepts]
        wanted = [*self._hidden_sizes(), n_targets]
        if sizes != wanted:
            raise ValueError(
                f"Training continues with layers of sizes {sizes}, outputs last, but "
                f"hidden_layer_sizes and y now ask for {wanted}. Restore them, or call "
                "fit with warm_start=False."
            )

    def _warn(self, descended):
        if self.stop_reason_ != "exploded":
            return
        otherwise = "" if self.learning_rate == "auto" else ', or use "auto"'
        warn_caller(
            f"Training exploded in epoch {descended.n_epochs + 1} of this call: the "
            f"loss rose above {descended.limit:.3g}. The weights before it are kept. "
            f"Lower momentum (now {self.momentum:g}) or learning_rate (now "
            f"{self.learning_rate_:.3g}){otherwise}.",
            ConvergenceWarning,
        )
