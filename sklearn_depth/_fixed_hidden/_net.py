"""What regressor and classifier share: the layer and the training of its head."""

import warnings
from copy import copy
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth._base import FeatureMapModel, head_attributes
from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth._math._losses import Loss
from sklearn_depth._math._equal_rows import equal_row_labels
from sklearn_depth._solvers._sigmoid_head import SigmoidObjective
from sklearn_depth._solvers._sigmoid_path import train_sigmoid_head
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth.features import SigmoidFeatures
from sklearn_depth.utils._callbacks import CallbackSupportMixin, FitProgress
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions

# What tie="auto" chooses from, in this order, until one is worse than the one before.
_TIES = (1000.0, 100.0, 10.0)


@dataclass
class Problem:
    """What the output neurons learn: targets in [0, 1], in columns.

    y : as given, for callbacks.
    validation : None, or ``(X, targets, sample_weight)`` of other rows.
    one_target : whether ``coef_`` is a vector.
    """

    X: np.ndarray
    y: np.ndarray
    targets: np.ndarray
    sample_weight: np.ndarray | None
    loss: Loss
    validation: tuple | None
    one_target: bool


class FixedHiddenNet(CallbackSupportMixin, FeatureMapModel):
    """A frozen hidden layer of sigmoids under a sigmoid output."""

    _parameter_constraints: dict = {
        **SigmoidFeatures._parameter_constraints,
        "tie": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "output": [StrOptions(set(OUTPUT_SIGMOIDS))],
        "solver": [StrOptions({"lbfgs", "gd"})],
        "learning_rate": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "warm_start": ["boolean"],
    }

    def _is_warm(self):
        """Whether this fit goes on from the last one."""
        return self.warm_start and hasattr(self, "coef_")

    def _train(self, problem):
        """Draw the layer, or keep it, and train the head, for each tie in question."""
        self._check_parameters(problem.X, problem.validation)
        ties, alpha = self._ties(), self.alpha
        rng = check_generator(self.random_state)
        seed, draw = int(rng.integers(2**31)), self._draw_weights(problem, rng)
        if warm := self._is_warm():
            layer = self.features_
            self._check_same_layer(ties)
            alpha = self.alpha_ if alpha == "auto" else alpha
        else:
            layer = self._layer(seed, ties[0])
            layer.fit(problem.X, sample_weight=problem.sample_weight)
        chosen = len(ties) > 1 or alpha == "auto"
        scored = chosen and problem.validation is None
        groups = equal_row_labels(problem.X) if scored else None
        n_tasks = None if chosen else self.max_iter
        progress = FitProgress(
            self, n_tasks, problem.X, problem.y, problem.sample_weight
        )
        best = None
        for tie in ties:
            features = copy(layer).set_params(tie=tie)
            training = self._training(problem, features, progress)
            initial = self._last_head(draw) if warm else self._scaled(draw, features)
            trained = self._train_head(
                problem, features, initial, training, alpha, groups
            )
            worse = best is not None and trained.score >= best[0].score
            if not worse:
                best = trained, features, training
            if trained.stop_reason == "callback":
                best[0].stop_reason = "callback"
                break
            if worse:
                break
        self._store(problem, *best)
        progress.end(lambda: self._attributes(problem, best[0].head, best[1]))
        return self

    def _training(self, problem, features, progress):
        return Training(
            self.max_iter,
            _validation_loss(features, problem),
            self.n_iter_no_change,
            lambda head: progress.iteration(
                lambda: self._attributes(problem, head, features)
            ),
        )

    def _train_head(self, problem, features, initial, training, alpha, groups):
        objective = SigmoidObjective(
            features._map(problem.X),
            problem.targets,
            problem.sample_weight,
            problem.loss,
            self.fit_intercept,
        )
        return train_sigmoid_head(
            objective,
            initial,
            training,
            solver=self.solver,
            learning_rate=self.learning_rate,
            alpha=alpha,
            tol=self.tol,
            groups=groups,
        )

    def _attributes(self, problem, head, features):
        """The fitted state that predictions follow from."""
        dtype = problem.targets.dtype
        made = head_attributes(head.coef, head.intercept, dtype, problem.one_target)
        return made | {"features_": features}

    def _store(self, problem, trained, features, training):
        vars(self).update(self._attributes(problem, trained.head, features))
        self.alpha_, self.tie_ = trained.alpha, float(features.tie)
        self.loss_curve_, self.n_iter_ = training.losses, len(training.losses)
        self.stop_reason_ = trained.stop_reason
        vars(self).pop("validation_loss_curve_", None)
        if training.validation_losses:
            self.validation_loss_curve_ = training.validation_losses
        self._warn()

    def _check_parameters(self, X, validation):
        automatic = [name for name in ("alpha", "tie") if getattr(self, name) == "auto"]
        if self.design == "iid" and "tie" in automatic:
            automatic.remove("tie")
        if automatic and self.solver == "gd":
            raise ValueError(
                " and ".join(f'{name}="auto"' for name in automatic)
                + ' compares minimisers, which solver="gd" is too slow to find. Give '
                'numbers (the paper has alpha=0 and design="iid", which knows no tie), '
                'or use solver="lbfgs".'
            )
        n_rows = len(X) + (0 if validation is None else len(validation[0]))
        check_memory(
            self.n_hidden,
            X.itemsize * n_rows * self.n_hidden,
            what=f"n_hidden={self.n_hidden:,} on {n_rows:,} rows",
            way_out="Lower n_hidden or fit on fewer rows.",
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

    def _draw_weights(self, problem, rng):
        """Weights from N(0, 1/m^2), as in Assumption 7, and a bias for the mean."""
        targets, weight = problem.targets, problem.sample_weight
        n_targets = targets.shape[1]
        coef = rng.standard_normal((self.n_hidden, n_targets)) / self.n_hidden
        intercept = np.zeros(n_targets)
        if self.fit_intercept:
            mean = np.average(targets, axis=0, weights=weight)
            intercept = OUTPUT_SIGMOIDS[self.output].inverse(mean)
        return Head(coef.astype(targets.dtype), intercept.astype(targets.dtype))

    def _scaled(self, head, features):
        """Smaller weights where units are tied, which makes them that much larger.

        Else a narrow net would start on the flat ends of its output.
        """
        if not features.block_starts_.size:
            return head
        shrunk = head.coef / np.sqrt(1 + features.tie**2)
        return Head(shrunk.astype(head.coef.dtype), head.intercept)

    def _last_head(self, like):
        """The last fit's weights, to go on from, in the dtype of another head."""
        coef = np.atleast_2d(self.coef_).T.astype(like.coef.dtype)
        intercept = np.atleast_1d(self.intercept_).astype(like.coef.dtype)
        return Head(coef, intercept * self.fit_intercept)

    def _check_same_layer(self, ties):
        """Refuse to go on from a hidden layer that other parameters drew."""
        wanted = self._layer(None, ties[0]).get_params()
        drawn = self.features_.get_params()
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
        warnings.warn(message, ConvergenceWarning, stacklevel=7)


def _validation_loss(features, problem):
    """A function from a head to its loss on the validation rows, or None."""
    if problem.validation is None:
        return None
    X, targets, weight = problem.validation
    hidden = features._map(X)

    def validation_loss(head):
        losses = problem.loss.value(hidden @ head.coef + head.intercept, targets)
        return float(np.average(losses.sum(axis=1), weights=weight))

    return validation_loss
