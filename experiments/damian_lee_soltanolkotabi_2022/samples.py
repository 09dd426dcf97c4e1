"""Samples that a risk asks for, and their exponent in the dimension."""

from experiments import _report
from sklearn_depth.studies import StudyResult

LEVEL = 0.1
TARGETS = {"he2_he3": "one direction", "cubic": "three directions"}
COLUMNS = {"model": "estimator", "d": "n_features", "n": "n_samples", "seed": "repeat"}


def scaling(rows):
    """{model: exponent} and {model: {d: samples}} of one target, a row each."""
    columns = {ours: [row[name] for row in rows] for name, ours in COLUMNS.items()}
    columns["risk"] = [row["risk"] for row in rows]
    return _report.scaling(StudyResult(columns, {"scoring": {"risk": "lower"}}), LEVEL)
