"""Errors of a suite as a picture."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

WORST = 10.0  # of the colour scale: times the best error


def draw(suite, title, path):
    """Errors by task and model, coloured by how far they are from the best."""
    n_tasks, n_models = suite.errors.shape
    figure, ax = plt.subplots(
        figsize=(3.6 + 0.52 * n_models, 1.9 + 0.29 * n_tasks), layout="constrained"
    )
    shown = np.minimum(suite.ratios, WORST)
    ax.imshow(shown, cmap="Blues_r", norm=LogNorm(1, WORST), aspect="auto")
    for t, m in np.ndindex(n_tasks, n_models):
        ratio = suite.ratios[t, m]
        ax.text(
            m,
            t,
            short(suite.errors[t, m]) if suite.competes[t, m] else "",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if ratio < 3.5 else "0.25",
            fontweight="bold" if ratio == 1 else "normal",
        )
    ax.set_xticks(range(n_models), suite.models, rotation=45, ha="right", fontsize=8)
    for label, is_ours in zip(ax.get_xticklabels(), suite.is_ours, strict=True):
        label.set_fontweight("bold" if is_ours else "normal")
    ax.set_yticks(range(n_tasks), [task.name for task in suite.tasks], fontsize=8)
    ax.axvline(suite.is_ours.sum() - 0.5, color="black", lw=1)
    ax.set_title(f"{title}: {suite.word} {suite.unit}", fontsize=10)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def short(error):
    """Four or five characters, as they fit a cell."""
    if np.isnan(error):
        return "-"
    if error < 0.9995:
        return f"{error:.3f}"
    return f"{error:.2f}" if error < 10 else f"{error:.0e}".replace("e+0", "e")
