"""Errors of models against the time of a fit, as a picture of panels, one a suite."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

OURS, RIVALS = "#D55E00", "#0072B2"
STYLE = {"font.size": 7.5, "svg.hashsalt": "sklearn_depth"}
FINE, COARSE = (1, 1.1, 1.2, 1.3, 1.5, 1.7, 2), (1, 2, 5, 10, 20, 50, 100)
LINE = 9  # points that a name takes


def draw_times(suites, titles, path):
    """``suites`` has the errors of each by name, ``titles`` what they are called."""
    n_rows = -(-len(suites) // 2)
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(
            n_rows, 2, figsize=(7.4, 2.4 * n_rows), layout="constrained"
        )
        for ax, name in zip(panels.flat, suites, strict=False):
            draw_suite(ax, suites[name])
            ax.set_title(titles[name], fontsize=8.5)
        explain(panels.flat[len(suites) :])
        figure.supxlabel("CPU seconds of a fit, median over tasks", fontsize=8.5)
        figure.supylabel(
            "error over that of the best model of each task, geometric mean",
            fontsize=8.5,
        )
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def draw_suite(ax, suite):
    """A point a model that ran on all tasks, and the front of those not beaten."""
    at = np.flatnonzero(suite.whole)
    seconds = suite.typical_seconds[at]
    over, is_ours = suite.mean_ratios[at], suite.is_ours[at]
    for ours, colour in ((False, RIVALS), (True, OURS)):
        of_these = is_ours == ours
        ax.plot(seconds[of_these], over[of_these], "o", ms=4, color=colour, alpha=0.7)
    best = np.flatnonzero(front(seconds, over))
    best = best[np.argsort(over[best])]
    ax.step(seconds[best], over[best], where="pre", color="0.6", lw=0.8, zorder=0)
    scale_axes(ax, over.max())
    lowest = -np.inf
    for m in best:
        place = ax.transData.transform((seconds[m], over[m]))[1] / ax.figure.dpi * 72
        if place - lowest > LINE:
            write(ax, suite.models[at[m]], (seconds[m], over[m]), is_ours[m])
            lowest = place


def write(ax, text, place, is_ours):
    ax.annotate(
        text,
        place,
        xytext=(4, 2),
        textcoords="offset points",
        color=OURS if is_ours else RIVALS,
        fontsize=7.5,
        annotation_clip=False,
    )


def scale_axes(ax, most):
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    ax.set(xscale="log", yscale="log")
    ax.yaxis.set_major_locator(FixedLocator(FINE if most <= 3 else COARSE))
    ax.yaxis.set_minor_locator(NullLocator())
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(plain)
    ax.margins(0.1)
    ax.spines[["top", "right"]].set_visible(False)


def explain(empty):
    """In the first panel that is empty, what colours and the line are."""
    for ax in empty:
        ax.axis("off")
    for ax in empty[:1]:
        ax.plot([], [], "o", ms=4, color=OURS, label="ours, with defaults")
        ax.plot([], [], "o", ms=4, color=RIVALS, label="rivals")
        ax.plot([], [], color="0.6", lw=0.8, label="no model has less of both")
        ax.legend(loc="center", frameon=False, fontsize=8.5)


def front(*costs):
    """Which points no other point beats in one cost without being worse in another."""
    table = np.column_stack(costs)
    as_good = (table[:, None] <= table).all(axis=2)
    better = (table[:, None] < table).any(axis=2)
    return ~(as_good & better).any(axis=0)
