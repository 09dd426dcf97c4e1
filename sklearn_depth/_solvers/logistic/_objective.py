"""A penalised log loss in principal coordinates, its minimiser and leave-one-out.

``F(u, b) = sum_i w_i L(<t_i, u> + b, y_i) + alpha |u|^2``, with the weights as they
are. The coordinates t have a weighted mean of zero and are uncorrelated.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack
from scipy.sparse.linalg import LinearOperator, cg

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EPS, LEAST_FREE
from sklearn_depth._solvers._lbfgs import end_after, minimize_lbfgs
from sklearn_depth._solvers.logistic._log_loss import (
    Array,
    apart,
    log_losses,
    margins_of_shares,
    mean_curvature,
    probabilities,
)
from sklearn_depth.utils._memory import row_blocks

Folds = NDArray[np.intp]

# A minimum is found when a Newton step gains less of the mean loss, and for L-BFGS when
# no entry of the gradient is above this: on the way, and at last.
_LEAST_GAINS, _LEAST_SLOPES = (1e-6, 1e-11), (1e-4, 1e-5)
# The same where a single fold tells the error, which is less precise by far.
_ROUGH_SLOPE = 5e-4
_MOST_STEPS, _MOST_ITERATIONS, _MOST_HALVINGS = 100, 500, 40
# Last steps of Newton's method, and how well and how long each is solved for.
_N_POLISHES, _CG_TOLERANCE, _MOST_CG = 3, 1e-3, 60
# A step must gain this share of what its slope promises.
_PROMISED = 1e-4


@dataclass(frozen=True, eq=False)
class LogisticObjective:
    """F at parameters (u; b) of shape (k + 1, n_outputs).

    rows : (n_samples, k + 1), coordinates and a column of ones.
    eigenvalues : (k,), weighted squares of the coordinates.
    judges : what the margins of samples left out are held against.
    """

    rows: Array
    eigenvalues: Array
    targets: Array
    weight: Array
    alpha: float
    judges: Array

    @classmethod
    def of(
        cls,
        coordinates: Array,
        eigenvalues: Array,
        samples: Samples,
        alpha: float,
        doubt: float = 0.0,
    ) -> "LogisticObjective":
        """On some coordinates of the samples, whose labels are doubted by a share."""
        rows = np.column_stack([coordinates, np.ones(len(samples))])
        judges = (1 - doubt) * samples.targets + doubt * samples.mean
        return cls(rows, eigenvalues, samples.targets, samples.weight, alpha, judges)

    @property
    def penalties(self) -> Array:
        """Second derivatives of the penalty; the intercept has none."""
        return np.append(np.full(len(self.eigenvalues), 2 * self.alpha), 0.0)

    def margins(self, parameters: Array) -> Array:
        """(n_samples, n_outputs)."""
        return self.rows @ parameters

    def value(self, parameters: Array, margins: Array) -> float:
        """F, from the margins."""
        penalty = self.alpha * float(np.sum(parameters[:-1] ** 2))
        return float(self.weight @ log_losses(margins, self.targets)) + penalty

    def gradient(self, parameters: Array, p: Array) -> Array:
        """That of F, from the probabilities."""
        pull = self.rows.T @ (self.weight[:, None] * (p - self.targets))
        return pull + self.penalties[:, None] * parameters

    def curvatures(self, p: Array) -> Array:
        """About the second derivatives by single parameters, of each output alike."""
        total = float(self.weight.sum())
        squares = np.append(self.eigenvalues, total)
        curvature = max(float(self.weight @ mean_curvature(p)) / total, EPS)
        return curvature * squares + self.penalties

    def factor(self, p: Array) -> Array:
        """The Cholesky factor of the Hessian, for one output."""
        root = np.sqrt(self.weight * (p * (1 - p))[:, 0])
        matrix = np.diag(self.penalties)
        for some in row_blocks(len(self.rows), self.rows.shape[1]):
            part = root[some, None] * self.rows[some]
            matrix += part.T @ part
        # Where all samples are sure the intercept has no curvature.
        matrix.flat[:: len(matrix) + 1] += EPS * np.trace(matrix)
        return np.linalg.cholesky(matrix).astype(np.float64, copy=False)

    def minimum(self, start: Array, on_the_way: bool = True) -> Array:
        """The minimiser, from a start; less precise on the way."""
        if start.shape[1] == 1:
            return _newton(self, start, _LEAST_GAINS[not on_the_way])
        found = _lbfgs(self, start, _LEAST_SLOPES[not on_the_way])
        return found if on_the_way else _polished(self, found)

    def error(self, parameters: Array, folds: Folds) -> float:
        """The mean log loss of samples left out of a fit: one, or a fold of several.

        Others say nothing of a sample alone of its class: it has the class shares.
        """
        if parameters.shape[1] == 1:
            z = self._left_out_margins(parameters)
        else:
            z = self._margins_of_folds(parameters, folds)
        shares = np.average(self.targets, axis=0, weights=self.weight)
        z[folds < 0] = margins_of_shares(shares)
        return self._mean_loss(z)

    def without_fold(
        self, start: Array, folds: Folds, fold: int
    ) -> tuple[Array, float]:
        """About the minimiser on all others, and the mean log loss of the fold."""
        found = _lbfgs(self._of(folds != fold), start, _ROUGH_SLOPE)
        out = self._of(folds == fold)
        return found, out._mean_loss(out.margins(found))

    def _mean_loss(self, margins: Array) -> float:
        losses = log_losses(margins, self.judges)
        return float(np.average(losses, weights=self.weight))

    def _left_out_margins(self, parameters: Array) -> Array:
        """Margins of each sample by the fit without it, approximately; of one output.

        One Newton step from the minimiser without the sample: ``z + c w (p - y) / (1 -
        c w D)``, c = <t, H^-1 t>, D the curvature and H the Hessian (Rad and Maleki
        2020, arXiv:1801.10243).
        """
        z = self.margins(parameters)
        p = probabilities(z)
        weight = self.weight[:, None]
        forms = self._forms(self.factor(p))[:, None]
        free = np.maximum(1 - forms * weight * p * (1 - p), LEAST_FREE)
        return z + forms * weight * (p - self.targets) / free

    def _margins_of_folds(self, parameters: Array, folds: Folds) -> Array:
        """Margins of each fold by a fit to the others."""
        z = np.empty((len(self.rows), parameters.shape[1]))
        for fold in range(folds.max(initial=-1) + 1):
            out = folds == fold
            found = self._of(~out).minimum(parameters)
            z[out] = self.rows[out] @ found
        return z

    def _of(self, kept: NDArray[np.bool_]) -> "LogisticObjective":
        """On some of the samples."""
        return replace(
            self,
            rows=self.rows[kept],
            targets=self.targets[kept],
            weight=self.weight[kept],
            judges=self.judges[kept],
        )

    def _forms(self, factor: Array) -> Array:
        """<t_i, H^-1 t_i> of each sample."""
        whiten, _ = lapack.dtrtri(factor, lower=1)
        forms = np.empty(len(self.rows))
        for some in row_blocks(len(self.rows), self.rows.shape[1]):
            white = self.rows[some] @ whiten.T
            forms[some] = np.einsum("ij,ij->i", white, white)
        return forms


def _newton(objective: LogisticObjective, parameters: Array, tol: float) -> Array:
    """Newton's method with halved steps, for one output."""
    total = objective.weight.sum()
    z = objective.margins(parameters)
    value = objective.value(parameters, z)
    for _ in range(_MOST_STEPS):
        p = probabilities(z)
        gradient = objective.gradient(parameters, p)
        step = cho_solve((objective.factor(p), True), gradient, check_finite=False)
        promise = float(np.vdot(gradient, step))
        if promise < tol * total:
            break
        moved, t = objective.margins(step), 1.0
        for _ in range(_MOST_HALVINGS):
            there = objective.value(parameters - t * step, z - t * moved)
            if there <= value - _PROMISED * t * promise:
                break
            t /= 2
        else:  # rounding hides any descent
            break
        parameters, z, value = parameters - t * step, z - t * moved, there
    return parameters


def _lbfgs(objective: LogisticObjective, start: Array, tol: float) -> Array:
    """L-BFGS in units where the Hessian is about one at the start."""
    total = objective.weight.sum()
    p = probabilities(objective.margins(start))
    unit = np.sqrt(objective.curvatures(p) / total)[:, None]

    def flat(v: Array) -> tuple[float, Array]:
        parameters = v.reshape(start.shape) / unit
        z = objective.margins(parameters)
        gradient = objective.gradient(parameters, probabilities(z)) / unit
        return objective.value(parameters, z) / total, gradient.ravel() / total

    record = end_after(_MOST_ITERATIONS)
    found, _ = minimize_lbfgs(flat, (start * unit).ravel(), tol, record)
    return found.reshape(start.shape) / unit


def _polished(objective: LogisticObjective, parameters: Array) -> Array:
    """Newton's steps by conjugate gradients, where rounding hides L-BFGS's descent."""
    p = probabilities(objective.margins(parameters))
    gradient = objective.gradient(parameters, p)
    for _ in range(_N_POLISHES):
        scale = np.repeat(objective.curvatures(p), p.shape[1])
        step, _ = cg(
            LinearOperator((len(scale),) * 2, partial(_product, objective, p)),
            gradient.ravel(),
            rtol=_CG_TOLERANCE,
            maxiter=_MOST_CG,
            M=LinearOperator((len(scale),) * 2, partial(np.multiply, 1 / scale)),
        )
        moved = parameters - step.reshape(parameters.shape)
        p = probabilities(objective.margins(moved))
        last, gradient = gradient, objective.gradient(moved, p)
        if not np.vdot(gradient, gradient) < np.vdot(last, last):
            break
        parameters = moved
    return apart(parameters)


def _product(objective: LogisticObjective, p: Array, step: Array) -> Array:
    """The Hessian of several outputs times flat parameters."""
    flat = step.reshape(-1, p.shape[1])
    moved = p * objective.margins(flat)
    moved -= p * moved.sum(axis=1, keepdims=True)
    pull = objective.rows.T @ (objective.weight[:, None] * moved)
    return (pull + objective.penalties[:, None] * flat).ravel()
