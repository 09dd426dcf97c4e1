"""Errors, ranks and ratios of a suite, from the table of a run."""

import numpy as np

from . import REPORTED
from .table_models import is_ours, models_of

FLOOR = 1e-3  # below which errors count alike


class Errors:
    """Median errors of a suite, (n_tasks, n_models); NaN where a model failed."""

    def __init__(self, result, suite):
        names = dict.fromkeys(result.columns["task"].tolist())
        self.tasks = [REPORTED[name] for name in names if REPORTED[name].suite == suite]
        self.models = list(models_of(suite))
        self.is_ours = np.array([is_ours(name) for name in self.models])
        self.limits = np.array([getattr(task, "limit", np.nan) for task in self.tasks])
        self.errors = self._medians(result, "nmse")
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

    @property
    def ratios(self):
        """To the best of each task."""
        return self.floored / self.floored.min(axis=1, keepdims=True)

    @property
    def ranks(self):
        """From 1; models with the same error share the mean of their ranks."""
        below = (self.floored[:, None] < self.floored[..., None]).sum(axis=2)
        equal = (self.floored[:, None] == self.floored[..., None]).sum(axis=2)
        return below + (equal + 1) / 2

    @property
    def over_limits(self):
        """By model, the median of the error over what the statistical limit allows."""
        known = np.isfinite(self.limits)
        errors = np.nan_to_num(self.errors[known], nan=np.inf)
        return np.median(errors / self.limits[known, None], axis=0)

    def picks(self):
        """For each task: our pick's column, the best rival's, and their ratio."""
        rivals = np.where(self.is_ours, np.inf, self.floored).argmin(axis=1)
        for t, task in enumerate(self.tasks):
            pick, rival = self.models.index(task.pick), rivals[t]
            yield t, pick, rival, self.floored[t, pick] / self.floored[t, rival]
