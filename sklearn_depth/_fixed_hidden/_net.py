"""What regressor and classifier share: the layer and the training of its head."""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth._base import FeatureMapModel, WarmStart, head_attributes
from sklearn_depth._fixed_hidden._blocks import fit_dask
from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.sigmoid._objective import SigmoidObjective
from sklearn_depth._solvers.sigmoid._path import (
    TrainedHead,
    is_better,
    train_sigmoid_head,
)
from sklearn_depth.features import SigmoidFeatures
from sklearn_depth.utils._callbacks import (
    CallbackSupportMixin,
    FitProgress,
    with_callbacks,
)
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._dask import is_dask
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import (
    StrOptions,
    fit_context,
    store_fit,
)
from sklearn_depth.utils._validation import columns_of
from sklearn_depth.utils._warnings import warn_caller

# What tie="auto" chooses from, in this order, until one is no better than the last.
_TIES = (1000.0, 100.0, 10.0)


@dataclass(frozen=True)
class _Trained:
    """A layer under its trained head, and the record of the training."""

    features: SigmoidFeatures
    found: TrainedHead
    training: Training


class FixedHiddenNet(WarmStart, CallbackSupportMixin, FeatureMapModel):
    """A frozen hidden layer of sigmoids under a sigmoid output."""

    _parameter_constraints: dict = {
        **SigmoidFeatures._parameter_constraints,
        "tie": [StrOptions({"auto"}), *SigmoidFeatures._parameter_constraints["tie"]],
        "output": [StrOptions(set(OUTPUT_SIGMOIDS))],
        "solver": [StrOptions({"lbfgs", "gd"})],
        "learning_rate": [StrOptions({"auto"}), POSITIVE],
        "alpha": [StrOptions({"loo"}), NON_NEGATIVE],
        "fit_intercept": ["boolean"],
        "max_iter": [POSITIVE_INTEGER],
        "tol": [NON_NEGATIVE],
        "n_iter_no_change": [POSITIVE_INTEGER],
        "warm_start": ["boolean"],
    }

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
        """Draw the hidden layer and train the output weights.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Training data. A Dask collection needs ``alpha`` and ``tie`` as numbers: its
            blocks are summed where they lie, in one pass for each gradient, after the
            labels of a classifier are read. y and sample_weight may be Dask's too.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets; those outside [0, 1], or in a small part of it, are mapped there
            and back. For a classifier labels, of shape (n_samples,).
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k repeated samples.
        X_val : array-like of shape (n_val, n_features), default=None
            Validation data. Training stops when the loss on them has not improved for
            ``n_iter_no_change`` iterations, and the best weights are kept.
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
            If gradient descent diverges, ``alpha="loo"`` meets ``solver="gd"``, or a
            warm start meets another number of features or targets, another range of
            targets or another hidden layer. For a classifier, if there is one class
            only, ``loss="log"`` meets ``output="clip"``, or a warm start or the
            validation data bring labels that are not in ``classes_``.
        MemoryError
            If the hidden features of all samples do not fit into memory.

        Warns
        -----
        ConvergenceWarning
            If ``max_iter`` ends the training, or training is dead: every
            pre-activation of the output lies where its slope is zero.
        """
        given, held_out = (X, y, sample_weight), (X_val, y_val, sample_weight_val)
        loss = self._loss()
        if is_dask(X):
            return fit_dask(self, given, held_out, loss)
        samples, held_out, seen = self._validate_fit(*given, held_out)
        samples = samples.merged()
        self._check_parameters(samples, held_out)

        def objective_of(features):
            hidden = features._map(samples.X)
            return SigmoidObjective(hidden, samples, loss, self.fit_intercept)

        return self._train(
            *self._begin(samples, samples, seen, self._ties()),
            objective_of,
            samples,
            held_out,
            loss,
            seen,
            given,
        )

    def _train(self, layer, start, objective_of, like, held_out, loss, seen, given):
        """Train the head for each tie; ``like`` are samples such as all.

        ``seen`` is what else is to be remembered, and ``given`` are X, y and weights as
        they came, for callbacks.
        """
        warm, ties, alpha = self._is_warm(), self._ties(), self.alpha
        alpha = self.alpha_ if warm and alpha == "loo" else alpha
        chosen = len(ties) > 1 or alpha == "loo"
        progress = FitProgress(self, None if chosen else self.max_iter, *given)

        def attributes(head, features):
            made = head_attributes(
                head.coef, head.intercept, like.X.dtype, like.target_shape
            )
            return seen | made | {"features_": features}

        def train_at(tie):
            features = copy(layer).set_params(tie=tie)
            training = Training(
                self.max_iter,
                _validation_loss(features, held_out, loss),
                self.n_iter_no_change,
                lambda head: progress.iteration(lambda: attributes(head, features)),
            )
            found = train_sigmoid_head(
                objective_of(features),
                start if warm else _scaled(start, features),
                training,
                solver=self.solver,
                learning_rate=self.learning_rate,
                alpha=alpha,
                tol=self.tol,
                estimated=chosen,
            )
            return _Trained(features, found, training)

        best = _first_minimum(map(train_at, ties))
        fitted = attributes(best.found.head, best.features)
        store_fit(self, fitted | _record(best))
        self._warn()
        progress.end(lambda: fitted)
        return self

    def _begin(self, samples, targets, seen, ties):
        """The layer and the head to start from: drawn, or those of the last fit.

        The layer is measured on samples, the head on samples with the mean target.
        """
        rng = check_generator(self.random_state)
        layer = self._layer(int(rng.integers(2**31)), ties[0])
        start = self._draw_weights(targets, rng)
        columns = columns_of(seen)
        if not self._is_warm():
            return layer._fit_samples(samples, columns), start
        self._check_same_layer(layer)
        return self.features_._with_columns(columns), self._last_head(start)

    def _check_parameters(self, samples, held_out):
        automatic = ['alpha="loo"'] if self.alpha == "loo" else []
        if self.tie == "auto" and self.design != "iid":
            automatic.append('tie="auto"')
        if automatic and self.solver == "gd":
            raise ValueError(
                f"{' and '.join(automatic)} compares minimisers, and "
                'solver="gd" is too slow to find them. Give numbers (the paper has '
                'alpha=0 and design="iid", which has no tie), or use solver="lbfgs".'
            )
        n_rows = len(samples) + (0 if held_out is None else len(held_out))
        check_memory(
            self.n_hidden,
            samples.X.itemsize * n_rows * self.n_hidden,
            what=f"n_hidden={self.n_hidden:,} on {n_rows:,} samples",
            way_out="Lower n_hidden or fit on fewer samples.",
        )

    def _ties(self):
        """The values of ``tie`` to try."""
        if self.tie != "auto":
            return [self.tie]
        if self._is_warm():
            return [self.tie_]
        return [0.0] if self.design == "iid" else _TIES

    def _layer(self, seed, tie):
        """The hidden layer that the parameters describe."""
        names = SigmoidFeatures._parameter_constraints.keys() - {"tie", "random_state"}
        shared = {name: getattr(self, name) for name in names}
        return SigmoidFeatures(**shared, tie=tie, random_state=seed)

    def _draw_weights(self, samples, rng):
        """Weights from N(0, 1/m^2), as in Assumption 7, and a bias for the mean."""
        n_targets, dtype = samples.n_targets, samples.X.dtype
        coef = rng.standard_normal((self.n_hidden, n_targets)) / self.n_hidden
        intercept = np.zeros(n_targets)
        if self.fit_intercept:
            # To the bit that of samples without weights: a path may hang on it.
            mean = np.average(samples.targets, axis=0, weights=samples.weight)
            intercept = OUTPUT_SIGMOIDS[self.output].inverse(mean)
        return Head(coef.astype(dtype), intercept.astype(dtype))

    def _last_head(self, like):
        """The last fit's weights, to go on from, in the dtype of another head."""
        coef = np.atleast_2d(self.coef_).T.astype(like.coef.dtype)
        intercept = np.atleast_1d(self.intercept_).astype(like.coef.dtype)
        return Head(coef, intercept * self.fit_intercept)

    def _check_same_layer(self, layer):
        """Refuse to go on from a hidden layer that other parameters drew."""
        wanted, drawn = layer.get_params(), self.features_.get_params()
        changed = [
            f"{name} from {drawn[name]!r} to {value!r}"
            for name, value in wanted.items()
            if name != "random_state" and value != drawn[name]
        ]
        if changed:
            raise ValueError(
                f"warm_start=True keeps the hidden layer, but {', '.join(changed)} "
                "has changed since the last fit. Restore it, or set warm_start=False."
            )

    def _warn(self):
        """Say it where training did not end as it should."""
        if self.stop_reason_ == "dead":
            message = (
                f"Training is dead after {self.n_iter_} iterations, at loss "
                f"{self.loss_curve_[-1]:.3g}: every pre-activation of the output lies "
                "where its slope is zero. Lower learning_rate (now "
                f'{self.learning_rate}), or use learning_rate="auto" or '
                'output="logistic".'
            )
        elif self.stop_reason_ == "max_iter":
            faster = '; solver="lbfgs" needs fewer' if self.solver == "gd" else ""
            message = (
                f"Training stopped at max_iter={self.max_iter} with loss "
                f"{self.loss_curve_[-1]:.3g}. Raise max_iter, tol or alpha{faster}."
            )
        else:
            return
        warn_caller(message, ConvergenceWarning)


def _scaled(head, features):
    """Smaller weights where units are tied, which makes them that much larger.

    Else a narrow net would start on the flat ends of its output.
    """
    if not features.block_starts_.size:
        return head
    shrunk = head.coef / np.sqrt(1 + features.tie**2)
    return Head(shrunk.astype(head.coef.dtype), head.intercept)


def _first_minimum(tried):
    """The first of these that the next one is not clearly better than.

    A callback may end it.
    """
    best = None
    for trained in tried:
        worse = best is not None and not is_better(
            trained.found.error, best.found.error
        )
        best = best if worse else trained
        if trained.found.stop_reason == "callback":
            return replace(best, found=replace(best.found, stop_reason="callback"))
        if worse:
            break
    return best


def _record(trained):
    """What a fitted net tells of its training."""
    found, training = trained.found, trained.training
    record = {
        "alpha_": found.alpha,
        "tie_": float(trained.features.tie),
        "loss_curve_": training.losses,
        "n_iter_": len(training.losses),
        "stop_reason_": found.stop_reason,
    }
    if training.validation_losses:
        record["validation_loss_curve_"] = training.validation_losses
    return record


def _validation_loss(features, held_out, loss):
    """A function from a head to its loss on the samples held out, or None."""
    if held_out is None:
        return None
    hidden = features._map(held_out.X)

    def validation_loss(head):
        z = hidden @ head.coef + head.intercept
        return float(held_out.share @ loss.value(z, held_out.targets).sum(axis=1))

    return validation_loss
