"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.sgd_on_random_networks import figure, results
from experiments.sgd_on_random_networks.results import TITLES

DEGREES = (1, 2, 3, 4, 5)


def table(rows):
    """Markdown: errors of each depth, of all variants, floors, ratios, seconds."""
    rows = results.with_oracles(rows)
    depths = _report.levels(rows, "depth")
    errors = [error_table(_report.select(rows, depth=depth), depth) for depth in depths]
    return "\n".join(
        [*errors, ratio_table(rows, "sgd_3"), floor_table(rows), second_table(rows)]
    )


def error_table(rows, depth):
    (d,) = _report.levels(rows, "d")
    title = f"MSE / variance, target of depth {depth}, d = {d}"
    return against_rows(title, rows, results.error, _report.error_cell)


def second_table(rows):
    return against_rows(
        "CPU seconds of a fit", rows, results.cpu_seconds, _report.second_cell
    )


def against_rows(title, rows, measure, cell):
    """A line a model, a column a number of samples."""
    n_rows = _report.levels(rows, "n")
    lines = {
        TITLES[name]: _report.against(n_rows, of_n, cell)
        for name, of_n in results.by_model(rows, measure).items()
    }
    return _report.markdown(title, [f"n = {n}" for n in n_rows], lines)


def ratio_table(rows, reference):
    """Errors over those of the reference on the same samples, means over seeds."""
    depths = _report.levels(rows, "depth")
    n = max(_report.levels(rows, "n"))
    lines = {
        title: [
            ratio_cell(_report.select(rows, depth=depth, n=n), name, reference)
            for depth in depths
        ]
        for name, title in TITLES.items()
    }
    lines = {title: cells for title, cells in lines.items() if set(cells) != {"-"}}
    title = f"MSE over that of the {TITLES[reference]}, n = {n}"
    return _report.markdown(title, [f"target of depth {k}" for k in depths], lines)


def ratio_cell(rows, name, reference):
    """Seeds on which there are both."""
    ours, theirs = (
        {row["seed"]: results.error(row) for row in _report.select(rows, model=model)}
        for model in (name, reference)
    )
    ratios = [ours[seed] / theirs[seed] for seed in ours if seed in theirs]
    if not ratios:
        return "-"
    return f"{np.mean(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})"


def floor_table(rows):
    """What no polynomial of a degree passes, averaged over wide networks."""
    (d,) = _report.levels(rows, "d")
    lines = {
        f"target of depth {depth}": [
            f"{results.floor(depth, d, k):.4f}" for k in DEGREES
        ]
        for depth in _report.levels(rows, "depth")
    }
    title = f"MSE / variance of the best polynomial, d = {d}"
    return _report.markdown(title, [f"degree {k}" for k in DEGREES], lines)


def write(result, path):
    _report.write(result, path, table, figure.draw, "learning.png")
