"""Errors, ranks and ratios of a suite, from the table of a run."""

import re

import numpy as np

from . import CLASS_SUITES, REPORTED
from .competitors import competes, few_rows, is_ours, models_of
from .draws import draws_of, geometric_means, median

FLOOR = 1e-3  # below which errors count alike
MANY = 10  # times the best error
OF_CLASSES = {suite.REPORTED[0].suite for suite in CLASS_SUITES}


def shown(name):
    """A task's name as pages have it: keys of the tables lack some leading zeros."""
    return re.sub(r"(?<![\w.])\.(?=\d)", "0.", name)


class Errors:
    """Median errors of a suite, (n_tasks, n_models); NaN where a model failed.

    Times are the least over draws, since other work on the machine only adds to them.

    ``few`` leaves only the tasks of few rows, on which all models compete.
    """

    measure = "nmse"
    word, words = "error", "errors"
    ticks = 1, 2, 5, 10  # of the colour scale: times the best
    has_truth = False  # whether limits are what the truth has, not an estimate

    def __init__(self, result, suite, few=False):
        self._result, self._suite = result, suite
        names = dict.fromkeys(result.columns["task"].tolist())
        tasks = [REPORTED[name] for name in names if REPORTED[name].suite == suite]
        self.tasks = [t for t in tasks if t.n <= few_rows(suite)] if few else tasks
        self.models = [
            name
            for name in models_of(suite)
            if any(competes(task, name) for task in self.tasks)
        ]
        self.is_ours = np.array([is_ours(name) for name in self.models])
        self.competes = np.array(
            [[competes(task, name) for name in self.models] for task in self.tasks]
        )
        self.picked = np.array([self.models.index(task.pick) for task in self.tasks])
        self.limits = np.array([getattr(task, "limit", np.nan) for task in self.tasks])
        self.draws = self._draws(result, self.measure)
        self.errors = np.median(self.draws, axis=2)
        self.seconds = np.fmin.reduce(self._draws(result, "cpu_seconds"), axis=2)
        self.floored = floored(self.errors)

    def _draws(self, result, column):
        return draws_of(result, column, self.tasks, self.models)

    def of_few_rows(self):
        """The same for the tasks on which all models compete."""
        return type(self)(self._result, self._suite, few=True)

    def cells(self, t, number):
        """The errors of a task as ``number`` writes them, blank without a fit."""
        pairs = zip(self.errors[t], self.competes[t], strict=True)
        return [number(error) if competes else "" for error, competes in pairs]

    @property
    def whole(self):
        """Which models compete on all tasks."""
        return self.competes.all(axis=0)

    @property
    def ratios(self):
        """To the best of each task."""
        return self.floored / self.floored.min(axis=1, keepdims=True)

    @property
    def mean_ratios(self):
        """By model, the geometric mean over the tasks that it could be fitted on."""
        return geometric_means(self.ratios)

    @property
    def typical_seconds(self):
        """By model, the median over tasks of the time of a fit."""
        return median(self.seconds, axis=0)

    @property
    def ranks(self):
        """From 1; models with the same error share the mean of their ranks."""
        return ranks(self.floored)

    @property
    def failed(self):
        """By model, on how many tasks."""
        return (np.isnan(self.errors) & self.competes).sum(axis=0)

    @property
    def over_limits(self):
        """By model, the median of the error over what the statistical limit allows."""
        known = np.isfinite(self.limits)
        errors = np.nan_to_num(self.errors[known], nan=np.inf)
        return np.median(errors / self.limits[known, None], axis=0)

    def poor(self):
        """What counts as a poor fit, and by model on how many tasks."""
        return "ten times the best or worse on", np.sum(self.ratios >= MANY, axis=0)

    def further(self):
        """Columns of the summary that only some suites have, by title."""
        if not np.isfinite(self.limits).any():
            return {}
        return {"error / statistical limit, median": self.over_limits}

    def picks(self):
        """For each task: our pick's column, the best rival's, and their ratio."""
        rivals = np.where(self.is_ours, np.inf, self.floored).argmin(axis=1)
        for t, (pick, rival) in enumerate(zip(self.picked, rivals, strict=True)):
            yield t, pick, rival, self.floored[t, pick] / self.floored[t, rival]

    def by_draw(self, t, pick, rival):
        """The ratio of two models on each draw of a task."""
        ours, theirs = floored(self.draws[t, [pick, rival]])
        return ours / theirs


class LogLosses(Errors):
    """Log losses over those of the class shares, areas under curves, calibration."""

    measure = "relative_log_loss"
    word, words = "log loss", "log losses"
    ticks = 1, 1.2, 1.5, 2

    def __init__(self, result, suite, few=False):
        super().__init__(result, suite, few)
        self.aucs = median(self._draws(result, "auc"), axis=2)
        self.calibration = median(self._draws(result, "calibration_error"), axis=2)
        self.has_truth = np.isfinite(self.limits).any()

    def poor(self):
        """Where probabilities are worse than those of no columns at all."""
        return "worse than the class shares on", np.sum(self.errors > 1, axis=0)

    def further(self):
        columns = {"log loss, mean": self.errors.mean(axis=0)}
        if self.has_truth:
            columns["log loss / truth's, median"] = self.over_limits
        return columns | {
            "AUC, mean": self.aucs.mean(axis=0),
            "AUC, mean rank": ranks(-np.nan_to_num(self.aucs)).mean(axis=0),
            "calibration error, mean": self.calibration.mean(axis=0),
        }


def floored(errors):
    """With what counts as no error, and infinite ones in the place of missing ones."""
    return np.maximum(np.nan_to_num(errors, nan=np.inf), FLOOR)


def ranks(values):
    """By row, from 1 for the smallest; equal values share the mean of their ranks."""
    below = (values[:, None] < values[..., None]).sum(axis=2)
    equal = (values[:, None] == values[..., None]).sum(axis=2)
    return below + (equal + 1) / 2


def summary_of(result, suite):
    """The errors of a suite by the measure that it has."""
    return (LogLosses if suite in OF_CLASSES else Errors)(result, suite)
