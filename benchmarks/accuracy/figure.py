"""Errors of a suite as a picture."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

from .summary import shown

WIDTH = 6.5  # inches, of a page's text: letters keep their size in print
STYLE = {"font.size": 6.5, "svg.hashsalt": "sklearn_depth", "axes.linewidth": 0}


def draw(suite, title, path):
    """How far each model is from the best of each task, as colours."""
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots(
            figsize=(WIDTH, 1.8 + 0.16 * len(suite.tasks)), layout="constrained"
        )
        most = suite.ticks[-1]
        over = np.where(suite.competes, np.minimum(suite.ratios, most), np.nan)
        norm = LogNorm(1, most)
        cells = ax.pcolormesh(over, cmap="Blues_r", norm=norm, edgecolors="w", lw=0.5)
        ax.set_facecolor("0.85")  # of what was not run
        best = np.argwhere(suite.ratios == 1)
        ax.plot(best[:, 1] + 0.5, best[:, 0] + 0.5, "wo", ms=2.5)
        label_axes(ax, suite)
        bar = figure.colorbar(cells, ax=ax, pad=0.01, aspect=40)
        labels = ["1, the best", *suite.ticks[1:-1], f"{most} or more"]
        bar.set_ticks(suite.ticks, labels=labels)
        bar.ax.minorticks_off()
        ax.set_title(f"{title}: {suite.word} over that of the best model", fontsize=8)
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def label_axes(ax, suite):
    """Tasks from the top, models from the left, ours in bold."""
    middles = np.arange(len(suite.models)) + 0.5
    ax.set_xticks(
        middles, suite.models, rotation=60, ha="right", rotation_mode="anchor"
    )
    for label, is_ours in zip(ax.get_xticklabels(), suite.is_ours, strict=True):
        label.set_fontweight("bold" if is_ours else "normal")
    names = [shown(task.name) for task in suite.tasks]
    ax.set_yticks(np.arange(len(suite.tasks)) + 0.5, names)
    ax.invert_yaxis()
    ax.axvline(suite.is_ours.sum(), color="black", lw=1)
    ax.tick_params(length=0)
