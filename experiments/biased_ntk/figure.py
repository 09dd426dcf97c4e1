"""The figure: spectrum, sparsity in training, and error of kernel ridge, against B."""

import numpy as np

from experiments import _report
from experiments.biased_ntk import theory
from experiments.biased_ntk.data import CASES
from experiments.biased_ntk.results import (
    against_bias,
    condition,
    finest,
    limit,
    settings,
    share,
)

SPECTRUM = {
    r"$\lambda_{\min}$ / Φ(-B)": (share, {"color": "#0072B2", "marker": "o"}),
    r"$\lambda_{\min}$": (
        _report.column("lambda_min"),
        {"color": "#D55E00", "marker": "s"},
    ),
    "condition number": (condition, {"color": "#009E73", "marker": "^"}),
}
# Light to dark as the width grows.
WIDTHS = {
    1000: {"color": "#CC79A7", "marker": "v"},
    4000: {"color": "#8C3D70", "marker": "s"},
    16_000: {"color": "#3B1030", "marker": "D"},
}
KERNELS = {
    ("sine", 20): {"color": "#E69F00", "linestyle": "--", "marker": "^"},
    ("sine", 5): {"color": "#E69F00", "linestyle": "-", "marker": "^"},
    ("mixed", 20): {"color": "#0072B2", "linestyle": "--", "marker": "o"},
    ("mixed", 5): {"color": "#0072B2", "linestyle": "-", "marker": "o"},
}
NETWORKS = {
    "linear_error": ("linearised", {"color": "0.45", "marker": "x"}),
    "test_error": ("trained", {"color": "black", "marker": "D"}),
}
TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]


def draw(rows):
    """Three panels against the bias; bands are the range over the seeds."""
    import matplotlib.pyplot as plt

    with plt.rc_context({"font.size": 13, "legend.fontsize": 11.5}):
        figure, panels = plt.subplots(1, 3, figsize=(14, 7), layout="constrained")
        figure.get_layout_engine().set(wspace=0.04)
        draw_spectrum(panels[0], rows)
        draw_sparsity(panels[1], rows)
        draw_errors(panels[2], rows)
        for panel in panels:
            panel.set(yscale="log", xlabel="bias B")
            panel.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12))
            _report.tidy(panel)
        set_ticks(panels[0], [0.01, 0.03, 0.1, 0.3, 1, 3])
        set_ticks(panels[1], TICKS)
        set_ticks(panels[2], TICKS)
    return figure


def set_ticks(panel, ticks):
    panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def draw_spectrum(panel, rows):
    """The limit kernel at d = 10, over its value at B = 0."""
    rows = _report.select(limit(rows), d=10)
    (n,) = _report.levels(rows, "n")
    for name, (of_row, style) in SPECTRUM.items():
        values = against_bias(rows, of_row)
        relative = {
            bias: list(np.divide(found, values[0.0])) for bias, found in values.items()
        }
        _report.draw_line(panel, relative, label=name, **style)
    panel.set_title(f"Limit kernel of {n} samples, d = 10")
    panel.set_ylabel("over its value at B = 0")


def draw_sparsity(panel, rows):
    """Active shares at the end of training, with the start and its bound."""
    rows = finest(_report.select(rows, part="training_paired"))
    grid = np.linspace(0, max(row["bias"] for row in rows), 61)
    line = {"color": "black", "linewidth": 1.5}
    panel.plot(grid, theory.tail_bound(grid), ":", label="bound exp(-B²/2)", **line)
    panel.plot(grid, theory.active_share(grid), label="at the start, Φ(-B)", **line)
    for m, style in WIDTHS.items():
        of_width = _report.select(rows, m=m)
        if of_width:
            values = against_bias(of_width, _report.column("active_end"))
            label = f"trained, {m} units"
            _report.draw_line(panel, values, label=label, linestyle="--", **style)
    panel.set_title("Active share of networks")
    panel.set_ylabel("share of pairs of unit and sample")


def draw_errors(panel, rows):
    """Kernel ridge with the limit kernel, and networks beside their linearisations."""
    kernels = _report.select(rows, part="regression")
    n = min(_report.levels(kernels, "n"))
    for (case, d), style in KERNELS.items():
        of_case = _report.select(kernels, case=case, d=d, n=n)
        if of_case:
            values = against_bias(of_case, _report.column("test_error"))
            label = f"kernel, {CASES[case].title}, d = {d}"
            _report.draw_line(panel, values, label=label, **style)
    networks = finest(_report.select(rows, part="training_paired"))
    (case, d), *_ = settings(networks, "case d")
    widths = _report.levels(networks, "m")
    networks = _report.select(networks, m=widths[len(widths) // 2])
    for column, (name, style) in NETWORKS.items():
        values = against_bias(networks, _report.column(column))
        label = f"{name} network, {CASES[case].title}, d = {d}"
        _report.draw_line(panel, values, label=label, linestyle=":", **style)
    panel.set_title(f"Test error, n = {n}")
    panel.set_ylabel("squared error / variance")
