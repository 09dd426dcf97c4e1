"""Errors, ranks and ratios of a suite, from the table of a run."""

import re

import numpy as np

from . import CLASS_SUITES, REPORTED
from .competitors import FEW_ROWS, competes, is_ours, models_of

FLOOR = 1e-3  # below which errors count alike
MANY = 10  # times the best error
OF_CLASSES = {suite.REPORTED[0].suite for suite in CLASS_SUITES}


def shown(name):
    """A task's name as pages have it: keys of the tables lack some leading zeros."""
    return re.sub(r"(?<![\w.])\.(?=\d)", "0.", name)


class Errors:
    """Median errors of a suite, (n_tasks, n_models); NaN where a model failed.

    ``few`` leaves only the tasks of few rows, on which all models compete.
    """

    measure = "nmse"
    word, words = "error", "errors"
    ticks = 1, 2, 5, 10  # of the colour scale: times the best
    has_truth = False  # whether limits are what the truth has, not an estimate

    def __init__(self, result, suite, few=False):
        names = dict.fromkeys(result.columns["task"].tolist())
        tasks = [REPORTED[name] for name in names if REPORTED[name].suite == suite]
        self.tasks = [t for t in tasks if t.n <= FEW_ROWS] if few else tasks
        self.models = [
            name
            for name in models_of(suite)
            if any(competes(task, name) for task in self.tasks)
        ]
        self.is_ours = np.array([is_ours(name) for name in self.models])
        self.competes = np.array(
            [[competes(task, name) for name in self.models] for task in self.tasks]
        )
        self.limits = np.array([getattr(task, "limit", np.nan) for task in self.tasks])
        self.errors = self._medians(result, self.measure)
        self.seconds = self._medians(result, "cpu_seconds")
        self.floored = np.maximum(np.nan_to_num(self.errors, nan=np.inf), FLOOR)

    def _medians(self, result, column):
        table = np.full((len(self.tasks), len(self.models)), np.nan)
        names = [task.name for task in self.tasks]
        cells = {}
        for row in result.rows():
            if row["task"] in names:
                place = names.index(row["task"]), self.models.index(row["model"])
                cells.setdefault(place, []).append(row[column])
        for place, values in cells.items():
            table[place] = np.median(values)
        return table

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
        finite = np.where(np.isfinite(self.ratios), self.ratios, np.nan)
        return np.exp(np.nanmean(np.log(finite), axis=0))

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
        for t, task in enumerate(self.tasks):
            pick, rival = self.models.index(task.pick), rivals[t]
            yield t, pick, rival, self.floored[t, pick] / self.floored[t, rival]


class LogLosses(Errors):
    """Log losses over those of the class shares, areas under curves, calibration."""

    measure = "relative_log_loss"
    word, words = "log loss", "log losses"
    ticks = 1, 1.2, 1.5, 2

    def __init__(self, result, suite, few=False):
        super().__init__(result, suite, few)
        self.aucs = self._medians(result, "auc")
        self.calibration = self._medians(result, "calibration_error")
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


def ranks(values):
    """By row, from 1 for the smallest; equal values share the mean of their ranks."""
    below = (values[:, None] < values[..., None]).sum(axis=2)
    equal = (values[:, None] == values[..., None]).sum(axis=2)
    return below + (equal + 1) / 2


def summary_of(result, suite, few=False):
    """The errors of a suite by the measure that it has."""
    return (LogLosses if suite in OF_CLASSES else Errors)(result, suite, few)
