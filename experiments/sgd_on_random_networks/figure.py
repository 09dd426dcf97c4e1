"""The figure: errors against the samples, a panel for each depth of the target."""

from experiments import _report
from experiments.sgd_on_random_networks.results import (
    TITLES,
    by_model,
    error,
    floor,
    with_oracles,
)

# Trained networks of ours in blue, darker with the depth.
STYLES = {
    "sgd_2": {"color": "#56B4E9", "marker": "o"},
    "sgd_3": {"color": "#0072B2", "marker": "s"},
    "sgd_4": {"color": "#08306B", "marker": "^"},
    "no_decay": {"color": "#E69F00", "linestyle": "--", "marker": "s"},
    "plain": {"color": "#D55E00", "linestyle": ":", "marker": "s"},
    "from_zero": {"color": "0.5", "linestyle": ":", "marker": "o"},
    "mlp_best": {"color": "#CC79A7", "linestyle": "-.", "marker": "D"},
    "hermite_2": {"color": "#009E73", "marker": "v"},
    "hermite_3": {"color": "#009E73", "linestyle": "--", "marker": "v"},
    "posterior": {"color": "black", "linestyle": "--", "marker": "x"},
}
DEGREES = (2, 3)
TICKS = [0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1]


def draw(rows):
    """Medians, the range over the seeds as a band; the legend fills the last place."""
    import matplotlib.pyplot as plt

    rows = with_oracles(rows)
    depths = _report.levels(rows, "depth")
    with plt.rc_context({"font.size": 10, "lines.markersize": 4}):
        picture, grid = plt.subplots(2, 2, figsize=(7.5, 7.5), layout="constrained")
        panels = list(grid.flat)
        for panel, depth in zip(panels, depths, strict=False):
            draw_depth(panel, _report.select(rows, depth=depth), depth)
        for panel in panels[len(depths) :]:
            panel.axis("off")
        for line in grid:
            line[0].set_ylabel("test squared error / variance")
        handles, labels = panels[0].get_legend_handles_labels()
        panels[-1].legend(handles, labels, loc="center", frameon=False)
    return picture


def draw_depth(panel, rows, depth):
    """Errors of one target depth, and the floors of polynomials."""
    errors = by_model(rows, error)
    for name in (name for name in STYLES if name in errors):
        _report.draw_line(panel, errors[name], label=TITLES[name], **STYLES[name])
    (d,) = _report.levels(rows, "d")
    floors = {degree: floor(depth, d, degree) for degree in DEGREES}
    _report.draw_floors(panel, floors, "best polynomial of degree 2 and 3")
    n_rows = _report.levels(rows, "n")
    panel.set(xscale="log", yscale="log", xlabel="samples n")
    panel.set_xticks(n_rows, n_rows)
    limits = panel.get_ylim()
    panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    panel.set_ylim(limits)
    panel.set_title(f"target of depth {depth}, d = {d}")
    _report.tidy(panel)
