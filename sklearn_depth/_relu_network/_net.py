"""What regressor and classifier share: weights, scaling of columns, and the descent."""

import warnings
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._math._dense_network import DenseNetwork, xavier_network
from sklearn_depth._math._moments import clipped_scores, column_moments
from sklearn_depth._solvers._training import Training
from sklearn_depth.utils._callbacks import CallbackSupportMixin, FitProgress
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import DocLinkMixin, Interval, StrOptions
from sklearn_depth.utils._threads import one_blas_thread
from sklearn_depth.utils._validation import check_magnitude, validate_new_data

_POSITIVE_INTEGER = Interval(Integral, 1, None, closed="left")
_BATCH = 64
# Steps that max_epochs="auto" takes, in no fewer and no more epochs than these.
_N_STEPS = 4000
_EPOCHS = 20, 200
# Step size over the inverse of the largest curvature, for wide layers; it is half as
# much for layers of this many units, whose curvature grows as they are trained.
_RATE, _NARROW = 2.0, 10
_N_CURVATURE_ROWS = 256
# A loss that many times what it was, or zeros would have, is an explosion; under
# learning_rate="auto", half the step size is tried so often.
_TOLERANCE = {"auto": 3.0, "given": 1000.0}
_N_HALVINGS = 40
# Streams of random numbers; epoch k takes the stream _ORDERS + k.
_WEIGHTS, _SPLIT, _CURVATURE, _ORDERS = range(4)


@dataclass
class Problem:
    """What a network learns.

    X, y : as given, for callbacks.
    targets : in columns, as the outputs should be.
    weight : of the rows, or None.
    validation : None, or ``(X, targets, weight)`` of other rows.
    """

    X: np.ndarray
    y: np.ndarray
    targets: np.ndarray
    weight: np.ndarray | None
    validation: tuple | None = None


class ReLUNetwork(CallbackSupportMixin, DocLinkMixin, BaseEstimator):
    """A fully connected ReLU network on standardised columns.

    A subclass has ``_loss``, the name of a loss, and ``_steepness``, a bound on its
    second derivative in the outputs for a number of these.
    """

    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", _POSITIVE_INTEGER],
        "scaling": [StrOptions({"standardize"}), None],
        "learning_rate": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "schedule": [StrOptions({"cosine", "constant"})],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), _POSITIVE_INTEGER],
        "max_epochs": [StrOptions({"auto"}), _POSITIVE_INTEGER],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [_POSITIVE_INTEGER],
        "warm_start": ["boolean"],
        "device": [StrOptions({"cpu", "cuda", "auto"})],
        "random_state": RANDOM_STATE,
    }

    @property
    def net_(self):
        """A skorch net with the fitted weights, made anew; it takes scaled columns.

        Returns
        -------
        net : skorch.NeuralNet
            The initialised net.
        """
        check_is_fitted(self, "coefs_")
        from sklearn_depth._solvers._sgd import skorch_net

        return skorch_net(self._network(), loss=self._loss, device="cpu")

    def _outputs(self, X):
        """The outputs of the network for new X, in columns."""
        check_is_fitted(self, "coefs_")
        X = validate_new_data(self, X)
        network = self._network()
        blocks = row_blocks(len(X), sum(map(len, network.intercepts)))
        parts = [network.values(self._scaled(X[rows])) for rows in blocks]
        outputs = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return outputs.astype(X.dtype, copy=False)

    def _network(self):
        return DenseNetwork(self.coefs_, self.intercepts_)

    def _scaled(self, X):
        """The columns as the network sees them."""
        if not self._scales:
            return X
        return clipped_scores(X, self.mean_, self.scale_).astype(X.dtype, copy=False)

    def _is_warm(self):
        """Whether this fit goes on from the last one."""
        return self.warm_start and hasattr(self, "coefs_")

    def _stream(self, number):
        return np.random.default_rng([*self._seed.tolist(), number])

    def _fit(self, problem):
        """Train anew, or on from the last weights."""
        self._check_unscaled(problem)
        network = self._network() if self._is_warm() else self._begin(problem)
        self._check_same_shape(network, problem)
        if self.early_stopping and problem.validation is None:
            problem = self._hold_out(problem)
        max_epochs = self._max_epochs(len(problem.X))
        progress = FitProgress(self, max_epochs, problem.X, problem.y, problem.weight)
        dtype = problem.X.dtype
        training = Training(
            max_epochs,
            patience=self.n_iter_no_change,
            report=lambda network: progress.iteration(
                partial(_weights, network, dtype)
            ),
        )
        descended = self._train(problem, network, training, self._schedule(max_epochs))
        progress.end(lambda: _weights(self._network(), dtype))
        self._warn(descended, stacklevel=6)
        return self

    def _partial_fit(self, problem):
        """One epoch on these rows alone."""
        self._check_unscaled(problem)
        first = not hasattr(self, "coefs_")
        network = self._begin(problem, same_rows=False) if first else self._network()
        self._check_same_shape(network, problem)
        descended = self._train(
            problem, network, Training(1), lambda epoch: self.learning_rate_
        )
        self._warn(descended, stacklevel=5)  # no callbacks wrap it
        return self

    def _begin(self, problem, *, same_rows=True):
        """Measure the columns and draw the weights; will all steps be on these rows?"""
        for name in ("coefs_", "intercepts_", "validation_loss_curve_"):
            vars(self).pop(name, None)
        X, n_features = problem.X, problem.X.shape[1]
        self._seed = check_generator(self.random_state).integers(2**32, size=4)
        self._scales = self.scaling is not None
        self.mean_, self.scale_ = np.zeros(n_features), np.ones(n_features)
        if self._scales:
            self.mean_, self.scale_ = column_moments(X, problem.weight)
        sizes = n_features, *self._hidden_sizes(), problem.targets.shape[1]
        network = xavier_network(sizes, self._stream(_WEIGHTS))
        self._velocity, self.loss_curve_ = None, []
        if self.learning_rate == "auto":
            rate = self._first_rate(problem, network, same_rows)
            self.learning_rate_ = float(rate)
        return network.astype(X.dtype)

    def _first_rate(self, problem, network, same_rows):
        """The step size, from the curvature of the loss at the first weights."""
        n_rows, rng = len(problem.X), self._stream(_CURVATURE)
        batch_size = self._batch_size(n_rows)
        rows = slice(None)
        if batch_size < n_rows:  # else weights and repeated rows see the same numbers
            rows = rng.permutation(n_rows)[:_N_CURVATURE_ROWS]
        Z = self._scaled(problem.X[rows]).astype(np.float64, copy=False)
        weight = np.ones(n_rows) if problem.weight is None else problem.weight
        weight = weight / weight.mean()
        share = weight[rows] / weight[rows].sum()
        with one_blas_thread():
            largest, of_rows = network.curvature(Z, share, rng)
        # Batches differ by about their rows' own curvature, and momentum adds it up.
        full = same_rows and batch_size == n_rows
        noise = 0 if full else of_rows / batch_size / (1 - self.momentum)
        # In the mean of a batch a row counts by its weight, and so it does in the rate.
        noise *= np.mean(weight**2)
        steepness = self._steepness(len(network.intercepts[-1]))
        narrowest = min(map(len, network.intercepts[:-1]), default=np.inf)
        rate = _RATE / (1 + _NARROW / narrowest)
        return rate / (steepness * (largest + noise) + self.weight_decay)

    def _train(self, problem, network, training, learning_rate):
        """Descend, and keep the network that comes out."""
        from sklearn_depth._solvers._sgd import train_sgd

        if self.learning_rate != "auto":
            self.learning_rate_ = float(self.learning_rate)
        n_rows, X_dtype = len(problem.X), problem.X.dtype
        # The rounding of float32 is nothing to the noise of mini-batches.
        full = self._batch_size(n_rows) == n_rows
        dtype = X_dtype if full else np.dtype(np.float32)
        validation = problem.validation
        descended = train_sgd(
            network.astype(dtype),
            self._velocity,
            self._rows(problem.X, problem.targets, problem.weight, dtype),
            None if validation is None else self._rows(*validation, dtype),
            self._descent(n_rows, learning_rate),
            training,
        )
        network, self._velocity = descended.network, descended.velocity
        if training.best is not None:
            network, self._velocity = training.best[0], None
        vars(self).update(_weights(network, X_dtype))
        self.learning_rate_ *= descended.factor
        self.loss_curve_ = self.loss_curve_ + training.losses
        self.n_iter_ = len(self.loss_curve_)
        if validation is not None:
            before = vars(self).get("validation_loss_curve_", [])
            self.validation_loss_curve_ = before + training.validation_losses
        reason = descended.stop_reason
        self.stop_reason_ = "max_epochs" if reason == "max_iter" else reason
        return descended

    def _descent(self, n_rows, learning_rate):
        """How to descend; the orders of rows follow those of earlier epochs."""
        from sklearn_depth._solvers._sgd import Descent

        first = _ORDERS + len(self.loss_curve_)
        automatic = self.learning_rate == "auto"
        return Descent(
            loss=self._loss,
            learning_rate=learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            batch_size=self._batch_size(n_rows),
            order=lambda epoch: self._stream(first + epoch).permutation(n_rows),
            device=self.device,
            usual_loss=self.loss_curve_[0] if self.loss_curve_ else None,
            tolerance=_TOLERANCE["auto" if automatic else "given"],
            n_halvings=_N_HALVINGS if automatic else 0,
        )

    def _schedule(self, max_epochs):
        """The step size of each epoch."""
        if self.schedule == "constant":
            return lambda epoch: self.learning_rate_
        return lambda epoch: (
            self.learning_rate_ * (1 + np.cos(np.pi * epoch / max_epochs)) / 2
        )

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

    def _rows(self, X, targets, weight, dtype):
        """What the descent takes."""
        from sklearn_depth._solvers._sgd import Rows

        weight = np.ones(len(X)) if weight is None else weight / weight.mean()
        return Rows(
            self._scaled(X).astype(dtype, copy=False),
            targets.astype(dtype, copy=False),
            weight.astype(dtype, copy=False),
        )

    def _hold_out(self, problem):
        """Set rows aside for early stopping."""
        parts = [problem.X, problem.y, problem.targets]
        if problem.weight is not None:
            parts.append(problem.weight)
        try:
            parts = train_test_split(
                *parts,
                test_size=self.validation_fraction,
                random_state=int(self._stream(_SPLIT).integers(2**31)),
                stratify=problem.y if self._loss == "log" else None,
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping=True finds no rows to set aside of {len(problem.X)}: "
                f"{error} Raise validation_fraction (now "
                f"{self.validation_fraction:g}), pass X_val and y_val, or set "
                "early_stopping=False."
            ) from error
        kept, held = parts[::2], parts[1::2]
        weight, weight_held = (None, None) if problem.weight is None else parts[-2:]
        return Problem(*kept[:3], weight, (held[0], held[2], weight_held))

    def _check_unscaled(self, problem):
        """Refuse numbers beyond float32 where nothing scales them."""
        if problem.validation is not None:
            check_magnitude("the scaled y_val", problem.validation[1], np.float32)
        if self.scaling is None:
            check_magnitude("X", problem.X, np.float32)
            check_magnitude("y", problem.targets, np.float32)

    def _check_same_shape(self, network, problem):
        """Refuse to go on with another network, or other scales."""
        if self._scales != (self.scaling is not None):
            raise ValueError(
                f"Training goes on from another scaling than scaling={self.scaling!r}. "
                "Restore it, or call fit with warm_start=False."
            )
        sizes = [len(intercept) for intercept in network.intercepts]
        wanted = [*self._hidden_sizes(), problem.targets.shape[1]]
        if sizes != wanted:
            raise ValueError(
                f"Training goes on from layers of sizes {sizes}, outputs last, but "
                f"hidden_layer_sizes and y now ask for {wanted}. Restore them, or call "
                "fit with warm_start=False."
            )

    def _warn(self, descended, stacklevel):
        if self.stop_reason_ != "exploded":
            return
        otherwise = "" if self.learning_rate == "auto" else ', or use "auto"'
        warnings.warn(
            f"Training exploded in epoch {descended.n_epochs + 1} of this call: the "
            f"loss rose above {descended.limit:.3g}. The weights before it are kept. "
            f"Lower momentum (now {self.momentum:g}) or learning_rate (now "
            f"{self.learning_rate_:.3g}){otherwise}.",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )


def _weights(network, dtype):
    """The fitted state that predictions follow from."""
    network = network.astype(dtype)
    return {"coefs_": network.coefs, "intercepts_": network.intercepts}
