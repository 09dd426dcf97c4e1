"""A fit watched step by step, through scikit-learn's callbacks."""

from collections import Counter

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.metrics import log_loss

from sklearn_depth.metrics import normalized_mse, subspace_alignment_score

# The task that is the whole fit.
_WHOLE = "fit"
# Samples at which gradients are taken, and how far apart, in standard deviations.
_N_ROWS, _APART = 100, 0.05
# Where a probability has no logarithm.
_SURE = 1e-6


class Watch:
    """A callback that evaluates the model after every so many steps, and at the end.

    steps, tasks : the number of each step that was evaluated, from 1 on, and its name.
    found : what ``evaluate(model)`` gave.
    """

    def __init__(self, evaluate, every):
        self.evaluate, self.every = evaluate, every
        self.n_steps, self.steps, self.tasks, self.found = 0, [], [], []
        self._name = ""

    def setup(self, estimator, context):
        """Nothing to set up."""

    def teardown(self, estimator, context):
        """Nothing to tear down."""

    def on_fit_task_begin(self, estimator, context):
        """Nothing to do before a step."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        """Evaluate the model as it stands, if there is one and it is time to."""
        if fitted_estimator is None:
            return
        ended = context.task_name == _WHOLE
        if not ended:
            self.n_steps += 1
            self._name = context.task_name
        is_due = ended or self.n_steps % self.every == 0
        if is_due and self.n_steps and self.n_steps not in self.steps:
            self.steps.append(self.n_steps)
            self.tasks.append(self._name)
            self.found.append(self.evaluate(fitted_estimator))


def watched(estimator, X, y, evaluate, every):
    """Fit a clone once, under a :class:`Watch`."""
    name = type(estimator).__name__
    if not hasattr(estimator, "set_callbacks"):
        raise ValueError(
            f"{name} takes no callbacks. Pass an estimator that does, such as "
            "TwoLayerGDRegressor, ReLUNetworkRegressor, FixedHiddenSigmoidRegressor or "
            "a classifier of theirs."
        )
    watch = Watch(evaluate, every)
    clone(estimator).set_callbacks(watch).fit(X, y)
    if not watch.steps:
        raise ValueError(
            f"{name} told of no step with a model as it stands: with these parameters "
            "none is measured, or the network is a part of it. Pass that part."
        )
    return watch


def loss_of(model, X, y):
    """Squared error over the variance of y, or log loss over that of class shares."""
    if not is_classifier(model):
        return normalized_mse(y, model.predict(X))
    shares = np.array([*Counter(np.asarray(y).tolist()).values()]) / len(y)
    loss = log_loss(y, model.predict_proba(X), labels=model.classes_)
    return loss / -np.sum(shares * np.log(shares))


def alignment_of(model, X, directions):
    """With as many directions of X, those that the model depends on most."""
    rank = len(directions)
    if hasattr(model, "subspace_"):
        learned = model.subspace_[:rank] / model.features_.scale_
    else:
        _, vectors = np.linalg.eigh(gradient_covariance(model, X))
        learned = vectors[:, : -rank - 1 : -1].T
    return subspace_alignment_score(directions, learned)


def gradient_covariance(model, X):
    """E[sum_k grad f_k grad f_k'] of outputs, by differences at the first samples."""
    rows, steps = X[:_N_ROWS], _APART * X.std(axis=0)
    moved = np.concatenate(
        [rows + sign * move for move in np.diag(steps) for sign in (1, -1)]
    )
    outputs = _outputs(model, moved).reshape(len(steps), 2, len(rows), -1)
    steps = np.where(steps > 0, steps, 1.0)
    gradients = (outputs[:, 0] - outputs[:, 1]) / (2 * steps[:, None, None])
    flat = gradients.reshape(len(steps), -1)
    return flat @ flat.T


def _outputs(model, X):
    """Predictions, or log odds of each class after the first."""
    if not is_classifier(model):
        return model.predict(X)
    p = np.clip(model.predict_proba(X)[:, 1:], _SURE, 1 - _SURE)
    return np.log(p / (1 - p))
