"""What is won in one look: errors over the best rival's, suite by suite."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from .intervals import over_best_rival

STYLE = {"font.size": 9, "svg.hashsalt": "sklearn_depth"}
ORANGE = "#D55E00"
# Rivals that stand for their kinds, by the names that suites have for them.
KINDS = {
    "CatBoost: boosted trees": ("#0072B2", "s", ("CatBoost",)),
    "MLP: a neural network": ("#666666", "^", ("MLP",)),
    "RBF: a kernel machine": (
        "#009E73",
        "D",
        ('KernelRidge("loo")', "SVC, calibrated"),
    ),
    "xRFM: a kernel that learns features": ("#CC79A7", "v", ("xRFM",)),
}
PANELS = {
    "Planted targets": (
        (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
        ("index", "radial", "networks", "classes"),
    ),
    "Tables": ((0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6), ("real", "tables", "class_tables")),
}


def draw_won(suites, titles, path):
    """``suites`` has the errors of each by name, ``titles`` what they are called."""
    with plt.rc_context(STYLE):
        heights = [len(names) for _, names in PANELS.values()]
        figure, panels = plt.subplots(
            len(PANELS), figsize=(7, 5), height_ratios=heights, layout="constrained"
        )
        for ax, (title, (ticks, names)) in zip(panels, PANELS.items(), strict=True):
            for row, suite in enumerate(names):
                draw_row(ax, row, suites[suite])
            label_axes(
                ax, [f"{titles[k]} ({len(suites[k].tasks)})" for k in names], ticks
            )
            ax.set_title(title, loc="left", fontsize=10, fontweight="bold")
        panels[-1].set_xlabel(
            "error over that of the best rival of each task (less is better)"
        )
        handles, labels = panels[0].get_legend_handles_labels()
        named = dict(zip(labels, handles, strict=True))
        figure.legend(
            named.values(), named.keys(), ncols=2, loc="outside lower center",
            frameon=False,
        )  # fmt: skip
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def draw_row(ax, row, suite):
    """The pick with its interval, and each kind of rival."""
    over, (low, high) = over_best_rival(suite)
    ax.plot([low[-1], high[-1]], [row, row], color=ORANGE, lw=2)
    ax.plot(
        over[-1], row, "o", ms=8, color=ORANGE, label="ours, with its 95 % interval"
    )
    for label, (colour, marker, names) in KINDS.items():
        (m,) = (suite.models.index(name) for name in names if name in suite.models)
        ax.plot(over[m], row, marker, ms=5.5, color=colour, label=label)


def label_axes(ax, names, ticks):
    """Suites from the top; the line is the best rival of each task."""
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.axvline(1, color="0.3", lw=1, zorder=0)
    ax.grid(axis="x", alpha=0.25)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
