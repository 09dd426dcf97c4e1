"""Table and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.safran_lee_2022.models import MODELS

LAWS = {
    "two_spheres": "D': two spheres, radius √2",
    "bessel": "D: heavy tails, radius 1",
}
# Okabe and Ito's colours: one a family, a dash and a marker a member.
STYLES = {
    "two_layers": {"color": "#0072B2", "linewidth": 3.5, "marker": "o"},
    "two_layers_paper": {"color": "#0072B2", "linestyle": "--", "marker": "o"},
    "one_layer_ridge": {"color": "#D55E00", "marker": "s"},
    "one_layer_trained": {"color": "#D55E00", "linestyle": "--", "marker": "s"},
    "kernel_ridge": {"color": "#009E73", "marker": "^"},
    "random_cosines": {"color": "#009E73", "linestyle": "--", "marker": "^"},
    "splines": {"color": "#CC79A7", "marker": "D"},
    "squares": {"color": "black", "linestyle": "--", "marker": "v"},
    "squares_robust": {"color": "black", "linestyle": ":", "marker": "v"},
    "constant": {"color": "0.5", "linewidth": 1, "marker": ""},
}
TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.25]
# Under D', ||x||^2 - 2 tends to a Gaussian z: the least E(a + b z - 1{z < 0})^2.
LINEAR_IN_NORM = 0.25 * (1 - 2 / np.pi)


def by_model(rows, measure):
    """{model: {d: values of the seeds}}, in the order of MODELS."""
    return _report.by_model(rows, MODELS, "d", measure)


def table(rows):
    """Markdown: errors under each law, then seconds."""
    squared_error = _report.column("squared_error")
    parts = [
        against_dimension(
            f"Squared error, {title}",
            by_model(_report.select(rows, law=law), squared_error),
            _report.error_cell,
        )
        for law, title in LAWS.items()
    ]
    seconds = by_model(rows, _report.column("cpu_seconds"))
    cost = against_dimension("CPU seconds of a fit", seconds, _report.second_cell)
    return "\n".join([*parts, cost])


def against_dimension(title, values, cell):
    """A line a model, a column a dimension."""
    dimensions = sorted({d for of_model in values.values() for d in of_model})
    lines = {
        MODELS[name].title: _report.against(dimensions, of_model, cell)
        for name, of_model in values.items()
    }
    return _report.markdown(title, [f"d = {d}" for d in dimensions], lines)


def draw(rows):
    """One panel a law: median error against the dimension, the range as a band."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(
        1, len(LAWS), figsize=(12, 5), sharey=True, layout="constrained"
    )
    for panel, (law, title) in zip(panels, LAWS.items(), strict=True):
        errors = by_model(
            _report.select(rows, law=law), _report.column("squared_error")
        )
        for name, of_model in errors.items():
            _report.draw_line(panel, of_model, label=MODELS[name].title, **STYLES[name])
        dimensions = sorted({d for of_model in errors.values() for d in of_model})
        panel.set(xscale="log", yscale="log", title=title, xlabel="dimension d")
        panel.set_xticks(dimensions, dimensions)
        panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        _report.tidy(panel)
    panels[0].set_ylabel("test squared error")
    panels[0].axhline(LINEAR_IN_NORM, color="k", linestyle=":", linewidth=1)
    panels[0].text(5.3, 0.033, "dotted: best that is linear\nin ‖x‖², as d grows")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False)
    return figure


def write(result, path):
    _report.write(result, path, table, draw, "separation.png")
