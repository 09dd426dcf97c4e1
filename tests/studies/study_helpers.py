"""Learners that log their fits, for processes that are killed and for workers."""

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies import sample_complexity_curve

TIMES = ("fit_time", "score_time")
make_data = partial(make_single_index, link="relu", noise=0.3, return_truth=True)


class LoggedRidge(RegressorMixin, BaseEstimator):
    """Ridge regression that writes a line to a file at each fit."""

    def __init__(self, alpha=1.0, log=None, random_state=None):
        self.alpha = alpha
        self.log = log
        self.random_state = random_state

    def fit(self, X, y):
        with open(self.log, "a") as log:
            log.write(f"{self.alpha} {len(X)} {X.shape[1]}\n")
        time.sleep(float(os.environ.get("SECONDS_OF_A_FIT", 0)))
        noise = np.random.default_rng(self.random_state).normal(size=X.shape[1])
        gram = X.T @ X + self.alpha * np.eye(X.shape[1])
        self.coef_ = np.linalg.solve(gram, X.T @ y + noise)
        return self

    def predict(self, X):
        return X @ self.coef_


class Failing(LoggedRidge):
    """Fails where there are 20 rows."""

    def fit(self, X, y):
        super().fit(X, y)
        if len(X) == 20:
            raise RuntimeError("twenty, \n'rows'")
        return self


class Killing(LoggedRidge):
    """Ends its process where there are 20 rows."""

    def fit(self, X, y):
        super().fit(X, y)
        if len(X) == 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return self


def logged_study(log, memory=None, n_jobs=None, alphas=(1.0, 9.0), **changes):
    """Twenty-four cells, or others."""
    arguments = {"train_sizes": [10, 20, 30], "n_features": [2, 3], "n_repeats": 2}
    return sample_complexity_curve(
        {f"ridge {alpha}": LoggedRidge(alpha, log=str(log)) for alpha in alphas},
        make_data,
        n_test=50,
        random_state=0,
        memory=memory,
        n_jobs=n_jobs,
        **arguments | changes,
    )


def fits(log):
    """Lines of the log: one a fit that began."""
    return Path(log).read_text().splitlines() if Path(log).exists() else []


def entries(memory):
    """Files of the finished cells."""
    return sorted(Path(memory).rglob("output.pkl"))


def assert_same_table(found, expected):
    """All but the seconds is equal, names and order of columns too."""
    assert list(found.columns) == list(expected.columns)
    for name in found.columns.keys() - set(TIMES):
        values, others = found.columns[name], expected.columns[name]
        if values.dtype.kind == "f":  # BLAS may have other numbers of threads
            np.testing.assert_allclose(values, others, rtol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(values, others, err_msg=name)


def logged_half(log, number, kind):
    with open(log, "a") as file:
        file.write(f"{number} {kind}\n")
    return {"half": number / 2, "kind again": kind.upper()}


def dies_at_7_once(number, log):
    with open(log, "a") as file:
        file.write(f"{number}\n")
    if number == 7 and fits(log).count("7") == 1:
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)
    return {"half": number / 2}


def slow_down(seconds):
    """Of each fit in this process."""
    os.environ["SECONDS_OF_A_FIT"] = str(seconds)


def where_and_half(number, seconds):
    time.sleep(seconds)
    return {"half": number / 2, "process": os.getpid()}


def main():
    """The study of a log, a directory and a number of jobs, saved as a table."""
    log, memory, n_jobs, table = sys.argv[1:]
    logged_study(log, memory, int(n_jobs)).save(table)
