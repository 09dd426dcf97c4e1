"""Table and figure of all targets whose studies have been run."""

import numpy as np

from experiments import _report
from sklearn_depth.studies import StudyResult

TARGETS = {"relu": "ReLU", "abs": "absolute value", "he3": "third Hermite polynomial"}
LEVEL = 0.1
# Okabe and Ito's colours: learned layers blue, deep nets orange, fixed ones green.
LEARNERS = {
    "two_layer": ("TwoLayerGDRegressor", {"color": "#0072B2", "marker": "o"}),
    "one_step": (
        "one step on the labels as they are",
        {"color": "#56B4E9", "marker": "s", "linestyle": "--"},
    ),
    "relu_network": ("ReLUNetworkRegressor", {"color": "#D55E00", "marker": "D"}),
    "hermite": (
        "Hermite polynomials, degree 3",
        {"color": "#009E73", "marker": "^", "linestyle": "--"},
    ),
    "kernel_ridge": ("RBF kernel ridge", {"color": "black", "marker": "v"}),
}


def write(result, path):
    """Beside the tables: table.md and exponents.png."""
    results = {
        target: StudyResult.load(table)
        for target in TARGETS
        if (table := path.with_name(f"{target}.csv")).exists()
    }
    found = {t: _report.scaling(result, LEVEL) for t, result in results.items()}
    needed = {target: of_target for target, (_, of_target) in found.items()}
    most = max(result.columns["n_samples"].max() for result in results.values())
    text = "\n".join([exponent_table(found), *map(needed_table, needed.items())])
    path.with_name("table.md").write_text(text)
    print(text)
    draw(found, most).savefig(path.with_name("exponents.png"), dpi=150)


def exponent_table(found):
    """A line a learner, a column a target."""
    lines = {
        title: [exponent_cell(exponents[name]) for exponents, _ in found.values()]
        for name, (title, _) in LEARNERS.items()
    }
    title = f"k in n ~ d^k for MSE / variance {LEVEL}"
    return _report.markdown(title, [TARGETS[target] for target in found], lines)


def exponent_cell(row):
    """The exponent, its interval, and how many dimensions were left out."""
    if np.isnan(row["exponent"]):
        return "-"
    interval = f"{row['exponent_low']:.1f} to {row['exponent_high']:.1f}"
    censored = f", {row['n_censored']} d left out" if row["n_censored"] else ""
    return f"{row['exponent']:.2f} ({interval}{censored})"


def needed_table(item):
    """A line a learner, a column a dimension."""
    target, needed = item
    dimensions = dimensions_of(needed)
    lines = {
        title: _report.against(dimensions, needed[name], needed_cell)
        for name, (title, _) in LEARNERS.items()
    }
    title = f"Samples for MSE / variance {LEVEL}, {TARGETS[target]}"
    return _report.markdown(title, [f"d = {d}" for d in dimensions], lines)


def needed_cell(row):
    """Median and range over the repeats, or how many did not get there."""
    low, middle, high = _report.sample_range(row)
    missed = row["n_repeats"] - row["n_reached"]
    if row["censored"] == "above":
        return f"not reached by {missed} of {row['n_repeats']}"
    if row["censored"] == "below":
        return "at the smallest size"
    return f"{middle:.0f} ({low:.0f}-{high:.0f})"


def dimensions_of(needed):
    return sorted({d for of_learner in needed.values() for d in of_learner})


def draw(found, most):
    """A panel a target: samples needed, their range, and the power fitted to them.

    Hollow, above the line, where half of the repeats needed more than were run.
    """
    import matplotlib.pyplot as plt

    picture, panels = plt.subplots(
        1,
        len(found),
        figsize=(12, 4.8),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel, target in zip(panels[0], found, strict=True):
        exponents, needed = found[target]
        for k, (name, (title, style)) in enumerate(LEARNERS.items(), 1):
            panel.plot([], [], label=title, **style)
            draw_learner(panel, needed[name], exponents[name]["exponent"], style)
            missed = [
                d for d, row in needed[name].items() if row["censored"] == "above"
            ]
            hollow = {"linestyle": "", "markerfacecolor": "white"}
            panel.plot(missed, [1.4**k * most] * len(missed), **style | hollow)
        dimensions = dimensions_of(needed)
        panel.set(xscale="log", yscale="log", xlabel="dimension d")
        panel.set_title(TARGETS[target])
        panel.set_xticks(dimensions, dimensions)
        panel.axhline(most, color="0.6", linewidth=0.8)
        panel.set_xlim(0.9 * dimensions[0], 1.35 * dimensions[-1])
        _report.tidy(panel)
    panels[0][0].text(0.93 * dimensions[0], 1.1 * most, "more than were run")
    panels[0][0].set_ylabel(f"samples for MSE / variance {LEVEL}")
    handles, labels = panels[0][0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return picture


def draw_learner(panel, needed, exponent, style):
    """Medians with their range where it was measured, and the power at the last."""
    ranges = {
        d: _report.sample_range(row)
        for d, row in needed.items()
        if row["censored"] == ""
    }
    if not ranges:
        return
    panel.plot(list(ranges), [middle for _, middle, _ in ranges.values()], **style)
    for d, (low, middle, high) in ranges.items():
        top = high if np.isfinite(high) else middle
        panel.vlines(d, low or middle, top, color=style["color"], alpha=0.5)
    if np.isfinite(exponent):
        d, (_, middle, _) = list(ranges.items())[-1]
        power = f"  $d^{{{exponent:.1f}}}$"
        panel.text(d, middle, power, color=style["color"], va="center")
