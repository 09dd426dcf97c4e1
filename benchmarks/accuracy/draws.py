"""Errors of a suite as an array: tasks, models, draws."""

import warnings

import numpy as np


def draws_of(result, column, tasks, models):
    """A column of the table, (n_tasks, n_models, n_draws); NaN where there is none."""
    names = [task.name for task in tasks]
    rows = [row for row in result.rows() if row["task"] in names]
    n_draws = 1 + max((row["seed"] for row in rows), default=0)
    table = np.full((len(names), len(models), n_draws), np.nan)
    for row in rows:
        place = names.index(row["task"]), models.index(row["model"]), row["seed"]
        table[place] = row[column]
    return table


def geometric_means(ratios):
    """By model, over the tasks, the last axis but one, that it could be fitted on."""
    logs = np.log(np.where(np.isfinite(ratios), ratios, np.nan))
    return np.exp(mean(logs, axis=-2)[..., 0, :])


def mean(values, axis):
    """Of those that are not NaN, with the axis kept."""
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        return np.nanmean(values, axis=axis, keepdims=True)


def median(values, axis):
    """Of those that are not NaN."""
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        return np.nanmedian(values, axis=axis)
