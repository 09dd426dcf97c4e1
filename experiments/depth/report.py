"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.depth import figure
from experiments.depth.models import MODELS

SIZES = {"sawtooth": "k", "maximum": "d", "radial": "d"}


def table(rows):
    """Markdown: errors and units of each target, and seconds."""
    parts = []
    for target, symbol in SIZES.items():
        found = _report.select(rows, target=target)
        for title, column, cell in [
            ("MSE / variance on fresh points", "test_error", error_cell),
            ("MSE / variance on their own samples", "train_error", error_cell),
            ("hidden units", "n_units", unit_cell),
        ]:
            parts.append(against(f"{target}: {title}", symbol, found, column, cell))
    seconds = against("CPU seconds", "size", rows, "cpu_seconds", _report.second_cell)
    return "\n".join([*parts, seconds])


def error_cell(errors):
    """Rounding is no error of an exact network."""
    return _report.error_cell(errors) if max(errors) > 1e-20 else "0"


def unit_cell(units):
    """The median over the seeds."""
    return f"{np.median(units):,.0f}"


def against(title, symbol, rows, column, cell):
    """A line a model, a column a size."""
    sizes = _report.levels(rows, "size")
    lines = {
        MODELS[model].title: _report.against(sizes, values, cell)
        for model, values in _report.by_model(
            rows, MODELS, "size", _report.column(column)
        ).items()
    }
    return _report.markdown(title, [f"{symbol} = {size}" for size in sizes], lines)


def write(result, path):
    _report.write(result, path, table, figure.draw, "depth.png")
