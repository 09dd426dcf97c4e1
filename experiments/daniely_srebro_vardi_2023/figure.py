"""The figure: errors against the samples, and against the polynomial's degree."""

import numpy as np

from experiments import _report
from experiments.daniely_srebro_vardi_2023 import theory
from experiments.daniely_srebro_vardi_2023.models import DEGREES, MODELS, SHADOWS
from experiments.daniely_srebro_vardi_2023.results import (
    ACTIVATIONS,
    absolute_error,
    by_model,
    title_of,
)

# Light to dark in colour and in grey, as the degree and the depth rise.
DEGREE_COLOURS = ["#F0B429", "#7FB93C", "#1F968B", "#33638D", "#440154"]
DEPTH_COLOURS = ["#E69F00", "#0072B2", "#1A1A1A"]
MARKERS = ["o", "s", "^", "D", "v"]
STYLES = {
    **{
        f"hermite_{degree}": {"color": colour, "marker": marker, "linewidth": 2.2}
        for degree, colour, marker in zip(DEGREES, DEGREE_COLOURS, MARKERS, strict=True)
    },
    "evidence": {"color": "#C2185B", "marker": "P", "linewidth": 2.2},
    "kernel_ridge": {"color": "0.45", "linestyle": "--", "marker": "x"},
    "nngp": {"color": "black", "linestyle": "--", "marker": "+"},
    "mlp": {"color": "#D55E00", "linestyle": ":", "marker": "*"},
}
TICKS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
DEGREE_TICKS = [1, 2, 3, 5, 10, 30, 100, 300]


def draw(rows):
    """A line of panels for each activation, at the smallest d."""
    import matplotlib.pyplot as plt

    d = min(_report.levels(rows, "d"))
    rows = _report.select(rows, d=d)
    depths = _report.levels(rows, "depth")
    picture, panels = plt.subplots(
        len(ACTIVATIONS),
        len(depths) + 1,
        figsize=(4 * (len(depths) + 1), 8),
        sharey="row",
        layout="constrained",
    )
    for line, activation in zip(panels, ACTIVATIONS, strict=True):
        of_activation = _report.select(rows, activation=activation)
        for panel, depth in zip(line, depths, strict=False):
            draw_learning(panel, _report.select(of_activation, depth=depth))
            draw_floors(panel, activation, depth, d)
            panel.set_title(f"{title_of(activation, depth)}, d = {d}")
        draw_degrees(line[-1], of_activation)
        line[-1].set_title(f"{ACTIVATIONS[activation]}, all samples, shadows")
        line[0].set_ylabel("E|Ψ - f|")
        for panel in line:
            finish(panel)
    panels[-1][-1].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    handles, labels = panels[0][0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return picture


def draw_learning(panel, rows):
    """Median error against the samples, the range over the seeds as a band."""
    errors = by_model(rows, absolute_error)
    for name in (name for name in STYLES if name in errors):
        _report.draw_line(panel, errors[name], label=MODELS[name].title, **STYLES[name])
    n_rows = [n for n in _report.levels(rows, "n") if n > 0]
    panel.set(xscale="log", xlabel="samples n")
    labels = [f"{n:,}".replace(",", " ") for n in n_rows]
    labels[1::2] = [""] * len(labels[1::2])  # for want of room
    panel.set_xticks(n_rows, labels)


def draw_floors(panel, activation, depth, d):
    """The errors of the best polynomials."""
    floors = {
        degree: theory.ABSOLUTE * theory.floor(activation, depth, d, degree)
        for degree in DEGREES
    }
    _report.draw_floors(panel, floors, "best polynomial of each degree, wide limit")


def draw_degrees(panel, rows):
    """Fits on the most samples, and shadows, against the degree of the polynomial."""
    n = max(_report.levels(rows, "n"))
    for depth, colour, marker in zip(
        _report.levels(rows, "depth"), DEPTH_COLOURS, MARKERS, strict=False
    ):
        errors = by_model(_report.select(rows, depth=depth), absolute_error)
        fits = {
            degree: np.median(errors[f"hermite_{degree}"][n])
            for degree in DEGREES
            if f"hermite_{degree}" in errors
        }
        shadows = {
            k ** (depth - 1): np.median(errors[name][0]) for name, k in SHADOWS.items()
        }
        style = {"color": colour, "marker": marker}
        draw_steps(panel, fits, label=f"fit, depth {depth}", **style)
        style |= {"linestyle": "--", "markerfacecolor": "white"}
        draw_steps(panel, shadows, label=f"shadow, depth {depth}", **style)
    panel.set(xscale="log", xlabel="degree of the polynomial")
    panel.set_xticks(DEGREE_TICKS, DEGREE_TICKS)


def draw_steps(panel, errors, **style):
    """Errors against the degree, without degrees that add nothing."""
    kept = [
        degree
        for degree, error in errors.items()
        if all(error < 0.98 * errors[lower] for lower in errors if lower < degree)
    ]
    panel.plot(kept, [errors[degree] for degree in kept], **style)


def finish(panel):
    panel.set_yscale("log")
    limits = panel.get_ylim()
    panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    panel.set_ylim(limits)
    _report.tidy(panel)
