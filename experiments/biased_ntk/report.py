"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.biased_ntk import theory
from experiments.biased_ntk.data import CASES
from experiments.biased_ntk.figure import draw
from experiments.biased_ntk.results import (
    against_bias,
    condition,
    limit,
    settings,
    share,
)

TRAINING = {
    "active at the start": "active_start",
    "most active": "active_most",
    "active at the end": "active_end",
    "mean move of a unit": "moved_mean",
    "farthest": "moved_most",
    "change of H": "kernel_change",
    "highest loss": "loss_most",
    "time to error 0.1": "time_to_fit",
    "train error": "train_error",
    "test error": "test_error",
    "test error, linearised": "linear_error",
}
STARTS = {"training_paired": "f = 0 at the start", "training": "the paper's start"}


def digits(value):
    """Three digits, or all before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def cell(values):
    """Median, and the range over the seeds."""
    return f"{digits(np.median(values))} ({digits(min(values))}-{digits(max(values))})"


def table(rows):
    """Markdown: spectra, widths, training, kernel ridge, seconds."""
    spectra = [spectrum_table(rows, *shape) for shape in settings(limit(rows), "d n")]
    widths = [width_table(rows, *shape) for shape in widths_of(rows)]
    errors = [
        error_table(rows, "leave-one-out penalty", "test_error"),
        error_table(rows, "best penalty", "oracle_error"),
    ]
    parts = [*spectra, *widths, training_table(rows), *errors, cost_table(rows)]
    return "\n".join(parts)


def line(rows, of_row, columns):
    return _report.against(columns, against_bias(rows, of_row), cell)


def spectrum_table(rows, d, n):
    """The limit kernel: what falls with the bias and what rises."""
    rows = _report.select(limit(rows), d=d, n=n)
    columns = _report.levels(rows, "bias")
    lines = {
        "Φ(-B)": [f"{theory.active_share(bias):.4f}" for bias in columns],
        "exp(-B²/2)": [f"{theory.tail_bound(bias):.4f}" for bias in columns],
        "λ_min": line(rows, _report.column("lambda_min"), columns),
        "λ_min / Φ(-B)": line(rows, share, columns),
        "condition number": line(rows, condition, columns),
    }
    return _report.markdown(f"H of {n} samples, d = {d}", titles(columns), lines)


def titles(columns):
    return [f"B = {bias:g}" for bias in columns]


def widths_of(rows):
    """The shapes at which finite widths were measured."""
    finite = [row for row in _report.select(rows, part="spectrum") if row["m"] != 0]
    return settings(finite, "d n")


def width_table(rows, d, n):
    """The smallest eigenvalue of m units over that of the limit, seed by seed."""
    rows = _report.select(rows, part="spectrum", d=d, n=n)
    whole = _report.select(limit(rows), d=d, n=n)
    smallest = {(row["bias"], row["seed"]): row["lambda_min"] for row in whole}

    def of_limit(row):
        ratio = row["lambda_min"] / smallest[row["bias"], row["seed"]]
        return ratio if ratio > 1e-9 else 0.0  # what rounding leaves of 0

    columns = _report.levels(rows, "bias")
    lines = {}
    for m in _report.levels(rows, "m")[1:]:
        of_width = _report.select(rows, m=m)
        active = against_bias(of_width, _report.column("active_start"))
        lines[f"{m} units"] = line(of_width, of_limit, columns)
        lines[f"{m} units: active at a sample"] = [
            digits(m * np.median(active[bias])) for bias in columns
        ]
    title = f"λ_min of m units over the limit's, d = {d}, n = {n}"
    return _report.markdown(title, titles(columns), lines)


def training_table(rows):
    """A line a network and bias; all but the sizes are median and range."""
    lines = {}
    for part, start in STARTS.items():
        of_part = _report.select(rows, part=part)
        for bias, m, n_steps in settings(of_part, "bias m n_steps"):
            of_setting = _report.select(of_part, bias=bias, m=m, n_steps=n_steps)
            name = f"B = {bias:g}, {m} units, {start}, {n_steps} steps"
            lines[name] = [
                cell([row[column] for row in of_setting])
                for column in TRAINING.values()
            ]
    return _report.markdown("gradient descent", list(TRAINING), lines)


def error_table(rows, penalty, column):
    """Kernel ridge with the limit kernel, a line a target and shape."""
    rows = _report.select(rows, part="regression")
    columns = _report.levels(rows, "bias")
    lines = {}
    for case, d, n in settings(rows, "case d n"):
        of_case = _report.select(rows, case=case, d=d, n=n)
        name = f"{CASES[case].title}, d = {d}, n = {n}"
        lines[name] = line(of_case, _report.column(column), columns)
    return _report.markdown(f"MSE / variance, {penalty}", titles(columns), lines)


def cost_table(rows):
    """CPU seconds of one measurement, and of all."""
    lines = {}
    for (part,) in settings(rows, "part"):
        seconds = [r["cpu_seconds"] for r in _report.select(rows, part=part)]
        lines[part] = [str(len(seconds)), *map(_report.second_cell, (seconds,))]
        lines[part].append(f"{sum(seconds):.0f}")
    return _report.markdown("CPU seconds", ["measurements", "mean", "sum"], lines)


def write(result, folder):
    _report.write(result, folder, table, draw, "bias.png")
