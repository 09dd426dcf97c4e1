"""Output weights of a net with a sigmoid output, on hidden features that stay fixed.

The objective is ``F(w, b) = sum_i p_i L(<h_i, w> + b, y_i) + alpha |w|^2`` with p the
weights divided by their sum and L a loss of the pre-activation. Of samples that were
merged it is that of the samples as they were. An iteration is two products of the
hidden features with a vector.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sklearn_depth._math._losses import Loss
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import LEAST_FREE
from sklearn_depth._solvers._lbfgs import minimize_lbfgs
from sklearn_depth._solvers._training import Head, Training
from sklearn_depth._solvers.ridge._spectrum import rounding_level
from sklearn_depth._solvers.sigmoid._leverages import inverse_forms, second_moments

# Samples on flat ends of the output, with this share of all curvature, are left alone.
_FLAT = 1e-3
# Units are renewed after so many iterations, if the curvature has fallen so far: where
# labels have no noise, most samples move to the flat ends.
_RENEWED_AFTER, _FALL = 10, 4
_OUTDATED = "outdated units"
# So many iterations are worth the principal axes.
_PATIENCE = 50


class SigmoidObjective:
    """F and its gradient at parameters (w; b) of shape (n_features + 1, n_targets).

    ``hidden`` are the features of the samples, in the type to train in. They are
    overwritten: an intercept has them centred, so that b is that of the centred
    features. :meth:`head` and :meth:`parameters` translate.

    by_axes : whether it is trained along principal axes; else only where that takes
        many iterations, and from then on.
    """

    by_axes = False

    def __init__(
        self, hidden: NDArray, samples: Samples, loss: Loss, fit_intercept: bool
    ) -> None:
        self.share = samples.share.astype(hidden.dtype)
        self.within = loss.of_spread * float((samples.share @ samples.spread).sum())
        self.mean = np.zeros(hidden.shape[1], dtype=hidden.dtype)
        if fit_intercept:
            self.mean = self.share @ hidden
            hidden -= self.mean
        self.hidden = hidden
        self.targets = samples.targets.astype(hidden.dtype, copy=False)
        self.loss, self.fit_intercept = loss, fit_intercept

    def __call__(self, parameters: NDArray, alpha: float) -> tuple[float, NDArray]:
        coef = parameters[:-1]
        losses, slopes = self.loss.evaluate(
            self.pre_activations(parameters), self.targets
        )
        pull = self.share[:, None] * slopes
        gradient = np.empty_like(parameters)
        gradient[:-1] = self.hidden.T @ pull + 2 * alpha * coef
        gradient[-1] = pull.sum(axis=0) if self.fit_intercept else 0.0
        penalty = alpha * float((coef**2).sum())
        return self._mean(losses) + penalty, gradient

    def _mean(self, losses: NDArray) -> float:
        """The mean loss, with what merged targets differ by."""
        return float((self.share @ losses).sum()) + self.within

    def pre_activations(self, parameters: NDArray) -> NDArray:
        return self.hidden @ parameters[:-1] + parameters[-1]

    def parameters(self, head: Head) -> NDArray:
        """The parameters of a head on features that are not centred."""
        return np.vstack([head.coef, head.intercept + self.mean @ head.coef])

    def head(self, parameters: NDArray) -> Head:
        coef, intercept = parameters[:-1].copy(), parameters[-1]
        return Head(coef, intercept - self.mean @ coef)

    def data_loss(self, parameters: NDArray) -> float:
        """F without its penalty."""
        z = self.pre_activations(parameters)
        return self._mean(self.loss.value(z, self.targets))

    def is_dead(self, parameters: NDArray) -> bool:
        """Whether samples are wrong and none of them says in which direction."""
        losses, slopes = self.loss.evaluate(
            self.pre_activations(parameters), self.targets
        )
        return bool(losses.any() and not slopes.any())

    def mean_curvature(self, parameters: NDArray) -> NDArray:
        """Of the loss in pre-activations, (n_targets,); where all are flat a little."""
        least = _FLAT * self.loss.bound
        return np.maximum(self._curvatures(parameters), least).astype(np.float64)

    def _curvatures(self, parameters: NDArray) -> NDArray:
        return self.share @ self.loss.curvature(self.pre_activations(parameters))

    def smoothness(self, alpha: float) -> float:
        """A Lipschitz constant of the gradient, from the top singular value of H."""
        top = float(np.linalg.eigvalsh(self._second_moments())[-1])
        if self.fit_intercept:  # the column of ones, orthogonal to centred features
            top = max(top, 1.0)
        return self.loss.bound * top + 2 * alpha

    def _second_moments(self) -> NDArray:
        return second_moments(self.hidden, np.arange(len(self.hidden)), self.share)

    @cached_property
    def principal_axes(self) -> tuple[NDArray, NDArray]:
        """Directions (n_features, k) of w, and mean squares of the features in each."""
        squares, axes = np.linalg.eigh(self._second_moments())
        kept = squares > rounding_level(squares)
        squares, axes = squares[kept], axes[:, kept]
        if len(axes) < len(self.mean):  # from products of few samples
            root = np.sqrt(self.share.astype(np.float64))[:, None]
            axes = self.hidden.T @ (root * axes) / np.sqrt(squares)
        return axes, squares

    def leave_one_out(self, parameters: NDArray, alpha: float) -> float:
        """Approximate leave-one-out loss of a minimiser of F.

        One Newton step from the minimiser without the sample: with A the Hessian of F,
        ``z_i + c_i g_i / (1 - c_i D_i)``, c_i = <h_i, A^-1 h_i>, where g and D are
        slope and curvature of the sample's share of the loss (Rad and Maleki 2020,
        arXiv:1801.10243). Samples that were merged leave together.
        """
        z = self.pre_activations(parameters)
        slopes = self.share[:, None] * self.loss.evaluate(z, self.targets)[1]
        curvature = self.share[:, None] * self.loss.curvature(z)
        for k in range(z.shape[1]):
            rows = _bulk(curvature[:, k])
            forms = inverse_forms(
                self.hidden, rows, curvature[rows, k], 2 * alpha, self.fit_intercept
            )
            free = np.maximum(1 - forms * curvature[rows, k], LEAST_FREE)
            z[rows, k] += forms * slopes[rows, k] / free
        return self._mean(self.loss.value(z, self.targets))


def _bulk(values: NDArray) -> NDArray[np.intp]:
    """The fewest samples that make up all but a thousandth of the sum of the values."""
    order = np.argsort(-values, kind="stable")
    total = np.cumsum(values[order])
    return np.sort(order[: np.searchsorted(total, (1 - _FLAT) * total[-1]) + 1])


def lbfgs(
    objective: SigmoidObjective,
    start: NDArray,
    alpha: float,
    training: Training,
    tol: float,
) -> tuple[NDArray, str]:
    """L-BFGS until no entry of the gradient exceeds ``tol``.

    With a penalty and more than few iterations both are in units in which the Hessian
    is about one where they were last renewed. Returns parameters and why they are the
    last.
    """
    parameters, reason = _lbfgs_in_units(objective, start, alpha, training, tol)
    while reason == _OUTDATED:
        parameters, reason = _lbfgs_in_units(
            objective, parameters, alpha, training, tol
        )
    if not training.losses:  # nothing to do: the start is a minimum
        training.record(objective(start, alpha)[0], objective.head(start))
    return parameters, reason


def _lbfgs_in_units(
    objective: SigmoidObjective,
    start: NDArray,
    alpha: float,
    training: Training,
    tol: float,
) -> tuple[NDArray, str]:
    """The same in the units of the start, as long as these are of use."""
    principal = alpha > 0 and objective.by_axes
    axes, curvature, units = _units(objective, start, alpha if principal else 0.0)
    n_before = len(training.losses)

    def parameters_at(x: NDArray) -> NDArray:
        scaled = x.reshape(-1, start.shape[1]) / units
        return np.vstack([axes @ scaled[:-1], scaled[-1]]).astype(start.dtype)

    def flat(x: NDArray) -> tuple[float, NDArray]:
        loss, gradient = objective(parameters_at(x), alpha)
        slopes = np.vstack([axes.T @ gradient[:-1], gradient[-1]]) / units
        return loss, slopes.ravel()

    def record(loss: float, x: NDArray) -> str | None:
        parameters = parameters_at(x)
        reason = training.record(loss, objective.head(parameters))
        n_iterations = len(training.losses) - n_before
        if reason or not alpha:
            return reason
        if not principal:
            objective.by_axes = n_iterations == _PATIENCE
            return _OUTDATED if objective.by_axes else None
        if n_iterations % _RENEWED_AFTER:
            return None
        falls = objective.mean_curvature(parameters) < curvature / _FALL
        return _OUTDATED if falls.any() else None

    first = (np.vstack([axes.T @ start[:-1], start[-1]]) * units).ravel()
    x, reason = minimize_lbfgs(flat, first, tol, record, is_scaled=principal)
    return (start if x is first else parameters_at(x)), reason


def _units(
    objective: SigmoidObjective, start: NDArray, alpha: float
) -> tuple[NDArray | sparse.csr_array, NDArray, NDArray]:
    """Directions (n_features, k) of w, curvatures, and units (k + 1, n_targets).

    Without a penalty they stay as they are: the first iterations then learn what is
    smooth, which is what stopping early is for.
    """
    n_features, n_targets = len(start) - 1, start.shape[1]
    if not alpha:
        ones = np.ones(n_targets)
        return sparse.eye_array(n_features, format="csr"), ones, ones[None]
    axes, squares = objective.principal_axes
    curvature = objective.mean_curvature(start)
    units = np.sqrt(squares[:, None] * curvature + 2 * alpha)
    return axes, curvature, np.vstack([units, np.sqrt(curvature)])


def gradient_descent(
    objective: SigmoidObjective,
    start: NDArray,
    alpha: float,
    training: Training,
    tol: float,
    learning_rate: float | str,
) -> tuple[NDArray, str]:
    """Full-batch descent with a fixed step until F <= ``tol``; returns as ``lbfgs``."""
    automatic = isinstance(learning_rate, str)
    rate = 1 / objective.smoothness(alpha) if automatic else learning_rate
    parameters = start.copy()
    while True:
        loss, gradient = objective(parameters, alpha)
        reason = training.record(loss, objective.head(parameters))
        if loss <= tol:
            reason = "tol"
        elif reason != "max_iter" and not gradient.any():
            reason = reason or "dead"
        if reason not in (None, "max_iter"):
            return parameters, reason
        parameters -= parameters.dtype.type(rate) * gradient
        if not np.isfinite(parameters).all():
            raise ValueError(
                f"Gradient descent diverged after {len(training.losses)} iterations. "
                f'Lower learning_rate (now {rate:.3g}) or use learning_rate="auto".'
            )
        if reason:
            return parameters, reason
