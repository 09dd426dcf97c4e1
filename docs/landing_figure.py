"""Draw the figure of the landing page from the tables of ``experiments``."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklearn_depth.studies import StudyResult

HERE = Path(__file__).parent
TABLES = HERE.parent / "experiments" / "sample_complexity"
N_FEATURES = 27
TARGETS = {"relu": "max(0, z)", "abs": "|z|", "he3": "z³ - 3z"}
# Features that have seen labels in warm colours, fixed ones in cold ones.
LEARNERS = {
    "kernel_ridge": ("KernelRidge, RBF", "#56B4E9", "s"),
    "hermite": ("HermitePolynomialRegressor", "#0072B2", "^"),
    "relu_network": ("ReLUNetworkRegressor", "#E69F00", "D"),
    "two_layer": ("TwoLayerGDRegressor", "#D55E00", "o"),
}


def medians(result, learner):
    """Sizes of the training set, and the median error over repeats at each."""
    rows = result.select(estimator=learner, n_features=N_FEATURES).columns
    sizes = np.unique(rows["n_samples"])
    errors = [
        np.median(rows["normalized_mse"][rows["n_samples"] == size]) for size in sizes
    ]
    return sizes, errors


def draw(shape, size, legend_columns, name):
    """Save the panels in rows and columns of this shape; size is in inches."""
    figure, panels = plt.subplots(
        *shape, figsize=size, sharex=True, sharey=True, layout="constrained"
    )
    for ax, (table, target) in zip(panels, TARGETS.items(), strict=True):
        result = StudyResult.load(TABLES / f"{table}.csv")
        for learner, (label, colour, marker) in LEARNERS.items():
            sizes, errors = medians(result, learner)
            ax.loglog(sizes, errors, marker + "-", ms=4, color=colour, label=label)
        ax.set_title(f"y = {target}, z one direction of {N_FEATURES}", fontsize=9.5)
        ax.set(xlabel="training samples", ylabel="test error / variance of y")
        ax.set_ylim(5e-4, 3)
        ax.grid(alpha=0.25)
        ax.spines[["top", "right"]].set_visible(False)
        ax.label_outer()
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        ncols=legend_columns, loc="outside lower center", frameon=False, fontsize=9,
    )  # fmt: skip
    figure.savefig(HERE / "images" / name, metadata={"Date": None})


def main():
    """Draw the panels beside each other, and below each other for phones."""
    plt.rcParams["svg.hashsalt"] = "sklearn_depth"
    draw((1, 3), (9.6, 3.3), 4, "landing.svg")
    draw((3, 1), (4, 8.4), 1, "landing_phone.svg")


if __name__ == "__main__":
    main()
