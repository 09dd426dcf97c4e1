"""The figure: errors of trained networks, and units of those written down."""

from experiments import _report
from experiments.depth.models import MODELS, UNITS

TRAINED = {
    "sigmoids": {"color": "0.5", "marker": "x", "linestyle": "--"},
    "trained_1": {"color": "#E69F00", "marker": "v"},
    "trained_2": {"color": "#CC5500", "marker": "s"},
    "trained_4": {"color": "#4B0F2B", "marker": "D"},
}
CONSTRUCTED = {
    "constructed_1": {"color": "#E69F00", "marker": "v"},
    "constructed_2": {"color": "#CC5500", "marker": "s"},
    "constructed_deep": {"color": "#0072B2", "marker": "o"},
}
TARGETS = {
    "sawtooth": ("sawtooth, exact", "iterations k"),
    "maximum": ("maximum, exact", "dimension d"),
    "radial": ("norm, error 0.05", "dimension d"),
}


def draw(rows):
    """A column for each target: trained above, written down below."""
    import matplotlib.pyplot as plt

    with plt.rc_context({"font.size": 11}):
        figure, panels = plt.subplots(
            2, 3, figsize=(11, 7), layout="constrained", sharey="row", sharex="col"
        )
        for (target, (title, label)), pair in zip(
            TARGETS.items(), panels.T, strict=True
        ):
            found = _report.select(rows, target=target)
            draw_lines(pair[0], found, TRAINED, "test_error")
            draw_lines(pair[1], found, CONSTRUCTED, "n_units")
            pair[0].set_title(f"{title.split(',')[0]}, {UNITS} units trained")
            pair[1].set(title=f"{title}, written down", xlabel=label)
            pair[1].set_xticks(_report.levels(found, "size"))
        panels[0, 0].set(yscale="log", ylabel="squared error / variance")
        panels[1, 0].set(yscale="log", ylabel="hidden units")
        for panel in panels.ravel():
            _report.tidy(panel)
        for row, names in zip(panels, (TRAINED, CONSTRUCTED), strict=True):
            add_legend(row, names)
    return figure


def draw_lines(panel, rows, styles, column):
    """A line a model against the size."""
    lines = _report.by_model(rows, styles, "size", _report.column(column))
    for model, values in lines.items():
        _report.draw_line(panel, values, **styles[model])


def add_legend(row, styles):
    """Of all models that the panels of a row have, in the last of them."""
    for model, style in styles.items():
        title = MODELS[model].title.rsplit(",", 1)[0]
        row[-1].plot([], [], label=title, **style)
    row[-1].legend(frameon=False, fontsize=9)
