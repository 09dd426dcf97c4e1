"""The figure: errors against width, and the width for an error against d, it and w."""

import numpy as np

from experiments import _report
from experiments.safran_eldan_shamir_2019.data import LIPSCHITZ, TARGETS
from experiments.safran_eldan_shamir_2019.results import (
    GOAL,
    GOAL_OF_SINES,
    against_dimension,
    against_error,
    against_frequency,
    dimensions,
    errors,
    from_ten,
    growth_of,
    reached,
)

# One colour a target, dashes for depth three; blue to yellow as d grows.
COLORS = dict(zip(LIPSCHITZ, ("#0072B2", "#009E73", "#D55E00"), strict=True))
DEPTHS = {
    "depth_2": {"linestyle": "-", "marker": "o"},
    "depth_3": {"linestyle": "--", "marker": "s", "markerfacecolor": "white"},
}
# Where the dimension stands at the end of a line.
ENDS = {
    "depth_2": {"xytext": (-5, 3), "ha": "right"},
    "depth_3": {"xytext": (7, 0), "va": "center"},
}
FEW_DIMENSIONS = (3, 6, 10, 20, 200)


def draw(rows):
    """Four panels; bands are the range over the seeds."""
    import matplotlib.pyplot as plt

    with plt.rc_context(
        {"font.size": 12, "legend.fontsize": 10, "lines.markersize": 5}
    ):
        figure, panels = plt.subplots(2, 2, figsize=(13, 11), layout="constrained")
        figure.get_layout_engine().set(wspace=0.04, hspace=0.04)
        present = dimensions(rows)
        middle = 20 if 20 in present else present[len(present) // 2]
        for panel in panels.flat:
            panel.set(xscale="log", yscale="log")
        draw_errors(panels[0, 0], rows, middle)
        draw_dimensions(panels[0, 1], rows)
        draw_goals(panels[1, 0], rows, middle)
        draw_frequencies(panels[1, 1], rows)
        for panel in panels.flat:
            _report.tidy(panel)
            panel.set_ylabel("hidden units")
            panel.legend(frameon=False)
        panels[1, 1].legend(frameon=False, title="numbers: d")
        panels[0, 0].set_ylabel("error / standard deviation")
    return figure


def draw_errors(panel, rows, d):
    for name, color in COLORS.items():
        for model, style in DEPTHS.items():
            values = errors(rows, name, part="widths", model=model, d=d)
            label = title(name, model)
            _report.draw_line(panel, values, label=label, color=color, **style)
    panel.set_title(f"Error against width, d = {d}")
    panel.set_xlabel("hidden units")
    ticks = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
    panel.set_yticks(ticks, ticks)


def draw_dimensions(panel, rows):
    present = dimensions(rows)
    for name, color in COLORS.items():
        for model, style in DEPTHS.items():
            values = against_dimension(rows, model, name)
            exponent, _ = growth_of(from_ten(values))
            label = labelled(name, model, "d", exponent)
            draw_widths(panel, values, label=label, color=color, **style)
    panel.set_title(f"Width for an error of {GOAL:g}, exponents from d = 10 on")
    panel.set_xlabel("dimension d")
    ticks = [d for d in present if d in (3, 5, 10, 20, 50, 100, 200)]
    panel.set_xticks(ticks, ticks)


def draw_goals(panel, rows, d):
    for name, color in COLORS.items():
        for model, style in DEPTHS.items():
            values = against_error(rows, model, name, d)
            exponent, _ = growth_of(values)
            label = labelled(name, model, "(1/ε)", exponent)
            draw_widths(panel, values, label=label, color=color, **style)
    panel.set_title(f"Width for an error of ε, against 1/ε, d = {d}")
    panel.set_xlabel("1/ε")
    panel.set_xticks([3, 10, 30, 100], [3, 10, 30, 100])


def draw_frequencies(panel, rows):
    """A line a dimension, which stands at its end."""
    import matplotlib.pyplot as plt

    present = [d for d in dimensions(rows) if d in FEW_DIMENSIONS]
    colors = plt.get_cmap("viridis")(np.linspace(0, 0.85, len(present)))
    for model, style in DEPTHS.items():
        panel.plot([], [], color="0.4", label=model.replace("_", " "), **style)
        for d, color in zip(present, colors, strict=True):
            values = reached(against_frequency(rows, model, d))
            draw_widths(panel, values, color=color, **style)
            if values:
                end = max(values)
                panel.annotate(
                    str(d),
                    (end, np.median(values[end])),
                    **ENDS[model],
                    textcoords="offset points",
                    fontsize=10,
                    color=color,
                )
    panel.set_title(f"Width for an error of {GOAL_OF_SINES:g} on sin ωr, against ω")
    panel.set_xlabel("frequency ω")
    panel.set(xlim=(1.8, 48), ylim=(8, 3e7))
    panel.set_xticks([2, 4, 8, 16, 32], [2, 4, 8, 16, 32])


def draw_widths(panel, values, **style):
    """Widths needed, where they were reached."""
    values = reached(values)
    if values:
        _report.draw_line(panel, values, **style)


def labelled(name, model, base, exponent):
    """The network's title, with its law of growth if there are points enough."""
    if np.isnan(exponent):
        return title(name, model)
    return f"{title(name, model)}: {base}$^{{{exponent:.2f}}}$"


def title(name, model):
    return f"{TARGETS[name].title}, {model.replace('_', ' ')}"
